//! What a transaction has brought about: the claims that have changed, what is broken and by which statement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::announced::{Protecting, deprecations, protect};
use super::{Book, Entry, Judged, Reach, grants, untold};
use crate::simulate::apply::drop::resting_on_temporary;
use crate::simulate::effect::{Effect, Touched};
use crate::simulate::world::World;
use crate::state::{Claim, OnBreak, Status};
use crate::validate::{Judgement, Violation};
use crate::waiver::{Leave, let_pass};

/// What is broken, whatever it is found to be instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(super) claim: usize,
    path: String,
    column: Option<String>,
    rule: &'static str,
}

/// What a statement has broken, first of all.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    /// The statement's row.
    pub(crate) row: usize,
    /// The claim, by its position.
    pub(crate) claim: usize,
    /// What is wrong.
    pub(crate) violation: Violation,
    /// Whatever was done before that cannot be told, it breaks this.
    pub(crate) sure: bool,
    /// What has put it right again since.
    pub(crate) mended: Option<Mended>,
    /// Why it may break nonetheless.
    pub(crate) leave: Option<String>,
    /// What is left of the claim is deprecated.
    pub(crate) rests_on_deprecated: bool,
    pub(super) revoked: bool,
}

/// What has put right again what a statement had broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mended {
    /// The statement of this row.
    By(usize),
    /// Seen at the end of the transaction only.
    AtEnd,
}

/// What the running transaction has brought about.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Claims that have changed, with the OIDs of what they name.
    pub(super) changed: HashMap<usize, (Rc<Claim>, Vec<Option<u32>>)>,
    /// Claims that wildcards have made in this transaction: they bind from its end on.
    pub(super) derived: BTreeSet<usize>,
    /// Such claims that are no more.
    pub(super) gone: HashSet<usize>,
    pub(super) broken: BTreeMap<usize, BTreeSet<Key>>,
    pub(super) blamed: BTreeMap<Key, Blame>,
    pub(super) again: Again,
    /// What is broken and has been told, of this transaction or of an earlier one.
    pub(super) told: HashMap<usize, HashSet<Key>>,
    /// Objects over which somebody with the rights of their owner has spoken.
    pub(super) vouched: HashSet<u32>,
    pub(super) protections: Rc<Vec<Protecting>>,
}

/// Where to look again at the end of the transaction: what was touched by the statements that broke something.
#[derive(Debug, Clone, Default)]
pub(super) struct Again {
    touched: Touched,
    schemas: BTreeSet<String>,
}

impl Again {
    pub(super) fn is_empty(&self) -> bool {
        self.touched == Touched::default()
    }

    pub(super) fn add(&mut self, reach: &Reach) {
        self.touched.relations.extend(&reach.touched.relations);
        self.touched.names.extend(reach.names.iter().cloned());
        self.schemas.extend(reach.schemas.iter().cloned());
    }
}

impl Book {
    /// Keeps what has become of a claim, or what is wrong with it.
    pub(super) fn settle(
        &mut self,
        world: &mut World,
        position: usize,
        judged: Judged,
        (effect, suspect): (&Effect, bool),
        row: usize,
    ) {
        let Judged { judgement, oids, doubt } = judged;
        if self.state.derived.contains(&position) && judgement.next.status != Status::Met {
            self.state.gone.insert(position);
            self.state.changed.remove(&position);
            return;
        }
        // What cannot be told is no break.
        let rests_on_deprecated = judgement.broken && judgement.next.status == Status::Met;
        let mut now = BTreeSet::new();
        if judgement.broken && doubt.is_none() {
            for violation in judgement.violations {
                let key = key(position, &violation);
                if self.state.told.get(&position).is_some_and(|told| told.contains(&key)) {
                    continue;
                }
                let sure = untold::is_sure(world, &self.entries[position].claim, &violation, effect);
                let blame = self.state.blamed.entry(key.clone()).or_insert_with(|| Blame {
                    row,
                    claim: position,
                    sure,
                    violation,
                    mended: None,
                    leave: None,
                    rests_on_deprecated,
                    revoked: suspect,
                });
                blame.mended = None;
                now.insert(key);
            }
        }
        if judgement.broken && doubt.is_some() {
            return;
        }
        let before = self.state.broken.remove(&position).unwrap_or_default();
        self.mend(before.difference(&now), Mended::By(row));
        if !now.is_empty() {
            self.state.broken.insert(position, now);
        }
        if judgement.broken {
            return;
        }
        self.state.told.remove(&position);
        let next = judgement.next;
        if let Some(role) = self.roles.get(&next.stakeholder)
            && next.status == Status::Met
            && !suspect
            && !self.is_revoked_from(&next.stakeholder)
            && world.roles.contains_key(role)
        {
            grants::grant(world, &self.catalogs.catalog, &next, *role);
        }
        self.note(position, next, oids);
    }

    /// Keeps what has become of a claim.
    fn note(&mut self, position: usize, next: Claim, oids: Vec<Option<u32>>) {
        for oid in oids.iter().flatten() {
            self.by_oid.entry(*oid).or_default().insert(position);
        }
        self.state.changed.insert(position, (Rc::new(next), oids));
    }

