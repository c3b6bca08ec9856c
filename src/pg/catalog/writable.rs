//! What of INSERT, UPDATE and DELETE views, materialised views and foreign tables take.
//!
//! Not through the server's `relation_is_updatable`: it locks what is below a view, knows no rules on a condition, and asks a
//! foreign data wrapper, whose code is not ours to run. A view's query is read from pg_rewrite, as the server itself does.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::rc::Rc;

use integratedb_claim::catalog::{Relation, RelationKind};
use integratedb_claim::privilege::{Privilege, PrivilegeSet};
use integratedb_claim::writable::{Base, View, Writable};
use pgrx::{PgMemoryContexts, pg_sys};

use super::{Reader, is_on};
use crate::pg::error::{Error, Result};
use crate::pg::spi::{self, bind};

/// Commands by the bit of `pg_trigger.tgtype` and the letter of `pg_rewrite.ev_type` (catalog/pg_trigger.h, nodes/nodes.h).
const COMMANDS: [(u32, &str, Privilege); 3] = [
    (pg_sys::TRIGGER_TYPE_INSERT, "3", Privilege::Insert),
    (pg_sys::TRIGGER_TYPE_UPDATE, "2", Privilege::Update),
    (pg_sys::TRIGGER_TYPE_DELETE, "4", Privilege::Delete),
];
/// The rule that is a view's query.
const SELECT_RULE: &str = "1";

/// Reads it for a relation that is no table, with all views between it and the relation that is written in the end.
///
/// # Errors
/// XX000
pub fn read(reader: &mut Reader, relation: &Rc<Relation>) -> Result<Writable> {
    let mut views: Vec<(Rc<Relation>, View)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = Some(Rc::clone(relation));
    let mut below = None;
    while let Some(relation) = next.take() {
        match relation.kind {
            RelationKind::Table | RelationKind::PartitionedTable => below = Some(Writable::table(&relation)),
            RelationKind::ForeignTable => below = Some(Writable::taking(foreign_table(relation.oid.into())?)),
            // Views can be made to read from each other in a circle.
            _ if !seen.insert(relation.oid) => below = Some(Writable::taking(PrivilegeSet::NONE)),
            _ => {
                let view = view(&relation)?;
                next = view.written().and_then(|base| reader.relation(base.oid.into()));
                views.push((relation, view));
            }
        }
    }
    for (relation, view) in views.into_iter().rev() {
        let columns = relation.columns.iter().map(|column| column.number);
        below = Some(Writable::view(&view, columns, below.as_ref()));
    }
    Ok(below.unwrap_or_else(|| Writable::taking(PrivilegeSet::NONE)))
}

/// A view or materialised view.
fn view(relation: &Relation) -> Result<View> {
    let oid = pg_sys::Oid::from(relation.oid);
    let mut view = View { instead: instead_of_triggers(oid)?, conditional: PrivilegeSet::NONE, base: None };
    let rules = spi::query(
        "SELECT ev_type::text, ev_qual::text <> '<>', CASE WHEN ev_type = '1' THEN ev_action::text END
         FROM pg_catalog.pg_rewrite WHERE ev_class = $1 AND is_instead",
        &[bind(oid)],
        |row| Ok((row.need::<String>(1)?, row.need::<bool>(2)?, row.get::<String>(3))),
    )?;
    let mut conditional = PrivilegeSet::NONE;
    for (event, on_condition, action) in rules {
        match COMMANDS.iter().find(|(_, letter, _)| *letter == event) {
            Some((.., command)) if on_condition => conditional = conditional.with(*command),
            Some((.., command)) => view.instead = view.instead.with(*command),
            None if event == SELECT_RULE && relation.kind == RelationKind::View => {
                view.base = base(&action.unwrap_or_default())?;
            }
            None => {}
        }
    }
    view.conditional = conditional.and_not(view.instead);
    Ok(view)
}

/// The commands that a trigger of this `tgtype` does instead of the server.
pub fn instead_of(bits: i16) -> PrivilegeSet {
    let bits = bits as u32;
    let commands = COMMANDS.iter().filter(|(bit, ..)| bits & pg_sys::TRIGGER_TYPE_INSTEAD != 0 && bits & bit != 0);
    commands.map(|(.., command)| *command).collect()
}

/// The command of a rule by its `ev_type`; none of a view's query.
pub fn command_of_rule(event: char) -> Option<Privilege> {
    COMMANDS.iter().find(|(_, letter, _)| letter.starts_with(event)).map(|(.., command)| *command)
}

