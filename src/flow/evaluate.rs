//! What a DDL command did to the claims it touched: their new state, their privileges, and what it broke.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use integratedb_claim::catalog::Relation;
use integratedb_claim::expand;
use integratedb_claim::state::{Claim, ClaimedRelation, Status};
use integratedb_claim::validate::{Judgement, Violation, judge};
use integratedb_claim::waiver::Leave;
use pgrx::pg_sys;

use self::reserve::Reserved;
use super::reader::{Roles, with_reader};
use super::reconcile::{self, Apply, Grants};
use super::{history, own};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::ddl::Touched;
use crate::pg::error::Result;
use crate::pg::security::{self, AsOwner};
use crate::pg::settings::{self, Enforcement};
use crate::pg::store::{self, Next, Notice, RestsOn, Stored};
use crate::pg::transaction::{self, Key, Remembered};
use crate::pg::{fence, ledger, probe, rehearsal, session, stamp};

mod deprecation;
mod fix;
mod reserve;
mod told;

/// When an evaluation takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// At the end of a statement: a break is remembered.
    Statement,
    /// At the end of a statement that cannot be rolled back: a break is a WARNING.
    Irreversible,
    /// Before COMMIT or PREPARE TRANSACTION: a break is an ERROR.
    BeforeCommit,
}

/// Judges every claim that `touched` concerns, against the state when the transaction began; stores what has changed and
/// brings privileges in line.
///
/// # Errors
/// 2BP01 with every violation, when a claim is broken and the phase and the settings say so.
pub fn evaluate(touched: &Touched, phase: Phase) -> Result<()> {
    // Most DDL touches no claim: then this is all.
    let is_odd = !touched.privileges.is_empty() || touched.has_lost_index() || touched.has_schema();
    if !is_odd && touched.claims.is_empty() && probe::claims_on(touched)?.is_empty() {
        return Ok(());
    }
    let _owner = AsOwner::begin()?;
    let (touched, suspects) = with_privileges(touched)?;
    let ids = concerned(&touched)?;
    if touched.has_schema() {
        own::note_schemas(schemas(&touched).map(String::as_str))?;
    }
    if ids.is_empty() && !touched.has_schema() {
        return Ok(());
    }
    rehearsal::touches(&ids);
    let mut evaluation = Evaluation::new(&touched, phase, ids, suspects);
    let mut judged = evaluation.judge()?;
    let mark = history::mark();
    evaluation.heed_deprecations(&mut judged)?;
    evaluation.give_leave(&mut judged)?;
    let broken: Vec<&Judged> = judged.iter().filter(|judged| judged.is_broken()).collect();
    evaluation.report(&broken)?;
    let accepted = phase != Phase::Statement;
    if accepted {
        broken.iter().for_each(|judged| history::broke(&judged.judgement.violations, &judged.allowed()));
    }
    let is_broken = !broken.is_empty();
    evaluation.apply(&judged, accepted)?;
    history::statement(&touched, mark, is_broken);
    Ok(())
}

