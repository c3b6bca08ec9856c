//! What the text of a statement names, without its scopes: relations that it may read, functions that it may call.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, relation_object};
use super::query::function_name;
use super::resolve::{Name, identifier, known_name};
use super::type_name;
use crate::simulate::world::{AttachmentKind, Class, Object, World};

/// Extensions whose functions change nothing in the catalogs.
const HARMLESS_EXTENSIONS: [&str; 17] = [
    "bloom",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "earthdistance",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "isn",
    "ltree",
    "pg_stat_statements",
    "pg_trgm",
    "pgcrypto",
    "seg",
    "unaccent",
    "uuid-ossp",
];

/// What a text names.
#[derive(Debug, Clone, Default)]
pub(super) struct Mentions {
    /// Relations, with what is beneath views.
    pub relations: BTreeSet<u32>,
    /// Functions that users or extensions made, of all forms of a name.
    pub functions: BTreeSet<u32>,
    /// Types that users or extensions made.
    pub types: BTreeSet<u32>,
    /// Built-in functions by name.
    pub built_in: BTreeSet<String>,
}

/// What is named beneath a node.
pub(super) fn of(cx: &Context, node: &SyntaxNode) -> Mentions {
    let mut mentions = Mentions::default();
    let common: BTreeSet<String> = node
        .descendants()
        .filter_map(ast::WithTable::cast)
        .filter_map(|table| table.name())
        .map(|name| identifier(name.syntax()))
        .collect();
    for node in node.descendants() {
        if let Some(name) = ast::RelationNameRef::cast(node.clone()) {
            mentions.relation(cx, name.path_ref(), &common);
        } else if let Some(name) = ast::TableNameRef::cast(node.clone()) {
            mentions.relation(cx, name.path_ref(), &common);
        } else if let Some(call) = ast::CallExpr::cast(node.clone()) {
            if let Some(name) = call.expr().and_then(|function| function_name(&function)) {
                mentions.call(cx, &name);
            }
        } else if let Some(found) = ast::Type::cast(node)
            && let Ok(found) = type_name::resolve(cx, &found)
            && found.oid >= super::builtin::FIRST_OF_USERS
        {
            mentions.types.insert(found.oid);
        }
    }
    mentions.close(cx.world());
    mentions
}

impl Mentions {
    /// What reading relations comes to.
    pub fn of_relations(cx: &Context, relations: impl IntoIterator<Item = u32>) -> Mentions {
        let mut mentions = Mentions { relations: relations.into_iter().collect(), ..Mentions::default() };
        mentions.close(cx.world());
        mentions
    }

    fn relation(&mut self, cx: &Context, path: Option<ast::PathRef>, common: &BTreeSet<String>) {
        let Ok(name) = known_name(path) else { return };
        if name.schema.is_none() && common.contains(&name.name) {
            return;
        }
        self.relations.extend(cx.find_relation(&name));
    }

    fn call(&mut self, cx: &Context, name: &Name) {
        let world = cx.world();
        let schemas = match &name.schema {
            Some(schema) => world.schema_named(schema).into_iter().collect(),
            None => cx.path(),
        };
        let found: Vec<u32> =
            schemas.into_iter().flat_map(|schema| world.functions_named(schema, &name.name)).collect();
        if found.is_empty() {
            self.built_in.insert(name.name.clone());
        }
        self.functions.extend(found);
    }

    /// What views rest on.
    fn close(&mut self, world: &World) {
        let mut open: Vec<u32> = self.relations.iter().copied().collect();
        while let Some(oid) = open.pop() {
            if !world.relations.get(&oid).is_some_and(|relation| matches!(relation.kind, 'v' | 'm')) {
                continue;
            }
            for dependency in world.dependencies_of(Class::Relation, oid) {
                match dependency.on.class {
                    Class::Relation if self.relations.insert(dependency.on.oid) => open.push(dependency.on.oid),
                    Class::Function => drop(self.functions.insert(dependency.on.oid)),
                    _ => {}
                }
            }
        }
    }

    /// What an object rests on that has this text. A name that several functions have is left out: it cannot be told which.
    pub fn objects(&self) -> BTreeSet<Object> {
        let whole = |class| move |oid: &u32| Object { class, oid: *oid, column: 0 };
        let functions = if self.functions.len() == 1 { self.functions.iter().collect() } else { Vec::new() };
        self.relations
            .iter()
            .map(|oid| relation_object(*oid))
            .chain(functions.into_iter().map(whole(Class::Function)))
            .chain(self.types.iter().map(whole(Class::Type)))
            .collect()
    }

    /// Why what runs it may do more than what its text says: it calls what anybody may have written.
    pub fn dangerous(&self, cx: &Context) -> Option<String> {
        let world = cx.world();
        if let Some(name) = self.functions.iter().find_map(|oid| dangerous(world, *oid)) {
            return Some(format!("it calls {name}(), and what that does is only known when it runs"));
        }
        let harmful = |name: &&String| {
            matches!(name.as_str(), "set_config" | "pg_import_system_collations" | "pg_extension_config_dump")
                || name.starts_with("binary_upgrade_")
                || name.starts_with("dblink")
        };
        self.built_in
            .iter()
            .find(harmful)
            .map(|name| format!("it calls {name}(), and what that does is only known when it runs"))
    }
}

/// The name of a function that may do anything.
fn dangerous(world: &World, oid: u32) -> Option<String> {
    let harmless = world.extension_members.get(&oid).is_some_and(|name| HARMLESS_EXTENSIONS.contains(&name.as_str()));
    match world.functions.get(&oid) {
        Some(function) if !harmless => Some(function.name.clone()),
        _ => None,
    }
}

/// Why writing to a relation may do more than that: triggers, rules, and functions in defaults and checks.
pub(super) fn of_writing(cx: &Context, relation: u32) -> Option<String> {
    let world = cx.world();
    let mut open = vec![relation];
    while let Some(oid) = open.pop() {
        for attachment in world.attachments_of(oid) {
            let attachment = &world.attachments[&attachment];
            let what = match attachment.kind {
                AttachmentKind::Trigger => "trigger",
                AttachmentKind::Rule => "rule",
                AttachmentKind::Policy => continue,
            };
            return Some(format!("{what} {} runs, and what that does is only known then", attachment.name));
        }
        let defaults = world.dependencies_of(Class::Default, oid);
        let checks =
            world.constraints_of(oid).into_iter().flat_map(|check| world.dependencies_of(Class::Constraint, check));
        for dependency in defaults.into_iter().chain(checks) {
            if dependency.on.class == Class::Function
                && let Some(name) = dangerous(world, dependency.on.oid)
            {
                return Some(format!("it calls {name}(), and what that does is only known when it runs"));
            }
        }
        open.extend(world.children(oid));
    }
    None
}
