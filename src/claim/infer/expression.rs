//! Expressions: which columns, functions and types they name.

use sqlparser::ast::{
    AccessExpr, ArrayElemTypeDef, BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, Ident, ObjectName, Subscript, Value, WindowFrameBound, WindowSpec,
    WindowType,
};

use super::function::Call;
use super::name::{display, folded, is_builtin_operator, is_builtin_type, is_grammar, parts, qualified};
use super::resolver::Resolver;
use super::text::{AS_THE_SERVER_SEES_IT, is_parameter};
use crate::types::CATALOG_SCHEMA;

impl Resolver<'_> {
    /// An expression and all in it. Chains of operators lean to the left and may be long: their left side is followed
    /// in a loop, so that the depth of the stack is that of the parentheses.
    pub fn expression(&mut self, expression: &Expr) {
        let mut next = Some(expression);
        while let Some(expression) = next {
            next = self.step(expression);
        }
    }

    /// Looks at one node; the result is what is left to look at.
    fn step<'e>(&mut self, expression: &'e Expr) -> Option<&'e Expr> {
        match expression {
            Expr::Identifier(ident) => self.identifier(ident),
            Expr::CompoundIdentifier(idents) => self.compound(&idents.iter().map(folded).collect::<Vec<_>>()),
            Expr::CompoundFieldAccess { root, access_chain } => return self.field_access(root, access_chain),
            Expr::Value(value) => match &value.value {
                Value::Placeholder(text) if !is_parameter(text) => {
                    self.unresolved(format!("placeholder {text}"), AS_THE_SERVER_SEES_IT);
                }
                _ => {}
            },
            Expr::TypedString(typed) => self.data_type(&typed.data_type),
            Expr::BinaryOp { left, op, right }
            | Expr::AnyOp { left, compare_op: op, right, .. }
            | Expr::AllOp { left, compare_op: op, right } => {
                self.operator(op);
                self.expression(right);
                return Some(left);
            }
            Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner)
            | Expr::Nested(inner)
            | Expr::IsJson { expr: inner, .. }
            | Expr::IsNormalized { expr: inner, .. }
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Extract { expr: inner, .. }
            | Expr::Ceil { expr: inner, .. }
            | Expr::Floor { expr: inner, .. } => return Some(inner),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.expression(right);
                return Some(left);
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.expression(time_zone);
                return Some(timestamp);
            }
            Expr::Between { expr, low, high, .. } => {
                self.expression(low);
                self.expression(high);
                return Some(expr);
            }
            Expr::Like { expr, pattern, escape_char, .. }
            | Expr::ILike { expr, pattern, escape_char, .. }
            | Expr::SimilarTo { expr, pattern, escape_char, .. } => {
                self.expression(pattern);
                self.expressions(escape_char.as_deref());
                return Some(expr);
            }
            Expr::InList { expr, list, .. } => {
                self.expressions(list);
                return Some(expr);
            }
            Expr::InSubquery { expr, subquery, .. } => {
                self.query(subquery);
                return Some(expr);
            }
            Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => {
                self.query(subquery);
            }
            Expr::Cast { expr, data_type, .. } => {
                self.data_type(data_type);
                return Some(expr);
            }
            Expr::Collate { expr, collation } => {
                self.collation(collation);
                return Some(expr);
            }
            Expr::Position { expr, r#in } => {
                self.expression(r#in);
                return Some(expr);
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.expressions(substring_from.as_deref());
                self.expressions(substring_for.as_deref());
                return Some(expr);
            }
            Expr::Trim { expr, trim_what, trim_characters, .. } => {
                self.expressions(trim_what.as_deref());
                self.expressions(trim_characters.iter().flatten());
                return Some(expr);
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.expression(overlay_what);
                self.expression(overlay_from);
                self.expressions(overlay_for.as_deref());
                return Some(expr);
            }
            Expr::Function(function) => self.function(function),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.expressions(operand.as_deref());
                for when in conditions {
                    self.expression(&when.condition);
                    self.expression(&when.result);
                }
                self.expressions(else_result.as_deref());
            }
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => self.expressions(sets.iter().flatten()),
            Expr::Tuple(expressions) => self.expressions(expressions),
            Expr::Array(array) => self.expressions(&array.elem),
            Expr::Interval(interval) => return Some(&interval.value),
            Expr::QualifiedWildcard(name, _) => self.whole_row(&parts(name).unwrap_or_default()),
            _ => self.unsupported("a kind of expression"),
        }
        None
    }

    /// `t.c[1]`, `(t).c`, `(f(x)).c`: the names up to the first subscript are a column's, unless they follow
    /// parentheses.
    fn field_access<'e>(&mut self, root: &'e Expr, chain: &'e [AccessExpr]) -> Option<&'e Expr> {
        let mut names: Vec<&Ident> = match root {
            Expr::Identifier(ident) => vec![ident],
            Expr::CompoundIdentifier(idents) => idents.iter().collect(),
            _ => Vec::new(),
        };
        let is_name = !names.is_empty();
        let mut rest = chain;
        while let [AccessExpr::Dot(Expr::Identifier(ident)), after @ ..] = rest {
            if is_name {
                names.push(ident);
            }
            rest = after;
        }
        for access in rest {
            match access {
                AccessExpr::Subscript(Subscript::Index { index }) => self.expression(index),
                AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                    self.expressions(lower_bound);
                    self.expressions(upper_bound);
                    self.expressions(stride);
                }
                AccessExpr::Dot(Expr::Identifier(_)) => {}
                AccessExpr::Dot(_) => self.unsupported("a kind of field access"),
            }
        }
        match names.as_slice() {
            [] => return Some(root),
            [single] => self.identifier(single),
            several => self.compound(&several.iter().map(|ident| folded(ident)).collect::<Vec<_>>()),
        }
        None
    }

    /// Operators that `pg_catalog` does not have call a function that may need EXECUTE.
    fn operator(&mut self, operator: &BinaryOperator) {
        let (schema, name) = match operator {
            BinaryOperator::Custom(name) => (None, name.as_str()),
            BinaryOperator::PGCustomBinaryOperator(parts) => match parts.as_slice() {
                [name] => (None, name.as_str()),
                [schema, name] if schema == CATALOG_SCHEMA => (None, name.as_str()),
                [schema, name] => (Some(schema.as_str()), name.as_str()),
                _ => return self.unsupported("operator"),
            },
            _ => return,
        };
        let qualified_builtin = matches!(operator, BinaryOperator::PGCustomBinaryOperator(parts) if parts.len() == 2);
        if schema.is_none() && (qualified_builtin || is_builtin_operator(name) || is_standard_operator(name)) {
            return;
        }
        let reason = "it is no operator of pg_catalog: its function and its schema have to be claimed by hand";
        self.unresolved(format!("operator {}", display(schema, name)), reason);
    }

    /// A type that is not of `pg_catalog` lies in a schema whose USAGE may be needed.
    pub fn data_type(&mut self, data_type: &DataType) {
        let mut inner = data_type;
        while let DataType::Array(
            ArrayElemTypeDef::SquareBracket(element, _)
            | ArrayElemTypeDef::AngleBracket(element)
            | ArrayElemTypeDef::Qualified(element, _),
        ) = inner
        {
            inner = element;
        }
        let DataType::Custom(name, _) = inner else { return };
        match qualified(name) {
            Some((Some(schema), _)) if schema == CATALOG_SCHEMA => {}
            Some((None, name)) if is_builtin_type(&name) => {}
            _ => {
                let reason = "it is no type of pg_catalog; claim it by hand if the query is to rely on it";
                let shown = parts(name).unwrap_or_default().join(".");
                self.unresolved(format!("type {shown}"), reason);
            }
        }
    }

    fn collation(&mut self, collation: &ObjectName) {
        if let Some((Some(schema), name)) = qualified(collation)
            && schema != CATALOG_SCHEMA
        {
            let reason = "it is no collation of pg_catalog; its schema has to be claimed by hand";
            self.unresolved(format!("collation {schema}.{name}"), reason);
        }
    }

    fn function(&mut self, function: &Function) {
        let arguments = match &function.args {
            FunctionArguments::None => &[][..],
            FunctionArguments::Subquery(query) => {
                self.query(query);
                &[][..]
            }
            FunctionArguments::List(list) => {
                for clause in &list.clauses {
                    match clause {
                        FunctionArgumentClause::OrderBy(keys) => {
                            self.expressions(keys.iter().map(|key| &key.expr));
                        }
                        FunctionArgumentClause::JsonNullClause(_) => {}
                        _ => self.unsupported("a clause of a function's arguments"),
                    }
                }
                &list.args[..]
            }
        };
        for argument in arguments {
            self.argument(argument);
        }
        self.expressions(function.within_group.iter().map(|key| &key.expr));
        self.expressions(function.filter.as_deref());
        match &function.over {
            Some(WindowType::WindowSpec(window)) => self.window(window),
            Some(WindowType::NamedWindow(_)) | None => {}
        }
        if !is_grammar(&function.name) {
            self.call(&Call { name: &function.name, arguments, ordered: function.within_group.len() });
        }
    }

    /// An argument of a function.
    pub fn argument(&mut self, argument: &FunctionArg) {
        match argument_value(argument) {
            FunctionArgExpr::Expr(expression) => self.expression(expression),
            FunctionArgExpr::QualifiedWildcard(name) => self.whole_row(&parts(name).unwrap_or_default()),
            FunctionArgExpr::Wildcard => {}
            FunctionArgExpr::WildcardWithOptions(_) => self.unsupported("a kind of argument"),
        }
    }

    /// The definition of a window.
    pub fn window(&mut self, window: &WindowSpec) {
        self.expressions(&window.partition_by);
        self.expressions(window.order_by.iter().map(|key| &key.expr));
        let frame = window.window_frame.as_ref();
        let bounds = frame.map(|frame| [Some(&frame.start_bound), frame.end_bound.as_ref()]);
        for bound in bounds.into_iter().flatten().flatten() {
            if let WindowFrameBound::Preceding(Some(offset)) | WindowFrameBound::Following(Some(offset)) = bound {
                self.expression(offset);
            }
        }
    }
}

