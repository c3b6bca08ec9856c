//! The catalogs as one value, in so far as DDL changes them and claims see it.
//!
//! Objects are known by OID, as in the catalogs, so that a rename is one assignment. Relations are shared: to keep a
//! copy, for a savepoint, costs a pointer each. The JSON form is what `export_catalog()` gives and `integratedb-preview` reads.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::catalog::{Filled, Grant};
use crate::privilege::PrivilegeSet;

pub(crate) mod lookup;

use lookup::Lookup;

/// The catalogs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    /// `server_version_num`.
    pub server_version: u32,
    /// Name of the database.
    pub database: String,
    /// Role OID of who runs the script.
    pub user: u32,
    /// Entries of `search_path`, `$user` unresolved.
    pub search_path: Vec<String>,
    /// `pg_authid`.
    pub roles: BTreeMap<u32, Role>,
    /// `pg_namespace`, temporary schemas left out.
    pub schemas: BTreeMap<u32, Schema>,
    /// `pg_type`: of `pg_catalog` all but the row types of its relations.
    pub types: BTreeMap<u32, Type>,
    /// `pg_collation`, by OID: schema OID and name.
    pub collations: BTreeMap<u32, (u32, String)>,
    /// `pg_class`, outside the system schemas and without temporary relations: tables, views, indexes, sequences, composite types.
    pub relations: BTreeMap<u32, Rc<Relation>>,
    /// `pg_constraint`, of relations and domains.
    pub constraints: BTreeMap<u32, Constraint>,
    /// `pg_proc`, outside `pg_catalog` and `information_schema`.
    pub functions: BTreeMap<u32, Rc<Function>>,
    /// `pg_trigger` (not internal) and `pg_rewrite` (not `_RETURN`) and `pg_policy`: what goes with its relation.
    pub attachments: BTreeMap<u32, Attachment>,
    /// What else `pg_depend` says: by the object that depends.
    pub dependencies: BTreeSet<Dependency>,
    /// Members of extensions, with the extension's name.
    pub extension_members: BTreeMap<u32, String>,
    /// Names of the extensions.
    pub extensions: BTreeSet<String>,
    /// `pg_default_acl`.
    pub default_privileges: Vec<DefaultPrivilege>,
    /// The OID that the next new object gets; above all others.
    pub next_oid: u32,
    /// Where to find what in the maps above: made when a script is first applied, and kept by what applies it.
    #[serde(skip)]
    pub(crate) lookup: Lookup,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Name.
    pub name: String,
    /// Superuser.
    #[serde(default)]
    pub superuser: bool,
    /// BYPASSRLS.
    #[serde(default)]
    pub bypass_row_security: bool,
    /// Roles whose privileges it has by inheritance, directly or not; itself left out.
    #[serde(default)]
    pub inherits: BTreeSet<u32>,
    /// Roles that it may SET ROLE to or act as, directly or not; itself left out.
    #[serde(default)]
    pub member_of: BTreeSet<u32>,
}

/// A schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// Name.
    pub name: String,
    /// Owner's role OID.
    pub owner: u32,
    /// Who has been granted what.
    #[serde(default)]
    pub acl: Vec<Grant>,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Type {
    /// Schema's OID.
    pub schema: u32,
    /// `typname`.
    pub name: String,
    /// Owner's role OID.
    pub owner: u32,
    /// What it is.
    pub kind: TypeKind,
    /// OID of its array type; 0 for none.
    #[serde(default)]
    pub array: u32,
    /// `typcollation`: OID of the collation that columns of it get; 0 for none.
    #[serde(default)]
    pub collation: u32,
    /// Who has been granted what; PUBLIC's default is listed.
    #[serde(default)]
    pub acl: Vec<Grant>,
}

/// What a type is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeKind {
    /// Base type.
    Base,
    /// Pseudo-type, such as `void` or `record`.
    Pseudo,
    /// Array of the type with this OID.
    Array(u32),
    /// Row type of the relation with this OID: of a table, a view, or a type of its own.
    Composite(u32),
    /// Enum with these labels, in order.
    Enum(Vec<String>),
    /// Range over the type with this OID.
    Range(u32),
    /// Multirange of the range type with this OID.
    Multirange(u32),
    /// Domain; its CHECK constraints are in [`World::constraints`].
    Domain {
        /// The type that it is over.
        base: u32,
        /// And its modifier.
        modifier: i32,
        /// NOT NULL.
        not_null: bool,
        /// Has a DEFAULT.
        has_default: bool,
    },
}

