//! Indexes, as they are made: by CREATE INDEX and by constraints.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};

use super::constraint::{Adding, depend, map_columns};
use super::context::{Context, Refusal, relation_object};
use super::expression::{self, Uses};
use super::names::columns_addition;
use super::rename::blank_relation;
use super::resolve::{LONGEST_NAME, identifier, known_name, new_name};
use super::{key, type_name};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Index, Relation, TypeKind};

/// An index that is to be made.
#[derive(Debug, Clone)]
pub(super) struct IndexDefinition {
    pub(super) name: Option<String>,
    pub(super) unique: bool,
    pub(super) primary: bool,
    pub(super) immediate: bool,
    pub(super) keys: Vec<Key>,
    /// Columns of INCLUDE.
    pub(super) include: Vec<(i16, String)>,
    pub(super) partial: bool,
    /// What keys, expressions and the predicate use.
    pub(super) uses: Uses,
}

/// A key of an index.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// `attnum`; 0 is an expression.
    pub(super) number: i16,
    /// What it adds to the index's name.
    pub(super) label: String,
}

impl Key {
    /// A column, or an expression over columns.
    pub(super) fn new(cx: &Context, relation: &Relation, node: &ast::Expr, uses: &mut Uses) -> Result<Key, Refusal> {
        let used = expression::uses(cx, &relation.name, &relation.columns, node)?;
        let plain = match expression::unwrap(node.clone()) {
            ast::Expr::NameRef(name) => Some(identifier(name.syntax())),
            ast::Expr::Collate(collate) => match collate.expr() {
                Some(ast::Expr::NameRef(name)) => Some(identifier(name.syntax())),
                _ => None,
            },
            _ => None,
        };
        let column = plain.and_then(|name| relation.columns.iter().find(|column| column.name == name));
        let key = match column {
            Some(column) => Key { number: column.number, label: column.name.clone() },
            None => {
                let label = figure_name(cx, node).map_or_else(|| "expr".to_owned(), |(label, _)| label);
                Key { number: 0, label }
            }
        };
        uses.columns.extend(used.columns);
        uses.objects.extend(used.objects);
        Ok(key)
    }
}

impl IndexDefinition {
    pub(super) fn new(name: Option<String>) -> IndexDefinition {
        IndexDefinition {
            name,
            unique: false,
            primary: false,
            immediate: true,
            keys: Vec::new(),
            include: Vec::new(),
            partial: false,
            uses: Uses::default(),
        }
    }

    /// Its WHERE.
    pub(super) fn predicate(&mut self, cx: &Context, relation: &Relation, node: &ast::Expr) -> Result<(), Refusal> {
        let used = expression::uses(cx, &relation.name, &relation.columns, node)?;
        self.uses.columns.extend(used.columns);
        self.uses.objects.extend(used.objects);
        self.partial = true;
        Ok(())
    }

    /// `ChooseIndexName`.
    fn choose_name(&self, cx: &Context, table: &Relation, kind: Option<char>) -> String {
        let labels = self.labels();
        let addition = columns_addition(labels.iter().map(String::as_str));
        match kind {
            Some('p') => cx.choose_relation_name(table.schema, &table.name, None, "pkey", true),
            Some('x') => cx.choose_relation_name(table.schema, &table.name, Some(&addition), "excl", true),
            Some(_) => cx.choose_relation_name(table.schema, &table.name, Some(&addition), "key", true),
            None => cx.choose_relation_name(table.schema, &table.name, Some(&addition), "idx", false),
        }
    }

