//! Brings a stakeholder's privileges in line with its claims.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use integratedb_claim::catalog::{Catalog, Grant, Relation};
use integratedb_claim::name::Name;
use integratedb_claim::path::{display_function, display_relation, display_schema};
use integratedb_claim::privilege::{self, Change, NeededObject, Privilege, Privileges};
use integratedb_claim::state::{Claim, ClaimedRelation};

use super::authority::{self, Authorities};
use crate::pg::acl::{self, Role};
use crate::pg::catalog;
use crate::pg::error::Result;
use crate::pg::fence;
use crate::pg::ledger::{self, Entry, GrantedObject};

/// One grant or revoke that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// `grant` or `revoke`.
    pub action: &'static str,
    /// As SQL writes it.
    pub privilege: &'static str,
    /// Relation or schema.
    pub path: Rc<str>,
    /// Column, for a column privilege.
    pub column: Option<Name>,
}

/// Whether what is to be granted and revoked is, or only said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Apply {
    /// It is done.
    Really,
    /// Nothing is done.
    OnlySay,
}

/// What of a stakeholder's privileges is left alone while claims of it are broken.
#[derive(Default, PartialEq, Eq)]
pub struct Reserve {
    /// Relations on which nothing is revoked.
    pub kept: HashSet<u32>,
    /// What is not granted on relations, for whatever claim.
    pub withheld: HashMap<u32, Privileges>,
    /// Schemas whose USAGE is not granted.
    pub schemas: BTreeSet<String>,
}

/// What may be granted; what is no longer needed is revoked in any case, but for what is reserved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grants<'a> {
    /// What claims need that are met: from an unmet one it may have been taken on purpose.
    Met,
    /// The same while claims are broken that COMMIT may find mended.
    MetBut(&'a Reserve),
    /// Of unmet claims too, what is left of them.
    WhatIsLeft,
    /// The same in a database that has been restored: the ledger is the original's, and what it does not hold was granted by
    /// hand there. The dump may grant it again after us, so it is no more ours than it was.
    Restored,
    /// Nothing: the role is not the stakeholder's any more.
    Nothing,
}

impl<'a> Grants<'a> {
    fn reserve(self) -> Option<&'a Reserve> {
        match self {
            Grants::MetBut(reserve) => Some(reserve),
            _ => None,
        }
    }
}

/// Grants and revokes on `relations`, so that it is what `claims` need: all claims of the stakeholder on them.
///
/// # Errors
/// 55000 when a grant cannot be made.
pub fn relations(
    stakeholder: &str,
    role: &Role,
    claims: &[&Claim],
    relations: &[Rc<Relation>],
    grants: Grants,
    apply: Apply,
) -> Result<Vec<Made>> {
    // Who has been granted nothing yet has no entry to look for, and none to meet.
    let first = fence::is_closed()? && ledger::relation_oids(stakeholder)?.is_empty();
    let ledger = if first {
        HashMap::new()
    } else {
        ledger::relations(stakeholder, relations.iter().map(|relation| relation.oid.into()).collect())?
    };
    let unknown = Entry::default();
    let mut changes: Vec<(&Relation, Change)> = Vec::new();
    let by_relation = index(claims);
    let authorities = Authorities::of(stakeholder);
    for relation in relations {
        let on_relation = by_relation.get(&(relation.schema.as_str(), relation.name.as_str()));
        let claims = on_relation.into_iter().flatten().copied();
        let (met, kept) = privilege::needed(claims, relation);
        let reserve = grants.reserve();
        let mut granted = match grants {
            Grants::Met | Grants::MetBut(_) => met,
            Grants::WhatIsLeft | Grants::Restored => kept.clone(),
            Grants::Nothing => Privileges::default(),
        };
        if let Some(withheld) = reserve.and_then(|reserve| reserve.withheld.get(&relation.oid)) {
            granted.withhold(withheld);
        }
        // Something else under the name of what was claimed is granted as far as the authority for the claim reaches.
        if !ledger.contains_key(&relation.oid) && !granted.is_empty() {
            let claims = by_relation.get(&(relation.schema.as_str(), relation.name.as_str())).into_iter().flatten();
            let needing = claims.flat_map(|claim| claim.alternatives.iter().map(|alternative| (*claim, alternative)));
            let named = |alternative: &ClaimedRelation| {
                alternative.relation_name() == Some(&relation.name) && *alternative.schema == *relation.schema
            };
            if !authorities.allow(needing.filter(|(_, one)| named(one)), relation.owner, false)? {
                granted = Privileges::default();
            }
        }
        let before = ledger.get(&relation.oid).unwrap_or(&unknown);
        let mut change = privilege::change(&granted, &kept, &before.privileges, role.oid.to_u32(), relation);
        if reserve.is_some_and(|reserve| reserve.kept.contains(&relation.oid)) {
            change.revoke_nothing(&before.privileges);
        }
        if grants == Grants::Restored {
            change.ledger.keep_only(&before.privileges);
        }
        if !change.is_empty() || (apply == Apply::Really && !before.is_current(relation, &change.ledger)?) {
            changes.push((relation, change));
        }
    }
    if apply == Apply::OnlySay {
        return Ok(changes.iter().flat_map(|(relation, change)| made(relation, change)).collect());
    }
    if changes.iter().any(|(_, change)| !change.is_empty()) {
        acl::apply(role, &mut changes)?;
    }
    let mut entries: Vec<(&Relation, &Privileges)> = Vec::new();
    for (relation, change) in &changes {
        if !ledger.get(&relation.oid).unwrap_or(&unknown).is_current(relation, &change.ledger)? {
            entries.push((relation, &change.ledger));
        }
    }
    ledger::set_relations(stakeholder, &entries, first)?;
    Ok(changes.iter().flat_map(|(relation, change)| made(relation, change)).collect())
}

