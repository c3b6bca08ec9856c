//! ALTER INDEX, REINDEX.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::{identifier, known_name, new_name};
use super::{index, rename};
use crate::simulate::effect::LockMode;

/// ALTER INDEX.
pub(super) fn apply(cx: &mut Context, node: &ast::AlterIndex) -> Result<(), Refusal> {
    if node.all_in_tablespace().is_some() {
        return Refusal::unknown("ALL IN TABLESPACE is not simulated");
    }
    let name = known_name(node.index_ref().and_then(|name| name.path_ref()))?;
    let Some(oid) = cx.find_relation(&name) else {
        let what = format!("relation \"{}\" does not exist", name.display());
        if node.if_exists().is_some() {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    };
    if cx.relation(oid).index.is_none() {
        return Refusal::fails(format!("\"{}\" is not an index", name.name));
    }
    match node.action() {
        Some(ast::AlterIndexAction::IndexRenameTo(action)) => {
            let new = new_name(action.index().and_then(|name| name.path()))?;
            cx.lock(oid, LockMode::ShareUpdateExclusive);
            rename::rename(cx, oid, &new.name)
        }
        Some(ast::AlterIndexAction::AttachIndexPartition(action)) => {
            let child = cx.relation_of(&known_name(action.index_ref().and_then(|name| name.path_ref()))?)?;
            cx.lock(oid, LockMode::ShareUpdateExclusive);
            cx.lock(child, LockMode::AccessExclusive);
            index::attach_named(cx, oid, child)
        }
        Some(ast::AlterIndexAction::SetTablespace(_)) => {
            cx.lock(oid, LockMode::AccessExclusive);
            cx.effect.rewrites.insert(oid);
            Ok(())
        }
        Some(
            ast::AlterIndexAction::AlterSetStatistics(_)
            | ast::AlterIndexAction::SetOptions(_)
            | ast::AlterIndexAction::ResetOptions(_),
        ) => {
            cx.lock(oid, LockMode::ShareUpdateExclusive);
            Ok(())
        }
        Some(ast::AlterIndexAction::DependsOnExtension(_) | ast::AlterIndexAction::NoDependsOnExtension(_)) | None => {
            Refusal::unknown("an ALTER INDEX of this form is not simulated")
        }
    }
}

/// REINDEX: other files for the same indexes.
pub(super) fn reindex(cx: &mut Context, node: &ast::Reindex) -> Result<(), Refusal> {
    let concurrently = node.is_concurrently();
    cx.effect.alone = concurrently;
    let mode = |exclusive| if concurrently { LockMode::ShareUpdateExclusive } else { exclusive };
    match node.reindex_target() {
        Some(ast::ReindexTarget::ReindexTargetIndex(target)) => {
            let name = known_name(target.index_ref().and_then(|name| name.path_ref()))?;
            let oid = cx.relation_of(&name)?;
            let Some(index) = cx.relation(oid).index.clone() else {
                return Refusal::fails(format!("\"{}\" is not an index", name.name));
            };
            cx.lock(index.table, mode(LockMode::Share));
            cx.lock(oid, mode(LockMode::AccessExclusive));
            rebuild(cx, oid);
            cx.effect.alone |= cx.relation(oid).kind == 'I';
        }
        Some(ast::ReindexTarget::ReindexTargetTable(target)) => {
            let table = cx.relation_of(&known_name(target.table_name_ref().and_then(|name| name.path_ref()))?)?;
            reindex_table(cx, table, concurrently);
            cx.effect.alone |= cx.relation(table).kind == 'p';
        }
        Some(ast::ReindexTarget::ReindexTargetSchema(target)) => {
            let Some(schema) = target.schema_ref() else { return Refusal::unknown("a name is missing") };
            let schema = cx.schema(&identifier(schema.syntax()))?;
            cx.effect.alone = true;
            for relation in cx.world().relations_in(schema) {
                if matches!(cx.relation(relation).kind, 'r' | 'm') {
                    reindex_table(cx, relation, concurrently);
                }
            }
        }
        Some(ast::ReindexTarget::ReindexTargetDatabase(_) | ast::ReindexTarget::ReindexTargetSystem(_)) => {
            cx.effect.alone = true;
        }
        None => return Refusal::unknown("a REINDEX of this form is not simulated"),
    }
    Ok(())
}

fn reindex_table(cx: &mut Context, table: u32, concurrently: bool) {
    cx.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share });
    for index in cx.world().indexes_of(table) {
        cx.lock(index, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive });
        rebuild(cx, index);
    }
    if cx.relation(table).kind == 'p' {
        for partition in cx.world().children(table) {
            reindex_table(cx, partition, concurrently);
        }
    }
}

/// An index that was not valid is so afterwards.
fn rebuild(cx: &mut Context, oid: u32) {
    if let Some(index) = cx.relation(oid).index.clone() {
        cx.effect.scans.insert(index.table);
        if !index.valid && cx.relation(oid).kind == 'i' {
            cx.change_relation(oid, |relation| {
                if let Some(index) = &mut relation.index {
                    index.valid = true;
                }
            });
        }
    }
}
