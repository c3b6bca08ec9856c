//! Reads the catalogs into the engine's values.
//!
//! Through system caches and catalog scans, not SQL: always the latest catalogs at any isolation level, no search
//! path, no planner, and no code of a user.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::rc::Rc;

use integratedb_claim::catalog::{Catalog, Column, Grant, Relation, RelationKind, Schema};
use integratedb_claim::types::Type;
use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::closure;
#[cfg(feature = "pg18")]
use crate::pg::error::OrRaise;
use crate::pg::error::Result;
use crate::pg::scan::{Scan, key};
#[cfg(feature = "pg18")]
use crate::pg::spi::{self, bind};

mod acl;
mod types;

pub use acl::select_granted_to;
use acl::{acl_grants, acl_of_tuple};
use types::{read_domain, type_kind};
pub use types::{type_name, type_namespace};

/// Loads what is asked for into a [`Catalog`]; each thing once.
#[derive(Default)]
pub struct Reader {
    /// What was loaded.
    pub catalog: Catalog,
    types: HashMap<u32, Rc<Type>>,
    schemas: HashMap<String, Option<pg_sys::Oid>>,
    relations: HashMap<u32, Option<Rc<Relation>>>,
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
    ///
    /// # Errors
    /// XX000
    pub fn relations_in(&mut self, schema: &str) -> Result<()> {
        let Some(namespace) = self.schema(schema) else { return Ok(()) };
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
        for relation in found {
            if !self.relations.contains_key(&relation.oid) {
                let relation = Rc::new(self.with_columns(relation));
                self.relations.insert(relation.oid, Some(Rc::clone(&relation)));
                self.catalog.add_relation(relation);
            }
        }
        if self.catalog.extension_members.is_empty() {
            let members = closure::extension_members()?;
            self.catalog.extension_members.extend(members.into_iter().map(|oid| oid.to_u32()));
        }
        Ok(())
    }

    /// Records whether a relation is a member of an extension.
    pub fn extension_membership(&mut self, oid: pg_sys::Oid) {
        // SAFETY: a catalog scan by the server's own routine.
        let extension = unsafe { pg_sys::getExtensionOfObject(pg_sys::RelationRelationId, oid) };
        if extension != pg_sys::InvalidOid {
            self.catalog.extension_members.insert(oid.to_u32());
        }
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
        Some(self.with_columns(Relation { schema, ..relation.0 }))
    }

    fn with_columns(&mut self, mut relation: Relation) -> Relation {
        if relation.kind.is_claimable() {
            relation.columns = self.read_columns(relation.oid.into());
            self.columns += relation.columns.len();
        }
        relation
    }

    fn read_columns(&mut self, oid: pg_sys::Oid) -> Vec<Column> {
        let mut columns = Vec::new();
        scan_columns(oid, |attribute, select| {
            columns.push(Column {
                name: name_text(&attribute.attname),
                number: attribute.attnum,
                r#type: self.r#type(attribute.atttypid),
                modifier: attribute.atttypmod,
                not_null: attribute.attnotnull,
                select,
            });
        });
        #[cfg(feature = "pg18")]
        forget_unvalidated_not_null(oid, &mut columns);
        columns
    }
}

impl Reader {
    /// A type, with the base that its domains stand on.
    fn r#type(&mut self, oid: pg_sys::Oid) -> Rc<Type> {
        if let Some(known) = self.types.get(&oid.to_u32()) {
            return Rc::clone(known);
        }
        let mut not_null = false;
        let mut base = None;
        // What an array holds stands behind its name too, but is not the column.
        let name = type_name(oid);
        // SAFETY: a syscache look-up.
        let mut current = if name.array { unsafe { pg_sys::get_element_type(oid) } } else { oid };
        while let Some(domain) = read_domain(current) {
            not_null |= domain.not_null && !name.array;
            base = Some((domain.base, domain.modifier));
            current = domain.base;
        }
        let base = base.map(|(base, modifier)| (Rc::new(type_name(base)), modifier));
        let r#type = Rc::new(Type { name: Rc::new(name), kind: type_kind(oid), base, not_null });
        self.types.insert(oid.to_u32(), Rc::clone(&r#type));
        r#type
    }
}

/// Gives each column that is not dropped to `read`, with the SELECT grants on it, in `attnum` order.
fn scan_columns(relation: pg_sys::Oid, mut read: impl FnMut(&pg_sys::FormData_pg_attribute, Vec<Grant>)) {
    let scan = Scan::catalog(pg_sys::AttributeRelationId, pg_sys::AttributeRelidNumIndexId.into());
    let of_relation = key(pg_sys::Anum_pg_attribute_attrelid as i16, pg_sys::F_OIDEQ, relation.into());
    scan.find(&mut [of_relation], |tuple| {
        // SAFETY: a tuple of pg_attribute.
        let attribute = unsafe { &*pg_sys::GETSTRUCT(tuple.tuple).cast::<pg_sys::FormData_pg_attribute>() };
        if attribute.attnum > 0 && !attribute.attisdropped {
            let acl = tuple.get(pg_sys::Anum_pg_attribute_attacl as i32);
            // SAFETY: the attribute is an aclitem[].
            read(attribute, acl.map(|acl| unsafe { acl_grants(acl, pg_sys::ACL_SELECT) }).unwrap_or_default());
        }
        true
    });
    scan.close();
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
        });
        pg_sys::ReleaseSysCache(tuple);
        found
    }
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
            usage: acl_of_tuple(
                tuple,
                pg_sys::SysCacheIdentifier::NAMESPACEOID,
                pg_sys::Anum_pg_namespace_nspacl as i16,
                pg_sys::ACL_USAGE,
            ),
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
    let (select, security_invoker) = unsafe {
        let select = acl.map(|acl| acl_grants(acl, pg_sys::ACL_SELECT)).unwrap_or_default();
        (select, options.is_some_and(|options| has_security_invoker(options)))
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
        columns: Vec::new(),
        select,
    };
    (relation, class.relnamespace)
}

/// Whether a view's options say `security_invoker`.
///
/// # Safety
/// `options` is a text[].
unsafe fn has_security_invoker(options: pg_sys::Datum) -> bool {
    // SAFETY: as promised by the caller.
    let options: Option<Vec<String>> = unsafe { FromDatum::from_datum(options, false) };
    options.iter().flatten().filter_map(|option| option.strip_prefix("security_invoker=")).any(|value| {
        let mut on = false;
        let value = CString::new(value).unwrap_or_default();
        // SAFETY: a NUL-terminated text and a pointer to a local.
        unsafe { pg_sys::parse_bool(value.as_ptr(), &mut on) && on }
    })
}

const fn cache(id: pg_sys::SysCacheIdentifier::Type) -> i32 {
    id as i32
}

fn name_text(name: &pg_sys::NameData) -> String {
    // SAFETY: a NameData is NUL-terminated.
    unsafe { CStr::from_ptr(name.data.as_ptr()) }.to_string_lossy().into_owned()
}

/// # Safety
/// NULL, or a NUL-terminated text.
unsafe fn owned(text: *const std::ffi::c_char) -> Option<String> {
    // SAFETY: as promised by the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
