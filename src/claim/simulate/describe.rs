//! What a statement is called: its command tag and its object, as people say them.
//!
//! Read from its tokens alone, so that a statement that is too large for the parser, or that it does not understand, has a
//! name too. The tags are the server's (`cmdtaglist.h`). Of the text nothing is shown but names of objects: the rest may
//! hold a secret.

use super::scan::Kind;

mod words;
use words::Words;

/// Of the objects of one statement, so many are named.
const SHOWN_OBJECTS: usize = 3;

/// What the server calls a command that it does not know.
const NO_TAG: &str = "???";

/// What CREATE, ALTER, DROP and COMMENT are about; of those that begin alike, the longer ones first.
const KINDS: [&str; 44] = [
    "ACCESS METHOD",
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "COLUMN",
    "CONSTRAINT",
    "CONVERSION",
    "DATABASE",
    "DEFAULT PRIVILEGES",
    "DOMAIN",
    "EVENT TRIGGER",
    "EXTENSION",
    "FOREIGN DATA WRAPPER",
    "FOREIGN TABLE",
    "FUNCTION",
    "INDEX",
    "LANGUAGE",
    "LARGE OBJECT",
    "MATERIALIZED VIEW",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "OPERATOR",
    "POLICY",
    "PROCEDURE",
    "PUBLICATION",
    "ROLE",
    "ROUTINE",
    "RULE",
    "SCHEMA",
    "SEQUENCE",
    "SERVER",
    "STATISTICS",
    "SUBSCRIPTION",
    "SYSTEM",
    "TABLESPACE",
    "TABLE",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "TRANSFORM",
    "TRIGGER",
    "TYPE",
    "VIEW",
];

/// What may stand between CREATE and the kind.
const MODIFIERS: [&str; 11] = [
    "CONSTRAINT",
    "DEFAULT",
    "GLOBAL",
    "LOCAL",
    "PROCEDURAL",
    "RECURSIVE",
    "TEMP",
    "TEMPORARY",
    "TRUSTED",
    "UNIQUE",
    "UNLOGGED",
];

type Described = (String, Option<String>);

/// Command tag and object of a statement: `ALTER TABLE`, `public.orders`.
///
/// Names are as written, folded, and in quotes only where they need them. No object is named where there is none, or none
/// that is short: of a SELECT, a DO.
pub fn describe(text: &str) -> (String, Option<String>) {
    let mut words = Words::new(text);
    while words.take_kind(Kind::Open) {}
    let verb = words.next_word();
    let words = &mut words;
    match verb.as_str() {
        "CREATE" => create(words),
        "ALTER" => alter(words),
        "DROP" => drop(words),
        "COMMENT" => about("COMMENT", words),
        "SECURITY" => about("SECURITY LABEL", words),
        "GRANT" | "REVOKE" => privileges(&verb, words),
        "WITH" => with(words),
        "SELECT" => select(words),
        "VALUES" | "TABLE" => named("SELECT", None),
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" => write(&verb, words),
        "TRUNCATE" | "LOCK" => {
            words.take("TABLE");
            named(&format!("{verb} TABLE"), words.names())
        }
        "SET" => set(words),
        "RESET" | "SHOW" => named(&verb, setting(words)),
        "BEGIN" | "START" => named(if verb == "BEGIN" { "BEGIN" } else { "START TRANSACTION" }, None),
        "COMMIT" | "END" | "ROLLBACK" | "ABORT" => end_of_transaction(&verb, words),
        "SAVEPOINT" => named("SAVEPOINT", words.name()),
        "RELEASE" => {
            if words.follows(1, Kind::Word) {
                words.take("SAVEPOINT");
            }
            named("RELEASE", words.name())
        }
        "PREPARE" if words.is("TRANSACTION") => named("PREPARE TRANSACTION", None),
        "PREPARE" | "EXECUTE" | "CALL" | "LISTEN" | "NOTIFY" | "UNLISTEN" => named(&verb, words.name()),
        "DEALLOCATE" | "DISCARD" | "CLOSE" => session(&verb, words),
        "DECLARE" => named("DECLARE CURSOR", words.name()),
        "REFRESH" => {
            words.take_all("MATERIALIZED VIEW");
            words.take("CONCURRENTLY");
            named("REFRESH MATERIALIZED VIEW", words.name())
        }
        "REINDEX" | "VACUUM" | "ANALYZE" | "ANALYSE" | "CLUSTER" => maintenance(&verb, words),
        "COPY" => named("COPY", words.name()),
        "IMPORT" => {
            words.take_all("FOREIGN SCHEMA");
            named("IMPORT FOREIGN SCHEMA", words.name())
        }
        "REASSIGN" => owned("REASSIGN OWNED", words),
        "CHECKPOINT" | "DO" | "EXPLAIN" | "FETCH" | "LOAD" | "MOVE" => named(&verb, None),
        _ => named(NO_TAG, None),
    }
}

