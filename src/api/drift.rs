//! privilege_drift, repair_privileges

use pgrx::prelude::*;

use crate::flow::drift;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// Privileges that are not as claims and ledger have them.
///
/// # Errors
/// 42501 for all but administrators; 55000 in a database that has been restored or copied, before its first DDL.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn privilege_drift() -> TableIterator<
    'static,
    (
        name!(stakeholder, String),
        name!(state, String),
        name!(privilege, String),
        name!(path, String),
        name!(column_name, Option<String>),
        name!(statement, String),
    ),
> {
    let work = || -> Result<_> {
        security::require_admin("privilege_drift")?;
        let _owner = AsOwner::begin()?;
        drift::drift()
    };
    TableIterator::new(
        work()
            .or_raise()
            .into_iter()
            .map(|one| (one.stakeholder, one.state.to_owned(), one.privilege, one.path, one.column, one.statement)),
    )
}

/// Grants what is missing and revokes what is left over; tells what it did.
///
/// # Errors
/// 42501 for all but administrators; 42704, 55000, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn repair_privileges(
    stakeholder: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(stakeholder, String),
        name!(action, String),
        name!(privilege, String),
        name!(path, String),
        name!(column_name, Option<String>),
    ),
> {
    let work = || -> Result<_> {
        security::require_admin("repair_privileges")?;
        let _owner = AsOwner::begin()?;
        drift::repair(stakeholder)
    };
    TableIterator::new(work().or_raise().into_iter().map(|one| {
        let made = one.made;
        (
            one.stakeholder,
            made.action.to_owned(),
            made.privilege.to_owned(),
            made.path.to_string(),
            made.column.as_deref().map(str::to_owned),
        )
    }))
}
