//! SET, SET ROLE and what they leave.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::{identifier, truncate};
use crate::simulate::world::World;

/// What a session holds besides the catalogs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// The session's user, once SET ROLE or SET SESSION AUTHORIZATION has been used.
    user: Option<u32>,
    /// Who the session began as, once SET SESSION AUTHORIZATION has been used.
    authenticated: Option<u32>,
    /// What RESET search_path goes back to, once it has been set.
    first_path: Option<Vec<String>>,
    /// What SET LOCAL search_path has set aside until the end of the transaction.
    path_after: Option<Vec<String>>,
    /// What SET LOCAL ROLE has set aside.
    user_after: Option<u32>,
    /// The script has made or altered an event trigger.
    pub(super) has_event_trigger: bool,
}

impl Session {
    /// The role OID of the session's user, whatever SET ROLE says.
    pub(super) fn user(&self, world: &World) -> u32 {
        self.user.unwrap_or(world.user)
    }

    /// At the end of a transaction: what SET LOCAL set is as it was.
    pub fn end_transaction(&mut self, world: &mut World) {
        if let Some(path) = self.path_after.take() {
            world.search_path = path;
        }
        if let Some(user) = self.user_after.take() {
            world.user = user;
        }
    }
}

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::Set(node) => set(cx, node),
        Stmt::Reset(node) => reset(cx, node),
        Stmt::SetRole(node) => {
            let role = match node.set_role_target() {
                Some(ast::SetRoleTarget::RoleRef(role)) => cx.role(Some(role))?,
                Some(ast::SetRoleTarget::Literal(name)) => match name.string_value() {
                    Some(name) if name == "none" => cx.session.user(cx.world()),
                    Some(name) => cx.role_named(&name)?,
                    None => return Refusal::unknown("SET ROLE without a role"),
                },
                Some(ast::SetRoleTarget::SetRoleNone(_)) => cx.session.user(cx.world()),
                None => return Refusal::unknown("SET ROLE without a role"),
            };
            set_role(cx, role, is_local(node.set_scope()))
        }
        Stmt::ResetRole(_) => {
            let role = cx.session.user(cx.world());
            set_role(cx, role, false)
        }
        Stmt::SetSessionAuth(node) => {
            let role = match node.set_session_auth_target() {
                Some(ast::SetSessionAuthTarget::RoleRef(role)) => cx.role(Some(role))?,
                Some(ast::SetSessionAuthTarget::Literal(name)) => {
                    cx.role_named(&name.string_value().unwrap_or_default())?
                }
                Some(ast::SetSessionAuthTarget::SetSessionAuthDefault(_)) => authenticated(cx),
                None => return Refusal::unknown("SET SESSION AUTHORIZATION without a role"),
            };
            set_session_user(cx, role, is_local(node.set_scope()))
        }
        Stmt::ResetSessionAuth(_) => {
            let role = authenticated(cx);
            set_session_user(cx, role, false)
        }
        Stmt::Discard(node) => match node.discard_target() {
            Some(ast::DiscardTarget::DiscardAll(_)) => {
                cx.effect.alone = true;
                discard_temporary(cx)?;
                let role = authenticated(cx);
                set_session_user(cx, role, false)?;
                reset_path(cx);
                Ok(())
            }
            Some(ast::DiscardTarget::DiscardTemp(_)) => discard_temporary(cx),
            _ => Ok(()),
        },
        // Constraints that wait for the end, and how a transaction reads: nothing of it changes the catalogs.
        Stmt::SetConstraints(_) | Stmt::SetTransaction(_) | Stmt::Show(_) => Ok(()),
        _ => Refusal::unknown("a statement of this kind is not simulated"),
    }
}

fn is_local(scope: Option<ast::SetScope>) -> bool {
    matches!(scope, Some(ast::SetScope::LocalScope(_)))
}

fn discard_temporary(cx: &mut Context) -> Result<(), Refusal> {
    let temporary = cx.world().relations_in(0);
    let own = temporary.into_iter().filter(|oid| cx.relation(*oid).index.is_none());
    let objects: Vec<_> = own.map(super::context::relation_object).collect();
    super::drop::remove(cx, &objects, true)
}

