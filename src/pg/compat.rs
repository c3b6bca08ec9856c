//! The function names of the original IntegrateDB.

use super::catalog;
use super::error::{Error, Result};
use super::schema::quoted;
use super::spi;

/// Name, result and body of each.
const FUNCTIONS: [(&str, &str, &str); 3] = [
    ("integratedb_validate_migration", "integer", "SELECT integratedb.validate_migration()"),
    (
        "integratedb_unmet_claims",
        "TABLE (claim_id bigint, stakeholder text, path text, column_name text, rule text, expected text, actual text, hint text)",
        "SELECT * FROM integratedb.unmet_claims()",
    ),
    ("integratedb_sync", "void", "SELECT integratedb.sync()"),
];

/// Creates them in `schema`. As the caller's own rights decide, they are SECURITY INVOKER; not OR REPLACE, which would
/// leave a function of somebody else's as its owner's.
///
/// # Errors
/// 3F000 for an unknown schema; the server's 42723 when one of them exists.
pub fn install(schema: &str) -> Result<()> {
    if catalog::namespace_oid(schema).is_none() {
        return Err(Error::undefined_schema(schema));
    }
    for (name, result, body) in FUNCTIONS {
        spi::command(&format!(
            "CREATE FUNCTION {}.{name}() RETURNS {result} LANGUAGE sql SET search_path = pg_catalog, pg_temp AS '{body}'",
            quoted(schema)
        ))?;
    }
    Ok(())
}
