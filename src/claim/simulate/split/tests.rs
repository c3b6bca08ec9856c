//! Where psql ends a statement, construct by construct.

use proptest::prelude::*;

use super::{Content, MAX_BYTES, MAX_PIECES, Piece, SplitError, split};

fn pieces(script: &str) -> Vec<Piece<'_>> {
    split(script, true).expect("a script")
}

fn texts(script: &str) -> Vec<&str> {
    pieces(script).into_iter().map(|piece| piece.text).collect()
}

/// The line of the quote or comment that does not end, and what it is.
fn unterminated(script: &str) -> (&'static str, usize) {
    match split(script, true) {
        Err(SplitError::Unterminated { what, line }) => (what, line),
        other => panic!("{script}: {other:?}"),
    }
}

fn client_side<'a>(piece: &'a Piece<'a>) -> Vec<&'a str> {
    match &piece.content {
        Content::Statement { client_side, .. } => client_side.iter().map(|one| one.text).collect(),
        Content::Command { .. } => panic!("{piece:?}"),
    }
}

fn rows<'a>(piece: &Piece<'a>) -> Option<&'a str> {
    match piece.content {
        Content::Statement { rows, .. } | Content::Command { rows, .. } => rows,
    }
}

#[test]
fn a_semicolon_ends_a_statement_and_the_last_one_needs_none() {
    let found = pieces("SELECT 1;\n\n  SELECT 2 ;SELECT 3\n");
    let places: Vec<_> = found.iter().map(|piece| (piece.text, piece.offset, piece.line)).collect();
    assert_eq!(places, [("SELECT 1", 0, 1), ("SELECT 2", 13, 3), ("SELECT 3", 23, 3)]);
}

#[test]
fn nothing_makes_no_piece() {
    for script in ["", " \n", ";;\n;", "-- only this\n/* and this */;", "\u{feff}", "\r\n;"] {
        assert_eq!(texts(script), [""; 0], "{script:?}");
    }
}

#[test]
fn comments_around_a_statement_are_left_out_and_those_within_are_kept() {
    assert_eq!(texts("-- a; b\nSELECT /* ; */ 1 -- ;\n, 2 -- after\n;"), ["SELECT /* ; */ 1 -- ;\n, 2"]);
    assert_eq!(texts("/* a /* ; */ ; */ SELECT 1;"), ["SELECT 1"]);
    assert_eq!(texts("SELECT 1/*;*/*/*;*/2; SELECT 3"), ["SELECT 1/*;*/*/*;*/2", "SELECT 3"]);
    assert_eq!(texts("SELECT 1 --\r; SELECT 2"), ["SELECT 1", "SELECT 2"], "a carriage return ends a comment");
}

#[test]
fn lines_may_end_with_carriage_return_and_line_feed() {
    let found = pieces("\u{feff}SELECT 1;\r\n\r\nSELECT\r\n2;\r\n\\echo x\r\nSELECT 3");
    let places: Vec<_> = found.iter().map(|piece| (piece.text, piece.offset, piece.line)).collect();
    assert_eq!(places, [("SELECT 1", 3, 1), ("SELECT\r\n2", 16, 3), ("\\echo x", 28, 5), ("SELECT 3", 37, 6)]);
}

#[test]
fn a_semicolon_in_a_string_ends_nothing() {
    for text in [
        "SELECT 'a;''b;'",
        "SELECT 'a;\\'",
        "SELECT E'a;\\';'",
        "SELECT e'\\\\'",
        "SELECT U&'a;\\0061'",
        "SELECT B'0;'",
        "SELECT x'f;'",
        "SELECT N'a;'",
        "SELECT \"a;\"\"b;\"",
        "SELECT U&\"a;\"",
        "SELECT 'a'\n';b'",
        "SELECT 'a' -- it's a comment\n  ';b'",
        "SELECT E'a'\n'\\';b'",
        "SELECT E'a'\r\n\r\n'\\';b'",
        "SELECT nice'\\'",
        "SELECT 1E'\\';'",
    ] {
        let script = format!("{text}; SELECT 2");
        assert_eq!(texts(&script), [text, "SELECT 2"]);
    }
}

