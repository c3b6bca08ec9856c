//! adopt_stakeholder

use pgrx::prelude::*;

use super::required;
use crate::flow::adopt;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// Registers an application whose role exists.
///
/// # Errors
/// 42501 for all but superusers, and for a role that no stakeholder may have; 22004, 42602, 42704, 42710, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn adopt_stakeholder(
    name: Option<&str>,
) -> TableIterator<'static, (name!(stakeholder, String), name!(username, String), name!(schema_name, String))> {
    let work = || -> Result<_> {
        security::require_superuser("adopt_stakeholder")?;
        let name = required(name, "name")?;
        let adopted_by = security::role_name(security::current_user());
        let _owner = AsOwner::begin()?;
        adopt::adopt(name, &adopted_by)
    };
    let name = work().or_raise();
    TableIterator::once((name.clone(), name.clone(), name))
}
