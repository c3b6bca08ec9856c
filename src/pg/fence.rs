//! The fence: no claim and no DDL ever commit past each other.
//!
//! A relation lock on an empty table of ours, which nobody else has the privileges to take. DDL shares it from
//! before its statement runs to the end of its transaction; `claim` and its like hold it alone. Relation locks of
//! this kind assign no transaction id, which DROP INDEX CONCURRENTLY could not bear.

use pgrx::pg_sys;

use super::error::{Error, Result};
use super::{relations, security, settings};

/// Shares the fence with all other DDL, to the end of the transaction.
///
/// # Errors
/// XX000 when the fence is missing.
pub fn share() -> Result<()> {
    let fence = relations::oid(c"fence")?;
    // SAFETY: a heavyweight lock by OID; released by the server at the end of the transaction.
    unsafe { pg_sys::LockRelationOid(fence, pg_sys::RowShareLock as i32) };
    Ok(())
}

/// Keeps others from altering a relation, to the end of the transaction; waits for those who are.
pub fn share_relation(oid: pg_sys::Oid) {
    // SAFETY: a heavyweight lock by OID; released by the server at the end of the transaction.
    unsafe { pg_sys::LockRelationOid(oid, pg_sys::AccessShareLock as i32) };
}

/// Keeps others from altering a relation and from speaking about it as we do, to the end of the transaction; as COMMENT does.
pub fn share_definition(oid: pg_sys::Oid) {
    // SAFETY: a heavyweight lock by OID; released by the server at the end of the transaction.
    unsafe { pg_sys::LockRelationOid(oid, pg_sys::ShareUpdateExclusiveLock as i32) };
}

/// Whether this session holds the fence alone.
///
/// # Errors
/// XX000 when the fence is missing.
pub fn is_closed() -> Result<bool> {
    let fence = relations::oid(c"fence")?;
    // SAFETY: asks the lock table of this backend.
    Ok(unsafe { pg_sys::CheckRelationOidLockedByMe(fence, pg_sys::ExclusiveLock as i32, true) })
}

/// Whether nobody is altering a relation now. Only a look: the lock is given back at once.
pub fn is_unaltered(oid: pg_sys::Oid) -> bool {
    let mode = pg_sys::ShareUpdateExclusiveLock as i32;
    // SAFETY: a heavyweight lock by OID, released here.
    unsafe {
        let free = pg_sys::ConditionalLockRelationOid(oid, mode);
        if free {
            pg_sys::UnlockRelationOid(oid, mode);
        }
        free
    }
}

/// Takes the fence alone, to the end of the transaction. Polls, so that no DDL queues behind a claim that waits.
///
/// # Errors
/// 55P03 after `integratedb.fence_timeout`; 25006 in recovery.
pub fn close() -> Result<()> {
    const FIRST_WAIT_US: i64 = 1_000;
    const LONGEST_WAIT_US: i64 = 50_000;
    // SAFETY: a global of this backend.
    if unsafe { pg_sys::RecoveryInProgress() } {
        return Err(Error::read_only_standby());
    }
    let fence = relations::oid(c"fence")?;
    let timeout = settings::fence_timeout();
    let begin = std::time::Instant::now();
    let mut wait = FIRST_WAIT_US;
    loop {
        // SAFETY: a heavyweight lock by OID; the sleep is short and interrupts are served between.
        unsafe {
            if pg_sys::ConditionalLockRelationOid(fence, pg_sys::ExclusiveLock as i32) {
                security::limit_lock_waits(timeout);
                return Ok(());
            }
        }
        if begin.elapsed().as_millis() >= timeout as u128 {
            return Err(Error::fence_timeout(timeout));
        }
        // SAFETY: as above.
        unsafe { pg_sys::pg_usleep(wait) };
        pgrx::check_for_interrupts!();
        wait = (wait * 2).min(LONGEST_WAIT_US);
    }
}
