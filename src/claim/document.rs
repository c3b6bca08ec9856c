//! The claim document: the JSON a stakeholder declares, decoded into values that need no further checks of form.
//!
//! Decoding looks at the document alone: whether its schemas, relations, columns and types exist is for the stages after it.
//! A key that is null counts as a key left out, wherever a key may be left out.

use crate::path::{Path, parse_column_name};
use crate::problem::{Object, Problem, ProblemKind, Problems};
use crate::problem::{describe, json_key, present, quoted};
use serde_json::{Value, json};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// Most matches of a document.
pub const MAX_MATCHES: usize = 100_000;
/// Most fields of a match: more than the 1,600 columns a relation can have.
pub const MAX_FIELDS: usize = 1_664;
/// Most alternatives of a match, and of a field.
pub const MAX_ALTERNATIVES: usize = 100;
/// Largest `min_length`: the longest `varchar(n)` PostgreSQL has.
pub const MAX_MIN_LENGTH: u32 = 10_485_760;
/// Longest `type` text in bytes.
pub const MAX_TYPE_BYTES: usize = 256;

/// A claim document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The matches, in the order of the document.
    pub matches: Vec<Match>,
}

/// One entry of the document: relations of which at least one must be as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Whether the match may have no relation at all.
    pub optional: bool,
    /// At least one; a plain path is one alternative.
    pub alternatives: Vec<RelationMatch>,
    /// Where the match stands in the document.
    pub json_path: String,
}

/// A path with the fields claimed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationMatch {
    /// The relation, or the schema all of whose relations are claimed.
    pub path: Path,
    /// The columns claimed.
    pub fields: Fields,
    /// Where it stands in the document; the same as its match's for a plain path.
    pub json_path: String,
}

/// The columns claimed of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    /// No column: the relation must exist.
    None,
    /// Every column, those of the future too.
    All,
    /// The columns named; never empty.
    Named(Vec<Field>),
}

/// One field: columns of which at least one must be as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Whether the field may have no column at all.
    pub optional: bool,
    /// At least one; a plain field is one alternative.
    pub alternatives: Vec<ColumnRequirement>,
    /// Where the field stands in the document.
    pub json_path: String,
}

/// What is declared of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRequirement {
    /// The column's name, as the catalog holds it.
    pub name: String,
    /// The declared type, as written.
    pub type_name: Option<String>,
    /// The least character length or numeric precision, 1 to [`MAX_MIN_LENGTH`].
    pub min_length: Option<u32>,
    /// Whether the stakeholder copes with nulls.
    pub is_nullable: Option<bool>,
    /// Where it stands in the document; the same as its field's for a plain field.
    pub json_path: String,
}

impl Document {
    /// Decodes and checks everything that needs no catalog. All problems at once, in the order of the document as far as they
    /// have one, at most [`MAX_PROBLEMS`](crate::problem::MAX_PROBLEMS) of them.
    pub fn decode(value: &Value) -> Result<Document, Vec<Problem>> {
        let mut problems = Problems::default();
        let matches = decode_document(&mut problems, value).unwrap_or_default();
        problems.into_result(Document { matches })
    }

    /// Every declared type text of the document, each once, in order of appearance, with the JSON path of its first use.
    pub fn type_names(&self) -> Vec<(String, String)> {
        let relations = self.matches.iter().flat_map(|m| &m.alternatives);
        let fields = relations.flat_map(|relation| match &relation.fields {
            Fields::Named(fields) => fields.as_slice(),
            Fields::None | Fields::All => &[],
        });
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for column in fields.flat_map(|field| &field.alternatives) {
            if let Some(name) = column
                .type_name
                .as_deref()
                .filter(|name| seen.insert(*name))
            {
                names.push((name.to_owned(), json_key(&column.json_path, "type")));
            }
        }
        names
    }
}

