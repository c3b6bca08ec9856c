//! Names: how SQL writes them, and what they mean under the search path.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use crate::simulate::world::{Relation, World};

/// What the server cuts names to, less one: NAMEDATALEN is 64.
pub(crate) const LONGEST_NAME: usize = 63;

/// The schema that holds the built-in types.
const CATALOG: &str = "pg_catalog";

/// A name, perhaps with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Schema, if one is given.
    pub(crate) schema: Option<String>,
    /// Name.
    pub(crate) name: String,
}

impl Name {
    /// Name as it is written, in double quotes where it needs them not: for messages.
    pub(crate) fn display(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Cuts a name to what the server keeps of it, at a character's end.
pub(crate) fn truncate(mut name: String) -> String {
    if name.len() > LONGEST_NAME {
        let mut end = LONGEST_NAME;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
    }
    name
}

/// The name that a node holds: folded, unquoted, cut.
pub(crate) fn identifier(node: &SyntaxNode) -> String {
    truncate(ast::normalize_name_node(node))
}

/// A name that is being given: `CREATE TABLE schema.name`.
pub(crate) fn new_name(path: Option<ast::Path>) -> Result<Name, Refusal> {
    let Some(path) = path else { return missing() };
    let Some(segment) = path.segment() else { return missing() };
    let name = identifier(segment.syntax());
    qualified(name, path.qualifier())
}

/// A name of something that is there: `DROP TABLE schema.name`.
pub(crate) fn known_name(path: Option<ast::PathRef>) -> Result<Name, Refusal> {
    let Some(path) = path else { return missing() };
    let Some(segment) = path.segment() else { return missing() };
    let name = identifier(segment.syntax());
    qualified(name, path.qualifier())
}

fn missing<T>() -> Result<T, Refusal> {
    Refusal::unknown("a name is missing")
}

fn qualified(name: String, qualifier: Option<ast::PathRef>) -> Result<Name, Refusal> {
    let Some(qualifier) = qualifier else { return Ok(Name { schema: None, name }) };
    let Some(segment) = qualifier.segment() else { return missing() };
    if qualifier.qualifier().is_some() {
        return Refusal::unknown("a name with more than two parts is not simulated");
    }
    Ok(Name { schema: Some(identifier(segment.syntax())), name })
}

impl Context<'_> {
    /// OIDs of the schemas in which names are looked for, in order: `pg_temp` (as 0), `pg_catalog`, the search path.
    pub(crate) fn path(&self) -> Vec<u32> {
        let world = self.world();
        let mut path = self.named_path();
        for implicit in [CATALOG, "pg_temp"] {
            let listed = world.search_path.iter().any(|entry| entry == implicit);
            if let Some(oid) = schema(world, implicit)
                && !listed
            {
                path.insert(0, oid);
            }
        }
        path
    }

    /// OIDs of the schemas that the search path names and that exist.
    fn named_path(&self) -> Vec<u32> {
        let world = self.world();
        let mut path = Vec::new();
        for entry in &world.search_path {
            let oid = match entry.as_str() {
                "$user" => world.roles.get(&world.user).and_then(|role| world.schema_named(&role.name)),
                name => schema(world, name),
            };
            if let Some(oid) = oid
                && !path.contains(&oid)
            {
                path.push(oid);
            }
        }
        path
    }

    /// Where something new goes that is named without a schema.
    pub(crate) fn creation_schema(&self, name: &Name) -> Result<u32, Refusal> {
        match &name.schema {
            Some(schema) => self.schema(schema),
            None => match self.named_path().first() {
                Some(oid) => Ok(*oid),
                None => Refusal::fails("no schema has been selected to create in"),
            },
        }
    }

    /// The schema of this name.
    pub(crate) fn schema(&self, name: &str) -> Result<u32, Refusal> {
        match schema(self.world(), name) {
            Some(oid) => Ok(oid),
            None => Refusal::fails(format!("schema \"{name}\" does not exist")),
        }
    }

    fn find(&self, name: &Name, look: impl Fn(&World, u32) -> Option<u32>) -> Option<u32> {
        let world = self.world();
        match &name.schema {
            Some(schema_name) => look(world, schema(world, schema_name)?),
            None => self.path().into_iter().find_map(|schema| look(world, schema)),
        }
    }

    /// The relation of this name, of whatever kind.
    pub(crate) fn find_relation(&self, name: &Name) -> Option<u32> {
        self.find(name, |world, schema| world.relation_named(schema, &name.name))
    }

    /// The relation of this name.
    pub(crate) fn relation_of(&self, name: &Name) -> Result<u32, Refusal> {
        if is_system(name) {
            return Refusal::unknown(format!("{} belongs to the server's own catalogs", name.display()));
        }
        match self.find_relation(name) {
            Some(oid) => Ok(oid),
            None => Refusal::fails(format!("relation \"{}\" does not exist", name.display())),
        }
    }

    /// The type of this name.
    pub(crate) fn find_type(&self, name: &Name) -> Option<u32> {
        self.find(name, |world, schema| world.type_named(schema, &name.name))
    }

    /// The role that a node names.
    pub(crate) fn role(&self, node: Option<ast::RoleRef>) -> Result<u32, Refusal> {
        use ast::RoleRefValue::{RoleNameRef, RoleRefCurrentRole, RoleRefCurrentUser, RoleRefSessionUser};
        match node.and_then(|node| node.role_ref_value()) {
            Some(RoleNameRef(name)) => self.role_named(&identifier(name.syntax())),
            Some(RoleRefCurrentRole(_) | RoleRefCurrentUser(_)) => Ok(self.world().user),
            Some(RoleRefSessionUser(_)) => Ok(self.session.user(self.world())),
            None => Refusal::unknown("a role's name is missing"),
        }
    }

    /// The role of this name.
    pub(crate) fn role_named(&self, name: &str) -> Result<u32, Refusal> {
        match self.world().roles.iter().find(|(_, role)| role.name == name) {
            Some((oid, _)) => Ok(*oid),
            None => Refusal::fails(format!("role \"{name}\" does not exist")),
        }
    }

    /// The column of a relation, for reading.
    pub(crate) fn column(&self, relation: u32, name: &str) -> Result<i16, Refusal> {
        let relation: &Relation = self.relation(relation);
        match relation.columns.iter().find(|column| column.name == name) {
            Some(column) => Ok(column.number),
            None => Refusal::fails(format!("column \"{name}\" of relation \"{}\" does not exist", relation.name)),
        }
    }
}

/// `pg_temp` is OID 0: a world has no temporary schemas but for what the script makes.
fn schema(world: &World, name: &str) -> Option<u32> {
    match name {
        "pg_temp" => Some(0),
        name => world.schema_named(name),
    }
}

fn is_system(name: &Name) -> bool {
    matches!(name.schema.as_deref(), Some(CATALOG | "information_schema" | "pg_toast"))
}
