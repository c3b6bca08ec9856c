//! Calls: which function it is, and what it gives.

use std::rc::Rc;

use squawk_syntax::ast::{self, AstNode};

use super::operator::{base, binary, common};
use super::{Analyser, Value};
use crate::simulate::apply::Refusal;
use crate::simulate::apply::builtin::{
    BOOL, BPCHAR, BYTEA, DATE, FLOAT4, FLOAT8, INT2, INT4, INT8, INTERVAL, JSON, JSONB, NAME, NUMERIC, TEXT, TIME,
    TIMESTAMP, TIMESTAMPTZ, UNKNOWN, UUID, VARCHAR, VOID,
};
use crate::simulate::apply::resolve::{Name, identifier};
use crate::simulate::world::{Class, Function, Object};

type Typed = Result<Option<Value>, Refusal>;

/// Types that stand for the caller's: anyelement, anyarray and the like (pg_type.dat).
const POLYMORPHIC: [u32; 11] = [2276, 2277, 2283, 2776, 3500, 3831, 4537, 4538, 5077, 5078, 5079];

/// The arguments of a call.
struct Arguments {
    values: Vec<Option<Value>>,
    /// Named, VARIADIC or `*`: they cannot be counted off.
    special: bool,
    first: Option<ast::Literal>,
}

impl Analyser<'_, '_> {
    pub fn call(&mut self, call: &ast::CallExpr) -> Typed {
        let Some(name) = call.expr().and_then(|function| function_name(&function)) else {
            return self.call_of_grammar(call);
        };
        let word = name.name.as_str();
        let is_aggregate = name.schema.is_none_or_catalog() && is_aggregate(word) && call.over_clause().is_none();
        self.aggregates += usize::from(is_aggregate);
        let arguments = self.arguments(call.arg_list());
        let rest = [
            call.within_clause().map(|clause| clause.syntax().clone()),
            call.filter_clause().map(|clause| clause.syntax().clone()),
            call.over_clause().map(|clause| clause.syntax().clone()),
        ];
        for clause in rest.into_iter().flatten() {
            self.walk(&clause)?;
        }
        self.aggregates -= usize::from(is_aggregate);
        let arguments = arguments?;
        if let Some(known) = self.users_function(&name, &arguments)? {
            return Ok(known);
        }
        if matches!(word, "nextval" | "currval" | "setval") && arguments.first.is_some() {
            self.use_named_relation(arguments.first.as_ref());
        }
        if arguments.special && !matches!(word, "count" | "concat" | "format" | "concat_ws") {
            return Ok(None);
        }
        Ok(self.built_in(word, &arguments.values))
    }

    fn arguments(&mut self, list: Option<ast::ArgList>) -> Result<Arguments, Refusal> {
        let mut arguments = Arguments { values: Vec::new(), special: false, first: None };
        let Some(list) = list else { return Ok(arguments) };
        arguments.special = list.star_token().is_some();
        for (at, argument) in list.args().enumerate() {
            arguments.special |= argument.variadic_token().is_some();
            if let Some(order) = argument.order_by_clause() {
                self.walk(order.syntax())?;
            }
            let Some(expression) = argument.expr() else {
                arguments.special = true;
                self.walk(argument.syntax())?;
                continue;
            };
            if at == 0
                && let ast::Expr::Literal(literal) = &expression
            {
                arguments.first = Some(literal.clone());
            }
            arguments.values.push(self.expression(&expression)?);
        }
        Ok(arguments)
    }

    /// What the grammar has words of its own for.
    fn call_of_grammar(&mut self, call: &ast::CallExpr) -> Typed {
        self.walk(call.syntax())?;
        let version = self.cx.world().server_version;
        Ok(if call.exists_fn().is_some() || call.xml_exists_fn().is_some() {
            Some(Value::plain(BOOL))
        } else if call.extract_fn().is_some() {
            Some(Value::plain(if version < 140_000 { FLOAT8 } else { NUMERIC }))
        } else if call.position_fn().is_some() {
            Some(Value::plain(INT4))
        } else if let Some(expression) = [
            call.trim_fn().map(|node| node.syntax().clone()),
            call.substring_fn().map(|node| node.syntax().clone()),
            call.overlay_fn().map(|node| node.syntax().clone()),
        ]
        .into_iter()
        .flatten()
        .find_map(|node| node.descendants().find_map(ast::Expr::cast))
        {
            let value = self.expression(&expression)?;
            value
                .filter(|value| is_text(base(self.cx, value.oid)))
                .and_then(|value| self.with_collation(TEXT, &[Some(value)]))
        } else {
            None
        })
    }

