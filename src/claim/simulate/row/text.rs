//! Rows as text for people: a line for each statement that matters, its reasons below, and the counts at the end.

use std::fmt::Write;

use super::super::effect::LockMode;
use super::{Broken, Lock, Row, Verdict};
use crate::report::{count, one_line};

/// From this lock on somebody waits who only writes.
const BLOCKS_WRITERS: LockMode = LockMode::Share;
/// This one stops those who only read.
const BLOCKS_READERS: LockMode = LockMode::AccessExclusive;

/// The rows as plain text; the last line counts the verdicts.
///
/// A statement that is safe, blocks nobody who reads or writes claimed data and rewrites nothing is only counted.
pub fn render(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows.iter().filter(|row| matters(row)) {
        render_row(&mut text, row);
    }
    let verdicts = [Verdict::Breaks, Verdict::Fails, Verdict::Unknown, Verdict::Safe];
    let counts = verdicts.map(|verdict| (rows.iter().filter(|row| row.verdict == verdict).count(), verdict));
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, verdict)| format!("{number} {}", verdict.as_str()))
        .collect();
    text.push_str(&count(rows.len(), "statement"));
    if !counts.is_empty() {
        text.push_str(": ");
        text.push_str(&counts.join(", "));
    }
    text.push('\n');
    text
}

fn matters(row: &Row) -> bool {
    row.verdict != Verdict::Safe
        || row.detail.is_some()
        || !row.rewrites.is_empty()
        || row.locks.iter().any(|lock| lock.mode >= BLOCKS_WRITERS)
}

fn render_row(text: &mut String, row: &Row) {
    let object = row.object.iter().map(|object| format!(" {object}")).collect::<String>();
    let took = row.milliseconds.iter().map(|milliseconds| format!(" ({milliseconds:.1} ms)")).collect::<String>();
    let head = format!("{:<7}  line {}: {}{object}{took}", row.verdict.as_str(), row.line, row.statement);
    let mut lines = vec![head];
    let mut reason = |line: String| lines.push(format!("         {}", one_line(&line)));
    for detail in row.detail.iter().flat_map(|detail| detail.lines()) {
        reason(detail.to_owned());
    }
    for broken in &row.violations {
        reason(shown(broken));
    }
    for lock in row.locks.iter().filter(|lock| lock.mode >= BLOCKS_WRITERS) {
        reason(blocked(lock));
    }
    for table in &row.rewrites {
        reason(format!("writes {table} anew"));
    }
    for hint in row.hint.iter().flat_map(|hint| hint.lines()) {
        reason(format!("hint: {hint}"));
    }
    lines[0] = one_line(&lines[0]);
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
}

fn shown(broken: &Broken) -> String {
    let column = broken.column.iter().map(|column| format!(" column {column}")).collect::<String>();
    format!(
        "{}: {}{column}: expected {}, found {} ({})",
        broken.stakeholder, broken.path, broken.expected, broken.actual, broken.rule
    )
}

fn blocked(lock: &Lock) -> String {
    let waits = if lock.mode >= BLOCKS_READERS { "reads and writes wait" } else { "writes wait" };
    format!("locks {} {}: {waits} (claimed by {})", lock.relation, lock.mode, lock.readers.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, verdict: Verdict) -> Row {
        Row { verdict, ..Row::new(number, number * 10, "ALTER TABLE".into(), Some("public.orders".into())) }
    }

    #[test]
    fn a_statement_that_is_safe_and_blocks_nobody_is_only_counted() {
        let mut reads = row(1, Verdict::Safe);
        let lock = |mode| Lock { relation: "public.orders".into(), mode, readers: vec!["reporter".into()] };
        reads.locks.push(lock(LockMode::RowExclusive));
        assert_eq!(render(&[reads.clone()]), "1 statement: 1 safe\n");
        reads.locks.push(lock(LockMode::AccessExclusive));
        assert_eq!(
            render(&[reads]),
            "safe     line 10: ALTER TABLE public.orders\n         \
             locks public.orders ACCESS EXCLUSIVE: reads and writes wait (claimed by reporter)\n1 statement: 1 safe\n"
        );
    }

    #[test]
    fn a_break_has_its_reasons_below_and_the_counts_come_last() {
        let mut breaks = row(1, Verdict::Breaks);
        breaks.violations.push(Broken {
            stakeholder: "reporter".into(),
            claim_id: 7,
            path: "public.orders".into(),
            column: Some("note\nsafe".into()),
            rule: "column-exists".into(),
            expected: "text".into(),
            actual: "no such column".into(),
        });
        breaks.hint = Some("Keep it.".into());
        let mut unknown = row(2, Verdict::Unknown);
        unknown.detail = Some("it is dynamic".into());
        assert_eq!(
            render(&[breaks, unknown, row(3, Verdict::Safe)]),
            "breaks   line 10: ALTER TABLE public.orders\n         \
             reporter: public.orders column note\\nsafe: expected text, found no such column (column-exists)\n         \
             hint: Keep it.\n\
             unknown  line 20: ALTER TABLE public.orders\n         it is dynamic\n\
             3 statements: 1 breaks, 1 unknown, 1 safe\n"
        );
    }

    #[test]
    fn a_script_without_statements_is_said_to_have_none() {
        assert_eq!(render(&[]), "0 statements\n");
    }
}
