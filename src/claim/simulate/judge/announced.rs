//! What is protected and what is deprecated, as relations are renamed and dropped.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Protection};
use crate::deprecation::{Deprecations, Standing};
use crate::simulate::input::{Deprecated, Protected};
use crate::simulate::world::World;

/// A relation, or columns of it, that no wildcard takes. It follows what it names through a rename.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Protecting {
    schema: String,
    relation: String,
    whole: bool,
    /// Columns by name, with their `attnum` if they are there.
    columns: Vec<(String, Option<i16>)>,
    oid: Option<u32>,
}

impl Protecting {
    pub(super) fn new(world: &World, protected: &Protected) -> Protecting {
        let mut new = Protecting {
            schema: protected.schema.clone(),
            relation: protected.relation.clone(),
            whole: protected.whole,
            columns: protected.columns.iter().map(|name| (name.clone(), None)).collect(),
            oid: None,
        };
        new.follow(world);
        new
    }

    /// Takes the names that the relation and its columns have now; tells whether anything is otherwise than before.
    pub(super) fn follow(&mut self, world: &World) -> bool {
        let before = self.clone();
        let there = self.oid.and_then(|oid| world.relations.get(&oid));
        if let Some((found, schema)) = there.and_then(|found| Some((found, world.schemas.get(&found.schema)?))) {
            (self.schema, self.relation) = (schema.name.clone(), found.name.clone());
        } else {
            let schema = world.schema_named(&self.schema);
            self.oid = schema.and_then(|schema| world.relation_named(schema, &self.relation));
            self.columns.iter_mut().for_each(|(_, number)| *number = None);
        }
        let columns = self.oid.and_then(|oid| world.relations.get(&oid)).map(|found| &found.columns[..]);
        for (name, number) in &mut self.columns {
            let of_number = columns.iter().flat_map(|all| all.iter()).find(|column| Some(column.number) == *number);
            match of_number {
                Some(column) => name.clone_from(&column.name),
                None => {
                    let of_name = columns.iter().flat_map(|all| all.iter()).find(|column| column.name == *name);
                    *number = of_name.map(|column| column.number);
                }
            }
        }
        *self != before
    }
}

/// Tells the catalog what is protected now.
pub(super) fn protect(catalog: &mut Catalog, all: &[Protecting]) {
    catalog.protections.clear();
    for one in all {
        let key = (one.schema.clone(), one.relation.clone());
        let protection: &mut Protection = catalog.protections.entry(key).or_default();
        protection.whole |= one.whole;
        protection.columns.extend(one.columns.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>());
    }
}

/// What has been announced to go. It ends, with the transaction, when what it names is gone.
#[derive(Debug)]
pub(super) struct Announced {
    what: Deprecated,
    place: Option<(u32, Option<i16>)>,
}

impl Announced {
    pub(super) fn new(world: &World, what: &Deprecated) -> Announced {
        Announced { place: place(world, what), what: what.clone() }
    }

    /// Whether it is about what it was about.
    pub(super) fn stands(&self, world: &World) -> bool {
        self.place.is_some() && place(world, &self.what) == self.place
    }
}

/// OID and `attnum` of what is deprecated, if it is there.
fn place(world: &World, what: &Deprecated) -> Option<(u32, Option<i16>)> {
    let oid = world.relation_named(world.schema_named(&what.schema)?, &what.relation)?;
    let Some(name) = &what.column else { return Some((oid, None)) };
    let column = world.relations.get(&oid)?.columns.iter().find(|column| column.name == *name)?;
    Some((oid, Some(column.number)))
}

/// As the engine heeds them.
pub(super) fn deprecations(all: &[Announced]) -> Deprecations {
    let mut deprecations = Deprecations::default();
    for Announced { what, .. } in all {
        let standing = if what.over { Standing::Over } else { Standing::Announced };
        deprecations.add(&what.schema, &what.relation, what.column.clone(), standing);
    }
    deprecations
}
