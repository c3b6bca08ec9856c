//! `function-result`: a claimed function must return what it did.

use super::{Finding, Rule};
use crate::catalog::Function;
use crate::problem::ProblemKind;
use crate::state::FunctionRequirement;
use crate::types::TypeName;

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
    if *expected == *function.returns && wanted.returns_set == function.returns_set {
        return None;
    }
    let shown = |name: &TypeName, set: bool| format!("RETURNS {}{}", if set { "SETOF " } else { "" }, name.display(-1));
    Some(Finding::new(&RULE, shown(expected, wanted.returns_set), shown(&function.returns, function.returns_set)))
}
