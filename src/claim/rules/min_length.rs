//! `min-length`: a column must hold at least so many characters, bits or digits.

use super::{Finding, Rule, capacity};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;
use crate::types::Capacity;

/// The rule.
pub const RULE: Rule = Rule {
    code: "min-length",
    meaning: "A column must have at least the declared min_length: characters of a string, bits of a bit string, digits of a numeric. Unbounded satisfies any.",
    hint: "Keep the column at least this long, or have the stakeholder claim a smaller min_length first.",
    problem: ProblemKind::WrongShape,
};

/// A finding when the column is shorter, or has no length at all.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let min_length = claimed.declared().min_length?;
    let (capacity, shown) = capacity(column);
    let actual = match capacity {
        Capacity::Unbounded => return None,
        Capacity::Limited(length) if length >= min_length => return None,
        Capacity::Limited(_) => shown,
        Capacity::None => format!("{shown}, which has neither length nor precision"),
    };
    Some(Finding::new(&RULE, format!("min_length {min_length}"), actual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{claimed_as, column, numeric, varchar};
    use crate::state::Declared;

    #[test]
    fn length_and_precision_count_and_unbounded_satisfies_any() {
        let forty = claimed_as(Declared { min_length: Some(40), ..Declared::default() });
        assert!(check(&forty, &column("c", "varchar", varchar(40))).is_none());
        assert!(check(&forty, &column("c", "text", -1)).is_none());
        assert!(check(&forty, &column("c", "varchar", varchar(39))).is_some());
        assert!(check(&forty, &column("c", "numeric", numeric(12, 2))).is_some());
        assert!(check(&forty, &column("c", "int4", -1)).unwrap().actual.contains("neither length nor precision"));
    }
}
