//! Who is calling, and acting as the extension's owner for as long as a guard lives.

use std::cell::Cell;
use std::ffi::CStr;

use pgrx::pg_sys;

use super::error::{Error, Result};
use super::spi::{self, bind};
use super::{catalog, relations, store};

/// What holds while we act as the owner. Names resolve to the server's own. Plans are kept for all sizes of our tables, so
/// they use the indexes; where there is none, the high cost that this means must not set off the compiler.
const SETTINGS: [(&CStr, &CStr); 3] =
    [(c"search_path", c"pg_catalog, pg_temp"), (c"enable_seqscan", c"off"), (c"jit", c"off")];

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static CALLER: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
}

/// Whether the code that runs now is ours, acting as the owner.
pub fn is_acting() -> bool {
    DEPTH.get() > 0
}

/// The role for which we act as the owner now: the one that called us, not one of our own calls.
pub fn caller() -> pg_sys::Oid {
    CALLER.get()
}

/// Acts as the extension's owner, with [`SETTINGS`], until dropped.
///
/// An ERROR resets both through the abort of its (sub)transaction.
pub struct AsOwner {
    user: pg_sys::Oid,
    context: i32,
    guc_level: i32,
}

impl AsOwner {
    /// Switches.
    ///
    /// # Errors
    /// XX000 when the extension's tables are not there.
    pub fn begin() -> Result<AsOwner> {
        let owner = relations::owner()?;
        let mut user = pg_sys::InvalidOid;
        let mut context = 0;
        // SAFETY: plain server calls on the main thread, with pointers to locals and NUL-terminated constants.
        let guc_level = unsafe {
            pg_sys::GetUserIdAndSecContext(&mut user, &mut context);
            let guc_level = pg_sys::NewGUCNestLevel();
            let restricted = pg_sys::SECURITY_LOCAL_USERID_CHANGE | pg_sys::SECURITY_RESTRICTED_OPERATION;
            pg_sys::SetUserIdAndSecContext(owner, context | restricted as i32);
            for (name, value) in SETTINGS {
                save_setting(name, value);
            }
            guc_level
        };
        if DEPTH.get() == 0 {
            CALLER.set(user);
        }
        DEPTH.set(DEPTH.get() + 1);
        Ok(AsOwner { user, context, guc_level })
    }

    /// The role that called us.
    pub fn caller(&self) -> pg_sys::Oid {
        self.user
    }
}

impl Drop for AsOwner {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if std::thread::panicking() {
            return;
        }
        // SAFETY: undoes begin() in the same nesting level.
        unsafe {
            pg_sys::AtEOXact_GUC(true, self.guc_level);
            pg_sys::SetUserIdAndSecContext(self.user, self.context);
        }
    }
}

/// Runs `work`, which executes nothing of a user's, without the restrictions of [`AsOwner`]: inside them the server lets
/// nobody say a word about the setting `role`. Nor do we hear whether the session itself could have taken that role.
pub fn unrestricted(work: impl FnOnce()) {
    let mut user = pg_sys::InvalidOid;
    let mut context = 0;
    // SAFETY: the user stays the same; an ERROR resets all three through the abort of its (sub)transaction.
    unsafe {
        pg_sys::GetUserIdAndSecContext(&mut user, &mut context);
        pg_sys::SetUserIdAndSecContext(user, 0);
        in_guc_level(|| save_setting(c"client_min_messages", c"warning"), work);
        pg_sys::SetUserIdAndSecContext(user, context);
    }
}

/// # Safety
/// Within a nesting level of settings, which ends it.
unsafe fn save_setting(name: &CStr, value: &CStr) {
    // SAFETY: NUL-terminated texts; as promised by the caller.
    unsafe {
        pg_sys::set_config_option(
            name.as_ptr(),
            value.as_ptr(),
            pg_sys::GucContext::PGC_USERSET,
            pg_sys::GucSource::PGC_S_SESSION,
            pg_sys::GucAction::GUC_ACTION_SAVE,
            true,
            0,
            false,
        );
    }
}

/// Until we act as the owner no more, no lock is waited for longer than so many milliseconds: while the fence is closed
/// everybody's DDL waits behind us, and somebody who alters a relation that we grant on could keep us waiting.
pub fn limit_lock_waits(milliseconds: i32) {
    if DEPTH.get() > 0 {
        // SAFETY: within the nesting level of AsOwner.
        unsafe { save_lock_timeout(milliseconds) };
    }
}

/// Runs `work`, in which no lock is waited for longer than so many milliseconds.
pub fn waiting_at_most<T>(milliseconds: i32, work: impl FnOnce() -> T) -> T {
    // SAFETY: within a nesting level of settings.
    in_guc_level(|| unsafe { save_lock_timeout(milliseconds) }, work)
}

/// Runs `work`, in which the server makes SCRAM verifiers of passwords, whatever it is set to make.
pub fn with_scram<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: within a nesting level of settings.
    in_guc_level(|| unsafe { save_setting(c"password_encryption", c"scram-sha-256") }, work)
}

