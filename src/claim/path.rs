//! The path of a match: `schema.relation` or `schema.*`.
//!
//! Names are literal and case-sensitive (`public.Orders` is the relation `Orders`), as JSON strings already quote them;
//! white space is part of a name. A part that begins with a double quote is quoted as in SQL, `""` standing for one quote:
//! so are written names that hold a dot or a quote, or are a lone asterisk.

use crate::problem::quoted;
use std::borrow::Cow;
use std::fmt;

/// Longest identifier in bytes (`NAMEDATALEN` - 1).
pub const MAX_NAME_BYTES: usize = 63;

/// What a match is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Path {
    /// One relation, `schema.relation`.
    Relation {
        /// The schema's name, as the catalog holds it.
        schema: String,
        /// The relation's name, as the catalog holds it.
        relation: String,
    },
    /// Every relation of a schema, `schema.*`.
    Wildcard {
        /// The schema's name, as the catalog holds it.
        schema: String,
    },
}

/// Why a text is not a path or a name. Reported with SQLSTATE `42602` (invalid_name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// What is wrong.
    pub message: String,
    /// How to write it.
    pub hint: String,
}

impl PathError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { message, hint }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathError {}

const FORM: &str = "write \"schema.relation\", or \"schema.*\" for every relation of a schema";
const QUOTING: &str = "write a name that holds a dot or a quote in double quotes, with each quote in it doubled";

impl Path {
    /// Reads the text of a path. Every name in it is one that can exist: not empty, no NUL, at most
    /// [`MAX_NAME_BYTES`]. Whether the relation exists, and may be claimed, is not looked at.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        if text.is_empty() {
            return Err(PathError::new("path is empty", FORM));
        }
        let (schema, rest) = Part::take(text)?;
        let Some(rest) = rest else {
            return Err(without_schema(text, &schema));
        };
        let (relation, rest) = Part::take(rest)?;
        if rest.is_some() {
            let message = format!("path {} has more than two parts", quoted(text));
            let hint = format!("{FORM}; a dot within a name needs double quotes around that name");
            return Err(PathError::new(message, hint));
        }
        if schema.is_asterisk() {
            let message = format!("path {} does not name its schema", quoted(text));
            return Err(PathError::new(message, "the schema must be named; write one match for each schema"));
        }
        check_name(&schema.name, "schema")?;
        let schema_name = schema.name.into_owned();
        if relation.is_asterisk() {
            return Ok(Path::Wildcard { schema: schema_name });
        }
        check_name(&relation.name, "relation")?;
        Ok(Path::Relation { schema: schema_name, relation: relation.name.into_owned() })
    }

    /// The schema's name, unquoted.
    pub fn schema(&self) -> &str {
        match self {
            Path::Relation { schema, .. } | Path::Wildcard { schema } => schema,
        }
    }

    /// The relation's name, unquoted; none for a wildcard.
    pub fn relation(&self) -> Option<&str> {
        match self {
            Path::Relation { relation, .. } => Some(relation),
            Path::Wildcard { .. } => None,
        }
    }
}

impl fmt::Display for Path {
    /// The canonical text, which [`Path::parse`] reads back as the same path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Relation { schema, relation } => f.write_str(&display_relation(schema, relation)),
            Path::Wildcard { schema } => write!(f, "{}.*", display_part(schema)),
        }
    }
}

/// The canonical text of the path to one relation: a part stands bare unless it needs quotes.
pub fn display_relation(schema: &str, relation: &str) -> String {
    format!("{}.{}", display_part(schema), display_part(relation))
}

/// The canonical text of a function: a parenthesis in a bare name would begin its arguments.
pub fn display_function(schema: &str, name: &str, arguments: &str) -> String {
    let path = match display_part(name) {
        Cow::Borrowed(bare) if bare.contains('(') => {
            format!("{}.\"{}\"", display_part(schema), bare.replace('"', "\"\""))
        }
        part => format!("{}.{part}", display_part(schema)),
    };
    format!("{path}({arguments})")
}

/// The canonical text of a schema's name.
pub fn display_schema(schema: &str) -> String {
    display_part(schema).into_owned()
}

fn display_part(name: &str) -> Cow<'_, str> {
    if name.is_empty() || name == "*" || name.contains(['.', '"']) {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(name)
    }
}

