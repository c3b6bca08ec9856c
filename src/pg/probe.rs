//! Which claims are on what a command touched: index scans without planner, because every DDL statement pays for them.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::acl::copy;
use super::ddl::Touched;
use super::error::Result;
use super::relations;
use super::scan::{Scan, Tuple, key};

/// Attribute numbers of integratedb.claimed_relation and claimed_relation_cache (sql/tables.sql).
const CLAIM_ID: i32 = 1;
const SCHEMA_NAME: i16 = 3;
const RELATION_NAME: i16 = 4;
const RELATION_OID: i16 = 3;

/// The claims on these relations, and the wildcard claims on their schemas, by number and in order.
///
/// # Errors
/// XX000 when our tables are missing.
pub fn claims_on(touched: &Touched) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    let mut collect = |tuple: &Tuple| {
        found.extend(tuple.get(CLAIM_ID).map(|claim_id| claim_id.value() as i64));
        true
    };
    if !touched.oids.is_empty() {
        let scan = open(c"claimed_relation_cache", c"claimed_relation_cache_oid")?;
        for oid in &touched.oids {
            scan.find(&mut [key(RELATION_OID, pg_sys::F_OIDEQ, pg_sys::Oid::from(*oid).into())], &mut collect);
        }
        scan.close();
    }
    if !touched.names.is_empty() {
        let scan = open(c"claimed_relation", c"claimed_relation_name")?;
        let mut schema_seen: Option<&str> = None;
        for (schema, relation) in &touched.names {
            let wildcard = (schema_seen != Some(schema.as_str())).then_some("");
            schema_seen = Some(schema);
            for name in wildcard.into_iter().chain((!relation.is_empty()).then_some(relation.as_str())) {
                scan.find(
                    &mut [
                        key(SCHEMA_NAME, pg_sys::F_NAMEEQ, name_datum(schema)),
                        key(RELATION_NAME, pg_sys::F_NAMEEQ, name_datum(name)),
                    ],
                    &mut collect,
                );
            }
        }
        scan.close();
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn open(table: &'static CStr, index: &'static CStr) -> Result<Scan> {
    Ok(Scan::table(relations::oid(table)?, Some(relations::oid(index)?)))
}

/// A `name` is 64 bytes long, padded with NUL.
fn name_datum(name: &str) -> pg_sys::Datum {
    // SAFETY: palloc0'd memory of the length of a NameData; names from the catalogs are shorter.
    unsafe {
        let datum = pg_sys::palloc0(pg_sys::NAMEDATALEN as usize).cast::<std::ffi::c_char>();
        let text = copy(name);
        std::ptr::copy_nonoverlapping(text, datum, name.len().min(pg_sys::NAMEDATALEN as usize - 1));
        pg_sys::Datum::from(datum)
    }
}
