//! Views and materialized views.

use squawk_syntax::ast;

use super::context::{Context, Refusal};

pub(super) fn create(_: &mut Context, _: &ast::CreateView) -> Result<(), Refusal> {
    Refusal::unknown("CREATE VIEW is not simulated")
}

pub(super) fn create_materialized(_: &mut Context, _: &ast::CreateMaterializedView) -> Result<(), Refusal> {
    Refusal::unknown("CREATE MATERIALIZED VIEW is not simulated")
}

pub(super) fn alter(_: &mut Context, _: &ast::AlterView) -> Result<(), Refusal> {
    Refusal::unknown("ALTER VIEW is not simulated")
}

pub(super) fn alter_materialized(_: &mut Context, _: &ast::AlterMaterializedView) -> Result<(), Refusal> {
    Refusal::unknown("ALTER MATERIALIZED VIEW is not simulated")
}

pub(super) fn refresh(_: &mut Context, _: &ast::Refresh) -> Result<(), Refusal> {
    Refusal::unknown("REFRESH MATERIALIZED VIEW is not simulated")
}
