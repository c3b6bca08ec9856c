//! Queries: WITH, SELECT, VALUES, set operations, and what follows them.

use std::mem;

use sqlparser::ast::{
    Distinct, Expr, Fetch, GroupByExpr, GroupByWithModifier, LimitClause, LockClause, NamedWindowExpr, OrderBy,
    OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, With,
};

use super::expression::output_name;
use super::name::{folded, parts, qualified};
use super::need::Needs;
use super::resolver::Resolver;
use super::scope::{Column, Columns, Item, Level, Lookup};

/// A query that WITH names.
pub(super) struct CommonTable {
    pub name: String,
    /// What it offers, as soon as that is known; for a recursive one that is after its first part.
    pub columns: Option<Columns>,
    /// Whether it is being resolved.
    open: bool,
    /// Whether it is run: it is used, or changes something.
    live: bool,
    needs: Needs,
}

impl Resolver<'_> {
    /// A query with all that belongs to it. The result is what it offers as a sub-select.
    pub fn query(&mut self, query: &Query) -> Columns {
        self.query_defining(query, None)
    }

    /// `defining`: the recursive query of WITH whose body this is, and its aliases of columns.
    fn query_defining(&mut self, query: &Query, defining: Option<(usize, &[String])>) -> Columns {
        let common_tables = self.common_tables.len();
        // What follows a query in parentheses belongs to the query in them.
        let mut chain = vec![query];
        while let SetExpr::Query(inner) = &*chain[chain.len() - 1].body {
            chain.push(inner);
        }
        for query in &chain {
            if let Some(with) = &query.with {
                self.with(with);
            }
        }
        let levels = self.levels.len();
        let output = self.body(&chain[chain.len() - 1].body, defining);
        let is_select = self.levels.len() > levels;
        for query in chain.iter().rev() {
            self.tail(query, &output, is_select);
        }
        self.levels.truncate(levels);
        self.close(common_tables);
        output
    }

    /// Leaves the level of a SELECT open, for ORDER BY and locks.
    fn body(&mut self, body: &SetExpr, defining: Option<(usize, &[String])>) -> Columns {
        match body {
            SetExpr::Select(select) => {
                self.levels.push(Level::default());
                self.select(select)
            }
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { .. } => self.set_operation(body, defining),
            SetExpr::Values(values) => {
                let rows: Vec<&Vec<Expr>> = values.rows.iter().map(|row| &row.content).collect();
                for expression in rows.iter().flat_map(|row| row.iter()) {
                    self.expression(expression);
                }
                let count = rows.first().map_or(0, |row| row.len());
                Columns::named((1..=count).map(|at| Some(format!("column{at}"))))
            }
            SetExpr::Insert(statement)
            | SetExpr::Update(statement)
            | SetExpr::Delete(statement)
            | SetExpr::Merge(statement) => self.modify(statement),
            SetExpr::Table(_) => {
                self.unsupported("TABLE");
                Columns::unknown()
            }
        }
    }

    /// `A UNION B UNION C`: the names are A's.
    fn set_operation(&mut self, body: &SetExpr, defining: Option<(usize, &[String])>) -> Columns {
        // Chains lean to the left, and may be long.
        let mut right_parts = Vec::new();
        let mut first = body;
        while let SetExpr::SetOperation { left, right, .. } = first {
            right_parts.push(&**right);
            first = left;
        }
        let output = self.part(first);
        if let Some((at, aliases)) = defining {
            let mut columns = output.clone();
            columns.lockable.clear();
            columns.rename(aliases.to_vec());
            self.common_tables[at].columns = Some(columns);
        }
        for part in right_parts.into_iter().rev() {
            self.part(part);
        }
        Columns { lockable: Vec::new(), ..output }
    }

    fn part(&mut self, part: &SetExpr) -> Columns {
        let levels = self.levels.len();
        let output = self.body(part, None);
        self.levels.truncate(levels);
        output
    }

    fn with(&mut self, with: &With) {
        let base = self.common_tables.len();
        if with.recursive {
            // Each sees the others, wherever it stands.
            for table in &with.cte_tables {
                self.common_tables.push(CommonTable::new(folded(&table.alias.name)));
            }
        }
        for (position, table) in with.cte_tables.iter().enumerate() {
            let aliases: Vec<String> = table.alias.columns.iter().map(|column| folded(&column.name)).collect();
            let outer = mem::take(&mut self.needs);
            let at = base + position;
            let mut columns = if with.recursive {
                self.common_tables[at].open = true;
                self.query_defining(&table.query, Some((at, &aliases)))
            } else {
                self.query(&table.query)
            };
            columns.lockable.clear();
            columns.rename(aliases);
            let needs = mem::replace(&mut self.needs, outer);
            if !with.recursive {
                self.common_tables.push(CommonTable::new(folded(&table.alias.name)));
            }
            let modifies = matches!(
                &*table.query.body,
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
            );
            let defined = &mut self.common_tables[at];
            defined.columns = Some(columns);
            defined.open = false;
            defined.live |= modifies;
            defined.needs = needs;
        }
    }

    /// Forgets what a WITH has named, and takes what it needs.
    fn close(&mut self, common_tables: usize) {
        for table in self.common_tables.split_off(common_tables) {
            if table.live {
                self.needs.merge(table.needs);
            } else {
                self.needs.merge_names(table.needs);
            }
        }
    }

    /// The query of this name, if WITH has named one.
    pub fn common_table(&mut self, name: &str) -> Option<Columns> {
        let table = self.common_tables.iter_mut().rev().find(|table| table.name == name)?;
        // It uses itself: that does not make it run.
        table.live |= !table.open;
        match &table.columns {
            Some(columns) => Some(columns.clone()),
            None => {
                self.unresolved(format!("relation {name}"), "it is defined later in the same WITH; define it first");
                Some(Columns::unknown())
            }
        }
    }

    fn select(&mut self, select: &Select) -> Columns {
        let foreign = select.top.is_some()
            || select.into.is_some()
            || select.prewhere.is_some()
            || select.qualify.is_some()
            || select.exclude.is_some()
            || select.value_table_mode.is_some()
            || !(select.lateral_views.is_empty()
                && select.connect_by.is_empty()
                && select.cluster_by.is_empty()
                && select.distribute_by.is_empty()
                && select.sort_by.is_empty());
        if foreign {
            self.unsupported("SELECT INTO, or a clause that PostgreSQL does not have");
        }
        for from in &select.from {
            self.join_tree(from);
        }
        self.expressions(&select.selection);
        let output = self.output(&select.projection);
        self.group_by(&select.group_by, &output);
        self.expressions(&select.having);
        for window in &select.named_window {
            if let NamedWindowExpr::WindowSpec(window) = &window.1 {
                self.window(window);
            }
        }
        if let Some(Distinct::On(expressions)) = &select.distinct {
            for expression in expressions {
                self.sort_key(expression, &output, true);
            }
        }
        let items = &self.level().items;
        let lockable = items.iter().flat_map(Item::lockable).copied().collect();
        Columns { lockable, ..output }
    }

    /// The list of a SELECT or RETURNING.
    pub fn output(&mut self, list: &[SelectItem]) -> Columns {
        let mut output = Columns::named([]);
        for item in list {
            match item {
                SelectItem::UnnamedExpr(expression) => {
                    self.expression(expression);
                    output.extend([Column { name: output_name(expression), reads: Vec::new() }]);
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.expression(expr);
                    output.extend([Column { name: Some(folded(alias)), reads: Vec::new() }]);
                }
                SelectItem::ExprWithAliases { .. } => {
                    self.unsupported("list of aliases");
                    output.complete = false;
                }
                SelectItem::Wildcard(_) => {
                    let items = self.level().visible().to_vec();
                    self.all_columns(items.iter().filter(|item| item.by_column), &mut output);
                }
                SelectItem::QualifiedWildcard(kind, _) => self.qualified_wildcard(kind, &mut output),
            }
        }
        output
    }

    fn qualified_wildcard(&mut self, kind: &SelectItemQualifiedWildcardKind, output: &mut Columns) {
        let name = match kind {
            SelectItemQualifiedWildcardKind::Expr(expression) => {
                // The attributes of a composite value.
                self.expression(expression);
                output.complete = false;
                return;
            }
            SelectItemQualifiedWildcardKind::ObjectName(name) => name,
        };
        let item = qualified(name).and_then(|(schema, name)| self.item(schema.as_deref(), &name).cloned());
        match item {
            Some(mut item) => {
                item.merged.clear();
                self.all_columns([&item].into_iter(), output);
            }
            None => {
                let shown = parts(name).unwrap_or_default().join(".");
                self.unresolved(format!("{shown}.*"), "there is nothing of this name in FROM");
                output.complete = false;
            }
        }
    }

    fn all_columns<'i>(&mut self, items: impl Iterator<Item = &'i Item>, output: &mut Columns) {
        for item in items {
            self.read_whole(&item.whole);
            output.complete &= item.is_counted();
            output.extend(item.columns().map(|column| Column { reads: Vec::new(), ..column }));
        }
    }

    fn group_by(&mut self, group_by: &GroupByExpr, output: &Columns) {
        let (expressions, modifiers) = match group_by {
            GroupByExpr::Expressions(expressions, modifiers) => (expressions.as_slice(), modifiers),
            GroupByExpr::All(modifiers) => {
                self.unsupported("GROUP BY ALL");
                (&[][..], modifiers)
            }
        };
        for expression in expressions {
            self.group_key(expression, output);
        }
        for modifier in modifiers {
            match modifier {
                GroupByWithModifier::GroupingSets(expression) => self.group_key(expression, output),
                _ => self.unsupported("WITH ROLLUP, CUBE or TOTALS"),
            }
        }
    }

    /// A name that stands alone is a column first, and then one of the result.
    fn group_key(&mut self, expression: &Expr, output: &Columns) {
        match expression {
            Expr::Identifier(ident) => {
                let name = folded(ident);
                let lookups = self.level().visible().iter().map(|item| item.find_unqualified(&name));
                let is_column = lookups.into_iter().any(|lookup| matches!(lookup, Lookup::Found(_)));
                if is_column || !has(output, &name) {
                    self.identifier(ident);
                }
            }
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                for expression in sets.iter().flatten() {
                    self.group_key(expression, output);
                }
            }
            Expr::Tuple(expressions) => {
                for expression in expressions {
                    self.group_key(expression, output);
                }
            }
            other => self.expression(other),
        }
    }

    /// A name that stands alone is a column of the result first.
    fn sort_key(&mut self, expression: &Expr, output: &Columns, is_select: bool) {
        match expression {
            Expr::Identifier(ident) if has(output, &folded(ident)) => {}
            // After a set operation there are the columns of the result and no others.
            Expr::Identifier(_) if !is_select => {}
            other => self.expression(other),
        }
    }

    /// ORDER BY, LIMIT, OFFSET, FETCH, FOR UPDATE.
    fn tail(&mut self, query: &Query, output: &Columns, is_select: bool) {
        if query.for_clause.is_some()
            || query.settings.is_some()
            || query.format_clause.is_some()
            || !query.pipe_operators.is_empty()
        {
            self.unsupported("a clause that PostgreSQL does not have");
        }
        if let Some(OrderBy { kind, .. }) = &query.order_by {
            match kind {
                OrderByKind::All(_) => self.unsupported("ORDER BY ALL"),
                OrderByKind::Expressions(keys) => {
                    for key in keys {
                        self.sort_key(&key.expr, output, is_select);
                    }
                }
            }
        }
        match &query.limit_clause {
            None => {}
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                self.expressions(limit);
                self.expressions(offset.as_ref().map(|offset| &offset.value));
            }
            Some(LimitClause::OffsetCommaLimit { .. }) => self.unsupported("LIMIT with a comma"),
        }
        if let Some(Fetch { quantity, .. }) = &query.fetch {
            self.expressions(quantity);
        }
        for lock in &query.locks {
            self.lock(lock, is_select);
        }
    }

    /// A lock needs UPDATE on at least one column, of what sub-selects in FROM read too.
    fn lock(&mut self, lock: &LockClause, is_select: bool) {
        if !is_select {
            self.unsupported("lock of something that is no SELECT");
            return;
        }
        let of = lock.of.as_ref().map(|name| parts(name).unwrap_or_default().join("."));
        let items = self.level().items.iter();
        let items: Vec<_> = items
            .filter(|item| of.is_none() || item.name == of)
            .map(|item| (item.lockable().to_vec(), item.is_complete()))
            .collect();
        match &of {
            Some(of) if items.is_empty() => {
                self.unresolved(format!("FOR UPDATE OF {of}"), "there is nothing of this name in FROM");
            }
            _ => {}
        }
        for relation in items.into_iter().flat_map(|(relations, _)| relations) {
            self.need(relation).update_any = true;
        }
    }
}

impl CommonTable {
    fn new(name: String) -> CommonTable {
        CommonTable { name, columns: None, open: false, live: false, needs: Needs::default() }
    }
}

fn has(output: &Columns, name: &str) -> bool {
    output.columns.iter().any(|column| column.name.as_deref() == Some(name))
}