impl ColumnRequirement {
    /// Whether both declare the same of the same column.
    fn has_shape_of(&self, other: &Self) -> bool {
        let shape = |column: &Self| (column.min_length, column.is_nullable);
        self.name == other.name && self.type_name == other.type_name && shape(self) == shape(other)
    }
}

/// The match on `path` with `fields` as JSON, for the short form `claim(stakeholder, path, fields)`. Each field is written as
/// in a document's own list, so `*` is the wildcard and `"*"`, in double quotes, the column of that name.
pub fn match_value(path: &Path, fields: &[String]) -> Value {
    json!({"path": path.to_string(), "fields": fields})
}

/// `document` with the match whose own path is `path` replaced by `new`, or with `new` added at the end when there is none.
/// The other matches stay as they were written. Matches with `path` among their alternatives are others.
pub fn with_match(document: &Value, path: &Path, new: Value) -> Value {
    let mut matches = matches_of(document).to_vec();
    match matches.iter_mut().find(|entry| is_on(entry, path)) {
        Some(entry) => *entry = new,
        None => matches.push(new),
    }
    with_matches(document, matches)
}

/// `document` without the match whose own path is `path`, or else without the first match that has `path` among its
/// alternatives; none when there is no such match.
pub fn without_match(document: &Value, path: &Path) -> Option<Value> {
    let mut matches = matches_of(document).to_vec();
    let has_alternative_on = |entry: &Value| {
        let alternatives = entry.get("alternatives").and_then(Value::as_array);
        alternatives.is_some_and(|all| all.iter().any(|entry| is_on(entry, path)))
    };
    let own = matches.iter().position(|entry| is_on(entry, path));
    matches.remove(own.or_else(|| matches.iter().position(has_alternative_on))?);
    Some(with_matches(document, matches))
}

fn matches_of(document: &Value) -> &[Value] {
    document
        .get("match")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn with_matches(document: &Value, matches: Vec<Value>) -> Value {
    let keys = document.as_object().into_iter().flatten();
    let mut object: Object = keys
        .filter(|(key, _)| *key != "match")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    object.insert("match".to_owned(), Value::Array(matches));
    Value::Object(object)
}

fn is_on(entry: &Value, path: &Path) -> bool {
    let text = entry.get("path").and_then(Value::as_str);
    text.is_some_and(|text| Path::parse(text).is_ok_and(|own| own == *path))
}

const RELATION_KEYS: [&str; 2] = ["path", "fields"];
const MATCH_KEYS: [&str; 4] = ["path", "fields", "optional", "alternatives"];
const COLUMN_KEYS: [&str; 4] = ["name", "type", "min_length", "is_nullable"];
const FIELD_KEYS: [&str; 6] = [
    "name",
    "type",
    "min_length",
    "is_nullable",
    "optional",
    "alternatives",
];
const DOCUMENT_FORM: &str = r#"write {"match": [...]}"#;
const MATCH_FORM: &str = r#"write {"path": "schema.relation", "fields": [...]}"#;
const FIELD_FORM: &str = r#"write a column's name, or {"name": ..., "type": ...}"#;
const TYPE_FORM: &str = r#"write the name of a type, as "varchar(40)""#;
const ALL_FORM: &str =
    r#"write "fields": ["*"] for every column, or "\"*\"" for a column of that name"#;

// A decoding function returns `None` only after it noted a problem. It may also return a value after noting one: no value
// of a document with problems is ever used.

fn decode_document(problems: &mut Problems, value: &Value) -> Option<Vec<Match>> {
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
        let alternatives = entry
            .alternatives
            .iter()
            .filter(|relation| !is_plain(relation));
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
    Some(Match {
        optional,
        alternatives,
        json_path: at,
    })
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
        problems.malformed(
            &at,
            "\"alternatives\" must hold at least one alternative",
            None,
        );
    }
    Some(list)
}

fn check_none_beside(problems: &mut Problems, object: &Object, at: &str, keys: &[&str]) {
    for key in keys.iter().filter(|key| present(object, key).is_some()) {
        let message = format!("{} cannot stand beside \"alternatives\"", quoted(key));
        problems.malformed(
            &json_key(at, key),
            message,
            Some("move it into the alternatives"),
        );
    }
}

