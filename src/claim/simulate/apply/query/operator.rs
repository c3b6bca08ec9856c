//! Types of values, and what operators make of them: only what is certain of the built-in types.

use crate::simulate::apply::Context;
use crate::simulate::apply::builtin::{
    BIT, BPCHAR, BYTEA, DATE, DEFAULT_COLLATION, FIRST_OF_USERS, FLOAT4, FLOAT8, INT2, INT4, INT8, INTERVAL, JSON,
    JSONB, NAME, NUMERIC, TEXT, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, UNKNOWN, VARBIT, VARCHAR,
};
use crate::simulate::apply::type_name::{TypeUse, UNSURE_MODIFIER};
use crate::simulate::world::TypeKind;

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    /// OID of its type; that of `unknown` is a string that nothing has given a type yet.
    pub oid: u32,
    /// Type modifier.
    pub modifier: i32,
    /// OID of its collation; 0 for none.
    pub collation: u32,
}

impl Value {
    pub fn plain(oid: u32) -> Value {
        let collation = if matches!(oid, TEXT | VARCHAR | BPCHAR | UNKNOWN) { DEFAULT_COLLATION } else { 0 };
        Value { oid, modifier: -1, collation }
    }

    /// With the collation of its type.
    pub fn of(cx: &Context, r#type: TypeUse) -> Value {
        let collation = cx.world().types.get(&r#type.oid).map_or(0, |r#type| r#type.collation);
        Value { oid: r#type.oid, modifier: r#type.modifier, collation }
    }

    pub fn settled(self) -> Value {
        if self.oid == UNKNOWN { Value { oid: TEXT, ..self } } else { self }
    }

    pub fn without_modifier(self) -> Value {
        Value { modifier: -1, ..self }
    }
}

/// The type under a domain.
pub(super) fn base(cx: &Context, mut oid: u32) -> u32 {
    while let Some(TypeKind::Domain { base, .. }) = cx.world().types.get(&oid).map(|r#type| &r#type.kind) {
        oid = *base;
    }
    oid
}

/// The collation that comes of several, none said with COLLATE; `None` if they are in conflict.
pub(super) fn collation(values: impl IntoIterator<Item = Value>) -> Option<u32> {
    let mut result = 0;
    for value in values {
        match (result, value.collation) {
            (_, 0) => {}
            (0 | DEFAULT_COLLATION, other) => result = other,
            (_, DEFAULT_COLLATION) => {}
            (known, other) if known == other => {}
            _ => return None,
        }
    }
    Some(result)
}

/// Numbers, from those that become others to those that others become.
const NUMBERS: [u32; 6] = [INT2, INT4, INT8, NUMERIC, FLOAT4, FLOAT8];
/// Dates that become others.
const DATES: [u32; 3] = [DATE, TIMESTAMP, TIMESTAMPTZ];
const TEXTS: [u32; 4] = [TEXT, VARCHAR, BPCHAR, NAME];

fn rank(order: &[u32], oid: u32) -> Option<usize> {
    order.iter().position(|known| *known == oid)
}

/// The type of CASE, UNION, ARRAY and the like (`select_common_type` in PostgreSQL's parse_coerce.c).
pub(super) fn common(cx: &Context, values: &[Option<Value>]) -> Option<Value> {
    let values: Vec<Value> = values.iter().copied().collect::<Option<_>>()?;
    let collation = collation(values.iter().copied())?;
    let mut typed = values.iter().filter(|value| value.oid != UNKNOWN);
    let Some(first) = typed.next() else { return Some(Value { oid: TEXT, modifier: -1, collation }) };
    let same = typed.clone().all(|value| value.oid == first.oid);
    let mut oid = first.oid;
    if !same {
        oid = base(cx, oid);
        for other in typed {
            let other = base(cx, other.oid);
            if other == oid {
                continue;
            }
            oid = match (rank(&NUMBERS, oid), rank(&NUMBERS, other), rank(&DATES, oid), rank(&DATES, other)) {
                (Some(known), Some(new), ..) => NUMBERS[known.max(new)],
                (.., Some(known), Some(new)) => DATES[known.max(new)],
                // Each becomes the other: the first counts.
                _ if TEXTS.contains(&oid) && TEXTS.contains(&other) => oid,
                _ if [BIT, VARBIT].contains(&oid) && [BIT, VARBIT].contains(&other) => oid,
                _ => return None,
            };
        }
    }
    let alike = values.iter().all(|value| value.oid == oid && value.modifier == first.modifier);
    // A value of an extension's type with an unknown modifier does not tell whether they are alike.
    let modifier = match (alike, values.iter().any(|value| value.modifier == UNSURE_MODIFIER)) {
        (_, true) => UNSURE_MODIFIER,
        (true, false) => first.modifier,
        (false, false) => -1,
    };
    Some(Value { oid, modifier, collation })
}

/// `left operator right`, of built-in types.
pub(super) fn binary(cx: &Context, operator: &str, left: Value, right: Value) -> Option<Value> {
    let (mut l, mut r) = (base(cx, left.oid), base(cx, right.oid));
    if l >= FIRST_OF_USERS && r >= FIRST_OF_USERS {
        return None;
    }
    // A string takes the type of the other side, where the operator has two sides of one type.
    if l == UNKNOWN && (NUMBERS.contains(&r) || matches!(r, TEXT | JSONB | BYTEA)) {
        l = r;
    }
    if r == UNKNOWN && (NUMBERS.contains(&l) || matches!(l, TEXT | BYTEA)) {
        r = l;
    }
    let oid = match operator {
        "+" | "-" | "*" | "/" | "%" => arithmetic(operator, l, r)?,
        "^" if l == NUMERIC && (r == NUMERIC || rank(&NUMBERS, r) < rank(&NUMBERS, NUMERIC)) => NUMERIC,
        "^" if NUMBERS.contains(&l) && NUMBERS.contains(&r) && r != NUMERIC => FLOAT8,
        "||" => return concatenation(cx, left, right, l, r),
        "->" | "#>" | "#-" if l == JSON || l == JSONB => l,
        "->>" | "#>>" if l == JSON || l == JSONB => TEXT,
        "&" | "|" | "#" | "<<" | ">>" if matches!(l, INT2 | INT4 | INT8) => match operator {
            "<<" | ">>" => l,
            _ => *NUMBERS.get(rank(&NUMBERS, l)?.max(rank(&NUMBERS, r)?))?,
        },
        "~" | "~*" | "!~" | "!~*" | "~~" | "~~*" | "!~~" | "!~~*" | "^@"
            if (TEXTS.contains(&l) || l == UNKNOWN) && (TEXTS.contains(&r) || r == UNKNOWN) =>
        {
            crate::simulate::apply::builtin::BOOL
        }
        "@>" | "<@" | "?" | "?|" | "?&" | "@?" | "@@" if l == JSONB || r == JSONB => {
            crate::simulate::apply::builtin::BOOL
        }
        "@>" | "<@" | "&&" if l < FIRST_OF_USERS && r < FIRST_OF_USERS && is_array(cx, l) && is_array(cx, r) => {
            crate::simulate::apply::builtin::BOOL
        }
        _ => return None,
    };
    let collation = match oid {
        TEXT => collation([left, right])?.max(DEFAULT_COLLATION),
        _ => 0,
    };
    Some(Value { oid, modifier: -1, collation })
}

fn is_array(cx: &Context, oid: u32) -> bool {
    matches!(cx.world().types.get(&oid).map(|r#type| &r#type.kind), Some(TypeKind::Array(_)))
}

fn arithmetic(operator: &str, left: u32, right: u32) -> Option<u32> {
    if let (Some(l), Some(r)) = (rank(&NUMBERS, left), rank(&NUMBERS, right)) {
        let widest = NUMBERS[l.max(r)];
        return match operator {
            "%" => (widest != FLOAT4 && widest != FLOAT8).then_some(widest),
            // There is no operator for a float4 and another type of number.
            _ if widest == FLOAT4 && left != right => Some(FLOAT8),
            _ => Some(widest),
        };
    }
    let is_number = |oid| NUMBERS.contains(&oid);
    Some(match (left, operator, right) {
        (DATE, "+" | "-", INT2 | INT4) | (INT2 | INT4, "+", DATE) => DATE,
        (DATE, "-", DATE) => INT4,
        (DATE, "+" | "-", INTERVAL) | (INTERVAL, "+", DATE) => TIMESTAMP,
        (DATE, "+", TIME) | (TIME, "+", DATE) => TIMESTAMP,
        (TIMESTAMP | TIMESTAMPTZ | TIME | TIMETZ, "+" | "-", INTERVAL) => left,
        (INTERVAL, "+", TIMESTAMP | TIMESTAMPTZ | TIME | TIMETZ) => right,
        (TIMESTAMP, "-", TIMESTAMP | DATE)
        | (DATE, "-", TIMESTAMP)
        | (TIMESTAMPTZ, "-", TIMESTAMPTZ | TIMESTAMP | DATE) => INTERVAL,
        (TIME, "-", TIME) | (INTERVAL, "+" | "-", INTERVAL) => INTERVAL,
        (INTERVAL, "*" | "/", number) if is_number(number) => INTERVAL,
        (number, "*", INTERVAL) if is_number(number) => INTERVAL,
        (JSONB, "-", TEXT | INT4 | VARCHAR) => JSONB,
        _ => return None,
    })
}

fn concatenation(cx: &Context, left: Value, right: Value, l: u32, r: u32) -> Option<Value> {
    let is_text = |oid| TEXTS.contains(&oid);
    match (l, r) {
        (JSONB, JSONB) | (BYTEA, BYTEA) => return Some(Value::plain(l)),
        // Of two strings, and of a string and what is no array: text.
        (UNKNOWN, UNKNOWN) => return Some(Value::plain(TEXT)),
        _ => {}
    }
    if is_array(cx, l) && l == r {
        return Some(Value { oid: l, modifier: -1, collation: collation([left, right])? });
    }
    let plain = |oid: u32| oid < FIRST_OF_USERS && !is_array(cx, oid) && ![JSONB, BYTEA, BIT, VARBIT].contains(&oid);
    if (is_text(l) && (r == UNKNOWN || plain(r))) || (is_text(r) && (l == UNKNOWN || plain(l))) {
        return Some(Value { oid: TEXT, modifier: -1, collation: collation([left, right])? });
    }
    None
}
