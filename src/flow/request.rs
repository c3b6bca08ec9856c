//! Stakeholders ask, owners and administrators answer; the last approval claims.

use std::collections::{BTreeMap, BTreeSet};

use integratedb_claim::document::Document;
use integratedb_claim::expand::fresh_relation;
use integratedb_claim::path::display_relation;
use integratedb_claim::report;
use integratedb_claim::state::ObjectKind;
use pgrx::pg_sys;
use serde_json::{Value, json};

use super::declare::{self, Expanded};
use super::reason::check_reason;
use super::reconcile::Made;
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::store::{self, Approval, Request};
use crate::pg::{catalog, relations, role, security, session, settings};

/// Something that a request is about and that its document did not name so before.
struct Part {
    /// What people read, and approve.
    path: String,
    /// The path as it is claimed, if it is.
    claimed: Option<String>,
    /// The object and its owner. Where there is none only an administrator may approve: the object is not there yet, it is
    /// protected, or it is a wildcard, which takes relations of anybody.
    object: Option<(u32, pg_sys::Oid)>,
    /// The matches of the document that name it.
    matches: BTreeSet<usize>,
}

impl Part {
    fn may_approve(&self, role: pg_sys::Oid) -> bool {
        self.object.is_some_and(|(_, owner)| security::has_privileges_of(role, owner))
    }

    /// Whether somebody has approved this very object who may do so today.
    fn is_approved(&self, approvals: &[Approval]) -> bool {
        let is_this = |approval: &&Approval| {
            approval.path == self.path && self.object.is_some_and(|(oid, _)| oid == approval.object)
        };
        approvals.iter().filter(is_this).any(|approval| self.may_approve(approval.role))
    }

    /// The path and whose approval it takes.
    fn waits_for(&self) -> String {
        match self.object {
            Some((_, owner)) => format!("{}: {}", self.path, security::role_name(owner)),
            None => format!("{}: an administrator", self.path),
        }
    }
}

/// What a request did, line by line: a path that was approved, one that waits for its owner, or a grant or revoke.
pub enum Step {
    /// The caller has approved it.
    Approve(String),
    /// It takes another's approval.
    Wait(String),
    /// The claim was made.
    Made(Made),
}

/// Asks for a document in place of the stakeholder's own; tells the number of the request.
///
/// # Errors
/// 42501 for a caller that is no stakeholder; 22023 for a reason; the problems of the document, all at once.
pub fn request(caller: pg_sys::Oid, document: &Value, reason: &str) -> Result<i64> {
    let by = security::role_name(security::session_user());
    let Some(stakeholder) = store::stakeholders_with_roles(vec![caller])?.into_iter().next() else {
        return Err(Error::not_a_stakeholder("request_claim", &security::role_name(caller)));
    };
    check_reason("a request", reason, "Say what the data is needed for, to those who own it.")?;
    parts(&stakeholder, document)?;
    store::add_request(&stakeholder, document, reason, &by)
}

/// Approves what the caller may approve of a request, an administrator all of it. With the last approval the document is
/// claimed, against the catalogs of this moment.
///
/// # Errors
/// 42704 for a request that is not there or not for the caller; 55000 for one that has been decided; 25001 for the last
/// approval of who is no administrator, in a transaction block; as `claim`.
pub fn approve(caller: pg_sys::Oid, id: i64, note: Option<&str>) -> Result<Vec<Step>> {
    security::limit_lock_waits(settings::fence_timeout());
    let is_admin = security::is_admin(caller)?;
    let (request, found) = to_approve(caller, id, is_admin)?;
    let by = security::role_name(caller);
    let mine: Vec<&Part> = found.iter().filter(|part| is_admin || part.may_approve(caller)).collect();
    let mut steps: Vec<Step> = mine.iter().map(|part| Step::Approve(part.path.clone())).collect();
    if !is_admin {
        for part in mine {
            let Some((object, _)) = part.object else { continue };
            store::approve(id, &Approval { path: part.path.clone(), object, role: caller }, &by, note)?;
        }
        let waiting = waiting(id, &found)?;
        if !waiting.is_empty() {
            steps.extend(waiting.into_iter().map(Step::Wait));
            return Ok(steps);
        }
        // To claim holds up everybody's DDL until the transaction ends.
        if session::in_transaction_block() {
            return Err(Error::holds_up_others("approve_request"));
        }
    }
    declare::close_fence()?;
    // Alone now: nothing has changed since, or it is asked again.
    let (_, parts) = to_approve(caller, id, is_admin)?;
    let made = if is_admin {
        declare::put(&request.stakeholder, request.document)?
    } else {
        let waiting = waiting(id, &parts)?;
        if !waiting.is_empty() {
            steps.extend(waiting.into_iter().map(Step::Wait));
            return Ok(steps);
        }
        let owners = parts.iter().filter_map(|part| Some((part.claimed.clone()?, security::role_name(part.object?.1))));
        declare::put_approved(&request.stakeholder, request.document, &owners.collect())?
    };
    steps.extend(made.into_iter().map(Step::Made));
    store::decide_request(id, "approved", &by, note)?;
    Ok(steps)
}

