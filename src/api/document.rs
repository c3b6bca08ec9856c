//! check_document, claim_schema, export_grants

use integratedb_claim::report::one_line;
use pgrx::prelude::*;

use super::required;
use crate::flow::reader::require_own;
use crate::flow::{declare, export};
use crate::pg::error::{OrRaise, Result};
use crate::pg::jsonb::JsonDocument;
use crate::pg::security::{self, AsOwner};

/// Everything that is wrong with a document, and what claiming it would grant and revoke. Changes nothing.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 54000.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn check_document(
    document: Option<JsonDocument>,
    stakeholder: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(finding, String),
        name!(json_path, Option<String>),
        name!(message, String),
        name!(hint, Option<String>),
        name!(sqlstate, Option<String>),
        name!(privilege, Option<String>),
        name!(path, Option<String>),
        name!(column_name, Option<String>),
    ),
> {
    let work = || -> Result<_> {
        let document = required(document, "document")?;
        let owner = AsOwner::begin()?;
        require_own("check_document", owner.caller(), stakeholder.unwrap_or_default())?;
        let document = document.parse()?;
        let checked = declare::check(stakeholder, &document)?;
        let mut rows = Vec::new();
        for problem in checked.problems {
            let sqlstate = Some(problem.kind.sqlstate().to_owned());
            let at = Some(problem.json_path);
            let (message, hint) = (one_line(&problem.message), problem.hint.map(|hint| one_line(&hint)));
            rows.push(("problem".to_owned(), at, message, hint, sqlstate, None, None, None));
        }
        if let Some(refusal) = checked.refusal {
            let (sqlstate, message, hint) = refusal.parts();
            rows.push(("problem".to_owned(), None, message, hint, Some(sqlstate), None, None, None));
        }
        for note in checked.notes {
            rows.push(("warning".to_owned(), None, note, None, None, None, None, None));
        }
        for line in checked.deprecated {
            let sqlstate = Some("01P01".to_owned());
            rows.push(("warning".to_owned(), None, one_line(&line), None, sqlstate, None, None, None));
        }
        for made in checked.made {
            let column = made.column.iter().map(|column| format!(" ({column})")).collect::<String>();
            let message = format!("{}{column} on {}", made.privilege, made.path);
            let privilege = Some(made.privilege.to_owned());
            rows.push((
                made.action.to_owned(),
                None,
                message,
                None,
                None,
                privilege,
                Some(made.path.to_string()),
                made.column.map(|column| column.to_string()),
            ));
        }
        Ok(rows)
    };
    TableIterator::new(work().or_raise())
}

/// The JSON Schema of the claim document: for editors and CI, so for everybody.
#[pg_extern(immutable, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
fn claim_schema() -> pgrx::JsonB {
    pgrx::JsonB(integratedb_claim::json_schema::claim_schema())
}

/// The claim document that needs what a role has been granted.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn export_grants(role: Option<&str>) -> pgrx::JsonB {
    let work = || -> Result<_> {
        security::require_admin("export_grants")?;
        let role = required(role, "role")?;
        let _owner = AsOwner::begin()?;
        export::export(role)
    };
    pgrx::JsonB(work().or_raise())
}
