//! What the engine looks at when it judges claims, from a [`World`].
//!
//! The same fields with the same meaning as the extension reads them from the server's catalogs. What is asked for is
//! made when it is asked for, and kept: a relation for as long as the world holds the very same value, as worlds share
//! relations and change copies; a type until something changes that types are made of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::world::{self, Class, TypeKind, World};
use crate::catalog::{
    Catalog, CollationName, Column, Constraints, ForeignKey, Function, Index, NamedType, Relation, RelationKind,
    Schema, Sequence,
};
use crate::privilege::Reader;
use crate::rules::function_exists;
use crate::state::{ClaimedRelation, ObjectKind};
use crate::types::{Type, TypeName};

pub(super) mod writable;

/// The engine's catalog, made of a world piece by piece.
#[derive(Default)]
pub(crate) struct Catalogs {
    /// What has been asked for.
    pub(crate) catalog: Catalog,
    relations: HashMap<u32, (Rc<world::Relation>, Rc<Relation>)>,
    types: HashMap<u32, Rc<Type>>,
    collations: HashMap<u32, Option<Rc<CollationName>>>,
    schemas: BTreeMap<u32, world::Schema>,
    /// Relations of which it cannot be told what they take, and why.
    pub(crate) unsure_writing: HashMap<u32, String>,
}

/// What a change of a schema, type, function or sequence has changed for claims.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Names of schemas: those that came, went, are named otherwise now, or have another owner or other grants.
    pub(crate) schemas: BTreeSet<String>,
    /// Types that mean something else now.
    pub(crate) types: BTreeSet<u32>,
}

impl Catalogs {
    /// Nothing is looked at yet, but the types of these relations: to know when one changes.
    pub(crate) fn new(world: &World, relations: impl Iterator<Item = u32>) -> Catalogs {
        let mut catalogs = Catalogs { schemas: world.schemas.clone(), ..Catalogs::default() };
        for relation in relations.filter_map(|oid| world.relations.get(&oid)) {
            for column in &relation.columns {
                catalogs.r#type(world, column.r#type);
            }
        }
        catalogs
    }

