//! Fail closed: what goes wrong in here fails the DDL, and says how to get past it.

use std::panic::AssertUnwindSafe;

use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, PgTryBuilder};

use super::error::{Error, OrRaise, Result};
use super::subtransaction::{attempt_all, must_pass};

/// Runs `work`; an ERROR of its own passes as it is, an ERROR of the server's becomes one that says whence it comes.
///
/// What a client retries or has asked for (serialization failures, deadlocks, timeouts, cancels) passes unchanged.
pub fn fail_closed(work: impl FnOnce() -> Result<()>) {
    let result = PgTryBuilder::new(AssertUnwindSafe(work))
        .catch_others(|caught| match caught {
            CaughtError::PostgresError(error) => {
                let code = format!("{}", error.sql_error_code());
                if must_pass(error.sql_error_code()) || is_plain(error.sql_error_code()) {
                    CaughtError::PostgresError(error).rethrow()
                }
                Err(Error::failed_inside(error.message(), error.detail(), &code))
            }
            CaughtError::RustPanic { ereport, .. } => {
                Err(Error::failed_inside(ereport.message(), ereport.detail(), ""))
            }
            other => other.rethrow(),
        })
        .execute();
    result.or_raise();
}

/// Runs `work` where nothing may be raised any more; what goes wrong is a WARNING.
pub fn never_fail(work: impl FnOnce() -> Result<()>) {
    match attempt_all(AssertUnwindSafe(|| work().or_raise())) {
        Ok(()) => {}
        Err(caught) => Error::failed_inside(&caught.message, caught.detail.as_deref(), "").warn(),
    }
}

/// What says enough by itself.
fn is_plain(code: PgSqlErrorCode) -> bool {
    matches!(code, PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE | PgSqlErrorCode::ERRCODE_STATEMENT_TOO_COMPLEX)
}
