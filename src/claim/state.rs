//! Claims as they are kept: a match, expanded, with the shape that its reader relies on.
//!
//! The JSON forms are what the extension stores, so a field keeps its name for ever once released.

use std::rc::Rc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::catalog::Column;
use crate::path::display_relation;
use crate::types::{
    CATALOG_SCHEMA, DeclaredType, Type, TypeName, catalog_schema, is_false, is_no_modifier, no_modifier,
};

/// Whether the catalogs satisfy a claim, no longer do, or never have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The catalogs satisfy it.
    #[default]
    Met,
    /// They did once, and no longer do.
    Unmet,
    /// They never have yet.
    Pending,
}

impl Status {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Met => "met",
            Status::Unmet => "unmet",
            Status::Pending => "pending",
        }
    }

    /// The inverse of [`Status::as_str`].
    pub fn from_word(word: &str) -> Option<Status> {
        [Status::Met, Status::Unmet, Status::Pending].into_iter().find(|status| status.as_str() == word)
    }

    fn is_met(&self) -> bool {
        *self == Status::Met
    }
}

/// What a type outside pg_catalog stands for: another one can take its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nature {
    /// `pg_type.typtype`.
    pub kind: char,
    /// The type below a domain, and its modifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<DeclaredType>,
}

impl Nature {
    fn of(r#type: &Type) -> Option<Nature> {
        if r#type.name.schema == CATALOG_SCHEMA {
            return None;
        }
        let base =
            r#type.base.as_ref().map(|(name, modifier)| DeclaredType { name: (**name).clone(), modifier: *modifier });
        Some(Nature { kind: r#type.kind, base })
    }

    /// As a person says it.
    pub fn display(&self) -> String {
        match (&self.base, self.kind) {
            (Some(base), _) => format!("a domain over {}", base.name.display(base.modifier)),
            (None, 'e') => "an enum".to_owned(),
            (None, 'c') => "a composite type".to_owned(),
            (None, 'r') => "a range".to_owned(),
            (None, 'm') => "a multirange".to_owned(),
            (None, _) => "a base type".to_owned(),
        }
    }
}

/// The shape of a column: what a reader sees of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "StoredShape")]
pub struct Shape {
    /// Type; shared, because there are many columns and few types.
    pub r#type: Rc<TypeName>,
    /// `atttypmod`.
    pub modifier: i32,
    /// NOT NULL, by its own constraint or its domain's.
    pub not_null: bool,
    /// For a type outside pg_catalog.
    pub nature: Option<Nature>,
}

/// A shape as it is stored: the type's name stands among its own keys. Written by hand below, as serde's `flatten` costs
/// more than all else about a claim.
#[derive(Deserialize)]
struct StoredShape {
    #[serde(default = "catalog_schema")]
    schema: String,
    #[serde(rename = "type")]
    name: String,
    #[serde(default)]
    array: bool,
    #[serde(default = "no_modifier")]
    modifier: i32,
    #[serde(default)]
    not_null: bool,
    #[serde(default)]
    nature: Option<Nature>,
}

impl From<StoredShape> for Shape {
    fn from(stored: StoredShape) -> Shape {
        let StoredShape { schema, name, array, modifier, not_null, nature } = stored;
        Shape { r#type: Rc::new(TypeName { schema, name, array }), modifier, not_null, nature }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TypeName { schema, name, array } = &*self.r#type;
        let mut map = serializer.serialize_map(None)?;
        if schema != CATALOG_SCHEMA {
            map.serialize_entry("schema", schema)?;
        }
        map.serialize_entry("type", name)?;
        if *array {
            map.serialize_entry("array", array)?;
        }
        if !is_no_modifier(&self.modifier) {
            map.serialize_entry("modifier", &self.modifier)?;
        }
        if self.not_null {
            map.serialize_entry("not_null", &self.not_null)?;
        }
        if let Some(nature) = &self.nature {
            map.serialize_entry("nature", nature)?;
        }
        map.end()
    }
}

impl Shape {
    /// The shape that a column has now.
    pub fn of(column: &Column) -> Shape {
        Shape {
            r#type: Rc::clone(&column.r#type.name),
            modifier: column.modifier,
            not_null: column.is_not_null(),
            nature: Nature::of(&column.r#type),
        }
    }

    /// As a person writes it: `bigint NOT NULL`.
    pub fn display(&self) -> String {
        let mut text = self.r#type.display(self.modifier);
        if self.not_null {
            text.push_str(" NOT NULL");
        }
        text
    }
}

/// One acceptable column of a claimed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedColumn {
    /// Column name.
    pub name: String,
    /// Declared type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_type: Option<DeclaredType>,
    /// Declared minimum length or precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Declared nullability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_nullable: Option<bool>,
    /// What was last seen, once the column has been met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Shape>,
    /// Status.
    #[serde(default, skip_serializing_if = "Status::is_met")]
    pub status: Status,
}

impl ClaimedColumn {
    /// What is required of the column, as a person writes it.
    pub fn display(&self) -> String {
        let mut parts = Vec::new();
        match (&self.declared_type, &self.observed) {
            (Some(declared), Some(observed)) if declared.modifier == -1 => {
                parts.push(declared.name.display(observed.modifier));
            }
            (Some(declared), _) => parts.push(declared.name.display(declared.modifier)),
            (None, Some(observed)) => parts.push(observed.r#type.display(observed.modifier)),
            (None, None) => {}
        }
        if let Some(length) = self.min_length {
            parts.push(format!("min_length {length}"));
        }
        if self.requires_not_null() {
            parts.push("NOT NULL".to_owned());
        }
        parts.join(" ")
    }

    /// Declared NOT NULL, or observed so and nothing declared.
    pub fn requires_not_null(&self) -> bool {
        match self.is_nullable {
            Some(nullable) => !nullable,
            None => self.observed.as_ref().is_some_and(|shape| shape.not_null),
        }
    }
}

/// One claimed field: one or several acceptable columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedField {
    /// Absent is met.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// The acceptable columns.
    pub columns: Vec<ClaimedColumn>,
    /// Status.
    #[serde(default, skip_serializing_if = "Status::is_met")]
    pub status: Status,
}

/// One acceptable relation of a claim, or the schema that a wildcard path names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedRelation {
    /// Schema.
    pub schema: String,
    /// Relation; `None` is the schema of a wildcard path.
    pub relation: Option<String>,
    /// Claimed with `"fields": ["*"]`: every column, those to come too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub every_column: bool,
    /// Row level security was on when the relation was claimed or last met. Once accepted, it stays so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub row_security: bool,
    /// The stakeholder has lived with a view that reads with its own privileges. Once accepted, it stays so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub security_invoker: bool,
    /// The claimed fields, expanded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<ClaimedField>,
    /// Status.
    #[serde(default, skip_serializing_if = "Status::is_met")]
    pub status: Status,
}

impl ClaimedRelation {
    /// Its path, as a document writes it.
    pub fn path(&self) -> String {
        match &self.relation {
            Some(relation) => display_relation(&self.schema, relation),
            None => crate::path::Path::Wildcard { schema: self.schema.clone() }.to_string(),
        }
    }
}

/// One match, expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its number, for as long as its stakeholder claims this path.
    pub id: i64,
    /// Whose it is.
    pub stakeholder: String,
    /// Position of its match in the document, from 0.
    pub match_number: i32,
    /// Absent is met.
    pub optional: bool,
    /// Made by a wildcard path, for one relation.
    pub derived: bool,
    /// The alternatives, in the document's order.
    pub alternatives: Vec<ClaimedRelation>,
    /// Status.
    pub status: Status,
}

impl Claim {
    /// Its path; the paths of several alternatives are joined by ` | `.
    pub fn path(&self) -> String {
        let paths: Vec<String> = self.alternatives.iter().map(ClaimedRelation::path).collect();
        paths.join(" | ")
    }
}
