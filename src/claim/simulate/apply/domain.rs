//! CREATE DOMAIN, ALTER DOMAIN.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::{identifier, known_name, new_name};
use super::type_name::{self, UNSURE_MODIFIER};
use super::{column, drop, mentions, types, view};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Constraint, Object, TypeKind};

fn check(name: String, domain: u32, kind: char, validated: bool) -> Constraint {
    Constraint {
        name,
        kind,
        relation: 0,
        domain,
        validated,
        columns: Vec::new(),
        references: 0,
        referenced: Vec::new(),
        index: 0,
        parent: 0,
        local: true,
        inherited: 0,
        no_inherit: false,
        checks_not_null: None,
    }
}

/// NOT NULL is a constraint of its own from 17 on.
const NOT_NULL_IS_A_CONSTRAINT: u32 = 170_000;

/// CREATE DOMAIN.
pub(super) fn create(cx: &mut Context, node: &ast::CreateDomain) -> Result<(), Refusal> {
    let name = new_name(node.domain().and_then(|domain| domain.path()))?;
    let schema = cx.creation_schema(&name)?;
    let Some(r#type) = node.ty() else { return Refusal::unknown("a domain without a type") };
    let base = type_name::resolve(cx, &r#type)?;
    let found = &cx.world().types[&base.oid];
    if matches!(found.kind, TypeKind::Pseudo) {
        return Refusal::fails(format!("\"{}\" is not a valid base type for a domain", found.name));
    }
    let mut collation = found.collation;
    // A domain over a domain has its default.
    let mut has_default = matches!(found.kind, TypeKind::Domain { has_default: true, .. });
    let (mut not_null, mut nullable, mut defaults) = (None, false, 0);
    let mut checks = Vec::new();
    let mut default = None;
    for qualifier in node.domain_qualifiers() {
        match qualifier {
            ast::DomainQualifier::Collate(collate) => collation = column::collation(cx, &collate)?,
            ast::DomainQualifier::Constraint(constraint) => match &constraint {
                ast::Constraint::NotNullConstraint(_) => not_null = Some(constraint),
                ast::Constraint::NullConstraint(_) => nullable = true,
                ast::Constraint::CheckConstraint(_) => checks.push(constraint),
                ast::Constraint::DefaultConstraint(given) => {
                    defaults += 1;
                    // DEFAULT NULL is none.
                    has_default = !given.expr().is_some_and(|given| super::expression::is_null(&given));
                    default = Some(given.syntax().clone());
                }
                _ => return Refusal::fails("this constraint is not possible for domains"),
            },
        }
    }
    if defaults > 1 {
        return Refusal::fails("multiple default expressions");
    }
    if nullable && not_null.is_some() {
        return Refusal::fails("conflicting NULL/NOT NULL constraints");
    }
    let kind = TypeKind::Domain { base: base.oid, modifier: base.modifier, not_null: not_null.is_some(), has_default };
    let oid = types::add(cx, schema, &name.name, kind, collation)?;
    if base.modifier == UNSURE_MODIFIER {
        cx.effect.doubt("what an extension's type makes of its arguments is not known", []);
    }
    if let Some(default) = default {
        rests_on(cx, Object { class: Class::Type, oid, column: 0 }, &default);
    }
    for constraint in not_null.into_iter().chain(checks) {
        add_constraint(cx, oid, &constraint)?;
    }
    Ok(())
}

fn rests_on(cx: &mut Context, object: Object, node: &SyntaxNode) {
    let mentions = mentions::of(cx, node);
    view::depend(cx, object, &mentions);
}

fn constraint_named(cx: &Context, domain: u32, name: &str) -> Option<u32> {
    let found = cx.world().constraints_of_domain(domain);
    found.into_iter().find(|oid| cx.world().constraints[oid].name == name)
}

/// CHECK or NOT NULL.
fn add_constraint(cx: &mut Context, domain: u32, node: &ast::Constraint) -> Result<(), Refusal> {
    let found = &cx.world().types[&domain];
    let (schema, domain_name) = (found.schema, found.name.clone());
    let (kind, label) = match node {
        ast::Constraint::CheckConstraint(_) => ('c', "check"),
        ast::Constraint::NotNullConstraint(_) if cx.world().server_version >= NOT_NULL_IS_A_CONSTRAINT => {
            ('n', "not_null")
        }
        ast::Constraint::NotNullConstraint(_) => return Ok(()),
        _ => return Refusal::fails("this constraint is not possible for domains"),
    };
    let name = match node.constraint_name() {
        Some(name) => identifier(name.syntax()),
        None => cx.choose_constraint_name(schema, &domain_name, None, label, &[]),
    };
    if constraint_named(cx, domain, &name).is_some() {
        return Refusal::fails(format!("constraint \"{name}\" for domain \"{domain_name}\" already exists"));
    }
    let oid = cx.add_constraint(check(name, domain, kind, !node.is_not_valid()));
    rests_on(cx, Object { class: Class::Constraint, oid, column: 0 }, node.syntax());
    Ok(())
}

/// Tables with a column of the domain, or of a domain over it.
fn relations_with(cx: &Context, domain: u32) -> BTreeSet<u32> {
    let mut relations = BTreeSet::new();
    let mut open = vec![domain];
    let mut seen = BTreeSet::new();
    while let Some(oid) = open.pop() {
        if !seen.insert(oid) {
            continue;
        }
        let users = cx.world().relations_of_type(oid).into_iter();
        relations.extend(users.filter(|relation| matches!(cx.relation(*relation).kind, 'r' | 'm')));
        open.extend(cx.world().types_of_type(oid));
    }
    relations
}

/// What is stored is looked at.
fn scan(cx: &mut Context, domain: u32) {
    for relation in relations_with(cx, domain) {
        cx.lock(relation, LockMode::Share);
        cx.effect.scans.insert(relation);
    }
}

fn touch(cx: &mut Context, domain: u32) {
    for relation in relations_with(cx, domain) {
        cx.touch_relation(relation);
    }
    cx.effect.touched.everything = true;
}

/// ALTER DOMAIN.
pub(super) fn alter(cx: &mut Context, node: &ast::AlterDomain) -> Result<(), Refusal> {
    use ast::AlterDomainAction as Action;
    let name = known_name(node.domain_ref().and_then(|domain| domain.path_ref()))?;
    let oid = type_name::find(cx, &name)?;
    let kind = cx.world().types[&oid].kind.clone();
    let TypeKind::Domain { base, modifier, not_null, has_default } = kind else {
        return Refusal::fails(format!("{} is not a domain", name.display()));
    };
    let object = Object { class: Class::Type, oid, column: 0 };
    let change = |cx: &mut Context, not_null: bool, has_default: bool| {
        cx.change_type(oid, |r#type| r#type.kind = TypeKind::Domain { base, modifier, not_null, has_default });
        touch(cx, oid);
    };
    match node.action() {
        Some(Action::SetDefault(action)) => {
            let is_null = action.expr().is_some_and(|given| super::expression::is_null(&given));
            change(cx, not_null, !is_null);
            cx.forget_dependencies_of(object);
            rests_on(cx, object, action.syntax());
        }
        Some(Action::DropDefault(_)) => {
            change(cx, not_null, false);
            cx.forget_dependencies_of(object);
        }
        Some(Action::SetNotNull(_)) => {
            if !not_null {
                scan(cx, oid);
                change(cx, true, has_default);
                if cx.world().server_version >= NOT_NULL_IS_A_CONSTRAINT {
                    let found = cx.world().types[&oid].clone();
                    let name = cx.choose_constraint_name(found.schema, &found.name, None, "not_null", &[]);
                    cx.add_constraint(check(name, oid, 'n', true));
                }
            }
        }
        Some(Action::DropNotNull(_)) => {
            change(cx, false, has_default);
            let of_kind = |known: &u32| cx.world().constraints[known].kind == 'n';
            for constraint in cx.world().constraints_of_domain(oid).into_iter().filter(of_kind).collect::<Vec<_>>() {
                cx.remove_constraint(constraint);
            }
        }
        Some(Action::AddConstraint(action)) => {
            let Some(constraint) = action.constraint() else { return Refusal::unknown("a constraint is missing") };
            if matches!(constraint, ast::Constraint::NotNullConstraint(_)) {
                if cx.world().server_version < NOT_NULL_IS_A_CONSTRAINT {
                    return Refusal::fails("this constraint is not possible for domains");
                }
                change(cx, true, has_default);
            }
            add_constraint(cx, oid, &constraint)?;
            if !constraint.is_not_valid() {
                scan(cx, oid);
            }
            touch(cx, oid);
        }
        Some(Action::DropConstraint(action)) => {
            let wanted = known_name(action.constraint_name_ref().and_then(|name| name.path_ref()))?.name;
            let Some(constraint) = constraint_named(cx, oid, &wanted) else {
                let what = format!("constraint \"{wanted}\" of domain \"{}\" does not exist", name.name);
                if action.if_exists().is_some() {
                    cx.notice(format!("{what}, skipping"));
                    return Ok(());
                }
                return Refusal::fails(what);
            };
            if cx.world().constraints[&constraint].kind == 'n' {
                change(cx, false, has_default);
            }
            let cascade = matches!(action.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
            drop::remove(cx, &[Object { class: Class::Constraint, oid: constraint, column: 0 }], cascade)?;
            touch(cx, oid);
        }
        Some(Action::RenameConstraint(action)) => {
            let old = known_name(action.constraint_name_ref().and_then(|name| name.path_ref()))?.name;
            let new = action.constraint_name().map(|name| identifier(name.syntax())).unwrap_or_default();
            if constraint_named(cx, oid, &new).is_some() {
                return Refusal::fails(format!("constraint \"{new}\" for domain \"{}\" already exists", name.name));
            }
            match constraint_named(cx, oid, &old) {
                Some(constraint) => cx.change_constraint(constraint, |constraint| constraint.name = new),
                None => return Refusal::fails(format!("constraint \"{old}\" for domain {} does not exist", name.name)),
            }
        }
        Some(Action::ValidateConstraint(action)) => {
            let wanted = known_name(action.constraint_name_ref().and_then(|name| name.path_ref()))?.name;
            let Some(constraint) = constraint_named(cx, oid, &wanted) else {
                return Refusal::fails(format!("constraint \"{wanted}\" of domain \"{}\" does not exist", name.name));
            };
            if !cx.world().constraints[&constraint].validated {
                scan(cx, oid);
                cx.change_constraint(constraint, |constraint| constraint.validated = true);
                touch(cx, oid);
            }
        }
        Some(Action::OwnerTo(action)) => {
            let owner = cx.role(action.role_ref())?;
            types::set_owner(cx, oid, owner);
        }
        Some(Action::DomainRenameTo(action)) => {
            let new = new_name(action.domain().and_then(|domain| domain.path()))?.name;
            types::rename_to(cx, oid, &kind, &new)?;
        }
        Some(Action::SetSchema(action)) => {
            let schema = action.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default();
            let schema = cx.schema(&schema)?;
            types::set_schema(cx, oid, &kind, schema)?;
        }
        None => return Refusal::unknown("ALTER DOMAIN that says nothing"),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
