//! What the engine is given to look at: relations, columns and types as plain values.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// The schema of the built-in types; a type name without a schema means this one.
pub const CATALOG_SCHEMA: &str = "pg_catalog";

/// The name by which a type is identified: names are the truth, OIDs do not survive a dump.
///
/// An array is named by its element type, because the server derives the array type's own name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeName {
    /// Schema of the type.
    #[serde(default = "catalog_schema", skip_serializing_if = "is_catalog_schema")]
    pub schema: String,
    /// `pg_type.typname`, of the element type for an array.
    #[serde(rename = "type")]
    pub name: String,
    /// Whether the type is the array of the named type.
    #[serde(default, skip_serializing_if = "is_false")]
    pub array: bool,
}

fn catalog_schema() -> String {
    CATALOG_SCHEMA.to_owned()
}

fn is_catalog_schema(schema: &str) -> bool {
    schema == CATALOG_SCHEMA
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

impl TypeName {
    /// A type of `pg_catalog`.
    pub fn builtin(name: &str) -> TypeName {
        TypeName { schema: catalog_schema(), name: name.to_owned(), array: false }
    }

    /// The internal name if this is a plain type of `pg_catalog`.
    pub fn builtin_name(&self) -> Option<&str> {
        (self.schema == CATALOG_SCHEMA && !self.array).then_some(self.name.as_str())
    }

    /// The type as a person writes it: `numeric(12,2)`, `character varying(40)[]`, `billing.mood`.
    ///
    /// `modifier` is `pg_attribute.atttypmod`, -1 for none. Not the server's `format_type`, whose text
    /// depends on the search path and on `quote_all_identifiers`.
    pub fn display(&self, modifier: i32) -> String {
        let mut text = if self.schema == CATALOG_SCHEMA {
            builtin_display(&self.name, modifier)
        } else {
            format!("{}.{}", identifier(&self.schema), identifier(&self.name))
        };
        if self.array {
            text.push_str("[]");
        }
        text
    }
}

/// A name as SQL writes it: in double quotes where it needs them.
fn identifier(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Fields and precision of an interval, from its type modifier (`intervaltypmodout` in PostgreSQL's timestamp.c).
fn interval_display(modifier: i32) -> String {
    const FULL_PRECISION: i32 = 0xffff;
    const FIELDS: [(i32, &str); 13] = [
        (1 << 2, " year"),
        (1 << 1, " month"),
        (1 << 3, " day"),
        (1 << 10, " hour"),
        (1 << 11, " minute"),
        (1 << 12, " second"),
        (1 << 2 | 1 << 1, " year to month"),
        (1 << 3 | 1 << 10, " day to hour"),
        (1 << 3 | 1 << 10 | 1 << 11, " day to minute"),
        (1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, " day to second"),
        (1 << 10 | 1 << 11, " hour to minute"),
        (1 << 10 | 1 << 11 | 1 << 12, " hour to second"),
        (1 << 11 | 1 << 12, " minute to second"),
    ];
    if modifier < 0 {
        return "interval".to_owned();
    }
    let range = (modifier >> 16) & 0x7fff;
    let fields = FIELDS.iter().find(|(mask, _)| *mask == range).map_or("", |(_, fields)| fields);
    match modifier & FULL_PRECISION {
        FULL_PRECISION => format!("interval{fields}"),
        precision => format!("interval{fields}({precision})"),
    }
}

fn builtin_display(name: &str, modifier: i32) -> String {
    let sql = match name {
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "bool" => "boolean",
        "bpchar" => "character",
        "varchar" => "character varying",
        "varbit" => "bit varying",
        other => other,
    };
    let precision = |with: &str, without: &str| match modifier {
        m if m >= 0 => with.replace("{}", &m.to_string()),
        _ => without.to_owned(),
    };
    match name {
        // Not char, which is character(1).
        "char" => "\"char\"".to_owned(),
        "name" => "name".to_owned(),
        "interval" => interval_display(modifier),
        "timestamp" => precision("timestamp({}) without time zone", "timestamp without time zone"),
        "timestamptz" => precision("timestamp({}) with time zone", "timestamp with time zone"),
        "time" => precision("time({}) without time zone", "time without time zone"),
        "timetz" => precision("time({}) with time zone", "time with time zone"),
        "numeric" => match Numeric::from_modifier(modifier) {
            Some(n) => format!("numeric({},{})", n.precision, n.scale),
            None => "numeric".to_owned(),
        },
        _ => match Capacity::of(name, modifier) {
            Capacity::Limited(length) => format!("{sql}({length})"),
            _ => sql.to_owned(),
        },
    }
}

/// Precision and scale of `numeric(p,s)`, from its type modifier (`numeric_typmod_*` in PostgreSQL's numeric.c).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numeric {
    /// Total digits.
    pub precision: i32,
    /// Digits after the point; may be negative since PostgreSQL 15.
    pub scale: i32,
}

impl Numeric {
    /// `None` for an unconstrained numeric.
    pub fn from_modifier(modifier: i32) -> Option<Numeric> {
        (modifier >= 4).then(|| {
            let packed = modifier - 4;
            Numeric { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 }
        })
    }
}

/// How much a type can hold, where the question makes sense: characters, bits or digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capacity {
    /// Any length.
    Unbounded,
    /// At most so many characters, bits or digits.
    Limited(u32),
    /// The type has neither length nor precision.
    None,
}

impl Capacity {
    /// Capacity of a type of `pg_catalog` with this `atttypmod`.
    pub fn of(name: &str, modifier: i32) -> Capacity {
        let length = |offset: i32| match u32::try_from(modifier - offset) {
            Ok(length) if length > 0 => Capacity::Limited(length),
            _ => Capacity::Unbounded,
        };
        match name {
            "varchar" | "bpchar" => length(4),
            "bit" | "varbit" => length(0),
            "text" => Capacity::Unbounded,
            "name" => Capacity::Limited(63),
            "numeric" => match Numeric::from_modifier(modifier) {
                Some(n) => Capacity::Limited(n.precision.unsigned_abs()),
                None => Capacity::Unbounded,
            },
            _ => Capacity::None,
        }
    }
}

/// A type as the server resolved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// Its identity.
    pub name: Rc<TypeName>,
    /// `pg_type.typtype`, of the element for an array.
    pub kind: char,
    /// For a domain, the type below all domains, and its modifier.
    pub base: Option<(Rc<TypeName>, i32)>,
    /// Whether a domain of the chain is NOT NULL.
    pub not_null: bool,
}

