//! Roles of stakeholders, through the server's own routines: no statement text carries a password or its verifier.

use std::ffi::{CStr, CString};

use pgrx::{PgBox, pg_sys};

use super::acl::{Role, copy};
use super::catalog;
use super::error::{Error, Result};

/// Length of a generated password, in characters.
const PASSWORD_LENGTH: usize = 32;
/// 64 characters, so that six random bits choose one without bias; none needs quoting in a connection string or URL.
const PASSWORD_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LONGEST_NAME: usize = 32;

/// A stakeholder name as it is kept: trimmed and folded to lower case.
///
/// # Errors
/// 42602 when it is not `^[a-z_][a-z0-9_]{0,31}$`, begins with `pg_`, or is reserved.
pub fn checked_name(name: &str) -> Result<String> {
    let folded = name.trim().to_ascii_lowercase();
    let wrong = |found: &str| Err(Error::invalid_name(name, found));
    if folded.is_empty() {
        return wrong("The name is empty.");
    }
    if folded.len() > LONGEST_NAME {
        return wrong("The name is longer than 32 characters.");
    }
    if folded.starts_with(|c: char| c.is_ascii_digit()) {
        return wrong("The name begins with a digit.");
    }
    if let Some(other) = folded.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')) {
        return wrong(&format!("The name contains {other:?}."));
    }
    let reserved = ["public", "none", "current_role", "current_user", "session_user", "user", "information_schema"];
    let c_name = CString::new(folded.as_str()).unwrap_or_default();
    // SAFETY: a NUL-terminated name.
    let prefixed = unsafe { pg_sys::IsReservedName(c_name.as_ptr()) };
    if prefixed || folded == "integratedb" || reserved.contains(&folded.as_str()) {
        return wrong("The name is reserved.");
    }
    Ok(folded)
}

/// A role by name.
pub fn find(name: &str) -> Option<Role> {
    let c_name = CString::new(name).ok()?;
    // SAFETY: a syscache look-up of a NUL-terminated name.
    let oid = unsafe { pg_sys::get_role_oid(c_name.as_ptr(), true) };
    (oid != pg_sys::InvalidOid).then(|| Role { name: name.to_owned(), oid })
}

/// A role by OID.
pub fn by_oid(oid: pg_sys::Oid) -> Option<Role> {
    // SAFETY: with `true` the result is NULL or a NUL-terminated palloc'd name.
    unsafe {
        let name = pg_sys::GetUserNameFromId(oid, true);
        (!name.is_null()).then(|| Role { name: CStr::from_ptr(name).to_string_lossy().into_owned(), oid })
    }
}

/// A password from the system's generator.
///
/// # Errors
/// 55000 when the generator fails.
pub fn random_password() -> Result<String> {
    let mut bytes = [0u8; PASSWORD_LENGTH];
    // SAFETY: writes as many bytes as the array has.
    if !unsafe { pg_sys::pg_strong_random(bytes.as_mut_ptr().cast(), bytes.len()) } {
        return Err(Error::wrong_state(
            "could not generate a password",
            "The system's random number generator failed.",
            "See the server's log.",
        ));
    }
    Ok(bytes.iter().map(|byte| PASSWORD_ALPHABET[usize::from(byte & 63)] as char).collect())
}

/// Makes a login role without any other attribute, with a SCRAM verifier of `password`.
pub fn create(name: &str, password: &str) -> Role {
    let c_name = CString::new(name).unwrap_or_default();
    let c_password = CString::new(password).unwrap_or_default();
    // SAFETY: nodes are palloc'd with their tags; the server copies what it keeps.
    let oid = unsafe {
        let verifier = pg_sys::encrypt_password(
            pg_sys::PasswordType::PASSWORD_TYPE_SCRAM_SHA_256,
            c_name.as_ptr(),
            c_password.as_ptr(),
        );
        let mut statement = PgBox::<pg_sys::CreateRoleStmt>::alloc_node(pg_sys::NodeTag::T_CreateRoleStmt);
        statement.stmt_type = pg_sys::RoleStmtType::ROLESTMT_USER;
        statement.role = copy(name);
        statement.options = pg_sys::lappend(
            std::ptr::null_mut(),
            pg_sys::makeDefElem(copy("password"), pg_sys::makeString(verifier).cast(), -1).cast(),
        );
        // PostgreSQL 16 reads the parse state for the position of an error.
        let state = pg_sys::make_parsestate(std::ptr::null_mut());
        let oid = pg_sys::CreateRole(state, statement.into_pg());
        pg_sys::free_parsestate(state);
        pg_sys::CommandCounterIncrement();
        oid
    };
    Role { name: name.to_owned(), oid }
}

/// Renames a role; its SCRAM password stays.
pub fn rename(name: &str, new_name: &str) {
    let (old, new) = (CString::new(name).unwrap_or_default(), CString::new(new_name).unwrap_or_default());
    // SAFETY: NUL-terminated names.
    unsafe {
        pg_sys::RenameRole(old.as_ptr(), new.as_ptr());
        pg_sys::CommandCounterIncrement();
    }
}

/// Drops a role.
pub fn drop(name: &str) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let mut statement = PgBox::<pg_sys::DropRoleStmt>::alloc_node(pg_sys::NodeTag::T_DropRoleStmt);
        statement.roles = pg_sys::lappend(std::ptr::null_mut(), role_spec(name).cast());
        pg_sys::DropRole(statement.into_pg());
        pg_sys::CommandCounterIncrement();
    }
}

/// Takes LOGIN from a role.
pub fn forbid_login(name: &str) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let mut statement = PgBox::<pg_sys::AlterRoleStmt>::alloc_node(pg_sys::NodeTag::T_AlterRoleStmt);
        statement.role = role_spec(name);
        statement.action = 1;
        #[cfg(any(feature = "pg15", feature = "pg16", feature = "pg17", feature = "pg18"))]
        let no = pg_sys::makeBoolean(false).cast();
        statement.options = pg_sys::lappend(std::ptr::null_mut(), pg_sys::makeDefElem(copy("canlogin"), no, -1).cast());
        let state = pg_sys::make_parsestate(std::ptr::null_mut());
        pg_sys::AlterRole(state, statement.into_pg());
        pg_sys::free_parsestate(state);
        pg_sys::CommandCounterIncrement();
    }
}

/// # Safety
/// Allocates in the current memory context, which must outlive the use.
unsafe fn role_spec(name: &str) -> *mut pg_sys::RoleSpec {
    // SAFETY: as promised by the caller.
    unsafe {
        let mut role = PgBox::<pg_sys::RoleSpec>::alloc_node(pg_sys::NodeTag::T_RoleSpec);
        role.roletype = pg_sys::RoleSpecType::ROLESPEC_CSTRING;
        role.rolename = copy(name);
        role.into_pg()
    }
}

/// What already has this name: a role, a schema.
pub fn name_taken(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    if find(name).is_some() {
        found.push(format!("Role \"{name}\" already exists."));
    }
    if catalog::namespace_oid(name).is_some() {
        found.push(format!("Schema \"{name}\" already exists."));
    }
    found
}
