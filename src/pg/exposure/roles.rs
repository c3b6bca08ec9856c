//! Roles: attributes, memberships, and what memberships bring.

use integratedb_claim::exposure::{Membership, Role, Roles};
use pgrx::pg_sys;

use super::Grantees;
use crate::pg::error::Result;
use crate::pg::spi::{self, bind};

/// All roles of the cluster. From PostgreSQL 16 on each membership says itself whether it inherits.
///
/// # Errors
/// XX000
pub fn all() -> Result<Roles> {
    let roles = spi::query(
        "SELECT oid, pg_catalog.quote_ident(rolname), rolsuper, pg_catalog.starts_with(rolname::text, 'pg_') FROM pg_catalog.pg_roles",
        &[],
        |row| {
            Ok(Role {
                oid: row.need::<pg_sys::Oid>(1)?.to_u32(),
                name: row.need(2)?,
                superuser: row.need(3)?,
                predefined: row.need(4)?,
            })
        },
    )?;
    let memberships = spi::query(
        "SELECT m.member, m.roleid, COALESCE((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)
         FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.member
         UNION ALL
         SELECT d.datdba, r.oid, true
         FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.rolname = 'pg_database_owner'
         WHERE d.datname = pg_catalog.current_database()",
        &[],
        |row| {
            Ok(Membership {
                member: row.need::<pg_sys::Oid>(1)?.to_u32(),
                of: row.need::<pg_sys::Oid>(2)?.to_u32(),
                inherits: row.need(3)?,
            })
        },
    )?;
    Ok(Roles::new(roles, &memberships))
}

/// For each attribute that lets a role do more than it is granted: role and attribute, as ALTER ROLE writes it.
///
/// # Errors
/// XX000
pub fn attributes(grantees: &Grantees) -> Result<Vec<(u32, String)>> {
    spi::query(
        "SELECT r.oid, x.attribute
         FROM pg_catalog.pg_roles r
         JOIN unnest($1, $2) AS w (oid, name) ON w.oid = r.oid
         CROSS JOIN LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb),
                                    ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)) AS x (attribute, has)
         WHERE x.has",
        &grantees.bound(),
        |row| Ok((row.need::<pg_sys::Oid>(1)?.to_u32(), row.need(2)?)),
    )
}

/// A role of which a stakeholder is made a member.
pub struct Direct {
    /// The stakeholder's role.
    pub member: u32,
    /// Of which it is a member.
    pub of: u32,
    /// WITH ADMIN OPTION.
    pub admin: bool,
    /// The statement that ends it.
    pub statement: String,
}

/// The memberships of stakeholders' roles. From PostgreSQL 16 on REVOKE takes only what its grantor has granted.
///
/// # Errors
/// XX000
pub fn memberships(grantees: &Grantees) -> Result<Vec<Direct>> {
    spi::query(
        "SELECT m.member, m.roleid, m.admin_option,
                pg_catalog.format('REVOKE %I FROM %I', pg_catalog.pg_get_userbyid(m.roleid), pg_catalog.pg_get_userbyid(m.member))
                || CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 160000
                        THEN pg_catalog.format(' GRANTED BY %I', pg_catalog.pg_get_userbyid(m.grantor)) ELSE '' END
         FROM pg_catalog.pg_auth_members m JOIN unnest($1, $2) AS w (oid, name) ON w.oid = m.member",
        &grantees.bound(),
        |row| {
            Ok(Direct {
                member: row.need::<pg_sys::Oid>(1)?.to_u32(),
                of: row.need::<pg_sys::Oid>(2)?.to_u32(),
                admin: row.need(3)?,
                statement: row.need(4)?,
            })
        },
    )
}

/// What roles own and are granted in this database: how many objects each, and the first of them.
///
/// # Errors
/// XX000
pub fn brought(roles: Vec<pg_sys::Oid>) -> Result<(i64, i64, Vec<String>)> {
    let found = spi::query(
        "WITH held AS (
             SELECT s.classid, s.objid, pg_catalog.bool_or(s.deptype = 'o') AS owned
             FROM pg_catalog.pg_shdepend s
             WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = ANY ($1) AND s.deptype IN ('o', 'a')
               AND s.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
             GROUP BY 1, 2)
         SELECT pg_catalog.count(*) FILTER (WHERE owned), pg_catalog.count(*) FILTER (WHERE NOT owned),
                ARRAY(SELECT pg_catalog.pg_describe_object(f.classid, f.objid, 0)
                      FROM (SELECT classid, objid FROM held ORDER BY NOT owned, classid, objid LIMIT 5) f ORDER BY 1)
         FROM held",
        &[bind(roles)],
        |row| Ok((row.need(1)?, row.need(2)?, row.need(3)?)),
    )?;
    Ok(found.into_iter().next().unwrap_or_default())
}
