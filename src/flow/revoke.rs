//! Logins taken away: a credential, those that are over, or all that a stakeholder has.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use integratedb_claim::report::{count, shown};

use super::credential::Caller;
use super::reader::{require_own, role_of};
use super::stakeholder::Outcome;
use crate::pg::acl::Role;
use crate::pg::error::{Error, Result};
use crate::pg::role::{self, Attribute};
use crate::pg::store::{self, Credential};
use crate::pg::subtransaction::attempt_all;
use crate::pg::{adoption, security, session, sessions};

/// So often something is tried that a session keeps from happening, which is then ended.
const TRIES: u32 = 20;
/// So often, where it can as well be left to the next call.
const FEW_TRIES: u32 = 3;
/// So long each of these waits, in milliseconds.
const PATIENCE: i32 = 500;
/// So long sessions may take to end.
const LONGEST_END: Duration = Duration::from_secs(30);

/// Revokes a credential: takes LOGIN from its role, ends its sessions at COMMIT, and drops the role. An administrator takes
/// with it what the stakeholder has issued through it. The stakeholder itself may revoke the credential of its session, the one
/// through which that was issued, and those that were issued through it: what was issued through one of these stays.
///
/// # Errors
/// 42501, 42704.
pub fn revoke(caller: Caller, username: &str) -> Result<Vec<Outcome>> {
    const FUNCTION: &str = "revoke_credential";
    let is_admin = security::is_admin(caller.user)?;
    let found = store::credential(username)?;
    if !is_admin {
        // Who may not know which credentials there are is told the same of each name.
        let stakeholder = found.as_ref().map(|credential| credential.stakeholder.clone()).unwrap_or_default();
        require_own(FUNCTION, caller.user, &stakeholder)?;
        require_own_line(FUNCTION, caller, found.as_ref())?;
    }
    let found = found.ok_or_else(|| Error::undefined_credential(username))?;
    let mut outcomes = Vec::new();
    if is_admin {
        for issued in line_of(found)? {
            outcomes.extend(remove(&issued)?.outcomes);
        }
    } else {
        store::succeed(&found.username, found.issued_through.as_deref())?;
        outcomes.extend(remove(&found)?.outcomes);
    }
    Ok(outcomes)
}

/// The session's own credential, the one through which it was issued, and those issued through it.
fn require_own_line(function: &str, caller: Caller, named: Option<&Credential>) -> Result<()> {
    let own = store::credential_of_role(caller.session)?.map(|own| store::credential(&own)).transpose()?.flatten();
    let is_own = own.zip(named).is_some_and(|(own, named)| {
        own.username == named.username
            || own.issued_through.as_ref() == Some(&named.username)
            || named.issued_through.as_ref() == Some(&own.username)
    });
    if is_own { Ok(()) } else { Err(Error::another_credential(function, &security::role_name(caller.session))) }
}

/// A credential, and all that were issued through it.
fn line_of(first: Credential) -> Result<Vec<Credential>> {
    let mut line = vec![first];
    let mut next = 0;
    while next < line.len() {
        for username in store::issued_through(&line[next].username)? {
            let is_new = line.iter().all(|known| known.username != username);
            line.extend(store::credential(&username)?.filter(|_| is_new));
        }
        next += 1;
    }
    Ok(line)
}

/// Removes credentials whose time is over; with `leftovers` also what earlier calls had to leave. Tells whose they were and
/// what they were called. What somebody else is just removing is left to that one.
///
/// # Errors
/// XX000
pub fn reap(leftovers: bool) -> Result<Vec<(String, String)>> {
    let mut gone = Vec::new();
    for username in store::expired_credentials(leftovers)? {
        let Some(found) = store::credential(&username)? else { continue };
        if let Some(role) = &found.role {
            match attempt_all(AssertUnwindSafe(|| seize(role, &username, FEW_TRIES))) {
                Ok(Ok(true)) => {}
                Ok(Err(error)) => return Err(error),
                Ok(Ok(false)) | Err(_) => continue,
            }
        }
        // What was issued through it is valid no longer than it was itself, unless it was renewed.
        store::succeed(&username, found.issued_through.as_deref())?;
        if remove_seized(&found)?.is_gone {
            gone.push((found.stakeholder, username));
        }
    }
    Ok(gone)
}

/// What became of a credential.
pub(super) struct Removed {
    /// Whether nothing is left of it.
    pub is_gone: bool,
    /// What was done, for who called.
    pub outcomes: Vec<Outcome>,
}

/// Removes a credential, with its role if that is the one that was made for it. A role that cannot be dropped stays without
/// LOGIN, and is tried again by [`reap`].
///
/// # Errors
/// XX000; the server's, if not even LOGIN can be taken from the role.
pub(super) fn remove(credential: &Credential) -> Result<Removed> {
    if let Some(role) = &credential.role
        && !seize(role, &credential.username, TRIES)?
    {
        return Ok(Removed { is_gone: true, outcomes: Vec::new() });
    }
    remove_seized(credential)
}

