//! Names for "did you mean".

use super::spi::{self, bind};

/// The names of this database.
pub struct Server;

/// Names of relations of a schema that can be claimed; none when they cannot be read: it is only a hint.
pub fn relations(schema: &str) -> Vec<String> {
    spi::query(
        "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1::name AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1 LIMIT 10000",
        &[bind(schema)],
        |row| row.need(1),
    )
    .unwrap_or_default()
}

/// Names of schemas; none when they cannot be read.
pub fn schemas() -> Vec<String> {
    spi::query(
        "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1 LIMIT 10000",
        &[],
        |row| row.need(1),
    )
    .unwrap_or_default()
}
