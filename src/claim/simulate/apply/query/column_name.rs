//! The name of a column that is given none (`FigureColname` in PostgreSQL's parse_target.c).

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::Analyser;
use crate::simulate::apply::builtin::{
    BIT, BPCHAR, FLOAT8, INTERVAL, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, VARBIT, VARCHAR,
};
use crate::simulate::apply::resolve::identifier;

/// A name, and whether it is better than what a cast or CASE around it says.
type Figured = Option<(String, bool)>;

impl Analyser<'_, '_> {
    pub fn output_name(&self, expression: &ast::Expr) -> String {
        self.figure(expression).map_or_else(|| "?column?".to_owned(), |(name, _)| name)
    }

    fn figure(&self, expression: &ast::Expr) -> Figured {
        let strong = |name: &str| Some((name.to_owned(), true));
        match expression {
            ast::Expr::NameRef(name) => Some((identifier(name.syntax()), true)),
            ast::Expr::FieldExpr(field) => Some((identifier(field.field()?.syntax()), true)),
            ast::Expr::IndexExpr(index) => self.figure(&index.base()?),
            ast::Expr::SliceExpr(slice) => self.figure(&slice.base()?),
            ast::Expr::Collate(collate) => self.figure(&collate.expr()?),
            ast::Expr::ArrayExpr(_) => strong("array"),
            ast::Expr::TupleExpr(_) => strong("row"),
            ast::Expr::CallExpr(call) => self.name_of_call(call),
            ast::Expr::CaseExpr(case) => {
                let otherwise = case.else_clause().and_then(|clause| clause.expr());
                match otherwise.and_then(|expression| self.figure(&expression)) {
                    Some((name, true)) => Some((name, true)),
                    _ => Some(("case".to_owned(), false)),
                }
            }
            ast::Expr::CastExpr(cast) => match cast.expr().and_then(|inner| self.figure(&inner)) {
                Some((name, true)) => Some((name, true)),
                _ => Some((type_word(&cast.ty()?)?, false)),
            },
            ast::Expr::ParenExpr(paren) => match paren.expr() {
                Some(inner) => self.figure(&inner),
                None => Some((self.first_name(&super::expression::query_in(paren)?)?, true)),
            },
            ast::Expr::BinExpr(binary) => match binary.op() {
                Some(ast::BinOp::AtTimeZone(_)) => strong("timezone"),
                Some(ast::BinOp::Overlaps(_)) => strong("overlaps"),
                _ => None,
            },
            ast::Expr::PostfixExpr(postfix) => match postfix.op() {
                Some(ast::PostfixOp::AtLocal(_)) => strong("timezone"),
                Some(ast::PostfixOp::IsNormalized(_)) => strong("is_normalized"),
                _ => None,
            },
            _ => None,
        }
    }

    fn name_of_call(&self, call: &ast::CallExpr) -> Figured {
        if let Some(function) = call.expr() {
            return self.figure(&function);
        }
        // What the grammar has words of its own for goes by these words.
        let node = call.syntax().children().next()?;
        let word = node.first_token()?.text().to_lowercase();
        let name = match word.as_str() {
            "trim" => match ast::TrimFn::cast(node)?.trim_side() {
                None | Some(ast::TrimSide::TrimBoth(_)) => "btrim",
                Some(ast::TrimSide::TrimLeading(_)) => "ltrim",
                Some(ast::TrimSide::TrimTrailing(_)) => "rtrim",
            },
            "collation" => "pg_collation_for",
            // A comparison, in which they stand on the right.
            "any" | "all" | "some" => return None,
            word => word,
        };
        Some((name.to_owned(), true))
    }

    /// The name of a sub-select's only column.
    fn first_name(&self, query: &ast::SelectVariant) -> Option<String> {
        match query {
            ast::SelectVariant::Select(select) => {
                let target = select.select_clause()?.target_list()?.targets().next()?;
                match target.as_name().and_then(|alias| alias.name()) {
                    Some(name) => Some(identifier(name.syntax())),
                    None => Some(self.output_name(&target.expr()?)),
                }
            }
            ast::SelectVariant::ParenSelect(paren) => self.first_name(&paren.select()?),
            ast::SelectVariant::CompoundSelect(compound) => self.first_name(&compound.lhs()?),
            ast::SelectVariant::Values(_) => Some("column1".to_owned()),
            _ => None,
        }
    }
}

/// The name that the grammar gives a type.
fn type_word(r#type: &ast::Type) -> Option<String> {
    let oid = match r#type {
        ast::Type::ArrayType(array) => return type_word(&array.ty()?),
        ast::Type::PathType(path) => return path_word(path),
        ast::Type::VarcharType(_) => VARCHAR,
        ast::Type::CharacterType(_) => BPCHAR,
        ast::Type::BitType(_) => BIT,
        ast::Type::BitVaryingType(_) => VARBIT,
        ast::Type::DoubleType(_) => FLOAT8,
        ast::Type::IntervalType(_) => INTERVAL,
        ast::Type::TimeType(time) if is_zoned(time.timezone()) => TIMETZ,
        ast::Type::TimeType(_) => TIME,
        ast::Type::TimestampType(timestamp) if is_zoned(timestamp.timezone()) => TIMESTAMPTZ,
        ast::Type::TimestampType(_) => TIMESTAMP,
    };
    let word = match oid {
        VARCHAR => "varchar",
        BPCHAR => "bpchar",
        BIT => "bit",
        VARBIT => "varbit",
        FLOAT8 => "float8",
        INTERVAL => "interval",
        TIMETZ => "timetz",
        TIME => "time",
        TIMESTAMPTZ => "timestamptz",
        _ => "timestamp",
    };
    Some(word.to_owned())
}

fn is_zoned(zone: Option<ast::Timezone>) -> bool {
    matches!(zone, Some(ast::Timezone::WithTimezone(_)))
}

fn path_word(path: &ast::PathType) -> Option<String> {
    let name = path.path_ref()?;
    let segment = name.segment()?;
    let text = identifier(segment.syntax());
    if name.qualifier().is_some() || segment.is_quoted() {
        return Some(text);
    }
    let word = match text.as_str() {
        "int" | "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "real" => "float4",
        "boolean" => "bool",
        "decimal" | "dec" => "numeric",
        "float" if is_short(path.arg_list().map(|list| list.syntax().clone())) => "float4",
        "float" => "float8",
        other => other,
    };
    Some(word.to_owned())
}

/// `float(24)` and below.
fn is_short(arguments: Option<SyntaxNode>) -> bool {
    let digits = arguments.map(|node| node.text().to_string().chars().filter(char::is_ascii_digit).collect::<String>());
    digits.and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|digits| digits <= 24)
}
