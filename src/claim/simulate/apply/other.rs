//! Statements that change nothing that a world holds, and those that are not simulated.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::known_name;

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::CommentOn(node) => comment(cx, node),
        // Nothing that a claim sees.
        Stmt::EmptyStmt(_)
        | Stmt::SecurityLabel(_)
        | Stmt::CreateStatistics(_)
        | Stmt::AlterStatistics(_)
        | Stmt::DropStatistics(_)
        | Stmt::CreatePublication(_)
        | Stmt::AlterPublication(_)
        | Stmt::DropPublication(_)
        | Stmt::CreateEventTrigger(_)
        | Stmt::AlterEventTrigger(_)
        | Stmt::DropEventTrigger(_)
        | Stmt::CreateTextSearchConfiguration(_)
        | Stmt::AlterTextSearchConfiguration(_)
        | Stmt::CreateTextSearchDictionary(_)
        | Stmt::AlterTextSearchDictionary(_)
        | Stmt::AlterTrigger(_)
        | Stmt::AlterPolicy(_)
        | Stmt::Listen(_)
        | Stmt::Notify(_)
        | Stmt::Unlisten(_)
        | Stmt::Checkpoint(_) => Ok(()),
        // Nothing that a claim sees, but not in a transaction block.
        Stmt::CreateDatabase(_)
        | Stmt::DropDatabase(_)
        | Stmt::CreateTablespace(_)
        | Stmt::DropTablespace(_)
        | Stmt::CreateSubscription(_)
        | Stmt::DropSubscription(_)
        | Stmt::AlterSystem(_) => {
            cx.effect.alone = true;
            Ok(())
        }
        Stmt::CreateExtension(_) | Stmt::AlterExtension(_) | Stmt::DropExtension(_) => {
            Refusal::unknown("what an extension makes and drops is in its own scripts")
        }
        Stmt::ImportForeignSchema(_) => Refusal::unknown("which tables there are to import is known elsewhere only"),
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
    cx.lock(oid, crate::simulate::effect::LockMode::ShareUpdateExclusive);
    Ok(())
}
