//! From what is needed to the document that claims it, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::need::Need;
use super::resolver::Resolver;
use super::scope::Known;
use crate::catalog::{Grant, Relation};
use crate::document::is_system_schema;
use crate::path::{display_column, display_function, display_relation};
use crate::privilege::Privilege;

/// Those on columns, in the order in which a document lists them.
const COLUMN_PRIVILEGES: [Privilege; 3] = [Privilege::Select, Privilege::Insert, Privilege::Update];

type Privileges = BTreeSet<Privilege>;

/// The document, and a note for each relation that it cannot name.
pub(super) fn document(resolver: &mut Resolver<'_>) -> Value {
    let needs = std::mem::take(&mut resolver.needs);
    let mut relations: BTreeMap<(String, String), (Rc<Known>, Need)> = BTreeMap::new();
    for (id, need) in needs.relations {
        let known = Rc::clone(&resolver.known[id]);
        let relation = &known.relation;
        if is_system_schema(&relation.schema) {
            if !is_public(relation, &need) {
                let what = format!("relation {}", display_relation(&relation.schema, &relation.name));
                resolver.unresolved_in(
                    known.query,
                    what,
                    "what it needs there cannot be claimed, nor has PUBLIC got it",
                );
            }
            continue;
        }
        relations.insert((relation.schema.clone(), relation.name.clone()), (Rc::clone(&known), need));
    }
    let mut matches: Vec<Value> =
        relations.values().flat_map(|(known, need)| relation_matches(&known.relation, need)).collect();
    for (schema, name) in &needs.sequences {
        matches.push(json!({ "sequence": display_relation(schema, name) }));
    }
    for (schema, name, arguments) in &needs.functions {
        if !is_system_schema(schema) {
            matches.push(json!({ "function": display_function(schema, name, arguments) }));
        }
    }
    json!({ "match": matches })
}

/// Whether everybody may do this, as with most of the system catalogs.
fn is_public(relation: &Relation, need: &Need) -> bool {
    let public = |acl: &[Grant]| acl.iter().any(|one| one.grantee == 0 && one.privileges.contains(Privilege::Select));
    let writes =
        need.delete || need.insert_any || need.update_any || !(need.insert.is_empty() && need.update.is_empty());
    let mut named = relation.columns.iter().filter(|column| need.select.contains(&column.number));
    let reads = need.select_all || need.select_any || !need.select.is_empty();
    !writes
        && (!reads
            || public(&relation.acl)
            || (!need.select_all && !need.select.is_empty() && named.all(|column| public(&column.acl))))
}

/// One match, or two: `"*"` stands alone in its list, so what is written besides it is a match of its own. A path may
/// stand in the document once, and once more as an alternative.
fn relation_matches(relation: &Relation, need: &Need) -> Vec<Value> {
    let (mut columns, select_all) = columns(relation, need);
    if !select_all {
        return vec![relation_match(relation, &columns, false, need.delete)];
    }
    columns.retain(|_, privileges| privileges.iter().any(|privilege| *privilege != Privilege::Select));
    let mut matches = vec![relation_match(relation, &BTreeMap::new(), true, need.delete)];
    if !columns.is_empty() {
        columns.values_mut().for_each(|privileges| {
            privileges.remove(&Privilege::Select);
        });
        matches.push(json!({ "alternatives": [relation_match(relation, &columns, false, false)] }));
    }
    matches
}

fn relation_match(relation: &Relation, columns: &BTreeMap<i16, Privileges>, select_all: bool, delete: bool) -> Value {
    let mut object = Map::new();
    object.insert("path".to_owned(), Value::from(display_relation(&relation.schema, &relation.name)));
    let common = common(columns, select_all, delete);
    let fields = fields(relation, columns, select_all, &common);
    let is_default = common.iter().eq([&Privilege::Select]) && !delete;
    let has_fields = !fields.is_empty();
    if has_fields {
        object.insert("fields".to_owned(), Value::from(fields));
    }
    if delete || (has_fields && !is_default) {
        let mut privileges: Vec<&str> = common.iter().map(|privilege| privilege.word()).collect();
        if delete {
            privileges.push("delete");
        }
        object.insert("privileges".to_owned(), Value::from(privileges));
    }
    Value::Object(object)
}

/// The privileges of each column, by `attnum`, and whether SELECT is on all of them. Where any column would do, one
/// that is there already is taken, or else the first that is NOT NULL, which is most often the key.
fn columns(relation: &Relation, need: &Need) -> (BTreeMap<i16, Privileges>, bool) {
    let mut columns: BTreeMap<i16, Privileges> = BTreeMap::new();
    let named =
        [(Privilege::Select, &need.select), (Privilege::Insert, &need.insert), (Privilege::Update, &need.update)];
    for (privilege, numbers) in named {
        if privilege == Privilege::Select && need.select_all {
            continue;
        }
        for number in numbers {
            columns.entry(*number).or_default().insert(privilege);
        }
    }
    let mut select_all = need.select_all;
    let first = relation.columns.iter().find(|column| column.is_not_null()).or(relation.columns.first());
    let any = [
        (Privilege::Select, need.select_any),
        (Privilege::Insert, need.insert_any),
        (Privilege::Update, need.update_any),
    ];
    for (privilege, wanted) in any {
        let met = columns.values().any(|privileges| privileges.contains(&privilege))
            || (privilege == Privilege::Select && select_all);
        if !wanted || met {
            continue;
        }
        match columns.keys().next().copied().or(first.map(|column| column.number)) {
            Some(number) => {
                columns.entry(number).or_default().insert(privilege);
            }
            // No column at all: only the relation as a whole is left.
            None => select_all |= privilege == Privilege::Select,
        }
    }
    for number in &need.exists {
        columns.entry(*number).or_default();
    }
    (columns, select_all)
}

/// What the match says for all its fields: what all have that have any. Where they have nothing in common, the
/// default stays, unless DELETE needs the list.
fn common(columns: &BTreeMap<i16, Privileges>, select_all: bool, delete: bool) -> Privileges {
    if select_all {
        return Privileges::from([Privilege::Select]);
    }
    let mut common: Option<Privileges> = None;
    for privileges in columns.values().filter(|privileges| !privileges.is_empty()) {
        common = Some(match common {
            None => privileges.clone(),
            Some(common) => common.intersection(privileges).copied().collect(),
        });
    }
    match common {
        Some(common) if !common.is_empty() => common,
        _ if delete => Privileges::new(),
        _ => Privileges::from([Privilege::Select]),
    }
}

fn fields(
    relation: &Relation,
    columns: &BTreeMap<i16, Privileges>,
    select_all: bool,
    common: &Privileges,
) -> Vec<Value> {
    let mut fields = Vec::new();
    if select_all {
        fields.push(Value::from("*"));
    }
    for column in &relation.columns {
        let Some(privileges) = columns.get(&column.number) else { continue };
        let mut object = Map::new();
        let name = display_column(&column.name);
        for privilege in COLUMN_PRIVILEGES {
            let has = privileges.contains(&privilege) || (select_all && privilege == Privilege::Select);
            if has != common.contains(&privilege) {
                object.insert(privilege.word().to_owned(), Value::from(has));
            }
        }
        if object.is_empty() {
            // Beside "*" it says nothing more.
            if !select_all {
                fields.push(Value::from(name));
            }
        } else {
            object.insert("name".to_owned(), Value::from(name));
            fields.push(Value::Object(object));
        }
    }
    fields
}
