//! The settings, `integratedb.*`.

use std::ffi::CString;

use pgrx::guc::{GucContext, GucEnum, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};
use pgrx::{PgSqlErrorCode, pg_sys};

use super::error::Result;
use super::spi;

/// What happens to DDL that breaks a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
pub enum Enforcement {
    /// The transaction fails.
    #[name = c"enforce"]
    Enforce,
    /// It is a warning.
    #[name = c"warn"]
    Warn,
    /// Nothing is judged or granted; the next evaluation takes a new baseline.
    #[name = c"off"]
    Off,
}

/// When a break is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
pub enum Validation {
    /// Before COMMIT, if the transaction has not mended it by then.
    #[name = c"deferred"]
    Deferred,
    /// At the statement.
    #[name = c"immediate"]
    Immediate,
}

static ENFORCEMENT: GucSetting<Enforcement> = GucSetting::<Enforcement>::new(Enforcement::Enforce);
static VALIDATION: GucSetting<Validation> = GucSetting::<Validation>::new(Validation::Deferred);
static REASON: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static FENCE_TIMEOUT: GucSetting<i32> = GucSetting::<i32>::new(30_000);
static MIN_NOTICE: GucSetting<i32> = GucSetting::<i32>::new(14 * DAY);

/// In minutes.
const DAY: i32 = 24 * 60;

/// `integratedb.enforcement`
pub fn enforcement() -> Enforcement {
    ENFORCEMENT.get()
}

/// `integratedb.validation`
pub fn validation() -> Validation {
    VALIDATION.get()
}

/// `integratedb.reason`; empty for none
pub fn reason() -> String {
    REASON.get().map(|reason| reason.to_string_lossy().trim().to_owned()).unwrap_or_default()
}

/// Whether `integratedb.enforcement` has been set in this session, not for the role, the database or the server.
///
/// # Errors
/// XX000
pub fn is_enforcement_of_session() -> Result<bool> {
    let source = spi::query(
        "SELECT s.source IN ('session', 'client') FROM pg_catalog.pg_settings s WHERE s.name = 'integratedb.enforcement'",
        &[],
        |row| row.need(1),
    )?;
    Ok(source.into_iter().next().unwrap_or(false))
}

/// Only superusers switch enforcement off in their session: it leaves no record, as `warn` does.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn may_set_enforcement(
    value: *mut std::ffi::c_int,
    _extra: *mut *mut std::ffi::c_void,
    source: pg_sys::GucSource::Type,
) -> bool {
    // SAFETY: the server passes a pointer to the new value; in a transaction roles can be looked up.
    unsafe {
        let is_off = *value == Enforcement::Off.to_ordinal();
        if !is_off || source < pg_sys::GucSource::PGC_S_CLIENT || !pg_sys::IsTransactionState() || pg_sys::superuser() {
            return true;
        }
        pg_sys::GUC_check_errcode(PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE as i32);
        pg_sys::GUC_check_errmsg_string =
            pg_sys::pstrdup(c"only superusers can set \"integratedb.enforcement\" to \"off\"".as_ptr());
        pg_sys::GUC_check_errhint_string =
            pg_sys::pstrdup(c"Set it to \"warn\", with integratedb.reason: breaks pass and are recorded.".as_ptr());
        false
    }
}

/// `integratedb.fence_timeout`, in milliseconds
pub fn fence_timeout() -> i32 {
    FENCE_TIMEOUT.get()
}

/// `integratedb.min_notice`, in minutes
pub fn min_notice() -> i32 {
    MIN_NOTICE.get()
}

/// Defines them; called once, when the library is loaded.
pub fn define() {
    // SAFETY: the hook is guarded.
    unsafe {
        GucRegistry::define_enum_guc_with_hooks(
            c"integratedb.enforcement",
            c"What happens to DDL that breaks a claim: enforce, warn or off.",
            c"warn does everything but raise; off does nothing, and the next evaluation takes a new baseline.",
            &ENFORCEMENT,
            GucContext::Suset,
            GucFlags::default(),
            Some(may_set_enforcement),
            None,
            None,
        );
    }
    GucRegistry::define_string_guc(
        c"integratedb.reason",
        c"Why this transaction does what it does, for migration_history.",
        c"A break under enforcement = warn needs one, but for superusers.",
        &REASON,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_enum_guc(
        c"integratedb.validation",
        c"When DDL that breaks a claim fails: deferred (before COMMIT) or immediate (at the statement).",
        c"immediate tells at once, and does not let a later statement of the transaction mend the break.",
        &VALIDATION,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"integratedb.fence_timeout",
        c"How long claim, sync and the like wait for transactions with DDL to end.",
        c"They poll meanwhile: other DDL does not queue behind them.",
        &FENCE_TIMEOUT,
        0,
        i32::MAX,
        GucContext::Userset,
        GucFlags::UNIT_MS,
    );
    GucRegistry::define_int_guc(
        c"integratedb.min_notice",
        c"How long before its drop date a deprecation has to be announced.",
        c"0 lets an owner end claims on the day after the announcement.",
        &MIN_NOTICE,
        0,
        36_500 * DAY,
        GucContext::Suset,
        GucFlags::UNIT_MIN,
    );
    // SAFETY: a NUL-terminated constant; called from _PG_init, as documented for extensions.
    unsafe { pg_sys::MarkGUCPrefixReserved(c"integratedb".as_ptr()) };
}
