//! What is sure of a claim after a statement of which nothing could be told.
//!
//! What such a statement may have done to a relation that is under no claimed name is seen only when something later puts
//! that relation there. And what is broken later it may have broken before, or made that it no longer breaks: only what
//! takes something away by its name is sure to break.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Book;
use crate::rules;
use crate::simulate::effect::Effect;
use crate::simulate::world::{Relation, Schema, World};
use crate::state::{Claim, ClaimedRelation, ObjectKind};
use crate::validate::Violation;

/// The relations as they were known to be when it ran.
#[derive(Debug, Clone)]
pub(super) struct Untold {
    relations: BTreeMap<u32, Rc<Relation>>,
    schemas: BTreeMap<u32, Schema>,
}

impl Untold {
    /// A relation's schema and name then; of one that is new since then nothing.
    fn name(&self, oid: u32) -> Option<(&str, &str)> {
        let relation = self.relations.get(&oid)?;
        Some((self.schemas.get(&relation.schema)?.name.as_str(), relation.name.as_str()))
    }
}

impl Book {
    /// Takes note of a statement that may have changed anything.
    pub(crate) fn note_untold(&mut self, world: &World) {
        if !self.is_empty() {
            self.untold = Some(Untold { relations: world.relations.clone(), schemas: world.schemas.clone() });
        }
    }

    /// Why it cannot be told that a claim is met: what it names has come there since, and may have been changed before.
    pub(super) fn replaced(&self, world: &World, claim: &Claim, oids: &[Option<u32>]) -> Option<String> {
        let untold = self.untold.as_ref()?;
        let is_replaced = |(alternative, oid): (&ClaimedRelation, &Option<u32>)| {
            let relation = oid.and_then(|oid| Some((oid, world.relations.get(&oid)?)));
            let Some((oid, relation)) = relation.filter(|_| alternative.kind == ObjectKind::Relation) else {
                return false;
            };
            let Some(before) = untold.name(oid) else { return false };
            if Some(before) != alternative.relation_name().map(|name| (alternative.schema.as_str(), name)) {
                return true;
            }
            let columns = &untold.relations[&oid].columns;
            let claimed = alternative.fields.iter().flat_map(|field| &field.columns);
            let now = claimed.filter_map(|claimed| relation.columns.iter().find(|column| column.name == claimed.name));
            now.flat_map(|now| columns.iter().filter(|then| then.number == now.number && then.name != now.name))
                .next()
                .is_some()
        };
        let found = claim.alternatives.iter().zip(oids).any(is_replaced);
        found
            .then(|| "what it puts in place may have been changed before by a statement that cannot be told".to_owned())
    }
}

/// Whether a statement surely breaks what it seems to break: it takes it away by its name.
pub(super) fn is_sure(world: &World, claim: &Claim, violation: &Violation, effect: &Effect) -> bool {
    let [alternative] = claim.alternatives.as_slice() else { return false };
    let is_it = |relation: &Relation| {
        let schema = world.schemas.get(&relation.schema).map(|schema| schema.name.as_str());
        schema == Some(alternative.schema.as_str()) && alternative.relation_name() == Some(relation.name.as_str())
    };
    let named = effect.former.iter().filter(|(oid, _)| effect.named.contains(oid)).map(|(_, relation)| relation);
    let Some(relation) = named.into_iter().find(|relation| is_it(relation)) else { return false };
    let code = violation.rule().code;
    match &violation.column {
        None => code == rules::relation_exists::RULE.code,
        Some(name) => {
            let is_only =
                alternative.fields.iter().any(|field| matches!(&field.columns[..], [only] if only.name == *name));
            code == rules::column_exists::RULE.code
                && is_only
                && relation.columns.iter().any(|column| column.name == *name)
        }
    }
}
