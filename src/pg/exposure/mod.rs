//! What roles can reach besides their claims, read from the catalogs: one query for each kind of object, for all roles at once.

pub mod defaults;
pub mod entries;
pub mod objects;
pub mod owned;
pub mod roles;

use pgrx::pg_sys;

use super::spi::{Argument, bind};

/// Stakeholders whose roles are there.
#[derive(Debug, Clone, Default)]
pub struct Grantees {
    /// OIDs of the roles.
    pub roles: Vec<pg_sys::Oid>,
    /// Names of the stakeholders, which are those of their roles.
    pub names: Vec<String>,
}

impl Grantees {
    /// For `unnest($1, $2)`.
    fn bound(&self) -> [Argument; 2] {
        [bind(self.roles.clone()), bind(self.names.clone())]
    }

    /// The stakeholder of a role.
    pub fn stakeholder(&self, role: u32) -> Option<&str> {
        let place = self.roles.iter().position(|oid| oid.to_u32() == role)?;
        self.names.get(place).map(String::as_str)
    }
}
