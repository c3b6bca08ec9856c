//! What there is to know of a role that is to be adopted: what it must not be, what it reaches, who else reaches it.

use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, bind};

/// So many names of roles are spelled out.
const SHOWN: i64 = 10;

/// Holds a role to the end of the transaction, so that it is not dropped meanwhile.
pub fn lock_role(role: pg_sys::Oid) {
    // SAFETY: the lock manager takes any OID of a shared catalog; ACCESS SHARE conflicts with DROP ROLE only.
    unsafe { pg_sys::LockSharedObject(pg_sys::AuthIdRelationId, role, 0, pg_sys::AccessShareLock as i32) };
}

/// Why a role cannot be a stakeholder's: it is, or can become by SET ROLE, one that is not bound by its grants, or that can
/// take more for itself. One sentence each; empty for an ordinary role.
///
/// # Errors
/// XX000
pub fn dangers(role: pg_sys::Oid) -> Result<Vec<String>> {
    let found = spi::query(
        "SELECT o.oid = $1, pg_catalog.quote_ident(o.rolname), o.rolsuper, o.rolcreaterole, o.rolreplication, o.rolbypassrls,
                pg_catalog.starts_with(o.rolname::text, 'pg_'),
                o.oid = (SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.extname = 'integratedb')
         FROM pg_catalog.pg_roles o
         WHERE pg_catalog.pg_has_role($1, o.oid, 'MEMBER')
         ORDER BY o.oid <> $1, o.rolname",
        &[bind(role)],
        |row| {
            let name: String = row.need(2)?;
            let kinds = [
                (row.need(3)?, "a superuser"),
                (row.need(4)?, "a role with CREATEROLE"),
                (row.need(5)?, "a role with REPLICATION"),
                (row.need(6)?, "a role with BYPASSRLS"),
                (row.need(7)?, "a predefined role"),
                (row.need(8)?, "the owner of the extension"),
            ];
            let kinds: Vec<&str> = kinds.iter().filter(|(is, _)| *is).map(|(_, kind)| *kind).collect();
            Ok((row.need::<bool>(1)?, name, kinds))
        },
    )?;
    // The server takes a superuser for a member of every role.
    let superuser = found.first().is_some_and(|(own, _, kinds)| *own && kinds.contains(&"a superuser"));
    let told = found.into_iter().take(if superuser { 1 } else { usize::MAX });
    let sentences = told.filter(|(_, _, kinds)| !kinds.is_empty()).map(|(own, name, kinds)| match own {
        true => format!("It is {}.", kinds.join(", ")),
        false => format!("It is a member of {name}, which is {}.", kinds.join(", ")),
    });
    Ok(sentences.collect())
}

/// Whether a role may look into a schema, by whatever way.
///
/// # Errors
/// XX000
pub fn can_use_schema(role: pg_sys::Oid, schema: pg_sys::Oid) -> Result<bool> {
    let found =
        spi::query("SELECT pg_catalog.has_schema_privilege($1, $2, 'USAGE')", &[bind(role), bind(schema)], |row| {
            Ok(row.get(1).unwrap_or(false))
        })?;
    Ok(found.first().copied().unwrap_or(false))
}

/// Whether the owner of the database has granted CONNECT to this very role: what PUBLIC or another role has may go.
///
/// # Errors
/// XX000
pub fn was_granted_connect(role: pg_sys::Oid) -> Result<bool> {
    let found = spi::query(
        "SELECT 1 FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
         WHERE d.datname = pg_catalog.current_database()
           AND a.grantee = $1 AND a.grantor = d.datdba AND a.privilege_type = 'CONNECT'",
        &[bind(role)],
        |_| Ok(()),
    )?;
    Ok(!found.is_empty())
}

/// Whether a role lacks USAGE or CREATE, granted by the owner, on the schema of its stakeholder; false if there is none.
///
/// # Errors
/// XX000
pub fn lacks_own_schema(role: pg_sys::Oid, schema: &str) -> Result<bool> {
    let found = spi::query(
        "SELECT 1 FROM pg_catalog.pg_namespace n
         WHERE n.nspname = $2::name AND n.nspowner <> $1
           AND (SELECT pg_catalog.count(DISTINCT a.privilege_type) FROM pg_catalog.aclexplode(n.nspacl) a
                WHERE a.grantee = $1 AND a.grantor = n.nspowner AND a.privilege_type IN ('USAGE', 'CREATE')) < 2",
        &[bind(role), bind(schema)],
        |_| Ok(()),
    )?;
    Ok(!found.is_empty())
}

/// How many relations of applications a role reaches by what it owns, has been granted, or is a member of: not through
/// PUBLIC, and not in its own schema. USAGE on their schemas is not asked for: a claim on a neighbour grants it.
///
/// # Errors
/// XX000
pub fn reachable_relations(role: pg_sys::Oid, own_schema: &str) -> Result<i64> {
    let found = spi::query(
        "SELECT pg_catalog.count(*)
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_') AND n.nspname NOT IN ('information_schema', 'integratedb', $2::name)
           AND (pg_catalog.pg_has_role($1, c.relowner, 'MEMBER')
                OR EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) a
                           WHERE a.grantee <> 0 AND pg_catalog.pg_has_role($1, a.grantee, 'MEMBER'))
                OR EXISTS (SELECT FROM pg_catalog.pg_attribute t CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
                           WHERE t.attrelid = c.oid AND NOT t.attisdropped
                             AND a.grantee <> 0 AND pg_catalog.pg_has_role($1, a.grantee, 'MEMBER')))",
        &[bind(role), bind(own_schema)],
        |row| row.need(1),
    )?;
    Ok(found.first().copied().unwrap_or(0))
}

