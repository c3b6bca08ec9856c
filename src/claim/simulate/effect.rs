//! What one statement does to the catalogs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::world::Relation;

/// What has become of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is applied.
    Done(Box<Effect>),
    /// The server would refuse it: why. The catalogs are as before.
    Fails(String),
    /// What it does cannot be told from its text: why. The catalogs are as before.
    Unknown(String),
}

/// What a statement that is applied has done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effect {
    /// What it has changed, to find the claims on that.
    pub touched: Touched,
    /// The relations that it has changed or dropped, as they were before, by OID.
    pub former: BTreeMap<u32, Rc<Relation>>,
    /// The relations that it alters or drops by their own name, by OID.
    pub named: BTreeSet<u32>,
    /// The strongest lock on each relation, by OID.
    pub locks: BTreeMap<u32, LockMode>,
    /// Tables that it writes anew, by OID.
    pub rewrites: BTreeSet<u32>,
    /// Tables that it reads whole, under its lock: to check a constraint or to build an index.
    pub scans: BTreeSet<u32>,
    /// It cannot run in a transaction block.
    pub alone: bool,
    /// What about it is not certain, and on which relations; without a relation, on any.
    pub doubts: Vec<Doubt>,
    /// What it does besides that somebody should know.
    pub notices: Vec<String>,
}

/// Something that cannot be told from the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Why.
    pub reason: String,
    /// OIDs of the relations that it is about; none for any.
    pub relations: BTreeSet<u32>,
}

/// What a statement has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Relations, by OID; those that are gone, too.
    pub relations: BTreeSet<u32>,
    /// Names that relations have now or had before: schema and name.
    pub names: BTreeSet<(String, String)>,
    /// A schema, type, function or sequence has changed: any claim may rest on it.
    pub everything: bool,
    /// Roles from which privileges were revoked.
    pub revoked: BTreeSet<u32>,
}

/// Lock modes of relations, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LockMode {
    /// SELECT.
    #[serde(rename = "ACCESS SHARE")]
    AccessShare,
    /// SELECT FOR UPDATE.
    #[serde(rename = "ROW SHARE")]
    RowShare,
    /// INSERT, UPDATE, DELETE.
    #[serde(rename = "ROW EXCLUSIVE")]
    RowExclusive,
    /// VACUUM, CREATE INDEX CONCURRENTLY.
    #[serde(rename = "SHARE UPDATE EXCLUSIVE")]
    ShareUpdateExclusive,
    /// CREATE INDEX.
    #[serde(rename = "SHARE")]
    Share,
    /// CREATE TRIGGER, ADD FOREIGN KEY.
    #[serde(rename = "SHARE ROW EXCLUSIVE")]
    ShareRowExclusive,
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY.
    #[serde(rename = "EXCLUSIVE")]
    Exclusive,
    /// DROP TABLE, most of ALTER TABLE.
    #[serde(rename = "ACCESS EXCLUSIVE")]
    AccessExclusive,
}

impl LockMode {
    /// As LOCK TABLE writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            LockMode::AccessShare => "ACCESS SHARE",
            LockMode::RowShare => "ROW SHARE",
            LockMode::RowExclusive => "ROW EXCLUSIVE",
            LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockMode::Share => "SHARE",
            LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockMode::Exclusive => "EXCLUSIVE",
            LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Effect {
    /// Notes a lock; the strongest counts.
    pub fn lock(&mut self, relation: u32, mode: LockMode) {
        let known = self.locks.entry(relation).or_insert(mode);
        *known = (*known).max(mode);
    }

    /// Notes what cannot be told about some relations.
    pub fn doubt(&mut self, reason: impl Into<String>, relations: impl IntoIterator<Item = u32>) {
        self.doubts.push(Doubt { reason: reason.into(), relations: relations.into_iter().collect() });
    }
}
