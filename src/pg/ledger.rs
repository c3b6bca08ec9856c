//! The ledger: what the extension granted. Only that is ever revoked.

use std::collections::{BTreeSet, HashMap, HashSet};

use integratedb_claim::catalog::Relation;
use integratedb_claim::privilege::Select;
use pgrx::datum::JsonString;
use pgrx::pg_sys;

use super::error::{Error, Result};
use super::spi::{self, bind};

/// What was granted on one relation.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// By number.
    pub select: Select,
    /// The schema, relation and columns under which it is recorded.
    names: Option<(String, String, String)>,
}

impl Entry {
    /// Whether the entry says what `select` and the relation's names are now.
    ///
    /// # Errors
    /// XX000
    pub fn is_current(&self, relation: &Relation, select: &Select) -> Result<bool> {
        if *select != self.select {
            return Ok(false);
        }
        let Some((schema, name, columns)) = &self.names else { return Ok(select.is_empty()) };
        Ok(*schema == relation.schema && *name == relation.name && *columns == column_names(relation, select)?.0)
    }
}

/// What was granted to a stakeholder on these relations.
///
/// # Errors
/// XX000
pub fn relations(stakeholder: &str, oids: Vec<pg_sys::Oid>) -> Result<HashMap<u32, Entry>> {
    let rows = spi::query(
        "SELECT object_oid, whole, attribute_numbers, schema_name::text, relation_name::text, column_names
         FROM integratedb.granted_privilege_cache
         WHERE stakeholder = $1 AND class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND object_oid = ANY ($2)",
        &[bind(stakeholder), bind(oids)],
        |row| {
            let columns: Vec<i16> = row.need(3)?;
            let select = Select { whole: row.need(2)?, columns: columns.into_iter().collect() };
            let names =
                row.get(4).zip(row.get(5)).zip(row.get(6)).map(|((schema, name), columns)| (schema, name, columns));
            Ok((row.need::<pg_sys::Oid>(1)?.to_u32(), Entry { select, names }))
        },
    )?;
    Ok(rows.into_iter().collect())
}

/// The names of the columns of a grant, as they are recorded.
fn column_names(relation: &Relation, select: &Select) -> Result<JsonString> {
    let granted = relation.columns.iter().filter(|column| select.columns.contains(&column.number));
    let names: Vec<&str> = granted.map(|column| column.name.as_str()).collect();
    serde_json::to_string(&names).map(JsonString).map_err(|error| Error::internal(error.to_string()))
}

/// Records schemas under the names that they have now.
///
/// # Errors
/// XX000
pub fn follow_schemas(oids: Vec<pg_sys::Oid>) -> Result<()> {
    for sql in [
        "UPDATE integratedb.granted_privilege g SET schema_name = n.nspname
         FROM integratedb.granted_privilege_cache k JOIN pg_catalog.pg_namespace n ON n.oid = k.object_oid
         WHERE k.class_oid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND k.object_oid = ANY ($1)
           AND k.schema_name <> n.nspname AND g.stakeholder = k.stakeholder AND g.object_kind = 'schema'
           AND g.schema_name = k.schema_name",
        "UPDATE integratedb.granted_privilege_cache k SET schema_name = n.nspname
         FROM pg_catalog.pg_namespace n
         WHERE n.oid = k.object_oid AND k.class_oid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
           AND k.object_oid = ANY ($1) AND k.schema_name <> n.nspname",
    ] {
        spi::execute(sql, &[bind(oids.clone())])?;
    }
    Ok(())
}

/// The stakeholders to whom anything was granted on these relations.
///
/// # Errors
/// XX000
pub fn stakeholders(oids: Vec<pg_sys::Oid>) -> Result<Vec<String>> {
    spi::query(
        "SELECT DISTINCT stakeholder FROM integratedb.granted_privilege_cache
         WHERE class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND object_oid = ANY ($1)",
        &[bind(oids)],
        |row| row.need(1),
    )
}

/// All relations on which anything was granted to a stakeholder.
///
/// # Errors
/// XX000
pub fn relation_oids(stakeholder: &str) -> Result<Vec<pg_sys::Oid>> {
    spi::query(
        "SELECT object_oid FROM integratedb.granted_privilege_cache
         WHERE stakeholder = $1 AND class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass",
        &[bind(stakeholder)],
        |row| row.need(1),
    )
}

