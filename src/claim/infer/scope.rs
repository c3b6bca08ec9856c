//! What names mean where: the items of FROM, and the columns that each of them offers.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::need::RelationId;
use crate::catalog::Relation;

/// PostgreSQL's bound on the columns of a result (`MaxTupleAttributeNumber`).
const MAX_COLUMNS: usize = 1_664;

/// A relation that queries name.
pub(super) struct Known {
    pub relation: Rc<Relation>,
    /// Position by name.
    positions: HashMap<String, usize>,
    /// The first query that names it.
    pub query: usize,
}

impl Known {
    pub fn new(relation: Rc<Relation>, query: usize) -> Known {
        let positions = relation.columns.iter().enumerate().map(|(at, column)| (column.name.to_string(), at)).collect();
        Known { relation, positions, query }
    }
}

/// A column that is read when a name is used.
pub(super) type Read = (RelationId, i16);

/// A column of something that is no relation.
#[derive(Clone)]
pub(super) struct Column {
    /// None if it is not known how the server calls it.
    pub name: Option<String>,
    /// What using it reads, beyond what is read already.
    pub reads: Vec<Read>,
}

/// The columns of a sub-select, a function, a join with an alias.
#[derive(Clone, Default)]
pub(super) struct Columns {
    pub columns: Vec<Column>,
    /// Whether there are no others.
    pub complete: bool,
    /// Relations that locking this locks.
    pub lockable: Vec<RelationId>,
}

impl Columns {
    /// Nothing is known of them.
    pub fn unknown() -> Columns {
        Columns::default()
    }

    /// Columns that read nothing more.
    pub fn named(names: impl IntoIterator<Item = Option<String>>) -> Columns {
        let columns = names.into_iter().map(|name| Column { name, reads: Vec::new() }).collect();
        Columns { columns, complete: true, lockable: Vec::new() }
    }

    /// Gives the first columns these names.
    pub fn rename(&mut self, aliases: Vec<String>) {
        for (at, alias) in aliases.into_iter().enumerate() {
            match self.columns.get_mut(at) {
                Some(column) => column.name = Some(alias),
                None => self.columns.push(Column { name: Some(alias), reads: Vec::new() }),
            }
        }
    }

    /// Adds columns, so far as a result can have them.
    pub fn extend(&mut self, columns: impl IntoIterator<Item = Column>) {
        let mut columns = columns.into_iter();
        let room = MAX_COLUMNS.saturating_sub(self.columns.len());
        self.columns.extend(columns.by_ref().take(room));
        if columns.next().is_some() {
            self.complete = false;
        }
    }
}

/// Where an item's columns come from.
#[derive(Clone)]
pub(super) enum Source {
    /// A relation; the names are aliases of its first columns.
    Relation(RelationId, Rc<Known>, Vec<String>),
    /// Anything else.
    Derived(Rc<Columns>),
}

/// What looking for a column in an item says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// It is there; using it reads these.
    Found(Vec<Read>),
    /// It is not.
    Absent,
    /// Not all columns of the item are known.
    Unknown,
}

/// An item of FROM, the target of a statement, or the columns that a join merges.
#[derive(Clone)]
pub(super) struct Item {
    /// The name by which columns are qualified.
    pub name: Option<String>,
    /// The relation's schema, by which it can be qualified too, unless it has an alias.
    pub schema: Option<String>,
    pub source: Source,
    /// Relations that a reference to the whole row reads.
    pub whole: Vec<RelationId>,
    /// Merged by a join: to be had under the join's column only.
    pub merged: HashSet<String>,
    /// Whether its columns can be named with its name.
    pub by_name: bool,
    /// Whether its columns can be named without its name.
    pub by_column: bool,
}

impl Item {
    /// An item that is no relation.
    pub fn derived(name: Option<String>, columns: Columns) -> Item {
        Item {
            name,
            schema: None,
            source: Source::Derived(Rc::new(columns)),
            whole: Vec::new(),
            merged: HashSet::new(),
            by_name: true,
            by_column: true,
        }
    }

    /// The column of this name.
    pub fn find(&self, name: &str) -> Lookup {
        match &self.source {
            Source::Relation(id, known, aliases) => {
                let position = aliases.iter().position(|alias| alias == name);
                let position =
                    position.or_else(|| known.positions.get(name).copied().filter(|&at| at >= aliases.len()));
                match position.and_then(|at| known.relation.columns.get(at)) {
                    Some(column) => Lookup::Found(vec![(*id, column.number)]),
                    None => Lookup::Absent,
                }
            }
            Source::Derived(columns) => {
                let found = columns.columns.iter().find(|column| column.name.as_deref() == Some(name));
                match found {
                    Some(column) => Lookup::Found(column.reads.clone()),
                    None if self.is_complete() => Lookup::Absent,
                    None => Lookup::Unknown,
                }
            }
        }
    }

    /// The column of this name, so far as it can be named alone.
    pub fn find_unqualified(&self, name: &str) -> Lookup {
        if !self.by_column || self.merged.contains(name) { Lookup::Absent } else { self.find(name) }
    }

    /// Whether it is a relation.
    pub fn is_relation(&self) -> bool {
        matches!(self.source, Source::Relation(..))
    }

    /// Whether all its columns are known, by name too.
    pub fn is_complete(&self) -> bool {
        match &self.source {
            Source::Relation(..) => true,
            Source::Derived(columns) => columns.complete && columns.columns.iter().all(|column| column.name.is_some()),
        }
    }

    /// Whether it is known how many columns it has.
    pub fn is_counted(&self) -> bool {
        match &self.source {
            Source::Relation(..) => true,
            Source::Derived(columns) => columns.complete,
        }
    }

    /// Its columns in order, without those that a join has merged.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        let count = match &self.source {
            Source::Relation(_, known, _) => known.relation.columns.len(),
            Source::Derived(columns) => columns.columns.len(),
        };
        let column = |at: usize| match &self.source {
            Source::Relation(id, known, aliases) => {
                let column = &known.relation.columns[at];
                let name = aliases.get(at).map_or(column.name.as_str(), String::as_str);
                Column { name: Some(name.to_owned()), reads: vec![(*id, column.number)] }
            }
            Source::Derived(columns) => columns.columns[at].clone(),
        };
        (0..count).map(column).filter(|column| !column.name.as_ref().is_some_and(|name| self.merged.contains(name)))
    }

    /// Relations that locking it locks.
    pub fn lockable(&self) -> &[RelationId] {
        match &self.source {
            Source::Relation(..) => &self.whole,
            Source::Derived(columns) => &columns.lockable,
        }
    }
}

/// One query among those that enclose an expression.
#[derive(Default)]
pub(super) struct Level {
    pub items: Vec<Item>,
    /// Where those begin that can be named: a join's condition sees the join's own.
    pub first: usize,
    /// While a sub-select in FROM is resolved that is not LATERAL: none can be named.
    pub blocked: bool,
}

impl Level {
    /// The items that can be named now.
    pub fn visible(&self) -> &[Item] {
        if self.blocked { &[] } else { &self.items[self.first..] }
    }
}
