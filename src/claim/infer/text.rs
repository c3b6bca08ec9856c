//! From the text of a query to its syntax tree, within bounds.
//!
//! The parser counts how deep it calls itself ([`MAX_DEPTH`]), but builds chains such as `1 + 1 + 1` or `SELECT 1
//! UNION SELECT 1` in a loop: each link adds a level to a tree that is walked and freed by recursion. An overflow of
//! the stack takes the server down, so the number of links is bounded before parsing, by the number of tokens.

use sqlparser::ast::Statement;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::{Parsed, Unresolved};

/// Queries in one call.
pub const MAX_QUERIES: usize = 10_000;
/// Bytes of a query's text.
pub const MAX_BYTES: usize = 256 * 1024;
/// Tokens of a query, white space and comments not counted.
pub const MAX_TOKENS: usize = 5_000;
/// How deep expressions, sub-selects and joins in parentheses may nest, all together.
pub const MAX_DEPTH: usize = 50;

/// Joins of a query. The parser does not count how deep it nests those whose conditions come later: `a JOIN b JOIN c
/// ON ... ON ...`.
pub const MAX_JOINS: usize = 100;

/// How a query that cannot be read is named in the list of what is unresolved.
const QUERY: &str = "query";

/// Reads the texts of queries, each by itself: what cannot be read is an entry in `unresolved` of that query.
///
/// A text may hold several statements. Nothing is looked up yet. At most [`MAX_QUERIES`] texts are read, of at most
/// [`MAX_BYTES`] and [`MAX_TOKENS`] each, nested at most [`MAX_DEPTH`] deep.
pub fn parse(queries: &[String]) -> Vec<Parsed> {
    parse_all(queries, Strings::AsStandard)
}

/// The same for texts that somebody else has recorded: nobody can tell how the server read their strings, whose role may
/// have switched `standard_conforming_strings` off. What may mean something else then cannot be read.
pub fn parse_recorded(queries: &[String]) -> Vec<Parsed> {
    parse_all(queries, Strings::Unknown)
}

/// How the server reads a backslash in a string without an `E` before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    /// As itself.
    AsStandard,
    /// As itself, or as an escape.
    Unknown,
}

fn parse_all(queries: &[String], strings: Strings) -> Vec<Parsed> {
    let mut parsed: Vec<Parsed> =
        queries.iter().take(MAX_QUERIES).enumerate().map(|(index, text)| parse_one(index + 1, text, strings)).collect();
    if let Some(left_out) = queries.len().checked_sub(MAX_QUERIES).filter(|count| *count > 0) {
        let reason = format!("this and all after it, {left_out} in all, are not read: at most {MAX_QUERIES} at once");
        parsed.push(refused(MAX_QUERIES + 1, reason));
    }
    parsed
}

fn refused(query: usize, reason: String) -> Parsed {
    let unresolved = vec![Unresolved { query, what: QUERY.to_owned(), reason }];
    Parsed { query, statements: Vec::new(), unresolved }
}

fn parse_one(query: usize, text: &str, strings: Strings) -> Parsed {
    match statements(text, strings) {
        Ok(statements) => Parsed { query, statements, unresolved: Vec::new() },
        Err(reason) => refused(query, reason),
    }
}

fn statements(text: &str, strings: Strings) -> Result<Vec<Statement>, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("it has {} bytes, more than {MAX_BYTES}", text.len()));
    }
    let dialect = PostgreSqlDialect {};
    let mut tokens = Tokenizer::new(&dialect, text)
        .tokenize_with_location()
        .map_err(|error| format!("it cannot be read: {error}"))?;
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    if tokens.len() > MAX_TOKENS {
        return Err(format!("it has {} tokens, more than {MAX_TOKENS}", tokens.len()));
    }
    if strings == Strings::Unknown && tokens.iter().any(|token| has_backslash(&token.token)) {
        return Err(
            "a backslash in a string: with standard_conforming_strings off it reads otherwise; write E'...'".to_owned()
        );
    }
    if let Some(placeholder) = foreign_placeholder(&tokens) {
        return Err(format!("placeholder {placeholder}: {AS_THE_SERVER_SEES_IT}"));
    }
    let joins = tokens.iter().filter(|token| keyword(&token.token) == Keyword::JOIN).count();
    if joins > MAX_JOINS {
        return Err(format!("it has {joins} joins, more than {MAX_JOINS}"));
    }
    if moves_cursor(&tokens) {
        return Ok(Vec::new());
    }
    simplify(&mut tokens);
    let client_side = has_client_side_placeholder(&tokens);
    Parser::new(&dialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens).parse_statements().map_err(
        |error| {
            let hint = if client_side { format!("; {AS_THE_SERVER_SEES_IT}") } else { String::new() };
            format!("it cannot be parsed: {error}{hint}")
        },
    )
}

