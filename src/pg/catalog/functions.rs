//! Functions, from pg_proc.

use std::rc::Rc;

use integratedb_claim::catalog::Function;
use integratedb_claim::path::display_function;
use integratedb_claim::privilege::Privilege;
use integratedb_claim::types::TypeName;
use pgrx::pg_sys;

use super::acl::acl_of_public_object;
use super::{cache, name_text, namespace_name, type_name};
use crate::pg::error::Result;
use crate::pg::spi::{self, bind};

/// All functions of a name.
///
/// # Errors
/// XX000
pub fn read(namespace: pg_sys::Oid, schema: &str, name: &str) -> Result<Vec<Function>> {
    let oids: Vec<pg_sys::Oid> = spi::query(
        "SELECT oid FROM pg_catalog.pg_proc WHERE proname = $1::name AND pronamespace = $2",
        &[bind(name), bind(namespace)],
        |row| row.need(1),
    )?;
    Ok(oids.into_iter().filter_map(|oid| read_one(oid, schema)).collect())
}

fn read_one(oid: pg_sys::Oid, schema: &str) -> Option<Function> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let id = pg_sys::SysCacheIdentifier::PROCOID;
        let tuple = pg_sys::SearchSysCache1(cache(id), oid.into());
        if tuple.is_null() {
            return None;
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_proc>();
        let arguments = form.proargtypes.values.as_slice(form.pronargs as usize);
        let argument_types: Vec<TypeName> = arguments.iter().map(|argument| type_name(*argument)).collect();
        let owner = form.proowner.to_u32();
        let function = Function {
            oid: oid.to_u32(),
            schema: schema.to_owned(),
            name: name_text(&form.proname),
            identity_arguments: argument_types.iter().map(|r#type| r#type.display(-1)).collect::<Vec<_>>().join(", "),
            arguments: argument_types.len(),
            argument_types,
            defaults: form.pronargdefaults as usize,
            variadic: form.provariadic != pg_sys::InvalidOid,
            kind: form.prokind as u8 as char,
            returns: Rc::new(type_name(form.prorettype)),
            returns_set: form.proretset,
            security_definer: form.prosecdef,
            owner,
            acl: acl_of_public_object(tuple, id, pg_sys::Anum_pg_proc_proacl as i16, owner, Privilege::Execute),
        };
        pg_sys::ReleaseSysCache(tuple);
        Some(function)
    }
}

/// The types of a function's input arguments.
pub fn argument_types(oid: pg_sys::Oid) -> Vec<pg_sys::Oid> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::PROCOID), oid.into());
        if tuple.is_null() {
            return Vec::new();
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_proc>();
        let types = form.proargtypes.values.as_slice(form.pronargs as usize).to_vec();
        pg_sys::ReleaseSysCache(tuple);
        types
    }
}

/// Schema and name of a function.
pub fn name(oid: pg_sys::Oid) -> Option<(String, String)> {
    // SAFETY: the tuple's struct is of its catalog, and read before the tuple is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::PROCOID), oid.into());
        if tuple.is_null() {
            return None;
        }
        let form = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_proc>();
        let found = namespace_name(form.pronamespace).map(|schema| (schema, name_text(&form.proname)));
        pg_sys::ReleaseSysCache(tuple);
        found
    }
}

/// A function as a claim writes it.
pub fn path(oid: pg_sys::Oid) -> Option<String> {
    let (schema, name) = name(oid)?;
    let arguments: Vec<String> = argument_types(oid).into_iter().map(|one| type_name(one).display(-1)).collect();
    Some(display_function(&schema, &name, &arguments.join(", ")))
}
