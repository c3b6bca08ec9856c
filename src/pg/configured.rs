//! Where settings are set: for the server, a database, a role, or a role in a database.

use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, bind};

/// A value that a setting is given somewhere.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The setting.
    pub name: String,
    /// Its value.
    pub value: String,
    /// `server`, `database shop`, `role reporter`, `role reporter in database shop`.
    pub place: String,
    /// For which role, if for one.
    pub role: Option<u32>,
    /// The statement that gives the setting the value which it is to have.
    pub statement: String,
}

/// Where settings have other values than they are to have: `wanted` has the value of each of `names`. This database counts, and
/// all roles; the server's own value as its files and its command line have it.
///
/// # Errors
/// XX000
pub fn otherwise(names: Vec<String>, wanted: Vec<String>) -> Result<Vec<Configured>> {
    let read = |row: &spi::Row| {
        Ok(Configured {
            name: row.need(1)?,
            value: row.need(2)?,
            place: row.need(3)?,
            role: row.get::<pg_sys::Oid>(4).map(pg_sys::Oid::to_u32),
            statement: row.need(5)?,
        })
    };
    let mut all = spi::query(
        "SELECT x.name, pg_catalog.substr(c.entry, pg_catalog.strpos(c.entry, '=') + 1) AS value,
                pg_catalog.concat_ws(' in ', 'role ' || pg_catalog.quote_ident(r.rolname), 'database ' || pg_catalog.quote_ident(d.datname)),
                r.oid,
                CASE WHEN r.oid IS NULL THEN pg_catalog.format('ALTER DATABASE %I RESET %s', d.datname, x.name)
                     WHEN d.oid IS NULL THEN pg_catalog.format('ALTER ROLE %I RESET %s', r.rolname, x.name)
                     ELSE pg_catalog.format('ALTER ROLE %I IN DATABASE %I RESET %s', r.rolname, d.datname, x.name) END
         FROM pg_catalog.pg_db_role_setting s
         CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (entry)
         JOIN unnest($1, $2) AS x (name, wanted) ON pg_catalog.starts_with(c.entry, x.name || '=')
         LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
         LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
         WHERE (s.setdatabase = 0 OR d.datname = pg_catalog.current_database()) AND (r.oid IS NOT NULL OR d.oid IS NOT NULL)
           AND pg_catalog.substr(c.entry, pg_catalog.strpos(c.entry, '=') + 1) <> x.wanted
         ORDER BY 1, 3",
        &[bind(names.clone()), bind(wanted.clone())],
        read,
    )?;
    let server = if may_read_files()? { FILES } else { SESSION };
    all.extend(spi::query(server, &[bind(names), bind(wanted)], read)?);
    Ok(all)
}

/// Only superusers, and whom they let, read the server's files. As the owner of the extension we do, if it is as it should be.
///
/// # Errors
/// XX000
pub fn may_read_files() -> Result<bool> {
    let found = spi::query(
        "SELECT pg_catalog.bool_and(pg_catalog.has_table_privilege(v::pg_catalog.regclass, 'SELECT'))
                AND pg_catalog.bool_and(pg_catalog.has_function_privilege(f::pg_catalog.regprocedure, 'EXECUTE'))
         FROM (VALUES ('pg_catalog.pg_file_settings', 'pg_catalog.pg_show_all_file_settings()'),
                      ('pg_catalog.pg_hba_file_rules', 'pg_catalog.pg_hba_file_rules()')) AS x (v, f)",
        &[],
        |row| row.need(1),
    )?;
    Ok(found.into_iter().next().unwrap_or(false))
}

/// A boolean may be written in many ways there.
const FILES: &str = "
    SELECT x.name, f.setting, 'the server', NULL::oid, pg_catalog.format('ALTER SYSTEM SET %s = %L', x.name, x.wanted)
    FROM unnest($1, $2) AS x (name, wanted)
    JOIN (SELECT name, setting FROM pg_catalog.pg_file_settings WHERE error IS NULL AND applied
          UNION ALL
          SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'command line') f ON f.name = x.name
    WHERE f.setting <> x.wanted
      AND NOT (x.wanted = 'off' AND pg_catalog.lower(f.setting) IN ('false', 'no', '0', 'f', 'n', 'of'))
    ORDER BY 1";

const SESSION: &str = "
    SELECT x.name, s.setting, 'the server', NULL::oid, pg_catalog.format('ALTER SYSTEM SET %s = %L', x.name, x.wanted)
    FROM unnest($1, $2) AS x (name, wanted)
    JOIN pg_catalog.pg_settings s ON s.name = x.name
    WHERE s.source IN ('configuration file', 'command line') AND s.setting <> x.wanted
    ORDER BY 1";
