use crate::simulate::apply::fixture::{columns, failure, oid, relation, run, world};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, World};

fn sample() -> World {
    let mut world = world();
    run(&mut world, "create table t (id int, name varchar(10)); create table u (id int, t_id int)");
    world
}

fn rests_on(world: &World, view: &str) -> Vec<(u32, i16)> {
    let view = oid(world, view).expect("a view");
    world.dependencies_of(Class::Relation, view).iter().map(|found| (found.on.oid, found.on.column)).collect()
}

#[test]
fn a_view_has_the_columns_of_its_query_and_rests_on_what_it_reads() {
    let mut world = sample();
    let effect = run(&mut world, "create view v (a) as select t.id, u.t_id from t join u on u.t_id = t.id");
    assert_eq!(columns(&world, "v"), ["a int4", "t_id int4"]);
    let (t, u) = (oid(&world, "t").expect("t"), oid(&world, "u").expect("u"));
    assert_eq!(rests_on(&world, "v"), [(t, 1), (u, 2)]);
    assert_eq!(effect.locks.get(&t), Some(&LockMode::AccessShare));
    failure(&mut world, "drop table t");
    failure(&mut world, "alter table t drop column id");
    failure(&mut world, "create view v as select 1");
    failure(&mut world, "create view w as select 1, 2");
    run(&mut world, "drop table t cascade");
    assert_eq!(oid(&world, "v"), None);
}

#[test]
fn replacing_a_view_adds_columns_at_the_end_and_changes_none() {
    let mut world = sample();
    run(&mut world, "create view v as select id, name from t");
    let before = oid(&world, "v");
    for query in [
        "select id from t",
        "select id as other, name from t",
        "select id::bigint as id, name from t",
        "select id, name::varchar(20) as name from t",
    ] {
        failure(&mut world, &format!("create or replace view v as {query}"));
    }
    run(&mut world, "create or replace view v as select id, name, id + 1 as next from t");
    assert_eq!(columns(&world, "v"), ["id int4", "name varchar(14)", "next int4"]);
    assert_eq!(oid(&world, "v"), before);
    run(&mut world, "create or replace view v as select 1 as id, 'x'::varchar(10) as name, 2 as next");
    assert_eq!(rests_on(&world, "v"), []);
    failure(&mut world, "create or replace view t as select 1 as id");
}

#[test]
fn a_replaced_view_keeps_the_types_that_cannot_be_told() {
    let mut world = sample();
    run(
        &mut world,
        "create view v as select id from t; create or replace view v as select unheard_of(id) as id from t",
    );
    assert_eq!(columns(&world, "v"), ["id int4"]);
    assert_eq!(relation(&world, "v").uncertain, None);
    run(&mut world, "create view w as select unheard_of(id) as id from t");
    assert!(relation(&world, "w").uncertain.is_some());
}

#[test]
fn security_invoker_is_an_option() {
    let mut world = sample();
    run(&mut world, "create view v with (security_invoker) as select 1 as a");
    assert!(relation(&world, "v").security_invoker);
    run(&mut world, "alter view v set (security_invoker = off)");
    assert!(!relation(&world, "v").security_invoker);
    run(&mut world, "alter view v set (security_invoker = true); alter view v reset (security_invoker)");
    assert!(!relation(&world, "v").security_invoker);
}

#[test]
fn a_recursive_view_is_a_recursive_query() {
    let mut world = sample();
    run(&mut world, "create recursive view v (n) as select 1 union all select n + 1 from v where n < 10");
    assert_eq!(columns(&world, "v"), ["n int4"]);
    run(&mut world, "create view w as with recursive r(n) as (select 1 union select n + 1 from r) select * from r");
    assert_eq!(columns(&world, "w"), ["n int4"]);
}

#[test]
fn views_are_altered() {
    let mut world = sample();
    run(
        &mut world,
        "create view v as select id from t; alter view v rename column id to key; alter view v rename to w;
         create schema s; alter view w owner to alice; alter view if exists nothing rename to x;
         alter table w rename column key to k",
    );
    assert_eq!(columns(&world, "w"), ["k int4"]);
    assert_eq!(relation(&world, "w").owner, 101);
    failure(&mut world, "alter view t rename to z");
    failure(&mut world, "alter view nothing rename to z");
    run(&mut world, "alter view w set schema s");
    assert_eq!(oid(&world, "w"), None);
}

#[test]
fn materialized_views_are_views_with_data() {
    let mut world = sample();
    let effect = run(&mut world, "create materialized view m as select id, count(*) from t group by id with no data");
    assert_eq!(columns(&world, "m"), ["id int4", "count int8"]);
    assert_eq!(effect.doubts, []);
    let effect = run(&mut world, "refresh materialized view m");
    let m = oid(&world, "m").expect("m");
    assert_eq!(effect.locks.get(&m), Some(&LockMode::AccessExclusive));
    assert!(effect.rewrites.contains(&m));
    let effect = run(&mut world, "create unique index on m (id); refresh materialized view concurrently m");
    assert_eq!(effect.locks.get(&m), Some(&LockMode::Exclusive));
    run(&mut world, "alter materialized view m rename to n; create materialized view if not exists n as select 1");
    assert_eq!(columns(&world, "n"), ["id int4", "count int8"]);
    failure(&mut world, "alter materialized view t rename to z");
}

#[test]
fn a_view_of_what_is_temporary_is_temporary() {
    let mut world = sample();
    run(&mut world, "create temporary table s (a int); create view v as select * from s");
    assert_eq!(oid(&world, "v"), None);
    assert!(world.relations.values().any(|relation| relation.name == "v" && relation.temporary));
}

#[test]
fn a_key_by_which_a_view_groups_cannot_go() {
    let mut world = sample();
    run(
        &mut world,
        "alter table t add primary key (id); create view v as select id, name, count(*) from t group by id",
    );
    assert!(rests_on(&world, "v").len() == 3);
    failure(&mut world, "alter table t drop constraint t_pkey");
}

#[test]
fn tables_are_made_of_queries() {
    let mut world = sample();
    run(
        &mut world,
        "create table n as select id, name as label from t; select id + 1 as next, now() into k from t where id > 0;
         create function f() returns int language sql as 'select 1'",
    );
    assert_eq!(columns(&world, "n"), ["id int4", "label varchar(14)"]);
    assert_eq!(columns(&world, "k"), ["next int4", "now timestamptz"]);
    assert_eq!(relation(&world, "k").uncertain, None);
    assert_eq!(run(&mut world, "create table o as select f() with no data").doubts, []);
    assert_eq!(run(&mut world, "create table p as select f()").doubts.len(), 1);
    assert_eq!(run(&mut world, "create materialized view q as select f()").doubts.len(), 1);
}
