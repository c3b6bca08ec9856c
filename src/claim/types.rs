//! Types of columns: identity, capacity, and how a person writes them.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::path::Path;

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

pub(crate) fn catalog_schema() -> String {
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

    /// A type that is known by what a document calls it only: met again when a type of that name comes.
    pub fn unknown(text: &str) -> TypeName {
        let (element, array) = match text.trim().strip_suffix("[]") {
            Some(element) => (element.trim_end(), true),
            None => (text.trim(), false),
        };
        match Path::parse(element) {
            Ok(Path::Relation { schema, relation }) => TypeName { schema, name: relation, array },
            _ => TypeName { schema: String::new(), name: text.to_owned(), array: false },
        }
    }

    /// The type as a person writes it: `numeric(12,2)`, `character varying(40)[]`, `billing.mood`.
    ///
    /// `modifier` is `pg_attribute.atttypmod`, -1 for none. Not the server's `format_type`, whose text
    /// depends on the search path and on `quote_all_identifiers`.
    pub fn display(&self, modifier: i32) -> String {
        let mut text = if self.schema == CATALOG_SCHEMA {
            builtin_display(&self.name, modifier)
        } else if self.schema.is_empty() {
            self.name.clone()
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
    /// Whether a domain of the chain has a default.
    pub has_default: bool,
    /// Labels of an enum, in its order; of the element for an array.
    pub labels: Rc<Vec<String>>,
}

impl Type {
    /// Capacity of a column of this type with this modifier.
    pub fn capacity(&self, modifier: i32) -> Capacity {
        if self.name.array {
            return Capacity::None;
        }
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
            has_default: false,
            labels: Rc::default(),
        };
        assert_eq!(domain.capacity(-1), Capacity::Limited(40));
    }
}
