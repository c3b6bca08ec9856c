//! From a claim document to claims, privileges, and the list of what was granted and revoked.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use integratedb_claim::catalog::Relation;
use integratedb_claim::document::{self, Document, Match, RelationMatch};
use integratedb_claim::expand;
use integratedb_claim::path::Path;
use integratedb_claim::problem::{MAX_PROBLEMS, Problem};
use integratedb_claim::report;
use integratedb_claim::state::{Claim, ClaimedRelation, Status};
use pgrx::pg_sys;
use serde_json::{Value, json};

use super::authority::By;
use super::reader::{RoleState, SKIPPED, role_of, with_reader, without_role};
use super::reconcile::{self, Apply, Grants, Made};
use super::{adopt, authority, baseline, credential, deprecation, option};
use crate::pg::acl::Role;
use crate::pg::catalog::{Reader as CatalogReader, namespace_oid};
use crate::pg::error::{Error, Result};
use crate::pg::jsonb::MAX_BYTES;
use crate::pg::store::{self, Next};
use crate::pg::{closure, fence, ledger, names, relations, schema, session, stamp, transaction, types};

/// Which matches of the document are expanded anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    One(usize),
}

/// Replaces the whole document.
///
/// # Errors
/// 42704 for an unknown stakeholder; the problems of the document, all at once; 55P03 when the fence is held.
pub fn put(stakeholder: &str, document: Value) -> Result<Vec<Made>> {
    close_fence()?;
    store::document(stakeholder)?;
    declare(stakeholder, document, Scope::All, false, &By::Caller)
}

/// The same, on the authority of the owners of these paths.
///
/// # Errors
/// As [`put`].
pub fn put_approved(stakeholder: &str, document: Value, owners: &BTreeMap<String, String>) -> Result<Vec<Made>> {
    close_fence()?;
    declare(stakeholder, document, Scope::All, false, &By::Owners(owners))
}

/// Adds or replaces one match.
///
/// # Errors
/// As [`put`]; 42602 for a malformed path.
pub fn put_match(stakeholder: &str, path: &str, fields: &[String]) -> Result<Vec<Made>> {
    close_fence()?;
    let old = store::document(stakeholder)?;
    let path = parse_path(path)?;
    let document = document::with_match(&old, &path, document::match_value(&path, fields));
    let index = match_index(&document, &path).ok_or_else(|| Error::internal("the new match is not in the document"))?;
    declare(stakeholder, document, Scope::One(index), false, &By::Caller)
}

/// Removes one match, or all. What else the stakeholder claims stays as it is, met or not.
///
/// # Errors
/// 42704 for an unknown stakeholder or a path that it does not claim.
pub fn remove(stakeholder: &str, path: Option<&str>) -> Result<Vec<Made>> {
    close_fence()?;
    let old = store::document(stakeholder)?;
    let Some(path) = path else {
        return declare(stakeholder, json!({ "match": [] }), Scope::All, false, &By::Caller);
    };
    // An object is named as its match names it, which need not be a path.
    let without = match document::without_object(&old, path) {
        Some(document) => Some(document),
        None => document::without_match(&old, &parse_path(path)?),
    };
    let Some(document) = without else {
        let claimed: Vec<String> = match Document::decode(&old) {
            Ok(document) => document.matches.iter().map(match_path).collect(),
            Err(_) => Vec::new(),
        };
        let found =
            if claimed.is_empty() { "It claims nothing.".into() } else { format!("It claims {}.", claimed.join(", ")) };
        return Err(Error::undefined_match(stakeholder, path, &found));
    };
    let removed = first_difference(&old, &document) as i32;
    let before = Before::load(stakeholder)?;
    let gone: Vec<i64> =
        before.claims.iter().filter(|next| next.claim.match_number == removed).map(|next| next.claim.id).collect();
    store::remove_claims(&gone)?;
    store::close_match_gap(stakeholder, removed)?;
    store::set_document(stakeholder, document)?;
    let kept: Vec<&Claim> =
        before.claims.iter().map(|next| &next.claim).filter(|claim| !gone.contains(&claim.id)).collect();
    let state = role_of(stakeholder)?;
    settle(stakeholder, &state, &kept, &before, &mut CatalogReader::default(), Grants::Met)
}

