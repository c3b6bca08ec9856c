//! Applies one statement to a [`World`], as the server would apply it to its catalogs.
//!
//! Each kind of statement has a function that takes the [`Context`] and the syntax, and changes the world through the
//! context alone: it finds what is there, notes what is touched and, when the statement is refused half-way, takes all back.

use squawk_syntax::ast;

use super::effect::Outcome;
use super::world::World;

mod alter_column;
mod alter_table;
mod attachment;
mod builtin;
mod column;
mod column_type;
mod constraint;
mod context;
mod data;
mod domain;
pub(crate) mod drop;
mod expression;
mod extension;
#[cfg(test)]
pub(crate) mod fixture;
mod foreign_key;
mod function;
mod index;
mod index_alter;
mod inherit;
mod key;
mod like;
mod mentions;
mod names;
mod not_null;
mod options;
mod other;
mod ownership;
mod partition;
mod privilege;
mod query;
mod rename;
mod resolve;
mod role;
mod schema;
mod sequence;
mod session;
mod table;
mod table_as;
#[cfg(test)]
mod tests;
mod type_name;
mod types;
mod view;

pub(crate) use context::{Context, Refusal};
pub use session::Session;

/// Applies one parsed statement. On [`Outcome::Fails`] and [`Outcome::Unknown`] the world is as it was.
///
/// Transaction control is none of its business: BEGIN, COMMIT and the like are for who calls this.
pub fn apply(world: &mut World, session: &mut Session, statement: &ast::Stmt) -> Outcome {
    let session_before = session.clone();
    let mut context = Context::new(world, session);
    match dispatch(&mut context, statement) {
        Ok(()) => {
            if context.session.has_event_trigger && fires_event_triggers(statement) {
                context.effect.doubt("an event trigger that the script has made runs code at it", []);
            }
            Outcome::Done(Box::new(context.finish()))
        }
        Err(refusal) => {
            context.undo();
            *session = session_before;
            match refusal {
                Refusal::Fails(why) => Outcome::Fails(why),
                Refusal::Unknown(why) => Outcome::Unknown(why),
            }
        }
    }
}

/// Whether event triggers run at such a statement: not where it is about data or settings.
fn fires_event_triggers(statement: &ast::Stmt) -> bool {
    use ast::Stmt;
    !matches!(
        statement,
        Stmt::Select(_)
            | Stmt::CompoundSelect(_)
            | Stmt::ParenSelect(_)
            | Stmt::Values(_)
            | Stmt::Table(_)
            | Stmt::Insert(_)
            | Stmt::Update(_)
            | Stmt::Delete(_)
            | Stmt::Merge(_)
            | Stmt::Copy(_)
            | Stmt::Truncate(_)
            | Stmt::Lock(_)
            | Stmt::Explain(_)
            | Stmt::Analyze(_)
            | Stmt::Vacuum(_)
            | Stmt::Set(_)
            | Stmt::Reset(_)
            | Stmt::SetRole(_)
            | Stmt::ResetRole(_)
            | Stmt::SetSessionAuth(_)
            | Stmt::ResetSessionAuth(_)
            | Stmt::SetConstraints(_)
            | Stmt::SetTransaction(_)
            | Stmt::Show(_)
            | Stmt::EmptyStmt(_)
    )
}

