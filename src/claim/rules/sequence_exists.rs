//! `sequence-exists`: a claimed sequence must be there.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "sequence-exists",
    meaning: "A claimed sequence must exist under its name.",
    hint: "Keep the sequence under this name until no claim names it.",
    problem: ProblemKind::UndefinedRelation,
};

/// The finding.
pub fn missing() -> Finding {
    Finding::new(&RULE, "a sequence of this name", "no such sequence")
}
