//! Reads the catalogs into the engine's values.
//!
//! Through system caches and catalog scans, not SQL: always the latest catalogs at any isolation level, no search
//! path, no planner, and no code of a user.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::rc::Rc;

use integratedb_claim::catalog::{Catalog, CollationName, Column, Filled, Grant, Relation, RelationKind, Schema};
use integratedb_claim::name::Name;
use integratedb_claim::privilege;
use integratedb_claim::state::{Claim, ClaimedRelation, ObjectKind};
use integratedb_claim::types::{CATALOG_SCHEMA, Type};
use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::closure;
#[cfg(feature = "pg18")]
use crate::pg::error::OrRaise;
use crate::pg::error::Result;
use crate::pg::ledger::GrantedObject;
use crate::pg::scan::{Rescan, Scan, key, key_above};
#[cfg(feature = "pg18")]
use crate::pg::spi::{self, bind};
use crate::pg::store::{Next, RestsOn};

mod acl;
mod before;
mod constraints;
mod functions;
mod types;
mod writable;

use acl::acl_of_tuple;
pub use acl::{cache_columns, granted_to, granted_to_public, grants};
pub use before::column_number_before;
pub use functions::{argument_types, name as function_name, path as function_path, read as functions_named};
use types::{enum_labels, named_type, read_domain, type_kind};
pub use types::{oid_of as type_oid, type_name, type_namespace};
pub use writable::{base as base_of_view, command_of_rule, foreign_table, instead_of};

/// Loads what is asked for into a [`Catalog`]; each thing once.
#[derive(Default)]
pub struct Reader {
    /// What was loaded.
    pub catalog: Catalog,
    types: HashMap<u32, Rc<Type>>,
    collations: HashMap<u32, Option<Rc<CollationName>>>,
    schemas: HashMap<String, Option<pg_sys::Oid>>,
    relations: HashMap<u32, Option<Rc<Relation>>>,
    names: HashSet<Name>,
    columns: usize,
}

impl Reader {
    /// Whether so much is loaded that a caller who can begin anew should.
    pub fn is_large(&self) -> bool {
        const MANY_COLUMNS: usize = 20_000;
        self.columns > MANY_COLUMNS
    }

    /// Loads a schema by name; its OID, if it exists.
    pub fn schema(&mut self, name: &str) -> Option<pg_sys::Oid> {
        if let Some(known) = self.schemas.get(name) {
            return *known;
        }
        let found = namespace_oid(name).and_then(|oid| Some((oid, read_schema(oid)?)));
        if let Some((_, schema)) = &found {
            self.catalog.add_schema(name, schema.clone());
        }
        let oid = found.map(|(oid, _)| oid);
        self.schemas.insert(name.to_owned(), oid);
        oid
    }

    /// Loads a relation by name.
    pub fn relation_named(&mut self, schema: &str, name: &str) -> Option<Rc<Relation>> {
        if let Some(known) = self.catalog.relation(schema, name) {
            return Some(Rc::clone(known));
        }
        let namespace = self.schema(schema)?;
        let name = CString::new(name).ok()?;
        // SAFETY: a syscache look-up of a NUL-terminated name.
        let oid = unsafe { pg_sys::get_relname_relid(name.as_ptr(), namespace) };
        self.relation(oid)
    }

    /// Loads a relation by OID.
    pub fn relation(&mut self, oid: pg_sys::Oid) -> Option<Rc<Relation>> {
        if oid == pg_sys::InvalidOid {
            return None;
        }
        if let Some(known) = self.relations.get(&oid.to_u32()) {
            return known.clone();
        }
        let relation = self.read_relation(oid).map(Rc::new);
        if let Some(relation) = &relation {
            self.schema(&relation.schema);
            self.catalog.add_relation(Rc::clone(relation));
        }
        self.relations.insert(oid.to_u32(), relation.clone());
        relation
    }