/// The value of an argument, whatever its name.
pub(super) fn argument_value(argument: &FunctionArg) -> &FunctionArgExpr {
    match argument {
        FunctionArg::Named { arg, .. } | FunctionArg::ExprNamed { arg, .. } | FunctionArg::Unnamed(arg) => arg,
    }
}

/// Operators that the parser knows by themselves, as they come in `OPERATOR(...)`.
fn is_standard_operator(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 2
        && ["+", "-", "*", "/", "%", "^", "=", "<", ">", "<=", ">=", "<>", "!=", "||", "~", "~~"].contains(&name)
}

/// How the server names a column of a result that has no alias (`FigureColname` in PostgreSQL's parse_target.c). None
/// where that is not told from the text.
pub(super) fn output_name(expression: &Expr) -> Option<String> {
    let mut expression = expression;
    let mut cast = false;
    loop {
        expression = match expression {
            Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => inner,
            Expr::Cast { expr: inner, .. } => {
                cast = true;
                inner
            }
            _ => break,
        };
    }
    let fixed = |name: &str| Some(name.to_owned());
    match expression {
        Expr::Identifier(ident) if super::name::is_value(ident) => fixed(&folded(ident)),
        Expr::Identifier(ident) => Some(folded(ident)),
        Expr::CompoundIdentifier(idents) => idents.last().map(folded),
        Expr::Function(function) => qualified(&function.name).map(|(_, name)| name),
        // The name of the type, as `pg_type` has it.
        _ if cast => None,
        Expr::CompoundFieldAccess { access_chain, .. } => access_chain.iter().rev().find_map(|access| match access {
            AccessExpr::Dot(Expr::Identifier(ident)) => Some(folded(ident)),
            _ => None,
        }),
        Expr::AtTimeZone { .. } => fixed("timezone"),
        Expr::Extract { .. } => fixed("extract"),
        Expr::Substring { .. } => fixed("substring"),
        Expr::Position { .. } => fixed("position"),
        Expr::Overlay { .. } => fixed("overlay"),
        Expr::Ceil { .. } => fixed("ceil"),
        Expr::Floor { .. } => fixed("floor"),
        Expr::Exists { .. } => fixed("exists"),
        Expr::Array(_) => fixed("array"),
        Expr::Tuple(_) => fixed("row"),
        Expr::BinaryOp { .. }
        | Expr::UnaryOp { .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::InList { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. } => fixed("?column?"),
        Expr::Value(value) if !matches!(value.value, Value::Boolean(_)) => fixed("?column?"),
        _ => None,
    }
}
