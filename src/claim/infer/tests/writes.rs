//! What statements that change something need.

use serde_json::{Value, json};

use super::check;
use super::fixture::unresolved;

fn stock(fields: Value, privileges: Value) -> Value {
    json!([{"path": "shop.stock", "fields": fields, "privileges": privileges}])
}

#[test]
fn insert_needs_the_columns_that_it_supplies() {
    let insert = |fields: Value| stock(fields, json!(["insert"]));
    check(&[
        ("INSERT INTO stock (sku, quantity) VALUES ($1, DEFAULT)", insert(json!(["sku", "quantity"]))),
        ("INSERT INTO stock VALUES ('a'), ('b')", insert(json!(["sku"]))),
        ("INSERT INTO stock VALUES ('a', 1), ('b', 2)", insert(json!(["sku", "quantity"]))),
        ("INSERT INTO stock DEFAULT VALUES", insert(json!(["sku"]))),
        ("INSERT INTO stock SELECT 'a', 1", insert(json!(["sku", "quantity"]))),
        ("INSERT INTO stock SELECT * FROM (SELECT 'a', 1) x", insert(json!(["sku", "quantity"]))),
        ("INSERT INTO stock (sku) VALUES (1) ON CONFLICT DO NOTHING", insert(json!(["sku"]))),
    ]);
    assert_eq!(unresolved("INSERT INTO stock SELECT 1, 2, 3, 4"), ["relation stock"]);
    assert_eq!(unresolved("INSERT INTO stock SELECT f.* FROM rows_of('a') f"), ["relation stock"]);
}

#[test]
fn upsert_reads_the_key_and_what_it_would_have_inserted() {
    check(&[
        (
            "INSERT INTO stock (sku) VALUES (1) ON CONFLICT (sku) DO UPDATE SET quantity = 1",
            json!([{"path": "shop.stock", "fields": [
                {"name": "sku", "insert": true}, {"name": "quantity", "select": false, "update": true}]}]),
        ),
        (
            "INSERT INTO stock AS s VALUES (1, 2) ON CONFLICT (sku)
             DO UPDATE SET quantity = EXCLUDED.quantity + s.quantity WHERE s.shelf = ''",
            json!([{"path": "shop.stock", "fields": [
                {"name": "sku", "insert": true}, {"name": "quantity", "insert": true, "update": true}, "shelf"]}]),
        ),
    ]);
    assert_eq!(
        unresolved("INSERT INTO stock (sku) VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING"),
        ["constraint k"]
    );
    assert_eq!(
        unresolved("INSERT INTO stock (sku) VALUES (1) ON CONFLICT (sku) DO UPDATE SET shelf = shelf"),
        ["column shelf"],
        "it is the table's or EXCLUDED's"
    );
}

#[test]
fn update_needs_select_on_what_it_reads_only() {
    check(&[
        ("UPDATE stock SET shelf = $1", stock(json!(["shelf"]), json!(["update"]))),
        ("UPDATE stock SET quantity = quantity + 1", stock(json!(["quantity"]), json!(["select", "update"]))),
        (
            "UPDATE stock s SET (quantity, shelf) = (1, DEFAULT) WHERE s.sku = $1",
            json!([{"path": "shop.stock", "fields": ["sku",
                {"name": "quantity", "select": false, "update": true},
                {"name": "shelf", "select": false, "update": true}]}]),
        ),
        (
            "UPDATE stock SET shelf = state FROM orders WHERE id = quantity RETURNING sku",
            json!([{"path": "shop.orders", "fields": ["id", "state"]},
                {"path": "shop.stock", "fields": ["sku", "quantity",
                {"name": "shelf", "select": false, "update": true}]}]),
        ),
        (
            "UPDATE stock SET shelf = 'x' RETURNING *",
            json!([
                {"path": "shop.stock", "fields": ["*"]},
                {"alternatives": [{"path": "shop.stock", "fields": ["shelf"], "privileges": ["update"]}]},
            ]),
        ),
    ]);
    assert_eq!(unresolved("UPDATE stock SET shelv = 1"), ["column stock.shelv"]);
}

#[test]
fn delete_is_of_the_whole_relation() {
    check(&[
        ("DELETE FROM stock", json!([{"path": "shop.stock", "privileges": ["delete"]}])),
        ("DELETE FROM ONLY stock WHERE sku = $1", stock(json!(["sku"]), json!(["select", "delete"]))),
        ("DELETE FROM stock RETURNING *", stock(json!(["*"]), json!(["select", "delete"]))),
        (
            "DELETE FROM stock s USING orders o WHERE o.note = s.sku",
            json!([{"path": "shop.orders", "fields": ["note"]},
                {"path": "shop.stock", "fields": ["sku"], "privileges": ["select", "delete"]}]),
        ),
    ]);
}

#[test]
fn merge_needs_what_its_actions_do() {
    check(&[
        (
            "MERGE INTO stock s USING orders o ON s.sku = o.note
             WHEN MATCHED AND o.total = 0 THEN DELETE
             WHEN MATCHED THEN UPDATE SET quantity = s.quantity + 1
             WHEN NOT MATCHED THEN INSERT (sku, quantity) VALUES (state, 1)",
            json!([{"path": "shop.orders", "fields": ["state", "total", "note"]},
                {"path": "shop.stock", "fields": ["sku", {"name": "quantity", "update": true}],
                 "privileges": ["select", "insert", "delete"]}]),
        ),
        (
            "MERGE INTO stock USING orders ON false WHEN NOT MATCHED THEN INSERT VALUES (note)",
            json!([{"path": "shop.orders", "fields": ["note"]},
                {"path": "shop.stock", "fields": ["sku"], "privileges": ["insert"]}]),
        ),
        (
            "MERGE INTO stock USING orders ON false WHEN NOT MATCHED THEN DO NOTHING",
            json!([{"path": "shop.orders", "fields": ["id"]}, {"path": "shop.stock", "fields": ["sku"]}]),
        ),
    ]);
    // What is not matched has no row of the target.
    let sql = "MERGE INTO stock s USING orders o ON false WHEN NOT MATCHED THEN INSERT (sku) VALUES (s.shelf)";
    assert_eq!(unresolved(sql), ["column s.shelf"]);
}

#[test]
fn changes_in_with_are_made_whether_it_is_used_or_not() {
    check(&[(
        "WITH gone AS (DELETE FROM stock RETURNING sku) SELECT 1",
        stock(json!(["sku"]), json!(["select", "delete"])),
    )]);
}

#[test]
fn where_columns_have_nothing_in_common_the_list_says_so_for_each() {
    check(&[
        (
            "INSERT INTO stock (sku) VALUES (1) RETURNING shelf",
            json!([{"path": "shop.stock", "fields": [{"name": "sku", "select": false, "insert": true}, "shelf"]}]),
        ),
        (
            "WITH d AS (DELETE FROM stock WHERE shelf = '') INSERT INTO stock (sku) VALUES (1)",
            json!([{"path": "shop.stock", "privileges": ["delete"],
                "fields": [{"name": "sku", "insert": true}, {"name": "shelf", "select": true}]}]),
        ),
    ]);
}
