//! Trying something that may raise an ERROR, without losing the transaction.

use std::panic::{AssertUnwindSafe, UnwindSafe};

use pgrx::pg_sys;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, PgTryBuilder};

/// An ERROR that was caught.
#[derive(Debug)]
pub struct Caught {
    /// Its SQLSTATE.
    pub code: PgSqlErrorCode,
    /// Its message.
    pub message: String,
    /// Its DETAIL.
    pub detail: Option<String>,
    /// Its HINT.
    pub hint: Option<String>,
}

/// Runs `work` in a subtransaction: what it did is kept if it returns, and undone if it raises.
///
/// What a client retries or has asked for (serialization failures, deadlocks, timeouts, cancels), a shutdown and a Rust
/// panic are not caught.
pub fn attempt<T>(work: impl FnOnce() -> T + UnwindSafe) -> Result<T, Caught> {
    attempt_unless(must_pass, work)
}

/// The same, where nothing may be raised but a cancel or a shutdown.
pub fn attempt_all<T>(work: impl FnOnce() -> T + UnwindSafe) -> Result<T, Caught> {
    attempt_unless(is_interruption, work)
}

fn attempt_unless<T>(passes: fn(PgSqlErrorCode) -> bool, work: impl FnOnce() -> T + UnwindSafe) -> Result<T, Caught> {
    // SAFETY: the pattern of PL/pgSQL's exception blocks: memory context and resource owner are put back
    // after the subtransaction ends, on both ways out.
    let (context, owner) = unsafe {
        let saved = (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner);
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(saved.0);
        saved
    };
    let result = PgTryBuilder::new(AssertUnwindSafe(|| Ok(work())))
        .catch_others(|caught| match caught {
            CaughtError::PostgresError(ref error) | CaughtError::ErrorReport(ref error)
                if !passes(error.sql_error_code()) =>
            {
                Err(Caught {
                    code: error.sql_error_code(),
                    message: error.message().to_owned(),
                    detail: error.detail().map(str::to_owned),
                    hint: error.hint().map(str::to_owned),
                })
            }
            other => other.rethrow(),
        })
        .execute();
    // SAFETY: as above.
    unsafe {
        match result {
            Ok(_) => pg_sys::ReleaseCurrentSubTransaction(),
            Err(_) => pg_sys::RollbackAndReleaseCurrentSubTransaction(),
        }
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
    }
    result
}

/// What must reach the client as it is.
pub fn must_pass(code: PgSqlErrorCode) -> bool {
    is_interruption(code)
        || matches!(
            code,
            PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE
                | PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED
                | PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE
                | PgSqlErrorCode::ERRCODE_OUT_OF_MEMORY
                | PgSqlErrorCode::ERRCODE_DISK_FULL
        )
}

/// Class 57 (operator intervention): cancel, timeout, shutdown.
fn is_interruption(code: PgSqlErrorCode) -> bool {
    matches!(
        code,
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED
            | PgSqlErrorCode::ERRCODE_ADMIN_SHUTDOWN
            | PgSqlErrorCode::ERRCODE_CRASH_SHUTDOWN
            | PgSqlErrorCode::ERRCODE_DATABASE_DROPPED
    )
}
