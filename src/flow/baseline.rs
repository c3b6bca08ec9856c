//! The baseline: what the catalogs say when the OID caches are not to be trusted, after a restore above all.
//!
//! Never raises for a claim that is not met: it finds out, it does not judge.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use integratedb_claim::catalog::Relation;
use integratedb_claim::deprecation::{Deprecations, heed};
use integratedb_claim::expand;
use integratedb_claim::report::count;
use integratedb_claim::state::{Claim, Status};
use integratedb_claim::validate::{WITHOUT_ACCESS, judge};

use super::reader::{Roles, with_reader};
use super::reconcile::{self, Apply, Grants};
use super::{adopt, option, survey};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::stamp::{self, Stamp};
use crate::pg::store::{self, Next, Stored};
use crate::pg::{fence, ledger, relations, transaction};

/// How many claims are read at a time.
pub const BATCH: i64 = 500;

/// Whether the caches are to be trusted.
///
/// # Errors
/// XX000
pub fn is_needed() -> Result<bool> {
    Ok(match stamp::read()? {
        Stamp::Valid => false,
        Stamp::Absent => !relations::is_empty(c"stakeholder")?,
        Stamp::Foreign | Stamp::Marked => true,
    })
}

/// Sets the baseline: every claim's state and OIDs as of now, wildcards expanded, privileges repaired, stamp renewed.
///
/// # Errors
/// 55000 when a privilege cannot be granted.
pub fn set() -> Result<()> {
    store::follow_protections(None)?;
    let seen = stamp::seen()?;
    // Within the same database the numbers are right and the names may not be.
    let restored = stamp::read()? != Stamp::Marked;
    if restored {
        ledger::rebuild_cache()?;
    }
    store::rebuild_deprecation_cache(stamp::read()? != Stamp::Marked)?;
    let mut roles = Roles::default();
    let mut unmet = 0;
    let mut unrepaired = false;
    let mut after = 0;
    loop {
        let ids = store::claim_ids_after(after, BATCH)?;
        let Some(last) = ids.last() else { break };
        after = *last;
        let taken = take(ids, restored, &mut roles)?;
        unmet += taken.unmet;
        unrepaired |= taken.unrepaired;
    }
    for stakeholder in store::stakeholders()? {
        if let Some(role) = roles.get(&stakeholder)?.role() {
            if restored {
                option::apply_again(&stakeholder, role)?;
            }
            store::cache_role(&stakeholder, role.oid)?;
            adopt::give_schema(role, &stakeholder, store::given(&stakeholder)?)?;
        }
    }
    unrepaired |= revoke_unclaimed(&mut roles)?;
    stamp::renew(seen)?;
    if unrepaired {
        // Once more, when those who alter these relations are done.
        stamp::mark_stale()?;
    }
    if unmet > 0 {
        Error::wrong_state(
            format!("{} not met by the catalogs as they are now", count(unmet, "claim")),
            "They were read anew because the database has been restored or copied, or DDL has passed with integratedb.enforcement = 'off'.",
            "SELECT * FROM integratedb.unmet_claims() lists them; they stop nobody's DDL.",
        )
        .warn();
    }
    Ok(())
}

/// The claims that are not met now though they are stored as met, and that this transaction has not broken itself; for a
/// command that cannot wait for the baseline, or is not to set it.
///
/// # Errors
/// XX000
pub fn unmet_before() -> Result<HashSet<i64>> {
    let mut found = HashSet::new();
    let broken: HashSet<i64> = transaction::remembered().iter().map(|broken| broken.key.claim_id).collect();
    survey::each(|claim, judgement| {
        if claim.status == Status::Met && judgement.next.status != Status::Met && !broken.contains(&claim.id) {
            found.insert(claim.id);
        }
    })?;
    Ok(found)
}

struct Taken {
    unmet: usize,
    unrepaired: bool,
}

/// One batch.
fn take(ids: Vec<i64>, restored: bool, roles: &mut Roles) -> Result<Taken> {
    let mut catalog = CatalogReader::default();
    catalog.catalog.protections = store::protections()?;
    let mut found: Vec<(Stored, Next)> = Vec::new();
    // What this transaction has broken is judged before COMMIT, as it was.
    let broken: HashSet<i64> = transaction::remembered().iter().map(|broken| broken.key.claim_id).collect();
    for stored in store::load(ids)? {
        if broken.contains(&stored.claim.id) {
            continue;
        }
        for alternative in stored.claim.alternatives.iter().filter(|alternative| alternative.is_wildcard()) {
            catalog.relations_in(&alternative.schema);
        }
        let Next { oids, rests_on, .. } = catalog.next(stored.claim.clone())?;
        let role = roles.get(&stored.claim.stakeholder)?;
        let judgement = with_reader(&role, |reader| {
            let judge = |claim: &Claim, _: &[usize]| judge(claim, &catalog.catalog, reader, WITHOUT_ACCESS);
            heed(&stored.claim, judge(&stored.claim, &[]), &Deprecations::default(), judge).0
        });
        found.push((stored, Next { claim: judgement.next, oids, rests_on }));
    }
    let changes: Vec<(&Stored, &Next)> = found.iter().map(|(stored, next)| (stored, next)).collect();
    store::update(&changes, false)?;
    let known: Vec<Next> = found.iter().map(|(_, next)| next.clone()).collect();
    store::rebuild_cache(&known)?;
    let derived = derive_missing(&known, &mut catalog, roles)?;
    let unmet = known.iter().chain(&derived).filter(|next| next.claim.status == Status::Unmet).count();
    let mut unrepaired = repair(&known, restored, &mut catalog, roles)?;
    unrepaired |= repair(&derived, false, &mut catalog, roles)?;
    Ok(Taken { unmet, unrepaired })
}

