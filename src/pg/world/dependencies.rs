//! What depends on what, beyond what the objects say themselves.

use std::collections::HashMap;
use std::rc::Rc;

use integratedb_claim::simulate::world::{Class, Dependency, Object, TypeKind, World};
use pgrx::pg_sys;

use super::rows::each;
use crate::pg::scan::Moment;

const PG_ATTRDEF: u32 = 2604;
const PG_CONSTRAINT: u32 = 2606;
const PG_DEPEND: u32 = 2608;
const PG_REWRITE: u32 = 2618;
const PG_POLICY: u32 = 3256;

/// A row of pg_depend.
struct Entry {
    dependent: (u32, u32, i16),
    on: (u32, u32, i16),
    kind: char,
}

/// Reads pg_depend into a world that has all else. `queries`: the view of each rule that is its query.
pub fn read(moment: &Moment, world: &mut World, queries: &HashMap<u32, u32>) {
    let defaults = defaults(moment);
    let extensions = extensions(moment);
    let mut entries = Vec::new();
    let columns = [c"classid", c"objid", c"objsubid", c"refclassid", c"refobjid", c"refobjsubid", c"deptype"];
    each(PG_DEPEND, columns, moment, |row| {
        entries.push(Entry {
            dependent: (row.oid(0), row.oid(1), row.i32(2) as i16),
            on: (row.oid(3), row.oid(4), row.i32(5) as i16),
            kind: row.char(6),
        });
    });
    for Entry { dependent, on, kind } in entries {
        let Some(dependent) = object(world, dependent, queries, &defaults) else { continue };
        if on.0 == pg_sys::ExtensionRelationId.to_u32() {
            if let Some(name) = extensions.get(&on.1).filter(|_| kind == 'e') {
                world.extension_members.insert(dependent.oid, name.clone());
            }
            continue;
        }
        let Some(on) = object(world, on, queries, &defaults) else { continue };
        if !place(world, dependent, on, kind) && !is_implied(world, dependent, on) {
            world.dependencies.insert(Dependency { dependent, on, automatic: matches!(kind, 'a' | 'i' | 'P' | 'S') });
        }
    }
    world.extensions = extensions.into_values().collect();
}

/// The column that each default is of.
fn defaults(moment: &Moment) -> HashMap<u32, (u32, i16)> {
    let mut defaults = HashMap::new();
    each(PG_ATTRDEF, [c"oid", c"adrelid", c"adnum"], moment, |row| {
        defaults.insert(row.oid(0), (row.oid(1), row.i16(2)));
    });
    defaults
}

fn extensions(moment: &Moment) -> HashMap<u32, String> {
    let mut extensions = HashMap::new();
    each(pg_sys::ExtensionRelationId.to_u32(), [c"oid", c"extname"], moment, |row| {
        extensions.insert(row.oid(0), row.name(1));
    });
    extensions
}

/// An object that the world knows.
fn object(
    world: &World,
    (class, oid, column): (u32, u32, i16),
    queries: &HashMap<u32, u32>,
    defaults: &HashMap<u32, (u32, i16)>,
) -> Option<Object> {
    let found = |is_known: bool, class: Class| is_known.then_some(Object { class, oid, column });
    match class {
        PG_ATTRDEF => {
            let (oid, column) = *defaults.get(&oid)?;
            world.relations.contains_key(&oid).then_some(Object { class: Class::Default, oid, column })
        }
        PG_REWRITE if queries.contains_key(&oid) => {
            queries.get(&oid).map(|view| Object { class: Class::Relation, oid: *view, column: 0 })
        }
        PG_REWRITE | PG_POLICY => found(world.attachments.contains_key(&oid), Class::Attachment),
        PG_CONSTRAINT => found(world.constraints.contains_key(&oid), Class::Constraint),
        _ => {
            let class = pg_sys::Oid::from(class);
            if class == pg_sys::RelationRelationId {
                found(world.relations.contains_key(&oid), Class::Relation)
            } else if class == pg_sys::TypeRelationId {
                found(world.types.contains_key(&oid), Class::Type)
            } else if class == pg_sys::ProcedureRelationId {
                found(world.functions.contains_key(&oid), Class::Function)
            } else if class == pg_sys::TriggerRelationId {
                found(world.attachments.contains_key(&oid), Class::Attachment)
            } else {
                // That an object is in a schema it says itself.
                None
            }
        }
    }
}

/// Takes what belongs into a field: the column that owns a sequence, the columns that an index uses.
fn place(world: &mut World, dependent: Object, on: Object, kind: char) -> bool {
    if dependent.class != Class::Relation || on.class != Class::Relation || dependent.column != 0 || on.column <= 0 {
        return false;
    }
    let Some(relation) = world.relations.get_mut(&dependent.oid).and_then(Rc::get_mut) else { return false };
    if relation.kind == 'S' && matches!(kind, 'a' | 'i') {
        relation.owned_by = Some((on.oid, on.column));
        relation.identity_sequence = kind == 'i';
        return true;
    }
    match &mut relation.index {
        Some(index) if index.table == on.oid => {
            index.uses.insert(on.column);
            true
        }
        _ => false,
    }
}

/// Whether the dependent object says it itself.
fn is_implied(world: &World, dependent: Object, on: Object) -> bool {
    let relation = world.relations.get(&dependent.oid).filter(|_| dependent.class == Class::Relation);
    let constraint = world.constraints.get(&dependent.oid).filter(|_| dependent.class == Class::Constraint);
    match (dependent.class, on.class) {
        (Class::Relation, Class::Relation) => relation.is_some_and(|relation| {
            let is_view = matches!(relation.kind, 'v' | 'm');
            let of_index = relation.index.as_ref().is_some_and(|index| index.table == on.oid || index.parent == on.oid);
            of_index || relation.parents.contains(&on.oid) || (is_view && dependent.oid == on.oid)
        }),
        (Class::Relation, Class::Type) => {
            dependent.column > 0 || relation.is_some_and(|found| found.of_type == on.oid || found.row_type == on.oid)
        }
        (Class::Relation, Class::Constraint) => {
            world.constraints.get(&on.oid).is_some_and(|constraint| constraint.index == dependent.oid)
        }
        (Class::Type, Class::Relation) => {
            matches!(world.types.get(&dependent.oid).map(|found| &found.kind), Some(TypeKind::Composite(oid)) if *oid == on.oid)
        }
        (Class::Type, Class::Type) => match world.types.get(&dependent.oid).map(|found| &found.kind) {
            Some(TypeKind::Array(of) | TypeKind::Range(of) | TypeKind::Multirange(of)) => *of == on.oid,
            Some(TypeKind::Domain { base, .. }) => *base == on.oid,
            _ => false,
        },
        (Class::Constraint, Class::Relation) => constraint
            .is_some_and(|constraint| [constraint.relation, constraint.references, constraint.index].contains(&on.oid)),
        (Class::Constraint, Class::Type) => constraint.is_some_and(|constraint| constraint.domain == on.oid),
        (Class::Constraint, Class::Constraint) => constraint.is_some_and(|constraint| constraint.parent == on.oid),
        (Class::Default, Class::Relation) => (dependent.oid, dependent.column) == (on.oid, on.column),
        (Class::Attachment, Class::Relation) => {
            let own = world.attachments.get(&dependent.oid).map(|attachment| attachment.relation);
            on.column == 0 && own == Some(on.oid)
        }
        (Class::Function, Class::Type) => world
            .functions
            .get(&dependent.oid)
            .is_some_and(|function| function.returns == on.oid || function.arguments.contains(&on.oid)),
        _ => false,
    }
}
