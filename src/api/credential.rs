//! issue_credential, register_credential, renew_credential, rotate_password, revoke_credential, reap_credentials, and the two halves of
//! revoke_stakeholder_access

use pgrx::datum::{Interval, TimestampWithTimeZone};
use pgrx::prelude::*;

use super::required;
use crate::flow::credential::{self, Caller};
use crate::flow::revoke;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// Acts as the owner, for the caller.
fn begin() -> Result<(AsOwner, Caller)> {
    let owner = AsOwner::begin()?;
    let caller = Caller { user: owner.caller(), session: security::session_user() };
    Ok((owner, caller))
}

/// Issues a credential: a login that acts as the stakeholder.
///
/// # Errors
/// 42501 for all but administrators and sessions of the stakeholder's credentials; 22004, 22023, 42704, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn issue_credential(
    stakeholder: Option<&str>,
    valid_for: default!(Option<Interval>, "'90 days'"),
    label: default!(Option<&str>, "NULL"),
) -> TableIterator<
    'static,
    (
        name!(stakeholder, String),
        name!(username, String),
        name!(password, String),
        name!(valid_until, TimestampWithTimeZone),
    ),
> {
    let work = || -> Result<_> {
        let stakeholder = required(stakeholder, "stakeholder")?;
        let valid_for = required(valid_for, "valid_for")?;
        let (_owner, caller) = begin()?;
        credential::issue(caller, stakeholder, valid_for, label)
    };
    let issued = work().or_raise();
    TableIterator::once((issued.stakeholder, issued.username, issued.password, issued.valid_until))
}

/// Registers a login role that somebody else has just made as a credential.
///
/// # Errors
/// 42501 for all but administrators, and for a role that is more than a login; 22004, 22023, 42704, 42710, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn register_credential(stakeholder: Option<&str>, username: Option<&str>, label: default!(Option<&str>, "NULL")) {
    let work = || -> Result<()> {
        security::require_admin("register_credential")?;
        let (stakeholder, username) = (required(stakeholder, "stakeholder")?, required(username, "username")?);
        let (_owner, caller) = begin()?;
        credential::register(caller, stakeholder, username, label)
    };
    work().or_raise();
}

/// Says anew until when a credential is valid.
///
/// # Errors
/// 42501 for all but administrators; 22004, 22023, 42704, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn renew_credential(
    username: Option<&str>,
    valid_for: default!(Option<Interval>, "'90 days'"),
) -> TimestampWithTimeZone {
    let work = || -> Result<_> {
        security::require_admin("renew_credential")?;
        let (username, valid_for) = (required(username, "username")?, required(valid_for, "valid_for")?);
        let _owner = AsOwner::begin()?;
        credential::renew(username, valid_for)
    };
    work().or_raise()
}

/// Gives a stakeholder's login, or a credential, another password.
///
/// # Errors
/// 42501 for all but administrators and the stakeholder itself; 22004, 42704, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn rotate_password(
    stakeholder: Option<&str>,
) -> TableIterator<'static, (name!(username, String), name!(password, String))> {
    let work = || -> Result<_> {
        let stakeholder = required(stakeholder, "stakeholder")?;
        let (_owner, caller) = begin()?;
        credential::rotate(caller, stakeholder)
    };
    TableIterator::once(work().or_raise())
}

/// Revokes a credential.
///
/// # Errors
/// 42501 for all but administrators and the stakeholder itself; 22004, 42704.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn revoke_credential(username: Option<&str>) -> TableIterator<'static, (name!(action, String), name!(object, String))> {
    let work = || -> Result<_> {
        let username = required(username, "username")?;
        let (_owner, caller) = begin()?;
        revoke::revoke(caller, username)
    };
    let outcomes = work().or_raise();
    TableIterator::new(outcomes.into_iter().map(|outcome| (outcome.action.to_owned(), outcome.object)))
}

/// Removes credentials whose time is over.
///
/// # Errors
/// 42501 for all but administrators.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn reap_credentials() -> TableIterator<'static, (name!(stakeholder, String), name!(username, String))> {
    let work = || -> Result<_> {
        security::require_admin("reap_credentials")?;
        let _owner = AsOwner::begin()?;
        revoke::reap(true)
    };
    TableIterator::new(work().or_raise())
}

/// The first half of revoke_stakeholder_access, which its procedure commits.
///
/// # Errors
/// 42501 for all but administrators; 22004, 25001, 42704.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn forbid_access(stakeholder: Option<&str>) {
    let work = || -> Result<()> {
        security::require_admin("revoke_stakeholder_access")?;
        let stakeholder = required(stakeholder, "name")?;
        let _owner = AsOwner::begin()?;
        revoke::forbid_access(stakeholder)
    };
    work().or_raise();
}

/// The second half.
///
/// # Errors
/// 42501 for all but administrators; 22004, 42704, 55000.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn end_access(stakeholder: Option<&str>) {
    let work = || -> Result<()> {
        security::require_admin("revoke_stakeholder_access")?;
        let stakeholder = required(stakeholder, "name")?;
        let _owner = AsOwner::begin()?;
        revoke::end_access(stakeholder)
    };
    work().or_raise();
}
