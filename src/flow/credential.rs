//! Credentials: logins that act as a stakeholder's role, several at a time, each for a while.

use pgrx::datum::{Interval, TimestampWithTimeZone};
use pgrx::pg_sys;

use super::reader::{role_of, without_role};
use super::revoke;
use crate::pg::acl::Role;
use crate::pg::error::{Error, Result};
use crate::pg::role::{self, Attribute, NewRole};
use crate::pg::store::{self, Credential, NewCredential};
use crate::pg::{adoption, role_setting, security};

/// A label may be so long, in bytes.
const LONGEST_LABEL: usize = 200;
/// Settings that say as whom a session acts: a credential's are its own.
const WHO: [&str; 2] = ["role", "session_authorization"];

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The current user.
    pub user: pg_sys::Oid,
    /// Who has logged in.
    pub session: pg_sys::Oid,
}

/// As what somebody may act on a stakeholder's credentials.
enum Authority {
    /// An administrator.
    Administrator,
    /// The stakeholder, in a session of its own role.
    Stakeholder,
    /// The stakeholder, in a session of one of its credentials.
    Holder(String),
}

/// A login whose password is shown this once.
pub struct Issued {
    /// Whose it is.
    pub stakeholder: String,
    /// The name of its role.
    pub username: String,
    /// Its password.
    pub password: String,
    /// Until when it is good.
    pub valid_until: TimestampWithTimeZone,
}

/// Issues a credential: makes a login role that acts as the stakeholder's. With the first one the stakeholder's own role loses
/// LOGIN.
///
/// # Errors
/// 42501 for all but administrators and sessions of the stakeholder's credentials; 42704 for an unknown stakeholder; 22023 for
/// arguments; 55000 without its role, or when it has issued one for itself already.
pub fn issue(caller: Caller, stakeholder: &str, valid_for: Interval, label: Option<&str>) -> Result<Issued> {
    let through = match authority("issue_credential", caller, stakeholder)? {
        Authority::Administrator => None,
        Authority::Holder(username) => Some(username),
        Authority::Stakeholder => return Err(Error::own_login_issues_nothing(stakeholder)),
    };
    check_label(label)?;
    let through = match through {
        // It must not be able to hold up those who change claims of the stakeholder: so no more is held than is needed.
        Some(username) => {
            store::keep_stakeholder(stakeholder)?;
            Some(held_by_stakeholder(&username)?)
        }
        None => {
            store::lock_stakeholder(stakeholder)?;
            None
        }
    };
    revoke::reap(false)?;
    let state = role_of(stakeholder)?;
    let Some(role) = state.role() else { return Err(without_role(stakeholder, &state, "")) };
    if through.is_none() {
        require_hand_out("issue_credential", caller.user, stakeholder, role)?;
    }
    let parent = through.as_ref().and_then(|through| through.role.as_ref());
    let (until, valid_until) = end_of_validity(valid_for, parent)?;
    let password = role::random_password()?;
    let made = make(stakeholder, role, &password, &until)?;
    let by = security::role_name(caller.user);
    let through = through.as_ref().map(|through| through.username.as_str());
    store::add_credential(NewCredential { role: &made, stakeholder, label, by: &by, through })?;
    take_login(stakeholder, role)?;
    Ok(Issued { stakeholder: stakeholder.to_owned(), username: made.name, password, valid_until })
}

/// Makes the role of a credential.
fn make(stakeholder: &str, role: &Role, password: &str, until: &str) -> Result<Role> {
    let username = loop {
        let name = format!("{stakeholder}_{}", role::random_suffix()?);
        if role::find(&name).is_none() {
            break name;
        }
    };
    let made = role::create(&NewRole {
        name: &username,
        password,
        // It inherits, above all CONNECT. To grant it that itself would lock the row of the database, which the stakeholder
        // could then keep locked, in a transaction of its own.
        attributes: &[
            Attribute::Inherit(true),
            Attribute::ValidUntil(until),
            Attribute::ConnectionLimit(role::connection_limit(role.oid)?),
        ],
        member_of: Some(&role.name),
    });
    set_up(&made, stakeholder, role)?;
    Ok(made)
}

