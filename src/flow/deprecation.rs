//! Owners announce what will go; who claims it is told.

use std::collections::HashSet;

use integratedb_claim::catalog::Relation;
use integratedb_claim::expand::Names;
use integratedb_claim::nearest::nearest;
use integratedb_claim::path::{Path, display_relation, parse_column_name};
use integratedb_claim::report::shown;
use integratedb_claim::state::{Claim, ClaimedColumn, ObjectKind};
use pgrx::datum::Date;
use pgrx::pg_sys;

use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::names::Server;
use crate::pg::security::{self, role_name};
use crate::pg::store::{self, Announcement, Next, Notice, Target};
use crate::pg::{fence, relations, session};

/// Longest reason or replacement, in bytes: both are repeated in messages.
const LONGEST_TEXT: usize = 1_000;

/// What was announced, and who claims it.
pub struct Announced {
    /// The relation.
    pub path: String,
    /// The column; none for the relation itself.
    pub column: Option<String>,
    /// The last day on which claims hold.
    pub drop_after: Option<Date>,
    /// Stakeholders that claim it now.
    pub claimed_by: Vec<String>,
}

/// Announces that a relation, or columns of it, will go; what is announced already is announced anew.
///
/// # Errors
/// 42501 for all but owners and administrators; 42602, 42P01, 42703, 42809 for what cannot be deprecated; 22023 for a drop date
/// that is too early and for a text that is too long; 25006, 55000.
pub fn deprecate(
    caller: pg_sys::Oid,
    path: &str,
    fields: Option<&[String]>,
    announcement: &Announcement,
) -> Result<Vec<Announced>> {
    for (name, text) in [("reason", &announcement.reason), ("replacement", &announcement.replacement)] {
        if text.as_ref().is_some_and(|text| text.len() > LONGEST_TEXT) {
            let found = text.as_ref().map_or(0, String::len);
            return Err(Error::invalid_argument(
                format!("{name} is too long"),
                format!("Found {found} bytes; at most {LONGEST_TEXT} are kept."),
                "Say it in a sentence, and where to read more.",
            ));
        }
    }
    if announcement.drop_after.is_some_and(|date| date.is_infinity() || date.is_neg_infinity()) {
        return Err(Error::invalid_argument(
            "drop_after must be a day",
            "Found infinity.",
            "Leave it out for an announcement without a drop date.",
        ));
    }
    let targets = targets("deprecate", caller, path, fields)?;
    for target in &targets {
        if let Some(too_early) = store::too_early(target, announcement.drop_after)? {
            let why = match too_early.is_announced {
                true => "drop date cannot be moved earlier",
                false => "drop date is too early",
            };
            let detail = match too_early.is_announced {
                true => format!("It was announced as {}.", too_early.earliest),
                false => format!("With integratedb.min_notice from now, {} is the earliest.", too_early.earliest),
            };
            return Err(Error::invalid_argument(
                format!("{why} for {}", shown_target(target)),
                detail,
                "Name that day or a later one, or leave drop_after out.",
            ));
        }
    }
    let by = role_name(caller);
    let mut announced = Vec::new();
    for target in &targets {
        store::announce_deprecation(target, announcement, &by)?;
        announced.push(Announced {
            path: display_relation(&target.schema, &target.relation),
            column: target.column.as_ref().map(|(name, _)| name.clone()),
            drop_after: announcement.drop_after,
            claimed_by: store::stakeholders_claiming(target)?,
        });
    }
    Ok(announced)
}

/// Takes an announcement back.
///
/// # Errors
/// As [`deprecate`]; 42704 for what is not deprecated.
pub fn undeprecate(caller: pg_sys::Oid, path: &str, fields: Option<&[String]>) -> Result<()> {
    for target in targets("undeprecate", caller, path, fields)? {
        if !store::withdraw_deprecation(&target)? {
            return Err(Error::not_deprecated(&shown_target(&target)));
        }
    }
    Ok(())
}

fn shown_target(target: &Target) -> String {
    shown_item(&target.schema, &target.relation, target.column.as_ref().map(|(name, _)| name.as_str()))
}

