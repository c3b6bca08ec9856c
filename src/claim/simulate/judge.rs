//! The claims, judged after each statement as the extension judges them after each command: those that the statement
//! concerns, against their state when the transaction began.
//!
//! What a transaction has brought about is in [`State`], which a rollback takes back. At its end, what it has broken is
//! told once; the claim goes on to bind in all else, so that every break of a script is found.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::apply::drop::resting_on_temporary;
use super::catalog::writable::{below, is_table};
use super::catalog::{Catalogs, has_privileges_of, with_reader};
use super::effect::{Effect, Touched};
use super::input::Claims;
use super::world::World;
use crate::deprecation::{Deprecations, heed, is_partly_void};
use crate::state::{Claim, ClaimedRelation, ObjectKind, Status};
use crate::validate::{Judgement, judge};
use crate::waiver::Waiver;

mod announced;
pub(super) mod grants;
mod index;
mod transaction;
mod untold;
mod wildcard;

use announced::{Announced, Protecting, deprecations, protect};
use index::Index;
pub(crate) use transaction::{Blame, Mended, State};
use untold::Untold;

/// What has become of the claims by one statement.
#[derive(Debug, Default)]
pub(crate) struct Evaluated {
    /// Claims that it touches, by position.
    pub(crate) concerned: BTreeSet<usize>,
    /// Those of them of which it cannot be told what becomes of them, and why.
    pub(crate) doubted: BTreeMap<usize, String>,
    /// Those that lose one of several alternatives and are met by another one.
    pub(crate) fall_back: BTreeSet<usize>,
}

struct Entry {
    /// As it was when the transaction began.
    claim: Rc<Claim>,
    oids: Vec<Option<u32>>,
}

/// All claims, as a script goes on.
pub(crate) struct Book {
    entries: Vec<Entry>,
    index: Index,
    catalogs: Catalogs,
    roles: BTreeMap<String, u32>,
    announced: Vec<Announced>,
    deprecations: Deprecations,
    waivers: BTreeMap<String, Vec<Waiver>>,
    /// Relations under claimed names, by OID: their names before the statement at hand.
    claimed: HashMap<u32, (String, String)>,
    /// Claims by the OIDs that what they name has, or has had.
    by_oid: HashMap<u32, BTreeSet<usize>>,
    /// The last statement of which nothing could be told.
    untold: Option<Untold>,
    /// What a rollback takes back.
    pub(crate) state: State,
}

/// What a statement has touched, made complete.
struct Reach<'a> {
    touched: &'a Touched,
    names: BTreeSet<(String, String)>,
    schemas: BTreeSet<String>,
    suspects: HashSet<String>,
}

struct Judged {
    judgement: Judgement,
    oids: Vec<Option<u32>>,
    doubt: Option<String>,
}

impl Book {
    /// The claims as they are before the script; `world` has been indexed.
    pub(crate) fn new(world: &World, claims: &Claims) -> Book {
        let mut index = Index::default();
        let mut entries = Vec::with_capacity(claims.claims.len());
        let mut by_oid: HashMap<u32, BTreeSet<usize>> = HashMap::new();
        for (position, known) in claims.claims.iter().enumerate() {
            let claim = Rc::new(known.claim());
            index.add(position, &claim);
            let oids: Vec<Option<u32>> =
                claim.alternatives.iter().map(|alternative| oid_of(world, alternative)).collect();
            if writes_view(world, &claim, &oids) {
                index.add_writing(position);
            }
            for oid in oids.iter().flatten() {
                by_oid.entry(*oid).or_default().insert(position);
            }
            entries.push(Entry { claim, oids });
        }
        let announced: Vec<Announced> = claims.deprecated.iter().map(|what| Announced::new(world, what)).collect();
        let protections = claims.protections.iter().map(|protected| Protecting::new(world, protected)).collect();
        let mut book = Book {
            catalogs: Catalogs::new(world, std::iter::empty()),
            deprecations: deprecations(&announced),
            waivers: claims.waivers.clone(),
            state: State { protections: Rc::new(protections), ..State::default() },
            claimed: HashMap::new(),
            by_oid,
            untold: None,
            roles: claims.roles.clone(),
            announced,
            entries,
            index,
        };
        book.find_claimed(world);
        book.catalogs = Catalogs::new(world, book.claimed.keys().copied());
        for oid in book.index.writing().iter().flat_map(|position| &book.entries[*position].oids).flatten() {
            book.catalogs.writable(world, *oid);
        }
        protect(&mut book.catalogs.catalog, &book.state.protections);
        book
    }

