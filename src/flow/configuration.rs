//! All stakeholders and protections as one document: what is there, and what is wanted.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use integratedb_claim::configuration::{Configuration, Row, Stakeholder, Step};
use integratedb_claim::path::{Path, display_relation};
use pgrx::pg_sys;
use serde_json::Value;

use super::{adopt, declare, option, protection, stakeholder};
use crate::pg::error::{Error, Result};
use crate::pg::subtransaction::always_rolled_back;
use crate::pg::{security, store};

/// What is there, as a document. It holds no secret.
///
/// # Errors
/// XX000
pub fn export() -> Result<Value> {
    Ok(present()?.document())
}

/// Makes what is there into what is wanted; tells each difference. A dry run makes them too, so that what would fail fails, and
/// undoes it all.
///
/// # Errors
/// 22023 with everything that is wrong with the form of the document; as the functions that the steps call.
pub fn apply(caller: pg_sys::Oid, document: &Value, dry_run: bool, prune: bool) -> Result<Vec<Row>> {
    let wanted = Configuration::read(document).map_err(|problems| Error::invalid_configuration(&problems))?;
    declare::close_fence()?;
    let steps = present()?.steps_to(&wanted, prune);
    let by = security::role_name(caller);
    let take_all = || steps.iter().try_for_each(|step| take(step, caller, &by));
    if dry_run {
        always_rolled_back(AssertUnwindSafe(take_all))?;
    } else {
        take_all()?;
    }
    Ok(steps.iter().map(Step::row).collect())
}

fn present() -> Result<Configuration> {
    let mut stakeholders = BTreeMap::new();
    for name in store::stakeholders()? {
        let Value::Object(options) = store::options(&name)? else { continue };
        let (adopted, claims) = (store::is_adopted(&name)?, store::document(&name)?);
        stakeholders.insert(name, Stakeholder { adopted, options: Some(options), claims: Some(claims) });
    }
    let protections = store::protection_reasons()?.into_iter().map(|found| {
        let column = (!found.column.is_empty()).then_some(found.column);
        ((display_relation(&found.schema, &found.relation), column), found.reason)
    });
    Ok(Configuration { stakeholders: Some(stakeholders), protections: Some(protections.collect()) })
}

fn take(step: &Step, caller: pg_sys::Oid, by: &str) -> Result<()> {
    match step {
        Step::Create { name, adopted: false } => {
            stakeholder::create(name, Value::Object(Default::default()), by).map(drop)
        }
        Step::Create { name, adopted: true } => {
            // As adopt_stakeholder() itself.
            if !security::is_superuser(caller) {
                return Err(Error::superuser_only("adopt_stakeholder", by));
            }
            adopt::adopt(name, by).map(drop)
        }
        Step::Alter { name, change, .. } => option::alter(name, Value::Object(change.clone())),
        Step::Claim { name, document, .. } => declare::put(name, document.clone()).map(drop),
        Step::Protect { protected: (path, column), reason, .. } => {
            let columns = column.clone().map(|column| vec![column]);
            protection::protect(path, columns.as_deref(), reason.as_deref(), caller).map(drop)
        }
        Step::Unprotect { protected: (path, column), .. } => unprotect(path, column.as_deref()),
        Step::Drop { name, .. } => stakeholder::drop(name, false).map(drop),
    }
}

/// What was protected may be gone: then its protection is nobody's to keep.
fn unprotect(path: &str, column: Option<&str>) -> Result<()> {
    let columns = column.map(|column| vec![column.to_owned()]);
    match Path::parse(path) {
        Ok(Path::Relation { schema, relation }) => store::unprotect(&schema, &relation, columns).map(drop),
        _ => Err(Error::internal(format!("{path} is protected and no path of a relation"))),
    }
}
