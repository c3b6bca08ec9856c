//! Triggers, rules and policies.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal, column_object, relation_object};
use super::resolve::{Name, identifier, known_name};
use crate::privilege::{Privilege, PrivilegeSet};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Attachment, AttachmentKind, Class, Object};

/// CREATE TRIGGER.
pub(super) fn create_trigger(cx: &mut Context, node: &ast::CreateTrigger) -> Result<(), Refusal> {
    let on = node.on_relation().and_then(|on| on.relation_name_ref()).and_then(|on| on.path_ref());
    let name = node.trigger().map(|name| identifier(name.syntax()));
    let relation = cx.relation_of(&known_name(on)?)?;
    cx.lock(relation, LockMode::ShareRowExclusive);
    let mut on: BTreeSet<Object> = BTreeSet::new();
    for column in
        node.syntax().descendants().filter_map(ast::TriggerEventUpdate::cast).flat_map(|e| e.column_name_refs())
    {
        let number = cx.column(relation, &identifier(column.syntax()))?;
        on.insert(column_object(relation, number));
    }
    if let Some(condition) = node.when_condition() {
        // `old.column`, `new.column`.
        for field in condition.syntax().descendants().filter_map(ast::FieldExpr::cast) {
            let names: Vec<String> = field.syntax().children().map(|child| identifier(&child)).collect();
            if let [row, column] = names.as_slice()
                && matches!(row.as_str(), "old" | "new")
                && let Ok(number) = cx.column(relation, column)
            {
                on.insert(column_object(relation, number));
            }
        }
    }
    if let Some(called) = node.call_expr().and_then(|call| call.expr()) {
        let names: Vec<String> = match &called {
            ast::Expr::FieldExpr(field) => field.syntax().children().map(|child| identifier(&child)).collect(),
            other => vec![identifier(other.syntax())],
        };
        let name = match names.as_slice() {
            [name] => Some(Name { schema: None, name: name.clone() }),
            [schema, name] => Some(Name { schema: Some(schema.clone()), name: name.clone() }),
            _ => None,
        };
        on.extend(name.and_then(|name| trigger_function(cx, &name)));
    }
    if let Some(other) = node.from_table().and_then(|from| from.table_name_ref()) {
        let other = cx.relation_of(&known_name(other.path_ref())?)?;
        cx.lock(other, LockMode::AccessShare);
        on.insert(relation_object(other));
    }
    let mut instead = PrivilegeSet::NONE;
    if let Some(ast::Timing::TimingInsteadOf(_)) = node.timing() {
        for event in node.trigger_event_list().into_iter().flat_map(|list| list.trigger_events()) {
            instead = match event {
                ast::TriggerEvent::TriggerEventInsert(_) => instead.with(Privilege::Insert),
                ast::TriggerEvent::TriggerEventUpdate(_) => instead.with(Privilege::Update),
                ast::TriggerEvent::TriggerEventDelete(_) => instead.with(Privilege::Delete),
                ast::TriggerEvent::TriggerEventTruncate(_) => instead,
            };
        }
    }
    let does = (instead, PrivilegeSet::NONE);
    add(cx, AttachmentKind::Trigger, name, (relation, does), node.or_replace().is_some(), &on)
}

/// The function without arguments of this name.
fn trigger_function(cx: &Context, name: &Name) -> Option<Object> {
    let world = cx.world();
    let schemas = match &name.schema {
        Some(schema) => world.schema_named(schema).into_iter().collect(),
        None => cx.path(),
    };
    let functions = schemas.into_iter().flat_map(|schema| world.functions_named(schema, &name.name));
    let oid = functions.into_iter().find(|oid| world.functions[oid].arguments.is_empty())?;
    Some(Object { class: Class::Function, oid, column: 0 })
}

