//! What a DDL command touched.

use std::collections::BTreeSet;

use integratedb_claim::path::{display_function, display_relation};
use pgrx::pg_sys;

use super::catalog::{self, RelationName};
use super::closure;
use super::collected::{self, Collected};
use super::error::Result;
use super::spi::{self, Row};
use super::statement;

/// OID of pg_rewrite (catalog/pg_rewrite.h), which pgrx does not bind.
const REWRITE_RELATION: pg_sys::Oid = pg_sys::Oid::from_u32(2618);
/// OID of pg_constraint (catalog/pg_constraint.h), likewise.
const CONSTRAINT_RELATION: pg_sys::Oid = pg_sys::Oid::from_u32(2606);
/// OID of pg_attrdef (catalog/pg_attrdef.h), likewise.
const DEFAULT_RELATION: pg_sys::Oid = pg_sys::Oid::from_u32(2604);
/// Commands that drop no index without naming its table, its column or its constraint among what they drop or alter.
const NAMES_TABLES: [&str; 4] = ["ALTER TABLE", "DROP TABLE", "ALTER MATERIALIZED VIEW", "DROP MATERIALIZED VIEW"];

/// Relations by OID and by name, and privileges that were given or taken.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// Relations and schemas, by OID; those that are gone too.
    pub oids: BTreeSet<u32>,
    /// Schema and relation; an empty relation is the schema itself.
    pub names: BTreeSet<(String, String)>,
    /// Those of the relations that were reached through the type of a column: the command holds no lock on them.
    pub through_types: BTreeSet<u32>,
    /// Those of the relations that depend on something temporary.
    pub resting_on_temporary: BTreeSet<u32>,
    /// Indexes that are gone, and those of them whose relations are among the touched: of the others nobody can say any
    /// more on which relation they were.
    pub lost_indexes: BTreeSet<u32>,
    /// See `lost_indexes`.
    pub placed_indexes: BTreeSet<u32>,
    /// REVOKE: a GRANT takes nothing.
    pub privileges: Vec<PrivilegeChange>,
    /// Claims to look at whatever else: those that a statement has broken.
    pub claims: BTreeSet<i64>,
    /// The statements that did it.
    pub statements: Vec<Statement>,
}

/// A statement, as a violation names it: never its text, which may hold secrets of other statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    tag: &'static str,
    objects: Vec<String>,
}