    /// Loads every relation of a schema that a wildcard might take in.
    pub fn relations_in(&mut self, schema: &str) {
        let Some(namespace) = self.schema(schema) else { return };
        // One scan of pg_class costs less than a look-up for each of its relations.
        let mut found = Vec::new();
        let scan = Scan::catalog(pg_sys::RelationRelationId, pg_sys::InvalidOid);
        let of_schema = key(pg_sys::Anum_pg_class_relnamespace as i16, pg_sys::F_OIDEQ, namespace.into());
        scan.find(&mut [of_schema], |tuple| {
            // SAFETY: a tuple of pg_class.
            let (relation, _) = unsafe { class_values(tuple.tuple, |number| tuple.get(number)) };
            if relation.kind.is_claimable() {
                found.push(Relation { schema: schema.to_owned(), ..relation });
            }
            true
        });
        scan.close();
        let mut columns = columns_of_relations();
        for relation in found {
            if !self.relations.contains_key(&relation.oid) {
                let relation = Rc::new(self.with_columns(relation, &mut columns));
                self.relations.insert(relation.oid, Some(Rc::clone(&relation)));
                self.catalog.add_relation(relation);
            }
        }
        columns.close();
        if self.catalog.extension_members.is_empty() {
            let members = closure::extension_members();
            self.catalog.extension_members.extend(members.into_iter().map(|oid| oid.to_u32()));
        }
    }

    /// Records whether a relation is a member of an extension.
    pub fn extension_membership(&mut self, oid: pg_sys::Oid) {
        // SAFETY: a catalog scan by the server's own routine.
        let extension = unsafe { pg_sys::getExtensionOfObject(pg_sys::RelationRelationId, oid) };
        if extension != pg_sys::InvalidOid {
            self.catalog.extension_members.insert(oid.to_u32());
        }
    }

    /// Loads what an alternative of a claim is about; the OID of the object it names, if it is there.
    ///
    /// # Errors
    /// XX000
    pub fn load(&mut self, claimed: &ClaimedRelation) -> Result<Option<pg_sys::Oid>> {
        let Some(name) = &claimed.relation else { return Ok(self.schema(&claimed.schema)) };
        let Some(namespace) = self.schema(&claimed.schema) else { return Ok(None) };
        Ok(match claimed.kind {
            ObjectKind::Relation => {
                let relation = self.relation_named(&claimed.schema, name);
                if let Some(relation) = relation.as_ref().filter(|_| claimed.rests_on_constraints()) {
                    self.constraints(relation)?;
                }
                if let Some(relation) = relation.as_ref().filter(|_| !claimed.writes().is_empty()) {
                    self.writable(relation)?;
                }
                relation.map(|relation| relation.oid.into())
            }
            ObjectKind::Sequence => self.sequence_named(namespace, name),
            ObjectKind::Type => {
                let found = named_type(namespace, &claimed.schema, name);
                let oid = found.as_ref().map(|found| found.oid.into());
                if let Some(found) = found {
                    self.catalog.add_type(found);
                }
                oid
            }
            ObjectKind::Function => {
                for function in functions::read(namespace, &claimed.schema, name)? {
                    self.catalog.add_function(Rc::new(function));
                }
                integratedb_claim::rules::function_exists::find(claimed, &self.catalog).map(|found| found.oid.into())
            }
        })
    }

    /// A claim with the OIDs of what it is about, ready to be stored.
    ///
    /// # Errors
    /// XX000
    pub fn next(&mut self, claim: Claim) -> Result<Next> {
        let mut oids = Vec::with_capacity(claim.alternatives.len());
        let mut rests_on = RestsOn::new();
        for (number, alternative) in claim.alternatives.iter().enumerate() {
            oids.push(self.load(alternative)?);
            self.note_parts(alternative, number, &mut rests_on);
        }
        Ok(Next { claim, oids, rests_on })
    }

    /// Notes what an alternative rests on besides the object that it names, if it does.
    pub fn note_parts(&mut self, claimed: &ClaimedRelation, number: usize, rests_on: &mut RestsOn) {
        let parts = if claimed.has_parts() { self.rests_on(claimed) } else { Vec::new() };
        if !parts.is_empty() {
            rests_on.insert(number, parts);
        }
    }

