//! Types, from pg_type.

use std::rc::Rc;

use integratedb_claim::catalog::NamedType;
use integratedb_claim::privilege::Privilege;
use integratedb_claim::types::TypeName;
use pgrx::pg_sys;

use super::acl::acl_of_public_object;
use super::{cache, name_text, namespace_name};
use crate::pg::scan::{Scan, key};

/// A type's identity; an array is named by its element.
pub fn type_name(oid: pg_sys::Oid) -> TypeName {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let element = pg_sys::get_element_type(oid);
        let array = element != pg_sys::InvalidOid;
        let named = if array { element } else { oid };
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::TYPEOID), named.into());
        if tuple.is_null() {
            return TypeName { schema: String::new(), name: oid.to_u32().to_string(), array: false };
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_type>();
        let schema = namespace_name(form.typnamespace).unwrap_or_default();
        let name = TypeName { schema, name: name_text(&form.typname), array };
        pg_sys::ReleaseSysCache(tuple);
        name
    }
}

/// `typtype`, of the element for an array.
pub fn type_kind(oid: pg_sys::Oid) -> char {
    // SAFETY: syscache look-ups.
    unsafe {
        let element = pg_sys::get_element_type(oid);
        pg_sys::get_typtype(if element != pg_sys::InvalidOid { element } else { oid }) as u8 as char
    }
}

/// The namespace of a type.
pub fn type_namespace(oid: pg_sys::Oid) -> pg_sys::Oid {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let element = pg_sys::get_element_type(oid);
        let named = if element != pg_sys::InvalidOid { element } else { oid };
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::TYPEOID), named.into());
        if tuple.is_null() {
            return pg_sys::InvalidOid;
        }
        let namespace = (*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_type>()).typnamespace;
        pg_sys::ReleaseSysCache(tuple);
        namespace
    }
}

/// A domain's base.
pub struct Domain {
    /// The type below it, perhaps a domain again.
    pub base: pg_sys::Oid,
    /// The modifier of the base.
    pub modifier: i32,
    /// NOT NULL.
    pub not_null: bool,
    /// Whether it has a default of its own.
    pub has_default: bool,
}

/// The base of a type that is a domain.
pub fn read_domain(oid: pg_sys::Oid) -> Option<Domain> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::TYPEOID), oid.into());
        if tuple.is_null() {
            return None;
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_type>();
        let domain = (form.typtype as u8 == pg_sys::TYPTYPE_DOMAIN).then_some(Domain {
            base: form.typbasetype,
            modifier: form.typtypmod,
            not_null: form.typnotnull,
            has_default: has_attribute(tuple, pg_sys::Anum_pg_type_typdefaultbin as i16),
        });
        pg_sys::ReleaseSysCache(tuple);
        domain
    }
}

/// # Safety
/// `tuple` is of pg_type, from its cache by OID.
unsafe fn has_attribute(tuple: pg_sys::HeapTuple, attribute: i16) -> bool {
    let mut is_null = false;
    // SAFETY: as promised by the caller.
    unsafe { pg_sys::SysCacheGetAttr(cache(pg_sys::SysCacheIdentifier::TYPEOID), tuple, attribute, &mut is_null) };
    !is_null
}

/// The labels of an enum, in its order.
pub fn enum_labels(oid: pg_sys::Oid) -> Vec<String> {
    let mut labels: Vec<(f32, String)> = Vec::new();
    let scan = Scan::catalog(pg_sys::EnumRelationId, pg_sys::EnumTypIdLabelIndexId.into());
    let of_type = key(pg_sys::Anum_pg_enum_enumtypid as i16, pg_sys::F_OIDEQ, oid.into());
    scan.find(&mut [of_type], |tuple| {
        // SAFETY: a tuple of pg_enum.
        let form = unsafe { &*pg_sys::GETSTRUCT(tuple.tuple).cast::<pg_sys::FormData_pg_enum>() };
        labels.push((form.enumsortorder, name_text(&form.enumlabel)));
        true
    });
    scan.close();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    labels.into_iter().map(|(_, label)| label).collect()
}

/// A type that a claim names, if it is one of its own: no array, and no row type of a table.
pub fn named_type(namespace: pg_sys::Oid, schema: &str, name: &str) -> Option<NamedType> {
    let c_name = std::ffi::CString::new(name).ok()?;
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let id = pg_sys::SysCacheIdentifier::TYPENAMENSP;
        let tuple = pg_sys::SearchSysCache2(cache(id), pg_sys::Datum::from(c_name.as_ptr()), namespace.into());
        if tuple.is_null() {
            return None;
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_type>();
        let is_row = form.typrelid != pg_sys::InvalidOid
            && pg_sys::get_rel_relkind(form.typrelid) as u8 != pg_sys::RELKIND_COMPOSITE_TYPE;
        let is_array = pg_sys::get_element_type(form.oid) != pg_sys::InvalidOid;
        let owner = form.typowner.to_u32();
        let mut bases = Vec::new();
        let mut current = form.oid;
        while let Some(domain) = read_domain(current) {
            current = domain.base;
            bases.push(current.to_u32());
        }
        let found = (!is_row && !is_array && form.typisdefined).then(|| NamedType {
            oid: form.oid.to_u32(),
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind: form.typtype as u8 as char,
            owner,
            labels: Rc::new(if pg_sys::type_is_enum(current) { enum_labels(current) } else { Vec::new() }),
            bases,
            acl: acl_of_public_object(tuple, id, pg_sys::Anum_pg_type_typacl as i16, owner, Privilege::Usage),
        });
        pg_sys::ReleaseSysCache(tuple);
        found
    }
}

/// A type by schema and name.
pub fn oid_of(namespace: pg_sys::Oid, name: &str) -> Option<pg_sys::Oid> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: a syscache look-up of a NUL-terminated name.
    let oid = unsafe {
        pg_sys::GetSysCacheOid(
            cache(pg_sys::SysCacheIdentifier::TYPENAMENSP),
            pg_sys::Anum_pg_type_oid as i16,
            pg_sys::Datum::from(name.as_ptr()),
            namespace.into(),
            pg_sys::Datum::from(0usize),
            pg_sys::Datum::from(0usize),
        )
    };
    (oid != pg_sys::InvalidOid).then_some(oid)
}