type Index<'a> = std::collections::HashMap<(&'a str, &'a str), Vec<&'a Claim>>;

fn index<'a>(claims: &[&'a Claim]) -> Index<'a> {
    let mut index = Index::new();
    for claim in claims {
        for alternative in &claim.alternatives {
            if let Some(relation) = alternative.relation_name() {
                index.entry((alternative.schema.as_str(), relation)).or_default().push(*claim);
            }
        }
    }
    index
}

fn made(relation: &Relation, change: &Change) -> Vec<Made> {
    let path: Rc<str> = display_relation(&relation.schema, &relation.name).into();
    let mut all = Vec::new();
    for (action, privileges) in [("revoke", &change.revoke), ("grant", &change.grant)] {
        for (privilege, extent) in privileges.iter() {
            let one = |column| Made { action, privilege: privilege.as_str(), path: Rc::clone(&path), column };
            if extent.whole {
                all.push(one(None));
            }
            let columns = relation.columns.iter().filter(|column| extent.columns.contains(&column.number));
            all.extend(columns.map(|column| one(Some(column.name.clone()))));
        }
    }
    all
}

/// Grants USAGE on the schemas that `claims` need and that the role has not been granted.
///
/// # Errors
/// 55000 when a grant cannot be made.
pub fn grant_schemas(
    stakeholder: &str,
    role: &Role,
    claims: &[&Claim],
    catalog: &Catalog,
    grants: Grants,
    apply: Apply,
) -> Result<Vec<Made>> {
    let mut all = Vec::new();
    let recorded = if grants == Grants::Restored { ledger::objects(stakeholder)? } else { Vec::new() };
    for name in privilege::needed_schemas(claims.iter().copied(), catalog) {
        let Some(schema) = catalog.schema(&name) else { continue };
        if grants.reserve().is_some_and(|reserve| reserve.schemas.contains(&name)) {
            continue;
        }
        if has_lasting(role, Privilege::Usage, schema.owner, &schema.acl) {
            continue;
        }
        let object = GrantedObject {
            kind: "schema".to_owned(),
            oid: schema.oid.into(),
            schema: name,
            name: String::new(),
            arguments: String::new(),
        };
        if apply == Apply::Really {
            acl::grant_object(role, &object)?;
            if grants != Grants::Restored || recorded.iter().any(|known| known.oid == object.oid) {
                ledger::add_object(stakeholder, &object)?;
            }
        }
        all.push(made_on(&object, "grant"));
    }
    Ok(all)
}

/// Revokes USAGE that was granted on schemas which no claim of the stakeholder is in any more. `recorded` is what the ledger
/// holds of objects.
///
/// # Errors
/// XX000
pub fn revoke_schemas(
    stakeholder: &str,
    role: &Role,
    still: &BTreeSet<String>,
    recorded: &[GrantedObject],
    apply: Apply,
) -> Result<Vec<Made>> {
    let mut all = Vec::new();
    for granted in recorded.iter().filter(|granted| granted.kind == "schema") {
        match catalog::namespace_name(granted.oid) {
            Some(name) if still.contains(&name) => continue,
            Some(name) => {
                let named = GrantedObject { schema: name, ..granted.clone() };
                if apply == Apply::Really && !acl::revoke_object(role, &named) {
                    continue;
                }
                all.push(made_on(&named, "revoke"));
            }
            None => {}
        }
        if apply == Apply::Really {
            ledger::remove_object(stakeholder, granted)?;
        }
    }
    Ok(all)
}