#[test]
fn a_string_is_continued_over_a_new_line_only() {
    assert_eq!(texts("SELECT E'a' '\\'; SELECT ';'"), ["SELECT E'a' '\\'", "SELECT ';'"]);
    assert_eq!(texts("SELECT E'a' /*\n*/ '\\'; SELECT ';'"), ["SELECT E'a' /*\n*/ '\\'", "SELECT ';'"]);
}

#[test]
fn a_backslash_escapes_as_standard_conforming_strings_says() {
    let texts_when_off = |script| -> Vec<String> {
        split(script, false).expect("a script").into_iter().map(|piece| piece.text.to_owned()).collect()
    };
    assert_eq!(texts_when_off("SELECT 'a\\';'; SELECT 2"), ["SELECT 'a\\';'", "SELECT 2"]);
    assert_eq!(texts_when_off("SELECT B'\\'; SELECT 2"), ["SELECT B'\\'", "SELECT 2"]);
    assert_eq!(texts_when_off("SELECT U&'\\'; SELECT 2"), ["SELECT U&'\\'", "SELECT 2"]);
    let dump = "SET standard_conforming_strings = on; SELECT '\\'; RESET standard_conforming_strings; SELECT '\\';'";
    assert_eq!(texts_when_off(dump).len(), 4);
    let found = pieces("SET LOCAL standard_conforming_strings TO 'off'; SELECT '\\';'; RESET ALL; SELECT '\\'");
    let settings: Vec<bool> = found
        .iter()
        .map(|piece| match piece.content {
            Content::Statement { standard_conforming_strings, .. } => standard_conforming_strings,
            Content::Command { .. } => panic!("{piece:?}"),
        })
        .collect();
    assert_eq!(settings, [true, false, false, true]);
}

#[test]
fn dollar_quotes_end_with_their_own_tag() {
    for text in [
        "SELECT $$;$$",
        "SELECT $a$;$$;$b$;$a$",
        "SELECT $a$;$$a$",
        "SELECT $a$;$ab$a$",
        "SELECT $_é1$;$_é1$",
        "SELECT $1, $2$$;$$",
        "SELECT $1$$;$$",
    ] {
        let script = format!("{text}; SELECT 2");
        assert_eq!(texts(&script), [text, "SELECT 2"]);
    }
}

#[test]
fn a_dollar_in_a_name_quotes_nothing() {
    assert_eq!(texts("SELECT a$b$; SELECT a$$; SELECT $b$;$b$"), ["SELECT a$b$", "SELECT a$$", "SELECT $b$;$b$"]);
    assert_eq!(texts("SELECT é$$; SELECT 2"), ["SELECT é$$", "SELECT 2"]);
}

#[test]
fn what_does_not_end_is_named_with_the_line_where_it_begins() {
    assert_eq!(unterminated("SELECT 1;\nSELECT 'a;\n"), ("string", 2));
    assert_eq!(unterminated("SELECT E'\\'"), ("string", 1));
    assert_eq!(unterminated("SELECT 'a'\n'b"), ("string", 1));
    assert_eq!(unterminated("\n\nSELECT \"a"), ("name in double quotes", 3));
    assert_eq!(unterminated("\nDO $x$ $$ $x"), ("string in dollar quotes", 2));
    assert_eq!(unterminated("SELECT 1 /* /* */"), ("comment", 1));
    assert_eq!(unterminated("SELECT :a\n; SELECT '"), ("string", 2));
}

#[test]
fn semicolons_in_parentheses_end_nothing() {
    let rule = "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); SELECT 2;)";
    assert_eq!(texts(&format!("{rule}; SELECT 2")), [rule, "SELECT 2"]);
    assert_eq!(texts("SELECT 1); SELECT 2"), ["SELECT 1)", "SELECT 2"]);
}

