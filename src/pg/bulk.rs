//! Many new rows for a table of ours, below the executor: no statement, no arrays, and a page is filled at once.
//!
//! Constraints and indexes are the server's business as ever. Defaults are not applied and triggers not fired: those of
//! ours are for rows that others write.

use std::ffi::CStr;

use pgrx::datum::IntoDatum;
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
    /// json that is written when its row is: the texts of all rows would be as large as the table.
    Document(&'a dyn Document),
}

/// What is stored as json.
pub trait Document {
    /// Writes it.
    ///
    /// # Errors
    /// When it has no form as JSON.
    fn write(&self, to: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl<'a> Value<'a> {
    /// A document, or NULL.
    pub fn document(document: Option<&'a dyn Document>) -> Value<'a> {
        document.map_or(Value::Null, Value::Document)
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
            Value::Json(_) | Value::Document(_) => pg_sys::JSONOID,
        })
    }

    /// As the server has it, for as long as `memory` is not used anew.
    fn datum(self, memory: &mut Memory) -> Result<Option<pg_sys::Datum>> {
        Ok(match self {
            Value::Null => None,
            Value::Bool(value) => value.into_datum(),
            Value::Int2s(values) => Some(memory.int2s(values)),
            Value::Int4(value) => value.into_datum(),
            Value::Int8(value) => value.into_datum(),
            Value::Oid(value) => value.into_datum(),
            Value::Xid8(value) => Some(pg_sys::Datum::from(value)),
            // The same bytes as text.
            Value::Text(value) | Value::Json(value) => Some(memory.text(value.as_bytes())?),
            Value::Document(document) => {
                let mut text = std::mem::take(&mut memory.scratch);
                text.clear();
                document.write(&mut text).map_err(|error| Error::internal(error.to_string()))?;
                let datum = memory.text(&text)?;
                memory.scratch = text;
                Some(datum)
            }
            Value::Name(value) => Some(memory.name(value)),
        })
    }
}

/// Where the values of a batch lie: taken piece by piece and used anew for the next batch, because to ask the server for
/// memory costs as much as all else about a value.
#[derive(Default)]
struct Memory {
    chunks: Vec<Box<[u64]>>,
    /// The chunk that is taken from, and how much of it is taken.
    chunk: usize,
    taken: usize,
    /// Of a document that is being written.
    scratch: Vec<u8>,
}

impl Memory {
    const WORD: usize = size_of::<u64>();
    /// Words of a chunk, but for a value that is larger.
    const CHUNK: usize = 8192;
    /// Of a value with its header (MaxAllocSize in PostgreSQL's memutils.h).
    const LARGEST: usize = 0x3fff_ffff;

    fn begin_anew(&mut self) {
        (self.chunk, self.taken) = (0, 0);
    }

    /// Puts the values of a row where they belong among all columns; tells whether they are of these columns' types.
    fn fill(
        &mut self,
        attributes: &[(usize, pg_sys::Oid)],
        row: &[Value],
        values: &mut [pg_sys::Datum],
        nulls: &mut [bool],
    ) -> Result<bool> {
        let mut fits = true;
        for ((index, r#type), value) in attributes.iter().zip(row) {
            fits &= value.r#type().is_none_or(|of_value| of_value == *r#type);
            if let Some(datum) = value.datum(self)? {
                values[*index] = datum;
                nulls[*index] = false;
            }
        }
        Ok(fits)
    }

    /// So many bytes and perhaps some more, aligned for any value; what they hold is undefined.
    fn take(&mut self, bytes: usize) -> &mut [u8] {
        let words = bytes.div_ceil(Self::WORD);
        while self.chunks.get(self.chunk).is_some_and(|chunk| chunk.len() - self.taken < words) {
            self.chunk += 1;
            self.taken = 0;
        }
        if self.chunk == self.chunks.len() {
            self.chunks.push(vec![0; words.max(Self::CHUNK)].into_boxed_slice());
        }
        let words = &mut self.chunks[self.chunk][self.taken..self.taken + words];
        self.taken += words.len();
        // SAFETY: the same memory as bytes, of which any pattern is allowed.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size_of_val(words)) }
    }

    /// text, or what has the same form.
    fn text(&mut self, text: &[u8]) -> Result<pg_sys::Datum> {
        let size = pg_sys::VARHDRSZ + text.len();
        if size > Self::LARGEST {
            return Err(Error::internal(format!("a value of {} bytes", text.len())));
        }
        let value = self.take(size);
        value[pg_sys::VARHDRSZ..size].copy_from_slice(text);
        let value = value.as_mut_ptr();
        // SAFETY: the value begins with its header.
        unsafe { pgrx::set_varsize_4b(value.cast(), size as i32) };
        Ok(pg_sys::Datum::from(value))
    }

    /// name, cut where the server would cut it.
    fn name(&mut self, text: &str) -> pg_sys::Datum {
        const SIZE: usize = pg_sys::NAMEDATALEN as usize;
        let length = if text.len() < SIZE {
            text.len()
        } else {
            // SAFETY: a text and its length.
            unsafe { pg_sys::pg_mbcliplen(text.as_ptr().cast(), text.len() as i32, SIZE as i32 - 1) as usize }
        };
        let name = &mut self.take(SIZE)[..SIZE];
        name[..length].copy_from_slice(&text.as_bytes()[..length]);
        name[length..].fill(0);
        pg_sys::Datum::from(name.as_mut_ptr())
    }

    /// smallint[], in the current memory context.
    fn int2s(&self, values: &[i16]) -> pg_sys::Datum {
        const ALIGNMENT: u8 = b's';
        let mut values: Vec<pg_sys::Datum> = values.iter().map(|value| pg_sys::Datum::from(*value)).collect();
        let size = size_of::<i16>() as i32;
        // SAFETY: values of the type, and what pg_type says of it.
        let array = unsafe {
            let (values, count) = (values.as_mut_ptr(), values.len() as i32);
            pg_sys::construct_array(values, count, pg_sys::INT2OID, size, true, ALIGNMENT as std::ffi::c_char)
        };
        pg_sys::Datum::from(array)
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
            if !target.store(count, &attributes, &row)? {
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
    /// Of what the server allocates for one batch.
    context: pg_sys::MemoryContext,
    memory: Memory,
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
            let context = pg_sys::AllocSetContextCreateInternal(
                (*state).es_query_cxt,
                c"integratedb bulk insert".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as pg_sys::Size,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as pg_sys::Size,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as pg_sys::Size,
            );
            Target { relation, state, result, slots: Vec::new(), context, memory: Memory::default() }
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
    fn store(&mut self, slot: usize, attributes: &[(usize, pg_sys::Oid)], row: &[Value]) -> Result<bool> {
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
            let before = pg_sys::MemoryContextSwitchTo(self.context);
            let fits = self.memory.fill(attributes, row, values, nulls);
            pg_sys::MemoryContextSwitchTo(before);
            if matches!(fits, Ok(true)) {
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
                let before = pg_sys::MemoryContextSwitchTo(self.context);
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
            pg_sys::MemoryContextReset(self.context);
            self.memory.begin_anew();
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
