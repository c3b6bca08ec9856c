//! Statements that read and write data, or call what might do anything.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn apply(_: &mut Context, _: &ast::Stmt) -> Result<(), Refusal> {
    Refusal::unknown("a statement of this kind is not simulated")
}
