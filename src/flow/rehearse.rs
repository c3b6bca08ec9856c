//! A migration script, run for real and rolled back, statement by statement: what it broke, locked and wrote anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use integratedb_claim::path::display_relation;
use integratedb_claim::report::{self, Blamed, SHOWN};
use integratedb_claim::simulate::describe::describe;
use integratedb_claim::simulate::effect::LockMode;
use integratedb_claim::simulate::row::{Broken, Lock, Row, Verdict};
use integratedb_claim::simulate::split::{Content, Piece, runs_something, split};
use integratedb_claim::validate::Violation;
use pgrx::pg_sys;

use super::evaluate::{self, StillBroken};
use crate::pg::error::{Error, Result};
use crate::pg::rehearsal::{self, Claimed, Files, HeldLock, Ran};
use crate::pg::security::{self, AsOwner};
use crate::pg::settings::{self, Enforcement};
use crate::pg::statement::Control;
use crate::pg::subtransaction::Caught;
use crate::pg::{relations, session, store, transaction};

/// How long a rehearsal may wait and run, in milliseconds; 0 is for ever.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For each lock.
    pub lock: i32,
    /// For each statement.
    pub statement: i32,
}

/// Runs `script` as the current user, under the current search path, and undoes it.
///
/// # Errors
/// 42601 or 54000 for a script that cannot be split, 25006 on a standby, 55000 in a rehearsal; a cancel of the caller's.
pub fn rehearse(script: &str, limits: Limits) -> Result<Vec<Row>> {
    if session::in_recovery() {
        return Err(Error::rehearsal_on_standby());
    }
    let pieces =
        split(script, session::standard_conforming_strings()).map_err(|error| Error::unreadable_script(&error))?;
    let before = leftovers()?;
    let rows = rehearsal::rehearse(limits.lock, AssertUnwindSafe(|| Rehearsal::begin(limits)?.run(&pieces)))?;
    let after = leftovers()?;
    if after.0 > before.0 || after.1 > before.1 {
        Error::rehearsal_left(after.0 - before.0, after.1 - before.1).warn();
    }
    Ok(rows)
}

fn leftovers() -> Result<(i64, i64)> {
    let _owner = AsOwner::begin()?;
    rehearsal::leftovers()
}

/// Which violation of which claim.
type Key = transaction::Key;

struct Rehearsal {
    limits: Limits,
    caller: pg_sys::Oid,
    sees_all: bool,
    rows: Vec<Row>,
    /// What is broken now, and by which row; by none if that was told before, or was so before the script.
    open: HashMap<Key, (Option<usize>, StillBroken)>,
    /// What was, by which row, and what is said of that now. COMMIT blames whoever breaks a thing first, even if
    /// somebody else breaks it again.
    mended: HashMap<Key, (Option<usize>, String)>,
    /// What a COMMIT in the script would have met.
    settled: Vec<(usize, StillBroken)>,
    /// Claims that each row touched.
    touched: Vec<BTreeSet<i64>>,
    locks: BTreeSet<HeldLock>,
    claimed: BTreeMap<u32, Claimed>,
    files: Files,
}

impl Rehearsal {
    fn begin(limits: Limits) -> Result<Rehearsal> {
        let owner = AsOwner::begin()?;
        let mut open = HashMap::new();
        // What the transaction had broken before the script is nobody's here.
        for broken in evaluate::still_broken()? {
            open.insert(evaluate::key(&broken.violation), (None, broken));
        }
        Ok(Rehearsal {
            limits,
            caller: owner.caller(),
            sees_all: security::is_admin(owner.caller())?,
            rows: Vec::new(),
            open,
            mended: HashMap::new(),
            settled: Vec::new(),
            touched: Vec::new(),
            locks: rehearsal::locks()?,
            claimed: rehearsal::claimed(None)?,
            files: rehearsal::files(None)?,
        })
    }

