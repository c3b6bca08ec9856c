//! Which privileges a stakeholder needs, and the grants and revokes that lead there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::catalog::{Catalog, Grant, Relation, Schema};
use crate::state::{Claim, ClaimedRelation, ObjectKind, Status};

/// A privilege that a claim can ask for. TRIGGER is never among them: a stakeholder's code would run as whoever writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// To read.
    Select,
    /// To add rows.
    Insert,
    /// To change rows.
    Update,
    /// To remove rows; of a whole relation only.
    Delete,
    /// To make foreign keys to it.
    References,
    /// To look into a schema, to use a sequence or a type.
    Usage,
    /// To call a function.
    Execute,
}

impl Privilege {
    /// Those on relations, in the order of the documents.
    pub const ON_RELATION: [Privilege; 5] =
        [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete, Privilege::References];
    /// All.
    pub const ALL: [Privilege; 7] = [
        Privilege::Select,
        Privilege::Insert,
        Privilege::Update,
        Privilege::Delete,
        Privilege::References,
        Privilege::Usage,
        Privilege::Execute,
    ];

    /// As SQL writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Privilege::Select => "SELECT",
            Privilege::Insert => "INSERT",
            Privilege::Update => "UPDATE",
            Privilege::Delete => "DELETE",
            Privilege::References => "REFERENCES",
            Privilege::Usage => "USAGE",
            Privilege::Execute => "EXECUTE",
        }
    }

    /// As a document writes it, and the server's own GRANT.
    pub fn word(self) -> &'static str {
        match self {
            Privilege::Select => "select",
            Privilege::Insert => "insert",
            Privilege::Update => "update",
            Privilege::Delete => "delete",
            Privilege::References => "references",
            Privilege::Usage => "usage",
            Privilege::Execute => "execute",
        }
    }

    /// From either spelling.
    pub fn from_word(word: &str) -> Option<Privilege> {
        Privilege::ALL.into_iter().find(|privilege| privilege.word() == word || privilege.as_str() == word)
    }

    /// Whether it can be granted on a column.
    pub fn is_of_columns(self) -> bool {
        !matches!(self, Privilege::Delete | Privilege::Usage | Privilege::Execute)
    }
}

/// A set of privileges.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrivilegeSet(u8);

impl PrivilegeSet {
    /// None.
    pub const NONE: PrivilegeSet = PrivilegeSet(0);
    /// SELECT, what a claim needs unless it says otherwise.
    pub const SELECT: PrivilegeSet = PrivilegeSet(1 << Privilege::Select as u8);

    /// To change what a relation holds.
    pub const WRITES: PrivilegeSet =
        PrivilegeSet::NONE.with(Privilege::Insert).with(Privilege::Update).with(Privilege::Delete);

    /// With one more.
    #[must_use]
    pub const fn with(self, privilege: Privilege) -> PrivilegeSet {
        PrivilegeSet(self.0 | 1 << privilege as u8)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, privilege: Privilege) -> PrivilegeSet {
        PrivilegeSet(self.0 & !(1 << privilege as u8))
    }

    /// With those of another.
    #[must_use]
    pub const fn or(self, other: PrivilegeSet) -> PrivilegeSet {
        PrivilegeSet(self.0 | other.0)
    }

    /// Those that both hold.
    #[must_use]
    pub const fn and(self, other: PrivilegeSet) -> PrivilegeSet {
        PrivilegeSet(self.0 & other.0)
    }

    /// Without those of another.
    #[must_use]
    pub const fn and_not(self, other: PrivilegeSet) -> PrivilegeSet {
        PrivilegeSet(self.0 & !other.0)
    }

    /// Whether it holds one.
    pub const fn contains(self, privilege: Privilege) -> bool {
        self.0 & 1 << privilege as u8 != 0
    }

    /// Whether it holds none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that it holds.
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        Privilege::ALL.into_iter().filter(move |privilege| self.contains(*privilege))
    }

    pub(crate) fn select() -> PrivilegeSet {
        PrivilegeSet::SELECT
    }

    pub(crate) fn is_select(&self) -> bool {
        *self == PrivilegeSet::SELECT
    }
}

impl Default for PrivilegeSet {
    fn default() -> Self {
        PrivilegeSet::SELECT
    }
}

