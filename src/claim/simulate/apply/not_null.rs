//! NOT NULL: a flag of a column and, from PostgreSQL 18 on, a constraint as well.

use super::constraint::{Adding, named};
use super::context::{Context, Refusal};
use crate::simulate::effect::LockMode;
use crate::simulate::world::Constraint;

/// The version from which NOT NULL is a row of `pg_constraint`.
const WITH_CONSTRAINTS: u32 = 180_000;

fn name_of(cx: &Context, table: u32, column: i16) -> String {
    let columns = &cx.relation(table).columns;
    columns.iter().find(|known| known.number == column).map_or_else(String::new, |known| known.name.clone())
}

fn is_set(cx: &Context, table: u32, column: i16) -> bool {
    cx.relation(table).columns.iter().any(|known| known.number == column && known.not_null)
}

fn constraint_of(cx: &Context, table: u32, column: i16) -> Option<u32> {
    let world = cx.world();
    world.constraints_of(table).into_iter().find(|oid| {
        let constraint = &world.constraints[oid];
        constraint.kind == 'n' && constraint.columns == [column]
    })
}

/// SET NOT NULL on a column, and on that of the children.
pub(super) fn set(
    cx: &mut Context,
    table: u32,
    column: i16,
    name: Option<&str>,
    adding: Adding,
) -> Result<(), Refusal> {
    let column_name = name_of(cx, table, column);
    if !is_set(cx, table, column) {
        let world = cx.world();
        let proven = world.constraints_of(table).iter().any(|oid| {
            let constraint = &world.constraints[oid];
            constraint.validated && constraint.checks_not_null == Some(column)
        });
        if !adding.empty && !proven {
            cx.effect.scans.insert(table);
        }
    }
    mark(cx, table, column, name, true, 0)?;
    let children = cx.world().children(table);
    let partitioned = cx.relation(table).kind == 'p';
    if !adding.recurse && partitioned && !children.is_empty() {
        for child in &children {
            let number = cx.column(*child, &column_name)?;
            if !is_set(cx, *child, number) {
                return Refusal::fails("constraint must be added to child tables too");
            }
        }
    }
    if adding.recurse {
        for child in children {
            cx.lock(child, LockMode::AccessExclusive);
            let number = cx.column(child, &column_name)?;
            set_on_child(cx, child, number, adding)?;
        }
    }
    Ok(())
}

fn set_on_child(cx: &mut Context, table: u32, column: i16, adding: Adding) -> Result<(), Refusal> {
    if !is_set(cx, table, column) && !adding.empty {
        cx.effect.scans.insert(table);
    }
    mark(cx, table, column, None, false, 1)?;
    let name = name_of(cx, table, column);
    for child in cx.world().children(table) {
        cx.lock(child, LockMode::AccessExclusive);
        let number = cx.column(child, &name)?;
        set_on_child(cx, child, number, adding)?;
    }
    Ok(())
}

/// Marks one column of one table, and makes the constraint where the server has one.
pub(super) fn mark(
    cx: &mut Context,
    table: u32,
    column: i16,
    name: Option<&str>,
    local: bool,
    inherited: i16,
) -> Result<(), Refusal> {
    if !is_set(cx, table, column) {
        cx.change_relation(table, |relation| {
            for known in relation.columns.iter_mut().filter(|known| known.number == column) {
                known.not_null = true;
            }
        });
    }
    if cx.world().server_version < WITH_CONSTRAINTS {
        return Ok(());
    }
    if let Some(known) = constraint_of(cx, table, column) {
        cx.change_constraint(known, |constraint| {
            constraint.local |= local;
            constraint.inherited += inherited;
        });
        return Ok(());
    }
    let relation = cx.relation(table);
    let name = match name {
        Some(name) => {
            super::constraint::refuse_taken(cx, table, name)?;
            name.to_owned()
        }
        None => {
            let column = name_of(cx, table, column);
            cx.choose_constraint_name(relation.schema, &relation.name, Some(&column), "not_null", &[])
        }
    };
    cx.add_constraint(Constraint {
        name,
        kind: 'n',
        relation: table,
        domain: 0,
        validated: true,
        columns: vec![column],
        references: 0,
        referenced: Vec::new(),
        index: 0,
        parent: 0,
        local,
        inherited,
        no_inherit: false,
        checks_not_null: None,
    });
    Ok(())
}

/// DROP NOT NULL on a column, and on that of the children.
pub(super) fn clear(cx: &mut Context, table: u32, column: i16, recurse: bool) -> Result<(), Refusal> {
    if !is_set(cx, table, column) {
        return Ok(());
    }
    let relation = cx.relation(table).clone();
    let name = name_of(cx, table, column);
    let world = cx.world();
    let in_key = world.constraints_of(table).iter().any(|oid| {
        let constraint = &world.constraints[oid];
        constraint.kind == 'p' && constraint.columns.contains(&column)
    });
    if in_key {
        return Refusal::fails(format!("column \"{name}\" is in a primary key"));
    }
    if relation.columns.iter().any(|known| known.number == column && known.filled.is_identity()) {
        let relation = &relation.name;
        return Refusal::fails(format!("column \"{name}\" of relation \"{relation}\" is an identity column"));
    }
    if relation.partition
        && let Some(parent) = relation.parents.first()
    {
        let number = cx.column(*parent, &name)?;
        if is_set(cx, *parent, number) {
            return Refusal::fails(format!("column \"{name}\" is marked NOT NULL in parent table"));
        }
    }
    if let Some(constraint) = constraint_of(cx, table, column) {
        let constraint_name = cx.world().constraints[&constraint].name.clone();
        debug_assert_eq!(named(cx, table, &constraint_name), Some(constraint));
        return super::constraint::drop(cx, table, &constraint_name, false, false, recurse);
    }
    unmark(cx, table, column);
    let children = cx.world().children(table);
    if relation.kind == 'p' && !recurse && !children.is_empty() {
        return Refusal::fails("cannot remove constraint from only the partitioned table when partitions exist");
    }
    if recurse {
        for child in children {
            cx.lock(child, LockMode::AccessExclusive);
            let number = cx.column(child, &name)?;
            clear_on_child(cx, child, number)?;
        }
    }
    Ok(())
}

fn clear_on_child(cx: &mut Context, table: u32, column: i16) -> Result<(), Refusal> {
    let name = name_of(cx, table, column);
    unmark(cx, table, column);
    for child in cx.world().children(table) {
        cx.lock(child, LockMode::AccessExclusive);
        let number = cx.column(child, &name)?;
        clear_on_child(cx, child, number)?;
    }
    Ok(())
}

fn unmark(cx: &mut Context, table: u32, column: i16) {
    cx.change_relation(table, |relation| {
        for known in relation.columns.iter_mut().filter(|known| known.number == column) {
            known.not_null = false;
        }
    });
}
