//! Types and collations.

use std::collections::{BTreeMap, HashMap};

use integratedb_claim::privilege::Privilege;
use integratedb_claim::simulate::world::{Relation, Schema, Type, TypeKind};
use pgrx::pg_sys;

use super::rows::each;
use crate::pg::catalog::granted_to_public;
use crate::pg::scan::Moment;

const PG_RANGE: u32 = 3541;

/// Reads pg_type with pg_enum and pg_range: all but the row types of relations that are not among `relations`, and their arrays.
pub fn read(
    moment: &Moment,
    schemas: &BTreeMap<u32, Schema>,
    relations: &HashMap<u32, Relation>,
) -> BTreeMap<u32, Type> {
    let mut labels = enum_labels(moment);
    let (ranges, multiranges) = ranges(moment);
    let columns = [
        c"oid",
        c"typname",
        c"typnamespace",
        c"typowner",
        c"typtype",
        c"typrelid",
        c"typsubscript",
        c"typelem",
        c"typarray",
        c"typcollation",
        c"typbasetype",
        c"typtypmod",
        c"typnotnull",
        c"typdefaultbin",
        c"typacl",
    ];
    let mut types = BTreeMap::new();
    each(pg_sys::TypeRelationId.to_u32(), columns, moment, |row| {
        let (oid, schema, owner) = (row.oid(0), row.oid(2), row.oid(3));
        if !schemas.contains_key(&schema) {
            return;
        }
        let kind = match row.char(4) {
            'c' if !relations.contains_key(&row.oid(5)) => return,
            'c' => TypeKind::Composite(row.oid(5)),
            'd' => TypeKind::Domain {
                base: row.oid(10),
                modifier: row.i32(11),
                not_null: row.bool(12),
                has_default: row.has(13),
            },
            'e' => TypeKind::Enum(labels.remove(&oid).unwrap_or_default()),
            'p' => TypeKind::Pseudo,
            'r' => TypeKind::Range(ranges.get(&oid).copied().unwrap_or_default()),
            'm' => TypeKind::Multirange(multiranges.get(&oid).copied().unwrap_or_default()),
            // IsTrueArrayType of PostgreSQL's pg_type.h.
            _ if row.oid(7) != 0 && row.oid(6) == pg_sys::F_ARRAY_SUBSCRIPT_HANDLER => TypeKind::Array(row.oid(7)),
            _ => TypeKind::Base,
        };
        let acl = row.grants(14).unwrap_or_else(|| granted_to_public(owner, Privilege::Usage));
        let found = Type { schema, name: row.name(1), owner, kind, array: row.oid(8), collation: row.oid(9), acl };
        types.insert(oid, found);
    });
    let is_left_out = |r#type: &Type| matches!(r#type.kind, TypeKind::Array(element) if !types.contains_key(&element));
    let left_out: Vec<u32> = types.iter().filter(|(_, found)| is_left_out(found)).map(|(oid, _)| *oid).collect();
    for oid in left_out {
        types.remove(&oid);
    }
    types
}

/// The labels of each enum, in its order.
fn enum_labels(moment: &Moment) -> HashMap<u32, Vec<String>> {
    let mut labels: HashMap<u32, Vec<(f32, String)>> = HashMap::new();
    each(pg_sys::EnumRelationId.to_u32(), [c"enumtypid", c"enumsortorder", c"enumlabel"], moment, |row| {
        labels.entry(row.oid(0)).or_default().push((row.f32(1), row.name(2)));
    });
    let in_order = |mut labels: Vec<(f32, String)>| {
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        labels.into_iter().map(|(_, label)| label).collect()
    };
    labels.into_iter().map(|(oid, labels)| (oid, in_order(labels))).collect()
}

/// The subtype of each range, and the range of each multirange.
fn ranges(moment: &Moment) -> (HashMap<u32, u32>, HashMap<u32, u32>) {
    let (mut ranges, mut multiranges) = (HashMap::new(), HashMap::new());
    each(PG_RANGE, [c"rngtypid", c"rngsubtype", c"rngmultitypid"], moment, |row| {
        ranges.insert(row.oid(0), row.oid(1));
        multiranges.insert(row.oid(2), row.oid(0));
    });
    (ranges, multiranges)
}

/// Reads pg_collation: schema and name.
pub fn collations(moment: &Moment) -> BTreeMap<u32, (u32, String)> {
    let mut collations = BTreeMap::new();
    each(pg_sys::CollationRelationId.to_u32(), [c"oid", c"collnamespace", c"collname"], moment, |row| {
        collations.insert(row.oid(0), (row.oid(1), row.name(2)));
    });
    collations
}
