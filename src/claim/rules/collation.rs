//! `collation`: a column must sort and compare as declared.

use super::{Finding, Rule};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;

/// The rule.
pub const RULE: Rule = Rule {
    code: "collation",
    meaning: "A column must have the declared collation: another one sorts and compares its values otherwise.",
    hint: "Keep the collation, or add a column with the new one beside it and have the stakeholder claim both as alternatives.",
    problem: ProblemKind::WrongShape,
};

/// A finding when the column has another collation, or none.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let expected = claimed.declared().collation.as_ref()?;
    if column.collation.as_deref() == Some(expected) {
        return None;
    }
    let actual = match &column.collation {
        Some(collation) => format!("COLLATE {collation}"),
        None => "a type without collation".to_owned(),
    };
    Some(Finding::new(&RULE, format!("COLLATE {expected}"), actual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CollationName;
    use crate::rules::fixtures::{claimed_as, column};
    use crate::state::Declared;

    #[test]
    fn the_collation_is_compared_by_schema_and_name() {
        let c = |schema: &str| CollationName { schema: schema.into(), name: "C".into() };
        let claimed = claimed_as(Declared { collation: Some(c("pg_catalog")), ..Declared::default() });
        let with = |collation: Option<CollationName>| {
            let mut column = column("c", "text", -1);
            column.collation = collation.map(std::rc::Rc::new);
            column
        };
        assert!(check(&claimed, &with(Some(c("pg_catalog")))).is_none());
        assert!(check(&claimed, &with(Some(c("evil")))).is_some());
        assert_eq!(check(&claimed, &with(None)).unwrap().actual, "a type without collation");
    }
}
