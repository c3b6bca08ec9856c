use serde_json::json;

use super::super::effect::LockMode;
use super::super::input::{Claims, Deprecated, Protected};
use super::super::row::{Lock, Verdict};
use super::super::world::World;
use crate::waiver::Waiver;

mod fixture;
mod transactions;
mod untold;
mod writing;

use fixture::{at_once, broken, claims, detail, one_by_one, verdicts, world};

const ORDERS: &str = "CREATE TABLE orders (id int PRIMARY KEY, note text, total numeric(10,2));
     CREATE TABLE orders_v2 (id int, note text); CREATE TABLE other (id int)";

/// Tables, and one claim of alice on `public.orders`.
fn orders() -> (World, Claims) {
    let mut world = world(ORDERS);
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.orders", "fields": ["id", "note"]}]))]);
    (world, claims)
}

#[test]
fn what_is_claimed_is_broken_by_what_drops_it() {
    let (world, claims) = orders();
    let rows = at_once(&world, &claims, "DROP TABLE other;\nDROP TABLE orders;");
    assert_eq!(verdicts(&rows), "sb");
    assert_eq!(broken(&rows, 2), ["alice public.orders relation-exists"]);
    let row = &rows[1];
    assert_eq!((row.number, row.line, row.statement.as_str()), (2, 2, "DROP TABLE"));
    assert_eq!((row.stakeholders.as_slice(), row.claims.as_slice()), (&["alice".to_owned()][..], &[1][..]));
    assert!(row.hint.is_some() && row.in_transaction);
    let lock =
        Lock { relation: "public.orders".into(), mode: LockMode::AccessExclusive, readers: vec!["alice".into()] };
    assert_eq!(row.locks, [lock]);
    assert!(rows[0].locks.is_empty() && rows[0].claims.is_empty());
}

#[test]
fn a_statement_that_breaks_nothing_names_the_claims_that_it_touches() {
    let (world, claims) = orders();
    let rows =
        at_once(&world, &claims, "ALTER TABLE orders ADD COLUMN extra int; ALTER TABLE other ADD COLUMN extra int");
    assert_eq!(verdicts(&rows), "ss");
    assert_eq!(rows[0].claims, [1]);
    assert!(rows[1].claims.is_empty());
}

#[test]
fn a_column_that_turns_narrower_or_nullable_breaks_and_one_that_is_not_claimed_does_not() {
    let (world, claims) = orders();
    let rows = at_once(
        &world,
        &claims,
        "ALTER TABLE orders DROP COLUMN total; ALTER TABLE orders ALTER COLUMN note TYPE varchar(10)",
    );
    assert_eq!(verdicts(&rows), "sb");
    assert_eq!(broken(&rows, 2), ["alice public.orders note column-type"]);
}

#[test]
fn one_of_two_alternatives_may_go_and_both_may_not() {
    let mut world = world(ORDERS);
    let either = json!([{"alternatives": [{"path": "public.orders", "fields": ["id"]}, {"path": "public.orders_v2", "fields": ["id"]}]}]);
    let claims = claims(&mut world, &[("alice", either)]);
    for preview in [at_once, one_by_one] {
        let rows = preview(&world, &claims, "DROP TABLE orders_v2; DROP TABLE orders;");
        assert_eq!(verdicts(&rows), "sb");
        assert_eq!(broken(&rows, 2).len(), 2);
    }
}

#[test]
fn what_is_optional_may_go() {
    let mut world = world(ORDERS);
    let claims =
        claims(&mut world, &[("alice", json!([{"path": "public.orders", "fields": ["id"], "optional": true}]))]);
    let rows = at_once(&world, &claims, "DROP TABLE orders; ALTER TABLE other ADD COLUMN extra int");
    assert_eq!(verdicts(&rows), "ss");
    assert_eq!(rows[0].claims, [1]);
}

#[test]
fn what_is_past_its_drop_date_may_go_and_what_is_announced_may_not() {
    let (world, mut claims) = orders();
    let deprecated =
        |over| Deprecated { schema: "public".into(), relation: "orders".into(), column: Some("note".into()), over };
    let script = "ALTER TABLE orders DROP COLUMN note";
    claims.deprecated = vec![deprecated(false)];
    assert_eq!(verdicts(&at_once(&world, &claims, script)), "b");
    claims.deprecated = vec![deprecated(true)];
    assert_eq!(verdicts(&at_once(&world, &claims, script)), "s");
    let rows =
        one_by_one(&world, &claims, "ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders DROP COLUMN id CASCADE");
    assert_eq!(verdicts(&rows), "sb", "the rest still binds");
    assert_eq!(broken(&rows, 2), ["alice public.orders id column-exists"]);
}

