//! The rows of a preview or a rehearsal, said to a person and to a program.

use std::collections::BTreeSet;
use std::fmt;

use super::row::{Lock, Row, Verdict};
use crate::report::{BREAK, Report, SHOWN, count, line, lines, one_line};

/// feature_not_supported: what cannot be told.
const UNKNOWN: &str = "0A000";

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.mode, one_line(&self.relation))?;
        match self.readers.as_slice() {
            [] => Ok(()),
            readers => write!(f, " (read by {})", readers.join(", ")),
        }
    }
}

impl Row {
    /// What it breaks, a line each.
    pub fn violation_lines(&self) -> Vec<String> {
        self.violations.iter().map(|broken| line(broken, None)).collect()
    }

    /// Whether it must not be run as it is. What breaks a claim, unless something mends it of which cannot be told what it
    /// does, is not let through with what is merely unknown.
    pub fn is_refused(&self, allow_unknown: bool) -> bool {
        match self.verdict {
            Verdict::Safe => false,
            Verdict::Unknown => !allow_unknown || !self.violations.is_empty(),
            Verdict::Breaks | Verdict::Fails => true,
        }
    }

    /// The statement and its object: `ALTER TABLE public.orders`.
    pub fn subject(&self) -> String {
        match &self.object {
            Some(object) => one_line(&format!("{} {object}", self.statement)),
            None => one_line(&self.statement),
        }
    }
}

/// The verdict on a whole script: the worst of its statements'.
pub fn worst(rows: &[Row]) -> Verdict {
    rows.iter().map(|row| row.verdict).max().unwrap_or(Verdict::Safe)
}

/// The error for a script that is to be let through only if it is safe; `None` if it is.
pub fn refusal(rows: &[Row], allow_unknown: bool) -> Option<Report> {
    let bad: Vec<&Row> = rows.iter().filter(|row| row.is_refused(allow_unknown)).collect();
    let unknown = bad.iter().filter(|row| row.verdict == Verdict::Unknown && row.violations.is_empty()).count();
    let broken = || bad.iter().flat_map(|row| &row.violations);
    let claims: BTreeSet<i64> = broken().map(|broken| broken.claim_id).collect();
    let stakeholders: BTreeSet<&str> = broken().map(|broken| broken.stakeholder.as_str()).collect();
    let message = if bad.is_empty() {
        return None;
    } else if let Some(row) = bad.iter().find(|row| row.verdict == Verdict::Fails) {
        format!("this script would fail at line {}", row.line)
    } else if bad.len() == unknown {
        let cannot = format!("{} cannot be told beforehand", if unknown == 1 { "does" } else { "do" });
        format!("what {} of this script {cannot}", count(unknown, "statement"))
    } else if claims.is_empty() {
        "this script would break claims".to_owned()
    } else {
        let (claims, stakeholders) = (count(claims.len(), "claim"), count(stakeholders.len(), "stakeholder"));
        format!("this script would break {claims} of {stakeholders}")
    };
    let detail: Vec<String> = bad.iter().flat_map(|row| detail_lines(row)).collect();
    Some(Report {
        sqlstate: if bad.len() == unknown { UNKNOWN } else { BREAK },
        message,
        detail: Some(lines(detail.into_iter(), SHOWN)),
        hint: Some(hints(&bad, unknown)),
    })
}

fn detail_lines(row: &Row) -> Vec<String> {
    let at = format!("line {}: {}", row.line, row.subject());
    let mut said = row.violation_lines();
    if said.is_empty() || row.verdict == Verdict::Fails {
        let why = row.detail.as_deref().map(|detail| format!(": {}", one_line(detail))).unwrap_or_default();
        said.insert(0, format!("{}{why}", row.verdict.as_str()));
    }
    said.into_iter().map(|line| format!("{at}: {line}")).collect()
}

