//! What is parsed, what is refused, and that no text overflows the stack, panics, or leaves the bounds. An overflow
//! would kill the process that runs the tests.

use proptest::prelude::*;
use sqlparser::keywords::ALL_KEYWORDS;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode};

use super::{Unread, parse, with_doubled_quotes};
use crate::simulate::bounds::{MAX_LEVELS, MAX_STATEMENT_BYTES, MAX_TOKENS, TooLarge, most_levels};

/// Half of PostgreSQL's `max_stack_depth`.
const STACK: usize = 1024 * 1024;

/// Parses on a small stack and frees what that gives; whether each could be parsed.
fn on_small_stack(texts: Vec<String>) -> Vec<Result<(), Unread>> {
    let work = move || {
        let walked = |statement: ast::Stmt| assert!(statement.syntax().descendants_with_tokens().count() > 0);
        texts.iter().map(|text| parse(text, 0, true).map(walked)).collect()
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread").join().expect("no panic")
}

/// How deep the tree of a text is, parsed without bounds on a large stack.
fn depth(text: &str) -> usize {
    let text = text.to_owned();
    let work = move || {
        let Ok(parse) = std::panic::catch_unwind(|| SourceFile::parse(&text)) else { return 0 };
        let root = parse.syntax_node();
        let mut node = root.clone();
        let (mut depth, mut most) = (0_usize, 0);
        // By hand: `rowan`'s event of entering a node is not for users of `squawk_syntax`.
        loop {
            if let Some(child) = node.first_child() {
                depth += 1;
                most = most.max(depth);
                node = child;
                continue;
            }
            loop {
                if node == root {
                    return most;
                }
                if let Some(sibling) = node.next_sibling() {
                    node = sibling;
                    break;
                }
                node = node.parent().expect("below the root");
                depth -= 1;
            }
        }
    };
    std::thread::Builder::new().stack_size(256 * STACK).spawn(work).expect("a thread").join().expect("no panic")
}

fn syntax_error(text: &str) -> (usize, String) {
    match parse(text, 100, true) {
        Err(Unread::Syntax { offset, message }) => (offset, message),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_statement_is_parsed_and_an_error_is_told_by_its_place_in_the_script() {
    assert!(matches!(parse("ALTER TABLE orders ADD COLUMN note text", 0, true), Ok(ast::Stmt::AlterTable(_))));
    assert_eq!(syntax_error("ALTER TABLE orders ADD COLUMN").0, 129);
    assert_eq!(syntax_error("SELECT 1 FROM").0, 113);
    assert!(!syntax_error("CREATE TABEL t ()").1.is_empty());
    syntax_error("");
    syntax_error("SELECT 1; SELECT 2; SELECT");
    assert_eq!(syntax_error("SELECT 1; SELECT 2").0, 110);
}

#[test]
fn bodies_of_functions_are_not_looked_into() {
    for body in ["$$ SELECT FROM WHERE ( $$", "'SELECT FROM '' ( '", "E'SELECT \\' FROM ( '", "$x$ $$ ( $$ $x$"] {
        let text = format!("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS {body}");
        assert!(parse(&text, 0, true).is_ok(), "{text}: {:?}", parse(&text, 0, true));
        let text = format!("CREATE PROCEDURE f() AS {body} LANGUAGE sql");
        assert!(parse(&text, 0, true).is_ok(), "{text}");
    }
    let deep = format!("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT {}1 $$", "(".repeat(100_000));
    assert_eq!(on_small_stack(vec![deep]), [Ok(())]);
}

#[test]
fn strings_are_read_by_the_rules_of_their_first_part() {
    assert!(parse("SELECT E'a'\n'\\';b'", 0, true).is_ok());
    assert!(parse("SELECT E'a' -- it's\n'\\';b'", 0, true).is_ok());
    assert!(parse("SELECT 'a\\';b'", 0, false).is_ok());
    assert!(parse("SELECT 'a\\'", 0, true).is_ok());
    assert!(parse("SELECT 'a\\';b'", 0, true).is_err());
    assert_eq!(with_doubled_quotes("E'\\'\\\\'\n'\\'\\\\', '\\'", true), "E'\\'\\\\'\n'''\\\\', '\\'");
    assert_eq!(with_doubled_quotes("'\\'é', B'\\', E'\\''", false), "'''é', B'\\', E'\\''");
}

/// How a chain or nesting goes on: what it begins with, what is repeated, what is in the middle and what closes it.
const DEEP: [(&str, &str, &str, &str); 40] = [
    ("SELECT 1", " + 1", "", ""),
    ("SELECT a", " AND a", "", ""),
    ("SELECT a", " OR a", "", ""),
    ("SELECT a", " = a", "", ""),
    ("SELECT a", " @@ a", "", ""),
    ("SELECT a", "::int", "", ""),
    ("SELECT a", ".b", "", ""),
    ("SELECT a", "[1]", "", ""),
    ("SELECT f", "(1)", "", ""),
    ("SELECT a", " IS NOT NULL", "", ""),
    ("SELECT a", " COLLATE b", "", ""),
    ("SELECT a", " AT TIME ZONE b", "", ""),
    ("SELECT a", " BETWEEN 1 AND 2", "", ""),
    ("SELECT 1", " UNION SELECT 1", "", ""),
    ("SELECT 1", " UNION ALL SELECT 1, 2", "", ""),
    ("SELECT 1, 2", " EXCEPT (SELECT 1, 2)", "", ""),
    ("VALUES (1)", " UNION VALUES (1), (2)", "", ""),
    ("SELECT 1 FROM a", " JOIN a ON b", "", ""),
    ("SELECT 1 FROM a", " NATURAL JOIN a", "", ""),
    ("SELECT * FROM ", "a JOIN ", "a", " ON b"),
    ("SELECT ", "(", "1", ")"),
    ("SELECT ", "(1, ", "1", ")"),
    ("SELECT ", "f(1, ", "1", ")"),
    ("SELECT ", "f(", "1", ")"),
    ("SELECT ", "NOT ", "a", ""),
    ("SELECT ", "- ", "1", ""),
    ("SELECT ", "@ ", "1", ""),
    ("SELECT ", "CASE WHEN ", "a", " THEN 1 END"),
    ("SELECT ", "CASE WHEN a THEN 1 ELSE ", "a", " END"),
    ("SELECT ", "(SELECT ", "1", ")"),
    ("SELECT * FROM ", "(SELECT * FROM ", "a", ") b"),
    ("SELECT * FROM ", "(", "a", ")"),
    ("", "(", "SELECT 1", ")"),
    ("", "EXPLAIN ", "SELECT 1", ""),
    ("", "PREPARE p AS ", "SELECT 1", ""),
    ("SELECT ", "CAST(", "1", " AS int)"),
    ("SELECT ", "ARRAY[", "1", "]"),
    ("SELECT a", "[a", "", "]"),
    ("CREATE VIEW v AS ", "WITH a AS (", "SELECT 1", ") SELECT 1"),
    ("CREATE TABLE t (a int CHECK (", "(", "1", ")))"),
];

fn repeated((before, open, middle, close): (&str, &str, &str, &str), times: usize) -> String {
    format!("{before}{}{middle}{}", open.repeat(times), close.repeat(times))
}

/// As often repeated as the bounds allow, and no more than `most` times.
fn longest(parts: (&str, &str, &str, &str), most: usize) -> String {
    let (mut fits, mut over) = (0, most + 1);
    while over - fits > 1 {
        let times = fits.midpoint(over);
        if most_levels(&repeated(parts, times), usize::MAX, MAX_LEVELS).1 <= MAX_LEVELS {
            fits = times;
        } else {
            over = times;
        }
    }
    repeated(parts, fits)
}

#[test]
fn what_is_as_deep_as_the_bounds_allow_fits_a_small_stack() {
    let texts: Vec<String> = DEEP.iter().map(|parts| longest(*parts, MAX_LEVELS)).collect();
    let too_large = |result: &Result<(), Unread>| matches!(result, Err(Unread::TooLarge(_)));
    assert!(!on_small_stack(texts.clone()).iter().any(too_large));
    assert!(on_small_stack(texts).iter().filter(|result| result.is_ok()).count() > DEEP.len() * 3 / 4);
}

#[test]
fn a_million_links_are_refused() {
    for parts in DEEP {
        let text = repeated(parts, 100_000);
        assert_eq!(on_small_stack(vec![text]), [Err(Unread::TooLarge(TooLarge::Levels))], "{parts:?}");
    }
    let chain = format!("SELECT 1{}", "+1".repeat(1_000_000));
    assert_eq!(on_small_stack(vec![chain]), [Err(Unread::TooLarge(TooLarge::Levels))]);
}

#[test]
fn what_is_wide_passes() {
    let row = ", (1, 'it''s', -2.5, NULL, now(), a || b, ARRAY[1, 2], (SELECT max(x) FROM t))";
    let columns = (0..1_600).map(|n| format!("c{n} int NOT NULL DEFAULT 1 CHECK (c{n} > 0)")).collect::<Vec<_>>();
    let wide = [
        format!("INSERT INTO t VALUES (1){}", row.repeat(10_000)),
        format!("CREATE TABLE t ({})", columns.join(", ")),
        format!("SELECT {}1", "a, ".repeat(100_000)),
        format!("SELECT 1 WHERE a IN ({}1)", "'b', ".repeat(100_000)),
        format!("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC {} END", "SELECT 1 + 1; ".repeat(10_000)),
        format!("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ {} $$", "x := y + 1; ".repeat(10_000)),
        format!("CREATE VIEW v AS SELECT 1 FROM a{}", " LEFT JOIN s.t x ON x.id = a.id".repeat(100)),
    ];
    for (text, result) in wide.iter().zip(on_small_stack(wide.to_vec())) {
        assert_eq!(result, Ok(()), "{}", &text[..80]);
    }
    let many = format!("SELECT {}1", "1, ".repeat(MAX_TOKENS));
    assert_eq!(on_small_stack(vec![many]), [Err(Unread::TooLarge(TooLarge::Tokens))]);
    let long = format!("SELECT '{}'", "x".repeat(MAX_STATEMENT_BYTES));
    assert_eq!(on_small_stack(vec![long.clone()]), [Err(Unread::TooLarge(TooLarge::Bytes(long.len())))]);
}

/// Where words are put, so that the parser is in the middle of something.
const BEFORE: [&str; 9] = [
    "",
    "SELECT ",
    "SELECT 1 FROM a ",
    "SELECT 1::",
    "CREATE TABLE t (a ",
    "ALTER TABLE t ADD ",
    "CREATE VIEW v AS ",
    "CREATE FUNCTION f() ",
    "CREATE SCHEMA s ",
];

const MARKS: [&str; 26] = [
    "(", ")", "[", "]", "{", "}", "<", ">", ",", ".", "=", "+", "-", "::", ":=", "=>", "1", "a", "'x'", "$1", ";", "*",
    "\"q\"", "@", "..", "E'x'",
];

/// A few words, again and again.
fn repetitions() -> impl Strategy<Value = (&'static str, String)> {
    let word = prop_oneof![
        prop::sample::select(ALL_KEYWORDS.to_vec()),
        prop::sample::select(MARKS.to_vec()),
        prop::sample::select(vec![
            "SELECT", "FROM", "JOIN", "ON", "NOT", "CASE", "WHEN", "WITH", "AS", "OVER", "ARRAY", "CREATE", "TABLE",
            "UNION", "VALUES", "SET", "BEGIN", "ATOMIC", "END", "INSERT", "INTO", "DO",
        ]),
    ];
    let words = prop::collection::vec(word, 1..6).prop_map(|words| words.join(" ") + " ");
    (prop::sample::select(BEFORE.to_vec()), words)
}

proptest! {
    // Each is a statement as large as the bounds allow.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_few_words_in_a_row_fit_a_small_stack((before, words) in repetitions()) {
        on_small_stack(vec![longest((before, &words, "", ""), 4 * MAX_LEVELS)]);
    }
}

proptest! {
    #[test]
    fn no_tree_is_deeper_than_was_estimated((before, words) in repetitions()) {
        let text = repeated((before, &words, "", ""), 300);
        let (_, levels) = most_levels(&text, usize::MAX, usize::MAX);
        let depth = depth(&text);
        prop_assert!(depth <= 3 * levels + 20, "depth {} of {} levels", depth, levels);
    }

    #[test]
    fn no_text_panics(text in any::<String>(), conforming: bool) {
        prop_assert_ne!(parse(&text, 0, conforming).err(), Some(Unread::Failed));
    }
}
