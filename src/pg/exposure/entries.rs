//! Entries of access control lists for PUBLIC and for stakeholders that the ledger does not account for.

use integratedb_claim::exposure::Entry;
use pgrx::pg_sys;

use super::Grantees;
use crate::pg::error::Result;
use crate::pg::spi::{self, Row};

/// An entry, and where it stands.
pub struct Found {
    /// The entry.
    pub entry: Entry,
    /// The object.
    pub oid: pg_sys::Oid,
    /// The number of the column; 0 for the whole object.
    pub attribute: i16,
    /// The schema that the object is in.
    pub schema: Option<u32>,
}

/// The query over one catalog. `$of` selects class, oid, number (of a column), kind, schema, owner, acl, the list in which the whole
/// grants the same privileges (`above`), what such objects are granted when they are made (`initial`), and whether it is the
/// system's; and what the texts need, which are made for the few that are told: `$noun`, `$identity` and `$column`. `$holds` is
/// true for what a stakeholder has in any case.
///
/// Of the system's objects only what has been granted since they were made is told. The server keeps that of its own ones but for
/// those of information_schema, which everybody may read: that counts as `initial`, which stands in where nothing is kept.
macro_rules! query {
    ($of:literal, $noun:literal, $identity:literal, $column:literal, $holds:literal) => {
        concat!(
            "SELECT o.oid, o.number, o.kind, ",
            $noun,
            ", ",
            $identity,
            ", ",
            $column,
            ", o.schema, o.owner, o.grantee, o.grantor, o.privilege_type, o.is_grantable, k.stakeholder IS NOT NULL,
                    ARRAY(SELECT h.grantee FROM pg_catalog.aclexplode(o.acl) h
                          WHERE h.privilege_type = o.privilege_type AND h.grantee <> 0
                          UNION
                          SELECT h.grantee FROM pg_catalog.aclexplode(o.above) h
                          WHERE h.privilege_type = o.privilege_type AND h.grantee <> 0),
                    ARRAY(SELECT h.grantee FROM pg_catalog.aclexplode(o.acl) h
                          WHERE o.grantee <> 0 AND h.privilege_type = o.privilege_type AND h.grantor = o.grantee),
                    ARRAY(SELECT pg_catalog.quote_ident(t.attname) FROM integratedb.granted_privilege_cache g
                          JOIN pg_catalog.pg_attribute t
                            ON t.attrelid = g.object_oid AND t.attnum = ANY (g.attribute_numbers) AND NOT t.attisdropped
                          WHERE o.number = 0 AND g.class_oid = o.class AND g.object_oid = o.oid AND NOT g.whole
                            AND g.stakeholder = w.name AND g.privilege = o.privilege_type
                          ORDER BY t.attnum)
             -- Apart, or the planner takes entries for few and joins each with all stakeholders.
             FROM (SELECT o.*, a.grantee, a.grantor, a.privilege_type, a.is_grantable
                   FROM (",
            $of,
            ") o CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) a
                   WHERE a.grantee <> o.owner OFFSET 0) o
             LEFT JOIN unnest($1, $2) AS w (oid, name) ON w.oid = o.grantee
             LEFT JOIN integratedb.granted_privilege_cache k
                    ON k.stakeholder = w.name AND k.class_oid = o.class AND k.object_oid = o.oid AND k.privilege = o.privilege_type
                   AND CASE o.number WHEN 0 THEN k.whole ELSE o.number = ANY (k.attribute_numbers) END
             WHERE (o.grantee = 0 OR w.oid IS NOT NULL)
               AND (k.stakeholder IS NULL OR o.is_grantable OR o.grantor <> o.owner)
               AND (o.is_grantable OR NOT (",
            $holds,
            "))
               AND NOT (o.system
                        AND EXISTS (SELECT FROM pg_catalog.aclexplode(COALESCE(
                                        (SELECT i.initprivs FROM pg_catalog.pg_init_privs i
                                         WHERE i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = o.number), o.initial)) e
                                    WHERE e.grantee = o.grantee AND e.privilege_type = o.privilege_type))"
        )
    };
}

const RELATIONS: &str = query!(
    "SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid, 0::int2 AS number,
            CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            n.nspname, c.relname, c.relkind,
            n.oid AS schema, c.relowner AS owner, c.relacl AS acl, NULL::aclitem[] AS above,
            ARRAY[pg_catalog.makeaclitem(0, c.relowner, 'SELECT', false)] AS initial,
            pg_catalog.starts_with(n.nspname::text, 'pg_') OR n.nspname IN ('information_schema', 'integratedb') AS system
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relacl IS NOT NULL AND c.relpersistence <> 't'",
    "CASE o.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END",
    "pg_catalog.format('%I.%I', o.nspname, o.relname)",
    "NULL::text",
    "false"
);

const COLUMNS: &str = query!(
    "SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid, t.attnum AS number, 'TABLE' AS kind,
            n.nspname, c.relname, c.relkind, t.attname,
            n.oid AS schema, c.relowner AS owner, t.attacl AS acl,
            COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner)) AS above, NULL::aclitem[] AS initial,
            pg_catalog.starts_with(n.nspname::text, 'pg_') OR n.nspname IN ('information_schema', 'integratedb') AS system
     FROM pg_catalog.pg_attribute t
     JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND c.relpersistence <> 't'",
    "CASE o.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END",
    "pg_catalog.format('%I.%I', o.nspname, o.relname)",
    "pg_catalog.quote_ident(o.attname)",
    "false"
);

const FUNCTIONS: &str = query!(
    "SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass AS class, p.oid, 0::int2 AS number,
            CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind,
            p.prosecdef, p.prokind,
            n.oid AS schema, p.proowner AS owner, COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner)) AS acl,
            NULL::aclitem[] AS above, pg_catalog.acldefault('f', p.proowner) AS initial, n.system
     FROM pg_catalog.pg_proc p
     JOIN (SELECT oid, pg_catalog.starts_with(nspname::text, 'pg_') OR nspname IN ('information_schema', 'integratedb') AS system
           FROM pg_catalog.pg_namespace) n ON n.oid = p.pronamespace
     WHERE p.proacl IS NOT NULL OR NOT n.system",
    "CASE WHEN o.prosecdef THEN 'SECURITY DEFINER ' ELSE '' END || CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END",
    "o.oid::pg_catalog.regprocedure::text",
    "NULL::text",
    "false"
);

