//! From JSON to a document: everything that needs no catalog is checked, and all problems are collected.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

use super::{
    ColumnRequirement, Field, Fields, MAX_ALTERNATIVES, MAX_FIELDS, MAX_MATCHES, MAX_MIN_LENGTH, MAX_TYPE_BYTES, Match,
    RelationMatch,
};
use crate::path::{Path, parse_column_name};
use crate::problem::{Object, ProblemKind, Problems, describe, json_key, present, quoted};

const RELATION_KEYS: [&str; 2] = ["path", "fields"];
const MATCH_KEYS: [&str; 4] = ["path", "fields", "optional", "alternatives"];
const COLUMN_KEYS: [&str; 4] = ["name", "type", "min_length", "is_nullable"];
const FIELD_KEYS: [&str; 6] = ["name", "type", "min_length", "is_nullable", "optional", "alternatives"];
const DOCUMENT_FORM: &str = r#"write {"match": [...]}"#;
const MATCH_FORM: &str = r#"write {"path": "schema.relation", "fields": [...]}"#;
const FIELD_FORM: &str = r#"write a column's name, or {"name": ..., "type": ...}"#;
const TYPE_FORM: &str = r#"write the name of a type, as "varchar(40)""#;
const ALL_FORM: &str = r#"write "fields": ["*"] for every column, or "\"*\"" for a column of that name"#;

// A decoding function returns `None` only after it noted a problem. It may also return a value after noting one: no value
// of a document with problems is ever used.

pub(super) fn decode_document(problems: &mut Problems, value: &Value) -> Option<Vec<Match>> {
    let object = problems.object(value, "$", "a claim document", DOCUMENT_FORM)?;
    problems.check_keys(object, "$", "a claim document", &["match"]);
    let list = problems.required(object, "$", "match", DOCUMENT_FORM)?;
    let matches = problems.list(list, "$.match", "matches", MAX_MATCHES, decode_match)?;
    let mut seen = HashMap::new();
    for entry in &matches {
        // A plain path stands where its match does, an alternative below it.
        let is_plain = |relation: &&RelationMatch| relation.json_path == entry.json_path;
        let plain = entry.alternatives.iter().filter(is_plain);
        check_distinct_paths(problems, plain, &mut seen);
        let alternatives = entry.alternatives.iter().filter(|relation| !is_plain(relation));
        check_distinct_paths(problems, alternatives, &mut HashMap::new());
    }
    Some(matches)
}

fn decode_match(problems: &mut Problems, value: &Value, at: String) -> Option<Match> {
    let object = problems.object(value, &at, "a match", MATCH_FORM)?;
    problems.check_keys(object, &at, "a match", &MATCH_KEYS);
    let optional = problems.boolean(object, &at, "optional").unwrap_or(false);
    let alternatives = match present(object, "alternatives") {
        None => vec![decode_relation(problems, object, at.clone())?],
        Some(list) => {
            check_none_beside(problems, object, &at, &RELATION_KEYS);
            decode_alternatives(problems, list, &at, decode_alternative_relation)?
        }
    };
    Some(Match { optional, alternatives, json_path: at })
}

fn decode_alternatives<T>(
    problems: &mut Problems,
    value: &Value,
    at: &str,
    decode: fn(&mut Problems, &Value, String) -> Option<T>,
) -> Option<Vec<T>> {
    let at = json_key(at, "alternatives");
    let list = problems.list(value, &at, "alternatives", MAX_ALTERNATIVES, decode)?;
    if value.as_array().is_some_and(Vec::is_empty) {
        problems.malformed(&at, "\"alternatives\" must hold at least one alternative", None);
    }
    Some(list)
}

fn check_none_beside(problems: &mut Problems, object: &Object, at: &str, keys: &[&str]) {
    for key in keys.iter().filter(|key| present(object, key).is_some()) {
        let message = format!("{} cannot stand beside \"alternatives\"", quoted(key));
        problems.malformed(&json_key(at, key), message, Some("move it into the alternatives"));
    }
}