/// The claims that a command may have changed.
fn concerned(touched: &Touched) -> Result<Vec<i64>> {
    let mut ids = probe::claims_on(touched)?;
    ids.extend(&touched.claims);
    if touched.has_lost_index() {
        ids.extend(store::claim_ids_on_indexes()?);
    }
    if touched.has_schema() {
        // What is claimed in it and is not there needs USAGE all the same.
        ids.extend(store::claim_ids_in_schemas(schemas(touched).cloned().collect())?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The schemas that a command is about.
fn schemas(touched: &Touched) -> impl Iterator<Item = &String> {
    touched.names.iter().filter(|(_, relation)| relation.is_empty()).map(|(schema, _)| schema)
}

/// The stakeholders from which the command may have taken a privilege, and the objects of those REVOKEs as touched: all
/// claims on them are needed to say what a stakeholder needs.
fn with_privileges(touched: &Touched) -> Result<(Touched, HashSet<String>)> {
    let mut all = touched.clone();
    let mut suspects = HashSet::new();
    for change in &touched.privileges {
        let concerned = store::stakeholders_with_roles(change.grantees.clone())?;
        let is_drop_owned = touched.statements().any(|(tag, _)| tag == "DROP OWNED");
        for stakeholder in &concerned {
            own::note(stakeholder, &change.objects, is_drop_owned)?;
        }
        if !concerned.is_empty() {
            all.add_objects(&change.objects)?;
        }
        suspects.extend(concerned);
    }
    Ok((all, suspects))
}

/// Judges again what the transaction remembers; called before COMMIT and PREPARE TRANSACTION.
///
/// # Errors
/// 2BP01 with every violation, when a claim is still broken.
pub fn before_commit() -> Result<()> {
    evaluate(&again()?, Phase::BeforeCommit)
}

/// A violation with which COMMIT would meet.
#[derive(Debug, Clone)]
pub struct StillBroken {
    /// The violation.
    pub violation: Violation,
    /// Why it would pass all the same.
    pub leave: Option<Leave>,
}

/// What the transaction remembers and is still broken.
///
/// # Errors
/// XX000
pub fn still_broken() -> Result<Vec<StillBroken>> {
    if !transaction::has_remembered() {
        return Ok(Vec::new());
    }
    let _owner = AsOwner::begin()?;
    let touched = again()?;
    let mut evaluation = Evaluation::new(&touched, Phase::BeforeCommit, concerned(&touched)?, HashSet::new());
    let mut judged = evaluation.judge()?;
    evaluation.foresee_deprecations(&mut judged)?;
    evaluation.give_leave(&mut judged)?;
    let broken = judged.into_iter().filter(Judged::is_broken);
    let violations = broken.flat_map(|judged| {
        let leave = judged.leave;
        judged.judgement.violations.into_iter().map(move |violation| StillBroken { violation, leave: leave.clone() })
    });
    Ok(violations.collect())
}

/// Where the transaction has broken something.
fn again() -> Result<Touched> {
    let mut touched = transaction::look_again();
    touched.resting_on_temporary.clear();
    if session::has_temporary_schema() {
        touched.add_resting_on_temporary()?;
    }
    Ok(touched)
}

/// Judges the claims that `touched` concerns as if its indexes were gone: for a command that cannot be undone.
///
/// # Errors
/// 2BP01 with every violation, when a claim would be broken.
pub fn refuse_without_indexes(touched: &Touched) -> Result<()> {
    let ids = probe::claims_on(touched)?;
    // Where it is not to be refused its end says what it has broken.
    let is_enforced = settings::enforcement() == Enforcement::Enforce;
    let must_say_why = settings::enforcement() == Enforcement::Warn && told::lacks_reason()?;
    if ids.is_empty() || !(is_enforced || must_say_why) {
        return Ok(());
    }
    let mut evaluation = Evaluation::new(touched, Phase::BeforeCommit, ids, HashSet::new());
    evaluation.without_indexes = touched.placed_indexes.clone();
    evaluation.catalog.catalog.protections = store::protections()?;
    let stored = store::load(evaluation.ids.clone())?;
    let mut judged: Vec<Judged> =
        stored.into_iter().map(|stored| evaluation.judge_one(stored)).collect::<Result<_>>()?;
    evaluation.foresee_deprecations(&mut judged)?;
    evaluation.give_leave(&mut judged)?;
    // What may break is warned of at the end.
    let broken: Vec<&Judged> = judged.iter().filter(|judged| judged.is_broken() && judged.leave.is_none()).collect();
    if is_enforced || broken.is_empty() { evaluation.report(&broken) } else { Err(evaluation.without_reason(&broken)) }
}

struct Judged {
    stored: Stored,
    judgement: Judgement,
    oids: Vec<Option<pg_sys::Oid>>,
    rests_on: RestsOn,
    /// Made by a wildcard in this transaction, and its relation is no longer there.
    vanished: bool,
    /// Was not met before the command began: another session is about to find out.
    excused: bool,
    /// Why it may break, if it is broken.
    leave: Option<Leave>,
}

struct Evaluation<'a> {
    touched: &'a Touched,
    phase: Phase,
    ids: Vec<i64>,
    /// Stakeholders whose privileges the command may have taken.
    suspects: HashSet<String>,
    remembered: HashMap<Key, Remembered>,
    /// Claims from which the transaction has taken a privilege.
    revoked: HashSet<i64>,
    excused: HashSet<i64>,
    roles: Roles,
    catalog: CatalogReader,
    relations: Vec<Rc<Relation>>,
    /// Indexes to judge without, though they are still there.
    without_indexes: BTreeSet<u32>,
    /// What is deprecated of what the claims name.
    notices: Vec<Notice>,
}

impl<'a> Evaluation<'a> {
    fn new(touched: &'a Touched, phase: Phase, ids: Vec<i64>, suspects: HashSet<String>) -> Evaluation<'a> {
        let mut remembered = HashMap::new();
        for broken in transaction::remembered() {
            // The statement that first brought a violation about is blamed for it.
            remembered.entry(broken.key.clone()).or_insert(broken);
        }
        let revoked = remembered.values().filter(|broken| broken.revoked).map(|broken| broken.key.claim_id).collect();
        Evaluation {
            touched,
            phase,
            ids,
            suspects,
            remembered,
            revoked,
            excused: transaction::excused(),
            roles: Roles::default(),
            catalog: CatalogReader::default(),
            relations: Vec::new(),
            without_indexes: BTreeSet::new(),
            notices: Vec::new(),
        }
    }

    /// Loads and judges; claims that lose one of several alternatives are locked first and judged again, or else two
    /// migrations could each drop the other's fallback.
    fn judge(&mut self) -> Result<Vec<Judged>> {
        let mut locked: BTreeSet<i64> = BTreeSet::new();
        let mut locked_relations = false;
        let mut locked_below: BTreeSet<u32> = BTreeSet::new();
        loop {
            self.catalog = CatalogReader::default();
            let stored = store::load(self.ids.clone())?;
            if locked.is_empty() && !locked_relations && self.lock_relations_of_types(&stored) {
                locked_relations = true;
                continue;
            }
            self.catalog.catalog.protections = store::protections()?;
            self.catalog.catalog.resting_on_temporary = self.touched.resting_on_temporary.iter().copied().collect();
            let judged: Vec<Judged> = stored.into_iter().map(|stored| self.judge_one(stored)).collect::<Result<_>>()?;
            if self.lock_below_views(&judged, &mut locked_below) {
                continue;
            }
            let to_lock: Vec<i64> = judged
                .iter()
                .filter(|judged| judged.loses_an_alternative() && !locked.contains(&judged.stored.claim.id))
                .map(|judged| judged.stored.claim.id)
                .collect();
            if to_lock.is_empty() {
                self.relations = self.touched_relations();
                return Ok(judged);
            }
            locked.extend(&to_lock);
            store::lock_claims(to_lock)?;
            session::accept_invalidations();
        }
    }

    /// ALTER DOMAIN and ALTER TYPE lock no relation: another migration could take away the other half of what a claim
    /// relies on. Tells whether there was anything to lock.
    fn lock_relations_of_types(&self, stored: &[Stored]) -> bool {
        let claimed = stored.iter().flat_map(|stored| &stored.oids).flatten();
        let reached: BTreeSet<u32> =
            claimed.map(|oid| oid.to_u32()).filter(|oid| self.touched.through_types.contains(oid)).collect();
        for oid in &reached {
            fence::share_relation((*oid).into());
        }
        session::accept_invalidations();
        !reached.is_empty()
    }

    /// What the command has changed may be written through views only as long as what is below them stays: another
    /// migration could take that away, which knows nothing of it yet. From above to below, as the server does. Tells whether
    /// there was anything to lock.
    fn lock_below_views(&self, judged: &[Judged], locked: &mut BTreeSet<u32>) -> bool {
        let mut found = false;
        for judged in judged {
            for (alternative, view) in judged.judgement.next.alternatives.iter().zip(&judged.oids) {
                let below = self.catalog.written_through(alternative);
                let chain = view.iter().chain(&below).map(|oid| oid.to_u32());
                let from_touched = chain.skip_while(|oid| !self.touched.oids.contains(oid));
                for oid in from_touched.filter(|oid| !self.touched.oids.contains(oid)) {
                    if locked.insert(oid) {
                        fence::share_relation(oid.into());
                        found = true;
                    }
                }
            }
        }
        if found {
            session::accept_invalidations();
        }
        found
    }

    fn judge_one(&mut self, stored: Stored) -> Result<Judged> {
        let mut oids = Vec::with_capacity(stored.oids.len());
        let mut rests_on = RestsOn::new();
        for (number, (alternative, known)) in stored.claim.alternatives.iter().zip(&stored.oids).enumerate() {
            let found = self.catalog.load(alternative)?;
            if let Some(found) = found.filter(|found| Some(*found) != *known && !alternative.is_wildcard()) {
                self.ask_owner(alternative, found);
            }
            oids.push(found.or(*known));
            self.catalog.note_parts(alternative, number, &mut rests_on);
        }
        self.catalog.forget_indexes(&self.without_indexes);
        let fresh;
        let baseline = match stored.baseline() {
            Some(baseline) => baseline,
            None => {
                fresh = stored.claim.unseen();
                &fresh
            }
        };
        let role = self.roles.get(&stored.claim.stakeholder)?;
        let catalog = &self.catalog.catalog;
        let judgement =
            with_reader(&role, |reader| judge(baseline, catalog, reader, &self.access_check(baseline, &oids)));
        let vanished = stored.baseline().is_none() && judgement.next.status != Status::Met;
        let excused = self.excused.contains(&stored.claim.id);
        Ok(Judged { stored, judgement, oids, rests_on, vanished, excused, leave: None })
    }

    /// What comes under a claimed name is granted only if whoever put it there has the rights of its owner: the owner of a
    /// schema can rename it over what others have made.
    fn ask_owner(&mut self, alternative: &ClaimedRelation, oid: pg_sys::Oid) {
        let Some(owner) = self.catalog.owner(alternative) else { return };
        if !speaks_for(oid, owner) {
            self.catalog.catalog.strangers.insert(oid.to_u32());
        }
    }

    /// Of which alternatives a missing privilege is a violation: of all where the transaction may have taken it. What the
    /// command has touched is granted again where it is lost; of another alternative access is part of being met.
    fn access_check<'b>(&'b self, claim: &'b Claim, oids: &'b [Option<pg_sys::Oid>]) -> impl Fn(usize) -> bool + 'b {
        let suspect = self.suspects.contains(&claim.stakeholder) || self.revoked.contains(&claim.id);
        let is_touched = |number: usize| {
            let alternative = &claim.alternatives[number];
            let name = (alternative.schema.clone(), alternative.relation.clone().unwrap_or_default());
            let by_oid = oids[number].is_some_and(|oid| self.touched.oids.contains(&oid.to_u32()));
            by_oid || self.touched.names.contains(&name)
        };
        let several = claim.alternatives.len() > 1;
        let was_seen = |number: usize| claim.alternatives[number].status != Status::Pending;
        move |number: usize| suspect || (several && was_seen(number) && !is_touched(number))
    }

    /// The relations that the command touched and that are there.
    fn touched_relations(&mut self) -> Vec<Rc<Relation>> {
        let oids = self.touched.oids.iter().copied();
        oids.map(pg_sys::Oid::from)
            .filter_map(|oid| {
                let relation = self.catalog.relation(oid)?;
                (relation.kind.is_claimable() && !relation.temporary).then_some(relation)
            })
            .collect()
    }

    /// The statement that brought a violation about.
    fn blame(&self, violation: &Violation) -> String {
        match self.remembered.get(&key(violation)) {
            Some(remembered) => remembered.statement.clone(),
            None => self.touched.blamed_for(&violation.path),
        }
    }

    fn remember<'v>(&self, broken: &[&Judged], violations: impl Iterator<Item = &'v Violation>) {
        let violations = violations.map(|violation| Remembered {
            key: key(violation),
            statement: self.touched.blamed_for(&violation.path),
            revoked: self.suspects.contains(&violation.stakeholder),
        });
        let mut again = self.again();
        // Not the relations of their other alternatives, which the statement has not touched.
        again.claims.extend(broken.iter().map(|judged| judged.stored.claim.id));
        transaction::remember(violations.collect(), again);
    }

    /// Where to look again before COMMIT.
    fn again(&self) -> Touched {
        let mut again = self.touched.clone();
        again.privileges.clear();
        again.statements.clear();
        again
    }

    /// Stores and grants. What is broken stays as it was, unless it is accepted as unmet.
    fn apply(&mut self, judged: &[Judged], accepted: bool) -> Result<()> {
        if stamp::is_being_set_elsewhere()? {
            // To write beside that session would be to wait for it, with locks of our own. The next one sees to it.
            return stamp::mark_stale();
        }
        let held = |judged: &Judged| judged.excused || judged.judgement.broken && !accepted;
        let vanished: Vec<i64> = judged.iter().filter(|j| j.vanished).map(|j| j.stored.claim.id).collect();
        store::remove_claims(&vanished)?;
        let next: Vec<(&Stored, Next)> = judged
            .iter()
            .filter(|judged| !held(judged) && !judged.vanished)
            .map(|judged| (&judged.stored, judged.next()))
            .filter(|(stored, next)| {
                stored.claim != next.claim || stored.oids != next.oids || stored.rests_on != next.rests_on
            })
            .collect();
        let changes: Vec<(&Stored, &Next)> = next.iter().map(|(stored, next)| (*stored, next)).collect();
        store::update(&changes, true)?;
        store::follow_protections(Some(self.touched.oids.iter().map(|oid| (*oid).into()).collect()))?;
        let mut derived = self.derive(judged)?;
        store::insert(&mut derived, true)?;
        let written = next.iter().filter(|(stored, next)| stored.claim != next.claim).map(|(_, next)| next);
        history::changed(written.chain(&derived).map(|next| next.claim.id));
        self.forget_dropped()?;
        if self.touched.has_schema() {
            ledger::follow_schemas(self.touched.oids.iter().map(|oid| (*oid).into()).collect())?;
        }

        let mut claims: Vec<&Claim> =
            judged.iter().filter(|judged| !judged.vanished).map(|judged| &judged.judgement.next).collect();
        claims.extend(derived.iter().map(|next| &next.claim));
        let elsewhere = if accepted { Vec::new() } else { self.revoked_elsewhere(judged)? };
        let reserved = self.reserved(judged, &elsewhere, accepted);
        if !reserved.is_empty() {
            transaction::remember(Vec::new(), self.again());
        }
        self.grant(&claims, &reserved)
    }

    /// Claims that wildcards make on relations that are new to them.
    fn derive(&mut self, judged: &[Judged]) -> Result<Vec<Next>> {
        let wildcards: Vec<&Claim> = judged
            .iter()
            .map(|judged| &judged.judgement.next)
            .filter(|claim| claim.status == Status::Met && claim.alternatives.iter().all(|a| a.relation.is_none()))
            .collect();
        let key = |claim: &Claim, schema: &str, relation: &str| {
            (claim.stakeholder.clone(), claim.match_number, schema.to_owned(), relation.to_owned())
        };
        let known: HashSet<_> = judged
            .iter()
            .filter(|judged| !judged.vanished && judged.stored.claim.derived)
            .map(|judged| &judged.stored.claim)
            .flat_map(|claim| claim.alternatives.iter().map(move |alternative| (claim, alternative)))
            .filter_map(|(claim, alternative)| Some(key(claim, &alternative.schema, alternative.relation.as_ref()?)))
            .collect();
        let mut derived = Vec::new();
        for relation in self.relations.clone() {
            let covers = |claim: &&Claim| claim.alternatives.iter().any(|a| a.schema == relation.schema);
            for wildcard in wildcards.iter().copied().filter(covers) {
                if known.contains(&key(wildcard, &relation.schema, &relation.name)) {
                    continue;
                }
                if !speaks_for(relation.oid.into(), relation.owner) {
                    continue;
                }
                self.catalog.extension_membership(relation.oid.into());
                if wildcard.alternatives.iter().any(|alternative| !alternative.writes().is_empty()) {
                    self.catalog.writable(&relation)?;
                }
                let role = self.roles.get(&wildcard.stakeholder)?;
                let catalog = &self.catalog.catalog;
                let claim = with_reader(&role, |reader| expand::derive(wildcard, &relation, catalog, reader));
                if let Some(claim) = claim {
                    derived.push(self.catalog.next(claim)?);
                }
            }
        }
        Ok(derived)
    }

    fn forget_dropped(&mut self) -> Result<()> {
        let gone: Vec<pg_sys::Oid> = self
            .touched
            .oids
            .iter()
            .map(|oid| (*oid).into())
            .filter(|oid| self.catalog.relation(*oid).is_none())
            .collect();
        if gone.is_empty() { Ok(()) } else { ledger::forget_relations(None, gone) }
    }

    fn grant(&mut self, claims: &[&Claim], reserved: &Reserved) -> Result<()> {
        // Those too that have been granted something here and claim it no longer: a relation that moved away.
        let touched: Vec<pg_sys::Oid> = self.touched.oids.iter().map(|oid| (*oid).into()).collect();
        let mut stakeholders = ledger::stakeholders(touched)?;
        for claim in claims {
            stakeholders.entry(claim.stakeholder.clone()).or_default();
        }
        let mut by_stakeholder: HashMap<&str, Vec<&Claim>> = HashMap::new();
        for claim in claims {
            by_stakeholder.entry(&claim.stakeholder).or_default().push(claim);
        }
        for (stakeholder, has_objects) in &stakeholders {
            let stakeholder = stakeholder.as_str();
            let grants = reserved.of(stakeholder).map_or(Grants::Met, Grants::MetBut);
            let claims = by_stakeholder.get(stakeholder).cloned().unwrap_or_default();
            let concerns = |relation: &&Rc<Relation>| reserved.leaves(stakeholder, relation, &claims);
            let relations: Vec<Rc<Relation>> = self.relations.iter().filter(concerns).cloned().collect();
            // Who claims nothing here any more was found by what it has been granted.
            let needs_object = |claim: &&Claim| claim.alternatives.iter().any(|a| a.is_object() || a.inserts());
            let needs_object = *has_objects || claims.iter().any(needs_object);
            let irrelevant = relations.is_empty() && !claims.is_empty() && !needs_object;
            if irrelevant && !self.touched.has_schema() {
                continue;
            }
            let Some(role) = self.roles.get_to_grant(stakeholder)? else { continue };
            // Also of what is pending: the schema is there.
            let met: Vec<&Claim> = claims.iter().copied().filter(|claim| claim.status != Status::Unmet).collect();
            let names_object = met.iter().any(|claim| claim.alternatives.iter().any(|a| a.is_object()));
            if !relations.is_empty() || names_object || self.touched.has_schema() {
                let made =
                    reconcile::grant_schemas(stakeholder, &role, &met, &self.catalog.catalog, grants, Apply::Really)?;
                history::made(stakeholder, &made);
            }
            if !relations.is_empty() {
                let made = reconcile::relations(stakeholder, &role, &claims, &relations, grants, Apply::Really)?;
                history::made(stakeholder, &made);
            }
            if !needs_object {
                continue;
            }
            let touched = self.touched.oids.iter().copied();
            let objects: BTreeSet<u32> = touched.filter(|oid| !reserved.is_kept(stakeholder, *oid)).collect();
            let made = reconcile::objects(
                stakeholder,
                &role,
                &claims,
                &self.catalog.catalog,
                Some(&objects),
                &ledger::objects(stakeholder)?,
                grants,
                Apply::Really,
            )?;
            history::made(stakeholder, &made);
        }
        if !self.touched.has_schema() {
            return Ok(());
        }
        if self.phase == Phase::Statement && transaction::has_remembered() {
            // While something is broken nothing is granted again either: the check before COMMIT sees to it.
            transaction::remember(Vec::new(), self.again());
            return Ok(());
        }
        self.revoke_schemas()
    }

    /// A schema that has another name now, or is gone, may be claimed by nobody any more.
    fn revoke_schemas(&mut self) -> Result<()> {
        let touched = self.touched.oids.iter().map(|oid| (*oid).into()).collect();
        for stakeholder in ledger::stakeholders_of_schemas(touched)? {
            let Some(role) = self.roles.get_to_grant(&stakeholder)? else { continue };
            let still = store::claimed_schemas(&stakeholder)?;
            let recorded = ledger::objects(&stakeholder)?;
            let made = reconcile::revoke_schemas(&stakeholder, &role, &still, &recorded, Apply::Really)?;
            history::made(&stakeholder, &made);
        }
        Ok(())
    }
}

impl Judged {
    fn is_broken(&self) -> bool {
        self.judgement.broken && !self.excused
    }

    fn next(&self) -> Next {
        Next { claim: self.judgement.next.clone(), oids: self.oids.clone(), rests_on: self.rests_on.clone() }
    }

    fn loses_an_alternative(&self) -> bool {
        let alternatives = &self.stored.claim.alternatives;
        alternatives.len() > 1
            && alternatives
                .iter()
                .zip(&self.judgement.next.alternatives)
                .any(|(before, after)| before.status == Status::Met && after.status != Status::Met)
    }
}

/// Whether the caller, now or at an earlier statement of the transaction, has the rights of the object's owner.
fn speaks_for(oid: pg_sys::Oid, owner: u32) -> bool {
    let caller = security::caller();
    let may = security::is_superuser(caller) || security::has_privileges_of(caller, owner.into());
    if may {
        transaction::vouch(oid);
    }
    may || transaction::is_vouched(oid)
}

/// What tells a violation from others.
pub fn key(violation: &Violation) -> Key {
    Key {
        claim_id: violation.claim_id,
        path: violation.path.clone(),
        column: violation.column.clone(),
        rule: violation.rule().code,
    }
}
