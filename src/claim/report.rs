//! Violations and problems, said to a person: one line, a DETAIL with one line a violation, a HINT with the way forward.

use std::collections::BTreeSet;

use crate::problem::{MAX_PROBLEMS, Problem};
use crate::simulate::row::Broken;
use crate::validate::Violation;

/// An error as PostgreSQL reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Five-character SQLSTATE.
    pub sqlstate: &'static str,
    /// Primary message.
    pub message: String,
    /// DETAIL.
    pub detail: Option<String>,
    /// HINT.
    pub hint: Option<String>,
}

/// dependent_objects_still_exist
pub const BREAK: &str = "2BP01";

/// How many violations or problems one report spells out.
pub const SHOWN: usize = 100;

/// What to do when what is left of a broken claim is deprecated.
pub const NO_FALLBACK: &str =
    "What is deprecated is no fallback: if it is to stay, its owner can call integratedb.undeprecate() first.";

/// A violation and the statement that brought it about, if known.
pub type Blamed<'a> = (&'a Violation, Option<&'a str>);

/// The error for a transaction that would break claims.
pub fn broken(violations: &[Blamed], shown: usize) -> Report {
    let claims: BTreeSet<i64> = violations.iter().map(|(violation, _)| violation.claim_id).collect();
    let stakeholders: BTreeSet<&str> = violations.iter().map(|(violation, _)| violation.stakeholder.as_str()).collect();
    Report {
        sqlstate: BREAK,
        message: format!(
            "this would break {} of {}",
            count(claims.len(), "claim"),
            count(stakeholders.len(), "stakeholder")
        ),
        detail: Some(lines(
            violations.iter().map(|(violation, statement)| line(&Broken::of(violation), *statement)),
            shown,
        )),
        hint: Some(hints(violations)),
    }
}

/// The warning for a statement that breaks claims in a transaction that may still mend them.
pub fn warned(statement: &str, violations: &[Blamed], shown: usize, enforced: bool) -> Report {
    let report = broken(violations, shown);
    let what = report.message.trim_start_matches("this would break ").to_owned();
    let (message, hint) = if enforced {
        (
            one_line(&format!("{statement} breaks {what}")),
            "It is checked again before COMMIT: unless the transaction mends it by then, it will fail.".to_owned(),
        )
    } else {
        (format!("{statement} breaks {what}; integratedb.enforcement is \"warn\""), report.hint.unwrap_or_default())
    };
    Report { sqlstate: BREAK, message, detail: report.detail, hint: Some(hint) }
}

/// The warning for a break that may pass; `why` says by what.
pub fn let_pass(statement: &str, violations: &[Blamed], shown: usize, why: &str) -> Report {
    let report = broken(violations, shown);
    let what = report.message.trim_start_matches("this would break ");
    Report {
        message: one_line(&format!("{statement} breaks {what}, and may: {why}")),
        hint: Some(
            "The claim is unmet from COMMIT on, unless the transaction mends it; it blocks nobody then.".to_owned(),
        ),
        ..report
    }
}

/// The same of one violation, as the detail of a statement.
pub fn passes(violation: &Violation, why: &str) -> String {
    let column = violation.column.iter().map(|column| format!(" column {column}")).collect::<String>();
    let (path, stakeholder, rule) = (&violation.path, &violation.stakeholder, violation.rule().code);
    one_line(&format!("breaks {path}{column} of {stakeholder} ({rule}), and may: {why}"))
}

/// The error for a break under `enforcement = warn` by somebody who must say why.
pub fn without_reason(violations: &[Blamed], shown: usize) -> Report {
    let report = broken(violations, shown);
    let what = report.message.trim_start_matches("this would break ").to_owned();
    Report {
        message: format!("breaking {what} needs a reason"),
        hint: Some("Say why for the record: SET LOCAL integratedb.reason = '...' in the same transaction.".to_owned()),
        ..report
    }
}

/// The error of `validate_migration()`.
pub fn unmet(violations: &[Blamed], shown: usize, total: usize) -> Report {
    let report = broken(violations, shown);
    let mut detail = report.detail.unwrap_or_default();
    if total > violations.len() {
        detail.push_str(&format!("\nand {} more", total - violations.len()));
    }
    Report {
        message: format!(
            "{} not met",
            if total == 1 { "1 claimed item is".into() } else { format!("{total} claimed items are") }
        ),
        detail: Some(detail),
        ..report
    }
}

