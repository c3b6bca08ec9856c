//! What the engine is given to look at: relations, columns, types and functions as plain values.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::privilege::PrivilegeSet;
use crate::types::{CATALOG_SCHEMA, DeclaredType, Type, TypeName};

/// One entry of an access control list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Role OID; 0 is PUBLIC.
    pub grantee: u32,
    /// Who granted it: a REVOKE takes only what its own grantor gave.
    pub grantor: u32,
    /// What was granted.
    pub privileges: PrivilegeSet,
    /// What of it was granted with grant option.
    pub grantable: PrivilegeSet,
}

/// A column of a relation; dropped and system columns are never listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// `attname`.
    pub name: String,
    /// `attnum`.
    pub number: i16,
    /// Its type.
    pub r#type: Rc<Type>,
    /// `atttypmod`.
    pub modifier: i32,
    /// NOT NULL by its own, validated constraint.
    pub not_null: bool,
    /// What an INSERT that leaves it out puts there.
    pub filled: Filled,
    /// Its collation; `None` for a type without.
    pub collation: Option<Rc<CollationName>>,
    /// Who has been granted what on this column.
    pub acl: Vec<Grant>,
}

/// What fills a column that an INSERT leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filled {
    /// NULL.
    #[default]
    Nothing,
    /// Its own DEFAULT.
    Default,
    /// GENERATED ALWAYS AS (expression): it cannot be written.
    Generated,
    /// An identity column.
    Identity,
}

/// A collation by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CollationName {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
}

impl fmt::Display for CollationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == CATALOG_SCHEMA {
            return write!(f, "\"{}\"", self.name);
        }
        f.write_str(&crate::path::display_relation(&self.schema, &self.name))
    }
}

impl Column {
    /// NOT NULL by its own constraint or its domain's.
    pub fn is_not_null(&self) -> bool {
        self.not_null || self.r#type.not_null
    }

    /// Whether an INSERT that leaves it out gets a value: by its own default or its domain's.
    pub fn has_default(&self) -> bool {
        self.filled == Filled::Default || (self.filled == Filled::Nothing && self.r#type.has_default)
    }

    /// Whether an INSERT may leave it out.
    pub fn can_be_left_out(&self) -> bool {
        !self.is_not_null() || self.has_default() || matches!(self.filled, Filled::Generated | Filled::Identity)
    }
}

/// What kind of relation stands behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// Ordinary table.
    Table,
    /// Partitioned table.
    PartitionedTable,
    /// View.
    View,
    /// Materialised view.
    MaterializedView,
    /// Foreign table.
    ForeignTable,
    /// Anything else: `pg_class.relkind`.
    Other(char),
}

impl RelationKind {
    /// From `pg_class.relkind`.
    pub fn from_relkind(relkind: char) -> RelationKind {
        match relkind {
            'r' => RelationKind::Table,
            'p' => RelationKind::PartitionedTable,
            'v' => RelationKind::View,
            'm' => RelationKind::MaterializedView,
            'f' => RelationKind::ForeignTable,
            other => RelationKind::Other(other),
        }
    }

    /// Whether a claim may name it.
    pub fn is_claimable(self) -> bool {
        !matches!(self, RelationKind::Other(_))
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RelationKind::Table => "a table",
            RelationKind::PartitionedTable => "a partitioned table",
            RelationKind::View => "a view",
            RelationKind::MaterializedView => "a materialized view",
            RelationKind::ForeignTable => "a foreign table",
            RelationKind::Other('S') => "a sequence",
            RelationKind::Other('i' | 'I') => "an index",
            RelationKind::Other('c') => "a composite type",
            RelationKind::Other(_) => "not a table or view",
        })
    }
}

/// A relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// `pg_class.oid`.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: RelationKind,
    /// Owner's role OID.
    pub owner: u32,
    /// Temporary relations are never claimed.
    pub temporary: bool,
    /// A partition: its root stands for it under a wildcard.
    pub partition: bool,
    /// Row level security is enabled.
    pub row_security: bool,
    /// A view that reads its tables with the reader's privileges.
    pub security_invoker: bool,
    /// Row level security binds the owner too.
    pub force_row_security: bool,
    /// In `attnum` order.
    pub columns: Vec<Column>,
    /// Who has been granted what on the whole relation.
    pub acl: Vec<Grant>,
}

impl Relation {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A schema: who owns it and who may look into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// `pg_namespace.oid`.
    pub oid: u32,
    /// Owner's role OID.
    pub owner: u32,
    /// Who has been granted what.
    pub acl: Vec<Grant>,
}

/// What rests on a relation's columns: read only for claims that ask for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Its indexes that are valid and hold every row.
    pub indexes: Vec<Index>,
    /// Its foreign keys that are validated.
    pub foreign_keys: Vec<ForeignKey>,
    /// The sequences behind its serial columns.
    pub sequences: Vec<u32>,
}

/// An index: valid, not partial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// `pg_class.oid`.
    pub oid: u32,
    /// Whether it is unique.
    pub unique: bool,
    /// Its key columns by `attnum`, without those of INCLUDE; 0 is an expression.
    pub columns: Vec<i16>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Schema of the referenced relation.
    pub schema: String,
    /// Referenced relation.
    pub relation: String,
    /// Its OID.
    pub oid: u32,
    /// Pairs of a column's name and the name of the column that it references.
    pub columns: Vec<(String, String)>,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// `pg_class.oid`.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Owner's role OID.
    pub owner: u32,
    /// Who has been granted what.
    pub acl: Vec<Grant>,
}

