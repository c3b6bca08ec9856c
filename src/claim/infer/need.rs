//! The privileges that queries turn out to need.

use std::collections::{BTreeMap, BTreeSet};

/// A relation among those that the resolver knows.
pub(super) type RelationId = usize;

/// What is needed of one relation. Columns are `attnum`s.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// SELECT on all columns, those to come too: `*`, whole rows, system columns.
    pub select_all: bool,
    /// SELECT on these.
    pub select: BTreeSet<i16>,
    /// SELECT on at least one.
    pub select_any: bool,
    /// INSERT on these.
    pub insert: BTreeSet<i16>,
    /// INSERT on at least one.
    pub insert_any: bool,
    /// UPDATE on these.
    pub update: BTreeSet<i16>,
    /// UPDATE on at least one.
    pub update_any: bool,
    /// DELETE.
    pub delete: bool,
    /// These have to exist.
    pub exists: BTreeSet<i16>,
}

/// What is needed altogether.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs {
    pub relations: BTreeMap<RelationId, Need>,
    /// Schema, name and identity arguments.
    pub functions: BTreeSet<(String, String, String)>,
    /// Schema and name: USAGE.
    pub sequences: BTreeSet<(String, String)>,
}

impl Needs {
    /// What is needed of this relation; that it exists is needed from now on.
    pub fn of(&mut self, relation: RelationId) -> &mut Need {
        self.relations.entry(relation).or_default()
    }

    /// Adds what a part of a query needs.
    pub fn merge(&mut self, other: Needs) {
        for (id, need) in other.relations {
            let mine = self.of(id);
            mine.select_all |= need.select_all;
            mine.select.extend(need.select);
            mine.select_any |= need.select_any;
            mine.insert.extend(need.insert);
            mine.insert_any |= need.insert_any;
            mine.update.extend(need.update);
            mine.update_any |= need.update_any;
            mine.delete |= need.delete;
            mine.exists.extend(need.exists);
        }
        self.functions.extend(other.functions);
        self.sequences.extend(other.sequences);
    }

    /// Adds what a part of a query needs that is analysed and never run: only its names have to exist.
    pub fn merge_names(&mut self, other: Needs) {
        for (id, need) in other.relations {
            let mine = self.of(id);
            mine.exists.extend(need.select);
            mine.exists.extend(need.exists);
        }
        self.functions.extend(other.functions);
    }
}
