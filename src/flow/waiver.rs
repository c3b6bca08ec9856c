//! Waivers: a stakeholder lets named breaks of its claims pass for a while.

use integratedb_claim::nearest::nearest;
use integratedb_claim::path::{Path, parse_function};
use integratedb_claim::rules;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

use super::reader::require_own;
use super::reason::check_reason;
use crate::pg::error::{Error, Result};
use crate::pg::security;
use crate::pg::store::{self, NewWaiver};

/// Lets breaks of `rules` by claims of `stakeholder` on `path` pass until `until`; tells the number of the waiver.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 42704 for an unknown stakeholder or a path that it does not claim;
/// 22023 for unknown rules, an empty reason and an end that is past or never; 42602.
pub fn waive(
    caller: pg_sys::Oid,
    stakeholder: &str,
    path: &str,
    codes: Vec<String>,
    reason: &str,
    until: TimestampWithTimeZone,
) -> Result<i64> {
    require_own("waive", caller, stakeholder)?;
    store::document(stakeholder)?;
    check_rules(&codes)?;
    check_reason("a waiver", reason, "Say why the claim may break, for those who read integratedb.waivers.")?;
    let path = claimed_path(stakeholder, path)?;
    let by = security::role_name(caller);
    let new = NewWaiver { stakeholder, path: &path, rules: codes, reason, until, by: &by };
    store::add_waiver(new)?.ok_or_else(|| {
        Error::invalid_argument(
            "a waiver must end",
            "The end given is not in the future, or is infinity.",
            "Pass a time to come, such as now() + interval '2 days'.",
        )
    })
}

/// Takes a waiver back.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 42704 when there is none.
pub fn unwaive(caller: pg_sys::Oid, id: i64) -> Result<()> {
    let owner = store::waived_for(id)?;
    // Who may not know which waivers there are is told the same of each number.
    require_own("unwaive", caller, owner.as_deref().unwrap_or_default())?;
    if owner.is_none() {
        return Err(Error::undefined_waiver(id));
    }
    store::end_waiver(id)
}

fn check_rules(codes: &[String]) -> Result<()> {
    let known = || rules::ALL.iter().map(|rule| rule.code);
    if codes.is_empty() {
        return Err(Error::invalid_argument(
            "rules is empty",
            "A waiver that names no rule lets nothing pass.",
            format!("Name rules: {}.", known().collect::<Vec<_>>().join(", ")),
        ));
    }
    let unknown: Vec<&String> = codes.iter().filter(|code| known().all(|rule| rule != code.as_str())).collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    Err(Error::invalid_argument(
        format!("unknown rule{}", if unknown.len() == 1 { "" } else { "s" }),
        format!("Found {}.", unknown.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ")),
        match nearest(first, known()) {
            Some(near) => format!("Did you mean \"{near}\"? docs/rules.md lists them all."),
            None => format!("The rules are {}.", known().collect::<Vec<_>>().join(", ")),
        },
    ))
}

/// The path as claims write it, of something that the stakeholder claims.
fn claimed_path(stakeholder: &str, text: &str) -> Result<String> {
    let (schema, name, path) = match (parse_function(text), Path::parse(text)) {
        (Ok((path, _)), _) => (path.schema().to_owned(), path.relation().map(str::to_owned), text.to_owned()),
        (_, Ok(path)) => (path.schema().to_owned(), path.relation().map(str::to_owned), path.to_string()),
        (Err(_), Err(error)) => return Err(Error::invalid_path(text, &error.message, &error.hint)),
    };
    if store::claims_path(stakeholder, &schema, name.as_deref())? {
        return Ok(path);
    }
    Err(Error::not_claimed(stakeholder, &path))
}
