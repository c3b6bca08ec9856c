//! The rules: one file each, with a stable code, what it means, what to do, and its tests.
//!
//! A code is a promise to tools that read `integratedb.unmet_claims()`: it never changes its meaning.

pub mod access;
pub mod collation;
pub mod column_exists;
pub mod column_type;
pub mod enum_label;
pub mod foreign_key;
pub mod function_exists;
pub mod function_result;
pub mod generated;
pub mod has_default;
pub mod index;
pub mod insert_column;
pub mod max_length;
pub mod min_length;
pub mod not_null;
pub mod relation_exists;
pub mod row_security;
pub mod schema_exists;
pub mod security_definer;
pub mod security_invoker;
pub mod sequence_exists;
pub mod temporary_dependency;
pub mod type_exists;
pub mod unique_key;
pub mod updatable_relation;
pub mod writable_column;

use crate::catalog::{Column, Relation};
use crate::privilege::PrivilegeSet;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;
use crate::types::Capacity;

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
    &max_length::RULE,
    &not_null::RULE,
    &collation::RULE,
    &generated::RULE,
    &has_default::RULE,
    &enum_label::RULE,
    &unique_key::RULE,
    &foreign_key::RULE,
    &index::RULE,
    &insert_column::RULE,
    &updatable_relation::RULE,
    &writable_column::RULE,
    &function_exists::RULE,
    &function_result::RULE,
    &security_definer::RULE,
    &sequence_exists::RULE,
    &type_exists::RULE,
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

/// All that is wrong with the shape of `column`, which is there; `refused` is what its relation does not take for it.
pub fn check_shape(claimed: &ClaimedColumn, column: &Column, refused: PrivilegeSet) -> Vec<Finding> {
    let mut found: Vec<Finding> = column_type::check(claimed, column).into_iter().collect();
    found.extend(not_null::check(claimed, column));
    if claimed.declared.is_some() {
        let checks = [
            min_length::check,
            max_length::check,
            collation::check,
            generated::check,
            has_default::check,
            enum_label::check,
        ];
        found.extend(checks.iter().filter_map(|check| check(claimed, column)));
    }
    found.extend(writable_column::check(claimed, column, refused));
    found
}

/// How much a column holds, and its type as a person writes it.
fn capacity(column: &Column) -> (Capacity, String) {
    let mut shown = column.r#type.name.display(column.modifier);
    if let Some((base, modifier)) = &column.r#type.base {
        shown.push_str(&format!(" over {}", base.display(*modifier)));
    }
    (column.r#type.capacity(column.modifier), shown)
}

/// The numbers of columns by name; `None` when one is not there.
fn numbers(columns: &[String], relation: &Relation) -> Option<Vec<i16>> {
    columns.iter().map(|name| relation.column(name).map(|column| column.number)).collect()
}

#[cfg(test)]
pub(crate) mod fixtures {
    use std::rc::Rc;

    use crate::catalog::Column;
    use crate::state::{ClaimedColumn, Declared, Shape, Status};
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
                has_default: false,
                labels: Rc::default(),
            }),
            modifier,
            not_null: false,
            filled: crate::catalog::Filled::Nothing,
            collation: None,
            acl: Vec::new(),
        }
    }

    /// A table with columns of these names, numbered from 1.
    pub fn numbered(names: &[&str]) -> crate::catalog::Relation {
        let number = |(number, name): (usize, &&str)| Column { number: number as i16 + 1, ..column(name, "text", -1) };
        crate::validate::fixtures::relation("public", "t", names.iter().enumerate().map(number).collect())
    }

    pub fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// A column `c` of which this is declared.
    pub fn claimed_as(declared: Declared) -> ClaimedColumn {
        ClaimedColumn { declared: Some(Box::new(declared)), ..claimed("c") }
    }

    pub fn claimed(name: &str) -> ClaimedColumn {
        ClaimedColumn { name: name.into(), status: Status::Pending, ..ClaimedColumn::default() }
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