    /// Why a broken claim may break nonetheless.
    fn leave(&self, judgement: &Judgement) -> Option<String> {
        if judgement.next.on_break() == OnBreak::Warn {
            return Some(Leave::OnBreak.why());
        }
        let waivers = self.waivers.get(&judgement.next.stakeholder).map(Vec::as_slice).unwrap_or_default();
        let ids = let_pass(&judgement.violations, waivers)?;
        Some(Leave::Waived(ids.into_iter().collect()).why())
    }

    /// What a REVOKE took from a claim that it broke is not granted for another claim: or nobody could tell any more.
    pub(super) fn is_revoked_from(&self, stakeholder: &str) -> bool {
        self.state.blamed.values().any(|blame| blame.revoked && blame.violation.stakeholder == stakeholder)
    }

    fn mend<'k>(&mut self, keys: impl Iterator<Item = &'k Key>, by: Mended) {
        for key in keys {
            if let Some(blame) = self.state.blamed.get_mut(key) {
                blame.mended = Some(by);
            }
        }
    }

    /// What a statement that cannot be rolled back has broken: told at once, and for good.
    pub(crate) fn settle_at_once(&mut self, row: usize) -> Vec<Blame> {
        let keys: Vec<Key> =
            self.state.blamed.iter().filter(|(_, blame)| blame.row == row).map(|(key, _)| key.clone()).collect();
        keys.into_iter().filter_map(|key| self.tell(key)).collect()
    }

    fn tell(&mut self, key: Key) -> Option<Blame> {
        let blame = self.state.blamed.remove(&key)?;
        if blame.mended.is_none() {
            if let Some(broken) = self.state.broken.get_mut(&key.claim) {
                broken.remove(&key);
            }
            self.state.told.entry(key.claim).or_default().insert(key);
        }
        Some(blame)
    }

    /// Ends the transaction: all that its statements are to blame for, mended or not. What is broken stays broken.
    pub(crate) fn commit(&mut self, world: &mut World) -> Vec<Blame> {
        let broken: Vec<usize> =
            self.state.broken.iter().filter(|(_, keys)| !keys.is_empty()).map(|(position, _)| *position).collect();
        self.catalogs.catalog.resting_on_temporary = resting_on_temporary(world).into_iter().collect();
        let again = std::mem::take(&mut self.state.again);
        let effect = Effect { touched: again.touched, ..Effect::default() };
        let reach = Reach {
            touched: &effect.touched,
            names: effect.touched.names.clone(),
            schemas: again.schemas,
            suspects: HashSet::new(),
        };
        for position in broken {
            let judged = self.judge_one(world, position, &reach, &effect);
            let violations = judged.judgement.violations.iter().filter(|_| judged.judgement.broken);
            let still: BTreeMap<Key, &Violation> =
                violations.map(|violation| (key(position, violation), violation)).collect();
            let before = self.state.broken.remove(&position).unwrap_or_default();
            self.mend(before.iter().filter(|key| !still.contains_key(key)), Mended::AtEnd);
            let leave = self.leave(&judged.judgement);
            for (key, violation) in still {
                if let Some(blame) = self.state.blamed.get_mut(&key) {
                    // What is there now: a later statement may have changed it once more.
                    blame.violation = violation.clone();
                    blame.leave.clone_from(&leave);
                }
            }
            if !judged.judgement.broken {
                self.note(position, judged.judgement.next, judged.oids);
            }
        }
        let keys: Vec<Key> = self.state.blamed.keys().cloned().collect();
        let told = keys.into_iter().filter_map(|key| self.tell(key)).collect();
        for (position, (claim, oids)) in std::mem::take(&mut self.state.changed) {
            self.entries[position] = Entry { claim, oids };
        }
        self.state.broken.clear();
        self.state.derived.clear();
        self.state.vouched.clear();
        let stand = self.announced.len();
        self.announced.retain(|announced| announced.stands(world));
        if self.announced.len() != stand {
            self.deprecations = deprecations(&self.announced);
        }
        told
    }

    /// Goes back to an earlier state, which is that of this world; gives back what was to blame since.
    pub(crate) fn roll_back(&mut self, world: &World, state: State) -> Vec<Blame> {
        let undone = std::mem::replace(&mut self.state, state);
        let claims_made = undone.derived.difference(&self.state.derived);
        self.state.gone.extend(claims_made);
        self.catalogs.follow(world);
        protect(&mut self.catalogs.catalog, &self.state.protections);
        self.find_claimed(world);
        let was_known = |key: &Key| self.state.blamed.contains_key(key);
        undone.blamed.into_iter().filter(|(key, _)| !was_known(key)).map(|(_, blame)| blame).collect()
    }
}

fn key(claim: usize, violation: &Violation) -> Key {
    Key { claim, path: violation.path.clone(), column: violation.column.clone(), rule: violation.rule().code }
}
