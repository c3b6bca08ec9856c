//! Views and materialized views.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal, relation_object};
use super::mentions::{self, Mentions};
use super::query::{self, Analysis, OutputColumn};
use super::resolve::{Name, identifier, known_name, new_name};
use super::table::place;
use super::{options, rename};
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Column, Object, Relation, Writing};

/// CREATE VIEW.
pub(super) fn create(cx: &mut Context, node: &ast::CreateView) -> Result<(), Refusal> {
    let name = new_name(node.view().and_then(|view| view.path()))?;
    let Some(query) = node.query() else { return Refusal::unknown("a view without a query") };
    let names = query::names(node.column_list());
    let analysis = match node.recursive_token() {
        Some(_) => query::analyse_recursive(cx, &name.name, &names, &query)?,
        None => query::analyse(cx, &query)?,
    };
    let columns = named(&analysis, &names)?;
    lock_all(cx, &analysis);
    let writing = match node.recursive_token() {
        Some(_) => None,
        None => query::updatable::writing(cx, &query),
    };
    let invoker = options::switch(node.with_params().and_then(|with| with.attribute_list()), "security_invoker");
    if node.or_replace().is_some()
        && let Some(existing) = existing(cx, &name, node.persistence().as_ref())?
    {
        return replace(cx, existing, &columns, (&analysis, writing), invoker.unwrap_or(false));
    }
    // A view of something temporary is temporary.
    let temporary = analysis.reads.iter().any(|oid| cx.relation(*oid).temporary);
    let name =
        if temporary && name.schema.is_none() { Name { schema: Some("pg_temp".to_owned()), ..name } } else { name };
    let Some(mut relation) = place(cx, &name, 'v', false, node.persistence().as_ref())? else { return Ok(()) };
    relation.security_invoker = invoker.unwrap_or(false);
    relation.writing = writing;
    add(cx, relation, columns, &analysis).map(drop)
}

fn existing(cx: &Context, name: &Name, persistence: Option<&ast::Persistence>) -> Result<Option<u32>, Refusal> {
    let schema = match persistence {
        Some(ast::Persistence::Temp(_)) => 0,
        _ => cx.creation_schema(name)?,
    };
    match cx.world().relation_named(schema, &name.name) {
        Some(oid) if cx.relation(oid).kind == 'v' => Ok(Some(oid)),
        Some(_) => Refusal::fails(format!("\"{}\" is not a view", name.name)),
        None => Ok(None),
    }
}

/// CREATE MATERIALIZED VIEW.
pub(super) fn create_materialized(cx: &mut Context, node: &ast::CreateMaterializedView) -> Result<(), Refusal> {
    let name = new_name(node.view().and_then(|view| view.path()))?;
    let Some(query) = node.query() else { return Refusal::unknown("a view without a query") };
    let Some(relation) = place(cx, &name, 'm', node.if_not_exists().is_some(), None)? else { return Ok(()) };
    let analysis = query::analyse(cx, &query)?;
    if analysis.reads.iter().any(|oid| cx.relation(*oid).temporary) {
        return Refusal::fails("materialized views must not use temporary tables or views");
    }
    let columns = named(&analysis, &query::names(node.column_list()))?;
    lock_all(cx, &analysis);
    if !matches!(node.data_option(), Some(ast::DataOption::WithNoData(_)))
        && let Some(why) = mentions::of(cx, node.syntax()).dangerous(cx)
    {
        cx.effect.doubt(why, []);
    }
    add(cx, relation, columns, &analysis).map(drop)
}

/// The columns of a query by the names that are given to them.
pub(super) fn named(analysis: &Analysis, names: &[String]) -> Result<Vec<OutputColumn>, Refusal> {
    let mut columns = analysis.columns.clone();
    if names.len() > columns.len() && analysis.uncertain.is_none() {
        return Refusal::fails("more column names are given than the query has columns");
    }
    for (column, name) in columns.iter_mut().zip(names) {
        column.name.clone_from(name);
    }
    let mut seen = BTreeSet::new();
    for column in &columns {
        if !seen.insert(&column.name) {
            return Refusal::fails(format!("column \"{}\" specified more than once", column.name));
        }
    }
    Ok(columns)
}

/// The columns that a relation made of a query has.
pub(super) fn stored(columns: &[OutputColumn], first: i16) -> Vec<Column> {
    let number = |at: usize| first + i16::try_from(at).unwrap_or(i16::MAX - first);
    let column = |(at, column): (usize, &OutputColumn)| Column {
        number: number(at),
        name: column.name.clone(),
        r#type: column.r#type.oid,
        modifier: column.r#type.modifier,
        not_null: false,
        filled: Filled::Nothing,
        collation: column.collation,
        local: true,
        inherited: 0,
        acl: Vec::new(),
    };
    columns.iter().enumerate().map(column).collect()
}

fn lock_all(cx: &mut Context, analysis: &Analysis) {
    for oid in &analysis.reads {
        cx.lock(*oid, LockMode::AccessShare);
    }
}

