//! Errors of deprecations and histories.

use integratedb_claim::report::{count, sentence, shown};

use super::Error;

impl Error {
    /// 42501: only an owner may deprecate.
    pub fn not_owner(function: &str, path: &str, role: &str) -> Error {
        Error::new("42501", format!("must be owner of {path} to call integratedb.{function}"))
            .detail(format!(
                "The current role \"{role}\" has not the privileges of its owner, and is not an administrator."
            ))
            .hint("Ask an owner of the relation, or an administrator: the view integratedb.admins lists them.")
    }

    /// 42P01: no such relation.
    pub fn undefined_relation(path: &str, near: Option<String>) -> Error {
        Error::new("42P01", format!("relation {} does not exist", shown(path)))
            .detail("Names are literal and case-sensitive.")
            .hint(match near {
                Some(near) => format!("Did you mean \"{}\"?", shown(near.as_ref())),
                None => "Name a relation of this database, as \"schema.relation\".".into(),
            })
    }

    /// 42809: not something that claims can be on.
    pub fn not_claimable(path: &str, what: &str) -> Error {
        Error::new("42809", format!("{path} is not a relation that can be claimed"))
            .detail(format!("It is {what}."))
            .hint("Tables, views, materialized views and foreign tables can be, as far as they are not temporary.")
    }

    /// 42703: no such column.
    pub fn undefined_column(path: &str, column: &str, near: Option<&str>) -> Error {
        Error::new("42703", format!("column \"{}\" of relation {path} does not exist", shown(column)))
            .detail("Names are literal and case-sensitive.")
            .hint(match near {
                Some(near) => format!("Did you mean \"{}\"?", shown(near)),
                None => "Name columns of the relation, or leave \"fields\" out for all of it.".into(),
            })
    }

    /// 42704: not a type.
    pub fn undefined_type(found: &str, hint: Option<String>) -> Error {
        Error::new("42704", shown(found))
            .detail("It is not the name of a type that a column can have.")
            .hint(hint.unwrap_or_else(|| "Write it as SQL does: numeric(12,2), varchar(40), text[].".into()))
    }

    /// 42602: not the name of a column.
    pub fn invalid_column_name(name: &str, found: &str, hint: &str) -> Error {
        Error::new("42602", format!("\"{}\" is not a valid column name", shown(name)))
            .detail(sentence(found))
            .hint(sentence(hint))
    }

    /// 42704: not deprecated.
    pub fn not_deprecated(what: &str) -> Error {
        Error::new("42704", format!("{what} is not deprecated"))
            .detail("It has not been announced, or has been dropped or renamed since.")
            .hint("SELECT * FROM integratedb.deprecations lists what is.")
    }

    /// 42704: no such version of a document.
    pub fn undefined_version(stakeholder: &str, version: i32, known: &str) -> Error {
        Error::new(
            "42704",
            format!("there is no version {version} of the document of stakeholder \"{}\"", shown(stakeholder)),
        )
        .detail(known.to_owned())
        .hint("SELECT * FROM integratedb.claim_history lists them.")
    }

    /// 01P01, for a WARNING: what is claimed will go.
    pub fn claims_deprecated(stakeholder: &str, lines: &[String]) -> Error {
        const SHOWN: usize = 100;
        let mut detail: Vec<String> = lines.iter().take(SHOWN).cloned().collect();
        if lines.len() > SHOWN {
            detail.push(format!("and {} more", lines.len() - SHOWN));
        }
        let what = count(lines.len(), "deprecated item");
        Error::new("01P01", format!("stakeholder \"{stakeholder}\" now claims {what}"))
            .detail(detail.join("\n"))
            .hint("Claim what replaces it, or both as alternatives.")
    }
}
