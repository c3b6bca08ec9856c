//! An application's own SQL: from the text of its queries to the smallest document under which they run.
//!
//! In two steps, because what the queries name has to be loaded from the catalogs in between: [`parse`] reads the
//! texts, [`wanted`] says which relations and functions they name, and [`infer`] resolves them against a [`Catalog`]
//! that holds these.
//!
//! What is inferred is what the server checks when the query starts, as PostgreSQL 15 does it: SELECT on each column
//! that is named, in whatever clause (and on any one column of a relation of which none is named); INSERT and UPDATE
//! on each column that is written; DELETE; UPDATE on any one column of what `FOR UPDATE` and the like lock; and
//! EXECUTE. A query that `WITH` names and nothing uses is checked for its names only: its columns are claimed without
//! privilege (`"select": false`).
//!
//! **Nothing is guessed.** The queries are taken to be valid on this server: a name that can be but one thing is that
//! thing. What is unknown, ambiguous or not understood is listed as [`Unresolved`], and claims nothing; what is
//! certain in the same query is claimed all the same. So a query with an entry in the list may need more than the
//! document holds, never less.
//!
//! Not looked at, because the server checks it by type or by content and not by name: EXECUTE on the functions behind
//! operators and casts that an extension defines and a built-in operator's name calls (PUBLIC has it, unless somebody
//! took it), and what functions do inside.

mod document;
mod expression;
mod from;
mod function;
mod modify;
mod name;
mod need;
mod query;
mod resolver;
mod scope;
mod statement;
mod text;

#[cfg(test)]
mod tests;

use serde_json::Value;
use sqlparser::ast::Statement;

use crate::catalog::Catalog;
use resolver::Resolver;

pub use text::{MAX_BYTES, MAX_DEPTH, MAX_JOINS, MAX_QUERIES, MAX_TOKENS, parse, parse_recorded};

/// One text, read: its statements, or why it could not be read.
#[derive(Debug)]
pub struct Parsed {
    query: usize,
    statements: Vec<Statement>,
    unresolved: Vec<Unresolved>,
}

/// What could not be resolved, and is not claimed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// Which of the texts, from 1.
    pub query: usize,
    /// What it is about: `column orders.totl`, `function public.f`, `query`.
    pub what: String,
    /// Why, and what to do about it where that is known.
    pub reason: String,
}

/// A name as a query has it: with its schema, or without.
pub type MaybeQualified = (Option<String>, String);

/// What the queries name, for the caller to load into the catalog. Sorted, each once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Relations and sequences. Without a schema: to be looked for in every schema of the search path, and in
    /// `pg_catalog`.
    pub relations: Vec<MaybeQualified>,
    /// Functions: all of this name, whatever their arguments. Without a schema: in every schema of the search path, and
    /// in `pg_catalog`, whose functions are never claimed but have to be known to be told from others.
    pub functions: Vec<MaybeQualified>,
}

/// What was found.
#[derive(Debug)]
pub struct Inference {
    /// A claim document: `{"match": [...]}`.
    pub document: Value,
    /// What it leaves out, in the order of the queries.
    pub unresolved: Vec<Unresolved>,
}

/// The names that [`infer`] will look up for these queries.
pub fn wanted(parsed: &[Parsed]) -> Wanted {
    let nothing = Catalog::default();
    let mut resolver = Resolver::new(&nothing, &[]);
    resolver.all(parsed);
    resolver.into_wanted()
}

/// The smallest document under which these queries run, and what could not be resolved.
///
/// `search_path` are the schemas for names without one, as the session has them that runs the queries; `pg_catalog`
/// comes first unless it is among them. `catalog` holds what [`wanted`] named, so far as it exists.
pub fn infer(parsed: &[Parsed], search_path: &[String], catalog: &Catalog) -> Inference {
    let mut resolver = Resolver::new(catalog, search_path);
    resolver.all(parsed);
    resolver.into_inference()
}
