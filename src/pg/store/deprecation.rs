//! Deprecations: names are dumped; which relation and column they are about stands in the cache, and no other one that takes
//! such a name is deprecated.

use pgrx::datum::Date;
use pgrx::pg_sys;

use crate::pg::error::Result;
use crate::pg::settings;
use crate::pg::spi::{self, Row, bind};

/// A relation, or one of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Schema.
    pub schema: String,
    /// Relation.
    pub relation: String,
    /// `pg_class.oid`.
    pub oid: pg_sys::Oid,
    /// Name and `attnum`; none for the relation itself.
    pub column: Option<(String, i16)>,
}

impl Target {
    fn column_name(&self) -> &str {
        self.column.as_ref().map_or("", |(name, _)| name)
    }

    fn attribute_number(&self) -> i16 {
        self.column.as_ref().map_or(0, |(_, number)| *number)
    }
}

/// What an owner announces.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Why it goes.
    pub reason: Option<String>,
    /// The last day on which claims hold.
    pub drop_after: Option<Date>,
    /// What to claim instead.
    pub replacement: Option<String>,
}

/// A deprecation, as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Schema.
    pub schema: String,
    /// Relation.
    pub relation: String,
    /// Column; none for the relation itself.
    pub column: Option<String>,
    /// The day of the announcement, in UTC.
    pub since: String,
    /// The last day on which claims hold.
    pub drop_after: Option<String>,
    /// That day has passed, in UTC.
    pub is_over: bool,
    /// Why it goes.
    pub reason: Option<String>,
    /// What to claim instead.
    pub replacement: Option<String>,
}

/// Why a drop date is refused: the earliest one, and whether that is one announced before.
pub struct TooEarly {
    /// The earliest day that can be announced.
    pub earliest: String,
    /// It was announced before, and cannot be moved earlier.
    pub is_announced: bool,
}

/// Whether `drop_after` is too early for this: it is never moved earlier, and a new one is [`settings::min_notice`] away.
///
/// # Errors
/// XX000
pub fn too_early(target: &Target, drop_after: Option<Date>) -> Result<Option<TooEarly>> {
    // An interval of so many minutes is cut to a day at its end: claims hold to the end of that day.
    let found = spi::query(
        "SELECT pg_catalog.to_char(COALESCE(o.drop_after, l.earliest), 'YYYY-MM-DD'), o.drop_after IS NOT NULL
         FROM (SELECT (pg_catalog.now() AT TIME ZONE 'UTC' + pg_catalog.make_interval(mins => $5))::date AS earliest) l
         LEFT JOIN integratedb.deprecation o
                ON o.schema_name = $1::name AND o.relation_name = $2::name AND o.column_name = $3::name AND o.ended_at IS NULL
         WHERE $4 < COALESCE(o.drop_after, l.earliest)",
        &[
            bind(target.schema.as_str()),
            bind(target.relation.as_str()),
            bind(target.column_name()),
            bind(drop_after),
            bind(settings::min_notice()),
        ],
        |row| Ok(TooEarly { earliest: row.need(1)?, is_announced: row.need(2)? }),
    )?;
    Ok(found.into_iter().next())
}

/// Announces; what has been announced already keeps the day of its announcement.
///
/// # Errors
/// XX000
pub fn announce_deprecation(target: &Target, announcement: &Announcement, by: &str) -> Result<()> {
    let ids: Vec<i64> = spi::returning(
        "INSERT INTO integratedb.deprecation AS d
                (schema_name, relation_name, column_name, reason, drop_after, replacement, announced_by)
         VALUES ($1::name, $2::name, $3::name, $4, $5, $6, $7)
         ON CONFLICT (schema_name, relation_name, column_name) WHERE ended_at IS NULL DO UPDATE
         SET reason = excluded.reason, drop_after = excluded.drop_after, replacement = excluded.replacement
         RETURNING d.deprecation_id",
        &[
            bind(target.schema.as_str()),
            bind(target.relation.as_str()),
            bind(target.column_name()),
            bind(announcement.reason.as_deref()),
            bind(announcement.drop_after),
            bind(announcement.replacement.as_deref()),
            bind(by),
        ],
        |row| row.need(1),
    )?;
    for id in ids {
        spi::execute(
            "INSERT INTO integratedb.deprecation_cache (deprecation_id, relation_oid, attribute_number) VALUES ($1, $2, $3)
             ON CONFLICT (deprecation_id) DO UPDATE
             SET relation_oid = excluded.relation_oid, attribute_number = excluded.attribute_number, ended_xid = NULL",
            &[bind(id), bind(target.oid), bind(target.attribute_number())],
        )?;
    }
    Ok(())
}

