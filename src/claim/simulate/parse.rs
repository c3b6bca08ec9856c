//! From the text of one statement to its syntax tree.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{Parse, SourceFile, SyntaxNode};

use super::bounds::{self, TooLarge};
use super::scan::{Kind, Scanner};

/// Why there is no tree of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is not given to the parser.
    TooLarge(TooLarge),
    /// The parser does not understand it.
    Syntax {
        /// Where, in bytes of the script from 0.
        offset: usize,
        /// What the parser says.
        message: String,
    },
    /// The parser gave up on it: a mistake of the parser's.
    Failed,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(reason) => reason.fmt(f),
            Self::Syntax { message, .. } => write!(f, "it cannot be parsed: {message}"),
            Self::Failed => f.write_str("it cannot be parsed: the parser failed"),
        }
    }
}

impl std::error::Error for Unread {}

/// Parses a statement that is at `offset` in the script, without its semicolon.
///
/// Of bodies of functions, in strings, nothing is checked: PostgreSQL leaves that to `check_function_bodies`. The tree
/// gives the text as it is, but for `\'` in strings that are escape strings by their context alone (by a continued
/// `E'...'`, or without `standard_conforming_strings`): there it is `''`, which is as long and means the same.
pub fn parse(text: &str, offset: usize, standard_conforming_strings: bool) -> Result<ast::Stmt, Unread> {
    let text = with_doubled_quotes(text, standard_conforming_strings);
    bounds::check(&text).map_err(Unread::TooLarge)?;
    // The parser asserts that it moves on and finishes what it starts. Nothing of the server's runs in here, so that no
    // error of the server's can pass.
    catch_unwind(AssertUnwindSafe(|| parse_within_bounds(&text, offset))).unwrap_or(Err(Unread::Failed))
}

fn parse_within_bounds(text: &str, offset: usize) -> Result<ast::Stmt, Unread> {
    let parse = SourceFile::parse(text);
    let without_bodies = without_bodies(text, &parse);
    let error = match &without_bodies {
        Cow::Borrowed(_) => parse.errors(),
        Cow::Owned(text) => SourceFile::parse(text).errors(),
    };
    if let Some(error) = error.first() {
        let offset = offset + usize::from(error.range().start());
        return Err(Unread::Syntax { offset, message: error.message().to_owned() });
    }
    let mut statements = parse.tree().stmts();
    match (statements.next(), statements.next()) {
        (Some(statement), None) => Ok(statement),
        (None, _) => Err(Unread::Syntax { offset, message: "no statement".to_owned() }),
        (_, Some(second)) => {
            let offset = offset + usize::from(second.syntax().text_range().start());
            Err(Unread::Syntax { offset, message: "a second statement without a semicolon before it".to_owned() })
        }
    }
}

/// The text with white space in place of functions' bodies. The parser would parse those of SQL functions along with
/// the statement, within no bounds.
fn without_bodies<'a>(text: &'a str, parse: &Parse<SourceFile>) -> Cow<'a, str> {
    let mut blanked = Cow::Borrowed(text);
    for definition in parse.tree().syntax().descendants().filter_map(ast::AsDefinition::cast) {
        for token in strings(definition.syntax()) {
            let quote = if token.1.starts_with('$') { token.1[1..].find('$').map(|end| end + 2) } else { Some(1) };
            let Some(content) = quote.and_then(|quote| {
                let before = token.1.find(['\'', '$'])? + quote;
                Some(token.0 + before..token.0 + token.1.len().checked_sub(quote)?)
            }) else {
                continue;
            };
            if content.start <= content.end {
                let blank = " ".repeat(content.len());
                blanked.to_mut().replace_range(content, &blank);
            }
        }
    }
    blanked
}

/// The strings in a node: where they begin, and their text.
fn strings(node: &SyntaxNode) -> Vec<(usize, String)> {
    node.descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| token.text().ends_with(['\'', '$']) && token.text().len() > 1)
        .map(|token| (usize::from(token.text_range().start()), token.text().to_owned()))
        .collect()
}

/// The text with `''` in place of `\'` in strings that the parser does not take for escape strings.
fn with_doubled_quotes(text: &str, standard_conforming_strings: bool) -> Cow<'_, str> {
    let mut doubled = Cow::Borrowed(text);
    let mut scanner = Scanner::new(text, 0, standard_conforming_strings);
    while let Ok(Some(token)) = scanner.next() {
        if token.kind != Kind::Text {
            continue;
        }
        let string = &text[token.start..token.end];
        let marked = string.starts_with(['e', 'E']);
        if !marked && (standard_conforming_strings || !string.starts_with('\'')) {
            continue;
        }
        for at in escaped_quotes(string, marked) {
            doubled.to_mut().replace_range(token.start + at..=token.start + at, "'");
        }
    }
    doubled
}

/// Where `\'` is in the parts of an escape string that are not `E'...'`.
fn escaped_quotes(string: &str, marked: bool) -> Vec<usize> {
    let bytes = string.as_bytes();
    let mut found = Vec::new();
    let mut at = usize::from(marked) + 1;
    let mut first = true;
    let mut inside = true;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\\', next) if inside => {
                if next == Some(&b'\'') && !(first && marked) {
                    found.push(at);
                }
                at += 2;
            }
            (b'\'', Some(b'\'')) if inside => at += 2,
            (b'\'', _) => {
                first &= !inside;
                inside = !inside;
                at += 1;
            }
            // A comment between the parts may hold quotes.
            (b'-', Some(b'-')) if !inside => {
                at += bytes[at..].iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count()
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests;
