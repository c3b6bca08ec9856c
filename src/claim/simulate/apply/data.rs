//! Statements that read and write data, or call what might do anything.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::mentions::{self, Mentions};
use super::query::function_name;
use super::resolve::known_name;
use super::{options, session};
use crate::simulate::effect::LockMode;

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::Select(node) => select(cx, node),
        Stmt::CompoundSelect(_) | Stmt::ParenSelect(_) | Stmt::Values(_) | Stmt::Table(_) => {
            read(cx, statement.syntax())
        }
        Stmt::Insert(_) | Stmt::Update(_) | Stmt::Delete(_) | Stmt::Merge(_) => write(cx, statement.syntax()),
        Stmt::Copy(node) => copy(cx, node),
        Stmt::Truncate(node) => truncate(cx, node),
        Stmt::Lock(node) => lock(cx, node),
        Stmt::Do(_) => Refusal::unknown("DO runs code that is only known when it runs"),
        Stmt::Call(_) => Refusal::unknown("CALL runs code that is only known when it runs"),
        Stmt::Execute(_) => Refusal::unknown("EXECUTE runs a statement that was prepared elsewhere"),
        Stmt::Explain(node) => explain(cx, node),
        // What is prepared here is run by EXECUTE.
        Stmt::Prepare(_) | Stmt::Deallocate(_) | Stmt::Close(_) => Ok(()),
        Stmt::Declare(node) => read(cx, node.syntax()),
        Stmt::Fetch(_) | Stmt::Move(_) => Ok(()),
        Stmt::Analyze(node) => {
            maintain(cx, node.table_and_columns_list(), LockMode::ShareUpdateExclusive);
            Ok(())
        }
        Stmt::Vacuum(node) => {
            cx.effect.alone = true;
            let full = node.is_full();
            let mode = if full { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive };
            let tables = maintain(cx, node.table_and_columns_list(), mode);
            if full {
                cx.effect.rewrites.extend(tables);
            }
            Ok(())
        }
        Stmt::Cluster(node) => {
            let Some(table) = node.table_name_ref() else {
                cx.effect.alone = true;
                return Refusal::unknown("which tables CLUSTER writes anew cannot be told");
            };
            let oid = cx.relation_of(&known_name(table.path_ref())?)?;
            cx.lock(oid, LockMode::AccessExclusive);
            cx.effect.rewrites.insert(oid);
            Ok(())
        }
        _ => Refusal::unknown("a statement of this kind is not simulated"),
    }
}

/// `SELECT set_config('search_path', ..., ...)`, as dumps begin; any other SELECT only reads.
fn select(cx: &mut Context, node: &ast::Select) -> Result<(), Refusal> {
    let calls: Vec<ast::CallExpr> = node.syntax().descendants().filter_map(ast::CallExpr::cast).collect();
    let is_set_config = |call: &ast::CallExpr| {
        call.expr()
            .and_then(|function| function_name(&function))
            .is_some_and(|name| name.name == "set_config" && name.schema.is_none_or(|schema| schema == "pg_catalog"))
    };
    if let [only] = calls.as_slice()
        && is_set_config(only)
        && node.from_clause().is_none()
    {
        return set_config(cx, only);
    }
    read(cx, node.syntax())
}

fn set_config(cx: &mut Context, call: &ast::CallExpr) -> Result<(), Refusal> {
    let arguments: Vec<ast::Expr> =
        call.arg_list().into_iter().flat_map(|list| list.args()).filter_map(|argument| argument.expr()).collect();
    let literal = |at: usize| match arguments.get(at) {
        Some(ast::Expr::Literal(literal)) => Some(literal.clone()),
        _ => None,
    };
    let name = literal(0).and_then(|name| name.string_value());
    let value = literal(1).and_then(|value| value.string_value());
    let local = literal(2).map(|local| options::is_on(local.syntax().text().to_string().trim_matches('\'')));
    match (name.as_deref(), value, local) {
        (Some("search_path"), Some(value), Some(local)) => session::set_path_text(cx, &value, local),
        (Some("search_path"), ..) | (None, ..) => Refusal::unknown("what set_config() sets is only known when it runs"),
        (Some(name), ..) => session::other(name),
    }
}

fn dangerous(cx: &Context, mentions: &Mentions) -> Result<(), Refusal> {
    match mentions.dangerous(cx) {
        Some(why) => Refusal::unknown(why),
        None => Ok(()),
    }
}