#[test]
fn a_deprecation_ends_with_what_it_names() {
    let (world, mut claims) = orders();
    claims.deprecated =
        vec![Deprecated { schema: "public".into(), relation: "other".into(), column: None, over: true }];
    let rows = one_by_one(&world, &claims, "DROP TABLE other; CREATE TABLE other (id int); DROP TABLE orders");
    assert_eq!(verdicts(&rows), "ssb");
}

#[test]
fn what_is_revoked_from_a_stakeholder_breaks_its_claim() {
    let mut world = world(&format!("{ORDERS}; GRANT SELECT ON orders TO alice; GRANT SELECT ON orders TO bob"));
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.orders", "fields": ["id"]}]))]);
    let rows = at_once(&world, &claims, "REVOKE SELECT ON orders FROM bob; REVOKE SELECT ON orders FROM alice");
    assert_eq!(verdicts(&rows), "sb");
    assert_eq!(broken(&rows, 2), ["alice public.orders id access"]);
    let rows = at_once(&world, &claims, "REVOKE SELECT ON orders FROM alice; GRANT SELECT ON orders TO alice");
    assert_eq!(verdicts(&rows), "ss");
    assert!(detail(&rows, 1).starts_with("broken here, mended by statement 2 (line 1): GRANT"), "{rows:?}");
}

#[test]
fn what_is_revoked_on_a_table_that_has_lost_its_claimed_name_counts_for_the_claim() {
    let mut world = world("CREATE TABLE orders (id int, note text); CREATE TABLE other (id int)");
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.orders", "fields": ["id", "note"]}]))]);
    let exchange = "ALTER TABLE orders RENAME TO old; ALTER TABLE other RENAME TO orders";
    let rows = at_once(&world, &claims, &format!("{exchange}; REVOKE INSERT ON old FROM alice"));
    assert_eq!(broken(&rows, 2), ["alice public.orders note column-exists"]);
    assert_eq!(broken(&rows, 3), ["alice public.orders id access"]);
}

#[test]
fn an_alternative_without_its_privilege_is_none_at_the_end_either() {
    let mut world = world(&format!("{ORDERS}; CREATE SCHEMA shop; CREATE TABLE shop.orders (id int, note text)"));
    let either = json!([{"alternatives": [{"path": "public.orders", "fields": ["id"]}, {"path": "shop.orders", "fields": ["id"]}]}]);
    let claims = claims(&mut world, &[("alice", either)]);
    let rows = at_once(&world, &claims, "REVOKE USAGE ON SCHEMA shop FROM alice; DROP TABLE orders; SELECT 1");
    assert_eq!(verdicts(&rows), "sbs");
    assert_eq!(broken(&rows, 2), ["alice public.orders relation-exists", "alice shop.orders access"]);
}

#[test]
fn what_rests_on_something_temporary_breaks_its_claim() {
    let mut world = world(
        "CREATE TABLE orders (id int); CREATE VIEW shown AS SELECT id FROM orders; CREATE VIEW above AS SELECT id FROM shown",
    );
    let claim = json!([{"path": "public.orders", "fields": ["id"]}, {"path": "public.above", "fields": ["id"]}]);
    let claims = claims(&mut world, &[("alice", claim)]);
    let function = "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE pg_temp.t (a int)";
    let rows = at_once(
        &world,
        &claims,
        &format!("{function}; CREATE OR REPLACE VIEW shown AS SELECT id FROM orders WHERE id = pg_temp.f()"),
    );
    assert_eq!(verdicts(&rows[..2]), "ss");
    assert_eq!(broken(&rows, 3), ["alice public.above temporary-dependency"]);
    let rows = at_once(&world, &claims, &format!("{function}; ALTER TABLE orders ADD COLUMN c pg_temp.t"));
    let both = ["alice public.orders temporary-dependency", "alice public.above temporary-dependency"];
    assert_eq!(broken(&rows, 3), both);
    let rows = at_once(
        &world,
        &claims,
        &format!("{function}; ALTER TABLE orders ADD COLUMN c pg_temp.t; ALTER TABLE orders DROP COLUMN c"),
    );
    assert_eq!(verdicts(&rows), "ssss");
    let defaults = "ALTER TABLE orders ADD COLUMN c int DEFAULT pg_temp.f()";
    assert_eq!(verdicts(&at_once(&world, &claims, &format!("{function}; {defaults}"))), "sss");
}

#[test]
fn what_is_revoked_from_public_is_no_stakeholders() {
    let mut world = world(ORDERS);
    let either = json!([{"alternatives": [{"path": "public.orders", "fields": ["note"]},
                                          {"path": "public.later", "fields": ["id"]}]}]);
    let claims = claims(&mut world, &[("alice", either)]);
    let rows = at_once(
        &world,
        &claims,
        "CREATE TABLE later (number int); ALTER TABLE orders DROP COLUMN note; REVOKE SELECT ON orders FROM PUBLIC, bob",
    );
    assert_eq!(verdicts(&rows), "sbs");
}

