//! claim_diff, restore_claim

use integratedb_claim::difference::differences;
use pgrx::JsonB;
use pgrx::prelude::*;

use super::{made_rows, required};
use crate::flow::declare;
use crate::flow::reader::require_own;
use crate::pg::error::{Error, OrRaise, Result};
use crate::pg::security::{self, AsOwner};
use crate::pg::store;

/// What differs between two versions of a stakeholder's document.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 22004; 42704 for a version that is not there.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn claim_diff(
    stakeholder: Option<&str>,
    from_version: Option<i32>,
    to_version: Option<i32>,
) -> TableIterator<
    'static,
    (
        name!(action, String),
        name!(path, Option<String>),
        name!(key, Option<String>),
        name!(element, Option<String>),
        name!(before, Option<JsonB>),
        name!(after, Option<JsonB>),
    ),
> {
    let work = || -> Result<_> {
        let stakeholder = required(stakeholder, "stakeholder")?;
        let (from, to) = (required(from_version, "from_version")?, required(to_version, "to_version")?);
        let owner = AsOwner::begin()?;
        require_own("claim_diff", owner.caller(), stakeholder)?;
        // After a drop there is nothing.
        let document = |version| store::version_document(stakeholder, version).map(Option::unwrap_or_default);
        Ok(differences(&document(from)?, &document(to)?))
    };
    let rows = work().or_raise().into_iter();
    TableIterator::new(rows.map(|row| {
        (row.action.to_owned(), row.path, row.key, row.element, row.before.map(JsonB), row.after.map(JsonB))
    }))
}

/// Claims a version's document again.
///
/// # Errors
/// As `claim`; 42704 for a version that is not there, or that is a drop.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn restore_claim(
    stakeholder: Option<&str>,
    version: Option<i32>,
) -> TableIterator<
    'static,
    (name!(action, String), name!(privilege, String), name!(path, String), name!(column_name, Option<String>)),
> {
    let work = || -> Result<_> {
        security::require_admin("restore_claim")?;
        let (stakeholder, version) = (required(stakeholder, "stakeholder")?, required(version, "version")?);
        let _owner = AsOwner::begin()?;
        // First, so that an unknown stakeholder is told as such.
        store::document(stakeholder)?;
        match store::version_document(stakeholder, version)? {
            Some(document) => declare::put(stakeholder, document),
            None => {
                let dropped = "This version is the drop of the stakeholder: it has no document.";
                Err(Error::undefined_version(stakeholder, version, dropped))
            }
        }
    };
    TableIterator::new(made_rows(work().or_raise()))
}
