use crate::simulate::apply::fixture::{columns, failure, oid, run, world};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{TypeKind, World};

fn domain(world: &World, name: &str) -> (u32, i32, bool, bool) {
    let found = world.types.values().find(|known| known.schema == 2200 && known.name == name);
    match found.map(|known| &known.kind) {
        Some(TypeKind::Domain { base, modifier, not_null, has_default }) => (*base, *modifier, *not_null, *has_default),
        other => panic!("{name}: {other:?}"),
    }
}

fn checks(world: &World) -> Vec<(&str, bool)> {
    let known = world.constraints.values().filter(|constraint| constraint.domain != 0);
    known.map(|constraint| (constraint.name.as_str(), constraint.validated)).collect()
}

#[test]
fn a_domain_has_a_base_a_default_and_constraints() {
    let mut world = world();
    run(
        &mut world,
        "create domain code as varchar(3) default 'x' not null check (value > 'a') constraint short check (length(value) < 3);
         create domain sub as code",
    );
    assert_eq!(domain(&world, "code"), (1043, 7, true, true));
    assert_eq!(checks(&world), [("code_check", true), ("short", true)]);
    let code = world.types.iter().find(|(_, known)| known.name == "code").map(|(oid, _)| *oid);
    assert_eq!(domain(&world, "sub"), (code.expect("code"), -1, false, true));
    failure(&mut world, "create domain code as int");
    failure(&mut world, "create domain other as nosuchtype");
    failure(&mut world, "create domain other as int primary key");
}

#[test]
fn domains_are_altered() {
    let mut world = world();
    run(&mut world, "create domain d as int; create table t (a d); create domain e as d; create table u (b e)");
    let effect = run(&mut world, "alter domain d set not null");
    assert_eq!(domain(&world, "d"), (23, -1, true, false));
    for table in ["t", "u"] {
        let table = oid(&world, table).expect("a table");
        assert_eq!(effect.locks.get(&table), Some(&LockMode::Share));
        assert!(effect.scans.contains(&table) && effect.touched.relations.contains(&table));
    }
    run(&mut world, "alter domain d drop not null; alter domain d set default 1");
    assert_eq!(domain(&world, "d"), (23, -1, false, true));
    run(&mut world, "alter domain d drop default; alter domain d add constraint positive check (value > 0) not valid");
    assert_eq!(checks(&world), [("positive", false)]);
    run(&mut world, "alter domain d validate constraint positive; alter domain d rename constraint positive to p");
    assert_eq!(checks(&world), [("p", true)]);
    failure(&mut world, "alter domain d drop constraint positive");
    run(
        &mut world,
        "alter domain d drop constraint if exists positive; alter domain d drop constraint p; alter domain d rename to f",
    );
    assert_eq!(checks(&world), []);
    assert_eq!(columns(&world, "t"), ["a f"]);
    failure(&mut world, "alter domain int4 set not null");
    failure(&mut world, "drop domain f");
}
