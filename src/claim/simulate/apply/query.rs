//! What a query gives, and what it rests on.
//!
//! Names are resolved by the server's rules of scope. A type that cannot be told for certain makes the result uncertain; there
//! is no best guess.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::identifier;
use super::type_name::{TypeUse, UNSURE_MODIFIER};
use crate::simulate::world::{Class, Object};

mod call;
mod calls;
mod column_name;
mod expression;
mod from;
mod operator;
mod scope;
#[cfg(test)]
mod tests;
pub(crate) mod updatable;

pub(crate) use call::function_name;
use operator::{Value, common};
use scope::{Item, ItemColumn, Level};

/// A column that a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputColumn {
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) r#type: TypeUse,
    /// OID of its collation; 0 for none.
    pub(crate) collation: u32,
}

/// What is known of a query.
#[derive(Debug, Clone, Default)]
pub(crate) struct Analysis {
    /// The columns that it gives, in order.
    pub(crate) columns: Vec<OutputColumn>,
    /// Relations, columns, types and functions that it uses: what a view of it depends on.
    pub(crate) uses: BTreeSet<Object>,
    /// Relations that it reads, by OID: views and what is beneath them.
    pub(crate) reads: BTreeSet<u32>,
    /// Why `columns` and `uses` are not sure.
    pub(crate) uncertain: Option<String>,
}

/// Looks at a query.
pub(crate) fn analyse(cx: &Context, query: &ast::SelectVariant) -> Result<Analysis, Refusal> {
    let mut analyser = Analyser::new(cx);
    let output = analyser.query(query)?;
    Ok(analyser.finish(output))
}

/// Looks at the query of a SELECT INTO.
pub(crate) fn analyse_into(cx: &Context, query: &ast::SelectInto) -> Result<Analysis, Refusal> {
    let mut analyser = Analyser::new(cx);
    let output = analyser.select(query.syntax())?;
    Ok(analyser.finish(output))
}

/// `CREATE RECURSIVE VIEW name (columns) AS query`, which is `WITH RECURSIVE name (columns) AS (query) SELECT columns FROM name`.
pub(crate) fn analyse_recursive(
    cx: &Context,
    name: &str,
    columns: &[String],
    query: &ast::SelectVariant,
) -> Result<Analysis, Refusal> {
    let mut analyser = Analyser::new(cx);
    analyser.tables.push(CommonTable { name: name.to_owned(), output: None });
    let output = analyser.common_table(query, Some(0), columns)?;
    Ok(analyser.finish(output))
}

/// A column of a result, before types of strings are settled.
#[derive(Debug, Clone)]
struct Target {
    name: String,
    value: Option<Value>,
}

/// What a query gives.
#[derive(Debug, Clone, Default)]
struct Output {
    columns: Vec<Target>,
    /// Why there may be other columns.
    incomplete: Option<String>,
}

impl Output {
    /// A string that nothing has given a type is text.
    fn settled(mut self) -> Output {
        for column in &mut self.columns {
            column.value = column.value.map(Value::settled);
        }
        self
    }

    fn rename(&mut self, names: &[String]) -> Result<(), Refusal> {
        if names.len() > self.columns.len() && self.incomplete.is_none() {
            return Refusal::fails("there are more names than columns");
        }
        for (column, name) in self.columns.iter_mut().zip(names) {
            column.name.clone_from(name);
        }
        Ok(())
    }
}

/// A query that WITH names; none while it is the first part of a recursive one that is looked at.
struct CommonTable {
    name: String,
    output: Option<Output>,
}

struct Analyser<'c, 'w> {
    cx: &'c Context<'w>,
    /// From the outermost query to the innermost.
    levels: Vec<Level>,
    tables: Vec<CommonTable>,
    uses: BTreeSet<Object>,
    reads: BTreeSet<u32>,
    uncertain: Option<String>,
    /// How many calls of aggregates we are in.
    aggregates: usize,
    /// WITH clauses of set operations, which have been looked at.
    hoisted: HashSet<SyntaxNode>,
}

impl<'c, 'w> Analyser<'c, 'w> {
    fn new(cx: &'c Context<'w>) -> Self {
        Analyser {
            cx,
            levels: Vec::new(),
            tables: Vec::new(),
            uses: BTreeSet::new(),
            reads: BTreeSet::new(),
            uncertain: None,
            aggregates: 0,
            hoisted: HashSet::new(),
        }
    }

