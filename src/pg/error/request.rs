//! Errors of requests.

use integratedb_claim::report::shown;

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
}