/// An open request whose parts the caller may approve, some at least.
fn to_approve(caller: pg_sys::Oid, id: i64, is_admin: bool) -> Result<(Request, Vec<Part>)> {
    let request = open(id, "approved")?;
    let parts = match parts(&request.stakeholder, &request.document) {
        Err(_) if !is_admin && !names_own(caller, &request.document) => return Err(Error::undefined_request(id)),
        parts => parts?,
    };
    if !is_admin && !parts.iter().any(|part| part.may_approve(caller)) {
        return Err(Error::undefined_request(id));
    }
    if !request.is_current {
        return Err(Error::outdated_request(id, &request.stakeholder));
    }
    Ok((request, parts))
}

fn waiting(id: i64, parts: &[Part]) -> Result<Vec<String>> {
    let approvals = store::approvals(id)?;
    Ok(parts.iter().filter(|part| !part.is_approved(&approvals)).map(Part::waits_for).collect())
}

/// Refuses a request; for an owner of something in it, the stakeholder itself, which takes it back so, and administrators.
///
/// # Errors
/// 42704 for a request that is not there or not for the caller; 55000 for one that has been decided; 22023.
pub fn refuse(caller: pg_sys::Oid, id: i64, note: &str) -> Result<()> {
    check_reason("a refusal", note, "Say why, to those who asked.")?;
    security::limit_lock_waits(settings::fence_timeout());
    let known = store::request(id)?.ok_or_else(|| Error::undefined_request(id))?;
    let may_see_all = is_own(caller, &known)? || security::is_admin(caller)?;
    // One that cannot be claimed any more may be refused all the same.
    let may = may_see_all
        || match parts(&known.stakeholder, &known.document) {
            Ok(parts) => parts.iter().any(|part| part.may_approve(caller)),
            Err(_) => names_own(caller, &known.document),
        };
    if !may {
        return Err(Error::undefined_request(id));
    }
    open(id, "refused")?;
    store::decide_request(id, "refused", &security::role_name(caller), Some(note))
}

/// What the caller may see of a request: its document, and whose approval it waits for; nothing of one that is not for it.
///
/// # Errors
/// XX000
pub fn visible(caller: pg_sys::Oid, id: i64) -> Result<Option<(Value, Vec<String>)>> {
    let Some(request) = store::request(id)? else { return Ok(None) };
    let sees_all = is_own(caller, &request)? || security::is_admin(caller)?;
    // What has become of its objects, and so whose it would be to approve, is no longer asked of one that was decided.
    let parts = match request.status.as_str() {
        "open" => parts(&request.stakeholder, &request.document).unwrap_or_default(),
        _ => Vec::new(),
    };
    let waiting = waiting(id, &parts)?;
    if sees_all {
        return Ok(Some((request.document, waiting)));
    }
    let mine: BTreeSet<usize> =
        parts.iter().filter(|part| part.may_approve(caller)).flat_map(|part| part.matches.iter().copied()).collect();
    let shown: Vec<Value> = mine.iter().filter_map(|index| request.document["match"].get(index).cloned()).collect();
    Ok((!shown.is_empty()).then(|| (json!({ "match": shown }), waiting)))
}

fn is_own(caller: pg_sys::Oid, request: &Request) -> Result<bool> {
    let cached = store::cached_role(&request.stakeholder)?;
    Ok(cached.is_some_and(|own| role::by_oid(own).is_some() && security::has_privileges_of(caller, own)))
}

