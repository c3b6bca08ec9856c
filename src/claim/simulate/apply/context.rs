//! What a statement is applied with: the world, the session, and what is noted on the way.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::catalog::Grant;
use crate::simulate::effect::{Effect, LockMode};
use crate::simulate::world::{
    Attachment, Class, Constraint, Dependency, Function, Object, Relation, Role, Schema, Type, TypeKind, World,
};

use super::Session;

/// Why a statement is not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The server would refuse it.
    Fails(String),
    /// What it does cannot be told.
    Unknown(String),
}

impl Refusal {
    /// The server would refuse it.
    pub(crate) fn fails<T>(why: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::Fails(why.into()))
    }

    /// What it does cannot be told.
    pub(crate) fn unknown<T>(why: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::Unknown(why.into()))
    }
}

/// What there was before a change, to go back to it.
enum Undo {
    Relation(u32, Option<Rc<Relation>>),
    Type(u32, Option<Type>),
    Schema(u32, Option<Schema>),
    Constraint(u32, Option<Constraint>),
    Function(u32, Option<Rc<Function>>),
    Attachment(u32, Option<Attachment>),
    Dependency(Dependency, bool),
    Member(u32, Option<String>),
    Extension(String),
    Collation(u32, Option<(u32, String)>),
    Roles(BTreeMap<u32, Role>),
    Settings { user: u32, search_path: Vec<String> },
    DefaultPrivileges(Vec<crate::simulate::world::DefaultPrivilege>),
}

/// A statement at work. All changes to the world go through it.
pub(crate) struct Context<'a> {
    world: &'a mut World,
    /// What SET has left, and must be undone at the end of the transaction.
    pub(crate) session: &'a mut Session,
    /// What is noted: locks, scans, rewrites, doubts.
    pub(crate) effect: Effect,
    undo: Vec<Undo>,
    next_oid: u32,
}

