//! Waivers: which breaks of which claims may pass for a while, on the record.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::path::Path;
use crate::validate::Violation;

/// A waiver that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Its number.
    pub id: i64,
    /// The path that it is about, as a claim writes it; a wildcard path is about every relation of the schema.
    pub path: String,
    /// Codes of the rules that may be broken.
    pub rules: BTreeSet<String>,
}

impl Waiver {
    fn covers(&self, violation: &Violation) -> bool {
        self.rules.contains(violation.rule().code) && (self.path == violation.path || self.covers_schema(violation))
    }

    fn covers_schema(&self, violation: &Violation) -> bool {
        match (Path::parse(&self.path), Path::parse(&violation.path)) {
            (Ok(Path::Wildcard { schema }), Ok(path)) => path.schema() == schema,
            _ => false,
        }
    }
}

/// Why a claim may break nonetheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// It asks only for a warning.
    OnBreak,
    /// By these waivers.
    Waived(Vec<i64>),
}

impl Leave {
    /// As a message says it.
    pub fn why(&self) -> String {
        match self {
            Leave::OnBreak => "the claim says \"on_break\": \"warn\"".to_owned(),
            Leave::Waived(ids) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                format!("by waiver {}", ids.join(", "))
            }
        }
    }
}

/// The waivers that let a broken claim pass: of one of its alternatives all that is wrong is waived, so that the claim would
/// be met if that were not looked at. `None` if they do not.
///
/// `violations` are all those of one claim.
pub fn let_pass(violations: &[Violation], waivers: &[Waiver]) -> Option<BTreeSet<i64>> {
    let mut by_alternative: BTreeMap<usize, Vec<&Violation>> = BTreeMap::new();
    for violation in violations {
        by_alternative.entry(violation.place.0).or_default().push(violation);
    }
    by_alternative.values().find_map(|violations| {
        let waiver_of =
            |violation: &&Violation| waivers.iter().find(|waiver| waiver.covers(violation)).map(|one| one.id);
        violations.iter().map(waiver_of).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    fn violation(path: &str, alternative: usize, finding: rules::Finding) -> Violation {
        Violation {
            claim_id: 1,
            stakeholder: "reporter".to_owned(),
            path: path.to_owned(),
            column: None,
            finding,
            place: (alternative, None),
        }
    }

    fn waiver(id: i64, path: &str, rules: &[&str]) -> Waiver {
        Waiver { id, path: path.to_owned(), rules: rules.iter().map(|rule| (*rule).to_owned()).collect() }
    }

    fn access(path: &str, alternative: usize) -> Violation {
        violation(path, alternative, rules::access::missing("SELECT"))
    }

    #[test]
    fn all_that_is_wrong_with_an_alternative_must_be_waived() {
        let broken = [access("a.b", 0), violation("a.b", 0, rules::schema_exists::missing("a"))];
        assert_eq!(let_pass(&broken, &[waiver(1, "a.b", &["access"])]), None);
        let both = [waiver(1, "a.b", &["access"]), waiver(2, "a.b", &["schema-exists"])];
        assert_eq!(let_pass(&broken, &both), Some(BTreeSet::from([1, 2])));
    }

    #[test]
    fn one_alternative_is_enough() {
        let broken = [access("a.b", 0), access("a.c", 1)];
        assert_eq!(let_pass(&broken, &[waiver(3, "a.c", &["access"])]), Some(BTreeSet::from([3])));
    }

    #[test]
    fn a_wildcard_path_is_about_its_schema_and_no_other() {
        let waivers = [waiver(4, "a.*", &["access"])];
        assert_eq!(let_pass(&[access("a.\"B\"", 0)], &waivers), Some(BTreeSet::from([4])));
        assert_eq!(let_pass(&[access("b.a", 0)], &waivers), None);
        assert_eq!(let_pass(&[access("a.b", 0)], &[waiver(5, "a.c", &["access"])]), None);
    }
}
