//! A whole script: its transactions, and the final word on each statement.
//!
//! # Transactions
//! A statement outside BEGIN and COMMIT is a transaction of its own. With [`Options::single_transaction`] the script
//! begins within one, as with `psql --single-transaction`: a COMMIT in it ends that, and what follows is on its own. A
//! block that is still open at the end of the script is judged as if it were committed: its author forgot that, or adds it.
//! PREPARE TRANSACTION ends a transaction as COMMIT does.
//!
//! # Breaks
//! A violation is known by claim, path, column and rule. The first statement of a transaction that brings it about is to
//! blame, as in the error of COMMIT. If it is gone by the end of the transaction the statement is safe, and its detail says
//! what mends it. What remains is told once: the script goes on as if the transaction had been accepted, and the claim
//! goes on to bind in all else, so that one preview lists all breaks of a script.
//!
//! # What cannot be told
//! A statement that cannot be followed (DO, CALL, `\i`, a syntax error, ...) is `unknown`, and so is one that the server
//! would refuse. The following ones are judged as if it did nothing. A later `safe` holds all the same: it says that this
//! statement breaks nothing, measured against the claims as they were when its transaction began. Where that rests on
//! what the unknown statement may have undone, the later one is `unknown` too:
//! - it takes away one of several alternatives, and what is left is only believed to be there;
//! - it puts another relation or column under a claimed name, which may no longer be what it was;
//! - what it breaks is mended later, but the unknown statement stands between it and the end of the transaction;
//! - it finds nothing to drop or alter (IF EXISTS), while claims wait for what an earlier transaction may have made.
//!
//! A later `breaks` holds where the statement takes away by its name what is claimed. Anything else the unknown statement
//! may have broken before or kept from breaking: that is `unknown`, with its violation.
//!
//! What an unknown statement of an *earlier* transaction changed in the catalogs is the one thing left out: a column that it
//! widened, and that is narrowed back later, for one. And names are taken to mean what they mean in its absence: that it
//! has left `search_path` alone.

use std::collections::BTreeSet;
use std::fmt;

use squawk_syntax::ast;

use super::apply::{Session, apply};
use super::describe::describe;
use super::effect::{Effect, Outcome};
use super::input::Claims;
use super::judge::{Book, State};
use super::parse;
use super::row::{Lock, Row, Verdict};
use super::split::{self, Content, Piece, SplitError};
use super::world::World;
use crate::path::display_relation;
use crate::report;

mod blame;
mod control;

use control::Control;

/// How a script is going to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// As one transaction, unless it commits itself.
    pub single_transaction: bool,
    /// The setting of this name when the script begins.
    pub standard_conforming_strings: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { single_transaction: true, standard_conforming_strings: true }
    }
}

/// Why nothing can be said of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptError {
    /// It cannot be split into statements.
    Split(SplitError),
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptError::Split(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ScriptError {}

/// What to do about a statement of which nothing can be told.
const REHEARSE: &str = "Rehearse it: integratedb.rehearse_migration() runs it and rolls it back.";
const OWN_TRANSACTION: &str = "Run it by itself, outside a transaction block.";

/// Says of each statement of a script what it would do to the claims.
///
/// Nothing is executed. What psql alone would run, `\i` for one, is a row of its own.
///
/// # Errors
/// The script cannot be split into statements.
pub fn preview(mut world: World, claims: &Claims, script: &str, options: &Options) -> Result<Vec<Row>, ScriptError> {
    let pieces = split::split(script, options.standard_conforming_strings).map_err(ScriptError::Split)?;
    world.index();
    let mut preview = Preview {
        book: Book::new(&world, claims),
        world,
        session: Session::default(),
        rows: Vec::with_capacity(pieces.len()),
        block: None,
        untold: Vec::new(),
        transaction: 0,
        can_roll_back: can_roll_back(script),
    };
    if options.single_transaction {
        preview.begin();
    }
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        // `\;` sends what is before and after it at once: one transaction.
        let joined = matches!(pieces.peek(), Some(Piece { content: Content::Command { name: ";", .. }, .. }));
        preview.piece(piece, joined);
    }
    if preview.block.is_some() {
        preview.commit();
    }
    Ok(preview.rows)
}

/// Whether there may be a ROLLBACK in it: else nobody needs to remember what there was.
fn can_roll_back(script: &str) -> bool {
    let has = |word: &str| script.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    has("rollback") || has("abort")
}