fn named(tag: &str, object: Option<String>) -> Described {
    (tag.to_owned(), object)
}

/// The kind of an object that comes next.
fn kind(words: &mut Words) -> Option<&'static str> {
    // CREATE USER and CREATE USER MAPPING are quite different.
    if words.take_all("USER MAPPING") {
        return Some("USER MAPPING");
    }
    if words.take("USER") || words.take("GROUP") {
        return Some("ROLE");
    }
    KINDS.into_iter().find(|kind| words.take_all(kind))
}

fn create(words: &mut Words) -> Described {
    words.take_all("OR REPLACE");
    while MODIFIERS.iter().any(|modifier| words.take(modifier)) {}
    let Some(kind) = kind(words) else { return named("CREATE", None) };
    let tag = format!("CREATE {kind}");
    words.take("CONCURRENTLY");
    words.take_all("IF NOT EXISTS");
    match kind {
        "TABLE" => {
            let name = words.name();
            let is_query = words.seek(&["AS"]).is_some();
            named(if is_query { "CREATE TABLE AS" } else { "CREATE TABLE" }, name)
        }
        "INDEX" => {
            let name = if words.is("ON") { None } else { words.name() };
            let table = || words.take("ON").then(|| words.name()).flatten().map(|table| format!("on {table}"));
            named(&tag, name.or_else(table))
        }
        // CREATE SCHEMA AUTHORIZATION names it after the role.
        "SCHEMA" => {
            words.take("AUTHORIZATION");
            named(&tag, words.name())
        }
        "STATISTICS" if words.is("ON") => named(&tag, None),
        "RULE" => {
            let name = words.name();
            let table = words.seek(&["TO"]).and_then(|_| words.name());
            named(&tag, name.map(|name| on_table(name, table)))
        }
        _ => named(&tag, object(kind, words)),
    }
}

fn alter(words: &mut Words) -> Described {
    words.take("PROCEDURAL");
    let Some(kind) = kind(words) else { return named("ALTER", None) };
    let tag = format!("ALTER {kind}");
    words.take_all("IF EXISTS");
    match kind {
        "DEFAULT PRIVILEGES" => named(&tag, None),
        "SYSTEM" => {
            let _ = words.take("SET") || words.take("RESET");
            named(&tag, setting(words))
        }
        "TABLE" | "INDEX" | "MATERIALIZED VIEW" if words.take_all("ALL IN TABLESPACE") => {
            named(&tag, words.name().map(|name| format!("all in tablespace {name}")))
        }
        _ => named(&tag, object(kind, words)),
    }
}

fn drop(words: &mut Words) -> Described {
    if words.is("OWNED") {
        return owned("DROP OWNED", words);
    }
    words.take("PROCEDURAL");
    let Some(kind) = kind(words) else { return named("DROP", None) };
    let tag = format!("DROP {kind}");
    words.take("CONCURRENTLY");
    words.take_all("IF EXISTS");
    named(&tag, if has_table(kind) || is_odd(kind) { object(kind, words) } else { words.names() })
}

fn owned(tag: &str, words: &mut Words) -> Described {
    words.take_all("OWNED BY");
    named(tag, words.names())
}

/// COMMENT ON and SECURITY LABEL ON: the kind belongs to the object.
fn about(tag: &str, words: &mut Words) -> Described {
    if words.seek(&["ON"]).is_none() {
        return named(tag, None);
    }
    named(tag, kind(words).and_then(|kind| Some(of_kind(kind, object(kind, words)?))))
}

fn of_kind(kind: &str, object: String) -> String {
    if kind == "TABLE" { object } else { format!("{} {object}", kind.to_ascii_lowercase()) }
}

/// Kinds whose names are names within a table.
fn has_table(kind: &str) -> bool {
    matches!(kind, "TRIGGER" | "POLICY" | "RULE" | "CONSTRAINT")
}

/// Kinds whose objects have no names of the usual form.
fn is_odd(kind: &str) -> bool {
    matches!(kind, "CAST" | "TRANSFORM" | "OPERATOR" | "USER MAPPING" | "LARGE OBJECT")
}

fn object(kind: &str, words: &mut Words) -> Option<String> {
    match kind {
        "CAST" => words.parenthesis(),
        "OPERATOR" => words.operator(),
        "TRANSFORM" | "USER MAPPING" => {
            words.take("FOR");
            let of = words.name()?;
            let (word, said) = if kind == "TRANSFORM" { ("LANGUAGE", "language") } else { ("SERVER", "server") };
            words.seek(&[word])?;
            Some(format!("for {of} {said} {}", words.name()?))
        }
        "LARGE OBJECT" => words.number(),
        _ => {
            let name = words.name()?;
            if !has_table(kind) {
                return Some(name);
            }
            let table = words.seek(&["ON"]).and_then(|_| {
                words.take("DOMAIN");
                words.name()
            });
            Some(on_table(name, table))
        }
    }
}

fn on_table(name: String, table: Option<String>) -> String {
    match table {
        Some(table) => format!("{name} on {table}"),
        None => name,
    }
}

