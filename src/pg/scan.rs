//! Scanning a table or catalog by index, without SQL: for what every DDL statement pays for, and for catalogs as they are now.

use pgrx::datum::{FromDatum, IntoDatum};
use pgrx::pg_sys;

/// A table that is open, with the snapshot that it is read by.
pub struct Scan {
    table: pg_sys::Relation,
    index: pg_sys::Oid,
    /// NULL for a catalog: the server takes the latest catalog snapshot itself.
    snapshot: pg_sys::Snapshot,
}

/// A row, valid while it is read.
pub struct Tuple {
    /// For its fixed part, `GETSTRUCT`.
    pub tuple: pg_sys::HeapTuple,
    descriptor: pg_sys::TupleDesc,
}

impl Tuple {
    /// An attribute by number; `None` for NULL.
    pub fn get(&self, number: i32) -> Option<pg_sys::Datum> {
        let mut is_null = false;
        // SAFETY: the tuple and its descriptor are of the same table, which is open.
        let datum = unsafe { pg_sys::heap_getattr(self.tuple, number, self.descriptor, &mut is_null) };
        (!is_null).then_some(datum)
    }

    /// An attribute of type text.
    pub fn text(&self, number: i32) -> Option<String> {
        // SAFETY: a text of the tuple, copied while that is there.
        self.get(number).and_then(|datum| unsafe { String::from_datum(datum, false) })
    }
}

/// The latest snapshot, held until dropped: so that several catalogs are read as of one moment.
pub struct Moment(pg_sys::Snapshot);

impl Moment {
    /// The catalogs as they are now.
    pub fn now() -> Moment {
        // SAFETY: unregistered in drop; an ERROR between is cleaned up by the resource owner.
        Moment(unsafe { pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot()) })
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pairs with now().
            unsafe { pg_sys::UnregisterSnapshot(self.0) };
        }
    }
}

impl Scan {
    /// Opens a catalog to read it from end to end as of a moment.
    pub fn catalog_as_of(table: pg_sys::Oid, moment: &Moment) -> Scan {
        // SAFETY: as in table(); the registration counts, so that the snapshot outlives the scan.
        unsafe {
            Scan {
                table: pg_sys::table_open(table, pg_sys::AccessShareLock as i32),
                index: pg_sys::InvalidOid,
                snapshot: pg_sys::RegisterSnapshot(moment.0),
            }
        }
    }

    /// Opens a table of ours; without an index it is read from end to end.
    pub fn table(table: pg_sys::Oid, index: Option<pg_sys::Oid>) -> Scan {
        // SAFETY: opened and registered here, closed in close(); an ERROR between is cleaned up by the resource owner.
        unsafe {
            Scan {
                table: pg_sys::table_open(table, pg_sys::AccessShareLock as i32),
                index: index.unwrap_or(pg_sys::InvalidOid),
                snapshot: pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot()),
            }
        }
    }

    /// Opens a catalog.
    pub fn catalog(table: pg_sys::Oid, index: pg_sys::Oid) -> Scan {
        // SAFETY: as in table().
        let table = unsafe { pg_sys::table_open(table, pg_sys::AccessShareLock as i32) };
        Scan { table, index, snapshot: std::ptr::null_mut() }
    }

    /// Opens a catalog as it was when the transaction began, with what others have committed since.
    pub fn catalog_before(table: pg_sys::Oid, index: pg_sys::Oid) -> Scan {
        // SAFETY: as in table(). Registering copies the snapshot, so that the change is in a copy of our own: before its first
        // command a transaction has done nothing.
        unsafe {
            let table = pg_sys::table_open(table, pg_sys::AccessShareLock as i32);
            let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot());
            (*snapshot).curcid = pg_sys::FirstCommandId;
            Scan { table, index, snapshot }
        }
    }

    /// Gives each row that the keys find to `read`, until it says that it has enough.
    pub fn find(&self, keys: &mut [pg_sys::ScanKeyData], mut read: impl FnMut(&Tuple) -> bool) {
        // SAFETY: the keys name attributes of the index; each tuple is read before the next is fetched.
        unsafe {
            let has_index = self.index != pg_sys::InvalidOid;
            let (count, keys) = (keys.len() as i32, keys.as_mut_ptr());
            let scan = pg_sys::systable_beginscan(self.table, self.index, has_index, self.snapshot, count, keys);
            loop {
                let tuple = pg_sys::systable_getnext(scan);
                if tuple.is_null() || !read(&Tuple { tuple, descriptor: (*self.table).rd_att }) {
                    break;
                }
            }
            pg_sys::systable_endscan(scan);
        }
    }

    /// Closes it.
    pub fn close(self) {
        // SAFETY: pairs with table() or catalog().
        unsafe {
            if !self.snapshot.is_null() {
                pg_sys::UnregisterSnapshot(self.snapshot);
            }
            pg_sys::table_close(self.table, pg_sys::AccessShareLock as i32);
        }
    }
}

