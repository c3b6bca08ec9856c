//! What a DDL command touched.

use std::collections::BTreeSet;
use std::ffi::CStr;

use integratedb_claim::path::display_relation;
use pgrx::pg_sys;

use super::catalog::{self, RelationName};
use super::error::Result;
use super::spi::{self, Row, bind};

/// OID of pg_rewrite (catalog/pg_rewrite.h), which pgrx does not bind.
const REWRITE_RELATION: pg_sys::Oid = pg_sys::Oid::from_u32(2618);

/// Relations by OID and by name, and privileges that were given or taken.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// Relations and schemas, by OID; those that are gone too.
    pub oids: BTreeSet<u32>,
    /// Schema and relation; an empty relation is the schema itself.
    pub names: BTreeSet<(String, String)>,
    /// GRANT and REVOKE.
    pub privileges: Vec<PrivilegeChange>,
    /// Command tag and object of the statement.
    pub statement: Option<String>,
}

/// A GRANT or REVOKE on relations or schemas.
#[derive(Debug, Clone)]
pub struct PrivilegeChange {
    /// Relations or schemas.
    pub objects: Vec<pg_sys::Oid>,
    /// Roles; 0 is PUBLIC.
    pub grantees: Vec<pg_sys::Oid>,
}

impl Touched {
    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        self.oids.is_empty() && self.names.is_empty() && self.privileges.is_empty()
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Touched) {
        self.oids.extend(other.oids);
        self.names.extend(other.names);
        self.privileges.extend(other.privileges);
        self.statement = self.statement.take().or(other.statement);
    }

    fn name(&mut self, name: RelationName) {
        self.names.insert((name.schema, name.name));
    }

    /// Adds a relation and its inheritance children, to which a change of it descends.
    fn relation(&mut self, oid: pg_sys::Oid) -> Result<()> {
        let Some(found) = catalog::relation_name(oid) else {
            self.oids.insert(oid.to_u32());
            return Ok(());
        };
        if found.temporary || !self.oids.insert(oid.to_u32()) {
            return Ok(());
        }
        let has_children = found.has_children;
        self.name(found);
        if has_children {
            for child in descendants(oid)? {
                self.relation(child)?;
            }
        }
        Ok(())
    }

    fn relations(&mut self, oids: Vec<pg_sys::Oid>) -> Result<()> {
        oids.into_iter().try_for_each(|oid| self.relation(oid))
    }

    fn schema(&mut self, oid: pg_sys::Oid) -> Result<()> {
        self.oids.insert(oid.to_u32());
        if let Some(name) = catalog::namespace_name(oid) {
            self.names.insert((name, String::new()));
        }
        self.relations(catalog::relations_of_schema(oid)?)
    }

    fn object(
        &mut self,
        class: pg_sys::Oid,
        oid: pg_sys::Oid,
        command: Option<&pg_sys::CollectedCommand>,
    ) -> Result<()> {
        match class {
            pg_sys::RelationRelationId => {
                self.relation(oid)?;
                self.subcommands(command)?;
                if let Some(found) = catalog::relation_name(oid).filter(|found| found.row_type != pg_sys::InvalidOid) {
                    self.relations(typed_tables(found.row_type)?)?;
                }
            }
            pg_sys::TypeRelationId => self.relations(relations_using_type(oid)?)?,
            pg_sys::NamespaceRelationId => self.schema(oid)?,
            pg_sys::ExtensionRelationId => {
                self.relations(extension_relations(oid)?)?;
                self.secondary(command)?;
            }
            REWRITE_RELATION => self.relations(rule_relation(oid)?)?,
            _ => {}
        }
        Ok(())
    }

    /// ATTACH, DETACH and INHERIT name the other relation in a subcommand.
    fn subcommands(&mut self, command: Option<&pg_sys::CollectedCommand>) -> Result<()> {
        let Some(command) = command.filter(|command| command.type_ == pg_sys::CollectedCommandType::SCT_AlterTable)
        else {
            return Ok(());
        };
        // SAFETY: the tag says which member of the union is in use; the list holds CollectedATSubcmd.
        let addresses: Vec<pg_sys::ObjectAddress> = unsafe {
            cells(command.d.alterTable.subcmds)
                .map(|cell| (*cell.ptr_value.cast::<pg_sys::CollectedATSubcmd>()).address)
                .collect()
        };
        for address in addresses {
            if address.classId == pg_sys::RelationRelationId {
                self.relation(address.objectId)?;
            }
        }
        Ok(())
    }

    /// ALTER EXTENSION ... ADD and DROP name the member as the second object.
    fn secondary(&mut self, command: Option<&pg_sys::CollectedCommand>) -> Result<()> {
        let Some(command) = command.filter(|command| command.type_ == pg_sys::CollectedCommandType::SCT_Simple) else {
            return Ok(());
        };
        // SAFETY: the tag says which member of the union is in use.
        let address = unsafe { command.d.simple.secondaryObject };
        if address.classId == pg_sys::RelationRelationId { self.relation(address.objectId) } else { Ok(()) }
    }

    fn grant(&mut self, command: &pg_sys::CollectedCommand) -> Result<()> {
        if command.type_ != pg_sys::CollectedCommandType::SCT_Grant {
            return Ok(());
        }
        // SAFETY: the tag says which member of the union is in use; both lists hold OIDs.
        let (kind, objects, grantees) = unsafe {
            let statement = &*command.d.grant.istmt;
            let oids = |list| cells(list).map(|cell| cell.oid_value).collect::<Vec<pg_sys::Oid>>();
            (statement.objtype, oids(statement.objects), oids(statement.grantees))
        };
        if kind == pg_sys::ObjectType::OBJECT_TABLE || kind == pg_sys::ObjectType::OBJECT_SCHEMA {
            self.privileges.push(PrivilegeChange { objects, grantees });
        }
        Ok(())
    }
}

