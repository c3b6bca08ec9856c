//! What is listed, not guessed; and what is wanted from the catalogs.

use serde_json::json;

use super::fixture::{infer_all, matches, unresolved};
use crate::infer::{Wanted, parse, wanted};

fn reason(sql: &str) -> String {
    infer_all(&[sql]).unresolved.into_iter().map(|entry| entry.reason).collect::<Vec<_>>().join("; ")
}

#[test]
fn unknown_names_are_listed_and_the_rest_is_claimed() {
    let sql = "SELECT id, totl, o.nte FROM orders o, ordres x WHERE x.a = nothing(state)";
    assert_eq!(unresolved(sql), ["column o.nte", "column totl", "function nothing", "relation ordres"]);
    assert_eq!(matches(sql), [json!({"path": "shop.orders", "fields": ["id", "state"]})]);
    assert!(reason("SELECT totl FROM orders").contains("did you mean \"total\"?"));
    assert!(
        reason("SELECT orders.totl FROM orders").contains("shop.orders has no such column; did you mean \"total\"?")
    );
    assert!(reason("SELECT 1 FROM ordrs").contains("did you mean \"orders\"?"));
}

#[test]
fn what_may_be_one_thing_or_another_is_listed() {
    assert_eq!(unresolved("SELECT id FROM orders a, orders b"), ["column id"]);
    assert_eq!(unresolved("SELECT ctid FROM orders a, orders b"), ["column ctid"]);
    assert!(reason("SELECT label(lower(note)) FROM orders").contains("shop.label(text), shop.label(bigint)"));
    // A column of the function's result, or of the query around it.
    assert_eq!(unresolved("SELECT (SELECT shelf FROM rows_of('a') f) FROM stock"), ["column shelf"]);
    assert_eq!(unresolved("SELECT f.shelf FROM rows_of('a') f"), [""; 0]);
    // An unknown relation may have any column.
    assert_eq!(unresolved("SELECT (SELECT shelf FROM nowhere) FROM stock"), ["column shelf", "relation nowhere"]);
}

#[test]
fn an_overload_of_the_server_s_own_is_told_by_type_or_listed() {
    assert_eq!(unresolved("SELECT lower(note) FROM orders"), [""; 0]);
    assert_eq!(unresolved("SELECT lower(note || 'x') FROM orders"), ["function lower"]);
}

#[test]
fn what_needs_somebody_s_consent_is_listed() {
    assert_eq!(unresolved("SELECT trusted()"), ["function trusted"]);
    assert!(reason("SELECT trusted()").contains("allow_security_definer"));
    assert_eq!(unresolved("SELECT id FROM invoker"), ["relation invoker"]);
    assert_eq!(matches("SELECT id FROM invoker"), [json!({"path": "shop.invoker", "fields": ["id"]})]);
}

#[test]
fn what_cannot_be_claimed_is_listed() {
    assert_eq!(unresolved("SELECT 1 FROM passing"), ["relation passing"]);
    assert_eq!(unresolved("SELECT numbers.last_value FROM numbers"), ["relation numbers"]);
    assert_eq!(unresolved("SELECT close_day()"), ["function close_day"]);
    assert_eq!(unresolved("SELECT nextval($1)"), ["function nextval"]);
    assert_eq!(unresolved("SELECT setval('numbers', 1)"), ["sequence numbers"]);
    assert_eq!(
        unresolved("SELECT note::mood, note::text[], 'x'::public.mood[] FROM orders"),
        ["type mood", "type public.mood"]
    );
    assert_eq!(unresolved("SELECT 1 FROM orders WHERE note OPERATOR(public.=) 'x'"), ["operator public.="]);
    assert_eq!(unresolved("SELECT 1 FROM orders WHERE note OPERATOR(pg_catalog.=) 'x'"), [""; 0]);
    assert_eq!(
        unresolved("SELECT note COLLATE public.german, note COLLATE \"C\" FROM orders"),
        ["collation public.german"]
    );
}

