//! Our tables: stakeholders and claims. Names are the truth, OIDs beside them a cache.

use std::collections::{BTreeMap, BTreeSet};

use integratedb_claim::state::{Claim, ClaimedRelation, ObjectKind, Status};
use pgrx::datum::JsonString;
use pgrx::pg_sys;
use serde::{Deserialize, Serialize};

use crate::pg::bulk::Document;
use crate::pg::error::{Error, Result};
use crate::pg::spi::{self, Row, bind};

mod adopted;
mod authority;
mod credential;
mod deprecation;
mod granting;
mod history;
mod protection;
mod request;
mod stakeholder;
mod waiver;
mod write;

pub use adopted::*;
pub use authority::*;
pub use credential::*;
pub use deprecation::*;
pub use granting::*;
pub use history::*;
pub use protection::*;
pub use request::*;
pub use stakeholder::*;
pub use waiver::*;
pub use write::*;

/// A claim as it stands in our tables.
#[derive(Debug, Clone)]
pub struct Stored {
    /// As it is now.
    pub claim: Claim,
    /// As it was when the transaction began, if that was otherwise.
    began: Beginning,
    /// For each alternative, the relation it was last met by; for a wildcard, the schema.
    pub oids: Vec<Option<pg_sys::Oid>>,
    /// What alternatives rest on besides.
    pub rests_on: RestsOn,
}

/// For each alternative that rests on something besides the object it names: what that is, by OID.
pub type RestsOn = BTreeMap<usize, Vec<pg_sys::Oid>>;

#[derive(Debug, Clone)]
enum Beginning {
    Same,
    Other(Claim),
    Absent,
}

impl Stored {
    /// As it was when the transaction began; `None` if it did not exist then.
    pub fn baseline(&self) -> Option<&Claim> {
        match &self.began {
            Beginning::Same => Some(&self.claim),
            Beginning::Other(claim) => Some(claim),
            Beginning::Absent => None,
        }
    }
}

/// A claim's next state, and by which relation each alternative is met.
#[derive(Debug, Clone)]
pub struct Next {
    /// The state.
    pub claim: Claim,
    /// OIDs, one an alternative.
    pub oids: Vec<Option<pg_sys::Oid>>,
    /// What alternatives rest on besides.
    pub rests_on: RestsOn,
}

/// The state of one alternative when the transaction began.
#[derive(Serialize, Deserialize)]
struct Began {
    claim: Status,
    relation: ClaimedRelation,
}

/// A stakeholder's claims, by number.
///
/// # Errors
/// XX000
pub fn claim_ids(stakeholder: &str) -> Result<Vec<i64>> {
    spi::query("SELECT claim_id FROM integratedb.claim WHERE stakeholder = $1", &[bind(stakeholder)], |row| row.need(1))
}

/// Whose claims these are.
///
/// # Errors
/// XX000
pub fn stakeholders_of_claims(ids: Vec<i64>) -> Result<Vec<String>> {
    spi::query(
        "SELECT DISTINCT stakeholder FROM integratedb.claim WHERE claim_id = ANY ($1) ORDER BY stakeholder",
        &[bind(ids)],
        |row| row.need(1),
    )
}

/// A stakeholder's claims on what has this name, whatever it is, and its wildcards in the schema.
///
/// # Errors
/// XX000
pub fn claim_ids_on_name(stakeholder: &str, schema: &str, name: &str) -> Result<Vec<i64>> {
    spi::query(
        "SELECT DISTINCT c.claim_id
         FROM integratedb.claimed_relation r JOIN integratedb.claim c USING (claim_id)
         WHERE c.stakeholder = $1 AND r.schema_name = $2::name AND r.relation_name IN ($3::name, '') ORDER BY 1",
        &[bind(stakeholder), bind(schema), bind(name)],
        |row| row.need(1),
    )
}

/// The next claims after `after`, in order: for reading all of them in pieces.
///
/// # Errors
/// XX000
pub fn claim_ids_after(after: i64, limit: i64) -> Result<Vec<i64>> {
    spi::query(
        "SELECT claim_id FROM integratedb.claim WHERE claim_id > $1 ORDER BY claim_id LIMIT $2",
        &[bind(after), bind(limit)],
        |row| row.need(1),
    )
}

/// The claims of these stakeholders on these relations, or in these schemas.
///
/// # Errors
/// XX000
pub fn claim_ids_on_objects(oids: Vec<pg_sys::Oid>, stakeholders: Vec<String>) -> Result<Vec<i64>> {
    spi::query(
        "SELECT c.claim_id
         FROM integratedb.claim c
         JOIN integratedb.claimed_relation r USING (claim_id)
         LEFT JOIN integratedb.claimed_relation_cache k USING (claim_id, alternative)
         LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = r.schema_name
         WHERE c.stakeholder = ANY ($2) AND (k.relation_oid = ANY ($1) OR n.oid = ANY ($1))",
        &[bind(oids), bind(stakeholders)],
        |row| row.need(1),
    )
}

