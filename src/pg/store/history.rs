//! The histories: every change of a document, and every migration that changed something.

use std::cell::Cell;

use pgrx::JsonB;
use serde_json::Value;

use crate::pg::error::{Error, Result};
use crate::pg::security;
use crate::pg::settings;
use crate::pg::spi::{self, bind};

thread_local! {
    static FUNCTION: Cell<&'static str> = const { Cell::new("") };
}

/// Remembers which function a superuser has called, for the changes that it makes.
pub fn called(function: &'static str) {
    FUNCTION.set(function);
}

fn caller() -> String {
    security::role_name(security::caller())
}

/// Records that a stakeholder's document is about to become `after`, if that is another one.
///
/// # Errors
/// XX000
pub fn record_document(stakeholder: &str, after: &Value) -> Result<()> {
    // To drop a stakeholder is one change, not the loss of its claims and then its own.
    if FUNCTION.get() == "drop_stakeholder" {
        return Ok(());
    }
    spi::execute(
        "INSERT INTO integratedb.document_change
                (stakeholder, version, session_role, role, client_address, application_name, function, document_before, document_after)
         SELECT s.name, (SELECT COALESCE(pg_catalog.max(version), 0) + 1 FROM integratedb.document_change WHERE stakeholder = $1),
                session_user, $3, pg_catalog.host(pg_catalog.inet_client_addr()),
                pg_catalog.current_setting('application_name'), $4, s.document, $2
         FROM integratedb.stakeholder s WHERE s.name = $1 AND s.document <> $2",
        &[bind(stakeholder), bind(JsonB(after.clone())), bind(caller()), bind(FUNCTION.get())],
    )
}

/// Records a stakeholder that has just been registered.
///
/// # Errors
/// XX000
pub fn record_created(stakeholder: &str) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.document_change
                (stakeholder, version, session_role, role, client_address, application_name, function, document_after)
         SELECT s.name, (SELECT COALESCE(pg_catalog.max(version), 0) + 1 FROM integratedb.document_change WHERE stakeholder = $1),
                session_user, $2, pg_catalog.host(pg_catalog.inet_client_addr()),
                pg_catalog.current_setting('application_name'), $3, s.document
         FROM integratedb.stakeholder s WHERE s.name = $1",
        &[bind(stakeholder), bind(caller()), bind(FUNCTION.get())],
    )
}

/// Records a stakeholder that is about to be dropped; its history stays.
///
/// # Errors
/// XX000
pub fn record_dropped(stakeholder: &str) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.document_change
                (stakeholder, version, session_role, role, client_address, application_name, function, document_before)
         SELECT s.name, COALESCE(l.version, 0) + 1, session_user, $2, pg_catalog.host(pg_catalog.inet_client_addr()),
                pg_catalog.current_setting('application_name'), $3, COALESCE(l.document_after, s.document)
         FROM integratedb.stakeholder s
         LEFT JOIN LATERAL (SELECT version, document_after FROM integratedb.document_change
                            WHERE stakeholder = $1 ORDER BY version DESC LIMIT 1) l ON true
         WHERE s.name = $1",
        &[bind(stakeholder), bind(caller()), bind(FUNCTION.get())],
    )
}

/// Gives a stakeholder's history its new name. Where that name has a history of its own, of one that was dropped, the
/// versions go on after it.
///
/// # Errors
/// XX000
pub fn rename_history(name: &str, new_name: &str) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.document_change
         SET stakeholder = $2,
             version = version + (SELECT COALESCE(pg_catalog.max(version), 0) FROM integratedb.document_change WHERE stakeholder = $2)
         WHERE stakeholder = $1",
        &[bind(name), bind(new_name)],
    )
}

/// The document of a version, as it was after the change; `None` where that was a drop.
///
/// # Errors
/// 42704 for a version that is not there.
pub fn version_document(stakeholder: &str, version: i32) -> Result<Option<Value>> {
    let found = spi::query(
        "SELECT document_after FROM integratedb.document_change WHERE stakeholder = $1 AND version = $2",
        &[bind(stakeholder), bind(version)],
        |row| Ok(row.get::<JsonB>(1).map(|JsonB(document)| document)),
    )?;
    match found.into_iter().next() {
        Some(document) => Ok(document),
        None => Err(Error::undefined_version(stakeholder, version, &known(stakeholder)?)),
    }
}

/// Which versions there are, as a sentence.
fn known(stakeholder: &str) -> Result<String> {
    let versions = spi::query(
        "SELECT pg_catalog.min(version), pg_catalog.max(version) FROM integratedb.document_change WHERE stakeholder = $1",
        &[bind(stakeholder)],
        |row| Ok(row.get::<i32>(1).zip(row.get::<i32>(2))),
    )?;
    Ok(match versions.into_iter().flatten().next() {
        Some((first, last)) => format!("There are versions {first} to {last}."),
        None => "No document of a stakeholder of this name has been kept.".to_owned(),
    })
}

/// Records a migration.
///
/// # Errors
/// XX000
pub fn add_migration(statements: Vec<Value>, effects: Vec<Value>, left_out: usize) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.migration
                (migrated_at, session_role, client_address, application_name, statements, effects, left_out, reason)
         VALUES (pg_catalog.clock_timestamp(), session_user, pg_catalog.host(pg_catalog.inet_client_addr()),
                 pg_catalog.current_setting('application_name'), $1, $2, $3, NULLIF($4, ''))",
        &[
            bind(JsonB(Value::Array(statements))),
            bind(JsonB(Value::Array(effects))),
            bind(i32::try_from(left_out).unwrap_or(i32::MAX)),
            bind(settings::reason()),
        ],
    )
}
