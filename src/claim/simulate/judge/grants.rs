//! What the extension grants at the end of a statement: a stakeholder keeps access to what it claims when that is dropped
//! and made again, and a later REVOKE takes it away from there.

use std::rc::Rc;

use crate::catalog::{Catalog, Grant, Relation};
use crate::privilege::{self, Privilege, PrivilegeSet, Privileges};
use crate::rules::function_exists;
use crate::simulate::world::World;
use crate::state::{Claim, ClaimedRelation, ObjectKind, Status};

/// Grants what a claim that is met needs of what is there.
pub(in crate::simulate) fn grant(world: &mut World, catalog: &Catalog, claim: &Claim, role: u32) {
    for alternative in claim.alternatives.iter().filter(|alternative| alternative.status == Status::Met) {
        grant_schema(world, &alternative.schema, role);
        let Some(name) = alternative.relation.as_deref() else { continue };
        match alternative.kind {
            ObjectKind::Relation => {
                if let Some(relation) = catalog.relation(&alternative.schema, name) {
                    grant_relation(world, claim, relation, role);
                    grant_sequences(world, catalog, alternative, relation, role);
                }
            }
            ObjectKind::Sequence => {
                if let Some(oid) = catalog.sequence(&alternative.schema, name).map(|found| found.oid) {
                    grant_sequence(world, oid, role);
                }
            }
            ObjectKind::Type => {
                let found =
                    catalog.named_type(&alternative.schema, name).and_then(|found| world.types.get_mut(&found.oid));
                if let Some(found) = found {
                    add(&mut found.acl, role, found.owner, Privilege::Usage);
                }
            }
            ObjectKind::Function => {
                let found = function_exists::find(alternative, catalog);
                if let Some(found) = found.and_then(|found| world.functions.get_mut(&found.oid)) {
                    let owner = found.owner;
                    if !has(&found.acl, role, owner, Privilege::Execute) {
                        add(&mut Rc::make_mut(found).acl, role, owner, Privilege::Execute);
                    }
                }
            }
        }
    }
}

fn grant_schema(world: &mut World, name: &str, role: u32) {
    let Some(schema) = world.schema_named(name).and_then(|oid| world.schemas.get_mut(&oid)) else { return };
    add(&mut schema.acl, role, schema.owner, Privilege::Usage);
}

fn grant_relation(world: &mut World, claim: &Claim, relation: &Relation, role: u32) {
    let (granted, kept) = privilege::needed([claim], relation);
    let change = privilege::change(&granted, &kept, &Privileges::default(), role, relation);
    if change.grant.is_empty() {
        return;
    }
    let Some(found) = world.relations.get_mut(&relation.oid) else { return };
    let found = Rc::make_mut(found);
    for (privilege, extent) in change.grant.iter() {
        if extent.whole {
            add(&mut found.acl, role, found.owner, privilege);
        }
        for column in found.columns.iter_mut().filter(|column| extent.columns.contains(&column.number)) {
            add(&mut column.acl, role, found.owner, privilege);
        }
    }
}

/// An INSERT draws from the sequences behind serial columns.
fn grant_sequences(world: &mut World, catalog: &Catalog, claimed: &ClaimedRelation, relation: &Relation, role: u32) {
    let constraints = catalog.constraints.get(&relation.oid).filter(|_| claimed.inserts());
    for oid in constraints.iter().flat_map(|constraints| &constraints.sequences) {
        grant_sequence(world, *oid, role);
    }
}

fn grant_sequence(world: &mut World, oid: u32, role: u32) {
    let Some(found) = world.relations.get_mut(&oid) else { return };
    let owner = found.owner;
    if !has(&found.acl, role, owner, Privilege::Usage) {
        add(&mut Rc::make_mut(found).acl, role, owner, Privilege::Usage);
    }
}

fn has(acl: &[Grant], role: u32, owner: u32, privilege: Privilege) -> bool {
    role == owner || acl.iter().any(|grant| privilege::is_lasting(grant, role, owner, privilege))
}

fn add(acl: &mut Vec<Grant>, role: u32, owner: u32, privilege: Privilege) {
    if has(acl, role, owner, privilege) {
        return;
    }
    match acl.iter_mut().find(|grant| grant.grantee == role && grant.grantor == owner) {
        Some(grant) => grant.privileges = grant.privileges.with(privilege),
        None => acl.push(Grant {
            grantee: role,
            grantor: owner,
            privileges: PrivilegeSet::NONE.with(privilege),
            grantable: PrivilegeSet::NONE,
        }),
    }
}