/// The relations on which a wildcard match has made claims.
///
/// # Errors
/// XX000
pub fn derived_relations(stakeholder: &str, match_number: i32) -> Result<std::collections::HashSet<String>> {
    let names = spi::query(
        "SELECT r.relation_name::text FROM integratedb.claim c JOIN integratedb.claimed_relation r USING (claim_id)
         WHERE c.stakeholder = $1 AND c.match_number = $2 AND c.derived",
        &[bind(stakeholder), bind(match_number)],
        |row| row.need(1),
    )?;
    Ok(names.into_iter().collect())
}

/// Whether a role has the rights of the owner of any claimed relation, or of its schema.
///
/// # Errors
/// XX000
pub fn is_owner_of_claimed(role: pg_sys::Oid) -> Result<bool> {
    let found = spi::query(
        "SELECT 1 FROM integratedb.claimed_relation r
         JOIN pg_catalog.pg_namespace n ON n.nspname = r.schema_name
         LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = r.relation_name
         WHERE pg_catalog.pg_has_role($1, n.nspowner, 'USAGE') OR pg_catalog.pg_has_role($1, c.relowner, 'USAGE') LIMIT 1",
        &[bind(role)],
        |_| Ok(()),
    )?;
    Ok(!found.is_empty())
}

/// The claims on anything in these schemas.
///
/// # Errors
/// XX000
pub fn claim_ids_in_schemas(schemas: Vec<String>) -> Result<Vec<i64>> {
    spi::query(
        "SELECT DISTINCT claim_id FROM integratedb.claimed_relation WHERE schema_name = ANY ($1::name[])",
        &[bind(schemas)],
        |row| row.need(1),
    )
}

/// The schemas that a stakeholder's claims name.
///
/// # Errors
/// XX000
pub fn claimed_schemas(stakeholder: &str) -> Result<BTreeSet<String>> {
    let names = spi::query(
        "SELECT DISTINCT r.schema_name::text FROM integratedb.claim c JOIN integratedb.claimed_relation r USING (claim_id)
         WHERE c.stakeholder = $1",
        &[bind(stakeholder)],
        |row| row.need(1),
    )?;
    Ok(names.into_iter().collect())
}

/// The claims that rest on a key or an index: for when one is gone and nobody can say any more on which relation.
///
/// # Errors
/// XX000
pub fn claim_ids_on_indexes() -> Result<Vec<i64>> {
    spi::query(
        "SELECT DISTINCT claim_id FROM integratedb.claimed_relation
         WHERE requirements -> 'keys' IS NOT NULL OR requirements -> 'indexed' IS NOT NULL",
        &[],
        |row| row.need(1),
    )
}

/// Locks claims against other transactions that would change them, to the end of this one.
///
/// # Errors
/// XX000
pub fn lock_claims(ids: Vec<i64>) -> Result<()> {
    spi::returning(
        "SELECT claim_id FROM integratedb.claim WHERE claim_id = ANY ($1) ORDER BY claim_id FOR UPDATE",
        &[bind(ids)],
        |_| Ok(()),
    )?;
    Ok(())
}

/// Loads claims by number, in order; what is gone is left out.
///
/// # Errors
/// XX000 for a state that cannot be read.
pub fn load(ids: Vec<i64>) -> Result<Vec<Stored>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut claims: Vec<Stored> = Vec::with_capacity(ids.len());
    let rows = spi::query(
        "SELECT c.claim_id, c.stakeholder, c.match_number, c.optional, c.derived, c.status,
                r.schema_name::text, r.relation_name::text, r.every_column, r.row_security, r.security_invoker, r.status, r.fields::text,
                k.relation_oid, k.began_xid = pg_catalog.pg_current_xact_id_if_assigned(), k.began::text,
                c.pending, c.reason, r.kind, r.left_out::text, r.requirements::text
         FROM integratedb.claim c
         JOIN integratedb.claimed_relation r USING (claim_id)
         LEFT JOIN integratedb.claimed_relation_cache k
                ON k.claim_id = r.claim_id AND k.alternative = r.alternative AND k.part = 0
         WHERE c.claim_id = ANY ($1) AND r.claim_id = ANY ($1)
         ORDER BY c.claim_id, r.alternative",
        &[bind(ids)],
        read_row,
    )?;
    for row in rows {
        match claims.last_mut() {
            Some(last) if last.claim.id == row.claim.id => push_alternative(last, row),
            _ => claims.push(first_alternative(row)),
        }
    }
    load_parts(&mut claims)?;
    Ok(claims)
}

