//! FOREIGN KEY.

use super::constraint::{Adding, Wanted, map_columns, named, refuse_taken};
use super::context::{Context, Refusal};
use super::names::columns_addition;
use super::resolve::Name;
use crate::simulate::effect::LockMode;
use crate::simulate::world::Constraint;

/// Adds a foreign key to a table.
pub(super) fn add(
    cx: &mut Context,
    table: u32,
    wanted: &Wanted,
    columns: &[String],
    referenced: &Name,
    to: &[String],
    adding: Adding,
) -> Result<(), Refusal> {
    let target = cx.relation_of(referenced)?;
    if !matches!(cx.relation(target).kind, 'r' | 'p') {
        return Refusal::fails(format!("referenced relation \"{}\" is not a table", referenced.display()));
    }
    cx.lock(target, LockMode::ShareRowExclusive);
    let mut own = Vec::new();
    for name in columns {
        match cx.relation(table).columns.iter().find(|column| column.name == *name) {
            Some(column) => own.push(column.number),
            None => {
                return Refusal::fails(format!(
                    "column \"{name}\" referenced in foreign key constraint does not exist"
                ));
            }
        }
    }
    let (key, index) = find_key(cx, target, to)?;
    if key.len() != own.len() {
        return Refusal::fails("number of referencing and referenced columns for foreign key disagree");
    }
    let relation = cx.relation(table).clone();
    let name = match &wanted.name {
        Some(name) => {
            refuse_taken(cx, table, name)?;
            name.clone()
        }
        None => choose_name(cx, table, &own),
    };
    if relation.kind == 'p' && wanted.not_valid && cx.world().server_version < 180_000 {
        return Refusal::fails(format!(
            "cannot add NOT VALID foreign key on partitioned table \"{}\" referencing relation \"{}\"",
            relation.name,
            cx.relation(target).name
        ));
    }
    let constraint = Constraint {
        name,
        kind: 'f',
        relation: table,
        domain: 0,
        validated: !wanted.not_valid || adding.empty,
        columns: own,
        references: target,
        referenced: key,
        index,
        parent: 0,
        local: true,
        inherited: 0,
        no_inherit: relation.kind != 'p',
        checks_not_null: None,
    };
    let oid = cx.add_constraint(constraint);
    add_to_referenced_partitions(cx, oid)?;
    if !wanted.not_valid && !adding.empty {
        cx.effect.scans.insert(table);
    }
    if relation.kind == 'p' {
        if !adding.recurse && !cx.world().children(table).is_empty() {
            return Refusal::fails(format!(
                "cannot use ONLY for foreign key on partitioned table \"{}\" referencing relation \"{}\"",
                relation.name,
                cx.relation(target).name
            ));
        }
        for partition in cx.world().children(table) {
            add_to_partition(cx, oid, partition, adding)?;
        }
    }
    Ok(())
}

fn choose_name(cx: &Context, table: u32, columns: &[i16]) -> String {
    let relation = cx.relation(table);
    let name = |number: &i16| relation.columns.iter().find(|column| column.number == *number);
    let addition = columns_addition(columns.iter().filter_map(name).map(|column| column.name.as_str()));
    cx.choose_constraint_name(relation.schema, &relation.name, Some(&addition), "fkey", &[])
}

/// The columns that are referenced, and the unique index on them.
fn find_key(cx: &Context, target: u32, to: &[String]) -> Result<(Vec<i16>, u32), Refusal> {
    let relation = cx.relation(target);
    let indexes = cx.world().indexes_of(target);
    if to.is_empty() {
        let primary = indexes.into_iter().find_map(|oid| {
            let index = cx.relation(oid).index.as_ref()?;
            (index.primary && index.valid).then(|| (index.columns.clone(), oid))
        });
        return match primary {
            Some(key) => Ok(key),
            None => Refusal::fails(format!("there is no primary key for referenced table \"{}\"", relation.name)),
        };
    }
    let mut key = Vec::new();
    for name in to {
        match relation.columns.iter().find(|column| column.name == *name) {
            Some(column) => key.push(column.number),
            None => {
                return Refusal::fails(format!(
                    "column \"{name}\" referenced in foreign key constraint does not exist"
                ));
            }
        }
    }
    let mut sorted = key.clone();
    sorted.sort_unstable();
    let found = indexes.into_iter().find(|oid| {
        let Some(index) = &cx.relation(*oid).index else { return false };
        let mut columns = index.columns.clone();
        columns.sort_unstable();
        index.unique && index.valid && index.immediate && !index.partial && columns == sorted
    });
    match found {
        Some(index) => Ok((key, index)),
        None => Refusal::fails(format!(
            "there is no unique constraint matching given keys for referenced table \"{}\"",
            relation.name
        )),
    }
}

/// A foreign key to a partitioned table is one to each of its partitions, too.
fn add_to_referenced_partitions(cx: &mut Context, oid: u32) -> Result<(), Refusal> {
    let constraint = cx.world().constraints[&oid].clone();
    if cx.relation(constraint.references).kind != 'p' {
        return Ok(());
    }
    for partition in cx.world().children(constraint.references) {
        reference_partition(cx, oid, partition)?;
    }
    Ok(())
}

/// A foreign key to a partitioned table references one partition of it.
pub(super) fn reference_partition(cx: &mut Context, oid: u32, partition: u32) -> Result<(), Refusal> {
    let constraint = cx.world().constraints[&oid].clone();
    let referenced = map_columns(cx, constraint.references, partition, &constraint.referenced)?;
    let of_partition = |index: &u32| cx.relation(*index).index.as_ref().is_some_and(|found| found.table == partition);
    let index = cx.world().index_children(constraint.index).into_iter().find(of_partition).unwrap_or(0);
    cx.lock(partition, LockMode::ShareRowExclusive);
    let child = Constraint {
        name: choose_name(cx, constraint.relation, &constraint.columns),
        references: partition,
        referenced,
        index,
        parent: oid,
        local: false,
        inherited: 1,
        no_inherit: false,
        ..constraint
    };
    let child = cx.add_constraint(child);
    add_to_referenced_partitions(cx, child)
}

/// A foreign key of a partitioned table becomes one of a partition: one that it has like that, or a new one.
pub(super) fn add_to_partition(cx: &mut Context, oid: u32, partition: u32, adding: Adding) -> Result<(), Refusal> {
    let constraint = cx.world().constraints[&oid].clone();
    let columns = map_columns(cx, constraint.relation, partition, &constraint.columns)?;
    cx.lock(partition, LockMode::ShareRowExclusive);
    let world = cx.world();
    let alike = world.constraints_of(partition).into_iter().find(|known| {
        let known = &world.constraints[known];
        known.kind == 'f'
            && known.parent == 0
            && known.references == constraint.references
            && known.columns == columns
            && known.referenced == constraint.referenced
            && known.validated
    });
    if let Some(alike) = alike {
        cx.change_constraint(alike, |known| {
            known.parent = oid;
            known.local = false;
            known.inherited += 1;
        });
        return Ok(());
    }
    let name = match named(cx, partition, &constraint.name) {
        Some(_) => choose_name(cx, partition, &columns),
        None => constraint.name.clone(),
    };
    let child = Constraint {
        name,
        relation: partition,
        columns,
        parent: oid,
        local: false,
        inherited: 1,
        no_inherit: false,
        ..constraint
    };
    let child = cx.add_constraint(child);
    if !adding.empty {
        cx.effect.scans.insert(partition);
    }
    for grandchild in cx.world().children(partition) {
        add_to_partition(cx, child, grandchild, adding)?;
    }
    Ok(())
}
