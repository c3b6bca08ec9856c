//! FROM: relations, sub-selects, functions, joins.

use squawk_syntax::ast::{self, AstNode};

use super::scope::Place;
use super::{Analyser, Item, ItemColumn, Output, Value, common, names};
use crate::simulate::apply::Refusal;
use crate::simulate::apply::builtin::{INT8, RECORD};
use crate::simulate::apply::context::{column_object, relation_object};
use crate::simulate::apply::resolve::{identifier, known_name};
use crate::simulate::apply::type_name;
use crate::simulate::world::TypeKind;

/// `AS name (columns)`.
#[derive(Default)]
struct Alias {
    name: Option<String>,
    columns: Vec<String>,
    definitions: Option<ast::ColumnDefList>,
}

impl Alias {
    fn of(alias: Option<ast::FromAlias>) -> Alias {
        let Some(alias) = alias else { return Alias::default() };
        let name = alias.name().map(|name| identifier(name.syntax()));
        match alias.columns() {
            Some(ast::FromAliasColumns::ColumnList(list)) => {
                Alias { name, columns: names(Some(list)), definitions: None }
            }
            Some(ast::FromAliasColumns::ColumnDefList(list)) => {
                Alias { name, columns: Vec::new(), definitions: Some(list) }
            }
            None => Alias { name, columns: Vec::new(), definitions: None },
        }
    }
}

impl Analyser<'_, '_> {
    /// What one entry of FROM gives to `*`.
    pub fn place_of_item(&mut self, item: &ast::FromListItem) -> Result<Vec<Place>, Refusal> {
        match item {
            ast::FromListItem::FromItem(item) => self.single(item),
            ast::FromListItem::JoinExpr(join) => self.join_expression(join),
        }
    }

    fn single(&mut self, item: &ast::FromItem) -> Result<Vec<Place>, Refusal> {
        match item {
            ast::FromItem::RelationFromItem(item) => {
                if let Some(sample) = item.tablesample_clause() {
                    self.walk(sample.syntax())?;
                }
                self.relation(item.relation_name_ref(), item.alias())
            }
            ast::FromItem::ParenFromItem(item) => self.parenthesised(item),
            ast::FromItem::FunctionFromItem(item) => {
                let call = item.call_expr();
                self.function(call, item.with_ordinality().is_some(), Alias::of(item.alias()))
            }
            ast::FromItem::ExprFromItem(item) => {
                self.walk(item.syntax())?;
                let alias = Alias::of(item.alias());
                Ok(self.opaque("an expression in FROM is not simulated", alias))
            }
            ast::FromItem::RowsFromItem(item) => {
                self.walk(item.syntax())?;
                Ok(self.opaque("ROWS FROM is not simulated", Alias::of(item.alias())))
            }
            ast::FromItem::JsonTableFromItem(item) => {
                self.walk(item.syntax())?;
                Ok(self.opaque("JSON_TABLE is not simulated", Alias::of(item.alias())))
            }
            ast::FromItem::XmlTableFromItem(item) => {
                self.walk(item.syntax())?;
                Ok(self.opaque("XMLTABLE is not simulated", Alias::of(item.alias())))
            }
            ast::FromItem::GraphTableFromItem(_) => Refusal::unknown("GRAPH_TABLE is not simulated"),
        }
    }

    /// Something of which the columns are not known.
    fn opaque(&mut self, why: &str, alias: Alias) -> Vec<Place> {
        self.level().push(Item { name: alias.name, incomplete: Some(why.to_owned()), ..Item::default() })
    }

    fn renamed(&mut self, mut item: Item, alias: Alias) -> Result<Vec<Place>, Refusal> {
        if alias.columns.len() > item.columns.len() && item.incomplete.is_none() {
            return Refusal::fails("there are more names than columns in FROM");
        }
        for (column, name) in item.columns.iter_mut().zip(alias.columns) {
            column.name = name;
        }
        if alias.name.is_some() {
            item.name = alias.name;
            item.schema = None;
        }
        Ok(self.level().push(item))
    }

