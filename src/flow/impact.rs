//! Before something is changed: who depends on it, and whether the change would be refused.

use std::rc::Rc;

use integratedb_claim::catalog::Relation;
use integratedb_claim::impact::{Change, Target, WouldBe, before_it_can_go, uses};
use integratedb_claim::nearest::nearest;
use integratedb_claim::path::{Path, display_relation};
use integratedb_claim::report::{SHOWN, one_line};
use pgrx::pg_sys;

use super::deprecation::{column_names, owned};
use super::evolution::Trial;
use super::reader::Roles;
use crate::pg::catalog::{Reader as CatalogReader, namespace_oid};
use crate::pg::ddl::Touched;
use crate::pg::dependents::{self, Dependent};
use crate::pg::error::{Error, Result};
use crate::pg::store::{self, Stored};
use crate::pg::{probe, security, types};

/// One way in which something depends on a relation or column.
pub struct Impact {
    /// `claim`, or the kind of the object.
    pub kind: String,
    /// Of a claim: whose.
    pub stakeholder: Option<String>,
    /// Of a claim: its number.
    pub claim_id: Option<i64>,
    /// Path of the claim, or the object.
    pub object: String,
    /// The column that it depends on.
    pub column: Option<String>,
    /// Of a claim: how closely.
    pub strictness: Option<String>,
    /// Of a claim: what else it accepts.
    pub alternatives: Option<String>,
    /// What would have to happen first.
    pub before_it_can_go: String,
}

/// What a question is about, found and the caller's to ask.
struct Asked {
    relation: Rc<Relation>,
    target: Target,
}

impl Asked {
    fn of(function: &str, caller: pg_sys::Oid, path: &str, fields: Option<&[String]>) -> Result<Asked> {
        let parsed = Path::parse(path).map_err(|error| Error::invalid_path(path, &error.message, &error.hint))?;
        let Path::Relation { schema, relation: name } = parsed else {
            return Err(Error::invalid_path(path, "it is a wildcard", "ask of one relation, as \"schema.relation\""));
        };
        let relation = owned(function, caller, &schema, &name)?;
        let columns = fields.map(column_names).transpose()?;
        let mut unknown = columns.iter().flatten().filter(|column| relation.column(column).is_none());
        if let Some(column) = unknown.next() {
            let near = nearest(column, relation.columns.iter().map(|column| column.name.as_str()));
            return Err(Error::undefined_column(&display_relation(&schema, &name), column, near));
        }
        Ok(Asked { relation, target: Target { schema, relation: name, columns } })
    }

    /// The claims on it, also by what they reference.
    fn claims(&self) -> Result<Vec<Stored>> {
        let mut touched = Touched::default();
        touched.oids.insert(self.relation.oid);
        touched.names.insert((self.target.schema.clone(), self.target.relation.clone()));
        store::load(probe::claims_on(&touched)?)
    }

    fn dependents(&self) -> Result<Vec<Dependent>> {
        let columns = self.target.columns.as_ref();
        let number = |name: &String| self.relation.column(name).map(|column| column.number);
        let numbers = columns.map(|columns| columns.iter().filter_map(number).collect());
        dependents::dependents(self.relation.oid.into(), numbers)
    }
}

/// Everything that depends on a relation, or on columns of it. Writes nothing, and locks no relation of others.
///
/// # Errors
/// 42501 for all but owners of the relation and administrators; 22023, 42602, 42703, 42809, 42P01.
pub fn impact(caller: pg_sys::Oid, path: &str, fields: Option<&[String]>) -> Result<Vec<Impact>> {
    let asked = Asked::of("impact", caller, path, fields)?;
    let mut roles = Roles::default();
    let mut rows = Vec::new();
    for stored in asked.claims()? {
        let claim = &stored.claim;
        let uses = uses(claim, &asked.target);
        if uses.is_empty() {
            continue;
        }
        let trial = Trial::of(claim)?;
        for one in uses {
            let target = asked.target.narrowed(one.column.as_deref());
            let outcome = trial.of_change(&target, &Change::Goes, &mut roles)?;
            let would_be = match outcome.broken {
                Some(_) => WouldBe::Broken,
                None if outcome.is_unmet => WouldBe::Void,
                None => WouldBe::Met,
            };
            let notice = trial.notices.iter().find(|notice| {
                notice.schema == target.schema
                    && notice.relation == target.relation
                    && (notice.column.is_none() || notice.column == one.column)
            });
            let until = notice.and_then(|notice| notice.drop_after.as_deref());
            rows.push(Impact {
                kind: "claim".to_owned(),
                stakeholder: Some(claim.stakeholder.clone()),
                claim_id: Some(claim.id),
                object: claim.path(),
                column: one.column,
                strictness: Some(one.strictness),
                alternatives: one.alternatives,
                before_it_can_go: before_it_can_go(claim, &target, would_be, until),
            });
            pgrx::check_for_interrupts!();
        }
    }
    rows.extend(asked.dependents()?.into_iter().map(|dependent| Impact {
        before_it_can_go: first(&dependent),
        kind: dependent.kind,
        stakeholder: None,
        claim_id: None,
        object: one_line(&dependent.object),
        column: dependent.column,
        strictness: None,
        alternatives: None,
    }));
    Ok(rows)
}

