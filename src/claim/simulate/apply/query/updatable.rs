//! Whether the server can update a view by itself (`view_query_is_auto_updatable` and `view_col_is_auto_updatable` in its
//! rewriteHandler.c): its query is one relation without grouping, limits and the like, and a column of it that relation's.

use std::collections::BTreeMap;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::calls::{Calls, calls};
use super::{child, names};
use crate::simulate::apply::context::Context;
use crate::simulate::apply::resolve::{identifier, known_name};
use crate::simulate::apply::type_name;
use crate::simulate::world::{Relation, Writing};

/// Why it cannot be told.
type Unsure = String;

/// How a view of this query is written; `None` if it takes nothing by itself.
pub(crate) fn writing(cx: &Context, query: &ast::SelectVariant) -> Option<Writing> {
    match of_query(cx, query) {
        Ok(found) => found,
        Err(why) => Some(Writing::Unsure(why)),
    }
}

fn of_query(cx: &Context, query: &ast::SelectVariant) -> Result<Option<Writing>, Unsure> {
    let node = query.syntax();
    if child::<ast::WithClause>(node).is_some() || !node.children().filter_map(ast::SelectTailClause::cast).all(keeps) {
        return Ok(None);
    }
    match query {
        ast::SelectVariant::Select(_) => of_select(cx, node),
        ast::SelectVariant::ParenSelect(paren) => match paren.select() {
            Some(inner) => of_query(cx, &inner),
            None => Ok(None),
        },
        ast::SelectVariant::Table(table) => {
            let name = table.relation_name().and_then(|name| name.relation_name_ref());
            let Some(base) = Base::find(cx, name, None)? else { return Ok(None) };
            Ok(Some(base.writing(base.all()?)))
        }
        _ => Ok(None),
    }
}

/// Whether a clause leaves every row in its place.
fn keeps(clause: ast::SelectTailClause) -> bool {
    matches!(clause, ast::SelectTailClause::OrderByClause(_) | ast::SelectTailClause::LockingClause(_))
}

fn of_select(cx: &Context, select: &SyntaxNode) -> Result<Option<Writing>, Unsure> {
    let clause = child::<ast::SelectClause>(select);
    let quantifier = clause.as_ref().and_then(|clause| clause.select_quantifier());
    if matches!(quantifier, Some(ast::SelectQuantifier::DistinctClause(_)))
        || child::<ast::GroupByClause>(select).is_some()
        || child::<ast::HavingClause>(select).is_some()
    {
        return Ok(None);
    }
    let items: Vec<ast::FromListItem> =
        child::<ast::FromClause>(select).into_iter().flat_map(|from| from.items()).collect();
    let [ast::FromListItem::FromItem(ast::FromItem::RelationFromItem(item))] = items.as_slice() else {
        return Ok(None);
    };
    if item.tablesample_clause().is_some() {
        return Ok(None);
    }
    let Some(base) = Base::find(cx, item.relation_name_ref(), item.alias())? else { return Ok(None) };
    let mut columns: Vec<Option<i16>> = Vec::new();
    for target in clause.and_then(|clause| clause.target_list()).into_iter().flat_map(|list| list.targets()) {
        let Some(expression) = target.expr() else {
            columns.extend(base.all()?.into_iter().map(Some));
            continue;
        };
        if let ast::Expr::FieldExpr(field) = &expression
            && field.star_token().is_some()
        {
            let qualifier = field.base();
            match qualifier.as_ref().is_some_and(|qualifier| base.is_named(qualifier)) {
                true => columns.extend(base.all()?.into_iter().map(Some)),
                // The parts of a column.
                false => return Err("what a row in its list gives cannot be told".to_owned()),
            }
            continue;
        }
        columns.push(base.column(cx, &expression)?);
    }
    let order = select.children().filter_map(ast::OrderByClause::cast).map(|clause| clause.syntax().clone());
    let list = child::<ast::SelectClause>(select).and_then(|clause| clause.target_list());
    for node in list.map(|list| list.syntax().clone()).into_iter().chain(order) {
        match calls(cx, &node) {
            Calls::Plain => {}
            Calls::OfManyRows => return Ok(None),
            Calls::Unsure(name) => {
                return Err(format!("what {name}() is cannot be told, and so whether a view of it can be written"));
            }
        }
    }
    let numbered = columns.into_iter().enumerate().filter_map(|(at, number)| Some((at, number?)));
    Ok(Some(base.writing_of(numbered.filter_map(|(at, number)| Some((i16::try_from(at + 1).ok()?, number))))))
}

