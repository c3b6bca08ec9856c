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

impl Caught {
    /// Its SQLSTATE as five characters.
    pub fn sqlstate(&self) -> String {
        // MAKE_SQLSTATE of the server's elog.h, undone.
        let packed = self.code as i32;
        (0..5).map(|place| char::from((((packed >> (6 * place)) & 0x3f) as u8) + b'0')).collect()
    }
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

/// The same, but for the errors of which `passes` says that they must reach the client.
pub fn attempt_unless<T>(
    passes: impl Fn(PgSqlErrorCode) -> bool,
    work: impl FnOnce() -> T + UnwindSafe,
) -> Result<T, Caught> {
    let before = Before::begin();
    let result = catch(work);
    // An ERROR that goes on out of an open subtransaction would leave the session in an aborted transaction block.
    before.end(result.is_ok());
    result.map_err(|error| match *error {
        CaughtError::PostgresError(error) | CaughtError::ErrorReport(error) if !passes(error.sql_error_code()) => {
            Caught {
                code: error.sql_error_code(),
                message: error.message().to_owned(),
                detail: error.detail().map(str::to_owned),
                hint: error.hint().map(str::to_owned),
            }
        }
        other => other.rethrow(),
    })
}

/// Runs `work` in a subtransaction and undoes all that it did, whether it returns or raises.
pub fn always_rolled_back<T>(work: impl FnOnce() -> T + UnwindSafe) -> T {
    let before = Before::begin();
    let result = catch(work);
    before.end(false);
    result.unwrap_or_else(|error| error.rethrow())
}

fn catch<T>(work: impl FnOnce() -> T + UnwindSafe) -> Result<T, Box<CaughtError>> {
    PgTryBuilder::new(AssertUnwindSafe(|| Ok(work()))).catch_others(|error| Err(Box::new(error))).execute()
}

/// What is put back when the subtransaction ends.
struct Before {
    context: pg_sys::MemoryContext,
    owner: pg_sys::ResourceOwner,
}

impl Before {
    fn begin() -> Before {
        // SAFETY: the pattern of PL/pgSQL's exception blocks: memory context and resource owner are put back
        // after the subtransaction ends, on both ways out.
        unsafe {
            let before = Before { context: pg_sys::CurrentMemoryContext, owner: pg_sys::CurrentResourceOwner };
            pg_sys::BeginInternalSubTransaction(std::ptr::null());
            pg_sys::MemoryContextSwitchTo(before.context);
            before
        }
    }

    fn end(self, keep: bool) {
        // SAFETY: as above.
        unsafe {
            if keep {
                pg_sys::ReleaseCurrentSubTransaction();
            } else {
                pg_sys::RollbackAndReleaseCurrentSubTransaction();
            }
            pg_sys::MemoryContextSwitchTo(self.context);
            pg_sys::CurrentResourceOwner = self.owner;
        }
    }
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
pub fn is_interruption(code: PgSqlErrorCode) -> bool {
    matches!(
        code,
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED
            | PgSqlErrorCode::ERRCODE_ADMIN_SHUTDOWN
            | PgSqlErrorCode::ERRCODE_CRASH_SHUTDOWN
            | PgSqlErrorCode::ERRCODE_DATABASE_DROPPED
    )
}
