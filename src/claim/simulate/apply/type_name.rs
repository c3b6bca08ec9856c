//! Types as SQL writes them.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::builtin::{
    BIT, BPCHAR, FIRST_OF_USERS, FLOAT4, FLOAT8, INTERVAL, NUMERIC, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, VARBIT,
    VARCHAR,
};
use super::context::{Context, Refusal};
use super::resolve::{Name, identifier, known_name};
use crate::simulate::world::TypeKind;

/// The modifier of a type whose own input function makes modifiers: that there is one is known, and not which.
pub(crate) const UNSURE_MODIFIER: i32 = i32::MIN;

/// A type as a column has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeUse {
    /// Type's OID.
    pub(crate) oid: u32,
    /// Its modifier, as in `atttypmod`; -1 for none.
    pub(crate) modifier: i32,
}

impl TypeUse {
    /// Without a modifier.
    pub(crate) fn plain(oid: u32) -> TypeUse {
        TypeUse { oid, modifier: -1 }
    }
}

/// The type that is written.
pub(crate) fn resolve(cx: &Context, node: &ast::Type) -> Result<TypeUse, Refusal> {
    let built_in = |oid, arguments: Option<ast::ArgList>, default: i32| match arguments {
        Some(arguments) => with_modifier(cx, oid, &numbers(&arguments)?),
        None => Ok(TypeUse { oid, modifier: default }),
    };
    match node {
        ast::Type::ArrayType(array) => {
            let element = match array.ty() {
                Some(element) => resolve(cx, &element)?,
                None => return Refusal::unknown("a type's name is missing"),
            };
            array_of(cx, element)
        }
        ast::Type::PathType(path) => named(cx, path),
        ast::Type::VarcharType(varchar) => built_in(VARCHAR, varchar.arg_list(), -1),
        // char is char(1), and bit is bit(1).
        ast::Type::CharacterType(character) => built_in(BPCHAR, character.arg_list(), 5),
        ast::Type::BitType(bit) => built_in(BIT, bit.arg_list(), 1),
        ast::Type::BitVaryingType(bit) => built_in(VARBIT, bit.arg_list(), -1),
        ast::Type::DoubleType(_) => Ok(TypeUse::plain(FLOAT8)),
        ast::Type::TimeType(time) => {
            let oid = if is_zoned(time.timezone()) { TIMETZ } else { TIME };
            precise(cx, oid, time.literal())
        }
        ast::Type::TimestampType(timestamp) => {
            let oid = if is_zoned(timestamp.timezone()) { TIMESTAMPTZ } else { TIMESTAMP };
            precise(cx, oid, timestamp.literal())
        }
        ast::Type::IntervalType(interval) => match interval.interval_qualifier() {
            Some(qualifier) => fields(&qualifier),
            None => precise(cx, INTERVAL, interval.literal()),
        },
    }
}

