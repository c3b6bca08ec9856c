//! Stakeholders: made, renamed and dropped whole, or not at all.

use serde_json::Value;

use super::adopt;
use super::declare::close_fence;
use super::option::Options;
use super::reader::{RoleState, role_of};
use crate::pg::acl::{self, Role};
use crate::pg::blockers;
use crate::pg::catalog::namespace_oid;
use crate::pg::error::{Error, Result};
use crate::pg::role::{self, Attribute, NewRole};
use crate::pg::{schema, sessions, store};

/// What `create_stakeholder` returns.
pub struct Created {
    /// Stakeholder, role and schema.
    pub name: String,
    /// The password, shown this once.
    pub password: String,
}

/// Makes the role, the schema and the registration.
///
/// # Errors
/// 42602 for a name, 42710 when something has it already, 22023 for options.
pub fn create(name: &str, options: Value, created_by: &str) -> Result<Created> {
    let name = role::checked_name(name)?;
    let options = Options::read("create_stakeholder", options)?;
    close_fence()?;
    let mut taken = role::name_taken(&name);
    if store::stakeholders()?.contains(&name) {
        taken.insert(0, format!("Stakeholder \"{name}\" already exists."));
    }
    if !taken.is_empty() {
        return Err(Error::already_exists(format!("stakeholder \"{name}\" cannot be created"), &taken));
    }
    let password = role::random_password()?;
    let made = role::create(&NewRole { name: &name, password: &password, attributes: &[], member_of: None });
    schema::create(&name)?;
    acl::grant_own_schema(&made, &name)?;
    acl::grant_connect(&made)?;
    options.apply(&made);
    store::add_stakeholder(&name, options.added_to(Value::Null), created_by)?;
    store::cache_role(&name, made.oid)?;
    if crate::pg::stamp::read()? == crate::pg::stamp::Stamp::Absent {
        crate::pg::stamp::renew(Vec::new())?;
    }
    Ok(Created { name, password })
}

/// Renames stakeholder, role and schema; the password stays.
///
/// # Errors
/// 42704, 42602, 42710; 2BP01 while others claim the schema under its old name; 55000 for an adopted stakeholder.
pub fn rename(name: &str, new_name: &str) -> Result<()> {
    let new_name = role::checked_name(new_name)?;
    close_fence()?;
    store::document(name)?;
    store::seize_stakeholder(name)?;
    if store::is_adopted(name)? {
        return Err(Error::adopted_name(name, &new_name));
    }
    let taken = role::name_taken(&new_name);
    if !taken.is_empty() {
        let action = format!("stakeholder \"{name}\" cannot be renamed to \"{new_name}\"");
        return Err(Error::already_exists(action, &taken));
    }
    let state = role_of(name)?;
    if state.role().is_none() {
        return Err(super::reader::without_role(name, &state, ""));
    }
    if namespace_oid(name).is_none() {
        return Err(Error::missing_own_schema(name));
    }
    let claimed = blockers::claims_on_schema(name)?;
    if !claimed.is_empty() {
        return Err(Error::still_in_use(
            format!("stakeholder \"{name}\" cannot be renamed: its schema is claimed under this name"),
            &claimed,
            "Have these stakeholders unclaim it first, and claim it under its new name afterwards.",
        ));
    }
    role::rename(name, &new_name);
    schema::rename(name, &new_name)?;
    for credential in store::credentials_of(name)? {
        if let Some(role) = &credential.role {
            super::credential::act_as(role, &new_name);
        }
    }
    store::rename_stakeholder(name, &new_name)
}

/// What `drop_stakeholder` did with one object.
pub struct Outcome {
    /// `drop` or `keep`.
    pub action: &'static str,
    /// The object.
    pub object: String,
}

