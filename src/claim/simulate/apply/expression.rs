//! Expressions about one relation: of a CHECK, a DEFAULT, an index, a generated column.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::context::{Context, Refusal, relation_object};
use super::resolve::{Name, identifier};
use super::type_name::{self, TypeUse};
use crate::simulate::world::{Class, Column, Object, TypeKind};

/// What an expression rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Columns of the relation, by `attnum`, without those that a whole-row reference means.
    pub(crate) columns: BTreeSet<i16>,
    /// Functions, types and sequences that the script or an extension made.
    pub(crate) objects: BTreeSet<Object>,
    /// Whether it may give another value for each row.
    pub(crate) volatile: bool,
}

/// Functions of the server that are volatile and that people put into defaults.
const VOLATILE: [&str; 14] = [
    "random",
    "random_normal",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "nextval",
    "currval",
    "lastval",
    "setval",
    "clock_timestamp",
    "timeofday",
];

/// What an expression about a relation with these columns uses. `relation` is its name, by which it may be qualified.
pub(crate) fn uses(cx: &Context, relation: &str, columns: &[Column], expression: &ast::Expr) -> Result<Uses, Refusal> {
    let mut uses = Uses::default();
    Walk { cx, relation, columns, uses: &mut uses }.node(expression.syntax())?;
    Ok(uses)
}

/// The column of a CHECK that says only `column IS NOT NULL`.
pub(crate) fn not_null_test(columns: &[Column], expression: &ast::Expr) -> Option<i16> {
    let expression = unwrap(expression.clone());
    let is_not_null = |node: &SyntaxNode| {
        let text: String = node
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .filter(|token| !token.kind().is_trivia())
            .skip(1)
            .map(|token| token.text().to_ascii_lowercase())
            .collect();
        matches!(text.as_str(), "isnotnull" | "notnull")
    };
    let (ast::Expr::BinExpr(_) | ast::Expr::PostfixExpr(_)) = &expression else { return None };
    let first = expression.syntax().children().next().and_then(ast::NameRef::cast)?;
    if !is_not_null(expression.syntax()) {
        return None;
    }
    let name = identifier(first.syntax());
    columns.iter().find(|column| column.name == name).map(|column| column.number)
}

/// Without the parentheses around it.
pub(crate) fn unwrap(expression: ast::Expr) -> ast::Expr {
    match &expression {
        ast::Expr::ParenExpr(inner) => inner.expr().map_or(expression.clone(), unwrap),
        _ => expression,
    }
}

/// A DEFAULT that the server does not keep: `NULL`, of the column's very type. What it wraps in a coercion, to a length or
/// to a domain, it keeps.
pub(crate) fn is_no_default(cx: &Context, expression: &ast::Expr, column: Option<TypeUse>) -> bool {
    let Some(column) = column else { return is_null(expression) };
    let is_domain = |oid| matches!(cx.world().types.get(&oid).map(|found| &found.kind), Some(TypeKind::Domain { .. }));
    if column.modifier >= 0 || is_domain(column.oid) {
        return false;
    }
    match unwrap(expression.clone()) {
        ast::Expr::CastExpr(cast) => {
            cast.ty().and_then(|to| type_name::resolve(cx, &to).ok()) == Some(column)
                && cast.expr().is_some_and(|inner| is_no_default(cx, &inner, Some(column)))
        }
        plain => is_null(&plain),
    }
}

/// `NULL`.
pub(crate) fn is_null(expression: &ast::Expr) -> bool {
    match unwrap(expression.clone()) {
        ast::Expr::Literal(literal) => matches!(literal.kind(), Some(ast::LitKind::Null(_))),
        _ => false,
    }
}

struct Walk<'a, 'b> {
    cx: &'a Context<'b>,
    relation: &'a str,
    columns: &'a [Column],
    uses: &'a mut Uses,
}

impl Walk<'_, '_> {
    fn node(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        match node.kind() {
            SyntaxKind::CALL_EXPR => self.call(node),
            SyntaxKind::FIELD_EXPR => self.field(node),
            SyntaxKind::NAME_REF => self.name(node),
            SyntaxKind::CAST_EXPR => self.cast(node),
            kind if ast::SelectVariant::can_cast(kind) && kind != SyntaxKind::PAREN_SELECT => {
                Refusal::fails("cannot use subquery in this expression")
            }
            _ => self.children(node),
        }
    }

    fn children(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        node.children().try_for_each(|child| self.node(&child))
    }