/// CREATE RULE. What its actions rest on is not followed, and said to be unsure.
pub(super) fn create_rule(cx: &mut Context, node: &ast::CreateRule) -> Result<(), Refusal> {
    let rule_on = node.rule_on();
    let on = rule_on.as_ref().and_then(|on| on.relation_name_ref()).and_then(|on| on.path_ref());
    let name = node.rule().map(|name| identifier(name.syntax()));
    let relation = cx.relation_of(&known_name(on)?)?;
    if name.as_deref() == Some("_RETURN") {
        return Refusal::unknown("a rule that makes a view is not simulated");
    }
    cx.lock(relation, LockMode::AccessExclusive);
    let mut uses: BTreeSet<Object> = BTreeSet::new();
    for named in node.syntax().descendants().filter_map(ast::PathRef::cast) {
        let Ok(found) = known_name(Some(named)) else { continue };
        if let Some(oid) = cx.find_relation(&found)
            && oid != relation
        {
            uses.insert(relation_object(oid));
        }
    }
    let event = rule_on.as_ref().and_then(|on| on.rule_event());
    let command = event.and_then(|event| {
        let insert = event.insert_token().map(|_| Privilege::Insert);
        let update = event.update_token().map(|_| Privilege::Update);
        insert.or(update).or(event.delete_token().map(|_| Privilege::Delete))
    });
    let is_instead = node.rule_do().is_some_and(|does| does.instead_token().is_some());
    let commands =
        command.filter(|_| is_instead).map_or(PrivilegeSet::NONE, |command| PrivilegeSet::NONE.with(command));
    let does = match rule_on.and_then(|on| on.where_clause()) {
        Some(_) => (PrivilegeSet::NONE, commands),
        None => (commands, PrivilegeSet::NONE),
    };
    add(cx, AttachmentKind::Rule, name, (relation, does), node.or_replace().is_some(), &uses)
}

/// CREATE POLICY. Columns of its table, as far as they are named in its expressions.
pub(super) fn create_policy(cx: &mut Context, node: &ast::CreatePolicy) -> Result<(), Refusal> {
    let on = node.on_table().and_then(|on| on.table_name_ref()).and_then(|on| on.path_ref());
    let name = node.policy().map(|name| identifier(name.syntax()));
    let relation = cx.relation_of(&known_name(on)?)?;
    cx.lock(relation, LockMode::AccessExclusive);
    let using = node.using_expr_clause().map(|clause| clause.syntax().clone());
    let check = node.with_check_expr_clause().map(|clause| clause.syntax().clone());
    let mut uses = BTreeSet::new();
    for expression in using.into_iter().chain(check) {
        for name in expression.descendants().filter_map(ast::NameRef::cast) {
            if let Ok(number) = cx.column(relation, &identifier(name.syntax())) {
                uses.insert(column_object(relation, number));
            }
        }
        for named in expression.descendants().filter_map(ast::RelationNameRef::cast) {
            if let Some(oid) = known_name(named.path_ref()).ok().and_then(|name| cx.find_relation(&name)) {
                uses.insert(relation_object(oid));
            }
        }
    }
    let nothing = (PrivilegeSet::NONE, PrivilegeSet::NONE);
    add(cx, AttachmentKind::Policy, name, (relation, nothing), false, &uses)
}

fn add(
    cx: &mut Context,
    kind: AttachmentKind,
    name: Option<String>,
    (relation, (instead, conditional)): (u32, (PrivilegeSet, PrivilegeSet)),
    replace: bool,
    uses: &BTreeSet<Object>,
) -> Result<(), Refusal> {
    let Some(name) = name else { return Refusal::unknown("a name is missing") };
    let world = cx.world();
    let known = world.attachments_of(relation).into_iter().find(|oid| {
        let attachment = &world.attachments[oid];
        attachment.kind == kind && attachment.name == name
    });
    let oid = match known {
        Some(oid) if replace => {
            cx.forget_dependencies_of(Object { class: Class::Attachment, oid, column: 0 });
            oid
        }
        Some(_) => {
            let relation = &cx.relation(relation).name;
            return Refusal::fails(format!("\"{name}\" for relation \"{relation}\" already exists"));
        }
        None => cx.new_oid(),
    };
    cx.set_attachment(oid, Some(Attachment { kind, name, relation, instead, conditional }));
    for object in uses {
        cx.depend(Object { class: Class::Attachment, oid, column: 0 }, *object, false);
    }
    Ok(())
}
