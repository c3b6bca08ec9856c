//! What goes when something goes: the walk over dependencies that DROP, with and without CASCADE, makes.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, Refusal, column_object, relation_object};
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Object, TypeKind, World};

/// OID of the schema of what is temporary, in a world.
const TEMPORARY: u32 = 0;

mod describe;
mod edges;
mod statement;

pub(super) use statement::apply;

/// An object that rests on another.
struct Edge {
    object: Object,
    /// Goes without CASCADE.
    automatic: bool,
}

/// Drops objects and all that goes with them. Without `cascade` the server refuses if something else would be left hanging.
pub(crate) fn remove(cx: &mut Context, targets: &[Object], cascade: bool) -> Result<(), Refusal> {
    for target in targets {
        refuse_part(cx, *target, targets)?;
    }
    cx.effect.named.extend(targets.iter().filter(|target| is_whole_relation(target)).map(|target| target.oid));
    let doomed = walk(cx, targets, cascade)?;
    for (object, goes) in &doomed {
        if !goes.silently {
            cx.notice(format!("drop cascades to {}", describe::object(cx.world(), *object)));
        }
    }
    for object in doomed.keys() {
        lock(cx, *object);
    }
    // Relations last: what hangs on them is looked up through them.
    for object in doomed.keys().filter(|object| !is_whole_relation(object)) {
        take_away(cx, *object, &doomed);
    }
    for object in doomed.keys().filter(|object| is_whole_relation(object)) {
        take_away(cx, *object, &doomed);
    }
    Ok(())
}

/// Lasting relations that rest on something temporary, through whatever is between: at the end of the session they go with it.
pub(crate) fn resting_on_temporary(world: &World) -> BTreeSet<u32> {
    let mut open = vec![Object { class: Class::Schema, oid: TEMPORARY, column: 0 }];
    let mut seen: BTreeSet<Object> = BTreeSet::new();
    while let Some(object) = open.pop() {
        for Edge { object, .. } in edges::dependents(world, object) {
            let whole = match object.class {
                Class::Relation => relation_object(object.oid),
                // Without the others its table goes on.
                Class::Default if is_generated(world, object) => relation_object(object.oid),
                Class::Default => continue,
                _ => object,
            };
            if seen.insert(whole) {
                open.push(whole);
            }
        }
    }
    let relations = seen.into_iter().filter(is_whole_relation).map(|object| object.oid);
    let is_lasting = |oid: &u32| {
        world
            .relations
            .get(oid)
            .is_some_and(|found| !found.temporary && matches!(found.kind, 'r' | 'p' | 'v' | 'm' | 'f'))
    };
    relations.filter(is_lasting).collect()
}

fn is_generated(world: &World, default: Object) -> bool {
    let columns = world.relations.get(&default.oid).map(|relation| &relation.columns[..]).unwrap_or_default();
    columns.iter().any(|column| column.number == default.column && column.filled == Filled::Generated)
}

struct Going {
    silently: bool,
    /// What it rests on.
    because: Object,
}

fn is_whole_relation(object: &Object) -> bool {
    object.class == Class::Relation && object.column == 0
}

/// A part of something else is dropped with that only.
fn refuse_part(cx: &Context, target: Object, targets: &[Object]) -> Result<(), Refusal> {
    let world = cx.world();
    if target.column == 0
        && let Some(extension) = world.extension_members.get(&target.oid)
    {
        let what = describe::object(world, target);
        return Refusal::fails(format!("cannot drop {what} because extension {extension} requires it"));
    }
    match edges::owner(world, target).or_else(|| edges::partition_parent(world, target)) {
        Some(owner) if !targets.contains(&owner) => Refusal::fails(format!(
            "cannot drop {} because {} requires it",
            describe::object(world, target),
            describe::object(world, owner),
        )),
        _ => Ok(()),
    }
}

fn walk(cx: &Context, targets: &[Object], cascade: bool) -> Result<BTreeMap<Object, Going>, Refusal> {
    let world = cx.world();
    let mut doomed: BTreeMap<Object, Going> = BTreeMap::new();
    let mut open: Vec<Object> = Vec::new();
    for target in targets {
        doomed.insert(*target, Going { silently: true, because: *target });
        open.push(*target);
    }
    while let Some(object) = open.pop() {
        for edge in edges::dependents(world, object) {
            let mut dependent = edge.object;
            // A column goes with its relation, and so does its default.
            if dependent.column != 0 && doomed.contains_key(&relation_object(dependent.oid)) {
                continue;
            }
            // A part takes along what it is part of.
            let mut hops = 0;
            while let Some(owner) = edges::owner(world, dependent) {
                if owner == object || doomed.contains_key(&owner) || hops > 8 {
                    break;
                }
                dependent = owner;
                hops += 1;
            }
            match doomed.get_mut(&dependent) {
                Some(known) => known.silently |= edge.automatic,
                None => {
                    doomed.insert(dependent, Going { silently: edge.automatic, because: object });
                    open.push(dependent);
                }
            }
            if dependent != edge.object {
                doomed.entry(edge.object).or_insert_with(|| {
                    open.push(edge.object);
                    Going { silently: true, because: dependent }
                });
            }
        }
    }
    if let Some(extension) =
        doomed.keys().filter(|object| object.column == 0).find_map(|object| world.extension_members.get(&object.oid))
    {
        return Refusal::unknown(format!("it would drop the extension {extension}"));
    }
    let hanging: Vec<String> = doomed
        .iter()
        .filter(|(object, going)| !going.silently && !is_going_whole(object, &doomed))
        .map(|(object, going)| {
            format!("{} depends on {}", describe::object(world, *object), describe::object(world, going.because))
        })
        .collect();
    if !cascade && !hanging.is_empty() {
        const SHOWN: usize = 5;
        let mut shown: Vec<String> = hanging.iter().take(SHOWN).cloned().collect();
        if hanging.len() > SHOWN {
            shown.push(format!("and {} others", hanging.len() - SHOWN));
        }
        let what = match targets {
            [target] => describe::object(world, *target),
            _ => "desired object(s)".to_owned(),
        };
        let why = shown.join("; ");
        return Refusal::fails(format!("cannot drop {what} because other objects depend on it: {why}"));
    }
    Ok(doomed)
}

