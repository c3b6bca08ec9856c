//! The rules: one file each, with a stable code, what it means, what to do, and its tests.
//!
//! A code is a promise to tools that read `integratedb.unmet_claims()`: it never changes its meaning.

pub mod access;
pub mod column_exists;
pub mod column_type;
pub mod min_length;
pub mod not_null;
pub mod relation_exists;
pub mod row_security;
pub mod schema_exists;
pub mod security_invoker;
pub mod temporary_dependency;

use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// A rule that a claim can fail.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable code.
    pub code: &'static str,
    /// What it requires, in one sentence.
    pub meaning: &'static str,
    /// What the author of a migration can do.
    pub hint: &'static str,
    /// What kind of problem it is when a document is claimed.
    pub problem: ProblemKind,
}

/// Every rule, in the order of the documents.
pub const ALL: &[&Rule] = &[
    &schema_exists::RULE,
    &relation_exists::RULE,
    &column_exists::RULE,
    &column_type::RULE,
    &min_length::RULE,
    &not_null::RULE,
    &access::RULE,
    &row_security::RULE,
    &security_invoker::RULE,
    &temporary_dependency::RULE,
];

/// One reason why a claim is unmet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What is required.
    pub expected: String,
    /// What was found.
    pub actual: String,
}

impl Finding {
    /// A finding of `rule`.
    pub fn new(rule: &'static Rule, expected: impl Into<String>, actual: impl Into<String>) -> Finding {
        Finding { rule, expected: expected.into(), actual: actual.into() }
    }
}

/// All that is wrong with the shape of `column`, which is there.
pub fn check_shape(claimed: &ClaimedColumn, column: &Column) -> Vec<Finding> {
    [column_type::check(claimed, column), min_length::check(claimed, column), not_null::check(claimed, column)]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
pub(crate) mod fixtures {
    use std::rc::Rc;

    use crate::catalog::Column;
    use crate::state::{ClaimedColumn, Shape, Status};
    use crate::types::{Type, TypeName};

    pub fn varchar(length: i32) -> i32 {
        length + 4
    }

    pub fn numeric(precision: i32, scale: i32) -> i32 {
        ((precision << 16) | (scale & 0x7ff)) + 4
    }

    pub fn column(name: &str, type_name: &str, modifier: i32) -> Column {
        Column {
            name: name.into(),
            number: 1,
            r#type: Rc::new(Type {
                name: Rc::new(TypeName::builtin(type_name)),
                kind: 'b',
                base: None,
                not_null: false,
            }),
            modifier,
            not_null: false,
            select: Vec::new(),
        }
    }

    pub fn claimed(name: &str) -> ClaimedColumn {
        ClaimedColumn {
            name: name.into(),
            declared_type: None,
            min_length: None,
            is_nullable: None,
            observed: None,
            status: Status::Pending,
        }
    }

    pub fn observed(column: &Column) -> ClaimedColumn {
        ClaimedColumn { observed: Some(Shape::of(column)), status: Status::Met, ..claimed(&column.name) }
    }

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let mut codes: Vec<_> = super::ALL.iter().map(|rule| rule.code).collect();
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), super::ALL.len());
    }
}
