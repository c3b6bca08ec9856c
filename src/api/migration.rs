//! unmet_claims, validate_migration, install_compat

use integratedb_claim::report::{self, Blamed};
use pgrx::prelude::*;

use super::required;
use crate::flow::survey;
use crate::pg::compat;
use crate::pg::error::{Error, OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// What the catalogs no longer satisfy.
///
/// # Errors
/// 22004, 22023
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn unmet_claims(
    max_results: default!(Option<i32>, "100"),
) -> TableIterator<
    'static,
    (
        name!(claim_id, i64),
        name!(stakeholder, String),
        name!(path, String),
        name!(column_name, Option<String>),
        name!(rule, String),
        name!(expected, String),
        name!(actual, String),
        name!(hint, String),
    ),
> {
    let work = || -> Result<_> {
        let limit = limit(max_results)?;
        let owner = AsOwner::begin()?;
        let mut rows = Vec::new();
        survey::unmet(owner.caller(), |violation| {
            if rows.len() < limit {
                let rule = violation.rule();
                rows.push((
                    violation.claim_id,
                    violation.stakeholder,
                    violation.path,
                    violation.column,
                    rule.code.to_owned(),
                    violation.finding.expected,
                    violation.finding.actual,
                    rule.hint.to_owned(),
                ));
            }
        })?;
        Ok(rows)
    };
    TableIterator::new(work().or_raise())
}

/// 0, or an error that lists every violation, at most `max_results` of them.
///
/// # Errors
/// 2BP01 when a claim is unmet; 22004, 22023.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn validate_migration(max_results: default!(Option<i32>, "100")) -> i32 {
    let work = || -> Result<i32> {
        let limit = limit(max_results)?;
        let owner = AsOwner::begin()?;
        let mut violations = Vec::new();
        let mut total = 0;
        survey::unmet(owner.caller(), |violation| {
            total += 1;
            if violations.len() < limit {
                violations.push(violation);
            }
        })?;
        if total == 0 {
            return Ok(0);
        }
        let blamed: Vec<Blamed> = violations.iter().map(|violation| (violation, None)).collect();
        Err(report::unmet(&blamed, limit, total).into())
    };
    work().or_raise()
}

fn limit(max_results: Option<i32>) -> Result<usize> {
    let max_results = required(max_results, "max_results")?;
    usize::try_from(max_results).ok().filter(|limit| *limit > 0).ok_or_else(|| {
        Error::invalid_argument(
            "max_results must be positive",
            format!("Found {max_results}."),
            "Pass the number of violations to list.",
        )
    })
}

/// The function names of the original, for migrations that were written for it.
///
/// # Errors
/// 42501 for all but superusers; 22004, 3F000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn install_compat(schema: Option<&str>) {
    let work = || -> Result<()> {
        security::require_superuser("install_compat")?;
        let schema = required(schema, "schema")?;
        let _owner = AsOwner::begin()?;
        compat::install(schema)
    };
    work().or_raise();
}
