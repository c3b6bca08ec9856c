//! impact, can_drop, can_rename, can_alter_type, impact_graph

use pgrx::prelude::*;

use super::required;
use crate::flow::impact;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::AsOwner;

fn answer(work: impl FnOnce() -> Result<Vec<String>>) -> TableIterator<'static, (bool, Vec<String>)> {
    let reasons = work().or_raise();
    TableIterator::once((reasons.is_empty(), reasons))
}

fn columns(fields: Option<Vec<Option<String>>>) -> Result<Option<Vec<String>>> {
    fields.map(|fields| fields.into_iter().map(|field| required(field, "fields[]")).collect()).transpose()
}

/// Everything that depends on a relation, or on columns of it, and what would have to happen before it can go.
///
/// # Errors
/// 42501 for all but owners of the relation and administrators; 22004, 22023, 42602, 42703, 42809, 42P01.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn impact(
    path: Option<&str>,
    fields: default!(Option<Vec<Option<String>>>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(kind, String),
        name!(stakeholder, Option<String>),
        name!(claim_id, Option<i64>),
        name!(object, String),
        name!(column_name, Option<String>),
        name!(strictness, Option<String>),
        name!(alternatives, Option<String>),
        name!(before_it_can_go, String),
    ),
> {
    let work = || -> Result<_> {
        let (path, fields) = (required(path, "path")?, columns(fields)?);
        let owner = AsOwner::begin()?;
        impact::impact(owner.caller(), path, fields.as_deref())
    };
    TableIterator::new(work().or_raise().into_iter().map(|one| {
        (
            one.kind,
            one.stakeholder,
            one.claim_id,
            one.object,
            one.column,
            one.strictness,
            one.alternatives,
            one.before_it_can_go,
        )
    }))
}

/// Whether a DROP of a relation, or of columns of it, would pass, and if not why.
///
/// # Errors
/// As [`impact`].
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn can_drop(
    path: Option<&str>,
    fields: default!(Option<Vec<Option<String>>>, "NULL"),
) -> TableIterator<'static, (name!(possible, bool), name!(reasons, Vec<String>))> {
    answer(|| {
        let (path, fields) = (required(path, "path")?, columns(fields)?);
        let owner = AsOwner::begin()?;
        impact::against_drop(owner.caller(), path, fields.as_deref())
    })
}

/// Whether a relation, or columns of it, could get another name, and if not why.
///
/// # Errors
/// As [`impact`].
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn can_rename(
    path: Option<&str>,
    fields: default!(Option<Vec<Option<String>>>, "NULL"),
) -> TableIterator<'static, (name!(possible, bool), name!(reasons, Vec<String>))> {
    answer(|| {
        let (path, fields) = (required(path, "path")?, columns(fields)?);
        let owner = AsOwner::begin()?;
        impact::against_rename(owner.caller(), path, fields.as_deref())
    })
}

/// Whether a column could get this type, and if not why. Of the values it says nothing.
///
/// # Errors
/// As [`impact`]; 42704 for an unknown type.
// By hand, as Rust has another use for the name of the last argument.
#[pg_extern(
    stable,
    sql = r#"
CREATE FUNCTION integratedb.can_alter_type(path text, field text, type text) RETURNS TABLE (possible boolean, reasons text[])
STABLE LANGUAGE c AS 'MODULE_PATHNAME', '@FUNCTION_NAME@' SET search_path TO pg_catalog, pg_temp;"#
)]
fn can_alter_type(
    path: Option<&str>,
    field: Option<&str>,
    r#type: Option<&str>,
) -> TableIterator<'static, (name!(possible, bool), name!(reasons, Vec<String>))> {
    answer(|| {
        let (path, field) = (required(path, "path")?, required(field, "field")?);
        let r#type = required(r#type, "type")?;
        let owner = AsOwner::begin()?;
        impact::against_type(owner.caller(), path, field, r#type)
    })
}

/// Claimed relations, who claims them, and the views and foreign keys between them, as a Mermaid flowchart.
///
/// # Errors
/// 3F000 for a schema that does not exist.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn impact_graph(schema: default!(Option<&str>, "NULL")) -> String {
    let work = || -> Result<_> {
        let owner = AsOwner::begin()?;
        impact::graph(owner.caller(), schema)
    };
    work().or_raise()
}
