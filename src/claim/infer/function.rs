//! Which function a call means.

use std::rc::Rc;

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, ObjectName, Value};

use super::expression::argument_value;
use super::name::{display, folded, qualified, qualified_text};
use super::resolver::Resolver;
use super::scope::{Lookup, Read};
use crate::catalog::{Function, RelationKind};
use crate::path::display_function;
use crate::types::CATALOG_SCHEMA;

/// A call as the query has it.
pub(super) struct Call<'e> {
    pub name: &'e ObjectName,
    pub arguments: &'e [FunctionArg],
    /// How many expressions are in `WITHIN GROUP (ORDER BY ...)`, which are arguments too.
    pub ordered: usize,
}

impl Call<'_> {
    fn count(&self) -> usize {
        let is_value = |argument: &&FunctionArg| !matches!(argument_value(argument), FunctionArgExpr::Wildcard);
        self.arguments.iter().filter(is_value).count() + self.ordered
    }
}

impl Resolver<'_> {
    /// Notes what a call needs; its arguments are looked at elsewhere. The result tells whether it is a function of
    /// `pg_catalog`.
    pub fn call(&mut self, call: &Call<'_>) -> bool {
        let Some((schema, name)) = qualified(call.name) else {
            self.unresolved(format!("function {}", call.name), "a function is named by its schema and its name");
            return false;
        };
        if schema.as_deref() == Some(CATALOG_SCHEMA) {
            self.beyond_call(&name, call);
            return true;
        }
        self.wanted_functions.insert((schema.clone(), name.clone()));
        let mut candidates = self.candidates(schema.as_deref(), &name, call.count());
        if candidates.len() > 1
            && let Some(exact) = self.exact(&candidates, call)
        {
            candidates = vec![exact];
        }
        if !candidates.is_empty() && candidates.iter().all(|function| function.schema == CATALOG_SCHEMA) {
            self.beyond_call(&name, call);
            return true;
        }
        let what = format!("function {}", display(schema.as_deref(), &name));
        match candidates.as_slice() {
            [] => {
                // Without a catalog nothing is known; the sequence in the call is wanted all the same.
                self.beyond_call(&name, call);
                let reason = self.no_such_function(schema.as_deref(), &name, call.count());
                self.unresolved(what, reason);
            }
            [function] => self.claim_function(what, function),
            several => {
                let signatures: Vec<String> = several.iter().map(|function| signature(function)).collect();
                let reason = format!("it may be any of {}; claim by hand the one it is", signatures.join(", "));
                self.unresolved(what, reason);
            }
        }
        false
    }

    fn claim_function(&mut self, what: String, function: &Function) {
        if function.kind == 'p' {
            self.unresolved(what, format!("{} is a procedure", signature(function)));
        } else if function.security_definer {
            let reason = format!(
                "{} is SECURITY DEFINER; claim it by hand with \"allow_security_definer\": true",
                signature(function)
            );
            self.unresolved(what, reason);
        } else {
            let key = (function.schema.clone(), function.name.clone(), function.identity_arguments.clone());
            self.needs.functions.insert(key);
        }
    }

    /// All functions of this name that take so many arguments. Of those with the same arguments, the one that is
    /// first in the search path hides the others.
    fn candidates(&self, schema: Option<&str>, name: &str, count: usize) -> Vec<Rc<Function>> {
        let schemas: Vec<&str> = schema.map_or_else(|| self.search_path.clone(), |schema| vec![schema]);
        let mut candidates: Vec<Rc<Function>> = Vec::new();
        let all = schemas.iter().flat_map(|schema| self.catalog.functions(schema, name));
        for function in all.filter(|function| takes(function, count)) {
            let hidden = |other: &Rc<Function>| {
                other.schema != function.schema && other.identity_arguments == function.identity_arguments
            };
            if !candidates.iter().any(hidden) {
                candidates.push(Rc::clone(function));
            }
        }
        candidates
    }

    /// The candidate with exactly the types of the arguments, which is the one that the server takes. None if there is
    /// none, or a type is not known.
    fn exact(&self, candidates: &[Rc<Function>], call: &Call<'_>) -> Option<Rc<Function>> {
        let types: Option<Vec<String>> = call
            .arguments
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => self.type_of(expression),
                _ => None,
            })
            .collect();
        let types = types?.join(", ");
        let mut exact = candidates.iter().filter(|function| function.identity_arguments == types);
        let found = exact.next()?;
        exact.next().is_none().then(|| Rc::clone(found))
    }

    /// The type of an expression, where it is plain: a column's or a literal's.
    fn type_of(&self, expression: &Expr) -> Option<String> {
        let of_column = |reads: &[Read]| match reads {
            [(relation, number)] => {
                let columns = &self.known[*relation].relation.columns;
                let column = columns.iter().find(|column| column.number == *number)?;
                Some(column.r#type.name.display(-1))
            }
            _ => None,
        };
        match expression {
            Expr::Nested(inner) => self.type_of(inner),
            Expr::Identifier(ident) => of_column(&self.find_unqualified(&folded(ident)).ok()?),
            Expr::CompoundIdentifier(idents) => match idents.as_slice() {
                [item, column] => match self.item(None, &folded(item))?.find(&folded(column)) {
                    Lookup::Found(reads) => of_column(&reads),
                    _ => None,
                },
                _ => None,
            },
            Expr::Value(value) => match &value.value {
                Value::Boolean(_) => Some("boolean".to_owned()),
                Value::Number(text, _) if text.parse::<i32>().is_ok() => Some("integer".to_owned()),
                Value::Number(text, _) if text.parse::<i64>().is_ok() => Some("bigint".to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    fn no_such_function(&self, schema: Option<&str>, name: &str, count: usize) -> String {
        let schemas: Vec<&str> = schema.map_or_else(|| self.search_path.clone(), |schema| vec![schema]);
        let others: Vec<String> =
            schemas.iter().flat_map(|schema| self.catalog.functions(schema, name)).map(|f| signature(f)).collect();
        if others.is_empty() {
            "there is none of this name".to_owned()
        } else {
            format!("none of {} takes {count} arguments", others.join(", "))
        }
    }

    /// What a function of `pg_catalog` reaches besides its arguments.
    fn beyond_call(&mut self, function: &str, call: &Call<'_>) {
        self.sequence_of(function, call);
        self.setting_of(function, call.arguments);
    }

    /// A sequence that a call names needs USAGE on it.
    fn sequence_of(&mut self, function: &str, call: &Call<'_>) {
        if !matches!(function, "nextval" | "currval" | "setval") {
            return;
        }
        let Some((schema, name)) = call.arguments.first().and_then(text_argument).and_then(qualified_text) else {
            self.unresolved(format!("function {function}"), "which sequence it is called for is not in the query");
            return;
        };
        let what = format!("sequence {}", display(schema.as_deref(), &name));
        if function == "setval" {
            self.unresolved(what, "setval needs UPDATE on it, which is no claim");
            return;
        }
        match self.look_up(schema.as_deref(), &name) {
            Some(relation) if relation.kind == RelationKind::Other('S') => {
                self.needs.sequences.insert((relation.schema.clone(), relation.name.clone()));
            }
            Some(_) => self.unresolved(what, "it is no sequence"),
            None => self.unresolved(what, "there is none of this name"),
        }
    }
}

/// An argument that is a string.
pub(super) fn text_argument(argument: &FunctionArg) -> Option<&str> {
    match argument_value(argument) {
        FunctionArgExpr::Expr(expression) => literal(expression),
        _ => None,
    }
}

/// A string, perhaps cast to `regclass`.
fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Cast { expr, .. } => literal_value(expr),
        other => literal_value(other),
    }
}

fn literal_value(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a call with so many arguments can be of this function.
fn takes(function: &Function, count: usize) -> bool {
    let fewest = function.arguments.saturating_sub(function.defaults);
    count >= fewest && (count <= function.arguments || function.variadic)
}

fn signature(function: &Function) -> String {
    display_function(&function.schema, &function.name, &function.identity_arguments)
}
