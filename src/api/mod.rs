//! Every SQL-callable function, thin: decode, call, report.

pub mod admin;
pub mod adopt;
pub mod claim;
pub mod configuration;
pub mod credential;
pub mod deprecation;
pub mod doctor;
pub mod document;
pub mod drift;
pub mod evolution;
pub mod explain;
pub mod exposure;
pub mod history;
pub mod impact;
pub mod infer;
pub mod migration;
pub mod preview;
pub mod protection;
pub mod rehearse;
pub mod request;
pub mod stakeholder;
pub mod view;
pub mod waiver;

use crate::flow::reconcile::Made;
use crate::pg::error::{Error, Result};

/// One grant or revoke: `action`, `privilege`, `path`, `column_name`.
pub type MadeRow = (String, String, String, Option<String>);

fn made_rows(made: Vec<Made>) -> Vec<MadeRow> {
    made.into_iter()
        .map(|made| {
            (
                made.action.into(),
                made.privilege.into(),
                made.path.to_string(),
                made.column.map(|column| column.to_string()),
            )
        })
        .collect()
}

/// An argument that must not be NULL.
fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| Error::null_argument(name))
}
