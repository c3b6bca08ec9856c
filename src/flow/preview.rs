//! What a script would do to the claims: the catalogs and the claims as values, for the engine to apply it to.

use std::collections::{BTreeSet, HashMap, HashSet};

use integratedb_claim::catalog::Protection;
use integratedb_claim::simulate::export::Export;
use integratedb_claim::simulate::input::{Claims, Deprecated, KnownClaim, Protected};
use integratedb_claim::simulate::row::{Row, Verdict};
use integratedb_claim::simulate::{self, Options};
use integratedb_claim::state::Claim;
use pgrx::pg_sys;
use serde_json::Value;

use super::baseline::BATCH;
use super::deprecation::notices_as_stored;
use super::reader::Roles;
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::{relations, security, session, store, world};

/// Catalogs and claims as one value, for `integratedb-preview`.
///
/// # Errors
/// XX000
pub fn export(caller: pg_sys::Oid, search_path: Vec<String>) -> Result<Value> {
    let claims = claims()?;
    let world = world::read(caller, search_path, claims.write())?;
    let export = Export::new(world, claims);
    serde_json::to_value(&export).map_err(|error| Error::internal(format!("the catalogs cannot be written: {error}")))
}

/// Applies a script to the catalogs as a value: a row for each statement, as far as `caller` may know.
///
/// # Errors
/// 42601 for a script that cannot be split into statements, 54000 for one that is too large.
pub fn preview(
    caller: pg_sys::Oid,
    search_path: Vec<String>,
    script: &str,
    single_transaction: bool,
) -> Result<Vec<Row>> {
    let claims = claims()?;
    let sight = Sight::of(caller, &claims)?;
    let options = Options { single_transaction, standard_conforming_strings: session::standard_conforming_strings() };
    let world = world::read(caller, search_path, claims.write())?;
    let mut rows = simulate::preview(world, &claims, script, &options)
        .map_err(|simulate::ScriptError::Split(error)| Error::unreadable_script(&error))?;
    if let Some(sight) = sight {
        rows.iter_mut().for_each(|row| sight.limit(row));
    }
    Ok(rows)
}

/// What an owner may know of the claims: those on what it owns.
struct Sight {
    /// Their stakeholders, by number.
    claims: HashMap<i64, String>,
    paths: HashSet<String>,
}

impl Sight {
    /// Of a caller; `None` for an administrator, who sees all.
    fn of(caller: pg_sys::Oid, known: &Claims) -> Result<Option<Sight>> {
        if security::is_admin(caller)? {
            return Ok(None);
        }
        let mut sight = Sight { claims: HashMap::new(), paths: HashSet::new() };
        let mut catalog = CatalogReader::default();
        for claim in &known.claims {
            for alternative in &claim.alternatives {
                catalog.load(alternative)?;
                let owner = catalog.owner(alternative);
                if owner.is_some_and(|owner| security::has_privileges_of(caller, owner.into())) {
                    sight.claims.insert(claim.id, claim.stakeholder.clone());
                    sight.paths.insert(alternative.path());
                }
            }
            if catalog.is_large() {
                catalog = CatalogReader::default();
            }
        }
        Ok(Some(sight))
    }

    /// Takes out of a row what is not to be known. Its verdict stays, as the script would fail for its caller too.
    fn limit(&self, row: &mut Row) {
        row.violations.retain(|broken| self.claims.contains_key(&broken.claim_id) && self.paths.contains(&broken.path));
        row.claims.retain(|id| self.claims.contains_key(id));
        let stakeholders: BTreeSet<&String> = row.claims.iter().filter_map(|id| self.claims.get(id)).collect();
        row.stakeholders = stakeholders.into_iter().cloned().collect();
        row.locks.retain(|lock| self.paths.contains(&lock.relation));
        if row.verdict == Verdict::Breaks && row.violations.is_empty() {
            row.detail = Some("It breaks claims on what the current role does not own.".to_owned());
            row.hint = Some("Ask an administrator for the preview.".to_owned());
        }
    }
}

/// The claims as a migration is judged by them: as they were when this transaction began; what it has claimed itself
/// binds at once.
///
/// # Errors
/// XX000
pub fn claims() -> Result<Claims> {
    let mut known = Vec::new();
    let mut after = 0;
    loop {
        let ids = store::claim_ids_after(after, BATCH)?;
        let Some(last) = ids.last() else { break };
        after = *last;
        for stored in store::load(ids)? {
            known.push(stored.baseline().cloned().unwrap_or_else(|| stored.claim.unseen()));
        }
        pgrx::check_for_interrupts!();
    }
    let mut claims = Claims { deprecated: deprecated(&known)?, protections: protections()?, ..Claims::default() };
    let stakeholders: BTreeSet<String> = known.iter().map(|claim| claim.stakeholder.clone()).collect();
    claims.waivers = store::waivers(stakeholders.into_iter().collect())?.into_iter().collect();
    let mut roles = Roles::default();
    for claim in &known {
        if !claims.roles.contains_key(&claim.stakeholder)
            && let Some(role) = roles.get(&claim.stakeholder)?.role()
        {
            claims.roles.insert(claim.stakeholder.clone(), role.oid.to_u32());
        }
    }
    claims.claims = known.into_iter().map(as_known).collect();
    Ok(claims)
}

fn as_known(claim: Claim) -> KnownClaim {
    let Claim { id, stakeholder, match_number, optional, pending, derived, alternatives, status, reason: _ } = claim;
    KnownClaim { id, stakeholder, match_number, optional, pending, derived, alternatives, status }
}

fn deprecated(claims: &[Claim]) -> Result<Vec<Deprecated>> {
    if relations::is_empty(c"deprecation")? {
        return Ok(Vec::new());
    }
    let as_said = |notice: store::Notice| Deprecated {
        schema: notice.schema,
        relation: notice.relation,
        column: notice.column,
        over: notice.is_over,
    };
    Ok(notices_as_stored(claims.iter())?.into_iter().map(as_said).collect())
}

fn protections() -> Result<Vec<Protected>> {
    let as_said = |((schema, relation), protection): ((String, String), Protection)| Protected {
        schema,
        relation,
        whole: protection.whole,
        columns: protection.columns,
    };
    let mut protections: Vec<Protected> = store::protections()?.into_iter().map(as_said).collect();
    protections.sort_by(|a, b| (&a.schema, &a.relation).cmp(&(&b.schema, &b.relation)));
    Ok(protections)
}
