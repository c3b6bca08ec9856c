//! What a change of one object implies for relations: children, columns of a type, members.

use pgrx::pg_sys;

use super::error::Result;
use super::scan::{Scan, key};
use super::security::AsOwner;
use super::session;
use super::spi::{self, Argument, bind};

/// pg_depend, its index on what is depended on, and attribute numbers of it (pg_depend.h of PostgreSQL).
const PG_DEPEND: u32 = 2608;
const PG_DEPEND_REFERENCE_INDEX: u32 = 2674;
const CLASSID: i32 = 1;
const OBJID: i32 = 2;
const REFCLASSID: i16 = 4;
const DEPTYPE: i32 = 7;

/// A query for OIDs, as the extension's owner: the caller may not read all catalogs, and has a search path of its own.
fn oids(sql: &'static str, argument: Argument) -> Result<Vec<pg_sys::Oid>> {
    let _owner = AsOwner::begin()?;
    spi::query(sql, &[argument], |row| row.need(1))
}

/// Relations and sequences of a schema that can be claimed.
pub fn relations_of_schema(namespace: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')",
        bind(namespace),
    )
}

/// Types of a schema.
pub fn types_of_schema(namespace: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids("SELECT oid FROM pg_catalog.pg_type WHERE typnamespace = $1 AND typtype <> 'p'", bind(namespace))
}

/// Sequences that columns of a relation own: they move to another schema with it.
pub fn owned_sequences(relation: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "SELECT d.objid FROM pg_catalog.pg_depend d
         JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
         WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refobjid = $1 AND d.deptype IN ('a', 'i')",
        bind(relation),
    )
}

/// Functions of a schema.
pub fn functions_of_schema(namespace: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids("SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = $1", bind(namespace))
}

/// Relations with a column of a collation.
pub fn relations_using_collation(collation: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "SELECT DISTINCT objid FROM pg_catalog.pg_depend
         WHERE refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND refobjid = $1
           AND classid = 'pg_catalog.pg_class'::pg_catalog.regclass",
        bind(collation),
    )
}

/// Inheritance children and partitions, of relations as of indexes, one level.
pub fn descendants(oid: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids("SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = $1", bind(oid))
}

/// Tables of a composite type.
pub fn typed_tables(row_type: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    // Only a composite type made by CREATE TYPE has typed tables; its relation is altered under its own kind.
    // SAFETY: a syscache look-up.
    let relation = unsafe { pg_sys::get_typ_typrelid(row_type) };
    // SAFETY: a syscache look-up.
    if unsafe { pg_sys::get_rel_relkind(relation) } as u8 != pg_sys::RELKIND_COMPOSITE_TYPE {
        return Ok(Vec::new());
    }
    relations_using_types(vec![row_type])
}

/// Relations with a column of one of the types, or of a domain, array, range or composite over it; and their typed tables.
pub fn relations_using_types(types: Vec<pg_sys::Oid>) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "WITH RECURSIVE type(oid) AS (
            SELECT unnest($1)
            UNION
            SELECT CASE d.classid
                     WHEN 'pg_catalog.pg_type'::pg_catalog.regclass THEN d.objid
                     ELSE (SELECT c.reltype FROM pg_catalog.pg_class c WHERE c.oid = d.objid AND c.relkind = 'c')
                   END
            FROM type t
            JOIN pg_catalog.pg_depend d
              ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = t.oid
             AND d.classid IN ('pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_class'::pg_catalog.regclass)
            WHERE t.oid IS NOT NULL)
         SELECT DISTINCT c.oid
         FROM type t
         JOIN pg_catalog.pg_depend d
           ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = t.oid
          AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
         JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        bind(types),
    )
}

/// Relations that are members of an extension.
pub fn extension_relations(extension: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "SELECT objid FROM pg_catalog.pg_depend
         WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND refobjid = $1
           AND classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND deptype = 'e'",
        bind(extension),
    )
}

/// Types that are members of an extension.
pub fn extension_types(extension: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "SELECT objid FROM pg_catalog.pg_depend
         WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND refobjid = $1
           AND classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND deptype = 'e'",
        bind(extension),
    )
}

/// Lasting relations that depend on an object of this session's temporary schema, through whatever is between.
pub fn resting_on_temporary() -> Result<Vec<pg_sys::Oid>> {
    oids(
        "WITH RECURSIVE dependent (classid, objid) AS (
            SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
            WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1
            UNION
            SELECT n.classid, n.objid
            FROM dependent t
            CROSS JOIN LATERAL (
                SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
                WHERE d.refclassid = t.classid AND d.refobjid = t.objid
                UNION ALL
                SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::oid, r.ev_class FROM pg_catalog.pg_rewrite r
                WHERE t.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = t.objid
                UNION ALL
                SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::oid, f.adrelid
                FROM pg_catalog.pg_attrdef f
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attgenerated <> ''
                WHERE t.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = t.objid) n)
         SELECT DISTINCT c.oid FROM dependent t
         JOIN pg_catalog.pg_class c ON c.oid = t.objid AND c.relpersistence <> 't' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         WHERE t.classid = 'pg_catalog.pg_class'::pg_catalog.regclass",
        bind(session::temporary_schema()),
    )
}

/// All relations that are members of some extension. Without SQL: every claim by a wildcard asks.
pub fn extension_members() -> Vec<pg_sys::Oid> {
    let mut members = Vec::new();
    let scan = Scan::catalog(PG_DEPEND.into(), PG_DEPEND_REFERENCE_INDEX.into());
    scan.find(&mut [key(REFCLASSID, pg_sys::F_OIDEQ, pg_sys::ExtensionRelationId.into())], |tuple| {
        let value = |attribute| tuple.get(attribute).map_or(0, |datum| datum.value() as u32);
        let is_relation = value(CLASSID) == pg_sys::RelationRelationId.to_u32();
        if is_relation && value(DEPTYPE) as u8 == pg_sys::DependencyType::DEPENDENCY_EXTENSION as u8 {
            members.push(value(OBJID).into());
        }
        true
    });
    scan.close();
    members
}

/// The relation of a rule.
pub fn rule_relation(rule: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids("SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = $1", bind(rule))
}

/// The relation of a trigger.
pub fn trigger_relation(trigger: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids("SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = $1", bind(trigger))
}

/// Foreign tables of a foreign server, or of all servers of a foreign data wrapper.
pub fn foreign_tables(of: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    oids(
        "SELECT t.ftrelid FROM pg_catalog.pg_foreign_table t JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver
         WHERE s.oid = $1 OR s.srvfdw = $1",
        bind(of),
    )
}

/// Whether a role may drop all of these relations: as their owner or the owner of their schemas.
pub fn may_drop(role: pg_sys::Oid, relations: Vec<pg_sys::Oid>) -> Result<bool> {
    let others = spi::query(
        "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = ANY ($2)
           AND NOT pg_catalog.pg_has_role($1, c.relowner, 'USAGE') AND NOT pg_catalog.pg_has_role($1, n.nspowner, 'USAGE')",
        &[bind(role), bind(relations)],
        |_| Ok(()),
    )?;
    Ok(others.is_empty())
}
