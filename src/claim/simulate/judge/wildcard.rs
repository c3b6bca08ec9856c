//! The claims that wildcards make on relations that come under them.

use std::rc::Rc;

use super::{Book, Entry, grants, name_of, writes_view};
use crate::expand;
use crate::simulate::catalog::with_reader;
use crate::simulate::effect::Touched;
use crate::simulate::world::World;
use crate::state::{Claim, ClaimedRelation, Status};

impl Book {
    /// Claims that wildcards make on relations that are new to them.
    pub(super) fn derive(&mut self, world: &mut World, touched: &Touched) -> Vec<usize> {
        let mut concerned = Vec::new();
        if !self.index.has_wildcards() {
            return concerned;
        }
        for oid in &touched.relations {
            let Some((schema, _)) = name_of(world, *oid) else { continue };
            let wildcards = self.index.wildcards(&schema).to_vec();
            if wildcards.is_empty() {
                continue;
            }
            let Some(relation) = self.catalogs.member(world, *oid) else { continue };
            if !relation.kind.is_claimable() || relation.temporary {
                continue;
            }
            for wildcard in wildcards {
                let claim = self.claim(wildcard).clone();
                let is_wildcard = claim.alternatives.iter().all(ClaimedRelation::is_wildcard);
                if claim.status != Status::Met || !is_wildcard || self.has_derived(&claim, &schema, &relation.name) {
                    continue;
                }
                if !self.speaks_for(world, *oid, relation.owner) {
                    continue;
                }
                if claim.alternatives.iter().any(|alternative| !alternative.writes().is_empty()) {
                    self.catalogs.writable(world, *oid);
                }
                let role = self.roles.get(&claim.stakeholder).copied();
                let catalog = &self.catalogs.catalog;
                let derived = with_reader(world, role, |reader| expand::derive(&claim, &relation, catalog, reader));
                let Some(derived) = derived else { continue };
                let revoked = self.is_revoked_from(&claim.stakeholder);
                if let Some(role) = role.filter(|role| !revoked && world.roles.contains_key(role)) {
                    grants::grant(world, catalog, &derived, role);
                }
                let position = self.entries.len();
                self.index.add(position, &derived);
                if writes_view(world, &derived, &[Some(*oid)]) {
                    self.index.add_writing(position);
                }
                self.entries.push(Entry { claim: Rc::new(derived), oids: vec![Some(*oid)] });
                self.by_oid.entry(*oid).or_default().insert(position);
                self.state.derived.insert(position);
                concerned.extend([wildcard, position]);
            }
        }
        concerned
    }

    fn has_derived(&self, wildcard: &Claim, schema: &str, relation: &str) -> bool {
        self.index.named(schema, relation).iter().any(|position| {
            let claim = &self.entries[*position].claim;
            let is_on = |one: &ClaimedRelation| one.schema == schema && one.relation.as_deref() == Some(relation);
            !self.state.gone.contains(position)
                && claim.derived
                && claim.stakeholder == wildcard.stakeholder
                && claim.match_number == wildcard.match_number
                && claim.alternatives.iter().any(is_on)
        })
    }
}