    /// Whether anything is claimed at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether something that is not there yet is claimed already: by a wildcard, or pending.
    pub(crate) fn awaits_anything(&self) -> bool {
        self.index.has_wildcards() || self.entries.iter().any(|entry| entry.claim.pending)
    }

    /// A claim by position, as it is now.
    pub(crate) fn claim(&self, position: usize) -> &Claim {
        match self.state.changed.get(&position) {
            Some((claim, _)) => claim,
            None => &self.entries[position].claim,
        }
    }

    /// The OIDs of what a claim names, as it was when it was last met.
    fn oids(&self, position: usize) -> &[Option<u32>] {
        match self.state.changed.get(&position) {
            Some((_, oids)) => oids,
            None => &self.entries[position].oids,
        }
    }

    /// The claimed relation of an OID, by the name that it had before the statement at hand or has now, and who claims it.
    pub(crate) fn readers(&self, world: &World, oid: u32) -> Option<((String, String), BTreeSet<&str>)> {
        let names = [self.claimed.get(&oid).cloned(), name_of(world, oid)];
        names.into_iter().flatten().find_map(|(schema, name)| {
            let is_on = |alternative: &ClaimedRelation| {
                alternative.schema == schema && alternative.relation_name() == Some(name.as_str())
            };
            let live = self.index.named(&schema, &name).iter().filter(|position| !self.state.gone.contains(position));
            let claims = live.map(|position| self.claim(*position));
            let readers: BTreeSet<&str> = claims
                .filter(|claim| claim.alternatives.iter().any(is_on))
                .map(|claim| claim.stakeholder.as_str())
                .collect();
            (!readers.is_empty()).then_some(((schema, name), readers))
        })
    }

    /// Takes note of the names that relations have now, for the next statement.
    pub(crate) fn end_statement(&mut self, world: &World, touched: &Touched) {
        if touched.everything {
            self.find_claimed(world);
            return;
        }
        for oid in &touched.relations {
            match name_of(world, *oid).filter(|(schema, name)| !self.index.named(schema, name).is_empty()) {
                Some(name) => drop(self.claimed.insert(*oid, name)),
                None => drop(self.claimed.remove(oid)),
            }
        }
    }

    fn find_claimed(&mut self, world: &World) {
        let named = self.index.all_names().filter_map(|(schema, name, _)| {
            let oid = world.relation_named(world.schema_named(schema)?, name)?;
            Some((oid, (schema.to_owned(), name.to_owned())))
        });
        self.claimed = named.collect();
    }

