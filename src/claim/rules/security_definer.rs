//! `security-definer`: a claimed function must run with its caller's rights, unless its claim allows otherwise.

use super::{Finding, Rule};
use crate::catalog::Function;
use crate::problem::ProblemKind;
use crate::state::FunctionRequirement;

/// The rule.
pub const RULE: Rule = Rule {
    code: "security-definer",
    meaning: "A function that runs with the rights of its owner gives whoever may call it more than was claimed, so a claim must say that it wants this.",
    hint: "Claim it with \"allow_security_definer\": true once you have read it, or make it SECURITY INVOKER.",
    problem: ProblemKind::Forbidden,
};

/// A finding when the function is SECURITY DEFINER and the claim does not allow it.
pub fn check(wanted: &FunctionRequirement, function: &Function) -> Option<Finding> {
    (function.security_definer && !wanted.allow_security_definer)
        .then(|| Finding::new(&RULE, "SECURITY INVOKER", "SECURITY DEFINER"))
}