    /// `ChooseIndexColumnNames`: those that come twice are numbered.
    fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in self.keys.iter().map(|key| &key.label).chain(self.include.iter().map(|(_, name)| name)) {
            let numbered = (1..).map(|number: usize| {
                let number = number.to_string();
                let mut end = label.len().min(LONGEST_NAME - number.len());
                while !label.is_char_boundary(end) {
                    end -= 1;
                }
                format!("{}{number}", &label[..end])
            });
            let mut names = std::iter::once(label.clone()).chain(numbered);
            labels.push(names.find(|name| !labels.contains(name)).expect("there is always another number"));
        }
        labels
    }

    fn value(&self, table: u32, parent: u32) -> Index {
        let mut uses: BTreeSet<i16> = self.uses.columns.clone();
        uses.extend(self.keys.iter().map(|key| key.number).filter(|number| *number != 0));
        uses.extend(self.include.iter().map(|(number, _)| *number));
        Index {
            table,
            unique: self.unique,
            primary: self.primary,
            valid: true,
            partial: self.partial,
            immediate: self.immediate,
            columns: self.keys.iter().map(|key| key.number).collect(),
            uses,
            parent,
            names: if self.keys.iter().any(|key| key.number == 0) { self.labels() } else { Vec::new() },
        }
    }
}

/// The labels that the keys of an index give to a copy of it, whose columns are of the table `to`.
pub(super) fn copied_keys(cx: &Context, to: u32, source: &Index, numbers: &[i16]) -> Vec<Key> {
    let columns = &cx.relation(to).columns;
    let label = |(position, number): (usize, &i16)| {
        let column = columns.iter().find(|column| column.number == *number).map(|column| &column.name);
        let label = column.or_else(|| source.names.get(position)).map_or("expr", String::as_str);
        Key { number: *number, label: label.to_owned() }
    };
    numbers.iter().enumerate().map(label).collect()
}

/// Makes an index on a table and, of a partitioned one, on its partitions; with the constraint that it is of.
pub(super) fn create(
    cx: &mut Context,
    table: u32,
    definition: &IndexDefinition,
    constraint: Option<char>,
    adding: Adding,
) -> Result<u32, Refusal> {
    create_under(cx, table, definition, constraint, adding, 0)
}

/// Likewise, as part of the index of the partitioned table.
pub(super) fn create_under(
    cx: &mut Context,
    table: u32,
    definition: &IndexDefinition,
    constraint: Option<char>,
    adding: Adding,
    parent: u32,
) -> Result<u32, Refusal> {
    let relation = cx.relation(table).clone();
    if !matches!(relation.kind, 'r' | 'p' | 'm') {
        return Refusal::fails(format!("cannot create index on relation \"{}\"", relation.name));
    }
    let name = definition.name.clone().unwrap_or_else(|| definition.choose_name(cx, &relation, constraint));
    super::rename::refuse_taken_relation(cx, relation.schema, &name)?;
    let partitioned = relation.kind == 'p';
    let partitions = if partitioned { cx.world().children(table) } else { Vec::new() };
    let oid = cx.new_oid();
    let mut index = blank_relation(relation.schema, name, if partitioned { 'I' } else { 'i' }, relation.owner);
    index.temporary = relation.temporary;
    index.unlogged = relation.unlogged;
    index.partition = parent != 0;
    let mut value = definition.value(table, parent);
    value.valid = partitions.is_empty() || adding.recurse;
    index.index = Some(value);
    cx.add_relation(oid, index);
    depend(cx, relation_object(oid), &definition.uses);
    if !adding.empty && !partitioned {
        cx.effect.scans.insert(table);
    }
    if let Some(kind) = constraint {
        let parent_constraint = if parent == 0 { None } else { key::constraint_of_index(cx, parent) };
        let row = key::row(cx, table, kind, oid, parent_constraint.unwrap_or(0));
        cx.add_constraint(row);
    }
    if adding.recurse {
        for partition in partitions {
            cx.lock(partition, LockMode::Share);
            ensure_on_partition(cx, partition, oid, adding)?;
        }
    }
    Ok(oid)
}