    /// Loads what a relation that is no table takes of INSERT, UPDATE and DELETE.
    ///
    /// # Errors
    /// XX000
    pub fn writable(&mut self, relation: &Rc<Relation>) -> Result<()> {
        let is_table = matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable);
        if !is_table && !self.catalog.writable.contains_key(&relation.oid) {
            let found = writable::read(self, relation)?;
            self.catalog.writable.insert(relation.oid, Rc::new(found));
        }
        Ok(())
    }

    /// Loads what the relations of a wildcard take, if it asks to write them.
    ///
    /// # Errors
    /// XX000
    pub fn writable_in(&mut self, wildcard: &ClaimedRelation) -> Result<()> {
        if wildcard.writes().is_empty() {
            return Ok(());
        }
        let relations: Vec<Rc<Relation>> = self.catalog.relations_in(&wildcard.schema).into_iter().cloned().collect();
        relations.iter().try_for_each(|relation| self.writable(relation))
    }

    /// The owner of the object that an alternative names, if it is loaded and there.
    pub fn owner(&self, claimed: &ClaimedRelation) -> Option<u32> {
        let name = claimed.relation.as_ref()?;
        let catalog = &self.catalog;
        match claimed.kind {
            ObjectKind::Relation => catalog.relation(&claimed.schema, name).map(|found| found.owner),
            ObjectKind::Sequence => catalog.sequence(&claimed.schema, name).map(|found| found.owner),
            ObjectKind::Type => catalog.named_type(&claimed.schema, name).map(|found| found.owner),
            ObjectKind::Function => {
                integratedb_claim::rules::function_exists::find(claimed, catalog).map(|found| found.owner)
            }
        }
    }

    /// The functions, sequences and types that a claim needs.
    pub fn object_oids(&self, claim: &Claim) -> Vec<u32> {
        let (_, kept) = privilege::needed_objects([claim], &self.catalog);
        kept.into_iter().map(|object| object.oid).collect()
    }

    /// Judges on as if these indexes were gone.
    pub fn forget_indexes(&mut self, gone: &BTreeSet<u32>) {
        if gone.is_empty() {
            return;
        }
        for constraints in self.catalog.constraints.values_mut() {
            Rc::make_mut(constraints).indexes.retain(|index| !gone.contains(&index.oid));
        }
    }

    /// What a claim rests on besides the object that it names: the relations that it references or writes through a view, and
    /// the types of a function's arguments and result.
    fn rests_on(&mut self, claimed: &ClaimedRelation) -> Vec<pg_sys::Oid> {
        let requirements = claimed.requirements();
        let referenced = requirements.references.iter();
        let mut oids: Vec<pg_sys::Oid> = referenced
            .filter_map(|one| self.relation_named(&one.schema, &one.relation))
            .map(|relation| relation.oid.into())
            .collect();
        if let Some(function) = &requirements.function {
            let types = function.arguments.iter().chain(&function.returns);
            let own = types.filter(|name| name.builtin_name().is_none() && name.schema != CATALOG_SCHEMA);
            oids.extend(own.filter_map(|name| types::oid_of(namespace_oid(&name.schema)?, &name.name)));
        }
        if let Some(found) = claimed.relation.as_ref().and_then(|name| self.catalog.named_type(&claimed.schema, name))
            && claimed.kind == ObjectKind::Type
        {
            oids.extend(found.bases.iter().map(|oid| pg_sys::Oid::from(*oid)));
        }
        if let Some(name) = claimed.relation_name().filter(|_| claimed.inserts())
            && let Some(relation) = self.relation_named(&claimed.schema, name)
            && let Some(constraints) = self.catalog.constraints.get(&relation.oid)
        {
            oids.extend(constraints.sequences.iter().map(|oid| pg_sys::Oid::from(*oid)));
        }
        oids.extend(self.written_through(claimed));
        oids.sort_unstable_by_key(|oid| oid.to_u32());
        oids.dedup();
        oids
    }

    /// The relations that a claim writes through the view that it names, from above to below, as far as they are loaded.
    pub fn written_through(&self, claimed: &ClaimedRelation) -> Vec<pg_sys::Oid> {
        let relation = claimed.relation_name().and_then(|name| self.catalog.relation(&claimed.schema, name));
        let writable = relation.and_then(|relation| self.catalog.writable.get(&relation.oid));
        let onto = writable.filter(|_| !claimed.writes().is_empty()).map(|writable| writable.onto.as_slice());
        onto.unwrap_or_default().iter().map(|oid| pg_sys::Oid::from(*oid)).collect()
    }

    /// Loads the constraints, indexes and serial sequences of a relation.
    fn constraints(&mut self, relation: &Rc<Relation>) -> Result<()> {
        if self.catalog.constraints.contains_key(&relation.oid) {
            return Ok(());
        }
        let found = constraints::read(relation)?;
        for oid in &found.sequences {
            if let Some(sequence) = constraints::sequence((*oid).into()) {
                self.catalog.sequences.insert(*oid, sequence);
            }
        }
        self.catalog.constraints.insert(relation.oid, Rc::new(found));
        Ok(())
    }

    fn sequence_named(&mut self, namespace: pg_sys::Oid, name: &str) -> Option<pg_sys::Oid> {
        let name = CString::new(name).ok()?;
        // SAFETY: a syscache look-up of a NUL-terminated name.
        let oid = unsafe { pg_sys::get_relname_relid(name.as_ptr(), namespace) };
        let sequence = constraints::sequence(oid)?;
        self.catalog.sequences.insert(sequence.oid, sequence);
        Some(oid)
    }

    fn read_relation(&mut self, oid: pg_sys::Oid) -> Option<Relation> {
        // SAFETY: a tuple of pg_class, read before it is released.
        let relation = unsafe {
            let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::RELOID), oid.into());
            if tuple.is_null() {
                return None;
            }
            let relation = class_values(tuple, |number| {
                let mut is_null = false;
                let id = cache(pg_sys::SysCacheIdentifier::RELOID);
                let datum = pg_sys::SysCacheGetAttr(id, tuple, number as i16, &mut is_null);
                (!is_null).then_some(datum)
            });
            pg_sys::ReleaseSysCache(tuple);
            relation
        };
        let schema = namespace_name(relation.1).unwrap_or_default();
        let mut columns = columns_of_relations();
        let relation = self.with_columns(Relation { schema, ..relation.0 }, &mut columns);
        columns.close();
        Some(relation)
    }

    fn with_columns(&mut self, mut relation: Relation, columns: &mut Rescan) -> Relation {
        if relation.kind.is_claimable() {
            self.read_columns(&mut relation, columns);
            self.columns += relation.columns.len();
        }
        relation
    }

    fn read_columns(&mut self, relation: &mut Relation, scan: &mut Rescan) {
        let columns = &mut relation.columns;
        scan_columns(relation.oid.into(), scan, |attribute, filled, acl| {
            columns.push(Column {
                name: self.name(&attribute.attname),
                number: attribute.attnum,
                r#type: self.r#type(attribute.atttypid),
                modifier: attribute.atttypmod,
                not_null: attribute.attnotnull,
                filled,
                collation: self.collation(attribute.attcollation),
                acl,
            });
        });
        #[cfg(feature = "pg18")]
        forget_unvalidated_not_null(relation.oid.into(), columns);
    }

    /// A name, of which there is only one copy.
    fn name(&mut self, name: &pg_sys::NameData) -> Name {
        // SAFETY: a NameData is NUL-terminated.
        let text = unsafe { CStr::from_ptr(name.data.as_ptr()) }.to_string_lossy();
        if let Some(known) = self.names.get(&*text) {
            return known.clone();
        }
        let name = Name::from(&*text);
        self.names.insert(name.clone());
        name
    }
}

