//! What views and foreign tables take of INSERT, UPDATE and DELETE.

use std::collections::HashMap;

use integratedb_claim::simulate::world::{Relation, Writing};
use pgrx::pg_sys;

use super::rows::each;
use crate::pg::catalog;
use crate::pg::error::Result;
use crate::pg::scan::Moment;

const PG_REWRITE: u32 = 2618;
/// `ev_type` of the rule that is a view's query.
const SELECT_RULE: char = '1';

/// Reads it from pg_rewrite and pg_foreign_table.
///
/// # Errors
/// XX000
pub fn read(moment: &Moment, relations: &mut HashMap<u32, Relation>) -> Result<()> {
    let mut queries = Vec::new();
    each(PG_REWRITE, [c"ev_class", c"ev_type", c"ev_action"], moment, |row| {
        let is_view = relations.get(&row.oid(0)).is_some_and(|relation| relation.kind == 'v');
        if is_view && row.char(1) == SELECT_RULE {
            queries.push((row.oid(0), row.text(2)));
        }
    });
    for (view, query) in queries {
        let base = catalog::base_of_view(&query)?;
        if let Some(view) = relations.get_mut(&view) {
            view.writing = base.map(|base| Writing::Onto { relation: base.oid, columns: base.columns });
        }
        pgrx::check_for_interrupts!();
    }
    for (oid, relation) in relations.iter_mut().filter(|(_, relation)| relation.kind == 'f') {
        relation.writing = Some(Writing::Takes(catalog::foreign_table(pg_sys::Oid::from(*oid))?));
    }
    Ok(())
}
