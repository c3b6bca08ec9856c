//! Schemas of stakeholders.

use super::catalog;
use super::error::Result;
use super::spi;

/// Makes a schema owned by the extension's owner.
///
/// # Errors
/// XX000; the server's own ERRORs are raised.
pub fn create(name: &str) -> Result<()> {
    spi::command(&format!("CREATE SCHEMA {}", quoted(name)))
}

/// Renames a schema.
///
/// # Errors
/// XX000; the server's own ERRORs are raised.
pub fn rename(name: &str, new_name: &str) -> Result<()> {
    if catalog::namespace_oid(name).is_none() {
        return Ok(());
    }
    spi::command(&format!("ALTER SCHEMA {} RENAME TO {}", quoted(name), quoted(new_name)))
}

/// Drops an empty schema; tells whether there was one.
///
/// # Errors
/// XX000; the server's own ERRORs are raised.
pub fn drop(name: &str) -> Result<bool> {
    if catalog::namespace_oid(name).is_none() {
        return Ok(false);
    }
    spi::command(&format!("DROP SCHEMA {} RESTRICT", quoted(name)))?;
    Ok(true)
}

/// The one place where an identifier becomes SQL text.
pub fn quoted(name: &str) -> String {
    pgrx::spi::quote_identifier(name)
}
