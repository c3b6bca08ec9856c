//! Access control lists, read.

use integratedb_claim::catalog::Grant;
use integratedb_claim::privilege::Select;
use pgrx::pg_sys;

use super::{cache, scan_columns};

/// SELECT that a role has been granted itself on a relation, as the ACLs are now; on columns only if asked for.
pub fn select_granted_to(role: pg_sys::Oid, relation: pg_sys::Oid, columns: bool) -> Select {
    let mine = |grants: Vec<Grant>| grants.iter().any(|grant| grant.grantee == role.to_u32());
    // SAFETY: the tuple's ACL is read before the tuple is released.
    let whole = unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::RELOID), relation.into());
        if tuple.is_null() {
            return Select::default();
        }
        let id = pg_sys::SysCacheIdentifier::RELOID;
        let grants = acl_of_tuple(tuple, id, pg_sys::Anum_pg_class_relacl as i16, pg_sys::ACL_SELECT);
        pg_sys::ReleaseSysCache(tuple);
        mine(grants)
    };
    let mut select = Select { whole, ..Select::default() };
    if columns {
        scan_columns(relation, |attribute, grants| {
            if mine(grants) {
                select.columns.insert(attribute.attnum);
            }
        });
    }
    select
}

/// The entries of a tuple's ACL that hold `privilege`; an ACL that is NULL holds the owner's alone, which is not listed.
///
/// # Safety
/// `tuple` must come from the cache `id`, and `attribute` be an `aclitem[]` of it.
pub unsafe fn acl_of_tuple(
    tuple: pg_sys::HeapTuple,
    id: pg_sys::SysCacheIdentifier::Type,
    attribute: i16,
    privilege: u32,
) -> Vec<Grant> {
    let mut is_null = false;
    // SAFETY: as promised by the caller.
    unsafe {
        let acl = pg_sys::SysCacheGetAttr(cache(id), tuple, attribute, &mut is_null);
        if is_null { Vec::new() } else { acl_grants(acl, privilege) }
    }
}

/// The entries of an ACL that hold `privilege`.
///
/// # Safety
/// `acl` must be an `aclitem[]`.
pub unsafe fn acl_grants(acl: pg_sys::Datum, privilege: u32) -> Vec<Grant> {
    // The grant options stand in the upper half of an AclMode (ACLITEM_ALL_GOPTION_BITS in PostgreSQL's acl.h).
    const OPTION_SHIFT: usize = size_of::<pg_sys::AclMode>() * 4;
    let privilege = pg_sys::AclMode::from(privilege);
    // SAFETY: an ACL is a one-dimensional array without nulls (check_acl in acl.c), its items after the header.
    unsafe {
        let array = pg_sys::pg_detoast_datum(acl.cast_mut_ptr()).cast::<pg_sys::ArrayType>();
        if (*array).ndim != 1 {
            return Vec::new();
        }
        let count = *array.add(1).cast::<i32>();
        let header = match (*array).dataoffset {
            0 => (size_of::<pg_sys::ArrayType>() + 2 * size_of::<i32>()).next_multiple_of(8),
            offset => offset as usize,
        };
        let items = array.cast::<u8>().add(header).cast::<pg_sys::AclItem>();
        (0..count as usize)
            .map(|index| &*items.add(index))
            .filter(|item| item.ai_privs & privilege != 0)
            .map(|item| Grant {
                grantee: item.ai_grantee.to_u32(),
                grantor: item.ai_grantor.to_u32(),
                grantable: item.ai_privs & (privilege << OPTION_SHIFT) != 0,
            })
            .collect()
    }
}
