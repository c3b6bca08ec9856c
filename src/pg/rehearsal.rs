//! Running somebody's script, with that somebody's rights, so that nothing of it stays.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, UnwindSafe};

use pgrx::{PgSqlErrorCode, pg_sys};

use super::error::{Error, Result};
use super::security;
use super::spi::{self, bind};
use super::statement::{self, Control};
use super::subtransaction::{self, Caught, always_rolled_back};
use super::timer::Limit;

thread_local! {
    /// While a script is rehearsed: the claims that its running statement has touched.
    static TOUCHED: RefCell<Option<BTreeSet<i64>>> = const { RefCell::new(None) };
}

/// Whether a script is being rehearsed in this session.
pub fn is_running() -> bool {
    TOUCHED.with_borrow(Option::is_some)
}

/// Notes which claims a statement touches; does nothing but in a rehearsal.
pub fn touches(claims: &[i64]) {
    TOUCHED.with_borrow_mut(|touched| touched.iter_mut().for_each(|touched| touched.extend(claims)));
}

/// The claims touched since this was last asked.
pub fn take_touched() -> BTreeSet<i64> {
    TOUCHED.with_borrow_mut(|touched| touched.as_mut().map(std::mem::take).unwrap_or_default())
}

struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        TOUCHED.set(None);
    }
}

/// Runs `work` in a subtransaction that is rolled back, whatever becomes of it, under the settings of a migration that is
/// held to every claim.
///
/// # Errors
/// 55000 inside another rehearsal, and what `work` fails with.
pub fn rehearse<T>(lock_timeout: i32, work: impl FnOnce() -> Result<T> + UnwindSafe) -> Result<T> {
    if is_running() {
        return Err(Error::rehearsal_in_rehearsal());
    }
    TOUCHED.set(Some(BTreeSet::new()));
    let _running = Running;
    always_rolled_back(AssertUnwindSafe(|| {
        let lock_timeout = CString::new(lock_timeout.to_string()).unwrap_or_default();
        for (name, value) in [
            (c"lock_timeout", lock_timeout.as_c_str()),
            (c"integratedb.enforcement", c"enforce"),
            (c"integratedb.validation", c"deferred"),
        ] {
            // SAFETY: settings that are there, until the end of the subtransaction.
            unsafe {
                pg_sys::set_config_option(
                    name.as_ptr(),
                    value.as_ptr(),
                    pg_sys::GucContext::PGC_SUSET,
                    pg_sys::GucSource::PGC_S_SESSION,
                    pg_sys::GucAction::GUC_ACTION_LOCAL,
                    true,
                    0,
                    false,
                );
            }
        }
        work()
    }))
}

/// What came of one statement.
pub enum Ran {
    /// It ran.
    Done,
    /// It controls transactions, and was not run.
    Control(Control),
    /// The server runs it only by itself, outside a transaction block: its words. It was not run, or is undone.
    Alone(String),
    /// It was not run: why.
    NotRun(&'static str),
    /// It did not: the server's error.
    Failed(Caught),
    /// It took longer than it was given.
    TooLong,
}

/// Runs one statement as the current user, under the current search path. What it did is undone if it fails.
///
/// # Errors
/// XX000 for an SPI failure.
pub fn run(text: &str, timeout: i32) -> Result<Ran> {
    let text = CString::new(text).map_err(|_| Error::internal("NUL in a statement"))?;
    let limit = Limit::begin(timeout);
    let outcome = subtransaction::attempt_unless(
        |code| match code {
            // A cancel that is not ours is the caller's.
            PgSqlErrorCode::ERRCODE_QUERY_CANCELED => !limit.is_exceeded(),
            other => subtransaction::is_interruption(other),
        },
        AssertUnwindSafe(|| execute(&text)),
    );
    let too_long = limit.is_exceeded();
    drop(limit);
    Ok(match outcome {
        Ok(result) => result?,
        Err(caught) if caught.code == PgSqlErrorCode::ERRCODE_QUERY_CANCELED && too_long => Ran::TooLong,
        Err(caught) => match caught.code {
            // PreventInTransactionBlock in the server's xact.c; COMMIT within DO or CALL.
            PgSqlErrorCode::ERRCODE_ACTIVE_SQL_TRANSACTION
            | PgSqlErrorCode::ERRCODE_INVALID_TRANSACTION_TERMINATION => Ran::Alone(caught.message),
            _ => Ran::Failed(caught),
        },
    })
}

fn execute(text: &CString) -> Result<Ran> {
    // SAFETY: the server's own parser, of a NUL-terminated text that lives through the calls; what it makes is freed with the
    // SPI connection, and results are discarded as they come, so that neither a long script nor a large SELECT needs memory.
    unsafe {
        if pg_sys::SPI_connect() != pg_sys::SPI_OK_CONNECT as i32 {
            return Err(Error::internal("SPI_connect"));
        }
        if let Some(ran) = refused(text) {
            pg_sys::SPI_finish();
            return Ok(ran);
        }
        let options = pg_sys::SPIExecuteOptions { dest: pg_sys::None_Receiver, ..Default::default() };
        let code = pg_sys::SPI_execute_extended(text.as_ptr(), &options);
        pg_sys::SPI_finish();
        Ok(match code {
            pg_sys::SPI_ERROR_COPY => Ran::NotRun("COPY from or to the client"),
            code if code < 0 => return Err(Error::internal(format!("SPI_execute_extended: {code}"))),
            _ => Ran::Done,
        })
    }
}

/// What must not be run where all is rolled back afterwards. What else cannot run in a transaction block the server refuses
/// by itself, before it does anything.
///
/// # Safety
/// Within an SPI connection.
unsafe fn refused(text: &CString) -> Option<Ran> {
    // SAFETY: a list of the server's, of statements.
    unsafe {
        let parsed = pg_sys::pg_parse_query(text.as_ptr());
        let count = if parsed.is_null() { 0 } else { (*parsed).length };
        (0..count as usize).find_map(|index| {
            let node = (*(*(*parsed).elements.add(index)).ptr_value.cast::<pg_sys::RawStmt>()).stmt;
            // Before the server refuses a CONCURRENTLY command, it would be judged as if it could run.
            let alone = || Ran::Alone("a CONCURRENTLY command cannot run inside a transaction block".to_owned());
            statement::control(node).map(Ran::Control).or_else(|| statement::is_concurrent(node).then(alone))
        })
    }
}

/// Fires what is deferred, as COMMIT would.
///
/// # Errors
/// XX000 for an SPI failure.
pub fn check_deferred(timeout: i32) -> Result<Ran> {
    run("SET CONSTRAINTS ALL IMMEDIATE", timeout)
}

/// The same, after which all is deferred again as it was.
///
/// # Errors
/// XX000 for an SPI failure.
pub fn check_deferred_for_now(timeout: i32) -> Result<Ran> {
    always_rolled_back(|| check_deferred(timeout))
}

/// A lock that this session holds on a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldLock {
    /// OID of the relation.
    pub relation: u32,
    /// Mode, as `pg_locks` names it.
    pub mode: String,
}

