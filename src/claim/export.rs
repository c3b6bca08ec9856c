//! From what a role has been granted to the claim document that needs the same: for a role that is to become a stakeholder's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::catalog::Relation;
use crate::path::{display_column, display_function, display_relation};
use crate::privilege::{Privilege, PrivilegeSet};
use crate::writable::Writable;

/// What a field may say for itself, against the privileges of its match.
const OF_A_FIELD: [Privilege; 3] = [Privilege::Select, Privilege::Insert, Privilege::Update];

/// What was granted on one relation.
#[derive(Debug, Clone, Default)]
pub struct RelationGrants {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Every column of the relation, in its order.
    pub columns: Vec<String>,
    /// On the relation as a whole.
    pub whole: BTreeSet<Privilege>,
    /// On columns, by name.
    pub by_column: BTreeMap<String, BTreeSet<Privilege>>,
}

impl RelationGrants {
    /// Takes out what can be granted and not be done, which no claim can ask for: INSERT on a materialised view, UPDATE of a
    /// generated column. One line for each.
    pub fn leave_out_unwritable(&mut self, relation: &Relation, writable: Option<&Writable>) -> Vec<String> {
        let path = display_relation(&self.schema, &self.name);
        let mut left_out = Vec::new();
        let taken = writable.map_or(PrivilegeSet::WRITES, |writable| writable.commands);
        let is_taken = |one: &Privilege| taken.contains(*one) || !PrivilegeSet::WRITES.contains(*one);
        for privilege in self.whole.iter().filter(|one| !is_taken(one)) {
            left_out.push(format!("{} on {path}, {} that is not updatable", privilege.as_str(), relation.kind));
        }
        self.whole.retain(is_taken);
        for (name, privileges) in &mut self.by_column {
            let Some(column) = relation.column(name) else { continue };
            let refused = match writable {
                _ if column.filled.is_computed() => PrivilegeSet::WRITES,
                Some(writable) => writable.refused(column.number).or(PrivilegeSet::WRITES.and_not(taken)),
                None => PrivilegeSet::NONE,
            };
            for privilege in privileges.iter().filter(|one| refused.contains(**one)) {
                left_out.push(format!("{} on column {name} of {path}, which cannot be written", privilege.as_str()));
            }
            privileges.retain(|one| !refused.contains(*one));
        }
        self.by_column.retain(|_, privileges| !privileges.is_empty());
        left_out
    }
}

/// What was granted on something that is no relation: EXECUTE or USAGE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectGrant {
    /// EXECUTE on a function.
    Function {
        /// Schema.
        schema: String,
        /// Name.
        name: String,
        /// The types of its arguments, as `format_type` writes them.
        arguments: Vec<String>,
        /// Whether it runs with its owner's rights.
        security_definer: bool,
    },
    /// USAGE on a sequence.
    Sequence {
        /// Schema.
        schema: String,
        /// Name.
        name: String,
    },
    /// USAGE on a type.
    Type {
        /// Schema.
        schema: String,
        /// Name.
        name: String,
    },
}

/// A claim document, and what could not be written into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The document.
    pub document: Value,
    /// One line for each grant that is not in it, or not wholly.
    pub left_out: Vec<String>,
}

/// The document with one match for each relation and object, in the order given; what was granted on nothing has none.
pub fn export(relations: &[RelationGrants], objects: &[ObjectGrant]) -> Exported {
    let mut left_out = Vec::new();
    let mut matches: Vec<Value> =
        relations.iter().filter_map(|relation| relation_match(relation, &mut left_out)).collect();
    matches.extend(objects.iter().map(object_match));
    Exported { document: json!({ "match": matches }), left_out }
}

fn object_match(object: &ObjectGrant) -> Value {
    match object {
        ObjectGrant::Function { schema, name, arguments, security_definer } => {
            let mut entry = json!({"function": display_function(schema, name, &arguments.join(", "))});
            if *security_definer {
                entry["allow_security_definer"] = true.into();
            }
            entry
        }
        ObjectGrant::Sequence { schema, name } => json!({"sequence": display_relation(schema, name)}),
        ObjectGrant::Type { schema, name } => json!({"type": display_relation(schema, name)}),
    }
}

