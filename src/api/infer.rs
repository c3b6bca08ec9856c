//! infer_claims, infer_claims_from_statistics, claim_queries

use pgrx::JsonB;
use pgrx::prelude::*;

use super::{made_rows, required};
use crate::flow::infer;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// The smallest claim document under which the queries run, and what could not be resolved.
///
/// # Errors
/// 42501 for all but administrators; 22004, 22023.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn infer_claims(queries: Option<Vec<Option<String>>>, search_path: default!(Option<&str>, "'public'")) -> JsonB {
    let work = || -> Result<_> {
        security::require_admin("infer_claims")?;
        let queries = texts(queries)?;
        let search_path = required(search_path, "search_path")?;
        let _owner = AsOwner::begin()?;
        infer::infer(&queries, search_path, None)
    };
    JsonB(work().or_raise())
}

/// The same for the queries that a role has run, as pg_stat_statements has them.
///
/// # Errors
/// 42501 for all but superusers; 22004, 42704; 0A000 without pg_stat_statements.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn infer_claims_from_statistics(role: Option<&str>) -> JsonB {
    let work = || -> Result<_> {
        security::require_superuser("infer_claims_from_statistics")?;
        let role = required(role, "role")?;
        let _owner = AsOwner::begin()?;
        infer::from_statistics(role)
    };
    JsonB(work().or_raise())
}

/// Claims what the queries need, in place of the stakeholder's document.
///
/// # Errors
/// 42501 for all but administrators; 22004; 22023 with all that could not be resolved; as `claim`.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn claim_queries(
    stakeholder: Option<&str>,
    queries: Option<Vec<Option<String>>>,
) -> TableIterator<
    'static,
    (name!(action, String), name!(privilege, String), name!(path, String), name!(column_name, Option<String>)),
> {
    let work = || -> Result<_> {
        security::require_admin("claim_queries")?;
        let stakeholder = required(stakeholder, "stakeholder")?;
        let queries = texts(queries)?;
        let _owner = AsOwner::begin()?;
        infer::claim(stakeholder, &queries)
    };
    TableIterator::new(made_rows(work().or_raise()))
}

fn texts(queries: Option<Vec<Option<String>>>) -> Result<Vec<String>> {
    required(queries, "queries")?.into_iter().map(|query| required(query, "queries[]")).collect()
}
