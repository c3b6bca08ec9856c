//! From JSON to a document: everything that needs no catalog is checked, and all problems are collected.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    ColumnRequirement, Field, Fields, FunctionMatch, MAX_ALTERNATIVES, MAX_ARGUMENTS, MAX_CONSTRAINTS, MAX_FIELDS,
    MAX_KEY_COLUMNS, MAX_LABELS, MAX_LENGTH, MAX_MATCHES, MAX_TYPE_BYTES, Match, OBJECT_KEYS, RelationMatch,
};
use crate::like;
use crate::path::{MAX_NAME_BYTES, Path, parse_column_name, parse_function};
use crate::privilege::{Privilege, PrivilegeSet};
use crate::problem::{Object, ProblemKind, Problems, describe, json_index, json_key, present, quoted};
use crate::report::count;
use crate::state::{ObjectKind, OnBreak, Reference, Strictness};

/// Keys of the document.
pub(crate) const DOCUMENT_KEYS: [&str; 3] = ["match", "shape", "on_break"];
/// Keys of an alternative of a match, and of a match with one path.
pub(crate) const RELATION_KEYS: [&str; 9] =
    ["path", "fields", "except", "keys", "references", "indexed", "privileges", "shape", "acknowledge_protected"];
/// Further keys of a match.
pub(crate) const MATCH_KEYS: [&str; 4] = ["optional", "pending", "on_break", "alternatives"];
/// Keys of a match on a function, sequence or type.
pub(crate) const FUNCTION_KEYS: [&str; 6] =
    ["function", "returns", "allow_security_definer", "optional", "pending", "on_break"];
/// Keys of a match on a sequence.
pub(crate) const SEQUENCE_KEYS: [&str; 4] = ["sequence", "optional", "pending", "on_break"];
/// Keys of a match on a type.
pub(crate) const TYPE_KEYS: [&str; 5] = ["type", "labels", "optional", "pending", "on_break"];
/// Keys of an element of `references`.
pub(crate) const REFERENCE_KEYS: [&str; 3] = ["fields", "path", "to"];
/// Keys of an alternative of a field, and of a field with one column.
pub(crate) const COLUMN_KEYS: [&str; 13] = [
    "name",
    "type",
    "min_length",
    "max_length",
    "is_nullable",
    "collation",
    "generated",
    "has_default",
    "labels",
    "shape",
    "select",
    "insert",
    "update",
];
/// Further keys of a field.
pub(crate) const FIELD_KEYS: [&str; 2] = ["optional", "alternatives"];
const DOCUMENT_FORM: &str = r#"write {"match": [...]}"#;
const MATCH_FORM: &str = r#"write {"path": "schema.relation", "fields": [...]}"#;
const REFERENCE_FORM: &str = r#"write {"fields": ["customer_id"], "path": "public.customers", "to": ["id"]}"#;
const FIELD_FORM: &str = r#"write a column's name, or {"name": ..., "type": ...}"#;
const TYPE_FORM: &str = r#"write the name of a type, as "varchar(40)""#;
const ALL_FORM: &str = r#"write "fields": ["*"] for every column, or "\"*\"" for a column of that name"#;
const LISTS_FORM: &str = r#"write a list of lists of columns, as [["id"]]"#;

/// What a match takes over from the document, and an alternative from its match.
#[derive(Clone, Copy, Default)]
struct Manner {
    strictness: Strictness,
    on_break: OnBreak,
}

/// What a field takes over from what it stands in.
#[derive(Clone, Copy)]
struct Inherited {
    strictness: Strictness,
    privileges: PrivilegeSet,
}

// A decoding function returns `None` only after it noted a problem. It may also return a value after noting one: no value
// of a document with problems is ever used.

