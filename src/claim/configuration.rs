//! A whole registration as one document: what is there, what is wanted, and the steps from the one to the other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::nearest::nearest;
use crate::path::{Path, display_column};
use crate::problem::{MAX_PROBLEMS, json_index, json_key};
use crate::report::shown;

const OF_ALL: [&str; 2] = ["stakeholders", "protections"];
const OF_STAKEHOLDER: [&str; 4] = ["name", "adopted", "options", "claims"];
const OF_PROTECTION: [&str; 3] = ["path", "fields", "reason"];

/// A stakeholder of a configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stakeholder {
    /// Whether its role was there before.
    pub adopted: bool,
    /// Its options; `None` leaves them as they are.
    pub options: Option<Map<String, Value>>,
    /// Its claim document; `None` leaves it as it is.
    pub claims: Option<Value>,
}

/// What is protected: a relation, or one column of it.
pub type Protected = (String, Option<String>);

/// Stakeholders by name; what is protected, and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration {
    /// `None`: nothing is said of them.
    pub stakeholders: Option<BTreeMap<String, Stakeholder>>,
    /// `None`: nothing is said of them.
    pub protections: Option<BTreeMap<Protected, Option<String>>>,
}

/// One difference, in the order in which they are made.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A stakeholder is registered.
    Create {
        /// Its name.
        name: String,
        /// Whether its role is there already.
        adopted: bool,
    },
    /// Its options change.
    Alter {
        /// Whose.
        name: String,
        /// All of them.
        before: Map<String, Value>,
        /// Those that get a value; null takes one back.
        change: Map<String, Value>,
    },
    /// A protection goes, of a relation with those of its columns.
    Unprotect {
        /// Of what.
        protected: Protected,
        /// Why it was there.
        reason: Option<String>,
    },
    /// A protection comes, or gets another reason.
    Protect {
        /// Of what.
        protected: Protected,
        /// The reason before, if it was there.
        before: Option<Option<String>>,
        /// The reason.
        reason: Option<String>,
    },
    /// A claim document takes the place of another.
    Claim {
        /// Whose.
        name: String,
        /// The document before.
        before: Value,
        /// The document.
        document: Value,
    },
    /// A stakeholder goes.
    Drop {
        /// Its name.
        name: String,
        /// What it was.
        before: Stakeholder,
    },
}

