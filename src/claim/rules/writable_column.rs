//! `writable-column`: a column that is written must not be computed.

use super::{Finding, Rule};
use crate::catalog::{Column, Filled};
use crate::privilege::Privilege;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// The rule.
pub const RULE: Rule = Rule {
    code: "writable-column",
    meaning: "A column on which a claim asks for insert or update must be writable: not GENERATED ALWAYS AS (expression).",
    hint: "Keep the column writable, or have the stakeholder ask only for select on it.",
    problem: ProblemKind::WrongShape,
};

/// A finding when a column that its stakeholder writes is generated.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let writes = claimed.privileges.contains(Privilege::Insert) || claimed.privileges.contains(Privilege::Update);
    (writes && column.filled == Filled::Generated)
        .then(|| Finding::new(&RULE, "a column that can be written", "a generated column"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privilege::PrivilegeSet;
    use crate::rules::fixtures::{claimed, column};

    #[test]
    fn a_generated_column_can_be_read_and_not_written() {
        let mut computed = column("c", "int4", -1);
        computed.filled = Filled::Generated;
        let mut claimed = claimed("c");
        assert!(check(&claimed, &computed).is_none());
        claimed.privileges = PrivilegeSet::NONE.with(Privilege::Insert);
        assert!(check(&claimed, &computed).is_some());
        assert!(check(&claimed, &column("c", "int4", -1)).is_none());
    }
}