/// The one relation in FROM, and what it and its columns are called there.
struct Base {
    oid: u32,
    name: String,
    /// Name, `attnum`.
    columns: Vec<(String, i16)>,
    incomplete: Option<String>,
    relation: std::rc::Rc<Relation>,
}

impl Base {
    /// `None` for what can never be written through a view.
    fn find(
        cx: &Context,
        name: Option<ast::RelationNameRef>,
        alias: Option<ast::FromAlias>,
    ) -> Result<Option<Base>, Unsure> {
        let unknown = || "what it reads cannot be told".to_owned();
        let name = known_name(name.and_then(|name| name.path_ref())).map_err(|_| unknown())?;
        let oid = cx.find_relation(&name).ok_or_else(unknown)?;
        let relation = cx.relation(oid);
        if !matches!(relation.kind, 'r' | 'p' | 'f' | 'v') {
            return Ok(None);
        }
        let mut base = Base {
            oid,
            name: name.name,
            columns: relation.columns.iter().map(|column| (column.name.clone(), column.number)).collect(),
            incomplete: relation.uncertain.clone(),
            relation: std::rc::Rc::clone(relation),
        };
        if let Some(alias) = alias {
            if let Some(name) = alias.name() {
                base.name = identifier(name.syntax());
            }
            if let Some(ast::FromAliasColumns::ColumnList(list)) = alias.columns() {
                for (column, name) in base.columns.iter_mut().zip(names(Some(list))) {
                    column.0 = name;
                }
            }
        }
        Ok(Some(base))
    }

    /// `*`.
    fn all(&self) -> Result<Vec<i16>, Unsure> {
        match &self.incomplete {
            Some(why) => Err(why.clone()),
            None => Ok(self.columns.iter().map(|(_, number)| *number).collect()),
        }
    }

    /// Whether this names it: `table`, `schema.table`.
    fn is_named(&self, qualifier: &ast::Expr) -> bool {
        match qualifier {
            ast::Expr::NameRef(name) => identifier(name.syntax()) == self.name,
            ast::Expr::FieldExpr(field) => {
                field.field().is_some_and(|name| identifier(name.syntax()) == self.name)
                    && matches!(field.base(), Some(ast::Expr::NameRef(_)))
            }
            _ => false,
        }
    }

    fn named(&self, name: &str) -> Result<Option<i16>, Unsure> {
        let found = self.columns.iter().find(|(known, _)| known == name).map(|(_, number)| *number);
        match &self.incomplete {
            Some(why) if found.is_none() => Err(why.clone()),
            _ => Ok(found),
        }
    }

    /// The column that an expression is and nothing else.
    fn column(&self, cx: &Context, expression: &ast::Expr) -> Result<Option<i16>, Unsure> {
        match expression {
            ast::Expr::NameRef(name) => self.named(&identifier(name.syntax())),
            ast::Expr::FieldExpr(field) if field.base().is_some_and(|base| self.is_named(&base)) => {
                let Some(name) = field.field() else { return Ok(None) };
                self.named(&identifier(name.syntax()))
            }
            ast::Expr::ParenExpr(inner) => match inner.expr() {
                Some(inner) => self.column(cx, &inner),
                None => Ok(None),
            },
            // The server leaves out a cast to what it is already.
            ast::Expr::CastExpr(cast) => {
                let Some((inner, wanted)) = cast.expr().zip(cast.ty()) else { return Ok(None) };
                let Some(number) = self.column(cx, &inner)? else { return Ok(None) };
                let is = self.relation.columns.iter().find(|column| column.number == number);
                let Ok(wanted) = type_name::resolve(cx, &wanted) else {
                    return Err("what a cast in its list makes cannot be told".to_owned());
                };
                let is_same = is.is_some_and(|is| {
                    is.r#type == wanted.oid && (wanted.modifier == -1 || is.modifier == wanted.modifier)
                });
                Ok(is_same.then_some(number))
            }
            _ => Ok(None),
        }
    }

    fn writing(&self, columns: Vec<i16>) -> Writing {
        self.writing_of((1..).zip(columns))
    }

    fn writing_of(&self, columns: impl Iterator<Item = (i16, i16)>) -> Writing {
        Writing::Onto { relation: self.oid, columns: columns.collect::<BTreeMap<i16, i16>>() }
    }
}
