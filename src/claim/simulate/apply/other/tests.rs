use crate::simulate::apply::fixture::{failure, oid, run, unknown, world};
use crate::simulate::apply::{Session, apply};
use crate::simulate::effect::Outcome;
use crate::simulate::parse;

#[test]
fn what_no_claim_sees_is_passed_over() {
    let mut world = world();
    run(&mut world, "create table t (a int)");
    let before = world.clone();
    run(
        &mut world,
        "comment on table t is 'x'; create statistics s on a, b from t; create publication p for table t; notify x;
         create server s foreign data wrapper w; drop operator if exists + (int, int)",
    );
    assert_eq!(world.relations, before.relations);
    for script in [
        "create extension hstore",
        "drop operator class c using btree cascade",
        "import foreign schema s from server r into public",
    ] {
        unknown(&mut world, script);
    }
}

#[test]
fn an_event_trigger_makes_doubtful_what_comes_after_it() {
    let mut world = world();
    let mut session = Session::default();
    let mut doubts = |script: &str| {
        let statement = parse::parse(script, 0, true).expect("SQL of the tests");
        match apply(&mut world, &mut session, &statement) {
            Outcome::Done(effect) => effect.doubts.len(),
            other => panic!("{script}: {other:?}"),
        }
    };
    assert_eq!(doubts("create table t (a int)"), 0);
    assert!(doubts("create event trigger e on ddl_command_end execute function f()") > 0);
    assert_eq!(doubts("alter table t add b int"), 1);
    assert_eq!(doubts("select 1"), 0);
    assert_eq!(doubts("insert into t values (1)"), 0);
}

#[test]
fn an_extension_takes_its_members_with_it() {
    let mut world = world();
    world.extensions.insert("kit".to_owned());
    run(
        &mut world,
        "create table m (a int); create type mood as enum ('a'); alter extension kit add table m; alter extension kit add type mood;
         create extension if not exists kit",
    );
    failure(&mut world, "drop table m");
    failure(&mut world, "create extension kit");
    failure(&mut world, "alter extension kit add table m");
    failure(&mut world, "alter extension nothing add table m");
    failure(&mut world, "create table t (b mood); drop extension kit");
    run(&mut world, "drop extension kit cascade; drop extension if exists kit");
    assert_eq!(oid(&world, "m"), None);
    assert!(oid(&world, "t").is_some() && world.extensions.is_empty() && world.extension_members.is_empty());
}
