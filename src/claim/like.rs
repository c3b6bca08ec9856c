//! SQL's LIKE: `%` is any text, `_` any character, a backslash takes the next one literally.

/// Why a pattern is none, if so.
pub(crate) fn wrong(pattern: &str, longest: usize) -> Option<String> {
    if pattern.is_empty() {
        Some("pattern is empty".to_owned())
    } else if pattern.len() > longest {
        Some(format!("pattern is longer than {longest} bytes"))
    } else if ends_with_escape(pattern) {
        Some("pattern ends with a backslash that escapes nothing".to_owned())
    } else {
        None
    }
}

fn ends_with_escape(pattern: &str) -> bool {
    pattern.chars().rev().take_while(|letter| *letter == '\\').count() % 2 == 1
}

enum Step {
    Any,
    One,
    Literal(char),
}

/// Whether `text` is like `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut steps = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        steps.push(match letter {
            '%' => Step::Any,
            '_' => Step::One,
            '\\' => Step::Literal(letters.next().unwrap_or('\\')),
            other => Step::Literal(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    // The last % is the only place to go back to: no recursion, at most length times length steps.
    let (mut step, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match steps.get(step) {
            Some(Step::Any) => {
                back = Some((step + 1, at));
                step += 1;
                continue;
            }
            Some(Step::One) => {}
            Some(Step::Literal(letter)) if *letter == text[at] => {}
            _ => match back {
                Some((after, from)) => {
                    back = Some((after, from + 1));
                    (step, at) = (after, from + 1);
                    continue;
                }
                None => return false,
            },
        }
        step += 1;
        at += 1;
    }
    steps[step..].iter().all(|step| matches!(step, Step::Any))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_sql() {
        for (pattern, text, expected) in [
            ("audit_%", "audit_log", true),
            ("audit_%", "auditX", true),
            ("audit_%", "audit", false),
            ("audit\\_%", "auditXlog", false),
            ("%log", "audit_log", true),
            ("%a%b%", "xxaxxbxx", true),
            ("%ab", "aab", true),
            ("a", "ab", false),
            ("_", "é", true),
            ("%", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_of_many_percents_is_not_slow() {
        assert!(!matches(&"%a".repeat(100), &"a".repeat(99)));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert!(wrong("", 10).is_some() && wrong("a\\", 10).is_some() && wrong("0123456789a", 10).is_some());
        assert!(wrong("a\\\\", 10).is_none());
    }
}