    /// The function of a user that is called; none if it is the server's.
    fn users_function(&mut self, name: &Name, arguments: &Arguments) -> Result<Option<Option<Value>>, Refusal> {
        let world = self.cx.world();
        let schemas = match &name.schema {
            Some(schema) if schema == "pg_catalog" || schema == "information_schema" => return Ok(None),
            Some(schema) => vec![self.cx.schema(schema)?],
            None => self.cx.path(),
        };
        let candidates: Vec<(u32, Rc<Function>)> = schemas
            .into_iter()
            .flat_map(|schema| world.functions_named(schema, &name.name))
            .map(|oid| (oid, Rc::clone(&world.functions[&oid])))
            .collect();
        if candidates.is_empty() {
            return match &name.schema {
                Some(_) => Refusal::fails(format!("function {}() does not exist", name.display())),
                None => Ok(None),
            };
        }
        let count = arguments.values.len();
        let fits = |function: &Function| {
            let most = function.arguments.len();
            let least = most - function.defaults.min(most);
            function.variadic || (least..=most).contains(&count)
        };
        let exact = |function: &Function| {
            function.arguments.len() == count
                && function
                    .arguments
                    .iter()
                    .zip(&arguments.values)
                    .all(|(wanted, given)| given.is_some_and(|given| given.oid == *wanted))
        };
        let shadows = name.schema.is_none() && self.built_in(&name.name, &arguments.values).is_some();
        let fitting: Vec<_> = candidates.iter().filter(|(_, function)| arguments.special || fits(function)).collect();
        let chosen = match fitting.as_slice() {
            [only] if !shadows && !arguments.special => Some(only),
            [] if name.schema.is_none() => return Ok(None),
            _ => fitting.iter().find(|(_, function)| exact(function)),
        };
        let Some((oid, function)) = chosen else {
            self.doubt(format!("which function {}() is called cannot be told", name.display()));
            return Ok(Some(None));
        };
        self.uses.insert(Object { class: Class::Function, oid: *oid, column: 0 });
        if POLYMORPHIC.contains(&function.returns) || function.returns == 5080 {
            return Ok(Some(None));
        }
        Ok(Some(self.with_collation(function.returns, &arguments.values)))
    }

