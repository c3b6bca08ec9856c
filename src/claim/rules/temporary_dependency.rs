//! `temporary-dependency`: a claimed relation must not rest on anything temporary, with which it would vanish.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "temporary-dependency",
    meaning: "A claimed relation must not depend on an object of a temporary schema: at the end of the session both are dropped, and no event trigger fires.",
    hint: "Create what the relation uses (function, type, view) in an ordinary schema.",
    problem: ProblemKind::WrongShape,
};

/// The finding for a relation that depends on a temporary object.
pub fn found() -> Finding {
    Finding::new(&RULE, "nothing temporary behind it", "it depends on an object of a temporary schema")
}

#[cfg(test)]
mod tests {
    #[test]
    fn says_what_is_found() {
        assert!(super::found().actual.contains("temporary schema"));
    }
}
