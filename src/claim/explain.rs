//! Why a permission is denied: the claim that is missing, or what else stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::amend::{Amendment, amended};
use crate::catalog::{Catalog, Column, Relation, RelationKind};
use crate::document::is_system_schema;
use crate::like;
use crate::path::{Path, PathError, display_function, display_relation, parse_function};
use crate::privilege::{Privilege, PrivilegeSet, Reader};
use crate::report::{one_line, shown};
use crate::state::{Claim, ClaimedRelation, ObjectKind, Status};

mod amend;

/// One thing that stands in the way, or that is granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Stable code.
    pub finding: &'static str,
    /// Which privileges it is about; none when it is about all.
    pub privileges: PrivilegeSet,
    /// Which columns it is about; none when it is about the whole.
    pub columns: Vec<String>,
    /// What was found, in one line.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The match to put into the claim document, where that is what to do.
    pub claim: Option<Value>,
}

/// What a permission was denied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Schema.
    pub schema: String,
    /// Relation, sequence, function or type.
    pub name: String,
    /// Only a function has a list of arguments.
    pub is_function: bool,
}

impl Denied {
    /// Reads a path as error messages and documents write it: `schema.name`, of a function with its arguments.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub fn parse(text: &str) -> Result<Denied, PathError> {
        let (path, is_function) = match parse_function(text) {
            Ok((path, _)) => (path, true),
            Err(_) => (Path::parse(text)?, false),
        };
        match path {
            Path::Relation { schema, relation } => Ok(Denied { schema, name: relation, is_function }),
            Path::Wildcard { .. } => Err(PathError {
                message: "permission is denied on one relation, not on a wildcard".into(),
                hint: "write \"schema.relation\", as the error names it".into(),
            }),
        }
    }
}

/// What a permission is judged by.
pub struct Evidence<'a> {
    /// The stakeholder's claims on what was denied, and its wildcards in the schema.
    pub claims: &'a [Claim],
    /// What there is.
    pub catalog: &'a Catalog,
    /// The stakeholder's role, if it is to be trusted.
    pub reader: Option<&'a Reader<'a>>,
    /// The stakeholder's document.
    pub document: &'a Value,
}

const SYNC: &str = "A superuser can call integratedb.sync(), which grants again what is claimed.";
const MEND: &str = "Mend what the reason names, or claim what there is now instead.";
const CLAIM: &str = "Put this match into the document, in place of the one on its path if there is one, and claim it: integratedb.claim(stakeholder, document).";

