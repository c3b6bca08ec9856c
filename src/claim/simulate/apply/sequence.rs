//! CREATE SEQUENCE, ALTER SEQUENCE.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn create(_: &mut Context, _: &ast::CreateSequence) -> Result<(), Refusal> {
    Refusal::unknown("CREATE SEQUENCE is not simulated")
}

pub(super) fn alter(_: &mut Context, _: &ast::AlterSequence) -> Result<(), Refusal> {
    Refusal::unknown("ALTER SEQUENCE is not simulated")
}
