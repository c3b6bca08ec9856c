//! What depends on a relation or its columns besides claims: read from pg_depend and pg_constraint, without a lock on any
//! relation of others.

use integratedb_claim::impact::graph::Graph;
use integratedb_claim::path::display_relation;
use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, Row, bind};

/// An object that a DROP would not leave as it is.
#[derive(Debug, Clone)]
pub struct Dependent {
    /// `view`, `materialized_view`, `rule`, `foreign_key`, `function`, `policy`, `trigger`, `table` or `other`.
    pub kind: String,
    /// Its path, or what it is and on what.
    pub object: String,
    /// The column that it depends on.
    pub column: Option<String>,
    /// For a foreign key, its table and its name.
    pub constraint: Option<(String, String)>,
}

/// The dependents of a relation or, with `columns`, of these. What goes with the relation itself is none of a whole relation.
///
/// # Errors
/// XX000
pub fn dependents(relation: pg_sys::Oid, columns: Option<Vec<i16>>) -> Result<Vec<Dependent>> {
    spi::query(
        "SELECT DISTINCT
                CASE WHEN v.relkind = 'v' THEN 'view' WHEN v.relkind = 'm' THEN 'materialized_view' WHEN r.oid IS NOT NULL THEN 'rule'
                     WHEN k.contype = 'f' THEN 'foreign_key'
                     WHEN d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN 'function'
                     WHEN y.oid IS NOT NULL THEN 'policy' WHEN g.oid IS NOT NULL THEN 'trigger'
                     WHEN f.oid IS NOT NULL THEN 'generated_column' WHEN x.relkind IN ('r', 'p', 'f') THEN 'table'
                     ELSE 'other' END,
                n.nspname::text, o.relname::text, k.conname::text,
                pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), a.attname::text
         FROM (SELECT d.classid, d.objid, d.objsubid, d.refobjsubid FROM pg_catalog.pg_depend d
               WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1 AND d.deptype = 'n'
                 AND ($2::int2[] IS NULL OR d.refobjsubid = ANY ($2))
               UNION ALL
               SELECT d.classid, d.objid, d.objsubid, 0
               FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = c.reltype
                AND d.deptype = 'n'
               WHERE c.oid = $1 AND $2::int2[] IS NULL) d
         LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid
         LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND r.rulename = '_RETURN'
         LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid
         LEFT JOIN pg_catalog.pg_policy y ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND y.oid = d.objid
         LEFT JOIN pg_catalog.pg_trigger g ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND g.oid = d.objid
         LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid
         LEFT JOIN pg_catalog.pg_class x ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.oid = d.objid
         LEFT JOIN pg_catalog.pg_class o ON o.oid = COALESCE(r.ev_class, k.conrelid, y.polrelid, g.tgrelid, f.adrelid, x.oid)
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = $1 AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
         WHERE v.oid IS DISTINCT FROM $1 AND (o.oid IS DISTINCT FROM $1 OR $2::int2[] IS NOT NULL)
           AND COALESCE(k.conparentid, 0) = 0
         ORDER BY 1, 2, 3, 4, 5, 6 LIMIT 10000",
        &[bind(relation), bind(columns)],
        |row| {
            let kind: String = row.need(1)?;
            let path = row.get::<String>(2).zip(row.get::<String>(3)).map(|(schema, name)| display_relation(&schema, &name));
            let constraint = path.clone().zip(row.get::<String>(4));
            let object = match (&path, kind.as_str()) {
                (Some(path), "view" | "materialized_view" | "table") => path.clone(),
                _ => row.need(5)?,
            };
            Ok(Dependent { kind, object, column: row.get(6), constraint })
        },
    )
}

/// Claimed relations, with who claims them and what is between them: of all schemas or of one, of all owners or as far as a
/// role has the rights of the owner.
///
/// # Errors
/// XX000
pub fn graph(schema: Option<&str>, only_of: Option<pg_sys::Oid>) -> Result<Graph> {
    let mut graph = Graph::default();
    let claimed = spi::query(
        "SELECT c.stakeholder, r.schema_name::text, r.relation_name::text, pg_catalog.bool_or(r.status <> 'met'),
                k.relkind IN ('v', 'm') IS TRUE, k.oid
         FROM integratedb.claimed_relation r
         JOIN integratedb.claim c USING (claim_id)
         LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = r.schema_name
         LEFT JOIN pg_catalog.pg_class k ON k.relnamespace = n.oid AND k.relname = r.relation_name
         WHERE r.kind = 'relation' AND r.relation_name <> '' AND ($1 IS NULL OR r.schema_name = $1::name)
           AND ($2 IS NULL OR pg_catalog.pg_has_role($2, k.relowner, 'USAGE'))
         GROUP BY 1, 2, 3, 5, 6 ORDER BY 2, 3, 1 LIMIT 10000",
        &[bind(schema), bind(only_of)],
        |row| {
            let path = display_relation(&row.need::<String>(2)?, &row.need::<String>(3)?);
            Ok((row.need::<String>(1)?, path, row.need::<bool>(4)?, row.need::<bool>(5)?, row.get::<pg_sys::Oid>(6)))
        },
    )?;
    let mut oids = Vec::new();
    for (stakeholder, path, is_unmet, is_view, oid) in claimed {
        graph.relations.insert(path.clone(), is_view);
        graph.claims.insert((stakeholder, path), is_unmet);
        oids.extend(oid);
    }
    for (is_read, from, to) in between(oids)? {
        for (path, is_view) in [&from, &to] {
            graph.relations.entry(path.clone()).or_insert(*is_view);
        }
        let edges = if is_read { &mut graph.reads } else { &mut graph.references };
        edges.insert((from.0, to.0));
    }
    Ok(graph)
}

type End = (String, bool);

/// Views and what they read, and foreign keys, of which one end is one of these: whether it is a view's, from, to.
fn between(oids: Vec<pg_sys::Oid>) -> Result<Vec<(bool, End, End)>> {
    let end = |row: &Row, first: i32| -> Result<End> {
        Ok((display_relation(&row.need::<String>(first)?, &row.need::<String>(first + 1)?), row.need(first + 2)?))
    };
    spi::query(
        "SELECT e.is_read, n.nspname::text, f.relname::text, f.relkind IN ('v', 'm'), m.nspname::text, t.relname::text, t.relkind IN ('v', 'm')
         FROM (SELECT true AS is_read, r.ev_class AS from_oid, d.refobjid AS to_oid
               FROM pg_catalog.pg_rewrite r
               JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'n'
               WHERE r.rulename = '_RETURN' AND (r.ev_class = ANY ($1) OR d.refobjid = ANY ($1)) AND r.ev_class <> d.refobjid
               UNION
               SELECT false, conrelid, confrelid FROM pg_catalog.pg_constraint
               WHERE contype = 'f' AND conparentid = 0 AND (conrelid = ANY ($1) OR confrelid = ANY ($1))) e
         JOIN pg_catalog.pg_class f ON f.oid = e.from_oid JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
         JOIN pg_catalog.pg_class t ON t.oid = e.to_oid JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
         WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND m.nspname !~ '^pg_'
           AND n.nspname NOT IN ('information_schema', 'integratedb') AND m.nspname NOT IN ('information_schema', 'integratedb')
         ORDER BY 1, 2, 3, 5, 6 LIMIT 10000",
        &[bind(oids)],
        |row| Ok((row.need(1)?, end(row, 2)?, end(row, 5)?)),
    )
}
