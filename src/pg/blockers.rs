//! What stands in the way of dropping or renaming a stakeholder, object by object, at most 1,000 of them: to describe a
//! million large objects would hold up everybody's DDL.

use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, bind};

/// So many are looked at: the LIMIT of the queries below.
pub const MANY: usize = 1_000;

/// The claims on relations of a schema, or on all of it.
///
/// # Errors
/// XX000
pub fn claims_on_schema(schema: &str) -> Result<Vec<String>> {
    spi::query(
        "SELECT DISTINCT pg_catalog.format('claim of stakeholder %s on %s.%s', c.stakeholder, r.schema_name,
                         CASE r.relation_name WHEN '' THEN '*' ELSE r.relation_name END)
         FROM integratedb.claimed_relation r JOIN integratedb.claim c USING (claim_id)
         WHERE r.schema_name = $1::name ORDER BY 1",
        &[bind(schema)],
        |row| row.need(1),
    )
}

/// The objects in a schema, and the claims on it.
///
/// # Errors
/// XX000
pub fn of_schema(schema: &str) -> Result<Vec<String>> {
    let mut found = spi::query(
        "SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
         FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid
         WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND n.nspname = $1::name
           AND d.deptype IN ('n', 'a')
         LIMIT 1000",
        &[bind(schema)],
        |row| row.need(1),
    )?;
    found.sort();
    found.extend(claims_on_schema(schema)?);
    Ok(found)
}

/// What a role owns or has been granted, in this database and others, but for its own schema and what is in it.
///
/// # Errors
/// XX000
pub fn of_role(role: pg_sys::Oid, own_schema: &str) -> Result<Vec<String>> {
    let mut found = spi::query(
        "SELECT pg_catalog.format(CASE d.deptype WHEN 'o' THEN '%s' ELSE 'privileges for %s' END,
                                  pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid))
         FROM pg_catalog.pg_shdepend d
         CROSS JOIN (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) my
         LEFT JOIN pg_catalog.pg_namespace own ON own.nspname = $2::name
         LEFT JOIN pg_catalog.pg_class c
                ON d.dbid = my.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid
         WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.refobjid = $1
           AND d.dbid IN (0, my.oid)
           AND NOT (d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.objid IS NOT DISTINCT FROM own.oid)
           AND (c.relnamespace IS NULL OR c.relnamespace IS DISTINCT FROM own.oid)
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                           WHERE x.classid = d.classid AND x.objid = d.objid AND d.dbid = my.oid
                             AND x.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND x.refobjid = own.oid)
         UNION ALL
         SELECT pg_catalog.format('%s in database %s', CASE pg_catalog.count(*) WHEN 1 THEN '1 object'
                                  ELSE pg_catalog.count(*) || ' objects' END, b.datname)
         FROM pg_catalog.pg_shdepend d
         JOIN pg_catalog.pg_database b ON b.oid = d.dbid AND b.datname <> pg_catalog.current_database()
         WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.refobjid = $1
         GROUP BY b.datname
         LIMIT 1000",
        &[bind(role), bind(own_schema)],
        |row| row.need(1),
    )?;
    found.sort();
    Ok(found)
}