impl<'a> Context<'a> {
    pub(crate) fn new(world: &'a mut World, session: &'a mut Session) -> Context<'a> {
        world.index();
        let next_oid = world.next_oid;
        Context { world, session, effect: Effect::default(), undo: Vec::new(), next_oid }
    }

    /// The catalogs, to look at.
    pub(crate) fn world(&self) -> &World {
        self.world
    }

    pub(super) fn finish(self) -> Effect {
        self.effect
    }

    /// Takes back all changes to the world.
    pub(super) fn undo(&mut self) {
        while let Some(step) = self.undo.pop() {
            match step {
                Undo::Relation(oid, old) => drop(self.world.put_relation(oid, old)),
                Undo::Type(oid, old) => drop(self.world.put_type(oid, old)),
                Undo::Schema(oid, old) => drop(self.world.put_schema(oid, old)),
                Undo::Constraint(oid, old) => drop(self.world.put_constraint(oid, old)),
                Undo::Function(oid, old) => drop(self.world.put_function(oid, old)),
                Undo::Attachment(oid, old) => drop(self.world.put_attachment(oid, old)),
                Undo::Dependency(dependency, present) => drop(self.world.put_dependency(dependency, present)),
                Undo::Member(oid, Some(extension)) => drop(self.world.extension_members.insert(oid, extension)),
                Undo::Member(oid, None) => drop(self.world.extension_members.remove(&oid)),
                Undo::Extension(name) => drop(self.world.extensions.insert(name)),
                Undo::Collation(oid, Some(old)) => drop(self.world.collations.insert(oid, old)),
                Undo::Collation(oid, None) => drop(self.world.collations.remove(&oid)),
                Undo::Roles(old) => self.world.roles = old,
                Undo::Settings { user, search_path } => {
                    self.world.user = user;
                    self.world.search_path = search_path;
                }
                Undo::DefaultPrivileges(old) => self.world.default_privileges = old,
            }
        }
        self.world.next_oid = self.next_oid;
    }

    /// An OID for a new object.
    pub(crate) fn new_oid(&mut self) -> u32 {
        let oid = self.world.next_oid;
        self.world.next_oid += 1;
        oid
    }

    pub(crate) fn lock(&mut self, relation: u32, mode: LockMode) {
        self.effect.lock(relation, mode);
    }

    /// Something that the server would say as NOTICE.
    pub(crate) fn notice(&mut self, text: impl Into<String>) {
        self.effect.notices.push(text.into());
    }

    // Relations.

    pub(crate) fn relation(&self, oid: u32) -> &Rc<Relation> {
        &self.world.relations[&oid]
    }

    /// `schema.relation`, to be shown.
    pub(crate) fn display(&self, oid: u32) -> String {
        let relation = self.relation(oid);
        let schema = self.world.schemas.get(&relation.schema).map_or("pg_temp", |schema| schema.name.as_str());
        crate::path::display_relation(schema, &relation.name)
    }

    fn touch(&mut self, oid: u32, relation: &Relation) {
        self.effect.touched.relations.insert(oid);
        if let Some(schema) = self.world.schemas.get(&relation.schema) {
            self.effect.touched.names.insert((schema.name.clone(), relation.name.clone()));
        }
        for (table, _) in relation.owned_by.iter() {
            self.effect.touched.relations.insert(*table);
        }
        for index in relation.index.iter() {
            self.effect.touched.relations.insert(index.table);
        }
    }

    /// Notes that something about a relation has changed that is not part of its value: a constraint, for one.
    pub(crate) fn touch_relation(&mut self, oid: u32) {
        if let Some(relation) = self.world.relations.get(&oid).cloned() {
            self.touch(oid, &relation);
        }
    }

    fn put_relation(&mut self, oid: u32, new: Option<Rc<Relation>>) {
        if let Some(new) = &new {
            self.touch(oid, new);
        }
        let old = self.world.put_relation(oid, new);
        if let Some(old) = &old {
            self.effect.former.entry(oid).or_insert_with(|| Rc::clone(old));
            self.touch(oid, old);
            if matches!(old.kind, 'S' | 'c') {
                self.effect.touched.everything = true;
            }
        }
        self.undo.push(Undo::Relation(oid, old));
    }

    /// A new relation.
    pub(crate) fn add_relation(&mut self, oid: u32, relation: Relation) {
        if relation.kind == 'c' {
            self.effect.touched.everything = true;
        }
        self.put_relation(oid, Some(Rc::new(relation)));
    }

    /// Changes a relation that is there.
    pub(crate) fn change_relation(&mut self, oid: u32, change: impl FnOnce(&mut Relation)) {
        let mut relation = Rc::clone(self.relation(oid));
        change(Rc::make_mut(&mut relation));
        self.put_relation(oid, Some(relation));
    }

    /// Takes a relation away, and nothing else: see `drop` for what goes with it.
    pub(crate) fn remove_relation(&mut self, oid: u32) {
        self.put_relation(oid, None);
    }

    // Types.

    fn put_type(&mut self, oid: u32, new: Option<Type>) {
        // Row types and arrays come and go with what they belong to, which is touched itself.
        let own = |r#type: &Type| !matches!(r#type.kind, TypeKind::Composite(_) | TypeKind::Array(_));
        if new.as_ref().is_some_and(own) || (new.is_some() && self.world.types.contains_key(&oid)) {
            self.effect.touched.everything = true;
        }
        let old = self.world.put_type(oid, new);
        if old.as_ref().is_some_and(own) {
            self.effect.touched.everything = true;
        }
        self.undo.push(Undo::Type(oid, old));
    }

    /// A new type, or what becomes of one that is there.
    pub(crate) fn set_type(&mut self, oid: u32, r#type: Type) {
        self.put_type(oid, Some(r#type));
    }

    pub(crate) fn change_type(&mut self, oid: u32, change: impl FnOnce(&mut Type)) {
        let mut r#type = self.world.types[&oid].clone();
        change(&mut r#type);
        self.put_type(oid, Some(r#type));
    }

    pub(crate) fn remove_type(&mut self, oid: u32) {
        self.put_type(oid, None);
    }

    // Schemas.

    /// A new schema, what becomes of one that is there, or `None` to take it away.
    pub(crate) fn set_schema(&mut self, oid: u32, schema: Option<Schema>) {
        self.effect.touched.everything = true;
        let old = self.world.put_schema(oid, schema);
        self.undo.push(Undo::Schema(oid, old));
    }

    // Constraints.

    fn put_constraint(&mut self, oid: u32, new: Option<Constraint>) {
        let touched = |constraint: &Constraint| [constraint.relation, constraint.references];
        let mut relations: Vec<u32> = new.iter().flat_map(touched).collect();
        let mut domain = new.as_ref().is_some_and(|new| new.domain != 0);
        let old = self.world.put_constraint(oid, new);
        relations.extend(old.iter().flat_map(touched));
        domain |= old.as_ref().is_some_and(|old| old.domain != 0);
        self.effect.touched.everything |= domain;
        for relation in relations {
            self.touch_relation(relation);
        }
        self.undo.push(Undo::Constraint(oid, old));
    }

    /// A new constraint; its OID.
    pub(crate) fn add_constraint(&mut self, constraint: Constraint) -> u32 {
        let oid = self.new_oid();
        self.put_constraint(oid, Some(constraint));
        oid
    }

    pub(crate) fn change_constraint(&mut self, oid: u32, change: impl FnOnce(&mut Constraint)) {
        let mut constraint = self.world.constraints[&oid].clone();
        change(&mut constraint);
        self.put_constraint(oid, Some(constraint));
    }

    pub(crate) fn remove_constraint(&mut self, oid: u32) {
        self.put_constraint(oid, None);
    }

    // Functions.

    /// A new function, what becomes of one that is there, or `None` to take it away.
    pub(crate) fn set_function(&mut self, oid: u32, function: Option<Function>) {
        self.effect.touched.everything = true;
        let old = self.world.put_function(oid, function.map(Rc::new));
        self.undo.push(Undo::Function(oid, old));
    }

    // Triggers, rules, policies.

    /// A new one, what becomes of one that is there, or `None` to take it away.
    pub(crate) fn set_attachment(&mut self, oid: u32, attachment: Option<Attachment>) {
        let new = attachment.as_ref().map(|attachment| attachment.relation);
        let old = self.world.put_attachment(oid, attachment);
        for relation in new.into_iter().chain(old.iter().map(|attachment| attachment.relation)) {
            self.touch_relation(relation);
        }
        self.undo.push(Undo::Attachment(oid, old));
    }

    // Dependencies.

    /// That one object depends on another, beyond what their own fields say.
    pub(crate) fn depend(&mut self, dependent: Object, on: Object, automatic: bool) {
        self.put_dependency(Dependency { dependent, on, automatic }, true);
    }

    fn put_dependency(&mut self, dependency: Dependency, present: bool) {
        if self.world.put_dependency(dependency, present) {
            self.undo.push(Undo::Dependency(dependency, !present));
        }
    }

    /// Takes away all that `dependencies` says an object rests on. `column` 0 is the object with all its columns.
    pub(crate) fn forget_dependencies_of(&mut self, object: Object) {
        for dependency in self.world.dependencies_of(object.class, object.oid) {
            if object.column == 0 || dependency.dependent.column == object.column {
                self.put_dependency(dependency, false);
            }
        }
    }

    /// Takes away all that `dependencies` says rests on an object. `column` 0 is the object with all its columns.
    pub(crate) fn forget_dependents_of(&mut self, object: Object) {
        for dependency in self.world.dependents_of(object.class, object.oid) {
            if object.column == 0 || dependency.on.column == object.column {
                self.put_dependency(dependency, false);
            }
        }
    }

    // The rest, which is seldom changed.

    /// Makes an object a member of an extension, or no longer one.
    pub(crate) fn set_extension_member(&mut self, oid: u32, extension: Option<String>) {
        let members = &mut self.world.extension_members;
        let old = match extension {
            Some(extension) => members.insert(oid, extension),
            None => members.remove(&oid),
        };
        self.undo.push(Undo::Member(oid, old));
    }

    /// An extension that is gone; its members are another matter.
    pub(crate) fn remove_extension(&mut self, name: &str) {
        if self.world.extensions.remove(name) {
            self.undo.push(Undo::Extension(name.to_owned()));
        }
    }

    /// A collation that is new or gone.
    pub(crate) fn set_collation(&mut self, oid: u32, collation: Option<(u32, String)>) {
        self.effect.touched.everything = true;
        let collations = &mut self.world.collations;
        let old = match collation {
            Some(collation) => collations.insert(oid, collation),
            None => collations.remove(&oid),
        };
        self.undo.push(Undo::Collation(oid, old));
    }

    pub(crate) fn change_roles(&mut self, change: impl FnOnce(&mut BTreeMap<u32, Role>)) {
        self.undo.push(Undo::Roles(self.world.roles.clone()));
        change(&mut self.world.roles);
    }

    pub(crate) fn set_user(&mut self, user: u32) {
        self.undo.push(Undo::Settings { user: self.world.user, search_path: self.world.search_path.clone() });
        self.world.user = user;
    }

    pub(crate) fn set_search_path(&mut self, search_path: Vec<String>) {
        self.undo.push(Undo::Settings { user: self.world.user, search_path: self.world.search_path.clone() });
        self.world.search_path = search_path;
    }

    pub(crate) fn change_default_privileges(
        &mut self,
        change: impl FnOnce(&mut Vec<crate::simulate::world::DefaultPrivilege>),
    ) {
        self.undo.push(Undo::DefaultPrivileges(self.world.default_privileges.clone()));
        change(&mut self.world.default_privileges);
    }

    /// What a new object of the user's is granted by ALTER DEFAULT PRIVILEGES: `kind` as in `pg_default_acl`.
    pub(crate) fn initial_privileges(&self, kind: char, schema: u32) -> Vec<Grant> {
        super::privilege::initial(self.world, kind, schema)
    }
}

/// A whole relation, as an object.
pub(crate) fn relation_object(oid: u32) -> Object {
    Object { class: Class::Relation, oid, column: 0 }
}

/// A column, as an object.
pub(crate) fn column_object(relation: u32, column: i16) -> Object {
    Object { class: Class::Relation, oid: relation, column }
}