    /// Takes note of schemas and types as they are now.
    pub(crate) fn follow(&mut self, world: &World) -> Changed {
        let mut changed = Changed::default();
        if self.schemas != world.schemas {
            let before: BTreeSet<_> = self.schemas.iter().map(shown).collect();
            let now: BTreeSet<_> = world.schemas.iter().map(shown).collect();
            changed.schemas.extend(before.symmetric_difference(&now).map(|(_, name, _)| (*name).to_owned()));
            self.schemas = world.schemas.clone();
        }
        let known: Vec<u32> = self.types.keys().copied().collect();
        for oid in known {
            let now = make_type(world, oid);
            if *self.types[&oid] != now {
                changed.types.insert(oid);
                self.types.insert(oid, Rc::new(now));
            }
        }
        if !changed.types.is_empty() {
            let is_of_changed = |column: &world::Column| changed.types.contains(&column.r#type);
            self.relations.retain(|_, (relation, _)| !relation.columns.iter().any(is_of_changed));
        }
        self.collations.clear();
        changed
    }

    /// Makes what an alternative of a claim is about; the OID of the object that it names, if it is there.
    pub(crate) fn load(&mut self, world: &World, claimed: &ClaimedRelation) -> Option<u32> {
        let namespace = self.schema(world, &claimed.schema);
        let Some(name) = &claimed.relation else { return namespace };
        match claimed.kind {
            ObjectKind::Relation => {
                let relation = self.relation(world, namespace, &claimed.schema, name)?;
                if claimed.rests_on_constraints() {
                    self.constraints(world, &relation);
                }
                if !claimed.writes().is_empty() {
                    self.writable(world, relation.oid);
                }
                Some(relation.oid)
            }
            ObjectKind::Sequence => {
                let oid = namespace.and_then(|namespace| world.relation_named(namespace, name));
                self.catalog.sequences.retain(|_, known| known.schema != claimed.schema || known.name != *name);
                oid.filter(|oid| self.sequence(world, *oid))
            }
            ObjectKind::Type => {
                let found = namespace.and_then(|namespace| named_type(world, namespace, &claimed.schema, name));
                let oid = found.as_ref().map(|found| found.oid);
                self.catalog.set_type(&claimed.schema, name, found);
                oid
            }
            ObjectKind::Function => {
                let oids = namespace.map(|namespace| world.functions_named(namespace, name)).unwrap_or_default();
                let found = oids.into_iter().map(|oid| Rc::new(function(world, oid, &claimed.schema))).collect();
                self.catalog.set_functions(&claimed.schema, name, found);
                function_exists::find(claimed, &self.catalog).map(|found| found.oid)
            }
        }
    }

    /// Looks at what a relation takes that is no table.
    pub(crate) fn writable(&mut self, world: &World, oid: u32) {
        self.catalog.writable.remove(&oid);
        self.unsure_writing.remove(&oid);
        if world.relations.get(&oid).is_none_or(|relation| writable::is_table(relation)) {
            return;
        }
        match writable::read(world, oid) {
            Ok(found) => drop(self.catalog.writable.insert(oid, Rc::new(found))),
            Err(why) => drop(self.unsure_writing.insert(oid, why.to_owned())),
        }
    }

    /// The owner of the object that an alternative names, if it is loaded and there.
    pub(crate) fn owner(&self, claimed: &ClaimedRelation) -> Option<u32> {
        let name = claimed.relation.as_ref()?;
        match claimed.kind {
            ObjectKind::Relation => self.catalog.relation(&claimed.schema, name).map(|found| found.owner),
            ObjectKind::Sequence => self.catalog.sequence(&claimed.schema, name).map(|found| found.owner),
            ObjectKind::Type => self.catalog.named_type(&claimed.schema, name).map(|found| found.owner),
            ObjectKind::Function => function_exists::find(claimed, &self.catalog).map(|found| found.owner),
        }
    }

    /// A relation by OID, to see whether a wildcard takes it in.
    pub(crate) fn member(&mut self, world: &World, oid: u32) -> Option<Rc<Relation>> {
        let relation = world.relations.get(&oid)?;
        let schema = world.schemas.get(&relation.schema)?.name.clone();
        let namespace = self.schema(world, &schema);
        if world.extension_members.contains_key(&oid) {
            self.catalog.extension_members.insert(oid);
        } else {
            self.catalog.extension_members.remove(&oid);
        }
        let name = relation.name.clone();
        self.relation(world, namespace, &schema, &name)
    }

    /// A schema by name; its OID, if it exists.
    fn schema(&mut self, world: &World, name: &str) -> Option<u32> {
        let oid = world.schema_named(name);
        let found = oid.and_then(|oid| world.schemas.get(&oid));
        match (found, self.catalog.schema(name)) {
            (None, None) => {}
            (Some(now), Some(known)) if Some(known.oid) == oid && known.owner == now.owner && known.acl == now.acl => {}
            (now, _) => {
                let schema = now.zip(oid).map(|(now, oid)| Schema { oid, owner: now.owner, acl: now.acl.clone() });
                self.catalog.set_schema(name, schema);
            }
        }
        oid
    }

    fn relation(&mut self, world: &World, namespace: Option<u32>, schema: &str, name: &str) -> Option<Rc<Relation>> {
        let oid = namespace.and_then(|namespace| world.relation_named(namespace, name));
        let Some((oid, found)) = oid.and_then(|oid| Some((oid, world.relations.get(&oid)?))) else {
            self.catalog.remove(schema, name, None);
            return None;
        };
        if let Some((of, known)) = self.relations.get(&oid)
            && Rc::ptr_eq(of, found)
            && known.schema == schema
        {
            let known = Rc::clone(known);
            if !self.catalog.relation(schema, name).is_some_and(|loaded| Rc::ptr_eq(loaded, &known)) {
                self.catalog.add_relation(Rc::clone(&known));
            }
            return Some(known);
        }
        let relation = Rc::new(self.make_relation(world, oid, found, schema));
        self.relations.insert(oid, (Rc::clone(found), Rc::clone(&relation)));
        self.catalog.add_relation(Rc::clone(&relation));
        Some(relation)
    }

    fn make_relation(&mut self, world: &World, oid: u32, found: &world::Relation, schema: &str) -> Relation {
        let kind = RelationKind::from_relkind(found.kind);
        let columns = if kind.is_claimable() { &found.columns[..] } else { &[] };
        let column = |column: &world::Column| Column {
            name: column.name.as_str().into(),
            number: column.number,
            r#type: self.r#type(world, column.r#type),
            modifier: column.modifier,
            not_null: column.not_null,
            filled: column.filled,
            collation: self.collation(world, column.collation),
            acl: column.acl.clone(),
        };
        Relation {
            oid,
            schema: schema.to_owned(),
            name: found.name.clone(),
            kind,
            owner: found.owner,
            temporary: found.temporary,
            partition: found.partition,
            row_security: found.row_security,
            security_invoker: found.security_invoker,
            force_row_security: found.force_row_security,
            columns: columns.iter().map(column).collect(),
            acl: found.acl.clone(),
        }
    }

    fn r#type(&mut self, world: &World, oid: u32) -> Rc<Type> {
        Rc::clone(self.types.entry(oid).or_insert_with(|| Rc::new(make_type(world, oid))))
    }

