//! Extensions: what their scripts make is not known, what belongs to them is.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::{identifier, known_name};
use super::{drop, function, type_name};
use crate::simulate::world::{Class, Object};

/// CREATE EXTENSION.
pub(super) fn create(cx: &mut Context, node: &ast::CreateExtension) -> Result<(), Refusal> {
    let name = node.extension().map(|name| identifier(name.syntax())).unwrap_or_default();
    if !cx.world().extensions.contains(&name) {
        return Refusal::unknown(format!("what the script of extension {name} makes is not known"));
    }
    let what = format!("extension \"{name}\" already exists");
    if node.if_not_exists().is_none() {
        return Refusal::fails(what);
    }
    cx.notice(format!("{what}, skipping"));
    Ok(())
}

/// DROP EXTENSION.
pub(super) fn remove(cx: &mut Context, node: &ast::DropExtension) -> Result<(), Refusal> {
    let mut objects = Vec::new();
    for extension in node.extension_refs() {
        let name = identifier(extension.syntax());
        if !cx.world().extensions.contains(&name) {
            if node.if_exists().is_none() {
                return Refusal::fails(format!("extension \"{name}\" does not exist"));
            }
            cx.notice(format!("extension \"{name}\" does not exist, skipping"));
            continue;
        }
        let members = cx.world().extension_members.iter().filter(|(_, extension)| **extension == name);
        let members: Vec<u32> = members.map(|(oid, _)| *oid).collect();
        for oid in members {
            cx.set_extension_member(oid, None);
            objects.extend(object(cx, oid));
        }
        cx.remove_extension(&name);
    }
    // What belongs to another member goes with that.
    let is_part = |object: &Object| match object.class {
        Class::Type => drop::type_object(cx.world(), object.oid) != *object,
        _ => false,
    };
    let objects: Vec<Object> = objects.iter().filter(|object| !is_part(object)).copied().collect();
    drop::remove(cx, &objects, matches!(node.drop_behavior(), Some(ast::DropBehavior::Cascade(_))))
}

/// The object of this OID, of a class that a world holds.
fn object(cx: &Context, oid: u32) -> Option<Object> {
    let world = cx.world();
    let class = if world.relations.contains_key(&oid) {
        Class::Relation
    } else if world.types.contains_key(&oid) {
        Class::Type
    } else if world.functions.contains_key(&oid) {
        Class::Function
    } else if world.schemas.contains_key(&oid) {
        Class::Schema
    } else {
        return None;
    };
    Some(Object { class, oid, column: 0 })
}

/// ALTER EXTENSION.
pub(super) fn alter(cx: &mut Context, node: &ast::AlterExtension) -> Result<(), Refusal> {
    let name = node.extension_ref().map(|name| identifier(name.syntax())).unwrap_or_default();
    if !cx.world().extensions.contains(&name) {
        return Refusal::fails(format!("extension \"{name}\" does not exist"));
    }
    let (member, joins) = match node.action() {
        Some(ast::AlterExtensionAction::AlterExtensionAdd(action)) => (action.extension_member_object(), true),
        Some(ast::AlterExtensionAction::AlterExtensionDrop(action)) => (action.extension_member_object(), false),
        Some(ast::AlterExtensionAction::AlterExtensionUpdate(_)) => {
            return Refusal::unknown(format!("what the scripts of extension {name} change is not known"));
        }
        _ => return Refusal::unknown("ALTER EXTENSION of this kind is not simulated"),
    };
    use ast::ExtensionMemberObject as Member;
    let relation = |cx: &Context, path| cx.relation_of(&known_name(path)?);
    let oid = match member {
        Some(Member::ObjectTable(member)) => relation(cx, member.table_name_ref().and_then(|name| name.path_ref()))?,
        Some(Member::ObjectForeignTable(member)) => {
            relation(cx, member.table_name_ref().and_then(|name| name.path_ref()))?
        }
        Some(Member::ObjectView(member)) => relation(cx, member.view_ref().and_then(|name| name.path_ref()))?,
        Some(Member::ObjectMaterializedView(member)) => {
            relation(cx, member.view_ref().and_then(|name| name.path_ref()))?
        }
        Some(Member::ObjectSequence(member)) => relation(cx, member.sequence_ref().and_then(|name| name.path_ref()))?,
        Some(Member::ObjectFunction(member)) => {
            let Some(signature) = member.function_sig() else {
                return Refusal::unknown("a function's name is missing");
            };
            let name = known_name(signature.function_name_ref().and_then(|name| name.path_ref()))?;
            function::find(cx, &name, signature.param_list(), &['f', 'w'])?
        }
        Some(Member::ObjectType(member)) => {
            type_name::find(cx, &known_name(member.type_name_ref().and_then(|name| name.path_ref()))?)?
        }
        Some(Member::ObjectDomain(member)) => {
            type_name::find(cx, &known_name(member.domain_ref().and_then(|name| name.path_ref()))?)?
        }
        Some(Member::ObjectSchema(member)) => {
            cx.schema(&member.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default())?
        }
        _ => return Refusal::unknown("a member of an extension of this kind is not simulated"),
    };
    let belongs = cx.world().extension_members.get(&oid).cloned();
    match (&belongs, joins) {
        (Some(other), true) => return Refusal::fails(format!("it is already a member of extension \"{other}\"")),
        (Some(other), false) if *other != name => {
            return Refusal::fails(format!("it is not a member of extension \"{name}\""));
        }
        (None, false) => return Refusal::fails(format!("it is not a member of extension \"{name}\"")),
        _ => {}
    }
    cx.set_extension_member(oid, joins.then_some(name));
    cx.touch_relation(oid);
    cx.effect.touched.everything = true;
    Ok(())
}