    fn run(mut self, pieces: &[Piece]) -> Result<Vec<Row>> {
        let mut goes_on = true;
        for piece in pieces {
            let Some(mut row) = new_row(self.rows.len() + 1, piece) else { continue };
            if !goes_on {
                not_run(&mut row, "the rehearsal has stopped before it");
                self.add(row);
            } else if let Some(reason) = not_for_the_server(piece) {
                not_run(&mut row, &reason);
                self.add(row);
            } else {
                goes_on = self.step(row, piece)?;
            }
        }
        if goes_on {
            self.commit()?;
        }
        self.finish()
    }

    fn add(&mut self, row: Row) {
        self.rows.push(row);
        self.touched.push(BTreeSet::new());
    }

    /// One statement; tells whether to go on.
    fn step(&mut self, mut row: Row, piece: &Piece) -> Result<bool> {
        rehearsal::take_touched();
        let began = Instant::now();
        let ran = rehearsal::run(piece.text, self.limits.statement)?;
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        match ran {
            Ran::Control(control) => return self.control(row, control),
            Ran::NotRun(reason) => {
                not_run(&mut row, reason);
                self.add(row);
                return Ok(true);
            }
            Ran::Alone(reason) => {
                // The one of them that may be in a transaction, if it comes first.
                row.in_transaction = row.statement == "SET";
                not_run(&mut row, &reason);
                self.add(row);
                return Ok(true);
            }
            Ran::Done => {}
            failed => self.fails(&mut row, failed),
        }
        row.milliseconds = Some(milliseconds);
        if !relations::is_installed() {
            return Ok(self.without_extension(row));
        }
        let goes_on = row.verdict != Verdict::Fails;
        self.observe(row)?;
        Ok(goes_on)
    }

    fn fails(&self, row: &mut Row, ran: Ran) {
        row.verdict = Verdict::Fails;
        row.detail = Some(match ran {
            Ran::Failed(caught) => {
                row.hint.clone_from(&caught.hint);
                said(&caught)
            }
            _ => format!("took longer than statement_timeout, {} ms", self.limits.statement),
        });
    }

    /// What controls transactions is not run: all is one transaction here, which is rolled back.
    fn control(&mut self, mut row: Row, control: Control) -> Result<bool> {
        row.detail = Some("not run: transaction control".to_owned());
        let number = self.rows.len();
        let goes_on = match control {
            Control::GoesOn => true,
            Control::Accepts => match rehearsal::check_deferred_for_now(self.limits.statement)? {
                failed @ (Ran::Failed(_) | Ran::TooLong) => {
                    self.fails(&mut row, failed);
                    false
                }
                _ => {
                    self.settle();
                    true
                }
            },
            Control::Undoes | Control::UndoesInPart => false,
            Control::OfAnother => {
                row.verdict = Verdict::Unknown;
                row.in_transaction = false;
                true
            }
        };
        self.add(row);
        if matches!(control, Control::Undoes | Control::UndoesInPart) {
            let by = shown(&self.rows[number]);
            for row in self.open.drain().filter_map(|(_, (by, _))| by) {
                let row = &mut self.rows[row];
                if control == Control::Undoes {
                    note(row, format!("broken here, undone by {by}"));
                } else {
                    row.verdict = Verdict::Unknown;
                    note(row, format!("broken here, perhaps undone by {by}"));
                }
            }
        }
        Ok(goes_on)
    }

    /// COMMIT meets what is broken by now, whatever comes after it.
    fn settle(&mut self) {
        self.note_mended();
        for (by, broken) in self.open.values_mut() {
            self.settled.extend(by.take().map(|by| (by, broken.clone())));
        }
    }

    /// The statement has dropped the extension: COMMIT would ask nobody.
    fn without_extension(&mut self, mut row: Row) -> bool {
        if row.verdict != Verdict::Fails {
            row.verdict = Verdict::Unknown;
            row.detail = Some("without the extension nothing is held to a claim".to_owned());
        }
        self.open.clear();
        self.add(row);
        false
    }

