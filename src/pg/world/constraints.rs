//! Constraints, and the triggers, rules and policies of relations.

use std::collections::{BTreeMap, HashMap};

use integratedb_claim::privilege::PrivilegeSet;
use integratedb_claim::simulate::world::{Attachment, AttachmentKind, Constraint, Relation, Type};
use pgrx::pg_sys;

use super::rows::each;
use crate::pg::catalog;
use crate::pg::scan::Moment;

const PG_CONSTRAINT: u32 = 2606;
const PG_REWRITE: u32 = 2618;
const PG_POLICY: u32 = 3256;

/// Reads pg_constraint, as far as it is of these relations and types.
pub fn read(
    moment: &Moment,
    relations: &HashMap<u32, Relation>,
    types: &BTreeMap<u32, Type>,
) -> BTreeMap<u32, Constraint> {
    let columns = [
        c"oid",
        c"conname",
        c"contype",
        c"conrelid",
        c"contypid",
        c"convalidated",
        c"conkey",
        c"confrelid",
        c"confkey",
        c"conindid",
        c"conparentid",
        c"conislocal",
        c"coninhcount",
        c"connoinherit",
    ];
    let mut constraints = BTreeMap::new();
    each(PG_CONSTRAINT, columns, moment, |row| {
        let (relation, domain) = (row.oid(3), row.oid(4));
        if !relations.contains_key(&relation) && !types.contains_key(&domain) {
            return;
        }
        let constraint = Constraint {
            name: row.name(1),
            kind: row.char(2),
            relation,
            domain,
            validated: row.bool(5),
            columns: row.i16s(6),
            references: row.oid(7),
            referenced: row.i16s(8),
            index: row.oid(9),
            parent: row.oid(10),
            local: row.bool(11),
            // int4 up to PostgreSQL 16, int2 since: either way the low half of the datum.
            inherited: row.i16(12),
            no_inherit: row.bool(13),
            checks_not_null: None,
        };
        constraints.insert(row.oid(0), constraint);
    });
    constraints
}

/// What hangs on relations.
#[derive(Default)]
pub struct Attachments {
    /// Triggers that are not the server's own, rules that are not a view's query, policies.
    pub known: BTreeMap<u32, Attachment>,
    /// The view of each rule that is its query.
    pub queries: HashMap<u32, u32>,
}

/// Reads pg_trigger, pg_rewrite and pg_policy, as far as they are of these relations.
pub fn attachments(moment: &Moment, relations: &HashMap<u32, Relation>) -> Attachments {
    let mut found = Attachments::default();
    let mut add = |oid, kind, name, relation, [instead, conditional]: [PrivilegeSet; 2]| {
        if relations.contains_key(&relation) {
            found.known.insert(oid, Attachment { kind, name, relation, instead, conditional });
        }
    };
    const NOTHING: PrivilegeSet = PrivilegeSet::NONE;
    let triggers = [c"oid", c"tgname", c"tgrelid", c"tgisinternal", c"tgtype"];
    each(pg_sys::TriggerRelationId.to_u32(), triggers, moment, |row| {
        if !row.bool(3) {
            let instead = catalog::instead_of(row.i16(4));
            add(row.oid(0), AttachmentKind::Trigger, row.name(1), row.oid(2), [instead, NOTHING]);
        }
    });
    each(PG_POLICY, [c"oid", c"polname", c"polrelid"], moment, |row| {
        add(row.oid(0), AttachmentKind::Policy, row.name(1), row.oid(2), [NOTHING; 2]);
    });
    let mut queries = HashMap::new();
    let rules = [c"oid", c"rulename", c"ev_class", c"ev_type", c"is_instead", c"ev_qual"];
    each(PG_REWRITE, rules, moment, |row| {
        // A rule on SELECT is the query of a view.
        if row.char(3) != '1' {
            let does = match catalog::command_of_rule(row.char(3)).filter(|_| row.bool(4)) {
                Some(command) if row.text(5) == "<>" => [NOTHING.with(command), NOTHING],
                Some(command) => [NOTHING, NOTHING.with(command)],
                None => [NOTHING; 2],
            };
            add(row.oid(0), AttachmentKind::Rule, row.name(1), row.oid(2), does);
        } else if relations.contains_key(&row.oid(2)) {
            queries.insert(row.oid(0), row.oid(2));
        }
    });
    Attachments { queries, ..found }
}
