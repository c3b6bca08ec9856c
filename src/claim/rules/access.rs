//! `access`: what is claimed must be readable by the stakeholder's role.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "access",
    meaning: "The stakeholder's role must keep USAGE on the schema and SELECT on what it claims.",
    hint: "Do not revoke what is claimed: call integratedb.unclaim for the stakeholder, which revokes it too.",
    problem: ProblemKind::Forbidden,
};

/// The finding for a privilege that is missing.
pub fn missing(privilege: &str) -> Finding {
    Finding::new(&RULE, privilege, "privilege missing")
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_the_privilege() {
        assert_eq!(super::missing("SELECT").expected, "SELECT");
    }
}
