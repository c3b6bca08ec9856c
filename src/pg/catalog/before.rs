//! The catalogs as they were when the transaction began.

use pgrx::pg_sys;

use super::name_text;
use crate::pg::scan::{Scan, key};

/// The number that a column of this name had when the transaction began.
pub fn column_number_before(relation: pg_sys::Oid, name: &str) -> Option<i16> {
    let mut found = None;
    let scan = Scan::catalog_before(pg_sys::AttributeRelationId, pg_sys::AttributeRelidNumIndexId.into());
    let of_relation = key(pg_sys::Anum_pg_attribute_attrelid as i16, pg_sys::F_OIDEQ, relation.into());
    scan.find(&mut [of_relation], |tuple| {
        // SAFETY: a tuple of pg_attribute.
        let attribute = unsafe { &*pg_sys::GETSTRUCT(tuple.tuple).cast::<pg_sys::FormData_pg_attribute>() };
        if attribute.attnum > 0 && !attribute.attisdropped && name_text(&attribute.attname) == name {
            found = Some(attribute.attnum);
        }
        found.is_none()
    });
    scan.close();
    found
}
