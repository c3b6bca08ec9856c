use crate::simulate::apply::fixture::{failure, oid, run, unknown, world};
use crate::simulate::effect::LockMode;
use crate::simulate::world::World;

fn sample() -> World {
    let mut world = world();
    run(
        &mut world,
        "create table t (id int primary key, a int default 1); create table u (t_id int references t); create view v as select a from t;
         create function f() returns int language sql as 'select 1'",
    );
    world
}

#[test]
fn statements_on_data_take_their_locks() {
    let mut world = sample();
    let t = oid(&world, "t").expect("t");
    for (statement, mode) in [
        ("select * from t", LockMode::AccessShare),
        ("select a from v", LockMode::AccessShare),
        ("select * from t for update", LockMode::RowShare),
        ("insert into t values (1)", LockMode::RowExclusive),
        ("insert into v values (1)", LockMode::AccessShare),
        ("update t set a = 1", LockMode::RowExclusive),
        ("with w as (delete from t returning *) select * from w", LockMode::RowExclusive),
        ("merge into t using u on t.id = u.t_id when matched then do nothing", LockMode::RowExclusive),
        ("copy t from stdin", LockMode::RowExclusive),
        ("copy (select 1 from t) to stdout", LockMode::AccessShare),
        ("lock table t", LockMode::AccessExclusive),
        ("lock t in share mode", LockMode::Share),
        ("lock v in exclusive mode", LockMode::Exclusive),
        ("truncate t cascade", LockMode::AccessExclusive),
        ("analyze t", LockMode::ShareUpdateExclusive),
        ("vacuum t", LockMode::ShareUpdateExclusive),
        ("vacuum (full) t", LockMode::AccessExclusive),
        ("explain analyze delete from t", LockMode::RowExclusive),
        ("explain delete from t", LockMode::AccessShare),
        ("cluster t using t_pkey", LockMode::AccessExclusive),
    ] {
        let effect = run(&mut world, statement);
        assert_eq!(effect.locks.get(&t), Some(&mode), "{statement}");
        assert_eq!(effect.alone, statement.starts_with("vacuum"), "{statement}");
        assert_eq!(
            effect.rewrites.contains(&t),
            statement.contains("full") || statement.contains("cluster"),
            "{statement}"
        );
    }
}

#[test]
fn what_may_do_anything_is_not_known() {
    let mut world = sample();
    for statement in [
        "do $$ begin end $$",
        "call f()",
        "execute s",
        "select f()",
        "insert into t select f()",
        "update t set a = f()",
        "select set_config('search_path', current_setting('a.b'), false)",
        "select id, set_config('search_path', 'a', false) from t",
        "copy t from program 'cat'",
        "explain analyze select f()",
        "load 'library'",
    ] {
        unknown(&mut world, statement);
    }
    run(&mut world, "select now(), count(*), setval('s', 1) from t; explain select f(); prepare s as select f()");
    run(&mut world, "create view w as select f() as a");
    unknown(&mut world, "select * from w");
    unknown(&mut world, "alter table t add column c int default f(); insert into t values (1)");
}

#[test]
fn a_trigger_makes_writing_unknown() {
    let mut world = sample();
    unknown(
        &mut world,
        "create function g() returns trigger language plpgsql as ''; create trigger g after insert on t for each row execute function g();
         insert into t values (1)",
    );
    run(&mut world, "select * from t");
}

#[test]
fn truncating_what_is_referenced_is_refused() {
    let mut world = sample();
    failure(&mut world, "truncate t");
    failure(&mut world, "truncate nothing");
    let effect = run(&mut world, "truncate t, u");
    assert_eq!(effect.locks.len(), 2);
    let effect = run(&mut world, "truncate t cascade");
    assert_eq!(effect.locks.len(), 2);
}