/// A query, perhaps with FOR UPDATE.
fn read(cx: &mut Context, node: &SyntaxNode) -> Result<(), Refusal> {
    // WITH may hold what writes.
    let writes = |node: &SyntaxNode| ast::Stmt::cast(node.clone()).is_some_and(|statement| is_write(&statement));
    if node.descendants().any(|node| writes(&node)) {
        return write(cx, node);
    }
    let mentions = mentions::of(cx, node);
    dangerous(cx, &mentions)?;
    let locking = node.descendants().any(|node| ast::LockingClause::can_cast(node.kind()));
    let mode = if locking { LockMode::RowShare } else { LockMode::AccessShare };
    for oid in &mentions.relations {
        cx.lock(*oid, mode);
    }
    Ok(())
}

fn is_write(statement: &ast::Stmt) -> bool {
    matches!(statement, ast::Stmt::Insert(_) | ast::Stmt::Update(_) | ast::Stmt::Delete(_) | ast::Stmt::Merge(_))
}

/// The relation that a statement writes to.
fn target(node: &SyntaxNode) -> Option<ast::PathRef> {
    match ast::Stmt::cast(node.clone())? {
        ast::Stmt::Insert(insert) => insert.relation_name_ref()?.path_ref(),
        ast::Stmt::Update(update) => update.relation_name()?.relation_name_ref()?.path_ref(),
        ast::Stmt::Delete(delete) => delete.relation_name()?.relation_name_ref()?.path_ref(),
        ast::Stmt::Merge(merge) => merge.table_relation_name()?.table_name_ref()?.path_ref(),
        _ => None,
    }
}

fn write(cx: &mut Context, node: &SyntaxNode) -> Result<(), Refusal> {
    let mentions = mentions::of(cx, node);
    dangerous(cx, &mentions)?;
    for oid in &mentions.relations {
        cx.lock(*oid, LockMode::AccessShare);
    }
    for path in node.descendants().filter_map(|node| target(&node)) {
        let name = known_name(Some(path))?;
        let oid = cx.relation_of(&name)?;
        write_to(cx, oid)?;
    }
    Ok(())
}

fn write_to(cx: &mut Context, oid: u32) -> Result<(), Refusal> {
    // A view writes to what is beneath it.
    for beneath in Mentions::of_relations(cx, [oid]).relations {
        if let Some(why) = mentions::of_writing(cx, beneath) {
            return Refusal::unknown(why);
        }
    }
    cx.lock(oid, LockMode::RowExclusive);
    Ok(())
}

fn copy(cx: &mut Context, node: &ast::Copy) -> Result<(), Refusal> {
    let program =
        node.syntax().descendants().filter_map(ast::CopyProgram::cast).any(|program| program.program_token().is_some());
    if program {
        return Refusal::unknown("COPY runs a program");
    }
    if let Some(query) = node.copy_query() {
        return read(cx, query.syntax());
    }
    let Some(table) = node.copy_table().and_then(|table| table.table_name_ref()) else {
        return Refusal::unknown("COPY without a table");
    };
    let oid = cx.relation_of(&known_name(table.path_ref())?)?;
    if matches!(node.copy_direction(), Some(ast::CopyDirection::CopyFrom(_))) {
        return write_to(cx, oid);
    }
    cx.lock(oid, LockMode::AccessShare);
    Ok(())
}

