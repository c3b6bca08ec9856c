//! Reading a catalog from end to end, by the names of its columns: their numbers differ from version to version.

use std::ffi::CStr;

use integratedb_claim::catalog::Grant;
use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::catalog::{grants, name_text};
use crate::pg::scan::{Moment, Scan, Tuple};

/// A row of a catalog: its columns by their position among those that were asked for.
pub struct Row<'a> {
    tuple: &'a Tuple,
    numbers: &'a [i32],
}

/// Gives each row of a catalog to `read`.
pub fn each<const N: usize>(catalog: u32, columns: [&CStr; N], moment: &Moment, mut read: impl FnMut(&Row)) {
    let catalog = pg_sys::Oid::from(catalog);
    // SAFETY: syscache look-ups of NUL-terminated names; 0 where this version has no such column.
    let numbers = columns.map(|name| i32::from(unsafe { pg_sys::get_attnum(catalog, name.as_ptr()) }));
    scan(catalog, moment, |tuple| read(&Row { tuple, numbers: &numbers }));
}

/// Gives each tuple of a catalog to `read`.
pub fn scan(catalog: pg_sys::Oid, moment: &Moment, mut read: impl FnMut(&Tuple)) {
    let scan = Scan::catalog_as_of(catalog, moment);
    scan.find(&mut [], |tuple| {
        read(tuple);
        true
    });
    scan.close();
    pgrx::check_for_interrupts!();
}

impl Row<'_> {
    fn datum(&self, position: usize) -> Option<pg_sys::Datum> {
        match self.numbers[position] {
            0 => None,
            number => self.tuple.get(number),
        }
    }

    fn value<T: FromDatum>(&self, position: usize) -> Option<T> {
        // SAFETY: each method below asks for the type that the column has in every version.
        unsafe { T::from_datum(self.datum(position)?, false) }
    }

    /// Whether there is a value.
    pub fn has(&self, position: usize) -> bool {
        self.datum(position).is_some()
    }

    /// An `oid` or `regproc`; 0 for none.
    pub fn oid(&self, position: usize) -> u32 {
        self.value(position).map_or(0, pg_sys::Oid::to_u32)
    }

    /// A `bool`; `None` where this version has no such column.
    pub fn flag(&self, position: usize) -> Option<bool> {
        self.value(position)
    }

    /// A `bool`.
    pub fn bool(&self, position: usize) -> bool {
        self.flag(position).unwrap_or_default()
    }

    /// A `"char"`.
    pub fn char(&self, position: usize) -> char {
        self.value::<i8>(position).unwrap_or_default() as u8 as char
    }

    /// An `int2`.
    pub fn i16(&self, position: usize) -> i16 {
        self.value(position).unwrap_or_default()
    }

    /// An `int4`.
    pub fn i32(&self, position: usize) -> i32 {
        self.value(position).unwrap_or_default()
    }

    /// A `float4`.
    pub fn f32(&self, position: usize) -> f32 {
        self.value(position).unwrap_or_default()
    }

    /// A `name`.
    pub fn name(&self, position: usize) -> String {
        // SAFETY: a name is passed by reference to its fixed size.
        self.datum(position).map(|datum| name_text(unsafe { &*datum.cast_mut_ptr() })).unwrap_or_default()
    }

    /// A `text` or `pg_node_tree`.
    pub fn text(&self, position: usize) -> String {
        self.value(position).unwrap_or_default()
    }

    /// An `int2[]` or `int2vector`.
    pub fn i16s(&self, position: usize) -> Vec<i16> {
        // SAFETY: both are one-dimensional arrays of int2 without nulls.
        self.datum(position).map(|datum| unsafe { elements(datum) }).unwrap_or_default()
    }

    /// An `oidvector`.
    pub fn oids(&self, position: usize) -> Vec<u32> {
        // SAFETY: a one-dimensional array of oid without nulls.
        self.datum(position).map(|datum| unsafe { elements(datum) }).unwrap_or_default()
    }

    /// An `aclitem[]`.
    pub fn grants(&self, position: usize) -> Option<Vec<Grant>> {
        // SAFETY: the column is an aclitem[].
        self.datum(position).map(|acl| unsafe { grants(acl) })
    }
}

/// # Safety
/// `array` is an array, or a vector type that is laid out like one, of `T` without nulls.
unsafe fn elements<T: Copy>(array: pg_sys::Datum) -> Vec<T> {
    // SAFETY: as promised by the caller; the elements begin after the header, its length and its lower bound.
    unsafe {
        let array = pg_sys::pg_detoast_datum(array.cast_mut_ptr()).cast::<pg_sys::ArrayType>();
        if (*array).ndim != 1 {
            return Vec::new();
        }
        let dimension = array.add(1).cast::<i32>();
        let first = dimension.add(2).cast::<T>();
        (0..(*dimension).max(0) as usize).map(|index| first.add(index).read_unaligned()).collect()
    }
}