/// A stakeholder has its own schema.
const SCHEMAS: &str = query!(
    "SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass AS class, n.oid, 0::int2 AS number, 'SCHEMA' AS kind,
            n.nspname, NULL::oid AS schema, n.nspowner AS owner,
            n.nspacl AS acl, NULL::aclitem[] AS above, ARRAY[pg_catalog.makeaclitem(0, n.nspowner, 'USAGE', false)] AS initial,
            pg_catalog.starts_with(n.nspname::text, 'pg_') OR n.nspname IN ('information_schema', 'integratedb') AS system
     FROM pg_catalog.pg_namespace n WHERE n.nspacl IS NOT NULL",
    "'schema'",
    "pg_catalog.quote_ident(o.nspname)",
    "NULL::text",
    "o.nspname = w.name IS TRUE"
);

/// Not the types of rows and of arrays, which go with theirs.
const TYPES: &str = query!(
    "SELECT 'pg_catalog.pg_type'::pg_catalog.regclass AS class, t.oid, 0::int2 AS number, 'TYPE' AS kind,
            n.nspname, t.typname, t.typtype, n.oid AS schema,
            t.typowner AS owner, COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner)) AS acl,
            NULL::aclitem[] AS above, pg_catalog.acldefault('T', t.typowner) AS initial, n.system
     FROM pg_catalog.pg_type t
     JOIN (SELECT oid, nspname, pg_catalog.starts_with(nspname::text, 'pg_') OR nspname IN ('information_schema', 'integratedb') AS system
           FROM pg_catalog.pg_namespace) n ON n.oid = t.typnamespace
     WHERE (t.typacl IS NOT NULL OR NOT n.system) AND t.typisdefined
       AND (t.typtype IN ('b', 'd', 'e', 'r') OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)",
    "CASE o.typtype WHEN 'd' THEN 'domain' ELSE 'type' END",
    "pg_catalog.format('%I.%I', o.nspname, o.typname)",
    "NULL::text",
    "false"
);

/// The entries on relations, columns, functions, schemas and types.
///
/// # Errors
/// XX000
pub fn in_schemas(grantees: &Grantees) -> Result<Vec<Found>> {
    let mut all = Vec::new();
    for sql in [RELATIONS, COLUMNS, FUNCTIONS, SCHEMAS, TYPES] {
        all.extend(spi::query(sql, &grantees.bound(), read)?);
    }
    Ok(all)
}

const DATABASES: &str = query!(
    "SELECT 'pg_catalog.pg_database'::pg_catalog.regclass AS class, d.oid, 0::int2 AS number, 'DATABASE' AS kind,
            d.datname, NULL::oid AS schema, d.datdba AS owner,
            COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS acl, NULL::aclitem[] AS above, NULL::aclitem[] AS initial,
            false AS system, d.datname = pg_catalog.current_database() AS is_this
     FROM pg_catalog.pg_database d WHERE d.datallowconn",
    "'database'",
    "pg_catalog.quote_ident(o.datname)",
    "NULL::text",
    // CONNECT on its database is a stakeholder's; temporary tables in another one begin with CONNECT there.
    "o.privilege_type = CASE WHEN o.is_this THEN 'CONNECT' ELSE 'TEMPORARY' END"
);

const LANGUAGES: &str = query!(
    "SELECT 'pg_catalog.pg_language'::pg_catalog.regclass AS class, l.oid, 0::int2 AS number, 'LANGUAGE' AS kind,
            l.lanname, NULL::oid AS schema, l.lanowner AS owner,
            COALESCE(l.lanacl, pg_catalog.acldefault('l', l.lanowner)) AS acl, NULL::aclitem[] AS above, NULL::aclitem[] AS initial,
            false AS system
     FROM pg_catalog.pg_language l WHERE l.lanpltrusted",
    "'language'",
    "pg_catalog.quote_ident(o.lanname)",
    "NULL::text",
    "false"
);

