//! The match of a document that would claim what is missing.

use serde_json::{Value, json};

use super::Denied;
use crate::document::{is_on, matches_of};
use crate::path::{Path, display_column, parse_column_name};
use crate::privilege::{Privilege, PrivilegeSet};

/// What is to be added to a match.
pub struct Amendment<'a> {
    /// Columns; `*` alone is every column. Beside privileges, those of a match that is not there yet.
    pub columns: &'a [&'a str],
    /// Privileges on all of the match.
    pub privileges: PrivilegeSet,
    /// That it is known to be protected.
    pub acknowledges: bool,
}

impl Default for Amendment<'_> {
    fn default() -> Self {
        Amendment { columns: &[], privileges: PrivilegeSet::NONE, acknowledges: false }
    }
}

/// The match on the relation as it stands in the document, or a new one, amended.
pub fn amended(document: &Value, denied: &Denied, amendment: &Amendment) -> Value {
    let path = Path::Relation { schema: denied.schema.clone(), relation: denied.name.clone() };
    let known = matches_of(document).iter().find(|entry| is_on(entry, &path));
    let mut entry = known.cloned().unwrap_or_else(|| json!({ "path": path.to_string() }));
    let mut fields = match entry.get("fields") {
        Some(Value::String(every)) => vec![json!(every)],
        Some(Value::Array(fields)) => fields.clone(),
        _ => Vec::new(),
    };
    if known.is_some() && !amendment.privileges.is_empty() {
        // Its columns are claimed as they are.
    } else if fields.iter().any(|field| field == "*") {
        // What is added to all columns is one that was excepted.
        if let Some(except) = entry.get_mut("except").and_then(Value::as_array_mut) {
            except.retain(|text| !amendment.columns.iter().any(|name| names(text, name)));
        }
        if entry.get("except").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            entry.as_object_mut().map(|entry| entry.remove("except"));
        }
    } else if amendment.columns == ["*"] {
        fields = vec![json!("*")];
    } else {
        for name in amendment.columns {
            let is_there = |field: &Value| names(field, name) || field.get("name").is_some_and(|own| names(own, name));
            if !fields.iter().any(is_there) {
                fields.push(json!(display_column(name)));
            }
        }
    }
    if !fields.is_empty() {
        entry["fields"] = Value::Array(fields);
    }
    if !amendment.privileges.is_empty() {
        let own = entry.get("privileges").and_then(Value::as_array);
        let own = own.map_or(PrivilegeSet::SELECT, |own| {
            own.iter().filter_map(|word| Privilege::from_word(word.as_str()?)).collect()
        });
        entry["privileges"] = json!(own.or(amendment.privileges));
    }
    if amendment.acknowledges {
        entry["acknowledge_protected"] = json!(true);
    }
    entry
}

fn names(text: &Value, column: &str) -> bool {
    text.as_str().is_some_and(|text| text != "*" && parse_column_name(text).is_ok_and(|name| name == column))
}
