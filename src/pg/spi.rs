//! The one SPI helper: prepared once, every value bound, always the latest snapshot.
//!
//! The snapshot is passed by hand because a transaction in REPEATABLE READ would otherwise not see what was
//! committed while it waited for the fence.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CString;

use pgrx::datum::{FromDatum, IntoDatum};
use pgrx::pg_sys;

use super::error::{Error, Result};

/// A value bound to a statement's parameter.
pub struct Argument {
    datum: Option<pg_sys::Datum>,
    r#type: pg_sys::Oid,
}

/// Binds a value.
pub fn bind<T: IntoDatum>(value: T) -> Argument {
    Argument { r#type: T::type_oid(), datum: value.into_datum() }
}

thread_local! {
    static PLANS: RefCell<HashMap<&'static str, pg_sys::SPIPlanPtr>> = RefCell::new(HashMap::new());
}

/// One row of a result, valid while it is read.
pub struct Row {
    tuple: pg_sys::HeapTuple,
    descriptor: pg_sys::TupleDesc,
}

impl Row {
    /// Column `number`, from 1; `None` for NULL.
    pub fn get<T: FromDatum>(&self, number: i32) -> Option<T> {
        let mut is_null = false;
        // SAFETY: tuple and descriptor come from the same SPI result, which is still open.
        unsafe {
            let datum = pg_sys::SPI_getbinval(self.tuple, self.descriptor, number, &mut is_null);
            T::from_polymorphic_datum(datum, is_null, pg_sys::InvalidOid)
        }
    }

    /// Column `number`, which is never NULL.
    ///
    /// # Errors
    /// XX000 when it is.
    pub fn need<T: FromDatum>(&self, number: i32) -> Result<T> {
        self.get(number).ok_or_else(|| Error::internal(format!("column {number} of an internal query is null")))
    }
}

struct Connection;

impl Connection {
    fn open() -> Result<Connection> {
        // SAFETY: paired with SPI_finish in drop; an ERROR in between cleans up by itself.
        match unsafe { pg_sys::SPI_connect() } {
            code if code == pg_sys::SPI_OK_CONNECT as i32 => Ok(Connection),
            code => Err(Error::internal(format!("SPI_connect: {code}"))),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pairs with open().
            unsafe { pg_sys::SPI_finish() };
        }
    }
}

fn plan(sql: &'static str, arguments: &[Argument]) -> Result<pg_sys::SPIPlanPtr> {
    if let Some(plan) = PLANS.with_borrow(|plans| plans.get(sql).copied()) {
        return Ok(plan);
    }
    let text = CString::new(sql).map_err(|_| Error::internal("NUL in an internal query"))?;
    let mut types: Vec<pg_sys::Oid> = arguments.iter().map(|argument| argument.r#type).collect();
    // SAFETY: text and types live through the call; a kept plan is never freed, one for each statement of ours.
    unsafe {
        // One plan for all values: planning costs more than any of our look-ups. Sequential scans are off while we act
        // as the owner (AsOwner), so that a plan made while the tables were small is right when they are large.
        let generic = pg_sys::CURSOR_OPT_GENERIC_PLAN as i32;
        let plan = pg_sys::SPI_prepare_cursor(text.as_ptr(), types.len() as i32, types.as_mut_ptr(), generic);
        if plan.is_null() || pg_sys::SPI_keepplan(plan) != 0 {
            let code = pg_sys::SPI_result;
            return Err(Error::internal(format!("could not prepare an internal query: {code}")));
        }
        PLANS.with_borrow_mut(|plans| plans.insert(sql, plan));
        Ok(plan)
    }
}

/// Executes `sql` with `arguments` bound and gives each row of its result to `read`.
///
/// # Errors
/// XX000 for an SPI failure, and what `read` fails with; the server's own ERRORs are raised.
pub fn query<T>(sql: &'static str, arguments: &[Argument], mut read: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
    run(sql, arguments, true, |row| read(row))
}

/// Executes `sql`, which changes rows.
///
/// # Errors
/// XX000 for an SPI failure; the server's own ERRORs are raised.
pub fn execute(sql: &'static str, arguments: &[Argument]) -> Result<()> {
    run(sql, arguments, false, |_| Ok(()))?;
    Ok(())
}

/// Executes a data-changing `sql` with a RETURNING list.
///
/// # Errors
/// As [`query`].
pub fn returning<T>(
    sql: &'static str,
    arguments: &[Argument],
    mut read: impl FnMut(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    run(sql, arguments, false, |row| read(row))
}

fn run<T>(
    sql: &'static str,
    arguments: &[Argument],
    read_only: bool,
    mut read: impl FnMut(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let null = pg_sys::Datum::from(0usize);
    let mut values: Vec<pg_sys::Datum> = arguments.iter().map(|argument| argument.datum.unwrap_or(null)).collect();
    let nulls: Vec<std::ffi::c_char> =
        arguments.iter().map(|argument| if argument.datum.is_some() { b' ' } else { b'n' } as _).collect();
    let _connection = Connection::open()?;
    let plan = plan(sql, arguments)?;
    let mut rows = Vec::new();
    // SAFETY: values and nulls match the plan's parameters; the snapshot is registered for the call; the tuple
    // table is read before the connection closes.
    unsafe {
        let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot());
        let code = pg_sys::SPI_execute_snapshot(
            plan,
            values.as_mut_ptr(),
            nulls.as_ptr(),
            snapshot,
            std::ptr::null_mut(),
            // Read-only execution uses the snapshot as it is; ours must also see this command's own changes.
            read_only && pg_sys::GetTopTransactionIdIfAny() == pg_sys::InvalidTransactionId,
            true,
            0,
        );
        pg_sys::UnregisterSnapshot(snapshot);
        if code < 0 {
            return Err(Error::internal(format!("SPI_execute_snapshot: {code}")));
        }
        let table = pg_sys::SPI_tuptable;
        if !table.is_null() {
            rows.reserve((*table).numvals as usize);
            for index in 0..(*table).numvals as usize {
                let row = Row { tuple: *(*table).vals.add(index), descriptor: (*table).tupdesc };
                rows.push(read(&row)?);
            }
        }
    }
    Ok(rows)
}

/// Executes a query that is not known beforehand, whose identifiers the caller has quoted; its plan is not kept.
///
/// # Errors
/// As [`query`].
pub fn query_once<T>(sql: &str, arguments: &[Argument], mut read: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
    let text = CString::new(sql).map_err(|_| Error::internal("NUL in a query"))?;
    let mut types: Vec<pg_sys::Oid> = arguments.iter().map(|argument| argument.r#type).collect();
    let null = pg_sys::Datum::from(0usize);
    let mut values: Vec<pg_sys::Datum> = arguments.iter().map(|argument| argument.datum.unwrap_or(null)).collect();
    let _connection = Connection::open()?;
    // SAFETY: types and values belong to the parameters of the text; no value is NULL; the tuple table is read before the
    // connection closes.
    unsafe {
        let (types, values) = (types.as_mut_ptr(), values.as_mut_ptr());
        let count = arguments.len() as i32;
        let code = pg_sys::SPI_execute_with_args(text.as_ptr(), count, types, values, std::ptr::null(), true, 0);
        if code < 0 {
            return Err(Error::internal(format!("SPI_execute_with_args: {code}")));
        }
        let mut rows = Vec::new();
        let table = pg_sys::SPI_tuptable;
        if !table.is_null() {
            for index in 0..(*table).numvals as usize {
                rows.push(read(&Row { tuple: *(*table).vals.add(index), descriptor: (*table).tupdesc })?);
            }
        }
        Ok(rows)
    }
}

/// Executes a DDL command, whose identifiers the caller has quoted.
///
/// # Errors
/// XX000 for an SPI failure; the server's own ERRORs are raised.
pub fn command(sql: &str) -> Result<()> {
    let text = CString::new(sql).map_err(|_| Error::internal("NUL in a command"))?;
    let _connection = Connection::open()?;
    // SAFETY: a NUL-terminated text, executed in an open SPI connection.
    match unsafe { pg_sys::SPI_execute(text.as_ptr(), false, 0) } {
        code if code >= 0 => Ok(()),
        code => Err(Error::internal(format!("SPI_execute: {code}"))),
    }
}
