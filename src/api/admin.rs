//! grant_admin, revoke_admin, and what the views ask about the caller

use pgrx::prelude::*;

use super::required;
use crate::flow::admin;
use crate::pg::error::{OrRaise, Result};
use crate::pg::relations;
use crate::pg::security::{self, AsOwner};

/// Makes a role an administrator.
///
/// # Errors
/// 42501 for all but superusers, and for a role that cannot be one; 22004, 42704.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn grant_admin(role: Option<&str>) {
    let work = || -> Result<()> {
        security::require_superuser("grant_admin")?;
        let role = required(role, "role")?;
        let _owner = AsOwner::begin()?;
        admin::grant(role)
    };
    work().or_raise();
}

/// Takes that back.
///
/// # Errors
/// 42501 for all but superusers; 22004; 42704 for a role that is not one.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn revoke_admin(role: Option<&str>) {
    let work = || -> Result<()> {
        security::require_superuser("revoke_admin")?;
        let role = required(role, "role")?;
        let _owner = AsOwner::begin()?;
        admin::revoke(role)
    };
    work().or_raise();
}

/// Whether the current role is an administrator.
#[pg_extern(stable, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn is_admin() -> bool {
    security::is_admin(security::current_user()).or_raise()
}

/// Whether the current role has the privileges of a relation's owner.
#[pg_extern(stable, strict, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn owns(schema_name: &str, relation_name: &str) -> bool {
    let owner = relations::owner_of_named(schema_name, relation_name);
    owner.is_some_and(|owner| security::has_privileges_of(security::current_user(), owner))
}
