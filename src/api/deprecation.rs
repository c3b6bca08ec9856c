//! deprecate, undeprecate

use pgrx::datum::Date;
use pgrx::prelude::*;

use super::required;
use crate::flow::deprecation;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::AsOwner;
use crate::pg::store::Announcement;

/// Announces that a relation, or columns of it, will go.
///
/// # Errors
/// 42501 for all but owners of the relation and administrators; 22004, 22023, 25006, 42602, 42703, 42809, 42P01, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn deprecate(
    path: Option<&str>,
    fields: default!(Option<Vec<Option<String>>>, "NULL"),
    reason: default!(Option<String>, "NULL"),
    drop_after: default!(Option<Date>, "NULL"),
    replacement: default!(Option<String>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(path, String),
        name!(column_name, Option<String>),
        name!(drop_after, Option<Date>),
        name!(claimed_by, Vec<String>),
    ),
> {
    let work = || -> Result<_> {
        let path = required(path, "path")?;
        let fields = fields.map(columns).transpose()?;
        let owner = AsOwner::begin()?;
        let announcement = Announcement { reason, drop_after, replacement };
        deprecation::deprecate(owner.caller(), path, fields.as_deref(), &announcement)
    };
    let announced = work().or_raise();
    TableIterator::new(announced.into_iter().map(|one| (one.path, one.column, one.drop_after, one.claimed_by)))
}

/// Takes an announcement back.
///
/// # Errors
/// As [`deprecate`]; 42704 for what is not deprecated.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn undeprecate(path: Option<&str>, fields: default!(Option<Vec<Option<String>>>, "NULL")) {
    let work = || -> Result<()> {
        let path = required(path, "path")?;
        let fields = fields.map(columns).transpose()?;
        let owner = AsOwner::begin()?;
        deprecation::undeprecate(owner.caller(), path, fields.as_deref())
    };
    work().or_raise();
}

fn columns(fields: Vec<Option<String>>) -> Result<Vec<String>> {
    fields.into_iter().map(|field| required(field, "fields[]")).collect()
}
