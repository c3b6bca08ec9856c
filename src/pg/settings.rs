//! The settings, `integratedb.*`.

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};

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
    GucRegistry::define_enum_guc(
        c"integratedb.enforcement",
        c"What happens to DDL that breaks a claim: enforce, warn or off.",
        c"warn does everything but raise; off does nothing, and the next evaluation takes a new baseline.",
        &ENFORCEMENT,
        GucContext::Suset,
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
    unsafe { pgrx::pg_sys::MarkGUCPrefixReserved(c"integratedb".as_ptr()) };
}
