//! `generated`: a column must be computed, or must not be.

use super::{Finding, Rule};
use crate::catalog::{Column, Filled};
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// The rule.
pub const RULE: Rule = Rule {
    code: "generated",
    meaning: "A column declared generated must be GENERATED ALWAYS AS (expression) STORED; one declared not generated must hold what is written to it.",
    hint: "Keep it so, or have the stakeholder leave \"generated\" out first.",
    problem: ProblemKind::WrongShape,
};

const WORDS: [&str; 2] = ["a column that is not generated", "a generated column"];

/// A finding when the column is generated and should not be, or the reverse.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let expected = claimed.declared().generated?;
    let actual = column.filled == Filled::Generated;
    (expected != actual).then(|| Finding::new(&RULE, WORDS[usize::from(expected)], WORDS[usize::from(actual)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{claimed_as, column};
    use crate::state::Declared;

    #[test]
    fn generated_and_not_generated_can_both_be_relied_on() {
        let mut computed = column("c", "int4", -1);
        computed.filled = Filled::Generated;
        for (declared, column, passes) in
            [(true, &computed, true), (false, &computed, false), (true, &column("c", "int4", -1), false)]
        {
            let claimed = claimed_as(Declared { generated: Some(declared), ..Declared::default() });
            assert_eq!(check(&claimed, column).is_none(), passes);
        }
    }
}