fn add(
    cx: &mut Context,
    mut relation: Relation,
    columns: Vec<OutputColumn>,
    analysis: &Analysis,
) -> Result<u32, Refusal> {
    relation.columns = stored(&columns, 1);
    relation.last_number = relation.columns.last().map_or(0, |column| column.number);
    relation.uncertain.clone_from(&analysis.uncertain);
    let oid = cx.new_oid();
    rename::create_with_row_type(cx, oid, relation)?;
    for used in &analysis.uses {
        cx.depend(relation_object(oid), *used, false);
    }
    Ok(oid)
}

/// CREATE OR REPLACE: what is there stays as it is, columns are only added.
fn replace(
    cx: &mut Context,
    oid: u32,
    columns: &[OutputColumn],
    (analysis, writing): (&Analysis, Option<Writing>),
    invoker: bool,
) -> Result<(), Refusal> {
    let old = cx.relation(oid).clone();
    cx.lock(oid, LockMode::AccessExclusive);
    // What could not be told of the old columns is not known to be the same.
    let mut uncertain = analysis.uncertain.clone();
    if old.uncertain.is_none() {
        if columns.len() < old.columns.len() && analysis.uncertain.is_none() {
            return Refusal::fails("cannot drop columns from view");
        }
        for (known, new) in old.columns.iter().zip(columns) {
            if known.name != new.name {
                return Refusal::fails(format!(
                    "cannot change name of view column \"{}\" to \"{}\"",
                    known.name, new.name
                ));
            }
            // A type that cannot be told has to be the old one, or the server would refuse it.
            let told = new.r#type.oid != 0;
            if told && (known.r#type, known.modifier) != (new.r#type.oid, new.r#type.modifier) {
                return Refusal::fails(format!("cannot change data type of view column \"{}\"", known.name));
            }
            if told && known.collation != new.collation {
                return Refusal::fails(format!("cannot change collation of view column \"{}\"", known.name));
            }
        }
        let complete = columns.len() >= old.columns.len();
        if complete && columns.iter().skip(old.columns.len()).all(|column| column.r#type.oid != 0) {
            uncertain = None;
        }
    }
    let added = stored(columns.get(old.columns.len()..).unwrap_or_default(), old.last_number + 1);
    cx.change_relation(oid, |view| {
        if old.uncertain.is_some() {
            view.columns = stored(columns, 1);
        } else {
            view.columns.extend(added);
        }
        view.last_number = view.columns.last().map_or(0, |column| column.number);
        view.security_invoker = invoker;
        view.writing = writing;
        view.uncertain = uncertain;
    });
    cx.forget_dependencies_of(relation_object(oid));
    for used in &analysis.uses {
        cx.depend(relation_object(oid), *used, false);
    }
    Ok(())
}

/// The view of this name, or nothing if there is none and that is allowed.
fn find(cx: &mut Context, name: Option<ast::PathRef>, kind: char, if_exists: bool) -> Result<Option<u32>, Refusal> {
    let name = known_name(name)?;
    let Some(oid) = cx.find_relation(&name) else {
        if if_exists {
            cx.notice(format!("relation \"{}\" does not exist, skipping", name.display()));
            return Ok(None);
        }
        return cx.relation_of(&name).map(Some);
    };
    match (cx.relation(oid).kind, kind) {
        (found, wanted) if found == wanted => Ok(Some(oid)),
        (_, 'v') => Refusal::fails(format!("\"{}\" is not a view", name.name)),
        _ => Refusal::fails(format!("\"{}\" is not a materialized view", name.name)),
    }
}

/// ALTER VIEW.
pub(super) fn alter(cx: &mut Context, node: &ast::AlterView) -> Result<(), Refusal> {
    use ast::AlterViewAction as Action;
    let name = node.view_ref().and_then(|view| view.path_ref());
    let Some(oid) = find(cx, name, 'v', node.if_exists().is_some())? else { return Ok(()) };
    cx.effect.named.insert(oid);
    cx.lock(oid, LockMode::AccessExclusive);
    match node.action() {
        Some(Action::AlterViewColumn(action)) => {
            let name = action.name().map(|name| identifier(name.syntax()));
            let number = cx.column(oid, &name.unwrap_or_default())?;
            let set = matches!(action.alter_view_column_action(), Some(ast::AlterViewColumnAction::SetDefault(_)));
            let filled = if set { Filled::Default } else { Filled::Nothing };
            cx.change_relation(oid, |view| {
                view.columns
                    .iter_mut()
                    .filter(|column| column.number == number)
                    .for_each(|column| column.filled = filled);
            });
            let default = Object { class: Class::Default, oid, column: number };
            cx.forget_dependencies_of(default);
            if let Some(ast::AlterViewColumnAction::SetDefault(set)) = action.alter_view_column_action() {
                let mentions = mentions::of(cx, set.syntax());
                depend(cx, default, &mentions);
            }
            Ok(())
        }
        Some(Action::OwnerTo(action)) => {
            let owner = cx.role(action.role_ref())?;
            rename::set_owner(cx, oid, owner);
            Ok(())
        }
        Some(Action::RenameColumn(action)) => rename_column(cx, oid, &action),
        Some(Action::ResetOptions(action)) => {
            if options::switch(action.attribute_list(), "security_invoker").is_some() {
                cx.change_relation(oid, |view| view.security_invoker = false);
            }
            Ok(())
        }
        Some(Action::SetOptions(action)) => {
            if let Some(invoker) = options::switch(action.attribute_list(), "security_invoker") {
                cx.change_relation(oid, |view| view.security_invoker = invoker);
            }
            Ok(())
        }
        Some(Action::SetSchema(action)) => set_schema(cx, oid, &action),
        Some(Action::ViewRenameTo(action)) => {
            let new = new_name(action.view().and_then(|view| view.path()))?;
            rename::rename(cx, oid, &new.name)
        }
        None => Refusal::unknown("ALTER VIEW that says nothing"),
    }
}

