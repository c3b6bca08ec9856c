//! Writing claims: rows as columns, one statement for all.

use pgrx::datum::JsonString;
use pgrx::pg_sys;

use super::{Began, Next, Stored, json};
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
    let all = || claims.iter().map(|next| &next.claim);
    spi::execute(
        "INSERT INTO integratedb.claim (claim_id, stakeholder, match_number, optional, derived, status, pending, reason)
         SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8)",
        &[
            bind(all().map(|claim| claim.id).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.stakeholder.clone()).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.match_number).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.optional).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.derived).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.status.as_str().to_owned()).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.pending).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.reason.clone()).collect::<Vec<_>>()),
        ],
    )?;
    let mut rows = Alternatives::default();
    for next in claims.iter() {
        for number in 0..next.claim.alternatives.len() {
            rows.push(next, number, None)?;
        }
    }
    spi::execute(
        "INSERT INTO integratedb.claimed_relation
                (claim_id, alternative, schema_name, relation_name, every_column, row_security, security_invoker, status, fields,
                 left_out, kind, requirements)
         SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8), unnest($9),
                unnest($10), unnest($11), unnest($12)",
        &rows.bind_relations(),
    )?;
    spi::execute(
        "INSERT INTO integratedb.claimed_relation_cache (claim_id, alternative, relation_oid, began_xid)
         SELECT unnest($1), unnest($2), unnest($3), CASE WHEN $4 THEN pg_catalog.pg_current_xact_id() END",
        &[bind(rows.claim_ids), bind(rows.alternatives), bind(rows.oids), bind(from_commit)],
    )?;
    let parts: Vec<&Next> = claims.iter().filter(|next| !next.rests_on.is_empty()).collect();
    insert_parts(&parts)
}

/// What claims rest on besides the objects that they name.
fn insert_parts(claims: &[&Next]) -> Result<()> {
    let (mut ids, mut alternatives, mut oids, mut parts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for next in claims {
        for (alternative, rests_on) in &next.rests_on {
            for (number, oid) in rests_on.iter().enumerate() {
                ids.push(next.claim.id);
                alternatives.push(*alternative as i32);
                oids.push(*oid);
                parts.push(number as i32 + 1);
            }
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    spi::execute(
        "INSERT INTO integratedb.claimed_relation_cache (claim_id, alternative, relation_oid, part)
         SELECT unnest($1), unnest($2), unnest($3), unnest($4)",
        &[bind(ids), bind(alternatives), bind(oids), bind(parts)],
    )
}

fn replace_parts(claims: &[&Next]) -> Result<()> {
    if claims.is_empty() {
        return Ok(());
    }
    spi::execute(
        "DELETE FROM integratedb.claimed_relation_cache WHERE claim_id = ANY ($1) AND part > 0",
        &[bind(claims.iter().map(|next| next.claim.id).collect::<Vec<i64>>())],
    )?;
    insert_parts(claims)
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
        self.fields.push(json(&state.fields)?);
        let left_out = (!state.left_out.is_empty()).then(|| json(&state.left_out)).transpose()?;
        self.left_out.push(left_out);
        self.kinds.push(state.kind.as_str().to_owned());
        self.requirements.push(state.requirements.as_deref().map(json).transpose()?);
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
