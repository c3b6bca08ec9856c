//! What the extension's own parts and the server look like, for `doctor()`.

use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, bind};

/// Something that is wrong, and the statement that mends it, if one does.
pub struct Ill {
    /// What is wrong.
    pub finding: String,
    /// What mends it.
    pub statement: Option<String>,
}

fn ill(row: &spi::Row) -> Result<Ill> {
    Ok(Ill { finding: row.need(1)?, statement: row.get(2) })
}

/// The event triggers: there, ours, not filtered, ENABLE ALWAYS, members of the extension, and of its owner.
///
/// # Errors
/// XX000
pub fn event_triggers() -> Result<Vec<Ill>> {
    spi::query(
        "WITH known AS (
             SELECT 'integratedb_' || event AS name, event, p.oid AS function, e.oid AS trigger, e.evtenabled, x.extowner, e.evtowner,
                    e.evtevent = event AND e.evtfoid = p.oid AND e.evttags IS NULL AS is_ours,
                    EXISTS (SELECT FROM pg_catalog.pg_depend d
                            WHERE d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND d.objid = e.oid
                              AND d.deptype = 'e' AND d.refobjid = x.oid) AS is_member
             FROM (VALUES ('ddl_command_start'), ('sql_drop'), ('ddl_command_end')) AS k (event)
             JOIN pg_catalog.pg_extension x ON x.extname = 'integratedb'
             LEFT JOIN pg_catalog.pg_event_trigger e ON e.evtname = 'integratedb_' || event
             LEFT JOIN pg_catalog.pg_proc p ON p.proname = 'on_' || event
                   AND p.pronamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = 'integratedb'))
         SELECT pg_catalog.format('event trigger %s %s', name,
                    CASE WHEN trigger IS NULL THEN 'is missing' WHEN is_ours IS NOT TRUE THEN 'calls something else, or is filtered'
                         WHEN evtenabled <> 'A' THEN CASE evtenabled WHEN 'D' THEN 'is disabled' ELSE 'is not ENABLE ALWAYS' END
                         WHEN NOT is_member THEN 'is no member of the extension' ELSE 'is not the extension owner''s' END),
                CASE WHEN trigger IS NULL OR is_ours IS NOT TRUE
                     THEN CASE WHEN trigger IS NULL THEN '' ELSE pg_catalog.format('%sDROP EVENT TRIGGER %s; ',
                              CASE WHEN is_member THEN pg_catalog.format('ALTER EXTENSION integratedb DROP EVENT TRIGGER %s; ', name) ELSE '' END, name) END
                          || pg_catalog.format('CREATE EVENT TRIGGER %1$s ON %2$s EXECUTE FUNCTION integratedb.on_%2$s(); '
                                               'ALTER EVENT TRIGGER %1$s ENABLE ALWAYS; ALTER EXTENSION integratedb ADD EVENT TRIGGER %1$s', name, event)
                     WHEN evtenabled <> 'A' THEN pg_catalog.format('ALTER EVENT TRIGGER %s ENABLE ALWAYS', name)
                     WHEN NOT is_member THEN pg_catalog.format('ALTER EXTENSION integratedb ADD EVENT TRIGGER %s', name)
                     ELSE pg_catalog.format('ALTER EVENT TRIGGER %s OWNER TO %I', name, pg_catalog.pg_get_userbyid(extowner)) END
         FROM known
         WHERE trigger IS NULL OR is_ours IS NOT TRUE OR evtenabled <> 'A' OR NOT is_member OR evtowner <> extowner
         UNION ALL
         SELECT pg_catalog.format('trigger loaded on %s is not ENABLE ALWAYS', t.tgrelid::pg_catalog.regclass),
                pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER loaded', t.tgrelid::pg_catalog.regclass)
         FROM pg_catalog.pg_trigger t
         JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'integratedb'
         WHERE t.tgname = 'loaded' AND t.tgenabled <> 'A'
         ORDER BY 1",
        &[],
        ill,
    )
}

/// The version of the SQL objects, and the owner of the extension if it is no superuser.
///
/// # Errors
/// XX000
pub fn extension() -> Result<(String, Option<Ill>)> {
    let found = spi::query(
        "SELECT e.extversion, r.rolsuper, pg_catalog.format('the extension belongs to %I, who is no superuser', r.rolname),
                pg_catalog.format('ALTER ROLE %I SUPERUSER', r.rolname)
         FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_roles r ON r.oid = e.extowner WHERE e.extname = 'integratedb'",
        &[],
        |row| {
            let owner = Ill { finding: row.need(3)?, statement: row.get(4) };
            Ok((row.need::<String>(1)?, (!row.need::<bool>(2)?).then_some(owner)))
        },
    )?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// Stakeholders who may not connect to this database at all, or only by what PUBLIC or another role has; the second value tells
/// them apart.
///
/// # Errors
/// XX000
pub fn without_connect(roles: Vec<pg_sys::Oid>) -> Result<Vec<(Ill, bool)>> {
    spi::query(
        "SELECT pg_catalog.format(CASE WHEN c.can THEN 'role %I may connect only by what PUBLIC or another role has' ELSE 'role %I may not connect' END,
                                  r.rolname),
                pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', d.datname, r.rolname), c.can
         FROM pg_catalog.pg_roles r
         JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
         CROSS JOIN LATERAL (SELECT pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT') AS can) c
         WHERE r.oid = ANY ($1) AND NOT r.rolsuper
           AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(d.datacl) a
                           WHERE a.grantee = r.oid AND a.grantor = d.datdba AND a.privilege_type = 'CONNECT')
         ORDER BY r.rolname",
        &[bind(roles)],
        |row| Ok((ill(row)?, row.need(3)?)),
    )
}

