//! What roles own outside of their own schemas.

use pgrx::pg_sys;

use super::Grantees;
use crate::pg::error::Result;
use crate::pg::spi;

/// An object that a stakeholder owns.
pub struct Owned {
    /// Whose it is.
    pub role: u32,
    /// What it is, with its name.
    pub object: String,
    /// To whom it would belong.
    pub new_owner: u32,
    /// The statement that makes it so.
    pub statement: String,
}

/// All of them. The new owner is that of the schema, or of the database, or of the extension: the first who is no stakeholder.
/// A sequence goes with the table that owns it. Default privileges and user mappings are told elsewhere.
///
/// # Errors
/// XX000
pub fn outside_own_schemas(grantees: &Grantees) -> Result<Vec<Owned>> {
    spi::query(
        "WITH owned AS (
             SELECT s.refobjid AS role, i.type, i.identity, n.nspowner, n.nspname,
                    (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) AS datdba,
                    (SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.extname = 'integratedb') AS extowner
             FROM pg_catalog.pg_shdepend s
             CROSS JOIN LATERAL pg_catalog.pg_identify_object(s.classid, s.objid, s.objsubid) i
             LEFT JOIN pg_catalog.pg_namespace n ON pg_catalog.quote_ident(n.nspname) = COALESCE(i.schema, CASE i.type WHEN 'schema' THEN i.identity END)
             WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = ANY ($1) AND s.deptype = 'o'
               AND s.classid NOT IN ('pg_catalog.pg_default_acl'::pg_catalog.regclass, 'pg_catalog.pg_user_mapping'::pg_catalog.regclass)
               AND s.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
               AND NOT (s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
                                    WHERE d.classid = s.classid AND d.objid = s.objid AND d.refclassid = s.classid
                                      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))))
         SELECT role, pg_catalog.format('%s %s', type, identity), new_owner,
                CASE type WHEN 'extension' THEN pg_catalog.format('REASSIGN OWNED BY %I TO %I', pg_catalog.pg_get_userbyid(role), new_name)
                     ELSE pg_catalog.format('ALTER %s %s OWNER TO %I',
                              CASE type WHEN 'composite type' THEN 'TYPE' WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'
                                        WHEN 'statistics object' THEN 'STATISTICS' ELSE pg_catalog.upper(type) END,
                              identity, new_name) END
         FROM owned
         JOIN unnest($1, $2) AS w (oid, name) ON w.oid = role
         CROSS JOIN LATERAL (SELECT CASE WHEN nspowner <> ALL ($1) THEN nspowner
                                         WHEN datdba <> ALL ($1) THEN datdba ELSE extowner END AS new_owner) o
         CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_userbyid(new_owner) AS new_name) x
         WHERE nspname IS DISTINCT FROM w.name
         ORDER BY 1, 2",
        &grantees.bound(),
        |row| {
            Ok(Owned {
                role: row.need::<pg_sys::Oid>(1)?.to_u32(),
                object: row.need(2)?,
                new_owner: row.need::<pg_sys::Oid>(3)?.to_u32(),
                statement: row.need(4)?,
            })
        },
    )
}