/// Whether a document, be it right or wrong, names something that the caller owns.
fn names_own(caller: pg_sys::Oid, document: &Value) -> bool {
    let (document, _) = Document::read(document);
    let mut alternatives = document.matches.iter().flat_map(|entry| &entry.alternatives);
    alternatives.any(|alternative| {
        let mut catalog = CatalogReader::default();
        let claimed = fresh_relation(alternative, &catalog.catalog);
        let is_loaded = catalog.load(&claimed).is_ok();
        let named = is_loaded.then(|| catalog.owner(&claimed)).flatten();
        let referenced = alternative
            .references
            .iter()
            .filter_map(|reference| relations::owner_of_named(&reference.schema, &reference.relation));
        named
            .map(pg_sys::Oid::from)
            .into_iter()
            .chain(referenced)
            .any(|owner| security::has_privileges_of(caller, owner))
    })
}

/// A request that nobody else decides meanwhile.
fn open(id: i64, becomes: &str) -> Result<Request> {
    store::lock_request(id)?;
    let request = store::request(id)?.ok_or_else(|| Error::undefined_request(id))?;
    match request.status.as_str() {
        "open" => Ok(request),
        status => Err(Error::decided_request(id, status, becomes)),
    }
}

/// What the document names anew: every object of the matches that the stakeholder's document does not hold as they are. What
/// is said for all matches makes all of them new. Where nothing is, the document itself takes an administrator's approval.
fn parts(stakeholder: &str, document: &Value) -> Result<Vec<Part>> {
    let stored = store::document(stakeholder)?;
    let matches = |document: &Value| document["match"].as_array().cloned().unwrap_or_default();
    let besides = |document: &Value| {
        let mut keys = document.as_object().cloned().unwrap_or_default();
        keys.remove("match");
        keys
    };
    let is_same = besides(&stored) == besides(document);
    let old = matches(&stored);
    let is_new: Vec<bool> = matches(document).iter().map(|entry| !is_same || !old.contains(entry)).collect();
    let Expanded { problems, claims, mut catalog, .. } = declare::expanded(Some(stakeholder), document)?;
    if !problems.is_empty() {
        return Err(report::rejected(&problems, stakeholder).into());
    }
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    let mut add = |path: String, claimed: Option<String>, object: Option<(u32, pg_sys::Oid)>, index: usize| {
        let new = || Part { path: path.clone(), claimed: None, object, matches: BTreeSet::new() };
        let part = parts.entry(path.clone()).or_insert_with(new);
        part.matches.insert(index);
        part.claimed = claimed.or(part.claimed.take());
        // Asked for in two ways, it takes the stricter approval; what is not the same object after all, an administrator's.
        part.object = part.object.filter(|_| part.object == object);
    };
    for claim in claims {
        let index = claim.match_number as usize;
        if claim.derived || !is_new.get(index).copied().unwrap_or(true) {
            continue;
        }
        let next = catalog.next(claim)?;
        for (number, (alternative, oid)) in next.claim.alternatives.iter().zip(&next.oids).enumerate() {
            let owner = catalog.owner(alternative).filter(|_| !alternative.requirements().acknowledge_protected);
            let path = alternative.path();
            // A table may have the name of a type.
            let shown = match alternative.kind {
                ObjectKind::Sequence | ObjectKind::Type => format!("{} {path}", alternative.kind.as_str()),
                ObjectKind::Relation | ObjectKind::Function => path.clone(),
            };
            add(shown, Some(path), oid.and_then(|oid| Some((oid.to_u32(), owner?.into()))), index);
            if alternative.is_object() {
                // The owner of a function speaks for the types of its arguments.
                continue;
            }
            for oid in next.rests_on.get(&number).into_iter().flatten() {
                let (Some(owner), Some(name)) = (relations::owner_of(*oid), catalog::relation_name(*oid)) else {
                    continue;
                };
                add(display_relation(&name.schema, &name.name), None, Some((oid.to_u32(), owner)), index);
            }
        }
    }
    if parts.is_empty() {
        let path = "the document".to_owned();
        parts.insert(path.clone(), Part { path, claimed: None, object: None, matches: BTreeSet::new() });
    }
    Ok(parts.into_values().collect())
}
