//! In which pass the server takes an action, and under which lock.

use squawk_syntax::ast::{self, AlterColumnOption as Of, AlterTableAction as Action};

use super::super::context::Context;
use crate::simulate::effect::LockMode;

/// The passes over the actions: `AT_PASS_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pass {
    Drop,
    AlterType,
    AddColumn,
    Attributes,
    UseIndex,
    AddIndex,
    AddConstraint,
    Rest,
}

/// The pass of an action other than ADD.
pub(super) fn pass(action: &Action) -> Pass {
    match action {
        Action::DropColumn(_) | Action::DropConstraint(_) => Pass::Drop,
        Action::AlterColumn(node) => match node.option() {
            Some(Of::SetType(_)) => Pass::AlterType,
            Some(Of::DropDefault(_) | Of::DropNotNull(_) | Of::DropIdentity(_) | Of::DropExpression(_)) => Pass::Drop,
            Some(Of::SetNotNull(_) | Of::SetGenerated(_) | Of::SetGeneratedOptions(_)) => Pass::Attributes,
            Some(Of::SetDefault(_) | Of::AddGenerated(_) | Of::SetExpression(_)) => Pass::AddConstraint,
            _ => Pass::Rest,
        },
        _ => Pass::Rest,
    }
}

/// `AlterTableGetLockLevel`.
pub(super) fn lock(cx: &mut Context, table: u32, action: &Action) {
    let mode = match action {
        Action::AddConstraint(node) => match node.constraint() {
            Some(ast::Constraint::ForeignKeyConstraint(_)) => LockMode::ShareRowExclusive,
            _ => LockMode::AccessExclusive,
        },
        Action::EnableTrigger(_)
        | Action::EnableAlwaysTrigger(_)
        | Action::EnableReplicaTrigger(_)
        | Action::DisableTrigger(_) => LockMode::ShareRowExclusive,
        Action::AlterColumn(node) => match node.option() {
            Some(Of::SetStatistics(_) | Of::SetOptions(_) | Of::ResetOptions(_)) => LockMode::ShareUpdateExclusive,
            _ => LockMode::AccessExclusive,
        },
        Action::ClusterOn(_)
        | Action::SetWithoutCluster(_)
        | Action::SetOptions(_)
        | Action::ResetOptions(_)
        | Action::ValidateConstraint(_)
        | Action::AttachPartition(_) => LockMode::ShareUpdateExclusive,
        Action::DetachPartition(node) if node.detach_partition_option().is_some() => LockMode::ShareUpdateExclusive,
        Action::TableRenameTo(_) if cx.relation(table).index.is_some() => LockMode::ShareUpdateExclusive,
        _ => LockMode::AccessExclusive,
    };
    cx.lock(table, mode);
}