/// Gives a partition the index that its partitioned table has: one of its own that is like it, or a new one.
pub(super) fn ensure_on_partition(
    cx: &mut Context,
    partition: u32,
    parent: u32,
    adding: Adding,
) -> Result<(), Refusal> {
    let Some(wanted) = cx.relation(parent).index.clone() else { return Ok(()) };
    let columns = map_columns(cx, wanted.table, partition, &wanted.columns)?;
    let uses: Vec<i16> = wanted.uses.iter().copied().collect();
    let uses: BTreeSet<i16> = map_columns(cx, wanted.table, partition, &uses)?.into_iter().collect();
    let parent_constraint = key::constraint_of_index(cx, parent);
    let alike = cx.world().indexes_of(partition).into_iter().find(|oid| {
        let Some(index) = &cx.relation(*oid).index else { return false };
        let own = key::constraint_of_index(cx, *oid);
        index.parent == 0
            && index.columns == columns
            && index.uses == uses
            && index.unique == wanted.unique
            && index.partial == wanted.partial
            && index.valid
            && (parent_constraint.is_none() || own.is_some())
    });
    if let Some(alike) = alike {
        attach(cx, alike, parent);
        return Ok(());
    }
    let include: Vec<(i16, String)> = if wanted.columns.contains(&0) || wanted.partial {
        Vec::new()
    } else {
        let relation = cx.relation(partition);
        let extra =
            relation.columns.iter().filter(|column| uses.contains(&column.number) && !columns.contains(&column.number));
        extra.map(|column| (column.number, column.name.clone())).collect()
    };
    let mut definition = IndexDefinition::new(None);
    definition.unique = wanted.unique;
    definition.primary = wanted.primary;
    definition.immediate = wanted.immediate;
    definition.partial = wanted.partial;
    definition.keys = copied_keys(cx, partition, &wanted, &columns);
    definition.include = include;
    definition.uses.columns = uses;
    definition.uses.objects =
        cx.world().dependencies_of(Class::Relation, parent).into_iter().map(|dependency| dependency.on).collect();
    let kind = parent_constraint.map(|oid| cx.world().constraints[&oid].kind);
    create_under(cx, partition, &definition, kind, adding, parent)?;
    Ok(())
}

/// Makes an index, and its constraint, part of that of the partitioned table.
pub(super) fn attach(cx: &mut Context, index: u32, parent: u32) {
    cx.change_relation(index, |relation| {
        relation.partition = true;
        if let Some(index) = &mut relation.index {
            index.parent = parent;
        }
    });
    let parent_constraint = key::constraint_of_index(cx, parent);
    if let (Some(own), Some(parent)) = (key::constraint_of_index(cx, index), parent_constraint) {
        cx.change_constraint(own, |constraint| {
            constraint.parent = parent;
            constraint.local = false;
            constraint.inherited += 1;
        });
    }
}

/// Takes an index, and its constraint, out of that of the partitioned table.
pub(super) fn detach(cx: &mut Context, index: u32) {
    cx.change_relation(index, |relation| {
        relation.partition = false;
        if let Some(index) = &mut relation.index {
            index.parent = 0;
        }
    });
    if let Some(own) = key::constraint_of_index(cx, index) {
        cx.change_constraint(own, |constraint| {
            constraint.parent = 0;
            constraint.local = true;
            constraint.inherited = (constraint.inherited - 1).max(0);
        });
    }
}

/// CREATE INDEX.
pub(super) fn apply(cx: &mut Context, node: &ast::CreateIndex) -> Result<(), Refusal> {
    let on = node.table_relation_name();
    let table_name = known_name(on.as_ref().and_then(|on| on.table_name_ref()).and_then(|name| name.path_ref()))?;
    let table = cx.relation_of(&table_name)?;
    let relation = cx.relation(table).clone();
    let concurrently = node.concurrently_token().is_some();
    let name = node.index().map(|index| new_name(index.path())).transpose()?.map(|name| name.name);
    if concurrently {
        cx.effect.alone = true;
        if relation.kind == 'p' {
            return Refusal::fails(format!(
                "cannot create index on partitioned table \"{}\" concurrently",
                relation.name
            ));
        }
    }
    if node.if_not_exists().is_some()
        && let Some(name) = &name
        && cx.world().relation_named(relation.schema, name).is_some()
    {
        cx.notice(format!("relation \"{name}\" already exists, skipping"));
        return Ok(());
    }
    cx.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share });
    let mut definition = IndexDefinition::new(name);
    definition.unique = node.unique_token().is_some();
    for item in node.partition_item_list().iter().flat_map(|list| list.partition_items()) {
        let Some(node) = item.expr() else { return Refusal::unknown("an index key of this form is not simulated") };
        let key = Key::new(cx, &relation, &node, &mut definition.uses)?;
        definition.keys.push(key);
    }
    let include = node.index_include_clause().and_then(|clause| clause.partition_item_list());
    for item in include.iter().flat_map(|list| list.partition_items()) {
        match item.expr() {
            Some(ast::Expr::NameRef(name)) => {
                let name = identifier(name.syntax());
                let number = cx.column(table, &name)?;
                definition.include.push((number, name));
            }
            _ => return Refusal::fails("expressions are not supported in included columns"),
        }
    }
    if let Some(predicate) = node.where_clause().and_then(|clause| clause.expr()) {
        definition.predicate(cx, &relation, &predicate)?;
    }
    let recurse = on.is_none_or(|on| on.only_token().is_none());
    create(cx, table, &definition, None, Adding { recurse, empty: false })?;
    Ok(())
}

