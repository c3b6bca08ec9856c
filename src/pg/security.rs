//! Who is calling, and acting as the extension's owner for as long as a guard lives.

use std::cell::Cell;
use std::ffi::CStr;

use pgrx::pg_sys;

use super::error::{Error, Result};
use super::{relations, store};

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

/// Until we act as the owner no more, no lock is waited for longer than so many milliseconds: while the fence is closed
/// everybody's DDL waits behind us, and somebody who alters a relation that we grant on could keep us waiting.
pub fn limit_lock_waits(milliseconds: i32) {
    // SAFETY: a setting of the server, within the nesting level of AsOwner.
    unsafe {
        let limit = milliseconds.max(1);
        let own = pg_sys::LockTimeout;
        if DEPTH.get() == 0 || (own > 0 && own <= limit) {
            return;
        }
        let value = std::ffi::CString::new(limit.to_string()).unwrap_or_default();
        pg_sys::set_config_option(
            c"lock_timeout".as_ptr(),
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

/// Whether `member` has the privileges of `role`.
pub fn has_privileges_of(member: pg_sys::Oid, role: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up with the server's own membership cache.
    unsafe { pg_sys::has_privs_of_role(member, role) }
}
