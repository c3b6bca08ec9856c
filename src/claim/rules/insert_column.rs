//! `insert-column`: a claimed INSERT must not lack a column.

use std::collections::HashSet;

use super::{Finding, Rule};
use crate::catalog::{Column, Relation};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "insert-column",
    meaning: "A stakeholder that inserts must supply every column that is NOT NULL and has no default, or its INSERT fails.",
    hint: "Give the column a DEFAULT or let it be NULL, until every stakeholder that inserts supplies it.",
    problem: ProblemKind::WrongShape,
};

/// The columns that an INSERT of `supplied` would lack.
pub fn check<'a>(supplied: &HashSet<&str>, relation: &'a Relation) -> Vec<(&'a str, Finding)> {
    let lacks = |column: &&Column| !supplied.contains(column.name.as_str()) && !column.can_be_left_out();
    let finding = |column: &'a Column| {
        let actual = format!("{} NOT NULL without default", column.r#type.name.display(column.modifier));
        (column.name.as_str(), Finding::new(&RULE, "a column that an INSERT can leave out", actual))
    };
    relation.columns.iter().filter(lacks).map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Filled;
    use crate::rules::fixtures::numbered;

    #[test]
    fn an_insert_may_leave_out_what_is_nullable_or_filled() {
        let mut relation = numbered(&["a", "b", "c"]);
        for (column, filled) in relation.columns.iter_mut().zip([Filled::Nothing, Filled::Default, Filled::Identity]) {
            column.not_null = true;
            column.filled = filled;
        }
        assert!(check(&HashSet::from(["a"]), &relation).is_empty());
        let lacking = check(&HashSet::new(), &relation);
        assert_eq!(lacking.iter().map(|(column, _)| *column).collect::<Vec<_>>(), ["a"]);
    }
}
