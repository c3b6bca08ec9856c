//! `enum-label`: an enum must have the labels that its reader knows.

use super::{Finding, Rule};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::{ClaimedColumn, display_labels};

/// The rule.
pub const RULE: Rule = Rule {
    code: "enum-label",
    meaning: "The enum type of a claimed column, or a claimed enum type, must have every claimed label; others may come.",
    hint: "Keep the label: rows that hold it and readers that compare with it stay right. Add the new one beside it, and rename only when no claim names the old one.",
    problem: ProblemKind::WrongShape,
};

/// A finding when the column's type lacks a label, or is no enum. A domain over an enum has its labels.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let r#type = &column.r#type;
    let is_enum = r#type.kind == 'e' || (r#type.kind == 'd' && !r#type.labels.is_empty());
    check_labels(&claimed.declared().labels, &r#type.labels, is_enum, || r#type.name.display(column.modifier))
}

/// The same for the labels that a type has.
pub fn check_labels(
    expected: &[String],
    actual: &[String],
    is_enum: bool,
    r#type: impl FnOnce() -> String,
) -> Option<Finding> {
    let missing: Vec<String> = expected.iter().filter(|label| !actual.contains(label)).cloned().collect();
    if missing.is_empty() {
        return None;
    }
    let actual = if is_enum { "no such label".to_owned() } else { format!("{}, which is no enum", r#type()) };
    Some(Finding::new(&RULE, display_labels(&missing), actual))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(all: &[&str]) -> Vec<String> {
        all.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn other_labels_may_come_and_claimed_ones_must_stay() {
        let check = |actual: &[&str]| check_labels(&labels(&["paid", "it's"]), &labels(actual), true, String::new);
        assert!(check(&["new", "it's", "paid"]).is_none());
        assert_eq!(check(&["paid"]).unwrap().expected, "label 'it''s'");
    }

    #[test]
    fn a_type_that_is_no_enum_has_no_labels() {
        let finding = check_labels(&labels(&["paid"]), &[], false, || "text".into()).unwrap();
        assert_eq!(finding.actual, "text, which is no enum");
    }
}
