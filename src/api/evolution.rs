//! What the views `evolution`, `deprecations` and `claimed_columns` ask.

use integratedb_claim::state::{ClaimedField, Status};
use pgrx::prelude::*;

use crate::flow::evolution;
use crate::pg::error::{Error, OrRaise, Result};
use crate::pg::relations;
use crate::pg::security::{self, AsOwner};

/// The stakeholders a claim of whom would be broken by dropping a relation, or one column of it; an empty name is the
/// relation itself.
///
/// # Errors
/// 42501 for all but owners of the relation and administrators.
#[pg_extern(stable, strict)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn needed_by(schema_name: &str, relation_name: &str, column_name: &str) -> Vec<String> {
    let work = || -> Result<_> {
        let owner = AsOwner::begin()?;
        let (caller, owner_of) = (owner.caller(), relations::owner_of_named(schema_name, relation_name));
        let is_owner = owner_of.is_some_and(|owner| security::has_privileges_of(caller, owner));
        if !is_owner && !security::is_admin(caller)? {
            return Err(Error::admin_only("needed_by", &security::role_name(caller)));
        }
        evolution::needed_by(schema_name, relation_name, (!column_name.is_empty()).then_some(column_name))
    };
    work().or_raise()
}

/// Which alternative of a field is the first that is met, counted from 1.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.first_met(field json) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
pub(crate) fn first_met(field: &str) -> Option<i32> {
    serde_json::from_str::<ClaimedField>(field).ok().and_then(|field| first_met_of(&field))
}

/// The alternatives of all fields that have several; fields and alternatives are counted from 1.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.column_alternatives(fields json) RETURNS TABLE (field integer, alternative integer, column_name text, status text, is_first_met boolean)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
#[allow(clippy::type_complexity)]
pub(crate) fn column_alternatives(
    fields: &str,
) -> TableIterator<
    'static,
    (
        name!(field, i32),
        name!(alternative, i32),
        name!(column_name, String),
        name!(status, String),
        name!(is_first_met, bool),
    ),
> {
    let fields: Vec<ClaimedField> = serde_json::from_str(fields).unwrap_or_default();
    let several = (1..).zip(fields).filter(|(_, field)| field.columns.len() > 1);
    TableIterator::new(several.flat_map(|(number, field)| {
        let first = first_met_of(&field);
        let columns = (1..).zip(field.columns);
        columns.map(move |(alternative, column)| {
            let is_first = first == Some(alternative);
            (number, alternative, column.name.to_string(), column.status.as_str().to_owned(), is_first)
        })
    }))
}

fn first_met_of(field: &ClaimedField) -> Option<i32> {
    let met = field.columns.iter().position(|column| column.status == Status::Met)?;
    i32::try_from(met + 1).ok()
}