/// Brings privileges in line, as far as there is a role: from one that has been renamed is only revoked.
pub(super) fn settle(
    stakeholder: &str,
    state: &RoleState,
    claims: &[&Claim],
    before: &Before,
    catalog: &mut CatalogReader,
    grants: Grants,
) -> Result<Vec<Made>> {
    if state.role().is_none() {
        without_role(stakeholder, state, SKIPPED).warn();
    }
    let grants = if state.role().is_some() { grants } else { Grants::Nothing };
    match state.granted_role() {
        Some(role) => bring_in_line(stakeholder, role, claims, before, catalog, grants),
        None => Ok(Vec::new()),
    }
}

/// Accepts today's catalogs: expands every document again and brings all privileges in line.
///
/// # Errors
/// 55P03 when the fence is held.
pub fn sync() -> Result<()> {
    fence::close()?;
    session::accept_invalidations();
    let seen = stamp::seen()?;
    ledger_for_this_database()?;
    for stakeholder in store::stakeholders()? {
        restore_own(&stakeholder)?;
        let document = store::document(&stakeholder)?;
        declare(&stakeholder, document, Scope::All, true, &By::Caller)?;
    }
    stamp::renew(seen)
}

/// A role or schema that was made anew lacks what create_stakeholder gave the first one.
fn restore_own(stakeholder: &str) -> Result<()> {
    let before = store::given(stakeholder)?;
    let mut given = before;
    if namespace_oid(stakeholder).is_none() {
        schema::create(stakeholder)?;
        given.schema = true;
    }
    let state = role_of(stakeholder)?;
    if let (None, Some(former)) = (state.role(), state.granted_role()) {
        // What the one that was renamed has been granted does not stay with it.
        let had = Before::load(stakeholder)?;
        adopt::take_back(former, stakeholder, given);
        bring_in_line(stakeholder, former, &[], &had, &mut CatalogReader::default(), Grants::Nothing)?;
    }
    if let Some(role) = crate::pg::role::find(stakeholder)
        && adopt::may_replace(stakeholder, &role)?
    {
        if store::cached_role(stakeholder)? != Some(role.oid) {
            option::apply_again(stakeholder, &role)?;
            credential::rejoin(stakeholder, &role)?;
        }
        store::cache_role(stakeholder, role.oid)?;
        adopt::give(&role, stakeholder, &mut given)?;
    }
    if given == before { Ok(()) } else { store::set_given(stakeholder, given) }
}

fn ledger_for_this_database() -> Result<()> {
    match stamp::read()? {
        stamp::Stamp::Absent | stamp::Stamp::Foreign => ledger::rebuild_cache(),
        stamp::Stamp::Valid | stamp::Stamp::Marked => Ok(()),
    }
}

/// Alone with the claims, and on a sound footing.
///
/// # Errors
/// 55P03 when the fence is held.
pub fn close_fence() -> Result<()> {
    if relations::is_creating_extension() {
        // Grants would count as the extension's initial privileges, which pg_dump leaves out.
        return Err(Error::inside_extension_script());
    }
    fence::close()?;
    session::accept_invalidations();
    if baseline::is_needed()? {
        stamp::lock(true)?;
        baseline::set()?;
    }
    Ok(())
}

/// What a stakeholder had before.
pub(super) struct Before {
    pub(super) claims: Vec<Next>,
}

impl Before {
    pub(super) fn load(stakeholder: &str) -> Result<Before> {
        let stored = store::load(store::claim_ids(stakeholder)?)?;
        Ok(Before {
            claims: stored.into_iter().map(|s| Next { claim: s.claim, oids: s.oids, rests_on: s.rests_on }).collect(),
        })
    }

    /// What its claims are on, as far as it is there.
    pub(super) fn oids(&self) -> Vec<pg_sys::Oid> {
        self.claims.iter().flat_map(|next| next.oids.iter().flatten().copied()).collect()
    }

    /// The numbers of the claims on each path: several matches can be on the same.
    fn ids(&self) -> BTreeMap<String, VecDeque<i64>> {
        let mut ids: BTreeMap<String, VecDeque<i64>> = BTreeMap::new();
        for next in &self.claims {
            ids.entry(key(&next.claim)).or_default().push_back(next.claim.id);
        }
        ids
    }
}

/// A claim keeps its number for as long as its stakeholder claims this path in this way.
fn key(claim: &Claim) -> String {
    format!("{}{}", claim.path(), if claim.derived { " (derived)" } else { "" })
}

