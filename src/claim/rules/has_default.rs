//! `has-default`: an INSERT may leave the column out and rely on its default.

use super::{Finding, Rule};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// The rule.
pub const RULE: Rule = Rule {
    code: "has-default",
    meaning: "A column declared has_default must have a DEFAULT, its own, its domain's or an identity's; one declared without must have none.",
    hint: "Keep the default, or have the stakeholder write the column itself and leave \"has_default\" out.",
    problem: ProblemKind::WrongShape,
};

const WORDS: [&str; 2] = ["no default", "a default"];

/// A finding when there is no default and one is relied on, or the reverse.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let expected = claimed.declared().has_default?;
    let actual = column.has_default() || column.filled.is_identity();
    (expected != actual).then(|| Finding::new(&RULE, WORDS[usize::from(expected)], WORDS[usize::from(actual)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Filled;
    use crate::rules::fixtures::{claimed_as, column};
    use crate::state::Declared;

    #[test]
    fn a_default_is_the_columns_own_or_an_identity() {
        let claimed = claimed_as(Declared { has_default: Some(true), ..Declared::default() });
        let with = |filled| {
            let mut column = column("c", "int4", -1);
            column.filled = filled;
            column
        };
        assert!(check(&claimed, &with(Filled::Default)).is_none());
        assert!(check(&claimed, &with(Filled::Identity)).is_none());
        assert!(check(&claimed, &with(Filled::Nothing)).is_some());
        assert!(check(&claimed, &with(Filled::Generated)).is_some());
    }
}
