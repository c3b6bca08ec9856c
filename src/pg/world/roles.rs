//! Roles, and whose privileges they have.

use std::collections::{BTreeMap, BTreeSet};

use integratedb_claim::simulate::world::Role;
use pgrx::pg_sys;

use super::rows::each;
use crate::pg::scan::Moment;

const PG_AUTH_MEMBERS: u32 = 1261;
/// The predefined role whose one member is the owner of the database.
const PG_DATABASE_OWNER: u32 = 6171;

/// One role's membership in another.
struct Membership {
    role: u32,
    /// Its privileges are inherited.
    inherits: bool,
    /// SET ROLE leads to it.
    sets: bool,
}

/// Reads pg_authid and pg_auth_members.
pub fn read(moment: &Moment) -> BTreeMap<u32, Role> {
    let mut roles = BTreeMap::new();
    let mut inheriting = BTreeSet::new();
    let columns = [c"oid", c"rolname", c"rolsuper", c"rolinherit", c"rolbypassrls"];
    each(pg_sys::AuthIdRelationId.to_u32(), columns, moment, |row| {
        let role = Role {
            name: row.name(1),
            superuser: row.bool(2),
            bypass_row_security: row.bool(4),
            inherits: BTreeSet::new(),
            member_of: BTreeSet::new(),
        };
        if row.bool(3) {
            inheriting.insert(row.oid(0));
        }
        roles.insert(row.oid(0), role);
    });
    let mut memberships: BTreeMap<u32, Vec<Membership>> = BTreeMap::new();
    each(PG_AUTH_MEMBERS, [c"roleid", c"member", c"inherit_option", c"set_option"], moment, |row| {
        let member = row.oid(1);
        memberships.entry(member).or_default().push(Membership {
            role: row.oid(0),
            // Up to PostgreSQL 15 it is the member that inherits or does not.
            inherits: row.flag(2).unwrap_or_else(|| inheriting.contains(&member)),
            sets: row.flag(3).unwrap_or(true),
        });
    });
    let database_owner = Membership { role: PG_DATABASE_OWNER, inherits: true, sets: true };
    memberships.entry(owner_of_database(moment)).or_default().push(database_owner);
    for (oid, role) in &mut roles {
        role.inherits = reached(*oid, &memberships, |membership| membership.inherits);
        role.member_of = reached(*oid, &memberships, |membership| membership.sets);
    }
    roles
}

fn owner_of_database(moment: &Moment) -> u32 {
    // SAFETY: a global of this backend.
    let ours = unsafe { pg_sys::MyDatabaseId }.to_u32();
    let mut owner = 0;
    each(pg_sys::DatabaseRelationId.to_u32(), [c"oid", c"datdba"], moment, |row| {
        if row.oid(0) == ours {
            owner = row.oid(1);
        }
    });
    owner
}

fn reached(
    role: u32,
    memberships: &BTreeMap<u32, Vec<Membership>>,
    follow: impl Fn(&Membership) -> bool,
) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut next = vec![role];
    while let Some(member) = next.pop() {
        for membership in memberships.get(&member).into_iter().flatten().filter(|membership| follow(membership)) {
            if membership.role != role && found.insert(membership.role) {
                next.push(membership.role);
            }
        }
    }
    found
}
