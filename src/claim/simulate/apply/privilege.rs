//! Roles and privileges.

use squawk_syntax::ast;

use crate::catalog::Grant;
use crate::simulate::world::World;

use super::context::{Context, Refusal};

pub(super) fn apply(_: &mut Context, _: &ast::Stmt) -> Result<(), Refusal> {
    Refusal::unknown("a privilege is not simulated")
}

/// What ALTER DEFAULT PRIVILEGES grants on a new object of the user's: `kind` as in `pg_default_acl`, and the server's own
/// defaults where they are not empty (types, functions).
pub(super) fn initial(_: &World, _: char, _: u32) -> Vec<Grant> {
    Vec::new()
}
