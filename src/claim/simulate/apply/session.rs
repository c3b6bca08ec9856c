//! SET, SET ROLE and what they leave.

use squawk_syntax::ast;

use super::context::{Context, Refusal};
use crate::simulate::world::World;

/// What a session holds besides the catalogs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {}

impl Session {
    /// The role OID of the session's user, whatever SET ROLE says.
    pub(super) fn user(&self, world: &World) -> u32 {
        world.user
    }

    /// At the end of a transaction: what SET LOCAL set is as it was.
    pub fn end_transaction(&mut self, _: &mut World) {}
}

pub(super) fn apply(_: &mut Context, _: &ast::Stmt) -> Result<(), Refusal> {
    Refusal::unknown("a statement of this kind is not simulated")
}