fn dispatch(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        // Tables and indexes.
        Stmt::CreateTable(node) => table::create(cx, node),
        Stmt::CreateForeignTable(node) => table::create_foreign(cx, node),
        Stmt::CreateTableAs(node) => table_as::create(cx, node),
        Stmt::SelectInto(node) => table_as::select_into(cx, node),
        Stmt::AlterTable(node) => alter_table::apply(cx, node),
        Stmt::AlterForeignTable(node) => alter_table::apply_foreign(cx, node),
        Stmt::CreateIndex(node) => index::apply(cx, node),
        Stmt::AlterIndex(node) => index_alter::apply(cx, node),
        Stmt::Reindex(node) => index_alter::reindex(cx, node),
        // Triggers, rules, policies.
        Stmt::CreateTrigger(node) => attachment::create_trigger(cx, node),
        Stmt::CreateRule(node) => attachment::create_rule(cx, node),
        Stmt::CreatePolicy(node) => attachment::create_policy(cx, node),
        // Types, domains, schemas.
        Stmt::CreateType(node) => types::create(cx, node),
        Stmt::AlterType(node) => types::alter(cx, node),
        Stmt::CreateDomain(node) => domain::create(cx, node),
        Stmt::AlterDomain(node) => domain::alter(cx, node),
        Stmt::CreateSchema(node) => schema::create(cx, node),
        Stmt::AlterSchema(node) => schema::alter(cx, node),
        // Views.
        Stmt::CreateView(node) => view::create(cx, node),
        Stmt::CreateMaterializedView(node) => view::create_materialized(cx, node),
        Stmt::AlterView(node) => view::alter(cx, node),
        Stmt::AlterMaterializedView(node) => view::alter_materialized(cx, node),
        Stmt::Refresh(node) => view::refresh(cx, node),
        // Sequences.
        Stmt::CreateSequence(node) => sequence::create(cx, node),
        Stmt::AlterSequence(node) => sequence::alter(cx, node),
        // Functions.
        Stmt::CreateFunction(_)
        | Stmt::CreateProcedure(_)
        | Stmt::CreateAggregate(_)
        | Stmt::AlterFunction(_)
        | Stmt::AlterProcedure(_)
        | Stmt::AlterRoutine(_)
        | Stmt::AlterAggregate(_)
        | Stmt::DropFunction(_)
        | Stmt::DropProcedure(_)
        | Stmt::DropRoutine(_)
        | Stmt::DropAggregate(_) => function::apply(cx, statement),
        // Roles and privileges.
        Stmt::Grant(_)
        | Stmt::Revoke(_)
        | Stmt::AlterDefaultPrivileges(_)
        | Stmt::DropOwned(_)
        | Stmt::Reassign(_)
        | Stmt::CreateRole(_)
        | Stmt::CreateUser(_)
        | Stmt::CreateGroup(_)
        | Stmt::AlterRole(_)
        | Stmt::AlterUser(_)
        | Stmt::AlterGroup(_)
        | Stmt::DropRole(_)
        | Stmt::DropUser(_)
        | Stmt::DropGroup(_) => privilege::apply(cx, statement),
        // Settings.
        Stmt::Set(_)
        | Stmt::Reset(_)
        | Stmt::SetRole(_)
        | Stmt::ResetRole(_)
        | Stmt::SetSessionAuth(_)
        | Stmt::ResetSessionAuth(_)
        | Stmt::Discard(_)
        | Stmt::SetConstraints(_)
        | Stmt::SetTransaction(_)
        | Stmt::Show(_) => session::apply(cx, statement),
        // DROP, but for functions.
        Stmt::DropTable(_)
        | Stmt::DropForeignTable(_)
        | Stmt::DropView(_)
        | Stmt::DropMaterializedView(_)
        | Stmt::DropSequence(_)
        | Stmt::DropIndex(_)
        | Stmt::DropType(_)
        | Stmt::DropDomain(_)
        | Stmt::DropSchema(_)
        | Stmt::DropTrigger(_)
        | Stmt::DropRule(_)
        | Stmt::DropPolicy(_) => drop::apply(cx, statement),
        // Data, and what calls functions.
        Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::ParenSelect(_)
        | Stmt::Values(_)
        | Stmt::Table(_)
        | Stmt::Insert(_)
        | Stmt::Update(_)
        | Stmt::Delete(_)
        | Stmt::Merge(_)
        | Stmt::Copy(_)
        | Stmt::Truncate(_)
        | Stmt::Lock(_)
        | Stmt::Do(_)
        | Stmt::Call(_)
        | Stmt::Execute(_)
        | Stmt::Explain(_)
        | Stmt::Prepare(_)
        | Stmt::Deallocate(_)
        | Stmt::Declare(_)
        | Stmt::Fetch(_)
        | Stmt::Move(_)
        | Stmt::Close(_)
        | Stmt::Analyze(_)
        | Stmt::Vacuum(_)
        | Stmt::Cluster(_) => data::apply(cx, statement),
        _ => other::apply(cx, statement),
    }
}