/// Takes an announcement back; tells whether there was one.
///
/// # Errors
/// XX000
pub fn withdraw_deprecation(target: &Target) -> Result<bool> {
    let ended: Vec<i64> = spi::returning(
        "UPDATE integratedb.deprecation SET ended_at = pg_catalog.now()
         WHERE schema_name = $1::name AND relation_name = $2::name AND column_name = $3::name AND ended_at IS NULL
         RETURNING deprecation_id",
        &[bind(target.schema.as_str()), bind(target.relation.as_str()), bind(target.column_name())],
        |row| row.need(1),
    )?;
    spi::execute("DELETE FROM integratedb.deprecation_cache WHERE deprecation_id = ANY ($1)", &[bind(ended.clone())])?;
    Ok(!ended.is_empty())
}

/// The stakeholders that claim it, whether they need it or not.
///
/// # Errors
/// XX000
pub fn stakeholders_claiming(target: &Target) -> Result<Vec<String>> {
    spi::query(
        "SELECT DISTINCT c.stakeholder
         FROM integratedb.claimed_relation r JOIN integratedb.claim c USING (claim_id)
         WHERE r.kind = 'relation' AND r.schema_name = $1::name AND r.relation_name = $2::name
           AND ($3 = '' OR EXISTS (SELECT FROM pg_catalog.json_array_elements(r.fields) AS f (field),
                                               pg_catalog.json_array_elements(f.field -> 'columns') AS a (column_alternative)
                                   WHERE column_alternative ->> 'name' = $3))
         ORDER BY 1",
        &[bind(target.schema.as_str()), bind(target.relation.as_str()), bind(target.column_name())],
        |row| row.need(1),
    )
}

/// Ends the deprecations among these relations whose name now stands for something else, or for nothing. To the end of this
/// transaction they count all the same: it is what has been announced. One that gets its name back meanwhile goes on.
///
/// # Errors
/// XX000
pub fn follow_deprecations(oids: &[pg_sys::Oid], schemas: &[String], relations: &[String]) -> Result<()> {
    end_gone(Some(oids), schemas, relations)?;
    spi::execute(
        "UPDATE integratedb.deprecation d SET ended_at = NULL
         FROM integratedb.deprecation_cache k
         WHERE k.deprecation_id = d.deprecation_id AND d.ended_at IS NOT NULL
           AND k.ended_xid = pg_catalog.pg_current_xact_id_if_assigned()
           AND EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                       LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attribute_number
                       WHERE c.oid = k.relation_oid AND n.nspname = d.schema_name AND c.relname = d.relation_name
                         AND (k.attribute_number = 0 OR a.attname = d.column_name AND NOT a.attisdropped))
           AND NOT EXISTS (SELECT FROM integratedb.deprecation o
                           WHERE o.schema_name = d.schema_name AND o.relation_name = d.relation_name
                             AND o.column_name = d.column_name AND o.ended_at IS NULL)",
        &[],
    )
}

