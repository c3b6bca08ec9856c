//! All unmet claims, read in pieces; writes nothing, so that it works on a standby.

use integratedb_claim::state::{Claim, Status};
use integratedb_claim::validate::{Violation, judge};
use pgrx::pg_sys;

use super::baseline::BATCH;
use super::reader::{Roles, with_reader};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::Result;
use crate::pg::{security, store};

/// Gives each violation that `caller` may see to `found`. Superusers see all; others what concerns relations that they own.
///
/// # Errors
/// XX000, and what `found` fails with.
pub fn unmet(caller: pg_sys::Oid, mut found: impl FnMut(Violation)) -> Result<()> {
    let sees_all = security::is_superuser(caller);
    let mut roles = Roles::default();
    let mut catalog = CatalogReader::default();
    let mut after = 0;
    loop {
        let ids = store::claim_ids_after(after, BATCH)?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        // Claims of several stakeholders on the same relations read them once; memory stays bounded.
        if catalog.is_large() {
            catalog = CatalogReader::default();
        }
        for stored in store::load(ids)? {
            let claim = stored.claim;
            load(&claim, &mut catalog);
            if !sees_all && !owns_any(caller, &claim, &catalog) {
                continue;
            }
            let role = roles.get(&claim.stakeholder)?;
            let judgement = with_reader(&role, |reader| judge(&claim, &catalog.catalog, reader, true));
            if judgement.next.status == Status::Unmet {
                judgement.violations.into_iter().for_each(&mut found);
            }
        }
        pgrx::check_for_interrupts!();
    }
}

fn load(claim: &Claim, catalog: &mut CatalogReader) {
    for alternative in &claim.alternatives {
        match &alternative.relation {
            Some(relation) => {
                catalog.relation_named(&alternative.schema, relation);
            }
            None => {
                catalog.schema(&alternative.schema);
            }
        }
    }
}

fn owns_any(caller: pg_sys::Oid, claim: &Claim, catalog: &CatalogReader) -> bool {
    claim.alternatives.iter().any(|alternative| {
        alternative
            .relation
            .as_ref()
            .and_then(|name| catalog.catalog.relation(&alternative.schema, name))
            .is_some_and(|relation| security::has_privileges_of(caller, relation.owner.into()))
    })
}