    /// What COMMIT would do besides: fire what is deferred. It is a row of its own if it fails or breaks something.
    fn commit(&mut self) -> Result<()> {
        let line = self.rows.last().map_or(1, |row| row.line);
        let mut row = Row::new(self.rows.len() + 1, line, "COMMIT".to_owned(), None);
        match rehearsal::check_deferred(self.limits.statement)? {
            Ran::Done => {}
            failed => self.fails(&mut row, failed),
        }
        if !relations::is_installed() {
            self.without_extension(row);
            return Ok(());
        }
        let (number, fails) = (self.rows.len(), row.verdict == Verdict::Fails);
        self.observe(row)?;
        let breaks = self.open.values().any(|(by, broken)| *by == Some(number) && broken.leave.is_none());
        if !fails && !breaks {
            self.rows.pop();
            self.touched.pop();
        }
        Ok(())
    }

    /// Adds the row, with what the statement locked, wrote anew, broke and mended.
    fn observe(&mut self, mut row: Row) -> Result<()> {
        let _owner = AsOwner::begin()?;
        let number = self.rows.len();
        self.observe_locks(&mut row)?;
        self.touched.push(rehearsal::take_touched());
        self.rows.push(row);
        let now: HashMap<Key, StillBroken> =
            evaluate::still_broken()?.into_iter().map(|broken| (evaluate::key(&broken.violation), broken)).collect();
        let mended: Vec<Key> = self.open.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
        let said = format!("broken here, mended by {}", shown(&self.rows[number]));
        for key in mended {
            if let Some((by, _)) = self.open.remove(&key) {
                self.mended.insert(key, (by, said.clone()));
            }
        }
        for (key, broken) in now {
            let again = self.mended.remove(&key).map(|(by, _)| by);
            let known = self.open.get(&key).map(|(by, _)| *by).or(again).unwrap_or(Some(number));
            self.open.insert(key, (known, broken));
        }
        Ok(())
    }

    /// Says of what was broken and mended which statement has done the latter.
    fn note_mended(&mut self) {
        let told: BTreeSet<(usize, String)> =
            self.mended.drain().filter_map(|(_, (by, said))| Some((by?, said))).collect();
        for (by, said) in told {
            note(&mut self.rows[by], said);
        }
    }

    fn observe_locks(&mut self, row: &mut Row) -> Result<()> {
        let now = rehearsal::locks()?;
        let unknown: Vec<pg_sys::Oid> = now
            .iter()
            .map(|lock| lock.relation)
            .filter(|oid| !self.claimed.contains_key(oid))
            .map(pg_sys::Oid::from)
            .collect();
        self.claimed.extend(rehearsal::claimed(Some(unknown))?);
        let mut strongest: BTreeMap<u32, LockMode> = BTreeMap::new();
        for lock in now.difference(&self.locks) {
            let Some(mode) = mode(&lock.mode).filter(|_| self.is_visible(lock.relation)) else { continue };
            let known = strongest.entry(lock.relation).or_insert(mode);
            *known = mode.max(*known);
        }
        for (oid, mode) in strongest {
            let claimed = &self.claimed[&oid];
            row.locks.push(Lock {
                relation: display_relation(&claimed.schema, &claimed.name),
                mode,
                readers: claimed.stakeholders.clone(),
            });
        }
        let exclusive =
            now.iter().filter(|lock| matches!(mode(&lock.mode), Some(LockMode::AccessExclusive | LockMode::Exclusive)));
        let files = rehearsal::files(Some(exclusive.map(|lock| lock.relation.into()).collect()))?;
        for (oid, file) in files {
            let before = self.files.insert(oid, file.clone());
            // TRUNCATE gives a new file too, with nothing in it.
            if before.is_some_and(|before| before.0 != file.0) && !row.statement.starts_with("TRUNCATE") {
                row.rewrites.push(display_relation(&file.1, &file.2));
            }
        }
        self.locks = now;
        Ok(())
    }

    /// Whether the caller may be told who claims the relation: it owns it, or is an administrator.
    fn is_visible(&self, relation: u32) -> bool {
        let speaks_for = |claimed: &Claimed| security::has_privileges_of(self.caller, claimed.owner);
        self.claimed.get(&relation).is_some_and(|claimed| self.sees_all || speaks_for(claimed))
    }

