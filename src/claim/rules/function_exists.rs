//! `function-exists`: a claimed function must be there, with these arguments.

use super::{Finding, Rule};
use crate::catalog::{Catalog, Function};
use crate::problem::ProblemKind;
use crate::state::ClaimedRelation;

/// The rule.
pub const RULE: Rule = Rule {
    code: "function-exists",
    meaning: "A claimed function must exist under its name, with exactly the claimed types of arguments.",
    hint: "Keep the function with this signature beside the new one until no claim names it.",
    problem: ProblemKind::UndefinedFunction,
};

/// The function that a claim names: by schema, name and types of arguments, never by number of them.
pub fn find<'a>(claimed: &ClaimedRelation, catalog: &'a Catalog) -> Option<&'a Function> {
    let wanted = claimed.requirements().function.as_ref()?;
    let named = catalog.functions(&claimed.schema, claimed.relation.as_ref()?);
    named.iter().find(|function| function.argument_types == wanted.arguments).map(|function| &**function)
}

/// The finding for one that is not there.
pub fn missing(claimed: &ClaimedRelation, catalog: &Catalog) -> Finding {
    let named = claimed.relation.as_deref().map(|name| catalog.functions(&claimed.schema, name)).unwrap_or_default();
    let others: Vec<String> = named.iter().map(|function| format!("({})", function.identity_arguments)).collect();
    let actual = if others.is_empty() { "no such function".to_owned() } else { format!("only {}", others.join(", ")) };
    Finding::new(&RULE, "a function with these arguments", actual)
}