const WRAPPERS: &str = query!(
    "SELECT 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass AS class, f.oid, 0::int2 AS number, 'FOREIGN DATA WRAPPER' AS kind,
            f.fdwname,
            NULL::oid AS schema, f.fdwowner AS owner, f.fdwacl AS acl, NULL::aclitem[] AS above,
            NULL::aclitem[] AS initial, false AS system
     FROM pg_catalog.pg_foreign_data_wrapper f WHERE f.fdwacl IS NOT NULL",
    "'foreign-data wrapper'",
    "pg_catalog.quote_ident(o.fdwname)",
    "NULL::text",
    "false"
);

const SERVERS: &str = query!(
    "SELECT 'pg_catalog.pg_foreign_server'::pg_catalog.regclass AS class, s.oid, 0::int2 AS number, 'FOREIGN SERVER' AS kind,
            s.srvname, NULL::oid AS schema,
            s.srvowner AS owner, s.srvacl AS acl, NULL::aclitem[] AS above, NULL::aclitem[] AS initial, false AS system
     FROM pg_catalog.pg_foreign_server s WHERE s.srvacl IS NOT NULL",
    "'foreign server'",
    "pg_catalog.quote_ident(o.srvname)",
    "NULL::text",
    "false"
);

const LARGE_OBJECTS: &str = query!(
    "SELECT 'pg_catalog.pg_largeobject'::pg_catalog.regclass AS class, l.oid, 0::int2 AS number, 'LARGE OBJECT' AS kind,
            NULL::oid AS schema, l.lomowner AS owner,
            l.lomacl AS acl, NULL::aclitem[] AS above, NULL::aclitem[] AS initial, false AS system
     FROM pg_catalog.pg_largeobject_metadata l WHERE l.lomacl IS NOT NULL",
    "'large object'",
    "o.oid::text",
    "NULL::text",
    "false"
);

const TABLESPACES: &str = query!(
    "SELECT 'pg_catalog.pg_tablespace'::pg_catalog.regclass AS class, s.oid, 0::int2 AS number, 'TABLESPACE' AS kind,
            s.spcname, NULL::oid AS schema,
            s.spcowner AS owner, s.spcacl AS acl, NULL::aclitem[] AS above, NULL::aclitem[] AS initial, false AS system
     FROM pg_catalog.pg_tablespace s WHERE s.spcacl IS NOT NULL",
    "'tablespace'",
    "pg_catalog.quote_ident(o.spcname)",
    "NULL::text",
    "false"
);

/// Parameters have no owner: what is granted on them is granted by the bootstrap superuser.
const PARAMETERS: &str = query!(
    "SELECT 'pg_catalog.pg_parameter_acl'::pg_catalog.regclass AS class, p.oid, 0::int2 AS number, 'PARAMETER' AS kind,
            p.parname,
            NULL::oid AS schema, 10::oid AS owner, p.paracl AS acl, NULL::aclitem[] AS above,
            NULL::aclitem[] AS initial, false AS system
     FROM pg_catalog.pg_parameter_acl p",
    "'parameter'",
    "(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.part), '.' ORDER BY x.place) FROM pg_catalog.unnest(pg_catalog.string_to_array(o.parname, '.')) WITH ORDINALITY AS x (part, place))",
    "NULL::text",
    "false"
);

/// The entries on everything that is in no schema.
///
/// # Errors
/// XX000
pub fn beyond_schemas(grantees: &Grantees) -> Result<Vec<Found>> {
    let mut all = Vec::new();
    for sql in [DATABASES, LANGUAGES, WRAPPERS, SERVERS, LARGE_OBJECTS, TABLESPACES, PARAMETERS] {
        all.extend(spi::query(sql, &grantees.bound(), read)?);
    }
    Ok(all)
}

fn read(row: &Row) -> Result<Found> {
    let oids = |number| -> Result<Vec<u32>> {
        Ok(row.need::<Vec<pg_sys::Oid>>(number)?.into_iter().map(pg_sys::Oid::to_u32).collect())
    };
    let oid = |number| row.need::<pg_sys::Oid>(number).map(pg_sys::Oid::to_u32);
    Ok(Found {
        oid: row.need(1)?,
        attribute: row.need(2)?,
        schema: row.get::<pg_sys::Oid>(7).map(pg_sys::Oid::to_u32),
        entry: Entry {
            kind: row.need(3)?,
            noun: row.need(4)?,
            object: row.need(5)?,
            column: row.get(6),
            owner: oid(8)?,
            grantee: oid(9)?,
            grantor: oid(10)?,
            privilege: row.need(11)?,
            grantable: row.need(12)?,
            recorded: row.need(13)?,
            holders: oids(14)?,
            onward: oids(15)?,
            claimed_columns: row.need(16)?,
        },
    })
}
