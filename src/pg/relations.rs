//! Our own tables, by OID: found by name through the system cache at each use, so that nothing here outlives a DROP EXTENSION.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::error::{Error, Result};
use super::scan::Scan;

const SCHEMA: &CStr = c"integratedb";

/// A table or index of ours.
///
/// # Errors
/// XX000 when it is not there.
pub fn oid(name: &CStr) -> Result<pg_sys::Oid> {
    find(name).ok_or_else(|| Error::internal(format!("integratedb.{} is missing", name.to_string_lossy())))
}

/// The same, `None` when it is not there.
pub fn find(name: &CStr) -> Option<pg_sys::Oid> {
    // SAFETY: syscache look-ups of NUL-terminated names.
    let oid = unsafe {
        let schema = pg_sys::get_namespace_oid(SCHEMA.as_ptr(), true);
        if schema == pg_sys::InvalidOid { schema } else { pg_sys::get_relname_relid(name.as_ptr(), schema) }
    };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// Whether the extension is being created, altered or dropped by the command that is running now: then it is not yet, or no longer, to be asked.
pub fn is_installed() -> bool {
    // SAFETY: a look-up of a NUL-terminated name, and globals of this backend.
    let in_our_script = unsafe {
        pg_sys::creating_extension && pg_sys::CurrentExtensionObject == pg_sys::get_extension_oid(SCHEMA.as_ptr(), true)
    };
    !in_our_script && find(c"fence").is_some()
}

/// Whether the commands of another extension's script are running.
pub fn is_creating_extension() -> bool {
    // SAFETY: a global of this backend.
    unsafe { pg_sys::creating_extension }
}

/// The owner of our tables, as which we act.
///
/// # Errors
/// XX000 when they are not there.
pub fn owner() -> Result<pg_sys::Oid> {
    let fence = oid(c"fence")?;
    // SAFETY: the tuple is released before anything else is called; its struct is of its catalog.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::RELOID as i32, pg_sys::Datum::from(fence));
        if tuple.is_null() {
            return Err(Error::internal("integratedb.fence is missing"));
        }
        let owner = (*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_class>()).relowner;
        pg_sys::ReleaseSysCache(tuple);
        Ok(owner)
    }
}

/// Whether a table of ours has no row; without SQL, because DDL statements pay for it.
///
/// # Errors
/// XX000 when it is not there.
pub fn is_empty(name: &CStr) -> Result<bool> {
    let scan = Scan::table(oid(name)?, None);
    let mut empty = true;
    scan.find(&mut [], |_| {
        empty = false;
        false
    });
    scan.close();
    Ok(empty)
}
