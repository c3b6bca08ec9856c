//! Who needs a relation or column: what would happen if it were dropped.

use integratedb_claim::deprecation::{Deprecations, Standing, heed};
use integratedb_claim::validate::{WITHOUT_ACCESS, judge};

use super::deprecation::notices_as_stored;
use super::reader::{Roles, with_reader};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::Result;
use crate::pg::store;

/// The stakeholders a claim of whom would be broken by dropping a relation, or one column of it. Writes nothing.
///
/// # Errors
/// XX000
pub fn needed_by(schema: &str, relation: &str, column: Option<&str>) -> Result<Vec<String>> {
    let mut roles = Roles::default();
    let mut found: Vec<String> = Vec::new();
    for stored in store::load(store::claim_ids_naming(schema, relation)?)? {
        let claim = &stored.claim;
        if found.contains(&claim.stakeholder) {
            continue;
        }
        let mut catalog = CatalogReader::default();
        for alternative in &claim.alternatives {
            catalog.load(alternative)?;
        }
        let mut without = catalog.catalog;
        without.remove(schema, relation, column);
        let mut deprecations = Deprecations::default();
        for notice in notices_as_stored(std::iter::once(claim))? {
            let standing = if notice.is_over { Standing::Over } else { Standing::Announced };
            deprecations.add(&notice.schema, &notice.relation, notice.column, standing);
        }
        let role = roles.get(&claim.stakeholder)?;
        let is_needed = with_reader(&role, |reader| {
            let judge = |claim: &_, _: &[usize]| judge(claim, &without, reader, WITHOUT_ACCESS);
            let judgement = judge(claim, &[]);
            judgement.broken || heed(claim, judgement, &deprecations, judge).0.broken
        });
        if is_needed {
            found.push(claim.stakeholder.clone());
        }
    }
    found.sort();
    Ok(found)
}
