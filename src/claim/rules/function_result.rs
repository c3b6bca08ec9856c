//! `function-result`: a claimed function must return what it did.

use super::{Finding, Rule};
use crate::catalog::Function;
use crate::problem::ProblemKind;
use crate::state::FunctionRequirement;

/// The rule.
pub const RULE: Rule = Rule {
    code: "function-result",
    meaning: "A claimed function must return the declared type.",
    hint: "Make a function of another name with the new result, and drop this one when no claim names it.",
    problem: ProblemKind::WrongShape,
};

/// A finding when the result is of another type than declared.
pub fn check(wanted: &FunctionRequirement, function: &Function) -> Option<Finding> {
    let expected = wanted.returns.as_ref()?;
    (*expected != *function.returns).then(|| {
        Finding::new(
            &RULE,
            format!("RETURNS {}", expected.display(-1)),
            format!("RETURNS {}", function.returns.display(-1)),
        )
    })
}
