//! The JSON Schema (draft 2020-12) of the claim document, for editors and CI.
//!
//! It is generated from the lists and limits of the language. It says what the form of a document is; what it cannot
//! say (a name is bounded in bytes, nothing stands twice, `min_length` is not above `max_length`, a key is over claimed
//! columns) is left to the decoder. So every document that decodes is valid against it, and most that do not decode
//! are not.

use serde_json::{Map, Value, json};

use crate::document::decode::{COLUMN_KEYS, DOCUMENT_KEYS, RELATION_KEYS};
use crate::document::{MAX_FIELDS, MAX_TYPE_BYTES};
use crate::path::MAX_NAME_BYTES;
use crate::privilege::Privilege;
use crate::state::{OnBreak, Strictness};
use keys::{alternative_key, document_key, field_key, match_key};

/// The schema's name. Its number changes when a document that was valid is so no longer.
pub const ID: &str = "urn:integratedb:claim-document:1";

/// The keys of a document.
const DOCUMENT: &[&str] = &DOCUMENT_KEYS;
/// The keys that say what is claimed of a relation: those of an alternative of a match.
const RELATION: &[&str] = &RELATION_KEYS;
/// The keys of a match on relations that stand beside `alternatives`, too.
const RELATION_MATCH: &[&str] = &["optional", "pending", "on_break", "shape"];
const ALTERNATIVES: &[&str] = &["alternatives"];
/// The keys of a match on a function; the first one names it, here and for the others.
const FUNCTION: &[&str] = &["function", "returns", "allow_security_definer"];
const SEQUENCE: &[&str] = &["sequence"];
const TYPE: &[&str] = &["type", "labels"];
/// The keys that a match on a function, sequence or type has besides.
const OBJECT_MATCH: &[&str] = &["optional", "pending", "on_break"];
/// The keys that say what is claimed of a column: those of an alternative of a field.
const COLUMN: &[&str] = &COLUMN_KEYS;
/// The keys of a field that stand beside `alternatives`, too.
const FIELD: &[&str] = &["optional", "shape", "select", "insert", "update"];
/// The values of `on_break`.
const BREAKS: &[&str] = &OnBreak::WORDS;
/// The values of `shape`.
const SHAPES: &[&str] = &Strictness::WORDS;
/// The values of `privileges`.
fn privileges() -> Vec<&'static str> {
    Privilege::ON_RELATION.into_iter().map(Privilege::word).collect()
}

/// The schema: the same value each time. It refers to nothing outside itself.
pub fn claim_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Claim document of integratedb",
        "description": "What an application needs of a shared PostgreSQL database, for integratedb.claim().",
        "type": "object",
        "properties": properties(DOCUMENT, document_key),
        "required": ["match"],
        "additionalProperties": false,
        "examples": [example()],
        "$defs": definitions(),
    })
}

/// A document in which most of the language occurs.
fn example() -> Value {
    json!({
        "match": [
            {"path": "public.orders", "fields": ["*"], "except": ["internal_note"]},
            {
                "path": "public.customers",
                "fields": [
                    "id",
                    {"name": "email", "type": "text", "min_length": 40, "is_nullable": false},
                    {"name": "nickname", "update": true, "optional": true},
                    {"alternatives": ["user_id", {"name": "account_id", "type": ["integer", "bigint"]}]},
                ],
                "keys": [["id"]],
            },
            {
                "alternatives": [
                    {"path": "public.invoices", "fields": ["id", "total"]},
                    {"path": "public.legacy_invoices", "fields": ["id", "amount"]},
                ],
                "optional": true,
            },
            {"path": "billing.*", "fields": ["*"], "except": ["audit_%"]},
            {"function": "public.order_total(bigint)", "returns": "numeric"},
        ],
    })
}