/// The name of a column as a list of fields writes it, which [`parse_column_name`] reads back.
pub fn display_column(name: &str) -> String {
    if name == "*" || name.starts_with('"') { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// Reads the name of a column: literal, dots and asterisks too, unless it begins with a double quote and so is quoted as
/// in SQL. The name is one that can exist.
pub fn parse_column_name(text: &str) -> Result<String, PathError> {
    let name = if text.starts_with('"') {
        let (name, rest) = take_quoted(text)?;
        if !rest.is_empty() {
            return Err(after_quote(text));
        }
        Cow::Owned(name)
    } else {
        Cow::Borrowed(text)
    };
    check_name(&name, "column")?;
    Ok(name.into_owned())
}

/// Reads `schema.name(type, type)`: the path of a function, and the types of its arguments as they are written.
pub fn parse_function(text: &str) -> Result<(Path, Vec<String>), PathError> {
    const FUNCTION_FORM: &str = "write \"schema.name(type, type)\", with the types of the input arguments";
    let malformed =
        || PathError::new(format!("function {} has no list of arguments", quoted(text)), FUNCTION_FORM.to_owned());
    let open = top_level(text, '(').next().ok_or_else(malformed)?;
    let arguments = text[open + 1..].strip_suffix(')').ok_or_else(malformed)?;
    let path = Path::parse(&text[..open])?;
    if path.relation().is_none() {
        return Err(PathError::new("a function cannot be a wildcard".to_owned(), FUNCTION_FORM.to_owned()));
    }
    if arguments.trim().is_empty() {
        return Ok((path, Vec::new()));
    }
    let commas: Vec<usize> = top_level(arguments, ',').collect();
    let starts = std::iter::once(0).chain(commas.iter().map(|comma| comma + 1));
    let ends = commas.iter().copied().chain(std::iter::once(arguments.len()));
    Ok((path, starts.zip(ends).map(|(start, end)| arguments[start..end].trim().to_owned()).collect()))
}

/// Where `wanted` stands in `text` outside of double quotes and of parentheses.
fn top_level(text: &str, wanted: char) -> impl Iterator<Item = usize> + '_ {
    let (mut quoted, mut depth) = (false, 0usize);
    text.char_indices().filter_map(move |(position, letter)| {
        let here = !quoted && depth == 0 && letter == wanted;
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        here.then_some(position)
    })
}

/// A part of a path, with its quotes taken off.
struct Part<'a> {
    name: Cow<'a, str>,
    is_quoted: bool,
}

impl<'a> Part<'a> {
    /// The first part of `text`, and what follows its dot, if there is a dot.
    fn take(text: &'a str) -> Result<(Part<'a>, Option<&'a str>), PathError> {
        if text.starts_with('"') {
            let (name, rest) = take_quoted(text)?;
            let part = Part { name: Cow::Owned(name), is_quoted: true };
            return match rest.strip_prefix('.') {
                Some(rest) => Ok((part, Some(rest))),
                None if rest.is_empty() => Ok((part, None)),
                None => Err(after_quote(text)),
            };
        }
        let (name, rest) = match text.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        // A quote that opens nothing is a mistake more often than a name: `public.a"b.c"`.
        if name.contains('"') {
            let message = format!("stray double quote in {}", quoted(name));
            return Err(PathError::new(message, QUOTING));
        }
        Ok((Part { name: Cow::Borrowed(name), is_quoted: false }, rest))
    }

    fn is_asterisk(&self) -> bool {
        !self.is_quoted && self.name == "*"
    }
}

/// The SQL-quoted name `text` begins with, and what follows its closing quote.
fn take_quoted(text: &str) -> Result<(String, &str), PathError> {
    let mut name = String::new();
    let mut rest = &text[1..];
    while let Some((before, after)) = rest.split_once('"') {
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Ok((name, after)),
        }
    }
    Err(PathError::new(format!("unterminated double quote in {}", quoted(text)), QUOTING))
}

fn after_quote(text: &str) -> PathError {
    PathError::new(format!("unexpected text after the closing quote in {}", quoted(text)), QUOTING)
}

fn without_schema(text: &str, only: &Part<'_>) -> PathError {
    let hint = if only.is_asterisk() {
        "the schema must be named: write \"schema.*\", for example \"public.*\"".to_owned()
    } else if !only.is_quoted && check_name(&only.name, "relation").is_ok() {
        format!("write \"schema.relation\", for example {}", quoted(&format!("public.{text}")))
    } else {
        FORM.to_owned()
    };
    PathError::new(format!("path {} does not name a schema", quoted(text)), hint)
}

