//! Objects as the server's messages name them.

use crate::path::display_relation;
use crate::simulate::world::{AttachmentKind, Class, Object, World};

/// `table public.orders`, `column id of table public.orders`.
pub(super) fn object(world: &World, object: Object) -> String {
    match object.class {
        Class::Relation if object.column != 0 => {
            format!("column {} of {}", column(world, object), relation(world, object.oid))
        }
        Class::Relation => relation(world, object.oid),
        Class::Default => {
            format!("default value for column {} of {}", column(world, object), relation(world, object.oid))
        }
        Class::Constraint => match world.constraints.get(&object.oid) {
            Some(constraint) if constraint.relation != 0 => {
                format!("constraint {} on {}", constraint.name, relation(world, constraint.relation))
            }
            Some(constraint) => format!("constraint {} on {}", constraint.name, r#type(world, constraint.domain)),
            None => "constraint".to_owned(),
        },
        Class::Type => r#type(world, object.oid),
        Class::Function => match world.functions.get(&object.oid) {
            Some(function) => format!("function {}", qualified(world, function.schema, &function.name)),
            None => "function".to_owned(),
        },
        Class::Attachment => match world.attachments.get(&object.oid) {
            Some(attachment) => {
                let kind = match attachment.kind {
                    AttachmentKind::Trigger => "trigger",
                    AttachmentKind::Rule => "rule",
                    AttachmentKind::Policy => "policy",
                };
                format!("{kind} {} on {}", attachment.name, relation(world, attachment.relation))
            }
            None => "trigger".to_owned(),
        },
        Class::Schema => format!("schema {}", world.schemas.get(&object.oid).map_or("", |schema| &schema.name)),
    }
}

fn qualified(world: &World, schema: u32, name: &str) -> String {
    display_relation(world.schemas.get(&schema).map_or("pg_temp", |schema| &schema.name), name)
}

fn relation(world: &World, oid: u32) -> String {
    let Some(relation) = world.relations.get(&oid) else { return "relation".to_owned() };
    let kind = kind(relation.kind);
    format!("{kind} {}", qualified(world, relation.schema, &relation.name))
}

/// A kind of relation.
pub(super) fn kind(relkind: char) -> &'static str {
    match relkind {
        'v' => "view",
        'm' => "materialized view",
        'i' | 'I' => "index",
        'S' => "sequence",
        'f' => "foreign table",
        'c' => "type",
        _ => "table",
    }
}

fn r#type(world: &World, oid: u32) -> String {
    match world.types.get(&oid) {
        Some(found) => format!("type {}", qualified(world, found.schema, &found.name)),
        None => "type".to_owned(),
    }
}

fn column(world: &World, object: Object) -> String {
    let relation = world.relations.get(&object.oid);
    let column = relation.and_then(|relation| relation.columns.iter().find(|column| column.number == object.column));
    column.map_or_else(|| object.column.to_string(), |column| column.name.clone())
}
