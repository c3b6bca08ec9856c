//! CREATE SCHEMA, ALTER SCHEMA.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::rename;
use super::resolve::identifier;
use crate::simulate::world::Schema;

/// CREATE SCHEMA, with what is made in it.
pub(super) fn create(cx: &mut Context, node: &ast::CreateSchema) -> Result<(), Refusal> {
    let (name, owner) = match node.create_schema_target() {
        Some(ast::CreateSchemaTarget::NamedSchema(named)) => {
            let name = named.schema().map(|schema| identifier(schema.syntax())).unwrap_or_default();
            let owner = match named.role_ref() {
                Some(role) => cx.role(Some(role))?,
                None => cx.world().user,
            };
            (name, owner)
        }
        Some(ast::CreateSchemaTarget::AuthorizationSchema(authorization)) => {
            let Some(role) = authorization.role() else { return Refusal::unknown("a schema without a name") };
            let owner = role_named(cx, &role)?;
            (cx.world().roles.get(&owner).map(|role| role.name.clone()).unwrap_or_default(), owner)
        }
        None => return Refusal::unknown("a schema without a name"),
    };
    if name.starts_with("pg_") {
        return Refusal::fails(format!("unacceptable schema name \"{name}\""));
    }
    if cx.world().schema_named(&name).is_some() {
        let what = format!("schema \"{name}\" already exists");
        if node.if_not_exists().is_some() {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    }
    let oid = cx.new_oid();
    let acl = super::privilege::initial_for(cx.world(), 'n', 0, owner);
    cx.set_schema(oid, Some(Schema { name: name.clone(), owner, acl }));
    elements(cx, node, &name, owner)
}

/// They are made in the schema, and as its owner.
fn elements(cx: &mut Context, node: &ast::CreateSchema, name: &str, owner: u32) -> Result<(), Refusal> {
    let (user, path) = (cx.world().user, cx.world().search_path.clone());
    let inside = [vec![name.to_owned()], path.clone()].concat();
    let mut began = false;
    for element in node.schema_elements() {
        if !began {
            cx.set_user(owner);
            cx.set_search_path(inside.clone());
            began = true;
        }
        match ast::Stmt::cast(element.syntax().clone()) {
            Some(statement) => super::dispatch(cx, &statement)?,
            None => return Refusal::unknown("something in CREATE SCHEMA that is not simulated"),
        }
    }
    if began {
        cx.set_user(user);
        cx.set_search_path(path);
    }
    Ok(())
}

fn role_named(cx: &Context, role: &ast::Role) -> Result<u32, Refusal> {
    let name = identifier(role.syntax());
    match name.as_str() {
        "current_user" | "current_role" => Ok(cx.world().user),
        "session_user" => Ok(cx.session.user(cx.world())),
        name => cx.role_named(name),
    }
}

/// ALTER SCHEMA.
pub(super) fn alter(cx: &mut Context, node: &ast::AlterSchema) -> Result<(), Refusal> {
    let name = node.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default();
    let oid = cx.schema(&name)?;
    let mut schema = match cx.world().schemas.get(&oid) {
        Some(schema) => schema.clone(),
        None => return Refusal::unknown("a temporary schema"),
    };
    match node.action() {
        Some(ast::AlterSchemaAction::SchemaRenameTo(to)) => {
            let new = to.schema().map(|schema| identifier(schema.syntax())).unwrap_or_default();
            if cx.world().schema_named(&new).is_some() {
                return Refusal::fails(format!("schema \"{new}\" already exists"));
            }
            if new.starts_with("pg_") {
                return Refusal::fails(format!("unacceptable schema name \"{new}\""));
            }
            schema.name = new;
            // Its relations have other names from now on.
            let inside = cx.world().relations_in(oid);
            inside.iter().for_each(|relation| cx.touch_relation(*relation));
            cx.set_schema(oid, Some(schema));
            inside.iter().for_each(|relation| cx.touch_relation(*relation));
            Ok(())
        }
        Some(ast::AlterSchemaAction::OwnerTo(to)) => {
            let owner = cx.role(to.role_ref())?;
            rename::change_owner_of_grants(&mut schema.acl, schema.owner, owner);
            schema.owner = owner;
            cx.set_schema(oid, Some(schema));
            Ok(())
        }
        None => Refusal::unknown("ALTER SCHEMA that says nothing"),
    }
}

#[cfg(test)]
mod tests;