/// A type that a claim names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedType {
    /// `pg_type.oid`.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// `pg_type.typtype`.
    pub kind: char,
    /// For a domain, the OIDs of the types that it stands on.
    pub bases: Vec<u32>,
    /// Owner's role OID.
    pub owner: u32,
    /// Labels of an enum, in its order; of a domain over one, too.
    pub labels: Rc<Vec<String>>,
    /// Who has been granted what; PUBLIC's default is listed.
    pub acl: Vec<Grant>,
}

/// A function, procedure, aggregate or window function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// `pg_proc.oid`.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Types of the input arguments, as people write them: `bigint, text`.
    pub identity_arguments: String,
    /// The same, as identities.
    pub argument_types: Vec<TypeName>,
    /// How many input arguments it has.
    pub arguments: usize,
    /// How many of them have a default.
    pub defaults: usize,
    /// Whether the last takes any number of values.
    pub variadic: bool,
    /// `pg_proc.prokind`.
    pub kind: char,
    /// Type of the result.
    pub returns: Rc<TypeName>,
    /// Whether it returns a set.
    pub returns_set: bool,
    /// Whether it runs with the rights of its owner.
    pub security_definer: bool,
    /// Owner's role OID.
    pub owner: u32,
    /// Who has been granted what; PUBLIC's default is listed.
    pub acl: Vec<Grant>,
}

/// What no wildcard takes of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protection {
    /// The whole relation.
    pub whole: bool,
    /// Columns.
    pub columns: BTreeSet<String>,
}

/// The part of the catalogs that a question is about.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    relations: HashMap<String, HashMap<String, Rc<Relation>>>,
    schemas: HashMap<String, Schema>,
    /// Declared type texts, as the server resolved them.
    pub types: HashMap<String, DeclaredType>,
    /// Members of extensions, which no wildcard takes in.
    pub extension_members: HashSet<u32>,
    /// Relations that depend on an object of a temporary schema.
    pub resting_on_temporary: HashSet<u32>,
    /// Objects that have come under a claimed name by a command whose issuer has no say over them.
    pub strangers: HashSet<u32>,
    /// Constraints and indexes by relation OID, of those relations that claims ask them of.
    pub constraints: HashMap<u32, Rc<Constraints>>,
    /// Sequences by OID.
    pub sequences: HashMap<u32, Sequence>,
    /// Declared collation texts, as the server resolved them.
    pub collations: HashMap<String, CollationName>,
    /// What no wildcard takes, by schema and relation.
    pub protections: HashMap<(String, String), Protection>,
    named_types: HashMap<(String, String), NamedType>,
    functions: HashMap<(String, String), Vec<Rc<Function>>>,
}

impl Catalog {
    /// Adds or replaces a schema.
    pub fn add_schema(&mut self, name: &str, schema: Schema) {
        self.schemas.insert(name.to_owned(), schema);
    }

    /// Adds or replaces a relation.
    pub fn add_relation(&mut self, relation: Rc<Relation>) {
        self.relations.entry(relation.schema.clone()).or_default().insert(relation.name.clone(), relation);
    }

    /// Adds or replaces a type that a claim names.
    pub fn add_type(&mut self, found: NamedType) {
        self.named_types.insert((found.schema.clone(), found.name.clone()), found);
    }

    /// The type of this name.
    pub fn named_type(&self, schema: &str, name: &str) -> Option<&NamedType> {
        self.named_types.get(&(schema.to_owned(), name.to_owned()))
    }

    /// Adds a function.
    pub fn add_function(&mut self, function: Rc<Function>) {
        let all = self.functions.entry((function.schema.clone(), function.name.clone())).or_default();
        all.retain(|other| {
            other.argument_types != function.argument_types || other.identity_arguments != function.identity_arguments
        });
        all.push(function);
    }

    /// The functions of this name.
    pub fn functions(&self, schema: &str, name: &str) -> &[Rc<Function>] {
        self.functions.get(&(schema.to_owned(), name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The sequence of this name.
    pub fn sequence(&self, schema: &str, name: &str) -> Option<&Sequence> {
        self.sequences.values().find(|sequence| sequence.schema == schema && sequence.name == name)
    }

    /// What no wildcard takes of a relation.
    pub fn protection(&self, schema: &str, relation: &str) -> Option<&Protection> {
        if self.protections.is_empty() {
            return None;
        }
        self.protections.get(&(schema.to_owned(), relation.to_owned()))
    }

    /// Takes a relation away, or one column of it: to ask what would happen if it were dropped.
    pub fn remove(&mut self, schema: &str, relation: &str, column: Option<&str>) {
        let Some(relations) = self.relations.get_mut(schema) else { return };
        match (column, relations.get_mut(relation)) {
            (None, _) => {
                relations.remove(relation);
            }
            (Some(name), Some(found)) => Rc::make_mut(found).columns.retain(|column| column.name != name),
            (Some(_), None) => {}
        }
    }

    /// The schema of this name.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name)
    }

    /// The relation of this name, whatever its kind.
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Rc<Relation>> {
        self.relations.get(schema)?.get(name)
    }

    /// The relations of a schema that are known here, by name.
    pub fn relations_in(&self, schema: &str) -> Vec<&Rc<Relation>> {
        let mut found: Vec<_> = self.relations.get(schema).into_iter().flat_map(HashMap::values).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Whether a wildcard takes this relation in: partitions, temporary relations, what depends on them, and members of extensions are left out.
    pub fn is_wildcard_member(&self, relation: &Relation) -> bool {
        relation.kind.is_claimable()
            && !relation.partition
            && !relation.temporary
            && !self.extension_members.contains(&relation.oid)
            && !self.resting_on_temporary.contains(&relation.oid)
            && !self.protection(&relation.schema, &relation.name).is_some_and(|protection| protection.whole)
    }
}
