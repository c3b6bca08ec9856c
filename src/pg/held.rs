//! Locks on catalogs, held while many of their rows are changed one by one.
//!
//! For each row the server opens the catalog and its indexes, takes a lock on each and gives it back. Where the session holds
//! that lock already, it only counts. They are the locks that a GRANT takes anyway, and nothing that a session does from day
//! to day waits for them.

use pgrx::pg_sys;

/// pg_shdepend (pg_shdepend.h of PostgreSQL).
const PG_SHDEPEND: u32 = 1214;

/// What a GRANT on relations looks up and changes: the relation, its columns, and what its grantees stand in.
const OF_GRANTS: [pg_sys::Oid; 3] =
    [pg_sys::RelationRelationId, pg_sys::AttributeRelationId, pg_sys::Oid::from_u32(PG_SHDEPEND)];

/// A catalog is read under the one and changed under the other.
const MODES: [u32; 2] = [pg_sys::AccessShareLock, pg_sys::RowExclusiveLock];

/// The locks, held until dropped.
pub struct Held(Vec<pg_sys::Oid>);

impl Held {
    /// Locks the catalogs that GRANTs on relations change, each before its indexes, as the server does.
    pub fn for_grants() -> Held {
        let mut held = Held(Vec::new());
        for catalog in OF_GRANTS {
            held.lock(catalog);
            // SAFETY: the catalog is locked, so that its indexes stay; the list is palloc'd.
            unsafe {
                let relation = pg_sys::table_open(catalog, pg_sys::NoLock as i32);
                let indexes = pg_sys::RelationGetIndexList(relation);
                let count = if indexes.is_null() { 0 } else { (*indexes).length as usize };
                for place in 0..count {
                    held.lock((*(*indexes).elements.add(place)).oid_value);
                }
                pg_sys::list_free(indexes);
                pg_sys::table_close(relation, pg_sys::NoLock as i32);
            }
        }
        held
    }

    fn lock(&mut self, relation: pg_sys::Oid) {
        for mode in MODES {
            // SAFETY: given back in drop; an ERROR between is cleaned up by the resource owner.
            unsafe { pg_sys::LockRelationOid(relation, mode as i32) };
        }
        self.0.push(relation);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for relation in &self.0 {
            for mode in MODES {
                // SAFETY: pairs with lock().
                unsafe { pg_sys::UnlockRelationOid(*relation, mode as i32) };
            }
        }
    }
}
