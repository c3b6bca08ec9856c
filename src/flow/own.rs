//! What every stakeholder has besides its claims, CONNECT and its own schema: given back when a command takes it.

use pgrx::pg_sys;

use super::adopt;
use super::reader::role_of;
use crate::pg::catalog::namespace_oid;
use crate::pg::error::{Error, Result};
use crate::pg::{store, transaction};

/// Remembers that a command has taken privileges from a stakeholder, if they are on its own schema: among `objects`. DROP
/// OWNED takes CONNECT as well, which no event trigger is told.
///
/// # Errors
/// XX000
pub fn note(stakeholder: &str, objects: &[pg_sys::Oid], is_drop_owned: bool) -> Result<()> {
    if namespace_oid(stakeholder).is_some_and(|own| objects.contains(&own))
        && let Some(role) = store::cached_role(stakeholder)?
    {
        transaction::take_own(role, is_drop_owned);
    }
    Ok(())
}

/// Remembers stakeholders whose own schema a command has altered: with another owner it has other privileges.
///
/// # Errors
/// XX000
pub fn note_schemas<'a>(schemas: impl Iterator<Item = &'a str>) -> Result<()> {
    for name in schemas {
        if let Some(own) = namespace_oid(name) {
            note(name, &[own], false)?;
        }
    }
    Ok(())
}

/// Before COMMIT: gives back what is remembered, unless stakeholder, role or schema are gone by now.
///
/// # Errors
/// 55000 when a privilege cannot be granted.
pub fn give_back() -> Result<()> {
    for (role, is_drop_owned) in transaction::own_taken() {
        for stakeholder in store::stakeholders_with_roles(vec![role])? {
            let state = role_of(&stakeholder)?;
            let Some(role) = state.role() else { continue };
            let before = store::given(&stakeholder)?;
            let mut given = before;
            let mut lacked = adopt::give_schema(role, &stakeholder, given)?;
            lacked |= is_drop_owned && adopt::give_connect(role, &mut given)?;
            if given != before {
                store::set_given(&stakeholder, given)?;
            }
            if lacked {
                Error::own_access(&stakeholder).warn();
            }
        }
    }
    Ok(())
}
