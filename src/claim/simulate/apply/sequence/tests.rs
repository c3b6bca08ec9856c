use crate::simulate::apply::fixture::{failure, oid, relation, run, world};

#[test]
fn a_sequence_may_belong_to_a_column() {
    let mut world = world();
    run(&mut world, "create table t (a int, b int); create sequence s as int start 5 owned by t.b");
    let t = oid(&world, "t").expect("t");
    assert_eq!(relation(&world, "s").owned_by, Some((t, 2)));
    run(&mut world, "alter sequence s owned by none");
    assert_eq!(relation(&world, "s").owned_by, None);
    run(&mut world, "alter sequence s owned by t.a; alter sequence s restart with 3; drop table t");
    assert_eq!(oid(&world, "s"), None);
    run(&mut world, "create sequence if not exists q; create sequence if not exists q; alter sequence q rename to r");
    failure(&mut world, "create sequence r");
    failure(&mut world, "alter sequence q rename to x");
    run(&mut world, "alter sequence if exists q rename to x; alter sequence r owner to alice");
    assert_eq!(relation(&world, "r").owner, 101);
    failure(&mut world, "create table t (a int); alter sequence t restart");
    failure(&mut world, "alter sequence r owned by t.a");
    failure(&mut world, "create schema s; create sequence s.q owned by t.a");
}

#[test]
fn a_sequence_of_an_identity_column_stays_with_it() {
    let mut world = world();
    failure(&mut world, "create table t (a int generated always as identity); alter sequence t_a_seq owned by none");
}
