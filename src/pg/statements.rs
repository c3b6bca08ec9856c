//! The queries that pg_stat_statements has seen.

use pgrx::pg_sys;

use super::error::{Error, Result};
use super::spi::{self, bind};

/// The texts of the queries that a role has run in this database. Called as the caller, a superuser: the function belongs
/// to an extension that only a superuser can install, and is found by its membership, not by its name.
///
/// # Errors
/// 0A000 without the extension pg_stat_statements; the server's ERROR when its library is not loaded.
pub fn of_role(role: pg_sys::Oid) -> Result<Vec<String>> {
    let found: Vec<String> = spi::query(
        "SELECT p.oid::pg_catalog.regprocedure::text
         FROM pg_catalog.pg_extension e
         JOIN pg_catalog.pg_depend d
           ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.deptype = 'e'
          AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
         JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND p.proname = 'pg_stat_statements'
         WHERE e.extname = 'pg_stat_statements'",
        &[],
        |row| row.need(1),
    )?;
    let Some(function) = found.first().and_then(|signature| signature.split_once('(')).map(|(name, _)| name) else {
        return Err(Error::no_statistics());
    };
    // Quoted by the server's own regprocedure, which qualifies it too under our search path.
    let sql = format!(
        "SELECT DISTINCT query FROM {function}(true)
         WHERE userid = $1 AND query IS NOT NULL
           AND dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
         ORDER BY query LIMIT $2"
    );
    spi::query_once(&sql, &[bind(role), bind(integratedb_claim::infer::MAX_QUERIES as i64)], |row| {
        row.need::<String>(1)
    })
}
