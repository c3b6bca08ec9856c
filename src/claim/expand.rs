//! A document and the catalogs become claims with complete shapes.

use crate::catalog::{Catalog, Relation};
use crate::document::{ColumnRequirement, Document, Fields, Match, RelationMatch};
use crate::nearest::nearest;
use crate::path::Path;
use crate::privilege::Reader;
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind};
use crate::rules;
use crate::state::{Claim, ClaimedColumn, ClaimedField, ClaimedRelation, Shape, Status};
use crate::validate::{Violation, judge};

/// Names for "did you mean", looked up only when something is missing.
pub trait Names {
    /// Claimable relations of a schema.
    fn relations(&self, schema: &str) -> Vec<String>;
    /// Schemas.
    fn schemas(&self) -> Vec<String>;
    /// Whether near names are looked for at all.
    fn is_wanted(&self) -> bool {
        true
    }
}

struct NoNames;

impl Names for NoNames {
    fn is_wanted(&self) -> bool {
        false
    }

    fn relations(&self, _schema: &str) -> Vec<String> {
        Vec::new()
    }

    fn schemas(&self) -> Vec<String> {
        Vec::new()
    }
}

/// For so many problems a near name is looked for.
const HINTED: usize = 20;

/// Expands every match of `document`; the claims are numbered by their position here and met, or pending if optional.
///
/// `catalog` holds the relations that the document names and all relations of the schemas of its wildcard paths.
///
/// # Errors
/// Every match that cannot be claimed, with every reason. With `sync`, none: what is not met is kept as it is.
pub fn expand(
    document: &Document,
    stakeholder: &str,
    catalog: &Catalog,
    reader: Option<&Reader>,
    names: &dyn Names,
    sync: bool,
) -> Result<Vec<Claim>, Vec<Problem>> {
    let mut claims = Vec::new();
    let mut problems = Vec::new();
    for (number, entry) in document.matches.iter().enumerate() {
        let claim = fresh(entry, number as i32, stakeholder, catalog);
        let judgement = judge(&claim, catalog, reader, false);
        let mut next = judgement.next;
        if next.status == Status::Pending && !next.optional {
            if sync {
                accept_what_is_left(&mut next, catalog);
            } else {
                for violation in &judgement.violations {
                    // Looking for near names costs names times problems: nobody reads so many hints.
                    let names = if problems.len() < HINTED { names } else { &NoNames };
                    problems.push(problem(violation, entry, catalog, names));
                }
                if problems.len() >= MAX_PROBLEMS {
                    break;
                }
            }
        }
        let wildcard = matches!(next.alternatives.as_slice(), [ClaimedRelation { relation: None, .. }]);
        if wildcard {
            let schema = next.alternatives[0].schema.clone();
            for relation in catalog.relations_in(&schema) {
                claims.extend(derive(&next, relation, catalog, reader));
            }
        }
        claims.push(next);
    }
    if problems.is_empty() { Ok(claims) } else { Err(problems) }
}

/// For a claim that today's catalogs do not meet: it is unmet, and what is left of it is taken as it is now.
fn accept_what_is_left(claim: &mut Claim, catalog: &Catalog) {
    claim.status = Status::Unmet;
    for alternative in &mut claim.alternatives {
        let Some(name) = &alternative.relation else { continue };
        let Some(relation) = catalog.relation(&alternative.schema, name) else { continue };
        alternative.status = Status::Unmet;
        for column in alternative.fields.iter_mut().flat_map(|field| &mut field.columns) {
            match relation.column(&column.name) {
                Some(found) if column.status == Status::Met => column.observed = Some(Shape::of(found)),
                _ => column.status = Status::Unmet,
            }
        }
    }
}

/// The claim on `relation` that a wildcard claim makes, if its wildcard takes that relation in.
pub fn derive(wildcard: &Claim, relation: &Relation, catalog: &Catalog, reader: Option<&Reader>) -> Option<Claim> {
    if !catalog.is_wildcard_member(relation) {
        return None;
    }
    let claim = Claim {
        id: 0,
        stakeholder: wildcard.stakeholder.clone(),
        match_number: wildcard.match_number,
        optional: wildcard.optional,
        derived: true,
        alternatives: vec![ClaimedRelation {
            schema: relation.schema.clone(),
            relation: Some(relation.name.clone()),
            every_column: true,
            row_security: false,
            security_invoker: false,
            fields: Vec::new(),
            status: Status::Pending,
        }],
        status: Status::Pending,
    };
    Some(judge(&claim, catalog, reader, false).next)
}

