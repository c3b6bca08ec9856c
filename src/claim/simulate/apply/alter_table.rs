//! ALTER TABLE: its actions, in the order in which the server takes them.

use squawk_syntax::ast::{self, AstNode};

use super::constraint::{self, Adding, Kind, Wanted, wanted};
use super::context::{Context, Refusal, column_object};
use super::resolve::{Name, identifier, known_name};
use super::{alter_column, drop, partition, rename, type_name};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Object, Relation, TypeKind};

mod pass;

use pass::{Pass, lock, pass};

enum Step {
    Action(ast::AlterTableAction),
    Constraint(Wanted),
}

/// A table that is altered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) table: u32,
    /// Children are altered, too: not ONLY.
    pub(crate) recurse: bool,
}

impl Target {
    fn adding(self) -> Adding {
        Adding { recurse: self.recurse, empty: false }
    }
}

/// ALTER TABLE.
pub(super) fn apply(cx: &mut Context, node: &ast::AlterTable) -> Result<(), Refusal> {
    if node.all_in_tablespace().is_some() {
        return Refusal::unknown("ALL IN TABLESPACE is not simulated");
    }
    statement(cx, node.table_relation_name(), node.if_exists().is_some(), node.actions().collect())
}

/// ALTER FOREIGN TABLE.
pub(super) fn apply_foreign(cx: &mut Context, node: &ast::AlterForeignTable) -> Result<(), Refusal> {
    statement(cx, node.table_relation_name(), node.if_exists().is_some(), node.actions().collect())
}

fn statement(
    cx: &mut Context,
    on: Option<ast::TableRelationName>,
    if_exists: bool,
    actions: Vec<ast::AlterTableAction>,
) -> Result<(), Refusal> {
    let name = known_name(on.as_ref().and_then(|on| on.table_name_ref()).and_then(|name| name.path_ref()))?;
    if if_exists && cx.find_relation(&name).is_none() {
        cx.notice(format!("relation \"{}\" does not exist, skipping", name.display()));
        return Ok(());
    }
    let table = cx.relation_of(&name)?;
    let recurse = on.is_none_or(|on| on.only_token().is_none());
    alter(cx, Target { table, recurse }, actions)
}

/// Takes the actions on a relation.
pub(crate) fn alter(cx: &mut Context, target: Target, actions: Vec<ast::AlterTableAction>) -> Result<(), Refusal> {
    if actions.is_empty() {
        return Refusal::unknown("an action of this form is not simulated");
    }
    cx.effect.named.insert(target.table);
    let mut steps: Vec<(Pass, Step)> = Vec::new();
    for action in actions {
        lock(cx, target.table, &action);
        let mut constraints = Vec::new();
        match &action {
            ast::AlterTableAction::AddColumn(node) => {
                let column = node.column_name().map(|name| identifier(name.syntax()));
                let exists = |name: &String| cx.relation(target.table).columns.iter().any(|known| known.name == *name);
                // What exists already gets none of the constraints either.
                if node.if_not_exists().is_none() || !column.as_ref().is_some_and(exists) {
                    for node in node.constraints() {
                        constraints.extend(wanted(&node, column.as_deref())?);
                    }
                    constraints.retain(|wanted| !matches!(wanted.kind, Kind::NotNull(_)));
                }
                if constraints.iter().any(|wanted| matches!(wanted.kind, Kind::ForeignKey { .. })) {
                    cx.lock(target.table, LockMode::AccessExclusive);
                }
                steps.push((Pass::AddColumn, Step::Action(action)));
            }
            ast::AlterTableAction::AddConstraint(node) => {
                let Some(node) = node.constraint() else { return Refusal::unknown("a constraint is missing") };
                constraints.extend(wanted(&node, None)?);
            }
            _ => steps.push((pass(&action), Step::Action(action))),
        }
        for wanted in constraints {
            let pass = match wanted.kind {
                Kind::Check(_) | Kind::ForeignKey { .. } => Pass::AddConstraint,
                Kind::NotNull(_) => Pass::Attributes,
                Kind::UsingIndex { .. } => Pass::UseIndex,
                Kind::Key { .. } | Kind::Exclusion(_) => Pass::AddIndex,
            };
            steps.push((pass, Step::Constraint(wanted)));
        }
    }
    steps.sort_by_key(|(pass, _)| *pass);
    for (_, step) in steps {
        match step {
            Step::Action(node) => action(cx, target, &node)?,
            Step::Constraint(wanted) => {
                refuse_kind(cx, target.table, "ADD CONSTRAINT", &['r', 'p', 'f'])?;
                constraint::add(cx, target.table, &wanted, target.adding())?;
            }
        }
    }
    Ok(())
}