/// To go back to.
struct Snapshot {
    world: World,
    session: Session,
    state: State,
    untold: usize,
}

struct Block {
    began: Option<Snapshot>,
    savepoints: Vec<(String, Option<Snapshot>)>,
}

/// A statement of which nothing can be told.
struct Untold {
    row: usize,
    transaction: usize,
    /// The claims on which it may have done something; `None` for all.
    claims: Option<BTreeSet<usize>>,
}

struct Preview {
    world: World,
    session: Session,
    book: Book,
    rows: Vec<Row>,
    block: Option<Block>,
    untold: Vec<Untold>,
    /// How many transactions have ended.
    transaction: usize,
    can_roll_back: bool,
}

impl Preview {
    fn piece(&mut self, piece: &Piece, joined: bool) {
        match &piece.content {
            Content::Command { name, .. } => {
                if split::runs_something(name) {
                    self.add_row(piece, format!("\\{name}"), None);
                    self.unknown("it is psql that runs it: what it does is not in the script".to_owned());
                }
            }
            Content::Statement { client_side, standard_conforming_strings, .. } => {
                let (tag, object) = describe(piece.text);
                self.add_row(piece, tag, object);
                if let Some(first) = client_side.first() {
                    self.unknown(format!(
                        "psql puts something else in place of {} before it is sent",
                        report::shown(first.text)
                    ));
                    return;
                }
                match parse::parse(piece.text, piece.offset, *standard_conforming_strings) {
                    Ok(statement) => self.statement(&statement, joined),
                    Err(unread) => self.unknown(unread.to_string()),
                }
            }
        }
    }

    fn add_row(&mut self, piece: &Piece, statement: String, object: Option<String>) {
        self.rows.push(Row::new(self.rows.len() + 1, piece.line, statement, object));
    }

    fn row(&mut self) -> &mut Row {
        self.rows.last_mut().expect("a row is added before the statement is looked at")
    }

    fn number(&self) -> usize {
        self.rows.len() - 1
    }

    /// Nothing can be told of the statement.
    fn unknown(&mut self, reason: String) {
        let untold = Untold { row: self.number(), transaction: self.transaction, claims: None };
        self.untold.push(untold);
        self.book.note_untold(&self.world);
        self.doubt(reason, REHEARSE);
    }

    fn doubt(&mut self, reason: String, hint: &str) {
        let row = self.row();
        row.verdict = Verdict::Unknown;
        row.detail.get_or_insert(reason);
        row.hint.get_or_insert_with(|| hint.to_owned());
    }

    fn refused(&mut self, reason: &str) {
        self.unknown(format!("the server would refuse this: {reason}"));
    }

    fn statement(&mut self, statement: &ast::Stmt, joined: bool) {
        if let Some(control) = Control::of(statement) {
            self.control(control);
            return;
        }
        let outcome = apply(&mut self.world, &mut self.session, statement);
        let is_own_transaction = self.block.is_none();
        match outcome {
            Outcome::Done(effect) => self.done(&effect, is_own_transaction),
            Outcome::Fails(reason) => self.refused(&reason),
            Outcome::Unknown(reason) => self.unknown(reason),
        }
        if is_own_transaction && !joined {
            self.commit();
        }
    }

    fn done(&mut self, effect: &Effect, is_own_transaction: bool) {
        let number = self.number();
        self.describe(effect);
        let evaluated = self.book.evaluate(&mut self.world, effect, number);
        self.book.end_statement(&self.world, &effect.touched);
        let claims = evaluated.concerned.iter().map(|position| self.book.claim(*position));
        let stakeholders: BTreeSet<String> = claims.clone().map(|claim| claim.stakeholder.clone()).collect();
        // A claim that a wildcard makes in the script has no number yet.
        let ids: BTreeSet<i64> = claims.map(|claim| claim.id).filter(|id| *id != 0).collect();
        let row = &mut self.rows[number];
        row.stakeholders = stakeholders.into_iter().collect();
        row.claims = ids.into_iter().collect();

        let on_any = effect.doubts.iter().find(|doubt| doubt.relations.is_empty() && !self.book.is_empty());
        let reason = on_any.map(|doubt| &doubt.reason).or(evaluated.doubted.values().next()).cloned();
        if let Some(reason) = reason {
            let claims = on_any.is_none().then(|| evaluated.doubted.keys().copied().collect());
            self.doubt(reason, REHEARSE);
            self.untold.push(Untold { row: number, transaction: self.transaction, claims });
        } else if let Some(untold) = self.untold_before(&evaluated.fall_back) {
            let reason = format!(
                "it takes away one of several alternatives, and {} may have taken away the others",
                self.shown(untold)
            );
            self.doubt(reason, REHEARSE);
        } else if let Some(untold) = self.may_be_there(effect) {
            let reason = format!("it finds nothing of that name, but {} may have made it", self.shown(untold));
            self.doubt(reason, REHEARSE);
        }
        if effect.alone && !is_own_transaction {
            let tag = self.rows[number].statement.clone();
            self.doubt(
                format!("the server would refuse this: {tag} cannot run inside a transaction block"),
                OWN_TRANSACTION,
            );
            // Nothing can mend what it breaks: it does not roll back.
            let blamed = self.book.settle_at_once(number);
            self.tell(blamed);
        }
    }