fn declare(stakeholder: &str, document: Value, scope: Scope, sync: bool, by: &By) -> Result<Vec<Made>> {
    // The short form adds to a document that was within the bound.
    if let Scope::One(_) = scope {
        let size = document.to_string().len();
        if size > MAX_BYTES {
            return Err(Error::document_too_large(size, MAX_BYTES));
        }
    }
    let reject = |problems: Vec<Problem>| Error::from(report::rejected(&problems, stakeholder));
    let (decoded, mut problems) = Document::read(&document);
    if matches!(scope, Scope::One(_)) && !problems.is_empty() {
        return Err(reject(problems));
    }
    let state = role_of(stakeholder)?;
    // Giving up claims must work without the role.
    if state.role().is_none() && !sync && !(decoded.matches.is_empty() && problems.is_empty()) {
        return Err(without_role(stakeholder, &state, ""));
    }
    let part = part(decoded, scope);
    if !sync {
        for note in expand::notes(&part) {
            Error::incomplete_privileges(&note).warn();
        }
    }
    let mut catalog = CatalogReader::default();
    let unresolved = types::resolve(&part, &mut catalog.catalog);
    load_catalog(&part, &mut catalog)?;
    if !sync {
        // For sync, a type that is gone leaves its column unmet.
        problems.extend(unresolved);
    }
    let expanded = with_reader(&state, |reader| {
        expand::expand(&part, stakeholder, &catalog.catalog, reader, &names::Server::default(), sync)
    });
    let mut expanded = match expanded {
        Ok(expanded) if problems.is_empty() => expanded,
        Ok(_) => return Err(reject(problems)),
        Err(more) => {
            problems.extend(more);
            problems.truncate(MAX_PROBLEMS);
            return Err(reject(problems));
        }
    };
    if let Scope::One(index) = scope {
        expanded.iter_mut().for_each(|claim| claim.match_number = index as i32);
    }
    let before = Before::load(stakeholder)?;
    if !sync {
        authority::check(stakeholder, &expanded, &before.claims, &catalog.catalog)?;
    }
    let mut ids = before.ids();
    let replaced = |claim: &Claim| match scope {
        Scope::All => true,
        Scope::One(index) => claim.match_number == index as i32,
    };
    // A wildcard's claim on what has been protected since stays until its document is claimed again.
    let outlives = |claim: &Claim| {
        let alternatives = &claim.alternatives;
        let protected = |a: &ClaimedRelation| {
            let name = a.relation_name().unwrap_or_default();
            catalog.catalog.protection(&a.schema, name).is_some_and(|protection| protection.whole)
                && catalog.catalog.relation(&a.schema, name).is_some()
        };
        sync && claim.derived && alternatives.iter().all(protected)
    };
    let replaceable: BTreeSet<i64> = before
        .claims
        .iter()
        .map(|next| &next.claim)
        .filter(|claim| replaced(claim) && !outlives(claim))
        .map(|claim| claim.id)
        .collect();
    // sync() does not forgive what this transaction has broken: it is judged before COMMIT, as it was.
    let broken: HashSet<i64> = transaction::remembered().iter().map(|broken| broken.key.claim_id).collect();
    // Each number is handed out once, to the first claim on its path.
    let mut held: HashSet<i64> = HashSet::new();
    let mut numbered: Vec<Claim> = Vec::with_capacity(expanded.len());
    for mut claim in expanded {
        let known = ids.get_mut(&key(&claim));
        let free = known.and_then(|known| {
            let position = known.iter().position(|id| replaceable.contains(id))?;
            known.remove(position)
        });
        match free {
            Some(id) if sync && claim.status == Status::Unmet && broken.contains(&id) => {
                held.insert(id);
            }
            free => {
                let known = free.filter(|_| sync).and_then(|id| before.claims.iter().find(|next| next.claim.id == id));
                if let Some(known) = known {
                    claim =
                        with_reader(&state, |reader| expand::keep_pins(&claim, &known.claim, &catalog.catalog, reader));
                }
                claim.id = free.unwrap_or(0);
                numbered.push(claim);
            }
        }
    }
    let gone: Vec<i64> = replaceable.into_iter().filter(|id| !held.contains(id)).collect();
    let mut new: Vec<Next> = numbered.into_iter().map(|claim| catalog.next(claim)).collect::<Result<_>>()?;
    store::follow_protections(None)?;
    store::remove_claims(&gone)?;
    store::insert(&mut new, false)?;
    if !sync {
        deprecation::warn_of_new(stakeholder, &new, &before.claims)?;
    }
    store::set_document(stakeholder, document)?;
    if stamp::read()? == stamp::Stamp::Absent {
        stamp::renew(Vec::new())?;
    }
    let kept = before.claims.iter().map(|next| &next.claim).filter(|claim| !gone.contains(&claim.id));
    let claims: Vec<&Claim> = kept.chain(new.iter().map(|next| &next.claim)).collect();
    if !sync {
        let named: Vec<&Claim> = new.iter().map(|next| &next.claim).collect();
        authority::record(stakeholder, by, &named, &before.claims, &claims)?;
    }
    let grants = if sync { Grants::WhatIsLeft } else { Grants::Met };
    settle(stakeholder, &state, &claims, &before, &mut catalog, grants)
}

