//! What a transaction remembers until its end: breaks to be judged again, and what is still to be looked at.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::ffi::c_void;

use pgrx::pg_sys;

use super::ddl::Touched;
use super::error::Error;
use super::{effects, sessions};

/// Which violation of which claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The claim.
    pub claim_id: i64,
    /// Relation, or `schema.*`.
    pub path: String,
    /// Column, if it is about one.
    pub column: Option<String>,
    /// The rule's code.
    pub rule: &'static str,
}

/// A violation that a statement of this transaction brought about.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The violation.
    pub key: Key,
    /// The statement: its command tag and object.
    pub statement: String,
    /// It took a privilege: to be judged, not to be granted again.
    pub revoked: bool,
}

#[derive(Default)]
struct Memory {
    /// With the subtransaction that takes the memory with it when it rolls back.
    broken: Vec<(u32, Remembered)>,
    /// Where to look again, likewise.
    again: Vec<(u32, Touched)>,
    /// Roles from which privileges on their stakeholder's own schema were taken, and whether by DROP OWNED; likewise.
    own_taken: Vec<(u32, (pg_sys::Oid, bool))>,
    /// From sql_drop to the end of the same command: the command, and the subtransaction of both.
    dropped: Vec<(usize, u32, Touched)>,
    /// The start of the running command has found the caches sound.
    caches_trusted: bool,
    /// Claims that were not met before a command began which could not wait for the baseline.
    excused: HashSet<i64>,
    /// Objects over which somebody with the rights of their owner has spoken in this transaction.
    vouched: HashSet<u32>,
    /// From inside CREATE or ALTER EXTENSION to its end: nothing is granted there.
    in_extension: Touched,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Remembers violations, and where to look for them again before COMMIT.
pub fn remember(broken: Vec<Remembered>, again: Touched) {
    let subtransaction = current_subtransaction();
    MEMORY.with_borrow_mut(|memory| {
        memory.broken.extend(broken.into_iter().map(|broken| (subtransaction, broken)));
        match memory.again.last_mut() {
            Some((known, touched)) if *known == subtransaction => touched.merge(again),
            _ => memory.again.push((subtransaction, again)),
        }
    });
}

fn current_subtransaction() -> u32 {
    // SAFETY: reads the state of the current transaction.
    unsafe { pg_sys::GetCurrentSubTransactionId() }
}

/// All violations remembered, in the order in which they came about.
pub fn remembered() -> Vec<Remembered> {
    MEMORY.with_borrow(|memory| memory.broken.iter().map(|(_, broken)| broken.clone()).collect())
}

/// Where to look again.
pub fn look_again() -> Touched {
    MEMORY.with_borrow(|memory| {
        memory.again.iter().fold(Touched::default(), |mut all, (_, touched)| {
            all.merge(touched.clone());
            all
        })
    })
}

/// Whether there is anything to look at again.
pub fn has_remembered() -> bool {
    MEMORY.with_borrow(|memory| !memory.again.is_empty())
}

/// Remembers that a stakeholder's role was deprived of its own schema.
pub fn take_own(role: pg_sys::Oid, by_drop_owned: bool) {
    let subtransaction = current_subtransaction();
    MEMORY.with_borrow_mut(|memory| memory.own_taken.push((subtransaction, (role, by_drop_owned))));
}

/// The roles that were, each once, and whether by DROP OWNED.
pub fn own_taken() -> Vec<(pg_sys::Oid, bool)> {
    let mut found: BTreeMap<u32, bool> = BTreeMap::new();
    MEMORY.with_borrow(|memory| {
        for (_, (role, by_drop_owned)) in &memory.own_taken {
            *found.entry(role.to_u32()).or_default() |= by_drop_owned;
        }
    });
    found.into_iter().map(|(role, by_drop_owned)| (role.into(), by_drop_owned)).collect()
}

/// Tells the end of the running command that its start has found the caches sound.
pub fn trust_caches() {
    MEMORY.with_borrow_mut(|memory| memory.caches_trusted = true);
}

/// What [`trust_caches`] told, once: a command nested in another one is told for itself.
pub fn take_trust() -> bool {
    MEMORY.with_borrow_mut(|memory| std::mem::take(&mut memory.caches_trusted))
}

/// Excuses claims, to the end of the transaction: what is wrong with them was so before.
pub fn excuse(claims: HashSet<i64>) {
    MEMORY.with_borrow_mut(|memory| memory.excused.extend(claims));
}

/// Somebody with the rights of its owner has put an object under the name that it has.
pub fn vouch(oid: pg_sys::Oid) {
    MEMORY.with_borrow_mut(|memory| memory.vouched.insert(oid.to_u32()));
}

/// Whether somebody has.
pub fn is_vouched(oid: pg_sys::Oid) -> bool {
    MEMORY.with_borrow(|memory| memory.vouched.contains(&oid.to_u32()))
}

/// The claims that are excused.
pub fn excused() -> HashSet<i64> {
    MEMORY.with_borrow(|memory| memory.excused.clone())
}

/// Keeps what sql_drop saw of `command` until its end.
pub fn add_dropped(command: usize, touched: Touched) {
    let subtransaction = current_subtransaction();
    MEMORY.with_borrow_mut(|memory| memory.dropped.push((command, subtransaction, touched)));
}

/// Takes what sql_drop saw of `command`, and not of one that it is nested in.
pub fn take_dropped(command: usize) -> Touched {
    MEMORY.with_borrow_mut(|memory| {
        let mut all = Touched::default();
        for (_, _, touched) in memory.dropped.extract_if(.., |(of, _, _)| *of == command) {
            all.merge(touched);
        }
        all
    })
}

/// Keeps what commands of an extension's script touched.
pub fn add_in_extension(touched: Touched) {
    MEMORY.with_borrow_mut(|memory| memory.in_extension.merge(touched));
}

/// What commands of extensions' scripts have touched in this transaction. It is kept: to look at it twice costs little,
/// and a nested command must not take it from the one that it is nested in.
pub fn in_extension() -> Touched {
    MEMORY.with_borrow(|memory| memory.in_extension.clone())
}

/// Registers the callbacks; called once, when the library is loaded. `before_commit` may raise.
pub fn register(before_commit: fn()) {
    BEFORE_COMMIT.set(Some(before_commit));
    // SAFETY: both are functions with the C calling convention that live as long as the library.
    unsafe {
        pg_sys::RegisterXactCallback(Some(transaction_event), std::ptr::null_mut());
        pg_sys::RegisterSubXactCallback(Some(subtransaction_event), std::ptr::null_mut());
    }
}

thread_local! {
    static BEFORE_COMMIT: std::cell::Cell<Option<fn()>> = const { std::cell::Cell::new(None) };
}

#[pgrx::pg_guard]
unsafe extern "C-unwind" fn transaction_event(event: pg_sys::XactEvent::Type, _argument: *mut c_void) {
    match event {
        // The last points at which an ERROR is safe.
        pg_sys::XactEvent::XACT_EVENT_PRE_COMMIT | pg_sys::XactEvent::XACT_EVENT_PRE_PREPARE => {
            if event == pg_sys::XactEvent::XACT_EVENT_PRE_PREPARE && sessions::are_ending() {
                Error::sessions_to_end().raise();
            }
            let taken = MEMORY.with_borrow(|memory| !memory.own_taken.is_empty());
            if (has_remembered() || taken || effects::number() > 0)
                && let Some(before_commit) = BEFORE_COMMIT.get()
            {
                before_commit();
            }
        }
        pg_sys::XactEvent::XACT_EVENT_COMMIT
        | pg_sys::XactEvent::XACT_EVENT_ABORT
        | pg_sys::XactEvent::XACT_EVENT_PREPARE => {
            MEMORY.with_borrow_mut(|memory| *memory = Memory::default());
            effects::clear();
        }
        _ => {}
    }
}

#[pgrx::pg_guard]
unsafe extern "C-unwind" fn subtransaction_event(
    event: pg_sys::SubXactEvent::Type,
    own: pg_sys::SubTransactionId,
    parent: pg_sys::SubTransactionId,
    _argument: *mut c_void,
) {
    match event {
        pg_sys::SubXactEvent::SUBXACT_EVENT_ABORT_SUB => {
            effects::subtransaction_aborted(own);
            sessions::subtransaction_aborted(own);
        }
        pg_sys::SubXactEvent::SUBXACT_EVENT_COMMIT_SUB => {
            effects::subtransaction_committed(own, parent);
            sessions::subtransaction_committed(own, parent);
        }
        _ => {}
    }
    match event {
        pg_sys::SubXactEvent::SUBXACT_EVENT_ABORT_SUB => MEMORY.with_borrow_mut(|memory| {
            memory.broken.retain(|(subtransaction, _)| *subtransaction != own);
            memory.again.retain(|(subtransaction, _)| *subtransaction != own);
            memory.own_taken.retain(|(subtransaction, _)| *subtransaction != own);
            memory.caches_trusted = false;
            memory.dropped.retain(|(_, subtransaction, _)| *subtransaction != own);
        }),
        pg_sys::SubXactEvent::SUBXACT_EVENT_COMMIT_SUB => MEMORY.with_borrow_mut(|memory| {
            let broken = memory.broken.iter_mut().map(|(subtransaction, _)| subtransaction);
            let again = memory.again.iter_mut().map(|(subtransaction, _)| subtransaction);
            let own_taken = memory.own_taken.iter_mut().map(|(subtransaction, _)| subtransaction);
            let dropped = memory.dropped.iter_mut().map(|(_, subtransaction, _)| subtransaction);
            broken
                .chain(again)
                .chain(own_taken)
                .chain(dropped)
                .filter(|subtransaction| **subtransaction == own)
                .for_each(|it| *it = parent);
        }),
        _ => {}
    }
}
