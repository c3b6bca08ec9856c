//! `unique-key`: a set of columns must be a key.

use super::{Finding, Rule, numbers};
use crate::catalog::{Constraints, Relation};
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "unique-key",
    meaning: "There must be a primary key, unique constraint or unique index on exactly the claimed key's columns: valid, and not partial.",
    hint: "Make the other key beside it, and drop this one only when no claim names it.",
    problem: ProblemKind::MissingConstraint,
};

/// A finding when no unique index is on exactly these columns, in whatever order.
pub fn check(key: &[String], relation: &Relation, constraints: &Constraints) -> Option<Finding> {
    let wanted = numbers(key, relation).map(|mut numbers| {
        numbers.sort_unstable();
        numbers
    });
    let is_it = |columns: &[i16]| {
        let mut columns = columns.to_vec();
        columns.sort_unstable();
        wanted.as_ref() == Some(&columns)
    };
    if constraints.indexes.iter().any(|index| index.unique && is_it(&index.columns)) {
        return None;
    }
    Some(Finding::new(&RULE, display(key), "no valid unique index on exactly these columns"))
}

/// As a person writes it.
pub fn display(key: &[String]) -> String {
    format!("a key ({})", key.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{names, numbered};

    #[test]
    fn a_key_is_on_exactly_these_columns_in_any_order() {
        let relation = numbered(&["a", "b", "c"]);
        let with = |unique, columns: &[i16]| Constraints {
            indexes: vec![crate::catalog::Index { oid: 1, unique, columns: columns.to_vec() }],
            ..Constraints::default()
        };
        let check = |constraints| check(&names(&["a", "b"]), &relation, &constraints).is_none();
        assert!(check(with(true, &[2, 1])));
        assert!(!check(with(false, &[1, 2])));
        assert!(!check(with(true, &[1])));
        assert!(!check(with(true, &[1, 2, 3])));
        assert!(!check(with(true, &[1, 0])));
    }
}
