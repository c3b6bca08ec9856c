//! Claims against the catalogs: what each claim has become, and why it is unmet.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalog::{Catalog, Column, Constraints, Relation};
use crate::privilege::{Privilege, PrivilegeSet, Reader};
use crate::report;
use crate::rules::{self, Finding, Rule};
use crate::state::{
    Claim, ClaimedColumn, ClaimedField, ClaimedRelation, LeftOut, ObjectKind, Requirements, Shape, Status, Strictness,
};
use crate::writable::Writable;

/// One reason why a claim is unmet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Claim.
    pub claim_id: i64,
    /// Whose claim.
    pub stakeholder: String,
    /// Relation, or `schema.*`.
    pub path: String,
    /// Column, if it is about one.
    pub column: Option<String>,
    /// Rule, expected, actual.
    pub finding: Finding,
    /// Which alternative, and in it which field and which of its columns: where the document says so.
    pub place: (usize, Option<(usize, usize)>),
}

impl Violation {
    /// The rule.
    pub fn rule(&self) -> &'static Rule {
        self.finding.rule
    }

    /// What is wrong with what, on one line.
    pub fn reason(&self) -> String {
        let Finding { rule, expected, actual } = &self.finding;
        let column = self.column.iter().map(|column| format!(" column {column}")).collect::<String>();
        report::one_line(&format!("{}{column}: expected {expected}, found {actual} ({})", self.path, rule.code))
    }
}

/// What a claim has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Its next state, with today's shapes taken where it is met.
    pub next: Claim,
    /// Why it is not met; empty for a claim that is met.
    pub violations: Vec<Violation>,
    /// It was met and no longer is.
    pub broken: bool,
}

/// Judges `claim`, as it was when the transaction began, against the catalogs as they are.
///
/// Without a `reader` (its role is missing) access and row level security are not judged. With `check_access` of an
/// alternative a missing privilege is a violation; without, it is a side effect that the caller mends.
pub fn judge(
    claim: &Claim,
    catalog: &Catalog,
    reader: Option<&Reader>,
    check_access: &dyn Fn(usize) -> bool,
) -> Judgement {
    let mut next = Claim {
        id: claim.id,
        stakeholder: claim.stakeholder.clone(),
        match_number: claim.match_number,
        optional: claim.optional,
        pending: claim.pending,
        derived: claim.derived,
        alternatives: Vec::with_capacity(claim.alternatives.len()),
        status: claim.status,
        reason: None,
    };
    let mut violations = Vec::new();
    let mut absent = true;
    for (number, alternative) in claim.alternatives.iter().enumerate() {
        let judge = Judge { catalog, reader, check_access: check_access(number) };
        let (state, findings, there) = judge.alternative(alternative);
        absent &= !there;
        let path = if findings.is_empty() { String::new() } else { state.path() };
        next.alternatives.push(state);
        violations.extend(findings.into_iter().map(|(place, column, finding)| Violation {
            claim_id: claim.id,
            stakeholder: claim.stakeholder.clone(),
            path: path.clone(),
            column,
            finding,
            place: (number, place),
        }));
    }
    next.status = if next.alternatives.iter().any(|alternative| alternative.status == Status::Met) {
        Status::Met
    } else if claim.optional && absent && !(claim.pending && claim.status == Status::Pending) {
        next.alternatives.iter_mut().for_each(forget);
        Status::Met
    } else {
        failed(claim.status)
    };
    if next.status == Status::Met {
        violations.clear();
    }
    next.reason = violations.first().map(Violation::reason);
    let broken = claim.status == Status::Met && next.status != Status::Met;
    Judgement { next, violations, broken }
}

/// The status of something that is not met now: unmet if it ever was.
fn failed(before: Status) -> Status {
    match before {
        Status::Met | Status::Unmet => Status::Unmet,
        Status::Pending => Status::Pending,
    }
}

/// An optional relation that is gone is as if it had never been.
fn forget(alternative: &mut ClaimedRelation) {
    alternative.status = Status::Pending;
    alternative.row_security = false;
    alternative.security_invoker = false;
    for field in &mut alternative.fields {
        field.status = Status::Pending;
        for column in &mut field.columns {
            column.status = Status::Pending;
            column.observed = None;
        }
    }
    if alternative.every_column {
        alternative.fields.clear();
    }
}

