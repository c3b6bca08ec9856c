//! claim, unclaim, claim_document, sync

use pgrx::JsonB;
use pgrx::prelude::*;

use super::{made_rows, required};
use crate::flow::declare;
use crate::flow::reader::require_own;
use crate::pg::error::{OrRaise, Result};
use crate::pg::jsonb::JsonDocument;
use crate::pg::security::{self, AsOwner};
use crate::pg::{rows, store};

/// Replaces a stakeholder's claim document.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 54000, 55P03; every problem of the document in one error.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.claim(stakeholder text, document jsonb)
RETURNS TABLE (action text, privilege text, path text, column_name text)
LANGUAGE c SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
fn claim_by_document(stakeholder: Option<&str>, document: Option<JsonDocument>, call: pg_sys::FunctionCallInfo) {
    let work = || -> Result<_> {
        security::require_admin("claim")?;
        let stakeholder = required(stakeholder, "stakeholder")?;
        let document = required(document, "document")?.parse()?;
        let _owner = AsOwner::begin()?;
        declare::put(stakeholder, document)
    };
    let made = work().or_raise();
    let rows =
        made.iter().map(|made| [Some(made.action), Some(made.privilege), Some(&*made.path), made.column.as_deref()]);
    rows::give(call, rows).or_raise();
}

/// Adds or replaces one match.
///
/// # Errors
/// As the other form; 42602 for a malformed path.
#[pg_extern(name = "claim")]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn claim_by_path(
    stakeholder: Option<&str>,
    path: Option<&str>,
    fields: Option<Vec<Option<String>>>,
) -> TableIterator<
    'static,
    (name!(action, String), name!(privilege, String), name!(path, String), name!(column_name, Option<String>)),
> {
    let work = || -> Result<_> {
        security::require_admin("claim")?;
        let (stakeholder, path) = (required(stakeholder, "stakeholder")?, required(path, "path")?);
        let fields: Vec<String> =
            required(fields, "fields")?.into_iter().map(|field| required(field, "fields[]")).collect::<Result<_>>()?;
        let _owner = AsOwner::begin()?;
        declare::put_match(stakeholder, path, &fields)
    };
    TableIterator::new(made_rows(work().or_raise()))
}

/// Removes one match, or all.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 42602, 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn unclaim(
    stakeholder: Option<&str>,
    path: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (name!(action, String), name!(privilege, String), name!(path, String), name!(column_name, Option<String>)),
> {
    let work = || -> Result<_> {
        security::require_admin("unclaim")?;
        let stakeholder = required(stakeholder, "stakeholder")?;
        let _owner = AsOwner::begin()?;
        declare::remove(stakeholder, path)
    };
    TableIterator::new(made_rows(work().or_raise()))
}

/// The stored document.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 22004, 42704.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn claim_document(stakeholder: Option<&str>) -> JsonB {
    let work = || -> Result<_> {
        let stakeholder = required(stakeholder, "stakeholder")?;
        let owner = AsOwner::begin()?;
        require_own("claim_document", owner.caller(), stakeholder)?;
        store::document(stakeholder)
    };
    JsonB(work().or_raise())
}

/// Accepts today's catalogs.
///
/// # Errors
/// 42501 for all but administrators; 55P03.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn sync() {
    let work = || -> Result<()> {
        security::require_admin("sync")?;
        let _owner = AsOwner::begin()?;
        declare::sync()
    };
    work().or_raise();
}
