//! No text overflows the stack, or panics, or takes for ever. An overflow would kill the process that runs the tests.

use proptest::prelude::*;
use sqlparser::keywords::ALL_KEYWORDS;

use super::fixture::{catalog, infer_all};
use crate::infer::{MAX_BYTES, MAX_DEPTH, MAX_JOINS, MAX_QUERIES, MAX_TOKENS, infer, parse, wanted};

/// PostgreSQL's `max_stack_depth`; what is below it on a server's stack is of the same size or more.
const STACK: usize = 2 * 1024 * 1024;

/// Does all that is done with texts, on a small stack: parsing, both walks, freeing, and showing the tree. How many
/// could be parsed.
fn on_small_stack(texts: Vec<String>) -> usize {
    let work = move || {
        let mut count = 0;
        for text in texts {
            let parsed = parse(&[text]);
            wanted(&parsed);
            infer(&parsed, &["shop".to_owned()], &catalog());
            count += parsed
                .iter()
                .flat_map(|parsed| &parsed.statements)
                .map(|one| one.to_string().len().min(1))
                .sum::<usize>();
        }
        count
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread").join().expect("no panic")
}

/// `open` as often as the bound on tokens allows, and `close` as often.
fn repeated(before: &str, open: &str, middle: &str, close: &str, times: usize) -> String {
    format!("{before}{}{middle}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn chains_as_long_as_the_bound_allows_fit_a_small_stack() {
    let chains = [
        ("SELECT 1", " + 1", 2),
        ("SELECT a", " AND a", 2),
        ("SELECT a", " || a", 2),
        ("SELECT a", "::int", 2),
        ("SELECT a", " IS NULL", 2),
        ("SELECT a", " COLLATE x", 2),
        ("SELECT a", " AT TIME ZONE b", 4),
        ("SELECT a", "[1]", 3),
        ("SELECT a", ".b", 2),
        ("SELECT a", " IN (1)", 4),
        ("SELECT a", " BETWEEN 1 AND 2", 4),
        ("SELECT 1", " UNION SELECT 1", 3),
        ("SELECT 1", " EXCEPT ALL SELECT 1", 4),
        ("SELECT 1 FROM a", " JOIN a ON b", 4),
        ("SELECT 1 FROM a", " NATURAL JOIN a", 3),
        ("SELECT 1 FROM a", ", LATERAL f(1)", 6),
        ("VALUES (1)", ", (1)", 4),
        ("SELECT 1", "; SELECT 1", 3),
        ("SELECT f", "(1) OVER ()", 6),
        ("SELECT x::int", "[]", 2),
    ];
    let texts = chains.map(|(start, link, tokens)| format!("{start}{}", link.repeat((MAX_TOKENS - 8) / tokens)));
    assert!(on_small_stack(texts.to_vec()) >= 1_600 + 16, "most of them can be parsed");
}

#[test]
fn nesting_as_deep_as_the_bound_allows_fits_a_small_stack() {
    let nestings = [
        ("SELECT ", "(", "1", ")"),
        ("SELECT ", "(SELECT ", "1", ")"),
        ("SELECT ", "CASE WHEN ", "a", " THEN 1 END"),
        ("SELECT ", "CASE WHEN a THEN 1 ELSE ", "a", " END"),
        ("SELECT ", "f(", "1", ")"),
        ("SELECT ", "ARRAY[", "1", "]"),
        ("SELECT a", "[a", "", "]"),
        ("SELECT ", "NOT ", "a", ""),
        ("SELECT ", "- ", "1", ""),
        ("SELECT ", "EXISTS (SELECT ", "1", ")"),
        ("SELECT 1 WHERE 1 ", "IN (SELECT 1 WHERE 1 ", "= 1", ")"),
        ("SELECT * FROM ", "(SELECT * FROM ", "a", ") b"),
        ("SELECT * FROM ", "(", "a", ")"),
        ("SELECT * FROM ", "(a JOIN ", "a", " ON b)"),
        ("SELECT * FROM ", "a JOIN ", "a", " ON b"),
        ("", "(", "SELECT 1", ")"),
        ("", "(SELECT 1 UNION ", "SELECT 1", ")"),
        ("", "WITH a AS (", "SELECT 1", ") SELECT 1"),
        ("", "EXPLAIN ", "SELECT 1", ""),
        ("SELECT ", "CAST(", "1", " AS int)"),
        ("SELECT ", "INTERVAL ", "1", ""),
        ("SELECT ", "substring(", "a", " FROM 1)"),
        ("SELECT ", "a = ANY (", "a", ")"),
        ("SELECT 1 GROUP BY ", "GROUPING SETS (", "a", ")"),
        ("SELECT f() OVER (ORDER BY ", "f() OVER (ORDER BY ", "a", ")"),
        ("SELECT ", "a LIKE ", "a", ""),
        ("SELECT 1::", "ARRAY<", "int", ">"),
        ("SELECT * FROM ", "a JOIN a JOIN a JOIN a JOIN (", "a", ")"),
    ];
    let mut texts = Vec::new();
    for (before, open, middle, close) in nestings {
        for times in [MAX_DEPTH / 4, MAX_DEPTH / 2, MAX_DEPTH - 2, MAX_DEPTH, MAX_TOKENS / 8] {
            texts.push(repeated(before, open, middle, close, times));
        }
    }
    on_small_stack(texts);
}

#[test]
fn any_word_in_a_row_fits_a_small_stack() {
    for before in ["", "SELECT ", "SELECT 1 FROM ", "SELECT 1 FROM a "] {
        let words = ALL_KEYWORDS.iter().flat_map(|word| [format!("{word} "), format!("{word} (")]);
        on_small_stack(words.map(|word| repeated(before, &word, "", "", MAX_TOKENS / 3)).collect());
    }
}

#[test]
fn what_exceeds_a_bound_is_listed() {
    let refused =
        |text: String| infer_all(&[&text]).unresolved.into_iter().map(|entry| entry.reason).collect::<String>();
    assert!(refused(format!("SELECT 1{}", " + 1".repeat(MAX_TOKENS))).contains("tokens"));
    assert_eq!(refused(format!("SELECT 1{}", "+1".repeat((MAX_TOKENS - 2) / 2))), "");
    assert!(refused(format!("SELECT '{}'", "x".repeat(MAX_BYTES))).contains("bytes"));
    assert!(refused(repeated("SELECT ", "(", "1", ")", MAX_DEPTH)).contains("recursion limit"));
    assert_eq!(refused(repeated("SELECT ", "(", "1", ")", MAX_DEPTH - 5)), "");
    assert!(refused(format!("SELECT 1 FROM a{}", " CROSS JOIN a".repeat(MAX_JOINS + 1))).contains("joins"));
    let unknown: Vec<String> = (0..500).map(|number| format!("c{number}")).collect();
    assert_eq!(infer_all(&[&format!("SELECT {} FROM orders", unknown.join(", "))]).unresolved.len(), 101);
    let many = vec!["SELECT 1".to_owned(); MAX_QUERIES + 3];
    let inference = infer(&parse(&many), &[], &catalog());
    assert_eq!(inference.unresolved.len(), 1);
    assert_eq!(inference.unresolved[0].query, MAX_QUERIES + 1);
}

/// A few words, again and again.
fn repetitions() -> impl Strategy<Value = String> {
    let marks = ["(", ")", "[", "]", "<", ">", ",", ".", "=", "+", "::", "1", "a", "'x'", "$1", ";"];
    let start = ["", "SELECT ", "SELECT 1 FROM ", "SELECT 1 FROM a ", "SELECT 1::", "SELECT f("];
    let word = prop_oneof![
        prop::sample::select(ALL_KEYWORDS.to_vec()),
        prop::sample::select(marks.to_vec()),
        prop::sample::select(vec![
            "SELECT", "FROM", "JOIN", "ON", "NOT", "CASE", "WHEN", "WITH", "AS", "OVER", "ARRAY"
        ]),
    ];
    let words = prop::collection::vec(word, 1..5).prop_map(|words| words.join(" ") + " ");
    (prop::sample::select(start.to_vec()), words)
        .prop_map(|(start, words)| repeated(start, &words, "", "", MAX_TOKENS / words.split(' ').count()))
}

/// Pieces that often make a query.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "SELECT",
        "*",
        "FROM",
        "orders",
        "o",
        "stock",
        "id",
        "o.id",
        "o.*",
        ",",
        "(",
        ")",
        "WHERE",
        "=",
        "1",
        "$1",
        "'x'",
        "JOIN",
        "ON",
        "USING",
        "NATURAL",
        "LATERAL",
        "WITH",
        "RECURSIVE",
        "x",
        "AS",
        "UNION",
        "ALL",
        "VALUES",
        "GROUP BY",
        "ORDER BY",
        "INSERT INTO",
        "UPDATE",
        "SET",
        "DELETE FROM",
        "RETURNING",
        "MERGE INTO",
        "WHEN MATCHED THEN",
        "::text",
        "[1]",
        ".",
        "count(*)",
        "label(id)",
        "ON CONFLICT",
        "DO UPDATE",
        "FOR UPDATE",
        "EXISTS",
        "IN",
        "NOT",
        "CASE WHEN",
        "THEN",
        "END",
        "generate_series(1, 2)",
        ";",
        "ONLY",
        "excluded.sku",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.join(" "))
}