    /// Judges the claims that a statement concerns, notes what it breaks and mends, and grants what is missing.
    pub(crate) fn evaluate(&mut self, world: &mut World, effect: &Effect, row: usize) -> Evaluated {
        let mut evaluated = Evaluated::default();
        let (reach, found, perhaps) = self.reach(world, effect);
        self.catalogs.catalog.strangers.clear();
        let mut looks_again = false;
        for position in found.union(&perhaps).copied() {
            if self.state.gone.contains(&position) {
                continue;
            }
            let before = Rc::clone(match self.state.changed.get(&position) {
                Some((claim, _)) => claim,
                None => &self.entries[position].claim,
            });
            let judged = self.judge_one(world, position, &reach, effect);
            if writes_view(world, &before, &judged.oids) {
                self.index.add_writing(position);
            }
            let next = &judged.judgement.next;
            let has_changed = judged.judgement.broken || judged.doubt.is_some() || next.status != before.status;
            if found.contains(&position) || has_changed {
                evaluated.concerned.insert(position);
            }
            if let Some(reason) = &judged.doubt {
                evaluated.doubted.insert(position, reason.clone());
            } else if !judged.judgement.broken && loses_an_alternative(&before, next) {
                evaluated.fall_back.insert(position);
            }
            let suspect = reach.suspects.contains(before.stakeholder.as_str());
            looks_again |= judged.judgement.broken || self.is_revoked_from(&before.stakeholder);
            self.settle(world, position, judged, (effect, suspect), row);
        }
        if looks_again || (!reach.schemas.is_empty() && !self.state.again.is_empty()) {
            self.state.again.add(&reach);
        }
        self.follow_protections(world);
        evaluated.concerned.extend(self.derive(world, &effect.touched));
        evaluated
    }

