//! What is judged against the catalogs of a [`World`](super::world::World): the claims, and who reads by them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::state::{Claim, ClaimedRelation, Status};
use crate::waiver::Waiver;

/// The claims of a database, as they are when the script begins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// All claims.
    pub claims: Vec<KnownClaim>,
    /// The role OID of each stakeholder whose role is there and its own.
    pub roles: BTreeMap<String, u32>,
    /// What no wildcard takes.
    pub protections: Vec<Protected>,
    /// What is deprecated.
    pub deprecated: Vec<Deprecated>,
    /// The waivers in force, by stakeholder.
    pub waivers: BTreeMap<String, Vec<Waiver>>,
}

impl Claims {
    /// Whether any of them asks for more than to read.
    pub fn write(&self) -> bool {
        let alternatives = self.claims.iter().flat_map(|claim| &claim.alternatives);
        alternatives.into_iter().any(|alternative| !alternative.writes().is_empty())
    }
}

/// A claim as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownClaim {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub stakeholder: String,
    /// Position of its match in the document, from 0.
    pub match_number: i32,
    /// Absent is met.
    #[serde(default)]
    pub optional: bool,
    /// May name what does not exist yet.
    #[serde(default)]
    pub pending: bool,
    /// Made by a wildcard path.
    #[serde(default)]
    pub derived: bool,
    /// The alternatives, in the document's order.
    pub alternatives: Vec<ClaimedRelation>,
    /// Status.
    pub status: Status,
}

impl KnownClaim {
    /// As the engine judges it.
    pub fn claim(&self) -> Claim {
        Claim {
            id: self.id,
            stakeholder: self.stakeholder.clone(),
            match_number: self.match_number,
            optional: self.optional,
            pending: self.pending,
            derived: self.derived,
            alternatives: self.alternatives.clone(),
            status: self.status,
            reason: None,
        }
    }
}

/// A relation, or columns of it, that no wildcard takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    /// Schema.
    pub schema: String,
    /// Relation.
    pub relation: String,
    /// The whole relation.
    #[serde(default)]
    pub whole: bool,
    /// Columns.
    #[serde(default)]
    pub columns: BTreeSet<String>,
}

/// A relation or column that has been announced to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deprecated {
    /// Schema.
    pub schema: String,
    /// Relation.
    pub relation: String,
    /// Column; `None` is the whole relation.
    #[serde(default)]
    pub column: Option<String>,
    /// Its drop date is past: claims on it no longer bind.
    pub over: bool,
}