#[test]
fn what_comes_under_a_wildcard_does_not_bring_back_what_was_revoked() {
    let mut world = world("CREATE TABLE orders (id int)");
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.*", "fields": ["*"]}]))]);
    let rows = at_once(&world, &claims, "REVOKE USAGE ON SCHEMA public FROM alice, PUBLIC; CREATE TABLE more (id int)");
    assert_eq!(verdicts(&rows), "bs");
}

#[test]
fn what_is_made_again_is_granted_again_before_a_revoke_of_something_else() {
    let mut world = world(&format!("{ORDERS}; GRANT SELECT ON orders TO alice"));
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.orders", "fields": ["id"]}]))]);
    let again = "DROP TABLE orders; CREATE TABLE orders (id int NOT NULL); REVOKE INSERT ON orders FROM alice";
    assert_eq!(verdicts(&at_once(&world, &claims, again)), "sss");
    let rows = at_once(&world, &claims, &format!("{again}; REVOKE SELECT ON orders FROM alice"));
    assert_eq!(broken(&rows, 4), ["alice public.orders id access"]);
}

#[test]
fn a_table_that_another_role_puts_under_a_claimed_name_is_a_strangers() {
    let mut world = world(&format!("{ORDERS}; ALTER TABLE orders_v2 OWNER TO bob; ALTER SCHEMA public OWNER TO alice"));
    let claims = claims(&mut world, &[("bob", json!([{"path": "public.orders", "fields": ["id"]}]))]);
    let swap = "ALTER TABLE orders RENAME TO gone; ALTER TABLE orders_v2 RENAME TO orders";
    assert_eq!(
        verdicts(&at_once(&world, &claims, &format!("ALTER TABLE orders_v2 ALTER id SET NOT NULL; {swap}"))),
        "sss"
    );
}

#[test]
fn a_wildcard_takes_in_what_comes_and_binds_it_from_commit_on() {
    let mut world = world("CREATE TABLE a (id int)");
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.*", "fields": ["*"]}]))]);
    let script = "CREATE TABLE b (id int); DROP TABLE b";
    let rows = at_once(&world, &claims, script);
    assert_eq!(verdicts(&rows), "ss");
    assert_eq!(rows[0].stakeholders, ["alice"], "it is told whose wildcard it comes under");
    let rows = one_by_one(&world, &claims, script);
    assert_eq!(verdicts(&rows), "sb");
    assert_eq!(broken(&rows, 2), ["alice public.b relation-exists"]);
    assert_eq!(
        verdicts(&one_by_one(&world, &claims, "BEGIN; CREATE TABLE b (id int); ROLLBACK; CREATE TABLE b (id int)")),
        "ssss"
    );
}

#[test]
fn what_is_protected_is_not_taken_in_even_under_another_name() {
    let mut world = world("CREATE TABLE a (id int, pin text)");
    let mut claims = claims(&mut world, &[("alice", json!([{"path": "public.*", "fields": ["*"]}]))]);
    claims.protections =
        vec![Protected { schema: "public".into(), relation: "b".into(), whole: true, columns: Default::default() }];
    let rows = one_by_one(&world, &claims, "CREATE TABLE b (id int); ALTER TABLE b RENAME TO c; DROP TABLE c");
    assert_eq!(verdicts(&rows), "sss");
}

#[test]
fn a_pending_claim_binds_from_the_transaction_after_the_one_that_meets_it() {
    let mut world = world(ORDERS);
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.later", "fields": ["id"], "pending": true}]))]);
    let script = "CREATE TABLE later (id int); ALTER TABLE later DROP COLUMN id; ALTER TABLE later ADD COLUMN id int";
    assert_eq!(verdicts(&at_once(&world, &claims, script)), "sss");
    assert_eq!(verdicts(&one_by_one(&world, &claims, script)), "sbs");
}

