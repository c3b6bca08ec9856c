//! Types as SQL writes them.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

/// A type as a column has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeUse {
    /// Type's OID.
    pub(crate) oid: u32,
    /// Its modifier, as in `atttypmod`; -1 for none.
    pub(crate) modifier: i32,
}

/// The type that is written.
pub(crate) fn resolve(_: &Context, _: &ast::Type) -> Result<TypeUse, Refusal> {
    Refusal::unknown("a type is not simulated")
}
