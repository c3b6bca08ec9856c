//! Whether all is as it should be: one check after the other, each with the statement that mends what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use integratedb_claim::report::{count, one_line};
use pgrx::pg_sys;

use super::beyond;
use super::reader::{RoleState, role_of};
use super::{drift, exposure, survey};
use crate::pg::catalog::namespace_oid;
use crate::pg::error::Result;
use crate::pg::health::{self, Ill};
use crate::pg::schema::quoted;
use crate::pg::settings::{self, Enforcement};
use crate::pg::stamp::{self, Stamp};
use crate::pg::{adoption, configured, relations, security, store};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing found.
    Ok,
    /// Works, and should be looked at.
    Warning,
    /// Something does not work, or is not enforced.
    Problem,
    /// Could not be found out.
    Unknown,
}

impl State {
    /// As the result says it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Problem => "problem",
            State::Unknown => "unknown",
        }
    }
}

/// One check.
pub struct Check {
    /// What is looked at.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What is wrong, one line each.
    pub finding: Option<String>,
    /// What mends it; several statements on a line each.
    pub statement: Option<String>,
}

/// So many findings of a check are spelled out.
const SHOWN: usize = 10;

impl Check {
    fn new(name: &'static str, state: State, ills: &[Ill]) -> Check {
        let mut lines: Vec<String> = ills.iter().take(SHOWN).map(|ill| one_line(&ill.finding)).collect();
        if ills.len() > SHOWN {
            lines.push(format!("and {} more", ills.len() - SHOWN));
        }
        let mut statements: Vec<&str> = ills.iter().filter_map(|ill| ill.statement.as_deref()).collect();
        let mut seen = BTreeSet::new();
        statements.retain(|statement| seen.insert(*statement));
        Check {
            name,
            state: if ills.is_empty() { State::Ok } else { state },
            finding: (!lines.is_empty()).then(|| lines.join("\n")),
            statement: (!statements.is_empty()).then(|| statements.join(";\n")),
        }
    }
}

type Look = fn() -> Result<Check>;

