//! `type-exists`: a claimed type must be there.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "type-exists",
    meaning: "A claimed type must exist under its name.",
    hint: "Keep the type under this name until no claim names it.",
    problem: ProblemKind::UndefinedType,
};

/// The finding.
pub fn missing() -> Finding {
    Finding::new(&RULE, "a type of this name", "no such type")
}
