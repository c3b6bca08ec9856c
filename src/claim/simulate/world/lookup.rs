//! Finds objects of a [`World`] by name, and what belongs to or rests on an object, without looking through its maps.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::{Attachment, Class, Constraint, Dependency, Function, Object, Relation, Type, TypeKind, World};

/// The indexes over a world. Two worlds are equal whatever is indexed of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lookup(Option<Rc<Indexes>>);

#[derive(Debug, Clone, Default)]
struct Indexes {
    relations: HashMap<u32, HashMap<String, u32>>,
    types: HashMap<u32, HashMap<String, u32>>,
    functions: HashMap<u32, HashMap<String, BTreeSet<u32>>>,
    schemas: HashMap<String, u32>,
    /// Tables that inherit from a table, or are its partitions.
    children: HashMap<u32, BTreeSet<u32>>,
    indexes: HashMap<u32, BTreeSet<u32>>,
    index_children: HashMap<u32, BTreeSet<u32>>,
    sequences: HashMap<u32, BTreeSet<u32>>,
    constraints: HashMap<u32, BTreeSet<u32>>,
    domain_constraints: HashMap<u32, BTreeSet<u32>>,
    constraint_children: HashMap<u32, BTreeSet<u32>>,
    constraints_on_index: HashMap<u32, BTreeSet<u32>>,
    referencing: HashMap<u32, BTreeSet<u32>>,
    attachments: HashMap<u32, BTreeSet<u32>>,
    dependents: HashMap<(Class, u32), BTreeSet<Dependency>>,
    /// Constraints by name, of whatever relation.
    constraint_names: HashMap<String, BTreeSet<u32>>,
    /// Relations with columns of a type, or typed tables of it. Not of built-in types, which all relations have.
    relations_of_type: HashMap<u32, BTreeSet<u32>>,
    /// Likewise, types that are made of a type: domains, ranges.
    types_of_type: HashMap<u32, BTreeSet<u32>>,
    /// Likewise, functions that take or give it.
    functions_of_type: HashMap<u32, BTreeSet<u32>>,
}

/// `FirstNormalObjectId`: what is below came with the server and never goes.
const FIRST_NORMAL_OID: u32 = 16384;

fn note_type(map: &mut HashMap<u32, BTreeSet<u32>>, r#type: u32, oid: u32, present: bool) {
    if r#type >= FIRST_NORMAL_OID {
        note(map, r#type, oid, present);
    }
}

impl PartialEq for Lookup {
    fn eq(&self, _: &Lookup) -> bool {
        true
    }
}

fn note(map: &mut HashMap<u32, BTreeSet<u32>>, key: u32, oid: u32, present: bool) {
    if key == 0 {
        return;
    }
    if present {
        map.entry(key).or_default().insert(oid);
    } else if let Some(set) = map.get_mut(&key) {
        set.remove(&oid);
    }
}

fn name(map: &mut HashMap<u32, HashMap<String, u32>>, schema: u32, name: &str, oid: u32, present: bool) {
    let names = map.entry(schema).or_default();
    if present {
        names.insert(name.to_owned(), oid);
    } else if names.get(name) == Some(&oid) {
        names.remove(name);
    }
}

impl Indexes {
    fn new(world: &World) -> Indexes {
        let mut indexes = Indexes::default();
        for (oid, relation) in &world.relations {
            indexes.relation(*oid, relation, true);
        }
        for (oid, r#type) in &world.types {
            indexes.r#type(*oid, r#type, true);
        }
        for (oid, function) in &world.functions {
            indexes.function(*oid, function, true);
        }
        for (oid, constraint) in &world.constraints {
            indexes.constraint(*oid, constraint, true);
        }
        for (oid, attachment) in &world.attachments {
            indexes.attachment(*oid, attachment, true);
        }
        for dependency in &world.dependencies {
            indexes.dependency(*dependency, true);
        }
        for (oid, schema) in &world.schemas {
            indexes.schemas.insert(schema.name.clone(), *oid);
        }
        indexes
    }

