//! Stakeholders, their documents and their roles.

use pgrx::{JsonB, pg_sys};

use super::{claim_ids, record_created, record_document, record_dropped, remove_claims, rename_history};
use crate::pg::error::{Error, Result};
use crate::pg::spi::{self, bind};

/// All stakeholder names, in order.
///
/// # Errors
/// XX000
pub fn stakeholders() -> Result<Vec<String>> {
    spi::query("SELECT name FROM integratedb.stakeholder ORDER BY name", &[], |row| row.need(1))
}

/// A stakeholder's document as given.
///
/// # Errors
/// 42704 for an unknown stakeholder, with the nearest name.
pub fn document(stakeholder: &str) -> Result<serde_json::Value> {
    let found =
        spi::query("SELECT document FROM integratedb.stakeholder WHERE name = $1", &[bind(stakeholder)], |row| {
            row.need::<JsonB>(1)
        })?;
    match found.into_iter().next() {
        Some(JsonB(document)) => Ok(document),
        None => {
            let names = stakeholders()?;
            let near = integratedb_claim::nearest::nearest(stakeholder, names.iter().map(String::as_str));
            Err(Error::undefined_stakeholder(stakeholder, near))
        }
    }
}

/// Holds a stakeholder's row to the end of the transaction, against others who would change what it has.
///
/// # Errors
/// 42704 for an unknown stakeholder.
pub fn lock_stakeholder(stakeholder: &str) -> Result<()> {
    let found = spi::returning(
        "SELECT 1 FROM integratedb.stakeholder WHERE name = $1 FOR NO KEY UPDATE",
        &[bind(stakeholder)],
        |_| Ok(()),
    )?;
    // Says which stakeholders there are.
    if found.is_empty() { document(stakeholder).map(|_| ()) } else { Ok(()) }
}

/// A stakeholder's options.
///
/// # Errors
/// XX000
pub fn options(stakeholder: &str) -> Result<serde_json::Value> {
    let found =
        spi::query("SELECT options FROM integratedb.stakeholder WHERE name = $1", &[bind(stakeholder)], |row| {
            row.need::<JsonB>(1)
        })?;
    Ok(found.into_iter().next().map(|JsonB(options)| options).unwrap_or_default())
}

/// Replaces a stakeholder's options.
///
/// # Errors
/// XX000
pub fn set_options(stakeholder: &str, options: serde_json::Value) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.stakeholder SET options = $2 WHERE name = $1",
        &[bind(stakeholder), bind(JsonB(options))],
    )
}

/// Replaces a stakeholder's document.
///
/// # Errors
/// XX000
pub fn set_document(stakeholder: &str, document: serde_json::Value) -> Result<()> {
    record_document(stakeholder, &document)?;
    spi::execute(
        "UPDATE integratedb.stakeholder SET document = $2, claimed_at = pg_catalog.now() WHERE name = $1",
        &[bind(stakeholder), bind(JsonB(document))],
    )?;
    Ok(())
}

/// Registers a stakeholder.
///
/// # Errors
/// XX000
pub fn add_stakeholder(name: &str, options: serde_json::Value, created_by: &str) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.stakeholder (name, options, created_by) VALUES ($1, $2, $3)",
        &[bind(name), bind(JsonB(options)), bind(created_by)],
    )?;
    record_created(name)
}

/// Renames a stakeholder in every table of ours.
///
/// # Errors
/// XX000
pub fn rename_stakeholder(name: &str, new_name: &str) -> Result<()> {
    for sql in [
        "UPDATE integratedb.stakeholder SET name = $2 WHERE name = $1",
        "UPDATE integratedb.stakeholder_cache SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.claim SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.waiver SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.claim_authority SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.request SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.credential SET username = $2 WHERE username = $1",
        "UPDATE integratedb.credential SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.granted_privilege SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.granted_privilege_cache SET stakeholder = $2 WHERE stakeholder = $1",
    ] {
        spi::execute(sql, &[bind(name), bind(new_name)])?;
    }
    rename_history(name, new_name)
}

/// Forgets a stakeholder and all that is its.
///
/// # Errors
/// XX000
pub fn remove_stakeholder(name: &str) -> Result<()> {
    let ids = claim_ids(name)?;
    remove_claims(&ids)?;
    record_dropped(name)?;
    for sql in [
        "UPDATE integratedb.waiver SET ended_at = pg_catalog.clock_timestamp() WHERE stakeholder = $1 AND ended_at IS NULL",
        "DELETE FROM integratedb.claim_authority WHERE stakeholder = $1",
        "DELETE FROM integratedb.request WHERE stakeholder = $1 AND status = 'open'",
        "DELETE FROM integratedb.granted_privilege WHERE stakeholder = $1",
        "DELETE FROM integratedb.granted_privilege_cache WHERE stakeholder = $1",
        "DELETE FROM integratedb.stakeholder_cache WHERE stakeholder = $1",
        "DELETE FROM integratedb.credential WHERE username = $1",
        "DELETE FROM integratedb.stakeholder WHERE name = $1",
    ] {
        spi::execute(sql, &[bind(name)])?;
    }
    Ok(())
}

/// The role OID that a stakeholder's role had when it was made or last synced.
///
/// # Errors
/// XX000
pub fn cached_role(stakeholder: &str) -> Result<Option<pg_sys::Oid>> {
    Ok(spi::query(
        "SELECT role_oid FROM integratedb.stakeholder_cache WHERE stakeholder = $1",
        &[bind(stakeholder)],
        |row| row.need(1),
    )?
    .into_iter()
    .next())
}

/// Remembers a stakeholder's role by OID.
///
/// # Errors
/// XX000
pub fn cache_role(stakeholder: &str, role: pg_sys::Oid) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.stakeholder_cache (stakeholder, role_oid) VALUES ($1, $2)
         ON CONFLICT (stakeholder) DO UPDATE SET role_oid = excluded.role_oid",
        &[bind(stakeholder), bind(role)],
    )?;
    Ok(())
}

/// The stakeholders whose roles are among `roles`.
///
/// # Errors
/// XX000
pub fn stakeholders_with_roles(roles: Vec<pg_sys::Oid>) -> Result<Vec<String>> {
    spi::query(
        "SELECT stakeholder FROM integratedb.stakeholder_cache WHERE role_oid = ANY ($1)",
        &[bind(roles)],
        |row| row.need(1),
    )
}
