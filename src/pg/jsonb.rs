//! A jsonb argument, bounded before it is parsed: pgrx's own `JsonB` panics on what serde_json will not read.

use std::ffi::CStr;

use pgrx::callconv::{Arg, ArgAbi};
use pgrx::datum::FromDatum;
use pgrx::nullable::Nullable;
use pgrx::pg_sys;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};
use serde_json::Value;

use super::error::{Error, Result};

/// Largest document, in bytes of its text.
pub const MAX_BYTES: usize = 8 << 20;

/// The text of a jsonb value.
pub struct JsonDocument(String);

impl JsonDocument {
    /// Parses it.
    ///
    /// # Errors
    /// 54000 when it is larger than [`MAX_BYTES`] or nested deeper than serde_json reads (128 levels).
    pub fn parse(self) -> Result<Value> {
        if self.0.len() > MAX_BYTES {
            return Err(Error::document_too_large(self.0.len(), MAX_BYTES));
        }
        serde_json::from_str(&self.0).map_err(|error| Error::document_unreadable(&error.to_string()))
    }
}

impl FromDatum for JsonDocument {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _type: pg_sys::Oid) -> Option<JsonDocument> {
        if is_null {
            return None;
        }
        // SAFETY: the datum is a jsonb; its output function gives a NUL-terminated text.
        unsafe {
            let text: &CStr = pgrx::direct_function_call(pg_sys::jsonb_out, &[Some(datum)])?;
            Some(JsonDocument(text.to_string_lossy().into_owned()))
        }
    }
}

// SAFETY: jsonb is passed by reference and read through FromDatum, as pgrx does for its own JsonB.
unsafe impl<'fcx> ArgAbi<'fcx> for JsonDocument {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> JsonDocument {
        // SAFETY: as promised by the caller; only called for arguments that are not NULL.
        unsafe { arg.unbox_arg_using_from_datum() }.unwrap_or_else(|| JsonDocument("null".to_owned()))
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<JsonDocument> {
        // SAFETY: as promised by the caller.
        unsafe { arg.unbox_arg_using_from_datum::<JsonDocument>().into() }
    }
}

// SAFETY: the SQL type is jsonb, as from_polymorphic_datum expects.
unsafe impl SqlTranslatable for JsonDocument {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(JsonDocument);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: std::result::Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::literal("jsonb"));
    const RETURN_SQL: std::result::Result<ReturnsRef, ReturnsError> =
        Ok(ReturnsRef::One(SqlMappingRef::literal("jsonb")));
}
