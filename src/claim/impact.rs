//! Who depends on a relation or column, and what a change of it would do: judged on catalogs that are changed only as a value.

use std::rc::Rc;

use crate::catalog::Catalog;
use crate::path::display_relation;
use crate::report::one_line;
use crate::state::{Claim, ClaimedRelation, Status};
use crate::types::Type;

pub mod graph;

/// A relation, or some columns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Schema.
    pub schema: String,
    /// Relation.
    pub relation: String,
    /// Columns; none for the relation itself.
    pub columns: Option<Vec<String>>,
}

impl Target {
    /// One column of it, or the relation itself.
    pub fn narrowed(&self, column: Option<&str>) -> Target {
        Target { columns: column.map(|column| vec![column.to_owned()]), ..self.clone() }
    }

    /// Whether a claim names it.
    fn names(&self, claimed: &ClaimedRelation) -> bool {
        claimed.schema == self.schema && claimed.relation_name() == Some(&self.relation)
    }
}

/// What might be done to a target.
#[derive(Debug, Clone)]
pub enum Change {
    /// It goes, under its name: dropped or renamed.
    Goes,
    /// Its columns get another type.
    Type(Rc<Type>, i32),
}

/// The catalogs after a change.
pub fn changed(catalog: &Catalog, target: &Target, change: &Change) -> Catalog {
    let mut after = catalog.clone();
    match (&target.columns, change) {
        (None, Change::Goes) => after.remove(&target.schema, &target.relation, None),
        (None, Change::Type(..)) => {}
        (Some(columns), Change::Goes) => {
            columns.iter().for_each(|column| after.remove(&target.schema, &target.relation, Some(column)));
        }
        (Some(columns), Change::Type(r#type, modifier)) => {
            for column in columns {
                after.retype(&target.schema, &target.relation, column, r#type, *modifier);
            }
        }
    }
    after
}

/// How a claim depends on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The column; none for the relation itself.
    pub column: Option<String>,
    /// `tracked`, `pinned` or `declared`, and `optional` before it.
    pub strictness: String,
    /// What else is acceptable, and whether it is met.
    pub alternatives: Option<String>,
}

/// The ways in which a claim depends on a target: one a column, or one for a relation that is claimed without columns or that
/// the claim rests on by a foreign key alone.
pub fn uses(claim: &Claim, target: &Target) -> Vec<Use> {
    let mut found = Vec::new();
    for (number, claimed) in claim.alternatives.iter().enumerate() {
        let references = claimed
            .requirements()
            .references
            .iter()
            .filter(|one| one.schema == target.schema && one.relation == target.relation);
        for reference in references {
            let columns =
                reference.to.iter().filter(|name| target.columns.as_ref().is_none_or(|all| all.contains(name)));
            found.extend(columns.map(|column| Use {
                column: Some(column.clone()),
                strictness: "reference".to_owned(),
                alternatives: others(claim, number, Vec::new()),
            }));
        }
        if !target.names(claimed) {
            continue;
        }
        let before = found.len();
        for field in &claimed.fields {
            for column in &field.columns {
                if target.columns.as_ref().is_some_and(|columns| !columns.iter().any(|one| *one == column.name)) {
                    continue;
                }
                let beside = field.columns.iter().filter(|other| other.name != column.name);
                let beside = beside.map(|other| format!("{} ({})", other.name, other.status.as_str())).collect();
                found.push(Use {
                    column: Some(column.name.to_string()),
                    strictness: strictness(claim.optional || field.optional, column.strictness.as_str()),
                    alternatives: others(claim, number, beside),
                });
            }
        }
        if found.len() == before && target.columns.is_none() {
            found.push(Use {
                column: None,
                strictness: strictness(claim.optional, claimed.requirements().strictness.as_str()),
                alternatives: others(claim, number, Vec::new()),
            });
        }
    }
    found
}

fn strictness(optional: bool, word: &str) -> String {
    if optional { format!("optional, {word}") } else { word.to_owned() }
}

/// The other alternatives, of a field and of the claim.
fn others(claim: &Claim, number: usize, mut beside: Vec<String>) -> Option<String> {
    let relations = claim.alternatives.iter().enumerate().filter(|(other, _)| *other != number);
    beside.extend(relations.map(|(_, one)| format!("{} ({})", one.path(), one.status.as_str())));
    (!beside.is_empty()).then(|| one_line(&beside.join(", ")))
}

/// What a claim would be without what it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WouldBe {
    /// Met.
    Met,
    /// Unmet, by something past its drop date, for which it stops nobody.
    Void,
    /// Broken.
    Broken,
}

/// What would have to happen before what a claim uses can go.
pub fn before_it_can_go(claim: &Claim, target: &Target, would_be: WouldBe, deprecated_until: Option<&str>) -> String {
    let who = &claim.stakeholder;
    if claim.status != Status::Met {
        return format!("nothing: the claim is {} already", claim.status.as_str());
    }
    match would_be {
        WouldBe::Met => return "nothing: the claim is met without it".to_owned(),
        WouldBe::Void => return "nothing: its drop date has passed".to_owned(),
        WouldBe::Broken => {}
    }
    let what = match target.columns.as_deref() {
        Some([column]) => format!("{column} of {}", display_relation(&target.schema, &target.relation)),
        _ => display_relation(&target.schema, &target.relation),
    };
    one_line(&match deprecated_until {
        Some(day) => format!("{who} claims something else, or {day} passes: it is deprecated"),
        None => format!(
            "{who} claims an alternative to {what} that is met, or unclaims it; or it is deprecated and its day has passed"
        ),
    })
}

#[cfg(test)]
mod tests;
