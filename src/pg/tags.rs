//! Command tags.

use std::ffi::CStr;

use pgrx::pg_sys;

/// Command tags that change nothing that a claim can rest on.
const HARMLESS: &[&str] = &[
    "ALTER CONVERSION",
    "ALTER DEFAULT PRIVILEGES",
    "ALTER LARGE OBJECT",
    "ALTER OPERATOR",
    "ALTER OPERATOR CLASS",
    "ALTER OPERATOR FAMILY",
    "ALTER POLICY",
    "ALTER PUBLICATION",
    "ALTER STATISTICS",
    "ALTER SUBSCRIPTION",
    "ALTER TRIGGER",
    "COMMENT",
    "CREATE CAST",
    "CREATE COLLATION",
    "CREATE CONVERSION",
    "CREATE OPERATOR",
    "CREATE OPERATOR CLASS",
    "CREATE OPERATOR FAMILY",
    "CREATE POLICY",
    "CREATE PUBLICATION",
    "CREATE STATISTICS",
    "CREATE SUBSCRIPTION",
    "CREATE TEXT SEARCH CONFIGURATION",
    "CREATE TEXT SEARCH DICTIONARY",
    "CREATE TEXT SEARCH PARSER",
    "CREATE TEXT SEARCH TEMPLATE",
    "CREATE TRIGGER",
    "REFRESH MATERIALIZED VIEW",
    "REINDEX",
    "SECURITY LABEL",
];

/// Whether the tag needs no look at all.
pub fn is_harmless(tag: &str) -> bool {
    HARMLESS.contains(&tag)
}

/// Harmless tags that link no object to another one on which a relation can rest.
const LINKLESS: &[&str] = &[
    "ALTER DEFAULT PRIVILEGES",
    "ALTER POLICY",
    "COMMENT",
    "CREATE POLICY",
    "CREATE PUBLICATION",
    "CREATE STATISTICS",
    "CREATE SUBSCRIPTION",
    "CREATE TRIGGER",
    "REFRESH MATERIALIZED VIEW",
    "REINDEX",
    "SECURITY LABEL",
];

/// Whether the tag can make something lasting depend on something temporary: of interest to a session that has any.
pub fn can_link(tag: &str) -> bool {
    !LINKLESS.contains(&tag)
}

/// The name of a command tag.
pub fn name(tag: pg_sys::CommandTag::Type) -> &'static str {
    // SAFETY: a constant of the server.
    unsafe { CStr::from_ptr(pg_sys::GetCommandTagName(tag)) }.to_str().unwrap_or("DDL")
}