/// A column of a relation that goes as a whole, or its default, found before that was known.
fn is_going_whole(object: &Object, doomed: &BTreeMap<Object, Going>) -> bool {
    object.column != 0 && doomed.get(&relation_object(object.oid)).is_some_and(|relation| relation.silently)
}

fn lock(cx: &mut Context, object: Object) {
    let world = cx.world();
    let relations: Vec<u32> = match object.class {
        Class::Relation => match world.relations.get(&object.oid) {
            Some(relation) if relation.kind != 'c' => {
                let table = relation.index.as_ref().map(|index| index.table);
                let parents = relation.parents.iter().copied().filter(|_| relation.partition);
                [object.oid].into_iter().chain(table).chain(parents).collect()
            }
            _ => Vec::new(),
        },
        Class::Default => vec![object.oid],
        Class::Constraint => match world.constraints.get(&object.oid) {
            Some(constraint) => [constraint.relation, constraint.references].into(),
            None => Vec::new(),
        },
        Class::Attachment => {
            world.attachments.get(&object.oid).map(|attachment| attachment.relation).into_iter().collect()
        }
        Class::Type | Class::Function | Class::Schema => Vec::new(),
    };
    for relation in relations {
        if cx.world().relations.contains_key(&relation) {
            cx.lock(relation, LockMode::AccessExclusive);
        }
    }
}

fn take_away(cx: &mut Context, object: Object, doomed: &BTreeMap<Object, Going>) {
    match object.class {
        Class::Relation if object.column != 0 => {
            if !doomed.contains_key(&relation_object(object.oid)) && cx.world().relations.contains_key(&object.oid) {
                forget_column(cx, object.oid, object.column);
            }
        }
        Class::Relation => {
            cx.forget_dependencies_of(object);
            cx.forget_dependencies_of(Object { class: Class::Default, ..object });
            cx.forget_dependents_of(object);
            if cx.world().relations.contains_key(&object.oid) {
                cx.remove_relation(object.oid);
            }
        }
        Class::Default => {
            cx.forget_dependencies_of(object);
            if cx.world().relations.contains_key(&object.oid) {
                cx.change_relation(object.oid, |relation| {
                    for column in relation.columns.iter_mut().filter(|column| column.number == object.column) {
                        column.filled = Filled::Nothing;
                    }
                });
            }
        }
        Class::Constraint => {
            forget(cx, object);
            drop_not_null(cx, object.oid);
            cx.remove_constraint(object.oid);
        }
        Class::Type => {
            forget(cx, object);
            cx.remove_type(object.oid);
        }
        Class::Function => {
            forget(cx, object);
            cx.set_function(object.oid, None);
        }
        Class::Attachment => {
            forget(cx, object);
            cx.set_attachment(object.oid, None);
        }
        Class::Schema => {
            forget(cx, object);
            let oid = object.oid;
            if cx.world().default_privileges.iter().any(|default| default.schema == oid) {
                cx.change_default_privileges(|defaults| defaults.retain(|default| default.schema != oid));
            }
            let gone: Vec<u32> =
                cx.world().collations.iter().filter(|(_, (schema, _))| *schema == oid).map(|(oid, _)| *oid).collect();
            for collation in gone {
                cx.set_collation(collation, None);
            }
            cx.set_schema(oid, None);
        }
    }
    if object.column == 0 && cx.world().extension_members.contains_key(&object.oid) {
        cx.set_extension_member(object.oid, None);
    }
}

fn forget(cx: &mut Context, object: Object) {
    cx.forget_dependencies_of(object);
    cx.forget_dependents_of(object);
}

/// From 18 on, NOT NULL is a constraint, and goes with it.
fn drop_not_null(cx: &mut Context, constraint: u32) {
    let Some(constraint) = cx.world().constraints.get(&constraint) else { return };
    let (relation, columns) = (constraint.relation, constraint.columns.clone());
    if constraint.kind == 'n' && cx.world().relations.contains_key(&relation) {
        cx.change_relation(relation, |relation| {
            for column in relation.columns.iter_mut().filter(|column| columns.contains(&column.number)) {
                column.not_null = false;
            }
        });
    }
}

/// A column goes, and its row type, if it has one of its own, keeps the others.
fn forget_column(cx: &mut Context, relation: u32, column: i16) {
    let object = column_object(relation, column);
    cx.forget_dependencies_of(object);
    cx.forget_dependencies_of(Object { class: Class::Default, ..object });
    cx.forget_dependents_of(object);
    cx.change_relation(relation, |relation| relation.columns.retain(|known| known.number != column));
}

/// The composite type's relation goes with its type, and a table's type with it.
pub(super) fn type_object(world: &World, oid: u32) -> Object {
    match world.types.get(&oid).map(|r#type| &r#type.kind) {
        Some(TypeKind::Composite(relation))
            if world.relations.get(relation).is_some_and(|relation| relation.kind == 'c') =>
        {
            relation_object(*relation)
        }
        _ => Object { class: Class::Type, oid, column: 0 },
    }
}
