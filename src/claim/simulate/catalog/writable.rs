//! What a relation that is no table takes of INSERT, UPDATE and DELETE, from a world: as the extension reads it from the
//! server's catalogs.

use std::collections::BTreeSet;

use crate::privilege::PrivilegeSet;
use crate::simulate::world::{Class, Relation, World, Writing};
use crate::writable::{Base, View, Writable};

/// Whether a relation takes writes as a table does.
pub(crate) fn is_table(relation: &Relation) -> bool {
    matches!(relation.kind, 'r' | 'p')
}

/// What a relation takes, through all views between it and what is written in the end.
///
/// # Errors
/// Why it cannot be told.
pub(super) fn read(world: &World, relation: u32) -> Result<Writable, &str> {
    let mut views: Vec<(&Relation, View)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = world.relations.get(&relation).map(|found| (relation, found));
    let mut below = None;
    while let Some((oid, relation)) = next.take() {
        match (relation.kind, &relation.writing) {
            ('r' | 'p', _) => below = Some(table(relation)),
            ('f', Some(Writing::Takes(commands))) => below = Some(Writable::taking(*commands)),
            ('f', Some(Writing::Unsure(why))) => return Err(why),
            ('v' | 'm', _) if seen.insert(oid) => {
                let view = view(world, oid, relation)?;
                next = view.written().and_then(|base| Some((base.oid, world.relations.get(&base.oid)?)));
                views.push((relation, view));
            }
            // Views can be made to read from each other in a circle.
            _ => below = Some(Writable::taking(PrivilegeSet::NONE)),
        }
    }
    for (relation, view) in views.into_iter().rev() {
        let columns = relation.columns.iter().map(|column| column.number);
        below = Some(Writable::view(&view, columns, below.as_ref()));
    }
    Ok(below.unwrap_or_else(|| Writable::taking(PrivilegeSet::NONE)))
}

/// All that a view reads from, through other views.
pub(crate) fn below(world: &World, view: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = vec![view];
    while let Some(oid) = open.pop() {
        let is_view = world.relations.get(&oid).is_some_and(|relation| relation.kind == 'v');
        let on = world.dependencies_of(Class::Relation, oid).into_iter().map(|dependency| dependency.on);
        open.extend(on.filter(|on| is_view && on.class == Class::Relation && found.insert(on.oid)).map(|on| on.oid));
    }
    found
}

fn table(relation: &Relation) -> Writable {
    Writable::computing(relation.columns.iter().map(|column| (column.number, column.filled)))
}

fn view<'w>(world: &'w World, oid: u32, relation: &'w Relation) -> Result<View, &'w str> {
    let attachments = world.attachments_of(oid).into_iter().filter_map(|oid| world.attachments.get(&oid));
    let mut view = View { instead: PrivilegeSet::NONE, conditional: PrivilegeSet::NONE, base: None };
    for attachment in attachments {
        view.instead = view.instead.or(attachment.instead);
        view.conditional = view.conditional.or(attachment.conditional);
    }
    view.conditional = view.conditional.and_not(view.instead);
    match &relation.writing {
        Some(Writing::Onto { relation, columns }) => {
            view.base = Some(Base { oid: *relation, columns: columns.clone() })
        }
        // What does all itself rests on nothing.
        Some(Writing::Unsure(why)) if view.instead != PrivilegeSet::WRITES => return Err(why),
        _ => {}
    }
    Ok(view)
}
