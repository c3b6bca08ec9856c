//! The claim document: the JSON a stakeholder declares, decoded into values that need no further checks of form.
//!
//! Decoding looks at the document alone: whether its schemas, relations, columns and types exist is for the stages after it.
//! A key that is null counts as a key left out, wherever a key may be left out.

use crate::path::{Path, display_function};
use crate::privilege::PrivilegeSet;
use crate::problem::{Object, Problem, Problems, json_key};
use crate::state::{ObjectKind, OnBreak, Reference, Strictness};
use serde_json::{Value, json};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// Most matches of a document.
pub const MAX_MATCHES: usize = 100_000;
/// Most fields of a match: more than the 1,600 columns a relation can have.
pub const MAX_FIELDS: usize = 1_664;
/// Most alternatives of a match, and of a field.
pub const MAX_ALTERNATIVES: usize = 100;
/// Largest `min_length` and `max_length`: the longest `varchar(n)` PostgreSQL has.
pub const MAX_LENGTH: u32 = 10_485_760;
/// Longest text of a type, collation or LIKE pattern in bytes.
pub const MAX_TYPE_BYTES: usize = 256;
/// Most keys, references and indexes of a match, each; and most acceptable types of a column.
pub const MAX_CONSTRAINTS: usize = 100;
/// Most columns of a key, reference or index (`INDEX_MAX_KEYS`).
pub const MAX_KEY_COLUMNS: usize = 32;
/// Most labels of a column or type.
pub const MAX_LABELS: usize = 1_000;
/// Most arguments of a function (`FUNC_MAX_ARGS`).
pub const MAX_ARGUMENTS: usize = 100;

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
    /// Whether it may name what does not exist yet.
    pub pending: bool,
    /// At least one; a plain path is one alternative.
    pub alternatives: Vec<RelationMatch>,
    /// Where the match stands in the document.
    pub json_path: String,
}

/// A path with what is claimed of it; or a function, sequence or type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationMatch {
    /// What kind of object the path names.
    pub kind: ObjectKind,
    /// The relation or object, or the schema all of whose relations are claimed.
    pub path: Path,
    /// The columns claimed.
    pub fields: Fields,
    /// Columns that `*` leaves out, or LIKE patterns of relations that a wildcard path leaves out.
    pub except: Vec<String>,
    /// Sets of columns that must be keys.
    pub keys: Vec<Vec<String>>,
    /// Foreign keys.
    pub references: Vec<Reference>,
    /// Leading columns of indexes.
    pub indexed: Vec<Vec<String>>,
    /// Privileges on every column, and on the whole.
    pub privileges: PrivilegeSet,
    /// How closely the columns that `*` takes in must stay as they were seen.
    pub strictness: Strictness,
    /// What a break of the claim is.
    pub on_break: OnBreak,
    /// Whether what is protected may be claimed by name.
    pub acknowledge_protected: bool,
    /// Of a function.
    pub function: Option<FunctionMatch>,
    /// Of an enum type: labels that it must have.
    pub labels: Vec<String>,
    /// Where it stands in the document; the same as its match's for a plain path.
    pub json_path: String,
}

/// What tells a function from others of its name, and what is declared of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionMatch {
    /// Types of its input arguments, as written.
    pub arguments: Vec<String>,
    /// Type of its result, as written, without SETOF.
    pub returns: Option<String>,
    /// Whether the result is a set of that type.
    pub returns_set: bool,
    /// Whether it may be SECURITY DEFINER.
    pub allow_security_definer: bool,
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
    /// Acceptable types, as written; empty for any.
    pub types: Vec<String>,
    /// The least character length or numeric precision, 1 to [`MAX_LENGTH`].
    pub min_length: Option<u32>,
    /// The greatest, likewise.
    pub max_length: Option<u32>,
    /// Whether the stakeholder copes with nulls.
    pub is_nullable: Option<bool>,
    /// The collation, as written.
    pub collation: Option<String>,
    /// Whether it is a generated column.
    pub generated: Option<bool>,
    /// Whether it has a default.
    pub has_default: Option<bool>,
    /// Labels that its enum must have.
    pub labels: Vec<String>,
    /// How closely the rest must stay as it was seen.
    pub strictness: Strictness,
    /// What its reader needs on it.
    pub privileges: PrivilegeSet,
    /// Where it stands in the document; the same as its field's for a plain field.
    pub json_path: String,
}

/// The text of a declared type or collation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeUse {
    /// As written.
    pub text: String,
    /// Where it stands first.
    pub json_path: String,
    /// Only pending matches use it.
    pub pending: bool,
}