fn shown_item(schema: &str, relation: &str, column: Option<&str>) -> String {
    let path = display_relation(schema, relation);
    shown(&match column {
        Some(column) => format!("{path} column {column}"),
        None => path,
    })
}

/// What is to be announced: found, the caller's, and locked, so that nobody renames it before this is committed.
fn targets(function: &str, caller: pg_sys::Oid, path: &str, fields: Option<&[String]>) -> Result<Vec<Target>> {
    if relations::is_creating_extension() {
        return Err(Error::inside_extension_script());
    }
    if session::in_recovery() {
        return Err(Error::read_only_standby());
    }
    let parsed = Path::parse(path).map_err(|error| Error::invalid_path(path, &error.message, &error.hint))?;
    let Path::Relation { schema, relation } = &parsed else {
        return Err(Error::invalid_path(
            path,
            "a deprecation is of one relation",
            "write \"schema.relation\", once for each relation",
        ));
    };
    let columns = fields.map(column_names).transpose()?;
    // Before anything is locked: who owns nothing is to hold up nobody.
    let found = owned(function, caller, schema, relation)?;
    fence::share()?;
    fence::share_definition(found.oid.into());
    session::accept_invalidations();
    let locked = owned(function, caller, schema, relation)?;
    if locked.oid != found.oid {
        return Err(Error::undefined_relation(path, None));
    }
    let schemas = [schema.clone()];
    store::follow_deprecations(&[locked.oid.into()], &schemas, std::slice::from_ref(relation))?;
    let target = |column| Target { schema: schema.clone(), relation: relation.clone(), oid: locked.oid.into(), column };
    let Some(columns) = columns else { return Ok(vec![target(None)]) };
    let mut all: Vec<Target> = Vec::new();
    for name in columns {
        let Some(column) = locked.column(&name) else {
            let near = nearest(&name, locked.columns.iter().map(|column| column.name.as_str()));
            return Err(Error::undefined_column(&parsed.to_string(), &name, near));
        };
        let one = target(Some((name, column.number)));
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

/// The columns that a caller names, at least one.
///
/// # Errors
/// 22023, 42602
pub(super) fn column_names(fields: &[String]) -> Result<Vec<String>> {
    if fields.is_empty() {
        return Err(Error::invalid_argument(
            "fields must not be empty",
            "Found no column.",
            "Name columns, or leave the argument out for the relation itself.",
        ));
    }
    let name = |text: &String| {
        if text == "*" {
            let hint =
                "leave fields out for the relation itself; a column of that name is written \"*\" in double quotes";
            return Err(Error::invalid_column_name(text, "columns are deprecated one by one", hint));
        }
        parse_column_name(text).map_err(|error| Error::invalid_column_name(text, &error.message, &error.hint))
    };
    fields.iter().map(name).collect()
}

/// The relation, if it is the caller's to speak for.
///
/// # Errors
/// 42501, 42809, 42P01
pub(super) fn owned(
    function: &str,
    caller: pg_sys::Oid,
    schema: &str,
    relation: &str,
) -> Result<std::rc::Rc<Relation>> {
    let path = display_relation(schema, relation);
    let Some(found) = CatalogReader::default().relation_named(schema, relation) else {
        let names = Server::default().relations(schema);
        let near = nearest(relation, names.iter().map(String::as_str)).map(|near| display_relation(schema, near));
        return Err(Error::undefined_relation(&path, near));
    };
    if !security::speaks_for(caller, found.owner.into())? {
        return Err(Error::not_owner(function, &path, &role_name(caller)));
    }
    if found.temporary {
        return Err(Error::not_claimable(&path, "temporary"));
    }
    if !found.kind.is_claimable() {
        return Err(Error::not_claimable(&path, &found.kind.to_string()));
    }
    Ok(found)
}

/// What is known of the deprecations on what claims name: brought in line with the catalogs first.
///
/// # Errors
/// XX000
pub fn notices<'a>(claims: impl Iterator<Item = &'a Claim>, oids: &[pg_sys::Oid]) -> Result<Vec<Notice>> {
    let (schemas, relations) = named(claims);
    store::follow_deprecations(oids, &schemas, &relations)?;
    store::deprecation_notices(&schemas, &relations)
}

/// The same, writing nothing.
///
/// # Errors
/// XX000
pub fn notices_as_stored<'a>(claims: impl Iterator<Item = &'a Claim>) -> Result<Vec<Notice>> {
    let (schemas, relations) = named(claims);
    store::deprecation_notices(&schemas, &relations)
}

