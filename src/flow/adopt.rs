//! Stakeholders whose role was there before: taken over without touching what it has, and let go the same way.

use integratedb_claim::report::count;
use pgrx::pg_sys;

use super::declare::{self, close_fence};
use super::option;
use super::reader::role_of;
use super::stakeholder::{self, Outcome};
use crate::pg::acl::{self, Role};
use crate::pg::catalog::namespace_oid;
use crate::pg::error::{Error, Result};
use crate::pg::store::{self, Given};
use crate::pg::{adoption, blockers, role, schema, stamp};

/// Registers a role that exists, with the schema of its name; tells the stakeholder's name.
///
/// The role keeps its password, attributes, memberships and grants, the schema its owner, grants and objects. A schema that
/// is missing is made. CONNECT is granted if it was not. What the role reaches beyond its claims is a WARNING.
///
/// # Errors
/// 42602 for a name, 42704 when there is no such role, 42710 when it is a stakeholder already, 42501 for a role that no
/// stakeholder may have.
pub fn adopt(name: &str, adopted_by: &str) -> Result<String> {
    let name = checked_name(name)?;
    close_fence()?;
    if store::stakeholders()?.contains(&name) {
        return Err(Error::already_stakeholder(&name));
    }
    let role = locked_role(&name)?;
    let own = namespace_oid(&name);
    let reasons = reasons_against(&role, own)?;
    if !reasons.is_empty() {
        return Err(Error::cannot_adopt(&name, &reasons));
    }
    let mut given = Given::default();
    if own.is_none() {
        schema::create(&name)?;
        given.schema = true;
        Error::schema_made(&name).notice();
    }
    give(&role, &name, &mut given)?;
    store::add_adopted(&name, adopted_by, given)?;
    store::cache_role(&name, role.oid)?;
    if stamp::read()? == stamp::Stamp::Absent {
        stamp::renew(Vec::new())?;
    }
    warn_of_reach(&role, own)?;
    Ok(name)
}

/// The name by the rules of `create_stakeholder`; but what is folded there would name another role here.
fn checked_name(name: &str) -> Result<String> {
    let folded = role::checked_name(name)?;
    let exact = name.trim();
    if exact != folded && role::find(exact).is_some() {
        return Err(Error::invalid_name(name, "There is a role of exactly this name, which is not in lower case."));
    }
    Ok(folded)
}

/// The role, which nobody drops before the end of this transaction.
fn locked_role(name: &str) -> Result<Role> {
    let found = || role::find(name).ok_or_else(|| Error::undefined_role(name));
    let first = found()?;
    adoption::lock_role(first.oid);
    let role = found()?;
    // Dropped and made again while we waited for the lock.
    if role.oid == first.oid { Ok(role) } else { Err(Error::undefined_role(name)) }
}

/// Why no stakeholder can have this role, or this schema.
fn reasons_against(role: &Role, own: Option<pg_sys::Oid>) -> Result<Vec<String>> {
    let mut reasons = adoption::dangers(role.oid)?;
    if let Some(own) = own
        && !adoption::can_use_schema(role.oid, own)?
    {
        reasons.push(format!("It has no USAGE on schema \"{}\", which seems to be somebody else's.", role.name));
    }
    Ok(reasons)
}

/// Gives a stakeholder's role what it lacks of what every stakeholder has, and notes that in `given`: CONNECT; of its schema
/// only if the schema is ours.
///
/// # Errors
/// 55000 when a privilege cannot be granted.
pub fn give(role: &Role, name: &str, given: &mut Given) -> Result<()> {
    give_connect(role, given)?;
    give_schema(role, name, *given)?;
    Ok(())
}

/// Gives CONNECT to a stakeholder's role, and notes it in `given`; tells whether the role lacked it.
///
/// # Errors
/// 55000 when it cannot be granted.
pub fn give_connect(role: &Role, given: &mut Given) -> Result<bool> {
    if adoption::was_granted_connect(role.oid)? {
        return Ok(false);
    }
    acl::grant_connect(role)?;
    given.connect = true;
    Ok(true)
}

/// Gives a stakeholder's role all privileges on its own schema, if the schema is ours; tells whether the role lacked any.
///
/// # Errors
/// 55000 when they cannot be granted.
pub fn give_schema(role: &Role, name: &str, given: Given) -> Result<bool> {
    let lacks = given.schema && adoption::lacks_own_schema(role.oid, name)?;
    if lacks {
        acl::grant_own_schema(role, name)?;
    }
    Ok(lacks)
}

/// Takes back what was given to a role that is the stakeholder's no longer.
pub fn take_back(former: &Role, name: &str, given: Given) {
    if given.connect {
        acl::revoke_connect(former);
    }
    if given.schema {
        acl::revoke_own_schema(former, name);
    }
}

/// Whether a role that has taken the place of an adopted one may have it; says why not as a WARNING.
///
/// # Errors
/// XX000
pub fn may_replace(stakeholder: &str, role: &Role) -> Result<bool> {
    if store::cached_role(stakeholder)?.is_none_or(|known| known == role.oid) || !store::is_adopted(stakeholder)? {
        return Ok(true);
    }
    let reasons = adoption::dangers(role.oid)?;
    if !reasons.is_empty() {
        Error::cannot_adopt(stakeholder, &reasons).warn();
    }
    Ok(reasons.is_empty())
}

fn warn_of_reach(role: &Role, own: Option<pg_sys::Oid>) -> Result<()> {
    let reachable = adoption::reachable_relations(role.oid, &role.name)?;
    if reachable > 0 {
        Error::wider_than_claims(&role.name, &count(reachable as usize, "relation")).warn();
    }
    let (number, names) = adoption::members(role.oid)?;
    if number > 0 {
        Error::shared_by_members(&role.name, &count(number as usize, "role"), &names).warn();
    }
    let strangers = own.map(|own| adoption::strangers_in_schema(role.oid, own)).transpose()?.unwrap_or_default();
    if !strangers.is_empty() {
        Error::schema_of_others(&role.name, &strangers).warn();
    }
    Ok(())
}

/// Drops claims, and what was granted for them or given at adoption. The role stays as it is; so does the schema, if it was
/// there before.
///
/// # Errors
/// 2BP01 with every object that stands in the way, in a schema that was made for the stakeholder.
pub fn drop(name: &str, keep: bool) -> Result<Vec<Outcome>> {
    let given = store::given(name)?;
    let state = role_of(name)?;
    let role = state.granted_role().cloned();
    declare::remove(name, None)?;
    option::take_back(name, &state)?;
    if given.connect
        && let Some(role) = &role
    {
        acl::revoke_connect(role);
    }
    let (credentials_held, mut outcomes) = stakeholder::drop_credentials(name)?;
    let mut held = if given.schema { blockers::of_schema(name)? } else { Vec::new() };
    if !keep {
        held.extend(credentials_held);
        if !held.is_empty() {
            return Err(stakeholder::held(name, &held));
        }
    }
    if given.schema {
        stakeholder::drop_schema(name, held, &mut outcomes)?;
    } else if namespace_oid(name).is_some() {
        outcomes.push(Outcome { action: "keep", object: format!("schema {name}") });
    }
    store::remove_stakeholder(name)?;
    if let Some(role) = role {
        let login = if role::can_login(role.oid)? { "" } else { ", without LOGIN" };
        outcomes.push(Outcome { action: "keep", object: format!("role {}{login}", role.name) });
    }
    outcomes.push(Outcome { action: "drop", object: format!("stakeholder {name}") });
    Ok(outcomes)
}
