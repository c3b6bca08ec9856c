//! Which privileges a stakeholder needs, and the grants and revokes that lead there.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Grant, Relation, Schema};
use crate::state::{Claim, Status};

/// The role that reads claimed data.
pub struct Reader<'a> {
    /// Role OID.
    pub role: u32,
    /// Whether the role has the privileges of another role (`has_privs_of_role`).
    pub has_privileges_of: &'a dyn Fn(u32) -> bool,
    /// BYPASSRLS or superuser.
    pub bypasses_row_security: bool,
}

impl Reader<'_> {
    fn reached_by(&self, grants: &[Grant]) -> bool {
        grants
            .iter()
            .any(|grant| grant.grantee == 0 || grant.grantee == self.role || (self.has_privileges_of)(grant.grantee))
    }

    fn owns(&self, owner: u32) -> bool {
        owner == self.role || (self.has_privileges_of)(owner)
    }

    /// Whether the role may look into the schema, by whatever way.
    pub fn can_use(&self, schema: &Schema) -> bool {
        self.reached_by(&schema.usage) || self.owns(schema.owner)
    }

    /// Whether the role may read every column of the relation, by whatever way.
    pub fn can_select(&self, relation: &Relation) -> bool {
        self.reached_by(&relation.select) || self.owns(relation.owner)
    }

    /// Whether the role may read a column that is granted to these.
    pub fn can_select_column(&self, grants: &[Grant]) -> bool {
        self.reached_by(grants)
    }

    /// Whether row level security hides rows of the relation from the role (`check_enable_rls` in PostgreSQL's rls.c).
    pub fn is_restricted_by_row_security(&self, relation: &Relation) -> bool {
        relation.row_security
            && !self.bypasses_row_security
            && (relation.force_row_security || !self.owns(relation.owner))
    }
}

/// SELECT on one relation: on the whole, and on columns by `attnum`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// Table-level SELECT.
    pub whole: bool,
    /// Column-level SELECT.
    pub columns: BTreeSet<i16>,
}

impl Select {
    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.columns.is_empty()
    }

    /// What the owner granted to `role` itself, not through PUBLIC, another role or another grantor.
    pub fn granted_to(role: u32, relation: &Relation) -> Select {
        // What another grantor gave can go with that one's own privilege.
        let lasting = |grant: &Grant| grant.grantee == role && grant.grantor == relation.owner;
        let mine = |grants: &[Grant]| grants.iter().any(lasting);
        Select {
            whole: mine(&relation.select),
            columns: relation.columns.iter().filter(|c| mine(&c.select)).map(|c| c.number).collect(),
        }
    }
}

/// What the claims need of one relation. All alternatives that are met count; of an unmet one, what is left of it.
///
/// The second value tells whether more may be granted: an unmet claim keeps what it has and gets nothing new.
pub fn needed<'a>(claims: impl IntoIterator<Item = &'a Claim>, relation: &Relation) -> (Select, Select) {
    let mut granted = Select::default();
    let mut kept = Select::default();
    for alternative in claims.into_iter().flat_map(|claim| &claim.alternatives) {
        if alternative.schema != relation.schema
            || alternative.relation.as_ref() != Some(&relation.name)
            || alternative.status == Status::Pending
        {
            continue;
        }
        let mut targets = vec![&mut kept];
        if alternative.status == Status::Met {
            targets.push(&mut granted);
        }
        for target in targets {
            if alternative.every_column {
                target.whole = true;
                continue;
            }
            let met = alternative.fields.iter().flat_map(|field| &field.columns).filter(|c| c.status == Status::Met);
            target.columns.extend(met.filter_map(|c| Some(relation.column(&c.name)?.number)));
        }
    }
    (granted, kept)
}

/// The grants and revokes to make on one relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// To grant.
    pub grant: Select,
    /// To revoke; was granted by us.
    pub revoke: Select,
    /// Column grants that a table-level REVOKE wipes and that are to be made again, with their grant option.
    pub restore: Vec<(i16, bool)>,
    /// The ledger afterwards.
    pub ledger: Select,
}

impl Change {
    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.grant.is_empty() && self.revoke.is_empty()
    }
}