    fn name(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        let keyword = node.first_token().is_some_and(|token| {
            use SyntaxKind::*;
            matches!(
                token.kind(),
                CURRENT_CATALOG_KW
                    | CURRENT_DATE_KW
                    | CURRENT_ROLE_KW
                    | CURRENT_SCHEMA_KW
                    | CURRENT_TIME_KW
                    | CURRENT_TIMESTAMP_KW
                    | CURRENT_USER_KW
                    | LOCALTIME_KW
                    | LOCALTIMESTAMP_KW
                    | SESSION_USER_KW
                    | SYSTEM_USER_KW
                    | USER_KW
            )
        });
        if keyword {
            return Ok(());
        }
        let name = identifier(node);
        match self.columns.iter().find(|column| column.name == name) {
            Some(column) => drop(self.uses.columns.insert(column.number)),
            // The whole row; or a name of the parser's own, such as a field of EXTRACT.
            None if name == self.relation || self.columns.is_empty() => {}
            None if node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::COLLATE) => {}
            None => return Refusal::fails(format!("column \"{name}\" does not exist")),
        }
        Ok(())
    }

    /// `relation.column`, `(composite).field`, `schema.relation.column`.
    fn field(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        let names: Vec<SyntaxNode> = node.children().collect();
        let base = names.first().filter(|base| base.kind() == SyntaxKind::NAME_REF).map(identifier);
        match (base, names.get(1)) {
            (Some(base), Some(field)) if base == self.relation => self.name(field),
            (Some(_), Some(_)) => {
                Refusal::fails("missing FROM-clause entry: only columns of the table itself can be used here")
            }
            _ => names.first().map_or(Ok(()), |base| self.node(base)),
        }
    }

    fn call(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        let call = ast::CallExpr::cast(node.clone());
        let callee = call.as_ref().and_then(|call| call.expr());
        let arguments = call.as_ref().and_then(|call| call.arg_list());
        if let Some(name) = callee.as_ref().and_then(function_name) {
            self.function(&name, arguments.as_ref());
        }
        for child in node.children() {
            if callee.as_ref().is_none_or(|callee| callee.syntax() != &child) {
                self.node(&child)?;
            }
        }
        Ok(())
    }

    fn function(&mut self, name: &Name, arguments: Option<&ast::ArgList>) {
        let world = self.cx.world();
        let built_in = matches!(name.schema.as_deref(), None | Some("pg_catalog"));
        if VOLATILE.contains(&name.name.as_str()) {
            self.uses.volatile = true;
        }
        if built_in && matches!(name.name.as_str(), "nextval" | "currval" | "setval") {
            let literal = arguments.and_then(|list| list.syntax().descendants().find_map(ast::Literal::cast));
            if let Some(sequence) = literal.and_then(|literal| literal.string_value()).and_then(|text| regclass(&text))
                && let Some(oid) = self.cx.find_relation(&sequence)
            {
                self.uses.objects.insert(relation_object(oid));
            }
            return;
        }
        let count = arguments.map_or(0, |list| list.args().count());
        let schemas = match &name.schema {
            Some(schema) => world.schema_named(schema).into_iter().collect(),
            None => self.cx.path(),
        };
        let found = schemas.into_iter().find_map(|schema| {
            world.functions_named(schema, &name.name).into_iter().find(|oid| {
                let function = &world.functions[oid];
                let most = function.arguments.len();
                let least = most - function.defaults.min(most);
                (least..=most).contains(&count) || (function.variadic && count + 1 >= most)
            })
        });
        if let Some(oid) = found {
            self.uses.volatile = true;
            self.uses.objects.insert(Object { class: Class::Function, oid, column: 0 });
        }
    }

    fn cast(&mut self, node: &SyntaxNode) -> Result<(), Refusal> {
        if let Some(r#type) = ast::CastExpr::cast(node.clone()).and_then(|cast| cast.ty()) {
            let found = type_name::resolve(self.cx, &r#type)?;
            if is_made(self.cx, found.oid) {
                self.uses.objects.insert(Object { class: Class::Type, oid: found.oid, column: 0 });
            }
        }
        node.children().filter(|child| !ast::Type::can_cast(child.kind())).try_for_each(|child| self.node(&child))
    }
}

/// Not one of `pg_catalog`.
pub(crate) fn is_made(cx: &Context, r#type: u32) -> bool {
    let world = cx.world();
    let schema = world.types.get(&r#type).map(|found| found.schema);
    schema.is_some_and(|schema| world.schemas.get(&schema).is_none_or(|schema| schema.name != "pg_catalog"))
}

fn function_name(callee: &ast::Expr) -> Option<Name> {
    match callee {
        ast::Expr::NameRef(name) => Some(Name { schema: None, name: identifier(name.syntax()) }),
        ast::Expr::FieldExpr(field) => {
            let parts: Vec<SyntaxNode> = field.syntax().children().collect();
            match parts.as_slice() {
                [schema, name] if schema.kind() == SyntaxKind::NAME_REF => {
                    Some(Name { schema: Some(identifier(schema)), name: identifier(name) })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The text of a `regclass`: a name as in SQL.
pub(crate) fn regclass(text: &str) -> Option<Name> {
    let mut parts = vec![String::new()];
    let mut characters = text.trim().chars().peekable();
    while let Some(character) = characters.next() {
        let part = parts.last_mut()?;
        match character {
            '"' => loop {
                match characters.next()? {
                    '"' if characters.peek() == Some(&'"') => {
                        characters.next();
                        part.push('"');
                    }
                    '"' => break,
                    other => part.push(other),
                }
            },
            '.' => parts.push(String::new()),
            other => part.extend(other.to_lowercase()),
        }
    }
    match parts.as_slice() {
        [name] => Some(Name { schema: None, name: name.clone() }),
        [schema, name] => Some(Name { schema: Some(schema.clone()), name: name.clone() }),
        _ => None,
    }
}