/// What a default or a check rests on.
pub(super) fn depend(cx: &mut Context, dependent: Object, mentions: &Mentions) {
    for on in mentions.objects() {
        cx.depend(dependent, on, false);
    }
}

fn rename_column(cx: &mut Context, oid: u32, action: &ast::RenameColumn) -> Result<(), Refusal> {
    let old = action.column_name_ref().map(|name| identifier(name.syntax())).unwrap_or_default();
    let new = action.column_name().map(|name| identifier(name.syntax())).unwrap_or_default();
    let number = cx.column(oid, &old)?;
    let relation = cx.relation(oid);
    if relation.columns.iter().any(|column| column.name == new) {
        return Refusal::fails(format!("column \"{new}\" of relation \"{}\" already exists", relation.name));
    }
    cx.change_relation(oid, |relation| {
        relation
            .columns
            .iter_mut()
            .filter(|column| column.number == number)
            .for_each(|column| column.name.clone_from(&new));
    });
    Ok(())
}

fn set_schema(cx: &mut Context, oid: u32, action: &ast::SetSchema) -> Result<(), Refusal> {
    let name = action.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default();
    let schema = cx.schema(&name)?;
    rename::set_schema(cx, oid, schema)
}

/// ALTER MATERIALIZED VIEW.
pub(super) fn alter_materialized(cx: &mut Context, node: &ast::AlterMaterializedView) -> Result<(), Refusal> {
    use ast::AlterMaterializedViewAction as Action;
    if node.all_in_tablespace().is_some() {
        return Refusal::unknown("ALL IN TABLESPACE is not simulated");
    }
    let name = node.view_ref().and_then(|view| view.path_ref());
    let Some(oid) = find(cx, name, 'm', node.if_exists().is_some())? else { return Ok(()) };
    cx.effect.named.insert(oid);
    cx.lock(oid, LockMode::AccessExclusive);
    for action in node.action() {
        match action {
            Action::ViewRenameTo(action) => {
                let new = new_name(action.view().and_then(|view| view.path()))?;
                rename::rename(cx, oid, &new.name)?;
            }
            Action::RenameColumn(action) => rename_column(cx, oid, &action)?,
            Action::SetSchema(action) => set_schema(cx, oid, &action)?,
            Action::DependsOnExtension(_) | Action::NoDependsOnExtension(_) => {}
            Action::AlterTableAction(action) => match action {
                ast::AlterTableAction::OwnerTo(action) => {
                    let owner = cx.role(action.role_ref())?;
                    rename::set_owner(cx, oid, owner);
                }
                ast::AlterTableAction::RenameColumn(action) => rename_column(cx, oid, &action)?,
                ast::AlterTableAction::SetSchema(action) => set_schema(cx, oid, &action)?,
                ast::AlterTableAction::SetOptions(_)
                | ast::AlterTableAction::ResetOptions(_)
                | ast::AlterTableAction::ClusterOn(_)
                | ast::AlterTableAction::SetWithoutCluster(_) => {}
                ast::AlterTableAction::SetTablespace(_) | ast::AlterTableAction::SetAccessMethod(_) => {
                    cx.effect.rewrites.insert(oid);
                }
                _ => return Refusal::unknown("ALTER MATERIALIZED VIEW of this kind is not simulated"),
            },
        }
    }
    Ok(())
}

/// REFRESH MATERIALIZED VIEW.
pub(super) fn refresh(cx: &mut Context, node: &ast::Refresh) -> Result<(), Refusal> {
    let Some(oid) = find(cx, node.view_ref().and_then(|view| view.path_ref()), 'm', false)? else { return Ok(()) };
    let concurrently = node.concurrently_token().is_some();
    cx.lock(oid, if concurrently { LockMode::Exclusive } else { LockMode::AccessExclusive });
    if !concurrently {
        cx.effect.rewrites.insert(oid);
    }
    if matches!(node.data_option(), Some(ast::DataOption::WithNoData(_))) {
        return Ok(());
    }
    let mentions = Mentions::of_relations(cx, [oid]);
    for read in &mentions.relations {
        if *read != oid {
            cx.lock(*read, LockMode::AccessShare);
        }
    }
    match mentions.dangerous(cx) {
        Some(why) => Refusal::unknown(why),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
