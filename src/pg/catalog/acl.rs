//! Access control lists, read.

use integratedb_claim::catalog::Grant;
use integratedb_claim::privilege::{Privilege, PrivilegeSet, Privileges};
use pgrx::pg_sys;

use super::{cache, columns_of_relations, scan_columns};

/// What a role has been granted itself on a relation, as the ACLs are now; on columns only if asked for.
pub fn granted_to(role: pg_sys::Oid, relation: pg_sys::Oid, columns: bool) -> Privileges {
    let mut privileges = Privileges::default();
    let mine = |acl: Vec<Grant>| acl.into_iter().filter(move |grant| grant.grantee == role.to_u32());
    // SAFETY: the tuple's ACL is read before the tuple is released.
    let acl = unsafe {
        let tuple = pg_sys::SearchSysCache1(cache(pg_sys::SysCacheIdentifier::RELOID), relation.into());
        if tuple.is_null() {
            return privileges;
        }
        let acl = acl_of_tuple(tuple, pg_sys::SysCacheIdentifier::RELOID, pg_sys::Anum_pg_class_relacl as i16);
        pg_sys::ReleaseSysCache(tuple);
        acl
    };
    for privilege in mine(acl).flat_map(|grant| grant.privileges.iter().collect::<Vec<_>>()) {
        privileges.add_whole(privilege);
    }
    if columns {
        let mut scan = columns_of_relations();
        scan_columns(relation, &mut scan, |attribute, _, acl| {
            for privilege in mine(acl).flat_map(|grant| grant.privileges.iter().collect::<Vec<_>>()) {
                privileges.add_column(privilege, attribute.attnum);
            }
        });
        scan.close();
    }
    privileges
}

/// Reads the columns of a relation into the system caches, by two scans: GRANT looks up each of its columns there twice, and
/// what is not there yet costs it a scan each time. It is taken out again as the grants change it.
pub fn cache_columns(relation: pg_sys::Oid) {
    for id in [pg_sys::SysCacheIdentifier::ATTNAME, pg_sys::SysCacheIdentifier::ATTNUM] {
        let nothing = pg_sys::Datum::from(0usize);
        // SAFETY: a look-up by the first key of the cache; its members stay in the cache when the list is released.
        unsafe {
            let list = pg_sys::SearchSysCacheList(cache(id), 1, relation.into(), nothing, nothing);
            pg_sys::ReleaseCatCacheList(list);
        }
    }
}

/// The privileges that a claim can ask for, by their bits (`ACL_*` in PostgreSQL's parsenodes.h).
const BITS: [(u32, Privilege); 7] = [
    (pg_sys::ACL_SELECT, Privilege::Select),
    (pg_sys::ACL_INSERT, Privilege::Insert),
    (pg_sys::ACL_UPDATE, Privilege::Update),
    (pg_sys::ACL_DELETE, Privilege::Delete),
    (pg_sys::ACL_REFERENCES, Privilege::References),
    (pg_sys::ACL_USAGE, Privilege::Usage),
    (pg_sys::ACL_EXECUTE, Privilege::Execute),
];

fn set_of(mode: pg_sys::AclMode) -> PrivilegeSet {
    let holds = |(bit, _): &&(u32, Privilege)| mode & pg_sys::AclMode::from(*bit) != 0;
    BITS.iter().filter(holds).map(|(_, privilege)| *privilege).collect()
}

/// The entries of a tuple's ACL; an ACL that is NULL holds the owner's alone, which is not listed.
///
/// # Safety
/// `tuple` must come from the cache `id`, and `attribute` be an `aclitem[]` of it.
pub unsafe fn acl_of_tuple(
    tuple: pg_sys::HeapTuple,
    id: pg_sys::SysCacheIdentifier::Type,
    attribute: i16,
) -> Vec<Grant> {
    let mut is_null = false;
    // SAFETY: as promised by the caller.
    unsafe {
        let acl = pg_sys::SysCacheGetAttr(cache(id), tuple, attribute, &mut is_null);
        if is_null { Vec::new() } else { grants(acl) }
    }
}

/// The same for a function or type, whose ACL when it is NULL lets PUBLIC use it.
///
/// # Safety
/// As [`acl_of_tuple`].
pub unsafe fn acl_of_public_object(
    tuple: pg_sys::HeapTuple,
    id: pg_sys::SysCacheIdentifier::Type,
    attribute: i16,
    owner: u32,
    privilege: Privilege,
) -> Vec<Grant> {
    let mut is_null = false;
    // SAFETY: as promised by the caller.
    unsafe {
        let acl = pg_sys::SysCacheGetAttr(cache(id), tuple, attribute, &mut is_null);
        if is_null { granted_to_public(owner, privilege) } else { grants(acl) }
    }
}

/// What an ACL that is NULL stands for where it lets PUBLIC use the object.
pub fn granted_to_public(owner: u32, privilege: Privilege) -> Vec<Grant> {
    let privileges = PrivilegeSet::NONE.with(privilege);
    vec![Grant { grantee: 0, grantor: owner, privileges, grantable: PrivilegeSet::NONE }]
}

/// The entries of an ACL that hold a privilege which a claim can ask for.
///
/// # Safety
/// `acl` must be an `aclitem[]`.
pub unsafe fn grants(acl: pg_sys::Datum) -> Vec<Grant> {
    // The grant options stand in the upper half of an AclMode (ACLITEM_ALL_GOPTION_BITS in PostgreSQL's acl.h).
    const OPTION_SHIFT: usize = size_of::<pg_sys::AclMode>() * 4;
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
            .map(|item| Grant {
                grantee: item.ai_grantee.to_u32(),
                grantor: item.ai_grantor.to_u32(),
                privileges: set_of(item.ai_privs),
                grantable: set_of(item.ai_privs >> OPTION_SHIFT),
            })
            .filter(|grant| !grant.privileges.is_empty())
            .collect()
    }
}