#[test]
fn keys_indexes_and_references_are_judged() {
    let mut world = world(
        "CREATE TABLE customers (id int PRIMARY KEY); CREATE TABLE orders (id int, customer_id int REFERENCES customers (id));
         CREATE INDEX orders_customer ON orders (customer_id)",
    );
    let claim = json!([{"path": "public.orders", "fields": ["id", "customer_id"], "indexed": [["customer_id"]],
                        "references": [{"fields": ["customer_id"], "path": "public.customers", "to": ["id"]}]},
                       {"path": "public.customers", "fields": ["id"], "keys": [["id"]]}]);
    let claims = claims(&mut world, &[("alice", claim)]);
    let rows = at_once(
        &world,
        &claims,
        "DROP INDEX orders_customer; ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE",
    );
    assert_eq!(broken(&rows, 1), ["alice public.orders index"]);
    assert_eq!(broken(&rows, 2), ["alice public.orders foreign-key", "alice public.customers unique-key"]);
    let rows = at_once(&world, &claims, "DROP INDEX orders_customer; CREATE INDEX better ON orders (customer_id, id)");
    assert_eq!(verdicts(&rows), "ss");
}

#[test]
fn a_type_that_changes_concerns_the_columns_of_it() {
    let mut world = world(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN code AS int; CREATE TABLE t (m mood, c code); CREATE TABLE u (c code)",
    );
    let claims = claims(&mut world, &[("alice", json!([{"path": "public.t", "fields": ["m", "c"]}]))]);
    let rows = at_once(
        &world,
        &claims,
        "ALTER TYPE mood ADD VALUE 'good'; ALTER DOMAIN code SET NOT NULL; ALTER DOMAIN code DROP NOT NULL",
    );
    assert_eq!(verdicts(&rows), "sss", "what widens, and narrows back within the transaction");
    let rows = at_once(&world, &claims, "ALTER TYPE mood RENAME TO humour");
    assert_eq!(broken(&rows, 1), ["alice public.t m column-type"]);
    let rows = at_once(&world, &claims, "CREATE TYPE unused AS ENUM ()");
    assert!(rows[0].claims.is_empty(), "{rows:?}");
}

#[test]
fn a_schema_that_is_renamed_takes_its_relations_from_their_claims() {
    let mut world = world("CREATE SCHEMA s; CREATE TABLE s.t (id int)");
    let claims = claims(&mut world, &[("alice", json!([{"path": "s.t", "fields": ["id"]}]))]);
    let rows = at_once(&world, &claims, "ALTER SCHEMA s RENAME TO z");
    assert_eq!(broken(&rows, 1), ["alice s.t relation-exists"]);
    assert_eq!(verdicts(&at_once(&world, &claims, "ALTER SCHEMA s RENAME TO z; ALTER SCHEMA z RENAME TO s")), "ss");
}

#[test]
fn claims_on_functions_sequences_and_types_are_judged() {
    let mut world = world(
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE s; CREATE TYPE mood AS ENUM ('sad')",
    );
    let claim = json!([{"function": "public.f(integer)"}, {"sequence": "public.s"}, {"type": "public.mood"}]);
    let claims = claims(&mut world, &[("alice", claim)]);
    let rows = at_once(&world, &claims, "DROP FUNCTION f(int); DROP SEQUENCE s; DROP TYPE mood");
    assert_eq!(broken(&rows, 1), ["alice public.f(integer) function-exists"]);
    assert_eq!(broken(&rows, 2), ["alice public.s sequence-exists"]);
    assert_eq!(broken(&rows, 3), ["alice public.mood type-exists"]);
}

#[test]
fn the_verdicts_are_told_as_text() {
    let (world, claims) = orders();
    let text = super::super::row::render(&at_once(&world, &claims, "SELECT 1; DROP TABLE orders;"));
    assert!(
        text.contains("alice: public.orders: expected") && text.ends_with("2 statements: 1 breaks, 1 safe\n"),
        "{text}"
    );
    assert_eq!(Verdict::Breaks.as_str(), "breaks");
}

#[test]
fn what_may_break_is_safe_and_told() {
    let (mut world, waived) = orders();
    let waiver = Waiver { id: 7, path: "public.orders".into(), rules: ["column-exists".to_owned()].into() };
    let waived = Claims { waivers: [("alice".to_owned(), vec![waiver])].into(), ..waived };
    let rows = at_once(&world, &waived, "ALTER TABLE orders DROP COLUMN note");
    assert_eq!(verdicts(&rows), "s");
    assert_eq!(detail(&rows, 1), "breaks public.orders column note of alice (column-exists), and may: by waiver 7");
    assert_eq!(verdicts(&at_once(&world, &waived, "DROP TABLE orders")), "b", "another rule");
    let warned = json!([{"path": "public.orders", "fields": ["note"], "on_break": "warn"}]);
    let warned =
        claims(&mut world, &[("alice", warned), ("bob", json!([{"path": "public.orders", "fields": ["id"]}]))]);
    assert_eq!(verdicts(&at_once(&world, &warned, "ALTER TABLE orders DROP COLUMN note")), "s");
    let rows = at_once(&world, &warned, "DROP TABLE orders");
    assert_eq!(broken(&rows, 1), ["bob public.orders relation-exists"]);
}