impl Type {
    /// Capacity of a column of this type with this modifier.
    pub fn capacity(&self, modifier: i32) -> Capacity {
        let (name, modifier) = match &self.base {
            Some((base, modifier)) => (base, *modifier),
            None => (&self.name, modifier),
        };
        match name.builtin_name() {
            Some(builtin) => Capacity::of(builtin, modifier),
            None => Capacity::None,
        }
    }
}

/// A type text of a document, resolved by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredType {
    /// Its identity.
    #[serde(flatten)]
    pub name: TypeName,
    /// Its modifier; -1 when the document gives none, which any modifier satisfies.
    #[serde(default = "no_modifier", skip_serializing_if = "is_no_modifier")]
    pub modifier: i32,
}

pub(crate) fn no_modifier() -> i32 {
    -1
}

pub(crate) fn is_no_modifier(modifier: &i32) -> bool {
    *modifier == -1
}

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

    /// Whether a wildcard takes this relation in: partitions, temporary relations and members of extensions are left out.
    pub fn is_wildcard_member(&self, relation: &Relation) -> bool {
        relation.kind.is_claimable()
            && !relation.partition
            && !relation.temporary
            && !self.extension_members.contains(&relation.oid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_displayed_as_people_write_them() {
        let shown = |name: &str, modifier| TypeName::builtin(name).display(modifier);
        assert_eq!(shown("numeric", ((12 << 16) | 2) + 4), "numeric(12,2)");
        assert_eq!(shown("numeric", ((3 << 16) | (-2 & 0x7ff)) + 4), "numeric(3,-2)");
        assert_eq!(shown("varchar", 84), "character varying(80)");
        assert_eq!(shown("varchar", -1), "character varying");
        assert_eq!(shown("timestamptz", 3), "timestamp(3) with time zone");
        assert_eq!(shown("bit", 4), "bit(4)");
        assert_eq!(shown("int8", -1), "bigint");
        assert_eq!(shown("char", -1), "\"char\"");
        assert_eq!(
            shown("interval", (((1 << 3) | (1 << 10) | (1 << 11) | (1 << 12)) << 16) | 2),
            "interval day to second(2)"
        );
        assert_eq!(shown("interval", (0x7fff << 16) | 3), "interval(3)");
        let odd = TypeName { schema: "kinds".into(), name: "Odd type".into(), array: false };
        assert_eq!(odd.display(-1), "kinds.\"Odd type\"");
        let array = TypeName { schema: "billing".into(), name: "mood".into(), array: true };
        assert_eq!(array.display(-1), "billing.mood[]");
    }

    #[test]
    fn capacity_follows_the_domain_to_its_base() {
        let domain = Type {
            name: Rc::new(TypeName { schema: "public".into(), name: "code".into(), array: false }),
            kind: 'd',
            base: Some((Rc::new(TypeName::builtin("varchar")), 44)),
            not_null: false,
        };
        assert_eq!(domain.capacity(-1), Capacity::Limited(40));
    }
}
