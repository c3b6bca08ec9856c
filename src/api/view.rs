//! What the views show of the engine's values. Everybody may call these, with whatever JSON: what is not one of ours is NULL.
//! They take json as the text that it is: pgrx's own types for it panic on what serde_json will not read.

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
#[pg_extern(sql = "
CREATE FUNCTION integratedb.arguments_text(requirements json) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
pub(crate) fn arguments_text(requirements: &str) -> Option<String> {
    let requirements: Requirements = serde_json::from_str(requirements).ok()?;
    Some(format!("({})", requirements.function?.display_arguments()))
}

/// A required shape as a person writes it.
#[pg_extern(sql = "
CREATE FUNCTION integratedb.shape_text(column_alternative json) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', '@FUNCTION_NAME@';
")]
pub(crate) fn shape_text(column_alternative: &str) -> Option<String> {
    serde_json::from_str::<ClaimedColumn>(column_alternative).ok().map(|column| column.display())
}