/// Drops claims, grants, schema and role: all of it or nothing. With `keep` what cannot go stays.
///
/// # Errors
/// 42704; 2BP01 with every object that stands in the way.
pub fn drop(name: &str, keep: bool) -> Result<Vec<Outcome>> {
    close_fence()?;
    store::document(name)?;
    store::seize_stakeholder(name)?;
    if store::is_adopted(name)? {
        return adopt::drop(name, keep);
    }
    let state = role_of(name)?;
    // Renamed by somebody, it is still the role that was made for the stakeholder.
    let role = state.granted_role().cloned();
    if matches!(state, RoleState::Replaced(_)) && !keep {
        return Err(super::reader::without_role(name, &state, ""));
    }
    super::declare::remove(name, None)?;
    let schema_held = blockers::of_schema(name)?;
    if let Some(role) = &role {
        acl::revoke_connect(role);
    }
    let (credentials_held, mut outcomes) = drop_credentials(name)?;
    let role_held = role.as_ref().map(|role| blockers::of_role(role.oid, name)).transpose()?.unwrap_or_default();
    let nothing_held = schema_held.is_empty() && role_held.is_empty() && credentials_held.is_empty();
    if !keep && !nothing_held {
        let all: Vec<String> = schema_held.into_iter().chain(role_held).chain(credentials_held).collect();
        return Err(held(name, &all));
    }
    let kept = drop_schema(name, schema_held, &mut outcomes)?;
    store::remove_stakeholder(name)?;
    if let Some(role) = role {
        drop_role(&role, kept || !role_held.is_empty(), role_held, &mut outcomes);
    }
    outcomes.push(Outcome { action: "drop", object: format!("stakeholder {name}") });
    Ok(outcomes)
}

/// What stands in the way of dropping a stakeholder.
pub(super) fn held(name: &str, objects_held: &[String]) -> Error {
    Error::still_in_use(
        format!("stakeholder \"{name}\" cannot be dropped: {} in the way", objects(objects_held.len())),
        objects_held,
        "Drop or move these objects, or keep them: integratedb.drop_stakeholder(name, keep => true).",
    )
}

/// Drops a stakeholder's credentials; tells which of their roles cannot go, and what became of all.
pub(super) fn drop_credentials(name: &str) -> Result<(Vec<String>, Vec<Outcome>)> {
    let (mut held, mut outcomes) = (Vec::new(), Vec::new());
    for credential in store::credentials_of(name)? {
        let removed = super::revoke::remove(&credential)?;
        if !removed.is_gone {
            held.extend(
                removed.outcomes.iter().filter(|outcome| outcome.action == "keep").map(|kept| kept.object.clone()),
            );
        }
        outcomes.extend(removed.outcomes);
    }
    Ok((held, outcomes))
}

fn objects(number: usize) -> String {
    match number {
        1 => "1 object is".into(),
        _ if number >= blockers::MANY => format!("at least {number} objects are"),
        _ => format!("{number} objects are"),
    }
}

/// Lists what is kept; says so when there is more than was looked at.
fn keep(held: Vec<String>, outcomes: &mut Vec<Outcome>) {
    let more = held.len() >= blockers::MANY;
    outcomes.extend(held.into_iter().map(|object| Outcome { action: "keep", object }));
    if more {
        outcomes.push(Outcome { action: "keep", object: "and more".into() });
    }
}

/// Drops the schema if it is empty; tells whether it was kept.
pub(super) fn drop_schema(name: &str, held: Vec<String>, outcomes: &mut Vec<Outcome>) -> Result<bool> {
    let kept = !held.is_empty();
    if kept {
        keep(held, outcomes);
        outcomes.push(Outcome { action: "keep", object: format!("schema {name}") });
    } else if schema::drop(name)? {
        outcomes.push(Outcome { action: "drop", object: format!("schema {name}") });
    }
    Ok(kept)
}

fn drop_role(role: &Role, kept: bool, held: Vec<String>, outcomes: &mut Vec<Outcome>) {
    keep(held, outcomes);
    // A session outlives its role.
    sessions::end_at_commit(role.oid);
    if kept {
        role::alter(&role.name, &[Attribute::Login(false)]);
        outcomes.push(Outcome { action: "keep", object: format!("role {}, without LOGIN", role.name) });
    } else {
        role::drop(&role.name);
        outcomes.push(Outcome { action: "drop", object: format!("role {}", role.name) });
    }
}
