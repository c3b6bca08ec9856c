//! ATTACH and DETACH PARTITION, INHERIT and NO INHERIT: tables that become children, and cease to be.

use super::constraint::{Adding, inherit_check, named};
use super::context::{Context, Refusal};
use super::{foreign_key, index};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Object};

/// Gives a partition what its table has: indexes with their constraints, foreign keys from it and to it.
pub(super) fn complete(cx: &mut Context, parent: u32, partition: u32, adding: Adding) -> Result<(), Refusal> {
    for oid in cx.world().indexes_of(parent) {
        index::ensure_on_partition(cx, partition, oid, adding)?;
    }
    for oid in cx.world().constraints_of(parent) {
        let constraint = &cx.world().constraints[&oid];
        // Those to the partitions of a partitioned table follow from the one to itself.
        let of_parent = cx.world().constraints.get(&constraint.parent).is_some_and(|top| top.relation == parent);
        if constraint.kind == 'f' && !of_parent {
            foreign_key::add_to_partition(cx, oid, partition, adding)?;
        }
    }
    for oid in cx.world().foreign_keys_to(parent) {
        let constraint = &cx.world().constraints[&oid];
        // Only where the key was made; the partitions of the referencing table have theirs from it.
        let copied =
            cx.world().constraints.get(&constraint.parent).is_some_and(|top| top.relation != constraint.relation);
        if !copied {
            foreign_key::reference_partition(cx, oid, partition)?;
        }
    }
    Ok(())
}

/// Makes one table a child of another: `MergeAttributesIntoExisting`, `MergeConstraintsIntoExisting`.
fn become_child(cx: &mut Context, parent: u32, child: u32, partition: bool) -> Result<(), Refusal> {
    let (above, below) = (cx.relation(parent).clone(), cx.relation(child).clone());
    if above.temporary != below.temporary {
        return Refusal::fails("a temporary table and a permanent one cannot inherit from each other");
    }
    let (above_name, below_name) = (&above.name, &below.name);
    for given in &above.columns {
        let Some(own) = below.columns.iter().find(|column| column.name == given.name) else {
            return Refusal::fails(format!("child table is missing column \"{}\"", given.name));
        };
        if (own.r#type, own.modifier) != (given.r#type, given.modifier) {
            return Refusal::fails(format!(
                "child table \"{below_name}\" has different type for column \"{}\"",
                given.name
            ));
        }
        if own.collation != given.collation {
            return Refusal::fails(format!(
                "child table \"{below_name}\" has different collation for column \"{}\"",
                given.name
            ));
        }
        if given.not_null && !own.not_null {
            return Refusal::fails(format!("column \"{}\" in child table must be marked NOT NULL", given.name));
        }
    }
    if partition && let Some(extra) = below.columns.iter().find(|own| above.columns.iter().all(|c| c.name != own.name))
    {
        return Refusal::fails(format!(
            "table \"{below_name}\" contains column \"{}\" not found in parent \"{above_name}\"",
            extra.name
        ));
    }
    cx.change_relation(child, |relation| {
        relation.parents.push(parent);
        relation.partition = partition;
        for column in relation.columns.iter_mut().filter(|own| above.columns.iter().any(|c| c.name == own.name)) {
            column.inherited += 1;
            column.local &= !partition;
        }
    });
    for oid in cx.world().constraints_of(parent) {
        let constraint = cx.world().constraints[&oid].clone();
        if !matches!(constraint.kind, 'c' | 'n') || constraint.no_inherit {
            continue;
        }
        let own = match constraint.kind {
            'c' => named(cx, child, &constraint.name),
            _ => not_null_like(cx, &constraint, child),
        };
        let own = own.filter(|own| cx.world().constraints[own].kind == constraint.kind);
        let Some(own) = own else {
            return Refusal::fails(format!("child table is missing constraint \"{}\"", constraint.name));
        };
        cx.change_constraint(own, |own| {
            own.inherited += 1;
            own.local &= !partition;
        });
    }
    Ok(())
}

fn not_null_like(cx: &Context, constraint: &crate::simulate::world::Constraint, child: u32) -> Option<u32> {
    let columns = super::constraint::map_columns(cx, constraint.relation, child, &constraint.columns).ok()?;
    let world = cx.world();
    world.constraints_of(child).into_iter().find(|oid| {
        let own = &world.constraints[oid];
        own.kind == 'n' && own.columns == columns
    })
}

/// Ends that one table is a child of another: `RemoveInheritance`.
fn cease_child(cx: &mut Context, parent: u32, child: u32) {
    let above = cx.relation(parent).clone();
    cx.change_relation(child, |relation| {
        relation.parents.retain(|known| *known != parent);
        relation.partition = false;
        for column in relation.columns.iter_mut().filter(|own| above.columns.iter().any(|c| c.name == own.name)) {
            column.inherited = (column.inherited - 1).max(0);
            column.local |= column.inherited == 0;
        }
    });
    for oid in cx.world().constraints_of(parent) {
        let constraint = cx.world().constraints[&oid].clone();
        let own = match constraint.kind {
            'c' => named(cx, child, &constraint.name),
            'n' => not_null_like(cx, &constraint, child),
            _ => None,
        };
        if let Some(own) = own
            && cx.world().constraints[&own].inherited > 0
        {
            cx.change_constraint(own, |own| {
                own.inherited -= 1;
                own.local |= own.inherited == 0;
            });
        }
    }
}

