//! The DROP statements: which objects they name.

use squawk_syntax::ast::{self, AstNode};

use super::super::context::{Context, Refusal, relation_object};
use super::super::resolve::{Name, identifier, known_name};
use super::{describe, remove, type_object};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{AttachmentKind, Class, Object, TypeKind};

/// DROP TABLE and the like.
pub(in super::super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::DropTable(node) => {
            let names = node.table_name_refs().map(|name| name.path_ref());
            relations(cx, names, &['r', 'p'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropForeignTable(node) => {
            let names = node.table_name_refs().map(|name| name.path_ref());
            relations(cx, names, &['f'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropView(node) => {
            let names = node.view_refs().map(|name| name.path_ref());
            relations(cx, names, &['v'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropMaterializedView(node) => {
            let names = node.view_refs().map(|name| name.path_ref());
            relations(cx, names, &['m'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropSequence(node) => {
            let names = node.sequence_refs().map(|name| name.path_ref());
            relations(cx, names, &['S'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropIndex(node) => index(cx, node),
        Stmt::DropType(node) => {
            let names = node.type_name_refs().map(|name| name.path_ref());
            types(cx, names, false, node.if_exists(), node.drop_behavior())
        }
        Stmt::DropDomain(node) => {
            let names = node.domain_refs().map(|name| name.path_ref());
            types(cx, names, true, node.if_exists(), node.drop_behavior())
        }
        Stmt::DropSchema(node) => schemas(cx, node),
        Stmt::DropTrigger(node) => {
            let name = node.trigger_ref().map(|name| identifier(name.syntax()));
            let on = node.on_relation().and_then(|on| on.relation_name_ref()).and_then(|on| on.path_ref());
            attachment(cx, AttachmentKind::Trigger, name, on, node.if_exists(), node.drop_behavior())
        }
        Stmt::DropRule(node) => {
            let name = node.rule_ref().map(|name| identifier(name.syntax()));
            let on = node.on_relation().and_then(|on| on.relation_name_ref()).and_then(|on| on.path_ref());
            attachment(cx, AttachmentKind::Rule, name, on, node.if_exists(), node.drop_behavior())
        }
        Stmt::DropPolicy(node) => {
            let name = node.policy_ref().map(|name| identifier(name.syntax()));
            let on = node.on_table().and_then(|on| on.table_name_ref()).and_then(|on| on.path_ref());
            attachment(cx, AttachmentKind::Policy, name, on, node.if_exists(), node.drop_behavior())
        }
        _ => Refusal::unknown("a statement of this kind is not simulated"),
    }
}

fn cascades(behavior: Option<ast::DropBehavior>) -> bool {
    matches!(behavior, Some(ast::DropBehavior::Cascade(_)))
}

/// Says that something is not there: an error, or with IF EXISTS a notice.
fn absent(cx: &mut Context, if_exists: bool, what: String) -> Result<(), Refusal> {
    if if_exists {
        cx.notice(format!("{what} does not exist, skipping"));
        return Ok(());
    }
    Refusal::fails(format!("{what} does not exist"))
}

fn schema_is_absent(cx: &Context, name: &Name) -> Option<String> {
    let schema = name.schema.as_deref()?;
    (schema != "pg_temp" && cx.world().schema_named(schema).is_none()).then(|| format!("schema \"{schema}\""))
}

/// The relations that are named, if they are of the right kind.
fn find_relations(
    cx: &mut Context,
    names: impl Iterator<Item = Option<ast::PathRef>>,
    kinds: &[char],
    if_exists: bool,
) -> Result<Vec<u32>, Refusal> {
    let mut found = Vec::new();
    for name in names {
        let name = known_name(name)?;
        let what = describe::kind(kinds[0]);
        match cx.find_relation(&name) {
            Some(oid) if kinds.contains(&cx.relation(oid).kind) => found.push(oid),
            Some(_) => {
                let article = if what == "index" { "an" } else { "a" };
                return Refusal::fails(format!("\"{}\" is not {article} {what}", name.name));
            }
            None => {
                let missing = schema_is_absent(cx, &name).unwrap_or_else(|| format!("{what} \"{}\"", name.name));
                absent(cx, if_exists, missing)?;
            }
        }
    }
    Ok(found)
}

fn relations(
    cx: &mut Context,
    names: impl Iterator<Item = Option<ast::PathRef>>,
    kinds: &[char],
    if_exists: Option<ast::IfExists>,
    behavior: Option<ast::DropBehavior>,
) -> Result<(), Refusal> {
    let found = find_relations(cx, names, kinds, if_exists.is_some())?;
    let targets: Vec<Object> = found.into_iter().map(relation_object).collect();
    remove(cx, &targets, cascades(behavior))
}

fn index(cx: &mut Context, node: &ast::DropIndex) -> Result<(), Refusal> {
    let names = node.index_refs().map(|name| name.path_ref());
    let found = find_relations(cx, names, &['i', 'I'], node.if_exists().is_some())?;
    let concurrently = node.concurrently_token().is_some();
    if concurrently {
        if cascades(node.drop_behavior()) {
            return Refusal::fails("DROP INDEX CONCURRENTLY does not support CASCADE");
        }
        if node.index_refs().count() > 1 {
            return Refusal::fails("DROP INDEX CONCURRENTLY does not support dropping multiple objects");
        }
        if found.iter().any(|oid| cx.relation(*oid).kind == 'I') {
            return Refusal::fails("cannot drop a partitioned index concurrently");
        }
    }
    let tables: Vec<u32> =
        found.iter().filter_map(|oid| cx.relation(*oid).index.as_ref().map(|index| index.table)).collect();
    let targets: Vec<Object> = found.into_iter().map(relation_object).collect();
    remove(cx, &targets, cascades(node.drop_behavior()))?;
    if concurrently {
        cx.effect.alone = true;
        cx.effect.locks.clear();
        for table in tables {
            cx.lock(table, LockMode::ShareUpdateExclusive);
        }
    }
    Ok(())
}

fn types(
    cx: &mut Context,
    names: impl Iterator<Item = Option<ast::PathRef>>,
    domains: bool,
    if_exists: Option<ast::IfExists>,
    behavior: Option<ast::DropBehavior>,
) -> Result<(), Refusal> {
    let mut targets = Vec::new();
    for name in names {
        let name = known_name(name)?;
        let Some(oid) = cx.find_type(&name) else {
            let missing = schema_is_absent(cx, &name).unwrap_or_else(|| format!("type \"{}\"", name.display()));
            absent(cx, if_exists.is_some(), missing)?;
            continue;
        };
        let found = &cx.world().types[&oid];
        if domains && !matches!(found.kind, TypeKind::Domain { .. }) {
            return Refusal::fails(format!("\"{}\" is not a domain", name.display()));
        }
        if cx.world().schemas.get(&found.schema).is_some_and(|schema| schema.name == "pg_catalog") {
            let name = name.display();
            return Refusal::fails(format!("cannot drop type {name} because it is required by the database system"));
        }
        targets.push(type_object(cx.world(), oid));
    }
    remove(cx, &targets, cascades(behavior))
}

fn schemas(cx: &mut Context, node: &ast::DropSchema) -> Result<(), Refusal> {
    let mut targets = Vec::new();
    for name in node.schema_refs() {
        let name = identifier(name.syntax());
        match cx.world().schema_named(&name) {
            Some(oid) => targets.push(Object { class: Class::Schema, oid, column: 0 }),
            None => absent(cx, node.if_exists().is_some(), format!("schema \"{name}\""))?,
        }
    }
    remove(cx, &targets, cascades(node.drop_behavior()))
}

fn attachment(
    cx: &mut Context,
    kind: AttachmentKind,
    name: Option<String>,
    on: Option<ast::PathRef>,
    if_exists: Option<ast::IfExists>,
    behavior: Option<ast::DropBehavior>,
) -> Result<(), Refusal> {
    let on = known_name(on)?;
    let Some(name) = name else { return Refusal::unknown("a name is missing") };
    let what = match kind {
        AttachmentKind::Trigger => "trigger",
        AttachmentKind::Rule => "rule",
        AttachmentKind::Policy => "policy",
    };
    let Some(relation) = cx.find_relation(&on) else {
        return absent(cx, if_exists.is_some(), format!("relation \"{}\"", on.display()));
    };
    let world = cx.world();
    let named = |oid: &u32| world.attachments[oid].kind == kind && world.attachments[oid].name == name;
    match world.attachments_of(relation).into_iter().find(named) {
        Some(oid) => remove(cx, &[Object { class: Class::Attachment, oid, column: 0 }], cascades(behavior)),
        None => absent(cx, if_exists.is_some(), format!("{what} \"{name}\" for relation \"{}\"", on.name)),
    }
}
