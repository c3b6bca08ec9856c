//! What a migration did, net, as one row a transaction: written before COMMIT, and only if there is something to say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use integratedb_claim::path::Path;
use integratedb_claim::state::{Claim, ClaimedRelation, Status};
use integratedb_claim::validate::Violation;
use serde_json::{Value, json};

use super::reconcile::Made;
use crate::pg::ddl::Touched;
use crate::pg::effects::{self, Effect};
use crate::pg::error::Result;
use crate::pg::security;
use crate::pg::store::{self, Stored};

/// As many statements, and as many effects, are kept of one migration.
const MANY: usize = 10_000;

/// How much is noted so far, for [`statement`].
pub fn mark() -> usize {
    effects::number()
}

/// Notes claims whose state was written.
pub fn changed(claims: impl Iterator<Item = i64>) {
    claims.for_each(|id| effects::add(Effect::Claim(id)));
}

/// Notes what was granted and revoked.
pub fn made(stakeholder: &str, made: &[Made]) {
    for made in made {
        let column = made.column.as_ref().map(|column| column.to_string());
        let what = (made.privilege, made.path.to_string(), column);
        effects::add(Effect::Privilege(stakeholder.to_owned(), what, made.action == "grant"));
    }
}

/// By what a break was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// What broke is past its drop date.
    Deprecation,
    /// `integratedb.enforcement` was `warn`, or the command could not be undone.
    Enforcement,
    /// The claim asks only for a warning.
    OnBreak,
    /// By waivers.
    Waiver(Vec<i64>),
}

impl Allowed {
    fn as_str(&self) -> &'static str {
        match self {
            Allowed::Deprecation => "deprecation",
            Allowed::Enforcement => "enforcement",
            Allowed::OnBreak => "on_break",
            Allowed::Waiver(_) => "waiver",
        }
    }
}

/// Notes a break that is accepted.
pub fn broke(violations: &[Violation], allowed: &Allowed) {
    let waivers = if let Allowed::Waiver(ids) = allowed { json!(ids) } else { Value::Null };
    for violation in violations {
        let said = json!({
            "effect": "break",
            "claim_id": violation.claim_id,
            "stakeholder": violation.stakeholder,
            "path": violation.path,
            "column": violation.column,
            "rule": violation.rule().code,
            "expected": violation.finding.expected,
            "found": violation.finding.actual,
            "deprecated": *allowed == Allowed::Deprecation,
            "allowed_by": allowed.as_str(),
            "waivers": waivers,
        });
        effects::add(Effect::Break(violation.claim_id, without_null(said)));
    }
}

/// Notes the statements of a command that has had an effect since [`mark`], or that broke something.
pub fn statement(touched: &Touched, since: usize, broke: bool) {
    if effects::number() > since || broke {
        let role = security::role_name(security::caller());
        for (tag, objects) in touched.statements() {
            effects::add(Effect::Statement(tag, objects.to_vec(), role.clone()));
        }
    }
}

/// Before COMMIT and PREPARE TRANSACTION: writes the row.
///
/// # Errors
/// XX000
pub fn flush() -> Result<()> {
    let noted = effects::take();
    let (mut statements, mut ids, mut breaks) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut privileges: BTreeMap<_, i32> = BTreeMap::new();
    for effect in noted {
        match effect {
            Effect::Statement(tag, objects, role) => {
                statements.push(json!({"tag": tag, "objects": objects, "role": role}));
            }
            Effect::Claim(id) => {
                ids.insert(id);
            }
            Effect::Break(id, said) => breaks.push((id, said)),
            // What is taken and given back is no change.
            Effect::Privilege(stakeholder, what, is_grant) => {
                *privileges.entry((stakeholder, what)).or_default() += if is_grant { 1 } else { -1 };
            }
        }
    }
    // The state when the transaction began is stored beside the claims: what was rolled back to a savepoint is not there.
    let changed: Vec<Stored> = store::load(ids.into_iter().collect())?
        .into_iter()
        .filter(|stored| stored.baseline() != Some(&stored.claim))
        .collect();
    let mut found: Vec<Value> = changed.iter().flat_map(differences).collect();
    let changed: BTreeSet<i64> = changed.iter().map(|stored| stored.claim.id).collect();
    for (id, said) in breaks {
        if changed.contains(&id) && !found.contains(&said) {
            found.push(said);
        }
    }
    for ((stakeholder, (privilege, path, column)), number) in privileges {
        // What was granted on a relation that has gone since went with it.
        let gone = !matches!(privilege, "USAGE" | "EXECUTE") && !is_there(&path);
        if number != 0 && !gone {
            let effect = if number > 0 { "grant" } else { "revoke" };
            found.push(without_null(json!({
                "effect": effect, "stakeholder": stakeholder, "privilege": privilege, "path": path, "column": column,
            })));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let left_out = found.len().saturating_sub(MANY) + statements.len().saturating_sub(MANY);
    found.truncate(MANY);
    statements.truncate(MANY);
    store::add_migration(statements, found, left_out)
}

fn is_there(path: &str) -> bool {
    match Path::parse(path) {
        Ok(Path::Relation { schema, relation }) => effects::is_relation(&schema, &relation),
        _ => true,
    }
}

/// What has become of a claim since the transaction began.
fn differences(stored: &Stored) -> Vec<Value> {
    let (claim, before) = (&stored.claim, stored.baseline());
    let mut found = Vec::new();
    let mut add = |effect: &str, path: &str, column: Option<&str>, before: Value, after: Value| {
        if before != after {
            found.push(without_null(json!({
                "effect": effect, "claim_id": claim.id, "stakeholder": claim.stakeholder, "path": path, "column": column,
                "before": before, "after": after,
            })));
        }
    };
    let status = |status: Status| Value::from(status.as_str());
    add("claim", &claim.path(), None, before.map_or(Value::Null, |claim| status(claim.status)), status(claim.status));
    for (number, after) in claim.alternatives.iter().enumerate() {
        let before = before.and_then(|claim: &Claim| claim.alternatives.get(number));
        let path = after.path();
        if claim.alternatives.len() > 1 {
            let old = before.map_or(Value::Null, |before| status(before.status));
            add("alternative", &path, None, old, status(after.status));
        }
        let flag = |of: fn(&ClaimedRelation) -> bool| (Value::from(before.is_some_and(of)), Value::from(of(after)));
        for (effect, (old, new)) in [
            ("row_security", flag(|relation| relation.row_security)),
            ("security_invoker", flag(|relation| relation.security_invoker)),
        ] {
            add(effect, &path, None, old, new);
        }
        let (old, new) = (before.map(columns).unwrap_or_default(), columns(after));
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let shape =
                |columns: &HashMap<String, String>| columns.get(name).map_or(Value::Null, |s| s.as_str().into());
            add("column", &path, Some(name), shape(&old), shape(&new));
        }
    }
    if found.is_empty() {
        // What none of these tells.
        found.push(
            json!({"effect": "shape", "claim_id": claim.id, "stakeholder": claim.stakeholder, "path": claim.path()}),
        );
    }
    found
}

/// The columns that are met, with what is required of each.
fn columns(claimed: &ClaimedRelation) -> HashMap<String, String> {
    let columns = claimed.fields.iter().flat_map(|field| &field.columns);
    let met = columns.filter(|column| column.status == Status::Met && claimed.relation.is_some());
    met.map(|column| (column.name.to_string(), column.display())).collect()
}

/// An object without its keys that are null, but for `before` and `after`.
fn without_null(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, value| !value.is_null() || matches!(key.as_str(), "before" | "after"));
    }
    value
}
