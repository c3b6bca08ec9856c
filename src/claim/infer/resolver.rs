//! The state of resolving: what is known, what is in scope, what is needed so far.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use sqlparser::ast::Ident;

use super::name::{self, display, folded};
use super::need::{Need, Needs, RelationId};
use super::query::CommonTable;
use super::scope::{Item, Known, Level, Lookup, Read};
use super::{Inference, MaybeQualified, Parsed, Unresolved, Wanted, document};
use crate::catalog::{Catalog, Relation, RelationKind};
use crate::nearest::nearest;
use crate::path::display_relation;
use crate::types::CATALOG_SCHEMA;

/// Entries that one query can have in the list of what is unresolved.
const MAX_UNRESOLVED: usize = 100;
/// Names that a suggestion is chosen from.
const MAX_CANDIDATES: usize = 2_000;

/// Walks the statements of all queries.
pub(super) struct Resolver<'a> {
    pub catalog: &'a Catalog,
    /// In the order in which the server looks.
    pub search_path: Vec<&'a str>,
    /// The query that is being walked, from 1.
    query: usize,
    /// The queries that enclose what is being walked, the innermost last.
    pub levels: Vec<Level>,
    /// What WITH names, the innermost last.
    pub common_tables: Vec<CommonTable>,
    pub needs: Needs,
    pub known: Vec<Rc<Known>>,
    ids: HashMap<(String, String), RelationId>,
    unresolved: BTreeSet<Unresolved>,
    /// How many of them are of the query that is being walked.
    unresolved_here: usize,
    wanted_relations: BTreeSet<MaybeQualified>,
    pub wanted_functions: BTreeSet<MaybeQualified>,
}

