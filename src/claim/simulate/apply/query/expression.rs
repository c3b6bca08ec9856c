//! Expressions: what they use, and of which type they are.

use squawk_syntax::ast::{self, AstNode, BinOp, LitKind};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::operator::{base, binary, collation};
use super::scope::Found;
use super::{Analyser, Output, Value, common};
use crate::simulate::apply::Refusal;
use crate::simulate::apply::builtin::{
    BIT, BOOL, BPCHAR, DATE, DEFAULT_COLLATION, FIRST_OF_USERS, INT4, INT8, INTERVAL, NAME, NUMERIC, RECORD, REGCLASS,
    TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, UNKNOWN,
};
use crate::simulate::apply::context::{column_object, relation_object};
use crate::simulate::apply::resolve::{Name, identifier, known_name};
use crate::simulate::apply::type_name;
use crate::simulate::world::{Class, Object, TypeKind};

/// The query in parentheses, if it is one.
pub(super) fn query_in(paren: &ast::ParenExpr) -> Option<ast::SelectVariant> {
    use ast::SelectVariant::{CompoundSelect, ParenSelect, Select, Table, Values};
    None.or_else(|| paren.select().map(Select))
        .or_else(|| paren.compound_select().map(CompoundSelect))
        .or_else(|| paren.paren_select().map(ParenSelect))
        .or_else(|| paren.table().map(Table))
        .or_else(|| paren.values().map(Values))
}

type Typed = Result<Option<Value>, Refusal>;

impl Analyser<'_, '_> {
    /// Notes all that is used beneath a node.
    pub fn walk(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        for child in node.children() {
            self.walk_node(child)?;
        }
        Ok(())
    }

