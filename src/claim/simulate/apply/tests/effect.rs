use std::collections::BTreeSet;

use super::super::fixture::{oid, run, world};
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;

const TABLES: &str = "CREATE TABLE r (id int PRIMARY KEY);
    CREATE TABLE t (a int, b varchar(10), c numeric(10,2), d timestamptz, e text CHECK (e IS NOT NULL), r int REFERENCES r);
    CREATE INDEX i ON t (a);";

/// Locks on `t` and `r`, whether `t` is written anew, and whether it is read whole.
#[test]
fn locks_rewrites_and_scans() {
    use LockMode::*;
    type Case = (&'static str, Option<LockMode>, Option<LockMode>, bool, bool);
    let cases: [Case; 36] = [
        ("ALTER TABLE t ADD x int", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ADD x int DEFAULT 1 NOT NULL", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ADD x timestamptz DEFAULT now()", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ADD x int NOT NULL", Some(AccessExclusive), None, false, true),
        ("ALTER TABLE t ADD x float8 DEFAULT random()", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ADD x serial", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ADD x int GENERATED ALWAYS AS (a) STORED", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t DROP COLUMN a", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t DROP COLUMN r", Some(AccessExclusive), Some(AccessExclusive), false, false),
        ("ALTER TABLE t ALTER a TYPE bigint", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER b TYPE varchar(20)", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER b TYPE varchar(5)", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER b TYPE text", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER b TYPE text USING b::text", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER b TYPE text USING b::text::text", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER b TYPE text USING b::text::varchar(5)", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER b TYPE text USING e::text", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER a TYPE int USING a::text::int", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER b TYPE text USING upper(b)", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER c TYPE numeric(12,2)", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER c TYPE numeric(12,3)", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER c TYPE numeric", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER d TYPE timestamptz(3)", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER e TYPE varchar(5)", Some(AccessExclusive), None, true, false),
        ("ALTER TABLE t ALTER e TYPE varchar", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t ALTER a SET NOT NULL", Some(AccessExclusive), None, false, true),
        ("ALTER TABLE t ALTER e SET NOT NULL", Some(AccessExclusive), None, false, false),
        (
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r",
            Some(ShareRowExclusive),
            Some(ShareRowExclusive),
            false,
            true,
        ),
        ("ALTER TABLE t ADD CHECK (a > 1) NOT VALID", Some(AccessExclusive), None, false, false),
        ("ALTER TABLE t VALIDATE CONSTRAINT t_e_check", Some(ShareUpdateExclusive), None, false, false),
        ("ALTER TABLE t SET (fillfactor = 70)", Some(ShareUpdateExclusive), None, false, false),
        ("ALTER TABLE t DISABLE TRIGGER ALL", Some(ShareRowExclusive), None, false, false),
        ("ALTER TABLE t SET UNLOGGED", Some(AccessExclusive), None, true, false),
        ("CREATE INDEX ON t (b)", Some(Share), None, false, true),
        ("CREATE INDEX CONCURRENTLY ON t (b)", Some(ShareUpdateExclusive), None, false, true),
        ("DROP INDEX i", Some(AccessExclusive), None, false, false),
    ];
    for (statement, on_t, on_r, rewritten, scanned) in cases {
        let mut world = world();
        run(&mut world, TABLES);
        let [t, r] = ["t", "r"].map(|name| oid(&world, name).expect("a table"));
        let effect = run(&mut world, statement);
        assert_eq!(effect.locks.get(&t).copied(), on_t, "{statement}");
        assert_eq!(effect.locks.get(&r).copied(), on_r, "{statement}");
        assert_eq!(effect.rewrites.contains(&t), rewritten, "{statement}");
        assert_eq!(effect.scans.contains(&t), scanned, "{statement}");
        assert!(effect.touched.relations.contains(&t) || on_t == Some(ShareUpdateExclusive), "{statement}");
    }
}

#[test]
fn old_and_new_names_are_touched() {
    let mut world = world();
    run(&mut world, TABLES);
    let effect = run(&mut world, "ALTER TABLE t RENAME TO u");
    let names: BTreeSet<&str> = effect.touched.names.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["t", "u"]));
    let effect = run(&mut world, "DROP TABLE u");
    assert!(effect.touched.names.contains(&("public".to_owned(), "u".to_owned())));
}

#[test]
fn a_sequence_of_a_new_column_is_no_reason_to_judge_everything() {
    let mut world = world();
    assert!(!run(&mut world, "CREATE TABLE s (id serial)").touched.everything);
    assert!(run(&mut world, "DROP TABLE s").touched.everything);
}

/// As the server does it: each row of a child gets its own number from the sequence.
#[test]
fn a_serial_writes_the_children_anew() {
    let mut world = world();
    run(&mut world, "CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p)");
    let effect = run(&mut world, "ALTER TABLE p ADD s serial");
    let tables = ["p", "c"].map(|name| oid(&world, name).expect("a table"));
    assert_eq!(effect.rewrites, BTreeSet::from(tables));
}

/// `atthasdef`, as the server has it for each of these.
#[test]
fn a_default_of_null_is_none_unless_it_is_coerced() {
    let cases = [
        ("text DEFAULT NULL", false),
        ("text DEFAULT NULL::text", false),
        ("text DEFAULT (NULL::text::text)", false),
        ("int[] DEFAULT NULL::int[]", false),
        ("co DEFAULT NULL::co", false),
        ("text DEFAULT NULL::varchar", true),
        ("bigint DEFAULT NULL::int", true),
        ("varchar(20) DEFAULT NULL", true),
        ("varchar(20) DEFAULT NULL::varchar(20)", true),
        ("numeric(8,2) DEFAULT NULL", true),
        ("d DEFAULT NULL", true),
    ];
    for (column, is_kept) in cases {
        let mut world = world();
        run(&mut world, &format!("CREATE DOMAIN d AS int; CREATE TYPE co AS (a int); CREATE TABLE n (a {column})"));
        let table = oid(&world, "n").expect("a table");
        let filled = world.relations[&table].columns[0].filled;
        assert_eq!(filled == Filled::Default, is_kept, "{column}");
    }
}
