//! What is left alone while a claim is broken that COMMIT may find mended: what it relies on is not revoked, and what a
//! REVOKE took from it is not granted for another claim, or nobody could tell any more that it was taken.

use std::collections::{HashMap, HashSet};

use integratedb_claim::catalog::Relation;
use integratedb_claim::privilege::add_needed;
use integratedb_claim::state::{Claim, ClaimedRelation, Status};

use super::{Evaluation, Judged};
use crate::flow::reconcile::Reserve;

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
    pub(super) fn reserved<'j>(&self, judged: &'j [Judged], accepted: bool) -> Reserved<'j> {
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
                self.withhold(reserve, judged);
            }
        }
        reserved
    }

    fn withhold(&self, reserve: &mut Reserve, judged: &Judged) {
        let Some(claim) = judged.stored.baseline() else { return };
        let oids = judged.stored.oids.iter().zip(&judged.oids);
        for (alternative, (before, now)) in claim.alternatives.iter().zip(oids) {
            reserve.schemas.insert(alternative.schema.clone());
            let on = |oid: u32| [before, now].into_iter().flatten().any(|known| known.to_u32() == oid);
            for relation in self.relations.iter().filter(|relation| on(relation.oid)) {
                add_needed(reserve.withheld.entry(relation.oid).or_default(), alternative, relation);
            }
        }
    }
}
