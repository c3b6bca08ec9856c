//! A document and the catalogs become claims with complete shapes.

use crate::catalog::{Catalog, CollationName, Relation};
use crate::document::{self, ColumnRequirement, Document, Fields, Match, RelationMatch};
use crate::like;
use crate::nearest::nearest;
use crate::path::Path;
use crate::privilege::{Privilege, PrivilegeSet, Reader};
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind, json_index, json_key};
use crate::rules;
use crate::state::{
    Claim, ClaimedColumn, ClaimedField, ClaimedRelation, Declared, FunctionRequirement, ObjectKind, Requirements,
    Shape, Status, Strictness,
};
use crate::types::{DeclaredType, TypeName};
use crate::validate::{Violation, WITHOUT_ACCESS, judge};

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
        let judgement = judge(&claim, catalog, reader, WITHOUT_ACCESS);
        let mut next = judgement.next;
        if next.status == Status::Pending && !next.optional && !next.pending {
            if sync {
                accept_what_is_left(&mut next, catalog);
            } else {
                for violation in judgement.violations.iter().filter(|violation| !is_known(violation, entry, catalog)) {
                    // Looking for near names costs names times problems: nobody reads so many hints.
                    let names = if problems.len() < HINTED { names } else { &NoNames };
                    problems.push(problem(violation, entry, catalog, names));
                }
                if problems.len() >= MAX_PROBLEMS {
                    break;
                }
            }
        }
        if !sync {
            problems.extend(misnamed(&next, entry, catalog, names));
        }
        if matches!(next.alternatives.as_slice(), [only] if only.is_wildcard()) {
            let schema = next.alternatives[0].schema.clone();
            for relation in catalog.relations_in(&schema) {
                claims.extend(derive(&next, relation, catalog, reader));
            }
        }
        claims.push(next);
    }
    if problems.is_empty() { Ok(claims) } else { Err(problems) }
}

/// What is pinned stays as it was when it was claimed, also when the document is expanded again.
pub fn keep_pins(claim: &Claim, before: &Claim, catalog: &Catalog, reader: Option<&Reader>) -> Claim {
    let columns = |claim: &ClaimedRelation| claim.fields.iter().flat_map(|field| &field.columns).cloned().collect();
    let mut pinned = claim.clone();
    let mut has_pins = false;
    for (alternative, before) in pinned.alternatives.iter_mut().zip(&before.alternatives) {
        let name = alternative.relation_name().unwrap_or_default();
        let is_protected = catalog.protection(&alternative.schema, name).is_some();
        if let Some(relation) = catalog.relation(&alternative.schema, name)
            && alternative.every_column
            && (is_protected || !before.left_out.is_empty())
        {
            // So does an exception that has followed its column through a rename, and what `*` took before it was protected.
            alternative.left_out.clone_from(&before.left_out);
            alternative.fields.clone_from(&before.fields);
            alternative.fields.retain(|field| field.columns.iter().all(|c| relation.column(&c.name).is_some()));
            alternative.fields.iter_mut().flat_map(|field| &mut field.columns).for_each(|c| c.observed = None);
            has_pins = true;
        }
        let before: Vec<ClaimedColumn> = columns(before);
        for column in alternative.fields.iter_mut().flat_map(|field| &mut field.columns) {
            if column.strictness != Strictness::Pinned {
                continue;
            }
            let known = before.iter().find(|known| known.name == column.name).and_then(|known| known.observed.clone());
            has_pins |= known.is_some();
            column.observed = known.or(column.observed.take());
        }
    }
    if has_pins { judge(&pinned, catalog, reader, WITHOUT_ACCESS).next } else { pinned }
}

/// A type that does not exist is a problem of its own: that no column has it is no news.
fn is_known(violation: &Violation, entry: &Match, catalog: &Catalog) -> bool {
    let (alternative, place) = violation.place;
    let alternative = &entry.alternatives[alternative];
    let unknown = |text: &String| !catalog.types.contains_key(text);
    match (&alternative.fields, place) {
        (Fields::Named(fields), Some((field, column))) => {
            let column = &fields[field].alternatives[column];
            violation.rule().code == rules::column_type::RULE.code && column.types.iter().any(unknown)
                || violation.rule().code == rules::collation::RULE.code
                    && column.collation.iter().any(|text| !catalog.collations.contains_key(text))
        }
        _ => alternative
            .function
            .as_ref()
            .is_some_and(|function| function.arguments.iter().chain(&function.returns).any(unknown)),
    }
}

