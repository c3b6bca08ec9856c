//! CREATE SCHEMA, ALTER SCHEMA.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn create(_: &mut Context, _: &ast::CreateSchema) -> Result<(), Refusal> {
    Refusal::unknown("CREATE SCHEMA is not simulated")
}

pub(super) fn alter(_: &mut Context, _: &ast::AlterSchema) -> Result<(), Refusal> {
    Refusal::unknown("ALTER SCHEMA is not simulated")
}