fn truncate(cx: &mut Context, node: &ast::Truncate) -> Result<(), Refusal> {
    let cascade = matches!(node.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
    let mut open = Vec::new();
    for table in node.table_list().into_iter().flat_map(|list| list.table_relation_names()) {
        let name = known_name(table.table_name_ref().and_then(|name| name.path_ref()))?;
        open.push(cx.relation_of(&name)?);
    }
    let mut tables = std::collections::BTreeSet::new();
    while let Some(oid) = open.pop() {
        if !tables.insert(oid) {
            continue;
        }
        open.extend(cx.world().children(oid));
        if cascade {
            let keys = cx.world().foreign_keys_to(oid);
            open.extend(keys.into_iter().map(|key| cx.world().constraints[&key].relation));
        }
    }
    for oid in tables {
        let referencing = cx.world().foreign_keys_to(oid).into_iter().map(|key| cx.world().constraints[&key].relation);
        if !cascade && referencing.into_iter().any(|other| other != oid && !cx.effect.locks.contains_key(&other)) {
            // Named beside it, which is allowed, they are locked in this very statement.
            let named: Vec<u32> = node
                .table_list()
                .into_iter()
                .flat_map(|list| list.table_relation_names())
                .filter_map(|table| known_name(table.table_name_ref()?.path_ref()).ok())
                .filter_map(|name| cx.find_relation(&name))
                .collect();
            let keys = cx.world().foreign_keys_to(oid);
            let left = keys.into_iter().map(|key| cx.world().constraints[&key].relation);
            if left.into_iter().any(|other| other != oid && !named.contains(&other) && !cx.relation(other).partition) {
                return Refusal::fails("cannot truncate a table referenced in a foreign key constraint");
            }
        }
        if let Some(why) = mentions::of_writing(cx, oid) {
            return Refusal::unknown(why);
        }
        cx.lock(oid, LockMode::AccessExclusive);
    }
    Ok(())
}

fn lock(cx: &mut Context, node: &ast::Lock) -> Result<(), Refusal> {
    use ast::LockMode as Written;
    let mode = match node.lock_mode_clause().and_then(|clause| clause.lock_mode()) {
        Some(Written::AccessShare(_)) => LockMode::AccessShare,
        Some(Written::RowShare(_)) => LockMode::RowShare,
        Some(Written::RowExclusive(_)) => LockMode::RowExclusive,
        Some(Written::ShareUpdateExclusive(_)) => LockMode::ShareUpdateExclusive,
        Some(Written::Share(_)) => LockMode::Share,
        Some(Written::ShareRowExclusive(_)) => LockMode::ShareRowExclusive,
        Some(Written::Exclusive(_)) => LockMode::Exclusive,
        Some(Written::AccessExclusive(_)) | None => LockMode::AccessExclusive,
    };
    for relation in node.relation_list().into_iter().flat_map(|list| list.relation_names()) {
        let name = known_name(relation.relation_name_ref().and_then(|name| name.path_ref()))?;
        let oid = cx.relation_of(&name)?;
        let mut all = Mentions::of_relations(cx, [oid]).relations;
        let only = relation.only_token().is_some();
        let mut open: Vec<u32> = if only { Vec::new() } else { all.iter().copied().collect() };
        while let Some(parent) = open.pop() {
            for child in cx.world().children(parent) {
                if all.insert(child) {
                    open.push(child);
                }
            }
        }
        for oid in all {
            cx.lock(oid, mode);
        }
    }
    Ok(())
}

/// EXPLAIN looks only; with ANALYZE it runs the statement.
fn explain(cx: &mut Context, node: &ast::Explain) -> Result<(), Refusal> {
    let runs = match node.explain_mode() {
        Some(ast::ExplainMode::ExplainAnalyze(_)) => true,
        Some(ast::ExplainMode::ExplainOptionList(list)) => list.explain_options().any(|option| {
            let text = option.syntax().text().to_string().to_ascii_lowercase();
            let mut words = text.split_whitespace();
            matches!(words.next(), Some("analyze" | "analyse")) && options::is_on(words.next().unwrap_or_default())
        }),
        _ => false,
    };
    let Some(statement) = node.explain_stmt().and_then(|inner| ast::Stmt::cast(inner.syntax().clone())) else {
        return Refusal::unknown("EXPLAIN without a statement");
    };
    if runs {
        return super::dispatch(cx, &statement);
    }
    for oid in mentions::of(cx, statement.syntax()).relations {
        cx.lock(oid, LockMode::AccessShare);
    }
    Ok(())
}

/// ANALYZE and VACUUM of some tables, or of all: what is not there is passed over.
fn maintain(cx: &mut Context, list: Option<ast::TableAndColumnsList>, mode: LockMode) -> Vec<u32> {
    let tables: Vec<u32> = match list {
        Some(list) => list
            .table_and_columnss()
            .filter_map(|table| known_name(table.table_relation_name()?.table_name_ref()?.path_ref()).ok())
            .filter_map(|name| cx.find_relation(&name))
            .collect(),
        None => {
            let known = cx.world().relations.iter().filter(|(_, relation)| matches!(relation.kind, 'r' | 'p' | 'm'));
            known.map(|(oid, _)| *oid).collect()
        }
    };
    for oid in &tables {
        cx.lock(*oid, mode);
    }
    tables
}

#[cfg(test)]
mod tests;
