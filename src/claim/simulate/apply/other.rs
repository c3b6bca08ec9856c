//! Statements that change nothing that a world holds, and those that are not simulated.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn apply(_: &mut Context, _: &ast::Stmt) -> Result<(), Refusal> {
    Refusal::unknown("a statement of this kind is not simulated")
}