/// FETCH or MOVE, not all of whose forms the parser knows: a direction, a number and the name of a cursor, whose query needs
/// the privileges.
fn moves_cursor(tokens: &[TokenWithSpan]) -> bool {
    let (tokens, last) = match tokens.split_last() {
        Some((last, before)) if last.token == Token::SemiColon => (before, None),
        Some((last, before)) => (before, Some(last)),
        None => return false,
    };
    let mut tokens = tokens.iter().chain(last).map(|token| &token.token);
    let first = tokens.next();
    let moves = matches!(first, Some(Token::Word(word)) if word.quote_style.is_none()
        && ["fetch", "move"].iter().any(|one| word.value.eq_ignore_ascii_case(one)));
    moves
        && tokens
            .all(|token| matches!(token, Token::Word(_) | Token::Number(..) | Token::Minus | Token::Placeholder(_)))
}

/// A backslash in a string of which a setting says what it means.
fn has_backslash(token: &Token) -> bool {
    matches!(token, Token::SingleQuotedString(text) | Token::NationalStringLiteral(text) if text.contains('\\'))
}

pub(super) const AS_THE_SERVER_SEES_IT: &str =
    "write queries as the server sees them, with $1 for the first parameter, not ?, %s, %(name)s or :name";

/// A placeholder that the tokenizer knows as such and PostgreSQL does not.
fn foreign_placeholder(tokens: &[TokenWithSpan]) -> Option<&str> {
    tokens.iter().find_map(|token| match &token.token {
        Token::Placeholder(text) if !is_parameter(text) => Some(text.as_str()),
        _ => None,
    })
}

/// `$1`, as PostgreSQL writes parameters.
pub(super) fn is_parameter(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether there is what a driver would have replaced. `?`, `%` and `:` are SQL too, so this only explains an error.
fn has_client_side_placeholder(tokens: &[TokenWithSpan]) -> bool {
    let is_word = |token: Option<&TokenWithSpan>| matches!(token.map(|t| &t.token), Some(Token::Word(_)));
    tokens.iter().enumerate().any(|(at, token)| match token.token {
        Token::Question => true,
        Token::Mod => matches!(tokens.get(at + 1).map(|t| &t.token), Some(Token::Word(_) | Token::LParen)),
        Token::Colon => is_word(tokens.get(at + 1)),
        _ => false,
    })
}

fn keyword(token: &Token) -> Keyword {
    match token {
        Token::Word(word) if word.quote_style.is_none() => word.keyword,
        _ => Keyword::NoKeyword,
    }
}

/// Takes out words that the parser does not know there, and that change nothing about privileges: `ONLY` before a
/// table (it would be taken for the table), `SYMMETRIC` after `BETWEEN`, and `KEY` and `NO KEY` in locks.
fn simplify(tokens: &mut Vec<TokenWithSpan>) {
    let words: Vec<Keyword> = tokens.iter().map(|token| keyword(&token.token)).collect();
    let word = |at: usize| words.get(at).copied().unwrap_or(Keyword::NoKeyword);
    let dropped = |at: usize, before: Option<&Token>| match word(at) {
        Keyword::ONLY => {
            matches!(before, Some(Token::Comma | Token::LParen))
                || matches!(
                    before.map_or(Keyword::NoKeyword, keyword),
                    Keyword::FROM | Keyword::JOIN | Keyword::UPDATE | Keyword::USING | Keyword::INTO
                )
        }
        Keyword::SYMMETRIC => at > 0 && word(at - 1) == Keyword::BETWEEN,
        Keyword::NO => {
            at > 0 && [word(at - 1), word(at + 1), word(at + 2)] == [Keyword::FOR, Keyword::KEY, Keyword::UPDATE]
        }
        Keyword::KEY => {
            at > 0 && [word(at - 1), word(at + 1)] == [Keyword::FOR, Keyword::SHARE]
                || at > 1 && [word(at - 2), word(at - 1), word(at + 1)] == [Keyword::FOR, Keyword::NO, Keyword::UPDATE]
        }
        _ => false,
    };
    let keep: Vec<bool> =
        (0..tokens.len()).map(|at| !dropped(at, at.checked_sub(1).map(|before| &tokens[before].token))).collect();
    let mut keep = keep.into_iter();
    tokens.retain(|_| keep.next().unwrap_or(true));
}