    fn finish(mut self, output: Output) -> Analysis {
        let output = output.settled();
        if let Some(why) = output.incomplete {
            self.doubt(why);
        }
        for column in &output.columns {
            match column.value {
                None => self.doubt(format!("the type of column {} cannot be told", column.name)),
                Some(value) if value.modifier == UNSURE_MODIFIER => {
                    self.doubt(format!("the type modifier of column {} cannot be told", column.name));
                }
                Some(_) => {}
            }
        }
        let columns = output.columns.into_iter().map(|column| {
            let value = column.value.unwrap_or(Value { oid: 0, modifier: -1, collation: 0 });
            OutputColumn {
                name: column.name,
                r#type: TypeUse { oid: value.oid, modifier: value.modifier },
                collation: value.collation,
            }
        });
        // As the server records them: a column stands for its relation, too.
        let parts: BTreeSet<(Class, u32)> =
            self.uses.iter().filter(|object| object.column != 0).map(|object| (object.class, object.oid)).collect();
        self.uses.retain(|object| object.column != 0 || !parts.contains(&(object.class, object.oid)));
        self.beneath();
        Analysis { columns: columns.collect(), uses: self.uses, reads: self.reads, uncertain: self.uncertain }
    }

    /// What the views rest on that are read.
    fn beneath(&mut self) {
        let world = self.cx.world();
        let mut open: Vec<u32> = self.reads.iter().copied().collect();
        while let Some(view) = open.pop() {
            if world.relations.get(&view).is_none_or(|relation| relation.kind != 'v') {
                continue;
            }
            for dependency in world.dependencies_of(Class::Relation, view) {
                let Object { class: Class::Relation, oid, .. } = dependency.on else { continue };
                if self.reads.insert(oid) {
                    open.push(oid);
                }
            }
        }
    }

    fn doubt(&mut self, why: impl Into<String>) {
        self.uncertain.get_or_insert_with(|| why.into());
    }

    /// A query as a sub-select: what it gives, strings settled.
    fn query(&mut self, query: &ast::SelectVariant) -> Result<Output, Refusal> {
        Ok(self.part(query, None)?.settled())
    }

    /// A query of which strings are not settled yet. `defining`: the recursive common table that it is, and its columns' names.
    fn part(&mut self, query: &ast::SelectVariant, defining: Option<(usize, &[String])>) -> Result<Output, Refusal> {
        let tables = self.tables.len();
        let levels = self.levels.len();
        let output = match query {
            ast::SelectVariant::Select(select) => self.select(select.syntax()),
            ast::SelectVariant::ParenSelect(paren) => {
                self.with(paren.with_clause())?;
                let output = match paren.select() {
                    Some(inner) => self.part(&inner, defining)?,
                    None => return Refusal::unknown("a query is missing"),
                };
                self.tail(paren.tail_clauses(), &output)?;
                Ok(output)
            }
            ast::SelectVariant::Table(table) => self.table(table),
            ast::SelectVariant::Values(values) => self.values(values),
            ast::SelectVariant::CompoundSelect(compound) => self.compound(compound, defining),
            ast::SelectVariant::SelectInto(_) => Refusal::fails("SELECT INTO is not allowed here"),
        };
        self.tables.truncate(tables);
        self.levels.truncate(levels);
        output
    }

    fn with(&mut self, with: Option<ast::WithClause>) -> Result<(), Refusal> {
        let Some(with) = with else { return Ok(()) };
        if self.hoisted.contains(with.syntax()) {
            return Ok(());
        }
        let recursive = with.recursive_token().is_some();
        for table in with.with_tables() {
            let name = match table.name() {
                Some(name) => identifier(name.syntax()),
                None => return Refusal::unknown("a query in WITH has no name"),
            };
            let query = match table.query() {
                Some(ast::WithQuery::Select(query)) => ast::SelectVariant::Select(query),
                Some(ast::WithQuery::Values(query)) => ast::SelectVariant::Values(query),
                Some(ast::WithQuery::CompoundSelect(query)) => ast::SelectVariant::CompoundSelect(query),
                Some(ast::WithQuery::ParenSelect(query)) => ast::SelectVariant::ParenSelect(query),
                Some(ast::WithQuery::Table(query)) => ast::SelectVariant::Table(query),
                _ => return Refusal::unknown("a query in WITH that changes data is not simulated"),
            };
            if table.search_clause().is_some() || table.cycle_clause().is_some() {
                return Refusal::unknown("SEARCH and CYCLE are not simulated");
            }
            let columns = names(table.column_list());
            let at = self.tables.len();
            if recursive {
                self.tables.push(CommonTable { name: name.clone(), output: None });
            }
            let output = self.common_table(&query, recursive.then_some(at), &columns)?;
            self.tables.truncate(at);
            self.tables.push(CommonTable { name, output: Some(output) });
        }
        Ok(())
    }