#[test]
fn semicolons_in_an_atomic_body_end_nothing() {
    for text in [
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; END",
        "create or replace procedure p() language sql begin atomic insert into t values (1); end",
        "CREATE FUNCTION f() RETURNS int BEGIN /* a */ ATOMIC SELECT 1 AS end; SELECT t.case FROM t; END",
        "CREATE FUNCTION f(a int DEFAULT (CASE WHEN true THEN 1 END)) RETURNS int BEGIN ATOMIC SELECT (CASE a END); END",
        "CREATE FUNCTION begin() RETURNS int RETURN 1",
        "CREATE FUNCTION f() RETURNS int RETURN CASE WHEN true THEN 1 END",
        "CREATE FUNCTION f() RETURNS int AS 'BEGIN ATOMIC' LANGUAGE sql",
        "BEGIN",
        "DO $$ BEGIN END; $$",
    ] {
        let script = format!("{text}; SELECT 2");
        assert_eq!(texts(&script), [text, "SELECT 2"]);
    }
}

#[test]
fn psql_commands_are_pieces() {
    let script = "\\connect shop\nSELECT 1;\n  \\i 'a;b.sql' x\n\\set a 'it''s' \\\\ SELECT 2; \\if true \\echo `;`\n\\endif\n\
                  \\! ls \\ ; \n\\?\n";
    let found: Vec<(&str, &str, usize)> = pieces(script)
        .into_iter()
        .map(|piece| match piece.content {
            Content::Statement { .. } => (piece.text, "", piece.line),
            Content::Command { name, .. } => (piece.text, name, piece.line),
        })
        .collect();
    assert_eq!(
        found,
        [
            ("\\connect shop", "connect", 1),
            ("SELECT 1", "", 2),
            ("\\i 'a;b.sql' x", "i", 3),
            ("\\set a 'it''s'", "set", 4),
            ("SELECT 2", "", 4),
            ("\\if true", "if", 4),
            ("\\echo `;`", "echo", 4),
            ("\\endif", "endif", 5),
            ("\\! ls \\ ;", "!", 6),
            ("\\?", "?", 7),
        ]
    );
}

#[test]
fn commands_that_send_a_statement_end_it() {
    assert_eq!(texts("SELECT 1 \\gexec\nSELECT 2"), ["SELECT 1", "\\gexec", "SELECT 2"]);
    assert_eq!(texts("SELECT 1 \\g | cat \\\\ ;\nSELECT 2;"), ["SELECT 1", "\\g | cat \\\\ ;", "SELECT 2"]);
    assert_eq!(texts("SELECT 1\\; SELECT 2;"), ["SELECT 1", "\\;", "SELECT 2"]);
    assert_eq!(texts("SELECT 1 (\\r\nSELECT 2;"), ["\\r", "SELECT 2"]);
}

#[test]
fn a_command_within_a_statement_is_told() {
    let found = pieces("SELECT 1\n\\if :a\n, 2\n\\endif\n; SELECT a\\:b");
    assert_eq!(found[0].text, "SELECT 1\n\\if :a\n, 2\n\\endif");
    assert_eq!(client_side(&found[0]), ["\\if :a", "\\endif"]);
    assert_eq!(client_side(&found[1]), ["\\:"]);
}

#[test]
fn psql_variables_are_told() {
    let script = "SELECT\n:a, :'b', :\"c\", :{?d}, x::int, f(y := 1), z[1:n], z[:1], ':e', \":f\" /* :g */, j('k':1)";
    let found = pieces(script);
    assert_eq!(client_side(&found[0]), [":a", ":'b'", ":\"c\"", ":{?d}"]);
    let Content::Statement { client_side, .. } = &found[0].content else { panic!() };
    assert_eq!((client_side[1].offset, client_side[1].line), (11, 2));
    let set = pieces("\\set n 1\nSELECT z[1:n]");
    assert_eq!(self::client_side(&set[1]), [":n"]);
    let set = pieces("SELECT 1 AS n \\gset\nSELECT z[1:n]");
    assert_eq!(self::client_side(&set[2]), [":n"]);
}