/// What the command that just ended did, from inside ddl_command_end.
///
/// # Errors
/// XX000
pub fn commands(tag: &str) -> Result<Touched> {
    let mut touched = Touched::default();
    let found = spi::query(
        "SELECT classid, objid, command, object_identity FROM pg_catalog.pg_event_trigger_ddl_commands()",
        &[],
        |row: &Row| {
            let command = row.datum(3).map(|datum| datum.cast_mut_ptr::<pg_sys::CollectedCommand>());
            Ok((row.get::<pg_sys::Oid>(1), row.get::<pg_sys::Oid>(2), command, row.get::<String>(4)))
        },
    )?;
    for (class, oid, command, identity) in found {
        // SAFETY: the server keeps collected commands until the event trigger's command ends.
        let command = command.and_then(|command| unsafe { command.as_ref() });
        match (class, oid) {
            (Some(class), Some(oid)) => touched.object(class, oid, command)?,
            _ => {
                if let Some(command) = command {
                    touched.grant(command)?;
                }
            }
        }
        if touched.statement.is_none() && !touched.is_empty() {
            let object = class.zip(oid).and_then(|(class, oid)| relation_path(class, oid)).or(identity);
            touched.statement = Some(statement(tag, object));
        }
    }
    Ok(touched)
}

/// What the command that just ended dropped, from inside sql_drop.
///
/// # Errors
/// XX000
pub fn dropped(tag: &str) -> Result<Touched> {
    let mut touched = Touched::default();
    spi::query(
        "SELECT classid, objid, objsubid, schema_name, object_name, object_identity, original \
         FROM pg_catalog.pg_event_trigger_dropped_objects() WHERE NOT is_temporary",
        &[],
        |row: &Row| {
            let (class, oid, column): (pg_sys::Oid, pg_sys::Oid, i32) = (row.need(1)?, row.need(2)?, row.need(3)?);
            let identity: Option<String> = row.get(6);
            match class {
                pg_sys::RelationRelationId => {
                    touched.oids.insert(oid.to_u32());
                    if let (0, Some(schema), Some(name)) = (column, row.get::<String>(4), row.get::<String>(5)) {
                        touched.names.insert((schema, name));
                    }
                }
                pg_sys::NamespaceRelationId => {
                    touched.oids.insert(oid.to_u32());
                    if let Some(name) = row.get::<String>(5) {
                        touched.names.insert((name, String::new()));
                    }
                }
                _ => {}
            }
            if touched.statement.is_none() && row.get::<bool>(7) == Some(true) {
                // A dropped column is said by its table, as for every other ALTER TABLE.
                touched.statement = Some(statement(tag, relation_path(class, oid).or(identity)));
            }
            Ok(())
        },
    )?;
    Ok(touched)
}

fn statement(tag: &str, object: Option<String>) -> String {
    match object {
        Some(object) => format!("{tag} {object}"),
        None => tag.to_owned(),
    }
}

