//! `column-exists`: a claimed column must be there under its name.

use super::{Finding, Rule};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "column-exists",
    meaning: "A claimed column must exist under its name.",
    hint: "Keep the column until nobody claims it: the stakeholder can claim the old and the new one as alternatives first, make it optional, or unclaim it.",
    problem: ProblemKind::UndefinedColumn,
};

/// The finding for a column that is missing. `expected` is the required shape, perhaps empty.
pub fn missing(expected: &str) -> Finding {
    let expected = if expected.is_empty() { "a column of this name" } else { expected };
    Finding::new(&RULE, expected, "no such column")
}

#[cfg(test)]
mod tests {
    #[test]
    fn expected_is_the_shape_where_one_is_known() {
        assert_eq!(super::missing("bigint NOT NULL").expected, "bigint NOT NULL");
        assert_eq!(super::missing("").expected, "a column of this name");
    }
}
