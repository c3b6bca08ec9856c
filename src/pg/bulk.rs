//! Many new rows for a table of ours, below the executor: no statement, no arrays, and a page is filled at once.
//!
//! Constraints and indexes are the server's business as ever. Defaults are not applied and triggers not fired: those of
//! ours are for rows that others write.

use std::ffi::CStr;

use pgrx::datum::{IntoDatum, JsonString};
use pgrx::pg_sys;

use super::error::{Error, Result};
use super::relations;

/// A value of a column.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// NULL, of whatever type.
    Null,
    /// boolean
    Bool(bool),
    /// smallint[]
    Int2s(&'a [i16]),
    /// integer
    Int4(i32),
    /// bigint
    Int8(i64),
    /// oid
    Oid(pg_sys::Oid),
    /// xid8
    Xid8(u64),
    /// text
    Text(&'a str),
    /// name
    Name(&'a str),
    /// json as serde_json wrote it: not parsed again.
    Json(&'a str),
}

impl<'a> Value<'a> {
    /// A document of ours, or NULL.
    pub fn json(document: Option<&'a JsonString>) -> Value<'a> {
        document.map_or(Value::Null, |document| Value::Json(&document.0))
    }

    fn r#type(&self) -> Option<pg_sys::Oid> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(_) => pg_sys::BOOLOID,
            Value::Int2s(_) => pg_sys::INT2ARRAYOID,
            Value::Int4(_) => pg_sys::INT4OID,
            Value::Int8(_) => pg_sys::INT8OID,
            Value::Oid(_) => pg_sys::OIDOID,
            Value::Xid8(_) => pg_sys::XID8OID,
            Value::Text(_) => pg_sys::TEXTOID,
            Value::Name(_) => pg_sys::NAMEOID,
            Value::Json(_) => pg_sys::JSONOID,
        })
    }

    /// In the current memory context.
    fn datum(self) -> Option<pg_sys::Datum> {
        match self {
            Value::Null => None,
            Value::Bool(value) => value.into_datum(),
            Value::Int2s(values) => values.to_vec().into_datum(),
            Value::Int4(value) => value.into_datum(),
            Value::Int8(value) => value.into_datum(),
            Value::Oid(value) => value.into_datum(),
            Value::Xid8(value) => Some(pg_sys::Datum::from(value)),
            // The same bytes as text.
            Value::Text(value) | Value::Json(value) => value.into_datum(),
            Value::Name(value) => Some(name(value)),
        }
    }
}

/// A name, cut where the server would cut it.
fn name(text: &str) -> pg_sys::Datum {
    const LONGEST: i32 = pg_sys::NAMEDATALEN as i32 - 1;
    // SAFETY: the copied bytes are within the text, and leave at least one zero of the palloc'd name.
    unsafe {
        let length = pg_sys::pg_mbcliplen(text.as_ptr().cast(), text.len() as i32, LONGEST) as usize;
        let name = pg_sys::palloc0(size_of::<pg_sys::NameData>()).cast::<u8>();
        std::ptr::copy_nonoverlapping(text.as_ptr(), name, length);
        pg_sys::Datum::from(name)
    }
}

/// As many rows are handed to the table at once.
const BATCH: usize = 200;

/// Inserts rows: each gives the values of `columns`; those that are not named are NULL.
///
/// # Errors
/// 25006 in a read-only transaction; XX000 for a table that is not as expected; the server's own ERRORs are raised.
pub fn insert<'a, const N: usize>(
    table: &'static CStr,
    columns: [&CStr; N],
    mut rows: impl Iterator<Item = [Value<'a>; N]>,
) -> Result<()> {
    // SAFETY: no pointer outlives the call.
    unsafe { pg_sys::PreventCommandIfReadOnly(c"INSERT".as_ptr()) };
    let mut target = Target::open(relations::oid(table)?);
    let attributes = columns.map(|column| target.attribute(column));
    if attributes.contains(&None) {
        return Err(Error::internal(format!("integratedb.{} lacks a column", table.to_string_lossy())));
    }
    let attributes = attributes.map(Option::unwrap_or_default);
    loop {
        let mut count = 0;
        while count < BATCH
            && let Some(row) = rows.next()
        {
            if !target.store(count, &attributes, &row) {
                return Err(Error::internal(format!("integratedb.{}: type of a column", table.to_string_lossy())));
            }
            count += 1;
        }
        target.flush(count);
        if count < BATCH {
            break;
        }
    }
    target.close();
    // SAFETY: what follows is to see the rows.
    unsafe { pg_sys::CommandCounterIncrement() };
    Ok(())
}

/// A table that is open, with its indexes. After an ERROR the server closes what it opened.
struct Target {
    relation: pg_sys::Relation,
    state: *mut pg_sys::EState,
    result: *mut pg_sys::ResultRelInfo,
    slots: Vec<*mut pg_sys::TupleTableSlot>,
    /// Of the values of one batch.
    memory: pg_sys::MemoryContext,
}

impl Target {
    fn open(table: pg_sys::Oid) -> Target {
        // SAFETY: as nodeModifyTable.c opens the table that it inserts into; everything lives until close().
        unsafe {
            let relation = pg_sys::table_open(table, pg_sys::RowExclusiveLock as i32);
            let state = pg_sys::CreateExecutorState();
            let result = pg_sys::palloc0(size_of::<pg_sys::ResultRelInfo>()).cast::<pg_sys::ResultRelInfo>();
            (*result).type_ = pg_sys::NodeTag::T_ResultRelInfo;
            pg_sys::InitResultRelInfo(result, relation, 0, std::ptr::null_mut(), 0);
            pg_sys::ExecOpenIndices(result, false);
            let memory = pg_sys::AllocSetContextCreateInternal(
                (*state).es_query_cxt,
                c"integratedb bulk insert".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as pg_sys::Size,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as pg_sys::Size,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as pg_sys::Size,
            );
            Target { relation, state, result, slots: Vec::new(), memory }
        }
    }

    /// The position of a column, and its type.
    fn attribute(&self, name: &CStr) -> Option<(usize, pg_sys::Oid)> {
        // SAFETY: the relation is open, and so is its descriptor; the name is NUL-terminated.
        unsafe {
            let descriptor = (*self.relation).rd_att;
            let number = pg_sys::SPI_fnumber(descriptor, name.as_ptr());
            let index = usize::try_from(number).ok()?.checked_sub(1)?;
            Some((index, pg_sys::SPI_gettypeid(descriptor, number)))
        }
    }

    /// Puts a row into a slot; tells whether its values are of the columns' types.
    fn store(&mut self, slot: usize, attributes: &[(usize, pg_sys::Oid)], row: &[Value]) -> bool {
        // SAFETY: a slot of the table's descriptor has as many values as that has attributes, which the positions are
        // of; the values live until the batch is flushed.
        unsafe {
            if slot == self.slots.len() {
                self.slots.push(pg_sys::table_slot_create(self.relation, std::ptr::null_mut()));
            }
            let slot = self.slots[slot];
            pg_sys::ExecClearTuple(slot);
            let count = (*(*self.relation).rd_att).natts as usize;
            let values = std::slice::from_raw_parts_mut((*slot).tts_values, count);
            let nulls = std::slice::from_raw_parts_mut((*slot).tts_isnull, count);
            nulls.fill(true);
            let before = pg_sys::MemoryContextSwitchTo(self.memory);
            let mut fits = true;
            for ((index, r#type), value) in attributes.iter().zip(row) {
                fits &= value.r#type().is_none_or(|of_value| of_value == *r#type);
                if let Some(datum) = value.datum() {
                    values[*index] = datum;
                    nulls[*index] = false;
                }
            }
            pg_sys::MemoryContextSwitchTo(before);
            if fits {
                pg_sys::ExecStoreVirtualTuple(slot);
            }
            fits
        }
    }

    /// Writes the first `count` slots, and their index entries.
    fn flush(&mut self, count: usize) {
        // SAFETY: as COPY does (CopyMultiInsertBufferFlush in copyfrom.c); the slots are filled.
        unsafe {
            if count == 0 {
                return;
            }
            let slots = self.slots.as_mut_ptr();
            if !(*(*self.relation).rd_att).constr.is_null() {
                for slot in &self.slots[..count] {
                    pg_sys::ExecConstraints(self.result, *slot, self.state);
                    self.reset();
                }
            }
            let command = pg_sys::GetCurrentCommandId(true);
            if let Some(multi_insert) = (*(*self.relation).rd_tableam).multi_insert {
                let before = pg_sys::MemoryContextSwitchTo(self.memory);
                multi_insert(self.relation, slots, count as i32, command, 0, std::ptr::null_mut());
                pg_sys::MemoryContextSwitchTo(before);
            }
            for slot in &self.slots[..count] {
                pg_sys::ExecInsertIndexTuples(
                    self.result,
                    *slot,
                    self.state,
                    false,
                    false,
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    #[cfg(not(feature = "pg15"))]
                    false,
                );
                self.reset();
                pg_sys::ExecClearTuple(*slot);
            }
            pg_sys::MemoryContextReset(self.memory);
        }
    }

    /// What a row has left behind.
    ///
    /// # Safety
    /// Nothing of it is used any more.
    unsafe fn reset(&self) {
        // SAFETY: as promised by the caller.
        unsafe {
            let context = (*self.state).es_per_tuple_exprcontext;
            if !context.is_null() {
                pg_sys::MemoryContextReset((*context).ecxt_per_tuple_memory);
            }
        }
    }

    fn close(self) {
        // SAFETY: pairs with open() and store().
        unsafe {
            for slot in self.slots {
                pg_sys::ExecDropSingleTupleTableSlot(slot);
            }
            pg_sys::ExecCloseIndices(self.result);
            pg_sys::FreeExecutorState(self.state);
            // The lock is kept to the end of the transaction, as a statement keeps it.
            pg_sys::table_close(self.relation, pg_sys::NoLock as i32);
        }
    }
}
