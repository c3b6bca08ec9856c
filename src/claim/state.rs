//! Claims as they are kept: a match, expanded, with the shape that its reader relies on.
//!
//! The JSON forms are what the extension stores, so a field keeps its name for ever once released.

use std::rc::Rc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::catalog::{CollationName, Column};
use crate::name::Name;
use crate::path::{display_function, display_relation};
use crate::privilege::{Privilege, PrivilegeSet};
use crate::types::{
    CATALOG_SCHEMA, DeclaredType, Type, TypeName, catalog_schema, is_false, is_no_modifier, no_modifier,
};

mod fields;

pub use fields::write_fields;

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
    /// For a type outside pg_catalog: few have one, and there are many columns.
    pub nature: Option<Box<Nature>>,
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
    nature: Option<Box<Nature>>,
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
            nature: Nature::of(&column.r#type).map(Box::new),
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

/// How closely what a document does not declare must stay as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// As it was last accepted: what has widened may not narrow again.
    #[default]
    Tracked,
    /// As it was when claimed: what has widened may narrow back to that.
    Pinned,
    /// Only what is declared counts.
    Declared,
}

impl Strictness {
    /// Every word of a document.
    pub const WORDS: [&str; 3] = ["tracked", "pinned", "declared"];

    /// The word that a document writes.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The inverse of [`Strictness::as_str`].
    pub fn from_word(word: &str) -> Option<Strictness> {
        [Strictness::Tracked, Strictness::Pinned, Strictness::Declared].into_iter().find(|one| one.as_str() == word)
    }

    fn is_default(&self) -> bool {
        *self == Strictness::default()
    }
}

/// What a break of a claim is to whoever brings it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBreak {
    /// An error: the transaction cannot commit.
    #[default]
    Block,
    /// A warning, and a line in the history: the claim becomes unmet.
    Warn,
}

impl OnBreak {
    /// Every word of a document.
    pub const WORDS: [&str; 2] = ["block", "warn"];

    /// The word that a document writes.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The inverse of [`OnBreak::as_str`].
    pub fn from_word(word: &str) -> Option<OnBreak> {
        [OnBreak::Block, OnBreak::Warn].into_iter().find(|one| one.as_str() == word)
    }

    fn is_default(&self) -> bool {
        *self == OnBreak::default()
    }
}

/// What a document declares of a column beyond its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Declared {
    /// Acceptable types; empty for any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<DeclaredType>,
    /// Minimum length or precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Maximum length or precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Nullability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_nullable: Option<bool>,
    /// Collation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<CollationName>,
    /// Whether it is a generated column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated: Option<bool>,
    /// Whether an INSERT may rely on a default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_default: Option<bool>,
    /// Labels that its enum must have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// One acceptable column of a claimed field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClaimedColumn {
    /// Column name; shared with the catalog's.
    pub name: Name,
    /// What is declared of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Box<Declared>>,
    /// How closely the rest must stay as it was seen.
    #[serde(default, skip_serializing_if = "Strictness::is_default")]
    pub strictness: Strictness,
    /// What its reader needs on it.
    #[serde(default = "PrivilegeSet::select", skip_serializing_if = "PrivilegeSet::is_select")]
    pub privileges: PrivilegeSet,
    /// What was last seen, once the column has been met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Shape>,
    /// Status.
    #[serde(default, skip_serializing_if = "Status::is_met")]
    pub status: Status,
}

impl ClaimedColumn {
    /// What is declared; nothing at all if the document gives only a name.
    pub fn declared(&self) -> &Declared {
        static NOTHING: Declared = Declared {
            types: Vec::new(),
            min_length: None,
            max_length: None,
            is_nullable: None,
            collation: None,
            generated: None,
            has_default: None,
            labels: Vec::new(),
        };
        self.declared.as_deref().unwrap_or(&NOTHING)
    }

