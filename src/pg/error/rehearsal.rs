//! Errors of rehearsals.

use integratedb_claim::report::count;

use super::Error;

impl Error {
    /// 25006: a script runs for real.
    pub fn rehearsal_on_standby() -> Error {
        Error::new("25006", "a migration cannot be rehearsed on a standby")
            .detail("The server is in recovery, and a rehearsal runs the script for real.")
            .hint("Connect to the primary, or preview the script: integratedb.preview_migration reads only.")
    }

    /// 01000: what a rollback does not take away.
    pub fn rehearsal_left(locks: i64, statements: i64) -> Error {
        let mut left = Vec::new();
        if locks > 0 {
            left.push(count(locks as usize, "advisory lock"));
        }
        if statements > 0 {
            left.push(count(statements as usize, "prepared statement"));
        }
        Error::new("01000", format!("the rehearsal has left {} in this session", left.join(" and ")))
            .detail("A rollback does not take away session-level advisory locks and prepared statements.")
            .hint("Call pg_advisory_unlock_all() or DEALLOCATE, or end the session.")
    }

    /// 55000: rehearse_migration in a script that is rehearsed.
    pub fn rehearsal_in_rehearsal() -> Error {
        Error::wrong_state(
            "a rehearsal cannot rehearse",
            "The script that is rehearsed calls rehearse_migration itself.",
            "Rehearse the scripts one after the other.",
        )
    }
}