impl Reader {
    /// A collation by name.
    fn collation(&mut self, oid: pg_sys::Oid) -> Option<Rc<CollationName>> {
        if oid == pg_sys::InvalidOid {
            return None;
        }
        let read = || collation_name(oid).map(Rc::new);
        self.collations.entry(oid.to_u32()).or_insert_with(read).clone()
    }

    /// A type, with the base that its domains stand on.
    pub fn r#type(&mut self, oid: pg_sys::Oid) -> Rc<Type> {
        if let Some(known) = self.types.get(&oid.to_u32()) {
            return Rc::clone(known);
        }
        let (mut not_null, mut has_default) = (false, false);
        let mut base = None;
        // What an array holds stands behind its name too, but is not the column.
        let name = type_name(oid);
        // SAFETY: a syscache look-up.
        let mut current = if name.array { unsafe { pg_sys::get_element_type(oid) } } else { oid };
        while let Some(domain) = read_domain(current) {
            not_null |= domain.not_null && !name.array;
            has_default |= domain.has_default && !name.array;
            base = Some((domain.base, domain.modifier));
            current = domain.base;
        }
        let base = base.map(|(base, modifier)| (Rc::new(type_name(base)), modifier));
        let kind = type_kind(oid);
        // SAFETY: a syscache look-up.
        let is_enum = kind == 'e' || (kind == 'd' && unsafe { pg_sys::type_is_enum(current) });
        let labels = Rc::new(if is_enum { enum_labels(current) } else { Vec::new() });
        let r#type = Rc::new(Type { name: Rc::new(name), kind, base, not_null, has_default, labels });
        self.types.insert(oid.to_u32(), Rc::clone(&r#type));
        r#type
    }
}

/// Opens pg_attribute by relation.
fn columns_of_relations() -> Rescan {
    Rescan::catalog(pg_sys::AttributeRelationId, pg_sys::AttributeRelidNumIndexId.into())
}

/// Gives each column that is not dropped to `read`, with what fills it and the grants on it, in `attnum` order.
fn scan_columns(
    relation: pg_sys::Oid,
    scan: &mut Rescan,
    mut read: impl FnMut(&pg_sys::FormData_pg_attribute, Filled, Vec<Grant>),
) {
    let of_relation = key(pg_sys::Anum_pg_attribute_attrelid as i16, pg_sys::F_OIDEQ, relation.into());
    // The system columns come before.
    let own = key_above(pg_sys::Anum_pg_attribute_attnum as i16, pg_sys::F_INT2GT, 0i16.into());
    scan.find([of_relation, own], [1, 2], |tuple| {
        // SAFETY: a tuple of pg_attribute.
        let attribute = unsafe { &*pg_sys::GETSTRUCT(tuple.tuple).cast::<pg_sys::FormData_pg_attribute>() };
        if !attribute.attisdropped {
            let acl = tuple.get(pg_sys::Anum_pg_attribute_attacl as i32);
            // SAFETY: the attribute is an aclitem[].
            read(attribute, filled(attribute), acl.map(|acl| unsafe { grants(acl) }).unwrap_or_default());
        }
    });
}

/// What an INSERT that leaves a column out puts there.
pub fn filled(attribute: &pg_sys::FormData_pg_attribute) -> Filled {
    match (attribute.attgenerated, attribute.attidentity, attribute.atthasdef) {
        (0, 0, false) => Filled::Nothing,
        (0, 0, true) => Filled::Default,
        (0, identity, _) if identity as u8 == pg_sys::ATTRIBUTE_IDENTITY_ALWAYS => Filled::IdentityAlways,
        (0, ..) => Filled::Identity,
        _ => Filled::Generated,
    }
}

/// A collation by name.
fn collation_name(oid: pg_sys::Oid) -> Option<CollationName> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::COLLOID), oid.into());
        if tuple.is_null() {
            return None;
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_collation>();
        let name = name_text(&form.collname);
        let found = namespace_name(form.collnamespace).map(|schema| CollationName { schema, name });
        pg_sys::ReleaseSysCache(tuple);
        found
    }
}