    fn relation(&mut self, oid: u32, relation: &Relation, present: bool) {
        name(&mut self.relations, relation.schema, &relation.name, oid, present);
        for parent in &relation.parents {
            note(&mut self.children, *parent, oid, present);
        }
        if let Some(index) = &relation.index {
            note(&mut self.indexes, index.table, oid, present);
            note(&mut self.index_children, index.parent, oid, present);
        }
        if let Some((table, _)) = relation.owned_by {
            note(&mut self.sequences, table, oid, present);
        }
        for column in &relation.columns {
            note_type(&mut self.relations_of_type, column.r#type, oid, present);
        }
        note_type(&mut self.relations_of_type, relation.of_type, oid, present);
    }

    fn r#type(&mut self, oid: u32, r#type: &Type, present: bool) {
        name(&mut self.types, r#type.schema, &r#type.name, oid, present);
        if let TypeKind::Array(of)
        | TypeKind::Range(of)
        | TypeKind::Multirange(of)
        | TypeKind::Domain { base: of, .. } = r#type.kind
        {
            note_type(&mut self.types_of_type, of, oid, present);
        }
    }

    fn function(&mut self, oid: u32, function: &Function, present: bool) {
        let named = self.functions.entry(function.schema).or_default().entry(function.name.clone()).or_default();
        if present {
            named.insert(oid);
        } else {
            named.remove(&oid);
        }
        for r#type in function.arguments.iter().chain([&function.returns]) {
            note_type(&mut self.functions_of_type, *r#type, oid, present);
        }
    }

    fn constraint(&mut self, oid: u32, constraint: &Constraint, present: bool) {
        note(&mut self.constraints, constraint.relation, oid, present);
        note(&mut self.domain_constraints, constraint.domain, oid, present);
        note(&mut self.constraint_children, constraint.parent, oid, present);
        note(&mut self.constraints_on_index, constraint.index, oid, present);
        note(&mut self.referencing, constraint.references, oid, present);
        let named = self.constraint_names.entry(constraint.name.clone()).or_default();
        if present {
            named.insert(oid);
        } else {
            named.remove(&oid);
        }
    }

    fn attachment(&mut self, oid: u32, attachment: &Attachment, present: bool) {
        note(&mut self.attachments, attachment.relation, oid, present);
    }

    fn dependency(&mut self, dependency: Dependency, present: bool) {
        let dependents = self.dependents.entry((dependency.on.class, dependency.on.oid)).or_default();
        if present {
            dependents.insert(dependency);
        } else {
            dependents.remove(&dependency);
        }
    }
}

impl Lookup {
    fn indexes(&mut self) -> Option<&mut Indexes> {
        self.0.as_mut().map(Rc::make_mut)
    }

    fn some(&self) -> &Indexes {
        self.0.as_deref().expect("World::index comes before any look-up")
    }

    fn set(&self, map: impl FnOnce(&Indexes) -> Option<&BTreeSet<u32>>) -> Vec<u32> {
        map(self.some()).map(|set| set.iter().copied().collect()).unwrap_or_default()
    }
}

/// Looking things up. [`World::index`] must have been called.
impl World {
    /// Makes the indexes if there are none.
    pub(crate) fn index(&mut self) {
        if self.lookup.0.is_none() {
            self.lookup.0 = Some(Rc::new(Indexes::new(self)));
        }
    }

    pub(crate) fn schema_named(&self, name: &str) -> Option<u32> {
        self.lookup.some().schemas.get(name).copied()
    }

    pub(crate) fn relation_named(&self, schema: u32, name: &str) -> Option<u32> {
        self.lookup.some().relations.get(&schema)?.get(name).copied()
    }

    pub(crate) fn type_named(&self, schema: u32, name: &str) -> Option<u32> {
        self.lookup.some().types.get(&schema)?.get(name).copied()
    }

