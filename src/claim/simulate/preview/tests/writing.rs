//! Claims that write through what is no table.

use serde_json::{Value, json};

use super::fixture::{at_once, broken, claims, verdicts, world};
use crate::simulate::input::Claims;
use crate::simulate::world::World;

const TABLE: &str = "CREATE TABLE orders (id int, note text, total int); CREATE FUNCTION plain(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE FUNCTION many(a int) RETURNS SETOF int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION run() RETURNS trigger LANGUAGE plpgsql AS 'x'";

fn writes(privileges: Value) -> Value {
    json!([{"path": "public.orders", "fields": ["id", "note"], "privileges": privileges}])
}

fn setup(script: &str, privileges: Value) -> (World, Claims) {
    let mut world = world(&format!("{TABLE}; {script}"));
    let claims = claims(&mut world, &[("alice", writes(privileges))]);
    (world, claims)
}

#[test]
fn a_table_that_becomes_a_view_is_still_written_if_the_server_can_update_that() {
    let (world, claims) = setup("", json!(["select", "insert", "update", "delete"]));
    for (query, verdict) in [
        ("SELECT id, note FROM kept", "s"),
        ("SELECT * FROM kept", "s"),
        ("TABLE kept", "s"),
        ("(SELECT k.* FROM kept AS k WHERE total > 1 ORDER BY id)", "s"),
        ("SELECT (k.id) AS id, note::text, plain(total) FROM public.kept k FOR UPDATE", "s"),
        ("SELECT b AS id, c AS note, (SELECT now()) FROM kept AS k (b, c)", "s"),
        ("SELECT id, note, total + 1 AS more FROM kept", "s"),
        ("SELECT DISTINCT id, note FROM kept", "b"),
        ("SELECT id, note FROM kept LIMIT 10", "b"),
        ("SELECT id, note FROM kept OFFSET 1", "b"),
        ("SELECT id, note FROM kept GROUP BY id, note", "b"),
        ("SELECT id, note FROM kept HAVING true", "b"),
        ("SELECT max(id) AS id, max(note) AS note FROM kept", "b"),
        ("SELECT id, note, row_number() OVER () FROM kept", "b"),
        ("SELECT id, note, many(id) FROM kept", "b"),
        ("SELECT id, note, generate_series(1, 2) FROM kept", "b"),
        ("WITH k AS (SELECT 1) SELECT id, note FROM kept", "b"),
        ("SELECT id, note FROM kept UNION ALL SELECT id, note FROM kept", "b"),
        ("SELECT id, note FROM kept TABLESAMPLE system (1)", "b"),
        ("SELECT k.id, k.note FROM kept k, kept l", "b"),
        ("SELECT k.id, k.note FROM kept k JOIN kept l USING (id)", "b"),
        ("SELECT id, note FROM (SELECT * FROM kept) k", "b"),
        ("SELECT 1 AS id, ''::text AS note", "b"),
        ("SELECT id::int AS id, note || '' AS note FROM kept", "b"),
        ("SELECT id, note, lo_creat(1) FROM kept", "u"),
        ("SELECT id, note, (SELECT max(k.id)) FROM kept k", "u"),
    ] {
        let script = format!("ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS {query}");
        let rows = at_once(&world, &claims, &script);
        let found = verdicts(&rows);
        assert_eq!(found[1..], *verdict, "{query}: {rows:?}");
    }
    let script = "ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS SELECT id, upper(note) AS note FROM kept";
    let rows = at_once(&world, &claims, script);
    assert_eq!(broken(&rows, 2), ["alice public.orders note writable-column"]);
}

#[test]
fn a_view_that_is_replaced_must_go_on_taking_what_is_written() {
    let (world, claims) = setup(
        "ALTER TABLE orders RENAME TO kept; CREATE VIEW below AS SELECT * FROM kept; CREATE VIEW orders AS SELECT * FROM below",
        json!(["select", "insert"]),
    );
    let replaced = |query: &str| verdicts(&at_once(&world, &claims, &format!("CREATE OR REPLACE VIEW {query}")));
    assert_eq!(replaced("below AS SELECT id, note, total FROM kept WHERE id > 3"), "s");
    assert_eq!(replaced("below AS SELECT DISTINCT id, note, total FROM kept"), "b");
    assert_eq!(replaced("orders AS SELECT id, note, total FROM below LIMIT 1"), "b");
    let script = "ALTER TABLE kept ALTER id SET NOT NULL; ALTER TABLE kept ALTER id ADD GENERATED ALWAYS AS IDENTITY";
    let rows = at_once(&world, &claims, script);
    assert_eq!(broken(&rows, 2), ["alice public.orders id writable-column"]);
}