    fn common_table(
        &mut self,
        query: &ast::SelectVariant,
        recursive: Option<usize>,
        columns: &[String],
    ) -> Result<Output, Refusal> {
        let mut output = self.part(query, recursive.map(|at| (at, columns)))?.settled();
        output.rename(columns)?;
        Ok(output)
    }

    /// `A UNION B UNION C`: the names are A's.
    fn compound(
        &mut self,
        query: &ast::CompoundSelect,
        defining: Option<(usize, &[String])>,
    ) -> Result<Output, Refusal> {
        // Chains lean to the left, and may be long.
        let mut others = Vec::new();
        let mut first = query.clone();
        let leftmost = loop {
            others.push(first.rhs());
            match first.lhs() {
                Some(ast::SelectVariant::CompoundSelect(inner)) => first = inner,
                other => break other,
            }
        };
        let Some(leftmost) = leftmost else { return Refusal::unknown("a query is missing") };
        // The grammar gives the WITH of all to the first.
        let with = leftmost.syntax().children().find_map(ast::WithClause::cast);
        self.with(with.clone())?;
        self.hoisted.extend(with.map(|with| with.syntax().clone()));
        let mut output = self.part(&leftmost, None)?;
        for other in others.into_iter().rev() {
            if let Some((at, columns)) = defining
                && self.tables[at].output.is_none()
            {
                let mut first = output.clone().settled();
                first.rename(columns)?;
                self.tables[at].output = Some(first);
            }
            let Some(other) = other else { return Refusal::unknown("a query is missing") };
            let other = self.part(&other, None)?;
            if output.incomplete.is_none() && other.incomplete.is_none() && output.columns.len() != other.columns.len()
            {
                return Refusal::fails("each UNION, INTERSECT or EXCEPT query must have the same number of columns");
            }
            output.incomplete = output.incomplete.or(other.incomplete);
            if defining.is_none() {
                for (column, other) in output.columns.iter_mut().zip(&other.columns) {
                    column.value = common(self.cx, &[column.value, other.value]);
                }
            }
        }
        self.tail(query.tail_clauses(), &output)?;
        Ok(output)
    }