/// `FigureIndexColname`: what an expression is called, and how surely.
fn figure_name(cx: &Context, node: &ast::Expr) -> Option<(String, u8)> {
    match node {
        ast::Expr::NameRef(name) => Some((identifier(name.syntax()), 2)),
        ast::Expr::FieldExpr(field) => Some((identifier(&field.syntax().last_child()?), 2)),
        ast::Expr::ParenExpr(inner) => figure_name(cx, &inner.expr()?),
        ast::Expr::Collate(inner) => figure_name(cx, &inner.expr()?),
        ast::Expr::ArrayExpr(_) => Some(("array".to_owned(), 2)),
        ast::Expr::CallExpr(call) => match call.expr() {
            Some(ast::Expr::FieldExpr(field)) => Some((identifier(&field.syntax().last_child()?), 2)),
            Some(ast::Expr::NameRef(name)) => Some((identifier(name.syntax()), 2)),
            _ => {
                let keyword = call.syntax().first_token()?.text().to_ascii_lowercase();
                Some((if keyword == "trim" { "btrim".to_owned() } else { keyword }, 2))
            }
        },
        ast::Expr::CastExpr(cast) => {
            let inner = cast.expr().and_then(|inner| figure_name(cx, &inner));
            if let Some((name, strength)) = inner
                && strength > 1
            {
                return Some((name, strength));
            }
            let found = type_name::resolve(cx, &cast.ty()?).ok()?;
            let world = cx.world();
            let found = match world.types.get(&found.oid)?.kind {
                TypeKind::Array(element) => element,
                _ => found.oid,
            };
            Some((world.types.get(&found)?.name.clone(), 1))
        }
        ast::Expr::CaseExpr(case) => {
            let last = case.syntax().children().find_map(ast::ElseClause::cast).and_then(|last| last.expr());
            match last.and_then(|last| figure_name(cx, &last)) {
                Some((name, strength)) if strength > 1 => Some((name, strength)),
                _ => Some(("case".to_owned(), 1)),
            }
        }
        _ => None,
    }
}

/// Whether an index is like the one of the partitioned table is a question of [`ensure_on_partition`]; this is what ALTER
/// INDEX ... ATTACH PARTITION does with it.
pub(super) fn attach_named(cx: &mut Context, parent: u32, child: u32) -> Result<(), Refusal> {
    let (Some(parent_index), Some(child_index)) = (cx.relation(parent).index.clone(), cx.relation(child).index.clone())
    else {
        return Refusal::fails("this is not an index");
    };
    if child_index.parent == parent {
        return Ok(());
    }
    if child_index.parent != 0 {
        return Refusal::fails("the index is already attached to another index");
    }
    if !cx.world().children(parent_index.table).contains(&child_index.table) {
        return Refusal::fails("the index is not on any partition of the table of the partitioned index");
    }
    attach(cx, child, parent);
    // It is valid when each partition has one.
    let partitions = cx.world().children(parent_index.table).len();
    if cx.world().index_children(parent).len() == partitions {
        cx.change_relation(parent, |relation| {
            if let Some(index) = &mut relation.index {
                index.valid = true;
            }
        });
    }
    Ok(())
}
