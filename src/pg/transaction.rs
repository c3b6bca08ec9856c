//! What a transaction remembers until its end: breaks to be judged again, and what is still to be looked at.

use std::cell::RefCell;
use std::ffi::c_void;

use pgrx::pg_sys;

use super::ddl::{Statement, Touched};

/// A claim that a statement of this transaction broke.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The subtransaction that takes the memory with it when it rolls back.
    pub subtransaction: u32,
    /// The claim.
    pub claim_id: i64,
    /// The statement.
    pub statement: Option<Statement>,
    /// It took a privilege: to be judged, not to be granted again.
    pub revoked: bool,
    /// Where to look again.
    pub touched: Touched,
}

#[derive(Default)]
struct Memory {
    broken: Vec<Remembered>,
    /// From sql_drop to the end of the same command, and the subtransaction of both.
    dropped: Touched,
    dropped_in: u32,
    /// The start of the running command has found the caches sound.
    caches_trusted: bool,
    /// From inside CREATE or ALTER EXTENSION to its end: nothing is granted there.
    in_extension: Touched,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Remembers a break.
pub fn remember(mut broken: Remembered) {
    broken.subtransaction = current_subtransaction();
    MEMORY.with_borrow_mut(|memory| {
        let known = memory.broken.iter_mut().find(|known| {
            known.claim_id == broken.claim_id
                && known.subtransaction == broken.subtransaction
                && known.revoked == broken.revoked
        });
        match known {
            Some(known) => known.touched.merge(broken.touched),
            None => memory.broken.push(broken),
        }
    });
}

fn current_subtransaction() -> u32 {
    // SAFETY: reads the state of the current transaction.
    unsafe { pg_sys::GetCurrentSubTransactionId() }
}

/// All breaks remembered.
pub fn remembered() -> Vec<Remembered> {
    MEMORY.with_borrow(|memory| memory.broken.clone())
}

/// Whether there is any.
pub fn has_remembered() -> bool {
    MEMORY.with_borrow(|memory| !memory.broken.is_empty())
}

/// Tells the end of the running command that its start has found the caches sound.
pub fn trust_caches() {
    MEMORY.with_borrow_mut(|memory| memory.caches_trusted = true);
}

/// What [`trust_caches`] told, once: a command nested in another one is told for itself.
pub fn take_trust() -> bool {
    MEMORY.with_borrow_mut(|memory| std::mem::take(&mut memory.caches_trusted))
}

/// Keeps what sql_drop saw until ddl_command_end.
pub fn add_dropped(touched: Touched) {
    let subtransaction = current_subtransaction();
    MEMORY.with_borrow_mut(|memory| {
        memory.dropped.merge(touched);
        memory.dropped_in = subtransaction;
    });
}

/// Takes what sql_drop saw.
pub fn take_dropped() -> Touched {
    MEMORY.with_borrow_mut(|memory| std::mem::take(&mut memory.dropped))
}

/// Keeps what commands of an extension's script touched.
pub fn add_in_extension(touched: Touched) {
    MEMORY.with_borrow_mut(|memory| memory.in_extension.merge(touched));
}

/// Takes what commands of an extension's script touched.
pub fn take_in_extension() -> Touched {
    MEMORY.with_borrow_mut(|memory| std::mem::take(&mut memory.in_extension))
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
            if has_remembered()
                && let Some(before_commit) = BEFORE_COMMIT.get()
            {
                before_commit();
            }
        }
        pg_sys::XactEvent::XACT_EVENT_COMMIT
        | pg_sys::XactEvent::XACT_EVENT_ABORT
        | pg_sys::XactEvent::XACT_EVENT_PREPARE => MEMORY.with_borrow_mut(|memory| *memory = Memory::default()),
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
        pg_sys::SubXactEvent::SUBXACT_EVENT_ABORT_SUB => MEMORY.with_borrow_mut(|memory| {
            memory.broken.retain(|broken| broken.subtransaction != own);
            if memory.dropped_in == own {
                memory.dropped = Touched::default();
            }
        }),
        pg_sys::SubXactEvent::SUBXACT_EVENT_COMMIT_SUB => MEMORY.with_borrow_mut(|memory| {
            for broken in memory.broken.iter_mut().filter(|broken| broken.subtransaction == own) {
                broken.subtransaction = parent;
            }
            if memory.dropped_in == own {
                memory.dropped_in = parent;
            }
        }),
        _ => {}
    }
}
