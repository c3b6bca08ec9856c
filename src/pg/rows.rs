//! The result of a function that returns rows, all at once. One row a call, as pgrx returns them, would set and reset the
//! function's `search_path` ten thousand times for ten thousand columns.

use pgrx::datum::IntoDatum;
use pgrx::pg_sys;

use super::error::{Error, Result};

/// Returns rows of texts from the set-returning function whose call this is; itself it then returns nothing.
///
/// # Errors
/// XX000 when its columns are others; the server's own ERROR where no set is taken.
pub fn give<'a, const N: usize>(
    call: pg_sys::FunctionCallInfo,
    rows: impl Iterator<Item = [Option<&'a str>; N]>,
) -> Result<()> {
    // SAFETY: the call is the server's, which lives as long; a row is copied before its values are freed.
    unsafe {
        pg_sys::InitMaterializedSRF(call, 0);
        let result = (*call).resultinfo.cast::<pg_sys::ReturnSetInfo>();
        let columns = (*result).setDesc;
        if (*columns).natts as usize != N
            || (1..=(*columns).natts).any(|number| pg_sys::SPI_gettypeid(columns, number) != pg_sys::TEXTOID)
        {
            return Err(Error::internal("a function has other columns than it returns"));
        }
        let context = pg_sys::AllocSetContextCreateInternal(
            pg_sys::CurrentMemoryContext,
            c"integratedb row".as_ptr(),
            pg_sys::ALLOCSET_SMALL_MINSIZE as pg_sys::Size,
            pg_sys::ALLOCSET_SMALL_INITSIZE as pg_sys::Size,
            pg_sys::ALLOCSET_SMALL_MAXSIZE as pg_sys::Size,
        );
        let before = pg_sys::MemoryContextSwitchTo(context);
        for row in rows {
            let mut nulls = row.map(|value| value.is_none());
            let mut values = row.map(|value| value.into_datum().unwrap_or(pg_sys::Datum::from(0usize)));
            pg_sys::tuplestore_putvalues((*result).setResult, columns, values.as_mut_ptr(), nulls.as_mut_ptr());
            pg_sys::MemoryContextReset(context);
        }
        pg_sys::MemoryContextSwitchTo(before);
        pg_sys::MemoryContextDelete(context);
    }
    Ok(())
}
