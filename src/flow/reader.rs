//! The roles that read claimed data.

use std::collections::HashMap;

use integratedb_claim::privilege::Reader;
use pgrx::pg_sys;

use crate::pg::acl::{self, Role};
use crate::pg::error::{Error, Result};
use crate::pg::{role, security, store};

/// A stakeholder's role, as found.
#[derive(Debug, Clone)]
pub enum RoleState {
    /// The role that was made for it.
    Present(Role),
    /// There is none of this name: its shapes are enforced, nothing is granted.
    Missing(Former),
    /// A role of this name with another OID: it gets nothing until `sync()`.
    Replaced(Former),
}

/// The role that was made for the stakeholder, if somebody gave it another name: what it was granted can still be revoked.
pub type Former = Option<Role>;

impl RoleState {
    /// The role, if it is to be trusted.
    pub fn role(&self) -> Option<&Role> {
        match self {
            RoleState::Present(role) => Some(role),
            RoleState::Missing(_) | RoleState::Replaced(_) => None,
        }
    }

    /// The role that was granted to, whatever its name is now.
    pub fn granted_role(&self) -> Option<&Role> {
        match self {
            RoleState::Present(role) => Some(role),
            RoleState::Missing(former) | RoleState::Replaced(former) => former.as_ref(),
        }
    }
}

/// Looks a stakeholder's role up.
///
/// # Errors
/// XX000
pub fn role_of(stakeholder: &str) -> Result<RoleState> {
    let cached = store::cached_role(stakeholder)?;
    let former = || cached.and_then(role::by_oid);
    Ok(match (role::find(stakeholder), cached) {
        (None, _) => RoleState::Missing(former()),
        (Some(found), Some(oid)) if oid != found.oid => RoleState::Replaced(former()),
        // No OID is known after a restore: then the name is all there is.
        (Some(found), _) => RoleState::Present(found),
    })
}

/// Refuses all but the stakeholder itself and administrators. Others are told the same of a stakeholder that there is not.
///
/// # Errors
/// 42501, naming the function and the caller.
pub fn require_own(function: &str, caller: pg_sys::Oid, stakeholder: &str) -> Result<()> {
    let state = role_of(stakeholder)?;
    let is_own = state.role().is_some_and(|role| security::has_privileges_of(caller, role.oid));
    if is_own || security::is_admin(caller)? {
        return Ok(());
    }
    Err(Error::stakeholder_only(function, &security::role_name(caller)))
}

/// The roles of several stakeholders, each looked up once.
#[derive(Default)]
pub struct Roles {
    known: HashMap<String, RoleState>,
    warned: Vec<String>,
}

impl Roles {
    /// The stakeholder's role.
    ///
    /// # Errors
    /// XX000
    pub fn get(&mut self, stakeholder: &str) -> Result<RoleState> {
        if let Some(state) = self.known.get(stakeholder) {
            return Ok(state.clone());
        }
        let state = role_of(stakeholder)?;
        self.known.insert(stakeholder.to_owned(), state.clone());
        Ok(state)
    }

    /// The stakeholder's role where privileges are to be changed; says once, as a WARNING, why not.
    ///
    /// # Errors
    /// XX000
    pub fn get_to_grant(&mut self, stakeholder: &str) -> Result<Option<Role>> {
        let state = self.get(stakeholder)?;
        if state.role().is_none() && !self.warned.iter().any(|warned| warned == stakeholder) {
            self.warned.push(stakeholder.to_owned());
            without_role(stakeholder, &state, SKIPPED).warn();
        }
        Ok(state.role().cloned())
    }
}

/// What a WARNING adds to the reason.
pub const SKIPPED: &str = "; its privileges are left alone";

/// Why a stakeholder's privileges cannot be changed; `consequence` ends the message.
pub fn without_role(stakeholder: &str, state: &RoleState, consequence: &str) -> Error {
    match state {
        RoleState::Replaced(_) => Error::wrong_state(
            format!("role \"{stakeholder}\" is not the one that integratedb made{consequence}"),
            "The role has been dropped or renamed, and one of this name created again.",
            "If the new role is to be trusted, a superuser can call integratedb.sync().",
        ),
        _ => Error::wrong_state(
            format!("role \"{stakeholder}\" of the stakeholder does not exist{consequence}"),
            "The role has been dropped or renamed, or was not restored with the database.",
            "Create the role and call integratedb.sync(), or drop the stakeholder with integratedb.drop_stakeholder(name, keep => true).",
        ),
    }
}

/// Calls `work` with the engine's view of a stakeholder's role.
pub fn with_reader<T>(state: &RoleState, work: impl FnOnce(Option<&Reader>) -> T) -> T {
    let Some(role) = state.role() else { return work(None) };
    let has_privileges_of = |other: u32| security::has_privileges_of(role.oid, other.into());
    work(Some(&Reader {
        role: role.oid.to_u32(),
        has_privileges_of: &has_privileges_of,
        bypasses_row_security: acl::bypasses_row_security(role.oid),
    }))
}
