//! Types, from pg_type.

use integratedb_claim::types::TypeName;
use pgrx::pg_sys;

use super::{cache, name_text, namespace_name};

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
        });
        pg_sys::ReleaseSysCache(tuple);
        domain
    }
}
