//! Roles: what of them a claim sees.

use std::collections::BTreeMap;

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::identifier;
use crate::simulate::world::Role;

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::CreateRole(node) => create(cx, node.role(), node.role_option_list()),
        Stmt::CreateUser(node) => create(cx, node.role(), node.role_option_list()),
        Stmt::CreateGroup(node) => create(cx, node.role(), node.role_option_list()),
        Stmt::AlterRole(node) => match node.action() {
            Some(ast::AlterRoleAction::RoleOptionList(options)) => alter(cx, node.role_ref(), &options),
            Some(ast::AlterRoleAction::RoleRenameTo(to)) => rename(cx, node.role_ref(), to.role()),
            // For sessions to come.
            Some(ast::AlterRoleAction::SetConfigParam(_) | ast::AlterRoleAction::ResetConfigParam(_)) => Ok(()),
            None => Refusal::unknown("ALTER ROLE that says nothing"),
        },
        Stmt::AlterUser(node) => match node.action() {
            Some(ast::AlterUserAction::RoleOptionList(options)) => alter(cx, node.role_ref(), &options),
            Some(ast::AlterUserAction::RoleRenameTo(to)) => rename(cx, node.role_ref(), to.role()),
            Some(ast::AlterUserAction::SetConfigParam(_) | ast::AlterUserAction::ResetConfigParam(_)) => Ok(()),
            None => Refusal::unknown("ALTER USER that says nothing"),
        },
        Stmt::AlterGroup(node) => match node.action() {
            Some(ast::AlterGroupAction::AddUsers(users)) => {
                let group = cx.role(node.role_ref())?;
                let members = users.role_refs().map(|role| cx.role(Some(role))).collect::<Result<Vec<_>, _>>()?;
                members.into_iter().for_each(|member| join(cx, group, member));
                Ok(())
            }
            Some(ast::AlterGroupAction::RoleRenameTo(to)) => rename(cx, node.role_ref(), to.role()),
            _ => Refusal::unknown("which roles are left to a role cannot be told"),
        },
        Stmt::DropRole(node) => remove(cx, node.role_refs(), node.if_exists().is_some()),
        Stmt::DropUser(node) => remove(cx, node.role_refs(), node.if_exists().is_some()),
        Stmt::DropGroup(node) => remove(cx, node.role_refs(), node.if_exists().is_some()),
        _ => Refusal::unknown("a statement of this kind is not simulated"),
    }
}

/// What the options of a role say: whether a word is among them, or the word with NO before it.
fn says(options: &ast::RoleOptionList, word: &str) -> Option<bool> {
    options.role_options().filter(|option| matches!(option, ast::RoleOption::RoleOptionGeneric(_))).find_map(|option| {
        let text = option.syntax().text().to_string().to_ascii_lowercase();
        if text == word {
            return Some(true);
        }
        (text.strip_prefix("no") == Some(word)).then_some(false)
    })
}

fn create(cx: &mut Context, name: Option<ast::Role>, options: Option<ast::RoleOptionList>) -> Result<(), Refusal> {
    let name = name.map(|name| identifier(name.syntax())).unwrap_or_default();
    if cx.role_named(&name).is_ok() {
        return Refusal::fails(format!("role \"{name}\" already exists"));
    }
    let mut role = Role {
        name,
        superuser: false,
        bypass_row_security: false,
        inherits: Default::default(),
        member_of: Default::default(),
    };
    let (mut groups, mut members) = (Vec::new(), Vec::new());
    if let Some(options) = &options {
        role.superuser = says(options, "superuser").unwrap_or(false);
        role.bypass_row_security = says(options, "bypassrls").unwrap_or(false);
        for option in options.role_options() {
            let (list, to) = match option {
                ast::RoleOption::RoleOptionInRole(option) => (option.role_ref_list(), &mut groups),
                ast::RoleOption::RoleOptionInGroup(option) => (option.role_ref_list(), &mut groups),
                ast::RoleOption::RoleOptionRole(option) => (option.role_ref_list(), &mut members),
                ast::RoleOption::RoleOptionUser(option) => (option.role_ref_list(), &mut members),
                ast::RoleOption::RoleOptionAdmin(option) => (option.role_ref_list(), &mut members),
                _ => continue,
            };
            for role in list.into_iter().flat_map(|list| list.role_refs()) {
                to.push(cx.role(Some(role))?);
            }
        }
        if says(options, "inherit") == Some(false) && !groups.is_empty() {
            return Refusal::unknown("a role that does not inherit is not simulated");
        }
    }
    let oid = cx.new_oid();
    cx.change_roles(|roles| drop(roles.insert(oid, role)));
    groups.into_iter().for_each(|group| join(cx, group, oid));
    members.into_iter().for_each(|member| join(cx, oid, member));
    Ok(())
}