/// Grants and revokes USAGE and EXECUTE on sequences, types and functions, so that it is what `claims` need: all claims of
/// the stakeholder, or with `only` all on these objects. `recorded` is what the ledger holds of objects.
///
/// # Errors
/// 55000 when a grant cannot be made.
#[allow(clippy::too_many_arguments)]
pub fn objects(
    stakeholder: &str,
    role: &Role,
    claims: &[&Claim],
    catalog: &Catalog,
    only: Option<&BTreeSet<u32>>,
    recorded: &[GrantedObject],
    grants: Grants,
    apply: Apply,
) -> Result<Vec<Made>> {
    let (met, kept) = privilege::needed_objects(claims.iter().copied(), catalog);
    let before: Vec<&GrantedObject> = recorded.iter().filter(|granted| granted.kind != "schema").collect();
    if kept.is_empty() && before.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    let is_same = |needed: &NeededObject, granted: &GrantedObject| {
        needed.oid == granted.oid.to_u32() && needed.kind == granted.kind
    };
    for granted in before.iter().copied() {
        if only.is_some_and(|only| !only.contains(&granted.oid.to_u32()))
            || kept.iter().any(|one| is_same(one, granted))
        {
            continue;
        }
        if let Some(named) = catalog::object_named(granted) {
            if apply == Apply::Really && !acl::revoke_object(role, &named) {
                continue;
            }
            all.push(made_on(&named, "revoke"));
        }
        if apply == Apply::Really {
            ledger::remove_object(stakeholder, granted)?;
        }
    }
    let authorities = Authorities::of(stakeholder);
    let needed = match grants {
        Grants::Met | Grants::MetBut(_) => met,
        Grants::WhatIsLeft | Grants::Restored => kept,
        Grants::Nothing => BTreeSet::new(),
    };
    for needed in needed {
        let object = GrantedObject {
            kind: needed.kind.to_owned(),
            oid: needed.oid.into(),
            schema: needed.schema.clone(),
            name: needed.name.clone(),
            arguments: needed.arguments.clone(),
        };
        let recorded = before.iter().copied().find(|granted| is_same(&needed, granted));
        let Some((owner, acl)) = owner_and_acl(&needed, catalog) else { continue };
        if recorded.is_none() && !authorities.allow(needing(claims, &needed), owner, is_reserved(&needed, catalog))? {
            continue;
        }
        if has_lasting(role, acl::privilege_on(needed.kind), owner, acl) {
            if apply == Apply::Really && recorded.is_some_and(|recorded| *recorded != object) {
                ledger::add_object(stakeholder, &object)?;
            }
            continue;
        }
        if apply == Apply::Really {
            acl::grant_object(role, &object)?;
            if grants != Grants::Restored || recorded.is_some() {
                ledger::add_object(stakeholder, &object)?;
            }
        }
        all.push(made_on(&object, "grant"));
    }
    Ok(all)
}

/// The alternatives that need an object: those that name it, or that insert into the table whose sequence it is.
fn needing<'a>(
    claims: &'a [&Claim],
    needed: &'a NeededObject,
) -> impl Iterator<Item = (&'a Claim, &'a ClaimedRelation)> {
    let all = claims.iter().flat_map(|claim| claim.alternatives.iter().map(|alternative| (*claim, alternative)));
    all.filter(|(_, alternative)| {
        let is_named = alternative.kind.as_str() == needed.kind
            && alternative.schema == needed.schema
            && alternative.relation.as_deref() == Some(needed.name.as_str());
        is_named || (needed.kind == "sequence" && alternative.relation_name().is_some() && alternative.inserts())
    })
}

fn is_reserved(needed: &NeededObject, catalog: &Catalog) -> bool {
    let functions = catalog.functions(&needed.schema, &needed.name);
    needed.kind == "function"
        && functions.iter().find(|found| found.oid == needed.oid).is_some_and(|found| authority::is_reserved(found))
}

fn owner_and_acl<'a>(needed: &NeededObject, catalog: &'a Catalog) -> Option<(u32, &'a [Grant])> {
    match needed.kind {
        "sequence" => catalog.sequences.get(&needed.oid).map(|found| (found.owner, found.acl.as_slice())),
        "type" => catalog.named_type(&needed.schema, &needed.name).map(|found| (found.owner, found.acl.as_slice())),
        _ => {
            let found = catalog.functions(&needed.schema, &needed.name).iter().find(|found| found.oid == needed.oid);
            found.map(|found| (found.owner, found.acl.as_slice()))
        }
    }
}

/// Whether the role needs no grant: it owns the object, or the owner has granted to it.
fn has_lasting(role: &Role, privilege: Privilege, owner: u32, acl: &[Grant]) -> bool {
    let role = role.oid.to_u32();
    owner == role || acl.iter().any(|grant| privilege::is_lasting(grant, role, owner, privilege))
}

fn made_on(object: &GrantedObject, action: &'static str) -> Made {
    let path = match object.kind.as_str() {
        "schema" => display_schema(&object.schema),
        "function" => display_function(&object.schema, &object.name, &object.arguments),
        _ => display_relation(&object.schema, &object.name),
    };
    Made { action, privilege: acl::privilege_on(&object.kind).as_str(), path: path.into(), column: None }
}
