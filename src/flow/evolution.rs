//! What would happen if something were changed.

use integratedb_claim::catalog::Catalog;
use integratedb_claim::deprecation::{Deprecations, Standing, heed};
use integratedb_claim::impact::{Change, Target, changed};
use integratedb_claim::state::Claim;
use integratedb_claim::validate::{Violation, WITHOUT_ACCESS, judge};

use super::deprecation::notices_as_stored;
use super::reader::{Roles, with_reader};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::Result;
use crate::pg::store::{self, Notice};

/// A claim with what there is, and what is deprecated of it, to try changes on. Writes nothing.
pub struct Trial<'a> {
    claim: &'a Claim,
    catalog: Catalog,
    /// What is deprecated of what it names.
    pub notices: Vec<Notice>,
    deprecations: Deprecations,
}

impl<'a> Trial<'a> {
    /// Reads what the claim is about.
    ///
    /// # Errors
    /// XX000
    pub fn of(claim: &'a Claim) -> Result<Trial<'a>> {
        let mut catalog = CatalogReader::default();
        for alternative in &claim.alternatives {
            catalog.load(alternative)?;
        }
        let notices = notices_as_stored(std::iter::once(claim))?;
        let mut deprecations = Deprecations::default();
        for notice in &notices {
            let standing = if notice.is_over { Standing::Over } else { Standing::Announced };
            deprecations.add(&notice.schema, &notice.relation, notice.column.clone(), standing);
        }
        Ok(Trial { claim, catalog: catalog.catalog, notices, deprecations })
    }

    /// What would become of the claim.
    ///
    /// # Errors
    /// XX000
    pub fn of_change(&self, target: &Target, change: &Change, roles: &mut Roles) -> Result<Outcome> {
        let after = changed(&self.catalog, target, change);
        let role = roles.get(&self.claim.stakeholder)?;
        Ok(with_reader(&role, |reader| {
            let judge = |claim: &_, _: &[usize]| judge(claim, &after, reader, WITHOUT_ACCESS);
            let judgement = judge(self.claim, &[]);
            let is_unmet = judgement.broken;
            let heeded = heed(self.claim, judgement, &self.deprecations, judge).0;
            Outcome { is_unmet, broken: heeded.broken.then_some(heeded.violations) }
        }))
    }
}

/// What would become of a claim that is met.
pub struct Outcome {
    /// It would not be met any more.
    pub is_unmet: bool,
    /// Why the change would be refused: not for what is past its drop date, but for what has only a deprecated fallback.
    pub broken: Option<Vec<Violation>>,
}

/// The stakeholders a claim of whom would be broken by dropping a relation, or one column of it. Writes nothing.
///
/// # Errors
/// XX000
pub fn needed_by(schema: &str, relation: &str, column: Option<&str>) -> Result<Vec<String>> {
    let mut roles = Roles::default();
    let mut found: Vec<String> = Vec::new();
    let target = Target {
        schema: schema.to_owned(),
        relation: relation.to_owned(),
        columns: column.map(|column| vec![column.to_owned()]),
    };
    for stored in store::load(store::claim_ids_naming(schema, relation)?)? {
        let claim = &stored.claim;
        if found.contains(&claim.stakeholder) {
            continue;
        }
        let outcome = Trial::of(claim)?.of_change(&target, &Change::Goes, &mut roles)?;
        if outcome.is_unmet || outcome.broken.is_some() {
            found.push(claim.stakeholder.clone());
        }
    }
    found.sort();
    Ok(found)
}