fn end_gone(oids: Option<&[pg_sys::Oid]>, schemas: &[String], relations: &[String]) -> Result<()> {
    spi::execute(
        "WITH ended AS (
            UPDATE integratedb.deprecation d SET ended_at = pg_catalog.now()
            FROM integratedb.deprecation_cache k
            WHERE k.deprecation_id = d.deprecation_id AND d.ended_at IS NULL
              AND ($1 IS NULL OR k.relation_oid = ANY ($1)
                   OR EXISTS (SELECT FROM unnest($2::name[], $3::name[]) AS w (schema_name, relation_name)
                              WHERE w.schema_name = d.schema_name AND w.relation_name = d.relation_name))
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                              LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attribute_number
                              WHERE c.oid = k.relation_oid AND n.nspname = d.schema_name AND c.relname = d.relation_name
                                AND (k.attribute_number = 0 OR a.attname = d.column_name AND NOT a.attisdropped))
            RETURNING d.deprecation_id)
         UPDATE integratedb.deprecation_cache k SET ended_xid = pg_catalog.pg_current_xact_id()
         FROM ended WHERE ended.deprecation_id = k.deprecation_id",
        &[bind(oids.map(<[pg_sys::Oid]>::to_vec)), bind(schemas.to_vec()), bind(relations.to_vec())],
    )
}

/// What is deprecated of these relations, or was when this transaction began.
///
/// # Errors
/// XX000
pub fn deprecation_notices(schemas: &[String], relations: &[String]) -> Result<Vec<Notice>> {
    spi::query(
        "SELECT d.schema_name::text, d.relation_name::text, d.column_name::text,
                pg_catalog.to_char(d.announced_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
                pg_catalog.to_char(d.drop_after, 'YYYY-MM-DD'),
                d.drop_after < (pg_catalog.now() AT TIME ZONE 'UTC')::date IS TRUE, d.reason, d.replacement
         FROM integratedb.deprecation d
         JOIN integratedb.deprecation_cache k USING (deprecation_id)
         WHERE EXISTS (SELECT FROM unnest($1::name[], $2::name[]) AS w (schema_name, relation_name)
                       WHERE w.schema_name = d.schema_name AND w.relation_name = d.relation_name)
           AND (d.ended_at IS NULL OR k.ended_xid = pg_catalog.pg_current_xact_id_if_assigned())
         ORDER BY 1, 2, 3",
        &[bind(schemas.to_vec()), bind(relations.to_vec())],
        read_notice,
    )
}

fn read_notice(row: &Row) -> Result<Notice> {
    let column: String = row.need(3)?;
    Ok(Notice {
        schema: row.need(1)?,
        relation: row.need(2)?,
        column: (!column.is_empty()).then_some(column),
        since: row.need(4)?,
        drop_after: row.get(5),
        is_over: row.need(6)?,
        reason: row.get(7),
        replacement: row.get(8),
    })
}

/// When the caches are not to be trusted. `by_name`: the OIDs are not of this database, and are looked up anew; without, the
/// names may be others'.
///
/// # Errors
/// XX000
pub fn rebuild_deprecation_cache(by_name: bool) -> Result<()> {
    if !by_name {
        return end_gone(None, &[], &[]);
    }
    for sql in [
        "DELETE FROM integratedb.deprecation_cache",
        "INSERT INTO integratedb.deprecation_cache (deprecation_id, relation_oid, attribute_number)
         SELECT d.deprecation_id, c.oid, COALESCE(a.attnum, 0)
         FROM integratedb.deprecation d
         JOIN pg_catalog.pg_namespace n ON n.nspname = d.schema_name
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = d.relation_name
         LEFT JOIN pg_catalog.pg_attribute a
                ON a.attrelid = c.oid AND a.attname = d.column_name AND a.attnum > 0 AND NOT a.attisdropped
         WHERE d.ended_at IS NULL AND (d.column_name = '' OR a.attnum IS NOT NULL)",
        "UPDATE integratedb.deprecation d SET ended_at = pg_catalog.now()
         WHERE d.ended_at IS NULL
           AND NOT EXISTS (SELECT FROM integratedb.deprecation_cache k WHERE k.deprecation_id = d.deprecation_id)",
    ] {
        spi::execute(sql, &[])?;
    }
    Ok(())
}

/// The claims one of whose alternatives is on a relation of this name, by number.
///
/// # Errors
/// XX000
pub fn claim_ids_naming(schema: &str, relation: &str) -> Result<Vec<i64>> {
    spi::query(
        "SELECT DISTINCT claim_id FROM integratedb.claimed_relation
         WHERE kind = 'relation' AND schema_name = $1::name AND relation_name = $2::name ORDER BY 1",
        &[bind(schema), bind(relation)],
        |row| row.need(1),
    )
}