/// Writes what is now granted on relations. `first`: nothing has been granted to the stakeholder before.
///
/// # Errors
/// XX000
pub fn set_relations(stakeholder: &str, entries: &[(&Relation, &Select)], first: bool) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    if !first {
        forget_relations(Some(stakeholder), entries.iter().map(|(relation, _)| relation.oid.into()).collect())?;
    }
    let kept: Vec<_> = entries.iter().filter(|(_, select)| !select.is_empty()).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let names: Vec<JsonString> =
        kept.iter().map(|(relation, select)| column_names(relation, select)).collect::<Result<_>>()?;
    let texts: Vec<String> = names.iter().map(|names| names.0.clone()).collect();
    let schemas: Vec<String> = kept.iter().map(|(relation, _)| relation.schema.clone()).collect();
    let relations: Vec<String> = kept.iter().map(|(relation, _)| relation.name.clone()).collect();
    let whole: Vec<bool> = kept.iter().map(|(_, select)| select.whole).collect();
    spi::execute(
        if first { NAMES.0 } else { NAMES.1 },
        &[bind(stakeholder), bind(schemas.clone()), bind(relations.clone()), bind(whole.clone()), bind(names)],
    )?;
    spi::execute(
        if first { NUMBERS.0 } else { NUMBERS.1 },
        &[
            bind(stakeholder),
            bind(kept.iter().map(|(relation, _)| relation.oid.into()).collect::<Vec<pg_sys::Oid>>()),
            bind(schemas),
            bind(relations),
            bind(whole),
            bind(kept.iter().map(|(_, select)| numbers(&select.columns)).collect::<Vec<String>>()),
            bind(texts),
        ],
    )?;
    Ok(())
}

/// Two sessions may grant on the same relation at once, and a row may still stand under a name that a relation has lost:
/// then the last word counts. A first claim, alone behind the fence, needs no such care.
macro_rules! upsert {
    ($insert:literal, $conflict:literal) => {
        ($insert, concat!($insert, $conflict))
    };
}

