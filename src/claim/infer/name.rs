//! Names as PostgreSQL reads them, and the words that are no names.

use sqlparser::ast::{Ident, ObjectName};

use crate::path::MAX_NAME_BYTES;

/// An identifier as the server takes it: in lower case unless it is quoted (ASCII only, as in a UTF8 database), cut to
/// what a name can hold.
pub(super) fn folded(ident: &Ident) -> String {
    let mut name = if ident.quote_style.is_none() { ident.value.to_ascii_lowercase() } else { ident.value.clone() };
    if name.len() > MAX_NAME_BYTES {
        let end = (0..=MAX_NAME_BYTES).rev().find(|&at| name.is_char_boundary(at)).unwrap_or(0);
        name.truncate(end);
    }
    name
}

/// The parts of a qualified name. None if a part is no identifier.
pub(super) fn parts(name: &ObjectName) -> Option<Vec<String>> {
    name.0.iter().map(|part| part.as_ident().map(folded)).collect()
}

/// Schema and name of a relation or function; None if there are more parts, or odd ones.
pub(super) fn qualified(name: &ObjectName) -> Option<(Option<String>, String)> {
    let mut parts = parts(name)?;
    let last = parts.pop()?;
    match parts.len() {
        0 => Some((None, last)),
        1 => Some((parts.pop(), last)),
        _ => None,
    }
}

/// Schema and name in a string that the server casts to `regclass`: `public.orders_id_seq`, `"Odd"`.
pub(super) fn qualified_text(text: &str) -> Option<(Option<String>, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (inside, after) = quoted.split_once('"')?;
                (Ident::with_quote('"', inside), after)
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (Ident::new(&rest[..end]), &rest[end..])
            }
        };
        // A doubled quote, white space and the like: seldom enough to be left to the reader.
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        if part.value.is_empty() || (part.quote_style.is_none() && !part.value.chars().all(plain)) {
            return None;
        }
        parts.push(folded(&part));
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None if after.is_empty() => break,
            None => return None,
        }
    }
    let name = parts.pop()?;
    (parts.len() <= 1).then(|| (parts.pop(), name))
}

/// A name of several parts as the query has it, for people.
pub(super) fn display(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("{schema}.{name}"),
        None => name.to_owned(),
    }
}

/// Unquoted, these are values and never columns; `default` stands where a value is left to the table.
const VALUES: [&str; 13] = [
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "localtime",
    "localtimestamp",
    "session_user",
    "system_user",
    "user",
];

/// Whether an identifier is a value that the grammar knows.
pub(super) fn is_value(ident: &Ident) -> bool {
    ident.quote_style.is_none() && VALUES.contains(&ident.value.to_ascii_lowercase().as_str())
}

/// What looks like a call and is grammar: it is never looked up, or always in `pg_catalog`.
const GRAMMAR: [&str; 13] = [
    "all",
    "any",
    "array",
    "coalesce",
    "collation",
    "exists",
    "greatest",
    "grouping",
    "least",
    "normalize",
    "nullif",
    "row",
    "some",
];

/// Whether the name of a call is grammar.
pub(super) fn is_grammar(name: &ObjectName) -> bool {
    let [part] = name.0.as_slice() else { return false };
    part.as_ident().is_some_and(|ident| {
        is_value(ident) || ident.quote_style.is_none() && GRAMMAR.contains(&ident.value.to_ascii_lowercase().as_str())
    })
}

/// Columns that every table has and no list of columns shows.
const SYSTEM_COLUMNS: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

/// Whether this is the name of a system column.
pub(super) fn is_system_column(name: &str) -> bool {
    SYSTEM_COLUMNS.contains(&name)
}

/// The types of `pg_catalog` for which the parser has no word of its own.
const TYPES: [&str; 66] = [
    "aclitem",
    "anyarray",
    "anyelement",
    "bit",
    "bool",
    "box",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "float4",
    "float8",
    "inet",
    "int2",
    "int2vector",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "record",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "text",
    "tid",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "uuid",
    "xml",
];

/// Types of `pg_catalog` whose names no table of ours is likely to have, and those with a name that is also a keyword.
const MORE_TYPES: [&str; 8] =
    ["time", "timestamp", "timestamptz", "timetz", "tsmultirange", "varbit", "varchar", "xid"];

/// Whether a type of this name, without a schema, is one of `pg_catalog`.
pub(super) fn is_builtin_type(name: &str) -> bool {
    TYPES.contains(&name) || MORE_TYPES.contains(&name) || name == "xid8"
}

/// The operators of `pg_catalog` that the parser reads as unknown ones.
const OPERATORS: [&str; 30] = [
    "!!", "*<", "*<=", "*<>", "*=", "*>", "*>=", "-|-", "<->", "<^", "<<=", ">>=", ">^", "?#", "?-", "?-|", "?|",
    "?||", "@", "@-@", "@?", "@@@", "^@", "|>>", "~<=~", "~<~", "~=", "~>=~", "~>~", "&&",
];

/// Whether `pg_catalog` has an operator of this name.
pub(super) fn is_builtin_operator(name: &str) -> bool {
    OPERATORS.contains(&name)
}