/// Grants and revokes the difference on everything that the stakeholder claims now or was granted before.
fn bring_in_line(
    stakeholder: &str,
    role: &Role,
    claims: &[&Claim],
    before: &Before,
    catalog: &mut CatalogReader,
    grants: Grants,
) -> Result<Vec<Made>> {
    let gone = load_claimed(stakeholder, claims, before.oids(), catalog)?;
    if !gone.relations.is_empty() {
        ledger::forget_relations(Some(stakeholder), gone.relations)?;
    }
    difference(stakeholder, role, claims, &gone.still, catalog, grants, Apply::Really)
}

/// What a stakeholder's claims are on and what it was granted something on.
pub(super) struct Concerned {
    /// Relations that are there.
    pub(super) still: Vec<Rc<Relation>>,
    /// Relations that are gone.
    relations: Vec<pg_sys::Oid>,
}

pub(super) fn load_claimed(
    stakeholder: &str,
    claims: &[&Claim],
    mut oids: Vec<pg_sys::Oid>,
    catalog: &mut CatalogReader,
) -> Result<Concerned> {
    oids.extend(ledger::relation_oids(stakeholder)?);
    let mut relations: BTreeMap<u32, Rc<Relation>> = BTreeMap::new();
    for alternative in claims.iter().flat_map(|claim| &claim.alternatives) {
        if alternative.is_object() || alternative.rests_on_constraints() {
            catalog.load(alternative)?;
        }
        if let Some(name) = alternative.relation_name()
            && let Some(relation) = catalog.relation_named(&alternative.schema, name)
        {
            relations.insert(relation.oid, relation);
        }
    }
    let oids: BTreeSet<u32> = oids.iter().map(|oid| oid.to_u32()).collect();
    let mut gone = Vec::new();
    for oid in oids.into_iter().map(pg_sys::Oid::from) {
        match catalog.relation(oid) {
            Some(relation) => {
                relations.insert(relation.oid, relation);
            }
            None => gone.push(oid),
        }
    }
    let still =
        relations.into_values().filter(|relation| relation.kind.is_claimable() && !relation.temporary).collect();
    Ok(Concerned { still, relations: gone })
}

pub(super) fn difference(
    stakeholder: &str,
    role: &Role,
    claims: &[&Claim],
    relations: &[Rc<Relation>],
    catalog: &CatalogReader,
    grants: Grants,
    apply: Apply,
) -> Result<Vec<Made>> {
    let catalog = &catalog.catalog;
    let recorded = ledger::objects(stakeholder)?;
    let mut made = match grants {
        Grants::Nothing => Vec::new(),
        _ => reconcile::grant_schemas(stakeholder, role, claims, catalog, grants, apply)?,
    };
    made.extend(reconcile::relations(stakeholder, role, claims, relations, grants, apply)?);
    made.extend(reconcile::objects(stakeholder, role, claims, catalog, None, &recorded, grants, apply)?);
    let schemas = claims.iter().flat_map(|claim| &claim.alternatives).map(|a| a.schema.clone()).collect();
    made.extend(reconcile::revoke_schemas(stakeholder, role, &schemas, &recorded, apply)?);
    Ok(made)
}

/// What a document would do.
pub struct Checked {
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Why it could not be claimed whatever it says.
    pub refusal: Option<Error>,
    /// What works otherwise than one may think.
    pub notes: Vec<String>,
    /// What of the new claims is deprecated, if nothing is wrong.
    pub deprecated: Vec<String>,
    /// What would be granted and revoked, if nothing is wrong.
    pub made: Vec<Made>,
}

/// A document held against the catalogs.
pub struct Expanded {
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Why it could not be claimed whatever it says.
    pub refusal: Option<Error>,
    /// What works otherwise than one may think.
    pub notes: Vec<String>,
    /// Its claims, if nothing is wrong.
    pub claims: Vec<Claim>,
    /// What was looked at.
    pub catalog: CatalogReader,
    state: RoleState,
}