    /// The claims that a statement concerns, and those that it may concern.
    fn reach<'a>(&mut self, world: &World, effect: &'a Effect) -> (Reach<'a>, BTreeSet<usize>, BTreeSet<usize>)
    where
        Self: 'a,
    {
        let touched = &effect.touched;
        let resting = resting_on_temporary(world);
        let changed = if touched.everything { self.catalogs.follow(world) } else { Default::default() };
        let mut names = touched.names.clone();
        let doubted = effect.doubts.iter().flat_map(|doubt| &doubt.relations);
        names.extend(touched.relations.iter().chain(doubted).chain(&resting).filter_map(|oid| name_of(world, *oid)));
        self.catalogs.catalog.resting_on_temporary = resting.into_iter().collect();
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut perhaps: BTreeSet<usize> = BTreeSet::new();
        for (schema, name) in &names {
            found.extend(self.index.named(schema, name));
            perhaps.extend(self.index.wildcards(schema));
        }
        // What a claim has lost to another name is still what it is judged against.
        for oid in &touched.relations {
            let positions = self.by_oid.get(oid).into_iter().flatten().copied();
            found.extend(positions.filter(|position| self.oids(*position).contains(&Some(*oid))));
        }
        for schema in &changed.schemas {
            found.extend(self.index.in_schema(schema));
        }
        if !changed.types.is_empty() {
            let is_changed =
                |oid: u32| world.relations[&oid].columns.iter().any(|column| changed.types.contains(&column.r#type));
            let of_names = self.index.all_names().filter(|(schema, name, _)| {
                let oid = world.schema_named(schema).and_then(|schema| world.relation_named(schema, name));
                oid.is_some_and(is_changed)
            });
            found.extend(of_names.flat_map(|(_, _, positions)| positions));
        }
        if touched.everything {
            perhaps.extend(self.index.objects());
        }
        perhaps.extend(
            self.index.writing().iter().copied().filter(|position| self.writes_through(world, *position, touched)),
        );
        // A sequence that no column owns: a DEFAULT may draw from it all the same.
        let is_free_sequence = |oid: &u32| {
            world.relations.get(oid).map_or(touched.everything, |found| found.kind == 'S' && found.owned_by.is_none())
        };
        if touched.relations.iter().any(is_free_sequence) {
            perhaps.extend(self.index.inserting());
        }
        // PUBLIC is no stakeholder's role.
        let suspects: HashSet<String> = self
            .roles
            .iter()
            .filter(|(_, role)| touched.revoked.contains(role))
            .map(|(name, _)| name.clone())
            .collect();
        (Reach { touched, names, schemas: changed.schemas, suspects }, found, perhaps)
    }

    /// Whether something has changed below what a claim writes.
    fn writes_through(&self, world: &World, position: usize, touched: &Touched) -> bool {
        self.oids(position).iter().flatten().any(|oid| match self.catalogs.catalog.writable.get(oid) {
            Some(writable) => writable.onto.iter().any(|below| touched.relations.contains(below)),
            None if self.catalogs.unsure_writing.contains_key(oid) => {
                below(world, *oid).iter().any(|below| touched.relations.contains(below))
            }
            None => false,
        })
    }

    fn judge_one(&mut self, world: &World, position: usize, reach: &Reach, effect: &Effect) -> Judged {
        let began = Rc::clone(&self.entries[position].claim);
        let known = self.oids(position).to_vec();
        let mut oids = Vec::with_capacity(known.len());
        for (alternative, known) in began.alternatives.iter().zip(&known) {
            let found = self.catalogs.load(world, alternative);
            if let Some(found) = found.filter(|found| Some(*found) != *known && !alternative.is_wildcard()) {
                self.ask_owner(world, alternative, found);
            }
            oids.push(found.or(*known));
        }
        let unseen = self.state.derived.contains(&position).then(|| began.unseen());
        let baseline = unseen.as_ref().unwrap_or(&began);
        let role = self.roles.get(&began.stakeholder).copied();
        let catalog = &self.catalogs.catalog;
        let access = self.access_check(position, baseline, &oids, reach);
        let heeds = unseen.is_none() && (!self.announced.is_empty() || is_partly_void(&began));
        let judgement = with_reader(world, role, |reader| {
            let judgement = judge(baseline, catalog, reader, &access);
            if !heeds {
                return judgement;
            }
            let judge_part =
                |part: &Claim, places: &[usize]| judge(part, catalog, reader, &|number| access(places[number]));
            heed(baseline, judgement, &self.deprecations, judge_part).0
        });
        drop(access);
        let replaced = || self.replaced(world, &began, &oids).filter(|_| !judgement.broken);
        let doubt = doubt(world, effect, known.iter().chain(&oids).flatten())
            .or_else(replaced)
            .or_else(|| self.unsure_writing(&began, &oids));
        Judged { judgement, oids, doubt }
    }

    /// Why it cannot be told whether what a claim writes can be written.
    fn unsure_writing(&self, claim: &Claim, oids: &[Option<u32>]) -> Option<String> {
        let written = claim.alternatives.iter().zip(oids).filter(|(alternative, _)| !alternative.writes().is_empty());
        written.filter_map(|(_, oid)| oid.as_ref()).find_map(|oid| self.catalogs.unsure_writing.get(oid)).cloned()
    }

    /// Of which alternatives a missing privilege is a violation: of all where the transaction may have taken it. What the
    /// statement has touched is granted again where it is lost; of another alternative access is part of being met.
    fn access_check<'b>(
        &'b self,
        position: usize,
        claim: &'b Claim,
        oids: &'b [Option<u32>],
        reach: &'b Reach,
    ) -> impl Fn(usize) -> bool + 'b {
        let suspect = reach.suspects.contains(claim.stakeholder.as_str()) || self.was_revoked(position);
        let is_touched = |number: usize| {
            let alternative = &claim.alternatives[number];
            let name = (alternative.schema.clone(), alternative.relation.clone().unwrap_or_default());
            oids[number].is_some_and(|oid| reach.touched.relations.contains(&oid))
                || reach.names.contains(&name)
                || reach.schemas.contains(&alternative.schema)
        };
        let several = claim.alternatives.len() > 1;
        let was_seen = |number: usize| claim.alternatives[number].status != Status::Pending;
        move |number: usize| suspect || (several && was_seen(number) && !is_touched(number))
    }

    /// Whether the transaction has taken a privilege from a claim.
    fn was_revoked(&self, position: usize) -> bool {
        self.state.blamed.iter().any(|(key, blame)| key.claim == position && blame.revoked)
    }

    /// What comes under a claimed name is granted only if whoever put it there has the rights of its owner.
    fn ask_owner(&mut self, world: &World, alternative: &ClaimedRelation, oid: u32) {
        if let Some(owner) = self.catalogs.owner(alternative)
            && !self.speaks_for(world, oid, owner)
        {
            self.catalogs.catalog.strangers.insert(oid);
        }
    }

    /// Whether the user, now or at an earlier statement of the transaction, has the rights of the object's owner.
    fn speaks_for(&mut self, world: &World, oid: u32, owner: u32) -> bool {
        let may = has_privileges_of(world, world.user, owner);
        if may {
            self.state.vouched.insert(oid);
        }
        may || self.state.vouched.contains(&oid)
    }

    fn follow_protections(&mut self, world: &World) {
        if self.state.protections.is_empty() {
            return;
        }
        let mut all = (*self.state.protections).clone();
        let mut has_changed = false;
        for one in &mut all {
            has_changed |= one.follow(world);
        }
        if has_changed {
            protect(&mut self.catalogs.catalog, &all);
            self.state.protections = Rc::new(all);
        }
    }
}

