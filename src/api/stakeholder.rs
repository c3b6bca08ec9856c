//! create_stakeholder, alter_stakeholder, rename_stakeholder, drop_stakeholder

use pgrx::prelude::*;

use super::required;
use crate::flow::{option, stakeholder};
use crate::pg::error::{OrRaise, Result};
use crate::pg::jsonb::JsonDocument;
use crate::pg::security::{self, AsOwner};

/// Registers an application.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42602, 42710, 22023, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn create_stakeholder(
    name: Option<&str>,
    options: default!(Option<JsonDocument>, "'{}'"),
) -> TableIterator<
    'static,
    (name!(stakeholder, String), name!(username, String), name!(password, String), name!(schema_name, String)),
> {
    let work = || -> Result<_> {
        security::require_admin("create_stakeholder")?;
        let name = required(name, "name")?;
        let options = required(options, "options")?.parse()?;
        let created_by = security::role_name(security::current_user());
        let _owner = AsOwner::begin()?;
        stakeholder::create(name, options, &created_by)
    };
    let created = work().or_raise();
    TableIterator::once((created.name.clone(), created.name.clone(), created.password, created.name))
}

/// Changes options of a stakeholder; null takes one back.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 22023, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn alter_stakeholder(name: Option<&str>, options: Option<JsonDocument>) {
    let work = || -> Result<()> {
        security::require_admin("alter_stakeholder")?;
        let name = required(name, "name")?;
        let options = required(options, "options")?.parse()?;
        let _owner = AsOwner::begin()?;
        option::alter(name, options)
    };
    work().or_raise();
}

/// Renames a stakeholder with its role and schema.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 42602, 42710, 2BP01, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn rename_stakeholder(name: Option<&str>, new_name: Option<&str>) {
    let work = || -> Result<()> {
        security::require_admin("rename_stakeholder")?;
        let (name, new_name) = (required(name, "name")?, required(new_name, "new_name")?);
        let _owner = AsOwner::begin()?;
        stakeholder::rename(name, new_name)
    };
    work().or_raise();
}

/// Drops a stakeholder: all or nothing, unless `keep`.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 2BP01, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn drop_stakeholder(
    name: Option<&str>,
    keep: default!(Option<bool>, "false"),
) -> TableIterator<'static, (name!(action, String), name!(object, String))> {
    let work = || -> Result<_> {
        security::require_admin("drop_stakeholder")?;
        let (name, keep) = (required(name, "name")?, required(keep, "keep")?);
        let _owner = AsOwner::begin()?;
        stakeholder::drop(name, keep)
    };
    let outcomes = work().or_raise();
    TableIterator::new(outcomes.into_iter().map(|outcome| (outcome.action.to_owned(), outcome.object)))
}
