//! A problem of a claim document: what is wrong, where in the JSON it stands, and the SQLSTATE it is reported with.

use crate::nearest::nearest;
use crate::path::PathError;
use serde_json::{Map, Value};
use std::fmt;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// As many problems of one document are collected; a document with more is not read further.
pub const MAX_PROBLEMS: usize = 1_000;

/// Longest text, in characters, that a message or a JSON path repeats from a document.
const MAX_REPEATED: usize = 160;

/// One thing wrong with a claim document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, as `$.match[0].fields[1].type`; `$` is the document.
    pub json_path: String,
    /// What sort of problem it is.
    pub kind: ProblemKind,
    /// What is wrong: one line, as PostgreSQL writes its messages.
    pub message: String,
    /// What to do about it, where there is something to say.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    /// `$.match[0].path: message`, without the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.json_path, self.message)
    }
}

/// The sorts of problem a claim document can have, each with its SQLSTATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The JSON is not of the form a claim document has. `22023` invalid_parameter_value.
    Malformed,
    /// A key the claim document does not have there. `22023` invalid_parameter_value.
    UnknownKey,
    /// A text that is no name or path. `42602` invalid_name.
    InvalidName,
    /// A schema that does not exist. `3F000` invalid_schema_name.
    UndefinedSchema,
    /// A relation that does not exist. `42P01` undefined_table.
    UndefinedRelation,
    /// A column that does not exist. `42703` undefined_column.
    UndefinedColumn,
    /// A type that does not exist. `42704` undefined_object.
    UndefinedType,
    /// A function that does not exist with these arguments. `42883` undefined_function.
    UndefinedFunction,
    /// A collation that does not exist. `42704` undefined_object.
    UndefinedCollation,
    /// A key, foreign key or index that does not exist. `42704` undefined_object.
    MissingConstraint,
    /// Keys that contradict each other. `22023` invalid_parameter_value.
    Contradiction,
    /// A column that exists with another shape. `42804` datatype_mismatch.
    WrongShape,
    /// An object of a kind that cannot be claimed. `42809` wrong_object_type.
    WrongObject,
    /// What no stakeholder may claim. `42501` insufficient_privilege.
    Forbidden,
    /// The same thing named twice. `42710` duplicate_object.
    Duplicate,
    /// More than the limits of a document allow. `54000` program_limit_exceeded.
    TooLarge,
}

impl ProblemKind {
    /// The SQLSTATE a problem of this kind is reported with.
    pub fn sqlstate(self) -> &'static str {
        match self {
            Self::Malformed | Self::UnknownKey | Self::Contradiction => "22023",
            Self::InvalidName => "42602",
            Self::UndefinedSchema => "3F000",
            Self::UndefinedRelation => "42P01",
            Self::UndefinedColumn => "42703",
            Self::UndefinedType | Self::UndefinedCollation | Self::MissingConstraint => "42704",
            Self::UndefinedFunction => "42883",
            Self::WrongShape => "42804",
            Self::WrongObject => "42809",
            Self::Forbidden => "42501",
            Self::Duplicate => "42710",
            Self::TooLarge => "54000",
        }
    }
}

