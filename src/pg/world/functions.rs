//! Functions.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use integratedb_claim::privilege::Privilege;
use integratedb_claim::simulate::world::Function;
use pgrx::pg_sys;

use super::rows::each;
use crate::pg::catalog::granted_to_public;
use crate::pg::scan::Moment;

/// Reads pg_proc, as far as it is in these schemas.
pub fn read(moment: &Moment, schemas: &BTreeSet<u32>) -> BTreeMap<u32, Rc<Function>> {
    let columns = [
        c"oid",
        c"pronamespace",
        c"proname",
        c"prokind",
        c"proowner",
        c"proargtypes",
        c"pronargdefaults",
        c"provariadic",
        c"prorettype",
        c"proretset",
        c"prosecdef",
        c"proacl",
    ];
    let mut functions = BTreeMap::new();
    each(pg_sys::ProcedureRelationId.to_u32(), columns, moment, |row| {
        let (schema, owner) = (row.oid(1), row.oid(4));
        if !schemas.contains(&schema) {
            return;
        }
        let function = Function {
            schema,
            name: row.name(2),
            kind: row.char(3),
            owner,
            arguments: row.oids(5),
            defaults: row.i16(6).max(0) as usize,
            variadic: row.oid(7) != 0,
            returns: row.oid(8),
            returns_set: row.bool(9),
            security_definer: row.bool(10),
            acl: row.grants(11).unwrap_or_else(|| granted_to_public(owner, Privilege::Execute)),
        };
        functions.insert(row.oid(0), Rc::new(function));
    });
    functions
}
