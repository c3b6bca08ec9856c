//! Why a stakeholder is denied a permission.

use integratedb_claim::explain::{Denied, Evidence, Explanation};
use integratedb_claim::path::parse_column_name;
use integratedb_claim::privilege::PrivilegeSet;
use integratedb_claim::state::{Claim, ClaimedRelation, ObjectKind};
use pgrx::pg_sys;

use super::reader::{RoleState, require_own, role_of, with_reader};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::store;

/// Everything that stands in the way, and what is granted, on `path` or on one column of it. Writes nothing.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 42704 for an unknown stakeholder; 42602.
pub fn explain_denied(
    caller: pg_sys::Oid,
    stakeholder: &str,
    path: &str,
    field: Option<&str>,
) -> Result<Vec<Explanation>> {
    let state = role_of(stakeholder)?;
    require_own("explain_denied", caller, stakeholder)?;
    let document = store::document(stakeholder)?;
    let denied = Denied::parse(path).map_err(|error| Error::invalid_path(path, &error.message, &error.hint))?;
    let column = field.map(parse_column_name).transpose();
    let column =
        column.map_err(|error| Error::invalid_column_name(field.unwrap_or_default(), &error.message, &error.hint))?;
    let stored = store::load(store::claim_ids_on_name(stakeholder, &denied.schema, &denied.name)?)?;
    let claims: Vec<Claim> = stored.into_iter().map(|stored| stored.claim).collect();
    let catalog = read(&denied)?;
    let mut found: Vec<Explanation> = of_role(stakeholder, &state).into_iter().collect();
    found.extend(with_reader(&state, |reader| {
        let evidence = Evidence { claims: &claims, catalog: &catalog.catalog, reader, document: &document };
        evidence.explain(&denied, column.as_deref())
    }));
    Ok(found)
}

/// All that has the name, whatever it is.
fn read(denied: &Denied) -> Result<CatalogReader> {
    let mut catalog = CatalogReader::default();
    for kind in [ObjectKind::Sequence, ObjectKind::Function, ObjectKind::Type] {
        catalog.load(&ClaimedRelation {
            kind,
            schema: denied.schema.clone(),
            relation: Some(denied.name.clone()),
            ..ClaimedRelation::default()
        })?;
    }
    if let Some(relation) = catalog.relation_named(&denied.schema, &denied.name) {
        catalog.writable(&relation)?;
        catalog.extension_membership(relation.oid.into());
    }
    catalog.catalog.protections = store::protections()?;
    Ok(catalog)
}

/// A role that is not to be trusted is granted nothing.
fn of_role(stakeholder: &str, state: &RoleState) -> Option<Explanation> {
    let (finding, message, hint) = match state {
        RoleState::Present(_) => return None,
        RoleState::Missing(_) => (
            "role-missing",
            format!("role {stakeholder} does not exist: nothing is granted to the stakeholder"),
            "Create the role and call integratedb.sync().",
        ),
        RoleState::Replaced(_) => (
            "role-replaced",
            format!("role {stakeholder} is not the one that integratedb made: nothing is granted to it"),
            "If the new role is to be trusted, a superuser can call integratedb.sync().",
        ),
    };
    Some(Explanation {
        finding,
        privileges: PrivilegeSet::NONE,
        columns: Vec::new(),
        message,
        hint: hint.to_owned(),
        claim: None,
    })
}