/// For a claim that today's catalogs do not meet: it is unmet, and what is left of it is taken as it is now.
fn accept_what_is_left(claim: &mut Claim, catalog: &Catalog) {
    claim.status = Status::Unmet;
    for alternative in &mut claim.alternatives {
        let Some(name) = alternative.relation_name() else { continue };
        let Some(relation) = catalog.relation(&alternative.schema, name) else { continue };
        alternative.status = Status::Unmet;
        for column in alternative.fields.iter_mut().flat_map(|field| &mut field.columns) {
            match relation.column(&column.name) {
                Some(found) if column.status == Status::Met && column.strictness != Strictness::Declared => {
                    column.observed = Some(Shape::of(found));
                }
                Some(_) if column.status == Status::Met => {}
                _ => column.status = Status::Unmet,
            }
        }
    }
}

/// What works otherwise than a reader of the document may think: each a sentence.
pub fn notes(document: &Document) -> Vec<String> {
    let mut notes = Vec::new();
    let all = || document.matches.iter().flat_map(|entry| &entry.alternatives);
    for alternative in all() {
        let gives = |alternative: &RelationMatch, privilege: Privilege| match &alternative.fields {
            Fields::Named(fields) if privilege.is_of_columns() => {
                fields.iter().flat_map(|field| &field.alternatives).any(|column| column.privileges.contains(privilege))
            }
            Fields::None if privilege.is_of_columns() => false,
            _ => alternative.privileges.contains(privilege),
        };
        let has = |privilege| gives(alternative, privilege);
        let blind = [Privilege::Update, Privilege::Delete].into_iter().filter(|privilege| has(*privilege));
        if alternative.kind != ObjectKind::Relation || has(Privilege::Select) || blind.clone().next().is_none() {
            continue;
        }
        // Another match on the relation may read it.
        if all().any(|other| other.path == alternative.path && gives(other, Privilege::Select)) {
            continue;
        }
        for privilege in blind {
            let (name, path) = (privilege.as_str(), &alternative.path);
            notes.push(format!("{name} on {path} without select: it works without WHERE only, and without RETURNING"));
        }
    }
    notes
}

/// The claim on `relation` that a wildcard claim makes, if its wildcard takes that relation in.
pub fn derive(wildcard: &Claim, relation: &Relation, catalog: &Catalog, reader: Option<&Reader>) -> Option<Claim> {
    let requirements = wildcard.alternatives.first().and_then(|alternative| alternative.requirements.as_ref());
    let is_excepted =
        |requirements: &Requirements| requirements.except.iter().any(|pattern| like::matches(pattern, &relation.name));
    if !catalog.is_wildcard_member(relation) || requirements.is_some_and(|requirements| is_excepted(requirements)) {
        return None;
    }
    // Its patterns are of relations, not of columns.
    // What the relation does not take is no part of it: who asked for all of the schema has not asked for that.
    let taken = catalog.writable.get(&relation.oid).map_or(PrivilegeSet::WRITES, |writable| writable.commands);
    let refused = PrivilegeSet::WRITES.and_not(taken);
    let requirements = requirements.map(|own| Requirements {
        privileges: own.privileges.and_not(refused),
        except: Vec::new(),
        acknowledge_protected: false,
        ..(**own).clone()
    });
    if requirements.as_ref().is_some_and(|own| own.privileges.is_empty()) {
        return None;
    }
    let claim = Claim {
        id: 0,
        stakeholder: wildcard.stakeholder.clone(),
        match_number: wildcard.match_number,
        optional: wildcard.optional,
        pending: wildcard.pending,
        derived: true,
        alternatives: vec![ClaimedRelation {
            schema: relation.schema.clone(),
            relation: Some(relation.name.clone()),
            every_column: true,
            requirements: requirements.filter(|own| *own != Requirements::default()).map(Box::new),
            status: Status::Pending,
            ..ClaimedRelation::default()
        }],
        status: Status::Pending,
        reason: None,
    };
    Some(judge(&claim, catalog, reader, WITHOUT_ACCESS).next)
}

