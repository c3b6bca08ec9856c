//! exposure

use pgrx::prelude::*;

use crate::flow::exposure;
use crate::flow::reader::require_own;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};
use crate::pg::store;

/// What a stakeholder can reach besides its claims, or any of them can: how, the statement that closes it, and whom else that
/// would touch.
///
/// # Errors
/// 42501 for all but administrators, and the stakeholder about itself; 42704.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn exposure(
    stakeholder: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(stakeholder, Option<String>),
        name!(how, String),
        name!(privilege, String),
        name!(object, String),
        name!(column_name, Option<String>),
        name!(detail, Option<String>),
        name!(statement, String),
        name!(also_touches, Option<String>),
    ),
> {
    let work = || -> Result<_> {
        if stakeholder.is_none() {
            security::require_admin("exposure")?;
        }
        let owner = AsOwner::begin()?;
        if let Some(name) = stakeholder {
            require_own("exposure", owner.caller(), name)?;
            store::document(name)?;
        }
        exposure::exposure(stakeholder)
    };
    TableIterator::new(work().or_raise().into_iter().map(|one| {
        let how = one.how.to_owned();
        (one.stakeholder, how, one.privilege, one.object, one.column, one.detail, one.statement, one.touches)
    }))
}
