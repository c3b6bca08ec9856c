//! What rests on an object: what `pg_depend` says, and what the catalogs' own fields imply.

use super::Edge;
use crate::catalog::Filled;
use crate::simulate::world::{Class, Constraint, Object, TypeKind, World};

fn of(class: Class, oid: u32) -> Object {
    Object { class, oid, column: 0 }
}

struct Edges(Vec<Edge>);

impl Edges {
    fn automatic(&mut self, class: Class, oids: impl IntoIterator<Item = u32>) {
        self.0.extend(oids.into_iter().map(|oid| Edge { object: of(class, oid), automatic: true }));
    }

    fn normal(&mut self, class: Class, oids: impl IntoIterator<Item = u32>) {
        self.0.extend(oids.into_iter().map(|oid| Edge { object: of(class, oid), automatic: false }));
    }
}

/// What rests on an object directly.
pub(super) fn dependents(world: &World, object: Object) -> Vec<Edge> {
    let mut edges = Edges(Vec::new());
    match object.class {
        Class::Relation if object.column != 0 => column(world, object, &mut edges),
        Class::Relation => relation(world, object.oid, &mut edges),
        Class::Type => r#type(world, object.oid, &mut edges),
        Class::Constraint => constraint(world, object.oid, &mut edges),
        Class::Schema => {
            let types =
                world.types_in(object.oid).into_iter().filter(|oid| owner(world, of(Class::Type, *oid)).is_none());
            edges.normal(Class::Type, types);
            let relations = world.relations_in(object.oid).into_iter().filter(|oid| {
                let relation = &world.relations[oid];
                relation.index.is_none() && relation.owned_by.is_none()
            });
            edges.normal(Class::Relation, relations);
            edges.normal(Class::Function, world.functions_in(object.oid));
        }
        Class::Default | Class::Function | Class::Attachment => {}
    }
    for dependency in world.dependents_of(object.class, object.oid) {
        if object.column == 0 || dependency.on.column == object.column {
            edges.0.push(Edge { object: dependency.dependent, automatic: dependency.automatic });
        }
    }
    edges.0
}

fn relation(world: &World, oid: u32, edges: &mut Edges) {
    let Some(relation) = world.relations.get(&oid) else { return };
    if relation.row_type != 0 {
        edges.automatic(Class::Type, [relation.row_type]);
    }
    edges.automatic(Class::Relation, world.indexes_of(oid));
    edges.automatic(Class::Relation, world.sequences_of(oid));
    edges.automatic(Class::Constraint, world.constraints_of(oid));
    edges.normal(Class::Constraint, world.foreign_keys_to(oid));
    edges.automatic(Class::Attachment, world.attachments_of(oid));
    for child in world.children(oid) {
        let automatic = world.relations.get(&child).is_some_and(|child| child.partition);
        edges.0.push(Edge { object: of(Class::Relation, child), automatic });
    }
    if relation.index.is_some() {
        edges.automatic(Class::Relation, world.index_children(oid));
        for constraint in world.constraints_on_index(oid) {
            let own = has_own_index(&world.constraints[&constraint]);
            edges.0.push(Edge { object: of(Class::Constraint, constraint), automatic: own });
        }
    }
}

fn column(world: &World, object: Object, edges: &mut Edges) {
    let Object { oid, column, .. } = object;
    for index in world.indexes_of(oid) {
        let uses = world.relations[&index].index.as_ref().is_some_and(|index| index.uses.contains(&column));
        if uses {
            edges.automatic(Class::Relation, [index]);
        }
    }
    let on_column = |constraint: &u32| world.constraints[constraint].columns.contains(&column);
    edges.automatic(Class::Constraint, world.constraints_of(oid).into_iter().filter(on_column));
    let to_column = |constraint: &u32| world.constraints[constraint].referenced.contains(&column);
    edges.normal(Class::Constraint, world.foreign_keys_to(oid).into_iter().filter(to_column));
    let owned = |sequence: &u32| world.relations[sequence].owned_by == Some((oid, column));
    edges.automatic(Class::Relation, world.sequences_of(oid).into_iter().filter(owned));
    let filled =
        world.relations.get(&oid).and_then(|relation| relation.columns.iter().find(|known| known.number == column));
    if filled.is_some_and(|known| matches!(known.filled, Filled::Default | Filled::Generated)) {
        edges.0.push(Edge { object: Object { class: Class::Default, ..object }, automatic: true });
    }
}

