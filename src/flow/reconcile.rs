//! Brings a stakeholder's privileges in line with its claims.

use std::collections::BTreeSet;
use std::rc::Rc;

use integratedb_claim::catalog::{Catalog, Grant, Relation};
use integratedb_claim::path::{display_relation, display_schema};
use integratedb_claim::privilege::{self, Change, Select};
use integratedb_claim::state::Claim;

use crate::pg::acl::{self, Role};
use crate::pg::catalog;
use crate::pg::error::Result;
use crate::pg::fence;
use crate::pg::ledger::{self, Entry};

/// One grant or revoke that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// `grant` or `revoke`.
    pub action: &'static str,
    /// `SELECT` or `USAGE`.
    pub privilege: &'static str,
    /// Relation or schema.
    pub path: String,
    /// Column, for a column privilege.
    pub column: Option<String>,
}

/// What may be granted; what is no longer needed is revoked in any case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grants {
    /// What claims need that are met: from an unmet one it may have been taken on purpose.
    Met,
    /// Of unmet claims too, what is left of them.
    WhatIsLeft,
    /// The same in a database that has been restored: the ledger is the original's, and what it does not hold was granted by
    /// hand there. The dump may grant it again after us, so it is no more ours than it was.
    Restored,
    /// Nothing: the role is not the stakeholder's any more.
    Nothing,
}

/// Grants and revokes SELECT on `relations`, so that it is what `claims` need: all claims of the stakeholder on them.
///
/// # Errors
/// 55000 when a grant cannot be made.
pub fn relations(
    stakeholder: &str,
    role: &Role,
    claims: &[&Claim],
    relations: &[Rc<Relation>],
    grants: Grants,
) -> Result<Vec<Made>> {
    let oids = relations.iter().map(|relation| relation.oid.into()).collect();
    let ledger = ledger::relations(stakeholder, oids)?;
    let (nothing, unknown) = (Select::default(), Entry::default());
    let mut changes: Vec<(&Relation, Change)> = Vec::new();
    let by_relation = index(claims);
    for relation in relations {
        let on_relation = by_relation.get(&(relation.schema.as_str(), relation.name.as_str()));
        let claims = on_relation.into_iter().flatten().copied();
        let (met, kept) = privilege::needed(claims, relation);
        let granted = match grants {
            Grants::Met => &met,
            Grants::WhatIsLeft | Grants::Restored => &kept,
            Grants::Nothing => &nothing,
        };
        let before = ledger.get(&relation.oid).unwrap_or(&unknown);
        let mut change = privilege::change(granted, &kept, &before.select, role.oid.to_u32(), relation);
        if grants == Grants::Restored {
            change.ledger.whole &= before.select.whole;
            change.ledger.columns.retain(|number| before.select.columns.contains(number));
        }
        if !change.is_empty() || !before.is_current(relation, &change.ledger)? {
            changes.push((relation, change));
        }
    }
    if changes.iter().any(|(_, change)| !change.is_empty()) {
        acl::apply(role, &mut changes)?;
    }
    let alone = fence::is_closed()?;
    let mut entries: Vec<(&Relation, &Select)> = Vec::new();
    for (relation, change) in &changes {
        if !ledger.get(&relation.oid).unwrap_or(&unknown).is_current(relation, &change.ledger)? {
            entries.push((relation, &change.ledger));
        }
    }
    let first = alone && ledger.is_empty() && ledger::relation_oids(stakeholder)?.is_empty();
    ledger::set_relations(stakeholder, &entries, first)?;
    Ok(changes.iter().flat_map(|(relation, change)| made(relation, change)).collect())
}

type Index<'a> = std::collections::HashMap<(&'a str, &'a str), Vec<&'a Claim>>;

fn index<'a>(claims: &[&'a Claim]) -> Index<'a> {
    let mut index = Index::new();
    for claim in claims {
        for alternative in &claim.alternatives {
            if let Some(relation) = &alternative.relation {
                index.entry((alternative.schema.as_str(), relation.as_str())).or_default().push(*claim);
            }
        }
    }
    index
}

fn made(relation: &Relation, change: &Change) -> Vec<Made> {
    let path = display_relation(&relation.schema, &relation.name);
    let mut all = Vec::new();
    for (action, select) in [("revoke", &change.revoke), ("grant", &change.grant)] {
        let one = |column| Made { action, privilege: "SELECT", path: path.clone(), column };
        if select.whole {
            all.push(one(None));
        }
        let columns = relation.columns.iter().filter(|column| select.columns.contains(&column.number));
        all.extend(columns.map(|column| one(Some(column.name.clone()))));
    }
    all
}

/// Grants USAGE on the schemas that `claims` need and that the role has not been granted.
///
/// # Errors
/// 55000 when a grant cannot be made.
pub fn grant_schemas(stakeholder: &str, role: &Role, claims: &[&Claim], catalog: &Catalog) -> Result<Vec<Made>> {
    let mut all = Vec::new();
    for name in privilege::needed_schemas(claims.iter().copied(), catalog) {
        let Some(schema) = catalog.schema(&name) else { continue };
        let lasting = |grant: &Grant| grant.grantee == role.oid.to_u32() && grant.grantor == schema.owner;
        if schema.owner == role.oid.to_u32() || schema.usage.iter().any(lasting) {
            continue;
        }
        acl::grant_usage(role, &name)?;
        ledger::add_schema(stakeholder, schema.oid.into(), &name)?;
        all.push(Made { action: "grant", privilege: "USAGE", path: display_schema(&name), column: None });
    }
    Ok(all)
}

/// Revokes USAGE that was granted on schemas which no claim of the stakeholder is in any more.
///
/// # Errors
/// XX000
pub fn revoke_schemas(stakeholder: &str, role: &Role, still: &BTreeSet<String>) -> Result<Vec<Made>> {
    let mut all = Vec::new();
    for (oid, _) in ledger::schemas(stakeholder)? {
        let name = catalog::namespace_name(oid);
        match name {
            Some(name) if still.contains(&name) => continue,
            Some(name) => {
                if !acl::revoke_usage(role, &name) {
                    continue;
                }
                all.push(Made { action: "revoke", privilege: "USAGE", path: display_schema(&name), column: None });
            }
            None => {}
        }
        ledger::remove_schema(stakeholder, oid)?;
    }
    Ok(all)
}