    fn walk_node(&mut self, node: SyntaxNode) -> Result<(), Refusal> {
        if let Some(expression) = ast::Expr::cast(node.clone()) {
            self.expression(&expression)?;
        } else if let Some(query) = ast::SelectVariant::cast(node.clone()) {
            self.query(&query)?;
        } else if let Some(r#type) = ast::Type::cast(node.clone()) {
            let oid = type_name::resolve(self.cx, &r#type)?.oid;
            self.use_type(oid);
        } else {
            self.walk(&node)?;
        }
        Ok(())
    }

    pub fn use_type(&mut self, oid: u32) {
        if oid >= FIRST_OF_USERS {
            self.uses.insert(Object { class: Class::Type, oid, column: 0 });
        }
    }

    /// The type of an expression; `None` if it cannot be told.
    pub fn expression(&mut self, expression: &ast::Expr) -> Typed {
        match expression {
            ast::Expr::Literal(literal) => Ok(literal_type(literal)),
            ast::Expr::NameRef(name) => self.name(name),
            ast::Expr::FieldExpr(field) => self.field(field),
            ast::Expr::CastExpr(cast) => self.cast(cast),
            ast::Expr::CallExpr(call) => self.call(call),
            ast::Expr::BinExpr(chain) => self.chain(chain),
            ast::Expr::CaseExpr(case) => self.case(case),
            ast::Expr::ParenExpr(paren) => self.paren(paren),
            ast::Expr::ArrayExpr(array) => self.array(array),
            ast::Expr::TupleExpr(tuple) => {
                self.walk(tuple.syntax())?;
                Ok(Some(Value::plain(RECORD)))
            }
            ast::Expr::BetweenExpr(between) => {
                self.walk(between.syntax())?;
                Ok(Some(Value::plain(BOOL)))
            }
            ast::Expr::PrefixExpr(prefix) => self.prefix(prefix),
            ast::Expr::PostfixExpr(postfix) => {
                self.walk(postfix.syntax())?;
                Ok(match postfix.op() {
                    None | Some(ast::PostfixOp::AtLocal(_)) => None,
                    Some(_) => Some(Value::plain(BOOL)),
                })
            }
            ast::Expr::IndexExpr(index) => {
                let value = match index.base() {
                    Some(array) => self.expression(&array)?,
                    None => None,
                };
                if let Some(subscript) = index.index() {
                    self.expression(&subscript)?;
                }
                Ok(value.and_then(|value| self.element(value)))
            }
            ast::Expr::SliceExpr(slice) => {
                let value = match slice.base() {
                    Some(array) => self.expression(&array)?,
                    None => None,
                };
                for bound in [slice.start(), slice.end()].into_iter().flatten() {
                    self.expression(&bound)?;
                }
                Ok(value)
            }
            ast::Expr::Collate(collate) => {
                let value = match collate.expr() {
                    Some(inner) => self.expression(&inner)?,
                    None => None,
                };
                let name = known_name(collate.collation_ref().and_then(|name| name.path_ref()))?;
                let found = self.find_collation(&name);
                Ok(value.zip(found).map(|(value, collation)| Value { collation, ..value.settled() }))
            }
        }
    }

    fn find_collation(&self, name: &Name) -> Option<u32> {
        let collations = &self.cx.world().collations;
        let schemas = match &name.schema {
            Some(schema) => vec![self.cx.world().schema_named(schema)?],
            None => self.cx.path(),
        };
        schemas.into_iter().find_map(|schema| {
            collations.iter().find(|(_, (at, known))| *at == schema && *known == name.name).map(|(oid, _)| *oid)
        })
    }

    fn name(&mut self, name: &ast::NameRef) -> Typed {
        let word = name.syntax().first_token().map(|token| token.kind());
        let built_in = match word {
            Some(SyntaxKind::CURRENT_DATE_KW) => Some(DATE),
            Some(SyntaxKind::CURRENT_TIMESTAMP_KW) => Some(TIMESTAMPTZ),
            Some(SyntaxKind::LOCALTIMESTAMP_KW) => Some(TIMESTAMP),
            Some(SyntaxKind::CURRENT_TIME_KW) => Some(TIMETZ),
            Some(SyntaxKind::LOCALTIME_KW) => Some(TIME),
            Some(
                SyntaxKind::CURRENT_USER_KW
                | SyntaxKind::CURRENT_ROLE_KW
                | SyntaxKind::SESSION_USER_KW
                | SyntaxKind::USER_KW
                | SyntaxKind::CURRENT_CATALOG_KW
                | SyntaxKind::CURRENT_SCHEMA_KW,
            ) => Some(NAME),
            _ => None,
        };
        if let Some(oid) = built_in {
            return Ok(Some(Value::of(self.cx, type_name::TypeUse::plain(oid))));
        }
        let name = identifier(name.syntax());
        let found = self.look_up(&name)?;
        Ok(self.value_of(found))
    }

    fn value_of(&mut self, found: Found) -> Option<Value> {
        match found {
            Found::Column(column) => column.value,
            Found::Whole(item) => match item.row_type {
                0 => Some(Value::plain(RECORD)),
                oid => Some(Value::plain(oid)),
            },
            Found::Perhaps(why) => {
                self.doubt(why);
                None
            }
            Found::Nothing => None,
        }
    }

    /// The names of `a.b.c`; `None` if it begins with something else.
    fn dotted(field: &ast::FieldExpr) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if field.star_token().is_none() {
            names.push(identifier(field.field()?.syntax()));
        }
        let mut base = field.base()?;
        loop {
            match base {
                ast::Expr::NameRef(name) => {
                    names.push(identifier(name.syntax()));
                    names.reverse();
                    return Some(names);
                }
                ast::Expr::FieldExpr(inner) => {
                    names.push(identifier(inner.field()?.syntax()));
                    base = inner.base()?;
                }
                _ => return None,
            }
        }
    }