/// Access is left aside: see [`judge`].
pub const WITHOUT_ACCESS: &dyn Fn(usize) -> bool = &|_| false;
/// Access is judged too: see [`judge`].
pub const WITH_ACCESS: &dyn Fn(usize) -> bool = &|_| true;

type Found = (Option<(usize, usize)>, Option<String>, Finding);

struct Judge<'a> {
    catalog: &'a Catalog,
    reader: Option<&'a Reader<'a>>,
    check_access: bool,
}

impl Judge<'_> {
    /// The next state, what is wrong, and whether the relation is there at all.
    fn alternative(&self, claimed: &ClaimedRelation) -> (ClaimedRelation, Vec<Found>, bool) {
        let mut next = claimed.clone();
        let mut found: Vec<Found> = Vec::new();
        if claimed.kind != ObjectKind::Relation {
            return self.object(claimed);
        }
        let Some(name) = &claimed.relation else {
            let there = self.catalog.schema(&claimed.schema).is_some();
            if !there {
                found.push((None, None, rules::schema_exists::missing(&claimed.schema)));
            }
            next.status = if there { Status::Met } else { failed(claimed.status) };
            return (next, found, there);
        };
        let relation = self.catalog.relation(&claimed.schema, name).map(|relation| &**relation);
        if let Some(finding) = rules::relation_exists::check(relation) {
            next.status = failed(claimed.status);
            // No column is readable where no relation is.
            for column in next.fields.iter_mut().flat_map(|field| &mut field.columns) {
                column.status = failed(column.status);
            }
            found.push((None, None, finding));
            return (next, found, relation.is_some());
        }
        let Some(relation) = relation else { return (next, found, false) };

        let restricted = self.reader.is_some_and(|reader| reader.is_restricted_by_row_security(relation));
        if restricted && !claimed.row_security && claimed.status != Status::Pending {
            found.push((None, None, rules::row_security::applies()));
        }
        if relation.security_invoker && !claimed.security_invoker && claimed.status != Status::Pending {
            found.push((None, None, rules::security_invoker::applies()));
        }
        if self.catalog.strangers.contains(&relation.oid) {
            found.push((None, None, rules::relation_exists::stranger()));
        }
        if self.catalog.resting_on_temporary.contains(&relation.oid) {
            found.push((None, None, rules::temporary_dependency::found()));
        }
        let writable = self.catalog.writable.get(&relation.oid).map(|writable| &**writable);
        found.extend(
            writable
                .and_then(|writable| rules::updatable_relation::check(claimed, relation, writable))
                .map(|finding| (None, None, finding)),
        );
        let can = self.check_relation_access(claimed, relation, &mut found);
        let hidden = self.hidden(claimed, relation);
        for (number, field) in next.fields.iter_mut().enumerate() {
            self.field(number, field, (relation, writable, &hidden), can, &mut found);
        }
        self.requirements(claimed, relation, &mut found);
        if found.is_empty() {
            next.status = Status::Met;
            // Also where the role's own attributes exempt it: that they cease to is no statement's doing.
            let exempt = relation.row_security && self.reader.is_some_and(|reader| reader.bypasses_row_security);
            next.row_security |= restricted || exempt;
            next.security_invoker |= relation.security_invoker;
            if claimed.every_column {
                Self::take_columns(claimed, &mut next, (relation, writable), &hidden);
            }
        } else {
            next.status = failed(claimed.status);
            keep_observed(claimed, &mut next);
        }
        (next, found, true)
    }

    /// The columns that the claim does not see, by `attnum`: what is excepted from `*`, and what is protected and was not
    /// its own before. A column that is renamed takes neither off.
    fn hidden(&self, claimed: &ClaimedRelation, relation: &Relation) -> BTreeMap<i16, bool> {
        let requirements = claimed.requirements();
        let protection = self
            .catalog
            .protection(&relation.schema, &relation.name)
            // A new claim by name is told that it needs an acknowledgement, elsewhere.
            .filter(|_| {
                !requirements.acknowledge_protected && (claimed.every_column || claimed.status != Status::Pending)
            });
        let excepts = claimed.every_column && claimed.leaves_out();
        if !excepts && protection.is_none() {
            return BTreeMap::new();
        }
        // An exception follows its column through a rename, as grants do: or the rename would grant what was kept back.
        let followed = |column: &Column| {
            claimed.left_out.iter().filter(|left| left.excepted).any(|left| {
                left.name == column.name || (left.number == column.number && relation.column(&left.name).is_none())
            })
        };
        let excepted = |column: &Column| {
            excepts && (requirements.except.iter().any(|one| *one == column.name) || followed(column))
        };
        let known: HashSet<&str> =
            claimed.fields.iter().flat_map(|field| &field.columns).map(|column| column.name.as_str()).collect();
        // What it could read before it may go on reading; by number, as another column may have taken the name.
        let reads = |column: &Column| {
            self.reader.is_none_or(|reader| {
                reader.can(Privilege::Select, relation.owner, &relation.acl)
                    || reader.is_granted(&column.acl, Privilege::Select)
            })
        };
        let protected = |column: &Column| {
            protection.is_some_and(|protection| protection.whole || protection.columns.contains(column.name.as_str()))
                && !(known.contains(column.name.as_str()) && reads(column))
        };
        let hidden = |column: &Column| match excepted(column) {
            true => Some((column.number, true)),
            false => protected(column).then_some((column.number, false)),
        };
        relation.columns.iter().filter_map(hidden).collect()
    }

    /// The columns that `*` takes in now: every one but those hidden from it.
    fn take_columns(
        claimed: &ClaimedRelation,
        next: &mut ClaimedRelation,
        (relation, writable): (&Relation, Option<&Writable>),
        hidden: &BTreeMap<i16, bool>,
    ) {
        let requirements = claimed.requirements();
        let pinned: HashMap<&str, &ClaimedColumn> = if requirements.strictness == Strictness::Pinned {
            claimed
                .fields
                .iter()
                .flat_map(|field| &field.columns)
                .map(|column| (column.name.as_str(), column))
                .collect()
        } else {
            HashMap::new()
        };
        next.left_out.clear();
        next.fields.clear();
        next.fields.reserve_exact(relation.columns.len());
        for column in &relation.columns {
            match hidden.get(&column.number) {
                Some(excepted) => {
                    next.left_out.push(LeftOut {
                        name: column.name.to_string(),
                        number: column.number,
                        excepted: *excepted,
                    });
                }
                None => {
                    let pinned = pinned.get(column.name.as_str()).and_then(|known| known.observed.clone());
                    next.fields.push(taken(column, requirements, pinned, refused(column, writable)));
                }
            }
        }
    }

    /// Keys, references, indexes and what an INSERT lacks.
    fn requirements(&self, claimed: &ClaimedRelation, relation: &Relation, found: &mut Vec<Found>) {
        if !claimed.rests_on_constraints() {
            return;
        }
        let none = Constraints::default();
        let constraints = self.catalog.constraints.get(&relation.oid).map_or(&none, |constraints| &**constraints);
        let Requirements { keys, references, indexed, .. } = claimed.requirements();
        let mut wrong: Vec<Finding> = Vec::new();
        wrong.extend(keys.iter().filter_map(|key| rules::unique_key::check(key, relation, constraints)));
        wrong.extend(references.iter().filter_map(|one| rules::foreign_key::check(one, constraints)));
        wrong.extend(indexed.iter().filter_map(|columns| rules::index::check(columns, relation, constraints)));
        found.extend(wrong.into_iter().map(|finding| (None, None, finding)));
        if let Some(reader) = self.reader.filter(|_| self.check_access && claimed.inserts()) {
            let sequences = constraints.sequences.iter().filter_map(|oid| self.catalog.sequences.get(oid));
            for sequence in sequences.filter(|one| !reader.can(Privilege::Usage, one.owner, &one.acl)) {
                let what = format!("USAGE on sequence {}.{}", sequence.schema, sequence.name);
                found.push((None, None, rules::access::missing(&what)));
            }
        }
        if claimed.inserts() && !(claimed.every_column && claimed.status == Status::Pending) {
            let inserts = |column: &&ClaimedColumn| column.privileges.contains(Privilege::Insert);
            let columns = claimed.fields.iter().flat_map(|field| &field.columns).filter(inserts);
            let supplied: HashSet<&str> = columns.map(|column| column.name.as_str()).collect();
            let lacking = rules::insert_column::check(&supplied, relation).into_iter();
            found.extend(lacking.map(|(column, finding)| (None, Some(column.to_owned()), finding)));
        }
    }

    /// A function, sequence or type.
    fn object(&self, claimed: &ClaimedRelation) -> (ClaimedRelation, Vec<Found>, bool) {
        let mut wrong: Vec<Finding> = Vec::new();
        let name = claimed.relation.as_deref().unwrap_or_default();
        let there = match claimed.kind {
            ObjectKind::Function => match rules::function_exists::find(claimed, self.catalog) {
                None => {
                    wrong.push(rules::function_exists::missing(claimed, self.catalog));
                    None
                }
                Some(function) => {
                    let wanted = claimed.requirements().function.iter();
                    let checks = [rules::function_result::check, rules::security_definer::check];
                    wrong.extend(wanted.flat_map(|wanted| checks.iter().filter_map(|check| check(wanted, function))));
                    wrong.extend(self.stranger(function.oid));
                    Some((function.owner, &function.acl))
                }
            },
            ObjectKind::Sequence => match self.catalog.sequence(&claimed.schema, name) {
                None => {
                    wrong.push(rules::sequence_exists::missing());
                    None
                }
                Some(sequence) => {
                    wrong.extend(self.stranger(sequence.oid));
                    Some((sequence.owner, &sequence.acl))
                }
            },
            ObjectKind::Type | ObjectKind::Relation => match self.catalog.named_type(&claimed.schema, name) {
                None => {
                    wrong.push(rules::type_exists::missing());
                    None
                }
                Some(found) => {
                    let labels = &claimed.requirements().labels;
                    let finding = rules::enum_label::check_labels(
                        labels,
                        &found.labels,
                        found.kind == 'e' || !found.labels.is_empty(),
                        || claimed.path(),
                    );
                    wrong.extend(finding);
                    Some((found.owner, &found.acl))
                }
            },
        };
        if let (Some((owner, acl)), Some(reader), true) = (there, self.reader, self.check_access) {
            if self.catalog.schema(&claimed.schema).is_some_and(|schema| !reader.can_use(schema)) {
                wrong.push(rules::access::missing(&format!("USAGE on schema {}", claimed.schema)));
            }
            let privilege = claimed.kind.privilege();
            if !reader.can(privilege, owner, acl) {
                wrong.push(rules::access::missing(privilege.as_str()));
            }
        }
        let mut next = claimed.clone();
        next.status = if wrong.is_empty() { Status::Met } else { failed(claimed.status) };
        (next, wrong.into_iter().map(|finding| (None, None, finding)).collect(), there.is_some())
    }

    fn stranger(&self, oid: u32) -> Option<Finding> {
        self.catalog.strangers.contains(&oid).then(rules::relation_exists::stranger)
    }

    /// Records a missing USAGE or table-level privilege; returns what needs no further check on columns.
    fn check_relation_access(
        &self,
        claimed: &ClaimedRelation,
        relation: &Relation,
        found: &mut Vec<Found>,
    ) -> PrivilegeSet {
        let every = Privilege::ON_RELATION.into_iter().collect();
        let Some(reader) = self.reader.filter(|_| self.check_access) else { return every };
        if self.catalog.schema(&claimed.schema).is_some_and(|schema| !reader.can_use(schema)) {
            found.push((None, None, rules::access::missing(&format!("USAGE on schema {}", claimed.schema))));
        }
        let can: PrivilegeSet = Privilege::ON_RELATION
            .into_iter()
            .filter(|privilege| reader.can(*privilege, relation.owner, &relation.acl))
            .collect();
        let on_whole = claimed.every_column && !claimed.leaves_out();
        for privilege in claimed.requirements().privileges.iter() {
            if (on_whole || !privilege.is_of_columns()) && !can.contains(privilege) {
                found.push((None, None, rules::access::missing(privilege.as_str())));
            }
        }
        if on_whole { every } else { can }
    }

    fn field(
        &self,
        number: usize,
        field: &mut ClaimedField,
        (relation, writable, hidden): (&Relation, Option<&Writable>, &BTreeMap<i16, bool>),
        can: PrivilegeSet,
        found: &mut Vec<Found>,
    ) {
        let mut findings: Vec<Found> = Vec::new();
        let mut absent = true;
        for (index, claimed) in field.columns.iter_mut().enumerate() {
            let column = relation.column(&claimed.name).filter(|column| !hidden.contains_key(&column.number));
            absent &= column.is_none();
            let wrong = match column {
                None => vec![rules::column_exists::missing(&claimed.display())],
                Some(column) => self.column(claimed, column, can, refused(column, writable)),
            };
            match column {
                Some(column) if wrong.is_empty() => {
                    observe(claimed, column);
                    claimed.status = Status::Met;
                }
                // Where nothing is observed the status alone tells whether it ever was met.
                _ if claimed.strictness == Strictness::Declared => claimed.status = failed(claimed.status),
                _ => claimed.status = if claimed.observed.is_some() { Status::Unmet } else { Status::Pending },
            }
            let place = Some((number, index));
            findings.extend(wrong.into_iter().map(|finding| (place, Some(claimed.name.to_string()), finding)));
        }
        if field.columns.iter().any(|column| column.status == Status::Met) {
            field.status = Status::Met;
        } else if field.optional && absent {
            field.status = Status::Met;
            for column in &mut field.columns {
                column.observed = None;
                column.status = Status::Pending;
            }
        } else if field.optional && field.status == Status::Pending {
            // Present with the wrong shape since it was claimed: it waits, and stops nobody.
        } else {
            field.status = failed(field.status);
            found.append(&mut findings);
        }
    }

    fn column(
        &self,
        claimed: &ClaimedColumn,
        column: &Column,
        can: PrivilegeSet,
        refused: PrivilegeSet,
    ) -> Vec<Finding> {
        let mut wrong = rules::check_shape(claimed, column, refused);
        if let Some(reader) = self.reader.filter(|_| wrong.is_empty() && self.check_access) {
            let needed = claimed.privileges.iter().filter(|privilege| privilege.is_of_columns());
            let lacking = needed.filter(|one| !can.contains(*one) && !reader.is_granted(&column.acl, *one));
            wrong.extend(lacking.map(|privilege| rules::access::missing(privilege.as_str())));
        }
        wrong
    }
}