impl FromIterator<Privilege> for PrivilegeSet {
    fn from_iter<T: IntoIterator<Item = Privilege>>(privileges: T) -> Self {
        privileges.into_iter().fold(PrivilegeSet::NONE, PrivilegeSet::with)
    }
}

impl fmt::Debug for PrivilegeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for PrivilegeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Privilege::word))
    }
}

impl<'de> Deserialize<'de> for PrivilegeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words: Vec<String> = Deserialize::deserialize(deserializer)?;
        words
            .iter()
            .map(|word| Privilege::from_word(word).ok_or_else(|| serde::de::Error::custom(format!("privilege {word}"))))
            .collect()
    }
}

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
    /// Whether these grants give the role a privilege, by whatever way.
    pub fn is_granted(&self, acl: &[Grant], privilege: Privilege) -> bool {
        acl.iter().any(|grant| {
            grant.privileges.contains(privilege)
                && (grant.grantee == 0 || grant.grantee == self.role || (self.has_privileges_of)(grant.grantee))
        })
    }

    fn owns(&self, owner: u32) -> bool {
        owner == self.role || (self.has_privileges_of)(owner)
    }

    /// Whether the role has a privilege on an object of this owner with these grants, by whatever way.
    pub fn can(&self, privilege: Privilege, owner: u32, acl: &[Grant]) -> bool {
        self.is_granted(acl, privilege) || self.owns(owner)
    }

    /// Whether the role may look into the schema, by whatever way.
    pub fn can_use(&self, schema: &Schema) -> bool {
        self.can(Privilege::Usage, schema.owner, &schema.acl)
    }

    /// Whether row level security hides rows of the relation from the role (`check_enable_rls` in PostgreSQL's rls.c).
    pub fn is_restricted_by_row_security(&self, relation: &Relation) -> bool {
        relation.row_security
            && !self.bypasses_row_security
            && (relation.force_row_security || !self.owns(relation.owner))
    }
}

/// What the owner granted to `role` itself of a privilege, not through PUBLIC, another role or another grantor.
pub fn is_lasting(grant: &Grant, role: u32, owner: u32, privilege: Privilege) -> bool {
    // What another grantor gave can go with that one's own privilege.
    grant.grantee == role && grant.grantor == owner && grant.privileges.contains(privilege)
}

/// One privilege on one relation: on the whole, and on columns by `attnum`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// On the whole.
    pub whole: bool,
    /// On columns.
    pub columns: BTreeSet<i16>,
}

impl Extent {
    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.columns.is_empty()
    }

    /// What of `privilege` the owner granted to `role` itself.
    pub fn granted_to(role: u32, privilege: Privilege, relation: &Relation) -> Extent {
        let mine = |acl: &[Grant]| acl.iter().any(|grant| is_lasting(grant, role, relation.owner, privilege));
        Extent {
            whole: mine(&relation.acl),
            columns: relation.columns.iter().filter(|c| mine(&c.acl)).map(|c| c.number).collect(),
        }
    }
}

/// Privileges on one relation; one that is nothing at all is not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Privileges(BTreeMap<Privilege, Extent>);

impl Privileges {
    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How far one privilege reaches.
    pub fn get(&self, privilege: Privilege) -> Option<&Extent> {
        self.0.get(&privilege)
    }

    /// Each privilege with its extent.
    pub fn iter(&self) -> impl Iterator<Item = (Privilege, &Extent)> {
        self.0.iter().map(|(privilege, extent)| (*privilege, extent))
    }

    /// Sets how far one privilege reaches.
    pub fn set(&mut self, privilege: Privilege, extent: Extent) {
        if extent.is_empty() {
            self.0.remove(&privilege);
        } else {
            self.0.insert(privilege, extent);
        }
    }

    /// Takes away what is not in `other` too.
    pub fn keep_only(&mut self, other: &Privileges) {
        let nothing = Extent::default();
        for (privilege, extent) in &mut self.0 {
            let other = other.0.get(privilege).unwrap_or(&nothing);
            extent.whole &= other.whole;
            extent.columns.retain(|number| other.columns.contains(number));
        }
        self.0.retain(|_, extent| !extent.is_empty());
    }

