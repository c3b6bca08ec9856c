//! Relations with their columns, their indexes and what they inherit from.

use std::collections::{BTreeSet, HashMap};

use integratedb_claim::simulate::world::{Column, Index, Relation};
use pgrx::pg_sys;

use super::rows::{each, scan};
use crate::pg::catalog::{filled, grants, has_security_invoker, name_text};
use crate::pg::scan::Moment;

const PG_INHERITS: u32 = 2611;

/// Reads pg_class, as far as it is in these schemas, with pg_attribute, pg_index and pg_inherits.
pub fn read(moment: &Moment, schemas: &BTreeSet<u32>) -> HashMap<u32, Relation> {
    let mut relations = classes(moment, schemas);
    indexes(moment, &mut relations);
    columns(moment, &mut relations);
    parents(moment, &mut relations);
    relations
}

fn classes(moment: &Moment, schemas: &BTreeSet<u32>) -> HashMap<u32, Relation> {
    let mut relations = HashMap::new();
    scan(pg_sys::RelationRelationId, moment, |tuple| {
        // SAFETY: a tuple of pg_class.
        let class = unsafe { &*pg_sys::GETSTRUCT(tuple.tuple).cast::<pg_sys::FormData_pg_class>() };
        let temporary = class.relpersistence as u8 == pg_sys::RELPERSISTENCE_TEMP;
        if temporary || !schemas.contains(&class.relnamespace.to_u32()) {
            return;
        }
        let options = match class.relkind as u8 {
            pg_sys::RELKIND_VIEW => tuple.get(pg_sys::Anum_pg_class_reloptions as i32),
            _ => None,
        };
        let acl = tuple.get(pg_sys::Anum_pg_class_relacl as i32);
        let relation = Relation {
            schema: class.relnamespace.to_u32(),
            name: name_text(&class.relname),
            kind: class.relkind as u8 as char,
            owner: class.relowner.to_u32(),
            temporary,
            unlogged: class.relpersistence as u8 == pg_sys::RELPERSISTENCE_UNLOGGED,
            row_security: class.relrowsecurity,
            force_row_security: class.relforcerowsecurity,
            // SAFETY: the attribute is a text[].
            security_invoker: options.is_some_and(|options| unsafe { has_security_invoker(options) }),
            partition: class.relispartition,
            parents: Vec::new(),
            row_type: class.reltype.to_u32(),
            of_type: class.reloftype.to_u32(),
            columns: Vec::new(),
            last_number: class.relnatts,
            index: None,
            owned_by: None,
            identity_sequence: false,
            // SAFETY: the attribute is an aclitem[].
            acl: acl.map(|acl| unsafe { grants(acl) }).unwrap_or_default(),
            writing: None,
            uncertain: None,
        };
        relations.insert(class.oid.to_u32(), relation);
    });
    relations
}

/// Of what has rows: those of an index are its table's, those of a sequence never change.
fn has_columns(relation: &Relation) -> bool {
    matches!(relation.kind, 'r' | 'p' | 'v' | 'm' | 'f' | 'c')
}

fn columns(moment: &Moment, relations: &mut HashMap<u32, Relation>) {
    scan(pg_sys::AttributeRelationId, moment, |tuple| {
        // SAFETY: a tuple of pg_attribute.
        let attribute = unsafe { &*pg_sys::GETSTRUCT(tuple.tuple).cast::<pg_sys::FormData_pg_attribute>() };
        if attribute.attnum <= 0 || attribute.attisdropped {
            return;
        }
        let Some(relation) = relations.get_mut(&attribute.attrelid.to_u32()) else { return };
        if let Some(name) = relation.index.as_mut().and_then(|index| index.names.get_mut(attribute.attnum as usize - 1))
        {
            *name = name_text(&attribute.attname);
        }
        if !has_columns(relation) {
            return;
        }
        let acl = tuple.get(pg_sys::Anum_pg_attribute_attacl as i32);
        relation.columns.push(Column {
            number: attribute.attnum,
            name: name_text(&attribute.attname),
            r#type: attribute.atttypid.to_u32(),
            modifier: attribute.atttypmod,
            not_null: attribute.attnotnull,
            filled: filled(attribute),
            collation: attribute.attcollation.to_u32(),
            local: attribute.attislocal,
            // int4 up to PostgreSQL 15, int2 since.
            inherited: attribute.attinhcount as i16,
            // SAFETY: the attribute is an aclitem[].
            acl: acl.map(|acl| unsafe { grants(acl) }).unwrap_or_default(),
        });
    });
    for relation in relations.values_mut() {
        relation.columns.sort_by_key(|column| column.number);
    }
}

fn indexes(moment: &Moment, relations: &mut HashMap<u32, Relation>) {
    let names = [
        c"indexrelid",
        c"indrelid",
        c"indisunique",
        c"indisprimary",
        c"indisvalid",
        c"indisready",
        c"indislive",
        c"indimmediate",
        c"indnkeyatts",
        c"indkey",
        c"indpred",
    ];
    each(pg_sys::IndexRelationId.to_u32(), names, moment, |row| {
        let Some(relation) = relations.get_mut(&row.oid(0)) else { return };
        let mut columns = row.i16s(9);
        let uses = columns.iter().copied().filter(|number| *number > 0).collect();
        let number = columns.len();
        columns.truncate(row.i16(8).max(0) as usize);
        let has_expression = columns.contains(&0);
        relation.index = Some(Index {
            table: row.oid(1),
            unique: row.bool(2),
            primary: row.bool(3),
            // One that is being built or dropped holds nothing that a claim could rest on.
            valid: row.bool(4) && row.bool(5) && row.bool(6),
            partial: row.has(10),
            immediate: row.bool(7),
            columns,
            uses,
            parent: 0,
            // Filled from pg_attribute.
            names: vec![String::new(); if has_expression { number } else { 0 }],
        });
    });
}

fn parents(moment: &Moment, relations: &mut HashMap<u32, Relation>) {
    let mut all = Vec::new();
    each(PG_INHERITS, [c"inhrelid", c"inhseqno", c"inhparent"], moment, |row| {
        all.push((row.oid(0), row.i32(1), row.oid(2)));
    });
    all.sort_unstable();
    for (child, _, parent) in all {
        match relations.get_mut(&child) {
            Some(Relation { index: Some(index), .. }) => index.parent = parent,
            Some(relation) => relation.parents.push(parent),
            None => {}
        }
    }
}