/// A relation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// Schema's OID.
    pub schema: u32,
    /// `relname`.
    pub name: String,
    /// `relkind`.
    pub kind: char,
    /// Owner's role OID.
    pub owner: u32,
    /// Made as TEMPORARY by the script.
    #[serde(default)]
    pub temporary: bool,
    /// UNLOGGED.
    #[serde(default)]
    pub unlogged: bool,
    /// Row level security is enabled.
    #[serde(default)]
    pub row_security: bool,
    /// Row level security binds the owner too.
    #[serde(default)]
    pub force_row_security: bool,
    /// A view that reads its tables with the reader's privileges.
    #[serde(default)]
    pub security_invoker: bool,
    /// A partition (of its only parent).
    #[serde(default)]
    pub partition: bool,
    /// OIDs of the tables that it inherits from, or is a partition of, in order.
    #[serde(default)]
    pub parents: Vec<u32>,
    /// `reltype`: OID of its row type; 0 for none.
    #[serde(default)]
    pub row_type: u32,
    /// `reloftype`: a typed table; 0 for none.
    #[serde(default)]
    pub of_type: u32,
    /// In `attnum` order; dropped ones left out. None of an index or a sequence.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// The highest `attnum` ever given.
    #[serde(default)]
    pub last_number: i16,
    /// Of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Index>,
    /// Of a sequence: the column that owns it, as relation OID and `attnum`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<(u32, i16)>,
    /// Of a sequence: it is behind an identity column, and goes and is renamed only with it.
    #[serde(default)]
    pub identity_sequence: bool,
    /// Who has been granted what on the whole relation.
    #[serde(default)]
    pub acl: Vec<Grant>,
    /// Of a view or a foreign table: what it takes of INSERT, UPDATE and DELETE without triggers and rules. Known only where
    /// a claim writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writing: Option<Writing>,
    /// Why its columns are not known for sure: a view whose query cannot be followed, for one. What is judged on it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
}

/// How something that is no table is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writing {
    /// A view that the server can update: it writes the one relation in its FROM.
    Onto {
        /// That relation's OID.
        relation: u32,
        /// The columns of the view that are its columns, both by `attnum`.
        columns: BTreeMap<i16, i16>,
    },
    /// It takes these.
    Takes(PrivilegeSet),
    /// It cannot be told: why.
    Unsure(String),
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// `attnum`.
    pub number: i16,
    /// `attname`.
    pub name: String,
    /// Type's OID.
    pub r#type: u32,
    /// `atttypmod`.
    pub modifier: i32,
    /// `attnotnull`.
    #[serde(default)]
    pub not_null: bool,
    /// What an INSERT that leaves it out puts there.
    #[serde(default)]
    pub filled: Filled,
    /// `attcollation`; 0 for none.
    #[serde(default)]
    pub collation: u32,
    /// `attislocal`.
    #[serde(default)]
    pub local: bool,
    /// `attinhcount`.
    #[serde(default)]
    pub inherited: i16,
    /// Who has been granted what on it.
    #[serde(default)]
    pub acl: Vec<Grant>,
}

/// What an index is on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// OID of its table.
    pub table: u32,
    /// `indisunique`.
    #[serde(default)]
    pub unique: bool,
    /// `indisprimary`.
    #[serde(default)]
    pub primary: bool,
    /// `indisvalid`.
    #[serde(default)]
    pub valid: bool,
    /// Has a WHERE.
    #[serde(default)]
    pub partial: bool,
    /// `indnullsnotdistinct` etc. do not matter to claims; `indimmediate` does: false for a DEFERRABLE constraint's.
    #[serde(default)]
    pub immediate: bool,
    /// Key columns by `attnum`, without those of INCLUDE; 0 is an expression.
    #[serde(default)]
    pub columns: Vec<i16>,
    /// All columns that it uses: keys, INCLUDE, those in expressions and in its WHERE. It goes when one of them goes.
    #[serde(default)]
    pub uses: BTreeSet<i16>,
    /// OID of the partitioned index that it belongs to; 0 for none.
    #[serde(default)]
    pub parent: u32,
    /// `attname` of its own columns, with those of INCLUDE: copies of it are named by them. Left out where no key is an expression.
    #[serde(default)]
    pub names: Vec<String>,
}

