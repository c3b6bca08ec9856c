use crate::simulate::apply::fixture::{columns, failure, oid, run, world};

#[test]
fn a_schema_is_made_with_what_is_in_it() {
    let mut world = world();
    run(&mut world, "create schema s create table t (a int) create view v as select a from t grant select on t to bob");
    let s = world.schema_named("s").expect("s");
    assert!(world.relation_named(s, "t").is_some() && world.relation_named(s, "v").is_some());
    assert_eq!(world.search_path, ["$user", "public"]);
    run(&mut world, "create schema if not exists s; create schema authorization alice");
    assert_eq!(world.schemas[&world.schema_named("alice").expect("alice")].owner, 101);
    failure(&mut world, "create schema s");
    failure(&mut world, "create schema pg_mine");
    failure(&mut world, "create schema x authorization nobody");
}

#[test]
fn a_renamed_schema_renames_what_is_in_it() {
    let mut world = world();
    run(&mut world, "create schema s; create table s.t (a int)");
    let effect = run(&mut world, "alter schema s rename to r");
    for schema in ["s", "r"] {
        assert!(effect.touched.names.contains(&(schema.to_owned(), "t".to_owned())), "{schema}");
    }
    failure(&mut world, "create table s.u (a int)");
    failure(&mut world, "alter schema r rename to public");
    run(&mut world, "alter schema r owner to alice; drop schema r cascade; create table t (a int)");
    assert_eq!(columns(&world, "t"), ["a int4"]);
    assert!(oid(&world, "t").is_some());
    failure(&mut world, "drop schema public");
}
