//! What no wildcard takes.

use std::rc::Rc;

use integratedb_claim::catalog::Relation;
use integratedb_claim::nearest::nearest;
use integratedb_claim::path::{Path, display_relation};
use pgrx::pg_sys;

use super::declare::close_fence;
use crate::pg::catalog::Reader;
use crate::pg::ddl::Touched;
use crate::pg::error::{Error, Result};
use crate::pg::{probe, role, store};

/// A claim that takes what is now protected, and goes on taking it until it is claimed anew.
pub struct Caught {
    /// Whose.
    pub stakeholder: String,
    /// Its number.
    pub claim_id: i64,
    /// The column; `None` where the relation is claimed without any.
    pub column: Option<String>,
    /// By a wildcard: when its document is claimed again, the column is left out. By name: it then needs an acknowledgement.
    pub by_wildcard: bool,
}

/// Protects a relation, or columns of it.
///
/// # Errors
/// 42602 for a malformed path; 42P01, 42703 for what does not exist; 55P03 when the fence is held.
pub fn protect(path: &str, columns: Option<&[String]>, reason: Option<&str>, by: pg_sys::Oid) -> Result<Vec<Caught>> {
    close_fence()?;
    let (schema, name) = relation_path(path)?;
    let relation = Reader::default().relation_named(&schema, &name).filter(|found| found.kind.is_claimable());
    let relation = relation.ok_or_else(|| Error::undefined_relation(&display_relation(&schema, &name), None))?;
    for column in columns.unwrap_or_default() {
        if relation.column(column).is_none() {
            let near = nearest(column, relation.columns.iter().map(|column| column.name.as_str()));
            return Err(Error::undefined_column(&display_relation(&schema, &name), column, near));
        }
    }
    let by = role::by_oid(by).map(|role| role.name).unwrap_or_default();
    store::protect(&relation, columns, reason, &by)?;
    caught(&relation, columns)
}

fn caught(relation: &Rc<Relation>, columns: Option<&[String]>) -> Result<Vec<Caught>> {
    let mut touched = Touched::default();
    touched.names.insert((relation.schema.clone(), relation.name.clone()));
    let mut caught = Vec::new();
    for stored in store::load(probe::claims_on(&touched)?)? {
        for alternative in &stored.claim.alternatives {
            if alternative.schema != relation.schema || alternative.relation_name() != Some(&relation.name) {
                continue;
            }
            let row = |column| Caught {
                stakeholder: stored.claim.stakeholder.clone(),
                claim_id: stored.claim.id,
                column,
                by_wildcard: stored.claim.derived || alternative.every_column,
            };
            let claimed = alternative.fields.iter().flat_map(|field| &field.columns).map(|column| column.name.as_str());
            let concerned = claimed.filter(|name| columns.is_none_or(|columns| columns.iter().any(|one| one == name)));
            let before = caught.len();
            caught.extend(concerned.map(|name| row(Some(name.to_owned()))));
            if caught.len() == before && columns.is_none() {
                caught.push(row(None));
            }
        }
    }
    Ok(caught)
}

/// Takes a protection back: of the whole relation with all its columns, or of some columns.
///
/// # Errors
/// 42602 for a malformed path; 42704 when there is none.
pub fn unprotect(path: &str, columns: Option<Vec<String>>) -> Result<()> {
    close_fence()?;
    store::follow_protections(None)?;
    let (schema, name) = relation_path(path)?;
    let named = columns.as_ref().map_or(1, Vec::len);
    if store::unprotect(&schema, &name, columns)? < named {
        return Err(Error::undefined_protection(&display_relation(&schema, &name)));
    }
    Ok(())
}

fn relation_path(path: &str) -> Result<(String, String)> {
    match Path::parse(path) {
        Ok(Path::Relation { schema, relation }) => Ok((schema, relation)),
        Ok(Path::Wildcard { .. }) => {
            Err(Error::invalid_path(path, "it is a wildcard", "protect relations one by one, as \"schema.relation\""))
        }
        Err(error) => Err(Error::invalid_path(path, &error.message, &error.hint)),
    }
}
