//! What stakeholders ask for.

use pgrx::{JsonB, pg_sys};
use serde_json::Value;

use crate::pg::error::Result;
use crate::pg::spi::{self, bind};

/// A request as it stands.
pub struct Request {
    /// Whose.
    pub stakeholder: String,
    /// The document that it asks for.
    pub document: Value,
    /// `open`, `approved` or `refused`.
    pub status: String,
    /// Whether the stakeholder's document is still the one that it had when it asked.
    pub is_current: bool,
}

/// What an owner has approved: which object, and who.
pub struct Approval {
    /// The path at the time.
    pub path: String,
    /// The object.
    pub object: u32,
    /// The role.
    pub role: pg_sys::Oid,
}

/// Records a request in place of the stakeholder's open one, under a number of its own; tells that.
///
/// # Errors
/// XX000
pub fn add_request(stakeholder: &str, document: &Value, reason: &str, by: &str) -> Result<i64> {
    let rows = spi::returning(
        "INSERT INTO integratedb.request AS r (stakeholder, document, version, reason, requested_by)
         SELECT $1, $2, pg_catalog.max(h.version), $3, $4 FROM integratedb.document_change h WHERE h.stakeholder = $1
         ON CONFLICT (stakeholder) WHERE status = 'open'
         DO UPDATE SET request_id = DEFAULT, document = excluded.document, version = excluded.version, reason = excluded.reason,
                       requested_by = excluded.requested_by, requested_at = excluded.requested_at
         RETURNING request_id",
        &[bind(stakeholder), bind(JsonB(document.clone())), bind(reason), bind(by)],
        |row| row.need(1),
    )?;
    spi::execute(
        "DELETE FROM integratedb.request_approval a
         WHERE NOT EXISTS (SELECT FROM integratedb.request r WHERE r.request_id = a.request_id)",
        &[],
    )?;
    rows.into_iter().next().ok_or_else(|| crate::pg::error::Error::internal("a request got no number"))
}

/// A request by number.
///
/// # Errors
/// XX000
pub fn request(id: i64) -> Result<Option<Request>> {
    let rows = spi::query(
        "SELECT r.stakeholder, r.document, r.status,
                r.version = (SELECT pg_catalog.max(h.version) FROM integratedb.document_change h WHERE h.stakeholder = r.stakeholder)
         FROM integratedb.request r WHERE r.request_id = $1",
        &[bind(id)],
        |row| {
            let JsonB(document) = row.need(2)?;
            Ok(Request { stakeholder: row.need(1)?, document, status: row.need(3)?, is_current: row.get(4) == Some(true) })
        },
    )?;
    Ok(rows.into_iter().next())
}

/// Locks a request against others who decide it, to the end of the transaction.
///
/// # Errors
/// XX000
pub fn lock_request(id: i64) -> Result<()> {
    spi::returning("SELECT 1 FROM integratedb.request WHERE request_id = $1 FOR UPDATE", &[bind(id)], |_| Ok(()))?;
    Ok(())
}

/// Records what was decided.
///
/// # Errors
/// XX000
pub fn decide_request(id: i64, status: &str, by: &str, note: Option<&str>) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.request SET status = $2, decided_by = $3, note = $4, decided_at = pg_catalog.clock_timestamp()
         WHERE request_id = $1",
        &[bind(id), bind(status), bind(by), bind(note)],
    )?;
    spi::execute("DELETE FROM integratedb.request_approval WHERE request_id = $1", &[bind(id)])
}

/// Records that a role has approved an object of a request.
///
/// # Errors
/// XX000
pub fn approve(id: i64, approval: &Approval, by: &str, note: Option<&str>) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.request_approval (request_id, path, object_oid, role_oid, role_name, note)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (request_id, path, role_oid) DO UPDATE SET object_oid = excluded.object_oid, note = excluded.note",
        &[
            bind(id),
            bind(approval.path.as_str()),
            bind(pg_sys::Oid::from(approval.object)),
            bind(approval.role),
            bind(by),
            bind(note),
        ],
    )
}

/// What has been approved of a request.
///
/// # Errors
/// XX000
pub fn approvals(id: i64) -> Result<Vec<Approval>> {
    spi::query(
        "SELECT path, object_oid, role_oid FROM integratedb.request_approval WHERE request_id = $1",
        &[bind(id)],
        |row| Ok(Approval { path: row.need(1)?, object: row.need::<pg_sys::Oid>(2)?.to_u32(), role: row.need(3)? }),
    )
}