/// A collation of this schema and name that the database's encoding can use, if there is one.
pub fn collation_named((schema, name): (String, String)) -> Option<CollationName> {
    let namespace = namespace_oid(&schema)?;
    let c_name = CString::new(name.as_str()).ok()?;
    // SAFETY: syscache look-ups of a NUL-terminated name; -1 is any encoding.
    let exists = [unsafe { pg_sys::GetDatabaseEncoding() }, -1].into_iter().any(|encoding| unsafe {
        pg_sys::GetSysCacheOid(
            cache(pg_sys::SysCacheIdentifier::COLLNAMEENCNSP),
            pg_sys::Anum_pg_collation_oid as i16,
            pg_sys::Datum::from(c_name.as_ptr()),
            pg_sys::Datum::from(encoding),
            namespace.into(),
            pg_sys::Datum::from(0usize),
        ) != pg_sys::InvalidOid
    });
    exists.then_some(CollationName { schema, name })
}

/// A list of identifiers, as `SET search_path` reads it; `None` if it is none.
pub fn identifiers(text: &str) -> Option<Vec<String>> {
    let text = CString::new(text).ok()?;
    let mut list: *mut pg_sys::List = std::ptr::null_mut();
    // SAFETY: the server's own routine folds, unquotes and shortens within a copy of the text, which the list points into.
    unsafe {
        let copy = pg_sys::pstrdup(text.as_ptr());
        if !pg_sys::SplitIdentifierString(copy, b',' as std::ffi::c_char, &mut list) {
            return None;
        }
        let length = if list.is_null() { 0 } else { (*list).length as usize };
        Some((0..length).filter_map(|index| owned((*(*list).elements.add(index)).ptr_value.cast())).collect())
    }
}