/// The hints of the rows, each once.
fn hints(rows: &[&Row], unknown: usize) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for hint in rows.iter().filter_map(|row| row.hint.as_deref()) {
        if !seen.contains(&hint) {
            seen.push(hint);
        }
    }
    if unknown > 0 {
        seen.push("Read what is unknown yourself, and let it pass with allow_unknown; or rehearse the script.");
    }
    seen.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::effect::LockMode;
    use crate::simulate::row::Broken;

    fn row(number: usize, statement: &str, object: &str, verdict: Verdict) -> Row {
        let mut row = Row::new(number, number * 10, statement.into(), Some(object.into()));
        row.verdict = verdict;
        row
    }

    fn breaks() -> Row {
        let mut row = row(2, "ALTER TABLE", "public.orders", Verdict::Breaks);
        row.stakeholders = vec!["reporter".into()];
        row.violations = vec![Broken {
            stakeholder: "reporter".into(),
            claim_id: 7,
            path: "public.orders".into(),
            column: Some("note".into()),
            rule: "column-exists".into(),
            expected: "text".into(),
            actual: "no such column".into(),
        }];
        row.hint = Some("Keep the column.".into());
        row.locks = vec![Lock {
            relation: "public.orders".into(),
            mode: LockMode::AccessExclusive,
            readers: vec!["auditor".into(), "reporter".into()],
        }];
        row
    }

    fn unknown() -> Row {
        let mut row = Row::new(3, 30, "DO".into(), None);
        row.verdict = Verdict::Unknown;
        row.detail = Some("its commands are made while it runs".into());
        row
    }

    #[test]
    fn the_worst_statement_decides() {
        assert_eq!(worst(&[]), Verdict::Safe);
        let safe = row(1, "CREATE TABLE", "public.t", Verdict::Safe);
        assert_eq!(worst(&[safe.clone(), unknown()]), Verdict::Unknown);
        assert_eq!(worst(&[safe, breaks(), unknown()]), Verdict::Breaks);
    }

    #[test]
    fn all_that_breaks_is_refused_in_one_error() {
        let report = refusal(&[row(1, "ALTER TABLE", "t", Verdict::Safe), breaks(), unknown()], false).unwrap();
        assert_eq!(report.sqlstate, "2BP01");
        assert_eq!(report.message, "this script would break 1 claim of 1 stakeholder");
        assert_eq!(
            report.detail.unwrap(),
            "line 20: ALTER TABLE public.orders: reporter: public.orders column note: expected text, found no such \
             column (column-exists)\nline 30: DO: unknown: its commands are made while it runs"
        );
        assert!(report.hint.unwrap().starts_with("Keep the column.\n"));
    }

    #[test]
    fn what_is_unknown_is_refused_unless_allowed() {
        let rows = [row(1, "ALTER TABLE", "t", Verdict::Safe), unknown()];
        let report = refusal(&rows, false).unwrap();
        assert_eq!(report.sqlstate, "0A000");
        assert_eq!(report.message, "what 1 statement of this script does cannot be told beforehand");
        assert_eq!(refusal(&rows, true), None);
        assert!(!refusal(&[breaks(), unknown()], true).unwrap().detail.unwrap().contains("DO"));
        assert_eq!(refusal(&rows[..1], false), None);
    }

    #[test]
    fn a_break_that_names_no_claim_is_refused_too() {
        let mut hidden = row(1, "DROP TYPE", "public.mood", Verdict::Breaks);
        hidden.detail = Some("Claims on relations of others.".into());
        let report = refusal(&[hidden], true).unwrap();
        assert_eq!((report.sqlstate, report.message.as_str()), ("2BP01", "this script would break claims"));
        assert_eq!(report.detail.unwrap(), "line 10: DROP TYPE public.mood: breaks: Claims on relations of others.");
    }

    #[test]
    fn a_newline_in_a_name_forges_no_line() {
        let row = row(1, "DROP TABLE", "public.\"x\nm.sql:1: safe: y\"", Verdict::Breaks);
        assert_eq!(refusal(&[row], false).unwrap().detail.unwrap().lines().count(), 1);
    }
}