const NAMES: (&str, &str) = upsert!(
    "INSERT INTO integratedb.granted_privilege
            (stakeholder, object_kind, schema_name, relation_name, whole, column_names)
     SELECT $1, 'relation', unnest($2), unnest($3), unnest($4), unnest($5)",
    " ON CONFLICT (stakeholder, object_kind, schema_name, relation_name) DO UPDATE
      SET whole = excluded.whole, column_names = excluded.column_names"
);
const NUMBERS: (&str, &str) = upsert!(
    "INSERT INTO integratedb.granted_privilege_cache
            (stakeholder, class_oid, object_oid, schema_name, relation_name, whole, attribute_numbers, column_names)
     SELECT $1, 'pg_catalog.pg_class'::pg_catalog.regclass, unnest($2), unnest($3), unnest($4), unnest($5),
            unnest($6)::int2[], unnest($7)",
    " ON CONFLICT (stakeholder, class_oid, object_oid) DO UPDATE
      SET whole = excluded.whole, attribute_numbers = excluded.attribute_numbers,
          schema_name = excluded.schema_name, relation_name = excluded.relation_name,
          column_names = excluded.column_names"
);
/// The literal of an int2 array.
fn numbers(columns: &BTreeSet<i16>) -> String {
    let numbers: Vec<String> = columns.iter().map(i16::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

/// Forgets what was granted on relations that are gone, or that are written anew.
///
/// # Errors
/// XX000
pub fn forget_relations(stakeholder: Option<&str>, oids: Vec<pg_sys::Oid>) -> Result<()> {
    let gone = spi::returning(
        "DELETE FROM integratedb.granted_privilege_cache
         WHERE (stakeholder = $1 OR $1 IS NULL)
           AND class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND object_oid = ANY ($2)
         RETURNING stakeholder, schema_name::text, relation_name::text",
        &[bind(stakeholder), bind(oids)],
        |row| Ok((row.need::<String>(1)?, row.need::<String>(2)?, row.need::<String>(3)?)),
    )?;
    if gone.is_empty() {
        return Ok(());
    }
    // A relation that has taken the name of another one keeps the entry.
    let relations = gone.iter().map(|(_, _, relation)| relation.clone()).collect::<Vec<_>>();
    let taken: HashSet<(String, String, String)> = spi::query(
        "SELECT stakeholder, schema_name::text, relation_name::text FROM integratedb.granted_privilege_cache
         WHERE class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND relation_name = ANY ($1::name[])",
        &[bind(relations)],
        |row| Ok((row.need(1)?, row.need(2)?, row.need(3)?)),
    )?
    .into_iter()
    .collect();
    let gone = gone.into_iter().filter(|entry| !taken.contains(entry));
    let (stakeholders, names): (Vec<String>, Vec<(String, String)>) =
        gone.map(|(stakeholder, schema, relation)| (stakeholder, (schema, relation))).unzip();
    let (schemas, relations): (Vec<String>, Vec<String>) = names.into_iter().unzip();
    spi::execute(
        "DELETE FROM integratedb.granted_privilege g
         USING unnest($1, $2::name[], $3::name[]) AS gone (stakeholder, schema_name, relation_name)
         WHERE g.stakeholder = gone.stakeholder AND g.object_kind = 'relation'
           AND g.schema_name = gone.schema_name AND g.relation_name = gone.relation_name",
        &[bind(stakeholders), bind(schemas), bind(relations)],
    )
}

/// The schemas on which USAGE was granted to a stakeholder, with their OIDs.
///
/// # Errors
/// XX000
pub fn schemas(stakeholder: &str) -> Result<Vec<(pg_sys::Oid, String)>> {
    spi::query(
        "SELECT object_oid, schema_name::text FROM integratedb.granted_privilege_cache
         WHERE stakeholder = $1 AND class_oid = 'pg_catalog.pg_namespace'::pg_catalog.regclass",
        &[bind(stakeholder)],
        |row| Ok((row.need(1)?, row.need(2)?)),
    )
}

/// Records a grant of USAGE.
///
/// # Errors
/// XX000
pub fn add_schema(stakeholder: &str, oid: pg_sys::Oid, schema: &str) -> Result<()> {
    remove_schema(stakeholder, oid)?;
    spi::execute(
        "INSERT INTO integratedb.granted_privilege (stakeholder, object_kind, schema_name, relation_name, whole)
         VALUES ($1, 'schema', $2::name, '', true) ON CONFLICT DO NOTHING",
        &[bind(stakeholder), bind(schema)],
    )?;
    spi::execute(
        "INSERT INTO integratedb.granted_privilege_cache
                (stakeholder, class_oid, object_oid, schema_name, relation_name, whole, attribute_numbers)
         VALUES ($1, 'pg_catalog.pg_namespace'::pg_catalog.regclass, $2, $3::name, '', true, '{}')
         ON CONFLICT DO NOTHING",
        &[bind(stakeholder), bind(oid), bind(schema)],
    )?;
    Ok(())
}

/// Forgets a grant of USAGE.
///
/// # Errors
/// XX000
pub fn remove_schema(stakeholder: &str, oid: pg_sys::Oid) -> Result<()> {
    spi::execute(
        "WITH gone AS (
            DELETE FROM integratedb.granted_privilege_cache
            WHERE stakeholder = $1 AND class_oid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND object_oid = $2
            RETURNING stakeholder, schema_name)
         DELETE FROM integratedb.granted_privilege g USING gone
         WHERE g.stakeholder = gone.stakeholder AND g.object_kind = 'schema' AND g.schema_name = gone.schema_name",
        &[bind(stakeholder), bind(oid)],
    )?;
    Ok(())
}

/// Makes the cache again from the names, after a restore: the ledger is dumped, its OIDs and numbers are not.
///
/// # Errors
/// XX000
pub fn rebuild_cache() -> Result<()> {
    spi::execute("DELETE FROM integratedb.granted_privilege_cache", &[])?;
    spi::execute(
        "INSERT INTO integratedb.granted_privilege_cache
                (stakeholder, class_oid, object_oid, schema_name, relation_name, whole, attribute_numbers, column_names)
         SELECT g.stakeholder, 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, g.schema_name, '', true, '{}', '[]'
         FROM integratedb.granted_privilege g
         JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
         WHERE g.object_kind = 'schema'
         UNION ALL
         SELECT g.stakeholder, 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, g.schema_name, g.relation_name, g.whole,
                ARRAY(SELECT a.attnum FROM pg_catalog.json_array_elements_text(g.column_names) AS x (name)
                      JOIN pg_catalog.pg_attribute a
                        ON a.attrelid = c.oid AND a.attname = x.name::name AND a.attnum > 0 AND NOT a.attisdropped),
                g.column_names::text
         FROM integratedb.granted_privilege g
         JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.relation_name
         WHERE g.object_kind = 'relation'
         ON CONFLICT DO NOTHING",
        &[],
    )?;
    Ok(())
}
