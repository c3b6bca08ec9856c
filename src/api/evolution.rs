//! What the views `evolution` and `deprecations` ask.

use pgrx::prelude::*;

use crate::flow::evolution;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// The stakeholders a claim of whom would be broken by dropping a relation, or one column of it; an empty name is the
/// relation itself.
///
/// # Errors
/// 42501 for all but superusers.
#[pg_extern(stable, strict)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn needed_by(schema_name: &str, relation_name: &str, column_name: &str) -> Vec<String> {
    let work = || -> Result<_> {
        security::require_superuser("needed_by")?;
        let _owner = AsOwner::begin()?;
        evolution::needed_by(schema_name, relation_name, (!column_name.is_empty()).then_some(column_name))
    };
    work().or_raise()
}
