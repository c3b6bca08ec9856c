//! waive, unwaive

use pgrx::datum::TimestampWithTimeZone;
use pgrx::prelude::*;

use super::required;
use crate::flow::waiver;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::AsOwner;

/// Lets named breaks of a stakeholder's claims pass until a time; returns the number of the waiver.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 22004, 22023, 42602, 42704.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn waive(
    stakeholder: Option<&str>,
    path: Option<&str>,
    rules: Option<Vec<Option<String>>>,
    reason: Option<&str>,
    until: Option<TimestampWithTimeZone>,
) -> i64 {
    let work = || -> Result<i64> {
        let stakeholder = required(stakeholder, "stakeholder")?;
        let path = required(path, "path")?;
        let rules = required(rules, "rules")?;
        let rules = rules.into_iter().map(|rule| required(rule, "rules[]")).collect::<Result<Vec<_>>>()?;
        let reason = required(reason, "reason")?;
        let until = required(until, "until")?;
        let owner = AsOwner::begin()?;
        waiver::waive(owner.caller(), stakeholder, path, rules, reason, until)
    };
    work().or_raise()
}

/// Takes a waiver back.
///
/// # Errors
/// 42501 for all but the stakeholder itself and administrators; 22004, 42704.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unwaive(waiver_id: Option<i64>) {
    let work = || -> Result<()> {
        let id = required(waiver_id, "waiver_id")?;
        let owner = AsOwner::begin()?;
        waiver::unwaive(owner.caller(), id)
    };
    work().or_raise();
}
