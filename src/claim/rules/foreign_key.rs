//! `foreign-key`: columns must reference another relation.

use super::{Finding, Rule};
use crate::catalog::Constraints;
use crate::problem::ProblemKind;
use crate::state::Reference;

/// The rule.
pub const RULE: Rule = Rule {
    code: "foreign-key",
    meaning: "There must be a validated foreign key from the claimed columns to the claimed columns of the other relation: its reader relies on finding the row there.",
    hint: "Keep the foreign key, or have the stakeholder cope with rows that reference nothing and leave it out of \"references\".",
    problem: ProblemKind::MissingConstraint,
};

/// A finding when no foreign key pairs exactly these columns.
pub fn check(reference: &Reference, constraints: &Constraints) -> Option<Finding> {
    let pairs = |mut pairs: Vec<(String, String)>| {
        pairs.sort_unstable();
        pairs
    };
    let wanted = pairs(reference.fields.iter().cloned().zip(reference.to.iter().cloned()).collect());
    let is_it = |key: &crate::catalog::ForeignKey| {
        key.schema == reference.schema && key.relation == reference.relation && pairs(key.columns.clone()) == wanted
    };
    if constraints.foreign_keys.iter().any(is_it) {
        return None;
    }
    Some(Finding::new(&RULE, reference.display(), "no such validated foreign key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ForeignKey;
    use crate::rules::fixtures::names;

    #[test]
    fn a_foreign_key_pairs_columns_in_any_order() {
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let constraints = Constraints {
            foreign_keys: vec![ForeignKey {
                schema: "public".into(),
                relation: "customers".into(),
                oid: 1,
                columns: vec![pair("tenant", "tenant_id"), pair("customer", "id")],
            }],
            ..Constraints::default()
        };
        let reference = |fields: &[&str], to: &[&str]| Reference {
            fields: names(fields),
            schema: "public".into(),
            relation: "customers".into(),
            to: names(to),
        };
        assert!(check(&reference(&["customer", "tenant"], &["id", "tenant_id"]), &constraints).is_none());
        assert!(check(&reference(&["customer", "tenant"], &["tenant_id", "id"]), &constraints).is_some());
        let finding = check(&reference(&["customer"], &["id"]), &constraints).unwrap();
        assert_eq!(finding.expected, "(customer) REFERENCES public.customers (id)");
    }
}
