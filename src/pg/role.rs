//! Roles of stakeholders, through the server's own routines: no statement text carries a password or its verifier.

use std::ffi::{CStr, CString};

use pgrx::{PgBox, pg_sys};

use super::acl::{Role, copy};
use super::error::{Error, Result};
use super::spi::{self, bind};
use super::{catalog, security};

/// Length of a generated password, in characters.
const PASSWORD_LENGTH: usize = 32;
/// None needs quoting in a connection string or URL.
const PASSWORD_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Length of what is appended to a stakeholder's name, which has at most [`LONGEST_NAME`]: a role's has at most 63.
const SUFFIX_LENGTH: usize = 10;
/// Without what is easily read for something else.
const SUFFIX_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
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
    random::<PASSWORD_LENGTH, 64>(PASSWORD_ALPHABET)
}

/// What makes the name of a credential's role one that nobody has.
///
/// # Errors
/// 55000 when the generator fails.
pub fn random_suffix() -> Result<String> {
    random::<SUFFIX_LENGTH, 32>(SUFFIX_ALPHABET)
}

/// So many characters of an alphabet, whose length is a power of two: so random bits choose one without bias.
fn random<const LENGTH: usize, const SIZE: usize>(alphabet: &[u8; SIZE]) -> Result<String> {
    let mut bytes = [0u8; LENGTH];
    // SAFETY: writes as many bytes as the array has.
    if !unsafe { pg_sys::pg_strong_random(bytes.as_mut_ptr().cast(), bytes.len()) } {
        return Err(Error::wrong_state(
            "could not generate a password",
            "The system's random number generator failed.",
            "See the server's log.",
        ));
    }
    Ok(bytes.iter().map(|byte| alphabet[usize::from(*byte) % SIZE] as char).collect())
}

/// A login role to make, without any other attribute than these.
pub struct NewRole<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its password.
    pub password: &'a str,
    /// More attributes.
    pub attributes: &'a [Attribute<'a>],
    /// A role that it is to be a member of.
    pub member_of: Option<&'a str>,
}

/// An attribute of a role.
#[derive(Debug, Clone, Copy)]
pub enum Attribute<'a> {
    /// LOGIN or NOLOGIN.
    Login(bool),
    /// INHERIT or NOINHERIT.
    Inherit(bool),
    /// PASSWORD, of which the server keeps a SCRAM verifier.
    Password(&'a str),
    /// VALID UNTIL, as the server reads a timestamp with time zone.
    ValidUntil(&'a str),
    /// CONNECTION LIMIT; -1 is none.
    ConnectionLimit(i32),
}

/// Makes a login role.
///
/// The server's own routine makes the verifier of the password, with its `scram_iterations` where it has that setting. To
/// hand it a verifier would cost as much again: it computes another one, to see that the password is not empty.
pub fn create(new: &NewRole) -> Role {
    let mut attributes = vec![Attribute::Password(new.password)];
    attributes.extend(new.attributes);
    // SAFETY: nodes are palloc'd with their tags; the server copies what it keeps.
    let oid = unsafe {
        let mut statement = PgBox::<pg_sys::CreateRoleStmt>::alloc_node(pg_sys::NodeTag::T_CreateRoleStmt);
        statement.stmt_type = pg_sys::RoleStmtType::ROLESTMT_USER;
        statement.role = copy(new.name);
        statement.options = options(&attributes);
        if let Some(group) = new.member_of {
            let groups = pg_sys::lappend(std::ptr::null_mut(), role_spec(group).cast());
            let option = pg_sys::makeDefElem(copy("addroleto"), groups.cast(), -1);
            statement.options = pg_sys::lappend(statement.options, option.cast());
        }
        // PostgreSQL 16 reads the parse state for the position of an error.
        let state = pg_sys::make_parsestate(std::ptr::null_mut());
        let oid = security::with_scram(|| pg_sys::CreateRole(state, statement.into_pg()));
        pg_sys::free_parsestate(state);
        pg_sys::CommandCounterIncrement();
        oid
    };
    Role { name: new.name.to_owned(), oid }
}

/// Changes attributes of a role.
pub fn alter(name: &str, attributes: &[Attribute]) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let mut statement = PgBox::<pg_sys::AlterRoleStmt>::alloc_node(pg_sys::NodeTag::T_AlterRoleStmt);
        statement.role = role_spec(name);
        statement.action = 1;
        statement.options = options(attributes);
        let state = pg_sys::make_parsestate(std::ptr::null_mut());
        security::with_scram(|| pg_sys::AlterRole(state, statement.into_pg()));
        pg_sys::free_parsestate(state);
        pg_sys::CommandCounterIncrement();
    }
}

