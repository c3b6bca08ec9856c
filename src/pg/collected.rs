//! pg_event_trigger_ddl_commands(), called without SQL: every DDL statement pays for it.

use pgrx::datum::FromDatum;
use pgrx::pg_sys;

/// One collected command.
pub struct Collected {
    /// Class and OID of the object; none for GRANT and REVOKE.
    pub object: Option<(pg_sys::Oid, pg_sys::Oid)>,
    /// The server's own record, which lives until the event trigger's command ends.
    pub command: Option<&'static pg_sys::CollectedCommand>,
    /// The object's identity as the server writes it.
    pub identity: Option<String>,
}

/// Attributes of the function's result.
const CLASSID: i32 = 1;
const OBJID: i32 = 2;
const OBJECT_IDENTITY: i32 = 7;
const COMMAND: i32 = 9;

/// The commands that the running event trigger is for.
pub fn commands() -> Vec<Collected> {
    let mut found = Vec::new();
    // SAFETY: the calling convention of a set-returning function in materialize mode (InitMaterializedSRF in funcapi.c):
    // it reads flinfo for its result type, and of the expression context the memory context alone.
    unsafe {
        let mut function = pg_sys::FmgrInfo::default();
        pg_sys::fmgr_info(pg_sys::F_PG_EVENT_TRIGGER_DDL_COMMANDS.into(), &mut function);
        let mut context = pg_sys::ExprContext { type_: pg_sys::NodeTag::T_ExprContext, ..Default::default() };
        context.ecxt_per_query_memory = pg_sys::CurrentMemoryContext;
        let mut result = pg_sys::ReturnSetInfo {
            type_: pg_sys::NodeTag::T_ReturnSetInfo,
            econtext: &mut context,
            allowedModes: pg_sys::SetFunctionReturnMode::SFRM_Materialize as i32,
            ..Default::default()
        };
        let mut call = pg_sys::FunctionCallInfoBaseData {
            flinfo: &mut function,
            resultinfo: (&raw mut result).cast(),
            ..Default::default()
        };
        pg_sys::pg_event_trigger_ddl_commands(&mut call);
        let slot = pg_sys::MakeSingleTupleTableSlot(result.setDesc, &raw const pg_sys::TTSOpsMinimalTuple);
        while pg_sys::tuplestore_gettupleslot(result.setResult, true, false, slot) {
            found.push(read(slot));
        }
        pg_sys::ExecDropSingleTupleTableSlot(slot);
        pg_sys::tuplestore_end(result.setResult);
    }
    found
}

/// # Safety
/// `slot` holds a row of the function's result.
unsafe fn read(slot: *mut pg_sys::TupleTableSlot) -> Collected {
    let attribute = |number| {
        let mut is_null = false;
        // SAFETY: as promised by the caller.
        let datum = unsafe { pg_sys::slot_getattr(slot, number, &mut is_null) };
        (datum, is_null)
    };
    let oid = |number| {
        let (datum, is_null) = attribute(number);
        // SAFETY: the attribute is an oid.
        unsafe { pg_sys::Oid::from_datum(datum, is_null) }
    };
    let (command, _) = attribute(COMMAND);
    let (identity, no_identity) = attribute(OBJECT_IDENTITY);
    Collected {
        object: oid(CLASSID).zip(oid(OBJID)),
        // SAFETY: a pg_ddl_command is a pointer to the server's record.
        command: unsafe { command.cast_mut_ptr::<pg_sys::CollectedCommand>().as_ref() },
        // SAFETY: the attribute is a text.
        identity: unsafe { String::from_datum(identity, no_identity) },
    }
}