fn remove_seized(credential: &Credential) -> Result<Removed> {
    let username = &credential.username;
    let outcome = |action, object| Outcome { action, object };
    let Some(role) = &credential.role else {
        store::forget_credential(username)?;
        let kept = outcome("keep", format!("role {}, which is not the one that was made", shown(username)));
        let gone = outcome("drop", format!("credential {username}"));
        let outcomes = if credential.is_replaced { vec![kept, gone] } else { vec![gone] };
        return Ok(Removed { is_gone: true, outcomes });
    };
    let mut outcomes = Vec::new();
    let running = sessions::number(role.oid)?;
    sessions::end_at_commit(role.oid);
    if running > 0 {
        outcomes.push(outcome("end", format!("{} of role {username}", count(running as usize, "session"))));
    }
    let heir = role_of(&credential.stakeholder)?.granted_role().cloned();
    // Its sessions, which end later, may hold locks on what it owns.
    let dropping = || security::waiting_at_most(PATIENCE, || role::drop_with_grants(role, heir.as_ref()));
    match attempt_all(AssertUnwindSafe(dropping)) {
        Ok(()) => {
            store::forget_credential(username)?;
            outcomes.push(outcome("drop", format!("role {username}")));
            Ok(Removed { is_gone: true, outcomes })
        }
        Err(caught) => {
            store::record_revoked(username)?;
            store::cache_credential(role)?;
            let why = caught.detail.unwrap_or(caught.message);
            outcomes.push(outcome("keep", format!("role {username}, without LOGIN: {}", shown(&why))));
            Ok(Removed { is_gone: false, outcomes })
        }
    }
}

/// Holds a credential to the end of the transaction, and takes LOGIN from its role; false when it is gone meanwhile.
fn seize(role: &Role, username: &str, tries: u32) -> Result<bool> {
    against(std::slice::from_ref(role), tries, || {
        let is_there = store::lock_credential(username)?.is_some();
        if is_there {
            role::alter(&role.name, &[Attribute::Login(false)]);
        }
        Ok(is_there)
    })
}

/// Takes LOGIN from a role of which `holders` may alter something.
fn forbid_login(role: &Role, holders: &[Role]) -> Result<()> {
    against(holders, TRIES, || {
        role::alter(&role.name, &[Attribute::Login(false)]);
        Ok(())
    })
}

/// Does what a session of one of `holders` may keep us from, by a lock: such sessions are ended then.
fn against<T>(holders: &[Role], tries: u32, work: impl Fn() -> Result<T>) -> Result<T> {
    security::waiting_at_most(PATIENCE, || {
        for _ in 1..tries {
            if let Ok(result) = attempt_all(AssertUnwindSafe(&work)) {
                return result;
            }
            holders.iter().for_each(|holder| sessions::end_now(holder.oid));
            session::accept_invalidations();
        }
        work()
    })
}

/// Takes LOGIN from all roles with which a stakeholder can log in, and ends their sessions at COMMIT.
///
/// # Errors
/// 42704; 25001 in a transaction block, where that could be rolled back.
pub fn forbid_access(stakeholder: &str) -> Result<()> {
    if session::in_transaction_block() {
        return Err(Error::in_transaction_block("revoke_stakeholder_access"));
    }
    store::document(stakeholder)?;
    let logins = logins_of(stakeholder)?;
    for role in &logins {
        // Whoever acts as the stakeholder can alter the stakeholder's role.
        forbid_login(role, &logins)?;
        sessions::end_at_commit(role.oid);
    }
    Ok(())
}

/// Waits until the sessions of a stakeholder are gone, and drops its credentials: also those that were issued meanwhile.
///
/// # Errors
/// 42704; 55000 when sessions do not end.
pub fn end_access(stakeholder: &str) -> Result<()> {
    store::lock_stakeholder(stakeholder)?;
    let logins = logins_of(stakeholder)?;
    for role in &logins {
        forbid_login(role, &logins)?;
        sessions::end_at_commit(role.oid);
        let left = sessions::wait_for_end(role.oid, LONGEST_END);
        if left > 0 {
            return Err(Error::sessions_left(&role.name, left));
        }
    }
    for credential in store::credentials_of(stakeholder)? {
        for kept in remove(&credential)?.outcomes.iter().filter(|outcome| outcome.action == "keep") {
            Error::credential_kept(stakeholder, &kept.object).warn();
        }
    }
    // Sessions of others that have become the stakeholder by SET ROLE cannot be told from the rest.
    if let Some(role) = role_of(stakeholder)?.role() {
        let (number, names) = adoption::members(role.oid)?;
        if number > 0 {
            Error::shared_by_members(&role.name, &count(number as usize, "role"), &names).warn();
        }
    }
    Ok(())
}

/// The roles with which a stakeholder can log in: its own, and those of its credentials.
fn logins_of(stakeholder: &str) -> Result<Vec<Role>> {
    let mut roles: Vec<Role> = role_of(stakeholder)?.role().cloned().into_iter().collect();
    roles.extend(store::credentials_of(stakeholder)?.into_iter().filter_map(|credential| credential.role));
    Ok(roles)
}
