//! What cannot be told, and what can be told after it.

use std::rc::Rc;

use serde_json::json;

use super::fixture::{at_once, claims, detail, one_by_one, verdicts, world};
use super::{ORDERS, orders};

const DO: &str = "DO $$ BEGIN EXECUTE 'x'; END $$;";

#[test]
fn a_statement_that_runs_something_is_unknown_and_the_next_is_judged_all_the_same() {
    let (world, claims) = orders();
    let rows = at_once(&world, &claims, &format!("{DO} ALTER TABLE orders ADD COLUMN extra int; DROP TABLE orders;"));
    assert_eq!(verdicts(&rows), "usb");
    assert!(rows[0].detail.is_some() && rows[0].hint.is_some());
}

#[test]
fn after_it_no_alternative_is_sure_to_be_left() {
    let mut world = world(ORDERS);
    let either = json!([{"alternatives": [{"path": "public.orders", "fields": ["id"]}, {"path": "public.orders_v2", "fields": ["id"]}]},
                        {"path": "public.other", "fields": [{"alternatives": ["id", "number"]}]}]);
    let claims = claims(&mut world, &[("alice", either)]);
    assert_eq!(verdicts(&at_once(&world, &claims, &format!("DROP TABLE orders_v2; {DO}"))), "su");
    let rows = at_once(&world, &claims, &format!("{DO} DROP TABLE orders_v2;"));
    assert_eq!(verdicts(&rows), "uu");
    assert!(detail(&rows, 2).contains("statement 1 (line 1): DO may have taken away the others"), "{rows:?}");
    let rows = one_by_one(
        &world,
        &claims,
        &format!("ALTER TABLE other ADD COLUMN number int; {DO} ALTER TABLE other DROP COLUMN id;"),
    );
    assert_eq!(verdicts(&rows), "suu");
}

#[test]
fn what_is_mended_is_sure_only_if_nothing_unknown_comes_after_the_break() {
    let (world, claims) = orders();
    let (drop, add) = ("ALTER TABLE orders DROP COLUMN note;", "ALTER TABLE orders ADD COLUMN note text;");
    assert_eq!(verdicts(&at_once(&world, &claims, &format!("{DO} {drop} {add}"))), "uss");
    for script in [format!("{drop} {DO} {add}"), format!("{drop} {add} {DO}")] {
        let rows = at_once(&world, &claims, &script);
        assert_eq!(rows[0].verdict.as_str(), "unknown", "{script}");
        assert!(detail(&rows, 1).contains("DO does cannot be told"), "{rows:?}");
    }
    let rows = one_by_one(&world, &claims, &format!("BEGIN; {drop} {add} COMMIT; {DO}"));
    assert_eq!(verdicts(&rows), "ssssu");
    let rows = at_once(&world, &claims, &format!("{drop} SAVEPOINT a; {DO} ROLLBACK TO a; {add}"));
    assert_eq!(verdicts(&rows), "ssuss", "what is undone has done nothing");
}

#[test]
fn what_an_earlier_transaction_may_have_made_is_not_sure_to_be_missing() {
    let mut world = world(ORDERS);
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.*", "fields": ["*"]}]))]);
    let script = format!("{DO} DROP TABLE IF EXISTS made;");
    assert_eq!(verdicts(&one_by_one(&world, &claims, &script)), "uu");
    assert_eq!(verdicts(&at_once(&world, &claims, &script)), "us", "a wildcard binds from commit on");
    let (world, claims) = orders();
    assert_eq!(verdicts(&one_by_one(&world, &claims, &script)), "us", "nobody waits for it");
}

#[test]
fn what_the_server_would_refuse_is_unknown_and_changes_nothing() {
    let (world, claims) = orders();
    let rows = at_once(&world, &claims, "DROP TABLE missing; ALTER TABLE orders ADD COLUMN extra int");
    assert_eq!(verdicts(&rows), "us");
    assert!(detail(&rows, 1).starts_with("the server would refuse this: "), "{rows:?}");
}

#[test]
fn what_cannot_be_parsed_is_unknown() {
    let (world, claims) = orders();
    let rows = at_once(&world, &claims, "ALTER TABLE orders DRPO COLUMN note; DROP TABLE other");
    assert_eq!(verdicts(&rows), "us");
    assert!(detail(&rows, 1).contains("cannot be parsed"), "{rows:?}");
    assert_eq!(rows[0].statement, "ALTER TABLE");
}

#[test]
fn what_psql_runs_or_replaces_is_unknown_and_what_concerns_only_itself_is_no_statement() {
    let (world, claims) = orders();
    let rows = at_once(
        &world,
        &claims,
        "\\set x 1\n\\echo hello\n\\i other.sql\nDROP TABLE :name;\nSELECT 'DROP TABLE orders' \\gexec\n",
    );
    let shown: Vec<&str> = rows.iter().map(|row| row.statement.as_str()).collect();
    assert_eq!((shown, verdicts(&rows)), (vec!["\\i", "DROP TABLE", "SELECT", "\\gexec"], "uusu".to_owned()));
    assert_eq!(rows[0].line, 3);
}

