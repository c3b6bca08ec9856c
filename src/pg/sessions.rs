//! Sessions of other roles, ended when the transaction that forbids them commits: not before, or they would be back at once,
//! and not if it is rolled back.

use std::cell::RefCell;
use std::ffi::c_void;
use std::time::{Duration, Instant};

use pgrx::pg_sys;

use super::error::Result;
use super::spi::{self, bind};

const SIGTERM: i32 = 15;
const LOOK_AGAIN_US: i64 = 10_000;

unsafe extern "C" {
    fn kill(pid: i32, signal: i32) -> i32;
}

thread_local! {
    /// Roles, each with the subtransaction that takes it with it when it rolls back.
    static ENDING: RefCell<Vec<(u32, pg_sys::Oid)>> = const { RefCell::new(Vec::new()) };
}

/// Registers the callback; called once, when the library is loaded.
pub fn register() {
    // SAFETY: a function with the C calling convention that lives as long as the library.
    unsafe { pg_sys::RegisterResourceReleaseCallback(Some(resources_released), std::ptr::null_mut()) };
}

/// After COMMIT, and after the server has told the others what has changed: whoever logs in from now on is refused, and who
/// has got through before is seen here.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn resources_released(
    phase: pg_sys::ResourceReleasePhase::Type,
    is_commit: bool,
    is_top_level: bool,
    _argument: *mut c_void,
) {
    if phase == pg_sys::ResourceReleasePhase::RESOURCE_RELEASE_AFTER_LOCKS && is_top_level {
        let ending = ENDING.take();
        if is_commit {
            ending.into_iter().for_each(|(_, role)| end_now(role));
        }
    }
}

/// Ends all sessions of a role, in whatever database, when this transaction commits.
pub fn end_at_commit(role: pg_sys::Oid) {
    // SAFETY: reads the state of the current transaction.
    let subtransaction = unsafe { pg_sys::GetCurrentSubTransactionId() };
    ENDING.with_borrow_mut(|ending| ending.push((subtransaction, role)));
}

/// Whether any are to be ended.
pub fn are_ending() -> bool {
    ENDING.with_borrow(|ending| !ending.is_empty())
}

/// A subtransaction has been rolled back.
pub fn subtransaction_aborted(own: u32) {
    ENDING.with_borrow_mut(|ending| ending.retain(|(subtransaction, _)| *subtransaction != own));
}

/// A subtransaction has become part of its parent.
pub fn subtransaction_committed(own: u32, parent: u32) {
    ENDING.with_borrow_mut(|ending| {
        ending.iter_mut().filter(|(subtransaction, _)| *subtransaction == own).for_each(|(of, _)| *of = parent);
    });
}

/// Ends all sessions of a role now.
pub fn end_now(role: pg_sys::Oid) {
    for pid in of_role(role) {
        // SAFETY: a backend, as pg_terminate_backend finds it too: nothing keeps it from ending by itself, but numbers of
        // processes are not used again so soon.
        unsafe { kill(pid, SIGTERM) };
    }
}

/// The processes of a role's sessions, read as the server keeps them in shared memory: this calls nothing that could fail.
fn of_role(role: pg_sys::Oid) -> Vec<i32> {
    let mut found = Vec::new();
    // SAFETY: the array is as long as the server says, and lives as long as the server; what is read may change at any time.
    unsafe {
        let all = pg_sys::ProcGlobal;
        for index in 0..(*all).allProcCount as usize {
            let process = (*all).allProcs.add(index);
            let of = std::ptr::read_volatile(&raw const (*process).roleId);
            let pid = std::ptr::read_volatile(&raw const (*process).pid);
            // The entry of a process that has ended still names it: then it is no backend any more.
            if of == role && pid != 0 && pg_sys::BackendPidGetProc(pid) == process {
                found.push(pid);
            }
        }
    }
    found
}

/// Waits until a role has no session, or for so long; tells how many are left.
pub fn wait_for_end(role: pg_sys::Oid, longest: Duration) -> usize {
    let begin = Instant::now();
    loop {
        let left = of_role(role).len();
        if left == 0 || begin.elapsed() >= longest {
            return left;
        }
        end_now(role);
        // SAFETY: the sleep is short, and interrupts are served.
        unsafe { pg_sys::pg_usleep(LOOK_AGAIN_US) };
        pgrx::check_for_interrupts!();
    }
}

/// How many sessions a role has.
///
/// # Errors
/// XX000
pub fn number(role: pg_sys::Oid) -> Result<i64> {
    let found = spi::query(
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_get_activity(NULL) a WHERE a.usesysid = $1",
        &[bind(role)],
        |row| row.need(1),
    )?;
    Ok(found.into_iter().next().unwrap_or_default())
}