fn instead_of_triggers(view: pg_sys::Oid) -> Result<PrivilegeSet> {
    let types = spi::query("SELECT tgtype FROM pg_catalog.pg_trigger WHERE tgrelid = $1", &[bind(view)], |row| {
        row.need::<i16>(1)
    })?;
    Ok(types.into_iter().fold(PrivilegeSet::NONE, |all, bits| all.or(instead_of(bits))))
}

/// The relation below a view, if the server could update the view of itself: `action` is its query, as pg_rewrite holds it.
///
/// # Errors
/// XX000
pub fn base(action: &str) -> Result<Option<Base>> {
    let action = CString::new(action).map_err(|_| Error::internal("NUL in a rule"))?;
    let mut context = PgMemoryContexts::new("integratedb view");
    // SAFETY: pg_rewrite holds what the server's own nodeToString wrote: for a view, a list with one Query. What is
    // palloc'd for it goes with the context.
    Ok(unsafe { context.switch_to(|_| base_of_query(action.as_ptr())) })
}

/// # Safety
/// `action` is `ev_action` of a view's rule.
unsafe fn base_of_query(action: *const std::ffi::c_char) -> Option<Base> {
    // SAFETY: as promised by the caller; a query that can be updated has one relation in FROM, by a RangeTblRef.
    unsafe {
        let actions = pg_sys::stringToNode(action).cast::<pg_sys::List>();
        if actions.is_null() || (*actions).length != 1 {
            return None;
        }
        let query = first(actions).cast::<pg_sys::Query>();
        if !pg_sys::view_query_is_auto_updatable(query, false).is_null() {
            return None;
        }
        let place = (*first((*(*query).jointree).fromlist).cast::<pg_sys::RangeTblRef>()).rtindex;
        let entry = element((*query).rtable, place as usize - 1).cast::<pg_sys::RangeTblEntry>();
        let targets = (*query).targetList;
        let count = if targets.is_null() { 0 } else { (*targets).length as usize };
        let columns = (0..count).filter_map(|index| {
            let target = &*element(targets, index).cast::<pg_sys::TargetEntry>();
            let variable = target.expr.cast::<pg_sys::Var>();
            let is_column = !target.resjunk
                && !variable.is_null()
                && (*target.expr).type_ == pg_sys::NodeTag::T_Var
                && (*variable).varno as i64 == i64::from(place)
                && (*variable).varlevelsup == 0
                && (*variable).varattno > 0;
            is_column.then(|| (target.resno, (*variable).varattno))
        });
        Some(Base { oid: (*entry).relid.to_u32(), columns: columns.collect::<BTreeMap<i16, i16>>() })
    }
}

/// # Safety
/// `list` is a List of pointers that is not empty.
unsafe fn first(list: *mut pg_sys::List) -> *mut std::ffi::c_void {
    // SAFETY: as promised by the caller.
    unsafe { element(list, 0) }
}

/// # Safety
/// `list` is a List of pointers that is longer than `index`.
unsafe fn element(list: *mut pg_sys::List, index: usize) -> *mut std::ffi::c_void {
    // SAFETY: as promised by the caller.
    unsafe { (*(*list).elements.add(index)).ptr_value }
}

/// Of a foreign table: nothing without a handler, or with that of file_fdw, which only reads; of postgres_fdw what its option
/// `updatable` says. To know of others their code would have to be run.
///
/// # Errors
/// XX000
pub fn foreign_table(oid: pg_sys::Oid) -> Result<PrivilegeSet> {
    let found = spi::query(
        "SELECT p.prosrc,
                (SELECT o.option_value FROM pg_catalog.pg_options_to_table(t.ftoptions) o WHERE o.option_name = 'updatable'),
                (SELECT o.option_value FROM pg_catalog.pg_options_to_table(s.srvoptions) o WHERE o.option_name = 'updatable')
         FROM pg_catalog.pg_foreign_table t
         JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver
         JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
         LEFT JOIN pg_catalog.pg_proc p ON p.oid = w.fdwhandler
         WHERE t.ftrelid = $1",
        &[bind(oid)],
        |row| Ok((row.get::<String>(1), row.get::<String>(2).or(row.get::<String>(3)))),
    )?;
    let takes = match found.first().map(|(handler, updatable)| (handler.as_deref(), updatable.as_deref())) {
        None | Some((None | Some("file_fdw_handler"), _)) => false,
        Some((Some("postgres_fdw_handler"), Some(updatable))) => is_on(updatable),
        Some(_) => true,
    };
    Ok(if takes { PrivilegeSet::WRITES } else { PrivilegeSet::NONE })
}