    fn collation(&mut self, world: &World, oid: u32) -> Option<Rc<CollationName>> {
        let make = || {
            let (schema, name) = world.collations.get(&oid)?;
            let schema = world.schemas.get(schema)?.name.clone();
            Some(Rc::new(CollationName { schema, name: name.clone() }))
        };
        self.collations.entry(oid).or_insert_with(make).clone()
    }

    /// The constraints, indexes and serial sequences of a relation.
    fn constraints(&mut self, world: &World, relation: &Relation) {
        let sequences = serial_sequences(world, relation);
        for sequence in &sequences {
            self.sequence(world, *sequence);
        }
        let found = Constraints {
            indexes: indexes(world, relation.oid),
            foreign_keys: foreign_keys(world, relation.oid),
            sequences,
        };
        self.catalog.constraints.insert(relation.oid, Rc::new(found));
    }

    /// A lasting sequence, if that is what stands behind the OID.
    fn sequence(&mut self, world: &World, oid: u32) -> bool {
        let found = world.relations.get(&oid).filter(|found| found.kind == 'S' && !found.temporary);
        let named = found.and_then(|found| Some((found, world.schemas.get(&found.schema)?)));
        let Some((found, schema)) = named else {
            self.catalog.sequences.remove(&oid);
            return false;
        };
        let sequence = Sequence {
            oid,
            schema: schema.name.clone(),
            name: found.name.clone(),
            owner: found.owner,
            acl: found.acl.clone(),
        };
        self.catalog.sequences.insert(oid, sequence);
        true
    }
}

/// What tells a schema from what it was.
fn shown<'a>((oid, schema): (&'a u32, &'a world::Schema)) -> (u32, &'a str, String) {
    (*oid, &schema.name, format!("{} {:?}", schema.owner, schema.acl))
}

/// A type's identity; an array is named by its element.
pub(crate) fn type_name(world: &World, oid: u32) -> TypeName {
    let element = element_of(world, oid);
    let found = world.types.get(&element.unwrap_or(oid));
    match found.and_then(|found| Some((world.schemas.get(&found.schema)?.name.clone(), found.name.clone()))) {
        Some((schema, name)) => TypeName { schema, name, array: element.is_some() },
        None => TypeName { schema: String::new(), name: oid.to_string(), array: false },
    }
}

fn element_of(world: &World, oid: u32) -> Option<u32> {
    match world.types.get(&oid)?.kind {
        TypeKind::Array(element) => Some(element),
        _ => None,
    }
}

/// `typtype`.
fn letter(kind: &TypeKind) -> char {
    match kind {
        TypeKind::Base | TypeKind::Array(_) => 'b',
        TypeKind::Pseudo => 'p',
        TypeKind::Composite(_) => 'c',
        TypeKind::Enum(_) => 'e',
        TypeKind::Range(_) => 'r',
        TypeKind::Multirange(_) => 'm',
        TypeKind::Domain { .. } => 'd',
    }
}

/// A type, with the base that its domains stand on.
fn make_type(world: &World, oid: u32) -> Type {
    let name = type_name(world, oid);
    let (mut not_null, mut has_default) = (false, false);
    let mut base = None;
    // What an array holds stands behind its name too, but is not the column.
    let first = element_of(world, oid).unwrap_or(oid);
    let mut current = first;
    while let Some(TypeKind::Domain { base: below, modifier, not_null: is_not_null, has_default: has }) =
        world.types.get(&current).map(|found| &found.kind)
    {
        not_null |= is_not_null & !name.array;
        has_default |= has & !name.array;
        base = Some((*below, *modifier));
        current = *below;
    }
    Type {
        kind: world.types.get(&first).map_or('b', |found| letter(&found.kind)),
        base: base.map(|(base, modifier)| (Rc::new(type_name(world, base)), modifier)),
        not_null,
        has_default,
        labels: Rc::new(labels(world, current)),
        name: Rc::new(name),
    }
}

fn labels(world: &World, oid: u32) -> Vec<String> {
    match world.types.get(&oid).map(|found| &found.kind) {
        Some(TypeKind::Enum(labels)) => labels.clone(),
        _ => Vec::new(),
    }
}

