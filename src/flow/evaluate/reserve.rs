//! What is left alone while a claim is broken that COMMIT may find mended: what it relies on is not revoked, and what a
//! REVOKE took from it is not granted for another claim, or nobody could tell any more that it was taken.

use std::collections::{HashMap, HashSet};

use integratedb_claim::catalog::Relation;
use integratedb_claim::privilege::add_needed;
use integratedb_claim::state::{Claim, ClaimedRelation, Status};

use pgrx::pg_sys;

use super::{Evaluation, Judged};
use crate::flow::reconcile::Reserve;
use crate::pg::error::Result;
use crate::pg::store::{self, Stored};

/// What is left alone of each stakeholder's privileges.
#[derive(Default)]
pub(super) struct Reserved<'a> {
    by_stakeholder: HashMap<&'a str, Reserve>,
    /// Relations of claims that another session is about to see to, by stakeholder.
    untouchable: HashSet<(&'a str, u32)>,
}

impl Reserved<'_> {
    /// Of one stakeholder.
    pub(super) fn of(&self, stakeholder: &str) -> Option<&Reserve> {
        self.by_stakeholder.get(stakeholder)
    }

    /// Whether there may be something to do for the stakeholder on this relation: where nothing is revoked, only if one of
    /// its `claims` is met there.
    pub(super) fn leaves(&self, stakeholder: &str, relation: &Relation, claims: &[&Claim]) -> bool {
        let is_met = |alternative: &ClaimedRelation| {
            alternative.status == Status::Met
                && alternative.schema == relation.schema
                && alternative.relation_name() == Some(&relation.name)
        };
        !self.untouchable.contains(&(stakeholder, relation.oid))
            && (!self.is_kept(stakeholder, relation.oid)
                || claims.iter().flat_map(|claim| &claim.alternatives).any(is_met))
    }

    /// Whether nothing is revoked on this relation.
    pub(super) fn is_kept(&self, stakeholder: &str, oid: u32) -> bool {
        self.untouchable.contains(&(stakeholder, oid))
            || self.of(stakeholder).is_some_and(|reserve| reserve.kept.contains(&oid))
    }

    /// Whether anything was put off that is to be seen to before COMMIT.
    pub(super) fn is_empty(&self) -> bool {
        self.by_stakeholder.is_empty()
    }
}

impl Evaluation<'_> {
    /// For a statement; what COMMIT accepts reserves nothing any more.
    pub(super) fn reserved<'j>(&self, judged: &'j [Judged], elsewhere: &'j [Stored], accepted: bool) -> Reserved<'j> {
        let mut reserved = Reserved::default();
        for judged in judged {
            let claim = &judged.stored.claim;
            let stakeholder = claim.stakeholder.as_str();
            let oids = judged.stored.oids.iter().chain(&judged.oids).flatten().map(|oid| oid.to_u32());
            if judged.excused {
                reserved.untouchable.extend(oids.map(|oid| (stakeholder, oid)));
                continue;
            }
            let is_broken = judged.judgement.broken;
            // Once a privilege has been taken the claim may seem to be met for a while: an optional relation that goes.
            let has_lost_privileges =
                self.revoked.contains(&claim.id) || is_broken && self.suspects.contains(stakeholder);
            if accepted || !(is_broken || has_lost_privileges) {
                continue;
            }
            let reserve = reserved.by_stakeholder.entry(stakeholder).or_default();
            reserve.kept.extend(oids);
            if has_lost_privileges {
                self.withhold(reserve, &judged.stored, &judged.oids);
            }
        }
        for stored in elsewhere {
            let reserve = reserved.by_stakeholder.entry(stored.claim.stakeholder.as_str()).or_default();
            reserve.kept.extend(stored.oids.iter().flatten().map(|oid| oid.to_u32()));
            self.withhold(reserve, stored, &stored.oids);
        }
        reserved
    }

    /// The claims from which the transaction has taken a privilege and which the statement does not concern, though it
    /// concerns others of their stakeholders.
    ///
    /// # Errors
    /// XX000
    pub(super) fn revoked_elsewhere(&self, judged: &[Judged]) -> Result<Vec<Stored>> {
        let here: HashSet<i64> = judged.iter().map(|judged| judged.stored.claim.id).collect();
        let ids: Vec<i64> = self.revoked.iter().copied().filter(|id| !here.contains(id)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let stakeholders: HashSet<&str> =
            judged.iter().map(|judged| judged.stored.claim.stakeholder.as_str()).collect();
        let mut stored = store::load(ids)?;
        stored.retain(|stored| stakeholders.contains(stored.claim.stakeholder.as_str()));
        Ok(stored)
    }

    fn withhold(&self, reserve: &mut Reserve, stored: &Stored, oids: &[Option<pg_sys::Oid>]) {
        let Some(claim) = stored.baseline() else { return };
        let oids = stored.oids.iter().zip(oids);
        for (alternative, (before, now)) in claim.alternatives.iter().zip(oids) {
            reserve.schemas.insert(alternative.schema.clone());
            let on = |oid: u32| [before, now].into_iter().flatten().any(|known| known.to_u32() == oid);
            for relation in self.relations.iter().filter(|relation| on(relation.oid)) {
                add_needed(reserve.withheld.entry(relation.oid).or_default(), alternative, relation);
            }
        }
    }
}
