//! All claims against the catalogs as they are, read in pieces; writes nothing, so that it works on a standby.

use integratedb_claim::state::{Claim, Status};
use integratedb_claim::validate::{Judgement, Violation, WITH_ACCESS, WITHOUT_ACCESS, judge};
use pgrx::pg_sys;

use super::baseline::BATCH;
use super::reader::{Roles, with_reader};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::Result;
use crate::pg::{security, store};

/// Gives each violation of an unmet claim that `caller` may see to `found`: administrators see all, others what concerns
/// relations that they own.
///
/// # Errors
/// XX000
pub fn unmet(caller: pg_sys::Oid, mut found: impl FnMut(Violation)) -> Result<()> {
    let sees_all = security::is_admin(caller)?;
    let mut roles = Roles::default();
    walk(|claim, catalog| {
        let owned = |number: usize| sees_all || owns(caller, claim, number, catalog);
        if !(0..claim.alternatives.len()).any(owned) {
            return Ok(());
        }
        let role = roles.get(&claim.stakeholder)?;
        let judgement = with_reader(&role, |reader| judge(claim, &catalog.catalog, reader, WITH_ACCESS));
        if judgement.next.status == Status::Unmet {
            judgement.violations.into_iter().filter(|violation| owned(violation.place.0)).for_each(&mut found);
        }
        Ok(())
    })
}

/// Gives each claim with what has become of it to `found`; access is left aside.
///
/// # Errors
/// XX000
pub fn each(mut found: impl FnMut(&Claim, Judgement)) -> Result<()> {
    let mut roles = Roles::default();
    walk(|claim, catalog| {
        let role = roles.get(&claim.stakeholder)?;
        found(claim, with_reader(&role, |reader| judge(claim, &catalog.catalog, reader, WITHOUT_ACCESS)));
        Ok(())
    })
}

fn walk(mut visit: impl FnMut(&Claim, &CatalogReader) -> Result<()>) -> Result<()> {
    let mut catalog = CatalogReader::default();
    let protections = store::protections()?;
    catalog.catalog.protections.clone_from(&protections);
    let mut after = 0;
    loop {
        let ids = store::claim_ids_after(after, BATCH)?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        // Claims of several stakeholders on the same relations read them once; memory stays bounded.
        if catalog.is_large() {
            catalog = CatalogReader::default();
            catalog.catalog.protections.clone_from(&protections);
        }
        for stored in store::load(ids)? {
            load(&stored.claim, &mut catalog)?;
            visit(&stored.claim, &catalog)?;
        }
        pgrx::check_for_interrupts!();
    }
}

fn load(claim: &Claim, catalog: &mut CatalogReader) -> Result<()> {
    claim.alternatives.iter().try_for_each(|alternative| catalog.load(alternative).map(|_| ()))
}

fn owns(caller: pg_sys::Oid, claim: &Claim, number: usize, catalog: &CatalogReader) -> bool {
    let alternative = &claim.alternatives[number];
    catalog.owner(alternative).is_some_and(|owner| security::has_privileges_of(caller, owner.into()))
}