    /// The final word on each statement.
    fn finish(mut self) -> Result<Vec<Row>> {
        self.note_mended();
        let open = std::mem::take(&mut self.open).into_values();
        self.settled.extend(open.filter_map(|(by, broken)| Some((by?, broken))));
        self.settled.sort_by_cached_key(|(by, broken)| {
            (*by, broken.violation.claim_id, broken.violation.place, broken.violation.reason())
        });
        let mut by_row: BTreeMap<usize, Vec<&Violation>> = BTreeMap::new();
        for (by, StillBroken { violation, leave }) in &self.settled {
            match (leave, self.rows.get_mut(*by)) {
                (Some(leave), Some(row)) => note(row, report::passes(violation, &leave.why())),
                _ => by_row.entry(*by).or_default().push(violation),
            }
        }
        let is_installed = relations::is_installed();
        let _owner = if is_installed { Some(AsOwner::begin()?) } else { None };
        for (number, row) in self.rows.iter_mut().enumerate() {
            if let Some(violations) = by_row.get_mut(&number) {
                breaks(row, violations);
            } else if is_installed {
                let touched = std::mem::take(&mut self.touched[number]);
                row.claims = rehearsal::claims_on_own(touched.into_iter().collect(), self.caller)?;
                row.stakeholders = store::stakeholders_of_claims(row.claims.clone())?;
            }
        }
        Ok(self.rows)
    }
}

fn breaks(row: &mut Row, violations: &mut [&Violation]) {
    violations.sort_by_key(|one| (one.claim_id, one.place, one.column.clone(), one.rule().code));
    let blamed: Vec<Blamed> = violations.iter().map(|violation| (*violation, None)).collect();
    row.hint = report::broken(&blamed, SHOWN).hint;
    row.verdict = Verdict::Breaks;
    if settings::enforcement() != Enforcement::Enforce {
        note(row, "COMMIT would accept it: the script has set integratedb.enforcement".to_owned());
    }
    row.stakeholders =
        violations.iter().map(|one| one.stakeholder.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    row.claims = violations.iter().map(|one| one.claim_id).collect::<BTreeSet<_>>().into_iter().collect();
    row.violations = violations.iter().map(|violation| Broken::of(violation)).collect();
}

/// Adds to the detail of a row, once.
fn note(row: &mut Row, said: String) {
    match &mut row.detail {
        Some(detail) if detail.split("; ").any(|known| known == said) => {}
        Some(detail) => *detail = format!("{detail}; {said}"),
        None => row.detail = Some(said),
    }
}

fn not_run(row: &mut Row, reason: &str) {
    row.verdict = Verdict::Unknown;
    row.detail = Some(format!("not run: {reason}"));
}

/// A statement, as another one's detail names it.
fn shown(row: &Row) -> String {
    format!("statement {} (line {}): {}", row.number, row.line, row.subject())
}

/// `None` for a command of psql's that concerns psql alone.
fn new_row(number: usize, piece: &Piece) -> Option<Row> {
    let (statement, object) = match &piece.content {
        Content::Statement { .. } => describe(piece.text),
        Content::Command { name, .. } if runs_something(name) => (format!("\\{name}"), None),
        Content::Command { .. } => return None,
    };
    Some(Row::new(number, piece.line, statement, object))
}

/// Why a piece of a script is not what the server would get.
fn not_for_the_server(piece: &Piece) -> Option<String> {
    match &piece.content {
        Content::Command { .. } => Some("it is psql that runs it".to_owned()),
        Content::Statement { rows: Some(_), .. } => Some("COPY from the client".to_owned()),
        Content::Statement { client_side, .. } => {
            client_side.first().map(|one| format!("psql puts something else in place of {}", report::shown(one.text)))
        }
    }
}

fn said(caught: &Caught) -> String {
    let code = caught.sqlstate();
    match &caught.detail {
        Some(detail) => format!("{code}: {}: {detail}", caught.message),
        None => format!("{code}: {}", caught.message),
    }
}

/// As `pg_locks` names it.
fn mode(name: &str) -> Option<LockMode> {
    Some(match name {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        _ => return None,
    })
}