/// The path of an object that is a relation and is there.
fn relation_path(class: pg_sys::Oid, oid: pg_sys::Oid) -> Option<String> {
    let name = catalog::relation_name(oid).filter(|_| class == pg_sys::RelationRelationId)?;
    Some(display_relation(&name.schema, &name.name))
}

fn descendants(oid: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    spi::query("SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = $1", &[bind(oid)], |row| row.need(1))
}

fn typed_tables(row_type: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    // Only a composite type made by CREATE TYPE has typed tables; its relation is altered under its own kind.
    // SAFETY: a syscache look-up.
    let relation = unsafe { pg_sys::get_typ_typrelid(row_type) };
    // SAFETY: a syscache look-up.
    if unsafe { pg_sys::get_rel_relkind(relation) } as u8 != pg_sys::RELKIND_COMPOSITE_TYPE {
        return Ok(Vec::new());
    }
    relations_using_type(row_type)
}

/// Relations with a column of the type, or of a domain, array, range or composite over it; and its typed tables.
fn relations_using_type(oid: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    spi::query(
        "WITH RECURSIVE type(oid) AS (
            SELECT $1
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
        &[bind(oid)],
        |row| row.need(1),
    )
}

fn extension_relations(extension: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    spi::query(
        "SELECT objid FROM pg_catalog.pg_depend
         WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND refobjid = $1
           AND classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND deptype = 'e'",
        &[bind(extension)],
        |row| row.need(1),
    )
}

fn rule_relation(rule: pg_sys::Oid) -> Result<Vec<pg_sys::Oid>> {
    spi::query("SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = $1", &[bind(rule)], |row| row.need(1))
}

/// # Safety
/// `list` is NULL or a valid List; the cells are read before it is freed.
unsafe fn cells(list: *mut pg_sys::List) -> impl Iterator<Item = pg_sys::ListCell> {
    // SAFETY: as promised by the caller.
    let length = if list.is_null() { 0 } else { unsafe { (*list).length } };
    (0..length as usize).map(move |index| {
        // SAFETY: as promised by the caller, and index is below the length.
        unsafe { *(*list).elements.add(index) }
    })
}

/// Command tags that neither change the shape of a relation nor who may read it.
const HARMLESS: &[&str] = &[
    "ALTER AGGREGATE",
    "ALTER COLLATION",
    "ALTER CONVERSION",
    "ALTER DEFAULT PRIVILEGES",
    "ALTER FUNCTION",
    "ALTER LARGE OBJECT",
    "ALTER OPERATOR",
    "ALTER OPERATOR CLASS",
    "ALTER OPERATOR FAMILY",
    "ALTER POLICY",
    "ALTER PROCEDURE",
    "ALTER PUBLICATION",
    "ALTER ROUTINE",
    "ALTER STATISTICS",
    "ALTER SUBSCRIPTION",
    "ALTER TRIGGER",
    "COMMENT",
    "CREATE AGGREGATE",
    "CREATE CAST",
    "CREATE COLLATION",
    "CREATE CONVERSION",
    "CREATE DOMAIN",
    "CREATE FUNCTION",
    "CREATE INDEX",
    "CREATE OPERATOR",
    "CREATE OPERATOR CLASS",
    "CREATE OPERATOR FAMILY",
    "CREATE POLICY",
    "CREATE PROCEDURE",
    "CREATE PUBLICATION",
    "CREATE SEQUENCE",
    "CREATE STATISTICS",
    "CREATE SUBSCRIPTION",
    "CREATE TEXT SEARCH CONFIGURATION",
    "CREATE TEXT SEARCH DICTIONARY",
    "CREATE TEXT SEARCH PARSER",
    "CREATE TEXT SEARCH TEMPLATE",
    "CREATE TRIGGER",
    "CREATE TYPE",
    "REFRESH MATERIALIZED VIEW",
    "REINDEX",
    "SECURITY LABEL",
];

/// Whether the tag needs no look at all.
pub fn is_harmless(tag: &str) -> bool {
    HARMLESS.binary_search(&tag).is_ok()
}

/// The name of a command tag.
pub fn tag_name(tag: pg_sys::CommandTag::Type) -> &'static str {
    // SAFETY: a constant of the server.
    unsafe { CStr::from_ptr(pg_sys::GetCommandTagName(tag)) }.to_str().unwrap_or("DDL")
}