#[test]
fn statements_that_are_not_read_are_listed() {
    for sql in [
        "CREATE TABLE t (a int)",
        "DROP TABLE orders",
        "TRUNCATE orders",
        "CALL close_day()",
        "COPY orders TO STDOUT",
        "LOCK TABLE orders",
        "GRANT SELECT ON orders TO x",
    ] {
        assert_eq!(unresolved(sql).len(), 1, "{sql}");
        assert!(matches(sql).is_empty(), "{sql}");
    }
    assert_eq!(unresolved("SELECT id INTO copy FROM orders").len(), 1);
    assert_eq!(unresolved("SET search_path = x"), ["SET search_path"]);
    for path in ["search_path", "Role"] {
        let sql = format!("SELECT pg_catalog.set_config('{path}', 'x', false), id FROM orders");
        assert_eq!(unresolved(&sql), [format!("set_config of {path}")]);
        let named =
            format!("SELECT pg_catalog.set_config(new_value => 'x', setting_name => '{path}', is_local => true)");
        assert_eq!(unresolved(&named), ["set_config"]);
    }
    assert_eq!(unresolved("SELECT pg_catalog.set_config($1, $2, $3)"), ["set_config"]);
    assert_eq!(unresolved("SELECT pg_catalog.set_config('app.tenant', $1, true)"), [""; 0]);
    assert_eq!(unresolved("EXECUTE by_id(1)"), ["EXECUTE by_id"]);
    for sql in [
        "RESET ALL",
        "RESET search_path",
        "RESET ROLE",
        "RESET SESSION AUTHORIZATION",
        "CLOSE ALL",
        "CLOSE c",
        "DEALLOCATE ALL",
        "DEALLOCATE PREPARE p",
        "DEALLOCATE p",
        "FETCH NEXT FROM c",
        "FETCH 10 FROM c",
        "FETCH FORWARD 10 FROM c",
        "FETCH ALL FROM c",
        "FETCH FORWARD ALL IN c",
        "FETCH c",
        "FETCH FROM c",
        "MOVE 10 FROM c",
        "MOVE FORWARD ALL IN c",
        "move c;",
        "DISCARD ALL",
    ] {
        assert_eq!(unresolved(sql), [""; 0], "{sql}");
    }
    assert_eq!(unresolved("MOVE c; DROP TABLE orders"), ["query"]);
    assert_eq!(unresolved("SET statement_timeout = 5; BEGIN; ROLLBACK; SHOW timezone"), [""; 0]);
}

/// With `standard_conforming_strings` off the server reads one string here, and the inference would read a table.
#[test]
fn a_recorded_backslash_is_not_read() {
    let planted = r"SELECT id FROM orders WHERE note = 'a\' OR note IN (SELECT note FROM archive) --'".to_owned();
    let inferred = |parsed: Vec<crate::infer::Parsed>| {
        crate::infer::infer(&parsed, &["shop".to_owned()], &super::fixture::catalog())
    };
    let recorded = inferred(crate::infer::parse_recorded(std::slice::from_ref(&planted)));
    assert_eq!(recorded.document, json!({"match": []}));
    assert!(recorded.unresolved[0].reason.contains("standard_conforming_strings"));
    for harmless in [r"SELECT id FROM orders WHERE note = E'a\\'", "SELECT id FROM orders WHERE note = 'a'"] {
        assert!(inferred(crate::infer::parse_recorded(&[harmless.to_owned()])).unresolved.is_empty(), "{harmless}");
    }
    // Who hands a query over says how it is meant.
    let given = inferred(parse(&[r"SELECT id FROM orders WHERE note LIKE '\_%'".to_owned()]));
    assert!(given.unresolved.is_empty());
}

#[test]
fn placeholders_are_the_server_s() {
    for sql in [
        "SELECT id FROM orders WHERE id = ?",
        "SELECT id FROM orders WHERE id = %s",
        "SELECT id FROM orders WHERE id = %(id)s",
        "SELECT id FROM orders WHERE id = :id",
        "SELECT id FROM orders WHERE id IN (%s, %s)",
    ] {
        assert!(reason(sql).contains("$1"), "{sql}: {}", reason(sql));
    }
    assert_eq!(unresolved("SELECT id FROM orders WHERE id % 2 = $1 AND note LIKE '%s'"), [""; 0]);
}

#[test]
fn each_entry_names_its_query() {
    let inference = infer_all(&["SELECT id FROM orders", "SELEC", "SELECT nope FROM orders"]);
    let queries: Vec<usize> = inference.unresolved.iter().map(|entry| entry.query).collect();
    assert_eq!(queries, [2, 3]);
    assert_eq!(inference.document, json!({"match": [{"path": "shop.orders", "fields": ["id"]}]}));
}

#[test]
fn wanted_is_what_will_be_looked_up() {
    let sql = "WITH x AS (SELECT f(a) FROM public.t) INSERT INTO s.u SELECT s.g(1) FROM x, v, h(nextval('s.q'))";
    let expected = Wanted {
        relations: vec![
            (None, "v".to_owned()),
            (Some("public".to_owned()), "t".to_owned()),
            (Some("s".to_owned()), "q".to_owned()),
            (Some("s".to_owned()), "u".to_owned()),
        ],
        functions: vec![
            (None, "f".to_owned()),
            (None, "h".to_owned()),
            (None, "nextval".to_owned()),
            (Some("s".to_owned()), "g".to_owned()),
        ],
    };
    assert_eq!(wanted(&parse(&[sql.to_owned()])), expected);
}
