//! Credentials: logins of stakeholders besides their own roles. Never a secret.

use pgrx::datum::{Interval, TimestampWithTimeZone};
use pgrx::pg_sys;

use crate::pg::acl::Role;
use crate::pg::error::{Error, Result};
use crate::pg::spi::{self, Row, bind};
use crate::pg::subtransaction::attempt_all;

/// A credential.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The name of its role.
    pub username: String,
    /// Whose it is.
    pub stakeholder: String,
    /// The credential with which the stakeholder has issued it for itself.
    pub issued_through: Option<String>,
    /// Its role, if that is the one that was made for it.
    pub role: Option<Role>,
    /// Whether another role has its name.
    pub is_replaced: bool,
    /// Whether it has been revoked, and its role could not be dropped.
    pub is_revoked: bool,
    /// Whether it can be used to log in.
    pub is_valid: bool,
}

/// What is known of a credential that is issued.
pub struct NewCredential<'a> {
    /// Its role.
    pub role: &'a Role,
    /// Whose it is.
    pub stakeholder: &'a str,
    /// What it is for.
    pub label: Option<&'a str>,
    /// Who issues it.
    pub by: &'a str,
    /// With which credential.
    pub through: Option<&'a str>,
}

fn read(row: &Row) -> Result<Credential> {
    let username: String = row.need(1)?;
    let status: String = row.need(5)?;
    Ok(Credential {
        stakeholder: row.need(2)?,
        issued_through: row.get(3),
        role: row.get(4).map(|oid| Role { name: username.clone(), oid }),
        is_replaced: row.need(6)?,
        is_revoked: status == "revoked",
        is_valid: status == "valid",
        username,
    })
}

/// A credential, held against others who would change it to the end of the transaction.
///
/// # Errors
/// XX000
pub fn lock_credential(username: &str) -> Result<Option<Credential>> {
    let locked = spi::returning(
        "SELECT 1 FROM integratedb.credential WHERE username = $1 AND username <> stakeholder FOR UPDATE",
        &[bind(username)],
        |_| Ok(()),
    )?;
    if locked.is_empty() { Ok(None) } else { credential(username) }
}

/// A credential.
///
/// # Errors
/// XX000
pub fn credential(username: &str) -> Result<Option<Credential>> {
    let found = spi::query(
        "SELECT username, stakeholder, issued_through, role_oid, status, role_oid IS NULL AND found_oid IS NOT NULL
         FROM integratedb.credential_role WHERE username = $1",
        &[bind(username)],
        read,
    )?;
    Ok(found.into_iter().next())
}

/// The credentials of a stakeholder, in the order in which they were issued.
///
/// # Errors
/// XX000
pub fn credentials_of(stakeholder: &str) -> Result<Vec<Credential>> {
    spi::query(
        "SELECT r.username, r.stakeholder, r.issued_through, r.role_oid, r.status, r.role_oid IS NULL AND r.found_oid IS NOT NULL
         FROM integratedb.credential_role r JOIN integratedb.credential c USING (username)
         WHERE r.stakeholder = $1 ORDER BY c.issued_at, r.username",
        &[bind(stakeholder)],
        read,
    )
}

/// The credentials that were issued through one.
///
/// # Errors
/// XX000
pub fn issued_through(username: &str) -> Result<Vec<String>> {
    spi::query(
        "SELECT username FROM integratedb.credential WHERE issued_through = $1 ORDER BY issued_at, username",
        &[bind(username)],
        |row| row.need(1),
    )
}

/// The credential whose role this is.
///
/// # Errors
/// XX000
pub fn credential_of_role(role: pg_sys::Oid) -> Result<Option<String>> {
    let found =
        spi::query("SELECT username FROM integratedb.credential_role WHERE role_oid = $1", &[bind(role)], |row| {
            row.need(1)
        })?;
    Ok(found.into_iter().next())
}

/// The credentials that are to go: those whose time is over; with `leftovers` also what was revoked before, or has no role any
/// more.
///
/// # Errors
/// XX000
pub fn expired_credentials(leftovers: bool) -> Result<Vec<String>> {
    spi::query(
        "SELECT r.username FROM integratedb.credential_role r
         WHERE r.role_oid IS NOT NULL AND r.valid_until <= pg_catalog.clock_timestamp() AND NOT r.is_revoked
            OR $1 AND (r.found_oid IS NULL OR r.role_oid IS NOT NULL AND r.is_revoked)
         ORDER BY r.username",
        &[bind(leftovers)],
        |row| row.need(1),
    )
}

