//! export_configuration, apply_configuration

use pgrx::JsonB;
use pgrx::prelude::*;

use super::required;
use crate::flow::configuration;
use crate::pg::error::{OrRaise, Result};
use crate::pg::jsonb::JsonDocument;
use crate::pg::security::{self, AsOwner};

/// All stakeholders, their options and claims, and all protections, as one document without secrets.
///
/// # Errors
/// 42501 for all but administrators.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn export_configuration() -> JsonB {
    let work = || -> Result<_> {
        security::require_admin("export_configuration")?;
        let _owner = AsOwner::begin()?;
        configuration::export()
    };
    JsonB(work().or_raise())
}

/// Makes of what is there what the document says, or only tells the differences.
///
/// # Errors
/// 42501 for all but administrators; 22004, 22023, 54000, 55P03; as the functions that make each difference.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn apply_configuration(
    document: Option<JsonDocument>,
    dry_run: default!(Option<bool>, "true"),
    prune: default!(Option<bool>, "false"),
) -> TableIterator<
    'static,
    (name!(action, String), name!(object, String), name!(before, Option<JsonB>), name!(after, Option<JsonB>)),
> {
    let work = || -> Result<_> {
        security::require_admin("apply_configuration")?;
        let document = required(document, "document")?.parse()?;
        let (dry_run, prune) = (required(dry_run, "dry_run")?, required(prune, "prune")?);
        let owner = AsOwner::begin()?;
        configuration::apply(owner.caller(), &document, dry_run, prune)
    };
    let rows = work().or_raise().into_iter();
    TableIterator::new(
        rows.map(|(action, object, before, after)| (action.to_owned(), object, before.map(JsonB), after.map(JsonB))),
    )
}