fn privileges(verb: &str, words: &mut Words) -> Described {
    let _ = words.take_all("GRANT OPTION FOR") || words.take_all("ADMIN OPTION FOR");
    let mut roles = words.clone();
    if words.seek(&["ON", "TO", "FROM"]).as_deref() != Some("ON") {
        return named(&format!("{verb} ROLE"), roles.names());
    }
    const ALL: [&str; 5] = ["TABLES", "SEQUENCES", "FUNCTIONS", "PROCEDURES", "ROUTINES"];
    if words.take("ALL") {
        let what = ALL.iter().find(|what| words.take(what)).map_or(String::new(), |what| what.to_ascii_lowercase());
        words.take_all("IN SCHEMA");
        return named(verb, words.names().map(|schemas| format!("all {what} in schema {schemas}")));
    }
    const OF: [&str; 4] = ["FOREIGN SERVER", "PARAMETER", "LARGE OBJECT", "FOREIGN DATA WRAPPER"];
    let kind = OF.into_iter().find(|kind| words.take_all(kind)).or_else(|| kind(words)).unwrap_or("TABLE");
    let objects = if kind == "LARGE OBJECT" { words.number() } else { words.names() };
    named(verb, objects.map(|objects| of_kind(kind, objects)))
}

/// The command after the queries in WITH.
fn with(words: &mut Words) -> Described {
    match words.seek(&["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE"]).as_deref() {
        Some(verb @ ("INSERT" | "UPDATE" | "DELETE" | "MERGE")) => write(verb, words),
        Some("SELECT") => select(words),
        _ => named("SELECT", None),
    }
}

fn select(words: &mut Words) -> Described {
    if words.seek(&["INTO", "FROM", "WHERE", "UNION", "EXCEPT", "INTERSECT", "ORDER"]).as_deref() != Some("INTO") {
        return named("SELECT", None);
    }
    while ["TEMPORARY", "TEMP", "UNLOGGED", "TABLE", "LOCAL", "GLOBAL"].iter().any(|word| words.take(word)) {}
    named("SELECT INTO", words.name())
}

fn write(verb: &str, words: &mut Words) -> Described {
    let _ = words.take("INTO") || words.take("FROM");
    named(verb, words.name())
}

fn set(words: &mut Words) -> Described {
    if words.take("CONSTRAINTS") {
        return named("SET CONSTRAINTS", words.names());
    }
    if !words.is("SESSION") || !words.is_second("AUTHORIZATION") {
        let _ = words.take("SESSION") || words.take("LOCAL");
    }
    named("SET", setting(words))
}

/// The name of a setting; some are written in two words.
fn setting(words: &mut Words) -> Option<String> {
    const TWO: [&str; 4] = ["TIME ZONE", "SESSION AUTHORIZATION", "TRANSACTION ISOLATION", "CHARACTERISTICS"];
    match TWO.iter().find(|name| words.take_all(name)) {
        Some(&"CHARACTERISTICS") => Some("session characteristics".to_owned()),
        Some(name) => Some(name.to_ascii_lowercase()),
        None => words.name(),
    }
}

fn end_of_transaction(verb: &str, words: &mut Words) -> Described {
    let tag = if matches!(verb, "COMMIT" | "END") { "COMMIT" } else { "ROLLBACK" };
    if words.is("PREPARED") {
        return named(&format!("{tag} PREPARED"), None);
    }
    let _ = words.take("WORK") || words.take("TRANSACTION");
    if !words.take("TO") {
        return named(tag, None);
    }
    if words.follows(1, Kind::Word) || words.follows(1, Kind::QuotedName) {
        words.take("SAVEPOINT");
    }
    named(tag, words.name().map(|savepoint| format!("to {savepoint}")))
}

fn session(verb: &str, words: &mut Words) -> Described {
    let tag = if verb == "CLOSE" { "CLOSE CURSOR" } else { verb };
    words.take("PREPARE");
    if verb == "DISCARD" {
        let what = ["ALL", "PLANS", "SEQUENCES", "TEMPORARY", "TEMP"].into_iter().find(|what| words.is(what));
        return named(&format!("{tag} {}", what.unwrap_or("ALL").replace("TEMPORARY", "TEMP")), None);
    }
    if words.take("ALL") {
        return named(&format!("{tag} ALL"), None);
    }
    named(tag, words.name())
}

fn maintenance(verb: &str, words: &mut Words) -> Described {
    words.parenthesis();
    if verb == "REINDEX" {
        let kind = kind(words).unwrap_or("TABLE");
        words.take("CONCURRENTLY");
        return named(verb, words.name().map(|name| if kind == "INDEX" { name } else { of_kind(kind, name) }));
    }
    while ["FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"].iter().any(|word| words.take(word)) {}
    named(if verb == "ANALYSE" { "ANALYZE" } else { verb }, words.names())
}

#[cfg(test)]
mod tests;