/// The problems found so far, at most [`MAX_PROBLEMS`].
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Notes a problem; does nothing once the cap is reached.
    pub(crate) fn add(&mut self, kind: ProblemKind, json_path: &str, message: impl Into<String>, hint: Option<&str>) {
        if !self.is_full() {
            self.found.push(Problem {
                json_path: json_path.to_owned(),
                kind,
                message: message.into(),
                hint: hint.map(str::to_owned),
            });
        }
    }

    /// Notes that the JSON is not of the form a claim document has.
    pub(crate) fn malformed(&mut self, json_path: &str, message: impl Into<String>, hint: Option<&str>) {
        self.add(ProblemKind::Malformed, json_path, message, hint);
    }

    /// Notes that `what` is of another JSON type than `expected`.
    pub(crate) fn mismatch(&mut self, json_path: &str, what: &str, expected: &str, found: &Value, hint: Option<&str>) {
        let message = format!("{what} must be {expected}, found {}", describe(found));
        self.malformed(json_path, message, hint);
    }

    /// Notes that `what` stands at two places of which one is too many.
    pub(crate) fn duplicate(&mut self, what: &str, first: &str, second: &str) {
        let message = format!("{what} appears twice, at {first} and at {second}");
        self.add(ProblemKind::Duplicate, second, message, Some("name each thing once"));
    }

    /// The object `value` is; notes a problem if it is none.
    pub(crate) fn object<'a>(&mut self, value: &'a Value, at: &str, what: &str, hint: &str) -> Option<&'a Object> {
        if !value.is_object() {
            self.mismatch(at, what, "an object", value, Some(hint));
        }
        value.as_object()
    }

    /// The text `value` is; notes a problem if it is none.
    pub(crate) fn text<'a>(&mut self, value: &'a Value, at: &str, what: &str) -> Option<&'a str> {
        if !value.is_string() {
            self.mismatch(at, what, "a string", value, None);
        }
        value.as_str()
    }

    /// The value of a key that may be left out; notes a problem if it is no boolean.
    pub(crate) fn boolean(&mut self, object: &Object, at: &str, key: &str) -> Option<bool> {
        let value = present(object, key)?;
        if !value.is_boolean() {
            self.mismatch(&json_key(at, key), &quoted(key), "true or false", value, None);
        }
        value.as_bool()
    }

    /// What `read` makes of the elements of a list of at most `limit`; those it makes nothing of are left out. Notes a
    /// problem, and reads no element, if `value` is no array or too long.
    pub(crate) fn list<T>(
        &mut self,
        value: &Value,
        at: &str,
        what: &str,
        limit: usize,
        mut read: impl FnMut(&mut Self, &Value, String) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(list) = value.as_array() else {
            self.mismatch(at, what, "an array", value, Some("write a list: [...]"));
            return None;
        };
        if list.len() > limit {
            let message = format!("at most {limit} {what} are allowed here, found {}", list.len());
            self.add(ProblemKind::TooLarge, at, message, Some("claim whole tables or schemas with \"*\""));
            return None;
        }
        let mut elements = Vec::with_capacity(list.len());
        for (index, element) in list.iter().enumerate() {
            if self.is_full() {
                break;
            }
            elements.extend(read(self, element, json_index(at, index)));
        }
        Some(elements)
    }

    /// The value of `key`; notes a problem if it is left out.
    pub(crate) fn required<'a>(&mut self, object: &'a Object, at: &str, key: &str, hint: &str) -> Option<&'a Value> {
        let value = present(object, key);
        if value.is_none() {
            self.malformed(at, format!("missing key {}", quoted(key)), Some(hint));
        }
        value
    }

    /// What was read from a path or name; notes a problem if it is none.
    pub(crate) fn valid_name<T>(&mut self, name: Result<T, PathError>, at: &str) -> Option<T> {
        let note = |error: PathError| {
            self.add(ProblemKind::InvalidName, at, error.message, Some(&error.hint));
        };
        name.map_err(note).ok()
    }

    /// Notes every key of `object` that `what` does not have.
    pub(crate) fn check_keys(&mut self, object: &Object, at: &str, what: &str, allowed: &[&str]) {
        for key in object.keys().filter(|key| !allowed.contains(&key.as_str())) {
            let hint = match nearest(key, allowed.iter().copied()) {
                Some(meant) => format!("did you mean {}?", quoted(meant)),
                None => {
                    let all: Vec<String> = allowed.iter().map(|key| quoted(key)).collect();
                    format!("{what} may have: {}", all.join(", "))
                }
            };
            let message = format!("unrecognized key {}", quoted(key));
            self.add(ProblemKind::UnknownKey, &json_key(at, key), message, Some(&hint));
        }
    }

    /// Whether the cap is reached, so that there is no point in reading on.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MAX_PROBLEMS
    }

    /// All of them, in the order they were found.
    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}

/// The value of a key, unless it is left out or null, which mean the same.
pub(crate) fn present<'a>(object: &'a Object, key: &str) -> Option<&'a Value> {
    object.get(key).filter(|value| !value.is_null())
}

/// The JSON type of a value, in words.
pub(crate) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The JSON path of `key` within the object at `parent`: `$.match`, or `$["odd key"]` if it is not a plain identifier.
pub fn json_key(parent: &str, key: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_plain =
        key.chars().all(is_word) && key.len() <= MAX_REPEATED && key.starts_with(|c: char| !c.is_ascii_digit());
    if is_plain { format!("{parent}.{key}") } else { format!("{parent}[{}]", quoted(key)) }
}

/// The JSON path of element `index` of the array at `parent`: `$.match[0]`.
pub fn json_index(parent: &str, index: usize) -> String {
    format!("{parent}[{index}]")
}

/// `text` as a JSON string, for use in a message: control characters (NUL and line ends too) are escaped and a long text is
/// cut, so that no document can break the lines of a log or fill it.
pub fn quoted(text: &str) -> String {
    let (kept, rest) = match text.char_indices().nth(MAX_REPEATED) {
        Some((end, _)) => (&text[..end], "..."),
        None => (text, ""),
    };
    Value::from(format!("{kept}{rest}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_no_identifier_is_written_in_brackets() {
        assert_eq!(json_key("$", "match"), "$.match");
        assert_eq!(json_key("$.match[0]", "odd key"), r#"$.match[0]["odd key"]"#);
        assert_eq!(json_key("$", ""), r#"$[""]"#);
        assert_eq!(json_key("$", "1st"), r#"$["1st"]"#);
        assert_eq!(json_key("$", "a\"b"), r#"$["a\"b"]"#);
        assert_eq!(json_index("$.match", 2), "$.match[2]");
    }

    #[test]
    fn repeated_text_is_cut_and_cannot_break_a_log_line() {
        assert_eq!(quoted("a\n\0b"), r#""a\n\u0000b""#);
        let cut = quoted(&"é".repeat(1_000_000));
        assert_eq!(cut, format!("\"{}...\"", "é".repeat(MAX_REPEATED)));
        assert!(json_key("$", &"k".repeat(1_000_000)).len() < 200);
    }

    #[test]
    fn no_more_problems_than_the_cap_are_kept() {
        let mut problems = Problems::default();
        for _ in 0..2 * MAX_PROBLEMS {
            problems.add(ProblemKind::Malformed, "$", "x", None);
        }
        assert!(problems.is_full());
        assert_eq!(problems.into_vec().len(), MAX_PROBLEMS);
    }

    #[test]
    fn a_problem_reads_as_path_and_message() {
        let mut problems = Problems::default();
        problems.add(ProblemKind::UnknownKey, "$.x", "unrecognized key \"x\"", Some("h"));
        let all = problems.into_vec();
        assert_eq!(all[0].to_string(), "$.x: unrecognized key \"x\"");
        assert_eq!((all[0].hint.as_deref(), all[0].kind.sqlstate()), (Some("h"), "22023"));
    }
}
