//! Claims from an application's own SQL.

use std::rc::Rc;

use integratedb_claim::infer::{self, Inference, Parsed};
use integratedb_claim::report::SHOWN;
use serde_json::{Value, json};

use super::declare;
use super::reconcile::Made;
use crate::pg::catalog::{self, Reader, namespace_oid};
use crate::pg::error::{Error, Result};
use crate::pg::{role, statements};

/// The smallest document under which the queries run for a session with this search path, and what could not be resolved.
///
/// # Errors
/// 22023 for a search path that is none.
pub fn infer(queries: &[String], search_path: &str, user: Option<&str>) -> Result<Value> {
    Ok(shown(inferred(&infer::parse(queries), search_path, user)?))
}

fn shown(inference: Inference) -> Value {
    let entry = |one: infer::Unresolved| json!({"query": one.query, "what": one.what, "reason": one.reason});
    let unresolved: Vec<Value> = inference.unresolved.into_iter().map(entry).collect();
    json!({"document": inference.document, "unresolved": unresolved})
}

/// Claims what the queries need, in place of the stakeholder's document; names without a schema are its own or public's, as
/// for the role by default.
///
/// # Errors
/// 22023 when anything could not be resolved; otherwise as [`declare::put`].
pub fn claim(stakeholder: &str, queries: &[String]) -> Result<Vec<Made>> {
    let Inference { document, unresolved } = inferred(&infer::parse(queries), OWN_PATH, Some(stakeholder))?;
    if !unresolved.is_empty() {
        let mut lines: Vec<String> = unresolved
            .iter()
            .take(SHOWN)
            .map(|one| format!("query {}: {}: {}", one.query, one.what, one.reason))
            .collect();
        if unresolved.len() > SHOWN {
            lines.push(format!("and {} more", unresolved.len() - SHOWN));
        }
        return Err(Error::unresolved_queries(unresolved.len(), &lines));
    }
    declare::put(stakeholder, document)
}

/// The same for the queries that a role has run in this database, as pg_stat_statements has them.
///
/// # Errors
/// 42704 for an unknown role; 0A000 without the extension pg_stat_statements.
pub fn from_statistics(name: &str) -> Result<Value> {
    let Some(found) = role::find(name) else { return Err(Error::undefined_role(name)) };
    let queries = statements::of_role(found.oid)?;
    let mut inferred = shown(inferred(&infer::parse_recorded(&queries), OWN_PATH, Some(name))?);
    // Its caller has not seen the list that a number counts in.
    for one in inferred["unresolved"].as_array_mut().into_iter().flatten() {
        let number = one["query"].as_u64().unwrap_or_default() as usize;
        one["text"] = json!(number.checked_sub(1).and_then(|index| queries.get(index)));
    }
    Ok(inferred)
}

/// The search path that a role has by default.
const OWN_PATH: &str = "\"$user\", public";

fn inferred(parsed: &[Parsed], search_path: &str, user: Option<&str>) -> Result<Inference> {
    let schemas = schemas(search_path, user)?;
    let wanted = infer::wanted(parsed);
    let mut reader = Reader::default();
    let everywhere: Vec<&str> = schemas.iter().map(String::as_str).chain(std::iter::once("pg_catalog")).collect();
    for (schema, name) in &wanted.relations {
        for schema in schema.as_deref().map_or(everywhere.clone(), |schema| vec![schema]) {
            reader.relation_named(schema, name);
        }
    }
    for (schema, name) in &wanted.functions {
        for schema in schema.as_deref().map_or(everywhere.clone(), |schema| vec![schema]) {
            let Some(namespace) = namespace_oid(schema) else { continue };
            for function in catalog::functions_named(namespace, schema, name)? {
                reader.catalog.add_function(Rc::new(function));
            }
        }
    }
    Ok(infer::infer(parsed, &schemas, &reader.catalog))
}

/// The schemas of a search path, as SQL writes it.
fn schemas(search_path: &str, user: Option<&str>) -> Result<Vec<String>> {
    let invalid = || {
        Error::invalid_argument(
            "search_path is not a list of schemas",
            format!("Found \"{}\".", integratedb_claim::report::shown(search_path)),
            "Write it as for SET search_path: public, \"My schema\".",
        )
    };
    let mut schemas = Vec::new();
    for part in catalog::identifiers(search_path).ok_or_else(invalid)? {
        if part == "$user" {
            schemas.extend(user.map(str::to_owned));
        } else {
            schemas.push(part);
        }
    }
    Ok(schemas)
}
