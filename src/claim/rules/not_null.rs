//! `not-null`: a column that was NOT NULL must stay so, unless its reader copes with nulls.

use super::{Finding, Rule};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// The rule.
pub const RULE: Rule = Rule {
    code: "not-null",
    meaning: "A column that is declared \"is_nullable\": false, or was seen NOT NULL, must be NOT NULL by its own constraint or its domain's.",
    hint: "Keep NOT NULL, or have the stakeholder declare \"is_nullable\": true first.",
    problem: ProblemKind::WrongShape,
};

/// `"is_nullable": true` is always satisfied.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    (claimed.requires_not_null() && !column.is_not_null()).then(|| Finding::new(&RULE, "NOT NULL", "nullable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{claimed_as, column, observed};
    use crate::state::Declared;

    #[test]
    fn observed_not_null_must_stay_and_is_nullable_true_lifts_it() {
        let nullable = column("c", "text", -1);
        let not_null = Column { not_null: true, ..nullable.clone() };
        assert!(check(&observed(&not_null), &nullable).is_some());
        assert!(check(&observed(&nullable), &not_null).is_none());
        let declare = |nullable| Some(Box::new(Declared { is_nullable: Some(nullable), ..Declared::default() }));
        let copes = ClaimedColumn { declared: declare(true), ..observed(&not_null) };
        assert!(check(&copes, &nullable).is_none());
        let strict = claimed_as(Declared { is_nullable: Some(false), ..Declared::default() });
        assert!(check(&strict, &nullable).is_some());
    }
}
