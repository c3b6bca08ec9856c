//! What a statement has broken, for good or until another one.

use std::collections::BTreeSet;

use super::{Preview, REHEARSE, Untold};
use crate::report::{self, SHOWN};
use crate::simulate::judge::{Blame, Mended};
use crate::simulate::row::{Broken, Verdict};

impl Preview {
    /// Says of the statements to blame what they have broken, for good or until another one.
    pub(super) fn tell(&mut self, blamed: Vec<Blame>) {
        let mut broken: Vec<&Blame> = Vec::new();
        for blame in &blamed {
            match (blame.mended, &blame.leave) {
                (Some(by), _) => self.mended(blame, by),
                (None, None) => broken.push(blame),
                (None, Some(why)) => self.passes(blame, why),
            }
        }
        let rows: BTreeSet<usize> = broken.iter().map(|blame| blame.row).collect();
        for number in rows {
            let own: Vec<&Blame> = broken.iter().copied().filter(|blame| blame.row == number).collect();
            let violations: Vec<report::Blamed> = own.iter().map(|blame| (&blame.violation, None)).collect();
            let mut hint = report::broken(&violations, SHOWN).hint.unwrap_or_default();
            if own.iter().any(|blame| blame.rests_on_deprecated) {
                hint = format!("{hint}\n{}", report::NO_FALLBACK);
            }
            // What comes after it in its transaction and cannot be told may mend it.
            let later = own.iter().map(|blame| self.untold_after(blame)).collect::<Option<Vec<usize>>>();
            let later = later.and_then(|later| later.into_iter().min());
            let before = own.iter().filter(|blame| !blame.sure).filter_map(|blame| self.untold_before_break(blame));
            let perhaps = match (later, before.min()) {
                (Some(later), _) => Some(format!("unless {} mends it", self.shown(later))),
                (None, Some(before)) => Some(format!("unless {} has seen to that before", self.shown(before))),
                (None, None) => None,
            };
            let row = &mut self.rows[number];
            row.verdict = if perhaps.is_some() { Verdict::Unknown } else { Verdict::Breaks };
            if let Some(perhaps) = perhaps {
                row.detail = Some(format!("broken here, {perhaps}, which cannot be told"));
            }
            row.violations.extend(own.iter().map(|blame| Broken::of(&blame.violation)));
            let stakeholders: BTreeSet<&String> = row.violations.iter().map(|broken| &broken.stakeholder).collect();
            row.stakeholders = stakeholders.into_iter().cloned().collect();
            let claims: BTreeSet<i64> = row.violations.iter().map(|broken| broken.claim_id).collect();
            row.claims = claims.into_iter().filter(|id| *id != 0).collect();
            row.hint = Some(hint);
        }
    }

    /// What breaks and may is no reason against the statement, but to be known.
    fn passes(&mut self, blame: &Blame, why: &str) {
        let detail = report::passes(&blame.violation, why);
        let row = &mut self.rows[blame.row];
        row.detail = Some(match row.detail.take() {
            Some(known) => format!("{known}; {detail}"),
            None => detail,
        });
    }

    /// The first statement after the one to blame of which cannot be told what it does to the claim.
    fn untold_after(&self, blame: &Blame) -> Option<usize> {
        let concerns = |untold: &&Untold| untold.claims.as_ref().is_none_or(|claims| claims.contains(&blame.claim));
        self.untold.iter().filter(|untold| untold.row > blame.row).find(concerns).map(|untold| untold.row)
    }

    /// The first statement before the one to blame that may have broken it already, or made that this one does not.
    fn untold_before_break(&self, blame: &Blame) -> Option<usize> {
        let concerns = |untold: &&Untold| untold.claims.as_ref().is_none_or(|claims| claims.contains(&blame.claim));
        self.untold.iter().filter(|untold| untold.row < blame.row).find(concerns).map(|untold| untold.row)
    }

    fn mended(&mut self, blame: &Blame, by: Mended) {
        let by = match by {
            Mended::By(row) => self.shown(row),
            Mended::AtEnd => "the end of the transaction".to_owned(),
        };
        let later = self.untold_after(blame);
        let mut detail = format!("broken here, mended by {by}");
        if let Some(later) = later {
            detail.push_str(&format!("; but what {} does cannot be told", self.shown(later)));
        }
        let row = &mut self.rows[blame.row];
        if row.verdict == Verdict::Breaks {
            return;
        }
        if later.is_some() {
            row.verdict = Verdict::Unknown;
            row.hint.get_or_insert_with(|| REHEARSE.to_owned());
        }
        row.detail.get_or_insert(detail);
    }
}
