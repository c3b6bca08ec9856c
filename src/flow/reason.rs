//! What people say to each other.

use crate::pg::error::{Error, Result};

/// A reason may be so long, in bytes.
const LONGEST: usize = 1000;

/// Refuses a reason of white space, and one that is too long, of what `what` says.
///
/// # Errors
/// 22023
pub fn check_reason(what: &str, reason: &str, hint: &str) -> Result<()> {
    if reason.trim().is_empty() || reason.len() > LONGEST {
        return Err(Error::invalid_argument(
            format!("{what} needs a reason"),
            format!("Found one of {} bytes; 1 to {LONGEST} are taken.", reason.len()),
            hint,
        ));
    }
    Ok(())
}
