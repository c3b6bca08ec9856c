//! Settings of roles, in this database alone: ALTER ROLE ... IN DATABASE ... SET, through the server's own routine.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};

use pgrx::{PgBox, pg_sys};

use super::acl;
use super::error::{Error, Result};
use super::role::role_spec;
use super::session::database_name;
use super::spi::{self, bind};
use super::subtransaction::{Caught, attempt};

/// Sets a setting for the sessions of a role in this database. Of a list of names each is one value.
pub fn set(role: &str, name: &str, values: &[String]) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let mut arguments = std::ptr::null_mut();
        for value in values {
            let mut constant = PgBox::<pg_sys::A_Const>::alloc_node(pg_sys::NodeTag::T_A_Const);
            constant.val.sval = *pg_sys::makeString(acl::copy(value));
            constant.location = -1;
            arguments = pg_sys::lappend(arguments, constant.into_pg().cast());
        }
        alter(role, name, pg_sys::VariableSetKind::VAR_SET_VALUE, arguments);
    }
}

/// Sets a setting to what another role has, as it stands in the catalogs. What the server does not take any more is a WARNING.
pub fn copy(role: &str, name: &str, text: &str) {
    if let Err(caught) = attempt(|| set(role, name, &values(name, text))) {
        Error::setting_not_copied(role, name, &caught.message).warn();
    }
}

/// Takes it back.
pub fn reset(role: &str, name: &str) {
    // SAFETY: without values.
    unsafe { alter(role, name, pg_sys::VariableSetKind::VAR_RESET, std::ptr::null_mut()) };
}

/// # Safety
/// `arguments` is NULL or a list of `A_Const`.
unsafe fn alter(role: &str, name: &str, kind: pg_sys::VariableSetKind::Type, arguments: *mut pg_sys::List) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let mut set = PgBox::<pg_sys::VariableSetStmt>::alloc_node(pg_sys::NodeTag::T_VariableSetStmt);
        set.kind = kind;
        set.name = acl::copy(name);
        set.args = arguments;
        let mut statement = PgBox::<pg_sys::AlterRoleSetStmt>::alloc_node(pg_sys::NodeTag::T_AlterRoleSetStmt);
        statement.role = role_spec(role);
        statement.database = acl::copy(&database_name());
        statement.setstmt = set.into_pg();
        pg_sys::AlterRoleSet(statement.into_pg());
        pg_sys::CommandCounterIncrement();
    }
}

/// Whether the server takes this value for the setting; its own error if not.
pub fn check(name: &str, value: &str) -> std::result::Result<(), Caught> {
    let (name, value) = (CString::new(name).unwrap_or_default(), CString::new(value).unwrap_or_default());
    attempt(|| {
        // SAFETY: NUL-terminated texts; nothing is changed.
        unsafe {
            pg_sys::set_config_option(
                name.as_ptr(),
                value.as_ptr(),
                pg_sys::GucContext::PGC_SUSET,
                pg_sys::GucSource::PGC_S_TEST,
                pg_sys::GucAction::GUC_ACTION_SET,
                false,
                0,
                false,
            );
        }
    })
}

/// The names in a list as `search_path` is one; `None` if it is not well-formed.
pub fn names_in(list: &str) -> Option<Vec<String>> {
    // SAFETY: the routine has the signature that split() asks for.
    unsafe { split(list, pg_sys::SplitIdentifierString) }
}

/// The values of a setting as [`set`] takes them, from its text in the catalogs, where lists of names are quoted already.
fn values(name: &str, text: &str) -> Vec<String> {
    let c_name = CString::new(name).unwrap_or_default();
    // SAFETY: a NUL-terminated name, which the server need not know.
    let is_quoted = unsafe { pg_sys::GetConfigOptionFlags(c_name.as_ptr(), true) } & pg_sys::GUC_LIST_QUOTE as i32 != 0;
    // SAFETY: the routine has the signature that split() asks for.
    let names = if is_quoted { unsafe { split(text, pg_sys::SplitGUCList) } } else { None };
    names.unwrap_or_else(|| vec![text.to_owned()])
}

type Splitter = unsafe fn(*mut std::ffi::c_char, std::ffi::c_char, *mut *mut pg_sys::List) -> bool;

/// # Safety
/// `splitter` is one of the server's routines that cut a string into names.
unsafe fn split(list: &str, splitter: Splitter) -> Option<Vec<String>> {
    // SAFETY: the routine writes into the copy; the list that it makes points there.
    unsafe {
        let mut names: *mut pg_sys::List = std::ptr::null_mut();
        if !splitter(acl::copy(list), b',' as std::ffi::c_char, &mut names) {
            return None;
        }
        let length = if names.is_null() { 0 } else { (*names).length };
        let name = |index: i32| CStr::from_ptr((*(*names).elements.add(index as usize)).ptr_value.cast());
        Some((0..length).map(|index| name(index).to_string_lossy().into_owned()).collect())
    }
}

/// What is set for sessions of a role in this database, by name: for the database, or else for the role everywhere.
///
/// # Errors
/// XX000
pub fn of_role(role: pg_sys::Oid) -> Result<BTreeMap<String, String>> {
    let found = spi::query(
        "SELECT pg_catalog.split_part(c.setting, '=', 1), pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1)
         FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (setting)
         WHERE s.setrole = $1
           AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
         ORDER BY s.setdatabase",
        &[bind(role)],
        |row| Ok((row.need(1)?, row.need(2)?)),
    )?;
    Ok(found.into_iter().collect())
}