/// Refuses a name that no catalog can hold.
fn check_name(name: &str, what: &str) -> Result<(), PathError> {
    if name.is_empty() {
        return Err(PathError::new(format!("{what} name is empty"), format!("name the {what}")));
    }
    if name.contains('\0') {
        let message = format!("{what} name {} holds a NUL character", quoted(name));
        return Err(PathError::new(message, "PostgreSQL names cannot hold one"));
    }
    if name.len() > MAX_NAME_BYTES {
        let message = format!("{what} name {} is {} bytes long", quoted(name), name.len());
        let hint = format!(
            "a PostgreSQL name has at most {MAX_NAME_BYTES} bytes; write it as the catalog holds it, shortened"
        );
        return Err(PathError::new(message, hint));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn relation(schema: &str, relation: &str) -> Path {
        Path::Relation { schema: schema.into(), relation: relation.into() }
    }

    fn message(text: &str) -> String {
        Path::parse(text).expect_err(text).message
    }

    #[test]
    fn names_are_literal() {
        assert_eq!(Path::parse("public.Orders"), Ok(relation("public", "Orders")));
        assert_eq!(Path::parse("my app. x "), Ok(relation("my app", " x ")));
        assert_eq!(Path::parse("public.a*b"), Ok(relation("public", "a*b")));
    }

    #[test]
    fn a_quoted_part_may_hold_anything() {
        assert_eq!(Path::parse(r#""a.b"."c""d""#), Ok(relation("a.b", "c\"d")));
        assert_eq!(Path::parse(r#"public."*""#), Ok(relation("public", "*")));
        assert_eq!(Path::parse(r#""*".x"#), Ok(relation("*", "x")));
        assert_eq!(Path::parse(r#""public".*"#), Ok(Path::Wildcard { schema: "public".into() }));
    }

    #[test]
    fn canonical_text_is_quoted_only_where_needed() {
        assert_eq!(display_relation("public", "Order Lines"), "public.Order Lines");
        assert_eq!(relation("a.b", "*").to_string(), r#""a.b"."*""#);
        assert_eq!(relation("a", "b\"c").to_string(), r#"a."b""c""#);
        assert_eq!(Path::Wildcard { schema: "*".into() }.to_string(), r#""*".*"#);
        assert_eq!(display_relation("", "x"), r#""".x"#);
    }

    #[test]
    fn what_is_no_path_says_why() {
        assert_eq!(message(""), "path is empty");
        assert_eq!(message("a.b.c"), "path \"a.b.c\" has more than two parts");
        assert_eq!(message("*.x"), "path \"*.x\" does not name its schema");
        assert_eq!(message("*.*"), "path \"*.*\" does not name its schema");
        assert_eq!(message(".x"), "schema name is empty");
        assert_eq!(message("public."), "relation name is empty");
        assert_eq!(message(r#"public."""#), "relation name is empty");
        assert_eq!(message("public.a\0b"), r#"relation name "a\u0000b" holds a NUL character"#);
        assert!(message(r#"public."x"#).starts_with("unterminated double quote"));
        assert!(message(r#""public"x.y"#).starts_with("unexpected text after the closing quote"));
        assert!(message(r#"public.a"b""#).starts_with("stray double quote"));
    }

    #[test]
    fn a_name_without_a_schema_is_shown_with_one() {
        let error = Path::parse("orders").unwrap_err();
        assert_eq!(error.message, "path \"orders\" does not name a schema");
        assert_eq!(error.hint, "write \"schema.relation\", for example \"public.orders\"");
        assert!(Path::parse("*").unwrap_err().hint.contains("public.*"));
    }

    #[test]
    fn length_is_counted_in_bytes() {
        assert!(Path::parse(&format!("public.{}", "x".repeat(63))).is_ok());
        assert!(message(&format!("public.{}", "x".repeat(64))).ends_with("is 64 bytes long"));
        assert!(message(&format!("{}.x", "é".repeat(32))).ends_with("is 64 bytes long"));
    }

    #[test]
    fn a_function_is_told_by_the_types_of_its_arguments() {
        let parsed = |text: &str| parse_function(text).map(|(path, arguments)| (path.to_string(), arguments.join("|")));
        let is = |path: &str, arguments: &str| Ok((path.to_owned(), arguments.to_owned()));
        assert_eq!(parsed("public.total(bigint, numeric(12,2))"), is("public.total", "bigint|numeric(12,2)"));
        assert_eq!(parsed("public.now()"), is("public.now", ""));
        assert_eq!(parsed(r#"public."f(x"(public."a,b")"#), is("public.f(x", r#"public."a,b""#));
        assert!(parsed("public.total").is_err());
        assert!(parsed("public.total(bigint").is_err());
        assert!(parsed("public.*(bigint)").is_err());
    }

    #[test]
    fn a_column_name_is_literal_unless_quoted() {
        assert_eq!(parse_column_name("a.b"), Ok("a.b".into()));
        assert_eq!(parse_column_name("5\""), Ok("5\"".into()));
        assert_eq!(parse_column_name("*"), Ok("*".into()));
        assert_eq!(parse_column_name(r#""*""#), Ok("*".into()));
        assert_eq!(parse_column_name(r#""a""b""#), Ok("a\"b".into()));
        assert!(parse_column_name(r#""a"b"#).is_err());
        assert!(parse_column_name(r#""a"#).is_err());
        assert!(parse_column_name("").is_err() && parse_column_name(r#""""#).is_err());
    }

    /// Names a catalog can hold, rich in the characters that matter here.
    fn name() -> impl Strategy<Value = String> {
        let odd = r#"[a-zA-Z.*" é]{1,30}"#;
        prop_oneof![odd, "[^\\x00]{1,15}", Just("*".to_owned())]
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back(schema in name(), name in prop::option::of(name())) {
            let path = match name {
                Some(relation) => Path::Relation { schema, relation },
                None => Path::Wildcard { schema },
            };
            prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn a_column_that_is_written_reads_back(name in name()) {
            prop_assert_eq!(parse_column_name(&display_column(&name)), Ok(name));
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_stable(text in prop_oneof![any::<String>(), r#"[a.*"]{0,12}"#.boxed()]) {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
            }
            let _ = parse_column_name(&text);
        }
    }
}
