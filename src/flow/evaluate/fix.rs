//! What would have let a change through: told from what the catalogs held when the transaction began.

use std::collections::BTreeSet;

use integratedb_claim::fix::{Change, Named, as_fields, as_pattern, fixes};
use integratedb_claim::path::{Path, display_relation};
use integratedb_claim::report::{Report, SHOWN};
use integratedb_claim::rules::{column_exists, column_type, max_length, min_length, relation_exists};
use integratedb_claim::state::{Claim, ClaimedRelation, Status};
use integratedb_claim::validate::Violation;
use pgrx::pg_sys;

use super::{Evaluation, Judged, Phase};
use crate::pg::catalog::{Reader as CatalogReader, column_number_before};
use crate::pg::settings::{self, Validation};

impl Evaluation<'_> {
    /// Adds to the HINT what to do instead. Not to the warning of a statement that the transaction may still mend.
    pub(super) fn with_fixes(&self, mut report: Report, broken: &[&Judged]) -> Report {
        if self.phase == Phase::Statement && settings::validation() != Validation::Immediate {
            return report;
        }
        let mut changes = BTreeSet::new();
        let mut now = CatalogReader::default();
        let violations =
            broken.iter().flat_map(|judged| judged.judgement.violations.iter().map(move |one| (judged, one)));
        // As many as the report shows.
        for (judged, violation) in violations.take(SHOWN) {
            let claim = judged.stored.baseline().unwrap_or(&judged.stored.claim);
            let number = violation.place.0;
            let oid = judged.stored.oids.get(number).copied().flatten();
            // What was not met before has not been taken away now.
            let alternative = claim.alternatives.get(number).filter(|one| one.status == Status::Met);
            if let (Some(alternative), Some(oid)) = (alternative, oid) {
                changes.extend(change(claim, alternative, oid, violation, &mut now));
            }
        }
        changes.retain(|change| !self.is_announced(change));
        let lines = fixes(&changes);
        if !lines.is_empty() {
            let hint = report.hint.map(|hint| hint + "\n").unwrap_or_default();
            report.hint = Some(hint + &lines.join("\n"));
        }
        report
    }

    /// Whether it is deprecated already.
    fn is_announced(&self, change: &Change) -> bool {
        let Change::Dropped { path, column } = change else { return false };
        self.notices.iter().any(|notice| {
            display_relation(&notice.schema, &notice.relation) == *path
                && (notice.column.is_none() || notice.column == *column)
        })
    }
}

/// What has been done to what a violation is about; `None` where it is something else.
fn change(
    claim: &Claim,
    alternative: &ClaimedRelation,
    oid: pg_sys::Oid,
    violation: &Violation,
    now: &mut CatalogReader,
) -> Option<Change> {
    let relation_name = alternative.relation_name()?;
    let path = alternative.path();
    let named = if claim.derived {
        let path = Path::Wildcard { schema: alternative.schema.clone() }.to_string();
        Named::Wildcard { path, pattern: as_pattern(relation_name) }
    } else if alternative.every_column {
        Named::EveryColumn
    } else {
        Named::ByName
    };
    let relation = now.relation(oid);
    let code = violation.rule().code;
    let Some(column) = violation.column.clone() else {
        let is_absent = code == relation_exists::RULE.code;
        return match relation {
            None if is_absent => Some(Change::Dropped { path, column: None }),
            Some(relation)
                if is_absent
                    && (relation.schema.as_str(), relation.name.as_str())
                        != (alternative.schema.as_str(), relation_name) =>
            {
                let columns = alternative.fields.iter().filter_map(|field| field.columns.first());
                let fields = as_fields(alternative.every_column, columns.map(|column| column.name.to_string()));
                let new = display_relation(&relation.schema, &relation.name);
                Some(Change::RelationRenamed { path, named, fields, new })
            }
            _ => None,
        };
    };
    let number = column_number_before(oid, &column)?;
    let field = alternative.fields.iter().find(|field| field.columns.iter().any(|one| one.name == column));
    let accepted = match field {
        Some(field) => field.columns.iter().map(|one| one.name.to_string()).collect(),
        None => vec![column.clone()],
    };
    let now = relation.as_ref().and_then(|relation| relation.columns.iter().find(|one| one.number == number));
    let is_absent = code == column_exists::RULE.code;
    let is_type = [column_type::RULE.code, min_length::RULE.code, max_length::RULE.code].contains(&code);
    match now {
        // A name that is accepted already has come with another shape: there is nothing to add.
        Some(now) if (is_absent || is_type) && accepted.iter().any(|one| *one == now.name) && now.name != column => {
            None
        }
        // Of the wrong type, if another column has taken the name.
        Some(now) if (is_absent || is_type) && now.name != column => {
            let new = now.name.to_string();
            Some(Change::ColumnRenamed { path, named, accepted, old: column, new })
        }
        Some(_) if is_type => Some(Change::ColumnRetyped { path, named, accepted, column }),
        None if is_absent => Some(Change::Dropped { path, column: Some(column) }),
        _ => None,
    }
}