fn is_ancestor(cx: &Context, ancestor: u32, of: u32) -> bool {
    of == ancestor || cx.relation(of).parents.iter().any(|parent| is_ancestor(cx, ancestor, *parent))
}

/// ATTACH PARTITION.
pub(super) fn attach(cx: &mut Context, parent: u32, child: u32) -> Result<(), Refusal> {
    let (above, below) = (cx.relation(parent).clone(), cx.relation(child).clone());
    if above.kind != 'p' {
        return Refusal::fails(format!("table \"{}\" is not partitioned", above.name));
    }
    if !matches!(below.kind, 'r' | 'p' | 'f') {
        return Refusal::fails(format!("\"{}\" is not a table", below.name));
    }
    if below.partition {
        return Refusal::fails(format!("\"{}\" is already a partition", below.name));
    }
    if below.of_type != 0 || !below.parents.is_empty() {
        return Refusal::fails("cannot attach a typed table, or one that inherits, as partition");
    }
    if below.kind == 'r' && !cx.world().children(child).is_empty() {
        return Refusal::fails("cannot attach inheritance parent as partition");
    }
    if is_ancestor(cx, child, parent) {
        return Refusal::fails("circular inheritance not allowed");
    }
    cx.lock(parent, LockMode::ShareUpdateExclusive);
    cx.lock(child, LockMode::AccessExclusive);
    cx.effect.scans.insert(child);
    become_child(cx, parent, child, true)?;
    complete(cx, parent, child, Adding { recurse: true, empty: false })
}

/// DETACH PARTITION.
pub(super) fn detach(cx: &mut Context, parent: u32, child: u32, concurrently: bool) -> Result<(), Refusal> {
    if !cx.relation(child).partition || !cx.relation(child).parents.contains(&parent) {
        let (above, below) = (&cx.relation(parent).name, &cx.relation(child).name);
        return Refusal::fails(format!("relation \"{below}\" is not a partition of relation \"{above}\""));
    }
    let mode = if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
    cx.lock(parent, mode);
    cx.lock(child, LockMode::AccessExclusive);
    cx.effect.alone |= concurrently;
    for oid in cx.world().indexes_of(child) {
        let of_parent = cx.relation(oid).index.as_ref().is_some_and(|index| index.parent != 0);
        if of_parent {
            index::detach(cx, oid);
        }
    }
    for oid in cx.world().constraints_of(child) {
        let constraint = &cx.world().constraints[&oid];
        let top = cx.world().constraints.get(&constraint.parent);
        if constraint.kind == 'f' && top.is_some_and(|top| top.relation == parent) {
            cx.change_constraint(oid, |constraint| {
                constraint.parent = 0;
                constraint.local = true;
                constraint.inherited = (constraint.inherited - 1).max(0);
            });
        }
    }
    // Foreign keys to the whole no longer reach it.
    for oid in cx.world().foreign_keys_to(child) {
        let Some(constraint) = cx.world().constraints.get(&oid) else { continue };
        let top = cx.world().constraints.get(&constraint.parent);
        if top.is_some_and(|top| top.references == parent && top.relation == constraint.relation) {
            let (relation, children) = (constraint.relation, cx.world().constraint_children(oid));
            cx.lock(relation, LockMode::AccessExclusive);
            for gone in children.into_iter().chain([oid]) {
                let object = Object { class: Class::Constraint, oid: gone, column: 0 };
                cx.forget_dependencies_of(object);
                cx.remove_constraint(gone);
            }
        }
    }
    cease_child(cx, parent, child);
    Ok(())
}

/// INHERIT.
pub(super) fn inherit(cx: &mut Context, child: u32, parent: u32) -> Result<(), Refusal> {
    let (above, below) = (cx.relation(parent).clone(), cx.relation(child).clone());
    if below.partition {
        return Refusal::fails("cannot change inheritance of a partition");
    }
    if below.kind == 'p' || above.kind == 'p' {
        return Refusal::fails("cannot change inheritance of partitioned table");
    }
    if below.of_type != 0 {
        return Refusal::fails("cannot change inheritance of typed table");
    }
    if below.parents.contains(&parent) {
        return Refusal::fails(format!("relation \"{}\" would be inherited from more than once", above.name));
    }
    if is_ancestor(cx, child, parent) {
        return Refusal::fails("circular inheritance not allowed");
    }
    cx.lock(parent, LockMode::ShareUpdateExclusive);
    become_child(cx, parent, child, false)
}

/// NO INHERIT.
pub(super) fn no_inherit(cx: &mut Context, child: u32, parent: u32) -> Result<(), Refusal> {
    let below = cx.relation(child).clone();
    if below.partition {
        return Refusal::fails("cannot change inheritance of a partition");
    }
    if !below.parents.contains(&parent) {
        let above = &cx.relation(parent).name;
        return Refusal::fails(format!("relation \"{above}\" is not a parent of relation \"{}\"", below.name));
    }
    cx.lock(parent, LockMode::AccessShare);
    cease_child(cx, parent, child);
    Ok(())
}

/// A new child has the constraints of its parent; see `constraint::inherit_check`.
pub(super) fn inherit_checks(cx: &mut Context, parent: u32, child: u32, adding: Adding) -> Result<(), Refusal> {
    for oid in cx.world().constraints_of(parent) {
        let constraint = &cx.world().constraints[&oid];
        if constraint.kind == 'c' && !constraint.no_inherit {
            inherit_check(cx, oid, child, adding)?;
        }
    }
    Ok(())
}