/// `member` gets what `group` has, and so do those that have what `member` has.
fn join(cx: &mut Context, group: u32, member: u32) {
    cx.effect.touched.everything = true;
    cx.change_roles(|roles| {
        let of_group =
            roles.get(&group).map(|role| (role.inherits.clone(), role.member_of.clone())).unwrap_or_default();
        for (oid, role) in roles.iter_mut() {
            if *oid == member || role.inherits.contains(&member) {
                role.inherits.insert(group);
                role.inherits.extend(of_group.0.iter().copied());
            }
            if *oid == member || role.member_of.contains(&member) {
                role.member_of.insert(group);
                role.member_of.extend(of_group.1.iter().copied());
            }
        }
    });
}

/// GRANT role TO role.
pub(super) fn grant(cx: &mut Context, node: &ast::Grant) -> Result<(), Refusal> {
    let Some(ast::Privileges::RevokeCommandList(list)) = node.privileges() else {
        return Refusal::unknown("GRANT without a role");
    };
    let mut groups = Vec::new();
    for command in list.revoke_commands() {
        match command.role_ref() {
            Some(role) => groups.push(cx.role(Some(role))?),
            None => return Refusal::unknown("GRANT without a role"),
        }
    }
    // From 16 on a membership says itself whether it is inherited.
    let inherits = node.grant_with_clause().and_then(|clause| clause.grant_role_option_list()).is_none();
    if !inherits {
        return Refusal::unknown("GRANT of a role with options is not simulated");
    }
    let members: Vec<ast::RoleRef> = node.role_ref_list().into_iter().flat_map(|list| list.role_refs()).collect();
    for member in members {
        let member = cx.role(Some(member))?;
        for group in &groups {
            let loops = |roles: &BTreeMap<u32, Role>| {
                *group == member || roles.get(group).is_some_and(|role| role.member_of.contains(&member))
            };
            if loops(&cx.world().roles) {
                return Refusal::fails("a role cannot be a member of itself");
            }
            join(cx, *group, member);
        }
    }
    Ok(())
}

fn alter(cx: &mut Context, role: Option<ast::RoleRef>, options: &ast::RoleOptionList) -> Result<(), Refusal> {
    if says(options, "inherit").is_some()
        || options.role_options().any(|option| matches!(option, ast::RoleOption::RoleOptionInherit(_)))
    {
        return Refusal::unknown("what a role inherits after ALTER ROLE cannot be told");
    }
    let oid = cx.role(role)?;
    let (superuser, bypass) = (says(options, "superuser"), says(options, "bypassrls"));
    if superuser.is_none() && bypass.is_none() {
        return Ok(());
    }
    cx.effect.touched.everything = true;
    cx.effect.touched.revoked.insert(oid);
    cx.change_roles(|roles| {
        if let Some(role) = roles.get_mut(&oid) {
            role.superuser = superuser.unwrap_or(role.superuser);
            role.bypass_row_security = bypass.unwrap_or(role.bypass_row_security);
        }
    });
    Ok(())
}

fn rename(cx: &mut Context, role: Option<ast::RoleRef>, new: Option<ast::Role>) -> Result<(), Refusal> {
    let oid = cx.role(role)?;
    let new = new.map(|new| identifier(new.syntax())).unwrap_or_default();
    if cx.role_named(&new).is_ok() {
        return Refusal::fails(format!("role \"{new}\" already exists"));
    }
    cx.change_roles(|roles| roles.get_mut(&oid).into_iter().for_each(|role| role.name.clone_from(&new)));
    Ok(())
}

fn remove(cx: &mut Context, roles: impl Iterator<Item = ast::RoleRef>, if_exists: bool) -> Result<(), Refusal> {
    for role in roles.collect::<Vec<_>>() {
        let oid = match cx.role(Some(role)) {
            Ok(oid) => oid,
            Err(Refusal::Fails(why)) if if_exists => {
                cx.notice(format!("{why}, skipping"));
                continue;
            }
            Err(refusal) => return Err(refusal),
        };
        if is_needed(cx, oid) {
            return Refusal::fails("role cannot be dropped because some objects depend on it");
        }
        cx.effect.touched.everything = true;
        cx.change_roles(|roles| {
            roles.remove(&oid);
            for role in roles.values_mut() {
                role.inherits.remove(&oid);
                role.member_of.remove(&oid);
            }
        });
    }
    Ok(())
}

/// It owns something or has been granted something.
fn is_needed(cx: &Context, role: u32) -> bool {
    let world = cx.world();
    let granted =
        |acl: &[crate::catalog::Grant]| acl.iter().any(|grant| grant.grantee == role || grant.grantor == role);
    world.relations.values().any(|relation| {
        relation.owner == role || granted(&relation.acl) || relation.columns.iter().any(|column| granted(&column.acl))
    }) || world.schemas.values().any(|schema| schema.owner == role || granted(&schema.acl))
        || world.types.values().any(|known| known.owner == role || granted(&known.acl))
        || world.functions.values().any(|function| function.owner == role || granted(&function.acl))
        || world.default_privileges.iter().any(|known| known.role == role || granted(&known.acl))
}

#[cfg(test)]
mod tests;