/// The type of an argument or a result: with `%TYPE` too. `true` if it is SETOF.
pub(crate) fn resolve_function_type(cx: &Context, node: &ast::FuncType) -> Result<(u32, bool), Refusal> {
    let syntax = match node {
        ast::FuncType::Type(r#type) => r#type.syntax(),
        ast::FuncType::PercentType(percent) => percent.syntax(),
    };
    let set = syntax
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .any(|token| token.kind() == SyntaxKind::SETOF_KW);
    let oid = match node {
        ast::FuncType::Type(r#type) => resolve(cx, r#type)?.oid,
        ast::FuncType::PercentType(percent) => of_column(cx, percent.path_ref())?,
    };
    Ok((oid, set))
}

/// `table.column%TYPE`.
fn of_column(cx: &Context, path: Option<ast::PathRef>) -> Result<u32, Refusal> {
    let column = path.as_ref().and_then(|path| path.segment()).map(|segment| identifier(segment.syntax()));
    let (Some(column), Some(table)) = (column, path.and_then(|path| path.qualifier())) else {
        return Refusal::unknown("%TYPE without a column");
    };
    let relation = cx.relation_of(&known_name(Some(table))?)?;
    let number = cx.column(relation, &column)?;
    let found = cx.relation(relation).columns.iter().find(|column| column.number == number);
    Ok(found.map_or(0, |column| column.r#type))
}

/// The array of a type.
pub(crate) fn array_of(cx: &Context, element: TypeUse) -> Result<TypeUse, Refusal> {
    match cx.world().types.get(&element.oid) {
        Some(r#type) if r#type.array != 0 => Ok(TypeUse { oid: r#type.array, modifier: element.modifier }),
        // An array is its own array, of as many dimensions as it likes.
        Some(r#type) if matches!(r#type.kind, TypeKind::Array(_)) => Ok(element),
        Some(r#type) => Refusal::fails(format!("could not find array type for data type {}", r#type.name)),
        None => Refusal::unknown("an array of a type that is not known"),
    }
}

fn is_zoned(zone: Option<ast::Timezone>) -> bool {
    matches!(zone, Some(ast::Timezone::WithTimezone(_)))
}

fn precise(cx: &Context, oid: u32, precision: Option<ast::Literal>) -> Result<TypeUse, Refusal> {
    match precision {
        None => Ok(TypeUse::plain(oid)),
        Some(literal) => with_modifier(cx, oid, &[number(literal.syntax())?]),
    }
}

/// A type by its name. The server's grammar knows some of them as words.
fn named(cx: &Context, path: &ast::PathType) -> Result<TypeUse, Refusal> {
    let name = known_name(path.path_ref())?;
    let arguments = path.arg_list();
    let quoted = path.path_ref().and_then(|path| path.segment()).is_some_and(|segment| segment.is_quoted());
    if name.schema.is_none() && !quoted {
        let word = match name.name.as_str() {
            "int" | "integer" => Some("int4"),
            "bigint" => Some("int8"),
            "smallint" => Some("int2"),
            "real" => Some("float4"),
            "boolean" => Some("bool"),
            "decimal" | "dec" | "numeric" => Some("numeric"),
            "float" => return float(arguments),
            _ => None,
        };
        if let Some(word) = word {
            let name = Name { schema: Some("pg_catalog".to_owned()), name: word.to_owned() };
            return of_name(cx, &name, arguments);
        }
    }
    of_name(cx, &name, arguments)
}

fn of_name(cx: &Context, name: &Name, arguments: Option<ast::ArgList>) -> Result<TypeUse, Refusal> {
    let oid = find(cx, name)?;
    match arguments {
        None => Ok(TypeUse::plain(oid)),
        // What a type of an extension makes of its arguments is its own affair, and so are words among them.
        Some(_) if oid >= FIRST_OF_USERS => match cx.world().types.get(&oid).map(|r#type| &r#type.kind) {
            Some(TypeKind::Base) => Ok(TypeUse { oid, modifier: UNSURE_MODIFIER }),
            _ => no_modifier(name),
        },
        Some(arguments) => with_modifier(cx, oid, &numbers(&arguments)?),
    }
}

fn no_modifier<T>(name: &Name) -> Result<T, Refusal> {
    Refusal::fails(format!("type modifier is not allowed for type \"{}\"", name.display()))
}

/// The type of this name.
pub(crate) fn find(cx: &Context, name: &Name) -> Result<u32, Refusal> {
    if let Some(oid) = cx.find_type(name) {
        return Ok(oid);
    }
    if let Some(schema) = &name.schema {
        cx.schema(schema)?;
    }
    // The row types of the server's own catalogs are not at hand.
    if name.name.starts_with("pg_")
        || name.name.starts_with("_pg_")
        || name.schema.as_deref() == Some("information_schema")
    {
        return Refusal::unknown(format!("type {} belongs to the server's own catalogs", name.display()));
    }
    Refusal::fails(format!("type \"{}\" does not exist", name.display()))
}

fn float(arguments: Option<ast::ArgList>) -> Result<TypeUse, Refusal> {
    let Some(arguments) = arguments else { return Ok(TypeUse::plain(FLOAT8)) };
    match numbers(&arguments)?.as_slice() {
        [1..=24] => Ok(TypeUse::plain(FLOAT4)),
        [25..=53] => Ok(TypeUse::plain(FLOAT8)),
        _ => Refusal::fails("precision for type float must be at least 1 bit and less than 54 bits"),
    }
}

/// What the server's `typmodin` functions make of the arguments.
fn with_modifier(cx: &Context, oid: u32, arguments: &[i64]) -> Result<TypeUse, Refusal> {
    const LONGEST_TEXT: i64 = 10 * 1024 * 1024;
    const LONGEST_BIT: i64 = LONGEST_TEXT * 8;
    let type_name = || cx.world().types.get(&oid).map_or("", |r#type| r#type.name.as_str());
    let modifier = match (oid, arguments) {
        (VARCHAR | BPCHAR, [length @ 1..=LONGEST_TEXT]) => length + 4,
        (BIT | VARBIT, [length @ 1..=LONGEST_BIT]) => *length,
        (NUMERIC, [precision @ 1..=1000]) => (precision << 16) + 4,
        (NUMERIC, [precision @ 1..=1000, scale]) if is_scale(cx, *precision, *scale) => {
            ((precision << 16) | (scale & 0x7ff)) + 4
        }
        // More than six digits are taken for six, with a warning.
        (TIME | TIMETZ | TIMESTAMP | TIMESTAMPTZ, [precision @ 0..=1_000_000]) => (*precision).min(6),
        (INTERVAL, [precision @ 0..=1_000_000]) => FULL_RANGE << 16 | (*precision).min(6),
        (VARCHAR | BPCHAR | BIT | VARBIT | NUMERIC | TIME | TIMETZ | TIMESTAMP | TIMESTAMPTZ | INTERVAL, _) => {
            return Refusal::fails(format!("invalid type modifier for type {}", type_name()));
        }
        _ => return Refusal::fails(format!("type modifier is not allowed for type \"{}\"", type_name())),
    };
    Ok(TypeUse { oid, modifier: modifier as i32 })
}

/// Until 14 a scale was between 0 and the precision.
fn is_scale(cx: &Context, precision: i64, scale: i64) -> bool {
    match cx.world().server_version {
        ..150_000 => (0..=precision).contains(&scale),
        _ => (-1000..=1000).contains(&scale),
    }
}

/// The modifier of `interval '1' day`.
pub(crate) fn interval_modifier(qualifier: Option<ast::IntervalQualifier>) -> Result<i32, Refusal> {
    Ok(qualifier.map(|qualifier| fields(&qualifier)).transpose()?.map_or(-1, |interval| interval.modifier))
}

const FULL_RANGE: i64 = 0x7fff;

/// `interval day to second(3)`: utils/timestamp.h and datetime.h.
fn fields(qualifier: &ast::IntervalQualifier) -> Result<TypeUse, Refusal> {
    const FULL_PRECISION: i64 = 0xffff;
    const FIELDS: [(SyntaxKind, i64); 6] = [
        (SyntaxKind::YEAR_KW, 1 << 2),
        (SyntaxKind::MONTH_KW, 1 << 1),
        (SyntaxKind::DAY_KW, 1 << 3),
        (SyntaxKind::HOUR_KW, 1 << 10),
        (SyntaxKind::MINUTE_KW, 1 << 11),
        (SyntaxKind::SECOND_KW, 1 << 12),
    ];
    let syntax = qualifier.syntax();
    let named: Vec<usize> = syntax
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter_map(|token| FIELDS.iter().position(|(kind, _)| *kind == token.kind()))
        .collect();
    let range = match named.as_slice() {
        [only] => FIELDS[*only].1,
        [first, last] if first < last => FIELDS[*first..=*last].iter().map(|(_, bit)| bit).sum(),
        _ => return Refusal::unknown("fields of an interval that are not known"),
    };
    let precision = match syntax.descendants().find_map(ast::Literal::cast) {
        Some(literal) => number(literal.syntax())?.clamp(0, 6),
        None => FULL_PRECISION,
    };
    Ok(TypeUse { oid: INTERVAL, modifier: (range << 16 | precision) as i32 })
}

/// Arguments of a type: whole numbers, or nothing that can be told.
fn numbers(arguments: &ast::ArgList) -> Result<Vec<i64>, Refusal> {
    arguments.args().map(|argument| number(argument.syntax())).collect()
}

fn number(node: &SyntaxNode) -> Result<i64, Refusal> {
    let text: String = node.text().to_string().split_whitespace().collect();
    match text.trim_matches('\'').parse() {
        Ok(number) => Ok(number),
        Err(_) => Refusal::unknown("a modifier of a type that is not a number"),
    }
}

#[cfg(test)]
mod tests;