fn r#type(world: &World, oid: u32, edges: &mut Edges) {
    let Some(found) = world.types.get(&oid) else { return };
    if let TypeKind::Composite(relation) = found.kind
        && world.relations.get(&relation).is_some_and(|relation| relation.kind == 'c')
    {
        edges.automatic(Class::Relation, [relation]);
    }
    for made in world.types_of_type(oid) {
        let automatic = matches!(world.types[&made].kind, TypeKind::Array(_) | TypeKind::Multirange(_));
        edges.0.push(Edge { object: of(Class::Type, made), automatic });
    }
    for relation in world.relations_of_type(oid) {
        let found = &world.relations[&relation];
        if found.of_type == oid {
            edges.normal(Class::Relation, [relation]);
        }
        for column in found.columns.iter().filter(|column| column.r#type == oid) {
            let object = Object { class: Class::Relation, oid: relation, column: column.number };
            edges.0.push(Edge { object, automatic: false });
        }
    }
    edges.normal(Class::Function, world.functions_of_type(oid));
    edges.automatic(Class::Constraint, world.constraints_of_domain(oid));
}

fn constraint(world: &World, oid: u32, edges: &mut Edges) {
    let Some(found) = world.constraints.get(&oid) else { return };
    if has_own_index(found) && found.index != 0 {
        edges.automatic(Class::Relation, [found.index]);
    }
    edges.automatic(Class::Constraint, world.constraint_children(oid));
}

fn has_own_index(constraint: &Constraint) -> bool {
    matches!(constraint.kind, 'p' | 'u' | 'x')
}

/// What an object is a part of, so that it goes with that only: an index and its constraint, an array and its element.
pub(super) fn owner(world: &World, object: Object) -> Option<Object> {
    match object.class {
        Class::Relation if object.column == 0 => {
            let relation = world.relations.get(&object.oid)?;
            if relation.identity_sequence
                && let Some((table, column)) = relation.owned_by
            {
                return Some(Object { class: Class::Relation, oid: table, column });
            }
            relation.index.as_ref()?;
            let constraints = world.constraints_on_index(object.oid).into_iter();
            let own = constraints.into_iter().find(|oid| has_own_index(&world.constraints[oid]))?;
            Some(of(Class::Constraint, own))
        }
        Class::Type => match world.types.get(&object.oid)?.kind {
            TypeKind::Array(element) => Some(of(Class::Type, element)),
            TypeKind::Multirange(range) => Some(of(Class::Type, range)),
            TypeKind::Composite(relation) => {
                (world.relations.get(&relation)?.kind != 'c').then(|| of(Class::Relation, relation))
            }
            _ => None,
        },
        Class::Default => {
            let column =
                world.relations.get(&object.oid)?.columns.iter().find(|known| known.number == object.column)?;
            (column.filled == Filled::Generated).then_some(Object { class: Class::Relation, ..object })
        }
        Class::Constraint => {
            // A foreign key to a partitioned table is on each of its partitions, too.
            let constraint = world.constraints.get(&object.oid)?;
            let parent = world.constraints.get(&constraint.parent)?;
            (constraint.kind == 'f' && parent.relation == constraint.relation)
                .then(|| of(Class::Constraint, constraint.parent))
        }
        _ => None,
    }
}

/// The index or constraint of a partitioned table that one of a partition belongs to.
pub(super) fn partition_parent(world: &World, object: Object) -> Option<Object> {
    match object.class {
        Class::Relation if object.column == 0 => {
            let parent = world.relations.get(&object.oid)?.index.as_ref()?.parent;
            (parent != 0).then(|| of(Class::Relation, parent))
        }
        Class::Constraint => {
            let parent = world.constraints.get(&object.oid)?.parent;
            (parent != 0).then(|| of(Class::Constraint, parent))
        }
        _ => None,
    }
}