/// Takes the shape that a column has now, as far as its claim goes by what it sees.
fn observe(claimed: &mut ClaimedColumn, column: &Column) {
    match claimed.strictness {
        Strictness::Tracked => claimed.observed = Some(Shape::of(column)),
        Strictness::Pinned => {
            claimed.observed.get_or_insert_with(|| Shape::of(column));
        }
        Strictness::Declared => claimed.observed = None,
    }
}

/// What a relation does not take for a column.
fn refused(column: &Column, writable: Option<&Writable>) -> PrivilegeSet {
    writable.map_or(PrivilegeSet::NONE, |writable| writable.refused(column.number))
}

/// A column that `*` takes in.
fn taken(column: &Column, requirements: &Requirements, pinned: Option<Shape>, refused: PrivilegeSet) -> ClaimedField {
    // Nobody can write what takes no value, and who asked for all columns has not asked for that.
    let refused = if column.filled.is_computed() { PrivilegeSet::WRITES } else { refused };
    let privileges = requirements.privileges.without(Privilege::Delete).and_not(refused);
    let mut claimed = ClaimedColumn {
        name: column.name.clone(),
        declared: None,
        strictness: requirements.strictness,
        privileges,
        observed: pinned.filter(|_| requirements.strictness == Strictness::Pinned),
        status: Status::Met,
    };
    observe(&mut claimed, column);
    ClaimedField { optional: false, columns: vec![claimed], status: Status::Met }
}

