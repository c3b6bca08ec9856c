//! Statements that change nothing that a world holds, or little, and what is not simulated.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::{identifier, known_name, new_name};
use super::{extension, rename as relation};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Attachment, AttachmentKind};

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::CommentOn(node) => comment(cx, node),
        // Nothing of this is seen by a claim.
        Stmt::SecurityLabel(_)
        | Stmt::CreateStatistics(_)
        | Stmt::AlterStatistics(_)
        | Stmt::DropStatistics(_)
        | Stmt::CreatePublication(_)
        | Stmt::AlterPublication(_)
        | Stmt::DropPublication(_)
        | Stmt::CreateServer(_)
        | Stmt::CreateForeignDataWrapper(_)
        | Stmt::CreateUserMapping(_)
        | Stmt::AlterUserMapping(_)
        | Stmt::DropUserMapping(_)
        | Stmt::CreateTextSearchConfiguration(_)
        | Stmt::CreateTextSearchDictionary(_)
        | Stmt::CreateTextSearchParser(_)
        | Stmt::CreateTextSearchTemplate(_)
        | Stmt::AlterTextSearchConfiguration(_)
        | Stmt::AlterTextSearchDictionary(_)
        | Stmt::AlterTextSearchParser(_)
        | Stmt::AlterTextSearchTemplate(_)
        | Stmt::CreateConversion(_)
        | Stmt::AlterConversion(_)
        | Stmt::DropConversion(_)
        | Stmt::CreateLanguage(_)
        | Stmt::AlterLanguage(_)
        | Stmt::AlterLargeObject(_)
        | Stmt::AlterDatabase(_)
        | Stmt::AlterTablespace(_)
        | Stmt::AlterOperator(_)
        | Stmt::AlterOperatorClass(_)
        | Stmt::AlterOperatorFamily(_)
        | Stmt::CreateOperatorFamily(_)
        | Stmt::CreateOperatorClass(_)
        | Stmt::CreateAccessMethod(_)
        | Stmt::Notify(_)
        | Stmt::Listen(_)
        | Stmt::Unlisten(_)
        | Stmt::Checkpoint(_)
        | Stmt::EmptyStmt(_) => Ok(()),
        Stmt::CreateDatabase(_)
        | Stmt::DropDatabase(_)
        | Stmt::CreateTablespace(_)
        | Stmt::DropTablespace(_)
        | Stmt::AlterSystem(_)
        | Stmt::CreateSubscription(_)
        | Stmt::DropSubscription(_) => {
            cx.effect.alone = true;
            Ok(())
        }
        Stmt::AlterSubscription(_) => Ok(()),
        // Which tables are of it is not known.
        Stmt::AlterServer(_) | Stmt::AlterForeignDataWrapper(_) => {
            let foreign: Vec<u32> =
                cx.world().relations.iter().filter(|(_, found)| found.kind == 'f').map(|(oid, _)| *oid).collect();
            foreign.into_iter().for_each(|table| relation::doubt_writing(cx, table));
            Ok(())
        }
        // Without CASCADE the server refuses where something rests on it.
        Stmt::DropServer(_)
        | Stmt::DropForeignDataWrapper(_)
        | Stmt::DropOperator(_)
        | Stmt::DropOperatorClass(_)
        | Stmt::DropOperatorFamily(_)
        | Stmt::DropCast(_)
        | Stmt::DropTransform(_)
        | Stmt::DropLanguage(_)
        | Stmt::DropAccessMethod(_)
        | Stmt::DropTextSearchConfig(_)
        | Stmt::DropTextSearchDict(_)
        | Stmt::DropTextSearchParser(_)
        | Stmt::DropTextSearchTemplate(_) => {
            let cascades = statement.syntax().children().any(|child| ast::Cascade::can_cast(child.kind()));
            match cascades {
                true => Refusal::unknown("what rests on it and goes with it by CASCADE cannot be told"),
                false => Ok(()),
            }
        }
        Stmt::CreateExtension(node) => extension::create(cx, node),
        Stmt::AlterExtension(node) => extension::alter(cx, node),
        Stmt::DropExtension(node) => extension::remove(cx, node),
        Stmt::CreateCollation(node) => create_collation(cx, node),
        Stmt::CreateEventTrigger(_) | Stmt::AlterEventTrigger(_) => {
            cx.session.has_event_trigger = true;
            cx.effect.doubt("an event trigger runs code at each statement that follows", []);
            Ok(())
        }
        Stmt::DropEventTrigger(_) => Ok(()),
        Stmt::CreateOperator(_) | Stmt::CreateCast(_) | Stmt::CreateTransform(_) => Ok(()),
        Stmt::ImportForeignSchema(_) => Refusal::unknown("which tables there are on the other server is not known"),
        Stmt::Load(_) => Refusal::unknown("LOAD runs code that is only known when it runs"),
        Stmt::AlterTrigger(node) => {
            let new = match node.action() {
                Some(ast::AlterTriggerAction::TriggerRenameTo(to)) => {
                    to.trigger().map(|name| identifier(name.syntax()))
                }
                _ => return Ok(()),
            };
            let name = node.trigger_ref().map(|name| identifier(name.syntax()));
            let on = node.on_relation().and_then(|on| on.relation_name_ref()).and_then(|on| on.path_ref());
            rename(cx, AttachmentKind::Trigger, name, on, new)
        }
        Stmt::AlterRule(node) => {
            let new = node.rule_rename_to().and_then(|to| to.rule()).map(|name| identifier(name.syntax()));
            let name = node.rule_ref().map(|name| identifier(name.syntax()));
            let on = node.on_relation().and_then(|on| on.relation_name_ref()).and_then(|on| on.path_ref());
            rename(cx, AttachmentKind::Rule, name, on, new)
        }
        Stmt::AlterPolicy(node) => {
            let new = match node.action() {
                Some(ast::AlterPolicyAction::PolicyRenameTo(to)) => to.policy().map(|name| identifier(name.syntax())),
                _ => return Ok(()),
            };
            let name = node.policy_ref().map(|name| identifier(name.syntax()));
            let on = node.on_table().and_then(|on| on.table_name_ref()).and_then(|on| on.path_ref());
            rename(cx, AttachmentKind::Policy, name, on, new)
        }
        Stmt::Begin(_)
        | Stmt::Commit(_)
        | Stmt::Rollback(_)
        | Stmt::SavepointCreate(_)
        | Stmt::ReleaseSavepoint(_)
        | Stmt::PrepareTransaction(_) => Refusal::unknown("transaction control is no change to the catalogs"),
        other => {
            let words: Vec<String> = other
                .syntax()
                .children_with_tokens()
                .filter_map(|element| element.into_token())
                .filter(|token| !token.kind().is_trivia())
                .take(2)
                .map(|token| token.text().to_ascii_uppercase())
                .collect();
            Refusal::unknown(format!("{} is not simulated", words.join(" ")))
        }
    }
}

