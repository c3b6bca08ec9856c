//! Waivers.

use std::collections::HashMap;

use integratedb_claim::waiver::Waiver;
use pgrx::datum::TimestampWithTimeZone;

use crate::pg::error::Result;
use crate::pg::relations;
use crate::pg::spi::{self, bind};

/// What a waiver says.
pub struct NewWaiver<'a> {
    /// Whose claims.
    pub stakeholder: &'a str,
    /// On what.
    pub path: &'a str,
    /// Codes of the rules.
    pub rules: Vec<String>,
    /// Why.
    pub reason: &'a str,
    /// Until when.
    pub until: TimestampWithTimeZone,
    /// Who says so.
    pub by: &'a str,
}

/// Records a waiver; tells its number, or nothing if its end is not to come or not in sight.
///
/// # Errors
/// XX000
pub fn add_waiver(new: NewWaiver) -> Result<Option<i64>> {
    let rows = spi::returning(
        "INSERT INTO integratedb.waiver (stakeholder, path, rules, reason, until, waived_by)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE $5 > pg_catalog.clock_timestamp() AND pg_catalog.isfinite($5)
         RETURNING waiver_id",
        &[bind(new.stakeholder), bind(new.path), bind(new.rules), bind(new.reason), bind(new.until), bind(new.by)],
        |row| row.need(1),
    )?;
    Ok(rows.into_iter().next())
}

/// Whose waiver this is, if it has not been taken back.
///
/// # Errors
/// XX000
pub fn waived_for(id: i64) -> Result<Option<String>> {
    let rows = spi::query(
        "SELECT stakeholder FROM integratedb.waiver WHERE waiver_id = $1 AND ended_at IS NULL",
        &[bind(id)],
        |row| row.need(1),
    )?;
    Ok(rows.into_iter().next())
}

/// Takes a waiver back; it stays as a record.
///
/// # Errors
/// XX000
pub fn end_waiver(id: i64) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.waiver SET ended_at = pg_catalog.clock_timestamp() WHERE waiver_id = $1",
        &[bind(id)],
    )
}

/// The waivers in force now, by stakeholder.
///
/// # Errors
/// XX000
pub fn waivers(stakeholders: Vec<String>) -> Result<HashMap<String, Vec<Waiver>>> {
    let mut found: HashMap<String, Vec<Waiver>> = HashMap::new();
    if relations::is_empty(c"waiver")? {
        return Ok(found);
    }
    spi::query(
        "SELECT stakeholder, waiver_id, path, rules FROM integratedb.waiver
         WHERE stakeholder = ANY ($1) AND ended_at IS NULL AND until > pg_catalog.clock_timestamp()
         ORDER BY waiver_id",
        &[bind(stakeholders)],
        |row| {
            let rules: Vec<String> = row.need(4)?;
            let waiver = Waiver { id: row.need(2)?, path: row.need(3)?, rules: rules.into_iter().collect() };
            found.entry(row.need(1)?).or_default().push(waiver);
            Ok(())
        },
    )?;
    Ok(found)
}

/// Whether a stakeholder claims something of this name, or with `None` anything in the schema.
///
/// # Errors
/// XX000
pub fn claims_path(stakeholder: &str, schema: &str, relation: Option<&str>) -> Result<bool> {
    let rows = spi::query(
        "SELECT EXISTS (SELECT FROM integratedb.claim c JOIN integratedb.claimed_relation r USING (claim_id)
                        WHERE c.stakeholder = $1 AND r.schema_name = $2::name
                          AND ($3 IS NULL OR r.relation_name = $3::name))",
        &[bind(stakeholder), bind(schema), bind(relation)],
        |row| row.need(1),
    )?;
    Ok(rows.into_iter().next().unwrap_or(false))
}
