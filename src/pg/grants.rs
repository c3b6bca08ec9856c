//! What has been granted to a role itself in this database: not through PUBLIC, and not through other roles.

use std::collections::HashMap;

use integratedb_claim::export::{ObjectGrant, RelationGrants};
use integratedb_claim::path::display_relation;
use integratedb_claim::privilege::Privilege;
use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, bind};

/// The grants of a role, apart by whether a claim document has words for them.
#[derive(Default)]
pub struct Grants {
    /// On relations, by name.
    pub relations: Vec<RelationGrants>,
    /// On functions, sequences and types.
    pub objects: Vec<ObjectGrant>,
    /// USAGE on schemas, which claims on what is in them bring with them.
    pub schemas: Vec<String>,
    /// One line for each of the others.
    pub others: Vec<String>,
}

/// Reads them.
///
/// # Errors
/// XX000
pub fn of_role(role: pg_sys::Oid, own_schema: &str) -> Result<Grants> {
    let mut grants = Grants::default();
    relations(role, &mut grants)?;
    sequences(role, &mut grants)?;
    functions(role, &mut grants)?;
    types(role, &mut grants)?;
    schemas(role, own_schema, &mut grants)?;
    grants.others.extend(beyond_schemas(role)?);
    Ok(grants)
}

fn is_system_schema(name: &str) -> bool {
    name == "information_schema" || name == "integratedb" || name.starts_with("pg_")
}

struct RelationRow {
    oid: pg_sys::Oid,
    schema: String,
    name: String,
    column: Option<String>,
    number: i16,
    privilege: String,
    grantable: bool,
}

fn relations(role: pg_sys::Oid, grants: &mut Grants) -> Result<()> {
    let rows = spi::query(
        "SELECT c.oid, n.nspname::text, c.relname::text, a.attname, a.attnum, a.privilege_type, pg_catalog.bool_or(a.is_grantable)
         FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         CROSS JOIN LATERAL (
             SELECT NULL::text AS attname, 0::int2 AS attnum, x.grantee, x.privilege_type, x.is_grantable
             FROM pg_catalog.aclexplode(c.relacl) x
             UNION ALL
             SELECT t.attname::text, t.attnum, x.grantee, x.privilege_type, x.is_grantable
             FROM pg_catalog.pg_attribute t CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) x
             WHERE t.attrelid = c.oid AND NOT t.attisdropped) a
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.grantee = $1 AND c.relowner <> $1
         GROUP BY c.oid, n.nspname, c.relname, a.attname, a.attnum, a.privilege_type
         ORDER BY n.nspname, c.relname, a.attnum, a.privilege_type",
        &[bind(role)],
        |row| {
            Ok(RelationRow {
                oid: row.need(1)?,
                schema: row.need(2)?,
                name: row.need(3)?,
                column: row.get(4),
                number: row.need(5)?,
                privilege: row.need(6)?,
                grantable: row.need(7)?,
            })
        },
    )?;
    let mut columns = columns_of(rows.iter().map(|row| row.oid).collect())?;
    let mut last = pg_sys::InvalidOid;
    for row in rows {
        let path = display_relation(&row.schema, &row.name);
        let on = match &row.column {
            Some(column) => format!("column {column} of {path}"),
            None => path,
        };
        if row.grantable {
            grants.others.push(format!("the grant option of {} on {on}", row.privilege));
        }
        let privilege = Privilege::from_word(&row.privilege).filter(|one| Privilege::ON_RELATION.contains(one));
        let (Some(privilege), false, false) = (privilege, is_system_schema(&row.schema), row.number < 0) else {
            grants.others.push(format!("{} on {on}", row.privilege));
            continue;
        };
        if row.oid != last {
            last = row.oid;
            let columns = columns.remove(&row.oid.to_u32()).unwrap_or_default();
            let (schema, name) = (row.schema, row.name);
            grants.relations.push(RelationGrants { schema, name, columns, ..RelationGrants::default() });
        }
        let Some(relation) = grants.relations.last_mut() else { continue };
        match row.column {
            Some(column) => relation.by_column.entry(column).or_default().insert(privilege),
            None => relation.whole.insert(privilege),
        };
    }
    Ok(())
}

fn columns_of(relations: Vec<pg_sys::Oid>) -> Result<HashMap<u32, Vec<String>>> {
    let rows = spi::query(
        "SELECT attrelid, attname::text FROM pg_catalog.pg_attribute
         WHERE attrelid = ANY ($1) AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum",
        &[bind(relations)],
        |row| Ok((row.need::<pg_sys::Oid>(1)?.to_u32(), row.need::<String>(2)?)),
    )?;
    let mut columns: HashMap<u32, Vec<String>> = HashMap::new();
    for (relation, column) in rows {
        columns.entry(relation).or_default().push(column);
    }
    Ok(columns)
}

/// Notes a grant that cannot be claimed, and a grant option; tells whether the grant can be.
fn is_claimable(
    schema: &str,
    on: &str,
    privilege: &str,
    claimable: bool,
    grantable: bool,
    others: &mut Vec<String>,
) -> bool {
    if grantable {
        others.push(format!("the grant option of {privilege} on {on}"));
    }
    let claimable = claimable && !is_system_schema(schema);
    if !claimable {
        others.push(format!("{privilege} on {on}"));
    }
    claimable
}