/// Refuses an action on a kind of relation that does not have it.
pub(super) fn refuse_kind(cx: &Context, table: u32, action: &str, kinds: &[char]) -> Result<(), Refusal> {
    let relation = cx.relation(table);
    if kinds.contains(&relation.kind) {
        return Ok(());
    }
    let name = &relation.name;
    Refusal::fails(format!("ALTER action {action} cannot be performed on relation \"{name}\""))
}

fn action(cx: &mut Context, target: Target, action: &ast::AlterTableAction) -> Result<(), Refusal> {
    use ast::AlterTableAction as Action;
    let Target { table, recurse } = target;
    match action {
        Action::AddConstraint(_) => Ok(()),
        Action::AddColumn(node) => alter_column::add(cx, target, node),
        Action::AlterColumn(node) => alter_column::alter(cx, target, node),
        Action::DropColumn(node) => {
            refuse_kind(cx, table, "DROP COLUMN", &['r', 'p', 'f'])?;
            drop_column(cx, target, node)
        }
        Action::RenameColumn(node) => {
            let name = node.column_name_ref().map(|name| identifier(name.syntax()));
            let new = node.column_name().map(|name| identifier(name.syntax()));
            match (name, new) {
                (Some(name), Some(new)) => rename_column(cx, table, &name, &new, recurse, 0),
                _ => Refusal::unknown("a name is missing"),
            }
        }
        Action::DropConstraint(node) => {
            let name = constraint_name(node.constraint_name_ref())?;
            let cascade = matches!(node.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
            constraint::drop(cx, table, &name, node.if_exists().is_some(), cascade, recurse)
        }
        Action::RenameConstraint(node) => {
            let name = constraint_name(node.constraint_name_ref())?;
            let Some(new) = node.constraint_name() else { return Refusal::unknown("a name is missing") };
            constraint::rename(cx, table, &name, &identifier(new.syntax()), recurse)
        }
        Action::ValidateConstraint(node) => {
            constraint::validate(cx, table, &constraint_name(node.constraint_name_ref())?, recurse)
        }
        Action::AlterConstraint(node) => alter_constraint(cx, table, node),
        Action::TableRenameTo(node) => match node.table_name().and_then(|name| name.path()).and_then(|p| p.segment()) {
            Some(new) => rename::rename(cx, table, &identifier(new.syntax())),
            None => Refusal::unknown("a name is missing"),
        },
        Action::SetSchema(node) => match node.schema_ref() {
            Some(name) => {
                let schema = cx.schema(&identifier(name.syntax()))?;
                rename::set_schema(cx, table, schema)
            }
            None => Refusal::unknown("a name is missing"),
        },
        Action::OwnerTo(node) => {
            let owner = cx.role(node.role_ref())?;
            if cx.relation(table).kind == 'S' && cx.relation(table).owned_by.is_some() {
                return Refusal::fails("cannot change owner of a sequence that is linked to a table");
            }
            rename::set_owner(cx, table, owner);
            Ok(())
        }
        Action::EnableRls(_) => row_security(cx, table, |relation| relation.row_security = true),
        Action::DisableRls(_) => row_security(cx, table, |relation| relation.row_security = false),
        Action::ForceRls(_) => row_security(cx, table, |relation| relation.force_row_security = true),
        Action::NoForceRls(_) => row_security(cx, table, |relation| relation.force_row_security = false),
        Action::AttachPartition(node) => {
            let child = other(cx, node.table_name_ref())?;
            partition::attach(cx, table, child)
        }
        Action::DetachPartition(node) => {
            let child = other(cx, node.table_name_ref())?;
            match node.detach_partition_option() {
                Some(ast::DetachPartitionOption::DetachFinalize(_)) => {
                    Refusal::unknown("DETACH PARTITION FINALIZE depends on what was left unfinished")
                }
                option => partition::detach(cx, table, child, option.is_some()),
            }
        }
        Action::InheritTable(node) => {
            refuse_kind(cx, table, "INHERIT", &['r', 'f'])?;
            let parent = other(cx, node.table_name_ref())?;
            partition::inherit(cx, table, parent)
        }
        Action::NoInheritTable(node) => {
            let parent = other(cx, node.table_name_ref())?;
            partition::no_inherit(cx, table, parent)
        }
        Action::OfType(node) => of_type(cx, table, node.ty()),
        Action::NotOf(_) => {
            if cx.relation(table).of_type == 0 {
                return Refusal::fails(format!("\"{}\" is not a typed table", cx.relation(table).name));
            }
            cx.change_relation(table, |relation| relation.of_type = 0);
            Ok(())
        }
        Action::SetLogged(_) => set_persistence(cx, table, false),
        Action::SetUnlogged(_) => set_persistence(cx, table, true),
        Action::SetTablespace(_) | Action::SetAccessMethod(_) => {
            if cx.relation(table).kind != 'p' {
                cx.effect.rewrites.insert(table);
            }
            Ok(())
        }
        Action::SetOptions(_) | Action::ResetOptions(_) if cx.relation(table).kind == 'v' => {
            Refusal::unknown("options of a view that are set by ALTER TABLE are not simulated: use ALTER VIEW")
        }
        Action::EnableTrigger(_)
        | Action::EnableAlwaysTrigger(_)
        | Action::EnableReplicaTrigger(_)
        | Action::DisableTrigger(_)
        | Action::EnableRule(_)
        | Action::EnableAlwaysRule(_)
        | Action::EnableReplicaRule(_)
        | Action::DisableRule(_)
        | Action::SetOptions(_)
        | Action::ResetOptions(_)
        | Action::SetWithoutCluster(_)
        | Action::SetWithoutOids(_)
        | Action::AlterOptionList(_)
        | Action::OptionItemList(_) => {
            if cx.relation(table).kind == 'f' {
                rename::doubt_writing(cx, table);
            }
            cx.touch_relation(table);
            Ok(())
        }
        Action::ClusterOn(node) => own_index(cx, table, node.index_ref().and_then(|name| name.path_ref())),
        Action::ReplicaIdentity(node) => match node.replica_identity_option() {
            Some(ast::ReplicaIdentityOption::UsingIndexName(using)) => {
                own_index(cx, table, using.index_ref().and_then(|name| name.path_ref()))
            }
            _ => Ok(()),
        },
        Action::MergePartitions(_) | Action::SplitPartition(_) => {
            Refusal::unknown("MERGE and SPLIT PARTITION are not simulated")
        }
    }
}

fn constraint_name(node: Option<ast::ConstraintNameRef>) -> Result<String, Refusal> {
    known_name(node.and_then(|name| name.path_ref())).map(|name| name.name)
}

fn other(cx: &Context, name: Option<ast::TableNameRef>) -> Result<u32, Refusal> {
    let name: Name = known_name(name.and_then(|name| name.path_ref()))?;
    cx.relation_of(&name)
}

fn alter_constraint(cx: &mut Context, table: u32, node: &ast::AlterConstraint) -> Result<(), Refusal> {
    use ast::ConstraintOption::{Enforced, Inherit, NoInherit, NotEnforced};
    let name = constraint_name(node.constraint_name_ref())?;
    let changes = |option| matches!(option, NotEnforced(_) | Enforced(_) | NoInherit(_) | Inherit(_));
    if node.constraint_options().any(changes) {
        return Refusal::unknown("ALTER CONSTRAINT with ENFORCED or INHERIT is not simulated");
    }
    match constraint::named(cx, table, &name).map(|oid| cx.world().constraints[&oid].kind) {
        Some('f') => Ok(()),
        Some(_) => Refusal::fails(format!("constraint \"{name}\" is not a foreign key constraint")),
        None => Refusal::fails(format!("constraint \"{name}\" of the table does not exist")),
    }
}

fn own_index(cx: &Context, table: u32, name: Option<ast::PathRef>) -> Result<(), Refusal> {
    let name = known_name(name)?;
    let schema = cx.relation(table).schema;
    let found = cx.world().relation_named(schema, &name.name);
    let own = found.is_some_and(|oid| cx.relation(oid).index.as_ref().is_some_and(|index| index.table == table));
    if own { Ok(()) } else { Refusal::fails(format!("index \"{}\" for the table does not exist", name.name)) }
}

fn row_security(cx: &mut Context, table: u32, change: impl FnOnce(&mut Relation)) -> Result<(), Refusal> {
    refuse_kind(cx, table, "ROW SECURITY", &['r', 'p'])?;
    cx.change_relation(table, change);
    Ok(())
}

fn set_persistence(cx: &mut Context, table: u32, unlogged: bool) -> Result<(), Refusal> {
    refuse_kind(cx, table, "SET LOGGED", &['r', 'S'])?;
    if cx.relation(table).temporary {
        return Refusal::fails("cannot change logged status of a temporary table");
    }
    if cx.relation(table).unlogged == unlogged {
        return Ok(());
    }
    cx.effect.rewrites.insert(table);
    let sequences = cx.world().sequences_of(table);
    for oid in cx.world().indexes_of(table).into_iter().chain(sequences).chain([table]) {
        cx.change_relation(oid, |relation| relation.unlogged = unlogged);
    }
    Ok(())
}

fn of_type(cx: &mut Context, table: u32, node: Option<ast::Type>) -> Result<(), Refusal> {
    let Some(node) = node else { return Refusal::unknown("a type is missing") };
    let found = type_name::resolve(cx, &node)?;
    let Some(TypeKind::Composite(of)) = cx.world().types.get(&found.oid).map(|found| found.kind.clone()) else {
        return Refusal::fails("the type of a typed table must be a composite type");
    };
    let columns = |oid: u32| {
        let columns = &cx.relation(oid).columns;
        columns.iter().map(|column| (column.name.clone(), column.r#type, column.modifier)).collect::<Vec<_>>()
    };
    if columns(of) != columns(table) {
        return Refusal::fails("the table does not have the columns of the type");
    }
    if !cx.relation(table).parents.is_empty() {
        return Refusal::fails("typed tables cannot inherit");
    }
    cx.change_relation(table, |relation| relation.of_type = found.oid);
    Ok(())
}

fn drop_column(cx: &mut Context, target: Target, node: &ast::DropColumn) -> Result<(), Refusal> {
    let Target { table, recurse } = target;
    let relation = cx.relation(table).clone();
    let Some(name) = node.column_name_ref().map(|name| identifier(name.syntax())) else {
        return Refusal::unknown("a name is missing");
    };
    if relation.of_type != 0 {
        return Refusal::fails("cannot drop column from typed table");
    }
    let Some(column) = relation.columns.iter().find(|column| column.name == name) else {
        let what = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
        if node.if_exists().is_some() {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    };
    if column.inherited > 0 {
        return Refusal::fails(format!("cannot drop inherited column \"{name}\""));
    }
    if relation.kind == 'p' && !recurse && !cx.world().children(table).is_empty() {
        return Refusal::fails("cannot drop column from only the partitioned table when partitions exist");
    }
    let mut gone = vec![column_object(table, column.number)];
    drop_from_children(cx, table, &name, recurse, &mut gone)?;
    drop::remove(cx, &gone, matches!(node.drop_behavior(), Some(ast::DropBehavior::Cascade(_))))
}

/// Children let go of a column of their parent's: those that have it from elsewhere keep it.
fn drop_from_children(
    cx: &mut Context,
    table: u32,
    name: &str,
    recurse: bool,
    gone: &mut Vec<Object>,
) -> Result<(), Refusal> {
    for child in cx.world().children(table) {
        cx.lock(child, LockMode::AccessExclusive);
        let number = cx.column(child, name)?;
        let relation = cx.relation(child);
        let goes = relation.columns.iter().any(|c| c.number == number && c.inherited <= 1 && !c.local);
        if recurse && goes {
            gone.push(column_object(child, number));
            drop_from_children(cx, child, name, recurse, gone)?;
            continue;
        }
        cx.change_relation(child, |relation| {
            for column in relation.columns.iter_mut().filter(|column| column.number == number) {
                column.inherited -= 1;
                column.local |= !recurse;
            }
        });
    }
    Ok(())
}

/// RENAME COLUMN, in children too. `expected` is how many parents it may have.
pub(crate) fn rename_column(
    cx: &mut Context,
    table: u32,
    name: &str,
    new: &str,
    recurse: bool,
    expected: i16,
) -> Result<(), Refusal> {
    let relation = cx.relation(table).clone();
    if relation.of_type != 0 && expected == 0 {
        return Refusal::fails("cannot rename column of typed table");
    }
    cx.lock(table, LockMode::AccessExclusive);
    let number = cx.column(table, name)?;
    let column = relation.columns.iter().find(|column| column.number == number);
    if column.is_some_and(|column| column.inherited > expected) {
        return Refusal::fails(format!("cannot rename inherited column \"{name}\""));
    }
    if relation.columns.iter().any(|column| column.name == new) {
        return Refusal::fails(format!("column \"{new}\" of relation \"{}\" already exists", relation.name));
    }
    let children = cx.world().children(table);
    if !recurse && !children.is_empty() {
        return Refusal::fails(format!("inherited column \"{name}\" must be renamed in child tables too"));
    }
    cx.change_relation(table, |relation| {
        for column in relation.columns.iter_mut().filter(|column| column.number == number) {
            column.name = new.to_owned();
        }
    });
    for child in children {
        rename_column(cx, child, name, new, true, 1)?;
    }
    // Typed tables have the columns of their type.
    if relation.kind == 'c' {
        for typed in cx.world().relations_of_type(relation.row_type) {
            if cx.relation(typed).of_type == relation.row_type {
                rename_column(cx, typed, name, new, true, 1)?;
            }
        }
    }
    Ok(())
}
