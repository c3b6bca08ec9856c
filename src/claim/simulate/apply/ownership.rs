//! DROP OWNED, REASSIGN OWNED.

use squawk_syntax::ast;

use super::context::{Context, Refusal, relation_object};
use super::privilege::forget;
use super::{drop, rename, types};
use crate::simulate::world::{Class, Object, TypeKind};

fn roles(cx: &Context, list: Option<ast::RoleRefList>) -> Result<Vec<u32>, Refusal> {
    list.into_iter().flat_map(|list| list.role_refs()).map(|role| cx.role(Some(role))).collect()
}

/// Relations that are dropped and given away by themselves: not what belongs to a table.
fn owned_relations(cx: &Context, role: u32) -> Vec<u32> {
    let known = cx.world().relations.iter();
    let own = known.filter(|(_, relation)| relation.owner == role && relation.index.is_none());
    own.filter(|(_, relation)| !relation.identity_sequence).map(|(oid, _)| *oid).collect()
}

/// Types likewise: neither arrays nor row types nor multiranges.
fn owned_types(cx: &Context, role: u32) -> Vec<u32> {
    let known = cx.world().types.iter().filter(|(_, known)| known.owner == role && known.schema != 11);
    let own = known.filter(|(_, known)| {
        !matches!(known.kind, TypeKind::Array(_) | TypeKind::Composite(_) | TypeKind::Multirange(_))
    });
    own.map(|(oid, _)| *oid).collect()
}

/// DROP OWNED.
pub(super) fn drop_owned(cx: &mut Context, node: &ast::DropOwned) -> Result<(), Refusal> {
    let roles = roles(cx, node.role_ref_list())?;
    let whole = |class| move |oid: u32| Object { class, oid, column: 0 };
    let mut objects = Vec::new();
    for role in &roles {
        if cx.world().roles.get(role).is_some_and(|role| role.superuser) {
            return Refusal::unknown("what a superuser owns may be needed by the server itself");
        }
        objects.extend(owned_relations(cx, *role).into_iter().map(relation_object));
        objects.extend(owned_types(cx, *role).into_iter().map(whole(Class::Type)));
        let functions = cx.world().functions.iter().filter(|(_, function)| function.owner == *role);
        objects.extend(functions.map(|(oid, _)| *oid).map(whole(Class::Function)));
        let schemas = cx.world().schemas.iter().filter(|(_, schema)| schema.owner == *role);
        objects.extend(schemas.map(|(oid, _)| *oid).map(whole(Class::Schema)));
    }
    for role in &roles {
        revoke_all(cx, *role);
    }
    let cascade = matches!(node.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
    drop::remove(cx, &objects, cascade)
}

/// What the role was granted on what others own.
fn revoke_all(cx: &mut Context, role: u32) {
    cx.effect.touched.revoked.insert(role);
    let concerned = |acl: &[crate::catalog::Grant]| acl.iter().any(|grant| grant.grantee == role);
    let relations = cx.world().relations.iter().filter(|(_, relation)| {
        concerned(&relation.acl) || relation.columns.iter().any(|column| concerned(&column.acl))
    });
    let relations: Vec<u32> = relations.map(|(oid, _)| *oid).collect();
    for oid in relations {
        cx.change_relation(oid, |relation| {
            forget(&mut relation.acl, relation.owner, role);
            for column in &mut relation.columns {
                forget(&mut column.acl, relation.owner, role);
            }
        });
    }
    let functions = cx.world().functions.iter().filter(|(_, function)| concerned(&function.acl));
    for (oid, function) in functions.map(|(oid, function)| (*oid, (**function).clone())).collect::<Vec<_>>() {
        let mut function = function;
        forget(&mut function.acl, function.owner, role);
        cx.set_function(oid, Some(function));
    }
    let types = cx.world().types.iter().filter(|(_, known)| concerned(&known.acl)).map(|(oid, _)| *oid);
    for oid in types.collect::<Vec<_>>() {
        cx.change_type(oid, |r#type| forget(&mut r#type.acl, r#type.owner, role));
    }
    let schemas = cx.world().schemas.iter().filter(|(_, schema)| concerned(&schema.acl));
    for (oid, mut schema) in schemas.map(|(oid, schema)| (*oid, schema.clone())).collect::<Vec<_>>() {
        forget(&mut schema.acl, schema.owner, role);
        cx.set_schema(oid, Some(schema));
    }
    cx.change_default_privileges(|all| {
        all.retain(|known| known.role != role);
        for known in all {
            forget(&mut known.acl, known.role, role);
        }
    });
}

/// REASSIGN OWNED.
pub(super) fn reassign(cx: &mut Context, node: &ast::Reassign) -> Result<(), Refusal> {
    let new = match roles(cx, node.after())?.as_slice() {
        [only] => *only,
        _ => return Refusal::unknown("REASSIGN OWNED to nobody"),
    };
    for old in roles(cx, node.before())? {
        for oid in owned_relations(cx, old) {
            // Sequences of columns follow their tables.
            if cx.relation(oid).owner == old {
                rename::set_owner(cx, oid, new);
            }
        }
        for oid in owned_types(cx, old) {
            types::set_owner(cx, oid, new);
        }
        let functions = cx.world().functions.iter().filter(|(_, function)| function.owner == old);
        for (oid, mut function) in functions.map(|(oid, function)| (*oid, (**function).clone())).collect::<Vec<_>>() {
            rename::change_owner_of_grants(&mut function.acl, old, new);
            function.owner = new;
            cx.set_function(oid, Some(function));
        }
        let schemas = cx.world().schemas.iter().filter(|(_, schema)| schema.owner == old);
        for (oid, mut schema) in schemas.map(|(oid, schema)| (*oid, schema.clone())).collect::<Vec<_>>() {
            rename::change_owner_of_grants(&mut schema.acl, old, new);
            schema.owner = new;
            cx.set_schema(oid, Some(schema));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
