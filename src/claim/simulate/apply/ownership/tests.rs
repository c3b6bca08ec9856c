use crate::simulate::apply::fixture::{failure, oid, relation, run, world};

#[test]
fn what_a_role_owns_goes_and_what_it_was_granted_too() {
    let mut world = world();
    let effect = run(
        &mut world,
        "create table t (a int); grant select on t to alice; grant update (a) on t to alice; create table mine (a int);
         alter table mine owner to alice; create view v as select a from t; drop owned by alice",
    );
    assert_eq!(oid(&world, "mine"), None);
    assert!(oid(&world, "v").is_some());
    assert!(relation(&world, "t").acl.iter().all(|grant| grant.grantee != 101));
    assert_eq!(relation(&world, "t").columns[0].acl, []);
    assert!(effect.touched.revoked.contains(&101));
    failure(
        &mut world,
        "create table mine (a int); alter table mine owner to alice; create view w as select a from mine; drop owned by alice",
    );
    run(&mut world, "drop owned by alice cascade");
    assert_eq!(oid(&world, "w"), None);
}

#[test]
fn what_a_role_owns_is_given_to_another() {
    let mut world = world();
    run(
        &mut world,
        "create table t (a serial); create type mood as enum ('a'); alter table t owner to alice; alter type mood owner to alice;
         create schema s authorization alice; reassign owned by alice to bob",
    );
    assert_eq!((relation(&world, "t").owner, relation(&world, "t_a_seq").owner), (102, 102));
    assert!(
        world.types.values().all(|known| known.owner != 101) && world.schemas.values().all(|known| known.owner != 101)
    );
}
