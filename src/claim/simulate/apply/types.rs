//! CREATE TYPE, ALTER TYPE.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn create(_: &mut Context, _: &ast::CreateType) -> Result<(), Refusal> {
    Refusal::unknown("CREATE TYPE is not simulated")
}

pub(super) fn alter(_: &mut Context, _: &ast::AlterType) -> Result<(), Refusal> {
    Refusal::unknown("ALTER TYPE is not simulated")
}