    /// What is required of the type, as a person writes it: `integer or bigint`.
    pub fn display_type(&self) -> String {
        let shown = |declared: &DeclaredType| match &self.observed {
            Some(observed) if declared.modifier == -1 && declared.name == *observed.r#type => {
                declared.name.display(observed.modifier)
            }
            _ => declared.name.display(declared.modifier),
        };
        match (self.declared().types.as_slice(), &self.observed) {
            ([], Some(observed)) => observed.r#type.display(observed.modifier),
            (types, _) => types.iter().map(shown).collect::<Vec<_>>().join(" or "),
        }
    }

    /// What is required of the column, as a person writes it.
    pub fn display(&self) -> String {
        let declared = self.declared();
        let mut parts = vec![self.display_type()];
        parts.extend(declared.min_length.map(|length| format!("min_length {length}")));
        parts.extend(declared.max_length.map(|length| format!("max_length {length}")));
        if self.requires_not_null() {
            parts.push("NOT NULL".to_owned());
        }
        parts.extend(declared.collation.as_ref().map(|collation| format!("COLLATE {collation}")));
        parts.extend(
            declared.generated.map(|generated| if generated { "generated" } else { "not generated" }.to_owned()),
        );
        parts.extend(
            declared.has_default.map(|has| if has { "with a default" } else { "without a default" }.to_owned()),
        );
        if !declared.labels.is_empty() {
            parts.push(format!("with {}", display_labels(&declared.labels)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }

    /// Declared NOT NULL, or observed so and nothing declared.
    pub fn requires_not_null(&self) -> bool {
        match self.declared().is_nullable {
            Some(nullable) => !nullable,
            None => self.observed.as_ref().is_some_and(|shape| shape.not_null),
        }
    }
}

/// Labels of an enum, as a person writes them: `label 'paid', 'refunded'`.
pub fn display_labels(labels: &[String]) -> String {
    let quoted: Vec<String> = labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
    format!("{} {}", if labels.len() == 1 { "label" } else { "labels" }, quoted.join(", "))
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

/// What stands behind a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A relation, or the schema of a wildcard path.
    #[default]
    Relation,
    /// A function.
    Function,
    /// A sequence.
    Sequence,
    /// A type.
    Type,
}

impl ObjectKind {
    /// The word that is stored, and the key of a document.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Relation => "relation",
            ObjectKind::Function => "function",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Type => "type",
        }
    }

    /// The inverse of [`ObjectKind::as_str`].
    pub fn from_word(word: &str) -> Option<ObjectKind> {
        [ObjectKind::Relation, ObjectKind::Function, ObjectKind::Sequence, ObjectKind::Type]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    fn is_relation(&self) -> bool {
        *self == ObjectKind::Relation
    }

    /// The privilege that a stakeholder needs on an object that is no relation.
    pub fn privilege(self) -> Privilege {
        match self {
            ObjectKind::Function => Privilege::Execute,
            ObjectKind::Relation | ObjectKind::Sequence | ObjectKind::Type => Privilege::Usage,
        }
    }
}

/// A foreign key that a claim relies on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The referencing columns.
    pub fields: Vec<String>,
    /// Schema of the referenced relation.
    pub schema: String,
    /// Referenced relation.
    pub relation: String,
    /// The referenced columns, in the order of `fields`.
    pub to: Vec<String>,
}

impl Reference {
    /// As SQL writes it: `(customer_id) REFERENCES public.customers (id)`.
    pub fn display(&self) -> String {
        let path = display_relation(&self.schema, &self.relation);
        format!("({}) REFERENCES {path} ({})", self.fields.join(", "), self.to.join(", "))
    }
}

/// A function that a claim relies on: what tells it from others of its name, and what is declared of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionRequirement {
    /// Types of its input arguments.
    pub arguments: Vec<TypeName>,
    /// Declared type of its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<TypeName>,
    /// Whether the declared result is a set.
    #[serde(skip_serializing_if = "is_false")]
    pub returns_set: bool,
    /// Whether it may run with the rights of its owner.
    #[serde(skip_serializing_if = "is_false")]
    pub allow_security_definer: bool,
}

impl FunctionRequirement {
    /// The types of its arguments, as a person writes them.
    pub fn display_arguments(&self) -> String {
        self.arguments.iter().map(|argument| argument.display(-1)).collect::<Vec<_>>().join(", ")
    }
}

/// What a claim requires of a relation or object beyond its columns. Most require nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirements {
    /// Of relations: what its reader needs on every column and on the whole.
    #[serde(skip_serializing_if = "PrivilegeSet::is_select")]
    pub privileges: PrivilegeSet,
    /// How closely the columns that `*` takes in must stay as they were seen.
    #[serde(skip_serializing_if = "Strictness::is_default")]
    pub strictness: Strictness,
    /// What a break is: the same in all alternatives of a claim.
    #[serde(skip_serializing_if = "OnBreak::is_default")]
    pub on_break: OnBreak,
    /// Columns that `*` leaves out, or LIKE patterns of relations that a wildcard path leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Whether what is protected is taken too.
    #[serde(skip_serializing_if = "is_false")]
    pub acknowledge_protected: bool,
    /// Sets of columns with a unique index.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Vec<String>>,
    /// Foreign keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Leading columns of indexes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexed: Vec<Vec<String>>,
    /// Of a function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionRequirement>,
    /// Of an enum: labels that it must have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// A column that `*` leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name when it was last seen.
    pub name: String,
    /// Its `attnum`.
    pub number: i16,
    /// By the document, not by a protection.
    #[serde(default, skip_serializing_if = "is_false")]
    pub excepted: bool,
}