/// A schema by name.
pub fn namespace_oid(name: &str) -> Option<pg_sys::Oid> {
    let name = CString::new(name).ok()?;
    // SAFETY: a syscache look-up of a NUL-terminated name.
    let oid = unsafe { pg_sys::get_namespace_oid(name.as_ptr(), true) };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// A schema's name.
pub fn namespace_name(oid: pg_sys::Oid) -> Option<String> {
    // SAFETY: NULL or a palloc'd NUL-terminated name.
    unsafe { owned(pg_sys::get_namespace_name(oid)) }
}

/// Schema and name of a relation, and its persistence, if it exists.
pub struct RelationName {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Temporary, of whatever session.
    pub temporary: bool,
    /// Has or had inheritance children.
    pub has_children: bool,
    /// Row type, for typed tables.
    pub row_type: pg_sys::Oid,
    /// An index, which stands for its table.
    pub is_index: bool,
}

/// Looks a relation up without its columns.
pub fn relation_name(oid: pg_sys::Oid) -> Option<RelationName> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::RELOID), oid.into());
        if tuple.is_null() {
            return None;
        }
        let class = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_class>();
        let found = namespace_name(class.relnamespace).map(|schema| RelationName {
            schema,
            name: name_text(&class.relname),
            temporary: class.relpersistence as u8 == pg_sys::RELPERSISTENCE_TEMP,
            has_children: class.relhassubclass,
            row_type: class.reltype,
            is_index: matches!(class.relkind as u8, pg_sys::RELKIND_INDEX | pg_sys::RELKIND_PARTITIONED_INDEX),
        });
        pg_sys::ReleaseSysCache(tuple);
        found
    }
}

/// Whether a relation is a sequence.
pub fn is_sequence(oid: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up.
    unsafe { pg_sys::get_rel_relkind(oid) as u8 == pg_sys::RELKIND_SEQUENCE }
}

/// The view of this name.
pub fn view_named(schema: &str, name: &str) -> Option<pg_sys::Oid> {
    let namespace = namespace_oid(schema)?;
    let name = CString::new(name).ok()?;
    // SAFETY: syscache look-ups, the first of a NUL-terminated name.
    unsafe {
        let oid = pg_sys::get_relname_relid(name.as_ptr(), namespace);
        let is_view = oid != pg_sys::InvalidOid && pg_sys::get_rel_relkind(oid) as u8 == pg_sys::RELKIND_VIEW;
        is_view.then_some(oid)
    }
}

/// The table of an index.
pub fn table_of_index(index: pg_sys::Oid) -> Option<pg_sys::Oid> {
    // SAFETY: a syscache look-up.
    let table = unsafe { pg_sys::IndexGetRelation(index, true) };
    (table != pg_sys::InvalidOid).then_some(table)
}

fn read_schema(oid: pg_sys::Oid) -> Option<Schema> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::NAMESPACEOID), oid.into());
        if tuple.is_null() {
            return None;
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_namespace>();
        let schema = Schema {
            oid: oid.to_u32(),
            owner: form.nspowner.to_u32(),
            acl: acl_of_tuple(tuple, pg_sys::SysCacheIdentifier::NAMESPACEOID, pg_sys::Anum_pg_namespace_nspacl as i16),
        };
        pg_sys::ReleaseSysCache(tuple);
        Some(schema)
    }
}

