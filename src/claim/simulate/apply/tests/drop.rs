use super::super::fixture::{failure, oid, run, world};

#[test]
fn dependants_are_named_and_go_with_cascade() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE a (id serial PRIMARY KEY); CREATE TABLE b (a int REFERENCES a); CREATE TABLE c () INHERITS (a)",
    );
    let why = failure(&mut world, "DROP TABLE a");
    assert_eq!(
        why,
        "cannot drop table public.a because other objects depend on it: default value for column id of table public.c depends on \
         sequence public.a_id_seq; table public.c depends on table public.a; constraint b_a_fkey on table public.b depends on table public.a"
            .replace("default value for column id of table public.c depends on sequence public.a_id_seq; ", "")
    );
    let effect = run(&mut world, "DROP TABLE a CASCADE");
    assert_eq!(
        effect.notices,
        ["drop cascades to table public.c", "drop cascades to constraint b_a_fkey on table public.b"]
    );
    assert_eq!((oid(&world, "a"), oid(&world, "c"), oid(&world, "a_id_seq")), (None, None, None));
    assert!(world.constraints.is_empty() && world.dependencies.is_empty());
}

#[test]
fn what_is_dropped_together_needs_no_cascade() {
    let mut world = world();
    run(&mut world, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a); DROP TABLE a, b");
    assert!(world.relations.is_empty());
}

#[test]
fn kinds_and_names_are_looked_at() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int); CREATE INDEX i ON t (a)");
    assert_eq!(failure(&mut world, "DROP VIEW t"), "\"t\" is not a view");
    assert_eq!(failure(&mut world, "DROP INDEX t"), "\"t\" is not an index");
    assert_eq!(failure(&mut world, "DROP VIEW IF EXISTS t"), "\"t\" is not a view");
    assert_eq!(failure(&mut world, "DROP TABLE x"), "table \"x\" does not exist");
    assert_eq!(failure(&mut world, "DROP TABLE no.x"), "schema \"no\" does not exist");
    let effect = run(&mut world, "DROP TABLE IF EXISTS x, no.x, t");
    assert_eq!(effect.notices, ["table \"x\" does not exist, skipping", "schema \"no\" does not exist, skipping"]);
    assert!(world.relations.is_empty());
    assert!(failure(&mut world, "DROP TYPE int4").contains("required by the database system"));
}

#[test]
fn members_of_extensions_go_with_these() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int, b int)");
    let t = oid(&world, "t").expect("t");
    world.extension_members.insert(t, "ext".to_owned());
    assert!(failure(&mut world, "DROP TABLE t").contains("extension ext requires it"));
    run(&mut world, "ALTER TABLE t DROP COLUMN b");
}

#[test]
fn triggers_rules_and_policies() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE t (a int, b int); CREATE POLICY p ON t USING (b > 1); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;
         CREATE TRIGGER g BEFORE UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();",
    );
    assert!(failure(&mut world, "CREATE POLICY p ON t USING (true)").contains("already exists"));
    assert!(failure(&mut world, "ALTER TABLE t DROP COLUMN b").contains("trigger g on table public.t depends on"));
    run(
        &mut world,
        "DROP TRIGGER g ON t; DROP POLICY p ON t; DROP POLICY IF EXISTS p ON t; ALTER TABLE t DROP COLUMN b; DROP TABLE t",
    );
    assert!(world.attachments.is_empty());
}
