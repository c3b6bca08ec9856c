//! Errors of requests, and of configurations.

use integratedb_claim::report::{count, shown};

use super::Error;

impl Error {
    /// 42501: for stakeholders.
    pub fn not_a_stakeholder(function: &str, role: &str) -> Error {
        Error::new("42501", format!("permission denied for function {function}"))
            .detail(format!("The current role \"{}\" is not the role of a stakeholder.", shown(role)))
            .hint("Connect as the stakeholder that asks. An administrator claims without asking: integratedb.claim(stakeholder, document).")
    }

    /// 42704: no such request.
    pub fn undefined_request(id: i64) -> Error {
        Error::new("42704", format!("request {id} does not exist"))
            .detail("There is none of this number that the current role may decide. A new request of a stakeholder replaces its open one.")
            .hint("SELECT * FROM integratedb.requests lists those that it may.")
    }

    /// 25001: it holds up others until the transaction ends.
    pub fn holds_up_others(function: &str) -> Error {
        Error::new("25001", format!("{function} cannot run inside a transaction block"))
            .detail("This is the last approval: to claim holds up everybody's DDL until the transaction ends.")
            .hint("Call it by itself, or have an administrator call it.")
    }

    /// 55000: what it would replace has changed.
    pub fn outdated_request(id: i64, stakeholder: &str) -> Error {
        Error::wrong_state(
            format!("request {id} cannot be approved"),
            format!("The document of stakeholder \"{stakeholder}\" has changed since: what was changed would be lost."),
            "Have the stakeholder ask again: integratedb.request_claim(document, reason).",
        )
    }

    /// 55000: it has been decided.
    pub fn decided_request(id: i64, status: &str, becomes: &str) -> Error {
        Error::wrong_state(
            format!("request {id} cannot be {becomes}"),
            format!("It has been {status} already."),
            "The stakeholder may ask again: integratedb.request_claim(document, reason).",
        )
    }

    /// 22023: a configuration is not of its form.
    pub fn invalid_configuration(problems: &[String]) -> Error {
        Error::invalid_argument(
            format!("the configuration has {}", count(problems.len(), "problem")),
            problems.join("\n"),
            "SELECT integratedb.export_configuration() writes what is there in this form.",
        )
    }
}
