//! The items of FROM: relations, sub-selects, functions, and joins of them.

use std::collections::HashSet;
use std::rc::Rc;

use sqlparser::ast::{
    Expr, FunctionArg, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias, TableFactor, TableWithJoins,
};

use super::function::Call;
use super::name::{display, folded, parts, qualified};
use super::resolver::Resolver;
use super::scope::{Column, Columns, Item, Lookup, Source};

impl Resolver<'_> {
    /// An item with what is joined to it. Adds to the items of the level.
    pub fn join_tree(&mut self, from: &TableWithJoins) {
        let start = self.level().items.len();
        self.factor(&from.relation);
        for join in &from.joins {
            let middle = self.level().items.len();
            self.factor(&join.relation);
            self.join(join, start, middle);
        }
    }

    fn join(&mut self, join: &Join, start: usize, middle: usize) {
        let constraint = match &join.join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::CrossJoin(constraint) => constraint,
            _ => {
                self.unsupported("a join that PostgreSQL does not have");
                return;
            }
        };
        match constraint {
            JoinConstraint::None => {}
            JoinConstraint::On(condition) => {
                let level = self.level();
                let first = std::mem::replace(&mut level.first, start);
                self.expression(condition);
                self.level().first = first;
            }
            JoinConstraint::Using(columns) => {
                let names = columns.iter().map(|column| parts(column).unwrap_or_default().join(".")).collect();
                self.merge(names, start, middle);
            }
            JoinConstraint::Natural => {
                let level = self.level();
                if !level.items[start..].iter().all(Item::is_complete) {
                    self.unresolved("NATURAL JOIN", "not all columns of what it joins are known; write USING");
                    return;
                }
                let names = |items: &[Item]| -> Vec<String> {
                    let items = items.iter().filter(|item| item.by_column);
                    items.flat_map(Item::columns).filter_map(|column| column.name).collect()
                };
                let right: HashSet<String> = names(&level.items[middle..]).into_iter().collect();
                let left = names(&level.items[start..middle]);
                self.merge(left.into_iter().filter(|name| right.contains(name)).collect(), start, middle);
            }
        }
    }

    /// Each of these columns is read on both sides, and from now on is one column of the join.
    fn merge(&mut self, names: Vec<String>, start: usize, middle: usize) {
        for name in &names {
            for (from, to) in [(start, middle), (middle, usize::MAX)] {
                self.merge_side(name, from, to);
            }
        }
        let level = self.level();
        for item in &mut level.items[start..] {
            item.merged.extend(names.iter().cloned());
        }
        let mut merged = Item::derived(None, Columns::named(names.into_iter().map(Some)));
        merged.by_name = false;
        // The merged columns come first.
        level.items.insert(start, merged);
    }

    fn merge_side(&mut self, name: &str, from: usize, to: usize) {
        let items = &self.level().items;
        let side = &items[from..to.min(items.len())];
        let mut found = Vec::new();
        let mut unknown = false;
        for item in side {
            match item.find_unqualified(name) {
                Lookup::Found(reads) => found.push(reads),
                Lookup::Unknown => unknown = true,
                Lookup::Absent => {}
            }
        }
        match found.as_slice() {
            [reads] => {
                let reads = reads.clone();
                self.read(&reads);
            }
            // Then it is a column of that.
            [] if unknown => {
                if side_is_single(&self.level().items, from, to) {
                    return;
                }
                self.unresolved(format!("column {name}"), "not all columns of what is joined by it are known");
            }
            [] => self.unresolved(format!("column {name}"), "one side of the join by it has no such column"),
            _ => self.unresolved(format!("column {name}"), "it is ambiguous on one side of the join by it"),
        }
    }

    /// An item by itself. Adds to the items of the level.
    pub fn factor(&mut self, factor: &TableFactor) {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version,
                partitions,
                json_path,
                index_hints,
                ..
            } => {
                let plain = with_hints.is_empty()
                    && version.is_none()
                    && partitions.is_empty()
                    && json_path.is_none()
                    && index_hints.is_empty();
                if !plain {
                    self.unsupported("a clause of FROM that PostgreSQL does not have");
                }
                let item = self.named_item(name, alias.as_ref());
                self.level().items.push(item);
            }
            TableFactor::Table { name, alias, args: Some(args), with_ordinality, .. } => {
                self.function_item(name, &args.args, *with_ordinality, alias.as_ref());
            }
            TableFactor::Function { name, args, with_ordinality, alias, .. } => {
                self.function_item(name, args, *with_ordinality, alias.as_ref());
            }
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => {
                for expression in array_exprs {
                    self.expression(expression);
                }
                let names = vec![None; array_exprs.len()];
                self.push_function("unnest", names, true, *with_ordinality, alias.as_ref());
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let level = self.level();
                let blocked = std::mem::replace(&mut level.blocked, !lateral);
                let mut columns = self.query(subquery);
                self.level().blocked = blocked;
                columns.rename(aliases(alias.as_ref()));
                let item = Item::derived(alias.as_ref().map(|alias| folded(&alias.name)), columns);
                self.level().items.push(item);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let start = self.level().items.len();
                self.join_tree(table_with_joins);
                if let Some(alias) = alias {
                    self.join_alias(start, alias);
                }
            }
            other => {
                self.unsupported("a kind of FROM item");
                let item = Item::derived(alias_of(other), Columns::unknown());
                self.level().items.push(item);
            }
        }
    }

    /// `(a JOIN b ON ...) AS j`: the names within are gone, their columns are `j`'s.
    fn join_alias(&mut self, start: usize, alias: &TableAlias) {
        let items = self.level().items.split_off(start);
        let mut columns = Columns::named([]);
        columns.complete = items.iter().all(Item::is_counted);
        for item in items.iter().filter(|item| item.by_column) {
            columns.extend(item.columns());
            columns.lockable.extend(item.lockable());
        }
        columns.rename(aliases(Some(alias)));
        let mut item = Item::derived(Some(folded(&alias.name)), columns);
        item.whole = items.iter().flat_map(|item| item.whole.iter().copied()).collect();
        self.level().items.push(item);
    }

    /// A relation that is read, or a query of WITH.
    fn named_item(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Item {
        if let Some((None, single)) = qualified(name)
            && let Some(mut columns) = self.common_table(&single)
        {
            columns.rename(aliases(alias));
            return Item::derived(Some(alias.map_or(single, |alias| folded(&alias.name))), columns);
        }
        let item = self.relation_item(name, alias);
        if let Source::Relation(id, ..) = &item.source {
            self.need(*id).select_any = true;
        }
        item
    }

    /// A relation, read or not.
    pub fn relation_item(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Item {
        let aliased = alias.map(|alias| folded(&alias.name));
        let Some((schema, single)) = qualified(name) else {
            self.unresolved(format!("relation {name}"), "a relation is named by its schema and its name");
            return Item::derived(aliased, Columns::unknown());
        };
        let id = self.relation(schema.as_deref(), &single);
        let Some(id) = id else {
            let mut item = Item::derived(Some(aliased.unwrap_or(single)), Columns::unknown());
            item.schema = schema;
            return item;
        };
        let known = Rc::clone(&self.known[id]);
        let schema = alias.is_none().then(|| known.relation.schema.clone());
        Item {
            schema,
            whole: vec![id],
            source: Source::Relation(id, known, aliases(alias)),
            ..Item::derived(Some(aliased.unwrap_or(single)), Columns::unknown())
        }
    }

    fn function_item(
        &mut self,
        name: &ObjectName,
        arguments: &[FunctionArg],
        ordinality: bool,
        alias: Option<&TableAlias>,
    ) {
        // A function in FROM sees what stands before it.
        for argument in arguments {
            self.argument(argument);
        }
        let builtin = self.call(&Call { name, arguments, ordered: 0 });
        let single = qualified(name).map_or_else(String::new, |(_, name)| name);
        match known_columns(&single).filter(|_| builtin) {
            Some(names) => self.push_function(&single, names, true, ordinality, alias),
            None => self.push_function(&single, Vec::new(), false, ordinality, alias),
        }
    }

    /// `names`: what the function calls its columns; none for a column that has the alias's name.
    fn push_function(
        &mut self,
        function: &str,
        names: Vec<Option<&str>>,
        complete: bool,
        ordinality: bool,
        alias: Option<&TableAlias>,
    ) {
        let name = alias.map_or_else(|| function.to_owned(), |alias| folded(&alias.name));
        let single = names.len() == 1;
        let mut columns = Columns::named(names.into_iter().map(|column| match column {
            Some(column) => Some(column.to_owned()),
            None if single => Some(name.clone()),
            None => Some(function.to_owned()),
        }));
        columns.complete = complete;
        if ordinality {
            columns.extend([Column { name: Some("ordinality".to_owned()), reads: Vec::new() }]);
        }
        // With types, the list says what a record has: all of it.
        let defined = alias.is_some_and(|alias| alias.columns.iter().any(|column| column.data_type.is_some()));
        if let Some(alias) = alias {
            for data_type in alias.columns.iter().filter_map(|column| column.data_type.as_ref()) {
                self.data_type(data_type);
            }
        }
        if defined {
            columns.columns.clear();
            columns.complete = true;
        }
        columns.rename(aliases(alias));
        self.level().items.push(Item::derived(Some(name), columns));
    }

    /// The expressions of an optional clause.
    pub fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    /// A relation that a statement changes, with its alias.
    pub fn target_item(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Item {
        if let Some((None, single)) = qualified(name)
            && self.common_tables.iter().any(|table| table.name == single)
        {
            self.unresolved(format!("relation {}", display(None, &single)), "what WITH names cannot be changed");
        }
        self.relation_item(name, alias)
    }
}

/// Whether one side of a join is a single item.
fn side_is_single(items: &[Item], from: usize, to: usize) -> bool {
    items[from..to.min(items.len())].iter().filter(|item| item.by_column).count() == 1
}

fn aliases(alias: Option<&TableAlias>) -> Vec<String> {
    alias.map_or_else(Vec::new, |alias| alias.columns.iter().map(|column| folded(&column.name)).collect())
}

fn alias_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::XmlTable { alias, .. }
        | TableFactor::JsonTable { alias, .. }
        | TableFactor::TableFunction { alias, .. } => alias.as_ref().map(|alias| folded(&alias.name)),
        _ => None,
    }
}

/// The columns of the functions of `pg_catalog` that applications put into FROM; None stands for the alias's name.
fn known_columns(function: &str) -> Option<Vec<Option<&'static str>>> {
    Some(match function {
        "generate_series"
        | "generate_subscripts"
        | "json_object_keys"
        | "jsonb_object_keys"
        | "jsonb_path_query"
        | "regexp_matches"
        | "regexp_split_to_table"
        | "string_to_table" => vec![None],
        "json_array_elements" | "json_array_elements_text" | "jsonb_array_elements" | "jsonb_array_elements_text" => {
            vec![Some("value")]
        }
        "json_each" | "json_each_text" | "jsonb_each" | "jsonb_each_text" => vec![Some("key"), Some("value")],
        _ => return None,
    })
}
