//! Functions, procedures and aggregates.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn apply(_: &mut Context, _: &ast::Stmt) -> Result<(), Refusal> {
    Refusal::unknown("a function is not simulated")
}