impl Evidence<'_> {
    /// Everything that stands in the way, and what is granted; `column` narrows it to one column.
    pub fn explain(&self, denied: &Denied, column: Option<&str>) -> Vec<Explanation> {
        let path = display_relation(&denied.schema, &denied.name);
        if is_system_schema(&denied.schema) {
            let message = format!("{path} is in a system schema, on which nobody can have a claim");
            let hint = "What the server or integratedb keeps for itself is granted by a superuser, or not at all.";
            return vec![plain("system-schema", message, hint)];
        }
        if self.catalog.schema(&denied.schema).is_none() {
            let message = format!("schema {} does not exist", shown(&denied.schema));
            let hint = "Names are literal and case-sensitive here; an error message may leave the schema out.";
            let mut found = vec![plain("undefined", message, hint)];
            self.say_waiting(&self.naming(denied, ObjectKind::Relation), &mut found);
            return found;
        }
        let functions = self.catalog.functions(&denied.schema, &denied.name);
        let is_sequence = self.catalog.sequence(&denied.schema, &denied.name).is_some();
        let relation = self.catalog.relation(&denied.schema, &denied.name).map(|relation| &**relation);
        let relation = relation.filter(|relation| relation.kind.is_claimable() && !relation.temporary);
        let mut found = Vec::new();
        match relation {
            Some(relation) if !denied.is_function => self.relation(denied, relation, column, &mut found),
            _ if is_sequence && !denied.is_function => self.object(denied, ObjectKind::Sequence, &mut found),
            _ if !functions.is_empty() => self.object(denied, ObjectKind::Function, &mut found),
            _ if self.catalog.named_type(&denied.schema, &denied.name).is_some() => {
                self.object(denied, ObjectKind::Type, &mut found);
            }
            _ => {
                let message = format!("{} does not exist", shown(&path));
                let hint = "Names are literal and case-sensitive here. Views and functions of others may name what is no more.";
                found.push(plain("undefined", message, hint));
                self.say_waiting(&self.naming(denied, ObjectKind::Relation), &mut found);
            }
        }
        found
    }

    fn naming(&self, denied: &Denied, kind: ObjectKind) -> Vec<(&Claim, &ClaimedRelation)> {
        let alternatives = self.claims.iter().flat_map(|claim| claim.alternatives.iter().map(move |one| (claim, one)));
        let is_it = |(_, one): &(&Claim, &ClaimedRelation)| {
            one.kind == kind && one.schema == denied.schema && one.relation.as_ref() == Some(&denied.name)
        };
        alternatives.filter(is_it).collect()
    }

    /// Claims that are there and not met.
    fn say_waiting(&self, on: &[(&Claim, &ClaimedRelation)], found: &mut Vec<Explanation>) {
        let mut seen = BTreeSet::new();
        for (claim, _) in on.iter().filter(|(_, one)| one.status != Status::Met) {
            if seen.insert(claim.id) {
                found.push(waiting(claim, Vec::new()));
            }
        }
    }

    fn usage(&self, denied: &Denied, on: &[(&Claim, &ClaimedRelation)], found: &mut Vec<Explanation>) {
        let (Some(reader), Some(schema)) = (self.reader, self.catalog.schema(&denied.schema)) else { return };
        if on.is_empty() || reader.can_use(schema) {
            return;
        }
        let message = format!("USAGE on schema {} is lacking, though something in it is claimed", denied.schema);
        found.push(Explanation {
            privileges: PrivilegeSet::NONE.with(Privilege::Usage),
            ..plain("revoked", message, SYNC)
        });
    }

    fn object(&self, denied: &Denied, kind: ObjectKind, found: &mut Vec<Explanation>) {
        let on = self.naming(denied, kind);
        self.usage(denied, &on, found);
        let (schema, name) = (denied.schema.as_str(), denied.name.as_str());
        let path = display_relation(schema, name);
        // Each with its path, what names it in a document, owner, grants, and the claims on it.
        let mut objects = Vec::new();
        match kind {
            ObjectKind::Function => {
                for function in self.catalog.functions(schema, name) {
                    let path = display_function(schema, name, &function.identity_arguments);
                    let is_it = |one: &ClaimedRelation| {
                        one.requirements().function.as_ref().is_some_and(|f| f.arguments == function.argument_types)
                    };
                    let on: Vec<_> = on.iter().copied().filter(|(_, one)| is_it(one)).collect();
                    objects.push((path, function.owner, &function.acl, on));
                }
            }
            ObjectKind::Sequence => {
                objects.extend(self.catalog.sequence(schema, name).map(|found| (path, found.owner, &found.acl, on)));
            }
            _ => objects.extend(self.catalog.named_type(schema, name).map(|one| (path, one.owner, &one.acl, on))),
        }
        let privilege = kind.privilege();
        for (path, owner, acl, on) in objects {
            let can = self.reader.map(|reader| reader.can(privilege, owner, acl));
            let what = format!("{} on {} {}", privilege.as_str(), kind.as_str(), shown(&path));
            let said = if can == Some(true) {
                plain("granted", format!("{what} is granted"), GRANTED)
            } else if on.is_empty() {
                let mut said =
                    plain("not-claimed", format!("{} {} is not claimed", kind.as_str(), shown(&path)), CLAIM);
                said.claim = Some(serde_json::json!({ kind.as_str(): path }));
                said
            } else if on.iter().all(|(_, one)| one.status != Status::Met) {
                self.say_waiting(&on, found);
                continue;
            } else if can.is_some() {
                plain("revoked", format!("{what} is claimed, and not granted any more"), SYNC)
            } else {
                continue;
            };
            found.push(Explanation { privileges: PrivilegeSet::NONE.with(privilege), ..said });
        }
    }

    fn relation(&self, denied: &Denied, relation: &Relation, column: Option<&str>, found: &mut Vec<Explanation>) {
        let on = self.naming(denied, ObjectKind::Relation);
        self.usage(denied, &on, found);
        let path = display_relation(&relation.schema, &relation.name);
        let asked: Vec<&Column> = match column {
            Some(name) => relation.column(name).into_iter().collect(),
            None => relation.columns.iter().collect(),
        };
        if let (Some(name), []) = (column, asked.as_slice()) {
            let message = format!("column {} of {} does not exist", shown(name), shown(&path));
            found.push(Explanation {
                columns: vec![name.to_owned()],
                ..plain("undefined", message, "Names are literal and case-sensitive here.")
            });
            self.say_waiting(&on, found);
            return;
        }
        let mut sorted = Sorted::default();
        for column in &asked {
            self.sort(relation, column, &on, &mut sorted);
        }
        if column.is_none() {
            self.sort_delete(relation, &on, &asked, &mut sorted);
        }
        if asked.is_empty() && on.is_empty() {
            sorted.is_unclaimed = true;
        }
        let whole = |columns: &[&str]| column.is_none() && columns.len() == asked.len();
        let said = Said { path: shown(&path), denied, whole: &whole };
        self.say_unclaimed(relation, &sorted, &said, found);
        for (claim, columns) in sorted.waiting.values() {
            found.push(waiting(claim, said.columns(columns)));
        }
        // What is left of a claim that is not met may be granted all the same.
        let mut seen: BTreeSet<i64> = sorted.waiting.keys().copied().collect();
        for (claim, _) in on.iter().filter(|(claim, one)| claim.status != Status::Met && one.status != Status::Met) {
            if seen.insert(claim.id) {
                found.push(waiting(claim, Vec::new()));
            }
        }
        for (privileges, columns) in by_columns(&sorted.lacking) {
            let columns_or_all: &[&str] = if whole(&columns) { &["*"] } else { &columns };
            let amendment = Amendment { columns: columns_or_all, privileges, ..Amendment::default() };
            found.push(Explanation {
                claim: Some(amended(self.document, denied, &amendment)),
                ..said.about(
                    "privilege-not-claimed",
                    privileges,
                    &columns,
                    "not claimed",
                    "Put this match into the document, without the privileges that the application does not need.",
                )
            });
        }
        for (privileges, columns) in by_columns(&sorted.revoked) {
            found.push(said.about("revoked", privileges, &columns, "claimed, and not granted any more", SYNC));
        }
        if self.reader.is_some_and(|reader| reader.is_restricted_by_row_security(relation)) {
            let message = format!("row level security applies on {}", shown(&path));
            let hint = "It hides rows, and refuses new ones, by the policies of its owner: no claim changes that.";
            found.push(plain("row-security", message, hint));
        }
        for (privileges, columns) in by_columns(&sorted.granted) {
            let hint = match relation.kind {
                RelationKind::View if relation.security_invoker => VIEW_OF_INVOKER,
                RelationKind::View => VIEW,
                _ => GRANTED,
            };
            found.push(said.about("granted", privileges, &columns, "granted", hint));
        }
    }

    /// What nothing claims: because nobody asked, or because it is kept from `*`.
    fn say_unclaimed(&self, relation: &Relation, sorted: &Sorted, said: &Said, found: &mut Vec<Explanation>) {
        let claim = |columns: &[&str], acknowledges: bool| {
            let columns: Vec<&str> = if (said.whole)(columns) && !acknowledges { vec!["*"] } else { columns.to_vec() };
            amended(self.document, said.denied, &Amendment { columns: &columns, acknowledges, ..Amendment::default() })
        };
        if !sorted.not_claimed.is_empty() || sorted.is_unclaimed {
            let mut one = said.about("not-claimed", PrivilegeSet::NONE, &sorted.not_claimed, "not claimed", CLAIM);
            one.claim = Some(claim(&sorted.not_claimed, false));
            found.push(one);
        }
        if !sorted.excepted.is_empty() {
            let columns = &sorted.excepted;
            let what = format!("left out of the claim by {}", self.left_out_by(relation));
            let mut one = said.about("excepted", PrivilegeSet::NONE, columns, &what, CLAIM);
            one.claim = Some(claim(columns, false));
            found.push(one);
        }
        if !sorted.protected.is_empty() {
            let (what, columns) = ("protected, so that no wildcard takes it", &sorted.protected);
            let hint = "If the stakeholder is to have it, claim it by name with this match, which says that it is known to be protected.";
            let mut one = said.about("protected", PrivilegeSet::NONE, columns, what, hint);
            one.claim = Some(claim(columns, true));
            found.push(one);
        }
    }

    fn sort<'c>(
        &'c self,
        relation: &Relation,
        column: &'c Column,
        on: &[(&'c Claim, &ClaimedRelation)],
        into: &mut Sorted<'c>,
    ) {
        let mut claimed = PrivilegeSet::NONE;
        let mut waits = Vec::new();
        let mut left_out = None;
        for (claim, one) in on {
            left_out = left_out.or(one.left_out.iter().find(|left| left.number == column.number));
            let named = one.fields.iter().flat_map(|field| &field.columns).find(|named| named.name == column.name);
            match named {
                Some(named) if named.status == Status::Met && one.status == Status::Met => {
                    claimed = claimed.or(named.privileges);
                }
                Some(_) => waits.push(*claim),
                None if one.every_column && one.status != Status::Met => waits.push(*claim),
                None => {}
            }
        }
        let name = column.name.as_str();
        let mut is_open = false;
        for privilege in self.possible(relation, Some(column)) {
            let can = self.reader.map(|reader| {
                reader.can(privilege, relation.owner, &relation.acl) || reader.is_granted(&column.acl, privilege)
            });
            match can {
                Some(true) => into.granted.entry(privilege).or_default().push(name),
                Some(false) if claimed.contains(privilege) => into.revoked.entry(privilege).or_default().push(name),
                None if claimed.contains(privilege) => {}
                _ if !claimed.is_empty() => into.lacking.entry(privilege).or_default().push(name),
                _ => is_open |= privilege == Privilege::Select,
            }
        }
        if !is_open {
            return;
        }
        let protection = self.catalog.protection(&relation.schema, &relation.name);
        let is_protected = protection.is_some_and(|one| one.whole || one.columns.contains(name));
        if !waits.is_empty() {
            for claim in waits {
                into.waiting.entry(claim.id).or_insert((claim, Vec::new())).1.push(name);
            }
        } else if is_protected && !left_out.is_some_and(|left| left.excepted) {
            into.protected.push(name);
        } else if left_out.is_some() || (on.is_empty() && self.wildcards(relation).next().is_some()) {
            into.excepted.push(name);
        } else {
            into.not_claimed.push(name);
        }
    }

    fn sort_delete<'c>(
        &self,
        relation: &Relation,
        on: &[(&Claim, &ClaimedRelation)],
        asked: &[&'c Column],
        into: &mut Sorted<'c>,
    ) {
        if !self.possible(relation, None).contains(&Privilege::Delete) {
            return;
        }
        let met: Vec<_> = on.iter().filter(|(_, one)| one.status == Status::Met).collect();
        let is_claimed = met.iter().any(|(_, one)| one.requirements().privileges.contains(Privilege::Delete));
        let can = self.reader.map(|reader| reader.can(Privilege::Delete, relation.owner, &relation.acl));
        let list = match can {
            Some(true) => &mut into.granted,
            Some(false) if is_claimed => &mut into.revoked,
            None if is_claimed => return,
            _ if met.is_empty() => return,
            _ => &mut into.lacking,
        };
        list.insert(Privilege::Delete, asked.iter().map(|column| column.name.as_str()).collect());
    }

    /// What can be granted and done on a relation, or on a column of it.
    fn possible(&self, relation: &Relation, column: Option<&Column>) -> Vec<Privilege> {
        let writable = self.catalog.writable.get(&relation.oid);
        let taken = writable.map_or(PrivilegeSet::WRITES, |writable| writable.commands);
        let is_table = matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable);
        let is_possible = |privilege: &Privilege| match privilege {
            Privilege::Select => column.is_some(),
            Privilege::References => column.is_some() && is_table,
            Privilege::Delete => column.is_none() && taken.contains(Privilege::Delete),
            _ => column.is_some_and(|column| {
                let refused = writable.map_or(PrivilegeSet::NONE, |writable| writable.refused(column.number));
                taken.contains(*privilege) && !refused.contains(*privilege) && !column.filled.is_computed()
            }),
        };
        Privilege::ON_RELATION.into_iter().filter(is_possible).collect()
    }

    fn wildcards<'c>(&'c self, relation: &'c Relation) -> impl Iterator<Item = &'c ClaimedRelation> {
        let alternatives = self.claims.iter().flat_map(|claim| &claim.alternatives);
        alternatives.filter(|one| one.is_wildcard() && one.schema == relation.schema)
    }

    /// What keeps a relation or column from `*`.
    fn left_out_by(&self, relation: &Relation) -> &'static str {
        let mut patterns = self.wildcards(relation).flat_map(|one| &one.requirements().except);
        if relation.partition {
            "its wildcard, as a partition: its root stands for it"
        } else if self.catalog.extension_members.contains(&relation.oid) {
            "its wildcard, as a member of an extension"
        } else if patterns.any(|pattern| like::matches(pattern, &relation.name)) {
            "a pattern in \"except\""
        } else {
            "\"except\""
        }
    }
}

