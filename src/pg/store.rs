//! Our tables: stakeholders and claims. Names are the truth, OIDs beside them a cache.

use integratedb_claim::state::{Claim, ClaimedRelation, Status};
use pgrx::datum::JsonString;
use pgrx::{JsonB, pg_sys};
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::spi::{self, Row, bind};

/// A claim as it stands in our tables.
#[derive(Debug, Clone)]
pub struct Stored {
    /// As it is now.
    pub claim: Claim,
    /// As it was when the transaction began, if that was otherwise.
    began: Beginning,
    /// For each alternative, the relation it was last met by; for a wildcard, the schema.
    pub oids: Vec<Option<pg_sys::Oid>>,
}

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
}

/// The state of one alternative when the transaction began.
#[derive(Serialize, Deserialize)]
struct Began {
    claim: Status,
    relation: ClaimedRelation,
}

/// All stakeholder names, in order.
///
/// # Errors
/// XX000
pub fn stakeholders() -> Result<Vec<String>> {
    spi::query("SELECT name FROM integratedb.stakeholder ORDER BY name", &[], |row| row.need(1))
}

/// A stakeholder's document as given.
///
/// # Errors
/// 42704 for an unknown stakeholder, with the nearest name.
pub fn document(stakeholder: &str) -> Result<serde_json::Value> {
    let found =
        spi::query("SELECT document FROM integratedb.stakeholder WHERE name = $1", &[bind(stakeholder)], |row| {
            row.need::<JsonB>(1)
        })?;
    match found.into_iter().next() {
        Some(JsonB(document)) => Ok(document),
        None => {
            let names = stakeholders()?;
            let near = integratedb_claim::nearest::nearest(stakeholder, names.iter().map(String::as_str));
            Err(Error::undefined_stakeholder(stakeholder, near))
        }
    }
}

/// Replaces a stakeholder's document.
///
/// # Errors
/// XX000
pub fn set_document(stakeholder: &str, document: serde_json::Value) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.stakeholder SET document = $2, claimed_at = pg_catalog.now() WHERE name = $1",
        &[bind(stakeholder), bind(JsonB(document))],
    )?;
    Ok(())
}

/// Registers a stakeholder.
///
/// # Errors
/// XX000
pub fn add_stakeholder(name: &str, options: serde_json::Value, created_by: &str) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.stakeholder (name, options, created_by) VALUES ($1, $2, $3)",
        &[bind(name), bind(JsonB(options)), bind(created_by)],
    )?;
    Ok(())
}

/// Renames a stakeholder in every table of ours.
///
/// # Errors
/// XX000
pub fn rename_stakeholder(name: &str, new_name: &str) -> Result<()> {
    for sql in [
        "UPDATE integratedb.stakeholder SET name = $2 WHERE name = $1",
        "UPDATE integratedb.stakeholder_cache SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.claim SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.granted_privilege SET stakeholder = $2 WHERE stakeholder = $1",
        "UPDATE integratedb.granted_privilege_cache SET stakeholder = $2 WHERE stakeholder = $1",
    ] {
        spi::execute(sql, &[bind(name), bind(new_name)])?;
    }
    Ok(())
}

/// Forgets a stakeholder and all that is its.
///
/// # Errors
/// XX000
pub fn remove_stakeholder(name: &str) -> Result<()> {
    let ids = claim_ids(name)?;
    remove_claims(&ids)?;
    for sql in [
        "DELETE FROM integratedb.granted_privilege WHERE stakeholder = $1",
        "DELETE FROM integratedb.granted_privilege_cache WHERE stakeholder = $1",
        "DELETE FROM integratedb.stakeholder_cache WHERE stakeholder = $1",
        "DELETE FROM integratedb.stakeholder WHERE name = $1",
    ] {
        spi::execute(sql, &[bind(name)])?;
    }
    Ok(())
}

/// The role OID that a stakeholder's role had when it was made or last synced.
///
/// # Errors
/// XX000
pub fn cached_role(stakeholder: &str) -> Result<Option<pg_sys::Oid>> {
    Ok(spi::query(
        "SELECT role_oid FROM integratedb.stakeholder_cache WHERE stakeholder = $1",
        &[bind(stakeholder)],
        |row| row.need(1),
    )?
    .into_iter()
    .next())
}

/// Remembers a stakeholder's role by OID.
///
/// # Errors
/// XX000
pub fn cache_role(stakeholder: &str, role: pg_sys::Oid) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.stakeholder_cache (stakeholder, role_oid) VALUES ($1, $2)
         ON CONFLICT (stakeholder) DO UPDATE SET role_oid = excluded.role_oid",
        &[bind(stakeholder), bind(role)],
    )?;
    Ok(())
}

