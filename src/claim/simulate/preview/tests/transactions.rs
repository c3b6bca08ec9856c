//! What a transaction makes of a break: mended, undone, or told at its end.

use serde_json::json;

use super::fixture::{at_once, broken, claims, detail, one_by_one, verdicts, world};
use super::orders;
use crate::simulate::row::Row;

#[test]
fn what_the_same_transaction_mends_is_safe_and_names_what_mends_it() {
    let (world, claims) = orders();
    let script = "ALTER TABLE orders DROP COLUMN note;\nSELECT 1;\nALTER TABLE orders ADD COLUMN note text;";
    let rows = at_once(&world, &claims, script);
    assert_eq!(verdicts(&rows), "sss");
    assert_eq!(detail(&rows, 1), "broken here, mended by statement 3 (line 3): ALTER TABLE orders");
    assert_eq!(rows[0].claims, [1]);
    let rows = one_by_one(&world, &claims, script);
    assert_eq!(verdicts(&rows), "bss");
    assert_eq!(broken(&rows, 1), ["alice public.orders note column-exists"]);
    let rows = one_by_one(&world, &claims, &format!("BEGIN; {script} COMMIT;"));
    assert_eq!(verdicts(&rows), "sssss");
}

#[test]
fn a_rename_is_mended_by_what_takes_the_name_again() {
    let (world, claims) = orders();
    let script = "ALTER TABLE orders RENAME TO old_orders; CREATE VIEW orders AS SELECT id, note FROM old_orders";
    let rows = at_once(&world, &claims, script);
    assert_eq!(verdicts(&rows), "sb", "{rows:?}");
    assert!(detail(&rows, 1).starts_with("broken here, mended by statement 2"));
    assert_eq!(broken(&rows, 2), ["alice public.orders id not-null"], "a view has no NOT NULL");
}

#[test]
fn what_is_mended_and_broken_again_is_the_first_ones_fault() {
    let (world, claims) = orders();
    let rows = at_once(
        &world,
        &claims,
        "ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders ADD COLUMN note text; ALTER TABLE orders DROP COLUMN note",
    );
    assert_eq!(verdicts(&rows), "bss");
}

#[test]
fn what_is_found_is_what_the_end_of_the_transaction_finds() {
    let (world, claims) = orders();
    let script =
        "ALTER TABLE orders ALTER COLUMN note TYPE varchar(50); ALTER TABLE orders ALTER COLUMN note TYPE varchar(20)";
    for (preview, found) in
        [(at_once as fn(_, _, _) -> _, "character varying(20)"), (one_by_one, "character varying(50)")]
    {
        let rows: Vec<Row> = preview(&world, &claims, script);
        assert_eq!(verdicts(&rows), "bs");
        let violation = &rows[0].violations[0];
        assert_eq!((violation.expected.as_str(), violation.actual.as_str()), ("text", found));
    }
}

#[test]
fn a_savepoint_that_is_rolled_back_to_takes_the_break_with_it() {
    let (world, claims) = orders();
    let script = "SAVEPOINT a;\nDROP TABLE orders;\nROLLBACK TO a;\nALTER TABLE orders ADD COLUMN extra int;";
    let rows = at_once(&world, &claims, script);
    assert_eq!(verdicts(&rows), "ssss");
    assert!(detail(&rows, 2).starts_with("broken here, undone by statement 3 (line 3): ROLLBACK"), "{rows:?}");
    // It can be gone back to once more; one that is released cannot.
    let rows =
        at_once(&world, &claims, &format!("{script} DROP TABLE orders; ROLLBACK TO a; RELEASE a; ROLLBACK TO a;"));
    assert_eq!(verdicts(&rows), "sssssssu");
    let rows = at_once(&world, &claims, "DROP TABLE orders; SAVEPOINT a; CREATE TABLE orders (id int); ROLLBACK TO a");
    assert_eq!(verdicts(&rows), "bsss", "what mends it is undone");
}

#[test]
fn a_block_that_is_rolled_back_has_done_nothing() {
    let (world, claims) = orders();
    let rows = one_by_one(&world, &claims, "BEGIN; DROP TABLE orders; ROLLBACK; DROP TABLE orders;");
    assert_eq!(verdicts(&rows), "sssb");
}

#[test]
fn a_commit_ends_the_single_transaction_and_the_rest_is_on_its_own() {
    let (world, claims) = orders();
    let rows = at_once(
        &world,
        &claims,
        "ALTER TABLE orders DROP COLUMN note; COMMIT; ALTER TABLE orders ADD COLUMN note text; DROP TABLE orders",
    );
    assert_eq!(verdicts(&rows), "bssb");
    let rows = at_once(&world, &claims, "DROP TABLE orders; COMMIT AND CHAIN; CREATE TABLE orders (id int); ROLLBACK");
    assert_eq!(verdicts(&rows), "bsss");
}

#[test]
fn a_prepared_transaction_is_judged_when_it_is_prepared() {
    let (world, claims) = orders();
    let rows = one_by_one(&world, &claims, "BEGIN; DROP TABLE orders; PREPARE TRANSACTION 'a'; COMMIT PREPARED 'a'");
    assert_eq!(verdicts(&rows), "sbss");
    let rows = one_by_one(&world, &claims, "BEGIN; PREPARE TRANSACTION 'a'; ROLLBACK PREPARED 'a'");
    assert_eq!(verdicts(&rows), "ssu");
}

#[test]
fn all_breaks_of_a_script_are_told_each_once() {
    let (world, claims) = orders();
    let script =
        "ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders ADD COLUMN x int; ALTER TABLE orders DROP COLUMN id";
    let rows = one_by_one(&world, &claims, script);
    assert_eq!(verdicts(&rows), "bsb");
    assert_eq!(broken(&rows, 3), ["alice public.orders id column-exists"]);
    let rows = one_by_one(
        &world,
        &claims,
        "ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders ADD COLUMN note text; ALTER TABLE orders DROP COLUMN note",
    );
    assert_eq!(verdicts(&rows), "bsb", "what is put right binds again");
}

#[test]
fn statements_that_are_sent_at_once_are_one_transaction() {
    let (world, claims) = orders();
    let script = "ALTER TABLE orders DROP COLUMN note \\; ALTER TABLE orders ADD COLUMN note text;";
    assert_eq!(verdicts(&one_by_one(&world, &claims, script)), "ss");
}

#[test]
fn what_cannot_be_rolled_back_breaks_at_once_and_cannot_run_in_a_transaction_block() {
    let mut world = world("CREATE TABLE t (id int); CREATE INDEX t_id ON t (id)");
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.t", "fields": ["id"], "indexed": [["id"]]}]))]);
    let script = "DROP INDEX CONCURRENTLY t_id; CREATE INDEX t_id ON t (id)";
    let rows = one_by_one(&world, &claims, script);
    assert_eq!(verdicts(&rows), "bs");
    assert!(!rows[0].in_transaction && rows[1].in_transaction);
    let rows = at_once(&world, &claims, script);
    assert_eq!(verdicts(&rows), "bs", "nothing mends it");
    assert!(detail(&rows, 1).contains("cannot run inside a transaction block"));
    let rows = at_once(&world, &claims, "CREATE INDEX CONCURRENTLY another ON t (id)");
    assert_eq!(verdicts(&rows), "u");
    assert!(detail(&rows, 1).contains("cannot run inside a transaction block"));
    assert_eq!(verdicts(&one_by_one(&world, &claims, "CREATE INDEX CONCURRENTLY another ON t (id)")), "s");
}