    /// What a built-in function gives; `None` if that cannot be told.
    fn built_in(&self, name: &str, values: &[Option<Value>]) -> Option<Value> {
        if let Some(oid) = fixed(name) {
            return self.with_collation(oid, values);
        }
        let first = values.first().copied().flatten();
        let first_base = first.map(|value| base(self.cx, value.oid));
        match (name, first_base) {
            ("coalesce" | "greatest" | "least", _) => common(self.cx, values),
            ("nullif", _) => self.nullif(values),
            ("sum", Some(INT2 | INT4)) => Some(Value::plain(INT8)),
            ("sum", Some(INT8 | NUMERIC)) => Some(Value::plain(NUMERIC)),
            ("sum" | "avg", Some(INTERVAL)) => Some(Value::plain(INTERVAL)),
            ("sum", Some(oid @ (FLOAT4 | FLOAT8))) => Some(Value::plain(oid)),
            ("avg", Some(INT2 | INT4 | INT8 | NUMERIC)) => Some(Value::plain(NUMERIC)),
            ("avg", Some(FLOAT4 | FLOAT8)) => Some(Value::plain(FLOAT8)),
            ("stddev" | "stddev_samp" | "stddev_pop" | "variance" | "var_samp" | "var_pop", Some(oid)) => match oid {
                INT2 | INT4 | INT8 | NUMERIC => Some(Value::plain(NUMERIC)),
                FLOAT4 | FLOAT8 => Some(Value::plain(FLOAT8)),
                _ => None,
            },
            ("max" | "min", Some(VARCHAR | NAME | UNKNOWN)) => self.with_collation(TEXT, values),
            (
                "max" | "min",
                Some(
                    oid @ (INT2 | INT4 | INT8 | NUMERIC | FLOAT4 | FLOAT8 | TEXT | BPCHAR | DATE | TIME | TIMESTAMP
                    | TIMESTAMPTZ | INTERVAL),
                ),
            ) => self.with_collation(oid, values),
            ("max" | "min", Some(_)) => first.filter(|value| self.is_enum(value.oid)).map(Value::without_modifier),
            ("lag" | "lead" | "first_value" | "last_value" | "nth_value" | "mode", Some(_)) if values.len() == 1 => {
                first.filter(|value| value.oid != UNKNOWN).map(Value::without_modifier)
            }
            ("nth_value", Some(_)) => first.filter(|value| value.oid != UNKNOWN).map(Value::without_modifier),
            ("array_agg", Some(oid)) if oid != UNKNOWN => self.array_of(first?).map(Value::without_modifier),
            ("unnest", Some(_)) if values.len() == 1 => self.element(first?).map(Value::without_modifier),
            ("abs", Some(oid @ (INT2 | INT4 | INT8 | NUMERIC | FLOAT4 | FLOAT8))) => Some(Value::plain(oid)),
            ("round" | "trunc", Some(NUMERIC)) => Some(Value::plain(NUMERIC)),
            ("round" | "trunc", Some(INT2 | INT4 | INT8)) if values.len() == 2 => Some(Value::plain(NUMERIC)),
            ("ceil" | "ceiling" | "floor" | "sign", Some(NUMERIC)) => Some(Value::plain(NUMERIC)),
            ("round" | "trunc" | "ceil" | "ceiling" | "floor" | "sign", Some(INT2 | INT4 | INT8 | FLOAT4 | FLOAT8))
                if values.len() == 1 =>
            {
                Some(Value::plain(FLOAT8))
            }
            ("mod", Some(INT2 | INT4 | INT8 | NUMERIC)) => match values {
                [Some(left), Some(right)] => binary(self.cx, "%", *left, *right),
                _ => None,
            },
            ("power" | "pow", Some(INT2 | INT4 | INT8 | NUMERIC | FLOAT4 | FLOAT8)) => match values {
                [Some(left), Some(right)] => binary(self.cx, "^", *left, *right),
                _ => None,
            },
            ("sqrt" | "exp" | "ln", Some(INT2 | INT4 | INT8 | FLOAT4 | FLOAT8)) => Some(Value::plain(FLOAT8)),
            ("sqrt" | "exp" | "ln", Some(NUMERIC)) => Some(Value::plain(NUMERIC)),
            ("date_trunc", _) => match values.get(1).copied().flatten().map(|value| base(self.cx, value.oid)) {
                Some(DATE | TIMESTAMPTZ) => Some(Value::plain(TIMESTAMPTZ)),
                Some(oid @ (TIMESTAMP | INTERVAL)) => Some(Value::plain(oid)),
                _ => None,
            },
            ("generate_series", Some(oid @ (INT4 | INT8 | NUMERIC | TIMESTAMP | TIMESTAMPTZ))) => {
                let same =
                    values.iter().take(2).all(|value| value.is_some_and(|value| base(self.cx, value.oid) == oid));
                same.then(|| Value::plain(oid))
            }
            (
                "lower" | "upper" | "substring" | "substr" | "overlay" | "reverse" | "string_agg" | "btrim" | "ltrim"
                | "rtrim",
                Some(oid),
            ) if is_text(oid) => self.with_collation(TEXT, values),
            ("length" | "bit_length" | "octet_length", Some(oid)) if is_text(oid) || oid == BYTEA => {
                Some(Value::plain(INT4))
            }
            _ => None,
        }
    }

