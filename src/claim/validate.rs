//! Claims against the catalogs: what each claim has become, and why it is unmet.

use crate::catalog::{Catalog, Column, Relation};
use crate::privilege::Reader;
use crate::rules::{self, Finding, Rule};
use crate::state::{Claim, ClaimedColumn, ClaimedField, ClaimedRelation, Shape, Status};

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
/// Without a `reader` (its role is missing) access and row level security are not judged. With `check_access`
/// a missing privilege is a violation; without, it is a side effect that the caller mends.
pub fn judge(claim: &Claim, catalog: &Catalog, reader: Option<&Reader>, check_access: bool) -> Judgement {
    let judge = Judge { catalog, reader, check_access };
    let mut next = Claim {
        id: claim.id,
        stakeholder: claim.stakeholder.clone(),
        match_number: claim.match_number,
        optional: claim.optional,
        derived: claim.derived,
        alternatives: Vec::with_capacity(claim.alternatives.len()),
        status: claim.status,
    };
    let mut violations = Vec::new();
    let mut absent = true;
    for (number, alternative) in claim.alternatives.iter().enumerate() {
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
    } else if claim.optional && absent {
        next.alternatives.iter_mut().for_each(forget);
        Status::Met
    } else {
        failed(claim.status)
    };
    if next.status == Status::Met {
        violations.clear();
    }
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
        if self.catalog.resting_on_temporary.contains(&relation.oid) {
            found.push((None, None, rules::temporary_dependency::found()));
        }
        let reads_all = self.check_relation_access(claimed, relation, &mut found);
        for (number, field) in next.fields.iter_mut().enumerate() {
            self.field(number, field, relation, reads_all, &mut found);
        }
        if found.is_empty() {
            next.status = Status::Met;
            // Also where the role's own attributes exempt it: that they cease to is no statement's doing.
            let exempt = relation.row_security && self.reader.is_some_and(|reader| reader.bypasses_row_security);
            next.row_security |= restricted || exempt;
            next.security_invoker |= relation.security_invoker;
            if claimed.every_column {
                next.fields = relation.columns.iter().map(taken).collect();
            }
        } else {
            next.status = failed(claimed.status);
            keep_observed(claimed, &mut next);
        }
        (next, found, true)
    }

    /// Records a missing USAGE or table-level SELECT; tells whether every column needs no further check.
    fn check_relation_access(&self, claimed: &ClaimedRelation, relation: &Relation, found: &mut Vec<Found>) -> bool {
        let Some(reader) = self.reader.filter(|_| self.check_access) else { return true };
        if self.catalog.schema(&claimed.schema).is_some_and(|schema| !reader.can_use(schema)) {
            found.push((None, None, rules::access::missing(&format!("USAGE on schema {}", claimed.schema))));
        }
        let all = reader.can_select(relation);
        if claimed.every_column && !all {
            found.push((None, None, rules::access::missing("SELECT")));
        }
        all || claimed.every_column
    }

    fn field(
        &self,
        number: usize,
        field: &mut ClaimedField,
        relation: &Relation,
        reads_all: bool,
        found: &mut Vec<Found>,
    ) {
        let mut findings: Vec<Found> = Vec::new();
        let mut absent = true;
        for (index, claimed) in field.columns.iter_mut().enumerate() {
            let column = relation.column(&claimed.name);
            absent &= column.is_none();
            let wrong = match column {
                None => vec![rules::column_exists::missing(&claimed.display())],
                Some(column) => self.column(claimed, column, reads_all),
            };
            match column {
                Some(column) if wrong.is_empty() => {
                    claimed.observed = Some(Shape::of(column));
                    claimed.status = Status::Met;
                }
                _ => claimed.status = if claimed.observed.is_some() { Status::Unmet } else { Status::Pending },
            }
            let place = Some((number, index));
            findings.extend(wrong.into_iter().map(|finding| (place, Some(claimed.name.clone()), finding)));
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

    fn column(&self, claimed: &ClaimedColumn, column: &Column, reads_all: bool) -> Vec<Finding> {
        let mut wrong = rules::check_shape(claimed, column);
        if wrong.is_empty() && !reads_all && self.reader.is_some_and(|reader| !reader.can_select_column(&column.select))
        {
            wrong.push(rules::access::missing("SELECT"));
        }
        wrong
    }
}

/// A column that `*` takes in.
fn taken(column: &Column) -> ClaimedField {
    ClaimedField {
        optional: false,
        columns: vec![ClaimedColumn {
            name: column.name.clone(),
            declared_type: None,
            min_length: None,
            is_nullable: None,
            observed: Some(Shape::of(column)),
            status: Status::Met,
        }],
        status: Status::Met,
    }
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
            select: Vec::new(),
        }
    }

    pub fn catalog(relations: Vec<Relation>) -> Catalog {
        let mut catalog = Catalog::default();
        catalog.add_schema("public", Schema { oid: 2, owner: 10, usage: Vec::new() });
        for relation in relations {
            catalog.add_relation(Rc::new(relation));
        }
        catalog
    }
}

#[cfg(test)]
mod tests;
