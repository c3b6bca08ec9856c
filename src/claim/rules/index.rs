//! `index`: columns must lead an index.

use super::{Finding, Rule, numbers};
use crate::catalog::{Constraints, Relation};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "index",
    meaning: "There must be a valid index, not partial, whose first columns are the claimed ones in this order: its reader's queries are fast only with it.",
    hint: "Make the other index first, and drop this one only when no claim names it.",
    problem: ProblemKind::MissingConstraint,
};

/// A finding when no index is led by these columns.
pub fn check(columns: &[String], relation: &Relation, constraints: &Constraints) -> Option<Finding> {
    let wanted = numbers(columns, relation);
    if wanted.is_some_and(|wanted| constraints.indexes.iter().any(|index| index.columns.starts_with(&wanted))) {
        return None;
    }
    Some(Finding::new(&RULE, display(columns), "no valid index led by these columns"))
}

/// As a person writes it.
pub fn display(columns: &[String]) -> String {
    format!("an index on ({})", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{names, numbered};

    #[test]
    fn an_index_is_led_by_these_columns_in_this_order() {
        let relation = numbered(&["a", "b", "c"]);
        let with = |columns: &[i16]| Constraints {
            indexes: vec![crate::catalog::Index { oid: 1, unique: false, columns: columns.to_vec() }],
            ..Constraints::default()
        };
        let check = |constraints| check(&names(&["a", "b"]), &relation, &constraints).is_none();
        assert!(check(with(&[1, 2])));
        assert!(check(with(&[1, 2, 3])));
        assert!(!check(with(&[2, 1])));
        assert!(!check(with(&[1, 0, 2])));
        assert!(!check(with(&[1])));
    }
}