fn definitions() -> Value {
    let relation_match = [RELATION, RELATION_MATCH].concat();
    let column_field = [COLUMN, FIELD].concat();
    let object_match = |keys: &[&'static str]| [keys, OBJECT_MATCH].concat();
    let relation_alternatives = [RELATION_MATCH, ALTERNATIVES].concat();
    let field_alternatives = [FIELD, ALTERNATIVES].concat();
    let every_match = [RELATION, RELATION_MATCH, ALTERNATIVES, FUNCTION, SEQUENCE, TYPE].concat();
    let every_field = [COLUMN, FIELD, ALTERNATIVES].concat();
    json!({
        "match": choice(
            "What is needed: a relation, relations of which one will do, a function, a sequence or a type.",
            &[
                ("alternatives", "match_of_alternatives"),
                ("function", "match_of_function"),
                ("sequence", "match_of_sequence"),
                ("type", "match_of_type"),
            ],
            "match_of_relation",
        ),
        "match_of_relation": with_path_rules(
            object("A relation", &relation_match, &every_match, "path", match_key),
            wildcard_rule(),
        ),
        "match_of_alternatives": object(
            "Relations of which at least one must be as claimed",
            &relation_alternatives,
            &every_match,
            "alternatives",
            match_key,
        ),
        "match_of_function": object("A function", &object_match(FUNCTION), &every_match, "function", match_key),
        "match_of_sequence": object("A sequence", &object_match(SEQUENCE), &every_match, "sequence", match_key),
        "match_of_type": object("A type", &object_match(TYPE), &every_match, "type", match_key),
        "alternative_relation": with_path_rules(
            object("One acceptable relation", RELATION, &[], "path", alternative_key),
            json!({"properties": {"except": {"items": reference("column_name")}}}),
        ),
        "fields": fields(),
        "field": name_or("A column, or columns of which one will do.", choice(
            "What is needed of a column.",
            &[("alternatives", "field_of_alternatives")],
            "field_of_column",
        )),
        "field_of_column": object("A column", &column_field, &every_field, "name", field_key),
        "field_of_alternatives": object(
            "Columns of which at least one must be as claimed",
            &field_alternatives,
            &every_field,
            "alternatives",
            field_key,
        ),
        "alternative_column": name_or(
            "One acceptable column.",
            object("One acceptable column", COLUMN, &[], "name", field_key),
        ),
        "path": path(format!("^{}\\.({}|\\*)$", part(), part())),
        "object_path": path(format!("^{}\\.{}$", part(), part())),
        "signature": signature(),
        "column_name": {
            "description": "A column. The name is literal and case-sensitive; one that begins with a double quote, or is a \
                lone asterisk, is written in double quotes as in SQL.",
            "type": "string",
            "pattern": format!("^([^\"\\u0000][^\\u0000]{{0,{}}}|{})$", MAX_NAME_BYTES - 1, quoted_part()),
        },
        "columns": {"type": "array", "items": reference("column_name"), "minItems": 1},
        "type_name": {
            "description": "A type in any spelling that PostgreSQL accepts; one outside pg_catalog with its schema.",
            "type": "string",
            // Not blank, and no "table.column%TYPE".
            "pattern": "^[^%\\u0000]*[^%\\s\\u0000][^%\\u0000]*$",
            "maxLength": MAX_TYPE_BYTES,
            "examples": ["bigint", "varchar(40)", "numeric(12,2)", "timestamptz", "text[]", "public.mood"],
        },
    })
}

/// `{"properties": {...}}` of these keys.
fn properties(keys: &[&str], describe: fn(&str) -> Value) -> Map<String, Value> {
    keys.iter().map(|key| ((*key).to_owned(), describe(key))).collect()
}

/// An object with the keys `own`, of which `required` must be there. What is of `known` besides may stand there as
/// null, which counts as left out.
fn object(title: &str, own: &[&str], known: &[&str], required: &str, describe: fn(&str) -> Value) -> Value {
    let mut properties = properties(own, describe);
    for key in known.iter().filter(|key| !own.contains(key)) {
        let description = describe(key)["description"].take();
        properties.insert((*key).to_owned(), json!({"description": description, "type": "null"}));
    }
    json!({
        "title": title,
        "type": "object",
        "properties": properties,
        "required": [required],
        "additionalProperties": false,
    })
}

/// One definition or another, by the first of these keys that is there. An editor follows this where it would not know
/// which branch of a `oneOf` is meant.
fn choice(description: &str, by_key: &[(&str, &str)], otherwise: &str) -> Value {
    let mut schema = reference(otherwise);
    for (key, definition) in by_key.iter().rev() {
        let present = json!({"properties": {*key: {"not": {"type": "null"}}}, "required": [key]});
        schema = json!({"if": present, "then": reference(definition), "else": schema});
    }
    described(description, schema)
}

/// A column's name, or what `schema` says of an object.
fn name_or(description: &str, schema: Value) -> Value {
    let name = json!({"allOf": [reference("column_name"), {"not": {"const": "*"}}]});
    json!({
        "description": description,
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": name,
        "else": schema,
    })
}

/// A relation with what its path, `fields` and `except` mean for each other.
fn with_path_rules(mut relation: Value, by_path: Value) -> Value {
    let leaves_out = json!({"properties": {"except": {"type": "array", "minItems": 1}}, "required": ["except"]});
    let all = json!({"properties": {"fields": every_column()}, "required": ["fields"]});
    relation["allOf"] = json!([by_path, {"if": leaves_out, "then": all}]);
    relation
}

/// Of `schema.*` every column is claimed, and `except` holds patterns of names of relations.
fn wildcard_rule() -> Value {
    let wildcard = json!({"type": "string", "pattern": format!("^{}\\.\\*$", part())});
    json!({
        "if": {"properties": {"path": wildcard}, "required": ["path"]},
        "then": {
            "properties": {"fields": every_column(), "except": {"items": {"type": "string", "minLength": 1}}},
            "required": ["fields"],
        },
        "else": {"properties": {"except": {"items": reference("column_name")}}},
    })
}

/// `["*"]`, or the shorthand for it.
fn every_column() -> Value {
    json!({"enum": ["*", ["*"]]})
}

fn fields() -> Value {
    let every = json!({"type": "array", "contains": {"const": "*"}});
    json!({
        "type": ["array", "string", "null"],
        "maxItems": MAX_FIELDS,
        "if": {"type": "string"},
        "then": every_column(),
        "else": {"if": every, "then": every_column(), "else": {"items": reference("field")}},
    })
}

fn path(pattern: String) -> Value {
    json!({
        "type": "string",
        "pattern": pattern,
        "not": {"pattern": "^(\"?pg_|(information_schema|integratedb)\\.|\"(information_schema|integratedb)\"\\.)"},
        "examples": ["public.orders"],
    })
}

fn signature() -> Value {
    let name = format!("([^.\"(\\u0000][^.\"(\\u0000]{{0,{}}}|{})", MAX_NAME_BYTES - 1, quoted_part());
    let mut schema = path(format!("^{}\\.{name}\\([^\\u0000]*\\)$", part()));
    schema["examples"] = json!(["public.order_total(bigint)", "public.refresh()"]);
    schema
}

/// A name in a path: bare, but a lone asterisk is none; or quoted as in SQL. A name has no more characters than bytes.
fn part() -> String {
    let (first, more) = ("[^.\"*\\u0000]", "[^.\"\\u0000]");
    format!("({first}{more}{{0,{rest}}}|\\*{more}{{1,{rest}}}|{})", quoted_part(), rest = MAX_NAME_BYTES - 1)
}

fn quoted_part() -> String {
    format!("\"([^\"\\u0000]|\"\"){{1,{MAX_NAME_BYTES}}}\"")
}

fn reference(definition: &str) -> Value {
    json!({"$ref": format!("#/$defs/{definition}")})
}

fn described(description: &str, mut schema: Value) -> Value {
    schema["description"] = description.into();
    schema
}

mod keys;
#[cfg(test)]
pub(crate) mod tests;
