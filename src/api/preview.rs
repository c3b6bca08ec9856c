//! preview_migration, preview_migration_json, assert_preview, export_catalog
//!
//! They resolve the names of a script under the caller's search path, which is why they do not set one: they read it
//! first, and all else is done as the owner under the owner's.

use integratedb_claim::simulate::report;
use integratedb_claim::simulate::row::Row;
use pgrx::JsonB;
use pgrx::prelude::*;

use super::required;
use crate::flow::preview;
use crate::pg::error::{Error, OrRaise, Result};
use crate::pg::security::{self, AsOwner};
use crate::pg::world;

fn rows(script: Option<&str>, single_transaction: Option<bool>) -> Result<Vec<Row>> {
    let script = required(script, "script")?;
    let single_transaction = required(single_transaction, "single_transaction")?;
    let search_path = world::search_path();
    let owner = AsOwner::begin()?;
    preview::preview(owner.caller(), search_path, script, single_transaction)
}

/// What a migration script would do to the claims, one row a statement. Executes nothing, and locks no relation.
///
/// # Errors
/// 22004, 42601, 54000.
#[pg_extern(stable)]
#[allow(clippy::type_complexity)]
fn preview_migration(
    script: Option<&str>,
    single_transaction: default!(Option<bool>, "true"),
) -> TableIterator<
    'static,
    (
        name!(number, i32),
        name!(line, i32),
        name!(statement, String),
        name!(object, Option<String>),
        name!(verdict, String),
        name!(stakeholders, Vec<String>),
        name!(claims, Vec<i64>),
        name!(violation, Option<String>),
        name!(detail, Option<String>),
        name!(hint, Option<String>),
        name!(locks, Vec<String>),
        name!(rewrites, Vec<String>),
        name!(in_transaction, bool),
    ),
> {
    let rows = rows(script, single_transaction).or_raise().into_iter().map(|row| {
        let violation = Some(row.violation_lines().join("\n")).filter(|lines| !lines.is_empty());
        let locks = row.locks.iter().map(ToString::to_string).collect();
        (
            row.number as i32,
            row.line as i32,
            row.statement,
            row.object,
            row.verdict.as_str().to_owned(),
            row.stakeholders,
            row.claims,
            violation,
            row.detail,
            row.hint,
            locks,
            row.rewrites,
            row.in_transaction,
        )
    });
    TableIterator::new(rows)
}

/// The same as one JSON value: an array with an object for each statement.
///
/// # Errors
/// As `preview_migration`.
#[pg_extern(stable)]
fn preview_migration_json(script: Option<&str>, single_transaction: default!(Option<bool>, "true")) -> JsonB {
    let work = || -> Result<_> {
        let rows = rows(script, single_transaction)?;
        serde_json::to_value(&rows).map_err(|error| Error::internal(format!("rows cannot be written: {error}")))
    };
    JsonB(work().or_raise())
}

/// The number of statements of a script that breaks nothing; an error with all that it breaks.
///
/// # Errors
/// 2BP01 when it breaks a claim; 0A000 when what a statement does cannot be told, unless that is allowed; as
/// `preview_migration`.
#[pg_extern(stable)]
fn assert_preview(
    script: Option<&str>,
    single_transaction: default!(Option<bool>, "true"),
    allow_unknown: default!(Option<bool>, "false"),
) -> i32 {
    let work = || -> Result<i32> {
        let allow_unknown = required(allow_unknown, "allow_unknown")?;
        let rows = rows(script, single_transaction)?;
        match report::refusal(&rows, allow_unknown) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(rows.len() as i32),
        }
    };
    work().or_raise()
}

/// Catalogs and claims as one value: what `integratedb-preview` reads. Under the caller's search path, which it says.
///
/// # Errors
/// 42501 for all but administrators.
#[pg_extern(stable)]
fn export_catalog() -> JsonB {
    let work = || -> Result<_> {
        security::require_admin("export_catalog")?;
        let search_path = world::search_path();
        let owner = AsOwner::begin()?;
        preview::export(owner.caller(), search_path)
    };
    JsonB(work().or_raise())
}