/// Registers a login role that somebody else has just made, a secret manager for example, as a credential.
///
/// # Errors
/// 42501 for all but administrators, and for a role that is more than a login; 42704 for an unknown stakeholder or role; 42710 for
/// one that is registered; 55000 without the stakeholder's role.
pub fn register(caller: Caller, stakeholder: &str, username: &str, label: Option<&str>) -> Result<()> {
    check_label(label)?;
    store::lock_stakeholder(stakeholder)?;
    revoke::reap(false)?;
    let state = role_of(stakeholder)?;
    let Some(role) = state.role() else { return Err(without_role(stakeholder, &state, "")) };
    require_hand_out("register_credential", caller.user, stakeholder, role)?;
    let found = role::find(username).ok_or_else(|| Error::undefined_role(username))?;
    adoption::lock_role(found.oid);
    if store::credential(username)?.is_some() {
        return Err(Error::credential_exists(username));
    }
    // Whatever it had would go with the credential.
    let reasons = adoption::more_than_login(found.oid, role.oid)?;
    if !reasons.is_empty() {
        return Err(Error::cannot_register(username, &reasons));
    }
    role::grant_membership(role, &found);
    let limit = role::connection_limit(role.oid)?;
    role::alter(username, &[Attribute::Inherit(true), Attribute::ConnectionLimit(limit)]);
    set_up(&found, stakeholder, role)?;
    let by = security::role_name(caller.user);
    store::add_credential(NewCredential { role: &found, stakeholder, label, by: &by, through: None })?;
    take_login(stakeholder, role)
}

fn check_label(label: Option<&str>) -> Result<()> {
    match label {
        Some(label) if label.trim().is_empty() || label.len() > LONGEST_LABEL => Err(Error::invalid_argument(
            "invalid label",
            format!("Found one of {} bytes; 1 to {LONGEST_LABEL} are taken.", label.len()),
            "Say what the credential is for, or leave the label out.",
        )),
        _ => Ok(()),
    }
}

/// From its first credential on the stakeholder's own role does not log in: who acts as it could give it a password, and stay.
fn take_login(stakeholder: &str, role: &Role) -> Result<()> {
    if role::can_login(role.oid)? {
        role::alter(&role.name, &[Attribute::Login(false)]);
        Error::login_taken(stakeholder).notice();
    }
    Ok(())
}

/// Has sessions of a credential's role act as the stakeholder's, with the settings of that: they do not reach members.
fn set_up(made: &Role, stakeholder: &str, role: &Role) -> Result<()> {
    for (name, text) in role_setting::of_role(role.oid)? {
        if !WHO.contains(&name.as_str()) {
            role_setting::copy(&made.name, &name, &text);
        }
    }
    act_as(made, stakeholder);
    Ok(())
}

/// Has sessions of a credential's role act as the role of this name.
pub(super) fn act_as(credential: &Role, stakeholder: &str) {
    security::unrestricted(|| role_setting::set(&credential.name, "role", &[stakeholder.to_owned()]));
}

/// Credentials act as a stakeholder's role that has taken the place of the one for which they were issued.
///
/// # Errors
/// XX000
pub fn rejoin(stakeholder: &str, role: &Role) -> Result<()> {
    for credential in store::credentials_of(stakeholder)? {
        if let Some(made) = usable(&credential) {
            role::grant_membership(role, made);
            act_as(made, stakeholder);
            take_login(stakeholder, role)?;
        }
    }
    Ok(())
}

/// Says anew until when a credential is valid.
///
/// # Errors
/// 42704 for an unknown one, 22023 for the interval, 55000 for one that has been revoked or whose role is not ours.
pub fn renew(username: &str, valid_for: Interval) -> Result<TimestampWithTimeZone> {
    let found = store::lock_credential(username)?.ok_or_else(|| Error::undefined_credential(username))?;
    let Some(role) = usable(&found) else { return Err(Error::credential_without_role(username, found.is_revoked)) };
    let (until, valid_until) = end_of_validity(valid_for, None)?;
    role::alter(&role.name, &[Attribute::ValidUntil(&until)]);
    store::cache_credential(role)?;
    Ok(valid_until)
}

/// Gives a login another password: a credential's; or a stakeholder's own role, as long as it has no credential. In a session
/// of a credential the stakeholder's name stands for that one.
///
/// # Errors
/// 42501 for all but administrators and the stakeholder itself; 42704; 55000 when the stakeholder logs in by credentials, or
/// the role is not ours.
pub fn rotate(caller: Caller, name: &str) -> Result<(String, String)> {
    const FUNCTION: &str = "rotate_password";
    let named = store::credential(name)?;
    let stakeholder = named.as_ref().map_or(name, |credential| credential.stakeholder.as_str());
    let authority = authority(FUNCTION, caller, stakeholder)?;
    let is_admin = matches!(authority, Authority::Administrator);
    let username = match (authority, named.as_ref()) {
        (Authority::Holder(own), None) => Some(own),
        (Authority::Holder(own), Some(named)) if own == named.username => Some(own),
        (Authority::Administrator, Some(named)) => Some(named.username.clone()),
        (Authority::Administrator | Authority::Stakeholder, None) => None,
        _ => return Err(Error::another_credential(FUNCTION, &security::role_name(caller.session))),
    };
    if is_admin {
        store::lock_stakeholder(stakeholder)?;
    }
    let state = role_of(stakeholder)?;
    let Some(own) = state.role() else { return Err(without_role(stakeholder, &state, "")) };
    if is_admin {
        require_hand_out(FUNCTION, caller.user, stakeholder, own)?;
        revoke::reap(false)?;
    }
    let password = role::random_password()?;
    let username = match username {
        Some(username) => {
            let found = store::lock_credential(&username)?.ok_or_else(|| Error::undefined_credential(&username))?;
            let Some(role) = usable(&found) else {
                return Err(Error::credential_without_role(&username, found.is_revoked));
            };
            role::alter(&role.name, &[Attribute::Password(&password)]);
            store::cache_credential(role)?;
            username
        }
        None => {
            rotate_own(stakeholder, own, is_admin, &password)?;
            own.name.clone()
        }
    };
    store::record_rotation(&username, stakeholder, &security::role_name(caller.user))?;
    Ok((username, password))
}