impl<'a> Resolver<'a> {
    pub fn new(catalog: &'a Catalog, search_path: &'a [String]) -> Resolver<'a> {
        let mut path: Vec<&str> = search_path.iter().map(String::as_str).collect();
        if !path.contains(&CATALOG_SCHEMA) {
            path.insert(0, CATALOG_SCHEMA);
        }
        Resolver {
            catalog,
            search_path: path,
            query: 0,
            levels: Vec::new(),
            common_tables: Vec::new(),
            needs: Needs::default(),
            known: Vec::new(),
            ids: HashMap::new(),
            unresolved: BTreeSet::new(),
            unresolved_here: 0,
            wanted_relations: BTreeSet::new(),
            wanted_functions: BTreeSet::new(),
        }
    }

    pub fn all(&mut self, parsed: &[Parsed]) {
        for parsed in parsed {
            self.query = parsed.query;
            self.unresolved_here = 0;
            self.unresolved.extend(parsed.unresolved.iter().cloned());
            for statement in &parsed.statements {
                self.statement(statement);
            }
        }
    }

    pub fn into_wanted(self) -> Wanted {
        Wanted {
            relations: self.wanted_relations.into_iter().collect(),
            functions: self.wanted_functions.into_iter().collect(),
        }
    }

    pub fn into_inference(mut self) -> Inference {
        let document = document::document(&mut self);
        Inference { document, unresolved: self.unresolved.into_iter().collect() }
    }

    /// Notes what cannot be resolved in the query that is being walked.
    pub fn unresolved(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        let query = self.query;
        if self.unresolved_here == MAX_UNRESOLVED {
            self.unresolved_in(query, "query", format!("more than {MAX_UNRESOLVED} things are unresolved in it"));
        } else if self.unresolved_in(query, what, reason) {
            self.unresolved_here += 1;
        }
    }

    /// Notes what cannot be resolved in that query. Whether it is new.
    pub fn unresolved_in(&mut self, query: usize, what: impl Into<String>, reason: impl Into<String>) -> bool {
        self.unresolved.insert(Unresolved { query, what: what.into(), reason: reason.into() })
    }

    /// A name that may have been meant, for the end of a reason. Nothing where it would not be listed any more.
    fn suggestion(&self, wanted: &str, candidates: impl Iterator<Item = String>) -> String {
        if self.unresolved_here == MAX_UNRESOLVED {
            return String::new();
        }
        let candidates: Vec<String> = candidates.take(MAX_CANDIDATES).collect();
        match nearest(wanted, candidates.iter().map(String::as_str)) {
            Some(near) => format!("; did you mean \"{near}\"?"),
            None => String::new(),
        }
    }

    pub fn unsupported(&mut self, what: &str) {
        self.unresolved(what, "this is not understood; claim by hand what it needs");
    }

    /// The relation of this name, as the server finds it; nothing is noted if there is none.
    pub fn look_up(&mut self, schema: Option<&str>, name: &str) -> Option<Rc<Relation>> {
        self.wanted_relations.insert((schema.map(str::to_owned), name.to_owned()));
        match schema {
            Some(schema) => self.catalog.relation(schema, name).cloned(),
            None => self.search_path.iter().find_map(|schema| self.catalog.relation(schema, name)).cloned(),
        }
    }

    /// The relation of this name, noted as unresolved if it does not exist or cannot be claimed.
    pub fn relation(&mut self, schema: Option<&str>, name: &str) -> Option<RelationId> {
        let what = || format!("relation {}", display(schema, name));
        let Some(relation) = self.look_up(schema, name) else {
            let reason = self.no_such_relation(schema, name);
            self.unresolved(what(), reason);
            return None;
        };
        if let RelationKind::Other(_) = relation.kind {
            self.unresolved(what(), format!("it is {}, which cannot be claimed by its path", relation.kind));
            return None;
        }
        if relation.temporary {
            self.unresolved(what(), "it is temporary, which is never claimed");
            return None;
        }
        if relation.security_invoker {
            let reason = "the view reads with its reader's privileges: what it reads has to be claimed too";
            self.unresolved(what(), reason);
        }
        let key = (relation.schema.clone(), relation.name.clone());
        let query = self.query;
        let known = &mut self.known;
        let id = *self.ids.entry(key).or_insert_with(|| {
            known.push(Rc::new(Known::new(relation, query)));
            known.len() - 1
        });
        self.needs.of(id);
        Some(id)
    }

    fn no_such_relation(&self, schema: Option<&str>, name: &str) -> String {
        let schemas: Vec<&str> = schema.map_or_else(|| self.search_path.clone(), |schema| vec![schema]);
        let names = schemas.iter().flat_map(|schema| self.catalog.relations_in(schema));
        let place = if schema.is_some() { "" } else { " in the search path" };
        let suggestion = self.suggestion(name, names.map(|relation| relation.name.clone()));
        format!("there is none of this name{place}{suggestion}")
    }

    /// What is needed of a relation.
    pub fn need(&mut self, relation: RelationId) -> &mut Need {
        self.needs.of(relation)
    }

    /// Notes that these columns are read.
    pub fn read(&mut self, reads: &[Read]) {
        for &(relation, column) in reads {
            self.needs.of(relation).select.insert(column);
        }
    }

    /// Notes that whole rows of these relations are read.
    pub fn read_whole(&mut self, relations: &[RelationId]) {
        for &relation in relations {
            self.needs.of(relation).select_all = true;
        }
    }

    /// The level that is being walked.
    pub fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// A name that stands alone in an expression: a column of the nearest query that has one, or else the whole row
    /// of an item of FROM.
    pub fn identifier(&mut self, ident: &Ident) {
        if name::is_value(ident) {
            return;
        }
        let name = folded(ident);
        match self.find_unqualified(&name) {
            Ok(reads) => self.read(&reads),
            Err(Unfound::Because(reason)) => self.unresolved(format!("column {name}"), reason),
            Err(Unfound::Absent) if name::is_system_column(&name) => self.system_column(&name),
            Err(Unfound::Absent) => match self.item(None, &name) {
                Some(item) => {
                    let whole = item.whole.clone();
                    self.read_whole(&whole);
                }
                None => {
                    let reason = self.no_such_column(&name);
                    self.unresolved(format!("column {name}"), reason);
                }
            },
        }
    }

    /// The column of this name in the nearest query that has one.
    pub fn find_unqualified(&self, name: &str) -> Result<Vec<Read>, Unfound> {
        for level in self.levels.iter().rev() {
            let mut found = None;
            let mut unknown = None;
            for item in level.visible() {
                match item.find_unqualified(name) {
                    Lookup::Found(_) if found.is_some() => {
                        return Err(Unfound::Because("it is ambiguous: several relations have one".to_owned()));
                    }
                    Lookup::Found(reads) => found = Some(reads),
                    Lookup::Unknown => unknown = Some(item),
                    Lookup::Absent => {}
                }
            }
            // A valid query has each name once: what is found is it, whatever else there is.
            if let Some(reads) = found {
                return Ok(reads);
            }
            if let Some(item) = unknown {
                // A column of it or its row: either needs nothing more.
                let row = level
                    .visible()
                    .iter()
                    .any(|item| item.by_name && item.name.as_deref() == Some(name) && item.whole.is_empty());
                if row {
                    return Ok(Vec::new());
                }
                let of = item.name.as_deref().unwrap_or("a sub-select");
                return Err(Unfound::Because(format!(
                    "it may be one of {of}, whose columns are not all known; write it with the name of its relation"
                )));
            }
        }
        Err(Unfound::Absent)
    }

    /// A system column that stands alone: of the only table in the nearest query that has tables. It can be read with
    /// SELECT on the whole table only.
    fn system_column(&mut self, name: &str) {
        let tables = self.levels.iter().rev().find_map(|level| {
            let tables = level.visible().iter().filter(|item| item.by_column && item.is_relation());
            let whole: Vec<RelationId> = tables.flat_map(|item| item.whole.iter().copied()).collect();
            (!whole.is_empty()).then_some(whole)
        });
        match tables.as_deref() {
            Some([table]) => self.read_whole(&[*table]),
            Some(_) => self.unresolved(format!("column {name}"), "it is ambiguous: every table has one"),
            None => self.unresolved(format!("column {name}"), "there is no table in FROM"),
        }
    }

    fn no_such_column(&self, name: &str) -> String {
        let items = self.levels.iter().rev().flat_map(Level::visible);
        let names = items.flat_map(|item| item.columns().filter_map(|column| column.name));
        format!("no relation in FROM has it{}", self.suggestion(name, names))
    }

    /// The item that a qualified name means.
    pub fn item(&self, schema: Option<&str>, name: &str) -> Option<&Item> {
        let matches = |item: &&Item| {
            item.by_name && item.name.as_deref() == Some(name) && (schema.is_none() || item.schema.as_deref() == schema)
        };
        self.levels.iter().rev().find_map(|level| level.visible().iter().find(matches))
    }

    /// `item.column`, `schema.item.column`.
    pub fn compound(&mut self, parts: &[String]) {
        let (schema, item_name, column) = match parts {
            [item, column] => (None, item, column),
            [schema, item, column] => (Some(schema.as_str()), item, column),
            _ => {
                self.unresolved(
                    format!("column {}", parts.join(".")),
                    "it has more parts than a column's name can have",
                );
                return;
            }
        };
        let what = format!("column {}", parts.join("."));
        let Some(item) = self.item(schema, item_name) else {
            self.unresolved(what, format!("there is no {} in FROM", display(schema, item_name)));
            return;
        };
        match item.find(column) {
            Lookup::Found(reads) => self.read(&reads),
            // Its relation is listed as unknown, or it is one of a function, which needs no more than the function.
            Lookup::Unknown => {}
            Lookup::Absent if name::is_system_column(column) && !item.whole.is_empty() => {
                let whole = item.whole.clone();
                self.read_whole(&whole);
            }
            Lookup::Absent => {
                let hint = self.suggestion(column, item.columns().filter_map(|column| column.name));
                let of = self.shown(schema, item_name);
                self.unresolved(what, format!("{of} has no such column{hint}"));
            }
        }
    }

    /// An item of FROM, for people: the relation behind it where there is one.
    fn shown(&self, schema: Option<&str>, name: &str) -> String {
        match self.item(schema, name).map(|item| &item.whole[..]) {
            Some([id]) => {
                let relation = &self.known[*id].relation;
                display_relation(&relation.schema, &relation.name)
            }
            _ => name.to_owned(),
        }
    }

    /// `item.*` and `schema.item.*`, as a value: the whole row.
    pub fn whole_row(&mut self, parts: &[String]) {
        let found = match parts {
            [item] => self.item(None, item),
            [schema, item] => self.item(Some(schema), item),
            _ => None,
        };
        match found.map(|item| item.whole.clone()) {
            Some(whole) => self.read_whole(&whole),
            None => self.unresolved(format!("{}.*", parts.join(".")), "there is nothing of this name in FROM"),
        }
    }
}

/// Why there is no column.
pub(super) enum Unfound {
    /// No query in scope has one.
    Absent,
    /// It cannot be told.
    Because(String),
}
