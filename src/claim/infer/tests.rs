//! What each construct needs. The same is proven against a server by pg_test/infer.

mod bounds;
mod fixture;
mod lists;
mod writes;

use fixture::{infer_all, matches, unresolved};
use serde_json::{Value, json};

/// Each query needs exactly these matches, and leaves nothing unresolved.
fn check(cases: &[(&str, Value)]) {
    for (sql, expected) in cases {
        let inference = infer_all(&[sql]);
        assert_eq!(inference.unresolved, [], "{sql}");
        assert_eq!(&inference.document["match"], expected, "{sql}");
    }
}

fn orders(fields: Value) -> Value {
    json!([{"path": "shop.orders", "fields": fields}])
}

#[test]
fn columns_are_claimed_in_whatever_clause_they_stand() {
    check(&[
        ("SELECT id FROM orders", orders(json!(["id"]))),
        ("SELECT ID, Orders.Total FROM ORDERS", orders(json!(["id", "total"]))),
        ("SELECT id FROM orders WHERE state = $1 AND total > 1 + 2", orders(json!(["id", "state", "total"]))),
        ("SELECT state, count(*) FROM orders GROUP BY state HAVING max(total) > 1", orders(json!(["state", "total"]))),
        ("SELECT id FROM orders ORDER BY state, lower(note)", orders(json!(["id", "state", "note"]))),
        ("SELECT DISTINCT ON (state) id FROM orders", orders(json!(["id", "state"]))),
        ("SELECT id FROM orders LIMIT (SELECT max(total) FROM orders)", orders(json!(["id", "total"]))),
        ("SELECT sum(id) FILTER (WHERE total > 1) FROM orders", orders(json!(["id", "total"]))),
        (
            "SELECT sum(id) OVER (PARTITION BY state ORDER BY total) FROM orders",
            orders(json!(["id", "state", "total"])),
        ),
        ("SELECT sum(id) OVER w FROM orders WINDOW w AS (ORDER BY total)", orders(json!(["id", "total"]))),
        ("SELECT CASE id WHEN 1 THEN note ELSE state END FROM orders", orders(json!(["id", "state", "note"]))),
        (
            "SELECT id FROM orders WHERE note LIKE ANY ($1) OR (id, total) IN ((1, 2))",
            orders(json!(["id", "total", "note"])),
        ),
        ("SELECT id FROM ONLY orders WHERE total BETWEEN SYMMETRIC 1 AND 2", orders(json!(["id", "total"]))),
        ("EXPLAIN SELECT id FROM orders", orders(json!(["id"]))),
        ("DECLARE c CURSOR FOR SELECT id FROM orders", orders(json!(["id"]))),
        ("BEGIN; SELECT id FROM orders; SELECT total FROM orders; COMMIT", orders(json!(["id", "total"]))),
    ]);
}

#[test]
fn any_column_will_do_where_none_is_named() {
    check(&[
        ("SELECT count(*) FROM orders", orders(json!(["id"]))),
        ("SELECT 1 FROM orders o, orders p WHERE p.note = 'x'", orders(json!(["note"]))),
        ("SELECT 1 FROM empty", json!([{"path": "shop.empty", "fields": ["*"]}])),
        (
            "SELECT id FROM orders FOR UPDATE",
            json!([{"path": "shop.orders", "fields": ["id"], "privileges": ["select", "update"]}]),
        ),
    ]);
}

#[test]
fn every_lock_needs_update_on_some_column() {
    for lock in ["FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE", "FOR UPDATE OF orders NOWAIT"] {
        let expected = json!([{"path": "shop.orders", "fields": ["id"], "privileges": ["select", "update"]}]);
        check(&[(&format!("SELECT id FROM orders {lock}"), expected)]);
    }
    let sql = "WITH x AS (SELECT id FROM orders) SELECT x.id FROM x, (SELECT sku FROM stock) s FOR UPDATE";
    check(&[(
        sql,
        json!([{"path": "shop.orders", "fields": ["id"]},
            {"path": "shop.stock", "fields": ["sku"], "privileges": ["select", "update"]}]),
    )]);
}

