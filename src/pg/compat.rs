//! The function names of the original IntegrateDB.

use super::catalog;
use super::error::{Error, Result};
use super::schema::quoted;
use super::spi::{self, bind};

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
/// 3F000 for an unknown schema, 42501 for one of the system, 42723 when one of them exists.
pub fn install(schema: &str) -> Result<()> {
    if catalog::namespace_oid(schema).is_none() {
        return Err(Error::undefined_schema(schema));
    }
    if schema.starts_with("pg_") || matches!(schema, "integratedb" | "information_schema") {
        return Err(Error::reserved_schema(schema));
    }
    if let Some(found) = existing(schema)? {
        return Err(Error::function_exists(&found));
    }
    for (name, result, body) in FUNCTIONS {
        spi::command(&format!(
            "CREATE FUNCTION {}.{name}() RETURNS {result} LANGUAGE sql SET search_path = pg_catalog, pg_temp AS '{body}'",
            quoted(schema)
        ))?;
    }
    Ok(())
}

/// The first of the functions that is there already.
fn existing(schema: &str) -> Result<Option<String>> {
    let names: Vec<String> = FUNCTIONS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let found = spi::query(
        "SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = $1::name AND p.proname = ANY ($2::name[]) AND p.pronargs = 0 ORDER BY 1",
        &[bind(schema), bind(names)],
        |row| row.need(1),
    )?;
    Ok(found.into_iter().next())
}
