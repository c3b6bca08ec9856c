//! What no wildcard takes. Like grants, protections follow what they are on through renames.

use std::collections::HashMap;

use integratedb_claim::catalog::{Protection, Relation};
use pgrx::pg_sys;

use crate::pg::error::Result;
use crate::pg::relations;
use crate::pg::spi::{self, bind};

/// All protections, by the names that relations and columns have now.
///
/// # Errors
/// XX000
pub fn protections() -> Result<HashMap<(String, String), Protection>> {
    if relations::is_empty(c"protection")? {
        return Ok(HashMap::new());
    }
    let mut found: HashMap<(String, String), Protection> = HashMap::new();
    spi::query(
        "SELECT COALESCE(n.nspname, p.schema_name)::text, COALESCE(c.relname, p.relation_name)::text,
                COALESCE(a.attname, p.column_name)::text
         FROM integratedb.protection p
         LEFT JOIN integratedb.protection_cache k USING (schema_name, relation_name, column_name)
         LEFT JOIN pg_catalog.pg_class c ON c.oid = k.relation_oid
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_catalog.pg_attribute a
                ON a.attrelid = c.oid AND a.attnum = k.attribute_number AND a.attnum > 0 AND NOT a.attisdropped",
        &[],
        |row| {
            let protection = found.entry((row.need(1)?, row.need(2)?)).or_default();
            let column: String = row.need(3)?;
            if column.is_empty() {
                protection.whole = true;
            } else {
                protection.columns.insert(column);
            }
            Ok(())
        },
    )?;
    Ok(found)
}

/// Records protections under the names that relations and columns have now, and anew where there is no OID: pg_dump
/// carries names. Of these relations only, so that nobody waits for a rename of another one; `None` is all.
///
/// # Errors
/// XX000
pub fn follow_protections(only: Option<Vec<pg_sys::Oid>>) -> Result<()> {
    if relations::is_empty(c"protection")? {
        return Ok(());
    }
    for sql in [
        "WITH renamed AS (
            SELECT k.schema_name, k.relation_name, k.column_name, n.nspname, c.relname, COALESCE(a.attname, k.column_name) AS attname
            FROM integratedb.protection_cache k
            JOIN pg_catalog.pg_class c ON c.oid = k.relation_oid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a
                   ON a.attrelid = c.oid AND a.attnum = k.attribute_number AND a.attnum > 0 AND NOT a.attisdropped
            WHERE (n.nspname, c.relname, COALESCE(a.attname, k.column_name)) <> (k.schema_name, k.relation_name, k.column_name)
              AND ($1 IS NULL OR k.relation_oid = ANY ($1))),
         gone AS (
            DELETE FROM integratedb.protection p USING renamed r
            WHERE (p.schema_name, p.relation_name, p.column_name) = (r.schema_name, r.relation_name, r.column_name)
            RETURNING r.nspname, r.relname, r.attname, p.reason, p.protected_at, p.protected_by)
         INSERT INTO integratedb.protection (schema_name, relation_name, column_name, reason, protected_at, protected_by)
         SELECT * FROM gone ON CONFLICT DO NOTHING",
        "DELETE FROM integratedb.protection_cache k
         WHERE ($1 IS NULL OR k.relation_oid = ANY ($1))
           AND (NOT EXISTS (SELECT FROM integratedb.protection p
                            WHERE (p.schema_name, p.relation_name, p.column_name) = (k.schema_name, k.relation_name, k.column_name))
                OR NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = k.relation_oid)
                OR (k.attribute_number > 0
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                                    WHERE a.attrelid = k.relation_oid AND a.attnum = k.attribute_number AND NOT a.attisdropped)))",
        "INSERT INTO integratedb.protection_cache (schema_name, relation_name, column_name, relation_oid, attribute_number)
         SELECT p.schema_name, p.relation_name, p.column_name, c.oid, COALESCE(a.attnum, 0)
         FROM integratedb.protection p
         JOIN pg_catalog.pg_namespace n ON n.nspname = p.schema_name
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = p.relation_name
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = p.column_name AND NOT a.attisdropped
         WHERE (p.column_name = '' OR a.attnum > 0) AND ($1 IS NULL OR c.oid = ANY ($1))
           AND NOT EXISTS (SELECT FROM integratedb.protection_cache k
                           WHERE (k.schema_name, k.relation_name, k.column_name) = (p.schema_name, p.relation_name, p.column_name))
         ON CONFLICT DO NOTHING",
    ] {
        spi::execute(sql, &[bind(only.clone())])?;
    }
    Ok(())
}

/// Protects a relation, or columns of it.
///
/// # Errors
/// XX000
pub fn protect(relation: &Relation, columns: Option<&[String]>, reason: Option<&str>, by: &str) -> Result<()> {
    let whole = [String::new()];
    for column in columns.unwrap_or(&whole) {
        spi::execute(
            "INSERT INTO integratedb.protection (schema_name, relation_name, column_name, reason, protected_by)
             VALUES ($1::name, $2::name, $3::name, $4, $5)
             ON CONFLICT (schema_name, relation_name, column_name) DO UPDATE SET reason = excluded.reason",
            &[
                bind(relation.schema.as_str()),
                bind(relation.name.as_str()),
                bind(column.as_str()),
                bind(reason),
                bind(by),
            ],
        )?;
    }
    follow_protections(Some(vec![relation.oid.into()]))
}

/// Takes a protection back; tells how many there were.
///
/// # Errors
/// XX000
pub fn unprotect(schema: &str, relation: &str, columns: Option<Vec<String>>) -> Result<usize> {
    let gone = spi::returning(
        "DELETE FROM integratedb.protection
         WHERE schema_name = $1::name AND relation_name = $2::name AND ($3::text[] IS NULL OR column_name = ANY ($3::name[]))
         RETURNING 1",
        &[bind(schema), bind(relation), bind(columns)],
        |row| row.need::<i32>(1),
    )?;
    spi::execute(
        "DELETE FROM integratedb.protection_cache k
         WHERE NOT EXISTS (SELECT FROM integratedb.protection p
                           WHERE (p.schema_name, p.relation_name, p.column_name) = (k.schema_name, k.relation_name, k.column_name))",
        &[],
    )?;
    Ok(gone.len())
}

/// One protection: an empty column is the relation.
pub struct ProtectedFor {
    /// Schema.
    pub schema: String,
    /// Relation.
    pub relation: String,
    /// Column.
    pub column: String,
    /// Why.
    pub reason: Option<String>,
}

/// Every protection with its reason, by the names that relations and columns had when they were last followed.
///
/// # Errors
/// XX000
pub fn protection_reasons() -> Result<Vec<ProtectedFor>> {
    spi::query(
        "SELECT schema_name::text, relation_name::text, column_name::text, reason FROM integratedb.protection",
        &[],
        |row| {
            Ok(ProtectedFor { schema: row.need(1)?, relation: row.need(2)?, column: row.need(3)?, reason: row.get(4) })
        },
    )
}
