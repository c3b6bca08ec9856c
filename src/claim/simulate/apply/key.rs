//! PRIMARY KEY and UNIQUE, and the other constraints that have an index.

use super::constraint::{Adding, Wanted, named, refuse_taken};
use super::context::{Context, Refusal, relation_object};
use super::index::{self, IndexDefinition, Key};
use super::not_null;
use super::resolve::Name;
use crate::simulate::world::Constraint;

/// PRIMARY KEY or UNIQUE over columns.
pub(super) fn add(
    cx: &mut Context,
    table: u32,
    wanted: &Wanted,
    primary: bool,
    columns: &[String],
    include: &[String],
    adding: Adding,
) -> Result<(), Refusal> {
    let mut definition = IndexDefinition::new(wanted.name.clone());
    definition.unique = true;
    definition.primary = primary;
    definition.immediate = !wanted.deferrable;
    for name in columns {
        let number = key_column(cx, table, name)?;
        definition.keys.push(Key { number, label: name.clone() });
        definition.uses.columns.insert(number);
    }
    for name in include {
        definition.include.push((key_column(cx, table, name)?, name.clone()));
    }
    add_with_index(cx, table, if primary { 'p' } else { 'u' }, definition, adding)
}

fn key_column(cx: &Context, table: u32, name: &str) -> Result<i16, Refusal> {
    match cx.relation(table).columns.iter().find(|column| column.name == name) {
        Some(column) => Ok(column.number),
        None => Refusal::fails(format!("column \"{name}\" named in key does not exist")),
    }
}

/// A constraint with a new index.
pub(super) fn add_with_index(
    cx: &mut Context,
    table: u32,
    kind: char,
    definition: IndexDefinition,
    adding: Adding,
) -> Result<(), Refusal> {
    if kind == 'p' {
        refuse_second(cx, table)?;
        for key in &definition.keys {
            not_null::set(cx, table, key.number, None, Adding { recurse: true, ..adding })?;
        }
    }
    if let Some(name) = &definition.name {
        refuse_taken(cx, table, name)?;
    }
    index::create(cx, table, &definition, Some(kind), adding)?;
    Ok(())
}

fn refuse_second(cx: &Context, table: u32) -> Result<(), Refusal> {
    let world = cx.world();
    if world.constraints_of(table).iter().any(|oid| world.constraints[oid].kind == 'p') {
        let table = &cx.relation(table).name;
        return Refusal::fails(format!("multiple primary keys for table \"{table}\" are not allowed"));
    }
    Ok(())
}

/// The constraint that an index is of.
pub(super) fn constraint_of_index(cx: &Context, index: u32) -> Option<u32> {
    let world = cx.world();
    let constraints = world.constraints_on_index(index);
    constraints.into_iter().find(|oid| matches!(world.constraints[oid].kind, 'p' | 'u' | 'x'))
}

/// The row of `pg_constraint` that a constraint with an index has.
pub(super) fn row(cx: &Context, table: u32, kind: char, index: u32, parent: u32) -> Constraint {
    let relation = cx.relation(index);
    let found = relation.index.as_ref();
    Constraint {
        name: relation.name.clone(),
        kind,
        relation: table,
        domain: 0,
        validated: true,
        columns: found.map_or_else(Vec::new, |index| index.columns.clone()),
        references: 0,
        referenced: Vec::new(),
        index,
        parent,
        local: parent == 0,
        inherited: i16::from(parent != 0),
        no_inherit: parent == 0,
        checks_not_null: None,
    }
}

/// ADD CONSTRAINT ... USING INDEX.
pub(super) fn use_index(
    cx: &mut Context,
    table: u32,
    wanted: &Wanted,
    primary: bool,
    index: &Name,
    adding: Adding,
) -> Result<(), Refusal> {
    if cx.relation(table).kind == 'p' {
        return Refusal::fails("ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables");
    }
    let schema = cx.relation(table).schema;
    let name = Name { schema: None, ..index.clone() };
    let found = cx.world().relation_named(schema, &name.name);
    let Some((oid, found)) = found.and_then(|oid| Some((oid, cx.relation(oid).index.clone()?))) else {
        return Refusal::fails(format!("index \"{}\" does not exist", index.name));
    };
    if found.table != table {
        let table = &cx.relation(table).name;
        return Refusal::fails(format!("index \"{}\" does not belong to table \"{table}\"", index.name));
    }
    if constraint_of_index(cx, oid).is_some() {
        return Refusal::fails(format!("index \"{}\" is already associated with a constraint", index.name));
    }
    if !found.valid || !found.unique || found.partial || found.columns.contains(&0) {
        return Refusal::fails(format!("index \"{}\" cannot back this constraint", index.name));
    }
    if primary {
        refuse_second(cx, table)?;
        for column in &found.columns {
            not_null::set(cx, table, *column, None, Adding { recurse: true, ..adding })?;
        }
    }
    if let Some(name) = &wanted.name {
        refuse_taken(cx, table, name)?;
        if *name != index.name {
            super::rename::refuse_taken_relation(cx, schema, name)?;
        }
    }
    let deferrable = wanted.deferrable;
    cx.change_relation(oid, |relation| {
        if let Some(name) = &wanted.name {
            relation.name = name.clone();
        }
        if let Some(index) = &mut relation.index {
            index.primary = primary;
            index.immediate = !deferrable;
        }
    });
    cx.forget_dependencies_of(relation_object(oid));
    let constraint = row(cx, table, if primary { 'p' } else { 'u' }, oid, 0);
    if named(cx, table, &constraint.name).is_some() {
        return refuse_taken(cx, table, &constraint.name);
    }
    cx.add_constraint(constraint);
    Ok(())
}
