//! explain_denied

use pgrx::JsonB;
use pgrx::prelude::*;

use super::required;
use crate::flow::explain;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::AsOwner;

/// Why a stakeholder is denied a permission: the claim that is missing, or what else stands in the way; and what is granted.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 22004, 42602, 42704.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn explain_denied(
    stakeholder: Option<&str>,
    path: Option<&str>,
    field: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(finding, String),
        name!(privileges, Option<Vec<String>>),
        name!(columns, Option<Vec<String>>),
        name!(message, String),
        name!(hint, String),
        name!(claim, Option<JsonB>),
    ),
> {
    let work = || -> Result<_> {
        let (stakeholder, path) = (required(stakeholder, "stakeholder")?, required(path, "path")?);
        let owner = AsOwner::begin()?;
        explain::explain_denied(owner.caller(), stakeholder, path, field)
    };
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    TableIterator::new(work().or_raise().into_iter().map(move |one| {
        let privileges = one.privileges.iter().map(|privilege| privilege.as_str().to_owned()).collect();
        (one.finding.to_owned(), some(privileges), some(one.columns), one.message, one.hint, one.claim.map(JsonB))
    }))
}
