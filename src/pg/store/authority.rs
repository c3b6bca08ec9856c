//! On whose authority a stakeholder claims what it claims, where that is not a superuser's.

use std::collections::BTreeMap;

use crate::pg::error::Result;
use crate::pg::relations;
use crate::pg::spi::{self, bind};

/// By path: the owner who approved it, or nobody for an administrator. What is not here a superuser has claimed.
///
/// # Errors
/// XX000
pub fn authorities(stakeholder: &str) -> Result<BTreeMap<String, Option<String>>> {
    if relations::is_empty(c"claim_authority")? {
        return Ok(BTreeMap::new());
    }
    let rows = spi::query(
        "SELECT path, owner FROM integratedb.claim_authority WHERE stakeholder = $1",
        &[bind(stakeholder)],
        |row| Ok((row.need(1)?, row.get(2))),
    )?;
    Ok(rows.into_iter().collect())
}

/// Records them in place of those before.
///
/// # Errors
/// XX000
pub fn set_authorities(stakeholder: &str, all: &BTreeMap<String, Option<String>>) -> Result<()> {
    if *all == authorities(stakeholder)? {
        return Ok(());
    }
    spi::execute("DELETE FROM integratedb.claim_authority WHERE stakeholder = $1", &[bind(stakeholder)])?;
    for (path, owner) in all {
        spi::execute(
            "INSERT INTO integratedb.claim_authority (stakeholder, path, owner) VALUES ($1, $2, $3)",
            &[bind(stakeholder), bind(path.as_str()), bind(owner.as_deref())],
        )?;
    }
    Ok(())
}
