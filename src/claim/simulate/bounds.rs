//! What the parser may be given: its recursion, and that which frees its trees, must fit the server's stack.
//!
//! An overflow of the stack takes the server down. The parser calls itself for each parenthesis, prefix operator and
//! the like, and builds chains such as `1 + 1 + 1` in a loop, of which each link is a level of the tree, freed by
//! recursion. So neither the length of a statement matters nor how many rows an `INSERT` has, but how many levels there
//! can be at one place: the tokens before it that may open a level, since the last comma, in all parentheses around it.
//!
//! Tokens are counted as the parser's own lexer finds them, so that no text can pass as something else. On a stack of
//! 1 MiB, the dearest of them (`NOT NOT NOT`, `f(f(f(`) overflow at about 2,800, chains at more than 10,000.

use std::fmt;

use squawk_lexer::{Token, TokenKind, tokenize};

/// Bytes of a statement.
pub const MAX_STATEMENT_BYTES: usize = 4 * 1024 * 1024;
/// Tokens of a statement, white space and comments not counted.
pub const MAX_TOKENS: usize = 500_000;
/// How many levels a tree may have by the estimate made here.
pub const MAX_LEVELS: usize = 1_500;

/// Why a statement is not given to the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLarge {
    /// More than [`MAX_STATEMENT_BYTES`].
    Bytes(usize),
    /// More than [`MAX_TOKENS`].
    Tokens,
    /// More than [`MAX_LEVELS`].
    Levels,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "it has {bytes} bytes, more than {MAX_STATEMENT_BYTES}"),
            Self::Tokens => write!(f, "it has more than {MAX_TOKENS} tokens"),
            Self::Levels => write!(
                f,
                "an expression or query in it nests too deep, or chains too many operators: it may have {MAX_LEVELS} levels"
            ),
        }
    }
}

/// Key words after which a comma does not end what they began: the next such is a level within or around it.
const OUTLIVE_A_COMMA: [&str; 9] =
    ["select", "union", "intersect", "except", "with", "case", "when", "join", "explain"];

/// What is open in one pair of parentheses or brackets.
#[derive(Default)]
struct Open {
    bracket: Option<TokenKind>,
    /// Levels since the last comma.
    levels: usize,
    /// Those of them that the next comma does not end.
    kept: usize,
}

/// Whether the parser may have this statement.
pub fn check(text: &str) -> Result<(), TooLarge> {
    if text.len() > MAX_STATEMENT_BYTES {
        return Err(TooLarge::Bytes(text.len()));
    }
    match most_levels(text, MAX_TOKENS, MAX_LEVELS) {
        (tokens, _) if tokens > MAX_TOKENS => Err(TooLarge::Tokens),
        (_, levels) if levels > MAX_LEVELS => Err(TooLarge::Levels),
        _ => Ok(()),
    }
}

/// How many tokens a text has, and the most levels at any place. Stops when either is over its bound.
pub(super) fn most_levels(text: &str, max_tokens: usize, max_levels: usize) -> (usize, usize) {
    let mut open = vec![Open::default()];
    let (mut tokens, mut levels, mut most, mut at) = (0, 0, 0, 0);
    for Token { kind, len, .. } in tokenize(text) {
        let word = &text[at..at + len as usize];
        at += len as usize;
        if matches!(kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. }) {
            continue;
        }
        tokens += 1;
        let weight = weight(kind, word);
        let innermost = open.last_mut().expect("the outermost is never closed");
        innermost.levels += weight;
        levels += weight;
        most = most.max(levels);
        if tokens > max_tokens || most > max_levels {
            break;
        }
        match kind {
            TokenKind::Ident if OUTLIVE_A_COMMA.iter().any(|kept| word.eq_ignore_ascii_case(kept)) => {
                innermost.kept += weight;
            }
            TokenKind::Comma => {
                levels -= innermost.levels - innermost.kept;
                innermost.levels = innermost.kept;
            }
            TokenKind::Semi => {
                levels -= innermost.levels;
                (innermost.levels, innermost.kept) = (0, 0);
            }
            TokenKind::OpenParen | TokenKind::OpenBracket => {
                open.push(Open { bracket: Some(kind), ..Open::default() });
            }
            // What closes nothing leaves open what is: where the parser takes it to end is not known here.
            TokenKind::CloseParen if innermost.bracket == Some(TokenKind::OpenParen) => {
                levels -= innermost.levels;
                open.pop();
            }
            TokenKind::CloseBracket if innermost.bracket == Some(TokenKind::OpenBracket) => {
                levels -= innermost.levels;
                open.pop();
            }
            _ => {}
        }
    }
    (tokens, most)
}

/// How many levels a token can open; those that take the most stack count twice. Any word may be a key word.
fn weight(kind: TokenKind, word: &str) -> usize {
    match kind {
        TokenKind::Ident if word.eq_ignore_ascii_case("explain") => 2,
        TokenKind::OpenParen | TokenKind::OpenBracket => 2,
        TokenKind::QuotedIdent { .. }
        | TokenKind::Literal { .. }
        | TokenKind::PositionalParam { .. }
        | TokenKind::Comma
        | TokenKind::Semi
        | TokenKind::CloseParen
        | TokenKind::CloseBracket => 0,
        _ => 1,
    }
}