/// A match as a claim that nothing has been seen of yet.
fn fresh(entry: &Match, number: i32, stakeholder: &str, catalog: &Catalog) -> Claim {
    Claim {
        id: 0,
        stakeholder: stakeholder.to_owned(),
        match_number: number,
        optional: entry.optional,
        derived: false,
        alternatives: entry.alternatives.iter().map(|alternative| fresh_relation(alternative, catalog)).collect(),
        status: Status::Pending,
    }
}

fn fresh_relation(alternative: &RelationMatch, catalog: &Catalog) -> ClaimedRelation {
    let fields = match &alternative.fields {
        Fields::None | Fields::All => Vec::new(),
        Fields::Named(fields) => fields
            .iter()
            .map(|field| ClaimedField {
                optional: field.optional,
                columns: field.alternatives.iter().map(|column| fresh_column(column, catalog)).collect(),
                status: Status::Pending,
            })
            .collect(),
    };
    ClaimedRelation {
        schema: alternative.path.schema().to_owned(),
        relation: alternative.path.relation().map(str::to_owned),
        every_column: alternative.fields == Fields::All && matches!(alternative.path, Path::Relation { .. }),
        row_security: false,
        security_invoker: false,
        fields,
        status: Status::Pending,
    }
}

fn fresh_column(column: &ColumnRequirement, catalog: &Catalog) -> ClaimedColumn {
    ClaimedColumn {
        name: column.name.clone(),
        declared_type: column.type_name.as_ref().and_then(|text| catalog.types.get(text)).cloned(),
        min_length: column.min_length,
        is_nullable: column.is_nullable,
        observed: None,
        status: Status::Pending,
    }
}

/// A violation, as a problem of the document.
fn problem(violation: &Violation, entry: &Match, catalog: &Catalog, names: &dyn Names) -> Problem {
    let (alternative, place) = violation.place;
    let alternative = &entry.alternatives[alternative];
    let json_path = match (&alternative.fields, place) {
        (Fields::Named(fields), Some((field, column))) => fields[field].alternatives[column].json_path.clone(),
        _ => alternative.json_path.clone(),
    };
    let finding = &violation.finding;
    let near_or = |near: Option<&str>, otherwise: String| match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => otherwise,
    };
    const LITERAL: &str = "names are literal and case-sensitive";
    let schema = alternative.path.schema();
    let missing_schema = || {
        let names = names.schemas();
        let near = nearest(schema, names.iter().map(String::as_str));
        (format!("schema \"{schema}\" does not exist"), near_or(near, format!("{LITERAL}; \\dn lists the schemas")))
    };
    let mut kind = finding.rule.problem;
    let (message, hint) = match (finding.rule.code, alternative.path.relation(), &violation.column) {
        (code, ..) if code == rules::schema_exists::RULE.code => missing_schema(),
        (code, Some(relation), _) if code == rules::relation_exists::RULE.code => {
            if catalog.relation(schema, relation).is_some() {
                kind = ProblemKind::WrongObject;
                let message = format!("{} is {}, which cannot be claimed", violation.path, finding.actual);
                (message, "claim a table, view, materialized view or foreign table".to_owned())
            } else if catalog.schema(schema).is_none() {
                kind = ProblemKind::UndefinedSchema;
                missing_schema()
            } else {
                let names = names.relations(schema);
                let near = nearest(relation, names.iter().map(String::as_str));
                let otherwise = format!("{LITERAL}, and written as schema.relation");
                (format!("relation {} does not exist", violation.path), near_or(near, otherwise))
            }
        }
        (code, Some(relation), Some(column)) if code == rules::column_exists::RULE.code => {
            let columns = catalog.relation(schema, relation).map(|relation| &relation.columns[..]).unwrap_or_default();
            let columns = if names.is_wanted() { columns } else { &[] };
            let near = nearest(column, columns.iter().map(|column| column.name.as_str()));
            let otherwise = format!("{LITERAL}; \\d {} lists the columns", violation.path);
            (format!("column \"{column}\" of {} does not exist", violation.path), near_or(near, otherwise))
        }
        (_, _, column) => {
            let of = column.as_ref().map(|column| format!("column \"{column}\" of ")).unwrap_or_default();
            let message = format!("{of}{}: expected {}, found {}", violation.path, finding.expected, finding.actual);
            (message, "declare what the column is, or leave the property out to take it as it is".to_owned())
        }
    };
    let hint = Some(hint);
    Problem { json_path, kind, message, hint }
}