#[test]
fn what_is_claimed_for_one_query_serves_another() {
    let inference = infer_all(&["SELECT count(*) FROM orders", "SELECT note FROM orders", "DELETE FROM orders"]);
    let expected = json!([{"path": "shop.orders", "fields": ["note"], "privileges": ["select", "delete"]}]);
    assert_eq!(inference.document["match"], expected);
}

#[test]
fn whole_rows_need_the_whole_relation() {
    for sql in [
        "SELECT * FROM orders",
        "SELECT o.* FROM orders o",
        "SELECT shop.orders.* FROM shop.orders",
        "SELECT count(o) FROM orders o",
        "SELECT row_to_json(o.*) FROM orders o",
        "SELECT (o).id FROM orders o",
        "SELECT ctid FROM orders",
        "SELECT o.xmin, id FROM orders o",
        "SELECT x FROM (orders JOIN stock ON true) x WHERE false",
    ] {
        let found = matches(sql);
        assert_eq!(found[0], json!({"path": "shop.orders", "fields": ["*"]}), "{sql}");
    }
    check(&[("SELECT x FROM (SELECT id FROM orders) x", orders(json!(["id"])))]);
}

#[test]
fn joins_read_what_they_join_by() {
    let both = |orders: Value, stock: Value| {
        let (orders, stock) = (("shop.orders", orders), ("shop.stock", stock));
        Value::from([orders, stock].map(|(path, fields)| json!({"path": path, "fields": fields})).to_vec())
    };
    check(&[
        ("SELECT 1 FROM orders o JOIN stock s ON s.sku = o.note", both(json!(["note"]), json!(["sku"]))),
        (
            "SELECT 1 FROM (SELECT note AS sku FROM orders) o JOIN stock USING (sku)",
            both(json!(["note"]), json!(["sku"])),
        ),
        (
            "SELECT sku FROM stock NATURAL JOIN (SELECT note AS sku FROM orders) x",
            both(json!(["note"]), json!(["sku"])),
        ),
        ("SELECT j.id FROM (orders JOIN stock ON note = sku) AS j", both(json!(["id", "note"]), json!(["sku"]))),
        (
            "SELECT 1 FROM stock, LATERAL (SELECT 1 FROM orders WHERE note = sku) x",
            both(json!(["note"]), json!(["sku"])),
        ),
    ]);
    // A sub-select that is not LATERAL does not see what stands before it, but the query around it.
    assert_eq!(unresolved("SELECT 1 FROM stock, (SELECT 1 FROM orders WHERE note = sku) x"), ["column sku"]);
    check(&[(
        "SELECT (SELECT 1 FROM empty, (SELECT 1 FROM orders WHERE note = sku) x) FROM stock",
        json!([
            {"path": "shop.empty", "fields": ["*"]},
            {"path": "shop.orders", "fields": ["note"]},
            {"path": "shop.stock", "fields": ["sku"]},
        ]),
    )]);
    // A condition sees what it joins.
    assert_eq!(unresolved("SELECT 1 FROM stock, orders o JOIN orders p ON o.id = p.id AND sku = 'x'"), ["column sku"]);
}

