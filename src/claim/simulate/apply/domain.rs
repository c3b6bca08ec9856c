//! CREATE DOMAIN, ALTER DOMAIN.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn create(_: &mut Context, _: &ast::CreateDomain) -> Result<(), Refusal> {
    Refusal::unknown("CREATE DOMAIN is not simulated")
}

pub(super) fn alter(_: &mut Context, _: &ast::AlterDomain) -> Result<(), Refusal> {
    Refusal::unknown("ALTER DOMAIN is not simulated")
}