#[test]
fn what_is_not_below_a_view_does_not_concern_who_writes_through_it() {
    let (world, claims) = setup("CREATE TABLE other (id int)", json!(["select", "insert"]));
    let view = "ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS SELECT DISTINCT id, note FROM kept;";
    let rows = at_once(&world, &claims, &format!("{view} REVOKE ALL ON other FROM alice; CREATE TABLE more (id int)"));
    assert_eq!(verdicts(&rows), "sbss");
    let unsure = "ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS SELECT id, note, lo_creat(1) FROM kept;";
    let rows =
        at_once(&world, &claims, &format!("{unsure} CREATE TABLE more (id int); ALTER TABLE kept ADD COLUMN x int"));
    assert_eq!(verdicts(&rows), "uusu");
}

#[test]
fn what_a_trigger_or_a_rule_does_instead_is_taken() {
    let (world, claims) = setup("", json!(["select", "insert"]));
    let view = "ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS SELECT DISTINCT id, note FROM kept;";
    let with = |more: &str| verdicts(&at_once(&world, &claims, &format!("{view} {more}")));
    assert_eq!(with(""), "sb");
    assert_eq!(
        with("CREATE TRIGGER t INSTEAD OF INSERT OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION run()"),
        "sss"
    );
    assert_eq!(with("CREATE TRIGGER t INSTEAD OF UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION run()"), "sbs");
    assert_eq!(with("CREATE RULE r AS ON INSERT TO orders DO INSTEAD NOTHING"), "sss");
    assert_eq!(with("CREATE RULE r AS ON INSERT TO orders WHERE new.id > 1 DO INSTEAD NOTHING"), "sbs");
    assert_eq!(with("CREATE RULE r AS ON INSERT TO orders DO ALSO NOTHING"), "sbs");
    let (world, claims) = setup(
        "ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS SELECT id, note FROM kept",
        json!(["select", "insert"]),
    );
    let rows = at_once(&world, &claims, "CREATE RULE r AS ON INSERT TO orders WHERE new.id > 1 DO INSTEAD NOTHING");
    assert_eq!(broken(&rows, 1), ["alice public.orders updatable-relation"]);
}

#[test]
fn a_foreign_table_in_its_place_may_take_it_or_not() {
    let (world, claims) = setup("", json!(["select", "insert"]));
    let script = "ALTER TABLE orders RENAME TO kept; CREATE FOREIGN TABLE orders (id int, note text) SERVER s";
    assert_eq!(verdicts(&at_once(&world, &claims, script))[1..], *"u");
    let (world, claims) = setup("", json!(["select"]));
    assert_eq!(verdicts(&at_once(&world, &claims, script)), "ss");
}

#[test]
fn what_comes_under_a_wildcard_that_writes_is_claimed_as_far_as_it_can_be_written() {
    let mut world = world("CREATE TABLE orders (id int)");
    let wildcard = json!([{"path": "public.*", "fields": ["*"], "privileges": ["select", "insert"]}]);
    let claims = claims(&mut world, &[("alice", wildcard)]);
    let script = "BEGIN; CREATE VIEW v AS SELECT DISTINCT id FROM orders; COMMIT; BEGIN; CREATE OR REPLACE VIEW v AS SELECT DISTINCT id FROM orders; COMMIT;
         BEGIN; CREATE VIEW w AS SELECT id FROM orders; COMMIT; CREATE OR REPLACE VIEW w AS SELECT DISTINCT id FROM orders";
    let rows = super::fixture::one_by_one(&world, &claims, script);
    assert_eq!(verdicts(&rows), "sssssssssb");
}