/// `granted` is what may be granted, `kept` what must not be revoked, `ledger` what we granted earlier.
pub fn change(granted: &Select, kept: &Select, ledger: &Select, role: u32, relation: &Relation) -> Change {
    if relation.owner == role {
        // An owner's own privileges are no grants: nothing is lacking, and nothing may be taken.
        return Change::default();
    }
    let direct = Select::granted_to(role, relation);
    let revoke_whole = ledger.whole && !kept.whole && direct.whole;
    let whole_after = direct.whole && !revoke_whole;
    let revoke_columns: BTreeSet<i16> = ledger
        .columns
        .iter()
        .copied()
        .filter(|number| direct.columns.contains(number) && (kept.whole || !kept.columns.contains(number)))
        .collect();
    let grant_whole = granted.whole && !whole_after;
    let grant_columns: BTreeSet<i16> = if granted.whole || whole_after {
        BTreeSet::new()
    } else {
        granted.columns.difference(&direct.columns).copied().collect()
    };
    let restore = if revoke_whole {
        // We revoke as the owner, and so only what the owner granted.
        let wiped = |grant: &&Grant| grant.grantee == role && grant.grantor == relation.owner;
        let mine = |grants: &[Grant]| grants.iter().find(wiped).map(|grant| grant.grantable);
        relation
            .columns
            .iter()
            .filter(|column| !revoke_columns.contains(&column.number))
            .filter_map(|column| Some((column.number, mine(&column.select)?)))
            .collect()
    } else {
        Vec::new()
    };
    let still_there = |number: &i16| direct.columns.contains(number) && !revoke_columns.contains(number);
    let ledger = Select {
        whole: (ledger.whole && direct.whole && !revoke_whole) || grant_whole,
        columns: ledger.columns.iter().copied().filter(still_there).chain(grant_columns.iter().copied()).collect(),
    };
    Change {
        grant: Select { whole: grant_whole, columns: grant_columns },
        revoke: Select { whole: revoke_whole, columns: revoke_columns },
        restore,
        ledger,
    }
}

/// The schemas whose USAGE the claims need.
pub fn needed_schemas<'a>(claims: impl IntoIterator<Item = &'a Claim>, catalog: &Catalog) -> BTreeSet<String> {
    claims
        .into_iter()
        .flat_map(|claim| &claim.alternatives)
        .filter(|alternative| catalog.schema(&alternative.schema).is_some())
        .map(|alternative| alternative.schema.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::column;
    use crate::validate::fixtures::relation;

    const ROLE: u32 = 7;

    fn select(whole: bool, columns: &[i16]) -> Select {
        Select { whole, columns: columns.iter().copied().collect() }
    }

    fn table(whole: bool, granted: &[i16]) -> Relation {
        let mine = vec![Grant { grantee: ROLE, grantor: 10, grantable: false }];
        let columns = (1..=4)
            .map(|number| {
                let mut column = column(&format!("c{number}"), "text", -1);
                column.number = number;
                if granted.contains(&number) {
                    column.select = mine.clone();
                }
                column
            })
            .collect();
        let mut relation = relation("public", "t", columns);
        if whole {
            relation.select = mine;
        }
        relation
    }

    #[test]
    fn only_what_is_missing_is_granted() {
        let need = select(false, &[1, 2]);
        let change = change(&need, &need, &Select::default(), ROLE, &table(false, &[2]));
        assert_eq!(change.grant, select(false, &[1]));
        assert_eq!(change.ledger, select(false, &[1]), "what was there before us is not ours");
    }

    #[test]
    fn only_what_we_granted_is_revoked() {
        let change = change(&Select::default(), &Select::default(), &select(false, &[1]), ROLE, &table(false, &[1, 2]));
        assert_eq!(change.revoke, select(false, &[1]));
        assert!(change.ledger.is_empty());
    }

    #[test]
    fn a_table_level_revoke_restores_the_column_grants_of_others() {
        let change = change(&Select::default(), &Select::default(), &select(true, &[]), ROLE, &table(true, &[3]));
        assert_eq!(change.revoke, select(true, &[]));
        assert_eq!(change.restore, vec![(3, false)]);
    }

    #[test]
    fn a_grant_of_another_grantor_is_not_wiped_and_not_restored() {
        let mut table = table(true, &[3]);
        table.columns[2].select[0].grantor = 11;
        let change = change(&Select::default(), &Select::default(), &select(true, &[]), ROLE, &table);
        assert_eq!(change.restore, vec![]);
    }

    #[test]
    fn an_owner_is_granted_nothing_and_nothing_is_taken_from_it() {
        let mut table = table(true, &[]);
        table.owner = ROLE;
        assert_eq!(change(&select(true, &[]), &select(true, &[]), &Select::default(), ROLE, &table), Change::default());
        assert_eq!(change(&Select::default(), &Select::default(), &select(true, &[]), ROLE, &table), Change::default());
    }

    #[test]
    fn from_every_column_to_named_ones() {
        let need = select(false, &[1]);
        let change = change(&need, &need, &select(true, &[]), ROLE, &table(true, &[]));
        assert_eq!((change.grant, change.revoke), (select(false, &[1]), select(true, &[])));
        assert_eq!(change.ledger, select(false, &[1]));
    }

    #[test]
    fn a_renamed_column_loses_its_grant_by_number() {
        let need = select(false, &[4]);
        let change = change(&need, &need, &select(false, &[1]), ROLE, &table(false, &[1]));
        assert_eq!((change.grant, change.revoke), (select(false, &[4]), select(false, &[1])));
    }
}