    fn values(&mut self, values: &ast::Values) -> Result<Output, Refusal> {
        self.with(values.with_clause())?;
        let mut columns: Vec<Vec<Option<Value>>> = Vec::new();
        for (at, row) in values.row_list().into_iter().flat_map(|list| list.rows()).enumerate() {
            let row = row.exprs().map(|expression| self.expression(&expression)).collect::<Result<Vec<_>, _>>()?;
            if at == 0 {
                columns = vec![Vec::new(); row.len()];
            }
            if row.len() != columns.len() {
                return Refusal::fails("VALUES lists must all be the same length");
            }
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let columns = columns
            .iter()
            .enumerate()
            .map(|(at, values)| Target { name: format!("column{}", at + 1), value: common(self.cx, values) })
            .collect();
        let output = Output { columns, incomplete: None };
        self.tail(values.tail_clauses(), &output)?;
        Ok(output)
    }

    fn table(&mut self, table: &ast::Table) -> Result<Output, Refusal> {
        self.with(table.with_clause())?;
        self.levels.push(Level::default());
        let name = table.relation_name().and_then(|name| name.relation_name_ref());
        let joined = self.relation(name, None)?;
        self.level().star = joined;
        let output = self.all_columns();
        self.tail(table.tail_clauses(), &output)?;
        Ok(output)
    }

    /// A SELECT, or a SELECT INTO.
    fn select(&mut self, select: &SyntaxNode) -> Result<Output, Refusal> {
        self.with(child(select))?;
        self.levels.push(Level::default());
        for item in child::<ast::FromClause>(select).into_iter().flat_map(|from| from.items()) {
            let joined = self.place_of_item(&item)?;
            self.level().star.extend(joined);
        }
        if let Some(condition) = child::<ast::WhereClause>(select) {
            self.walk(condition.syntax())?;
        }
        let output = self.targets(child::<ast::SelectClause>(select).and_then(|clause| clause.target_list()))?;
        let clauses = [
            child::<ast::HavingClause>(select).map(|clause| clause.syntax().clone()),
            child::<ast::WindowClause>(select).map(|clause| clause.syntax().clone()),
        ];
        for clause in clauses.into_iter().flatten() {
            self.walk(&clause)?;
        }
        if let Some(clause) = child::<ast::GroupByClause>(select) {
            self.keys(clause.syntax(), &output, false)?;
            self.note_functional_dependency(&clause);
        }
        if let Some(ast::SelectQuantifier::DistinctClause(distinct)) =
            child::<ast::SelectClause>(select).and_then(|clause| clause.select_quantifier())
        {
            self.keys(distinct.syntax(), &output, true)?;
        }
        self.tail(select.children().filter_map(ast::SelectTailClause::cast), &output)?;
        Ok(output)
    }

    /// The list of a SELECT.
    fn targets(&mut self, list: Option<ast::TargetList>) -> Result<Output, Refusal> {
        let mut output = Output::default();
        for target in list.into_iter().flat_map(|list| list.targets()) {
            let Some(expression) = target.expr() else {
                let all = self.all_columns();
                output.columns.extend(all.columns);
                output.incomplete = output.incomplete.or(all.incomplete);
                continue;
            };
            if let ast::Expr::FieldExpr(field) = &expression
                && field.star_token().is_some()
            {
                let all = self.qualified_star(field)?;
                output.columns.extend(all.columns);
                output.incomplete = output.incomplete.or(all.incomplete);
                continue;
            }
            let value = self.expression(&expression)?;
            let name = match target.as_name().and_then(|alias| alias.name()) {
                Some(name) => identifier(name.syntax()),
                None => self.output_name(&expression),
            };
            output.columns.push(Target { name, value });
        }
        Ok(output)
    }

    /// ORDER BY, LIMIT and so on.
    fn tail(&mut self, clauses: impl Iterator<Item = ast::SelectTailClause>, output: &Output) -> Result<(), Refusal> {
        for clause in clauses {
            match &clause {
                ast::SelectTailClause::OrderByClause(order) => self.keys(order.syntax(), output, true)?,
                // Locks name tables, not columns.
                ast::SelectTailClause::LockingClause(_) => {}
                other => self.walk(other.syntax())?,
            }
        }
        Ok(())
    }

    /// Expressions among which a name that stands alone may be one of the result: before the columns, or after them.
    fn keys(&mut self, clause: &SyntaxNode, output: &Output, output_first: bool) -> Result<(), Refusal> {
        for node in clause.children() {
            match ast::Expr::cast(node.clone()) {
                Some(ast::Expr::NameRef(name)) => {
                    let text = identifier(name.syntax());
                    let in_output = output.columns.iter().any(|column| column.name == text);
                    let in_scope = self.levels.last().is_some_and(|level| level.has(&text));
                    let known = match output_first {
                        true => in_output,
                        false => in_output && !in_scope,
                    };
                    if !known {
                        self.expression(&ast::Expr::NameRef(name))?;
                    }
                }
                Some(expression) => drop(self.expression(&expression)?),
                None => self.keys(&node, output, output_first)?,
            }
        }
        Ok(())
    }

    /// A query that groups by a primary key may use the table's other columns, and then rests on the key.
    fn note_functional_dependency(&mut self, clause: &ast::GroupByClause) {
        let mut keys: BTreeMap<u32, BTreeSet<i16>> = BTreeMap::new();
        let list = clause.group_by_list().into_iter().flat_map(|list| list.group_bys());
        for key in list {
            let ast::GroupBy::GroupingExpr(key) = key else { return };
            let column = key.expr().and_then(|expression| self.column_of(&expression));
            if let Some(Object { class: Class::Relation, oid, column }) = column {
                keys.entry(oid).or_default().insert(column);
            }
        }
        let world = self.cx.world();
        for (relation, columns) in keys {
            let primary = world.constraints_of(relation).into_iter().find(|oid| world.constraints[oid].kind == 'p');
            let Some(primary) = primary else { continue };
            let key = &world.constraints[&primary].columns;
            let others = |object: &Object| {
                object.class == Class::Relation
                    && object.oid == relation
                    && object.column > 0
                    && !columns.contains(&object.column)
            };
            if key.iter().all(|column| columns.contains(column))
                && self.levels.last().is_some_and(|level| level.ungrouped.iter().any(others))
            {
                self.uses.insert(Object { class: Class::Constraint, oid: primary, column: 0 });
            }
        }
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }
}

fn child<N: AstNode>(node: &SyntaxNode) -> Option<N> {
    node.children().find_map(N::cast)
}

/// The names of a list of columns.
pub(super) fn names(list: Option<ast::ColumnList>) -> Vec<String> {
    list.into_iter().flat_map(|list| list.column_names()).map(|name| identifier(name.syntax())).collect()
}