    /// A relation, or a query that WITH names.
    pub fn relation(
        &mut self,
        name: Option<ast::RelationNameRef>,
        alias: Option<ast::FromAlias>,
    ) -> Result<Vec<Place>, Refusal> {
        let name = known_name(name.and_then(|name| name.path_ref()))?;
        let alias = Alias::of(alias);
        if name.schema.is_none()
            && let Some(table) = self.tables.iter().rev().find(|table| table.name == name.name)
        {
            let output = match &table.output {
                Some(output) => output.clone(),
                None => return Refusal::unknown("a recursive query that is used before its first part"),
            };
            let item = item_of(output, Some(name.name));
            return self.renamed(item, alias);
        }
        let Some(oid) = self.cx.find_relation(&name) else {
            let system = name.name.starts_with("pg_")
                || matches!(name.schema.as_deref(), Some("pg_catalog" | "information_schema" | "pg_toast"));
            if system {
                let why = format!("{} belongs to the server's own catalogs", name.display());
                let item =
                    Item { name: Some(name.name), schema: name.schema, incomplete: Some(why), ..Item::default() };
                return self.renamed(item, alias);
            }
            return Refusal::fails(format!("relation \"{}\" does not exist", name.display()));
        };
        self.uses.insert(relation_object(oid));
        self.reads.insert(oid);
        let relation = self.cx.relation(oid);
        let incomplete = match relation.kind {
            'r' | 'p' | 'v' | 'm' | 'f' => relation.uncertain.clone(),
            'S' => Some("the columns of a sequence are not simulated".to_owned()),
            _ => return Refusal::fails(format!("cannot open relation \"{}\"", name.display())),
        };
        let columns = relation.columns.iter().map(|column| ItemColumn {
            name: column.name.clone(),
            // 0 is a type that could not be told.
            value: (column.r#type != 0).then_some(Value {
                oid: column.r#type,
                modifier: column.modifier,
                collation: column.collation,
            }),
            uses: vec![column_object(oid, column.number)],
        });
        let schema = self.cx.world().schemas.get(&relation.schema).map(|schema| schema.name.clone());
        let item = Item {
            name: Some(name.name),
            schema,
            columns: columns.collect(),
            incomplete,
            row_type: relation.row_type,
            hidden: false,
        };
        self.renamed(item, alias)
    }

    fn parenthesised(&mut self, item: &ast::ParenFromItem) -> Result<Vec<Place>, Refusal> {
        let alias = Alias::of(item.alias());
        let query = match (item.paren_select(), item.paren_expr()) {
            (Some(select), _) => Some(ast::SelectVariant::ParenSelect(select)),
            (None, Some(inner)) => {
                if let Some(joined) = inner.from_list_item() {
                    return self.parenthesised_join(&joined, alias);
                }
                super::expression::query_in(&inner)
            }
            (None, None) => None,
        };
        let Some(query) = query else { return Refusal::unknown("something in FROM that is not simulated") };
        // Without LATERAL it does not see what stands beside it.
        let hidden = match item.lateral_token() {
            Some(_) => None,
            None => self.levels.pop(),
        };
        let output = self.query(&query);
        self.levels.extend(hidden);
        let item = item_of(output?, None);
        self.renamed(item, alias)
    }

    fn parenthesised_join(&mut self, joined: &ast::FromListItem, alias: Alias) -> Result<Vec<Place>, Refusal> {
        let first = self.level().items.len();
        let places = self.place_of_item(joined)?;
        if alias.name.is_none() {
            return Ok(places);
        }
        let level = self.level();
        let columns = places.iter().filter_map(|place| level.column(*place).cloned()).collect();
        let incomplete = places
            .iter()
            .find(|(_, column)| column.is_none())
            .and_then(|(item, _)| level.items[*item].incomplete.clone());
        for item in &mut level.items[first..] {
            item.hidden = true;
        }
        self.renamed(Item { columns, incomplete, ..Item::default() }, alias)
    }

    fn function(&mut self, call: Option<ast::CallExpr>, ordinality: bool, alias: Alias) -> Result<Vec<Place>, Refusal> {
        let Some(call) = call else { return Refusal::unknown("a function's name is missing") };
        // Functions see what stands before them, as with LATERAL.
        let expression = ast::Expr::CallExpr(call);
        let name = self.output_name(&expression);
        let value = self.expression(&expression)?;
        let mut item = Item { name: Some(name.clone()), ..Item::default() };
        if let Some(definitions) = &alias.definitions {
            for definition in definitions.column_defs() {
                let Some((name, r#type)) = definition.name().zip(definition.ty()) else { continue };
                let r#type = type_name::resolve(self.cx, &r#type)?;
                self.use_type(r#type.oid);
                let value = Value::of(self.cx, r#type);
                item.columns.push(ItemColumn { name: identifier(name.syntax()), value: Some(value), uses: Vec::new() });
            }
        } else {
            let kind = value.and_then(|value| self.cx.world().types.get(&value.oid)).map(|r#type| &r#type.kind);
            match (value, kind) {
                (Some(value), _) if value.oid == RECORD => {
                    item.incomplete = Some(format!("what {name} gives cannot be told"))
                }
                (_, Some(TypeKind::Composite(relation))) => {
                    let relation = self.cx.relation(*relation);
                    item.columns = relation
                        .columns
                        .iter()
                        .map(|column| ItemColumn {
                            name: column.name.clone(),
                            value: Some(Value {
                                oid: column.r#type,
                                modifier: column.modifier,
                                collation: column.collation,
                            }),
                            uses: Vec::new(),
                        })
                        .collect();
                    item.incomplete.clone_from(&relation.uncertain);
                }
                (Some(value), _) => {
                    // One column, of the name that the function goes by here.
                    let column = alias.name.clone().unwrap_or_else(|| name.clone());
                    item.columns.push(ItemColumn { name: column, value: Some(value), uses: Vec::new() });
                }
                (None, _) => item.incomplete = Some(format!("what {name} gives cannot be told")),
            }
        }
        if ordinality && item.incomplete.is_none() {
            let value = Some(Value { oid: INT8, modifier: -1, collation: 0 });
            item.columns.push(ItemColumn { name: "ordinality".to_owned(), value, uses: Vec::new() });
        }
        self.renamed(item, alias)
    }

    fn join_expression(&mut self, join: &ast::JoinExpr) -> Result<Vec<Place>, Refusal> {
        // Chains lean to the left, and may be long.
        let mut joins = Vec::new();
        let mut first = ast::FromListItem::JoinExpr(join.clone());
        while let ast::FromListItem::JoinExpr(join) = &first {
            let (Some(inner), Some(right)) = (join.from_list_item(), join.join()) else {
                return Refusal::unknown("a join that is not complete");
            };
            joins.push(right);
            first = inner;
        }
        let mut left = self.place_of_item(&first)?;
        for join in joins.into_iter().rev() {
            left = self.join(left, &join)?;
        }
        Ok(left)
    }

    fn join(&mut self, left: Vec<Place>, join: &ast::Join) -> Result<Vec<Place>, Refusal> {
        let Some(item) = join.from_list_item() else { return Refusal::unknown("a join that is not complete") };
        // What LATERAL and functions on the right may see.
        let before = self.level().star.clone();
        self.level().star.extend(left.iter().copied());
        let right = self.place_of_item(&item)?;
        self.level().star.extend(right.iter().copied());
        let result = match join.join_condition() {
            Some(ast::JoinCondition::OnClause(on)) => {
                // ON sees the two sides of its join only.
                self.level().star = [left.clone(), right.clone()].concat();
                self.walk(on.syntax())?;
                Ok([left, right].concat())
            }
            Some(ast::JoinCondition::JoinUsingClause(using)) => {
                let columns = using.column_ref_list().into_iter().flat_map(|list| list.column_name_refs());
                let columns: Vec<String> = columns.map(|column| identifier(column.syntax())).collect();
                let alias = using.alias().and_then(|alias| alias.name()).map(|name| identifier(name.syntax()));
                self.merge(left, right, &columns, alias)
            }
            None if join.natural_token().is_some() => {
                let level = self.level();
                if left.iter().chain(&right).any(|(_, column)| column.is_none()) {
                    return Refusal::unknown("a NATURAL join of something whose columns are not known");
                }
                let has = |places: &[Place], name: &str| {
                    places.iter().filter_map(|place| level.column(*place)).any(|column| column.name == name)
                };
                let columns: Vec<String> = left
                    .iter()
                    .filter_map(|place| level.column(*place))
                    .map(|column| column.name.clone())
                    .filter(|name| has(&right, name))
                    .collect();
                self.merge(left, right, &columns, None)
            }
            None => Ok([left, right].concat()),
        };
        self.level().star = before;
        result
    }

    /// USING: the merged columns, then what is left of the left side, then of the right.
    fn merge(
        &mut self,
        left: Vec<Place>,
        right: Vec<Place>,
        names: &[String],
        alias: Option<String>,
    ) -> Result<Vec<Place>, Refusal> {
        let mut merged = Vec::new();
        for name in names {
            let (left, right) = (self.side(&left, name)?, self.side(&right, name)?);
            let value = common(self.cx, &[left.value, right.value]);
            let uses = [left.uses, right.uses].concat();
            self.uses.extend(uses.iter().copied());
            merged.push(ItemColumn { name: name.clone(), value, uses });
        }
        let level = self.level();
        let rest: Vec<Place> = [left, right]
            .concat()
            .into_iter()
            .filter(|place| level.column(*place).is_none_or(|column| !names.contains(&column.name)))
            .collect();
        let mut places = level.push(Item { name: alias, columns: merged, ..Item::default() });
        places.extend(rest);
        Ok(places)
    }

    fn side(&mut self, places: &[Place], name: &str) -> Result<ItemColumn, Refusal> {
        let level = self.level();
        let mut found = places.iter().filter_map(|place| level.column(*place)).filter(|column| column.name == name);
        match (found.next(), found.next()) {
            (Some(column), None) => Ok(column.clone()),
            (Some(_), Some(_)) => {
                Refusal::fails(format!("common column name \"{name}\" appears more than once in a side of a join"))
            }
            _ if places.iter().any(|(_, column)| column.is_none()) => {
                Refusal::unknown("a join with USING of something whose columns are not known")
            }
            _ => Refusal::fails(format!("column \"{name}\" specified in USING clause does not exist")),
        }
    }
}

fn item_of(output: Output, name: Option<String>) -> Item {
    let columns = output
        .columns
        .into_iter()
        .map(|column| ItemColumn { name: column.name, value: column.value, uses: Vec::new() })
        .collect();
    Item { name, columns, incomplete: output.incomplete, ..Item::default() }
}
