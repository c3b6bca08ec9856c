//! rehearse_migration and its two other forms

use integratedb_claim::simulate::report;
use integratedb_claim::simulate::row::{Row, Verdict};
use pgrx::datum::{Interval, JsonB};
use pgrx::prelude::*;

use super::required;
use crate::flow::rehearse::{Limits, rehearse};
use crate::pg::error::{Error, OrRaise, Result};

/// Runs a migration script, says of each statement what it does to claims, and undoes it all.
///
/// The script runs as the caller, under the caller's search path: so this function pins none, and what is read for the
/// report is read as the owner, under the owner's path.
///
/// # Errors
/// 22004, 22023, 42601, 54000; 25006 on a standby; 55000 within a rehearsal; 57014 when the caller cancels it.
#[pg_extern]
#[allow(clippy::type_complexity)]
fn rehearse_migration(
    script: Option<&str>,
    lock_timeout: default!(Option<Interval>, "'2s'"),
    statement_timeout: default!(Option<Interval>, "'30s'"),
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
        name!(milliseconds, Option<f64>),
    ),
> {
    let rows = rows(script, lock_timeout, statement_timeout).or_raise().into_iter().map(|row| {
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
            row.milliseconds,
        )
    });
    TableIterator::new(rows)
}

/// The same as one value.
///
/// # Errors
/// As [`rehearse_migration`].
#[pg_extern]
fn rehearse_migration_json(
    script: Option<&str>,
    lock_timeout: default!(Option<Interval>, "'2s'"),
    statement_timeout: default!(Option<Interval>, "'30s'"),
) -> JsonB {
    let work = || -> Result<_> {
        let rows = rows(script, lock_timeout, statement_timeout)?;
        serde_json::to_value(rows).map_err(|error| Error::internal(error.to_string()))
    };
    JsonB(work().or_raise())
}

/// The number of statements of a script that breaks no claim and of which none fails.
///
/// # Errors
/// 2BP01 with all that it breaks; 42000 when a statement fails; 0A000 when one was not run, unless that is allowed; and as
/// [`rehearse_migration`].
#[pg_extern]
fn assert_rehearsal(
    script: Option<&str>,
    lock_timeout: default!(Option<Interval>, "'2s'"),
    statement_timeout: default!(Option<Interval>, "'30s'"),
    allow_unknown: default!(Option<bool>, "false"),
) -> i32 {
    let work = || -> Result<i32> {
        let allow_unknown = required(allow_unknown, "allow_unknown")?;
        let rows = rows(script, lock_timeout, statement_timeout)?;
        let Some(mut refusal) = report::refusal(&rows, allow_unknown) else { return Ok(rows.len() as i32) };
        let fails = rows.iter().any(|row| row.verdict == Verdict::Fails);
        if fails && rows.iter().all(|row| row.violations.is_empty()) {
            refusal.sqlstate = "42000";
            let hint = refusal.hint.filter(|hint| !hint.is_empty());
            refusal.hint = hint.or_else(|| Some("Mend that statement, and rehearse the script again.".to_owned()));
        }
        Err(refusal.into())
    };
    work().or_raise()
}

fn rows(script: Option<&str>, lock_timeout: Option<Interval>, statement_timeout: Option<Interval>) -> Result<Vec<Row>> {
    rehearse(required(script, "script")?, limits(lock_timeout, statement_timeout)?)
}

fn limits(lock_timeout: Option<Interval>, statement_timeout: Option<Interval>) -> Result<Limits> {
    Ok(Limits {
        lock: milliseconds(required(lock_timeout, "lock_timeout")?, "lock_timeout")?,
        statement: milliseconds(required(statement_timeout, "statement_timeout")?, "statement_timeout")?,
    })
}

/// 0 is no limit, as in the settings of these names.
fn milliseconds(interval: Interval, name: &str) -> Result<i32> {
    let microseconds = interval.as_micros();
    // What is shorter than a millisecond must not become no limit.
    let rounded_up = (microseconds + 999).div_euclid(1000);
    i32::try_from(rounded_up).ok().filter(|_| microseconds >= 0).ok_or_else(|| {
        Error::invalid_argument(
            format!("{name} must be between 0 and 24 days"),
            format!("Found {} seconds.", microseconds / 1_000_000),
            "Pass an interval such as '2s', or 0 for no limit.",
        )
    })
}