fn relation_match(grants: &RelationGrants, left_out: &mut Vec<String>) -> Option<Value> {
    let path = display_relation(&grants.schema, &grants.name);
    let mut whole = grants.whole.clone();
    let delete = whole.remove(&Privilege::Delete);
    let covered = |privileges: &BTreeSet<Privilege>| privileges.is_subset(&whole);
    let mut entry = Map::new();
    entry.insert("path".into(), path.clone().into());
    let mut privileges = if grants.by_column.values().all(covered) {
        if !whole.is_empty() {
            entry.insert("fields".into(), json!(["*"]));
        }
        whole
    } else {
        if !whole.is_empty() {
            left_out.push(format!(
                "{} on columns of {path} that it will have: the document names those of today, as others are granted on some of them only",
                names(&whole)
            ));
        }
        named_columns(grants, &whole, &path, &mut entry, left_out)
    };
    if delete {
        privileges.insert(Privilege::Delete);
    }
    if privileges.is_empty() {
        return None;
    }
    if privileges != BTreeSet::from([Privilege::Select]) {
        let words: Vec<&str> = privileges.iter().map(|privilege| privilege.word()).collect();
        entry.insert("privileges".into(), json!(words));
    }
    Some(Value::Object(entry))
}

/// Writes the columns one by one into `entry`; the privileges that the match states for most of them are returned.
fn named_columns(
    grants: &RelationGrants,
    whole: &BTreeSet<Privilege>,
    path: &str,
    entry: &mut Map<String, Value>,
    left_out: &mut Vec<String>,
) -> BTreeSet<Privilege> {
    let none = BTreeSet::new();
    let of_column = |name: &String| -> BTreeSet<Privilege> {
        grants.by_column.get(name).unwrap_or(&none).union(whole).copied().collect()
    };
    let mut columns: Vec<(&String, BTreeSet<Privilege>)> =
        grants.columns.iter().map(|name| (name, of_column(name))).filter(|(_, had)| !had.is_empty()).collect();
    let references = |had: &BTreeSet<Privilege>| had.contains(&Privilege::References);
    if !columns.iter().all(|(_, had)| references(had)) {
        // A field cannot say this for itself.
        for (name, had) in columns.iter_mut().filter(|(_, had)| references(had)) {
            had.remove(&Privilege::References);
            left_out
                .push(format!("REFERENCES on column {name} of {path}: the other columns that are claimed have it not"));
        }
        columns.retain(|(_, had)| !had.is_empty());
    }
    let number = |privilege| columns.iter().filter(|(_, had)| had.contains(&privilege)).count();
    let mut stated: BTreeSet<Privilege> =
        OF_A_FIELD.into_iter().filter(|privilege| 2 * number(*privilege) > columns.len()).collect();
    if columns.iter().all(|(_, had)| references(had)) && !columns.is_empty() {
        stated.insert(Privilege::References);
    }
    if stated.is_empty() {
        // An empty list would be read by nobody as what it is.
        let most = OF_A_FIELD.into_iter().rev().max_by_key(|privilege| number(*privilege));
        stated.extend(most.filter(|privilege| number(*privilege) > 0));
    }
    let fields: Vec<Value> = columns.iter().map(|(name, had)| field(name, had, &stated)).collect();
    entry.insert("fields".into(), fields.into());
    stated
}

fn field(name: &str, had: &BTreeSet<Privilege>, stated: &BTreeSet<Privilege>) -> Value {
    let name = display_column(name);
    let own = OF_A_FIELD.into_iter().filter(|privilege| had.contains(privilege) != stated.contains(privilege));
    let own: Map<String, Value> =
        own.map(|privilege| (privilege.word().to_owned(), had.contains(&privilege).into())).collect();
    if own.is_empty() {
        return name.into();
    }
    let mut field = own;
    field.insert("name".into(), name.into());
    Value::Object(field)
}

fn names(privileges: &BTreeSet<Privilege>) -> String {
    let names: Vec<String> = privileges.iter().map(|privilege| privilege.word().to_uppercase()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
