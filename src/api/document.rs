//! claim_schema, export_grants

use pgrx::prelude::*;

use super::required;
use crate::flow::export;
use crate::pg::error::{OrRaise, Result};
use crate::pg::security::{self, AsOwner};

/// The JSON Schema of the claim document: for editors and CI, so for everybody.
#[pg_extern(immutable, parallel_safe)]
#[search_path(pg_catalog, pg_temp)]
fn claim_schema() -> pgrx::JsonB {
    pgrx::JsonB(integratedb_claim::json_schema::claim_schema())
}

/// The claim document that needs what a role has been granted.
///
/// # Errors
/// 42501 for all but superusers; 22004, 42704.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn export_grants(role: Option<&str>) -> pgrx::JsonB {
    let work = || -> Result<_> {
        security::require_superuser("export_grants")?;
        let role = required(role, "role")?;
        let _owner = AsOwner::begin()?;
        export::export(role)
    };
    pgrx::JsonB(work().or_raise())
}
