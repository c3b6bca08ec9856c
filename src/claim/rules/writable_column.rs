//! `writable-column`: a column that is written must not be computed.

use super::{Finding, Rule};
use crate::catalog::{Column, Filled};
use crate::privilege::PrivilegeSet;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// The rule.
pub const RULE: Rule = Rule {
    code: "writable-column",
    meaning: "A column on which a claim asks for insert or update must be writable: not GENERATED ALWAYS, as an expression or AS IDENTITY; of a view, a column of the relation below it that is writable there.",
    hint: "Keep the column writable, or have the stakeholder ask only for select on it.",
    problem: ProblemKind::WrongShape,
};

/// A finding when a column that its stakeholder writes takes no value; `refused` is what its relation does not take for it.
pub fn check(claimed: &ClaimedColumn, column: &Column, refused: PrivilegeSet) -> Option<Finding> {
    let written = claimed.privileges.and(PrivilegeSet::WRITES);
    let actual = match column.filled {
        _ if written.is_empty() => return None,
        Filled::Generated => "a generated column",
        Filled::IdentityAlways => "an identity column GENERATED ALWAYS",
        Filled::Nothing | Filled::Default | Filled::Identity if written.and(refused).is_empty() => return None,
        Filled::Nothing | Filled::Default | Filled::Identity => "a column that the view does not write",
    };
    Some(Finding::new(&RULE, "a column that can be written", actual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privilege::Privilege;
    use crate::rules::fixtures::{claimed, column};

    const NOTHING: PrivilegeSet = PrivilegeSet::NONE;

    fn written() -> ClaimedColumn {
        ClaimedColumn { privileges: NOTHING.with(Privilege::Insert), ..claimed("c") }
    }

    #[test]
    fn a_computed_column_can_be_read_and_not_written() {
        for filled in [Filled::Generated, Filled::IdentityAlways] {
            let mut computed = column("c", "int4", -1);
            computed.filled = filled;
            assert!(check(&claimed("c"), &computed, NOTHING).is_none());
            assert!(check(&written(), &computed, NOTHING).is_some());
        }
    }

    #[test]
    fn an_identity_by_default_can_be_written() {
        for filled in [Filled::Nothing, Filled::Default, Filled::Identity] {
            let mut plain = column("c", "int4", -1);
            plain.filled = filled;
            assert!(check(&written(), &plain, NOTHING).is_none());
        }
    }

    #[test]
    fn a_column_of_a_view_can_be_written_as_far_as_the_view_takes_it() {
        let plain = column("c", "int4", -1);
        assert!(check(&written(), &plain, NOTHING.with(Privilege::Insert)).is_some());
        assert!(check(&written(), &plain, NOTHING.with(Privilege::Update)).is_none());
        assert!(check(&claimed("c"), &plain, PrivilegeSet::WRITES).is_none());
    }
}
