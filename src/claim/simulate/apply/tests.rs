//! What statements do to the catalogs, as PostgreSQL 15 was seen to do it.

use super::fixture::relation;
use crate::simulate::world::World;

mod alter;
mod drop;
mod effect;
mod index;
mod partition;
mod table;

/// A relation as text: columns, constraints and indexes, the latter two by name.
fn show(world: &World, name: &str) -> String {
    let found = relation(world, name);
    let oid = super::fixture::oid(world, name).expect("a relation");
    let columns: Vec<String> = found
        .columns
        .iter()
        .map(|column| {
            let r#type = &world.types[&column.r#type].name;
            let mut text = format!("{} {} {type}", column.number, column.name);
            if column.modifier != -1 {
                text.push_str(&format!("({})", column.modifier));
            }
            if column.not_null {
                text.push_str(" not null");
            }
            if column.filled != crate::catalog::Filled::Nothing {
                text.push_str(&format!(" {:?}", column.filled).to_lowercase());
            }
            if (column.local, column.inherited) != (true, 0) {
                text.push_str(&format!(" local={} inherited={}", column.local, column.inherited));
            }
            text
        })
        .collect();
    let mut rest: Vec<String> = Vec::new();
    for constraint in world.constraints.values().filter(|constraint| constraint.relation == oid) {
        let mut text = format!("{} {} {:?}", constraint.kind, constraint.name, constraint.columns);
        if let Some(referenced) = world.relations.get(&constraint.references) {
            text.push_str(&format!(" -> {} {:?}", referenced.name, constraint.referenced));
        }
        if !constraint.validated {
            text.push_str(" not valid");
        }
        if (constraint.local, constraint.inherited) != (true, 0) {
            text.push_str(&format!(" local={} inherited={}", constraint.local, constraint.inherited));
        }
        rest.push(text);
    }
    for relation in world.relations.values() {
        let Some(index) = relation.index.as_ref().filter(|index| index.table == oid) else { continue };
        let mut text = format!("i {} {:?}", relation.name, index.columns);
        for (said, word) in [(index.unique, "unique"), (index.partial, "partial"), (!index.valid, "not valid")] {
            if said {
                text.push_str(&format!(" {word}"));
            }
        }
        if let Some(parent) = world.relations.get(&index.parent) {
            text.push_str(&format!(" of {}", parent.name));
        }
        rest.push(text);
    }
    rest.sort();
    columns.into_iter().chain(rest).collect::<Vec<_>>().join("\n")
}

/// Lines of a text, without what the source's indentation adds.
fn lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