    fn field(&mut self, field: &ast::FieldExpr) -> Typed {
        let Some(names) = Self::dotted(field) else {
            let value = match field.base() {
                Some(base) => self.expression(&base)?,
                None => None,
            };
            let name = field.field().map(|name| identifier(name.syntax()));
            return Ok(value.zip(name).and_then(|(value, name)| self.attribute(value, &name)));
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if field.star_token().is_some() {
            // A whole row, as an argument.
            let item = match names.as_slice() {
                [item] => self.look_up_item(None, item),
                [schema, item] => self.look_up_item(Some(schema), item),
                _ => None,
            };
            return match item {
                Some(item) => Ok(self.value_of(Found::Whole(item))),
                None => Refusal::fails(format!("missing FROM-clause entry for table \"{}\"", names.join("."))),
            };
        }
        let found = match names.as_slice() {
            [item, column] => self.look_up_in(None, item, column)?,
            [schema, item, column] => self.look_up_in(Some(schema), item, column)?,
            _ => return Refusal::unknown("a name with more than three parts is not simulated"),
        };
        match found {
            Some(found) => Ok(self.value_of(found)),
            None => Refusal::fails(format!(
                "missing FROM-clause entry for table \"{}\"",
                names[..names.len() - 1].join(".")
            )),
        }
    }

    /// `item.*` among the targets, or the attributes of a composite value.
    pub fn qualified_star(&mut self, field: &ast::FieldExpr) -> Result<Output, Refusal> {
        let Some(names) = Self::dotted(field) else {
            self.walk(field.syntax())?;
            return Ok(Output {
                columns: Vec::new(),
                incomplete: Some("the attributes of a composite value are not simulated".to_owned()),
            });
        };
        let item = match names.as_slice() {
            [item] => self.look_up_item(None, item),
            [schema, item] => self.look_up_item(Some(schema), item),
            _ => None,
        };
        match item {
            Some(item) => Ok(self.columns_of(item)),
            None => Refusal::fails(format!("missing FROM-clause entry for table \"{}\"", names.join("."))),
        }
    }

    /// An attribute of a composite value.
    fn attribute(&mut self, value: Value, name: &str) -> Option<Value> {
        let world = self.cx.world();
        let TypeKind::Composite(relation) = world.types.get(&base(self.cx, value.oid))?.kind else { return None };
        let found = world.relations.get(&relation)?.columns.iter().find(|column| column.name == name)?;
        let value = Value { oid: found.r#type, modifier: found.modifier, collation: found.collation };
        self.uses.insert(column_object(relation, found.number));
        Some(value)
    }

    /// The column of a relation that a name stands for.
    pub fn column_of(&mut self, expression: &ast::Expr) -> Option<Object> {
        let found = match expression {
            ast::Expr::NameRef(name) => self.look_up(&identifier(name.syntax())).ok()?,
            ast::Expr::FieldExpr(field) => match Self::dotted(field)?.as_slice() {
                [item, column] => self.look_up_in(None, item, column).ok()??,
                [schema, item, column] => self.look_up_in(Some(schema), item, column).ok()??,
                _ => return None,
            },
            _ => return None,
        };
        match found {
            Found::Column(column) if column.uses.len() == 1 => column.uses.first().copied(),
            _ => None,
        }
    }

    fn cast(&mut self, cast: &ast::CastExpr) -> Typed {
        let inner = match cast.expr() {
            Some(inner) => self.expression(&inner)?,
            None => Some(Value::plain(UNKNOWN)),
        };
        let Some(r#type) = cast.ty() else { return Ok(None) };
        let mut target = type_name::resolve(self.cx, &r#type)?;
        if target.oid == INTERVAL && cast.interval_qualifier().is_some() {
            target.modifier = type_name::interval_modifier(cast.interval_qualifier())?;
        }
        self.use_type(target.oid);
        let literal = match cast.expr() {
            Some(ast::Expr::Literal(literal)) => Some(literal),
            Some(_) => None,
            None => cast.literal(),
        };
        if target.oid == REGCLASS {
            self.use_named_relation(literal.as_ref());
        }
        let own = Value::of(self.cx, target);
        // A type with a collation of its own keeps it; another takes that of the value.
        let collation =
            match own.collation {
                0 => Some(0),
                DEFAULT_COLLATION => {
                    inner.map(|inner| if inner.collation == 0 { DEFAULT_COLLATION } else { inner.collation })
                }
                _ if target.oid == NAME => inner.map(|inner| {
                    if inner.collation == 0 || inner.oid == UNKNOWN { own.collation } else { inner.collation }
                }),
                other => Some(other),
            };
        // Whatever the value is, its type is known; only a text's collation may not be.
        Ok(collation.map(|collation| Value { collation, ..own }))
    }

    /// `'name'::regclass`, and the argument of nextval.
    pub fn use_named_relation(&mut self, literal: Option<&ast::Literal>) {
        let Some(text) = literal.and_then(|literal| literal.string_value()) else { return };
        match relation_in_text(&text).and_then(|name| self.cx.find_relation(&name)) {
            Some(oid) => drop(self.uses.insert(relation_object(oid))),
            None => self.doubt(format!("{text} is looked up when it runs")),
        }
    }

    /// Chains lean to the left, and may be long.
    fn chain(&mut self, chain: &ast::BinExpr) -> Typed {
        let mut steps = vec![chain.clone()];
        let first = loop {
            match steps.last().and_then(|step| step.lhs()) {
                Some(ast::Expr::BinExpr(inner)) => steps.push(inner),
                other => break other,
            }
        };
        let mut value = match first {
            Some(first) => self.expression(&first)?,
            None => None,
        };
        for step in steps.into_iter().rev() {
            let right = match step.rhs() {
                Some(right) => self.expression(&right)?,
                None => None,
            };
            value = step.op().and_then(|operator| self.operation(&operator, value, right));
        }
        Ok(value)
    }

    fn operation(&self, operator: &BinOp, left: Option<Value>, right: Option<Value>) -> Option<Value> {
        match operator {
            BinOp::And(_)
            | BinOp::Or(_)
            | BinOp::Eq(_)
            | BinOp::Neq(_)
            | BinOp::Neqb(_)
            | BinOp::LAngle(_)
            | BinOp::RAngle(_)
            | BinOp::Lteq(_)
            | BinOp::Gteq(_)
            | BinOp::Like(_)
            | BinOp::Ilike(_)
            | BinOp::NotLike(_)
            | BinOp::NotIlike(_)
            | BinOp::SimilarTo(_)
            | BinOp::NotSimilarTo(_)
            | BinOp::Escape(_)
            | BinOp::In(_)
            | BinOp::NotIn(_)
            | BinOp::Is(_)
            | BinOp::IsNot(_)
            | BinOp::IsDistinctFrom(_)
            | BinOp::IsNotDistinctFrom(_)
            | BinOp::Overlaps(_) => Some(Value::plain(BOOL)),
            BinOp::AtTimeZone(_) => match base(self.cx, left?.oid) {
                TIMESTAMP => Some(Value::plain(TIMESTAMPTZ)),
                TIMESTAMPTZ => Some(Value::plain(TIMESTAMP)),
                _ => None,
            },
            BinOp::Plus(_) => binary(self.cx, "+", left?, right?),
            BinOp::Minus(_) => binary(self.cx, "-", left?, right?),
            BinOp::Star(_) => binary(self.cx, "*", left?, right?),
            BinOp::Slash(_) => binary(self.cx, "/", left?, right?),
            BinOp::Percent(_) => binary(self.cx, "%", left?, right?),
            BinOp::Caret(_) => binary(self.cx, "^", left?, right?),
            BinOp::CustomOp(custom) => {
                let text: String = custom.syntax().text().to_string().split_whitespace().collect();
                binary(self.cx, &text, left?, right?)
            }
            _ => None,
        }
    }

    fn case(&mut self, case: &ast::CaseExpr) -> Typed {
        if let Some(argument) = case.expr() {
            self.expression(&argument)?;
        }
        // The type is looked for from ELSE on.
        let mut values = Vec::new();
        match case.else_clause().and_then(|clause| clause.expr()) {
            Some(otherwise) => values.push(self.expression(&otherwise)?),
            None => values.push(Some(Value::plain(UNKNOWN))),
        }
        for when in case.when_clause_list().into_iter().flat_map(|list| list.when_clauses()) {
            if let Some(condition) = when.condition() {
                self.expression(&condition)?;
            }
            match when.then() {
                Some(result) => values.push(self.expression(&result)?),
                None => values.push(None),
            }
        }
        Ok(common(self.cx, &values))
    }

    fn paren(&mut self, paren: &ast::ParenExpr) -> Typed {
        match (paren.expr(), query_in(paren)) {
            (Some(inner), _) => self.expression(&inner),
            (None, Some(query)) => {
                let output = self.query(&query)?;
                Ok(output.columns.first().and_then(|column| column.value))
            }
            (None, None) => Ok(None),
        }
    }

    fn array(&mut self, array: &ast::ArrayExpr) -> Typed {
        let element = match array.select_variant() {
            Some(query) => self.query(&query)?.columns.first().and_then(|column| column.value),
            None => {
                let values = array.exprs().map(|item| self.expression(&item)).collect::<Result<Vec<_>, _>>()?;
                if values.is_empty() { None } else { common(self.cx, &values) }
            }
        };
        Ok(element.and_then(|element| self.array_of(element)))
    }

    pub fn array_of(&self, element: Value) -> Option<Value> {
        let element = element.settled();
        let world = self.cx.world();
        let array = match world.types.get(&element.oid)? {
            found if found.array != 0 => found.array,
            found if matches!(found.kind, TypeKind::Array(_)) => element.oid,
            _ => return None,
        };
        Some(Value { oid: array, ..element })
    }

    /// What a subscript gives.
    pub fn element(&self, value: Value) -> Option<Value> {
        match self.cx.world().types.get(&base(self.cx, value.oid))?.kind {
            TypeKind::Array(element) => Some(Value { oid: element, ..value }),
            _ => None,
        }
    }

    fn prefix(&mut self, prefix: &ast::PrefixExpr) -> Typed {
        let value = match prefix.expr() {
            Some(inner) => self.expression(&inner)?,
            None => None,
        };
        Ok(match prefix.op() {
            Some(ast::PrefixOp::Not(_)) => Some(Value::plain(BOOL)),
            Some(ast::PrefixOp::Minus(_) | ast::PrefixOp::Plus(_)) => {
                value.filter(|value| is_number(value.oid) || value.oid == INTERVAL).map(Value::without_modifier)
            }
            _ => None,
        })
    }

    /// What a function of these arguments gives, of a type with a collation.
    pub fn with_collation(&self, oid: u32, arguments: &[Option<Value>]) -> Option<Value> {
        let own = Value::of(self.cx, type_name::TypeUse::plain(oid));
        if own.collation == 0 {
            return Some(own);
        }
        let arguments: Vec<Value> = arguments.iter().copied().collect::<Option<_>>()?;
        match collation(arguments)? {
            0 => Some(own),
            collation => Some(Value { collation, ..own }),
        }
    }
}

fn is_number(oid: u32) -> bool {
    use crate::simulate::apply::builtin::{FLOAT4, FLOAT8, INT2};
    matches!(oid, INT2 | INT4 | INT8 | NUMERIC | FLOAT4 | FLOAT8)
}

/// A name in a string: `'schema."Name"'`.
pub(super) fn relation_in_text(text: &str) -> Option<Name> {
    let parse = squawk_syntax::SourceFile::parse(&format!("TABLE {text}"));
    if !parse.errors().is_empty() {
        return None;
    }
    let path = parse.tree().syntax().descendants().find_map(ast::RelationNameRef::cast)?.path_ref();
    known_name(path).ok()
}

fn literal_type(literal: &ast::Literal) -> Option<Value> {
    let oid = match literal.kind()? {
        LitKind::String(_) | LitKind::EscString(_) | LitKind::UnicodeEscString(_) | LitKind::DollarQuotedString(_) => {
            UNKNOWN
        }
        LitKind::Null(_) => UNKNOWN,
        LitKind::True(_) | LitKind::False(_) => BOOL,
        LitKind::NumericNumber(_) => NUMERIC,
        LitKind::IntNumber(token) => match token.text().parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => INT4,
            Ok(_) => INT8,
            Err(_) => NUMERIC,
        },
        LitKind::BitString(_) | LitKind::ByteString(_) => BIT,
        LitKind::NationalString(_) => BPCHAR,
        _ => return None,
    };
    Some(Value::plain(oid))
}
