//! `updatable-relation`: a relation that is written must take it.

use super::{Finding, Rule};
use crate::catalog::{Relation, RelationKind};
use crate::privilege::PrivilegeSet;
use crate::problem::ProblemKind;
use crate::state::ClaimedRelation;
use crate::writable::Writable;

/// The rule.
pub const RULE: Rule = Rule {
    code: "updatable-relation",
    meaning: "A relation on which a claim asks for insert, update or delete must take it: a table; a view that PostgreSQL can update, or that has an INSTEAD OF trigger or an unconditional INSTEAD rule for it.",
    hint: "Keep the view simple enough to be updated, or give it an INSTEAD OF trigger or rule in the same transaction; or have the stakeholder ask only for select on it.",
    problem: ProblemKind::WrongObject,
};

/// A finding when a claim writes what the relation does not take.
pub fn check(claimed: &ClaimedRelation, relation: &Relation, writable: &Writable) -> Option<Finding> {
    let lacking = claimed.writes().and_not(writable.commands);
    if lacking.is_empty() {
        return None;
    }
    let kind = match relation.kind {
        // Of a view its query decides, or what is below it.
        RelationKind::View => "a view that is not updatable for it".to_owned(),
        RelationKind::ForeignTable => "a foreign table that is not updatable".to_owned(),
        kind => kind.to_string(),
    };
    Some(Finding::new(&RULE, format!("a relation that takes {}", names(lacking)), kind))
}

fn names(commands: PrivilegeSet) -> String {
    commands.iter().map(|command| command.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privilege::Privilege;
    use crate::rules::fixtures::numbered;
    use crate::state::Requirements;

    #[test]
    fn only_what_the_claim_asks_for_has_to_be_taken() {
        let mut relation = numbered(&["a"]);
        relation.kind = RelationKind::View;
        let asks = |privileges: PrivilegeSet| ClaimedRelation {
            every_column: true,
            requirements: Some(Box::new(Requirements { privileges, ..Requirements::default() })),
            ..ClaimedRelation::default()
        };
        let reads = asks(PrivilegeSet::SELECT);
        let deletes = asks(PrivilegeSet::SELECT.with(Privilege::Delete));
        let writes = asks(PrivilegeSet::WRITES);
        let takes = Writable::taking(PrivilegeSet::NONE.with(Privilege::Delete));
        assert_eq!(check(&reads, &relation, &takes), None);
        assert_eq!(check(&deletes, &relation, &takes), None);
        assert_eq!(check(&writes, &relation, &takes).unwrap().expected, "a relation that takes INSERT, UPDATE");
        relation.kind = RelationKind::MaterializedView;
        assert_eq!(check(&writes, &relation, &takes).unwrap().actual, "a materialized view");
    }
}
