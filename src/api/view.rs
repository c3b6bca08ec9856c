//! What the views show of the engine's values.

use integratedb_claim::path::{Path, display_relation};
use integratedb_claim::state::{ClaimedColumn, Requirements};
use pgrx::prelude::*;

/// A path as a claim document writes it; an empty relation is the schema of a wildcard path.
#[pg_extern(immutable, strict, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn path_text(schema_name: &str, relation_name: &str) -> String {
    match relation_name {
        "" => Path::Wildcard { schema: schema_name.to_owned() }.to_string(),
        relation => display_relation(schema_name, relation),
    }
}

/// The types of a claimed function's arguments, as a person writes them.
#[pg_extern(immutable, strict, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn arguments_text(requirements: pgrx::Json) -> Option<String> {
    let requirements: Requirements = serde_json::from_value(requirements.0).ok()?;
    Some(format!("({})", requirements.function?.display_arguments()))
}

/// A required shape as a person writes it.
#[pg_extern(immutable, strict, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn shape_text(column_alternative: pgrx::Json) -> Option<String> {
    serde_json::from_value::<ClaimedColumn>(column_alternative.0).ok().map(|column| column.display())
}