/// The stakeholders whose roles are among `roles`.
///
/// # Errors
/// XX000
pub fn stakeholders_with_roles(roles: Vec<pg_sys::Oid>) -> Result<Vec<String>> {
    spi::query(
        "SELECT stakeholder FROM integratedb.stakeholder_cache WHERE role_oid = ANY ($1)",
        &[bind(roles)],
        |row| row.need(1),
    )
}

/// A stakeholder's claims, by number.
///
/// # Errors
/// XX000
pub fn claim_ids(stakeholder: &str) -> Result<Vec<i64>> {
    spi::query("SELECT claim_id FROM integratedb.claim WHERE stakeholder = $1", &[bind(stakeholder)], |row| row.need(1))
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
    let mut claims: Vec<Stored> = Vec::with_capacity(ids.len());
    let rows = spi::query(
        "SELECT c.claim_id, c.stakeholder, c.match_number, c.optional, c.derived, c.status,
                r.schema_name::text, r.relation_name::text, r.every_column, r.row_security, r.security_invoker, r.status, r.fields::text,
                k.relation_oid, k.began_xid = pg_catalog.pg_current_xact_id_if_assigned(), k.began::text
         FROM integratedb.claim c
         JOIN integratedb.claimed_relation r USING (claim_id)
         LEFT JOIN integratedb.claimed_relation_cache k USING (claim_id, alternative)
         WHERE c.claim_id = ANY ($1)
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
    Ok(claims)
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
            derived: row.need(5)?,
            alternatives: Vec::new(),
            status: status(&row.need::<String>(6)?)?,
        },
        relation: ClaimedRelation {
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
    let mut stored = Stored { began: Beginning::Same, claim: row.claim.clone(), oids: Vec::new() };
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

fn json(value: &impl Serialize) -> Result<JsonString> {
    serde_json::to_string(value).map(JsonString).map_err(unreadable)
}

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
        "INSERT INTO integratedb.claim (claim_id, stakeholder, match_number, optional, derived, status)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
        &[
            bind(all().map(|claim| claim.id).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.stakeholder.clone()).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.match_number).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.optional).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.derived).collect::<Vec<_>>()),
            bind(all().map(|claim| claim.status.as_str().to_owned()).collect::<Vec<_>>()),
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
                (claim_id, alternative, schema_name, relation_name, every_column, row_security, security_invoker, status, fields)
         SELECT * FROM unnest($1, $2, $3::name[], $4::name[], $5, $6, $7, $8, $9)",
        &rows.bind_relations(),
    )?;
    spi::execute(
        "INSERT INTO integratedb.claimed_relation_cache (claim_id, alternative, relation_oid, began_xid)
         SELECT id, alternative, oid, CASE WHEN $4 THEN pg_catalog.pg_current_xact_id() END
         FROM unnest($1, $2, $3) AS r (id, alternative, oid)",
        &[bind(rows.claim_ids), bind(rows.alternatives), bind(rows.oids), bind(from_commit)],
    )?;
    Ok(())
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
    let (mut ids, mut statuses) = (Vec::new(), Vec::new());
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
        if stored.claim.status != next.claim.status {
            ids.push(next.claim.id);
            statuses.push(next.claim.status.as_str().to_owned());
        }
    }
    if !ids.is_empty() {
        spi::execute(
            "UPDATE integratedb.claim c SET status = n.status
             FROM unnest($1, $2) AS n (claim_id, status) WHERE c.claim_id = n.claim_id",
            &[bind(ids), bind(statuses)],
        )?;
    }
    if !rows.claim_ids.is_empty() {
        spi::execute(
            "UPDATE integratedb.claimed_relation r
             SET every_column = n.every_column, row_security = n.row_security,
                 security_invoker = n.security_invoker, status = n.status, fields = n.fields
             FROM unnest($1, $2, $3::name[], $4::name[], $5, $6, $7, $8, $9)
                  AS n (claim_id, alternative, schema_name, relation_name, every_column, row_security, security_invoker, status, fields)
             WHERE r.claim_id = n.claim_id AND r.alternative = n.alternative",
            &rows.bind_relations(),
        )?;
        write_cache(rows, keep_beginning)?;
    }
    if !caches.claim_ids.is_empty() {
        spi::execute(
            "UPDATE integratedb.claimed_relation_cache k SET relation_oid = n.oid
             FROM unnest($1, $2, $3) AS n (claim_id, alternative, oid)
             WHERE k.claim_id = n.claim_id AND k.alternative = n.alternative",
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
         ON CONFLICT (claim_id, alternative) DO UPDATE
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
    if rows.claim_ids.is_empty() { Ok(()) } else { write_cache(rows, false) }
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
        self.oids.push(next.oids[number]);
        self.began.push(began.as_ref().map(json).transpose()?);
        Ok(())
    }

    fn bind_relations(&mut self) -> [spi::Argument; 9] {
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
        ]
    }
}
