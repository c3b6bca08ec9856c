//! The claim document: the JSON a stakeholder declares, decoded into values that need no further checks of form.
//!
//! Decoding looks at the document alone: whether its schemas, relations, columns and types exist is for the stages after it.
//! A key that is null counts as a key left out, wherever a key may be left out.

use crate::path::Path;
use crate::problem::{Object, Problem, Problems, json_key};
use serde_json::{Value, json};
use std::collections::HashSet;

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
        let (document, problems) = Document::read(value);
        if problems.is_empty() { Ok(document) } else { Err(problems) }
    }

    /// The same, with the matches that have no problem: they can still be held against the catalogs, so that an author is
    /// told everything at once.
    pub fn read(value: &Value) -> (Document, Vec<Problem>) {
        let mut problems = Problems::default();
        let mut matches = decode::decode_document(&mut problems, value).unwrap_or_default();
        let problems = problems.into_vec();
        let spoilt: HashSet<&str> = problems.iter().map(|problem| match_of(&problem.json_path)).collect();
        matches.retain(|entry| !spoilt.contains(entry.json_path.as_str()));
        (Document { matches }, problems)
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
            if let Some(name) = column.type_name.as_deref().filter(|name| seen.insert(*name)) {
                names.push((name.to_owned(), json_key(&column.json_path, "type")));
            }
        }
        names
    }
}

/// The JSON path of the match that a JSON path is in: `$.match[0]` for `$.match[0].fields[1]`.
fn match_of(json_path: &str) -> &str {
    match json_path.find(']') {
        Some(end) => &json_path[..=end],
        None => json_path,
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
    document.get("match").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn with_matches(document: &Value, matches: Vec<Value>) -> Value {
    let keys = document.as_object().into_iter().flatten();
    let mut object: Object =
        keys.filter(|(key, _)| *key != "match").map(|(key, value)| (key.clone(), value.clone())).collect();
    object.insert("match".to_owned(), Value::Array(matches));
    Value::Object(object)
}

fn is_on(entry: &Value, path: &Path) -> bool {
    let text = entry.get("path").and_then(Value::as_str);
    text.is_some_and(|text| Path::parse(text).is_ok_and(|own| own == *path))
}

mod decode;
pub(crate) use decode::is_system_schema;
#[cfg(test)]
mod tests;
