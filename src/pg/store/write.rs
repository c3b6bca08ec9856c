//! Writing claims: new ones in bulk; changes with rows as columns, one statement for all.

use integratedb_claim::state::{ClaimedField, ClaimedRelation, LeftOut, Requirements, write_fields};
use pgrx::datum::JsonString;
use pgrx::pg_sys;

use super::{Began, Next, Stored, json, text};
use crate::pg::bulk::{self, Document, Value};
use crate::pg::error::Result;
use crate::pg::spi::{self, bind};

/// Adds claims; numbers them where `id` is 0. `from_commit`: they bind only from the commit of this transaction.
///
/// # Errors
/// XX000
pub fn insert(claims: &mut [Next], from_commit: bool) -> Result<()> {
    let unnumbered = claims.iter().filter(|next| next.claim.id == 0).count();
    if unnumbered > 0 {
        let mut ids = spi::returning(
            "SELECT pg_catalog.nextval('integratedb.claim_claim_id_seq') FROM pg_catalog.generate_series(1, $1)",
            &[bind(unnumbered as i64)],
            |row| row.need::<i64>(1),
        )?
        .into_iter();
        for next in claims.iter_mut().filter(|next| next.claim.id == 0) {
            next.claim.id = ids.next().unwrap_or_default();
        }
    }
    if claims.is_empty() {
        return Ok(());
    }
    bulk::insert(
        c"claim",
        [c"claim_id", c"stakeholder", c"match_number", c"optional", c"derived", c"status", c"pending", c"reason"],
        claims.iter().map(|Next { claim, .. }| {
            [
                Value::Int8(claim.id),
                Value::Text(&claim.stakeholder),
                Value::Int4(claim.match_number),
                Value::Bool(claim.optional),
                Value::Bool(claim.derived),
                Value::Text(claim.status.as_str()),
                Value::Bool(claim.pending),
                claim.reason.as_deref().map_or(Value::Null, Value::Text),
            ]
        }),
    )?;
    let alternatives = || {
        claims.iter().flat_map(|next| {
            let numbered = next.claim.alternatives.iter().zip(&next.oids).enumerate();
            numbered.map(|(number, (state, oid))| (next.claim.id, number as i32, state, *oid))
        })
    };
    bulk::insert(
        c"claimed_relation",
        [
            c"claim_id",
            c"alternative",
            c"schema_name",
            c"relation_name",
            c"every_column",
            c"row_security",
            c"security_invoker",
            c"status",
            c"fields",
            c"left_out",
            c"kind",
            c"requirements",
        ],
        alternatives().map(|(id, number, state, _)| {
            let documents = Documents::of(state);
            [
                Value::Int8(id),
                Value::Int4(number),
                Value::Name(&state.schema),
                Value::Name(state.relation.as_deref().unwrap_or_default()),
                Value::Bool(state.every_column),
                Value::Bool(state.row_security),
                Value::Bool(state.security_invoker),
                Value::Text(state.status.as_str()),
                Value::Document(documents.fields),
                Value::document(documents.left_out),
                Value::Text(state.kind.as_str()),
                Value::document(documents.requirements),
            ]
        }),
    )?;
    // SAFETY: assigns the transaction its number, which it has anyhow, as it writes.
    let began = from_commit.then(|| unsafe { pg_sys::GetTopFullTransactionId() }.value);
    let began = began.map_or(Value::Null, Value::Xid8);
    bulk::insert(
        c"claimed_relation_cache",
        [c"claim_id", c"alternative", c"relation_oid", c"began_xid", c"part"],
        alternatives().map(|(id, number, _, oid)| {
            [Value::Int8(id), Value::Int4(number), oid.map_or(Value::Null, Value::Oid), began, Value::Int4(0)]
        }),
    )?;
    insert_parts(claims.iter())
}

/// What claims rest on besides the objects that they name.
fn insert_parts<'a>(claims: impl Iterator<Item = &'a Next>) -> Result<()> {
    let parts = claims.flat_map(|next| {
        next.rests_on.iter().flat_map(|(alternative, rests_on)| {
            let numbered = rests_on.iter().zip(1..);
            numbered.map(|(oid, part)| (next.claim.id, *alternative as i32, *oid, part))
        })
    });
    let mut rows = parts
        .map(|(id, alternative, oid, part)| {
            [Value::Int8(id), Value::Int4(alternative), Value::Oid(oid), Value::Int4(part)]
        })
        .peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    bulk::insert(c"claimed_relation_cache", [c"claim_id", c"alternative", c"relation_oid", c"part"], rows)
}