/// Whether a claim writes what is no table: it rests on what is below that.
fn writes_view(world: &World, claim: &Claim, oids: &[Option<u32>]) -> bool {
    let is_view = |oid: u32| world.relations.get(&oid).is_some_and(|found| !is_table(found));
    let mut written = claim.alternatives.iter().zip(oids).filter(|(one, _)| !one.writes().is_empty());
    written.any(|(_, oid)| oid.is_some_and(is_view))
}

/// Schema and name of a lasting relation.
fn name_of(world: &World, oid: u32) -> Option<(String, String)> {
    let relation = world.relations.get(&oid)?;
    Some((world.schemas.get(&relation.schema)?.name.clone(), relation.name.clone()))
}

/// The OID of what an alternative names before the script, if it is there. Of a function that is not asked.
fn oid_of(world: &World, claimed: &ClaimedRelation) -> Option<u32> {
    let schema = world.schema_named(&claimed.schema)?;
    let Some(name) = &claimed.relation else { return Some(schema) };
    match claimed.kind {
        ObjectKind::Relation | ObjectKind::Sequence => world.relation_named(schema, name),
        ObjectKind::Type => world.type_named(schema, name),
        ObjectKind::Function => {
            let wanted = &claimed.requirements().function.as_ref()?.arguments;
            let has_arguments = |oid: &u32| {
                let arguments = world.functions[oid].arguments.iter();
                arguments.map(|argument| super::catalog::type_name(world, *argument)).eq(wanted.iter().cloned())
            };
            world.functions_named(schema, name).into_iter().find(has_arguments)
        }
    }
}

/// Why nothing can be told of a claim on these relations.
fn doubt<'a>(world: &World, effect: &Effect, mut oids: impl Iterator<Item = &'a u32> + Clone) -> Option<String> {
    let is_doubted =
        |relations: &BTreeSet<u32>| relations.is_empty() || oids.clone().any(|oid| relations.contains(oid));
    if let Some(doubt) = effect.doubts.iter().find(|doubt| is_doubted(&doubt.relations)) {
        return Some(doubt.reason.clone());
    }
    oids.find_map(|oid| world.relations.get(oid)?.uncertain.clone())
}

/// Whether something that was met no longer is, though the claim is.
fn loses_an_alternative(before: &Claim, after: &Claim) -> bool {
    let pairs = || before.alternatives.iter().zip(&after.alternatives);
    let loses_relation = before.alternatives.len() > 1
        && pairs().any(|(before, after)| before.status == Status::Met && after.status != Status::Met);
    let loses_column = || {
        let fields =
            pairs().filter(|(before, _)| !before.every_column).flat_map(|(b, a)| b.fields.iter().zip(&a.fields));
        fields.filter(|(before, _)| before.columns.len() > 1).any(|(before, after)| {
            let columns = before.columns.iter().zip(&after.columns);
            columns.into_iter().any(|(before, after)| before.status == Status::Met && after.status != Status::Met)
        })
    };
    after.status == Status::Met && (loses_relation || loses_column())
}