fn first(dependent: &Dependent) -> String {
    match (&dependent.constraint, dependent.kind.as_str()) {
        (Some((table, name)), "foreign_key") => one_line(&format!("drop the constraint {name} of {table}")),
        (_, "view" | "materialized_view") => "replace or drop the view".to_owned(),
        _ => "replace or drop it".to_owned(),
    }
}

/// What speaks against a change of a relation or of columns of it; nothing if it would pass.
///
/// # Errors
/// As [`impact`].
pub fn against_drop(caller: pg_sys::Oid, path: &str, fields: Option<&[String]>) -> Result<Vec<String>> {
    let asked = Asked::of("can_drop", caller, path, fields)?;
    let mut reasons = broken_by(&asked, &Change::Goes)?;
    reasons.extend(asked.dependents()?.iter().map(|dependent| depends(dependent, "is in the way without CASCADE")));
    Ok(bounded(reasons))
}

/// What speaks against another name.
///
/// # Errors
/// As [`impact`].
pub fn against_rename(caller: pg_sys::Oid, path: &str, fields: Option<&[String]>) -> Result<Vec<String>> {
    let asked = Asked::of("can_rename", caller, path, fields)?;
    Ok(bounded(broken_by(&asked, &Change::Goes)?))
}

/// What speaks against another type of a column.
///
/// # Errors
/// As [`impact`]; 42704 for an unknown type.
pub fn against_type(caller: pg_sys::Oid, path: &str, field: &str, r#type: &str) -> Result<Vec<String>> {
    let asked = Asked::of("can_alter_type", caller, path, Some(&[field.to_owned()]))?;
    let (oid, modifier) = types::locate(r#type).map_err(|(message, hint)| Error::undefined_type(&message, hint))?;
    let change = Change::Type(CatalogReader::default().r#type(oid), modifier);
    let mut reasons = broken_by(&asked, &change)?;
    // A foreign key is made anew by the server, and a child altered with its parent.
    let refused = |dependent: &&Dependent| !matches!(dependent.kind.as_str(), "foreign_key" | "table");
    let dependents = asked.dependents()?;
    reasons.extend(dependents.iter().filter(refused).map(|one| depends(one, "uses the column")));
    Ok(bounded(reasons))
}

fn broken_by(asked: &Asked, change: &Change) -> Result<Vec<String>> {
    let mut roles = Roles::default();
    let mut reasons = Vec::new();
    for stored in asked.claims()? {
        if let Some(violations) = Trial::of(&stored.claim)?.of_change(&asked.target, change, &mut roles)?.broken {
            let (who, id) = (&stored.claim.stakeholder, stored.claim.id);
            if violations.is_empty() {
                reasons.push(format!("claim {id} of {who} has nothing left but what is deprecated"));
            }
            reasons.extend(violations.iter().map(|violation| format!("claim {id} of {who}: {}", violation.reason())));
        }
    }
    Ok(reasons)
}

fn depends(dependent: &Dependent, why: &str) -> String {
    let what = match dependent.kind.as_str() {
        "view" | "materialized_view" | "table" => format!("{} {}", dependent.kind.replace('_', " "), dependent.object),
        _ => dependent.object.clone(),
    };
    let on = dependent.column.iter().map(|column| format!(" (by column {column})")).collect::<String>();
    one_line(&format!("{what}{on} {why}"))
}

fn bounded(mut reasons: Vec<String>) -> Vec<String> {
    if reasons.len() > SHOWN {
        let left_out = reasons.len() - SHOWN;
        reasons.truncate(SHOWN);
        reasons.push(format!("and {left_out} more"));
    }
    reasons
}

/// Claimed relations and who claims them, as Mermaid text: of all schemas or of one; for administrators, others see relations
/// that they own.
///
/// # Errors
/// 3F000 for a schema that does not exist.
pub fn graph(caller: pg_sys::Oid, schema: Option<&str>) -> Result<String> {
    if let Some(schema) = schema.filter(|schema| namespace_oid(schema).is_none()) {
        return Err(Error::undefined_schema(schema));
    }
    let only_of = (!security::is_admin(caller)?).then_some(caller);
    Ok(dependents::graph(schema, only_of)?.mermaid())
}