fn replace_parts(claims: &[&Next]) -> Result<()> {
    if claims.is_empty() {
        return Ok(());
    }
    spi::execute(
        "DELETE FROM integratedb.claimed_relation_cache WHERE claim_id = ANY ($1) AND part > 0",
        &[bind(claims.iter().map(|next| next.claim.id).collect::<Vec<i64>>())],
    )?;
    insert_parts(claims.iter().copied())
}

/// Removes claims.
///
/// # Errors
/// XX000
pub fn remove_claims(ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    for sql in [
        "DELETE FROM integratedb.claimed_relation_cache WHERE claim_id = ANY ($1)",
        "DELETE FROM integratedb.claimed_relation WHERE claim_id = ANY ($1)",
        "DELETE FROM integratedb.claim WHERE claim_id = ANY ($1)",
    ] {
        spi::execute(sql, &[bind(ids.to_vec())])?;
    }
    Ok(())
}

/// Renumbers the matches of a stakeholder's claims after one was taken out of its document.
///
/// # Errors
/// XX000
pub fn close_match_gap(stakeholder: &str, removed: i32) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.claim SET match_number = match_number - 1 WHERE stakeholder = $1 AND match_number > $2",
        &[bind(stakeholder), bind(removed)],
    )?;
    Ok(())
}

/// Writes what has changed, and only that. With `keep_beginning` the state at the beginning of the transaction is kept
/// beside it, to be judged against; without, the new state binds at once.
///
/// # Errors
/// XX000
pub fn update(changes: &[(&Stored, &Next)], keep_beginning: bool) -> Result<()> {
    let mut rows = Alternatives::default();
    let mut caches = Alternatives::default();
    let (mut ids, mut statuses, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let mut parts: Vec<&Next> = Vec::new();
    for (stored, next) in changes {
        for (number, state) in next.claim.alternatives.iter().enumerate() {
            let old = &stored.claim.alternatives[number];
            if old != state || (stored.claim.status != next.claim.status && number == 0) {
                let began = stored
                    .baseline()
                    .map(|baseline| Began { claim: baseline.status, relation: baseline.alternatives[number].clone() });
                rows.push(next, number, began.filter(|_| keep_beginning))?;
            } else if stored.oids[number] != next.oids[number] {
                caches.push(next, number, None)?;
            }
        }
        if stored.claim.status != next.claim.status || stored.claim.reason != next.claim.reason {
            ids.push(next.claim.id);
            statuses.push(next.claim.status.as_str().to_owned());
            reasons.push(next.claim.reason.clone());
        }
        if stored.rests_on != next.rests_on {
            parts.push(next);
        }
    }
    replace_parts(&parts)?;
    if !ids.is_empty() {
        spi::execute(
            "UPDATE integratedb.claim c SET status = n.status, reason = n.reason
             FROM unnest($1, $2, $3) AS n (claim_id, status, reason)
             WHERE c.claim_id = n.claim_id AND c.claim_id = ANY ($1)",
            &[bind(ids), bind(statuses), bind(reasons)],
        )?;
    }
    if !rows.claim_ids.is_empty() {
        spi::execute(
            "UPDATE integratedb.claimed_relation r
             SET every_column = n.every_column, row_security = n.row_security,
                 security_invoker = n.security_invoker, status = n.status, fields = n.fields,
                 left_out = n.left_out
             FROM unnest($1, $2, $3::name[], $4::name[], $5, $6, $7, $8, $9, $10, $11, $12)
                  AS n (claim_id, alternative, schema_name, relation_name, every_column, row_security, security_invoker, status, fields,
                        left_out, kind, requirements)
             WHERE r.claim_id = n.claim_id AND r.alternative = n.alternative AND r.claim_id = ANY ($1)",
            &rows.bind_relations(),
        )?;
        write_cache(rows, keep_beginning)?;
    }
    if !caches.claim_ids.is_empty() {
        spi::execute(
            "UPDATE integratedb.claimed_relation_cache k SET relation_oid = n.oid
             FROM unnest($1, $2, $3) AS n (claim_id, alternative, oid)
             WHERE k.claim_id = n.claim_id AND k.alternative = n.alternative AND k.part = 0 AND k.claim_id = ANY ($1)",
            &[bind(caches.claim_ids), bind(caches.alternatives), bind(caches.oids)],
        )?;
    }
    Ok(())
}

fn write_cache(rows: Alternatives, keep_beginning: bool) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.claimed_relation_cache AS k (claim_id, alternative, relation_oid, began_xid, began)
         SELECT n.claim_id, n.alternative, n.oid, CASE WHEN $5 THEN pg_catalog.pg_current_xact_id() END, n.began
         FROM unnest($1, $2, $3, $4) AS n (claim_id, alternative, oid, began)
         ON CONFLICT (claim_id, alternative, part) DO UPDATE
         SET relation_oid = excluded.relation_oid, began_xid = excluded.began_xid, began = excluded.began",
        &[bind(rows.claim_ids), bind(rows.alternatives), bind(rows.oids), bind(rows.began), bind(keep_beginning)],
    )?;
    Ok(())
}

