//! Whether the calls in a list leave a row a row: what is no aggregate, no window function, and gives no set.

use std::rc::Rc;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::call::{Schema, fixed, function_name, is_aggregate};
use crate::simulate::apply::context::Context;
use crate::simulate::world::Function;

/// What the calls in a list are.
pub(super) enum Calls {
    /// Functions that give one value for a row.
    Plain,
    /// Among them is an aggregate, a window function, or one that gives a set.
    OfManyRows,
    /// Which of the two it is cannot be told of this one.
    Unsure(String),
}

/// Looks at the calls beneath a node.
pub(super) fn calls(cx: &Context, node: &SyntaxNode) -> Calls {
    let mut unsure = None;
    for call in node.descendants().filter_map(ast::CallExpr::cast) {
        // What a sub-select collects is its own affair, unless it is of the rows outside: that is not followed.
        let is_inner = call
            .syntax()
            .ancestors()
            .take_while(|above| above != node)
            .any(|above| ast::SelectVariant::can_cast(above.kind()));
        match kind(cx, &call) {
            Calls::Plain => {}
            Calls::OfManyRows if !is_inner => return Calls::OfManyRows,
            Calls::OfManyRows => {
                unsure.get_or_insert_with(|| {
                    call.expr().and_then(|name| function_name(&name)).map_or_else(String::new, |name| name.name)
                });
            }
            Calls::Unsure(name) => drop(unsure.get_or_insert(name)),
        }
    }
    unsure.map_or(Calls::Plain, Calls::Unsure)
}

fn kind(cx: &Context, call: &ast::CallExpr) -> Calls {
    let collects = call.over_clause().is_some() || call.within_clause().is_some() || call.filter_clause().is_some();
    if collects || call.json_array_agg_fn().is_some() || call.json_object_agg_fn().is_some() {
        return Calls::OfManyRows;
    }
    let Some(name) = call.expr().and_then(|function| function_name(&function)) else { return Calls::Plain };
    let world = cx.world();
    let schemas = match &name.schema {
        Some(schema) => world.schema_named(schema).into_iter().collect(),
        None => cx.path(),
    };
    let own: Vec<&Rc<Function>> = schemas
        .into_iter()
        .flat_map(|schema| world.functions_named(schema, &name.name))
        .map(|oid| &world.functions[&oid])
        .collect();
    let is_plain = |function: &&Rc<Function>| function.kind == 'f' && !function.returns_set;
    let is_server = name.schema.is_none_or_catalog();
    let word = name.name.as_str();
    let is_known =
        fixed(word).is_some() || is_aggregate(word) || ONE_VALUE.contains(&word) || MANY_VALUES.contains(&word);
    if !own.is_empty() {
        return match own.iter().filter(|function| is_plain(function)).count() {
            all if all == own.len() && !(is_server && is_known) => Calls::Plain,
            0 if !(is_server && is_known) => Calls::OfManyRows,
            _ => Calls::Unsure(name.name),
        };
    }
    if !is_server || !is_known {
        return Calls::Unsure(name.name);
    }
    match is_aggregate(word) || MANY_VALUES.contains(&word) {
        true => Calls::OfManyRows,
        false => Calls::Plain,
    }
}

/// Functions of the server that give a set.
const MANY_VALUES: [&str; 13] = [
    "generate_series",
    "generate_subscripts",
    "json_array_elements",
    "json_array_elements_text",
    "json_object_keys",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "jsonb_object_keys",
    "regexp_matches",
    "regexp_split_to_table",
    "string_to_table",
    "unnest",
    "jsonb_path_query",
];

/// Functions of the server that give one value, beside those whose type is fixed.
const ONE_VALUE: [&str; 40] = [
    "abs",
    "array_append",
    "array_cat",
    "array_prepend",
    "array_remove",
    "array_replace",
    "bit_length",
    "btrim",
    "ceil",
    "ceiling",
    "coalesce",
    "date_trunc",
    "exp",
    "floor",
    "greatest",
    "jsonb_path_exists",
    "least",
    "length",
    "ln",
    "lower",
    "ltrim",
    "mod",
    "nullif",
    "octet_length",
    "overlay",
    "pow",
    "power",
    "reverse",
    "round",
    "row",
    "rtrim",
    "sign",
    "sqrt",
    "string_to_array",
    "substr",
    "substring",
    "to_tsvector",
    "trim_array",
    "trunc",
    "upper",
];
