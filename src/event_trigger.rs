//! The three entry points of the event triggers.
//!
//! They run as whoever issues the DDL. What must be resolved under the caller's search path is resolved first; then they
//! act as the extension's owner.

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::flow::baseline;
use crate::flow::evaluate::{self, Phase, evaluate};
use crate::flow::history;
use crate::flow::own;
use crate::pg::ddl::{self, Touched};
use crate::pg::error::{Error, OrRaise, Result};
use crate::pg::security::{self, AsOwner};
use crate::pg::settings::{self, Enforcement};
use crate::pg::{catalog, closure, fence, guard, relations, session, stamp, statement, store, tags, transaction};

/// The call of an event trigger.
struct Call {
    parsetree: *mut pg_sys::Node,
    tag: &'static str,
}

impl Call {
    /// # Safety
    /// `fcinfo` is what the server called us with.
    unsafe fn read(fcinfo: pg_sys::FunctionCallInfo) -> Result<Call> {
        // SAFETY: the context's tag says whether it is an event trigger's.
        unsafe {
            let context = if fcinfo.is_null() { std::ptr::null_mut() } else { (*fcinfo).context };
            if context.is_null() || (*context).type_ != pg_sys::NodeTag::T_EventTriggerData {
                return Err(Error::not_an_event_trigger());
            }
            let data = &*context.cast::<pg_sys::EventTriggerData>();
            Ok(Call { parsetree: data.parsetree, tag: tags::name(data.tag) })
        }
    }

    fn is_of_interest(&self) -> bool {
        let can_rest_on_temporary = session::has_temporary_schema() && tags::can_link(self.tag);
        let is_harmless = tags::is_harmless(self.tag) && !self.makes_view_updatable();
        if (is_harmless && !can_rest_on_temporary) || !relations::is_installed() {
            return false;
        }
        // SAFETY: the server's parse tree.
        !unsafe { statement::is_about_us(self.parsetree) }
    }

    /// Tells this command from those nested in it, in somebody's event trigger: its parse tree lives to its end.
    fn key(&self) -> usize {
        self.parsetree.addr()
    }

    fn is_temporary(&self) -> bool {
        // SAFETY: the server's parse tree, names resolved as the caller would.
        unsafe { statement::is_temporary(self.parsetree) }
    }

    fn renames(&self) -> bool {
        // SAFETY: the server's parse tree.
        unsafe { statement::renames(self.parsetree) }
    }

    fn dropped_indexes(&self) -> Vec<pg_sys::Oid> {
        // SAFETY: the server's parse tree, names resolved as the caller would.
        unsafe { statement::dropped_indexes(self.parsetree) }
    }

    fn makes_view_updatable(&self) -> bool {
        // SAFETY: the server's parse tree.
        unsafe { statement::makes_view_updatable(self.parsetree) }
    }

    fn is_concurrent(&self) -> bool {
        // SAFETY: the server's parse tree.
        unsafe { statement::is_concurrent(self.parsetree) }
    }
}

/// Before a DDL command: shares the fence, and sees to it that the caches are to be trusted.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.on_ddl_command_start() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
fn on_ddl_command_start(fcinfo: pg_sys::FunctionCallInfo) {
    // SAFETY: called by the server with its own call information.
    let call = unsafe { Call::read(fcinfo) }.or_raise();
    guard::fail_closed(|| before(&call));
}

fn before(call: &Call) -> Result<()> {
    // What the start of a command that failed has found out is not for this one.
    transaction::take_trust();
    if !call.is_of_interest() || settings::enforcement() == Enforcement::Off {
        return Ok(());
    }
    let temporary = call.is_temporary();
    if temporary && !baseline::is_needed()? {
        return Ok(());
    }
    fence::share()?;
    place_indexes(call)?;
    if !baseline::is_needed()? {
        transaction::trust_caches();
        return Ok(());
    }
    // A command that commits on the way must find no transaction id assigned: the next one sets the baseline.
    if call.is_concurrent() {
        return Ok(());
    }
    let owner = AsOwner::begin()?;
    // Who owns nothing that is claimed is not to hold up those who do; by names, the end finds all but what was renamed.
    let harmless = !call.renames() && !security::is_superuser(owner.caller());
    if harmless && !store::is_owner_of_claimed(owner.caller())? {
        // What was broken while nobody looked is not this command's doing, should it put something under the name.
        if stamp::read()? == stamp::Stamp::Marked {
            transaction::excuse(baseline::unmet_before()?);
        }
        return Ok(());
    }
    if !stamp::lock(false)? {
        // Another session sets it. Where the OIDs are known the states that are stored will do to judge by, but for what
        // is not met any more: nobody waits for that session.
        if stamp::read()? == stamp::Stamp::Marked {
            transaction::excuse(baseline::unmet_before()?);
            return Ok(());
        }
        // Waits here, before the command has locks of its own that the other session could wait for.
        stamp::lock(true)?;
        session::accept_invalidations();
    }
    if baseline::is_needed()? { baseline::set() } else { Ok(()) }
}

