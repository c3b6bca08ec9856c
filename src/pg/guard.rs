//! Fail closed: what goes wrong in here fails the DDL, and says how to get past it.

use std::panic::AssertUnwindSafe;

use pgrx::PgTryBuilder;
use pgrx::pg_sys::panic::CaughtError;

use super::error::{Error, OrRaise, Result};
use super::subtransaction::attempt;

/// Runs `work`; an ERROR of its own passes as it is, an ERROR of the server's becomes one that says whence it comes.
///
/// What a client retries or has asked for (serialization failures, deadlocks, timeouts, cancels) passes unchanged.
pub fn fail_closed(work: impl FnOnce() -> Result<()>) {
    let result = PgTryBuilder::new(AssertUnwindSafe(work))
        .catch_others(|caught| match caught {
            CaughtError::PostgresError(error) => {
                let code = format!("{}", error.sql_error_code());
                if passes(error.sql_error_code()) {
                    CaughtError::PostgresError(error).rethrow()
                }
                Err(Error::failed_inside(error.message(), error.detail(), &code))
            }
            other => other.rethrow(),
        })
        .execute();
    result.or_raise();
}

/// Runs `work` where nothing may be raised any more; what goes wrong is a WARNING.
pub fn never_fail(work: impl FnOnce() -> Result<()>) {
    match attempt(AssertUnwindSafe(|| work().or_raise())) {
        Ok(()) => {}
        Err(caught) => Error::failed_inside(&caught.message, caught.detail.as_deref(), "").warn(),
    }
}

fn passes(code: pgrx::PgSqlErrorCode) -> bool {
    use pgrx::PgSqlErrorCode::*;
    matches!(
        code,
        ERRCODE_QUERY_CANCELED
            | ERRCODE_ADMIN_SHUTDOWN
            | ERRCODE_CRASH_SHUTDOWN
            | ERRCODE_DATABASE_DROPPED
            | ERRCODE_T_R_SERIALIZATION_FAILURE
            | ERRCODE_T_R_DEADLOCK_DETECTED
            | ERRCODE_LOCK_NOT_AVAILABLE
            | ERRCODE_OUT_OF_MEMORY
            | ERRCODE_DISK_FULL
            | ERRCODE_INSUFFICIENT_PRIVILEGE
            | ERRCODE_STATEMENT_TOO_COMPLEX
    )
}
