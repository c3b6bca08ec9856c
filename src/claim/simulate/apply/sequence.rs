//! CREATE SEQUENCE, ALTER SEQUENCE.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::rename;
use super::resolve::{identifier, known_name, new_name};
use super::table::place;
use crate::simulate::effect::LockMode;

/// CREATE SEQUENCE.
pub(super) fn create(cx: &mut Context, node: &ast::CreateSequence) -> Result<(), Refusal> {
    let name = new_name(node.sequence().and_then(|sequence| sequence.path()))?;
    let placed = place(cx, &name, 'S', node.if_not_exists().is_some(), node.persistence().as_ref())?;
    let Some(mut sequence) = placed else { return Ok(()) };
    for option in node.sequence_options() {
        if let ast::SequenceOption::OptionOwnedBy(owned) = option {
            sequence.owned_by = owner_column(cx, &owned, sequence.schema, sequence.owner)?;
        }
    }
    sequence.acl = cx.initial_privileges('S', sequence.schema);
    let oid = cx.new_oid();
    cx.add_relation(oid, sequence);
    Ok(())
}

/// OWNED BY: a column of a table with the same owner in the same schema.
fn owner_column(
    cx: &Context,
    owned: &ast::OptionOwnedBy,
    schema: u32,
    owner: u32,
) -> Result<Option<(u32, i16)>, Refusal> {
    let path = match owned.owned_by_target() {
        Some(ast::OwnedByTarget::QualifiedColumnNameRef(column)) => column.path_ref(),
        Some(ast::OwnedByTarget::OwnedByNone(_)) => return Ok(None),
        None => return Refusal::unknown("OWNED BY without a column"),
    };
    let column = path.as_ref().and_then(|path| path.segment()).map(|segment| identifier(segment.syntax()));
    let (Some(column), Some(table)) = (column, path.and_then(|path| path.qualifier())) else {
        return Refusal::fails("invalid OWNED BY option");
    };
    let table = cx.relation_of(&known_name(Some(table))?)?;
    let found = cx.relation(table);
    if !matches!(found.kind, 'r' | 'f' | 'v' | 'p') {
        return Refusal::fails(format!("sequence cannot be owned by relation \"{}\"", found.name));
    }
    if found.owner != owner {
        return Refusal::fails("sequence must have same owner as table it is linked to");
    }
    if found.schema != schema {
        return Refusal::fails("sequence must be in same schema as table it is linked to");
    }
    Ok(Some((table, cx.column(table, &column)?)))
}

/// ALTER SEQUENCE.
pub(super) fn alter(cx: &mut Context, node: &ast::AlterSequence) -> Result<(), Refusal> {
    let name = known_name(node.sequence_ref().and_then(|sequence| sequence.path_ref()))?;
    let Some(oid) = cx.find_relation(&name) else {
        if node.if_exists().is_some() {
            cx.notice(format!("relation \"{}\" does not exist, skipping", name.display()));
            return Ok(());
        }
        return cx.relation_of(&name).map(drop);
    };
    let sequence = cx.relation(oid).clone();
    if sequence.kind != 'S' {
        return Refusal::fails(format!("\"{}\" is not a sequence", name.name));
    }
    cx.lock(oid, LockMode::ShareRowExclusive);
    for action in node.actions() {
        match action {
            ast::AlterSequenceAction::OwnerTo(to) => {
                let owner = cx.role(to.role_ref())?;
                if sequence.owned_by.is_some() && owner != sequence.owner {
                    return Refusal::fails(format!("cannot change owner of sequence \"{}\"", sequence.name));
                }
                rename::set_owner(cx, oid, owner);
            }
            ast::AlterSequenceAction::SequenceRenameTo(to) => {
                let new = new_name(to.sequence().and_then(|sequence| sequence.path()))?;
                rename::rename(cx, oid, &new.name)?;
            }
            ast::AlterSequenceAction::SetSchema(to) => {
                let schema = to.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default();
                let schema = cx.schema(&schema)?;
                rename::set_schema(cx, oid, schema)?;
            }
            ast::AlterSequenceAction::SequenceOption(ast::SequenceOption::OptionOwnedBy(owned)) => {
                let owner = owner_column(cx, &owned, sequence.schema, sequence.owner)?;
                if sequence.identity_sequence {
                    return Refusal::fails("cannot change ownership of identity sequence");
                }
                if let Some((table, _)) = sequence.owned_by {
                    cx.touch_relation(table);
                }
                cx.change_relation(oid, |sequence| sequence.owned_by = owner);
            }
            ast::AlterSequenceAction::SetLogged(_) => cx.change_relation(oid, |sequence| sequence.unlogged = false),
            ast::AlterSequenceAction::SetUnlogged(_) => cx.change_relation(oid, |sequence| sequence.unlogged = true),
            ast::AlterSequenceAction::SequenceOption(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
