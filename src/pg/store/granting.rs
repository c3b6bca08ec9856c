//! Claims as far as they say which privileges they need, for `integratedb_claim::privilege` alone.

use integratedb_claim::state::{Claim, ClaimedRelation, ObjectKind};
use pgrx::pg_sys;

use super::{status, unreadable};
use crate::pg::error::Result;
use crate::pg::spi::{self, Argument, bind};

/// Of a relation that is claimed whole the fields are left out, unless one has privileges of its own: to read them would cost
/// more than all the rest.
macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT c.claim_id, c.match_number, c.status, r.schema_name::text, r.relation_name::text, r.every_column, r.status,
                    CASE WHEN r.every_column AND r.left_out IS NULL AND r.requirements IS NULL
                              AND pg_catalog.strpos(r.fields::text, '\"privileges\"') = 0 THEN NULL
                         ELSE r.fields::text END,
                    r.kind, r.left_out::text, r.requirements::text, c.stakeholder
             FROM integratedb.claim c JOIN integratedb.claimed_relation r USING (claim_id)
             WHERE ",
            $where,
            " ORDER BY c.claim_id, r.alternative"
        )
    };
}

/// A stakeholder's claims.
///
/// # Errors
/// XX000 for a state that cannot be read.
pub fn granting_claims(stakeholder: &str) -> Result<Vec<Claim>> {
    read(select!("c.stakeholder = $1"), &[bind(stakeholder)])
}

/// The claims of these stakeholders on these objects, or on something in these schemas.
///
/// # Errors
/// XX000 for a state that cannot be read.
pub fn granting_claims_on(oids: Vec<pg_sys::Oid>, stakeholders: Vec<String>) -> Result<Vec<Claim>> {
    read(
        select!(
            "c.claim_id IN (SELECT k.claim_id FROM integratedb.claimed_relation_cache k WHERE k.relation_oid = ANY ($1)
                            UNION
                            SELECT s.claim_id FROM integratedb.claimed_relation s
                            JOIN pg_catalog.pg_namespace n ON n.nspname = s.schema_name WHERE n.oid = ANY ($1))
             AND c.stakeholder = ANY ($2)"
        ),
        &[bind(oids), bind(stakeholders)],
    )
}

fn read(sql: &'static str, arguments: &[Argument]) -> Result<Vec<Claim>> {
    let mut claims: Vec<Claim> = Vec::new();
    spi::query(sql, arguments, |row| {
        let id: i64 = row.need(1)?;
        let name: String = row.need(5)?;
        let alternative = ClaimedRelation {
            kind: ObjectKind::from_word(&row.need::<String>(9)?).unwrap_or_default(),
            schema: row.need(4)?,
            relation: (!name.is_empty()).then_some(name),
            every_column: row.need(6)?,
            status: status(&row.need::<String>(7)?)?,
            fields: json(row.get(8))?.unwrap_or_default(),
            left_out: json(row.get(10))?.unwrap_or_default(),
            requirements: json(row.get(11))?,
            ..ClaimedRelation::default()
        };
        match claims.last_mut() {
            Some(last) if last.id == id => last.alternatives.push(alternative),
            _ => claims.push(Claim {
                id,
                stakeholder: row.need(12)?,
                match_number: row.need(2)?,
                optional: false,
                pending: false,
                derived: false,
                alternatives: vec![alternative],
                status: status(&row.need::<String>(3)?)?,
                reason: None,
            }),
        }
        Ok(())
    })?;
    Ok(claims)
}

fn json<T: serde::de::DeserializeOwned>(text: Option<String>) -> Result<Option<T>> {
    text.map(|text| serde_json::from_str(&text).map_err(unreadable)).transpose()
}