/// What a match names that must be there to be meant: an exception that hits nothing would let through what it was to
/// keep back. And what it may not take.
fn misnamed(claim: &Claim, entry: &Match, catalog: &Catalog, names: &dyn Names) -> Vec<Problem> {
    let mut problems = Vec::new();
    for alternative in &entry.alternatives {
        let Path::Relation { schema, relation } = &alternative.path else { continue };
        let Some(relation) = catalog.relation(schema, relation).filter(|_| alternative.kind == ObjectKind::Relation)
        else {
            continue;
        };
        if !claim.pending && alternative.fields == Fields::All {
            for (index, name) in alternative.except.iter().enumerate() {
                if relation.column(name).is_none() {
                    let columns = if names.is_wanted() { &relation.columns[..] } else { &[] };
                    let near = nearest(name, columns.iter().map(|column| column.name.as_str()));
                    problems.push(Problem {
                        json_path: json_index(&json_key(&alternative.json_path, "except"), index),
                        kind: ProblemKind::UndefinedColumn,
                        message: format!("column \"{name}\" of {} does not exist", alternative.path),
                        hint: Some(match near {
                            Some(near) => format!("did you mean \"{near}\"?"),
                            None => "an exception that excepts nothing is a mistake".to_owned(),
                        }),
                    });
                }
            }
        }
        problems.extend(takes_protected(alternative, relation, catalog));
    }
    problems
}

/// An explicit claim takes what is protected only if it says that it knows.
fn takes_protected(alternative: &RelationMatch, relation: &Relation, catalog: &Catalog) -> Vec<Problem> {
    let Some(protection) = catalog.protection(&relation.schema, &relation.name) else { return Vec::new() };
    if alternative.acknowledge_protected {
        return Vec::new();
    }
    let problem = |json_path: &str, what: String| Problem {
        json_path: json_path.to_owned(),
        kind: ProblemKind::Forbidden,
        message: format!("{what} is protected"),
        hint: Some(
            "see integratedb.protections; to claim it all the same write \"acknowledge_protected\": true in its match"
                .to_owned(),
        ),
    };
    if protection.whole {
        return vec![problem(&alternative.json_path, alternative.path.to_string())];
    }
    let Fields::Named(fields) = &alternative.fields else { return Vec::new() };
    let columns = fields.iter().flat_map(|field| &field.alternatives);
    columns
        .filter(|column| protection.columns.contains(&column.name))
        .map(|column| problem(&column.json_path, format!("column \"{}\" of {}", column.name, alternative.path)))
        .collect()
}

/// A match as a claim that nothing has been seen of yet.
fn fresh(entry: &Match, number: i32, stakeholder: &str, catalog: &Catalog) -> Claim {
    Claim {
        id: 0,
        stakeholder: stakeholder.to_owned(),
        match_number: number,
        optional: entry.optional,
        pending: entry.pending,
        derived: false,
        alternatives: entry.alternatives.iter().map(|alternative| fresh_relation(alternative, catalog)).collect(),
        status: Status::Pending,
        reason: None,
    }
}

/// One path of a match, of which nothing has been seen yet: with it the server knows what to load.
pub fn fresh_relation(alternative: &RelationMatch, catalog: &Catalog) -> ClaimedRelation {
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
    let resolved = |text: &String| resolved(text, catalog).name;
    let requirements = Requirements {
        privileges: alternative.privileges,
        strictness: alternative.strictness,
        on_break: alternative.on_break,
        except: alternative.except.clone(),
        acknowledge_protected: alternative.acknowledge_protected,
        keys: alternative.keys.clone(),
        references: alternative.references.clone(),
        indexed: alternative.indexed.clone(),
        function: alternative.function.as_ref().map(|function| FunctionRequirement {
            arguments: function.arguments.iter().map(resolved).collect(),
            returns: function.returns.as_ref().map(resolved),
            returns_set: function.returns_set,
            allow_security_definer: function.allow_security_definer,
        }),
        labels: alternative.labels.clone(),
    };
    ClaimedRelation {
        kind: alternative.kind,
        schema: alternative.path.schema().to_owned(),
        relation: alternative.path.relation().map(str::to_owned),
        every_column: alternative.fields == Fields::All && matches!(alternative.path, Path::Relation { .. }),
        requirements: (requirements != Requirements::default()).then(|| Box::new(requirements)),
        fields,
        status: Status::Pending,
        ..ClaimedRelation::default()
    }
}

/// A declared type. One that the server does not know any more is required all the same, under the name that it had.
fn resolved(text: &str, catalog: &Catalog) -> DeclaredType {
    catalog.types.get(text).cloned().unwrap_or_else(|| DeclaredType { name: TypeName::unknown(text), modifier: -1 })
}