/// What an unmet claim relied on stays what it relies on; a pending one has relied on nothing yet.
fn keep_observed(before: &ClaimedRelation, next: &mut ClaimedRelation) {
    for (before, next) in before.fields.iter().zip(&mut next.fields) {
        for (before, next) in before.columns.iter().zip(&mut next.columns) {
            next.observed.clone_from(&before.observed);
        }
    }
}

#[cfg(test)]
pub(crate) mod fixtures {
    use std::rc::Rc;

    use crate::catalog::{Catalog, Column, Relation, RelationKind, Schema};

    pub fn relation(schema: &str, name: &str, columns: Vec<Column>) -> Relation {
        Relation {
            oid: 1,
            schema: schema.into(),
            name: name.into(),
            kind: RelationKind::Table,
            owner: 10,
            temporary: false,
            partition: false,
            row_security: false,
            security_invoker: false,
            force_row_security: false,
            columns,
            acl: Vec::new(),
        }
    }

    pub fn catalog(relations: Vec<Relation>) -> Catalog {
        let mut catalog = Catalog::default();
        catalog.add_schema("public", Schema { oid: 2, owner: 10, acl: Vec::new() });
        for relation in relations {
            catalog.add_relation(Rc::new(relation));
        }
        catalog
    }
}

#[cfg(test)]
mod tests;
