//! `row-security`: row level security must not newly hide rows from the stakeholder.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "row-security",
    meaning: "Row level security must not begin to apply to a stakeholder after it has claimed the relation.",
    hint: "Agree with the stakeholder first: a claim that is made while row level security is on accepts it.",
    problem: ProblemKind::WrongShape,
};

/// The finding for row level security that newly applies.
pub fn applies() -> Finding {
    Finding::new(&RULE, "all rows visible", "row level security applies to the stakeholder")
}

#[cfg(test)]
mod tests {
    #[test]
    fn says_what_is_found() {
        assert!(super::applies().actual.contains("row level security"));
    }
}