const GRANTED: &str = "If it is denied all the same, the session acts as another role, or finds another object of this name: see SELECT current_user and SHOW search_path.";
const VIEW: &str = "If it is denied all the same: a view reads what is below it with the privileges of its owner, which may lack them.";
const VIEW_OF_INVOKER: &str =
    "The view is security_invoker: what is below it is read with the stakeholder's own privileges, so claim that too.";

/// Columns by what stands in the way.
#[derive(Default)]
struct Sorted<'a> {
    is_unclaimed: bool,
    not_claimed: Vec<&'a str>,
    excepted: Vec<&'a str>,
    protected: Vec<&'a str>,
    waiting: BTreeMap<i64, (&'a Claim, Vec<&'a str>)>,
    lacking: BTreeMap<Privilege, Vec<&'a str>>,
    revoked: BTreeMap<Privilege, Vec<&'a str>>,
    granted: BTreeMap<Privilege, Vec<&'a str>>,
}

/// So many columns a message names; all are in a list beside it.
const SPELT_OUT: usize = 5;

/// How to say what is about columns of one relation.
struct Said<'a> {
    path: String,
    denied: &'a Denied,
    whole: &'a dyn Fn(&[&str]) -> bool,
}

impl Said<'_> {
    fn columns(&self, columns: &[&str]) -> Vec<String> {
        if (self.whole)(columns) { Vec::new() } else { columns.iter().map(|&name| name.to_owned()).collect() }
    }

    fn about(
        &self,
        finding: &'static str,
        privileges: PrivilegeSet,
        columns: &[&str],
        what: &str,
        hint: &str,
    ) -> Explanation {
        let named = self.columns(columns);
        let names: Vec<&str> = privileges.iter().map(Privilege::as_str).collect();
        let names = if names.is_empty() { String::new() } else { format!("{} on ", names.join(", ")) };
        let path = &self.path;
        let message = match named.as_slice() {
            [] => format!("{names}{path}: {what}"),
            [one] => format!("{names}column {} of {path}: {what}", shown(one)),
            many => {
                let mut first: Vec<String> = many.iter().take(SPELT_OUT).map(|name| shown(name)).collect();
                if many.len() > SPELT_OUT {
                    first.push(format!("and {} more", many.len() - SPELT_OUT));
                }
                format!("{names}columns {} of {path}: {what}", first.join(", "))
            }
        };
        Explanation { privileges, columns: named, ..plain(finding, one_line(&message), hint) }
    }
}

