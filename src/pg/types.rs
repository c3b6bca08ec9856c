//! Declared type texts, resolved by the server's own parser.

use std::ffi::CString;

use integratedb_claim::catalog::Catalog;
use integratedb_claim::document::{self, Document, TypeUse};
use integratedb_claim::problem::{Problem, ProblemKind, quoted};
use integratedb_claim::types::{DeclaredType, TypeName};
use pgrx::{PgSqlErrorCode, pg_sys};

use super::catalog;
use super::subtransaction::attempt;

/// Resolves every declared type and collation of `document` into `catalog`; what cannot be resolved is a problem.
///
/// The texts are bounded in length by the document's own checks, before the server's parser sees them.
pub fn resolve(document: &Document, catalog: &mut Catalog) -> Vec<Problem> {
    let mut problems = Vec::new();
    for TypeUse { text, json_path, pending } in document.type_names() {
        match resolve_one(&text) {
            Ok(declared) => {
                catalog.types.insert(text, declared);
            }
            // By its schema and name it can be told when it comes.
            Err((Unresolved::Missing, ..)) if pending && !TypeName::unknown(&text).schema.is_empty() => {}
            Err((_, message, hint)) => {
                problems.push(Problem { json_path, kind: ProblemKind::UndefinedType, message, hint });
            }
        }
    }
    for TypeUse { text, json_path, pending } in document.collation_names() {
        let found = document::collation_candidates(&text).into_iter().find_map(catalog::collation_named);
        match found {
            None if pending && text.contains('.') => {}
            Some(name) => {
                catalog.collations.insert(text, name);
            }
            None => {
                let message = format!("collation {} does not exist", quoted(&text));
                let hint = Some("names are literal and case-sensitive; \\dOS lists the collations".to_owned());
                problems.push(Problem { json_path, kind: ProblemKind::UndefinedCollation, message, hint });
            }
        }
    }
    problems
}

/// Why a text is no type.
enum Unresolved {
    Missing,
    Wrong,
}

/// The type that a text names, and its modifier; otherwise why there is none, and a hint.
pub fn locate(text: &str) -> Result<(pg_sys::Oid, i32), (String, Option<String>)> {
    if text.len() > document::MAX_TYPE_BYTES {
        return Err((format!("type {} does not exist", quoted(text)), None));
    }
    find(text).map_err(|(_, message, hint)| (message, hint))
}

fn resolve_one(text: &str) -> Result<DeclaredType, (Unresolved, String, Option<String>)> {
    find(text).map(|(oid, modifier)| DeclaredType { name: catalog::type_name(oid), modifier })
}

fn find(text: &str) -> Result<(pg_sys::Oid, i32), (Unresolved, String, Option<String>)> {
    let qualify = || Some("A type outside pg_catalog is written with its schema, as in \"public.mood\".".to_owned());
    let missing = || (Unresolved::Missing, format!("type {} does not exist", quoted(text)), qualify());
    let c_text = CString::new(text).map_err(|_| missing())?;
    let parsed = attempt(|| {
        let mut oid = pg_sys::InvalidOid;
        let mut modifier = -1;
        // SAFETY: a NUL-terminated text and pointers to locals; an ERROR is caught by attempt().
        unsafe { parse(c_text.as_ptr(), &mut oid, &mut modifier) };
        (oid, modifier)
    });
    match parsed {
        Ok((oid, _)) if oid == pg_sys::InvalidOid => Err(missing()),
        // SAFETY: a catalog look-up.
        Ok((oid, _)) if unsafe { pg_sys::isAnyTempNamespace(catalog::type_namespace(oid)) } => {
            Err((Unresolved::Wrong, format!("type {} is temporary", quoted(text)), qualify()))
        }
        Ok(found) => Ok(found),
        // PostgreSQL 15 answers for a type that is missing, later versions raise.
        Err(caught) if caught.code == PgSqlErrorCode::ERRCODE_UNDEFINED_OBJECT => Err(missing()),
        Err(caught) if caught.code == PgSqlErrorCode::ERRCODE_INVALID_SCHEMA_NAME => Err(missing()),
        Err(caught) => {
            Err((Unresolved::Wrong, format!("type {}: {}", quoted(text), caught.message), caught.hint.or_else(qualify)))
        }
    }
}

/// # Safety
/// `text` is NUL-terminated.
unsafe fn parse(text: *const std::ffi::c_char, oid: *mut pg_sys::Oid, modifier: *mut i32) {
    // SAFETY: as promised by the caller.
    unsafe {
        #[cfg(feature = "pg15")]
        pg_sys::parseTypeString(text, oid, modifier, true);
        #[cfg(not(feature = "pg15"))]
        pg_sys::parseTypeString(text, oid, modifier, std::ptr::null_mut());
    }
}
