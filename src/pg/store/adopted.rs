//! Adopted stakeholders: what the extension has given to each stakeholder besides its claims.

use pgrx::JsonB;

use crate::pg::error::Result;
use crate::pg::spi::{self, bind};

/// What the extension itself has made or granted for a stakeholder besides its claims: this goes with the stakeholder, what
/// was there before stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// CONNECT on the database.
    pub connect: bool,
    /// The schema, with USAGE and CREATE on it.
    pub schema: bool,
}

const CONNECT: &str = "connect";
const SCHEMA: &str = "schema";

impl Given {
    fn from_words(words: &[String]) -> Given {
        let has = |word: &str| words.iter().any(|given| given == word);
        Given { connect: has(CONNECT), schema: has(SCHEMA) }
    }

    fn words(self) -> Vec<String> {
        let all = [(self.connect, CONNECT), (self.schema, SCHEMA)];
        all.iter().filter(|(given, _)| *given).map(|(_, word)| (*word).to_owned()).collect()
    }
}

/// Registers a stakeholder whose role was there before.
///
/// # Errors
/// XX000
pub fn add_adopted(name: &str, adopted_by: &str, given: Given) -> Result<()> {
    spi::execute(
        "INSERT INTO integratedb.stakeholder (name, options, created_by, adopted, given) VALUES ($1, $2, $3, true, $4)",
        &[bind(name), bind(JsonB(serde_json::json!({}))), bind(adopted_by), bind(given.words())],
    )
}

/// Whether a stakeholder's role was there before it; false for what is no stakeholder.
///
/// # Errors
/// XX000
pub fn is_adopted(stakeholder: &str) -> Result<bool> {
    let found =
        spi::query("SELECT adopted FROM integratedb.stakeholder WHERE name = $1", &[bind(stakeholder)], |row| {
            row.need(1)
        })?;
    Ok(found.into_iter().next().unwrap_or(false))
}

/// What the extension has given to a stakeholder.
///
/// # Errors
/// XX000
pub fn given(stakeholder: &str) -> Result<Given> {
    let found = spi::query("SELECT given FROM integratedb.stakeholder WHERE name = $1", &[bind(stakeholder)], |row| {
        row.need::<Vec<String>>(1)
    })?;
    Ok(found.first().map(|words| Given::from_words(words)).unwrap_or_default())
}

/// Records what the extension has given to a stakeholder.
///
/// # Errors
/// XX000
pub fn set_given(stakeholder: &str, given: Given) -> Result<()> {
    spi::execute(
        "UPDATE integratedb.stakeholder SET given = $2 WHERE name = $1",
        &[bind(stakeholder), bind(given.words())],
    )
}