/// Runs `work` with what `set` has set.
fn in_guc_level<T>(set: impl FnOnce(), work: impl FnOnce() -> T) -> T {
    // SAFETY: an ERROR ends the level through the abort of its (sub)transaction.
    unsafe {
        let guc_level = pg_sys::NewGUCNestLevel();
        set();
        let result = work();
        pg_sys::AtEOXact_GUC(true, guc_level);
        result
    }
}

/// # Safety
/// Within a nesting level of settings, which ends it.
unsafe fn save_lock_timeout(milliseconds: i32) {
    // SAFETY: reads a setting of the server; as promised by the caller.
    unsafe {
        let limit = milliseconds.max(1);
        let own = pg_sys::LockTimeout;
        if own == 0 || own > limit {
            let value = std::ffi::CString::new(limit.to_string()).unwrap_or_default();
            save_setting(c"lock_timeout", &value);
        }
    }
}

/// The current user.
pub fn current_user() -> pg_sys::Oid {
    // SAFETY: reads a global of this backend.
    unsafe { pg_sys::GetUserId() }
}

/// Who logged in, or who SET SESSION AUTHORIZATION made it.
pub fn session_user() -> pg_sys::Oid {
    // SAFETY: reads a global of this backend.
    unsafe { pg_sys::GetSessionUserId() }
}

/// Whether a role is a superuser.
pub fn is_superuser(role: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up.
    unsafe { pg_sys::superuser_arg(role) }
}

/// The name of a role, or its number when it is gone.
pub fn role_name(role: pg_sys::Oid) -> String {
    // SAFETY: with `true` the result is NULL or a NUL-terminated palloc'd name.
    unsafe {
        let name = pg_sys::GetUserNameFromId(role, true);
        if name.is_null() { role.to_u32().to_string() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

/// Refuses all but superusers. To be called before [`AsOwner::begin`].
///
/// # Errors
/// 42501, naming the function and the role.
pub fn require_superuser(function: &'static str) -> Result<()> {
    store::called(function);
    let user = current_user();
    if is_superuser(user) { Ok(()) } else { Err(Error::superuser_only(function, &role_name(user))) }
}

/// The type on which USAGE makes an administrator: an access control list that the server keeps, dumps, and empties with the
/// roles that it names.
const ADMINISTRATOR: &str = "administrator";

/// That type.
///
/// # Errors
/// XX000 when it is not there.
pub fn administrator_type() -> Result<pg_sys::Oid> {
    let found = catalog::namespace_oid("integratedb").and_then(|schema| catalog::type_oid(schema, ADMINISTRATOR));
    found.ok_or_else(|| Error::internal(format!("type integratedb.{ADMINISTRATOR} is missing")))
}

/// Whether a role is an administrator: a superuser, the owner of the extension, or who was made one, as a member of such a role
/// is too that inherits.
///
/// # Errors
/// XX000
pub fn is_admin(role: pg_sys::Oid) -> Result<bool> {
    if is_superuser(role) {
        return Ok(true);
    }
    let r#type = administrator_type()?;
    // SAFETY: a look-up of a type that exists.
    #[cfg(feature = "pg15")]
    let held = unsafe { pg_sys::pg_type_aclcheck(r#type, role, pg_sys::ACL_USAGE as pg_sys::AclMode) };
    // SAFETY: as above.
    #[cfg(not(feature = "pg15"))]
    let held =
        unsafe { pg_sys::object_aclcheck(pg_sys::TypeRelationId, r#type, role, pg_sys::ACL_USAGE as pg_sys::AclMode) };
    Ok(held == pg_sys::AclResult::ACLCHECK_OK)
}

/// Whether a role was made an administrator itself.
///
/// # Errors
/// XX000
pub fn is_granted_admin(role: pg_sys::Oid) -> Result<bool> {
    let found = spi::query(
        "SELECT 1 FROM pg_catalog.pg_type t, pg_catalog.aclexplode(t.typacl) a
         WHERE t.oid = $1 AND a.grantee = $2 AND a.grantee <> t.typowner",
        &[bind(administrator_type()?), bind(role)],
        |_| Ok(()),
    )?;
    Ok(!found.is_empty())
}

/// Whether a role may speak for what `owner` owns: it has the owner's privileges, or is an administrator.
///
/// # Errors
/// XX000
pub fn speaks_for(role: pg_sys::Oid, owner: pg_sys::Oid) -> Result<bool> {
    Ok(has_privileges_of(role, owner) || is_admin(role)?)
}

/// Refuses all but administrators. To be called before [`AsOwner::begin`].
///
/// # Errors
/// 42501, naming the function and the role.
pub fn require_admin(function: &'static str) -> Result<()> {
    store::called(function);
    let user = current_user();
    if is_admin(user)? { Ok(()) } else { Err(Error::admin_only(function, &role_name(user))) }
}

/// Whether `member` has the privileges of `role`.
pub fn has_privileges_of(member: pg_sys::Oid, role: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up with the server's own membership cache.
    unsafe { pg_sys::has_privs_of_role(member, role) }
}
