use squawk_syntax::SourceFile;

use crate::simulate::apply::fixture::{failure, oid, run, world};
use crate::simulate::apply::{Session, apply};
use crate::simulate::effect::Outcome;
use crate::simulate::world::World;

/// Applies a script to a session, ends its transaction, and tells the search path.
fn path_after(world: &mut World, session: &mut Session, script: &str) -> Vec<String> {
    for statement in SourceFile::parse(script).tree().stmts() {
        let outcome = apply(world, session, &statement);
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    }
    session.end_transaction(world);
    world.search_path.clone()
}

#[test]
fn set_local_lasts_until_the_end_of_the_transaction() {
    let (mut world, mut session) = (world(), Session::default());
    assert_eq!(path_after(&mut world, &mut session, "set local search_path = a"), ["$user", "public"]);
    assert_eq!(path_after(&mut world, &mut session, "set search_path = a, \"B\", 'c d'"), ["a", "B", "c d"]);
    assert_eq!(path_after(&mut world, &mut session, "set local search_path = x; set search_path = y"), ["y"]);
    assert_eq!(path_after(&mut world, &mut session, "set search_path = z; set local search_path = x"), ["z"]);
    assert_eq!(path_after(&mut world, &mut session, "reset search_path"), ["$user", "public"]);
    assert_eq!(path_after(&mut world, &mut session, "set schema 'q'"), ["q"]);
    assert_eq!(path_after(&mut world, &mut session, "set search_path to default"), ["$user", "public"]);
    assert_eq!(
        path_after(&mut world, &mut session, "select pg_catalog.set_config('search_path', 'k, \"L\"\"m\"', false)"),
        ["k", "L\"m"]
    );
    assert_eq!(path_after(&mut world, &mut session, "select set_config('search_path', '', false)"), [""; 0]);
}

#[test]
fn what_is_made_is_made_where_the_path_leads() {
    let mut world = world();
    run(&mut world, "create schema s; set search_path = s, public; create table t (a int)");
    assert_eq!(oid(&world, "t"), None);
    failure(&mut world, "set search_path = ''; create table t (a int)");
}

#[test]
fn roles_are_taken_and_given_back() {
    let mut world = world();
    run(&mut world, "set role alice");
    assert_eq!(world.user, 101);
    // Each script here is a session of its own: this one is alice's, who may not become bob.
    failure(&mut world, "set role bob");
    failure(&mut world, "set session authorization bob");
    failure(&mut world, "set role nobody");
}

#[test]
fn reset_role_goes_back_to_the_sessions_user() {
    let mut world = world();
    run(&mut world, "set role alice; set role none");
    assert_eq!(world.user, 10);
    run(&mut world, "set session authorization bob; set role bob; reset role; reset session authorization");
    assert_eq!(world.user, 10);
    run(&mut world, "set local role alice");
    assert_eq!(world.user, 101);
}

#[test]
fn harmless_settings_are_passed_over() {
    let mut world = world();
    run(
        &mut world,
        "set statement_timeout = 0; set client_encoding = 'UTF8'; set time zone 'utc'; show all; set constraints all immediate;
         set local lock_timeout = '2s'; select set_config('a.b', 'c', true); reset all",
    );
    for script in ["set session_replication_role = replica", "set integratedb.enforcement = 'off'"] {
        crate::simulate::apply::fixture::unknown(&mut world, script);
    }
}