/// In PostgreSQL 18 `attnotnull` is set by a NOT NULL constraint that is not validated, too.
#[cfg(feature = "pg18")]
fn forget_unvalidated_not_null(oid: pg_sys::Oid, columns: &mut [Column]) {
    let unvalidated = spi::query(
        "SELECT conkey[1] FROM pg_catalog.pg_constraint WHERE conrelid = $1 AND contype = 'n' AND NOT convalidated",
        &[bind(oid)],
        |row| row.need::<i16>(1),
    )
    .or_raise();
    for column in columns.iter_mut().filter(|column| unvalidated.contains(&column.number)) {
        column.not_null = false;
    }
}

/// What pg_class says of a relation, but for the name of its schema, whose OID is the second value.
///
/// # Safety
/// `tuple` is of pg_class, and `attribute` gives its attributes by number.
unsafe fn class_values(
    tuple: pg_sys::HeapTuple,
    attribute: impl Fn(i32) -> Option<pg_sys::Datum>,
) -> (Relation, pg_sys::Oid) {
    // SAFETY: as promised by the caller.
    let class = unsafe { &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_class>() };
    let acl = attribute(pg_sys::Anum_pg_class_relacl as i32);
    let options = match class.relkind as u8 {
        pg_sys::RELKIND_VIEW => attribute(pg_sys::Anum_pg_class_reloptions as i32),
        _ => None,
    };
    // SAFETY: these attributes are an aclitem[] and a text[].
    let (acl, security_invoker) = unsafe {
        let acl = acl.map(|acl| grants(acl)).unwrap_or_default();
        (acl, options.is_some_and(|options| has_security_invoker(options)))
    };
    let relation = Relation {
        oid: class.oid.to_u32(),
        schema: String::new(),
        name: name_text(&class.relname),
        kind: RelationKind::from_relkind(class.relkind as u8 as char),
        owner: class.relowner.to_u32(),
        temporary: class.relpersistence as u8 == pg_sys::RELPERSISTENCE_TEMP,
        partition: class.relispartition,
        row_security: class.relrowsecurity,
        force_row_security: class.relforcerowsecurity,
        security_invoker,
        columns: Vec::with_capacity(class.relnatts as usize),
        acl,
    };
    (relation, class.relnamespace)
}

/// Whether a view's options say `security_invoker`.
///
/// # Safety
/// `options` is a text[].
pub unsafe fn has_security_invoker(options: pg_sys::Datum) -> bool {
    // SAFETY: as promised by the caller.
    let options: Option<Vec<String>> = unsafe { FromDatum::from_datum(options, false) };
    options.iter().flatten().filter_map(|option| option.strip_prefix("security_invoker=")).any(is_on)
}

/// Whether an option's value means true.
fn is_on(value: &str) -> bool {
    let mut on = false;
    let value = CString::new(value).unwrap_or_default();
    // SAFETY: a NUL-terminated text and a pointer to a local.
    unsafe { pg_sys::parse_bool(value.as_ptr(), &mut on) && on }
}

const fn cache(id: pg_sys::SysCacheIdentifier::Type) -> i32 {
    id as i32
}

/// A name of a catalog.
pub fn name_text(name: &pg_sys::NameData) -> String {
    // SAFETY: a NameData is NUL-terminated.
    unsafe { CStr::from_ptr(name.data.as_ptr()) }.to_string_lossy().into_owned()
}

/// # Safety
/// NULL, or a NUL-terminated text.
unsafe fn owned(text: *const std::ffi::c_char) -> Option<String> {
    // SAFETY: as promised by the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// An object under the names that it has now, if it is there.
pub fn object_named(granted: &GrantedObject) -> Option<GrantedObject> {
    let (namespace, name) = match granted.kind.as_str() {
        "sequence" => constraints::sequence(granted.oid).map(|found| (found.schema, found.name)),
        "type" => {
            let name = type_name(granted.oid);
            (!name.schema.is_empty()).then_some((name.schema, name.name))
        }
        _ => functions::name(granted.oid),
    }?;
    Some(GrantedObject { schema: namespace, name, ..granted.clone() })
}
