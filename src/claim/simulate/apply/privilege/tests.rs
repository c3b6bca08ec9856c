use crate::catalog::Grant;
use crate::simulate::apply::fixture::{failure, relation, run, unknown, world};
use crate::simulate::world::World;

/// `grantee:privileges/grantor`, a star behind what may be granted on; the owner's own left out.
fn shown(acl: &[Grant]) -> Vec<String> {
    let others = acl.iter().filter(|grant| grant.grantee != grant.grantor);
    others
        .map(|grant| {
            let words = grant.privileges.iter().map(|privilege| {
                format!("{}{}", privilege.word(), if grant.grantable.contains(privilege) { "*" } else { "" })
            });
            format!("{}:{}/{}", grant.grantee, words.collect::<Vec<_>>().join(","), grant.grantor)
        })
        .collect()
}

fn sample() -> World {
    let mut world = world();
    run(&mut world, "create table t (a int, b int); create table u (c int); create sequence q");
    world
}

#[test]
fn tables_and_columns_are_granted() {
    let mut world = sample();
    run(
        &mut world,
        "grant select, update (b), truncate on t to alice, public; grant all on u to bob with grant option",
    );
    assert_eq!(shown(&relation(&world, "t").acl), ["101:select/10", "0:select/10"]);
    assert_eq!(shown(&relation(&world, "t").columns[1].acl), ["101:update/10", "0:update/10"]);
    assert_eq!(shown(&relation(&world, "u").acl), ["102:select*,insert*,update*,delete*,references*/10"]);
    // The owner's own rights stand there as soon as anything does.
    assert!(relation(&world, "t").acl.iter().any(|grant| grant.grantee == 10));
    failure(&mut world, "grant select on t to public with grant option");
    failure(&mut world, "grant select on nothing to bob");
    failure(&mut world, "grant select (nothing) on t to bob");
    failure(&mut world, "grant execute on t to bob");
    failure(&mut world, "grant select on t to nobody");
}

#[test]
fn revoking_from_the_table_revokes_from_its_columns() {
    let mut world = sample();
    let effect = run(
        &mut world,
        "grant select, insert on t to alice; grant select (a) on t to alice; revoke select on t from alice",
    );
    assert_eq!(shown(&relation(&world, "t").acl), ["101:insert/10"]);
    assert_eq!(shown(&relation(&world, "t").columns[0].acl), Vec::<String>::new());
    assert!(effect.touched.revoked.contains(&101) && !effect.touched.revoked.contains(&102));
    // As the extension, which asks for the stakeholders that the REVOKE names.
    let effect = run(&mut world, "revoke insert on t from public");
    assert!(effect.touched.revoked.is_empty());
}

#[test]
fn what_was_granted_on_goes_with_cascade_only() {
    let mut world = sample();
    run(
        &mut world,
        "grant select on t to alice with grant option; set role alice; grant select on t to bob; reset role",
    );
    assert_eq!(shown(&relation(&world, "t").acl), ["101:select*/10", "102:select/101"]);
    failure(&mut world, "revoke select on t from alice");
    failure(&mut world, "revoke grant option for select on t from alice restrict");
    run(&mut world, "revoke grant option for select on t from alice cascade");
    assert_eq!(shown(&relation(&world, "t").acl), ["101:select/10"]);
}

#[test]
fn all_in_a_schema_are_those_that_are_there() {
    let mut world = sample();
    run(
        &mut world,
        "grant select on all tables in schema public to alice; grant usage on all sequences in schema public to alice",
    );
    assert_eq!(shown(&relation(&world, "u").acl), ["101:select/10"]);
    assert_eq!(shown(&relation(&world, "q").acl), ["101:usage/10"]);
    run(&mut world, "create table later (a int)");
    assert_eq!(relation(&world, "later").acl, []);
}

#[test]
fn schemas_types_and_functions_are_granted() {
    let mut world = sample();
    run(
        &mut world,
        "create type mood as enum ('a'); create function f() returns int language sql as 'select 1';
         grant usage on schema public to alice; revoke usage on type mood from public;
         revoke all on function f() from public; grant execute on all functions in schema public to bob",
    );
    assert_eq!(shown(&world.schemas[&2200].acl), ["101:usage/10"]);
    let mood = world.types.values().find(|known| known.name == "mood").expect("mood");
    assert_eq!(shown(&mood.acl), Vec::<String>::new());
    let f = world.functions.values().next().expect("f");
    assert_eq!(shown(&f.acl), ["102:execute/10"]);
}

#[test]
fn default_privileges_are_those_of_new_objects() {
    let mut world = sample();
    run(
        &mut world,
        "alter default privileges in schema public grant select on tables to alice;
         alter default privileges revoke execute on functions from public;
         create table n (a int); create view v as select 1 as a; create function f() returns int language sql as 'select 1'",
    );
    assert_eq!(shown(&relation(&world, "n").acl), ["101:select/10"]);
    assert_eq!(shown(&relation(&world, "v").acl), ["101:select/10"]);
    assert_eq!(shown(&world.functions.values().next().expect("f").acl), Vec::<String>::new());
    run(
        &mut world,
        "alter default privileges in schema public revoke select on tables from alice;
         alter default privileges grant execute on functions to public; create table o (a int)",
    );
    assert_eq!(world.default_privileges, []);
    assert_eq!(relation(&world, "o").acl, []);
    run(&mut world, "alter default privileges for role alice grant select on tables to bob; create table p (a int)");
    assert_eq!(relation(&world, "p").acl, []);
}

#[test]
fn a_stranger_cannot_be_told_to_grant() {
    let mut world = sample();
    unknown(&mut world, "set role bob; grant select on t to alice");
}
