//! The stamp of the OID caches: in which cluster and database they were written, and whether they are to be trusted.
//!
//! OIDs do not survive a dump. The caches are not dumped, so after a restore there is no stamp; a copy of the
//! database has another database OID; DDL under `enforcement = off` leaves a mark. Then the next DDL sets a new baseline.

use pgrx::pg_sys;

use super::error::Result;
use super::relations;
use super::scan::Scan;
use super::spi::{self, bind};

/// What the stamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// Of this database, and nothing happened behind our back.
    Valid,
    /// None at all: either nobody ever claimed, or the database was restored.
    Absent,
    /// Of another database or cluster.
    Foreign,
    /// Of this database, but DDL has passed with `enforcement = off`.
    Marked,
}

/// Attribute numbers of integratedb.cache_stamp (sql/tables.sql).
const SYSTEM_IDENTIFIER: i32 = 2;
const DATABASE_OID: i32 = 3;
const IS_STALE: i32 = 4;

/// Reads it; without SQL, because every DDL statement pays for it.
///
/// # Errors
/// XX000 when our tables are missing.
pub fn read() -> Result<Stamp> {
    let scan = Scan::table(relations::oid(c"cache_stamp")?, None);
    let mut stamp = Stamp::Absent;
    // SAFETY: globals of this backend.
    let (here, database) = unsafe { (pg_sys::GetSystemIdentifier(), pg_sys::MyDatabaseId.to_u32()) };
    scan.find(&mut [], |tuple| {
        let number = |attribute| tuple.get(attribute).map_or(0, |datum| datum.value() as u64);
        let foreign = number(SYSTEM_IDENTIFIER) != here || number(DATABASE_OID) as u32 != database;
        stamp = match (stamp, foreign, number(IS_STALE) as u8 != 0) {
            (Stamp::Foreign, ..) | (_, true, _) => Stamp::Foreign,
            (Stamp::Marked, ..) | (_, _, true) => Stamp::Marked,
            _ => Stamp::Valid,
        };
        true
    });
    scan.close();
    Ok(stamp)
}

/// Marks the caches as not to be trusted. Rows are only added, so that two sessions never wait for each other.
///
/// # Errors
/// XX000
pub fn mark_stale() -> Result<()> {
    write(true)
}

/// Forgets the stamp: the claims have been restored, and the caches are not theirs. One that names no database is written
/// instead, so that sessions which load several tables at a time do not wait for each other.
///
/// # Errors
/// XX000
pub fn forget() -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.cache_stamp (system_identifier, database_oid, is_stale) VALUES (0, 0, true)",
        &[],
    )
}

/// Stamps the caches as of this database, in place of the stamps and marks that were [`seen`] before they were written.
///
/// # Errors
/// XX000
pub fn renew(seen: Vec<i64>) -> Result<()> {
    spi::execute("DELETE FROM integratedb.cache_stamp WHERE stamp_id = ANY ($1)", &[bind(seen)])?;
    write(false)
}

/// The stamps and marks that are there now: to be asked before the catalogs are read, so that a mark which another session
/// commits meanwhile outlives [`renew`].
///
/// # Errors
/// XX000
pub fn seen() -> Result<Vec<i64>> {
    spi::query("SELECT stamp_id FROM integratedb.cache_stamp", &[], |row| row.need(1))
}

fn write(stale: bool) -> Result<()> {
    // SAFETY: globals of this backend.
    let (system, database) = unsafe { (pg_sys::GetSystemIdentifier() as i64, pg_sys::MyDatabaseId) };
    spi::execute(
        "INSERT INTO integratedb.cache_stamp (system_identifier, database_oid, is_stale) VALUES ($1, $2, $3)",
        &[bind(system), bind(database), bind(stale)],
    )?;
    Ok(())
}

/// One session at a time sets the baseline. Tells whether it is this one; with `wait`, waits to be.
///
/// # Errors
/// XX000 when our tables are missing.
pub fn lock(wait: bool) -> Result<bool> {
    let table = relations::oid(c"baseline")?;
    let mode = pg_sys::ExclusiveLock as i32;
    // SAFETY: a heavyweight lock by OID, released at the end of the transaction; no transaction id is assigned.
    unsafe {
        if wait {
            pg_sys::LockRelationOid(table, mode);
            Ok(true)
        } else {
            Ok(pg_sys::ConditionalLockRelationOid(table, mode))
        }
    }
}

/// Whether another session is setting the baseline now. Only a look: the lock is given back at once.
///
/// # Errors
/// XX000 when our tables are missing.
pub fn is_being_set_elsewhere() -> Result<bool> {
    let table = relations::oid(c"baseline")?;
    let mode = pg_sys::RowShareLock as i32;
    // SAFETY: a heavyweight lock by OID, released here; it conflicts with the baseline's alone.
    unsafe {
        let free = pg_sys::ConditionalLockRelationOid(table, mode);
        if free {
            pg_sys::UnlockRelationOid(table, mode);
        }
        Ok(!free)
    }
}