    /// Takes away what would give back any of `withheld`.
    pub fn withhold(&mut self, withheld: &Privileges) {
        for (privilege, withheld) in withheld.iter() {
            let Some(extent) = self.0.get_mut(&privilege) else { continue };
            extent.whole = false;
            extent.columns.retain(|number| !withheld.whole && !withheld.columns.contains(number));
        }
        self.0.retain(|_, extent| !extent.is_empty());
    }

    /// Adds the whole relation.
    pub fn add_whole(&mut self, privilege: Privilege) {
        self.0.entry(privilege).or_default().whole = true;
    }

    /// Adds a column.
    pub fn add_column(&mut self, privilege: Privilege, number: i16) {
        self.0.entry(privilege).or_default().columns.insert(number);
    }
}

impl FromIterator<(Privilege, Extent)> for Privileges {
    fn from_iter<T: IntoIterator<Item = (Privilege, Extent)>>(all: T) -> Self {
        let mut privileges = Privileges::default();
        all.into_iter().for_each(|(privilege, extent)| privileges.set(privilege, extent));
        privileges
    }
}

/// What the claims need of one relation. All alternatives that are met count; of an unmet one, what is left of it.
///
/// The second value tells whether more may be granted: an unmet claim keeps what it has and gets nothing new.
pub fn needed<'a>(claims: impl IntoIterator<Item = &'a Claim>, relation: &Relation) -> (Privileges, Privileges) {
    let mut granted = Privileges::default();
    let mut kept = Privileges::default();
    for alternative in claims.into_iter().flat_map(|claim| &claim.alternatives) {
        if alternative.schema != relation.schema
            || alternative.relation_name() != Some(&relation.name)
            || alternative.status == Status::Pending
        {
            continue;
        }
        add_needed(&mut kept, alternative, relation);
        if alternative.status == Status::Met {
            add_needed(&mut granted, alternative, relation);
        }
    }
    (granted, kept)
}

/// Adds what an alternative needs of a relation, of its columns those that are met.
pub fn add_needed(target: &mut Privileges, alternative: &ClaimedRelation, relation: &Relation) {
    let on_all = alternative.requirements().privileges;
    if on_all.contains(Privilege::Delete) {
        target.add_whole(Privilege::Delete);
    }
    if alternative.every_column && !alternative.leaves_out() {
        on_all.iter().for_each(|privilege| target.add_whole(privilege));
        return;
    }
    let met = alternative.fields.iter().flat_map(|field| &field.columns).filter(|c| c.status == Status::Met);
    for column in met {
        let Some(found) = relation.column(&column.name) else { continue };
        for privilege in column.privileges.iter().filter(|privilege| privilege.is_of_columns()) {
            target.add_column(privilege, found.number);
        }
    }
}

/// The grants and revokes to make on one relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// To grant.
    pub grant: Privileges,
    /// To revoke; was granted by us.
    pub revoke: Privileges,
    /// Column grants that a table-level REVOKE wipes and that are to be made again, with their grant option.
    pub restore: Vec<(Privilege, i16, bool)>,
    /// The ledger afterwards.
    pub ledger: Privileges,
}

impl Change {
    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.grant.is_empty() && self.revoke.is_empty()
    }

    /// How many relations and columns it changes the access control lists of, one counted again for each privilege.
    pub fn catalog_rows(&self) -> usize {
        let of = |privileges: &Privileges| -> usize {
            privileges.iter().map(|(_, extent)| usize::from(extent.whole) + extent.columns.len()).sum()
        };
        of(&self.grant) + of(&self.revoke) + self.restore.len()
    }

    /// Revokes nothing after all, and takes nothing out of the ledger as it was `before`: what somebody has revoked may be
    /// granted again by hand.
    pub fn revoke_nothing(&mut self, before: &Privileges) {
        self.revoke = Privileges::default();
        self.restore.clear();
        for (privilege, extent) in before.iter() {
            let ledger = self.ledger.0.entry(privilege).or_default();
            ledger.whole |= extent.whole;
            ledger.columns.extend(&extent.columns);
        }
    }
}