fn decode_alternative_relation(
    problems: &mut Problems,
    value: &Value,
    at: String,
) -> Option<RelationMatch> {
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
        problems.malformed(
            &json_key(&at, "fields"),
            message,
            Some(r#"write "fields": ["*"]"#),
        );
    }
    Some(RelationMatch {
        path,
        fields,
        json_path: at,
    })
}

fn decode_path(problems: &mut Problems, object: &Object, at: &str) -> Option<Path> {
    let value = problems.required(object, at, "path", MATCH_FORM)?;
    let at = json_key(at, "path");
    let path = Path::parse(problems.text(value, &at, "\"path\"")?);
    let path = problems.valid_name(path, &at)?;
    if is_system_schema(path.schema()) {
        let message = format!(
            "system schemas cannot be claimed: {}",
            quoted(path.schema())
        );
        problems.add(ProblemKind::Forbidden, &at, message, None);
    }
    Some(path)
}

/// Schemas that belong to the server or to the extension. PostgreSQL reserves the prefix `pg_`: `pg_catalog`, `pg_toast`,
/// `pg_temp_3` and what later releases add.
fn is_system_schema(name: &str) -> bool {
    name == "information_schema" || name == "integratedb" || name.starts_with("pg_")
}

fn decode_fields(problems: &mut Problems, object: &Object, at: &str) -> Option<Fields> {
    let Some(value) = present(object, "fields") else {
        return Some(Fields::None);
    };
    // The bare "*" is the original language's shorthand for the list of it.
    if value == "*"
        || value
            .as_array()
            .is_some_and(|list| matches!(&list[..], [only] if only == "*"))
    {
        return Some(Fields::All);
    }
    let at = json_key(at, "fields");
    let fields = problems.list(value, &at, "fields", MAX_FIELDS, decode_field)?;
    check_distinct_columns(problems, &fields);
    Some(if fields.is_empty() {
        Fields::None
    } else {
        Fields::Named(fields)
    })
}