/// The password of a stakeholder's own role. Only an administrator gives it LOGIN again, when its credentials are gone.
fn rotate_own(stakeholder: &str, role: &Role, is_admin: bool, password: &str) -> Result<()> {
    if store::credentials_of(stakeholder)?.iter().any(|credential| usable(credential).is_some()) {
        return Err(Error::logs_in_by_credentials(stakeholder));
    }
    let can_login = role::can_login(role.oid)?;
    if can_login {
        role::alter(&role.name, &[Attribute::Password(password)]);
    } else if is_admin {
        role::alter(&role.name, &[Attribute::Password(password), Attribute::Login(true)]);
        Error::login_given(stakeholder).notice();
    } else {
        return Err(Error::login_is_taken(stakeholder));
    }
    Ok(())
}

/// The role of a credential that has not been revoked, if it is the one that was made for it.
fn usable(credential: &Credential) -> Option<&Role> {
    credential.role.as_ref().filter(|_| !credential.is_revoked)
}

/// As what the caller may act on a stakeholder's credentials.
///
/// The stakeholder's privileges are not enough: a SECURITY DEFINER function of the stakeholder has them too, whoever calls it.
fn authority(function: &'static str, caller: Caller, stakeholder: &str) -> Result<Authority> {
    if security::is_admin(caller.user)? {
        store::called(function);
        return Ok(Authority::Administrator);
    }
    let state = role_of(stakeholder)?;
    if let Some(role) = state.role()
        && security::has_privileges_of(caller.user, role.oid)
    {
        if caller.session == role.oid {
            return Ok(Authority::Stakeholder);
        }
        if let Some(username) = store::credential_of_role(caller.session)?
            && store::credential(&username)?.is_some_and(|credential| credential.stakeholder == stakeholder)
        {
            return Ok(Authority::Holder(username));
        }
    }
    Err(Error::stakeholder_only(function, &security::role_name(caller.user)))
}

/// The credential through which the stakeholder issues another one for itself: only the two of a rotation are there at the
/// same time.
fn held_by_stakeholder(username: &str) -> Result<Credential> {
    let found = store::lock_credential(username)?.filter(|credential| credential.is_valid);
    let Some(found) = found else { return Err(Error::credential_without_role(username, true)) };
    let mut others = store::issued_through(username)?;
    others.extend(found.issued_through.clone());
    for other in others {
        if store::credential(&other)?.is_some_and(|other| other.is_valid) {
            return Err(Error::issued_already(&found.username, &other));
        }
    }
    Ok(found)
}

/// Refuses to hand the login of a role that reaches more than a stakeholder does to an administrator who could not act as it.
pub(super) fn require_hand_out(function: &str, caller: pg_sys::Oid, stakeholder: &str, role: &Role) -> Result<()> {
    if security::is_superuser(caller) || security::has_privileges_of(caller, role.oid) {
        return Ok(());
    }
    let mut reasons = adoption::dangers(role.oid)?;
    if store::is_adopted(stakeholder)? {
        reasons.insert(0, "It was adopted: it may reach more than it claims.".to_owned());
    }
    if reasons.is_empty() { Ok(()) } else { Err(Error::login_of_superusers(function, stakeholder, &reasons)) }
}

fn end_of_validity(valid_for: Interval, parent: Option<&Role>) -> Result<(String, TimestampWithTimeZone)> {
    store::end_of_validity(valid_for, parent.map(|role| role.oid))?.ok_or_else(|| {
        Error::invalid_argument(
            "a credential must end, and not before it begins",
            "The interval given is not positive, or is infinite.",
            "Pass how long it is to be valid, such as interval '90 days'.",
        )
    })
}