/// Queries within queries.
fn nested() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "SELECT id FROM orders",
        "SELECT sku, shelf FROM stock",
        "SELECT * FROM orders",
        "SELECT 1",
        "VALUES (1, 2)",
        "DELETE FROM stock RETURNING sku",
        "SELECT o FROM orders o",
        "SELECT nothing FROM nowhere",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(6, 40, 2, |inner| {
        (inner.clone(), inner, 0..7_u8).prop_map(|(a, b, form)| match form {
            0 => format!("SELECT * FROM ({a}) x"),
            1 => format!("WITH x AS ({a}) {b}"),
            2 => format!("WITH RECURSIVE x AS ({a} UNION {b}) SELECT * FROM x"),
            3 => format!("SELECT x.id, ({a}) FROM orders x WHERE EXISTS ({b})"),
            4 => format!("SELECT * FROM ({a}) x JOIN LATERAL ({b}) y ON true"),
            5 => format!("({a}) UNION ALL ({b}) ORDER BY 1"),
            _ => format!("INSERT INTO stock {a}"),
        })
    })
}

proptest! {
    #[test]
    fn any_few_words_in_a_row_fit_a_small_stack(text in repetitions()) {
        on_small_stack(vec![text]);
    }

    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), pieces(), nested()]) {
        let inference = infer_all(&[&text]);
        prop_assert!(inference.document["match"].is_array());
    }

    #[test]
    fn an_unused_with_around_a_query_changes_nothing_of_what_it_needs(text in nested()) {
        let alone = infer_all(&[&format!("SELECT * FROM ({text}) AS q")]);
        let within = infer_all(&[&format!("WITH unused AS (SELECT 1) SELECT * FROM ({text}) AS q")]);
        prop_assert_eq!(alone.document, within.document);
    }

    #[test]
    fn what_is_listed_and_claimed_does_not_depend_on_the_order(first in nested(), second in nested()) {
        let forward = infer_all(&[&first, &second]);
        let backward = infer_all(&[&second, &first]);
        prop_assert_eq!(forward.document, backward.document);
    }
}