/// Triggers, rules and policies get another name.
fn rename(
    cx: &mut Context,
    kind: AttachmentKind,
    name: Option<String>,
    on: Option<ast::PathRef>,
    new: Option<String>,
) -> Result<(), Refusal> {
    let (Some(name), Some(new)) = (name, new) else { return Refusal::unknown("a name is missing") };
    let relation = cx.relation_of(&known_name(on)?)?;
    cx.lock(relation, LockMode::AccessExclusive);
    let named = |wanted: &str| {
        let world = cx.world();
        let known = |oid: &u32| world.attachments[oid].kind == kind && world.attachments[oid].name == wanted;
        world.attachments_of(relation).into_iter().find(known)
    };
    if named(&new).is_some() {
        return Refusal::fails(format!("\"{new}\" already exists on the relation"));
    }
    let Some(oid) = named(&name) else {
        return Refusal::fails(format!("\"{name}\" does not exist on the relation"));
    };
    let renamed = Attachment { name: new, ..cx.world().attachments[&oid].clone() };
    cx.set_attachment(oid, Some(renamed));
    Ok(())
}

/// COMMENT changes nothing, but what it is on must be there.
fn comment(cx: &mut Context, node: &ast::CommentOn) -> Result<(), Refusal> {
    use ast::CommentObject as On;
    let relation = match node.comment_object() {
        Some(On::ObjectTable(on)) => on.table_name_ref().and_then(|name| name.path_ref()),
        Some(On::ObjectView(on)) => on.view_ref().and_then(|name| name.path_ref()),
        Some(On::ObjectIndex(on)) => on.index_ref().and_then(|name| name.path_ref()),
        Some(On::ObjectSequence(on)) => on.sequence_ref().and_then(|name| name.path_ref()),
        _ => return Ok(()),
    };
    let oid = cx.relation_of(&known_name(relation)?)?;
    cx.lock(oid, LockMode::ShareUpdateExclusive);
    Ok(())
}

fn create_collation(cx: &mut Context, node: &ast::CreateCollation) -> Result<(), Refusal> {
    let name = new_name(node.collation().and_then(|collation| collation.path()))?;
    let schema = cx.creation_schema(&name)?;
    let known = |found: &(u32, String)| *found == (schema, name.name.clone());
    if cx.world().collations.values().any(known) {
        let what = format!("collation \"{}\" already exists", name.name);
        if node.if_not_exists().is_some() {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    }
    let oid = cx.new_oid();
    cx.set_collation(oid, Some((schema, name.name)));
    Ok(())
}

#[cfg(test)]
mod tests;