/// What alternatives rest on besides the object that they name; most on nothing.
fn load_parts(claims: &mut [Stored]) -> Result<()> {
    let has_parts = |stored: &&mut Stored| stored.claim.alternatives.iter().any(ClaimedRelation::has_parts);
    let mut concerned: BTreeMap<i64, &mut Stored> =
        claims.iter_mut().filter(has_parts).map(|stored| (stored.claim.id, stored)).collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let parts = spi::query(
        "SELECT claim_id, alternative, relation_oid FROM integratedb.claimed_relation_cache
         WHERE claim_id = ANY ($1) AND part > 0 ORDER BY claim_id, alternative, part",
        &[bind(concerned.keys().copied().collect::<Vec<i64>>())],
        |row| Ok((row.need::<i64>(1)?, row.need::<i32>(2)?, row.need::<pg_sys::Oid>(3)?)),
    )?;
    for (claim_id, alternative, oid) in parts {
        if let Some(stored) = concerned.get_mut(&claim_id) {
            stored.rests_on.entry(alternative as usize).or_default().push(oid);
        }
    }
    Ok(())
}

struct LoadedRow {
    claim: Claim,
    relation: ClaimedRelation,
    oid: Option<pg_sys::Oid>,
    /// Changed in this transaction: its state before, if it existed.
    began: Option<Option<Began>>,
}

fn read_row(row: &Row) -> Result<LoadedRow> {
    let relation: String = row.need(8)?;
    let fields: String = row.need(13)?;
    Ok(LoadedRow {
        claim: Claim {
            id: row.need(1)?,
            stakeholder: row.need(2)?,
            match_number: row.need(3)?,
            optional: row.need(4)?,
            pending: row.need(17)?,
            derived: row.need(5)?,
            alternatives: Vec::new(),
            status: status(&row.need::<String>(6)?)?,
            reason: row.get(18),
        },
        relation: ClaimedRelation {
            kind: ObjectKind::from_word(&row.need::<String>(19)?).unwrap_or_default(),
            left_out: match row.get::<String>(20) {
                Some(text) => serde_json::from_str(&text).map_err(unreadable)?,
                None => Vec::new(),
            },
            requirements: match row.get::<String>(21) {
                Some(text) => Some(serde_json::from_str(&text).map_err(unreadable)?),
                None => None,
            },
            schema: row.need(7)?,
            relation: (!relation.is_empty()).then_some(relation),
            every_column: row.need(9)?,
            row_security: row.need(10)?,
            security_invoker: row.need(11)?,
            status: status(&row.need::<String>(12)?)?,
            fields: serde_json::from_str(&fields).map_err(unreadable)?,
        },
        oid: row.get(14),
        began: match row.get::<bool>(15) {
            Some(true) => Some(match row.get::<String>(16) {
                Some(text) => Some(serde_json::from_str(&text).map_err(unreadable)?),
                None => None,
            }),
            _ => None,
        },
    })
}

fn first_alternative(row: LoadedRow) -> Stored {
    let mut stored =
        Stored { began: Beginning::Same, claim: row.claim.clone(), oids: Vec::new(), rests_on: RestsOn::new() };
    push_alternative(&mut stored, row);
    stored
}

fn push_alternative(stored: &mut Stored, row: LoadedRow) {
    let begun = match (row.began, &mut stored.began) {
        (None, Beginning::Same) | (_, Beginning::Absent) => None,
        (Some(None), began) => {
            *began = Beginning::Absent;
            None
        }
        (None, Beginning::Other(_)) => Some((None, row.relation.clone())),
        (Some(Some(began)), _) => Some((Some(began.claim), began.relation)),
    };
    if let Some((status, relation)) = begun {
        if let Beginning::Same = stored.began {
            stored.began = Beginning::Other(stored.claim.clone());
        }
        if let Beginning::Other(claim) = &mut stored.began {
            claim.status = status.unwrap_or(claim.status);
            claim.alternatives.push(relation);
        }
    }
    stored.claim.alternatives.push(row.relation);
    stored.oids.push(row.oid);
}

fn status(word: &str) -> Result<Status> {
    Status::from_word(word).ok_or_else(|| Error::internal(format!("unknown status {word}")))
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::internal(format!("the stored state of a claim cannot be read: {error}"))
}

/// A document as a value of type json.
fn text(document: &dyn Document) -> Result<JsonString> {
    let mut text = Vec::new();
    document.write(&mut text).map_err(unreadable)?;
    String::from_utf8(text).map(JsonString).map_err(|error| Error::internal(error.to_string()))
}

fn json(value: &impl Serialize) -> Result<JsonString> {
    serde_json::to_string(value).map(JsonString).map_err(unreadable)
}
