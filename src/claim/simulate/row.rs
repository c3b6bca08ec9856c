//! What is told of each statement, by a preview and by a rehearsal alike.

use serde::{Deserialize, Serialize};

use super::effect::LockMode;
use crate::validate::Violation;

mod text;

pub use text::render;

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its position in the script, from 1.
    pub number: usize,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its command tag: `ALTER TABLE`.
    pub statement: String,
    /// The object that it is about, as people write it.
    pub object: Option<String>,
    /// The final word on it.
    pub verdict: Verdict,
    /// Whose claims it breaks or, if it breaks none, touches.
    pub stakeholders: Vec<String>,
    /// The numbers of these claims.
    pub claims: Vec<i64>,
    /// What it breaks at the end of its transaction.
    pub violations: Vec<Broken>,
    /// Why the verdict is what it is: which statement mends it, what cannot be told, the server's error.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The locks that it takes on claimed relations.
    pub locks: Vec<Lock>,
    /// Claimed or not: the tables that it writes anew.
    pub rewrites: Vec<String>,
    /// Whether it can run in a transaction block.
    pub in_transaction: bool,
    /// How long it took, in milliseconds; of a rehearsal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<f64>,
}

impl Row {
    /// A statement of which nothing is known yet but where it is and what it is about.
    pub fn new(number: usize, line: usize, statement: String, object: Option<String>) -> Row {
        Row {
            number,
            line,
            statement,
            object,
            verdict: Verdict::Safe,
            stakeholders: Vec::new(),
            claims: Vec::new(),
            violations: Vec::new(),
            detail: None,
            hint: None,
            locks: Vec::new(),
            rewrites: Vec::new(),
            in_transaction: true,
            milliseconds: None,
        }
    }
}

/// The final word on a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It breaks no claim, or another statement of its transaction mends what it breaks.
    Safe,
    /// It cannot be told.
    Unknown,
    /// It breaks a claim: its transaction cannot commit.
    Breaks,
    /// The server refuses it; only a rehearsal says so.
    Fails,
}

impl Verdict {
    /// The word that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Safe => "safe",
            Verdict::Unknown => "unknown",
            Verdict::Breaks => "breaks",
            Verdict::Fails => "fails",
        }
    }
}

/// A claim that is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// Whose claim.
    pub stakeholder: String,
    /// Its number.
    pub claim_id: i64,
    /// Relation or object.
    pub path: String,
    /// Column, if it is about one.
    pub column: Option<String>,
    /// Code of the rule.
    pub rule: String,
    /// What is required.
    pub expected: String,
    /// What is found.
    pub actual: String,
}

impl Broken {
    /// A violation of a claim that was met when the transaction began.
    pub fn of(violation: &Violation) -> Broken {
        Broken {
            stakeholder: violation.stakeholder.clone(),
            claim_id: violation.claim_id,
            path: violation.path.clone(),
            column: violation.column.clone(),
            rule: violation.rule().code.to_owned(),
            expected: violation.finding.expected.clone(),
            actual: violation.finding.actual.clone(),
        }
    }
}

/// A lock on a claimed relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The relation.
    pub relation: String,
    /// How strong.
    pub mode: LockMode,
    /// The stakeholders that claim it.
    pub readers: Vec<String>,
}
