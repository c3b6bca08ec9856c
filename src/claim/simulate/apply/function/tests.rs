use crate::simulate::apply::fixture::{columns, failure, run, unknown, world};
use crate::simulate::world::{Function, World};

fn all(world: &World, name: &str) -> Vec<Function> {
    world.functions.values().filter(|function| function.name == name).map(|function| (**function).clone()).collect()
}

const BODY: &str = "language sql as 'select 1'";

#[test]
fn a_function_is_known_by_what_goes_in() {
    let mut world = world();
    run(
        &mut world,
        &format!(
            "create function f(a int, out b text, inout c int default 3, variadic d int[] default '{{}}') {BODY};
             create function f(a text) returns setof int security definer {BODY};
             create function t() returns table (x int, y text) {BODY}; create function o() returns table (x int) {BODY};
             create procedure p(a int, inout b int) {BODY}"
        ),
    );
    let [first, second] = all(&world, "f").try_into().expect("two");
    assert_eq!((first.arguments, first.returns, first.defaults, first.variadic), (vec![23, 23, 1007], 2249, 2, true));
    assert_eq!((second.returns, second.returns_set, second.security_definer), (23, true, true));
    assert_eq!((all(&world, "t")[0].returns, all(&world, "o")[0].returns), (2249, 23));
    assert_eq!((all(&world, "p")[0].kind, all(&world, "p")[0].returns), ('p', 2249));
    failure(&mut world, &format!("create function f(text) returns int {BODY}"));
    failure(&mut world, "drop function f");
    run(
        &mut world,
        "drop function f(text), t; drop function if exists f(text), nothing(int); drop procedure p; drop routine o()",
    );
    assert_eq!(world.functions.len(), 1);
    failure(&mut world, "drop procedure f(int, int, int[])");
}

#[test]
fn replacing_keeps_the_result_and_the_privileges() {
    let mut world = world();
    run(
        &mut world,
        &format!(
            "create function f(int) returns int {BODY}; revoke execute on function f from public;
             create or replace function f(a int) returns int security definer {BODY}"
        ),
    );
    let [function] = all(&world, "f").try_into().expect("one");
    assert!(function.security_definer && function.acl.iter().all(|grant| grant.grantee != 0));
    failure(&mut world, &format!("create or replace function f(int) returns bigint {BODY}"));
    failure(&mut world, &format!("create or replace procedure f(int) {BODY}"));
    run(&mut world, &format!("create or replace function f(bigint) returns bigint {BODY}"));
    assert_eq!(all(&world, "f").len(), 2);
}

#[test]
fn functions_are_altered() {
    let mut world = world();
    run(
        &mut world,
        &format!(
            "create schema s; create function f(int) returns int {BODY}; alter function f(int) security definer;
             alter function f rename to g; alter function g(int) owner to alice; alter routine g set schema s"
        ),
    );
    let [function] = all(&world, "g").try_into().expect("one");
    assert!(function.security_definer);
    assert_eq!((function.owner, Some(function.schema)), (101, world.schema_named("s")));
    failure(&mut world, "alter function g(int) rename to h");
}

#[test]
fn what_uses_a_function_goes_with_it() {
    let mut world = world();
    run(&mut world, &format!("create function f(int) returns text {BODY}; create view v as select f(1) as a, 2 as b"));
    assert_eq!(columns(&world, "v"), ["a text", "b int4"]);
    failure(&mut world, "drop function f(int)");
    run(&mut world, "drop function f(int) cascade");
    assert!(world.relations.is_empty());
}

#[test]
fn an_aggregate_gives_its_state_or_what_its_last_function_makes_of_it() {
    let mut world = world();
    run(
        &mut world,
        &format!(
            "create function step(int, int) returns int {BODY}; create function last(int) returns text {BODY};
             create aggregate total(int) (sfunc = step, stype = int);
             create aggregate told(int) (sfunc = step, stype = int, finalfunc = last)"
        ),
    );
    assert_eq!(
        (all(&world, "total")[0].kind, all(&world, "total")[0].returns, all(&world, "told")[0].returns),
        ('a', 23, 25)
    );
    failure(&mut world, "drop function step(int, int)");
    run(&mut world, "drop aggregate total(int); drop function step(int, int) cascade");
    assert_eq!(all(&world, "told").len(), 0);
    unknown(&mut world, "create aggregate x(int) (sfunc = step, stype = int, finalfunc = nosuch)");
}