/// Relations under a wildcard that have no claim yet.
fn derive_missing(claims: &[Next], catalog: &mut CatalogReader, roles: &mut Roles) -> Result<Vec<Next>> {
    let mut derived = Vec::new();
    for wildcard in claims.iter().map(|next| &next.claim) {
        let [only] = wildcard.alternatives.as_slice() else { continue };
        if !only.is_wildcard() || wildcard.status != Status::Met {
            continue;
        }
        catalog.writable_in(only)?;
        let known = store::derived_relations(&wildcard.stakeholder, wildcard.match_number)?;
        let role = roles.get(&wildcard.stakeholder)?;
        let relations: Vec<Rc<Relation>> = catalog.catalog.relations_in(&only.schema).into_iter().cloned().collect();
        for relation in &relations {
            if known.contains(&relation.name) {
                continue;
            }
            let claim = with_reader(&role, |reader| expand::derive(wildcard, relation, &catalog.catalog, reader));
            if let Some(claim) = claim {
                derived.push(catalog.next(claim)?);
            }
        }
    }
    store::insert(&mut derived, false)?;
    Ok(derived)
}

/// What was granted on relations that have gone from under the names which are claimed. Tells as [`repair`] does whether
/// one was left out.
fn revoke_unclaimed(roles: &mut Roles) -> Result<bool> {
    let mut catalog = CatalogReader::default();
    let mut unrepaired = false;
    for (stakeholder, oids) in ledger::unclaimed_relations()? {
        let Some(role) = roles.get_to_grant(&stakeholder)? else { continue };
        let relations = oids.into_iter().filter_map(|oid| catalog.relation(oid));
        let (relations, altered): (Vec<_>, Vec<_>) =
            relations.partition(|relation| fence::is_unaltered(relation.oid.into()));
        unrepaired |= !altered.is_empty();
        reconcile::relations(&stakeholder, &role, &[], &relations, Grants::Nothing, Apply::Really)?;
    }
    Ok(unrepaired)
}

/// Tells whether a relation was left out because somebody alters it now: to wait for them with the grants that are made
/// already would be a deadlock in a parallel restore.
fn repair(claims: &[Next], restored: bool, catalog: &mut CatalogReader, roles: &mut Roles) -> Result<bool> {
    let mut unrepaired = false;
    let mut by_stakeholder: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    for next in claims {
        by_stakeholder.entry(&next.claim.stakeholder).or_default().push(&next.claim);
    }
    for (stakeholder, batch) in by_stakeholder {
        let Some(role) = roles.get_to_grant(stakeholder)? else { continue };
        let names =
            batch.iter().flat_map(|claim| &claim.alternatives).filter_map(|a| Some((&a.schema, a.relation_name()?)));
        // Several claims may be on one.
        let relations: BTreeMap<u32, Rc<Relation>> = names
            .filter_map(|(schema, relation)| catalog.relation_named(schema, relation))
            .map(|relation| (relation.oid, relation))
            .collect();
        let (relations, altered): (Vec<_>, Vec<_>) =
            relations.into_values().partition(|relation| fence::is_unaltered(relation.oid.into()));
        unrepaired |= !altered.is_empty();
        // Another batch may hold more claims of this stakeholder on the same relation.
        let oids = relations.iter().map(|relation| relation.oid.into()).collect();
        let more = store::load(store::claim_ids_on_objects(oids, vec![stakeholder.to_owned()])?)?;
        let mut all: Vec<&Claim> = more.iter().map(|stored| &stored.claim).collect();
        all.extend(&batch);
        let grants = if restored { Grants::Restored } else { Grants::WhatIsLeft };
        reconcile::grant_schemas(stakeholder, &role, &batch, &catalog.catalog, grants, Apply::Really)?;
        reconcile::relations(stakeholder, &role, &all, &relations, grants, Apply::Really)?;
        let objects: BTreeSet<u32> = batch.iter().flat_map(|claim| catalog.object_oids(claim)).collect();
        if !objects.is_empty() {
            let only = Some(&objects);
            let recorded = ledger::objects(stakeholder)?;
            reconcile::objects(stakeholder, &role, &all, &catalog.catalog, only, &recorded, grants, Apply::Really)?;
        }
    }
    Ok(unrepaired)
}
