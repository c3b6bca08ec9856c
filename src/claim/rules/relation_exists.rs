//! `relation-exists`: a claimed relation must be there under its name.

use super::{Finding, Rule};
use crate::catalog::Relation;
use crate::problem::ProblemKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "relation-exists",
    meaning: "A claimed relation must exist under its name, as a table, view, materialized view or foreign table.",
    hint: "Keep the relation under its name until nobody claims it: the stakeholder can claim the old and the new one as alternatives first, or unclaim it.",
    problem: ProblemKind::UndefinedRelation,
};

/// Nothing to find for a relation that can be claimed.
pub fn check(relation: Option<&Relation>) -> Option<Finding> {
    let actual = match relation {
        None => "no such relation".to_owned(),
        Some(relation) if relation.temporary => "a temporary relation".to_owned(),
        Some(relation) if !relation.kind.is_claimable() => relation.kind.to_string(),
        Some(_) => return None,
    };
    Some(Finding::new(&RULE, "a table or view of this name", actual))
}

/// For what has come under a claimed name without a word of its owner: whoever renames a schema does not give away what
/// others have made in it.
pub fn stranger() -> Finding {
    Finding::new(&RULE, "an object that its own owner, or a superuser, put there", "an object of somebody else")
}

#[cfg(test)]
mod tests {
    use crate::catalog::RelationKind;

    #[test]
    fn a_missing_relation_is_found() {
        assert_eq!(super::check(None).unwrap().actual, "no such relation");
    }

    #[test]
    fn a_sequence_is_named_for_what_it_is() {
        let mut relation = crate::validate::fixtures::relation("public", "s", vec![]);
        relation.kind = RelationKind::from_relkind('S');
        assert_eq!(super::check(Some(&relation)).unwrap().actual, "a sequence");
        relation.kind = RelationKind::View;
        assert_eq!(super::check(Some(&relation)), None);
    }
}