/// A step as a row: what is done, to what, and what of it is before and after.
pub type Row = (&'static str, String, Option<Value>, Option<Value>);

impl Step {
    /// For the table of differences.
    pub fn row(&self) -> Row {
        let reason = |reason: &Option<String>| json!({ "reason": reason });
        match self {
            Step::Create { name, adopted } => (if *adopted { "adopt" } else { "create" }, name.clone(), None, None),
            Step::Alter { name, before, change } => {
                let before: Map<String, Value> = before
                    .iter()
                    .filter(|(key, _)| change.contains_key(*key))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect();
                ("alter", name.clone(), Some(Value::Object(before)), Some(Value::Object(change.clone())))
            }
            Step::Unprotect { protected, reason: before } => ("unprotect", text(protected), Some(reason(before)), None),
            Step::Protect { protected, before, reason: after } => {
                ("protect", text(protected), before.as_ref().map(reason), Some(reason(after)))
            }
            Step::Claim { name, before, document } => {
                ("claim", name.clone(), Some(before.clone()), Some(document.clone()))
            }
            Step::Drop { name, before } => ("drop", name.clone(), Some(entry(name, before)), None),
        }
    }
}

fn text((path, column): &Protected) -> String {
    match column {
        Some(column) => format!("{path}.{}", display_column(column)),
        None => path.clone(),
    }
}

impl Configuration {
    /// Reads a document; everything that is wrong with its form is told at once, each with its JSON path. What is wrong with
    /// names, options and claims is found where they are applied.
    ///
    /// # Errors
    /// One line a problem.
    pub fn read(document: &Value) -> Result<Configuration, Vec<String>> {
        let mut problems = Vec::new();
        let mut read = Configuration::default();
        if let Some(object) = object(document, "$", &OF_ALL, &mut problems) {
            let list = |key: &str, problems: &mut Vec<String>| list(object.get(key)?, &json_key("$", key), problems);
            read.stakeholders =
                list("stakeholders", &mut problems).map(|entries| stakeholders(&entries, &mut problems));
            read.protections = list("protections", &mut problems).map(|entries| protections(&entries, &mut problems));
        }
        problems.truncate(MAX_PROBLEMS);
        if problems.is_empty() { Ok(read) } else { Err(problems) }
    }

    /// The document of what is there.
    pub fn document(&self) -> Value {
        let stakeholders: Vec<Value> =
            self.stakeholders.iter().flatten().map(|(name, stakeholder)| entry(name, stakeholder)).collect();
        let mut by_reason: BTreeMap<(&String, bool, &Option<String>), Vec<&String>> = BTreeMap::new();
        for ((path, column), reason) in self.protections.iter().flatten() {
            by_reason.entry((path, column.is_some(), reason)).or_default().extend(column);
        }
        let protections: Vec<Value> = by_reason
            .into_iter()
            .map(|((path, has_fields, reason), fields)| {
                let mut object = json!({ "path": path });
                if has_fields {
                    object["fields"] = json!(fields);
                }
                if let Some(reason) = reason {
                    object["reason"] = json!(reason);
                }
                object
            })
            .collect();
        json!({ "stakeholders": stakeholders, "protections": protections })
    }

    /// The steps from `self`, which says everything that is there, to what is wanted. What is not named stays, unless it is to be
    /// pruned, and then only in lists that are there.
    pub fn steps_to(&self, wanted: &Configuration, prune: bool) -> Vec<Step> {
        let (mut steps, mut claims, mut drops) = (Vec::new(), Vec::new(), Vec::new());
        let nobody = BTreeMap::new();
        let present = self.stakeholders.as_ref().unwrap_or(&nobody);
        for (name, wanted) in wanted.stakeholders.iter().flatten() {
            let fresh = Stakeholder { claims: Some(json!({ "match": [] })), ..Stakeholder::default() };
            let before = present.get(name).unwrap_or_else(|| {
                steps.push(Step::Create { name: name.clone(), adopted: wanted.adopted });
                &fresh
            });
            let known = before.options.clone().unwrap_or_default();
            let change = wanted.options.as_ref().map(|options| difference(&known, options, prune)).unwrap_or_default();
            if !change.is_empty() {
                steps.push(Step::Alter { name: name.clone(), before: known, change });
            }
            let old = before.claims.clone().unwrap_or_default();
            if let Some(document) = wanted.claims.as_ref().filter(|document| **document != old) {
                claims.push(Step::Claim { name: name.clone(), before: old, document: document.clone() });
            }
        }
        if let Some(wanted) = wanted.stakeholders.as_ref().filter(|_| prune) {
            let gone = present.iter().filter(|(name, _)| !wanted.contains_key(*name));
            drops.extend(gone.map(|(name, before)| Step::Drop { name: name.clone(), before: before.clone() }));
        }
        steps.extend(self.protections_to(wanted, prune));
        // A wildcard leaves out what is protected by then.
        steps.extend(claims);
        steps.extend(drops);
        steps
    }

    fn protections_to(&self, wanted: &Configuration, prune: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut present = self.protections.clone().unwrap_or_default();
        let Some(wanted) = &wanted.protections else { return steps };
        if prune {
            let gone: Vec<Protected> =
                present.keys().filter(|protected| !wanted.contains_key(*protected)).cloned().collect();
            for protected in gone {
                // With the relation's those of its columns have gone.
                let Some(reason) = present.remove(&protected) else { continue };
                if protected.1.is_none() {
                    present.retain(|(path, _), _| *path != protected.0);
                }
                steps.push(Step::Unprotect { protected, reason });
            }
        }
        for (protected, reason) in wanted {
            let before = present.get(protected);
            if before != Some(reason) {
                let (protected, before) = (protected.clone(), before.cloned());
                steps.push(Step::Protect { protected, before, reason: reason.clone() });
            }
        }
        steps
    }
}

/// What makes of one set of options the other.
fn difference(before: &Map<String, Value>, after: &Map<String, Value>, prune: bool) -> Map<String, Value> {
    let differs = |(key, value): &(&String, &Value)| before.get(*key).unwrap_or(&Value::Null) != *value;
    let mut change: Map<String, Value> =
        after.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect();
    if prune {
        change.extend(before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), Value::Null)));
    }
    change
}

