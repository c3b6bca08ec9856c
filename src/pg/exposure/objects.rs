//! Who may look into schemas; user mappings.

use std::collections::HashMap;

use pgrx::pg_sys;

use super::Grantees;
use crate::pg::error::Result;
use crate::pg::spi;

/// Who is granted USAGE on each schema: OIDs of roles, 0 for PUBLIC, the owner among them.
///
/// # Errors
/// XX000
pub fn schema_users() -> Result<HashMap<u32, Vec<u32>>> {
    let rows = spi::query(
        "SELECT n.oid, ARRAY(SELECT a.grantee FROM pg_catalog.aclexplode(COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
                             WHERE a.privilege_type = 'USAGE'
                             UNION SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname IN ('pg_read_all_data', 'pg_write_all_data'))
         FROM pg_catalog.pg_namespace n",
        &[],
        |row| {
            let users: Vec<pg_sys::Oid> = row.need(2)?;
            Ok((row.need::<pg_sys::Oid>(1)?.to_u32(), users.into_iter().map(pg_sys::Oid::to_u32).collect()))
        },
    )?;
    Ok(rows.into_iter().collect())
}

/// The user mappings of stakeholders and of PUBLIC: for whom, the server, and the statement that drops it. What they hold, a
/// password perhaps, is not read.
///
/// # Errors
/// XX000
pub fn user_mappings(grantees: &Grantees) -> Result<Vec<(u32, String, String)>> {
    spi::query(
        "SELECT m.umuser, pg_catalog.format('foreign server %I', s.srvname),
                pg_catalog.format('DROP USER MAPPING FOR %s SERVER %I',
                                  CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(m.umuser)) END,
                                  s.srvname)
         FROM pg_catalog.pg_user_mapping m
         JOIN pg_catalog.pg_foreign_server s ON s.oid = m.umserver
         LEFT JOIN unnest($1, $2) AS w (oid, name) ON w.oid = m.umuser
         WHERE m.umuser = 0 OR w.oid IS NOT NULL",
        &grantees.bound(),
        |row| Ok((row.need::<pg_sys::Oid>(1)?.to_u32(), row.need(2)?, row.need(3)?)),
    )
}