/// The error for a document that cannot be claimed: all its problems at once.
pub fn rejected(problems: &[Problem], stakeholder: &str) -> Report {
    let first = problems.first();
    let same = problems.iter().all(|problem| Some(problem.kind) == first.map(|first| first.kind));
    let sqlstate = match first {
        Some(first) if same => first.kind.sqlstate(),
        _ => "22023",
    };
    let hint = match problems {
        [one] => one.hint.clone(),
        _ => problems.iter().find_map(|problem| problem.hint.clone()),
    };
    Report {
        sqlstate,
        message: format!(
            "claim of stakeholder \"{stakeholder}\" has {}{}",
            if problems.len() >= MAX_PROBLEMS { "at least " } else { "" },
            count(problems.len(), "problem")
        ),
        detail: Some(lines(
            problems.iter().map(|problem| {
                one_line(&match &problem.hint {
                    Some(hint) if problems.len() > 1 => format!("{}: {} ({hint})", problem.json_path, problem.message),
                    _ => format!("{}: {}", problem.json_path, problem.message),
                })
            }),
            SHOWN,
        )),
        hint: hint.map(|hint| one_line(&sentence(&hint))),
    }
}

/// What a caller gave, as a message repeats it: on one line, and not all of a very long one.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 160;
    let mut letters = text.chars();
    let mut shown: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        shown.push_str("...");
    }
    one_line(&shown)
}

/// A hint as PostgreSQL writes it: a capital first, an end.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

/// `1 claim`, `2 claims`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// What is broken, in a line, after which statement.
pub(crate) fn line(broken: &Broken, statement: Option<&str>) -> String {
    let mut text = format!("{}: {}", broken.stakeholder, broken.path);
    if let Some(column) = &broken.column {
        text.push_str(&format!(" column {column}"));
    }
    text.push_str(&format!(": expected {}, found {} ({})", broken.expected, broken.actual, broken.rule));
    if let Some(statement) = statement {
        text.push_str(&format!(" after {statement}"));
    }
    one_line(&text)
}

/// A name may hold a newline; a violation is one line all the same, or a name could forge others.
pub fn one_line(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    text.chars().fold(String::new(), |mut line, c| {
        if c.is_control() {
            line.extend(c.escape_default())
        } else {
            line.push(c)
        }
        line
    })
}

/// At most `shown` lines, then how many were left out.
pub(crate) fn lines(all: impl ExactSizeIterator<Item = String>, shown: usize) -> String {
    let left_out = all.len().saturating_sub(shown);
    let mut lines: Vec<String> = all.take(shown).collect();
    if left_out > 0 {
        lines.push(format!("and {left_out} more"));
    }
    lines.join("\n")
}

/// The hints of the rules concerned, each once.
fn hints(violations: &[Blamed]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for (violation, _) in violations {
        if !seen.contains(&violation.rule().hint) {
            seen.push(violation.rule().hint);
        }
    }
    seen.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::ProblemKind;
    use crate::rules::column_exists;

    fn violation(claim_id: i64) -> Violation {
        Violation {
            claim_id,
            stakeholder: "reporter".into(),
            path: "public.orders".into(),
            column: Some("note".into()),
            finding: column_exists::missing("character varying(80)"),
            place: (0, Some((0, 0))),
        }
    }

    #[test]
    fn a_break_is_one_line_with_counts_and_a_detail_line_each() {
        let (one, two) = (violation(1), violation(2));
        let report = broken(&[(&one, Some("ALTER TABLE public.orders")), (&two, None)], SHOWN);
        assert_eq!(report.message, "this would break 2 claims of 1 stakeholder");
        let detail = report.detail.unwrap();
        assert_eq!(
            detail.lines().next(),
            Some(
                "reporter: public.orders column note: expected character varying(80), found no such column \
                 (column-exists) after ALTER TABLE public.orders"
            )
        );
        assert_eq!(detail.lines().count(), 2);
    }

    #[test]
    fn a_newline_in_a_name_forges_no_line() {
        let mut forged = violation(1);
        forged.column = Some("x\nreporter: public.fake".into());
        let report = broken(&[(&forged, None)], SHOWN);
        assert_eq!(report.detail.unwrap().lines().count(), 1);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let all: Vec<Violation> = (0..5).map(violation).collect();
        let blamed: Vec<Blamed> = all.iter().map(|violation| (violation, None)).collect();
        assert!(broken(&blamed, 2).detail.unwrap().ends_with("\nand 3 more"));
    }

    #[test]
    fn one_kind_of_problem_keeps_its_sqlstate_and_a_mixture_is_invalid_parameter_value() {
        let problem = |kind| Problem { json_path: "$".into(), kind, message: "m".into(), hint: None };
        let columns = [problem(ProblemKind::UndefinedColumn), problem(ProblemKind::UndefinedColumn)];
        assert_eq!(rejected(&columns, "r").sqlstate, "42703");
        let mixed = [problem(ProblemKind::UndefinedColumn), problem(ProblemKind::UndefinedRelation)];
        assert_eq!(rejected(&mixed, "r").sqlstate, "22023");
    }
}
