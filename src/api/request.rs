//! request_claim, approve_request, refuse_request

use pgrx::JsonB;
use pgrx::prelude::*;

use super::{made_rows, required};
use crate::flow::request::{self, Step};
use crate::pg::error::{OrRaise, Result};
use crate::pg::jsonb::JsonDocument;
use crate::pg::security::AsOwner;
use crate::pg::store;

/// Asks, as a stakeholder, for a claim document; tells the number of the request.
///
/// # Errors
/// 42501 for all but stakeholders; 22004, 22023, 54000, 55P03; every problem of the document in one error.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn request_claim(document: Option<JsonDocument>, reason: Option<&str>) -> i64 {
    let work = || -> Result<i64> {
        store::called("request_claim");
        let (document, reason) = (required(document, "document")?.parse()?, required(reason, "reason")?);
        let owner = AsOwner::begin()?;
        request::request(owner.caller(), &document, reason)
    };
    work().or_raise()
}

/// Approves a request: its owner's part, or as an administrator all. The last approval claims.
///
/// # Errors
/// 42704 for a request that is not there or not for the caller; 22004, 25001, 55000, 55P03; as `claim`.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn approve_request(
    request_id: Option<i64>,
    note: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (name!(action, String), name!(privilege, Option<String>), name!(path, String), name!(column_name, Option<String>)),
> {
    let work = || -> Result<_> {
        store::called("approve_request");
        let id = required(request_id, "request_id")?;
        let owner = AsOwner::begin()?;
        request::approve(owner.caller(), id, note)
    };
    let rows = work().or_raise().into_iter().flat_map(|step| match step {
        Step::Approve(path) => vec![("approve".to_owned(), None, path, None)],
        Step::Wait(path) => vec![("wait".to_owned(), None, path, None)],
        Step::Made(made) => {
            let rows = made_rows(vec![made]).into_iter();
            rows.map(|(action, privilege, path, column)| (action, Some(privilege), path, column)).collect()
        }
    });
    TableIterator::new(rows.collect::<Vec<_>>())
}

/// Refuses a request.
///
/// # Errors
/// 42704 for a request that is not there or not for the caller; 22004, 22023, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn refuse_request(request_id: Option<i64>, note: Option<&str>) {
    let work = || -> Result<()> {
        let (id, note) = (required(request_id, "request_id")?, required(note, "note")?);
        let owner = AsOwner::begin()?;
        request::refuse(owner.caller(), id, note)
    };
    work().or_raise();
}

/// What the current role may see of a request; for the view `requests`.
#[pg_extern(stable, strict)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn request_parts(
    request_id: i64,
) -> TableIterator<'static, (name!(document, JsonB), name!(waiting_for, Vec<String>))> {
    let work = || -> Result<_> {
        let owner = AsOwner::begin()?;
        request::visible(owner.caller(), request_id)
    };
    TableIterator::new(work().or_raise().into_iter().map(|(document, waiting)| (JsonB(document), waiting)))
}