/// Writes the OID caches of claims anew: what was restored has none.
///
/// # Errors
/// XX000
pub fn rebuild_cache(claims: &[Next]) -> Result<()> {
    let mut rows = Alternatives::default();
    for next in claims {
        for number in 0..next.claim.alternatives.len() {
            rows.push(next, number, None)?;
        }
    }
    if !rows.claim_ids.is_empty() {
        write_cache(rows, false)?;
    }
    replace_parts(&claims.iter().filter(|next| !next.rests_on.is_empty()).collect::<Vec<_>>())
}

/// What of an alternative is stored as JSON.
struct Documents<'a> {
    fields: &'a dyn Document,
    left_out: Option<&'a dyn Document>,
    requirements: Option<&'a dyn Document>,
}

impl Documents<'_> {
    fn of(state: &ClaimedRelation) -> Documents<'_> {
        Documents {
            fields: &state.fields,
            left_out: (!state.left_out.is_empty()).then_some(&state.left_out),
            requirements: state.requirements.as_deref().map(|requirements| requirements as &dyn Document),
        }
    }
}

impl Document for Vec<ClaimedField> {
    fn write(&self, to: &mut Vec<u8>) -> serde_json::Result<()> {
        write_fields(self, to)
    }
}

impl Document for Vec<LeftOut> {
    fn write(&self, to: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(to, self)
    }
}

impl Document for Requirements {
    fn write(&self, to: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(to, self)
    }
}

/// Rows of claimed_relation and its cache, as columns.
#[derive(Default)]
struct Alternatives {
    claim_ids: Vec<i64>,
    alternatives: Vec<i32>,
    schemas: Vec<String>,
    relations: Vec<String>,
    every_column: Vec<bool>,
    row_security: Vec<bool>,
    security_invoker: Vec<bool>,
    statuses: Vec<String>,
    fields: Vec<JsonString>,
    left_out: Vec<Option<JsonString>>,
    kinds: Vec<String>,
    requirements: Vec<Option<JsonString>>,
    oids: Vec<Option<pg_sys::Oid>>,
    began: Vec<Option<JsonString>>,
}

impl Alternatives {
    fn push(&mut self, next: &Next, number: usize, began: Option<Began>) -> Result<()> {
        let state = &next.claim.alternatives[number];
        self.claim_ids.push(next.claim.id);
        self.alternatives.push(number as i32);
        self.schemas.push(state.schema.clone());
        self.relations.push(state.relation.clone().unwrap_or_default());
        self.every_column.push(state.every_column);
        self.row_security.push(state.row_security);
        self.security_invoker.push(state.security_invoker);
        self.statuses.push(state.status.as_str().to_owned());
        let documents = Documents::of(state);
        self.fields.push(text(documents.fields)?);
        self.left_out.push(documents.left_out.map(text).transpose()?);
        self.kinds.push(state.kind.as_str().to_owned());
        self.requirements.push(documents.requirements.map(text).transpose()?);
        self.oids.push(next.oids[number]);
        self.began.push(began.as_ref().map(json).transpose()?);
        Ok(())
    }

    fn bind_relations(&mut self) -> [spi::Argument; 12] {
        [
            bind(self.claim_ids.clone()),
            bind(self.alternatives.clone()),
            bind(std::mem::take(&mut self.schemas)),
            bind(std::mem::take(&mut self.relations)),
            bind(std::mem::take(&mut self.every_column)),
            bind(std::mem::take(&mut self.row_security)),
            bind(std::mem::take(&mut self.security_invoker)),
            bind(std::mem::take(&mut self.statuses)),
            bind(std::mem::take(&mut self.fields)),
            bind(std::mem::take(&mut self.left_out)),
            bind(std::mem::take(&mut self.kinds)),
            bind(std::mem::take(&mut self.requirements)),
        ]
    }
}
