//! `security-invoker`: a claimed view must not newly read with the stakeholder's own privileges.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "security-invoker",
    meaning: "A claimed view must not begin to read its tables with the reader's privileges: the stakeholder has none on them.",
    hint: "Keep the view reading with its owner's privileges, or have the stakeholder claim what it reads and then the view again.",
    problem: ProblemKind::WrongShape,
};

/// The finding for a view that newly has `security_invoker`.
pub fn applies() -> Finding {
    Finding::new(&RULE, "a view that reads with its owner's privileges", "security_invoker is on")
}

#[cfg(test)]
mod tests {
    #[test]
    fn says_what_is_found() {
        assert_eq!(super::applies().actual, "security_invoker is on");
    }
}