fn sequences(role: pg_sys::Oid, grants: &mut Grants) -> Result<()> {
    let rows = spi::query(
        "SELECT n.nspname::text, c.relname::text, a.privilege_type, pg_catalog.bool_or(a.is_grantable)
         FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
         WHERE c.relkind = 'S' AND a.grantee = $1 AND c.relowner <> $1
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        &[bind(role)],
        |row| Ok((row.need::<String>(1)?, row.need::<String>(2)?, row.need::<String>(3)?, row.need::<bool>(4)?)),
    )?;
    for (schema, name, privilege, grantable) in rows {
        let on = format!("sequence {}", display_relation(&schema, &name));
        if is_claimable(&schema, &on, &privilege, privilege == "USAGE", grantable, &mut grants.others) {
            grants.objects.push(ObjectGrant::Sequence { schema, name });
        }
    }
    Ok(())
}

fn functions(role: pg_sys::Oid, grants: &mut Grants) -> Result<()> {
    let rows = spi::query(
        "SELECT n.nspname::text, p.proname::text,
                ARRAY(SELECT pg_catalog.format_type(t.oid, NULL)
                      FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place) ORDER BY place),
                p.prosecdef, p.prokind <> 'p', pg_catalog.bool_or(a.is_grantable)
         FROM pg_catalog.pg_proc p
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
         CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a
         WHERE a.grantee = $1 AND p.proowner <> $1
         GROUP BY p.oid, n.nspname, 2, 3, 4, 5 ORDER BY 1, 2, 3",
        &[bind(role)],
        |row| {
            let arguments: Vec<String> = row.need(3)?;
            let (schema, name) = (row.need(1)?, row.need(2)?);
            let function = ObjectGrant::Function { schema, name, arguments, security_definer: row.need(4)? };
            Ok((function, row.need::<bool>(5)?, row.need::<bool>(6)?))
        },
    )?;
    for (function, is_function, grantable) in rows {
        let ObjectGrant::Function { schema, name, arguments, .. } = &function else { continue };
        let kind = if is_function { "function" } else { "procedure" };
        let on = format!("{kind} {}", integratedb_claim::path::display_function(schema, name, &arguments.join(", ")));
        if is_claimable(schema, &on, "EXECUTE", is_function, grantable, &mut grants.others) {
            grants.objects.push(function);
        }
    }
    Ok(())
}

fn types(role: pg_sys::Oid, grants: &mut Grants) -> Result<()> {
    let rows = spi::query(
        "SELECT n.nspname::text, t.typname::text, pg_catalog.bool_or(a.is_grantable)
         FROM pg_catalog.pg_type t
         JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
         CROSS JOIN LATERAL pg_catalog.aclexplode(t.typacl) a
         WHERE a.grantee = $1 AND t.typowner <> $1
         GROUP BY 1, 2 ORDER BY 1, 2",
        &[bind(role)],
        |row| Ok((row.need::<String>(1)?, row.need::<String>(2)?, row.need::<bool>(3)?)),
    )?;
    for (schema, name, grantable) in rows {
        let on = format!("type {}", display_relation(&schema, &name));
        if is_claimable(&schema, &on, "USAGE", true, grantable, &mut grants.others) {
            grants.objects.push(ObjectGrant::Type { schema, name });
        }
    }
    Ok(())
}

/// Its own schema aside, which a stakeholder has anyway.
fn schemas(role: pg_sys::Oid, own: &str, grants: &mut Grants) -> Result<()> {
    let rows = spi::query(
        "SELECT n.nspname::text, a.privilege_type, pg_catalog.bool_or(a.is_grantable)
         FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a
         WHERE a.grantee = $1 AND n.nspowner <> $1
         GROUP BY 1, 2 ORDER BY 1, 2",
        &[bind(role)],
        |row| Ok((row.need::<String>(1)?, row.need::<String>(2)?, row.need::<bool>(3)?)),
    )?;
    for (name, privilege, grantable) in rows {
        let on = format!("schema {}", integratedb_claim::path::display_schema(&name));
        let is_own = name == own;
        if (is_own || is_claimable(&name, &on, &privilege, privilege == "USAGE", grantable, &mut grants.others))
            && privilege == "USAGE"
        {
            grants.schemas.push(name);
        }
    }
    Ok(())
}

/// The kinds of object that no claim is on: databases, languages, foreign servers, large objects, default privileges and the
/// like. CONNECT on this database aside, which a stakeholder has anyway.
fn beyond_schemas(role: pg_sys::Oid) -> Result<Vec<String>> {
    spi::query(
        "SELECT pg_catalog.format('%s on database %s', a.privilege_type, d.datname) AS line
         FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
         WHERE a.grantee = $1 AND d.datdba <> $1 AND d.datname = pg_catalog.current_database() AND a.privilege_type <> 'CONNECT'
         UNION
         SELECT pg_catalog.format(CASE WHEN s.classid = 'pg_catalog.pg_default_acl'::pg_catalog.regclass THEN '%s' ELSE 'privileges for %s' END,
                                  pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid))
         FROM pg_catalog.pg_shdepend s
         WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = $1 AND s.deptype = 'a'
           AND s.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
           AND s.classid NOT IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
                                 'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_namespace'::pg_catalog.regclass,
                                 'pg_catalog.pg_database'::pg_catalog.regclass)
         ORDER BY line LIMIT 1000",
        &[bind(role)],
        |row| row.need(1),
    )
}