/// `granted` is what may be granted, `kept` what must not be revoked, `ledger` what we granted earlier.
pub fn change(granted: &Privileges, kept: &Privileges, ledger: &Privileges, role: u32, relation: &Relation) -> Change {
    if relation.owner == role {
        // An owner's own privileges are no grants: nothing is lacking, and nothing may be taken.
        return Change::default();
    }
    let mut change = Change::default();
    let concerned: BTreeSet<Privilege> = [granted, kept, ledger].iter().flat_map(|all| all.0.keys().copied()).collect();
    let nothing = Extent::default();
    let of = |privileges: &'_ Privileges, privilege| privileges.0.get(&privilege).cloned().unwrap_or_default();
    for privilege in concerned {
        let (granted, kept) = (of(granted, privilege), of(kept, privilege));
        let ledger = ledger.0.get(&privilege).unwrap_or(&nothing);
        change_one(&mut change, privilege, (&granted, &kept, ledger), role, relation);
    }
    change
}

fn change_one(
    change: &mut Change,
    privilege: Privilege,
    (granted, kept, ledger): (&Extent, &Extent, &Extent),
    role: u32,
    relation: &Relation,
) {
    let direct = Extent::granted_to(role, privilege, relation);
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
    if revoke_whole {
        // We revoke as the owner, and so only what the owner granted.
        let wiped = |grant: &&Grant| is_lasting(grant, role, relation.owner, privilege);
        let mine = |acl: &[Grant]| acl.iter().find(wiped).map(|grant| grant.grantable.contains(privilege));
        let others = relation
            .columns
            .iter()
            .filter(|column| !revoke_columns.contains(&column.number))
            .filter_map(|column| Some((privilege, column.number, mine(&column.acl)?)));
        change.restore.extend(others);
    }
    let still_there = |number: &i16| direct.columns.contains(number) && !revoke_columns.contains(number);
    let after = Extent {
        whole: (ledger.whole && direct.whole && !revoke_whole) || grant_whole,
        columns: ledger.columns.iter().copied().filter(still_there).chain(grant_columns.iter().copied()).collect(),
    };
    change.grant.set(privilege, Extent { whole: grant_whole, columns: grant_columns });
    change.revoke.set(privilege, Extent { whole: revoke_whole, columns: revoke_columns });
    change.ledger.set(privilege, after);
}

/// An object that is no relation, on which claims need USAGE or EXECUTE.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededObject {
    /// Function, sequence or type.
    pub kind: &'static str,
    /// Its OID.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// For a function, the types of its arguments.
    pub arguments: String,
}

/// The objects that the claims need. As for [`needed`], the second list holds what must not be revoked.
pub fn needed_objects<'a>(
    claims: impl IntoIterator<Item = &'a Claim>,
    catalog: &Catalog,
) -> (BTreeSet<NeededObject>, BTreeSet<NeededObject>) {
    let (mut granted, mut kept) = (BTreeSet::new(), BTreeSet::new());
    for alternative in claims.into_iter().flat_map(|claim| &claim.alternatives) {
        if alternative.status == Status::Pending {
            continue;
        }
        for object in objects_of(alternative, catalog) {
            if alternative.status == Status::Met {
                granted.insert(object.clone());
            }
            kept.insert(object);
        }
    }
    (granted, kept)
}

fn objects_of(alternative: &ClaimedRelation, catalog: &Catalog) -> Vec<NeededObject> {
    let Some(name) = &alternative.relation else { return Vec::new() };
    let object = |oid, arguments: String| NeededObject {
        kind: alternative.kind.as_str(),
        oid,
        schema: alternative.schema.clone(),
        name: name.clone(),
        arguments,
    };
    match alternative.kind {
        ObjectKind::Relation if alternative.inserts() => {
            let relation = catalog.relation(&alternative.schema, name);
            let constraints = relation.and_then(|relation| catalog.constraints.get(&relation.oid));
            constraints
                .iter()
                .flat_map(|constraints| &constraints.sequences)
                .filter_map(|oid| catalog.sequences.get(oid))
                .map(|sequence| NeededObject {
                    kind: ObjectKind::Sequence.as_str(),
                    oid: sequence.oid,
                    schema: sequence.schema.clone(),
                    name: sequence.name.clone(),
                    arguments: String::new(),
                })
                .collect()
        }
        ObjectKind::Relation => Vec::new(),
        ObjectKind::Sequence => {
            let found = catalog.sequence(&alternative.schema, name);
            found.map(|sequence| object(sequence.oid, String::new())).into_iter().collect()
        }
        ObjectKind::Type => {
            let found = catalog.named_type(&alternative.schema, name);
            found.map(|found| object(found.oid, String::new())).into_iter().collect()
        }
        ObjectKind::Function => {
            let found = crate::rules::function_exists::find(alternative, catalog);
            found.map(|function| object(function.oid, function.identity_arguments.clone())).into_iter().collect()
        }
    }
}