fn plain(finding: &'static str, message: String, hint: &str) -> Explanation {
    Explanation {
        finding,
        privileges: PrivilegeSet::NONE,
        columns: Vec::new(),
        message: one_line(&message),
        hint: hint.to_owned(),
        claim: None,
    }
}

fn waiting(claim: &Claim, columns: Vec<String>) -> Explanation {
    let finding = if claim.status == Status::Unmet { "unmet" } else { "pending" };
    let reason = claim.reason.as_deref().unwrap_or("what it names is not there, or has another shape");
    let message = format!("claim {} on {} is {finding}: {reason}", claim.id, shown(&claim.path()));
    Explanation { columns, ..plain(finding, message, MEND) }
}

/// Privileges on the same columns as one.
fn by_columns<'a>(sorted: &BTreeMap<Privilege, Vec<&'a str>>) -> Vec<(PrivilegeSet, Vec<&'a str>)> {
    let mut found: Vec<(PrivilegeSet, Vec<&str>)> = Vec::new();
    for (privilege, columns) in sorted {
        match found.iter_mut().find(|(_, known)| known == columns) {
            Some((privileges, _)) => *privileges = privileges.with(*privilege),
            None => found.push((PrivilegeSet::NONE.with(*privilege), columns.clone())),
        }
    }
    found
}

#[cfg(test)]
mod tests;
