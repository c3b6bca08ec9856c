//! What an administrator who is no superuser may not hand out.

use std::collections::HashSet;

use integratedb_claim::catalog::Catalog;
use integratedb_claim::privilege::{Privilege, needed_objects};
use integratedb_claim::state::{Claim, ObjectKind, Status};

use crate::pg::error::{Error, Result};
use crate::pg::store::Next;
use crate::pg::{ledger, security};

/// Refuses claims of functions that are a superuser's and not everybody's: what such a function does, dblink_connect_u() for
/// example, its owner has reserved for roles of its own choice, and some do what only a superuser may. One that is not there
/// yet may turn out to be so. What the stakeholder has already stays.
///
/// # Errors
/// 42501 with every such function.
pub fn check(stakeholder: &str, claims: &[Claim], before: &[Next], catalog: &Catalog) -> Result<()> {
    if security::is_superuser(security::caller())
        || claims.iter().all(|claim| paths_of_functions(claim).next().is_none())
    {
        return Ok(());
    }
    let granted: HashSet<u32> = ledger::objects(stakeholder)?.iter().map(|granted| granted.oid.to_u32()).collect();
    let mut reserved = Vec::new();
    for needed in
        needed_objects(claims, catalog).1.into_iter().filter(|needed| needed.kind == ObjectKind::Function.as_str())
    {
        let functions = catalog.functions(&needed.schema, &needed.name);
        let Some(found) = functions.iter().find(|found| found.oid == needed.oid) else { continue };
        let is_public =
            found.acl.iter().any(|grant| grant.grantee == 0 && grant.privileges.contains(Privilege::Execute));
        if security::is_superuser(found.owner.into()) && !is_public && !granted.contains(&found.oid) {
            reserved.push(format!(
                "{}.{}({}) is a superuser's, and not for everybody.",
                needed.schema, needed.name, needed.arguments
            ));
        }
    }
    let known: HashSet<String> =
        before.iter().flat_map(|next| paths_of_functions(&next.claim)).map(|(path, _)| path).collect();
    let absent = claims
        .iter()
        .flat_map(paths_of_functions)
        .filter(|(path, status)| *status != Status::Met && !known.contains(path));
    reserved.extend(absent.map(|(path, _)| format!("{path} is not there yet: nobody knows whose it will be.")));
    if reserved.is_empty() { Ok(()) } else { Err(Error::superusers_functions(&reserved)) }
}

fn paths_of_functions(claim: &Claim) -> impl Iterator<Item = (String, Status)> {
    let functions = claim.alternatives.iter().filter(|alternative| alternative.kind == ObjectKind::Function);
    functions.map(|alternative| (alternative.path(), alternative.status))
}