    /// Functions of a name, with whatever arguments.
    pub(crate) fn functions_named(&self, schema: u32, name: &str) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.functions.get(&schema)?.get(name))
    }

    /// Tables that inherit directly from a table, or are its partitions, by OID.
    pub(crate) fn children(&self, relation: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.children.get(&relation))
    }

    /// Indexes of a table, by OID.
    pub(crate) fn indexes_of(&self, relation: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.indexes.get(&relation))
    }

    /// Indexes of partitions that belong to a partitioned index.
    pub(crate) fn index_children(&self, index: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.index_children.get(&index))
    }

    /// Sequences that columns of a table own.
    pub(crate) fn sequences_of(&self, relation: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.sequences.get(&relation))
    }

    /// Constraints of a relation.
    pub(crate) fn constraints_of(&self, relation: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.constraints.get(&relation))
    }

    /// Constraints of a domain.
    pub(crate) fn constraints_of_domain(&self, domain: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.domain_constraints.get(&domain))
    }

    /// Constraints that belong to a constraint of a partitioned table.
    pub(crate) fn constraint_children(&self, constraint: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.constraint_children.get(&constraint))
    }

    /// Constraints that have an index or rest on it.
    pub(crate) fn constraints_on_index(&self, index: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.constraints_on_index.get(&index))
    }

    /// Foreign keys that reference a table.
    pub(crate) fn foreign_keys_to(&self, relation: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.referencing.get(&relation))
    }

    /// Constraints of a name.
    pub(crate) fn constraints_named(&self, name: &str) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.constraint_names.get(name))
    }

    /// Relations with columns of a type that is not built in, and typed tables of it.
    pub(crate) fn relations_of_type(&self, r#type: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.relations_of_type.get(&r#type))
    }

    /// Types that are made of a type that is not built in: its array, domains and ranges over it.
    pub(crate) fn types_of_type(&self, r#type: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.types_of_type.get(&r#type))
    }

    /// Functions that take or give a type that is not built in.
    pub(crate) fn functions_of_type(&self, r#type: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.functions_of_type.get(&r#type))
    }

    /// Relations of a schema.
    pub(crate) fn relations_in(&self, schema: u32) -> Vec<u32> {
        self.lookup.some().relations.get(&schema).map(|names| names.values().copied().collect()).unwrap_or_default()
    }

    /// Types of a schema.
    pub(crate) fn types_in(&self, schema: u32) -> Vec<u32> {
        self.lookup.some().types.get(&schema).map(|names| names.values().copied().collect()).unwrap_or_default()
    }

    /// Functions of a schema.
    pub(crate) fn functions_in(&self, schema: u32) -> Vec<u32> {
        let functions = self.lookup.some().functions.get(&schema);
        functions.map(|names| names.values().flatten().copied().collect()).unwrap_or_default()
    }

    /// Triggers, rules and policies of a relation.
    pub(crate) fn attachments_of(&self, relation: u32) -> Vec<u32> {
        self.lookup.set(|indexes| indexes.attachments.get(&relation))
    }

    /// What `dependencies` says rests on an object or, of a relation, on any of its columns.
    pub(crate) fn dependents_of(&self, class: Class, oid: u32) -> Vec<Dependency> {
        let dependents = self.lookup.some().dependents.get(&(class, oid));
        dependents.map(|set| set.iter().copied().collect()).unwrap_or_default()
    }

    /// What `dependencies` says an object and its columns rest on.
    pub(crate) fn dependencies_of(&self, class: Class, oid: u32) -> Vec<Dependency> {
        let least = Object { class: Class::Relation, oid: 0, column: i16::MIN };
        let from = Object { class, oid, column: i16::MIN };
        let to = Object { class, oid, column: i16::MAX };
        let range = Dependency { dependent: from, on: least, automatic: false }..=Dependency {
            dependent: to,
            on: Object { class: Class::Schema, oid: u32::MAX, column: i16::MAX },
            automatic: true,
        };
        self.dependencies.range(range).copied().collect()
    }

    /// Puts a relation in place of what is there, or takes it away; gives back what was there.
    pub(crate) fn put_relation(&mut self, oid: u32, new: Option<Rc<Relation>>) -> Option<Rc<Relation>> {
        let old = replace(&mut self.relations, oid, new.clone());
        if let Some(indexes) = self.lookup.indexes() {
            if let Some(old) = &old {
                indexes.relation(oid, old, false);
            }
            if let Some(new) = &new {
                indexes.relation(oid, new, true);
            }
        }
        old
    }

    /// Likewise, a type.
    pub(crate) fn put_type(&mut self, oid: u32, new: Option<Type>) -> Option<Type> {
        if let Some(indexes) = self.lookup.indexes() {
            if let Some(old) = self.types.get(&oid) {
                indexes.r#type(oid, old, false);
            }
            if let Some(new) = &new {
                indexes.r#type(oid, new, true);
            }
        }
        replace(&mut self.types, oid, new)
    }

    /// Likewise, a constraint.
    pub(crate) fn put_constraint(&mut self, oid: u32, new: Option<Constraint>) -> Option<Constraint> {
        if let Some(indexes) = self.lookup.indexes() {
            if let Some(old) = self.constraints.get(&oid) {
                indexes.constraint(oid, old, false);
            }
            if let Some(new) = &new {
                indexes.constraint(oid, new, true);
            }
        }
        replace(&mut self.constraints, oid, new)
    }

    /// Likewise, a function.
    pub(crate) fn put_function(&mut self, oid: u32, new: Option<Rc<Function>>) -> Option<Rc<Function>> {
        if let Some(indexes) = self.lookup.indexes() {
            if let Some(old) = self.functions.get(&oid) {
                indexes.function(oid, old, false);
            }
            if let Some(new) = &new {
                indexes.function(oid, new, true);
            }
        }
        replace(&mut self.functions, oid, new)
    }

    /// Likewise, a trigger, rule or policy.
    pub(crate) fn put_attachment(&mut self, oid: u32, new: Option<Attachment>) -> Option<Attachment> {
        if let Some(indexes) = self.lookup.indexes() {
            if let Some(old) = self.attachments.get(&oid) {
                indexes.attachment(oid, old, false);
            }
            if let Some(new) = &new {
                indexes.attachment(oid, new, true);
            }
        }
        replace(&mut self.attachments, oid, new)
    }

    /// Likewise, a schema.
    pub(crate) fn put_schema(&mut self, oid: u32, new: Option<super::Schema>) -> Option<super::Schema> {
        if let Some(indexes) = self.lookup.indexes() {
            if let Some(old) = self.schemas.get(&oid) {
                indexes.schemas.remove(&old.name);
            }
            if let Some(new) = &new {
                indexes.schemas.insert(new.name.clone(), oid);
            }
        }
        replace(&mut self.schemas, oid, new)
    }

    /// Adds a dependency or takes it away; whether that changes anything.
    pub(crate) fn put_dependency(&mut self, dependency: Dependency, present: bool) -> bool {
        let changed =
            if present { self.dependencies.insert(dependency) } else { self.dependencies.remove(&dependency) };
        if changed && let Some(indexes) = self.lookup.indexes() {
            indexes.dependency(dependency, present);
        }
        changed
    }
}

fn replace<T>(map: &mut std::collections::BTreeMap<u32, T>, oid: u32, new: Option<T>) -> Option<T> {
    match new {
        Some(new) => map.insert(oid, new),
        None => map.remove(&oid),
    }
}