/// The locks on relations that this session holds now.
///
/// # Errors
/// XX000
pub fn locks() -> Result<BTreeSet<HeldLock>> {
    let held = spi::query(
        "SELECT l.relation, l.mode FROM pg_catalog.pg_locks l
         WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
           AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())",
        &[],
        |row| Ok(HeldLock { relation: row.need::<pg_sys::Oid>(1)?.to_u32(), mode: row.need(2)? }),
    )?;
    Ok(held.into_iter().collect())
}

/// A claimed relation, for the report.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Owner's role.
    pub owner: pg_sys::Oid,
    /// Who claims it.
    pub stakeholders: Vec<String>,
}

/// All claimed relations, by OID; or those of some.
///
/// # Errors
/// XX000
pub fn claimed(only: Option<Vec<pg_sys::Oid>>) -> Result<BTreeMap<u32, Claimed>> {
    macro_rules! claimed {
        ($condition:literal) => {
            concat!(
                "SELECT c.oid, n.nspname::text, c.relname::text, c.relowner,
                        pg_catalog.array_agg(DISTINCT m.stakeholder ORDER BY m.stakeholder)
                 FROM integratedb.claimed_relation_cache k
                 JOIN integratedb.claim m USING (claim_id)
                 JOIN pg_catalog.pg_class c ON c.oid = k.relation_oid
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')",
                $condition,
                " GROUP BY c.oid, n.nspname, c.relname, c.relowner"
            )
        };
    }
    let read = |row: &spi::Row| {
        let oid = row.need::<pg_sys::Oid>(1)?.to_u32();
        let claimed =
            Claimed { schema: row.need(2)?, name: row.need(3)?, owner: row.need(4)?, stakeholders: row.need(5)? };
        Ok((oid, claimed))
    };
    let rows = match only {
        Some(only) => spi::query(claimed!(" AND k.relation_oid = ANY ($1)"), &[bind(only)], read),
        None => spi::query(claimed!(""), &[], read),
    }?;
    Ok(rows.into_iter().collect())
}

/// The file of a table or materialised view, and its name: one that is written anew gets another file.
pub type Files = BTreeMap<u32, (u32, String, String)>;

/// The files of all, or of some.
///
/// # Errors
/// XX000
pub fn files(only: Option<Vec<pg_sys::Oid>>) -> Result<Files> {
    macro_rules! files {
        ($condition:literal) => {
            concat!(
                "SELECT c.oid, c.relfilenode, n.nspname::text, c.relname::text
                 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'pg_catalog'",
                $condition
            )
        };
    }
    let read = |row: &spi::Row| {
        let file = row.need::<pg_sys::Oid>(2)?.to_u32();
        Ok((row.need::<pg_sys::Oid>(1)?.to_u32(), (file, row.need(3)?, row.need(4)?)))
    };
    let rows = match only {
        Some(only) => spi::query(files!(" AND c.oid = ANY ($1)"), &[bind(only)], read),
        None => spi::query(files!(""), &[], read),
    }?;
    Ok(rows.into_iter().collect())
}

/// Those of some claims that are about a relation that is here and that the caller owns, administrators about any.
///
/// # Errors
/// XX000
pub fn claims_on_own(ids: Vec<i64>, caller: pg_sys::Oid) -> Result<Vec<i64>> {
    if security::is_admin(caller)? {
        return Ok(ids);
    }
    spi::query(
        "SELECT DISTINCT k.claim_id FROM integratedb.claimed_relation_cache k
         JOIN pg_catalog.pg_class c ON c.oid = k.relation_oid
         WHERE k.claim_id = ANY ($1) AND pg_catalog.pg_has_role($2, c.relowner, 'USAGE') ORDER BY k.claim_id",
        &[bind(ids), bind(caller)],
        |row| row.need(1),
    )
}

/// Whether the session holds something that a rollback does not take away: session advisory locks and prepared statements.
///
/// # Errors
/// XX000
pub fn leftovers() -> Result<(i64, i64)> {
    let rows = spi::query(
        "SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l
                 WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'advisory'),
                (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statement() p)",
        &[],
        |row| Ok((row.need(1)?, row.need(2)?)),
    )?;
    rows.into_iter().next().ok_or_else(|| Error::internal("no row"))
}
