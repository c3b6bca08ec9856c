//! Which claims are on a name, so that never all of them are looked at.

use std::collections::{BTreeSet, HashMap};

use crate::state::Claim;

/// Claims, by their position, under the names that they rest on.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Relations and objects that are claimed, and relations that are referenced.
    names: HashMap<String, HashMap<String, Vec<usize>>>,
    wildcards: HashMap<String, Vec<usize>>,
    /// Claims on functions, sequences and types.
    objects: Vec<usize>,
    /// Claims to insert, which rest on sequences.
    inserting: Vec<usize>,
    /// Claims that write relations which are no tables, and rest on what is below them.
    writing: BTreeSet<usize>,
}

impl Index {
    pub(super) fn add(&mut self, position: usize, claim: &Claim) {
        for alternative in &claim.alternatives {
            match &alternative.relation {
                Some(name) => self.add_name(&alternative.schema, name, position),
                None => self.wildcards.entry(alternative.schema.clone()).or_default().push(position),
            }
            for reference in &alternative.requirements().references {
                self.add_name(&reference.schema, &reference.relation, position);
            }
        }
        if claim.alternatives.iter().any(|alternative| alternative.is_object()) {
            self.objects.push(position);
        }
        if claim.alternatives.iter().any(|alternative| alternative.inserts()) {
            self.inserting.push(position);
        }
    }

    fn add_name(&mut self, schema: &str, name: &str, position: usize) {
        let names = match self.names.get_mut(schema) {
            Some(names) => names,
            None => self.names.entry(schema.to_owned()).or_default(),
        };
        match names.get_mut(name) {
            Some(known) => known.push(position),
            None => drop(names.insert(name.to_owned(), vec![position])),
        }
    }

    /// Claims that rest on this name.
    pub(super) fn named(&self, schema: &str, name: &str) -> &[usize] {
        self.names.get(schema).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// The wildcard claims of a schema.
    pub(super) fn wildcards(&self, schema: &str) -> &[usize] {
        self.wildcards.get(schema).map_or(&[], Vec::as_slice)
    }

    /// Whether there is any wildcard claim.
    pub(super) fn has_wildcards(&self) -> bool {
        !self.wildcards.is_empty()
    }

    /// Claims on anything in a schema.
    pub(super) fn in_schema(&self, schema: &str) -> BTreeSet<usize> {
        let named = self.names.get(schema).into_iter().flat_map(HashMap::values).flatten();
        named.chain(self.wildcards(schema)).copied().collect()
    }

    /// Every schema and name that claims rest on.
    pub(super) fn all_names(&self) -> impl Iterator<Item = (&str, &str, &[usize])> {
        self.names.iter().flat_map(|(schema, names)| {
            names.iter().map(move |(name, positions)| (schema.as_str(), name.as_str(), positions.as_slice()))
        })
    }

    /// Claims on functions, sequences and types.
    pub(super) fn objects(&self) -> &[usize] {
        &self.objects
    }

    /// Notes a claim that writes what is no table.
    pub(super) fn add_writing(&mut self, position: usize) {
        self.writing.insert(position);
    }

    /// Claims that write relations which are no tables.
    pub(super) fn writing(&self) -> &BTreeSet<usize> {
        &self.writing
    }

    /// Claims to insert.
    pub(super) fn inserting(&self) -> &[usize] {
        &self.inserting
    }
}