/// The schemas whose USAGE the claims need.
pub fn needed_schemas<'a>(claims: impl IntoIterator<Item = &'a Claim>, catalog: &Catalog) -> BTreeSet<String> {
    claims
        .into_iter()
        .flat_map(|claim| &claim.alternatives)
        .map(|alternative| &alternative.schema)
        .filter(|schema| catalog.schema(schema).is_some())
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::column;
    use crate::validate::fixtures::relation;

    const ROLE: u32 = 7;

    fn select(whole: bool, columns: &[i16]) -> Privileges {
        Privileges::from_iter([(Privilege::Select, Extent { whole, columns: columns.iter().copied().collect() })])
    }

    fn table(whole: bool, granted: &[i16]) -> Relation {
        let mine =
            vec![Grant { grantee: ROLE, grantor: 10, privileges: PrivilegeSet::SELECT, grantable: PrivilegeSet::NONE }];
        let columns = (1..=4)
            .map(|number| {
                let mut column = column(&format!("c{number}"), "text", -1);
                column.number = number;
                if granted.contains(&number) {
                    column.acl = mine.clone();
                }
                column
            })
            .collect();
        let mut relation = relation("public", "t", columns);
        if whole {
            relation.acl = mine;
        }
        relation
    }

    #[test]
    fn only_what_is_missing_is_granted() {
        let need = select(false, &[1, 2]);
        let change = change(&need, &need, &Privileges::default(), ROLE, &table(false, &[2]));
        assert_eq!(change.grant, select(false, &[1]));
        assert_eq!(change.ledger, select(false, &[1]), "what was there before us is not ours");
    }

    #[test]
    fn only_what_we_granted_is_revoked() {
        let change =
            change(&Privileges::default(), &Privileges::default(), &select(false, &[1]), ROLE, &table(false, &[1, 2]));
        assert_eq!(change.revoke, select(false, &[1]));
        assert!(change.ledger.is_empty());
    }

    #[test]
    fn what_is_not_revoked_after_all_stays_in_the_ledger() {
        let (nothing, before) = (Privileges::default(), select(true, &[1, 2]));
        let mut made = change(&nothing, &nothing, &before, ROLE, &table(true, &[1, 3]));
        made.revoke_nothing(&before);
        assert!(made.is_empty() && made.restore.is_empty());
        assert_eq!(made.ledger, before, "c2, which somebody has revoked, too");
    }

    #[test]
    fn what_is_withheld_is_not_granted_on_the_whole_either() {
        let left = |withheld: Privileges| {
            let mut granted = select(true, &[1, 2]);
            granted.withhold(&withheld);
            granted
        };
        assert_eq!(left(select(false, &[1])), select(false, &[2]));
        assert_eq!(left(select(true, &[])), Privileges::default());
        assert_eq!(left(Privileges::default()), select(true, &[1, 2]));
    }

    #[test]
    fn a_table_level_revoke_restores_the_column_grants_of_others() {
        let change =
            change(&Privileges::default(), &Privileges::default(), &select(true, &[]), ROLE, &table(true, &[3]));
        assert_eq!(change.revoke, select(true, &[]));
        assert_eq!(change.restore, vec![(Privilege::Select, 3, false)]);
    }

    #[test]
    fn a_grant_of_another_grantor_is_not_wiped_and_not_restored() {
        let mut table = table(true, &[3]);
        table.columns[2].acl[0].grantor = 11;
        let change = change(&Privileges::default(), &Privileges::default(), &select(true, &[]), ROLE, &table);
        assert_eq!(change.restore, vec![]);
    }

    #[test]
    fn an_owner_is_granted_nothing_and_nothing_is_taken_from_it() {
        let mut table = table(true, &[]);
        table.owner = ROLE;
        assert_eq!(
            change(&select(true, &[]), &select(true, &[]), &Privileges::default(), ROLE, &table),
            Change::default()
        );
        assert_eq!(
            change(&Privileges::default(), &Privileges::default(), &select(true, &[]), ROLE, &table),
            Change::default()
        );
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
