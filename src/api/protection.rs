//! protect, unprotect

use pgrx::prelude::*;

use super::required;
use crate::flow::protection;
use crate::pg::error::{Error, OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// Protects a relation, or columns of it, from wildcards; lists the claims that take it today.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42602, 42P01, 42703, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn protect(
    path: Option<&str>,
    fields: default!(Option<Vec<Option<String>>>, "NULL"),
    reason: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (name!(stakeholder, String), name!(claim_id, i64), name!(column_name, Option<String>), name!(claimed_by, String)),
> {
    let work = || -> Result<_> {
        security::require_admin("protect")?;
        let path = required(path, "path")?;
        let fields = names(fields)?;
        let owner = AsOwner::begin()?;
        protection::protect(path, fields.as_deref(), reason, owner.caller())
    };
    let rows = work().or_raise().into_iter().map(|caught| {
        let by = if caught.by_wildcard { "wildcard" } else { "name" };
        (caught.stakeholder, caught.claim_id, caught.column, by.to_owned())
    });
    TableIterator::new(rows)
}

/// Takes a protection back.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42602, 42704, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unprotect(path: Option<&str>, fields: default!(Option<Vec<Option<String>>>, "NULL")) {
    let work = || -> Result<()> {
        security::require_admin("unprotect")?;
        let path = required(path, "path")?;
        let fields = names(fields)?;
        let _owner = AsOwner::begin()?;
        protection::unprotect(path, fields)
    };
    work().or_raise();
}

fn names(fields: Option<Vec<Option<String>>>) -> Result<Option<Vec<String>>> {
    if fields.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::invalid_argument(
            "fields is empty",
            "An empty list names no column.",
            "Name the columns, or leave the argument out for the whole relation.",
        ));
    }
    fields.map(|fields| fields.into_iter().map(|field| required(field, "fields[]")).collect()).transpose()
}
