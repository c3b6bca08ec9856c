//! What each key means and may hold: its description, which editors show, and its schema.

use serde_json::{Value, json};

use super::{BREAKS, SHAPES, described, privileges, reference};
use crate::document::{MAX_ALTERNATIVES, MAX_LENGTH, MAX_MATCHES};

fn flag() -> Value {
    json!({"type": ["boolean", "null"]})
}

fn list(items: Value) -> Value {
    json!({"type": ["array", "null"], "items": items})
}

/// `schema`, or null for left out.
fn or_null(schema: Value) -> Value {
    json!({"if": {"not": {"type": "null"}}, "then": schema})
}

fn shape() -> Value {
    let words: Vec<Value> = SHAPES.iter().map(|word| Value::from(*word)).chain([Value::Null]).collect();
    let meaning = "How what is observed is held. tracked: as it was after the last accepted migration; pinned: as it was \
        when it was claimed; declared: only what the document says. What stands nearest to a column counts.";
    described(meaning, json!({"enum": words}))
}

fn on_break() -> Value {
    let words: Vec<Value> = BREAKS.iter().map(|word| Value::from(*word)).chain([Value::Null]).collect();
    let meaning = "What a migration that breaks the claim is told. block: an error, it cannot commit; warn: a warning, the \
        claim becomes unmet. A match's own word counts before the document's.";
    described(meaning, json!({"enum": words}))
}

pub(super) fn document_key(key: &str) -> Value {
    match key {
        "match" => described(
            "What is needed, one match a thing. A path may stand here once.",
            json!({"type": "array", "items": reference("match"), "maxItems": MAX_MATCHES}),
        ),
        "shape" => shape(),
        "on_break" => on_break(),
        other => unreachable!("the key {other} of a document is not described"),
    }
}

pub(super) fn match_key(key: &str) -> Value {
    let references = json!({
        "type": "object",
        "properties": {
            "fields": described("The columns that refer.", reference("columns")),
            "path": described("The relation that they refer to.", reference("object_path")),
            "to": described("Its columns, in the same order.", reference("columns")),
        },
        "required": ["fields", "path", "to"],
        "additionalProperties": false,
    });
    let (meaning, schema) = match key {
        "path" => (
            "The relation, \"schema.relation\", or every relation of a schema, \"schema.*\", those to come too. Names are \
             literal and case-sensitive; one that holds a dot or a double quote is written in double quotes as in SQL.",
            reference("path"),
        ),
        "fields" => (
            "The columns. [\"*\"]: every column, those to come too. Left out or []: the relation must exist, no column is \
             claimed.",
            reference("fields"),
        ),
        "except" => (
            "What \"*\" leaves out. Beside \"fields\": [\"*\"] of one relation: names of columns. Beside a path \"schema.*\": \
             SQL LIKE patterns of names of relations.",
            list(json!({})),
        ),
        "keys" => (
            "Lists of columns. Each must be a primary key, or have a valid unique index on exactly these columns.",
            list(reference("columns")),
        ),
        "references" => ("Foreign keys that must be there.", list(references)),
        "indexed" => {
            ("Lists of columns. Each must lead a valid index that is not partial.", list(reference("columns")))
        }
        "privileges" => (
            "What may be done with the fields, and with the rows (delete). Left out: select.",
            list(json!({"enum": privileges()})),
        ),
        "shape" => return shape(),
        "on_break" => return on_break(),
        "acknowledge_protected" => ("Claim protected columns that are named here, knowingly.", flag()),
        "optional" => ("What is claimed may be absent.", flag()),
        "pending" => (
            "What is claimed may not exist yet. The claim blocks nobody until it is met for the first time; from then on \
             it is enforced.",
            flag(),
        ),
        "alternatives" => (
            "At least one of these must be met. Each one that is met is granted.",
            json!({
                "type": "array",
                "items": reference("alternative_relation"),
                "minItems": 1,
                "maxItems": MAX_ALTERNATIVES,
            }),
        ),
        "function" => (
            "A function with the types of its arguments, \"schema.name(type, type)\": EXECUTE is granted.",
            reference("signature"),
        ),
        "returns" => ("The type of the function's result.", or_null(reference("type_name"))),
        "allow_security_definer" => ("The function may run with the rights of its owner.", flag()),
        "sequence" => ("A sequence, \"schema.name\": USAGE is granted.", reference("object_path")),
        "type" => ("A type, \"schema.name\": USAGE is granted.", reference("object_path")),
        "labels" => ("Labels of an enum that must exist. Others may come.", list(json!({"type": "string"}))),
        other => unreachable!("the key {other} of a match is not described"),
    };
    described(meaning, schema)
}

/// Of an alternative, which is one relation.
pub(super) fn alternative_key(key: &str) -> Value {
    match key {
        "path" => described("The relation, \"schema.relation\".", reference("object_path")),
        other => match_key(other),
    }
}

pub(super) fn field_key(key: &str) -> Value {
    let length = || json!({"type": ["integer", "null"], "minimum": 1, "maximum": MAX_LENGTH});
    let types = json!({
        "type": ["string", "array", "null"],
        "if": {"type": "string"},
        "then": reference("type_name"),
        "else": {"items": reference("type_name"), "minItems": 1},
    });
    let (meaning, schema) = match key {
        "name" => ("The column's name: literal and case-sensitive.", reference("column_name")),
        "type" => ("The type that the column must have and keep, or a list of acceptable types.", types),
        "min_length" => ("The least length in characters, or precision of a numeric.", length()),
        "max_length" => ("The greatest length in characters that a value may have: for fixed buffers.", length()),
        "is_nullable" => ("false: the column must be NOT NULL. true: the application copes with nulls.", flag()),
        "collation" => (
            "The collation that the column must have: \"schema.name\", or a name of pg_catalog, as \"C\".",
            json!({"type": ["string", "null"], "minLength": 1, "examples": ["C"]}),
        ),
        "generated" => ("Whether the column must be a generated one.", flag()),
        "has_default" => ("Whether the column must have a default.", flag()),
        "labels" => ("Labels of the enum that must exist. Others may come.", list(json!({"type": "string"}))),
        "shape" => return shape(),
        "select" => ("Whether the column is read, whatever \"privileges\" of the match says.", flag()),
        "insert" => {
            ("Whether the column is given a value by INSERT, whatever \"privileges\" of the match says.", flag())
        }
        "update" => ("Whether the column is changed by UPDATE, whatever \"privileges\" of the match says.", flag()),
        "optional" => ("The column may be absent.", flag()),
        "alternatives" => (
            "At least one of these columns must be there, in the shape declared.",
            json!({
                "type": "array",
                "items": reference("alternative_column"),
                "minItems": 1,
                "maxItems": MAX_ALTERNATIVES,
            }),
        ),
        other => unreachable!("the key {other} of a field is not described"),
    };
    described(meaning, schema)
}