/// One acceptable relation of a claim, the schema that a wildcard path names, or an object of another kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClaimedRelation {
    /// What kind of object it is.
    #[serde(default, skip_serializing_if = "ObjectKind::is_relation")]
    pub kind: ObjectKind,
    /// Schema.
    pub schema: String,
    /// Relation or object; `None` is the schema of a wildcard path.
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
    /// Columns that `*` leaves out: those excepted, and those protected when it came to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What else is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Box<Requirements>>,
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
        match (&self.relation, self.kind) {
            (Some(function), ObjectKind::Function) => {
                let arguments = self.requirements().function.as_ref().map(FunctionRequirement::display_arguments);
                display_function(&self.schema, function, &arguments.unwrap_or_default())
            }
            (Some(relation), _) => display_relation(&self.schema, relation),
            (None, _) => crate::path::Path::Wildcard { schema: self.schema.clone() }.to_string(),
        }
    }

    /// The name of the relation, if it is one.
    pub fn relation_name(&self) -> Option<&str> {
        self.relation.as_deref().filter(|_| self.kind == ObjectKind::Relation)
    }

    /// Whether `*` does not stand for every column, those of the future too.
    pub fn leaves_out(&self) -> bool {
        !self.left_out.is_empty() || !self.requirements().except.is_empty()
    }

    /// Whether it is a function, sequence or type.
    pub fn is_object(&self) -> bool {
        self.kind != ObjectKind::Relation
    }

    /// Whether it is the schema of a wildcard path.
    pub fn is_wildcard(&self) -> bool {
        self.relation.is_none()
    }

    /// What else is required: nothing, mostly.
    pub fn requirements(&self) -> &Requirements {
        static NOTHING: Requirements = Requirements {
            privileges: PrivilegeSet::SELECT,
            strictness: Strictness::Tracked,
            on_break: OnBreak::Block,
            except: Vec::new(),
            acknowledge_protected: false,
            keys: Vec::new(),
            references: Vec::new(),
            indexed: Vec::new(),
            function: None,
            labels: Vec::new(),
        };
        self.requirements.as_deref().unwrap_or(&NOTHING)
    }

    /// Whether it rests on constraints, indexes or sequences of its relation, which must be read for it.
    pub fn rests_on_constraints(&self) -> bool {
        let Some(requirements) = &self.requirements else { return self.inserts() };
        !requirements.keys.is_empty()
            || !requirements.references.is_empty()
            || !requirements.indexed.is_empty()
            || self.inserts()
    }

    /// Whether it may rest on something besides the object that it names: relations that it references, types of a
    /// function, the enum below a domain, sequences that fill its columns, relations that are written through a view.
    pub fn has_parts(&self) -> bool {
        let requirements = self.requirements();
        !requirements.references.is_empty() || self.is_object() || self.inserts() || !self.writes().is_empty()
    }

    /// What of INSERT, UPDATE and DELETE its stakeholder does.
    pub fn writes(&self) -> PrivilegeSet {
        let whole = self.requirements().privileges;
        // Of INSERT and UPDATE every field says for itself.
        let by_columns = self.fields.iter().flat_map(|field| &field.columns);
        let by_columns = by_columns.fold(PrivilegeSet::NONE, |found, column| found.or(column.privileges));
        let whole = if self.every_column || self.is_wildcard() {
            whole
        } else {
            whole.and(PrivilegeSet::NONE.with(Privilege::Delete))
        };
        whole.or(by_columns).and(PrivilegeSet::WRITES)
    }

    /// Whether its stakeholder inserts.
    pub fn inserts(&self) -> bool {
        let by_column = |field: &ClaimedField| field.columns.iter().any(|c| c.privileges.contains(Privilege::Insert));
        self.requirements().privileges.contains(Privilege::Insert) || self.fields.iter().any(by_column)
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
    /// May name what does not exist yet.
    pub pending: bool,
    /// Made by a wildcard path, for one relation.
    pub derived: bool,
    /// The alternatives, in the document's order.
    pub alternatives: Vec<ClaimedRelation>,
    /// Status.
    pub status: Status,
    /// Why it is not met, when that was last looked at.
    pub reason: Option<String>,
}

impl Claim {
    /// What a break of it is.
    pub fn on_break(&self) -> OnBreak {
        self.alternatives.first().map_or(OnBreak::Block, |alternative| alternative.requirements().on_break)
    }

    /// The claim as if nothing had been seen of it.
    pub fn unseen(&self) -> Claim {
        let mut fresh = self.clone();
        fresh.status = Status::Pending;
        for alternative in &mut fresh.alternatives {
            alternative.status = Status::Pending;
            alternative.fields.clear();
            alternative.left_out.clear();
            alternative.row_security = false;
            alternative.security_invoker = false;
        }
        fresh
    }

    /// Its path; the paths of several alternatives are joined by ` | `.
    pub fn path(&self) -> String {
        let paths: Vec<String> = self.alternatives.iter().map(ClaimedRelation::path).collect();
        paths.join(" | ")
    }
}