pub(super) fn decode_document(problems: &mut Problems, value: &Value) -> Option<Vec<Match>> {
    let object = problems.object(value, "$", "a claim document", DOCUMENT_FORM)?;
    problems.check_keys(object, "$", "a claim document", &DOCUMENT_KEYS);
    let manner = decode_manner(problems, object, "$", Manner::default());
    let list = problems.required(object, "$", "match", DOCUMENT_FORM)?;
    let decode = |problems: &mut Problems, value: &Value, at| decode_match(problems, value, at, manner);
    let matches = problems.list(list, "$.match", "matches", MAX_MATCHES, decode)?;
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

fn decode_match(problems: &mut Problems, value: &Value, at: String, manner: Manner) -> Option<Match> {
    let object = problems.object(value, &at, "a match", MATCH_FORM)?;
    if let Some(key) = OBJECT_KEYS.into_iter().find(|key| present(object, key).is_some()) {
        if present(object, "path").is_none() {
            return decode_object(problems, object, key, at, manner);
        }
        let message = format!("a match names a relation by \"path\" or a {key}, not both");
        problems.add(ProblemKind::Contradiction, &json_key(&at, key), message, Some("write two matches"));
        return None;
    }
    problems.check_keys(object, &at, "a match", &[&RELATION_KEYS[..], &MATCH_KEYS].concat());
    let optional = problems.boolean(object, &at, "optional").unwrap_or(false);
    let pending = problems.boolean(object, &at, "pending").unwrap_or(false);
    let manner = decode_manner(problems, object, &at, manner);
    let alternatives = match present(object, "alternatives") {
        None => vec![decode_relation(problems, object, at.clone(), manner)?],
        Some(list) => {
            let inside: Vec<&str> = RELATION_KEYS.into_iter().filter(|key| *key != "shape").collect();
            check_none_beside(problems, object, &at, &inside);
            let decode =
                |problems: &mut Problems, value: &Value, at| decode_alternative_relation(problems, value, at, manner);
            decode_alternatives(problems, list, &at, decode)?
        }
    };
    Some(Match { optional, pending, alternatives, json_path: at })
}

/// A match on a function, sequence or type.
fn decode_object(problems: &mut Problems, object: &Object, key: &str, at: String, manner: Manner) -> Option<Match> {
    let (kind, what, keys): (_, _, &[&str]) = match key {
        "function" => (ObjectKind::Function, "a match on a function", &FUNCTION_KEYS),
        "sequence" => (ObjectKind::Sequence, "a match on a sequence", &SEQUENCE_KEYS),
        _ => (ObjectKind::Type, "a match on a type", &TYPE_KEYS),
    };
    problems.check_keys(object, &at, what, keys);
    let optional = problems.boolean(object, &at, "optional").unwrap_or(false);
    let pending = problems.boolean(object, &at, "pending").unwrap_or(false);
    let key_at = json_key(&at, key);
    let text = problems.text(object.get(key)?, &key_at, &quoted(key))?;
    let (path, function) = if kind == ObjectKind::Function {
        let (path, arguments) = problems.valid_name(parse_function(text), &key_at)?;
        if arguments.len() > MAX_ARGUMENTS {
            let message = format!("a function has at most {MAX_ARGUMENTS} arguments, found {}", arguments.len());
            problems.add(ProblemKind::TooLarge, &key_at, message, None);
            return None;
        }
        let arguments: Option<Vec<String>> =
            arguments.iter().map(|argument| check_type_name(problems, argument, &key_at)).collect();
        let returns = present(object, "returns").map(|value| {
            let at = json_key(&at, "returns");
            let text = problems.text(value, &at, "\"returns\"")?;
            let (text, is_set) = match text.get(..6) {
                Some(prefix) if prefix.eq_ignore_ascii_case("setof ") => (text[6..].trim_start(), true),
                _ => (text, false),
            };
            check_type_name(problems, text, &at).map(|text| (text, is_set))
        });
        let allow_security_definer = problems.boolean(object, &at, "allow_security_definer").unwrap_or(false);
        let (returns, returns_set) = match returns {
            Some(decoded) => decoded.map(|(text, is_set)| (Some(text), is_set))?,
            None => (None, false),
        };
        (path, Some(FunctionMatch { arguments: arguments?, returns, returns_set, allow_security_definer }))
    } else {
        (problems.valid_name(Path::parse(text), &key_at)?, None)
    };
    if path.relation().is_none() {
        problems.malformed(&key_at, format!("a {key} cannot be a wildcard"), Some("name one object"));
        return None;
    }
    check_system_schema(problems, &path, &key_at);
    let labels = decode_labels(problems, object, &at)?;
    let object = RelationMatch {
        kind,
        path,
        fields: Fields::None,
        except: Vec::new(),
        keys: Vec::new(),
        references: Vec::new(),
        indexed: Vec::new(),
        privileges: PrivilegeSet::SELECT,
        strictness: Strictness::Tracked,
        on_break: decode_on_break(problems, object, &at).unwrap_or(manner.on_break),
        acknowledge_protected: false,
        function,
        labels,
        json_path: at.clone(),
    };
    Some(Match { optional, pending, alternatives: vec![object], json_path: at })
}

fn decode_manner(problems: &mut Problems, object: &Object, at: &str, outside: Manner) -> Manner {
    Manner {
        strictness: decode_shape(problems, object, at).unwrap_or(outside.strictness),
        on_break: decode_on_break(problems, object, at).unwrap_or(outside.on_break),
    }
}

fn decode_on_break(problems: &mut Problems, object: &Object, at: &str) -> Option<OnBreak> {
    let value = present(object, "on_break")?;
    let at = json_key(at, "on_break");
    let word = problems.text(value, &at, "\"on_break\"")?;
    let on_break = OnBreak::from_word(word);
    if on_break.is_none() {
        let message = format!("\"on_break\" must be block or warn, found {}", quoted(word));
        problems.malformed(&at, message, Some("block is what counts when it is left out"));
    }
    on_break
}

fn decode_shape(problems: &mut Problems, object: &Object, at: &str) -> Option<Strictness> {
    let value = present(object, "shape")?;
    let at = json_key(at, "shape");
    let word = problems.text(value, &at, "\"shape\"")?;
    let strictness = Strictness::from_word(word);
    if strictness.is_none() {
        let message = format!("\"shape\" must be tracked, pinned or declared, found {}", quoted(word));
        problems.malformed(&at, message, Some("tracked is what counts when it is left out"));
    }
    strictness
}

fn decode_alternatives<T>(
    problems: &mut Problems,
    value: &Value,
    at: &str,
    decode: impl FnMut(&mut Problems, &Value, String) -> Option<T>,
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

fn decode_alternative_relation(
    problems: &mut Problems,
    value: &Value,
    at: String,
    manner: Manner,
) -> Option<RelationMatch> {
    let object = problems.object(value, &at, "an alternative of a match", MATCH_FORM)?;
    problems.check_keys(object, &at, "an alternative of a match", &RELATION_KEYS);
    // Whether a break is an error is a matter of the whole claim.
    let strictness = decode_shape(problems, object, &at).unwrap_or(manner.strictness);
    let relation = decode_relation(problems, object, at, Manner { strictness, ..manner })?;
    if matches!(relation.path, Path::Wildcard { .. }) {
        let at = json_key(&relation.json_path, "path");
        let hint = "name one relation, or claim the schema in a match of its own";
        problems.malformed(&at, "a wildcard path cannot be an alternative", Some(hint));
    }
    Some(relation)
}

fn decode_relation(problems: &mut Problems, object: &Object, at: String, manner: Manner) -> Option<RelationMatch> {
    let path = decode_path(problems, object, &at, MATCH_FORM);
    let privileges = decode_privileges(problems, object, &at);
    let inherited = Inherited { strictness: manner.strictness, privileges: privileges.unwrap_or_default() };
    let fields = decode_fields(problems, object, &at, inherited);
    let except = decode_except(problems, object, &at, path.as_ref(), fields.as_ref());
    let keys = decode_column_lists(problems, object, &at, "keys");
    let references = decode_references(problems, object, &at);
    let indexed = decode_column_lists(problems, object, &at, "indexed");
    let acknowledge_protected = problems.boolean(object, &at, "acknowledge_protected").unwrap_or(false);
    let relation = RelationMatch {
        kind: ObjectKind::Relation,
        path: path?,
        fields: fields?,
        except: except?,
        keys: keys?,
        references: references?,
        indexed: indexed?,
        privileges: inherited.privileges,
        strictness: manner.strictness,
        on_break: manner.on_break,
        acknowledge_protected,
        function: None,
        labels: Vec::new(),
        json_path: at,
    };
    check_relation(problems, &relation, privileges.is_some());
    Some(relation)
}

/// What the parts of a match must not contradict.
fn check_relation(problems: &mut Problems, relation: &RelationMatch, declares_privileges: bool) {
    let at = &relation.json_path;
    if matches!(relation.path, Path::Wildcard { .. }) {
        if relation.fields != Fields::All {
            let message = "a wildcard path must claim every column";
            problems.malformed(&json_key(at, "fields"), message, Some(r#"write "fields": ["*"]"#));
        }
        let lists = [
            ("acknowledge_protected", !relation.acknowledge_protected),
            ("keys", relation.keys.is_empty()),
            ("references", relation.references.is_empty()),
            ("indexed", relation.indexed.is_empty()),
        ];
        for (key, _) in lists.iter().filter(|(_, is_empty)| !is_empty) {
            let hint = "claim the relation in a match of its own";
            problems.malformed(&json_key(at, key), format!("a wildcard path cannot have {}", quoted(key)), Some(hint));
        }
        return;
    }
    if declares_privileges && relation.fields == Fields::None {
        let on_columns = relation.privileges.iter().filter(|privilege| privilege.is_of_columns());
        for privilege in on_columns {
            let message = format!("privilege {} is on no column", quoted(privilege.word()));
            let hint = r#"name the columns in "fields", or write "fields": ["*"]"#;
            problems.add(ProblemKind::Contradiction, &json_key(at, "privileges"), message, Some(hint));
        }
    }
    let claimed: HashSet<&str> = relation.columns().map(|column| column.name.as_str()).collect();
    let is_claimed = |name: &str| match relation.fields {
        Fields::All => !relation.except.iter().any(|excepted| excepted == name),
        Fields::Named(_) | Fields::None => claimed.contains(name),
    };
    let mut check = |key: &str, index: usize, columns: &[String]| {
        for name in columns.iter().filter(|name| !is_claimed(name)) {
            let message = format!("column {} is not claimed", quoted(name));
            let hint = r#"name it in "fields" too"#;
            problems.add(ProblemKind::Contradiction, &json_index(&json_key(at, key), index), message, Some(hint));
        }
    };
    relation.keys.iter().enumerate().for_each(|(index, columns)| check("keys", index, columns));
    relation.references.iter().enumerate().for_each(|(index, one)| check("references", index, &one.fields));
    relation.indexed.iter().enumerate().for_each(|(index, columns)| check("indexed", index, columns));
}

fn decode_privileges(problems: &mut Problems, object: &Object, at: &str) -> Option<PrivilegeSet> {
    let value = present(object, "privileges")?;
    let at = json_key(at, "privileges");
    let privileges = problems.list(value, &at, "privileges", Privilege::ALL.len(), |problems, value, at| {
        let word = problems.text(value, &at, "a privilege")?;
        let privilege = Privilege::ON_RELATION.into_iter().find(|privilege| privilege.word() == word);
        if privilege.is_none() {
            let all: Vec<&str> = Privilege::ON_RELATION.iter().map(|privilege| privilege.word()).collect();
            let hint = match word {
                "trigger" => "a trigger's code would run as whoever writes, so it is never granted".to_owned(),
                _ => format!("a claim can ask for {}", all.join(", ")),
            };
            problems.malformed(&at, format!("unrecognized privilege {}", quoted(word)), Some(&hint));
        }
        privilege
    })?;
    Some(privileges.into_iter().collect())
}

fn decode_except(
    problems: &mut Problems,
    object: &Object,
    at: &str,
    path: Option<&Path>,
    fields: Option<&Fields>,
) -> Option<Vec<String>> {
    let Some(value) = present(object, "except") else { return Some(Vec::new()) };
    let at = json_key(at, "except");
    let is_pattern = matches!(path, Some(Path::Wildcard { .. }));
    let all = problems.list(value, &at, "exceptions", MAX_FIELDS, |problems, value, at| {
        let text = problems.text(value, &at, "an exception")?;
        if !is_pattern {
            return problems.valid_name(parse_column_name(text), &at);
        }
        if let Some(wrong) = like::wrong(text, MAX_TYPE_BYTES) {
            problems.malformed(&at, wrong, Some("write a pattern of SQL's LIKE, as \"audit_%\""));
            return None;
        }
        Some(text.to_owned())
    })?;
    if !all.is_empty() && fields.is_some_and(|fields| *fields != Fields::All) {
        let message = "\"except\" needs \"fields\": [\"*\"]";
        problems.add(ProblemKind::Contradiction, &at, message, Some("name the columns that are claimed, or claim all"));
    }
    Some(all)
}

fn decode_column_lists(problems: &mut Problems, object: &Object, at: &str, key: &str) -> Option<Vec<Vec<String>>> {
    let Some(value) = present(object, key) else { return Some(Vec::new()) };
    let at = json_key(at, key);
    problems.list(value, &at, key, MAX_CONSTRAINTS, |problems, value, at| decode_columns(problems, value, &at))
}

/// A list of columns, each once.
fn decode_columns(problems: &mut Problems, value: &Value, at: &str) -> Option<Vec<String>> {
    if !value.is_array() {
        problems.mismatch(at, "an element", "a list of columns", value, Some(LISTS_FORM));
        return None;
    }
    let columns = problems.list(value, at, "columns", MAX_KEY_COLUMNS, |problems, value, at| {
        let name = parse_column_name(problems.text(value, &at, "a column")?);
        problems.valid_name(name, &at).map(|name| (name, at))
    })?;
    if value.as_array().is_some_and(Vec::is_empty) {
        problems.malformed(at, "a list of columns must hold at least one", Some(LISTS_FORM));
        return None;
    }
    Some(distinct(problems, "column", columns))
}

fn decode_references(problems: &mut Problems, object: &Object, at: &str) -> Option<Vec<Reference>> {
    let Some(value) = present(object, "references") else { return Some(Vec::new()) };
    let at = json_key(at, "references");
    problems.list(value, &at, "references", MAX_CONSTRAINTS, |problems, value, at| {
        let object = problems.object(value, &at, "a reference", REFERENCE_FORM)?;
        problems.check_keys(object, &at, "a reference", &REFERENCE_KEYS);
        let mut columns = |key: &str| {
            let value = problems.required(object, &at, key, REFERENCE_FORM)?;
            decode_columns(problems, value, &json_key(&at, key))
        };
        let (fields, to) = (columns("fields"), columns("to"));
        let path = decode_path(problems, object, &at, REFERENCE_FORM)?;
        let (fields, to) = (fields?, to?);
        if fields.len() != to.len() {
            let message = format!("{} cannot reference {}", count(fields.len(), "column"), to.len());
            problems.add(
                ProblemKind::Contradiction,
                &json_key(&at, "to"),
                message,
                Some("name one for each of \"fields\""),
            );
        }
        let Path::Relation { schema, relation } = path else {
            problems.malformed(&json_key(&at, "path"), "a reference cannot be to a wildcard", Some(REFERENCE_FORM));
            return None;
        };
        Some(Reference { fields, schema, relation, to })
    })
}

fn decode_labels(problems: &mut Problems, object: &Object, at: &str) -> Option<Vec<String>> {
    let Some(value) = present(object, "labels") else { return Some(Vec::new()) };
    let at = json_key(at, "labels");
    let labels = problems.list(value, &at, "labels", MAX_LABELS, |problems, value, at| {
        let label = problems.text(value, &at, "a label")?;
        if label.is_empty() || label.contains('\0') || label.len() > MAX_NAME_BYTES {
            let message = format!("{} cannot be the label of an enum", quoted(label));
            problems.malformed(&at, message, Some("a label has 1 to 63 bytes"));
            return None;
        }
        Some((label.to_owned(), at))
    })?;
    Some(distinct(problems, "label", labels))
}

/// Texts with where they stand; notes a problem for each that stands twice.
fn distinct(problems: &mut Problems, what: &str, texts: Vec<(String, String)>) -> Vec<String> {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (text, at) in &texts {
        match seen.entry(text) {
            Entry::Occupied(first) => problems.duplicate(&format!("{what} {}", quoted(text)), first.get(), at),
            Entry::Vacant(place) => {
                place.insert(at);
            }
        }
    }
    texts.into_iter().map(|(text, _)| text).collect()
}

fn decode_path(problems: &mut Problems, object: &Object, at: &str, form: &str) -> Option<Path> {
    let value = problems.required(object, at, "path", form)?;
    let at = json_key(at, "path");
    let path = Path::parse(problems.text(value, &at, "\"path\"")?);
    let path = problems.valid_name(path, &at)?;
    check_system_schema(problems, &path, &at);
    Some(path)
}

fn check_system_schema(problems: &mut Problems, path: &Path, at: &str) {
    if is_system_schema(path.schema()) {
        let message = format!("system schemas cannot be claimed: {}", quoted(path.schema()));
        let hint = "claim relations of the applications' schemas";
        problems.add(ProblemKind::Forbidden, at, message, Some(hint));
    }
}

/// Schemas that belong to the server or to the extension. PostgreSQL reserves the prefix `pg_`: `pg_catalog`, `pg_toast`,
/// `pg_temp_3` and what later releases add.
pub(crate) fn is_system_schema(name: &str) -> bool {
    name == "information_schema" || name == "integratedb" || name.starts_with("pg_")
}

fn decode_fields(problems: &mut Problems, object: &Object, at: &str, inherited: Inherited) -> Option<Fields> {
    let Some(value) = present(object, "fields") else {
        return Some(Fields::None);
    };
    // The bare "*" is the original language's shorthand for the list of it.
    if value == "*" || value.as_array().is_some_and(|list| matches!(&list[..], [only] if only == "*")) {
        return Some(Fields::All);
    }
    let at = json_key(at, "fields");
    let decode = |problems: &mut Problems, value: &Value, at| decode_field(problems, value, at, inherited);
    let fields = problems.list(value, &at, "fields", MAX_FIELDS, decode)?;
    check_distinct_columns(problems, &fields);
    Some(if fields.is_empty() { Fields::None } else { Fields::Named(fields) })
}

fn decode_field(problems: &mut Problems, value: &Value, at: String, inherited: Inherited) -> Option<Field> {
    let Value::Object(object) = value else {
        let alternatives = vec![decode_column(problems, value, at.clone(), inherited)?];
        return Some(Field { optional: false, alternatives, json_path: at });
    };
    problems.check_keys(object, &at, "a field", &[&COLUMN_KEYS[..], &FIELD_KEYS].concat());
    let optional = problems.boolean(object, &at, "optional").unwrap_or(false);
    let alternatives = match present(object, "alternatives") {
        None => vec![decode_column(problems, value, at.clone(), inherited)?],
        Some(list) => {
            let inside: Vec<&str> = COLUMN_KEYS.into_iter().filter(|key| !INHERITED_KEYS.contains(key)).collect();
            check_none_beside(problems, object, &at, &inside);
            let inherited = decode_inherited(problems, object, &at, inherited);
            let decode =
                |problems: &mut Problems, value: &Value, at| decode_column_alternative(problems, value, at, inherited);
            decode_alternatives(problems, list, &at, decode)?
        }
    };
    Some(Field { optional, alternatives, json_path: at })
}

/// Keys of a field that hold for its alternatives too.
const INHERITED_KEYS: [&str; 4] = ["shape", "select", "insert", "update"];

/// What the object itself says of what it would take over: nearest wins.
fn decode_inherited(problems: &mut Problems, object: &Object, at: &str, inherited: Inherited) -> Inherited {
    let mut privileges = inherited.privileges;
    for privilege in [Privilege::Select, Privilege::Insert, Privilege::Update] {
        match problems.boolean(object, at, privilege.word()) {
            Some(true) => privileges = privileges.with(privilege),
            Some(false) => privileges = privileges.without(privilege),
            None => {}
        }
    }
    Inherited { strictness: decode_shape(problems, object, at).unwrap_or(inherited.strictness), privileges }
}

fn decode_column_alternative(
    problems: &mut Problems,
    value: &Value,
    at: String,
    inherited: Inherited,
) -> Option<ColumnRequirement> {
    if let Value::Object(object) = value {
        problems.check_keys(object, &at, "an alternative of a field", &COLUMN_KEYS);
    }
    decode_column(problems, value, at, inherited)
}

/// A column's name, or the object that declares its shape; the keys of the object are checked by the caller.
fn decode_column(
    problems: &mut Problems,
    value: &Value,
    at: String,
    inherited: Inherited,
) -> Option<ColumnRequirement> {
    let named = |name, Inherited { strictness, privileges }| ColumnRequirement {
        name,
        types: Vec::new(),
        min_length: None,
        max_length: None,
        is_nullable: None,
        collation: None,
        generated: None,
        has_default: None,
        labels: Vec::new(),
        strictness,
        privileges,
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
            return problems.valid_name(name, &at).map(|name| named(name, inherited));
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
    let types = decode_types(problems, object, &at);
    let column = ColumnRequirement {
        types: types.unwrap_or_default(),
        min_length: decode_length(problems, object, &at, "min_length"),
        max_length: decode_length(problems, object, &at, "max_length"),
        is_nullable: problems.boolean(object, &at, "is_nullable"),
        collation: decode_collation(problems, object, &at),
        generated: problems.boolean(object, &at, "generated"),
        has_default: problems.boolean(object, &at, "has_default"),
        labels: decode_labels(problems, object, &at).unwrap_or_default(),
        ..named(String::new(), decode_inherited(problems, object, &at, inherited))
    };
    check_column(problems, &column);
    Some(ColumnRequirement { name: name?, ..column })
}

/// What is declared of one column must not contradict itself.
fn check_column(problems: &mut Problems, column: &ColumnRequirement) {
    let mut contradiction = |key: &str, message: String, hint: &str| {
        problems.add(ProblemKind::Contradiction, &json_key(&column.json_path, key), message, Some(hint));
    };
    if let (Some(min), Some(max)) = (column.min_length, column.max_length)
        && min > max
    {
        contradiction("max_length", format!("min_length {min} is above max_length {max}"), "swap them");
    }
    if column.generated == Some(true) {
        if column.has_default == Some(true) {
            let message = "a generated column has no default".to_owned();
            contradiction("has_default", message, "leave one of the two out");
        }
        for privilege in [Privilege::Insert, Privilege::Update] {
            if column.privileges.contains(privilege) {
                let message = format!(
                    "a generated column cannot be written, and privilege {} is on it",
                    quoted(privilege.word())
                );
                contradiction("generated", message, &format!("write {}: false", quoted(privilege.word())));
            }
        }
    }
}

/// One acceptable type, or a list of them.
fn decode_types(problems: &mut Problems, object: &Object, at: &str) -> Option<Vec<String>> {
    let value = present(object, "type")?;
    let at = json_key(at, "type");
    if let Value::String(text) = value {
        return Some(vec![check_type_name(problems, text, &at)?]);
    }
    if !value.is_array() {
        problems.mismatch(&at, "\"type\"", "a string or a list of strings", value, Some(TYPE_FORM));
        return None;
    }
    let types = problems.list(value, &at, "types", MAX_CONSTRAINTS, |problems, value, at| {
        let text = problems.text(value, &at, "a type")?;
        check_type_name(problems, text, &at)
    })?;
    if value.as_array().is_some_and(Vec::is_empty) {
        problems.malformed(&at, "a list of types must hold at least one", Some(TYPE_FORM));
    }
    Some(types)
}

fn check_type_name(problems: &mut Problems, text: &str, at: &str) -> Option<String> {
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
    problems.malformed(at, message, Some(TYPE_FORM));
    None
}

/// A collation: `schema.name`, or the name of one of the server's own.
fn decode_collation(problems: &mut Problems, object: &Object, at: &str) -> Option<String> {
    let value = present(object, "collation")?;
    let at = json_key(at, "collation");
    let text = problems.text(value, &at, "\"collation\"")?;
    if collation_path(text).is_none() {
        let hint = "write \"schema.name\", or the name of one of the server's own, as \"C\"";
        problems.add(ProblemKind::InvalidName, &at, format!("{} is not a collation's name", quoted(text)), Some(hint));
        return None;
    }
    Some(text.to_owned())
}

/// Schema and name of a collation: `de_DE.utf8` is the name of one in pg_catalog, unless there is a schema `de_DE`.
pub(super) fn collation_path(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    if let Ok(Path::Relation { schema, relation }) = Path::parse(text) {
        found.push((schema, relation));
    }
    if let Ok(name) = parse_column_name(text) {
        found.push((crate::types::CATALOG_SCHEMA.to_owned(), name));
    }
    (!found.is_empty()).then_some(found)
}

fn decode_length(problems: &mut Problems, object: &Object, at: &str, key: &str) -> Option<u32> {
    let value = present(object, key)?;
    let length = value.as_u64().and_then(|length| u32::try_from(length).ok());
    let length = length.filter(|length| (1..=MAX_LENGTH).contains(length));
    if length.is_none() {
        let number = value.as_number().map(|number| format!(" {number}")).unwrap_or_default();
        let message =
            format!("{} must be an integer from 1 to {MAX_LENGTH}, found {}{number}", quoted(key), describe(value));
        problems.malformed(&json_key(at, key), message, None);
    }
    length
}

fn check_distinct_paths<'a>(
    problems: &mut Problems,
    relations: impl Iterator<Item = &'a RelationMatch>,
    seen: &mut HashMap<String, &'a str>,
) {
    for relation in relations {
        match seen.entry(relation.identity()) {
            Entry::Occupied(first) => {
                let what = match relation.kind {
                    ObjectKind::Relation => format!("path {}", quoted(first.key())),
                    kind => format!("{} {}", kind.as_str(), quoted(&relation.name_text())),
                };
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
