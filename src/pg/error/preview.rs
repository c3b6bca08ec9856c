//! Errors of previews.

use integratedb_claim::report::{sentence, shown};
use integratedb_claim::simulate::split::{MAX_BYTES, SplitError};

use super::Error;

impl Error {
    /// 54000: a script that is too large; 42601: one of which nobody can say where its statements end.
    pub fn unreadable_script(error: &SplitError) -> Error {
        let (sqlstate, hint) = match error {
            SplitError::TooManyBytes { .. } | SplitError::TooManyPieces { .. } => {
                ("54000", format!("Take its parts one by one: at most {} MB are read.", MAX_BYTES >> 20))
            }
            SplitError::Nul { .. } | SplitError::Unterminated { .. } | SplitError::AfterCopy { .. } => {
                ("42601", "Statements are told apart as psql does, which could not run this script either.".to_owned())
            }
        };
        Error::new(sqlstate, "script cannot be read").detail(sentence(&shown(&error.to_string()))).hint(hint)
    }
}