fn entry(name: &str, stakeholder: &Stakeholder) -> Value {
    let mut object = json!({
        "name": name,
        "options": stakeholder.options.clone().unwrap_or_default(),
        "claims": stakeholder.claims.clone().unwrap_or_default(),
    });
    if stakeholder.adopted {
        object["adopted"] = json!(true);
    }
    object
}

fn stakeholders(entries: &[Value], problems: &mut Vec<String>) -> BTreeMap<String, Stakeholder> {
    let mut found = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = json_index("$.stakeholders", index);
        let Some(object) = object(entry, &at, &OF_STAKEHOLDER, problems) else { continue };
        let adopted = match object.get("adopted") {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(other) => mismatch(&at, "adopted", "true or false", other, problems).unwrap_or_default(),
        };
        let options = match object.get("options") {
            None | Some(Value::Null) => None,
            Some(Value::Object(options)) => Some(options.clone()),
            Some(other) => mismatch(&at, "options", "an object", other, problems),
        };
        let claims = object.get("claims").filter(|claims| !claims.is_null()).cloned();
        let Some(name) = string(object, "name", &at, problems) else { continue };
        // As create_stakeholder() folds it.
        let name = name.trim().to_ascii_lowercase();
        if found.insert(name.clone(), Stakeholder { adopted, options, claims }).is_some() {
            problems.push(format!("{at}.name: stakeholder \"{}\" is named twice", shown(&name)));
        }
    }
    found
}

fn protections(entries: &[Value], problems: &mut Vec<String>) -> BTreeMap<Protected, Option<String>> {
    let mut found = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = json_index("$.protections", index);
        let Some(object) = object(entry, &at, &OF_PROTECTION, problems) else { continue };
        let reason = object.get("reason").filter(|reason| !reason.is_null());
        let reason = reason.and_then(|_| string(object, "reason", &at, problems)).map(str::to_owned);
        let fields = match object.get("fields") {
            None | Some(Value::Null) => None,
            Some(fields) => list(fields, &json_key(&at, "fields"), problems),
        };
        let Some(path) = string(object, "path", &at, problems) else { continue };
        let path = match Path::parse(path) {
            Ok(path @ Path::Relation { .. }) => path.to_string(),
            Ok(Path::Wildcard { .. }) => {
                problems.push(format!("{at}.path: relations are protected one by one, as \"schema.relation\""));
                continue;
            }
            Err(error) => {
                problems.push(format!("{at}.path: \"{}\" is not a valid path: {}", shown(path), error.message));
                continue;
            }
        };
        let mut names: BTreeSet<Option<String>> = BTreeSet::new();
        for (number, field) in fields.iter().flatten().enumerate() {
            match field.as_str() {
                Some(name) => drop(names.insert(Some(name.to_owned()))),
                None => problems.push(format!("{}: must be a string", json_index(&json_key(&at, "fields"), number))),
            }
        }
        if fields.is_none() {
            names.insert(None);
        }
        for name in names {
            let protected = (path.clone(), name);
            if found.contains_key(&protected) {
                problems.push(format!("{at}: {} is protected twice", shown(&text(&protected))));
            }
            found.insert(protected, reason.clone());
        }
    }
    found
}

fn object<'a>(value: &'a Value, at: &str, keys: &[&str], problems: &mut Vec<String>) -> Option<&'a Map<String, Value>> {
    let Some(object) = value.as_object() else {
        problems.push(format!("{at}: must be an object"));
        return None;
    };
    for key in object.keys().filter(|key| !keys.contains(&key.as_str())) {
        let hint = match nearest(key, keys.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known are {}", keys.join(", ")),
        };
        problems.push(format!("{at}: unknown key \"{}\" ({hint})", shown(key)));
    }
    Some(object)
}