/// Expands a document for a stakeholder, or for a new one; changes nothing, and waits for nobody.
///
/// # Errors
/// 42704 for an unknown stakeholder.
pub fn expanded(stakeholder: Option<&str>, document: &Value) -> Result<Expanded> {
    // The OID of no role: nothing has been granted to it.
    let nobody = || RoleState::Present(Role { name: String::new(), oid: pg_sys::Oid::from(u32::MAX) });
    let state = match stakeholder {
        Some(stakeholder) => {
            store::document(stakeholder)?;
            role_of(stakeholder)?
        }
        None => nobody(),
    };
    let name = stakeholder.unwrap_or_default();
    let (decoded, mut problems) = Document::read(document);
    let mut catalog = CatalogReader::default();
    problems.extend(types::resolve(&decoded, &mut catalog.catalog));
    load_catalog(&decoded, &mut catalog)?;
    let notes = expand::notes(&decoded);
    let expanded = match stakeholder {
        None => expand::expand(&decoded, name, &catalog.catalog, None, &names::Server::default(), false),
        Some(_) => with_reader(&state, |reader| {
            expand::expand(&decoded, name, &catalog.catalog, reader, &names::Server::default(), false)
        }),
    };
    let claims = expanded.unwrap_or_else(|more| {
        problems.extend(more);
        Vec::new()
    });
    problems.truncate(MAX_PROBLEMS);
    let refusal = (state.role().is_none() && !(decoded.matches.is_empty() && problems.is_empty()))
        .then(|| without_role(name, &state, ""));
    Ok(Expanded { problems, refusal, notes, claims, catalog, state })
}

/// Tells what [`put`] would do; changes nothing, and waits for nobody. Without a stakeholder, what it would do for a new one.
///
/// # Errors
/// 42704 for an unknown stakeholder.
pub fn check(stakeholder: Option<&str>, document: &Value) -> Result<Checked> {
    let Expanded { problems, refusal, notes, claims, mut catalog, state } = expanded(stakeholder, document)?;
    let name = stakeholder.unwrap_or_default();
    let (true, Some(role)) = (problems.is_empty(), state.role()) else {
        return Ok(Checked { problems, refusal, notes, deprecated: Vec::new(), made: Vec::new() });
    };
    let claims: Vec<&Claim> = claims.iter().collect();
    let before = Before::load(name)?;
    let deprecated = deprecation::foresee_new(&claims, &before.claims)?;
    let concerned = load_claimed(name, &claims, before.oids(), &mut catalog)?;
    let made = difference(name, role, &claims, &concerned.still, &catalog, Grants::Met, Apply::OnlySay)?;
    Ok(Checked { problems, refusal, notes, deprecated, made })
}

/// What the document names, and all relations of the schemas of its wildcards.
fn load_catalog(document: &Document, catalog: &mut CatalogReader) -> Result<()> {
    catalog.catalog.protections = store::protections()?;
    for alternative in document.matches.iter().flat_map(|entry| &entry.alternatives) {
        match &alternative.path {
            Path::Relation { .. } => {
                let fresh = expand::fresh_relation(alternative, &catalog.catalog);
                catalog.load(&fresh)?;
            }
            Path::Wildcard { schema } => {
                catalog.relations_in(schema);
                catalog.writable_in(&expand::fresh_relation(alternative, &catalog.catalog))?;
            }
        }
    }
    if session::has_temporary_schema() {
        let resting = closure::resting_on_temporary()?;
        catalog.catalog.resting_on_temporary = resting.into_iter().map(|oid| oid.to_u32()).collect();
    }
    Ok(())
}

fn part(document: Document, scope: Scope) -> Document {
    match scope {
        Scope::All => document,
        Scope::One(index) => Document { matches: document.matches.into_iter().nth(index).into_iter().collect() },
    }
}

fn parse_path(path: &str) -> Result<Path> {
    Path::parse(path).map_err(|error| Error::invalid_path(path, &error.message, &error.hint))
}

fn match_path(entry: &Match) -> String {
    let paths: Vec<String> = entry.alternatives.iter().map(RelationMatch::name_text).collect();
    paths.join(" | ")
}

/// The position of the match whose own path is `path`.
fn match_index(document: &Value, path: &Path) -> Option<usize> {
    document.get("match")?.as_array()?.iter().position(|entry| {
        entry.get("path").and_then(Value::as_str).is_some_and(|text| Path::parse(text).as_ref() == Ok(path))
    })
}

/// Where two lists of matches part: the match that one of them lacks.
fn first_difference(old: &Value, new: &Value) -> usize {
    let matches = |document: &Value| document.get("match").and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (matches(old), matches(new));
    old.iter().zip(&new).position(|(old, new)| old != new).unwrap_or(new.len())
}
