//! Our own tables, by OID. They are known by name until the server says that one of them has changed, so that nothing here
//! outlives a DROP EXTENSION: every DDL statement asks for six of them.

use std::cell::RefCell;
use std::ffi::{CStr, CString};

use pgrx::pg_sys;

use super::catalog::namespace_oid;
use super::error::{Error, Result};
use super::scan::Scan;

const SCHEMA: &CStr = c"integratedb";

thread_local! {
    /// Never borrowed while the server is called: it may invalidate at any such call.
    static KNOWN: RefCell<Vec<(&'static CStr, pg_sys::Oid)>> = const { RefCell::new(Vec::new()) };
}

/// Registers the callback; called once, when the library is loaded.
pub fn register() {
    // SAFETY: a function with the C calling convention that lives as long as the library.
    unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(invalidated), pg_sys::Datum::from(0usize)) };
}

/// A relation, or with an invalid OID any, may have changed.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn invalidated(_argument: pg_sys::Datum, relation: pg_sys::Oid) {
    KNOWN.with_borrow_mut(|known| {
        if relation == pg_sys::InvalidOid || known.iter().any(|(_, oid)| *oid == relation) {
            known.clear();
        }
    });
}

/// A table or index of ours.
///
/// # Errors
/// XX000 when it is not there.
pub fn oid(name: &'static CStr) -> Result<pg_sys::Oid> {
    find(name).ok_or_else(|| Error::internal(format!("integratedb.{} is missing", name.to_string_lossy())))
}

/// The same, `None` when it is not there.
pub fn find(name: &'static CStr) -> Option<pg_sys::Oid> {
    let known = KNOWN.with_borrow(|known| known.iter().find(|(of, _)| *of == name).map(|(_, oid)| *oid));
    if known.is_some() {
        return known;
    }
    // SAFETY: syscache look-ups of NUL-terminated names.
    let oid = unsafe {
        let schema = pg_sys::get_namespace_oid(SCHEMA.as_ptr(), true);
        if schema == pg_sys::InvalidOid { schema } else { pg_sys::get_relname_relid(name.as_ptr(), schema) }
    };
    if oid == pg_sys::InvalidOid {
        return None;
    }
    KNOWN.with_borrow_mut(|known| known.push((name, oid)));
    Some(oid)
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
    owner_of(oid(c"fence")?).ok_or_else(|| Error::internal("integratedb.fence is missing"))
}

/// The owner of any relation; `None` when it is not there.
pub fn owner_of(relation: pg_sys::Oid) -> Option<pg_sys::Oid> {
    // SAFETY: the tuple is released before anything else is called; its struct is of its catalog.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::RELOID as i32, pg_sys::Datum::from(relation));
        if tuple.is_null() {
            return None;
        }
        let owner = (*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_class>()).relowner;
        pg_sys::ReleaseSysCache(tuple);
        Some(owner)
    }
}

/// The owner of a relation by name; `None` when it is not there.
pub fn owner_of_named(schema: &str, name: &str) -> Option<pg_sys::Oid> {
    let schema = namespace_oid(schema)?;
    let name = CString::new(name).ok()?;
    // SAFETY: a syscache look-up of a NUL-terminated name.
    owner_of(unsafe { pg_sys::get_relname_relid(name.as_ptr(), schema) })
}

/// Whether a table of ours has no row; without SQL, because DDL statements pay for it.
///
/// # Errors
/// XX000 when it is not there.
pub fn is_empty(name: &'static CStr) -> Result<bool> {
    let scan = Scan::table(oid(name)?, None);
    let mut empty = true;
    scan.find(&mut [], |_| {
        empty = false;
        false
    });
    scan.close();
    Ok(empty)
}