/// Of an index that is gone nobody can say any more on which relation it was. And one that goes CONCURRENTLY cannot be
/// brought back by an ERROR: it is refused here or not at all.
fn place_indexes(call: &Call) -> Result<()> {
    let indexes = call.dropped_indexes();
    if indexes.is_empty() {
        return Ok(());
    }
    let owner = AsOwner::begin()?;
    let mut touched = Touched::default();
    let may_drop = closure::may_drop(owner.caller(), indexes.clone())?;
    touched.add_indexes(indexes)?;
    if call.is_concurrent() {
        // Who may not drop it is told so by the server, and nothing of others' claims.
        if !may_drop {
            return Ok(());
        }
        // The lock that the command will wait for: what is judged before it may be otherwise after it.
        touched
            .placed_indexes
            .iter()
            .filter_map(|index| catalog::table_of_index((*index).into()))
            .for_each(fence::share_definition);
        session::accept_invalidations();
        touched.blame_objects(call.tag, &touched.placed_indexes.clone());
        return evaluate::refuse_without_indexes(&touched);
    }
    transaction::add_dropped(call.key(), touched);
    Ok(())
}

/// After a command that dropped something: remembers what, for the end of the command.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.on_sql_drop() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
fn on_sql_drop(fcinfo: pg_sys::FunctionCallInfo) {
    // SAFETY: called by the server with its own call information.
    let call = unsafe { Call::read(fcinfo) }.or_raise();
    guard::fail_closed(|| {
        if call.is_of_interest() && settings::enforcement() != Enforcement::Off {
            let _owner = AsOwner::begin()?;
            transaction::add_dropped(call.key(), ddl::dropped(call.tag)?);
        }
        Ok(())
    });
}

/// After a DDL command: judges the claims that it touched.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.on_ddl_command_end() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
fn on_ddl_command_end(fcinfo: pg_sys::FunctionCallInfo) {
    // SAFETY: called by the server with its own call information.
    let call = unsafe { Call::read(fcinfo) }.or_raise();
    guard::fail_closed(|| after(&call));
}

fn after(call: &Call) -> Result<()> {
    if !call.is_of_interest() {
        return Ok(());
    }
    if settings::enforcement() == Enforcement::Off {
        return pass(call);
    }
    let trusted = transaction::take_trust();
    let mut touched = ddl::commands(call.tag, call.renames())?;
    touched.merge(transaction::take_dropped(call.key()));
    if call.renames() && !relations::is_empty(c"protection")? {
        // Whether anybody claims it or not: pg_dump carries names.
        let _owner = AsOwner::begin()?;
        store::follow_protections(Some(touched.oids.iter().map(|oid| (*oid).into()).collect()))?;
    }
    if relations::is_creating_extension() {
        // Nothing is granted here: it would count as the extension's initial privileges, which pg_dump leaves out.
        transaction::add_in_extension(touched);
        return Ok(());
    }
    if call.tag.ends_with(" EXTENSION") {
        let mut in_extension = transaction::in_extension();
        in_extension.statements.clear();
        touched.merge(in_extension);
    }
    if session::has_temporary_schema() && !call.is_temporary() {
        touched.add_resting_on_temporary()?;
    }
    if touched.is_empty() {
        return Ok(());
    }
    if !trusted {
        fence::share()?;
    }
    if call.is_concurrent() {
        guard::never_fail(|| irreversible(&touched));
        return Ok(());
    }
    evaluate(&touched, Phase::Statement)
}

/// With `enforcement = off` nothing is looked at: the way past a failure in here. The next command sets a new baseline.
fn pass(call: &Call) -> Result<()> {
    // At its end a DROP no longer tells whether it was of something temporary.
    let temporary = call.is_temporary() && !call.tag.starts_with("DROP ");
    if temporary || stamp::read()? != stamp::Stamp::Valid {
        return Ok(());
    }
    let _owner = AsOwner::begin()?;
    stamp::mark_stale()
}

/// A command that commits on the way could not set the baseline at its start.
fn irreversible(touched: &Touched) -> Result<()> {
    if baseline::is_needed()? {
        let _owner = AsOwner::begin()?;
        return if stamp::lock(false)? { baseline::set() } else { Ok(()) };
    }
    evaluate(touched, Phase::Irreversible)?;
    // Here, and not before COMMIT, where it could still raise.
    let _owner = AsOwner::begin()?;
    history::flush()
}

/// After somebody else than we has written to a table that pg_dump carries: a restore. The caches know nothing of it.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.on_data_loaded() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
fn on_data_loaded(_fcinfo: pg_sys::FunctionCallInfo) {
    if security::is_acting() {
        return;
    }
    guard::fail_closed(|| {
        let _owner = AsOwner::begin()?;
        stamp::forget()
    });
}

/// Before COMMIT and PREPARE TRANSACTION.
pub fn before_commit() {
    if !relations::is_installed() {
        return;
    }
    guard::fail_closed(|| {
        let _snapshot = session::LatestSnapshot::push();
        let _owner = AsOwner::begin()?;
        if transaction::has_remembered() {
            if settings::enforcement() == Enforcement::Off { stamp::mark_stale() } else { evaluate::before_commit() }?;
        }
        own::give_back()?;
        history::flush()
    });
}