/// The relations that claims name: their schemas, and beside them their names.
fn named<'a>(claims: impl Iterator<Item = &'a Claim>) -> (Vec<String>, Vec<String>) {
    let named: HashSet<(&str, &str)> = claims
        .flat_map(|claim| &claim.alternatives)
        .filter(|alternative| alternative.kind == ObjectKind::Relation)
        .filter_map(|alternative| Some((alternative.schema.as_str(), alternative.relation.as_deref()?)))
        .collect();
    named.into_iter().map(|(schema, relation)| (schema.to_owned(), relation.to_owned())).unzip()
}

/// Warns of what a stakeholder claims anew though it is deprecated.
///
/// # Errors
/// XX000
pub fn warn_of_new(stakeholder: &str, claims: &[Next], before: &[Next]) -> Result<()> {
    if claims.is_empty() || relations::is_empty(c"deprecation")? {
        return Ok(());
    }
    let oids: Vec<pg_sys::Oid> = claims.iter().flat_map(|next| next.oids.iter().flatten()).copied().collect();
    let claims: Vec<&Claim> = claims.iter().map(|next| &next.claim).collect();
    let lines = sentences_of_new(&notices(claims.iter().copied(), &oids)?, &claims, before);
    if !lines.is_empty() {
        Error::claims_deprecated(stakeholder, &lines).warn();
    }
    Ok(())
}

/// What [`warn_of_new`] would say, a line for each, writing nothing.
///
/// # Errors
/// XX000
pub fn foresee_new(claims: &[&Claim], before: &[Next]) -> Result<Vec<String>> {
    Ok(sentences_of_new(&notices_as_stored(claims.iter().copied())?, claims, before))
}

fn sentences_of_new(notices: &[Notice], claims: &[&Claim], before: &[Next]) -> Vec<String> {
    let is_new = |notice: &&Notice| {
        claims.iter().any(|claim| concerns(notice, claim)) && !before.iter().any(|next| concerns(notice, &next.claim))
    };
    notices.iter().filter(is_new).map(sentence).collect()
}

/// Whether a claim names what a notice is about.
pub fn concerns(notice: &Notice, claim: &Claim) -> bool {
    let on_relation = claim.alternatives.iter().filter(|alternative| {
        alternative.kind == ObjectKind::Relation
            && alternative.schema == notice.schema
            && alternative.relation.as_deref() == Some(notice.relation.as_str())
    });
    let mut columns = on_relation.clone().flat_map(|alternative| &alternative.fields).flat_map(|field| &field.columns);
    match &notice.column {
        Some(name) => columns.any(|column| column.name == *name),
        None => on_relation.count() > 0,
    }
}

/// Whether a notice is about one of several alternatives of a claim, or of a field of it.
pub fn is_fallback(notice: &Notice, claim: &Claim) -> bool {
    let is_named = |column: &ClaimedColumn| notice.column.as_deref() == Some(column.name.as_str());
    let mut fields = claim.alternatives.iter().flat_map(|alternative| &alternative.fields);
    let is_column = fields.any(|field| field.columns.len() > 1 && field.columns.iter().any(is_named));
    concerns(notice, claim) && (claim.alternatives.len() > 1 || is_column)
}

/// A deprecation as a line of a message.
pub fn sentence(notice: &Notice) -> String {
    let item = shown_item(&notice.schema, &notice.relation, notice.column.as_deref());
    let until = match (&notice.drop_after, notice.is_over) {
        (None, _) => "it has no drop date".to_owned(),
        (Some(day), false) => format!("claims hold to the end of {day} UTC"),
        (Some(day), true) => format!("claims held to the end of {day} UTC"),
    };
    let mut line = format!("{item} has been deprecated since {}; {until}", notice.since);
    if let Some(reason) = &notice.reason {
        line.push_str(&format!("; reason: {}", shown(reason)));
    }
    if let Some(replacement) = &notice.replacement {
        line.push_str(&format!("; replacement: {}", shown(replacement)));
    }
    line
}
