//! Command tags.

use std::ffi::CStr;

use pgrx::pg_sys;

/// Command tags that neither change the shape of a relation nor who may read it.
const HARMLESS: &[&str] = &[
    "ALTER AGGREGATE",
    "ALTER COLLATION",
    "ALTER CONVERSION",
    "ALTER DEFAULT PRIVILEGES",
    "ALTER FUNCTION",
    "ALTER LARGE OBJECT",
    "ALTER OPERATOR",
    "ALTER OPERATOR CLASS",
    "ALTER OPERATOR FAMILY",
    "ALTER POLICY",
    "ALTER PROCEDURE",
    "ALTER PUBLICATION",
    "ALTER ROUTINE",
    "ALTER STATISTICS",
    "ALTER SUBSCRIPTION",
    "ALTER TRIGGER",
    "COMMENT",
    "CREATE AGGREGATE",
    "CREATE CAST",
    "CREATE COLLATION",
    "CREATE CONVERSION",
    "CREATE DOMAIN",
    "CREATE FUNCTION",
    "CREATE INDEX",
    "CREATE OPERATOR",
    "CREATE OPERATOR CLASS",
    "CREATE OPERATOR FAMILY",
    "CREATE POLICY",
    "CREATE PROCEDURE",
    "CREATE PUBLICATION",
    "CREATE SEQUENCE",
    "CREATE STATISTICS",
    "CREATE SUBSCRIPTION",
    "CREATE TEXT SEARCH CONFIGURATION",
    "CREATE TEXT SEARCH DICTIONARY",
    "CREATE TEXT SEARCH PARSER",
    "CREATE TEXT SEARCH TEMPLATE",
    "CREATE TRIGGER",
    "CREATE TYPE",
    "REFRESH MATERIALIZED VIEW",
    "REINDEX",
    "SECURITY LABEL",
];

/// Whether the tag needs no look at all.
pub fn is_harmless(tag: &str) -> bool {
    HARMLESS.contains(&tag)
}

/// Whether the tag is of a function, on which views can rest: of no interest but to a session that has temporary objects.
pub fn is_function(tag: &str) -> bool {
    matches!(tag, "CREATE FUNCTION" | "CREATE PROCEDURE")
}

/// The name of a command tag.
pub fn name(tag: pg_sys::CommandTag::Type) -> &'static str {
    // SAFETY: a constant of the server.
    unsafe { CStr::from_ptr(pg_sys::GetCommandTagName(tag)) }.to_str().unwrap_or("DDL")
}
