//! What rests on the columns of a relation: indexes, foreign keys, the sequences of serial columns.

use integratedb_claim::catalog::{Constraints, ForeignKey, Index, Relation, Sequence};
use pgrx::pg_sys;

use super::acl::acl_of_tuple;
use super::{cache, name_text, namespace_name};
use crate::pg::error::Result;
use crate::pg::spi::{self, bind};

/// Found by the relation at each evaluation, never remembered by OID: REINDEX gives an index another one.
///
/// # Errors
/// XX000
pub fn read(relation: &Relation) -> Result<Constraints> {
    let oid = pg_sys::Oid::from(relation.oid);
    Ok(Constraints { indexes: indexes(oid)?, foreign_keys: foreign_keys(oid)?, sequences: serial_sequences(oid)? })
}

fn indexes(relation: pg_sys::Oid) -> Result<Vec<Index>> {
    spi::query(
        "SELECT indexrelid, indisunique, (indkey::int2[])[0:indnkeyatts - 1]
         FROM pg_catalog.pg_index
         WHERE indrelid = $1 AND indisvalid AND indisready AND indislive AND indpred IS NULL",
        &[bind(relation)],
        |row| Ok(Index { oid: row.need::<pg_sys::Oid>(1)?.to_u32(), unique: row.need(2)?, columns: row.need(3)? }),
    )
}

fn foreign_keys(relation: pg_sys::Oid) -> Result<Vec<ForeignKey>> {
    spi::query(
        "SELECT n.nspname::text, c.relname::text, c.oid,
                ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, position)
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position),
                ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, position)
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.position)
         FROM pg_catalog.pg_constraint k
         JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE k.conrelid = $1 AND k.contype = 'f' AND k.convalidated",
        &[bind(relation)],
        |row| {
            let (from, to): (Vec<String>, Vec<String>) = (row.need(4)?, row.need(5)?);
            Ok(ForeignKey {
                schema: row.need(1)?,
                relation: row.need(2)?,
                oid: row.need::<pg_sys::Oid>(3)?.to_u32(),
                columns: from.into_iter().zip(to).collect(),
            })
        },
    )
}

/// Those that a column owns or its DEFAULT draws from, as far as they have the relation's owner: not another one's, or an
/// owner could have us grant it.
fn serial_sequences(relation: pg_sys::Oid) -> Result<Vec<u32>> {
    spi::query(
        "SELECT s.oid FROM pg_catalog.pg_class c
         JOIN LATERAL (
             SELECT d.objid AS oid FROM pg_catalog.pg_depend d
             WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
               AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
               AND d.refobjid = c.oid AND d.refobjsubid > 0 AND d.deptype = 'a'
             UNION
             SELECT d.refobjid FROM pg_catalog.pg_attrdef f
             JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
              AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
             WHERE f.adrelid = c.oid) q ON true
         JOIN pg_catalog.pg_class s ON s.oid = q.oid AND s.relkind = 'S' AND s.relowner = c.relowner
         WHERE c.oid = $1 ORDER BY s.oid",
        &[bind(relation)],
        |row| Ok(row.need::<pg_sys::Oid>(1)?.to_u32()),
    )
}

/// A lasting sequence, if that is what stands behind the OID.
pub fn sequence(oid: pg_sys::Oid) -> Option<Sequence> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let id = pg_sys::SysCacheIdentifier::RELOID;
        let tuple = pg_sys::SearchSysCache1(cache(id), oid.into());
        if tuple.is_null() {
            return None;
        }
        let class = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_class>();
        let is_sequence = class.relkind as u8 == pg_sys::RELKIND_SEQUENCE
            && class.relpersistence as u8 != pg_sys::RELPERSISTENCE_TEMP;
        let found = namespace_name(class.relnamespace).filter(|_| is_sequence).map(|schema| Sequence {
            oid: oid.to_u32(),
            schema,
            name: name_text(&class.relname),
            owner: class.relowner.to_u32(),
            acl: acl_of_tuple(tuple, id, pg_sys::Anum_pg_class_relacl as i16),
        });
        pg_sys::ReleaseSysCache(tuple);
        found
    }
}
