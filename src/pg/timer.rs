//! A time limit of our own for one statement: the server's `statement_timeout` counts from the client's command on, and
//! what a function sets there does not reach the statements that it runs.

use std::cell::Cell;
use std::ffi::{c_int, c_uint};
use std::sync::atomic::{AtomicBool, Ordering};

use pgrx::pg_sys;

// utils/timeout.h, which pgrx does not bind.
unsafe extern "C-unwind" {
    fn RegisterTimeout(id: c_uint, handler: unsafe extern "C-unwind" fn()) -> c_uint;
    fn enable_timeout_after(id: c_uint, delay: c_int);
    fn disable_timeout(id: c_uint, keep_indicator: bool);
}

/// Any number from USER_TIMEOUT on makes the server choose a free one; this is above it in every version.
const ANY_USER_TIMEOUT: c_uint = 15;

static FIRED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static ID: Cell<Option<c_uint>> = const { Cell::new(None) };
}

/// Cancels the running statement after some time, as a client's cancel request would; until dropped.
pub struct Limit(Option<c_uint>);

impl Limit {
    /// Begins to count; 0 milliseconds is no limit.
    pub fn begin(milliseconds: i32) -> Limit {
        FIRED.store(false, Ordering::SeqCst);
        if milliseconds <= 0 {
            return Limit(None);
        }
        // SAFETY: the handler lives as long as the library and does what a signal handler may; registered once in a session.
        unsafe {
            let id = ID.get().unwrap_or_else(|| RegisterTimeout(ANY_USER_TIMEOUT, fire));
            ID.set(Some(id));
            enable_timeout_after(id, milliseconds);
            Limit(Some(id))
        }
    }

    /// Whether the time was up.
    pub fn is_exceeded(&self) -> bool {
        FIRED.load(Ordering::SeqCst)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        let Some(id) = self.0 else { return };
        // SAFETY: the id is registered; the flag is this backend's. A cancel of ours that nothing has heeded yet must not
        // hit what comes after.
        unsafe {
            disable_timeout(id, false);
            if FIRED.load(Ordering::SeqCst) {
                pg_sys::QueryCancelPending = 0;
            }
        }
    }
}

/// As StatementCancelHandler in the server's postgres.c: only flags are set, and a wait is woken.
unsafe extern "C-unwind" fn fire() {
    FIRED.store(true, Ordering::SeqCst);
    // SAFETY: flags that signal handlers set, and a latch that they may set.
    unsafe {
        pg_sys::InterruptPending = 1;
        pg_sys::QueryCancelPending = 1;
        pg_sys::SetLatch(pg_sys::MyLatch);
    }
}
