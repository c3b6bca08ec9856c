//! What is said of broken claims, and which of them stop the transaction.

use integratedb_claim::report::{self, Blamed, SHOWN};
use integratedb_claim::state::OnBreak;
use integratedb_claim::validate::Violation;
use integratedb_claim::waiver::{Leave, let_pass};

use super::{Evaluation, Judged, Phase, key};
use crate::flow::history::Allowed;
use crate::pg::error::{Error, Result};
use crate::pg::settings::{self, Enforcement, Validation};
use crate::pg::{rehearsal, security, session, store};

impl Judged {
    /// By what a break of it was allowed that has got as far as COMMIT.
    pub(super) fn allowed(&self) -> Allowed {
        match &self.leave {
            None => Allowed::Enforcement,
            Some(Leave::OnBreak) => Allowed::OnBreak,
            Some(Leave::Waived(ids)) => Allowed::Waiver(ids.clone()),
        }
    }
}

impl Evaluation<'_> {
    /// Finds out which broken claims may break.
    pub(super) fn give_leave(&self, judged: &mut [Judged]) -> Result<()> {
        let mut broken: Vec<&mut Judged> = judged.iter_mut().filter(|judged| judged.is_broken()).collect();
        if broken.is_empty() {
            return Ok(());
        }
        let stakeholders = broken.iter().map(|judged| judged.stored.claim.stakeholder.clone()).collect();
        let waivers = store::waivers(stakeholders)?;
        for judged in &mut broken {
            let claim = &judged.judgement.next;
            judged.leave = if claim.on_break() == OnBreak::Warn {
                Some(Leave::OnBreak)
            } else {
                let waivers = waivers.get(&claim.stakeholder).map(Vec::as_slice).unwrap_or_default();
                let_pass(&judged.judgement.violations, waivers).map(|ids| Leave::Waived(ids.into_iter().collect()))
            };
        }
        Ok(())
    }

    /// Says, remembers or raises what is broken.
    pub(super) fn report(&self, broken: &[&Judged]) -> Result<()> {
        if broken.is_empty() {
            return Ok(());
        }
        let (blocking, passing): (Vec<&Judged>, Vec<&Judged>) =
            broken.iter().partition(|judged| judged.leave.is_none());
        let enforced = settings::enforcement() == Enforcement::Enforce;
        match self.phase {
            Phase::Statement => {
                if enforced && settings::validation() == Validation::Immediate && !blocking.is_empty() {
                    return Err(self.error(&blocking));
                }
                if session::in_transaction_block() && !rehearsal::is_running() {
                    // A statement that does not mend an earlier break has not made it.
                    let is_new = |violation: &Violation| !self.remembered.contains_key(&key(violation));
                    self.warn(&blocking, is_new, |statement, new| report::warned(statement, new, SHOWN, enforced));
                    for one in &passing {
                        self.warn_of_passing(one, is_new);
                    }
                }
                let violations = broken.iter().flat_map(|judged| &judged.judgement.violations);
                self.remember(broken, violations.filter(|violation| !self.remembered.contains_key(&key(violation))));
            }
            Phase::Irreversible => {
                self.warn(broken, |_| true, |statement, all| report::warned(statement, all, SHOWN, false));
            }
            Phase::BeforeCommit => {
                if enforced && !blocking.is_empty() {
                    return Err(self.error(&blocking));
                }
                if !blocking.is_empty() && lacks_reason()? {
                    return Err(self.without_reason(&blocking));
                }
                self.warn(&blocking, |_| true, |_, all| report::warned("this transaction", all, SHOWN, false));
                for one in &passing {
                    self.warn_of_passing(one, |_| true);
                }
            }
        }
        Ok(())
    }

    fn blamed<'v>(&self, broken: &[&'v Judged]) -> Vec<(&'v Violation, String)> {
        let violations = broken.iter().flat_map(|judged| &judged.judgement.violations);
        violations.map(|violation| (violation, self.blame(violation))).collect()
    }

    fn error(&self, broken: &[&Judged]) -> Error {
        let violations = self.blamed(broken);
        let blamed: Vec<Blamed> = violations.iter().map(|(v, statement)| (*v, Some(statement.as_str()))).collect();
        self.with_notices(report::broken(&blamed, SHOWN), broken).into()
    }

    /// Warns of what of `broken` is `told`, in words made by `said` from the first statement to blame.
    fn warn(
        &self,
        broken: &[&Judged],
        told: impl Fn(&Violation) -> bool,
        said: impl Fn(&str, &[Blamed]) -> report::Report,
    ) {
        let violations: Vec<_> = self.blamed(broken).into_iter().filter(|(violation, _)| told(violation)).collect();
        let Some((_, statement)) = violations.first() else { return };
        let blamed: Vec<Blamed> = violations.iter().map(|(v, statement)| (*v, Some(statement.as_str()))).collect();
        Error::from(self.with_notices(said(statement, &blamed), broken)).warn();
    }

    fn warn_of_passing(&self, judged: &Judged, told: impl Fn(&Violation) -> bool) {
        let Some(leave) = &judged.leave else { return };
        self.warn(&[judged], told, |statement, all| report::let_pass(statement, all, SHOWN, &leave.why()));
    }

    /// The error for what is broken by somebody who must say why.
    pub(super) fn without_reason(&self, broken: &[&Judged]) -> Error {
        let violations = self.blamed(broken);
        let blamed: Vec<Blamed> = violations.iter().map(|(v, statement)| (*v, Some(statement.as_str()))).collect();
        report::without_reason(&blamed, SHOWN).into()
    }
}

/// Whether the session has set `enforcement` itself, by somebody who was given the right to and is no superuser, and has not
/// said why.
pub(super) fn lacks_reason() -> Result<bool> {
    let may_be_silent = security::is_superuser(security::caller()) || security::is_superuser(security::session_user());
    Ok(!may_be_silent && settings::reason().is_empty() && settings::is_enforcement_of_session()?)
}
