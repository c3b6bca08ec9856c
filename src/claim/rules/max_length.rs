//! `max-length`: a column must hold at most so many characters, bits or digits.

use super::{Finding, Rule, capacity};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::ClaimedColumn;
use crate::types::Capacity;

/// The rule.
pub const RULE: Rule = Rule {
    code: "max-length",
    meaning: "A column must have at most the declared max_length: characters of a string, bits of a bit string, digits of a numeric. Unbounded satisfies none.",
    hint: "Keep the column at most this long, or have the stakeholder claim a larger max_length first: its buffer is of that size.",
    problem: ProblemKind::WrongShape,
};

/// A finding when the column is longer, or has no length at all.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let max_length = claimed.declared().max_length?;
    let (capacity, shown) = capacity(column);
    let actual = match capacity {
        Capacity::Limited(length) if length <= max_length => return None,
        Capacity::Limited(_) | Capacity::Unbounded => shown,
        Capacity::None => format!("{shown}, which has neither length nor precision"),
    };
    Some(Finding::new(&RULE, format!("max_length {max_length}"), actual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{claimed_as, column, numeric, varchar};
    use crate::state::Declared;

    #[test]
    fn what_is_longer_or_unbounded_does_not_fit_a_fixed_buffer() {
        let forty = claimed_as(Declared { max_length: Some(40), ..Declared::default() });
        assert!(check(&forty, &column("c", "varchar", varchar(40))).is_none());
        assert!(check(&forty, &column("c", "numeric", numeric(12, 2))).is_none());
        assert!(check(&forty, &column("c", "varchar", varchar(41))).is_some());
        assert!(check(&forty, &column("c", "text", -1)).is_some());
        assert!(check(&forty, &column("c", "int4", -1)).unwrap().actual.contains("neither length nor precision"));
    }
}