/// A catalog that is read by one index again and again: to begin anew costs less than to begin.
pub struct Rescan {
    table: pg_sys::Relation,
    index: pg_sys::Relation,
    /// NULL until something is looked for.
    scan: pg_sys::SysScanDesc,
}

impl Rescan {
    /// Opens it. What the first look-up sees of the catalog, all others see.
    pub fn catalog(table: pg_sys::Oid, index: pg_sys::Oid) -> Rescan {
        // SAFETY: opened here, closed in close(); an ERROR between is cleaned up by the resource owner.
        unsafe {
            Rescan {
                table: pg_sys::table_open(table, pg_sys::AccessShareLock as i32),
                index: pg_sys::index_open(index, pg_sys::AccessShareLock as i32),
                scan: std::ptr::null_mut(),
            }
        }
    }

    /// Gives each row that the keys find to `read`; there are always as many keys, and on the same attributes.
    ///
    /// `keys` count the attributes of the table, as [`key`] does; `places` are those of the index.
    pub fn find<const N: usize>(
        &mut self,
        mut keys: [pg_sys::ScanKeyData; N],
        places: [i16; N],
        mut read: impl FnMut(&Tuple),
    ) {
        // SAFETY: table, index and scan are open; each tuple is read before the next is fetched.
        unsafe {
            if self.scan.is_null() {
                let latest = std::ptr::null_mut();
                let (count, keys) = (N as i32, keys.as_mut_ptr());
                self.scan = pg_sys::systable_beginscan_ordered(self.table, self.index, latest, count, keys);
            } else {
                for (key, place) in keys.iter_mut().zip(places) {
                    key.sk_attno = place;
                }
                pg_sys::index_rescan((*self.scan).iscan, keys.as_mut_ptr(), N as i32, std::ptr::null_mut(), 0);
            }
            loop {
                let forward = pg_sys::ScanDirection::ForwardScanDirection;
                let tuple = pg_sys::systable_getnext_ordered(self.scan, forward);
                if tuple.is_null() {
                    break;
                }
                read(&Tuple { tuple, descriptor: (*self.table).rd_att });
            }
        }
    }

    /// Closes it.
    pub fn close(self) {
        // SAFETY: pairs with catalog() and find().
        unsafe {
            if !self.scan.is_null() {
                pg_sys::systable_endscan_ordered(self.scan);
            }
            pg_sys::index_close(self.index, pg_sys::AccessShareLock as i32);
            pg_sys::table_close(self.table, pg_sys::AccessShareLock as i32);
        }
    }
}

/// The key `attribute = argument`.
pub fn key(attribute: i16, procedure: u32, argument: pg_sys::Datum) -> pg_sys::ScanKeyData {
    compare(attribute, pg_sys::BTEqualStrategyNumber, procedure, argument)
}

/// The key `attribute = argument` for an attribute of type text, of one of our tables: its index is in the order of the
/// database, not of the catalogs.
pub fn text_key(attribute: i16, argument: &str) -> pg_sys::ScanKeyData {
    let argument = argument.into_datum().unwrap_or(pg_sys::Datum::from(0usize));
    let mut key = key(attribute, pg_sys::F_TEXTEQ, argument);
    key.sk_collation = pg_sys::DEFAULT_COLLATION_OID;
    key
}

/// The key `attribute > argument`.
pub fn key_above(attribute: i16, procedure: u32, argument: pg_sys::Datum) -> pg_sys::ScanKeyData {
    compare(attribute, pg_sys::BTGreaterStrategyNumber, procedure, argument)
}

fn compare(attribute: i16, strategy: u32, procedure: u32, argument: pg_sys::Datum) -> pg_sys::ScanKeyData {
    let mut key = pg_sys::ScanKeyData::default();
    // SAFETY: fills the struct it is given.
    unsafe { pg_sys::ScanKeyInit(&mut key, attribute, strategy as u16, procedure.into(), argument) };
    key
}