    fn is_enum(&self, oid: u32) -> bool {
        matches!(
            self.cx.world().types.get(&oid).map(|r#type| &r#type.kind),
            Some(crate::simulate::world::TypeKind::Enum(_))
        )
    }

    /// The first argument, as `=` takes it.
    fn nullif(&self, values: &[Option<Value>]) -> Option<Value> {
        let [Some(left), Some(right)] = values else { return None };
        if right.oid != UNKNOWN && right.oid != left.oid {
            return None;
        }
        match left.oid {
            VARCHAR | UNKNOWN => self.with_collation(TEXT, &[Some(*left)]),
            oid if base(self.cx, oid) != oid => None,
            _ => Some(*left),
        }
    }
}

pub(super) trait Schema {
    fn is_none_or_catalog(&self) -> bool;
}

impl Schema for Option<String> {
    fn is_none_or_catalog(&self) -> bool {
        self.as_deref().is_none_or(|schema| schema == "pg_catalog")
    }
}

/// The function that a call names.
pub(crate) fn function_name(function: &ast::Expr) -> Option<Name> {
    match function {
        ast::Expr::NameRef(name) => Some(Name { schema: None, name: identifier(name.syntax()) }),
        ast::Expr::FieldExpr(field) => {
            let Some(ast::Expr::NameRef(schema)) = field.base() else { return None };
            let name = identifier(field.field()?.syntax());
            Some(Name { schema: Some(identifier(schema.syntax())), name })
        }
        _ => None,
    }
}

fn is_text(oid: u32) -> bool {
    matches!(oid, TEXT | VARCHAR | BPCHAR | NAME | UNKNOWN)
}

pub(super) fn is_aggregate(name: &str) -> bool {
    matches!(
        name,
        "count"
            | "sum"
            | "avg"
            | "min"
            | "max"
            | "array_agg"
            | "string_agg"
            | "json_agg"
            | "jsonb_agg"
            | "json_object_agg"
            | "jsonb_object_agg"
            | "bool_and"
            | "bool_or"
            | "every"
            | "stddev"
            | "stddev_pop"
            | "stddev_samp"
            | "variance"
            | "var_pop"
            | "var_samp"
            | "mode"
    )
}

/// Functions whose result is of one type, whatever the arguments.
pub(super) fn fixed(name: &str) -> Option<u32> {
    Some(match name {
        "count" | "row_number" | "rank" | "dense_rank" | "nextval" | "currval" | "setval" | "lastval"
        | "txid_current" => INT8,
        "ntile" | "array_length" | "array_upper" | "array_lower" | "array_ndims" | "cardinality" | "strpos"
        | "ascii" | "char_length" | "character_length" | "pg_backend_pid" | "jsonb_array_length"
        | "json_array_length" => INT4,
        "percent_rank" | "cume_dist" | "date_part" | "random" | "pi" | "degrees" | "radians" | "sin" | "cos"
        | "tan" | "atan2" | "asin" | "acos" | "atan" => FLOAT8,
        "now"
        | "transaction_timestamp"
        | "statement_timestamp"
        | "clock_timestamp"
        | "to_timestamp"
        | "make_timestamptz" => TIMESTAMPTZ,
        "make_timestamp" => TIMESTAMP,
        "to_date" | "make_date" => DATE,
        "to_number" => NUMERIC,
        "age" | "make_interval" | "justify_days" | "justify_hours" | "justify_interval" => INTERVAL,
        "bool_and"
        | "bool_or"
        | "every"
        | "has_table_privilege"
        | "has_schema_privilege"
        | "starts_with"
        | "isfinite"
        | "regexp_like" => BOOL,
        "concat"
        | "concat_ws"
        | "format"
        | "to_char"
        | "md5"
        | "left"
        | "right"
        | "lpad"
        | "rpad"
        | "initcap"
        | "replace"
        | "translate"
        | "repeat"
        | "split_part"
        | "regexp_replace"
        | "quote_ident"
        | "quote_literal"
        | "quote_nullable"
        | "array_to_string"
        | "current_setting"
        | "version"
        | "chr"
        | "encode"
        | "jsonb_pretty"
        | "jsonb_typeof"
        | "json_typeof"
        | "obj_description"
        | "col_description"
        | "pg_get_serial_sequence"
        | "jsonb_extract_path_text"
        | "json_extract_path_text"
        | "jsonb_array_elements_text"
        | "json_array_elements_text"
        | "jsonb_object_keys"
        | "json_object_keys"
        | "regexp_substr"
        | "to_hex" => TEXT,
        "json_agg"
        | "to_json"
        | "row_to_json"
        | "json_build_object"
        | "json_build_array"
        | "json_object_agg"
        | "array_to_json"
        | "json_extract_path"
        | "json_array_elements"
        | "json_strip_nulls"
        | "json_object" => JSON,
        "jsonb_agg"
        | "to_jsonb"
        | "jsonb_build_object"
        | "jsonb_build_array"
        | "jsonb_object_agg"
        | "jsonb_set"
        | "jsonb_insert"
        | "jsonb_extract_path"
        | "jsonb_array_elements"
        | "jsonb_strip_nulls"
        | "jsonb_object"
        | "jsonb_path_query_array"
        | "jsonb_path_query_first" => JSONB,
        "decode" | "convert_to" | "sha224" | "sha256" | "sha384" | "sha512" => BYTEA,
        "gen_random_uuid" => UUID,
        "current_database" | "current_schema" => NAME,
        "pg_sleep" | "pg_notify" => VOID,
        _ => return None,
    })
}