/// A type that a claim names, if it is one of its own: no array, and no row type of a table.
fn named_type(world: &World, namespace: u32, schema: &str, name: &str) -> Option<NamedType> {
    let oid = world.type_named(namespace, name)?;
    let found = world.types.get(&oid)?;
    let is_own = match found.kind {
        TypeKind::Array(_) => false,
        TypeKind::Composite(relation) => world.relations.get(&relation).is_some_and(|of| of.kind == 'c'),
        _ => true,
    };
    let mut bases = Vec::new();
    let mut current = oid;
    while let Some(TypeKind::Domain { base, .. }) = world.types.get(&current).map(|found| &found.kind) {
        current = *base;
        bases.push(current);
    }
    is_own.then(|| NamedType {
        oid,
        schema: schema.to_owned(),
        name: name.to_owned(),
        kind: letter(&found.kind),
        bases,
        owner: found.owner,
        labels: Rc::new(labels(world, current)),
        acl: found.acl.clone(),
    })
}

fn function(world: &World, oid: u32, schema: &str) -> Function {
    let found = &world.functions[&oid];
    let argument_types: Vec<TypeName> = found.arguments.iter().map(|oid| type_name(world, *oid)).collect();
    Function {
        oid,
        schema: schema.to_owned(),
        name: found.name.clone(),
        identity_arguments: argument_types.iter().map(|r#type| r#type.display(-1)).collect::<Vec<_>>().join(", "),
        arguments: argument_types.len(),
        argument_types,
        defaults: found.defaults,
        variadic: found.variadic,
        kind: found.kind,
        returns: Rc::new(type_name(world, found.returns)),
        returns_set: found.returns_set,
        security_definer: found.security_definer,
        owner: found.owner,
        acl: found.acl.clone(),
    }
}

/// Its indexes that are valid and hold every row.
fn indexes(world: &World, relation: u32) -> Vec<Index> {
    let all = world.indexes_of(relation).into_iter();
    all.filter_map(|oid| Some((oid, world.relations.get(&oid)?.index.as_ref()?)))
        .filter(|(_, index)| index.valid && !index.partial)
        .map(|(oid, index)| Index { oid, unique: index.unique, columns: index.columns.clone() })
        .collect()
}

fn foreign_keys(world: &World, relation: u32) -> Vec<ForeignKey> {
    let name = |of: &world::Relation, number: &i16| {
        of.columns.iter().find(|column| column.number == *number).map(|column| column.name.clone())
    };
    let from = &world.relations[&relation];
    let all = world.constraints_of(relation).into_iter().filter_map(|oid| world.constraints.get(&oid));
    all.filter(|constraint| constraint.kind == 'f' && constraint.validated)
        .filter_map(|constraint| {
            let to = world.relations.get(&constraint.references)?;
            let pairs = constraint.columns.iter().zip(&constraint.referenced);
            Some(ForeignKey {
                schema: world.schemas.get(&to.schema)?.name.clone(),
                relation: to.name.clone(),
                oid: constraint.references,
                columns: pairs.filter_map(|(one, other)| Some((name(from, one)?, name(to, other)?))).collect(),
            })
        })
        .collect()
}

/// Those that a column owns or its DEFAULT draws from, as far as they have the relation's owner: not another one's, or an
/// owner could have us grant it.
fn serial_sequences(world: &World, relation: &Relation) -> Vec<u32> {
    let is_identity = |oid: &u32| world.relations.get(oid).is_some_and(|found| found.identity_sequence);
    let mut all: BTreeSet<u32> = world.sequences_of(relation.oid).into_iter().filter(|oid| !is_identity(oid)).collect();
    let drawn = world.dependencies_of(Class::Default, relation.oid).into_iter().map(|dependency| dependency.on);
    all.extend(drawn.filter(|on| on.class == Class::Relation).map(|on| on.oid));
    let is_own =
        |oid: &u32| world.relations.get(oid).is_some_and(|found| found.kind == 'S' && found.owner == relation.owner);
    all.into_iter().filter(is_own).collect()
}

/// Whether a role has the privileges of another (`has_privs_of_role` in PostgreSQL's acl.c).
pub(crate) fn has_privileges_of(world: &World, role: u32, other: u32) -> bool {
    role == other || world.roles.get(&role).is_some_and(|found| found.superuser || found.inherits.contains(&other))
}

/// Calls `work` with the engine's view of a stakeholder's role; without one, when it is missing.
pub(crate) fn with_reader<T>(world: &World, role: Option<u32>, work: impl FnOnce(Option<&Reader>) -> T) -> T {
    let Some((role, found)) = role.and_then(|role| Some((role, world.roles.get(&role)?))) else { return work(None) };
    let has_privileges_of = |other: u32| has_privileges_of(world, role, other);
    work(Some(&Reader {
        role,
        has_privileges_of: &has_privileges_of,
        bypasses_row_security: found.superuser || found.bypass_row_security,
    }))
}

#[cfg(test)]
mod tests;