#[test]
fn with_hides_relations_and_is_run_only_where_it_is_used() {
    let stock = |fields: Value| json!([{"path": "shop.stock", "fields": fields}]);
    check(&[
        ("WITH orders AS (SELECT sku AS id FROM stock) SELECT id FROM orders", stock(json!(["sku"]))),
        (
            "WITH x AS (SELECT shelf FROM stock) SELECT sku FROM stock",
            stock(json!(["sku", {"name": "shelf", "select": false}])),
        ),
        ("WITH x AS (SELECT sku FROM stock), y AS (SELECT 1 FROM x) SELECT 1 FROM y", stock(json!(["sku"]))),
        (
            "WITH RECURSIVE x (n) AS (SELECT sku FROM stock UNION SELECT n FROM x) SELECT n FROM x",
            stock(json!(["sku"])),
        ),
        (
            "WITH RECURSIVE a AS (SELECT sku FROM stock UNION SELECT sku FROM a) SELECT 1",
            stock(json!([{"name": "sku", "select": false}])),
        ),
        ("SELECT 1 FROM (WITH x AS (SELECT sku FROM stock) SELECT * FROM x) y", stock(json!(["sku"]))),
    ]);
    // Only within the query that defines it; and not where it is qualified.
    assert_eq!(unresolved("SELECT (WITH x AS (SELECT 1) SELECT 1 FROM x), (SELECT 1 FROM x)"), ["relation x"]);
    check(&[("WITH orders AS (SELECT 1) SELECT id FROM shop.orders", orders(json!(["id"])))]);
    assert_eq!(unresolved("WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT 1 FROM a"), ["relation b"]);
}

#[test]
fn names_of_the_result_come_first_in_order_by_and_last_in_group_by() {
    check(&[
        ("SELECT id AS note FROM orders ORDER BY note", orders(json!(["id"]))),
        ("SELECT id AS note FROM orders ORDER BY lower(note)", orders(json!(["id", "note"]))),
        ("SELECT id AS note FROM orders GROUP BY note, id", orders(json!(["id", "note"]))),
        ("SELECT id AS n FROM orders GROUP BY n", orders(json!(["id"]))),
        ("SELECT id FROM orders UNION SELECT total FROM orders ORDER BY id", orders(json!(["id", "total"]))),
        ("(SELECT id FROM orders) ORDER BY total", orders(json!(["id", "total"]))),
    ]);
}

#[test]
fn names_fold_as_the_server_folds_them() {
    check(&[
        ("SELECT \"Id\" FROM \"Mixed Case\"", json!([{"path": "shop.Mixed Case", "fields": ["Id"]}])),
        ("SELECT ID FROM public.ORDERS", json!([{"path": "public.orders", "fields": ["id"]}])),
    ]);
    assert_eq!(unresolved("SELECT Id FROM \"Mixed Case\""), ["column id"]);
    let long = "é".repeat(40);
    assert_eq!(unresolved(&format!("SELECT 1 FROM {long}")), [format!("relation {}", "é".repeat(31))]);
}

#[test]
fn functions_are_told_by_the_number_of_arguments_and_by_plain_types() {
    let function = |name: &str| json!([{"path": "shop.orders", "fields": ["id", "note"]}, {"function": name}]);
    check(&[
        ("SELECT label(note), 1 FROM orders WHERE id = 1", function("shop.label(text)")),
        ("SELECT label((orders.id)), note FROM orders", function("shop.label(bigint)")),
        ("SELECT shop.tax(id), note FROM orders", function("shop.tax(numeric, integer)")),
        ("SELECT tax(id, percent => 1), note FROM orders", function("shop.tax(numeric, integer)")),
        ("SELECT any_of(note, note, id) FROM orders", function("shop.any_of(text[])")),
        ("SELECT id FROM orders, rows_of(note) AS r", function("shop.rows_of(text)")),
    ]);
    check(&[
        (
            "SELECT lower(note), pg_catalog.upper(state), coalesce(id, 1), now() FROM orders",
            orders(json!(["id", "state", "note"])),
        ),
        ("SELECT nextval('shop.numbers'), currval('\"numbers\"'::regclass)", json!([{"sequence": "shop.numbers"}])),
    ]);
}

#[test]
fn the_server_s_own_relations_need_no_claim_where_everybody_may_read_them() {
    check(&[("SELECT relname FROM pg_class", json!([]))]);
    assert_eq!(unresolved("SELECT rolpassword FROM pg_authid"), ["relation pg_catalog.pg_authid"]);
    assert_eq!(unresolved("DELETE FROM pg_class"), ["relation pg_catalog.pg_class"]);
}