/// A REVOKE on relations or schemas.
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
        self.oids.is_empty() && self.names.is_empty() && self.privileges.is_empty() && self.lost_indexes.is_empty()
    }

    /// Whether a schema itself is among them.
    pub fn has_schema(&self) -> bool {
        self.names.iter().any(|(_, relation)| relation.is_empty())
    }

    /// Whether an index is gone and its relation is not known.
    pub fn has_lost_index(&self) -> bool {
        !self.lost_indexes.is_subset(&self.placed_indexes)
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Touched) {
        self.oids.extend(other.oids);
        self.names.extend(other.names);
        self.privileges.extend(other.privileges);
        self.lost_indexes.extend(other.lost_indexes);
        self.placed_indexes.extend(other.placed_indexes);
        self.through_types.extend(other.through_types);
        self.resting_on_temporary.extend(other.resting_on_temporary);
        self.claims.extend(other.claims);
        self.statements.extend(other.statements);
    }

    /// Command tag and object of the statement that a violation on `path` is due to: one that names it, else the first.
    pub fn blamed_for(&self, path: &str) -> String {
        let names = |statement: &&Statement| statement.objects.iter().any(|object| object == path);
        match self.statements.iter().find(names) {
            Some(statement) => format!("{} {path}", statement.tag),
            None => match self.statements.first() {
                Some(Statement { tag, objects }) => match objects.first() {
                    Some(object) => format!("{tag} {object}"),
                    None => (*tag).to_owned(),
                },
                None => "DDL".to_owned(),
            },
        }
    }

    /// The statements, each with its command tag and what it was about.
    pub fn statements(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        self.statements.iter().map(|statement| (statement.tag, statement.objects.as_slice()))
    }

    fn extent(&self) -> (usize, usize, usize) {
        (self.oids.len(), self.names.len(), self.privileges.len())
    }

    /// Blames a command for what it does to these relations.
    pub fn blame_objects(&mut self, tag: &'static str, oids: &BTreeSet<u32>) {
        for oid in oids {
            self.blame(tag, relation_path(pg_sys::RelationRelationId, (*oid).into()));
        }
    }

    fn blame(&mut self, tag: &'static str, object: Option<String>) {
        if self.statements.is_empty() {
            self.statements.push(Statement { tag, objects: Vec::new() });
        }
        self.statements[0].objects.extend(object);
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
        if found.is_index {
            let table = catalog::table_of_index(oid);
            return table.map_or(Ok(()), |table| self.relation(table));
        }
        let has_children = found.has_children;
        self.name(found);
        if has_children {
            for child in closure::descendants(oid)? {
                self.relation(child)?;
            }
        }
        Ok(())
    }

    /// Adds relations and schemas by OID, a schema with what is in it.
    ///
    /// # Errors
    /// XX000
    pub fn add_objects(&mut self, oids: &[pg_sys::Oid]) -> Result<()> {
        for oid in oids {
            match catalog::namespace_name(*oid) {
                Some(_) => self.schema(*oid)?,
                None => self.relation(*oid)?,
            }
        }
        Ok(())
    }

    /// Adds the lasting relations that depend on something temporary: at the end of the session they are dropped with it,
    /// and no event trigger fires.
    ///
    /// # Errors
    /// XX000
    pub fn add_resting_on_temporary(&mut self) -> Result<()> {
        let resting = closure::resting_on_temporary()?;
        self.resting_on_temporary.extend(resting.iter().map(|oid| oid.to_u32()));
        self.relations(resting)
    }

    /// Adds the relations of indexes that are about to be dropped, those of their partitions too.
    ///
    /// # Errors
    /// XX000
    pub fn add_indexes(&mut self, indexes: Vec<pg_sys::Oid>) -> Result<()> {
        for index in indexes {
            self.placed_indexes.insert(index.to_u32());
            if let Some(table) = catalog::table_of_index(index) {
                self.relation(table)?;
            }
            self.add_indexes(closure::descendants(index)?)?;
        }
        Ok(())
    }

    fn relations_of_types(&mut self, types: Vec<pg_sys::Oid>) -> Result<()> {
        self.oids.extend(types.iter().map(|oid| oid.to_u32()));
        let relations = closure::relations_using_types(types)?;
        self.through_types.extend(relations.iter().map(|oid| oid.to_u32()));
        self.relations(relations)
    }

    fn relations(&mut self, oids: Vec<pg_sys::Oid>) -> Result<()> {
        oids.into_iter().try_for_each(|oid| self.relation(oid))
    }

    fn schema(&mut self, oid: pg_sys::Oid) -> Result<()> {
        self.oids.insert(oid.to_u32());
        if let Some(name) = catalog::namespace_name(oid) {
            self.names.insert((name, String::new()));
        }
        self.relations(closure::relations_of_schema(oid)?)?;
        self.oids.extend(closure::functions_of_schema(oid)?.iter().map(|oid| oid.to_u32()));
        // A type's schema is part of its name, wherever its columns are.
        self.relations_of_types(closure::types_of_schema(oid)?)
    }

    fn object(
        &mut self,
        class: pg_sys::Oid,
        oid: pg_sys::Oid,
        command: Option<&pg_sys::CollectedCommand>,
        renames: bool,
    ) -> Result<()> {
        match class {
            pg_sys::RelationRelationId => {
                self.relation(oid)?;
                if renames {
                    self.relations(closure::owned_sequences(oid)?)?;
                }
                self.subcommands(command)?;
                if let Some(found) = catalog::relation_name(oid).filter(|found| found.row_type != pg_sys::InvalidOid) {
                    let dependents = match renames {
                        // A row type is named as its relation, wherever its columns are.
                        true => closure::relations_using_types(vec![found.row_type])?,
                        false => closure::typed_tables(found.row_type)?,
                    };
                    self.relations(dependents)?;
                }
            }
            pg_sys::TypeRelationId => {
                let name = catalog::type_name(oid);
                self.names.insert((name.schema, name.name));
                self.relations_of_types(vec![oid])?;
            }
            pg_sys::ProcedureRelationId => {
                self.oids.insert(oid.to_u32());
                self.names.extend(catalog::function_name(oid));
            }
            pg_sys::CollationRelationId => self.relations(closure::relations_using_collation(oid)?)?,
            pg_sys::NamespaceRelationId => self.schema(oid)?,
            pg_sys::ExtensionRelationId => {
                self.relations(closure::extension_relations(oid)?)?;
                if renames {
                    self.relations_of_types(closure::extension_types(oid)?)?;
                }
                self.secondary(command)?;
            }
            REWRITE_RELATION => self.relations(closure::rule_relation(oid)?)?,
            pg_sys::TriggerRelationId => self.relations(closure::trigger_relation(oid)?)?,
            pg_sys::ForeignServerRelationId | pg_sys::ForeignDataWrapperRelationId => {
                self.relations(closure::foreign_tables(oid)?)?;
            }
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
        let partners: Vec<pg_sys::Oid> = unsafe {
            cells(command.d.alterTable.subcmds)
                .flat_map(|cell| {
                    let subcommand = &*cell.ptr_value.cast::<pg_sys::CollectedATSubcmd>();
                    let address = subcommand.address;
                    let named = (address.classId == pg_sys::RelationRelationId).then_some(address.objectId);
                    // The server does not collect which partition DETACH is about.
                    [named, statement::detached_partition(subcommand.parsetree)]
                })
                .flatten()
                .collect()
        };
        self.relations(partners)
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

    fn grant(&mut self, command: &pg_sys::CollectedCommand) {
        if command.type_ != pg_sys::CollectedCommandType::SCT_Grant {
            return;
        }
        // SAFETY: the tag says which member of the union is in use; both lists hold OIDs.
        let (is_grant, kind, objects, grantees) = unsafe {
            let statement = &*command.d.grant.istmt;
            let oids = |list| cells(list).map(|cell| cell.oid_value).collect::<Vec<pg_sys::Oid>>();
            (statement.is_grant, statement.objtype, oids(statement.objects), oids(statement.grantees))
        };
        let on_claimable = matches!(
            kind,
            pg_sys::ObjectType::OBJECT_TABLE
                | pg_sys::ObjectType::OBJECT_SCHEMA
                | pg_sys::ObjectType::OBJECT_SEQUENCE
                | pg_sys::ObjectType::OBJECT_TYPE
                | pg_sys::ObjectType::OBJECT_DOMAIN
                | pg_sys::ObjectType::OBJECT_FUNCTION
                | pg_sys::ObjectType::OBJECT_PROCEDURE
                | pg_sys::ObjectType::OBJECT_ROUTINE
        );
        if on_claimable && !is_grant {
            self.privileges.push(PrivilegeChange { objects, grantees });
        }
    }
}

/// What the command that just ended did, from inside ddl_command_end. `renames`: it gave something another name or schema.
///
/// # Errors
/// XX000
pub fn commands(tag: &'static str, renames: bool) -> Result<Touched> {
    let mut touched = Touched::default();
    let commands = collected::commands();
    let several = commands.len() > 1;
    for Collected { object, command, identity } in commands {
        let before = touched.extent();
        match (object, command) {
            (Some((class, oid)), command) => touched.object(class, oid, command, renames)?,
            (None, Some(command)) => touched.grant(command),
            (None, None) => {}
        }
        if touched.extent() != before || touched.statements.is_empty() {
            let path = object.and_then(|(class, oid)| match class {
                pg_sys::ProcedureRelationId => catalog::function_path(oid),
                _ => relation_path(class, oid),
            });
            // The sequence that comes with a column is nothing that the command names.
            let comes_along = several
                && NAMES_TABLES.contains(&tag)
                && object.is_some_and(|(class, oid)| class == pg_sys::RelationRelationId && catalog::is_sequence(oid));
            touched.blame(tag, path.or(identity).filter(|_| !comes_along));
            if object.is_none() {
                // GRANT and REVOKE have no identity of their own.
                let objects = touched.privileges.last().map(|change| change.objects.clone()).unwrap_or_default();
                for oid in objects {
                    touched.blame(
                        tag,
                        relation_path(pg_sys::RelationRelationId, oid)
                            .or(catalog::namespace_name(oid))
                            .or(object_path(oid)),
                    );
                }
            }
        }
    }
    Ok(touched)
}

/// What the command that just ended dropped, from inside sql_drop.
///
/// # Errors
/// XX000
pub fn dropped(tag: &'static str) -> Result<Touched> {
    let mut touched = Touched::default();
    spi::query(
        "SELECT classid, objid, objsubid, schema_name, object_name, object_identity, original, address_names, object_type, address_args \
         FROM pg_catalog.pg_event_trigger_dropped_objects() WHERE NOT is_temporary",
        &[],
        |row: &Row| {
            let (class, oid, column): (pg_sys::Oid, pg_sys::Oid, i32) = (row.need(1)?, row.need(2)?, row.need(3)?);
            let (schema, name): (Option<String>, Option<String>) = (row.get(4), row.get(5));
            // A dropped column is said by its table, as for every other ALTER TABLE.
            let mut path = relation_path(class, oid);
            if let (pg_sys::ProcedureRelationId, Some([schema, name])) = (class, row.get::<Vec<String>>(8).as_deref()) {
                let arguments = row.get::<Vec<String>>(10).unwrap_or_default();
                path = Some(display_dropped_function(schema, name, &arguments));
            }
            // Of a table or a column that goes with it the table is said; of an operator class or a function nothing is.
            let is_index = class == pg_sys::RelationRelationId && row.get::<String>(9).as_deref() == Some("index");
            if is_index && !NAMES_TABLES.contains(&tag) {
                touched.lost_indexes.insert(oid.to_u32());
            }
            match (class, schema, name) {
                (pg_sys::RelationRelationId, Some(schema), Some(name)) if column == 0 => {
                    path = Some(display_relation(&schema, &name));
                    touched.oids.insert(oid.to_u32());
                    touched.names.insert((schema, name));
                }
                (pg_sys::RelationRelationId, ..) => {
                    touched.oids.insert(oid.to_u32());
                    // A column: its relation's names too, for the OID may not be known yet.
                    if let Some([schema, relation, ..]) = row.get::<Vec<String>>(8).as_deref() {
                        touched.names.insert((schema.clone(), relation.clone()));
                    }
                }
                (pg_sys::ProcedureRelationId | pg_sys::TypeRelationId, ..) => {
                    touched.oids.insert(oid.to_u32());
                }
                (pg_sys::TriggerRelationId | REWRITE_RELATION, ..) => {
                    // Of a view it may be what does an INSERT; of a table it is nothing that a claim is about.
                    if let Some([schema, relation, ..]) = row.get::<Vec<String>>(8).as_deref()
                        && let Some(view) = catalog::view_named(schema, relation)
                    {
                        touched.oids.insert(view.to_u32());
                        touched.names.insert((schema.clone(), relation.clone()));
                    }
                }
                (CONSTRAINT_RELATION | DEFAULT_RELATION, ..) => {
                    // A foreign key goes with the key that it references, which is of another relation; a default with the
                    // sequence or function that it calls.
                    if let Some([schema, relation, ..]) = row.get::<Vec<String>>(8).as_deref() {
                        touched.names.insert((schema.clone(), relation.clone()));
                    }
                }
                (pg_sys::NamespaceRelationId, _, Some(name)) => {
                    touched.oids.insert(oid.to_u32());
                    touched.names.insert((name, String::new()));
                }
                _ => {}
            }
            // What a DROP names; other commands drop as part of what they are collected for.
            if tag.starts_with("DROP ") && row.get::<bool>(7) == Some(true) {
                touched.blame(tag, path.or_else(|| row.get(6)));
            }
            Ok(())
        },
    )?;
    Ok(touched)
}

/// A function that is gone, as claims write it: the server qualifies its own types too.
fn display_dropped_function(schema: &str, name: &str, arguments: &[String]) -> String {
    let plain = |argument: &String| argument.strip_prefix("pg_catalog.").unwrap_or(argument).to_owned();
    display_function(schema, name, &arguments.iter().map(plain).collect::<Vec<_>>().join(", "))
}

/// The path of a function or type.
fn object_path(oid: pg_sys::Oid) -> Option<String> {
    let name = catalog::type_name(oid);
    catalog::function_path(oid).or((!name.schema.is_empty()).then(|| display_relation(&name.schema, &name.name)))
}

/// The path of an object that is a relation and is there.
fn relation_path(class: pg_sys::Oid, oid: pg_sys::Oid) -> Option<String> {
    let name = catalog::relation_name(oid).filter(|_| class == pg_sys::RelationRelationId)?;
    Some(display_relation(&name.schema, &name.name))
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
