//! What is deprecated, in the judgement of claims: what is past its drop date may go, and is no break.

use integratedb_claim::deprecation::{Deprecations, Standing, heed, is_partly_void};
use integratedb_claim::path::display_relation;
use integratedb_claim::report::{Blamed, NO_FALLBACK, Report, SHOWN, broken};
use integratedb_claim::state::Status;
use integratedb_claim::validate::{Violation, judge};
use pgrx::pg_sys;

use super::{Evaluation, Judged};
use crate::flow::deprecation::{is_fallback, notices, notices_as_stored, sentence};
use crate::flow::history::{self, Allowed};
use crate::flow::reader::with_reader;
use crate::pg::error::{Error, Result};
use crate::pg::relations;
use crate::pg::store::Notice;

impl Evaluation<'_> {
    /// Corrects the judgements, and says which claims have lost what was past its drop date.
    ///
    /// # Errors
    /// XX000
    pub(super) fn heed_deprecations(&mut self, judged: &mut [Judged]) -> Result<()> {
        if concerns_none(judged)? {
            return Ok(());
        }
        let touched = self.touched.oids.iter().map(|oid| pg_sys::Oid::from(*oid));
        let oids: Vec<pg_sys::Oid> =
            touched.chain(judged.iter().flat_map(|judged| judged.oids.iter().flatten().copied())).collect();
        self.notices = notices(judged.iter().map(|judged| &judged.stored.claim), &oids)?;
        let void = self.correct(judged)?;
        // An earlier statement of the transaction may have done it, and said so.
        let void: Vec<&Judged> = void.into_iter().map(|number| &judged[number]).collect();
        let void: Vec<&Judged> =
            void.into_iter().filter(|judged| judged.stored.claim != judged.judgement.next).collect();
        self.warn_of_void(&void);
        Ok(())
    }

    /// The same before the command, which must find no transaction id assigned: writes nothing, and says nothing.
    ///
    /// # Errors
    /// XX000
    pub(super) fn foresee_deprecations(&mut self, judged: &mut [Judged]) -> Result<()> {
        if concerns_none(judged)? {
            return Ok(());
        }
        self.notices = notices_as_stored(judged.iter().map(|judged| &judged.stored.claim))?;
        self.correct(judged)?;
        Ok(())
    }

    /// Corrects the judgements; tells the numbers of those that have lost something past its drop date.
    fn correct(&mut self, judged: &mut [Judged]) -> Result<Vec<usize>> {
        let mut deprecations = Deprecations::default();
        for notice in &self.notices {
            let standing = if notice.is_over { Standing::Over } else { Standing::Announced };
            deprecations.add(&notice.schema, &notice.relation, notice.column.clone(), standing);
        }
        let mut void = Vec::new();
        for (number, judged) in judged.iter_mut().enumerate().filter(|(_, judged)| !judged.excused) {
            let Some(baseline) = judged.stored.baseline() else { continue };
            let role = self.roles.get(&judged.stored.claim.stakeholder)?;
            let access = self.access_check(baseline, &judged.oids);
            let catalog = &self.catalog.catalog;
            let (judgement, is_void) = with_reader(&role, |reader| {
                heed(baseline, judged.judgement.clone(), &deprecations, |part, places| {
                    judge(part, catalog, reader, &|number| access(places[number]))
                })
            });
            judged.judgement = judgement;
            if is_void {
                void.push(number);
            }
        }
        Ok(void)
    }

    fn warn_of_void(&self, void: &[&Judged]) {
        let violations = void.iter().flat_map(|judged| &judged.judgement.violations);
        let violations: Vec<(&Violation, String)> = violations.map(|v| (v, self.blame(v))).collect();
        let Some((_, statement)) = violations.first() else { return };
        let blamed: Vec<Blamed> = violations.iter().map(|(v, statement)| (*v, Some(statement.as_str()))).collect();
        let mut report = self.with_notices(broken(&blamed, SHOWN), void);
        let what = report.message.trim_start_matches("this would break ");
        report.message = format!("{statement} breaks {what}, on data past its drop date");
        report.hint =
            Some("The claim is unmet from now on; what is left of it holds. Claim what replaces it.".to_owned());
        Error::from(report).warn();
        void.iter().for_each(|judged| history::broke(&judged.judgement.violations, &Allowed::Deprecation));
    }

    /// Says of what is broken since when it has been deprecated, and what would have let it through.
    pub(super) fn with_notices(&self, mut report: Report, broken: &[&Judged]) -> Report {
        let told = |notice: &&Notice| {
            let path = display_relation(&notice.schema, &notice.relation);
            broken.iter().any(|judged| {
                let violations = &judged.judgement.violations;
                let is_about = |violation: &Violation| {
                    violation.path == path && (notice.column.is_none() || notice.column == violation.column)
                };
                violations.iter().any(is_about)
                    || judged.rests_on_deprecated() && is_fallback(notice, &judged.judgement.next)
            })
        };
        let lines: Vec<String> = self.notices.iter().filter(told).take(SHOWN).map(sentence).collect();
        if !lines.is_empty() {
            let detail = report.detail.unwrap_or_default();
            report.detail = Some(format!("{detail}\n{}", lines.join("\n")));
        }
        if broken.iter().any(|judged| judged.rests_on_deprecated()) {
            let hint = report.hint.unwrap_or_default();
            report.hint = Some(format!("{hint}\n{NO_FALLBACK}"));
        }
        self.with_fixes(report, broken)
    }
}

/// Whether nothing is deprecated, nor was when a claim lost something.
fn concerns_none(judged: &[Judged]) -> Result<bool> {
    let is_partly_void = |judged: &Judged| judged.stored.baseline().is_some_and(is_partly_void);
    Ok(!judged.iter().any(is_partly_void) && relations::is_empty(c"deprecation")?)
}

impl Judged {
    /// Broken though it is met: by what is deprecated.
    fn rests_on_deprecated(&self) -> bool {
        self.judgement.broken && self.judgement.next.status == Status::Met
    }
}
