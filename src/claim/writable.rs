//! What of INSERT, UPDATE and DELETE a relation takes that is no table, as PostgreSQL decides it (`relation_is_updatable`
//! and `rewriteTargetView` in rewriteHandler.c).

use std::collections::BTreeMap;

use crate::catalog::{Filled, Relation};
use crate::privilege::{Privilege, PrivilegeSet};

/// What a relation takes. Of a table nothing is known here: it takes all, and its columns say which of them are computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writable {
    /// Those of INSERT, UPDATE and DELETE that it takes.
    pub commands: PrivilegeSet,
    /// Columns by `attnum` that take no value, and of which command.
    pub refused: BTreeMap<i16, PrivilegeSet>,
    /// The relations to which a view hands on what it does not do itself, from above to below.
    pub onto: Vec<u32>,
}

/// A view, as far as writing through it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// What an INSTEAD OF trigger or an unconditional INSTEAD rule does.
    pub instead: PrivilegeSet,
    /// What an INSTEAD rule does on a condition: the server does not do the rest of it.
    pub conditional: PrivilegeSet,
    /// Where its query is simple enough to hand on the rest: the one relation in FROM.
    pub base: Option<Base>,
}

/// The one relation in a view's FROM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// `pg_class.oid`.
    pub oid: u32,
    /// The columns of the view that are its columns, both by `attnum`.
    pub columns: BTreeMap<i16, i16>,
}

impl View {
    /// The relation that is written through it, if it does not do all itself.
    pub fn written(&self) -> Option<&Base> {
        self.base.as_ref().filter(|_| self.instead != PrivilegeSet::WRITES)
    }
}

impl Writable {
    /// Of a relation that hands nothing on.
    pub fn taking(commands: PrivilegeSet) -> Writable {
        Writable { commands, refused: BTreeMap::new(), onto: Vec::new() }
    }

    /// Of a table, with its computed columns.
    pub fn table(relation: &Relation) -> Writable {
        Writable::computing(relation.columns.iter().map(|column| (column.number, column.filled)))
    }

    /// Of a table with columns of these numbers, that are filled so.
    pub fn computing(columns: impl Iterator<Item = (i16, Filled)>) -> Writable {
        let refused = columns.filter(|(_, filled)| filled.is_computed()).map(|(number, _)| (number, OF_COLUMNS));
        Writable { refused: refused.collect(), ..Writable::taking(PrivilegeSet::WRITES) }
    }

    /// Of a view with columns of these numbers, over a relation that takes `below`; without one nothing is handed on.
    pub fn view(view: &View, columns: impl Iterator<Item = i16>, below: Option<&Writable>) -> Writable {
        let Some((base, below)) = view.written().zip(below) else {
            return Writable::taking(view.instead);
        };
        let mut handed_on = below.commands.and_not(view.conditional);
        let mut refused = BTreeMap::new();
        // Of INSERT and UPDATE, those that some column takes.
        let mut of_columns = PrivilegeSet::NONE;
        for column in columns {
            let by_base = match base.columns.get(&column) {
                Some(number) => below.refused.get(number).copied().unwrap_or(PrivilegeSet::NONE),
                None => OF_COLUMNS,
            };
            of_columns = of_columns.or(OF_COLUMNS.and_not(by_base));
            // A trigger and a rule get every column.
            let by_view = by_base.and_not(view.instead);
            if !by_view.is_empty() {
                refused.insert(column, by_view);
            }
        }
        handed_on = handed_on.and_not(OF_COLUMNS.and_not(of_columns));
        let onto = std::iter::once(base.oid).chain(below.onto.iter().copied()).collect();
        Writable { commands: view.instead.or(handed_on), refused, onto }
    }

    /// The commands of which a column takes no value.
    pub fn refused(&self, number: i16) -> PrivilegeSet {
        self.refused.get(&number).copied().unwrap_or(PrivilegeSet::NONE)
    }
}

/// The commands that give columns a value.
const OF_COLUMNS: PrivilegeSet = PrivilegeSet::NONE.with(Privilege::Insert).with(Privilege::Update);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Filled;
    use crate::rules::fixtures::numbered;

    const INSERT: PrivilegeSet = PrivilegeSet::NONE.with(Privilege::Insert);
    const DELETE: PrivilegeSet = PrivilegeSet::NONE.with(Privilege::Delete);

    /// A view of which column n is column n of relation 7 below it, and column 9 an expression.
    fn simple(columns: &[i16]) -> View {
        let columns = columns.iter().map(|number| (*number, *number)).collect();
        View { base: Some(Base { oid: 7, columns }), instead: PrivilegeSet::NONE, conditional: PrivilegeSet::NONE }
    }

    fn over_table(view: &View) -> Writable {
        Writable::view(view, [1, 2, 9].into_iter(), Some(&Writable::table(&numbered(&["a", "b"]))))
    }

    #[test]
    fn a_simple_view_hands_on_all_but_its_expressions() {
        let found = over_table(&simple(&[1, 2]));
        assert_eq!(found.commands, PrivilegeSet::WRITES);
        assert_eq!((found.refused(1), found.refused(9)), (PrivilegeSet::NONE, OF_COLUMNS));
        assert_eq!(found.onto, [7]);
    }

    #[test]
    fn a_view_of_expressions_alone_can_only_be_deleted_from() {
        assert_eq!(over_table(&simple(&[])).commands, DELETE);
    }

    #[test]
    fn a_query_that_is_not_simple_takes_what_its_triggers_and_rules_do() {
        let mut view = View { base: None, instead: INSERT, conditional: PrivilegeSet::NONE };
        assert_eq!(Writable::view(&view, [1].into_iter(), None), Writable::taking(INSERT));
        view.instead = PrivilegeSet::NONE;
        assert!(Writable::view(&view, [1].into_iter(), None).commands.is_empty());
    }

    #[test]
    fn what_does_all_itself_rests_on_nothing() {
        let found = over_table(&View { instead: PrivilegeSet::WRITES, ..simple(&[1]) });
        assert_eq!(found, Writable::taking(PrivilegeSet::WRITES));
    }

    #[test]
    fn a_trigger_takes_every_column_of_its_command() {
        let found = over_table(&View { instead: INSERT, ..simple(&[1, 2]) });
        assert_eq!(found.commands, PrivilegeSet::WRITES);
        assert_eq!(found.refused(9), OF_COLUMNS.and_not(INSERT));
    }

    #[test]
    fn a_rule_on_a_condition_keeps_the_server_from_handing_on() {
        let found = over_table(&View { conditional: INSERT, ..simple(&[1, 2]) });
        assert_eq!(found.commands, PrivilegeSet::WRITES.and_not(INSERT));
    }

    #[test]
    fn what_is_computed_below_is_refused_above() {
        let mut table = numbered(&["a", "b"]);
        table.columns[1].filled = Filled::IdentityAlways;
        let middle = Writable::view(&simple(&[1, 2]), [1, 2].into_iter(), Some(&Writable::table(&table)));
        let mut above = simple(&[1, 2]);
        above.base.as_mut().unwrap().oid = 8;
        let found = Writable::view(&above, [1, 2].into_iter(), Some(&middle));
        assert_eq!((found.refused(1), found.refused(2)), (PrivilegeSet::NONE, OF_COLUMNS));
        assert_eq!(found.onto, [8, 7]);
        // A view that takes nothing leaves nothing to hand on.
        let nothing = Writable::taking(PrivilegeSet::NONE);
        assert!(Writable::view(&above, [1].into_iter(), Some(&nothing)).commands.is_empty());
    }
}