impl Document {
    /// Decodes and checks everything that needs no catalog. All problems at once, in the order of the document as far as they
    /// have one, at most [`MAX_PROBLEMS`](crate::problem::MAX_PROBLEMS) of them.
    pub fn decode(value: &Value) -> Result<Document, Vec<Problem>> {
        let (document, problems) = Document::read(value);
        if !problems.is_empty() {
            return Err(problems);
        }
        #[cfg(test)]
        crate::json_schema::tests::agrees(value);
        Ok(document)
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

    /// Every declared type text of the document, each once, with the JSON path of its first use; and whether only pending
    /// matches use it, which may name what does not exist yet.
    pub fn type_names(&self) -> Vec<TypeUse> {
        let mut positions: HashMap<&str, usize> = HashMap::new();
        let mut uses: Vec<TypeUse> = Vec::new();
        for entry in &self.matches {
            let mut add = |text, json_path: String| match positions.entry(text) {
                Entry::Vacant(place) => {
                    place.insert(uses.len());
                    uses.push(TypeUse { text: text.to_owned(), json_path, pending: entry.pending });
                }
                Entry::Occupied(known) => uses[*known.get()].pending &= entry.pending,
            };
            for relation in &entry.alternatives {
                if let Some(function) = &relation.function {
                    function.arguments.iter().for_each(|name| add(name, json_key(&relation.json_path, "function")));
                    function.returns.iter().for_each(|name| add(name, json_key(&relation.json_path, "returns")));
                }
                for column in relation.columns() {
                    column.types.iter().for_each(|name| add(name, json_key(&column.json_path, "type")));
                }
            }
        }
        uses
    }

    /// Every declared collation, likewise.
    pub fn collation_names(&self) -> Vec<TypeUse> {
        let mut uses: Vec<TypeUse> = Vec::new();
        for entry in &self.matches {
            for column in entry.alternatives.iter().flat_map(RelationMatch::columns) {
                let Some(text) = &column.collation else { continue };
                match uses.iter_mut().find(|known| known.text == *text) {
                    Some(known) => known.pending &= entry.pending,
                    None => uses.push(TypeUse {
                        text: text.clone(),
                        json_path: json_key(&column.json_path, "collation"),
                        pending: entry.pending,
                    }),
                }
            }
        }
        uses
    }
}

impl RelationMatch {
    /// The columns named, of all fields.
    fn columns(&self) -> impl Iterator<Item = &ColumnRequirement> {
        let fields = match &self.fields {
            Fields::Named(fields) => fields.as_slice(),
            Fields::None | Fields::All => &[],
        };
        fields.iter().flat_map(|field| &field.alternatives)
    }

    /// What it names, as a document writes it.
    pub fn name_text(&self) -> String {
        match &self.function {
            Some(function) => {
                let name = self.path.relation().unwrap_or_default();
                display_function(self.path.schema(), name, &function.arguments.join(", "))
            }
            None => self.path.to_string(),
        }
    }

    /// What it names, told apart from all else that a document can name.
    pub(crate) fn identity(&self) -> String {
        match self.kind {
            ObjectKind::Relation => self.path.to_string(),
            kind => format!("{} {}", kind.as_str(), self.name_text()),
        }
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
        *self == Self { json_path: self.json_path.clone(), ..other.clone() }
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

/// `document` without the match on a function, sequence or type that is written so.
pub fn without_object(document: &Value, text: &str) -> Option<Value> {
    let mut matches = matches_of(document).to_vec();
    let is_it = |entry: &Value| OBJECT_KEYS.iter().any(|key| entry.get(key).and_then(Value::as_str) == Some(text));
    matches.remove(matches.iter().position(is_it)?);
    Some(with_matches(document, matches))
}

/// The keys that name an object which is no relation.
pub const OBJECT_KEYS: [&str; 3] = ["function", "sequence", "type"];

/// The matches of a document as they are written.
pub(crate) fn matches_of(document: &Value) -> &[Value] {
    document.get("match").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn with_matches(document: &Value, matches: Vec<Value>) -> Value {
    let keys = document.as_object().into_iter().flatten();
    let mut object: Object =
        keys.filter(|(key, _)| *key != "match").map(|(key, value)| (key.clone(), value.clone())).collect();
    object.insert("match".to_owned(), Value::Array(matches));
    Value::Object(object)
}

/// Whether the own path of a match is `path`.
pub(crate) fn is_on(entry: &Value, path: &Path) -> bool {
    let text = entry.get("path").and_then(Value::as_str);
    text.is_some_and(|text| Path::parse(text).is_ok_and(|own| own == *path))
}

/// What the text of a collation can name, the likeliest first.
pub fn collation_candidates(text: &str) -> Vec<(String, String)> {
    decode::collation_path(text).unwrap_or_default()
}

pub(crate) mod decode;
pub(crate) use decode::is_system_schema;
#[cfg(test)]
mod tests;
