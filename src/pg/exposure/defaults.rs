//! What objects that are made later would be granted to PUBLIC or to a stakeholder.

use pgrx::pg_sys;

use super::Grantees;
use crate::pg::error::Result;
use crate::pg::spi;

/// An entry of default privileges, or of what the server itself grants on new functions and types.
pub struct Default {
    /// To whom.
    pub grantee: u32,
    /// As SQL writes it.
    pub privilege: String,
    /// On what, and who would make it.
    pub object: String,
    /// The statement that ends it.
    pub statement: String,
}

/// All of them. What the server grants by itself is told of roles that have made something in a schema that is no
/// stakeholder's and not the system's.
///
/// # Errors
/// XX000
pub fn all(grantees: &Grantees) -> Result<Vec<Default>> {
    spi::query(
        "WITH maker AS (
             SELECT DISTINCT o.owner
             FROM (SELECT relowner AS owner, relnamespace AS schema FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                   UNION SELECT proowner, pronamespace FROM pg_catalog.pg_proc) o
             JOIN pg_catalog.pg_namespace n ON n.oid = o.schema
             WHERE NOT pg_catalog.starts_with(n.nspname::text, 'pg_') AND n.nspname NOT IN ('information_schema', 'integratedb')
               AND NOT EXISTS (SELECT FROM integratedb.stakeholder s WHERE s.name = n.nspname)),
         standing AS (
             SELECT m.owner, t.type, 0::oid AS schema, COALESCE(d.defaclacl, pg_catalog.acldefault(t.type, m.owner)) AS acl
             FROM maker m CROSS JOIN (VALUES ('f'::\"char\"), ('T')) AS t (type)
             LEFT JOIN pg_catalog.pg_default_acl d ON d.defaclrole = m.owner AND d.defaclobjtype = t.type AND d.defaclnamespace = 0
             UNION
             SELECT defaclrole, defaclobjtype, defaclnamespace, defaclacl FROM pg_catalog.pg_default_acl)
         SELECT a.grantee, a.privilege_type,
                pg_catalog.format('%s that %I makes%s', pg_catalog.lower(k.kind), pg_catalog.pg_get_userbyid(s.owner),
                                  CASE WHEN n.oid IS NULL THEN '' ELSE pg_catalog.format(' in schema %I', n.nspname) END),
                pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %sREVOKE %s ON %s FROM %s', pg_catalog.pg_get_userbyid(s.owner),
                                  CASE WHEN n.oid IS NULL THEN '' ELSE pg_catalog.format('IN SCHEMA %I ', n.nspname) END,
                                  a.privilege_type, k.kind,
                                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END)
         FROM standing s
         CROSS JOIN LATERAL pg_catalog.aclexplode(s.acl) a
         LEFT JOIN unnest($1, $2) AS w (oid, name) ON w.oid = a.grantee
         JOIN (VALUES ('r'::\"char\", 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'), ('n', 'SCHEMAS'),
                      ('L', 'LARGE OBJECTS')) AS k (type, kind) ON k.type = s.type
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = s.schema
         WHERE a.grantee <> s.owner AND (a.grantee = 0 OR w.oid IS NOT NULL)",
        &grantees.bound(),
        |row| {
            Ok(Default {
                grantee: row.need::<pg_sys::Oid>(1)?.to_u32(),
                privilege: row.need(2)?,
                object: row.need(3)?,
                statement: row.need(4)?,
            })
        },
    )
}