fn list(value: &Value, at: &str, problems: &mut Vec<String>) -> Option<Vec<Value>> {
    if !value.is_array() {
        problems.push(format!("{at}: must be a list"));
    }
    value.as_array().cloned()
}

fn string<'a>(object: &'a Map<String, Value>, key: &str, at: &str, problems: &mut Vec<String>) -> Option<&'a str> {
    let found = object.get(key).and_then(Value::as_str);
    if found.is_none() {
        problems.push(format!("{at}: \"{key}\" must be a string"));
    }
    found
}

fn mismatch<T>(at: &str, key: &str, expected: &str, found: &Value, problems: &mut Vec<String>) -> Option<T> {
    problems.push(format!("{at}.{key}: must be {expected}, found {}", shown(&found.to_string())));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: Value) -> Configuration {
        Configuration::read(&document).unwrap()
    }

    fn rows(steps: &[Step]) -> Vec<String> {
        steps.iter().map(|step| format!("{} {}", step.row().0, step.row().1)).collect()
    }

    fn whole() -> Configuration {
        read(json!({
            "stakeholders": [
                {"name": "a", "options": {"team": "x"}, "claims": {"match": []}},
                {"name": "b", "options": {}, "claims": {"match": [{"path": "public.t"}]}, "adopted": true}],
            "protections": [
                {"path": "public.t", "reason": "r"},
                {"path": "public.t", "fields": ["p", "q"]},
                {"path": "public.u", "fields": ["a.b"], "reason": "s"}]}))
    }

    #[test]
    fn what_is_written_reads_as_what_it_was() {
        let whole = whole();
        assert_eq!(read(whole.document()), whole);
        assert_eq!(whole.steps_to(&read(whole.document()), true), []);
        assert_eq!(whole.steps_to(&Configuration::default(), true), [], "nothing is said of anything");
    }

    #[test]
    fn the_steps_from_nothing_lead_to_all_of_it() {
        let nothing = read(json!({"stakeholders": [], "protections": []}));
        let steps = nothing.steps_to(&whole(), false);
        let expected = [
            "create a",
            "alter a",
            "adopt b",
            "protect public.t",
            "protect public.t.p",
            "protect public.t.q",
            "protect public.u.a.b",
            "claim b",
        ];
        assert_eq!(rows(&steps), expected);
        assert_eq!(whole().steps_to(&nothing, false), [], "only what is to be pruned goes");
        let expected = ["unprotect public.t", "unprotect public.u.a.b", "drop a", "drop b"];
        assert_eq!(rows(&whole().steps_to(&nothing, true)), expected);
    }

    #[test]
    fn columns_stay_protected_where_their_relation_ceases_to_be() {
        let wanted = read(
            json!({"protections": [{"path": "public.t", "fields": ["p"]}, {"path": "public.u", "fields": ["a.b"], "reason": "s"}]}),
        );
        assert_eq!(rows(&whole().steps_to(&wanted, true)), ["unprotect public.t", "protect public.t.p"]);
    }

    #[test]
    fn options_that_are_not_named_stay_unless_pruned() {
        let wanted = read(json!({"stakeholders": [{"name": "A ", "options": {"owner": "o"}}, {"name": "b"}]}));
        let change = |prune| match &whole().steps_to(&wanted, prune)[..] {
            [Step::Alter { change, .. }] => Value::Object(change.clone()),
            other => panic!("{other:?}"),
        };
        assert_eq!(change(false), json!({"owner": "o"}));
        assert_eq!(change(true), json!({"owner": "o", "team": null}));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let problems = Configuration::read(&json!({
            "stakeholder": [],
            "stakeholders": [1, {"nam": "a"}, {"name": "a", "adopted": 1, "options": []}, {"name": "A"}],
            "protections": [{"path": "public.*"}, {"path": "t"}, {"path": "public.t", "fields": [1]}, {"path": "public.t"}, {"path": "public.t", "reason": 1}]}))
        .unwrap_err();
        assert_eq!(problems.len(), 12, "{problems:#?}");
        assert!(problems[0].ends_with("(did you mean \"stakeholders\"?)"));
        assert_eq!(Configuration::read(&json!([])).unwrap_err(), ["$: must be an object"]);
    }
}
