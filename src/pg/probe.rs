//! Which claims are on what a command touched: index scans without planner, because every DDL statement pays for them.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::acl::copy;
use super::ddl::Touched;
use super::error::Result;
use super::relations;

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
    if !touched.oids.is_empty() {
        let mut scan = Scan::open(c"claimed_relation_cache", c"claimed_relation_cache_oid")?;
        for oid in &touched.oids {
            scan.find(&mut [key(RELATION_OID, pg_sys::F_OIDEQ, pg_sys::Oid::from(*oid).into())], &mut found);
        }
        scan.close();
    }
    if !touched.names.is_empty() {
        let mut scan = Scan::open(c"claimed_relation", c"claimed_relation_name")?;
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
                    &mut found,
                );
            }
        }
        scan.close();
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

struct Scan {
    table: pg_sys::Relation,
    index: pg_sys::Oid,
    snapshot: pg_sys::Snapshot,
}

impl Scan {
    fn open(table: &CStr, index: &CStr) -> Result<Scan> {
        let (table, index) = (relations::oid(table)?, relations::oid(index)?);
        // SAFETY: opened and registered here, closed in close(); an ERROR between is cleaned up by the resource owner.
        unsafe {
            Ok(Scan {
                table: pg_sys::table_open(table, pg_sys::AccessShareLock as i32),
                index,
                snapshot: pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot()),
            })
        }
    }

    fn find(&mut self, keys: &mut [pg_sys::ScanKeyData], found: &mut Vec<i64>) {
        // SAFETY: the keys name attributes of the index; each tuple is read before the next is fetched.
        unsafe {
            let scan = pg_sys::systable_beginscan(
                self.table,
                self.index,
                true,
                self.snapshot,
                keys.len() as i32,
                keys.as_mut_ptr(),
            );
            loop {
                let tuple = pg_sys::systable_getnext(scan);
                if tuple.is_null() {
                    break;
                }
                let mut is_null = false;
                let claim_id = pg_sys::heap_getattr(tuple, CLAIM_ID, (*self.table).rd_att, &mut is_null);
                found.push(claim_id.value() as i64);
            }
            pg_sys::systable_endscan(scan);
        }
    }

    fn close(self) {
        // SAFETY: pairs with open().
        unsafe {
            pg_sys::UnregisterSnapshot(self.snapshot);
            pg_sys::table_close(self.table, pg_sys::AccessShareLock as i32);
        }
    }
}

fn key(attribute: i16, procedure: u32, argument: pg_sys::Datum) -> pg_sys::ScanKeyData {
    let mut key = pg_sys::ScanKeyData::default();
    // SAFETY: fills the struct it is given.
    unsafe {
        pg_sys::ScanKeyInit(&mut key, attribute, pg_sys::BTEqualStrategyNumber as u16, procedure.into(), argument);
    }
    key
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