    /// Locks, rewrites, and whether a transaction may be around it.
    fn describe(&mut self, effect: &Effect) {
        let mut locks: Vec<Lock> = effect
            .locks
            .iter()
            .filter_map(|(oid, mode)| {
                let ((schema, name), readers) = self.book.readers(&self.world, *oid)?;
                let readers = readers.into_iter().map(str::to_owned).collect();
                Some(Lock { relation: display_relation(&schema, &name), mode: *mode, readers })
            })
            .collect();
        locks.sort_by(|one, other| one.relation.cmp(&other.relation));
        let name = |oid: &u32| {
            let relation = self.world.relations.get(oid)?;
            let schema = self.world.schemas.get(&relation.schema).map_or("pg_temp", |schema| schema.name.as_str());
            Some(display_relation(schema, &relation.name))
        };
        let mut rewrites: Vec<String> = effect.rewrites.iter().filter_map(name).collect();
        rewrites.sort();
        let row = self.row();
        row.locks = locks;
        row.rewrites = rewrites;
        row.in_transaction = !effect.alone;
    }

    /// An earlier statement that may have changed what one of these claims falls back on.
    fn untold_before(&self, claims: &BTreeSet<usize>) -> Option<usize> {
        if claims.is_empty() {
            return None;
        }
        let may_concern = |untold: &&Untold| untold.claims.as_ref().is_none_or(|own| !own.is_disjoint(claims));
        self.untold.iter().find(may_concern).map(|untold| untold.row)
    }

    /// A statement of an earlier transaction that may have made what this one has not found.
    fn may_be_there(&self, effect: &Effect) -> Option<usize> {
        let skips = effect.notices.iter().any(|notice| notice.ends_with("skipping"));
        if !skips || !self.book.awaits_anything() {
            return None;
        }
        let may_have_made = |untold: &&Untold| untold.claims.is_none() && untold.transaction < self.transaction;
        self.untold.iter().find(may_have_made).map(|untold| untold.row)
    }

    /// A statement, as another one's detail names it.
    fn shown(&self, row: usize) -> String {
        let row = &self.rows[row];
        let object = row.object.iter().map(|object| format!(" {object}")).collect::<String>();
        format!("statement {} (line {}): {}{object}", row.number, row.line, row.statement)
    }

    fn begin(&mut self) {
        if self.block.is_none() {
            self.block = Some(Block { began: self.snapshot(), savepoints: Vec::new() });
        }
    }

    fn snapshot(&self) -> Option<Snapshot> {
        self.can_roll_back.then(|| Snapshot {
            world: self.world.clone(),
            session: self.session.clone(),
            state: self.book.state.clone(),
            untold: self.untold.len(),
        })
    }

    fn restore(&mut self, snapshot: Snapshot) {
        self.world = snapshot.world;
        self.session = snapshot.session;
        // What is undone has done nothing.
        self.untold.truncate(snapshot.untold);
        let undone = self.book.roll_back(&self.world, snapshot.state);
        let by = self.shown(self.number());
        for blame in undone {
            self.rows[blame.row].detail.get_or_insert_with(|| format!("broken here, undone by {by}"));
        }
    }

    fn commit(&mut self) {
        let blamed = self.book.commit(&mut self.world);
        self.tell(blamed);
        self.session.end_transaction(&mut self.world);
        self.block = None;
        self.transaction += 1;
    }

    fn roll_back(&mut self) {
        let Some(block) = self.block.take() else { return };
        if let Some(began) = block.began {
            self.restore(began);
        }
        self.session.end_transaction(&mut self.world);
        self.transaction += 1;
    }
}

#[cfg(test)]
mod tests;