#[test]
fn a_relation_of_which_something_is_not_certain_makes_only_its_own_claims_unknown() {
    let (mut world, claims) = orders();
    let (oid, found) = world
        .relations
        .iter()
        .find(|(_, found)| found.name == "orders")
        .map(|(oid, found)| (*oid, Rc::clone(found)))
        .unwrap();
    let uncertain = super::super::super::world::Relation {
        uncertain: Some("its query cannot be followed".into()),
        ..(*found).clone()
    };
    world.relations.insert(oid, Rc::new(uncertain));
    let rows = at_once(&world, &claims, "ALTER TABLE orders DROP COLUMN note; ALTER TABLE other DROP COLUMN id");
    assert_eq!(verdicts(&rows), "us");
    assert_eq!(detail(&rows, 1), "its query cannot be followed");
}

#[test]
fn a_transaction_command_that_the_server_refuses_is_unknown() {
    let (world, claims) = orders();
    assert_eq!(verdicts(&one_by_one(&world, &claims, "SAVEPOINT a; ROLLBACK; COMMIT")), "uss");
}

#[test]
fn what_may_be_mended_by_what_cannot_be_told_is_unknown_with_its_violation() {
    let (world, claims) = orders();
    let rows = at_once(&world, &claims, &format!("ALTER TABLE orders DROP COLUMN note; {DO}"));
    assert_eq!(verdicts(&rows), "uu");
    assert_eq!(detail(&rows, 1), "broken here, unless statement 2 (line 1): DO mends it, which cannot be told");
    assert_eq!((rows[0].violations.len(), rows[0].is_refused(true), rows[1].is_refused(true)), (1, true, false));
    let rows = one_by_one(&world, &claims, &format!("ALTER TABLE orders DROP COLUMN note; {DO}"));
    assert_eq!(verdicts(&rows), "bu", "another transaction comes too late");
}

#[test]
fn what_is_put_in_place_after_it_may_have_been_changed_by_it() {
    let mut world =
        world("CREATE TABLE orders (id int, note text); CREATE TABLE orders_v2 (id int, note text, memo text)");
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.orders", "fields": ["id", "note"]}]))]);
    let exchange = "ALTER TABLE orders RENAME TO old; ALTER TABLE orders_v2 RENAME TO orders;";
    assert_eq!(verdicts(&at_once(&world, &claims, exchange)), "ss");
    let rows = at_once(&world, &claims, &format!("{DO} {exchange}"));
    assert_eq!(verdicts(&rows), "uuu", "it may have dropped orders_v2.note");
    assert!(detail(&rows, 3).starts_with("what it puts in place may have been changed"), "{rows:?}");
    let column = "ALTER TABLE orders RENAME note TO old; ALTER TABLE orders RENAME memo TO note;";
    let has_memo = format!("ALTER TABLE orders ADD COLUMN memo text; {column}");
    assert_eq!(verdicts(&at_once(&world, &claims, &format!("{DO} {has_memo}"))), "usss", "made since");
    let (add, column) = has_memo.split_at(has_memo.find(';').unwrap() + 1);
    assert_eq!(verdicts(&at_once(&world, &claims, &format!("{add} {DO} {column}"))), "suuu");
    let again = "ALTER TABLE orders RENAME TO old; ALTER TABLE old RENAME TO orders;";
    assert_eq!(verdicts(&at_once(&world, &claims, &format!("{DO} {again}"))), "uss");
}

#[test]
fn after_it_only_what_takes_something_away_by_its_name_is_sure_to_break() {
    let mut world = world(
        "CREATE TABLE orders (id int, note text); CREATE VIEW below AS SELECT 1 AS id; CREATE VIEW shown AS SELECT id FROM below",
    );
    let claim =
        json!([{"path": "public.orders", "fields": ["id", "note"]}, {"path": "public.shown", "fields": ["id"]}]);
    let claims = claims(&mut world, &[("alice", claim)]);
    for (statement, verdict) in [
        ("DROP TABLE orders", "b"),
        ("DROP VIEW shown", "b"),
        ("ALTER TABLE orders RENAME TO other", "b"),
        ("ALTER TABLE orders DROP COLUMN note", "b"),
        ("ALTER TABLE orders RENAME note TO memo", "b"),
        ("ALTER TABLE orders ALTER note TYPE varchar(10)", "u"),
        ("DROP VIEW below CASCADE", "u"),
        ("DROP SCHEMA public CASCADE", "u"),
    ] {
        assert_eq!(verdicts(&at_once(&world, &claims, statement)), "b", "{statement}");
        let rows = at_once(&world, &claims, &format!("{DO} {statement}"));
        assert_eq!(verdicts(&rows)[1..], *verdict, "{statement}");
        assert!(!rows[1].violations.is_empty(), "{statement}");
    }
    let rows = at_once(&world, &claims, &format!("{DO} ALTER TABLE orders ALTER note TYPE varchar(10)"));
    assert_eq!(
        detail(&rows, 2),
        "broken here, unless statement 1 (line 1): DO has seen to that before, which cannot be told"
    );
}