fn set(cx: &mut Context, node: &ast::Set) -> Result<(), Refusal> {
    let local = is_local(node.set_scope());
    match node.set_target() {
        Some(ast::SetTarget::SetConfig(config)) => {
            let name = config.config_parameter_ref().map(|name| name.syntax().text().to_string()).unwrap_or_default();
            match name.trim().trim_matches('"').to_ascii_lowercase().as_str() {
                "search_path" => {}
                "role" | "session_authorization" => return Refusal::unknown("SET of this setting is not simulated"),
                name => return other(name),
            }
            let values = match config.config_assignment() {
                Some(ast::ConfigAssignment::ToConfigValue(to)) if to.default_token().is_some() => {
                    let path = cx.session.first_path.clone().unwrap_or_else(|| cx.world().search_path.clone());
                    set_path(cx, path, local);
                    return Ok(());
                }
                Some(ast::ConfigAssignment::ToConfigValue(to)) => to.config_values(),
                // What is in force stays so.
                Some(ast::ConfigAssignment::FromCurrent(_)) => return Ok(()),
                None => return Refusal::unknown("SET without a value"),
            };
            let mut path = Vec::new();
            for value in values {
                path.push(match value {
                    ast::ConfigValue::Literal(literal) => truncate(literal.string_value().unwrap_or_default()),
                    ast::ConfigValue::ConfigValueName(name) => identifier(name.syntax()),
                    ast::ConfigValue::PrefixExpr(_) => {
                        return Refusal::fails("invalid value for parameter \"search_path\"");
                    }
                });
            }
            set_path(cx, path, local);
            Ok(())
        }
        Some(ast::SetTarget::SetSchemaValue(schema)) => {
            let name = schema.literal().and_then(|literal| literal.string_value());
            match name {
                Some(name) => set_path(cx, vec![truncate(name)], local),
                None => return Refusal::unknown("SET SCHEMA without a name"),
            }
            Ok(())
        }
        Some(ast::SetTarget::SetTimeZone(_) | ast::SetTarget::SetXmlOption(_) | ast::SetTarget::SetCatalog(_)) => {
            Ok(())
        }
        None => Refusal::unknown("SET without a setting"),
    }
}

/// Settings besides: those that change what statements do are told apart.
pub(super) fn other(name: &str) -> Result<(), Refusal> {
    match name {
        // Statements are read as they are split, before they are applied.
        "standard_conforming_strings" | "session_replication_role" | "event_triggers" | "allow_system_table_mods" => {
            Refusal::unknown(format!("what statements do under another {name} is not simulated"))
        }
        _ if name.starts_with("integratedb.") => {
            Refusal::unknown("under another setting of integratedb claims are not enforced as they are now")
        }
        _ => Ok(()),
    }
}

fn reset(cx: &mut Context, node: &ast::Reset) -> Result<(), Refusal> {
    match node.reset_target() {
        Some(ast::ResetTarget::All(_)) => {
            reset_path(cx);
            Ok(())
        }
        Some(ast::ResetTarget::ConfigParameterRef(name)) => {
            match name.syntax().text().to_string().trim().to_ascii_lowercase().as_str() {
                "search_path" => {
                    reset_path(cx);
                    Ok(())
                }
                name => other(name),
            }
        }
        _ => Ok(()),
    }
}

fn reset_path(cx: &mut Context) {
    if let Some(path) = cx.session.first_path.clone() {
        set_path(cx, path, false);
    }
}

fn set_path(cx: &mut Context, path: Vec<String>, local: bool) {
    let old = cx.world().search_path.clone();
    cx.session.first_path.get_or_insert_with(|| old.clone());
    if local {
        cx.session.path_after.get_or_insert(old);
    } else {
        cx.session.path_after = None;
    }
    cx.set_search_path(path);
}

/// `set_config('search_path', value, local)`: the value is a list as SET would take it, in one string.
pub(super) fn set_path_text(cx: &mut Context, text: &str, local: bool) -> Result<(), Refusal> {
    let mut path = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let name;
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut value = String::new();
            let mut characters = quoted.char_indices().peekable();
            let end = loop {
                match characters.next() {
                    Some((_, '"')) if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                        characters.next();
                        value.push('"');
                    }
                    Some((at, '"')) => break at + 1,
                    Some((_, character)) => value.push(character),
                    None => return Refusal::fails("invalid value for parameter \"search_path\""),
                }
            };
            name = value;
            rest = &quoted[end..];
        } else {
            let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
            name = rest[..end].to_lowercase();
            rest = &rest[end..];
        }
        path.push(truncate(name));
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => {}
            None => return Refusal::fails("invalid value for parameter \"search_path\""),
        }
    }
    set_path(cx, path, local);
    Ok(())
}

fn set_role(cx: &mut Context, role: u32, local: bool) -> Result<(), Refusal> {
    let session_user = cx.session.user(cx.world());
    let allowed = role == session_user
        || cx.world().roles.get(&session_user).is_some_and(|user| user.superuser || user.member_of.contains(&role));
    if !allowed {
        return Refusal::fails("permission denied to set role");
    }
    cx.session.user = Some(session_user);
    set_user(cx, role, local);
    Ok(())
}

fn set_user(cx: &mut Context, role: u32, local: bool) {
    let old = cx.world().user;
    if local {
        cx.session.user_after.get_or_insert(old);
    } else {
        cx.session.user_after = None;
    }
    cx.set_user(role);
}

/// Who may become others, and again himself.
fn authenticated(cx: &Context) -> u32 {
    cx.session.authenticated.unwrap_or_else(|| cx.session.user(cx.world()))
}

fn set_session_user(cx: &mut Context, role: u32, local: bool) -> Result<(), Refusal> {
    let real = authenticated(cx);
    let allowed = role == real || cx.world().roles.get(&real).is_some_and(|role| role.superuser);
    if !allowed {
        return Refusal::fails("permission denied to set session authorization");
    }
    if local {
        return Refusal::unknown("SET LOCAL SESSION AUTHORIZATION is not simulated");
    }
    cx.session.authenticated = Some(real);
    cx.session.user = Some(role);
    set_user(cx, role, false);
    Ok(())
}

#[cfg(test)]
mod tests;