fn decode_field(problems: &mut Problems, value: &Value, at: String) -> Option<Field> {
    let Value::Object(object) = value else {
        let alternatives = vec![decode_column(problems, value, at.clone())?];
        return Some(Field {
            optional: false,
            alternatives,
            json_path: at,
        });
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
    Some(Field {
        optional,
        alternatives,
        json_path: at,
    })
}

fn decode_column_alternative(
    problems: &mut Problems,
    value: &Value,
    at: String,
) -> Option<ColumnRequirement> {
    if let Value::Object(object) = value {
        problems.check_keys(object, &at, "an alternative of a field", &COLUMN_KEYS);
    }
    decode_column(problems, value, at)
}

/// A column's name, or the object that declares its shape; the keys of the object are checked by the caller.
fn decode_column(problems: &mut Problems, value: &Value, at: String) -> Option<ColumnRequirement> {
    let named = |name| ColumnRequirement {
        name,
        type_name: None,
        min_length: None,
        is_nullable: None,
        json_path: at.clone(),
    };
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
            problems.mismatch(
                &at,
                "a field",
                "a string or an object",
                other,
                Some(FIELD_FORM),
            );
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
    Some(ColumnRequirement {
        type_name,
        min_length,
        is_nullable,
        ..named(name?)
    })
}

fn decode_type_name(problems: &mut Problems, object: &Object, at: &str) -> Option<String> {
    let value = present(object, "type")?;
    let at = json_key(at, "type");
    let text = problems.text(value, &at, "\"type\"")?;
    let message = if text.trim().is_empty() {
        "type is empty".to_owned()
    } else if text.len() > MAX_TYPE_BYTES {
        format!(
            "type {} is longer than {MAX_TYPE_BYTES} bytes",
            quoted(text)
        )
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
        let number = value
            .as_number()
            .map(|number| format!(" {number}"))
            .unwrap_or_default();
        let message = format!(
            "\"min_length\" must be an integer from 1 to {MAX_MIN_LENGTH}, found {}{number}",
            describe(value)
        );
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
            let (owner, first) = *seen
                .entry(&column.name)
                .or_insert((index, &column.json_path));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::MAX_PROBLEMS;
    use proptest::prelude::*;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    fn problems(document: &Value) -> Vec<Problem> {
        Document::decode(document).expect_err("the document should have problems")
    }

    fn json_of(text: &str) -> Value {
        serde_json::from_str(text).expect(text)
    }

    /// The lines of a table `JSON => expected`.
    fn rows(table: &str) -> impl Iterator<Item = (Value, &str)> {
        let rows = table.lines().filter_map(|line| line.split_once(" => "));
        rows.map(|(text, expected)| (json_of(text), expected.trim()))
    }

    /// The problems of a document as kind and place, the place without `prefix`.
    fn told(document: &Value, prefix: &str) -> String {
        let place = |p: &Problem| p.json_path.replacen(prefix, "", 1);
        let all = problems(document);
        let all: Vec<String> = all
            .iter()
            .map(|p| format!("{:?} {}", p.kind, place(p)))
            .collect();
        all.join(", ")
    }

    /// Each line is the list of a document's matches, ` => ` and what is told.
    fn check_matches(table: &str) {
        for (matches, expected) in rows(table) {
            let document = json!({ "match": matches });
            assert_eq!(told(&document, "$.match"), expected, "{document}");
        }
    }

    fn with_fields(fields: Value) -> Value {
        json!({"match": [{"path": "public.a", "fields": fields}]})
    }

    /// Each line is the list of a match's fields, ` => ` and what is told.
    fn check_fields(table: &str) {
        for (fields, expected) in rows(table) {
            let document = with_fields(fields);
            assert_eq!(told(&document, "$.match[0].fields"), expected, "{document}");
        }
    }

    fn fields(text: &str) -> Fields {
        let document = Document::decode(&with_fields(json_of(text))).expect(text);
        document.matches[0].alternatives[0].fields.clone()
    }

    fn columns(text: &str) -> Vec<ColumnRequirement> {
        match fields(text) {
            Fields::Named(fields) => fields.into_iter().flat_map(|f| f.alternatives).collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_whole_language_is_decoded() {
        let document = json_of(
            r#"{"match": [
                {"path": "public.orders", "fields": ["*"]},
                {"path": "public.customers", "fields": [
                    {"name": "email", "type": "text", "min_length": 40, "is_nullable": false},
                    {"alternatives": ["user_id", {"name": "id", "type": "int8"}], "optional": true}]},
                {"alternatives": [{"path": "a.b"}, {"path": "a.c", "fields": []}], "optional": true},
                {"path": "billing.*", "fields": ["*"]}]}"#,
        );
        let matches = Document::decode(&document).unwrap().matches;
        assert!(!matches[0].optional && matches[2].optional);
        assert_eq!(matches[0].alternatives[0].fields, Fields::All);
        assert_eq!(matches[2].alternatives[1].fields, Fields::None);
        assert_eq!(
            matches[2].alternatives[1].json_path,
            "$.match[2].alternatives[1]"
        );
        assert_eq!(matches[3].alternatives[0].path, path("billing.*"));
        let Fields::Named(fields) = &matches[1].alternatives[0].fields else {
            panic!("{matches:?}")
        };
        let email = &fields[0].alternatives[0];
        assert_eq!(
            (email.name.as_str(), email.type_name.as_deref()),
            ("email", Some("text"))
        );
        assert_eq!(
            (email.min_length, email.is_nullable),
            (Some(40), Some(false))
        );
        assert_eq!(email.json_path, "$.match[1].fields[0]");
        assert!(!fields[0].optional && fields[1].optional);
        let place = &fields[1].alternatives[1].json_path;
        assert_eq!(place, "$.match[1].fields[1].alternatives[1]");
    }

    #[test]
    fn null_is_left_out_and_a_bare_asterisk_is_its_list() {
        assert_eq!(fields("null"), Fields::None);
        assert_eq!(fields("[]"), Fields::None);
        assert_eq!(fields(r#""*""#), Fields::All);
        let nulls = r#"[{"name": "a", "type": null, "min_length": null, "is_nullable": null}]"#;
        assert_eq!(columns(nulls), columns(r#"["a"]"#));
        let nulls = r#"{"match": [{"path": "a.b", "alternatives": null, "optional": null}]}"#;
        assert!(Document::decode(&json_of(nulls)).is_ok());
    }

    #[test]
    fn a_column_named_asterisk_can_be_written() {
        for text in [
            r#"["\"*\""]"#,
            r#"[{"name": "*"}]"#,
            r#"[{"name": "\"*\""}]"#,
        ] {
            assert_eq!(columns(text)[0].name, "*");
        }
        assert_eq!(columns(r#"["Odd.Name"]"#)[0].name, "Odd.Name");
        check_fields(
            r#"["id", "*"] => Malformed [1]
               [{"alternatives": ["*"]}] => Malformed [0].alternatives[0]"#,
        );
    }

    #[test]
    fn wrong_json_types_say_what_was_found() {
        let table = r#"
            [] => $: a claim document must be an object, found an array
            {} => $: missing key "match"
            {"match": null} => $: missing key "match"
            {"match": {}} => $.match: matches must be an array, found an object
            {"match": ["a.b"]} => $.match[0]: a match must be an object, found a string
            {"match": [{"path": 1}]} => $.match[0].path: "path" must be a string, found a number
            {"match": [{"path": "a.b", "fields": "id"}]} => $.match[0].fields: fields must be an array, found a string"#;
        for (document, expected) in rows(table) {
            assert_eq!(problems(&document)[0].to_string(), expected);
        }
        check_fields(
            r#"[1, {"type": "int"}] => Malformed [0], Malformed [1]
               [{"name": "a", "is_nullable": 0}] => Malformed [0].is_nullable"#,
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_what_was_meant() {
        let document = r#"{"match": [{"path": "a.b", "filds": []}], "odd key": 1}"#;
        let all = problems(&json_of(document));
        assert_eq!(
            all[0].to_string(),
            r#"$["odd key"]: unrecognized key "odd key""#
        );
        assert_eq!(
            all[0].hint.as_deref(),
            Some(r#"a claim document may have: "match""#)
        );
        assert_eq!(
            all[1].to_string(),
            r#"$.match[0].filds: unrecognized key "filds""#
        );
        assert_eq!(all[1].hint.as_deref(), Some(r#"did you mean "fields"?"#));
        let nested = r#"[{"alternatives": [{"path": "a.b", "optional": true}]}] => UnknownKey [0].alternatives[0].optional"#;
        check_matches(nested);
        check_fields(&nested.replace("path", "name"));
    }

    #[test]
    fn path_and_alternatives_exclude_each_other() {
        check_matches(
            r#"[{}] => Malformed [0]
               [{"alternatives": []}] => Malformed [0].alternatives
               [{"path": "a.b", "alternatives": [{"path": "a.c"}]}] => Malformed [0].path
               [{"fields": [], "alternatives": [{"path": "a.c"}]}] => Malformed [0].fields"#,
        );
        check_fields(
            r#"[{}] => Malformed [0]
               [{"alternatives": []}] => Malformed [0].alternatives
               [{"type": "int", "alternatives": ["a"]}] => Malformed [0].type"#,
        );
    }

    #[test]
    fn a_wildcard_path_claims_all_columns_and_is_no_alternative() {
        check_matches(
            r#"[{"path": "a.*"}] => Malformed [0].fields
               [{"path": "a.*", "fields": ["id"]}] => Malformed [0].fields
               [{"alternatives": [{"path": "a.*", "fields": "*"}]}] => Malformed [0].alternatives[0].path"#,
        );
    }

    #[test]
    fn system_schemas_cannot_be_claimed() {
        check_matches(
            r#"[{"path": "pg_catalog.x"}] => Forbidden [0].path
               [{"path": "information_schema.x"}] => Forbidden [0].path
               [{"path": "integratedb.*", "fields": ["*"]}] => Forbidden [0].path
               [{"path": "pg_temp_3.x"}, {"path": "\"pg_toast\".x"}] => Forbidden [0].path, Forbidden [1].path
               [{"alternatives": [{"path": "pg_catalog.x"}]}] => Forbidden [0].alternatives[0].path"#,
        );
        assert!(Document::decode(&json!({"match": [{"path": "pgcrypto.x"}]})).is_ok());
    }

    #[test]
    fn impossible_names_types_and_lengths_are_refused() {
        for name in ["", "a\0b", "\"", &"x".repeat(64)] {
            let both = with_fields(json!([name, {"name": name}]));
            assert!(
                told(&both, "$.match[0].fields")
                    .starts_with("InvalidName [0], InvalidName [1].name")
            );
        }
        for text in ["", " ", "a\0b", "a.id%TYPE", &"x".repeat(257)] {
            let declared = with_fields(json!([{"name": "a", "type": text}]));
            assert_eq!(told(&declared, "$.match[0].fields"), "Malformed [0].type");
        }
        for length in [
            "0",
            "-1",
            "10485761",
            "1.5",
            "\"1\"",
            "18446744073709551615",
        ] {
            let field = r#"[{"name": "a", "min_length": N}] => Malformed [0].min_length"#;
            check_fields(&field.replace('N', length));
        }
    }

    #[test]
    fn duplicates_name_both_places() {
        let all = problems(&json!({"match": [{"path": "a.b"}, {"path": "\"a\".b"}]}));
        let expected = r#"path "a.b" appears twice, at $.match[0] and at $.match[1]"#;
        assert_eq!(all[0].message, expected);
        check_matches(
            r#"[{"alternatives": [{"path": "a.b"}, {"path": "a.b"}]}] => Duplicate [0].alternatives[1]"#,
        );
        check_fields(
            r#"["a", "b", {"name": "a", "type": "int"}] => Duplicate [2]
               ["a", {"alternatives": ["b", "a"]}] => Duplicate [1].alternatives[1]
               [{"alternatives": ["a", {"name": "a"}]}] => Duplicate [0].alternatives[1]"#,
        );
    }

    #[test]
    fn what_only_looks_like_a_duplicate_is_accepted() {
        let apart = r#"{"match": [{"path": "a.b"}, {"path": "a.*", "fields": "*"},
            {"alternatives": [{"path": "a.b"}]}, {"alternatives": [{"path": "a.b"}]}]}"#;
        assert!(Document::decode(&json_of(apart)).is_ok());
        let shapes = r#"[{"alternatives": ["a", {"name": "a", "type": "int"}]}]"#;
        assert_eq!(columns(shapes).len(), 2);
    }

    #[test]
    fn all_problems_are_told_at_once_up_to_the_cap() {
        check_matches(
            r#"[{"path": "b", "optional": 1}, {"path": "a.c", "fields": [""]}] => Malformed [0].optional, InvalidName [0].path, InvalidName [1].fields[0]"#,
        );
        let many = json!({"match": vec![1; 2 * MAX_PROBLEMS]});
        assert_eq!(problems(&many).len(), MAX_PROBLEMS);
    }

    #[test]
    fn limits_hold() {
        let names = |n| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>();
        let named = |n| with_fields(json!(names(n)));
        let either = |n| with_fields(json!([{"alternatives": names(n)}]));
        assert!(Document::decode(&named(MAX_FIELDS)).is_ok());
        assert!(Document::decode(&either(MAX_ALTERNATIVES)).is_ok());
        assert_eq!(
            told(&named(MAX_FIELDS + 1), "$.match[0]"),
            "TooLarge .fields"
        );
        let place = "$.match[0].fields[0]";
        assert_eq!(
            told(&either(MAX_ALTERNATIVES + 1), place),
            "TooLarge .alternatives"
        );
        let either = json!({"match": [{"alternatives": vec![1; MAX_ALTERNATIVES + 1]}]});
        assert_eq!(told(&either, "$.match[0]"), "TooLarge .alternatives");
        let many = json!({"match": vec![1; MAX_MATCHES + 1]});
        assert_eq!(told(&many, "$"), "TooLarge .match");
    }

    #[test]
    fn each_type_text_is_listed_once_where_first_used() {
        let document = with_fields(json_of(
            r#"[{"name": "a", "type": "int"}, "b",
                {"alternatives": [{"name": "c", "type": "text"}, {"name": "c", "type": "int"}]}]"#,
        ));
        let names = Document::decode(&document).unwrap().type_names();
        let second = "$.match[0].fields[2].alternatives[0].type";
        let expected = [("int", "$.match[0].fields[0].type"), ("text", second)];
        assert_eq!(names, expected.map(|(text, at)| (text.into(), at.into())));
    }

    #[test]
    fn matches_are_added_replaced_and_taken_out() {
        let orders = path("public.orders");
        let all = match_value(&orders, &["*".into()]);
        assert_eq!(all, json!({"path": "public.orders", "fields": ["*"]}));
        let either = json!({"alternatives": [{"path": "a.x"}, {"path": "public.orders"}]});
        let one = with_match(&json!({"match": [either]}), &orders, all.clone());
        assert_eq!(one, json!({"match": [either, all]}));
        let quoted = json!({"path": "\"public\".orders"});
        let replaced = with_match(&one, &orders, quoted.clone());
        assert_eq!(replaced, json!({"match": [either, quoted]}));
        // Its own path goes before an alternative's.
        let without = without_match(&replaced, &orders).unwrap();
        assert_eq!(without, json!({"match": [either]}));
        assert_eq!(without_match(&without, &orders), Some(json!({"match": []})));
        assert_eq!(without_match(&without, &path("a.y")), None);
        let from_nothing = with_match(&json!(null), &orders, all.clone());
        assert_eq!(from_nothing, json!({"match": [all]}));
    }

    /// Any JSON, rich in what the language is made of.
    fn any_json() -> impl Strategy<Value = Value> {
        let word =
            "match|path|fields|alternatives|optional|name|type|min_length|is_nullable|.{0,3}";
        let text = r#"public\.[ab]|a\.\*|\*|"\*"|[ab]|pg_x\.y|int|.{0,3}"#;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(7, 64, 6, move |inner| {
            let keys = prop::collection::hash_map(word, inner.clone(), 0..5);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                keys.prop_map(|keys| Value::Object(keys.into_iter().collect())),
                inner.prop_map(|fields| json!({"path": "public.a", "fields": fields})),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_json_panics_and_every_problem_has_a_place(value in any_json(), wrap: bool) {
            let value = if wrap { json!({"match": [value]}) } else { value };
            match Document::decode(&value) {
                Ok(document) => drop(document.type_names()),
                Err(all) => {
                    prop_assert!(!all.is_empty() && all.len() <= MAX_PROBLEMS);
                    prop_assert!(all.iter().all(|p| p.json_path.starts_with('$')));
                }
            }
            let own = path("public.a");
            let with = with_match(&value, &own, match_value(&own, &[]));
            prop_assert!(without_match(&with, &own).is_some());
        }

        #[test]
        fn what_match_value_writes_is_decoded(schema in "[a-o.\" *]{1,9}", relation in "[a-z.\" *]{1,9}") {
            let path = Path::Relation { schema, relation };
            let document = json!({"match": [match_value(&path, &["*".into()])]});
            let decoded = Document::decode(&document).unwrap();
            prop_assert_eq!(&decoded.matches[0].alternatives[0].path, &path);
        }
    }
}