/// The roles that are members of a role, directly or not, superusers aside: how many, and the names of the first of them.
///
/// # Errors
/// XX000
pub fn members(role: pg_sys::Oid) -> Result<(i64, Vec<String>)> {
    let found = spi::query(
        "SELECT pg_catalog.count(*) OVER (), pg_catalog.quote_ident(m.rolname)
         FROM pg_catalog.pg_roles m
         WHERE m.oid <> $1 AND NOT m.rolsuper AND pg_catalog.pg_has_role(m.oid, $1, 'MEMBER')
         ORDER BY m.rolname LIMIT $2",
        &[bind(role), bind(SHOWN)],
        |row| Ok((row.need::<i64>(1)?, row.need::<String>(2)?)),
    )?;
    let count = found.first().map_or(0, |(count, _)| *count);
    Ok((count, found.into_iter().map(|(_, name)| name).collect()))
}

/// Who else has a hand in a schema: owns it, may create there, or has put something there that names in a query resolve to. One
/// sentence each, superusers and the role itself aside.
///
/// # Errors
/// XX000
pub fn strangers_in_schema(role: pg_sys::Oid, schema: pg_sys::Oid) -> Result<Vec<String>> {
    spi::query(
        "WITH stranger AS (SELECT r.oid, pg_catalog.quote_ident(r.rolname) AS name FROM pg_catalog.pg_roles r
                           WHERE NOT r.rolsuper AND r.oid <> $1)
         SELECT sentence
         FROM (SELECT 1 AS place, pg_catalog.format('Role %s owns the schema.', s.name) AS sentence
               FROM pg_catalog.pg_namespace n JOIN stranger s ON s.oid = n.nspowner WHERE n.oid = $2
               UNION ALL
               SELECT 2, pg_catalog.format(CASE a.grantee WHEN 0 THEN 'PUBLIC may create objects in it.'
                                           ELSE 'Role %s may create objects in it.' END, s.name)
               FROM pg_catalog.pg_namespace n
               CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a LEFT JOIN stranger s ON s.oid = a.grantee
               WHERE n.oid = $2 AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner AND (a.grantee = 0 OR s.oid IS NOT NULL)
               GROUP BY a.grantee, s.name
               UNION ALL
               SELECT 3, pg_catalog.format('Role %s owns %s of the objects in it.', s.name, pg_catalog.count(*))
               FROM (SELECT relowner AS owner FROM pg_catalog.pg_class WHERE relnamespace = $2 AND relkind NOT IN ('i', 'I', 't')
                     UNION ALL SELECT proowner FROM pg_catalog.pg_proc WHERE pronamespace = $2
                     UNION ALL SELECT oprowner FROM pg_catalog.pg_operator WHERE oprnamespace = $2) o
               JOIN stranger s ON s.oid = o.owner
               GROUP BY s.name) f
         ORDER BY place, sentence LIMIT $3",
        &[bind(role), bind(schema), bind(SHOWN)],
        |row| row.need(1),
    )
}

/// What a role has besides a login that ends, or being a member of `group`. One sentence each; empty for a role that was just
/// made with nothing but that.
///
/// # Errors
/// XX000
pub fn more_than_login(role: pg_sys::Oid, group: pg_sys::Oid) -> Result<Vec<String>> {
    let found = spi::query(
        "SELECT r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls,
                NOT r.rolcanlogin,
                r.rolvaliduntil IS NULL OR NOT pg_catalog.isfinite(r.rolvaliduntil) OR r.rolvaliduntil <= pg_catalog.clock_timestamp(),
                EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid AND m.roleid <> $2),
                EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.roleid = r.oid AND NOT (
                            SELECT g.rolsuper OR g.rolcreaterole FROM pg_catalog.pg_roles g WHERE g.oid = m.member)),
                EXISTS (SELECT FROM pg_catalog.pg_shdepend d
                        WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.refobjid = r.oid
                          AND d.classid <> 'pg_catalog.pg_auth_members'::pg_catalog.regclass),
                EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s WHERE s.setrole = r.oid),
                EXISTS (SELECT FROM integratedb.stakeholder s WHERE s.name = r.rolname::text)
         FROM pg_catalog.pg_roles r WHERE r.oid = $1",
        &[bind(role), bind(group)],
        |row| {
            let sentences = [
                "It has attributes besides LOGIN.",
                "It has no LOGIN.",
                "It has no VALID UNTIL that is to come.",
                "It is a member of other roles.",
                "It has members.",
                "It owns something, or has been granted something.",
                "It has settings of its own.",
                "It is a stakeholder's.",
            ];
            let mut told = Vec::new();
            for (number, sentence) in (1..).zip(sentences) {
                if row.need(number)? {
                    told.push(sentence.to_owned());
                }
            }
            Ok(told)
        },
    )?;
    Ok(found.into_iter().flatten().collect())
}