fn decode_alternative_relation(problems: &mut Problems, value: &Value, at: String) -> Option<RelationMatch> {
    let object = problems.object(value, &at, "an alternative of a match", MATCH_FORM)?;
    problems.check_keys(object, &at, "an alternative of a match", &RELATION_KEYS);
    let relation = decode_relation(problems, object, at)?;
    if matches!(relation.path, Path::Wildcard { .. }) {
        let at = json_key(&relation.json_path, "path");
        let hint = "name one relation, or claim the schema in a match of its own";
        problems.malformed(&at, "a wildcard path cannot be an alternative", Some(hint));
    }
    Some(relation)
}

fn decode_relation(problems: &mut Problems, object: &Object, at: String) -> Option<RelationMatch> {
    let path = decode_path(problems, object, &at);
    let fields = decode_fields(problems, object, &at);
    let (path, fields) = (path?, fields?);
    if matches!(path, Path::Wildcard { .. }) && fields != Fields::All {
        let message = "a wildcard path must claim every column";
        problems.malformed(&json_key(&at, "fields"), message, Some(r#"write "fields": ["*"]"#));
    }
    Some(RelationMatch { path, fields, json_path: at })
}

fn decode_path(problems: &mut Problems, object: &Object, at: &str) -> Option<Path> {
    let value = problems.required(object, at, "path", MATCH_FORM)?;
    let at = json_key(at, "path");
    let path = Path::parse(problems.text(value, &at, "\"path\"")?);
    let path = problems.valid_name(path, &at)?;
    if is_system_schema(path.schema()) {
        let message = format!("system schemas cannot be claimed: {}", quoted(path.schema()));
        let hint = "claim relations of the applications' schemas";
        problems.add(ProblemKind::Forbidden, &at, message, Some(hint));
    }
    Some(path)
}

/// Schemas that belong to the server or to the extension. PostgreSQL reserves the prefix `pg_`: `pg_catalog`, `pg_toast`,
/// `pg_temp_3` and what later releases add.
pub(crate) fn is_system_schema(name: &str) -> bool {
    name == "information_schema" || name == "integratedb" || name.starts_with("pg_")
}

fn decode_fields(problems: &mut Problems, object: &Object, at: &str) -> Option<Fields> {
    let Some(value) = present(object, "fields") else {
        return Some(Fields::None);
    };
    // The bare "*" is the original language's shorthand for the list of it.
    if value == "*" || value.as_array().is_some_and(|list| matches!(&list[..], [only] if only == "*")) {
        return Some(Fields::All);
    }
    let at = json_key(at, "fields");
    let fields = problems.list(value, &at, "fields", MAX_FIELDS, decode_field)?;
    check_distinct_columns(problems, &fields);
    Some(if fields.is_empty() { Fields::None } else { Fields::Named(fields) })
}

fn decode_field(problems: &mut Problems, value: &Value, at: String) -> Option<Field> {
    let Value::Object(object) = value else {
        let alternatives = vec![decode_column(problems, value, at.clone())?];
        return Some(Field { optional: false, alternatives, json_path: at });
    };
    problems.check_keys(object, &at, "a field", &FIELD_KEYS);
    let optional = problems.boolean(object, &at, "optional").unwrap_or(false);
    let alternatives = match present(object, "alternatives") {
        None => vec![decode_column(problems, value, at.clone())?],
        Some(list) => {
            check_none_beside(problems, object, &at, &COLUMN_KEYS);
            decode_alternatives(problems, list, &at, decode_column_alternative)?
        }
    };
    Some(Field { optional, alternatives, json_path: at })
}

fn decode_column_alternative(problems: &mut Problems, value: &Value, at: String) -> Option<ColumnRequirement> {
    if let Value::Object(object) = value {
        problems.check_keys(object, &at, "an alternative of a field", &COLUMN_KEYS);
    }
    decode_column(problems, value, at)
}

/// A column's name, or the object that declares its shape; the keys of the object are checked by the caller.
fn decode_column(problems: &mut Problems, value: &Value, at: String) -> Option<ColumnRequirement> {
    let named =
        |name| ColumnRequirement { name, type_name: None, min_length: None, is_nullable: None, json_path: at.clone() };
    let object = match value {
        Value::Object(object) => object,
        Value::String(text) if text == "*" => {
            problems.malformed(&at, "\"*\" must stand alone in \"fields\"", Some(ALL_FORM));
            return None;
        }
        Value::String(text) => {
            let name = parse_column_name(text);
            return problems.valid_name(name, &at).map(named);
        }
        other => {
            problems.mismatch(&at, "a field", "a string or an object", other, Some(FIELD_FORM));
            return None;
        }
    };
    let name = problems.required(object, &at, "name", FIELD_FORM);
    let name = name.and_then(|value| {
        let at = json_key(&at, "name");
        let name = parse_column_name(problems.text(value, &at, "\"name\"")?);
        problems.valid_name(name, &at)
    });
    let type_name = decode_type_name(problems, object, &at);
    let min_length = decode_min_length(problems, object, &at);
    let is_nullable = problems.boolean(object, &at, "is_nullable");
    Some(ColumnRequirement { type_name, min_length, is_nullable, ..named(name?) })
}

fn decode_type_name(problems: &mut Problems, object: &Object, at: &str) -> Option<String> {
    let value = present(object, "type")?;
    let at = json_key(at, "type");
    let text = problems.text(value, &at, "\"type\"")?;
    let message = if text.trim().is_empty() {
        "type is empty".to_owned()
    } else if text.len() > MAX_TYPE_BYTES {
        format!("type {} is longer than {MAX_TYPE_BYTES} bytes", quoted(text))
    } else if text.contains('\0') {
        format!("type {} holds a NUL character", quoted(text))
    } else if text.contains('%') {
        format!("type {} cannot refer to another column", quoted(text))
    } else {
        return Some(text.to_owned());
    };
    problems.malformed(&at, message, Some(TYPE_FORM));
    None
}

fn decode_min_length(problems: &mut Problems, object: &Object, at: &str) -> Option<u32> {
    let value = present(object, "min_length")?;
    let length = value.as_u64().and_then(|length| u32::try_from(length).ok());
    let length = length.filter(|length| (1..=MAX_MIN_LENGTH).contains(length));
    if length.is_none() {
        let number = value.as_number().map(|number| format!(" {number}")).unwrap_or_default();
        let message =
            format!("\"min_length\" must be an integer from 1 to {MAX_MIN_LENGTH}, found {}{number}", describe(value));
        problems.malformed(&json_key(at, "min_length"), message, None);
    }
    length
}

fn check_distinct_paths<'a>(
    problems: &mut Problems,
    relations: impl Iterator<Item = &'a RelationMatch>,
    seen: &mut HashMap<&'a Path, &'a str>,
) {
    for relation in relations {
        match seen.entry(&relation.path) {
            Entry::Occupied(first) => {
                let what = format!("path {}", quoted(&relation.path.to_string()));
                problems.duplicate(&what, first.get(), &relation.json_path);
            }
            Entry::Vacant(place) => {
                place.insert(&relation.json_path);
            }
        }
    }
}

/// A column belongs to one field. Within its field it may have several shapes, each once.
fn check_distinct_columns(problems: &mut Problems, fields: &[Field]) {
    let mut seen: HashMap<&str, (usize, &str)> = HashMap::new();
    for (index, field) in fields.iter().enumerate() {
        for (position, column) in field.alternatives.iter().enumerate() {
            let what = || format!("column {}", quoted(&column.name));
            let (owner, first) = *seen.entry(&column.name).or_insert((index, &column.json_path));
            if owner != index {
                problems.duplicate(&what(), first, &column.json_path);
                continue;
            }
            let earlier = &field.alternatives[..position];
            if let Some(twin) = earlier.iter().find(|other| other.has_shape_of(column)) {
                problems.duplicate(&what(), &twin.json_path, &column.json_path);
            }
        }
    }
}