fn fresh_column(column: &ColumnRequirement, catalog: &Catalog) -> ClaimedColumn {
    let declared = Declared {
        types: column.types.iter().map(|text| resolved(text, catalog)).collect(),
        min_length: column.min_length,
        max_length: column.max_length,
        is_nullable: column.is_nullable,
        collation: column.collation.as_ref().map(|text| match catalog.collations.get(text) {
            Some(found) => found.clone(),
            None => {
                let named = document::collation_candidates(text).into_iter().next().unwrap_or_default();
                CollationName { schema: named.0, name: named.1 }
            }
        }),
        generated: column.generated,
        has_default: column.has_default,
        labels: column.labels.clone(),
    };
    ClaimedColumn {
        name: column.name.as_str().into(),
        declared: (declared != Declared::default()).then(|| Box::new(declared)),
        strictness: column.strictness,
        privileges: column.privileges,
        observed: None,
        status: Status::Pending,
    }
}

/// Which of the keys, references or indexes of a match a violation is about.
fn constraint_path(violation: &Violation, alternative: &RelationMatch) -> Option<String> {
    let expected = &violation.finding.expected;
    let code = violation.rule().code;
    let is = |shown: String| shown == *expected;
    let (key, index) = if code == rules::unique_key::RULE.code {
        ("keys", alternative.keys.iter().position(|key| is(rules::unique_key::display(key)))?)
    } else if code == rules::index::RULE.code {
        ("indexed", alternative.indexed.iter().position(|columns| is(rules::index::display(columns)))?)
    } else if code == rules::foreign_key::RULE.code {
        ("references", alternative.references.iter().position(|reference| is(reference.display()))?)
    } else {
        return None;
    };
    Some(json_index(&json_key(&alternative.json_path, key), index))
}

/// A violation, as a problem of the document.
fn problem(violation: &Violation, entry: &Match, catalog: &Catalog, names: &dyn Names) -> Problem {
    let (alternative, place) = violation.place;
    let alternative = &entry.alternatives[alternative];
    let json_path = match (&alternative.fields, place) {
        (Fields::Named(fields), Some((field, column))) => fields[field].alternatives[column].json_path.clone(),
        _ => constraint_path(violation, alternative).unwrap_or_else(|| alternative.json_path.clone()),
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
        (code, ..) if code == rules::function_exists::RULE.code => {
            let hint = "names and types of arguments must be exactly these; \\df lists the functions";
            (format!("function {} does not exist: found {}", violation.path, finding.actual), hint.to_owned())
        }
        (code, ..) if [rules::sequence_exists::RULE.code, rules::type_exists::RULE.code].contains(&code) => {
            let kind = alternative.kind.as_str();
            match alternative.path.relation().and_then(|name| catalog.relation(schema, name)) {
                Some(other) => {
                    let message = format!("{} is {}, not a {kind}", violation.path, other.kind);
                    (message, "claim a relation by \"path\"".to_owned())
                }
                None => (format!("{kind} {} does not exist", violation.path), LITERAL.to_owned()),
            }
        }
        (code, ..) if code == rules::updatable_relation::RULE.code => {
            let message = format!("{}: expected {}, found {}", violation.path, finding.expected, finding.actual);
            (message, "leave these privileges out, or claim the table below it".to_owned())
        }
        (_, _, column) if kind != ProblemKind::WrongShape || alternative.kind != ObjectKind::Relation => {
            let of = column.as_ref().map(|column| format!("column \"{column}\" of ")).unwrap_or_default();
            let message = format!("{of}{}: expected {}, found {}", violation.path, finding.expected, finding.actual);
            let hint = match kind {
                ProblemKind::MissingConstraint => {
                    "make it first, leave it out of the document, or mark the match \"pending\""
                }
                ProblemKind::WrongShape => "declare what it is, or leave the property out",
                _ => finding.rule.hint,
            };
            (message, hint.to_owned())
        }
        (code, _, Some(column)) if code == rules::insert_column::RULE.code => {
            let message = format!(
                "column \"{column}\" of {} must be supplied by an INSERT, and is not claimed for it",
                violation.path
            );
            (message, "claim the column too, or give it a DEFAULT".to_owned())
        }
        (code, _, Some(column)) if code == rules::writable_column::RULE.code => {
            let (path, actual) = (&violation.path, &finding.actual);
            let message = format!("column \"{column}\" of {path} cannot be written: it is {actual}");
            (message, "write \"insert\": false and \"update\": false for it".to_owned())
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