/// All checks. Writes nothing; what cannot be found out is told as such.
pub fn doctor() -> Vec<Check> {
    let looks: [(&'static str, Look); 17] = [
        ("event triggers", event_triggers),
        ("version", version),
        ("owner", owner),
        ("roles", roles),
        ("schemas", schemas),
        ("connect", connect),
        ("claims", claims),
        ("privileges", privileges),
        ("exposure", exposed),
        ("credentials", credentials),
        ("caches", caches),
        ("enforcement", enforcement),
        ("event_triggers", bypassed),
        ("session_replication_role", replica),
        ("password_encryption", password_encryption),
        ("passwords", passwords),
        ("pg_hba", pg_hba),
    ];
    looks.into_iter().map(|(name, look)| unless_failed(name, look())).collect()
}

fn unless_failed(name: &'static str, looked: Result<Check>) -> Check {
    looked.unwrap_or_else(|error| {
        let (_, message, hint) = error.parts();
        let finding = hint.map_or(message.clone(), |hint| format!("{message}. {hint}"));
        Check { name, state: State::Unknown, finding: Some(finding), statement: None }
    })
}

fn ill(finding: String, statement: impl Into<Option<String>>) -> Ill {
    Ill { finding, statement: statement.into() }
}

fn event_triggers() -> Result<Check> {
    Ok(Check::new("event triggers", State::Problem, &health::event_triggers()?))
}

fn version() -> Result<Check> {
    let (installed, _) = health::extension()?;
    let library = env!("CARGO_PKG_VERSION");
    let ills = (installed != library)
        .then(|| {
            let finding = format!("the library is version {library}, the objects in this database are {installed}");
            ill(finding, "ALTER EXTENSION integratedb UPDATE".to_owned())
        })
        .into_iter()
        .collect::<Vec<_>>();
    Ok(Check::new("version", State::Problem, &ills))
}

fn owner() -> Result<Check> {
    let (_, owner) = health::extension()?;
    Ok(Check::new("owner", State::Problem, &owner.into_iter().collect::<Vec<_>>()))
}

const SYNC: &str = "SELECT integratedb.sync()";

fn roles() -> Result<Check> {
    let mut ills = Vec::new();
    for name in store::stakeholders()? {
        match role_of(&name)? {
            RoleState::Present(role) => {
                let dangers = adoption::dangers(role.oid)?;
                let closes = || format!("SELECT statement FROM integratedb.exposure('{name}')");
                ills.extend(dangers.iter().map(|one| ill(format!("role {}: {one}", quoted(&name)), closes())));
            }
            RoleState::Missing(_) => ills.push(ill(
                format!("role {} is missing", quoted(&name)),
                format!("CREATE ROLE {} LOGIN;\n{SYNC}", quoted(&name)),
            )),
            RoleState::Replaced(_) => {
                ills.push(ill(format!("role {} is not the one that integratedb made", quoted(&name)), SYNC.to_owned()))
            }
        }
    }
    Ok(Check::new("roles", State::Problem, &ills))
}

fn schemas() -> Result<Check> {
    let missing = store::stakeholders()?.into_iter().filter(|name| namespace_oid(name).is_none());
    let ills: Vec<Ill> =
        missing.map(|name| ill(format!("schema {} is missing", quoted(&name)), SYNC.to_owned())).collect();
    Ok(Check::new("schemas", State::Problem, &ills))
}

fn connect() -> Result<Check> {
    let found = health::without_connect(beyond::grantees(None)?.roles)?;
    let state = if found.iter().all(|(_, can)| *can) { State::Warning } else { State::Problem };
    Ok(Check::new("connect", state, &found.into_iter().map(|(ill, _)| ill).collect::<Vec<_>>()))
}

fn claims() -> Result<Check> {
    let mut unmet: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    survey::unmet(security::caller(), |violation| {
        unmet.entry(violation.stakeholder).or_default().insert(violation.claim_id);
    })?;
    let all = "SELECT * FROM integratedb.unmet_claims()";
    let of_one = |(name, ids): (&String, &BTreeSet<i64>)| {
        let finding = format!("{} of {} not met", count(ids.len(), "claim"), quoted(name));
        ill(finding, all.to_owned())
    };
    Ok(Check::new("claims", State::Problem, &unmet.iter().map(of_one).collect::<Vec<_>>()))
}

fn privileges() -> Result<Check> {
    let drift = drift::drift()?;
    let state = if drift.iter().all(|one| one.state == "by hand") { State::Warning } else { State::Problem };
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in &drift {
        *counted.entry((&one.stakeholder, one.state)).or_default() += 1;
    }
    let ills = counted.into_iter().map(|((stakeholder, state), number)| {
        let statement = match state {
            "by hand" => "SELECT * FROM integratedb.privilege_drift()",
            _ => "SELECT * FROM integratedb.repair_privileges()",
        };
        ill(format!("{}: {} {state}", quoted(stakeholder), count(number, "privilege")), statement.to_owned())
    });
    Ok(Check::new("privileges", state, &ills.collect::<Vec<_>>()))
}

fn exposed() -> Result<Check> {
    let mut counted: BTreeMap<(Option<String>, &str), usize> = BTreeMap::new();
    for finding in exposure::exposure(None)? {
        *counted.entry((finding.stakeholder, finding.how)).or_default() += 1;
    }
    let ills = counted.into_iter().map(|((stakeholder, how), number)| {
        let who = stakeholder.map_or("every stakeholder".to_owned(), |name| quoted(&name));
        let ways = count(number, "privilege");
        ill(format!("{who}: {ways} beyond its claims, by {how}"), "SELECT * FROM integratedb.exposure()".to_owned())
    });
    Ok(Check::new("exposure", State::Warning, &ills.collect::<Vec<_>>()))
}

fn credentials() -> Result<Check> {
    Ok(Check::new("credentials", State::Warning, &health::credentials()?))
}

fn caches() -> Result<Check> {
    let finding = match stamp::read()? {
        Stamp::Valid => None,
        Stamp::Absent if relations::is_empty(c"stakeholder")? => None,
        Stamp::Absent | Stamp::Foreign => {
            Some("the database has been restored or copied since the caches were written")
        }
        Stamp::Marked => Some("DDL has passed with integratedb.enforcement = off"),
    };
    let repair = "SELECT * FROM integratedb.repair_privileges()";
    let ills = finding.map(|finding| ill(format!("{finding}: the next DDL reads all claims anew"), repair.to_owned()));
    Ok(Check::new("caches", State::Warning, &ills.into_iter().collect::<Vec<_>>()))
}

fn configured(name: &'static str, setting: &str, wanted: &str, concerns_roles: bool) -> Result<Check> {
    let stakeholders = if concerns_roles { Some(beyond::grantees(None)?) } else { None };
    let found = configured::otherwise(vec![setting.to_owned()], vec![wanted.to_owned()])?;
    let concerned = found.into_iter().filter(|one| match (&stakeholders, one.role) {
        (Some(stakeholders), Some(role)) => stakeholders.stakeholder(role).is_some(),
        _ => true,
    });
    let ills = concerned.map(|one| ill(format!("{} is {} for {}", one.name, one.value, one.place), one.statement));
    Ok(Check::new(name, State::Warning, &ills.collect::<Vec<_>>()))
}

fn enforcement() -> Result<Check> {
    let mut check = configured("enforcement", "integratedb.enforcement", "enforce", false)?;
    if settings::enforcement() != Enforcement::Enforce && settings::is_enforcement_of_session()? {
        let here = "integratedb.enforcement is not enforce in this session".to_owned();
        let reset = "RESET integratedb.enforcement".to_owned();
        check.finding = Some(check.finding.map_or(here.clone(), |finding| format!("{finding}\n{here}")));
        check.statement = Some(check.statement.map_or(reset.clone(), |statement| format!("{statement};\n{reset}")));
        check.state = State::Warning;
    }
    if check.state != State::Ok {
        check.state = State::Problem;
    }
    Ok(check)
}

/// From PostgreSQL 17 on this setting bypasses all event triggers.
fn bypassed() -> Result<Check> {
    let mut check = configured("event_triggers", "event_triggers", "on", false)?;
    if check.state != State::Ok {
        check.state = State::Problem;
    }
    Ok(check)
}

/// Our triggers fire whatever it says; foreign keys and other triggers of what is claimed do not.
fn replica() -> Result<Check> {
    configured("session_replication_role", "session_replication_role", "origin", true)
}

fn password_encryption() -> Result<Check> {
    configured("password_encryption", "password_encryption", "scram-sha-256", true)
}

fn passwords() -> Result<Check> {
    if !configured::may_read_files()? {
        return Ok(not_readable("passwords", "pg_authid"));
    }
    Ok(Check::new("passwords", State::Warning, &health::md5_passwords(logins()?)?))
}

/// The roles by which stakeholders log in.
fn logins() -> Result<Vec<pg_sys::Oid>> {
    let mut logins = beyond::grantees(None)?.roles;
    logins.extend(health::credential_roles()?);
    Ok(logins)
}

fn pg_hba() -> Result<Check> {
    if !configured::may_read_files()? {
        return Ok(not_readable("pg_hba", "pg_hba_file_rules"));
    }
    Ok(Check::new("pg_hba", State::Warning, &health::weak_hba_lines(logins()?)?))
}

fn not_readable(name: &'static str, what: &str) -> Check {
    let finding = format!("the owner of the extension may not read {what}");
    Check { name, state: State::Unknown, finding: Some(finding), statement: None }
}
