//! What the engine is given to look at: relations, columns, types and functions as plain values.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use crate::types::{DeclaredType, Type, TypeName};

/// One entry of an access control list that concerns SELECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Role OID; 0 is PUBLIC.
    pub grantee: u32,
    /// Who granted it: a REVOKE takes only what its own grantor gave.
    pub grantor: u32,
    /// Whether with grant option.
    pub grantable: bool,
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
    /// Who may SELECT this column by a column privilege.
    pub select: Vec<Grant>,
}

impl Column {
    /// NOT NULL by its own constraint or its domain's.
    pub fn is_not_null(&self) -> bool {
        self.not_null || self.r#type.not_null
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
    /// Who may SELECT the whole relation.
    pub select: Vec<Grant>,
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
    /// Who has USAGE.
    pub usage: Vec<Grant>,
}

/// A function, aggregate, window function or procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// `pg_proc.oid`.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Types of the arguments that tell it from others of its name: `bigint, text`.
    pub identity_arguments: String,
    /// `pronargs`: input arguments, those with defaults included; a variadic one counts once.
    pub arguments: usize,
    /// `pronargdefaults`: how many of the last input arguments may be left out.
    pub defaults: usize,
    /// Whether the last argument takes any number of values, at least one.
    pub variadic: bool,
    /// `prokind`: `f` function, `p` procedure, `a` aggregate, `w` window function.
    pub kind: char,
    /// Type of the result; for a set, of one row.
    pub returns: Rc<TypeName>,
    /// Whether it returns a set.
    pub returns_set: bool,
    /// Whether it runs with its owner's privileges.
    pub security_definer: bool,
    /// Owner's role OID.
    pub owner: u32,
    /// Who may EXECUTE it.
    pub execute: Vec<Grant>,
}

/// The part of the catalogs that a question is about.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    relations: HashMap<String, HashMap<String, Rc<Relation>>>,
    functions: HashMap<String, HashMap<String, Vec<Rc<Function>>>>,
    schemas: HashMap<String, Schema>,
    /// Declared type texts, as the server resolved them.
    pub types: HashMap<String, DeclaredType>,
    /// Members of extensions, which no wildcard takes in.
    pub extension_members: HashSet<u32>,
    /// Relations that depend on an object of a temporary schema.
    pub resting_on_temporary: HashSet<u32>,
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

    /// Adds a function. Several may have one name; the caller adds each once.
    pub fn add_function(&mut self, function: Rc<Function>) {
        let of_schema = self.functions.entry(function.schema.clone()).or_default();
        of_schema.entry(function.name.clone()).or_default().push(function);
    }

    /// The functions of this name in this schema, in the order in which they were added.
    pub fn functions(&self, schema: &str, name: &str) -> &[Rc<Function>] {
        self.functions.get(schema).and_then(|of_schema| of_schema.get(name)).map_or(&[], Vec::as_slice)
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
    }
}