/// The options of CREATE ROLE and ALTER ROLE.
///
/// # Safety
/// Allocates in the current memory context, which must outlive the use.
unsafe fn options(attributes: &[Attribute]) -> *mut pg_sys::List {
    let mut list = std::ptr::null_mut();
    for attribute in attributes {
        // SAFETY: as promised by the caller.
        unsafe {
            let (word, value): (&str, *mut pg_sys::Node) = match attribute {
                Attribute::Login(may) => ("canlogin", pg_sys::makeBoolean(*may).cast()),
                Attribute::Inherit(does) => ("inherit", pg_sys::makeBoolean(*does).cast()),
                Attribute::Password(password) => ("password", pg_sys::makeString(copy(password)).cast()),
                Attribute::ValidUntil(until) => ("validUntil", pg_sys::makeString(copy(until)).cast()),
                Attribute::ConnectionLimit(limit) => ("connectionlimit", pg_sys::makeInteger(*limit).cast()),
            };
            list = pg_sys::lappend(list, pg_sys::makeDefElem(copy(word), value, -1).cast());
        }
    }
    list
}

/// Whether a role has LOGIN.
///
/// # Errors
/// XX000
pub fn can_login(role: pg_sys::Oid) -> Result<bool> {
    let found =
        spi::query("SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE oid = $1", &[bind(role)], |row| row.need(1))?;
    Ok(found.into_iter().next().unwrap_or(false))
}

/// Makes a role a member of another one, which it inherits from and can become by SET ROLE.
pub fn grant_membership(role: &Role, member: &Role) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let mut granted = PgBox::<pg_sys::AccessPriv>::alloc_node(pg_sys::NodeTag::T_AccessPriv);
        granted.priv_name = copy(&role.name);
        let mut statement = PgBox::<pg_sys::GrantRoleStmt>::alloc_node(pg_sys::NodeTag::T_GrantRoleStmt);
        statement.granted_roles = pg_sys::lappend(std::ptr::null_mut(), granted.into_pg().cast());
        statement.grantee_roles = pg_sys::lappend(std::ptr::null_mut(), role_spec(&member.name).cast());
        statement.is_grant = true;
        #[cfg(feature = "pg15")]
        pg_sys::GrantRole(statement.into_pg());
        // From 16 on the membership itself says whether it inherits.
        #[cfg(not(feature = "pg15"))]
        {
            let yes = pg_sys::makeBoolean(true).cast();
            statement.opt = pg_sys::lappend(std::ptr::null_mut(), pg_sys::makeDefElem(copy("inherit"), yes, -1).cast());
            let state = pg_sys::make_parsestate(std::ptr::null_mut());
            pg_sys::GrantRole(state, statement.into_pg());
            pg_sys::free_parsestate(state);
        }
        pg_sys::CommandCounterIncrement();
    }
}

/// How many sessions a role may have; -1 for any number.
///
/// # Errors
/// XX000
pub fn connection_limit(role: pg_sys::Oid) -> Result<i32> {
    let found =
        spi::query("SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE oid = $1", &[bind(role)], |row| row.need(1))?;
    Ok(found.into_iter().next().unwrap_or(-1))
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

/// Drops a role with what it has been granted in this database; what it owns there becomes its heir's.
pub fn drop_with_grants(role: &Role, heir: Option<&Role>) {
    // SAFETY: nodes are palloc'd with their tags.
    unsafe {
        let roles = || pg_sys::lappend(std::ptr::null_mut(), role_spec(&role.name).cast());
        // Without an heir its objects stay, and so does it: to drop them is not for us to decide.
        if let Some(heir) = heir {
            let mut reassign = PgBox::<pg_sys::ReassignOwnedStmt>::alloc_node(pg_sys::NodeTag::T_ReassignOwnedStmt);
            reassign.roles = roles();
            reassign.newrole = role_spec(&heir.name);
            pg_sys::ReassignOwnedObjects(reassign.into_pg());
            pg_sys::CommandCounterIncrement();
            let mut owned = PgBox::<pg_sys::DropOwnedStmt>::alloc_node(pg_sys::NodeTag::T_DropOwnedStmt);
            owned.roles = roles();
            owned.behavior = pg_sys::DropBehavior::DROP_RESTRICT;
            pg_sys::DropOwnedObjects(owned.into_pg());
            pg_sys::CommandCounterIncrement();
        }
    }
    drop(&role.name);
}

/// # Safety
/// Allocates in the current memory context, which must outlive the use.
pub(super) unsafe fn role_spec(name: &str) -> *mut pg_sys::RoleSpec {
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
