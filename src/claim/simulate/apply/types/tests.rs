use crate::simulate::apply::fixture::{columns, failure, oid, run, unknown, world};
use crate::simulate::world::{Type, TypeKind, World};

fn named<'w>(world: &'w World, name: &str) -> &'w Type {
    world.types.values().find(|known| known.schema == 2200 && known.name == name).unwrap_or_else(|| panic!("no {name}"))
}

fn labels(world: &World, name: &str) -> Vec<String> {
    match &named(world, name).kind {
        TypeKind::Enum(labels) => labels.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn enums_get_labels_where_they_are_put() {
    let mut world = world();
    run(
        &mut world,
        "create type mood as enum ('sad', 'ok'); alter type mood add value 'happy'; alter type mood add value 'low' before 'sad';
         alter type mood add value 'so' after 'sad'; alter type mood add value if not exists 'ok'; alter type mood rename value 'ok' to 'fine'",
    );
    assert_eq!(labels(&world, "mood"), ["low", "sad", "so", "fine", "happy"]);
    failure(&mut world, "alter type mood add value 'sad'");
    failure(&mut world, "alter type mood add value 'x' before 'nothing'");
    failure(&mut world, "alter type mood rename value 'nothing' to 'x'");
    failure(&mut world, "alter type mood rename value 'sad' to 'low'");
    failure(&mut world, "create type mood as enum ()");
    failure(&mut world, "create type other as enum ('a', 'a')");
}

#[test]
fn a_type_takes_its_array_with_it() {
    let mut world = world();
    run(&mut world, "create type mood as enum ('sad'); create table t (m mood[]); alter type mood rename to feeling");
    assert_eq!(columns(&world, "t"), ["m _feeling"]);
    run(&mut world, "create schema s; alter type feeling set schema s; alter type s.feeling owner to alice");
    assert!(world.types.values().filter(|known| known.name.ends_with("feeling")).all(|known| known.owner == 101));
    failure(&mut world, "drop type s.feeling");
    run(&mut world, "drop type s.feeling cascade");
    assert_eq!(columns(&world, "t"), Vec::<String>::new());
}

#[test]
fn composite_types_have_attributes() {
    let mut world = world();
    run(&mut world, "create type pair as (a int, b text collate \"C\")");
    assert_eq!(columns(&world, "pair"), ["a int4", "b text"]);
    run(
        &mut world,
        "alter type pair add attribute c bigint, drop attribute if exists nothing, alter attribute a type bigint;
         alter type pair drop attribute b; alter type pair rename attribute a to x",
    );
    assert_eq!(columns(&world, "pair"), ["x int8", "c int8"]);
    run(&mut world, "create table t (p pair); alter type pair add attribute d int");
    // Its values are stored in t.
    failure(&mut world, "alter type pair alter attribute x type text");
    failure(&mut world, "alter type pair add attribute x int");
    failure(&mut world, "alter type pair drop attribute nothing");
    run(&mut world, "alter type pair rename to couple");
    assert!(oid(&world, "couple").is_some());
    failure(&mut world, "alter type t rename to z");
}

#[test]
fn a_range_comes_with_its_multirange_and_constructors() {
    let mut world = world();
    run(
        &mut world,
        "create type floatrange as range (subtype = float8); create type span as range (subtype = int4, multirange_type_name = spans)",
    );
    assert!(matches!(named(&world, "floatmultirange").kind, TypeKind::Multirange(_)));
    assert!(matches!(named(&world, "spans").kind, TypeKind::Multirange(_)));
    assert_eq!(world.functions.values().filter(|function| function.name == "floatrange").count(), 2);
    assert_eq!(world.functions.values().filter(|function| function.name == "floatmultirange").count(), 3);
    run(&mut world, "drop type floatrange");
    assert!(world.functions.values().all(|function| !function.name.starts_with("float")));
    assert!(world.types.values().all(|known| !known.name.contains("floatrange") && !known.name.contains("floatmulti")));
}

#[test]
fn an_array_makes_way_for_a_type_of_its_name() {
    let mut world = world();
    run(&mut world, "create type mood as enum ('a'); create type _mood as enum ('b')");
    assert_eq!(labels(&world, "_mood"), ["b"]);
    failure(&mut world, "create type mood as (a int)");
}

#[test]
fn typed_tables_follow_their_type_with_cascade() {
    let mut world = world();
    run(&mut world, "create type pair as (a int, b text); create table t of pair; create view v as select a from t");
    failure(&mut world, "alter type pair add attribute c int");
    failure(&mut world, "alter type pair rename attribute a to z");
    run(
        &mut world,
        "alter type pair add attribute c int cascade; alter type pair rename attribute b to note cascade;
         alter type pair drop attribute a cascade",
    );
    let names = |world: &World| {
        let table = oid(world, "t").unwrap();
        world.relations[&table].columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&world), ["note", "c"]);
    assert_eq!(oid(&world, "v"), None, "it went with the column");
    unknown(&mut world, "alter type pair alter attribute c type bigint cascade");
    run(&mut world, "create table below () inherits (t)");
    unknown(&mut world, "alter type pair drop attribute c cascade");
}