/// A constraint of a relation or a domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// Name.
    pub name: String,
    /// `contype`: c, f, p, u, x, t, n.
    pub kind: char,
    /// OID of its relation; 0 for a domain's.
    #[serde(default)]
    pub relation: u32,
    /// OID of its domain; 0 for a relation's.
    #[serde(default)]
    pub domain: u32,
    /// `convalidated`.
    #[serde(default)]
    pub validated: bool,
    /// `conkey`, in order.
    #[serde(default)]
    pub columns: Vec<i16>,
    /// `confrelid`; 0 for none.
    #[serde(default)]
    pub references: u32,
    /// `confkey`, in order.
    #[serde(default)]
    pub referenced: Vec<i16>,
    /// `conindid`: the index that it has or, for a foreign key, that it rests on; 0 for none.
    #[serde(default)]
    pub index: u32,
    /// `conparentid`: the constraint of the partitioned table that it belongs to; 0 for none.
    #[serde(default)]
    pub parent: u32,
    /// `conislocal`.
    #[serde(default)]
    pub local: bool,
    /// `coninhcount`.
    #[serde(default)]
    pub inherited: i16,
    /// `connoinherit`.
    #[serde(default)]
    pub no_inherit: bool,
    /// A CHECK that says only `column IS NOT NULL`: the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks_not_null: Option<i16>,
}

/// A function, procedure, aggregate or window function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Schema's OID.
    pub schema: u32,
    /// Name.
    pub name: String,
    /// `prokind`.
    pub kind: char,
    /// Owner's role OID.
    pub owner: u32,
    /// OIDs of the types of its input arguments.
    #[serde(default)]
    pub arguments: Vec<u32>,
    /// How many of them have a default.
    #[serde(default)]
    pub defaults: usize,
    /// Whether the last takes any number of values.
    #[serde(default)]
    pub variadic: bool,
    /// OID of the type of its result.
    pub returns: u32,
    /// Whether it returns a set.
    #[serde(default)]
    pub returns_set: bool,
    /// Whether it runs with the rights of its owner.
    #[serde(default)]
    pub security_definer: bool,
    /// Who has been granted what; PUBLIC's default is listed.
    #[serde(default)]
    pub acl: Vec<Grant>,
}

/// A trigger, rule or policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// Name.
    pub name: String,
    /// OID of its relation.
    pub relation: u32,
    /// The commands that it does instead of the server: an INSTEAD OF trigger, a rule without condition.
    #[serde(default = "nothing", skip_serializing_if = "is_nothing")]
    pub instead: PrivilegeSet,
    /// The commands that it does instead of the server on a condition.
    #[serde(default = "nothing", skip_serializing_if = "is_nothing")]
    pub conditional: PrivilegeSet,
}

fn nothing() -> PrivilegeSet {
    PrivilegeSet::NONE
}

fn is_nothing(commands: &PrivilegeSet) -> bool {
    commands.is_empty()
}

/// What hangs on a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A trigger.
    Trigger,
    /// A rule.
    Rule,
    /// A row level security policy.
    Policy,
}

/// That one object depends on another: what `pg_depend` says beyond what the other fields imply. A view's are those of
/// its `_RETURN` rule, a default's those of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// What depends.
    pub dependent: Object,
    /// On what.
    pub on: Object,
    /// Goes with it without CASCADE (`a`, `i`, `P`, `S`), not only with CASCADE (`n`).
    #[serde(default)]
    pub automatic: bool,
}

/// An object, or a column of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Object {
    /// In which catalog.
    pub class: Class,
    /// Its OID.
    pub oid: u32,
    /// `attnum` of a column; 0 for the whole.
    #[serde(default)]
    pub column: i16,
}

/// A catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// `pg_class`; with a column number `pg_attribute`.
    Relation,
    /// `pg_attrdef`, as the column that it is of.
    Default,
    /// `pg_constraint`.
    Constraint,
    /// `pg_type`.
    Type,
    /// `pg_proc`.
    Function,
    /// `pg_trigger`, `pg_rewrite` but for `_RETURN`, `pg_policy`.
    Attachment,
    /// `pg_namespace`.
    Schema,
}

/// What newly made objects are granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DefaultPrivilege {
    /// Role OID of who makes the object.
    pub role: u32,
    /// Schema's OID; 0 for all.
    #[serde(default)]
    pub schema: u32,
    /// `defaclobjtype`: r, S, f, T, n.
    pub kind: char,
    /// With a schema these are added to the defaults of the server; without, they replace them.
    pub acl: Vec<Grant>,
}
