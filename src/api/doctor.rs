//! doctor

use pgrx::prelude::*;

use crate::flow::doctor;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// Whether all is as it should be: one row a check.
///
/// # Errors
/// 42501 for all but administrators.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn doctor() -> TableIterator<
    'static,
    (name!(check_name, String), name!(state, String), name!(finding, Option<String>), name!(statement, Option<String>)),
> {
    let work = || -> Result<_> {
        security::require_admin("doctor")?;
        let _owner = AsOwner::begin()?;
        Ok(doctor::doctor())
    };
    TableIterator::new(
        work()
            .or_raise()
            .into_iter()
            .map(|check| (check.name.to_owned(), check.state.as_str().to_owned(), check.finding, check.statement)),
    )
}
