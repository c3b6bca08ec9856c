//! `schema-exists`: the schema of a wildcard path must exist.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "schema-exists",
    meaning: "The schema that a wildcard path names must exist; it may be empty.",
    hint: "Keep the schema under its name, or have the stakeholder unclaim the path first.",
    problem: ProblemKind::UndefinedSchema,
};

/// The finding for a schema that is missing.
pub fn missing(schema: &str) -> Finding {
    Finding::new(&RULE, format!("schema {schema}"), "no such schema")
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_the_schema() {
        assert_eq!(super::missing("billing").expected, "schema billing");
    }
}
