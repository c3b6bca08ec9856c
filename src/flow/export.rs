//! What a role has been granted, as a claim document.

use std::collections::BTreeSet;

use integratedb_claim::export::{self, ObjectGrant};
use integratedb_claim::path::display_schema;
use serde_json::Value;

use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::{grants, role};

/// The document. What it leaves out is listed in a WARNING.
///
/// # Errors
/// 42704 when there is no such role.
pub fn export(name: &str) -> Result<Value> {
    let role = role::find(name).ok_or_else(|| Error::undefined_role(name))?;
    let mut grants = grants::of_role(role.oid, name)?;
    let mut catalog = CatalogReader::default();
    for granted in &mut grants.relations {
        if let Some(relation) = catalog.relation_named(&granted.schema, &granted.name) {
            catalog.writable(&relation)?;
            let writable = catalog.catalog.writable.get(&relation.oid);
            grants.others.extend(granted.leave_out_unwritable(&relation, writable.map(|writable| &**writable)));
        }
    }
    let exported = export::export(&grants.relations, &grants.objects);
    // USAGE on a schema comes with a claim on what is in it, and with a stakeholder on its own.
    let mut covered: BTreeSet<&str> = grants.relations.iter().map(|relation| relation.schema.as_str()).collect();
    covered.extend(grants.objects.iter().map(schema_of));
    covered.insert(name);
    let alone = grants.schemas.iter().filter(|schema| !covered.contains(schema.as_str()));
    let alone = alone.map(|schema| format!("USAGE on schema {}", display_schema(schema)));
    let left_out: Vec<String> = exported.left_out.into_iter().chain(grants.others).chain(alone).collect();
    if !left_out.is_empty() {
        Error::not_exported(name, &left_out).warn();
    }
    Ok(exported.document)
}

fn schema_of(object: &ObjectGrant) -> &str {
    match object {
        ObjectGrant::Function { schema, .. }
        | ObjectGrant::Sequence { schema, .. }
        | ObjectGrant::Type { schema, .. } => schema,
    }
}
