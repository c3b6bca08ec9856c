//! The state of this session's transaction.

use std::ffi::CStr;

use pgrx::pg_sys;

/// Whether the statement is one of several in a transaction, a later one of which may mend what it broke.
pub fn in_transaction_block() -> bool {
    // SAFETY: reads the state of the current transaction.
    unsafe { pg_sys::IsTransactionBlock() }
}

/// Whether this session has ever made a temporary object: until then nothing of it can rest on one.
pub fn has_temporary_schema() -> bool {
    temporary_schema() != pg_sys::InvalidOid
}

/// This session's temporary schema; invalid if it has none.
pub fn temporary_schema() -> pg_sys::Oid {
    let (mut schema, mut toast) = (pg_sys::InvalidOid, pg_sys::InvalidOid);
    // SAFETY: fills the locals.
    unsafe { pg_sys::GetTempNamespaceState(&mut schema, &mut toast) };
    schema
}

/// Whether the server is a standby, or recovering.
pub fn in_recovery() -> bool {
    // SAFETY: a global of this backend.
    unsafe { pg_sys::RecoveryInProgress() }
}

/// Lets the system caches see what others have committed meanwhile.
pub fn accept_invalidations() {
    // SAFETY: a server routine without arguments.
    unsafe { pg_sys::AcceptInvalidationMessages() };
}

/// An active snapshot, for work outside any statement; until dropped.
pub struct LatestSnapshot;

impl LatestSnapshot {
    /// Pushes it.
    pub fn push() -> LatestSnapshot {
        // SAFETY: popped in drop; an ERROR between pops it with its transaction.
        unsafe { pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot()) };
        LatestSnapshot
    }
}

impl Drop for LatestSnapshot {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pairs with push().
            unsafe { pg_sys::PopActiveSnapshot() };
        }
    }
}

/// `server_version_num`.
pub fn server_version() -> u32 {
    setting(c"server_version_num").parse().unwrap_or_default()
}

/// Whether a backslash in `'...'` is an ordinary character.
pub fn standard_conforming_strings() -> bool {
    setting(c"standard_conforming_strings") == "on"
}

/// The value of a setting that every server has.
fn setting(name: &CStr) -> String {
    // SAFETY: a NUL-terminated name; the value is a NUL-terminated text, copied before anything else is called.
    unsafe { CStr::from_ptr(pg_sys::GetConfigOption(name.as_ptr(), false, false)) }.to_string_lossy().into_owned()
}

/// The name of this database.
pub fn database_name() -> String {
    // SAFETY: NULL, or a NUL-terminated palloc'd name.
    unsafe {
        let name = pg_sys::get_database_name(pg_sys::MyDatabaseId);
        if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

/// `search_path` as it is set.
pub fn search_path() -> String {
    // SAFETY: the setting's own variable, a NUL-terminated text.
    unsafe { CStr::from_ptr(pg_sys::namespace_search_path) }.to_string_lossy().into_owned()
}
