//! How far the word of those reaches who let a stakeholder claim: an owner's to what it owns, an administrator's not to functions
//! that a superuser keeps. It is asked when a claim is made, and whenever something else has taken the place of what was claimed.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use integratedb_claim::catalog::{Catalog, Function, Grant};
use integratedb_claim::privilege::{Privilege, needed_objects};
use integratedb_claim::state::{Claim, ClaimedRelation, ObjectKind, Status};

use crate::pg::error::{Error, Result};
use crate::pg::store::Next;
use crate::pg::{ledger, security, store};

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
        if is_reserved(found) && !granted.contains(&found.oid) {
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

/// Who lets a stakeholder claim.
pub enum By<'a> {
    /// Who calls, a superuser or an administrator.
    Caller,
    /// The owners of these paths; what else the document names it named before.
    Owners(&'a BTreeMap<String, String>),
}

/// Records on whose authority the claims rest. An administrator, and owners who approve, leave that of others as it is.
///
/// # Errors
/// XX000
pub fn record(stakeholder: &str, by: &By, new: &[&Claim], before: &[Next], all: &[&Claim]) -> Result<()> {
    let paths = |claims: &mut dyn Iterator<Item = &Claim>| -> BTreeSet<String> {
        let named = claims.filter(|claim| !claim.derived).flat_map(|claim| &claim.alternatives);
        named.map(ClaimedRelation::path).collect()
    };
    let mut known = store::authorities(stakeholder)?;
    let named = paths(&mut new.iter().copied());
    match by {
        By::Caller if security::is_superuser(security::caller()) => known.retain(|path, _| !named.contains(path)),
        By::Caller => {
            let old = paths(&mut before.iter().map(|next| &next.claim));
            known.extend(named.difference(&old).map(|path| (path.clone(), None)));
        }
        By::Owners(owners) => {
            known.extend(owners.iter().map(|(path, owner)| (path.clone(), Some(owner.clone()))));
        }
    }
    let claimed = paths(&mut all.iter().copied());
    known.retain(|path, _| claimed.contains(path));
    store::set_authorities(stakeholder, &known)
}

/// On whose authority a stakeholder's claims rest; looked up when it is first asked.
pub struct Authorities<'a> {
    stakeholder: &'a str,
    known: OnceCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Authorities<'a> {
    /// Of this stakeholder.
    pub fn of(stakeholder: &'a str) -> Authorities<'a> {
        Authorities { stakeholder, known: OnceCell::new() }
    }

    /// Whether one of the alternatives that need an object may have it: `owner`'s, and `is_reserved` if a superuser keeps it.
    ///
    /// # Errors
    /// XX000
    pub fn allow<'b>(
        &self,
        mut needing: impl Iterator<Item = (&'b Claim, &'b ClaimedRelation)>,
        owner: u32,
        is_reserved: bool,
    ) -> Result<bool> {
        if self.known.get().is_none() {
            let _ = self.known.set(store::authorities(self.stakeholder)?);
        }
        let known = self.known.get_or_init(BTreeMap::new);
        let owner_name = || security::role_name(owner.into());
        Ok(known.is_empty()
            || needing.any(|(claim, alternative)| match known.get(&alternative.path()) {
                _ if claim.derived => !is_reserved,
                None => true,
                Some(None) => !is_reserved,
                Some(Some(name)) => *name == owner_name(),
            }))
    }
}

/// Whether a function is a superuser's, and not everybody's.
pub fn is_reserved(function: &Function) -> bool {
    let is_public = |grant: &Grant| grant.grantee == 0 && grant.privileges.contains(Privilege::Execute);
    security::is_superuser(function.owner.into()) && !function.acl.iter().any(is_public)
}