/// The logins of stakeholders besides their own roles.
///
/// # Errors
/// XX000
pub fn credential_roles() -> Result<Vec<pg_sys::Oid>> {
    spi::query("SELECT c.role_oid FROM integratedb.credential_role c WHERE c.role_oid IS NOT NULL", &[], |row| {
        row.need(1)
    })
}

/// Credentials that are over or revoked and still have a role, that have none any more, or whose role is another one.
///
/// # Errors
/// XX000
pub fn credentials() -> Result<Vec<Ill>> {
    spi::query(
        "SELECT CASE WHEN c.found_oid IS NULL THEN pg_catalog.format('credential %I has no role any more', c.username)
                     WHEN c.role_oid IS NULL THEN pg_catalog.format('role %I is not the one that was made for the credential', c.username)
                     WHEN c.is_revoked THEN pg_catalog.format('credential %I has been revoked, and its role is still there', c.username)
                     ELSE pg_catalog.format('credential %I has expired', c.username) END,
                CASE WHEN c.found_oid IS NULL OR c.role_oid IS NOT NULL THEN 'SELECT * FROM integratedb.reap_credentials()'
                     ELSE pg_catalog.format('SELECT * FROM integratedb.revoke_credential(%L)', c.username) END
         FROM integratedb.credential_role c
         WHERE c.role_oid IS NULL OR c.is_revoked OR c.valid_until <= pg_catalog.clock_timestamp()
         ORDER BY c.username",
        &[],
        ill,
    )
}

/// Logins whose password is kept as an MD5 hash. Only what it begins with is looked at.
///
/// # Errors
/// XX000
pub fn md5_passwords(roles: Vec<pg_sys::Oid>) -> Result<Vec<Ill>> {
    spi::query(
        "SELECT pg_catalog.format('the password of role %I is kept as an MD5 hash', a.rolname),
                pg_catalog.format('SELECT * FROM integratedb.rotate_password(%L)', a.rolname)
         FROM pg_catalog.pg_authid a
         WHERE a.oid = ANY ($1) AND pg_catalog.starts_with(a.rolpassword, 'md5') ORDER BY a.rolname",
        &[bind(roles)],
        ill,
    )
}

/// The lines of pg_hba.conf by which a stakeholder would come in without scram-sha-256, a certificate, or being refused. A line
/// after one for everybody of the same kind of connection and address is never reached.
///
/// # Errors
/// XX000
pub fn weak_hba_lines(roles: Vec<pg_sys::Oid>) -> Result<Vec<Ill>> {
    spi::query(
        "WITH line AS (
             SELECT h.line_number, h.type, h.database, h.user_name, h.address, h.netmask, h.auth_method
             FROM pg_catalog.pg_hba_file_rules h WHERE h.error IS NULL),
         stakeholder AS (SELECT r.oid, r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = ANY ($1))
         SELECT pg_catalog.format('pg_hba.conf line %s: %s lets in %s by %s', l.line_number,
                                  pg_catalog.concat_ws(' ', l.type, l.address, l.netmask), pg_catalog.array_to_string(l.user_name, ', '),
                                  l.auth_method),
                NULL::text
         FROM line l
         WHERE l.auth_method NOT IN ('scram-sha-256', 'reject', 'cert')
           AND (l.database && ARRAY['all', pg_catalog.current_database()::text]
                OR (l.database && ARRAY['sameuser'] AND EXISTS (SELECT FROM stakeholder s WHERE s.rolname = pg_catalog.current_database()))
                OR l.database && ARRAY['samerole', 'samegroup'])
           AND EXISTS (SELECT FROM stakeholder s
                       WHERE l.user_name && ARRAY['all', s.rolname::text]
                          OR EXISTS (SELECT FROM pg_catalog.unnest(l.user_name) AS u (name) JOIN pg_catalog.pg_roles g ON u.name = '+' || g.rolname
                                     WHERE pg_catalog.pg_has_role(s.oid, g.oid, 'MEMBER')))
           AND NOT EXISTS (SELECT FROM line e
                           WHERE e.line_number < l.line_number AND e.database && ARRAY['all'] AND e.user_name && ARRAY['all']
                             AND e.type IN (l.type, CASE WHEN l.type LIKE 'host%' THEN 'host' END)
                             AND (e.address = 'all' OR (e.address, e.netmask) IS NOT DISTINCT FROM (l.address, l.netmask)))
         ORDER BY l.line_number",
        &[bind(roles)],
        ill,
    )
}
