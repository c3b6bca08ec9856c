//! What has been granted to stakeholders by hand and no claim needs.

use std::collections::{BTreeMap, BTreeSet};

use integratedb_claim::exposure::Entry;
use integratedb_claim::privilege::{self, Privilege};
use integratedb_claim::state::Claim;
use pgrx::pg_sys;

use super::reader::role_of;
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::Result;
use crate::pg::exposure::Grantees;
use crate::pg::exposure::entries::Found;
use crate::pg::store;

/// The stakeholders whose roles are there, or the one that is named.
///
/// # Errors
/// XX000
pub fn grantees(stakeholder: Option<&str>) -> Result<Grantees> {
    let names = match stakeholder {
        Some(name) => vec![name.to_owned()],
        None => store::stakeholders()?,
    };
    let mut grantees = Grantees::default();
    for name in names {
        if let Some(role) = role_of(&name)?.role() {
            grantees.roles.push(role.oid);
            grantees.names.push(name);
        }
    }
    Ok(grantees)
}

/// Leaves out what a claim needs, though somebody else has granted it; of such a privilege with grant option, that option stays.
///
/// # Errors
/// XX000
pub fn claims(found: Vec<Found>, grantees: &Grantees) -> Result<Vec<Found>> {
    let by_hand = |one: &&Found| !one.entry.recorded && grantees.stakeholder(one.entry.grantee).is_some();
    let oids: BTreeSet<u32> = found.iter().filter(by_hand).map(|one| one.oid.to_u32()).collect();
    if oids.is_empty() {
        return Ok(found);
    }
    let holders: BTreeSet<&str> =
        found.iter().filter(by_hand).filter_map(|one| grantees.stakeholder(one.entry.grantee)).collect();
    let claims = store::granting_claims_on(
        oids.into_iter().map(pg_sys::Oid::from).collect(),
        holders.into_iter().map(str::to_owned).collect(),
    )?;
    let mut claimed = Claimed::new(claims)?;
    let mut beyond = Vec::with_capacity(found.len());
    for mut one in found {
        let needed = by_hand(&&one) && claimed.needs(grantees.stakeholder(one.entry.grantee).unwrap_or_default(), &one);
        one.entry.recorded |= needed;
        if !needed || one.entry.grantable {
            beyond.push(one);
        }
    }
    Ok(beyond)
}

/// The claims of some stakeholders.
struct Claimed {
    by_stakeholder: BTreeMap<String, Vec<Claim>>,
    catalog: CatalogReader,
}

impl Claimed {
    fn new(claims: Vec<Claim>) -> Result<Claimed> {
        let mut claimed = Claimed { by_stakeholder: BTreeMap::new(), catalog: CatalogReader::default() };
        for claim in claims {
            for alternative in &claim.alternatives {
                claimed.catalog.load(alternative)?;
            }
            claimed.by_stakeholder.entry(claim.stakeholder.clone()).or_default().push(claim);
        }
        Ok(claimed)
    }

    fn needs(&mut self, stakeholder: &str, found: &Found) -> bool {
        let Some(claims) = self.by_stakeholder.get(stakeholder) else { return false };
        let Entry { kind, privilege, .. } = &found.entry;
        let Some(wanted) = Privilege::from_word(privilege) else { return false };
        match kind.as_str() {
            "TABLE" => {
                let Some(relation) = self.catalog.relation(found.oid) else { return false };
                let (_, kept) = privilege::needed(claims, &relation);
                kept.get(wanted).is_some_and(|extent| {
                    extent.whole || (found.attribute != 0 && extent.columns.contains(&found.attribute))
                })
            }
            "SCHEMA" => {
                let needed = privilege::needed_schemas(claims, &self.catalog.catalog);
                wanted == Privilege::Usage
                    && needed
                        .iter()
                        .any(|name| self.catalog.catalog.schema(name).is_some_and(|one| one.oid == found.oid.to_u32()))
            }
            "SEQUENCE" | "FUNCTION" | "PROCEDURE" | "TYPE" => {
                let (_, kept) = privilege::needed_objects(claims, &self.catalog.catalog);
                matches!(wanted, Privilege::Usage | Privilege::Execute)
                    && kept.iter().any(|object| object.oid == found.oid.to_u32())
            }
            _ => false,
        }
    }
}
