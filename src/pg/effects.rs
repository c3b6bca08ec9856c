//! What DDL of this transaction has done to claims and privileges, until its end: what a subtransaction did goes with it.

use std::cell::RefCell;
use std::ffi::CString;

use pgrx::pg_sys;
use serde_json::Value;

use super::catalog::namespace_oid;

/// One thing to remember.
#[derive(Debug, Clone)]
pub enum Effect {
    /// A statement that had an effect: tag, objects, role.
    Statement(&'static str, Vec<String>, String),
    /// A claim whose state was written.
    Claim(i64),
    /// What was granted or revoked: the stakeholder; privilege, path and column; whether it was a grant.
    Privilege(String, (&'static str, String, Option<String>), bool),
    /// A break that was accepted: the claim, and how it is said.
    Break(i64, Value),
}

thread_local! {
    static EFFECTS: RefCell<Vec<(u32, Effect)>> = const { RefCell::new(Vec::new()) };
}

/// Remembers one.
pub fn add(effect: Effect) {
    // SAFETY: reads the state of the current transaction.
    let subtransaction = unsafe { pg_sys::GetCurrentSubTransactionId() };
    EFFECTS.with_borrow_mut(|effects| effects.push((subtransaction, effect)));
}

/// How many there are.
pub fn number() -> usize {
    EFFECTS.with_borrow(Vec::len)
}

/// All of them, once.
pub fn take() -> Vec<Effect> {
    EFFECTS.take().into_iter().map(|(_, effect)| effect).collect()
}

/// Forgets them at the end of the transaction.
pub fn clear() {
    EFFECTS.with_borrow_mut(Vec::clear);
}

/// A subtransaction has been rolled back.
pub fn subtransaction_aborted(own: u32) {
    EFFECTS.with_borrow_mut(|effects| effects.retain(|(subtransaction, _)| *subtransaction != own));
}

/// A subtransaction has become part of its parent.
pub fn subtransaction_committed(own: u32, parent: u32) {
    EFFECTS.with_borrow_mut(|effects| {
        effects.iter_mut().filter(|(subtransaction, _)| *subtransaction == own).for_each(|(of, _)| *of = parent);
    });
}

/// Whether there is a relation of this name.
pub fn is_relation(schema: &str, relation: &str) -> bool {
    let (Some(namespace), Ok(name)) = (namespace_oid(schema), CString::new(relation)) else { return false };
    // SAFETY: a syscache look-up of a NUL-terminated name.
    unsafe { pg_sys::get_relname_relid(name.as_ptr(), namespace) != pg_sys::InvalidOid }
}
