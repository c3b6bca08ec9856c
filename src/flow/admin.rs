//! Administrators, made and unmade.

use pgrx::pg_sys;

use crate::pg::acl;
use crate::pg::error::{Error, Result};
use crate::pg::ledger::GrantedObject;
use crate::pg::{role, security, store};

const SCHEMA: &str = "integratedb";

/// Makes a role an administrator.
///
/// # Errors
/// 42704 for a role that does not exist; 42501 for a stakeholder's, which reaches what it claims, and for a role of the server's own.
pub fn grant(name: &str) -> Result<()> {
    let found = role::find(name).ok_or_else(|| Error::undefined_role(name))?;
    if let Some(stakeholder) = store::stakeholders_with_roles(vec![found.oid])?.first() {
        return Err(Error::cannot_administer(name, &format!("It is the role of stakeholder \"{stakeholder}\".")));
    }
    if found.oid.to_u32() < pg_sys::FirstNormalObjectId && !security::is_superuser(found.oid) {
        return Err(Error::cannot_administer(
            name,
            "It is a role of the server's own, whose members are others' to choose.",
        ));
    }
    acl::grant_object(&found, &administrator()?)?;
    acl::grant_routines(&found, SCHEMA)
}

/// Takes that back.
///
/// # Errors
/// 42704 for a role that does not exist or was not made one.
pub fn revoke(name: &str) -> Result<()> {
    let found = role::find(name).ok_or_else(|| Error::undefined_role(name))?;
    if !security::is_granted_admin(found.oid)? {
        return Err(Error::not_administrator(name, security::is_admin(found.oid)?));
    }
    acl::revoke_object(&found, &administrator()?);
    acl::revoke_routines(&found, SCHEMA);
    Ok(())
}

fn administrator() -> Result<GrantedObject> {
    Ok(GrantedObject {
        kind: "type".to_owned(),
        oid: security::administrator_type()?,
        schema: SCHEMA.to_owned(),
        name: "administrator".to_owned(),
        arguments: String::new(),
    })
}