#[test]
fn rows_of_copy_follow_its_line() {
    let found = pieces("COPY t FROM stdin; -- rows\n1\t';\n\\N\n\\.\nSELECT 1;");
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].text, rows(&found[0])), ("COPY t FROM stdin", Some("1\t';\n\\N\n")));
    assert_eq!((found[1].text, found[1].line), ("SELECT 1", 5));

    let found = pieces("copy s.t (a, b) from /* a */ STDIN with (format csv)\\g\r\n1,2\r\n\\.\r\nSELECT 1");
    assert_eq!(rows(&found[0]), Some("1,2\r\n"));
    assert_eq!(found.iter().map(|piece| piece.text).collect::<Vec<_>>()[1..], ["\\g", "SELECT 1"]);

    let found = pieces("COPY t FROM stdin;\n1\n");
    assert_eq!((found.len(), rows(&found[0])), (1, Some("1\n")), "the end of the script ends the rows");

    let found = pieces("\\copy t from stdin csv\n1\n\\.\n\\copy t from pstdin\nSELECT 1;\n\\copy t (a) from 'stdin'");
    assert_eq!(found.iter().map(rows).collect::<Vec<_>>(), [Some("1\n"), None, None, None]);

    for none in
        ["COPY t TO stdout", "COPY t FROM 'stdin'", "COPY (SELECT 1 FROM stdin) TO stdout", "SELECT 1 FROM stdin"]
    {
        assert_eq!(rows(&pieces(&format!("{none};\nSELECT 1"))[0]), None, "{none}");
    }
    assert_eq!(split("\nCOPY t FROM stdin; SELECT 1;\n\\.\n", true), Err(SplitError::AfterCopy { line: 2 }));
}

#[test]
fn a_script_beyond_a_bound_is_refused() {
    let long = "x".repeat(MAX_BYTES + 1);
    assert_eq!(split(&long, true), Err(SplitError::TooManyBytes { bytes: MAX_BYTES + 1 }));
    assert_eq!(split(&long[1..], true).map(|pieces| pieces.len()), Ok(1));
    assert_eq!(split(&"x;\n".repeat(MAX_PIECES + 1), true), Err(SplitError::TooManyPieces { line: MAX_PIECES + 1 }));
    assert_eq!(split(&"x;\n".repeat(MAX_PIECES), true).map(|pieces| pieces.len()), Ok(MAX_PIECES));
    assert_eq!(split("a\n\0", true), Err(SplitError::Nul { line: 2 }));
}

/// Few characters, so that they often meet.
fn soup() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "'",
        "''",
        "\"",
        "$",
        "$a$",
        "$$",
        "a",
        "E'",
        "e",
        "U&",
        "b'",
        "--",
        "/*",
        "*/",
        "\n",
        "\r\n",
        "\\",
        "\\\\",
        ";",
        "\\;",
        "(",
        ")",
        "[",
        "]",
        ":",
        ":a",
        ":'a'",
        "::",
        "CREATE FUNCTION f()",
        "BEGIN ATOMIC",
        "CASE",
        "END",
        " ",
        "COPY t FROM stdin",
        "\\.",
        "\\copy t from stdin",
        "\\g",
        "\\r",
        "é",
        "1",
        ".",
        "AS",
        "\u{feff}",
    ]);
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn pieces_are_parts_of_the_script_in_their_order(script in prop_oneof![any::<String>(), soup()], conforming: bool) {
        let Ok(pieces) = split(&script, conforming) else { return Ok(()) };
        let mut end = 0;
        for piece in pieces {
            prop_assert!(piece.offset >= end);
            prop_assert_eq!(&script[piece.offset..piece.offset + piece.text.len()], piece.text);
            prop_assert_eq!(piece.line, 1 + script[..piece.offset].matches('\n').count());
            prop_assert!(!piece.text.is_empty());
            end = piece.offset + piece.text.len();
        }
    }

    #[test]
    fn a_statement_by_itself_is_one_piece(script in soup()) {
        for piece in split(&script, true).unwrap_or_default() {
            let alone = matches!(&piece.content, Content::Statement { client_side, standard_conforming_strings: true, .. }
                if client_side.is_empty());
            if alone {
                // After a blank, since at the start of a script a byte order mark is none of its characters.
                let script = format!(" {}", piece.text);
                let again = split(&script, true).expect("it was split before");
                prop_assert_eq!(again.len(), 1);
                prop_assert_eq!(again[0].text, piece.text);
            }
        }
    }
}