/// When a credential ends that is issued now: after `valid_for`, and not after the one through which it is issued. As the
/// server reads it; `None` if that is not to come, or not in sight.
///
/// # Errors
/// XX000; 22008 when it is out of range.
pub fn end_of_validity(
    valid_for: Interval,
    through: Option<pg_sys::Oid>,
) -> Result<Option<(String, TimestampWithTimeZone)>> {
    let found = spi::query(
        "SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', u.until), 'YYYY-MM-DD HH24:MI:SS.US') || '+00', u.until
         FROM (SELECT LEAST(pg_catalog.clock_timestamp() + $1,
                            (SELECT r.rolvaliduntil FROM pg_catalog.pg_roles r WHERE r.oid = $2)) AS until) u
         WHERE u.until > pg_catalog.clock_timestamp() AND pg_catalog.isfinite(u.until)",
        &[bind(valid_for), bind(through)],
        |row| Ok((row.need(1)?, row.need(2)?)),
    )?;
    Ok(found.into_iter().next())
}

/// Registers a credential.
///
/// # Errors
/// XX000
pub fn add_credential(new: NewCredential) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.credential (username, stakeholder, label, issued_by, issued_through) VALUES ($1, $2, $3, $4, $5)",
        &[bind(new.role.name.as_str()), bind(new.stakeholder), bind(new.label), bind(new.by), bind(new.through)],
    )?;
    cache_credential(new.role)
}

/// Remembers a credential's role by OID.
///
/// # Errors
/// XX000
pub fn cache_credential(role: &Role) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.credential_cache (username, role_oid, database_oid)
         SELECT $1, $2, d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
         ON CONFLICT (username) DO UPDATE SET role_oid = excluded.role_oid, database_oid = excluded.database_oid",
        &[bind(role.name.as_str()), bind(role.oid)],
    )
}

/// Records that a password was rotated: of a credential, or of a stakeholder's own role.
///
/// # Errors
/// XX000
pub fn record_rotation(username: &str, stakeholder: &str, by: &str) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.credential (username, stakeholder, issued_by, rotated_at)
         VALUES ($1, $2, $3, pg_catalog.clock_timestamp())
         ON CONFLICT (username) DO UPDATE SET rotated_at = excluded.rotated_at",
        &[bind(username), bind(stakeholder), bind(by)],
    )
}

/// Records that a credential was revoked, but its role is still there.
///
/// # Errors
/// XX000
pub fn record_revoked(username: &str) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.credential SET revoked_at = COALESCE(revoked_at, pg_catalog.clock_timestamp()) WHERE username = $1",
        &[bind(username)],
    )
}

/// What was issued through a credential takes its place.
///
/// # Errors
/// XX000
pub fn succeed(username: &str, issued_through: Option<&str>) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.credential SET issued_through = $2 WHERE issued_through = $1",
        &[bind(username), bind(issued_through)],
    )
}

/// Forgets a credential.
///
/// # Errors
/// XX000
pub fn forget_credential(username: &str) -> Result<()> {
    for sql in [
        "DELETE FROM integratedb.credential WHERE username = $1",
        "DELETE FROM integratedb.credential_cache WHERE username = $1",
    ] {
        spi::execute(sql, &[bind(username)])?;
    }
    Ok(())
}

/// Holds a stakeholder's row to rename or drop it, if nobody else does who keeps it from that.
///
/// # Errors
/// 55P03 when somebody does.
pub fn seize_stakeholder(stakeholder: &str) -> Result<()> {
    let seize = || {
        spi::returning(
            "SELECT 1 FROM integratedb.stakeholder WHERE name = $1 FOR UPDATE NOWAIT",
            &[bind(stakeholder)],
            |_| Ok(()),
        )
    };
    match attempt_all(seize) {
        Ok(found) => found.map(|_| ()),
        Err(_) => Err(Error::stakeholder_in_use(stakeholder)),
    }
}

/// Keeps a stakeholder from being renamed or dropped, to the end of the transaction, and nothing else: it may itself hold
/// this for as long as it likes.
///
/// # Errors
/// XX000
pub fn keep_stakeholder(stakeholder: &str) -> Result<bool> {
    let found = spi::returning(
        "SELECT 1 FROM integratedb.stakeholder WHERE name = $1 FOR KEY SHARE",
        &[bind(stakeholder)],
        |_| Ok(()),
    )?;
    Ok(!found.is_empty())
}
