//! The tokens of a script, as far as they decide where a statement ends.
//!
//! The rules are those of psql's scanner (`src/fe_utils/psqlscan.l`), which are the server's (`scan.l`) and, besides,
//! psql's commands and variables. What a token means is not asked here: `1.5e10` may be one token or three.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// White space, or a comment of either form.
    Blank,
    /// An unquoted identifier or key word.
    Word,
    /// A name in double quotes, `U&"..."` too.
    QuotedName,
    /// A string in single quotes with its prefix and all its continuations over lines.
    Text,
    /// A string in dollar quotes.
    Dollar,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `;`
    Semicolon,
    /// `\`, with which psql's commands begin.
    Backslash,
    /// `:name`, `:'name'`, `:"name"` or `:{?name}`, which psql may replace.
    Variable,
    /// Anything else: numbers, operators, punctuation.
    Other,
}

/// A token and where its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// A quote or comment that begins at a byte and never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unterminated {
    pub what: &'static str,
    pub at: usize,
}

/// Reads tokens from a position on.
#[derive(Clone)]
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    /// Where the next token begins.
    pub at: usize,
    /// Whether a backslash in `'...'` is an ordinary character.
    pub standard_conforming_strings: bool,
}

/// White space to the server. (The vertical tab since PostgreSQL 16; before, it was an error.)
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

/// What psql takes in the name of a variable, and the tag of a dollar quote after its first character.
fn is_name(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit()
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str, at: usize, standard_conforming_strings: bool) -> Self {
        Self { text: text.as_bytes(), at, standard_conforming_strings }
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// The first position from `at` on whose byte is not `wanted`.
    fn skip(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.text[at..].iter().position(|byte| !wanted(*byte)).map_or(self.text.len(), |length| at + length)
    }

    /// The next token, or none at the end of the text.
    pub fn next(&mut self) -> Result<Option<Token>, Unterminated> {
        let start = self.at;
        let Some(&first) = self.text.get(start) else { return Ok(None) };
        let (kind, end) = match (first, self.byte(start + 1)) {
            (byte, _) if is_space(byte) => (Kind::Blank, self.skip(start, is_space)),
            (b'-', b'-') => (Kind::Blank, self.line_end(start)),
            (b'/', b'*') => (Kind::Blank, self.block_comment(start)?),
            (b'\'', _) => (Kind::Text, self.string(start, start + 1, !self.standard_conforming_strings)?),
            (b'e' | b'E', b'\'') => (Kind::Text, self.string(start, start + 2, true)?),
            (b'b' | b'B' | b'x' | b'X', b'\'') => (Kind::Text, self.string(start, start + 2, false)?),
            (b'u' | b'U', b'&') if self.byte(start + 2) == b'\'' => (Kind::Text, self.string(start, start + 3, false)?),
            (b'u' | b'U', b'&') if self.byte(start + 2) == b'"' => (Kind::QuotedName, self.name(start, start + 3)?),
            (b'"', _) => (Kind::QuotedName, self.name(start, start + 1)?),
            (byte, _) if is_word_start(byte) => (Kind::Word, self.skip(start, is_word)),
            (b'0'..=b'9', _) => (Kind::Other, self.skip(start, |byte| byte.is_ascii_digit())),
            (b'$', _) => self.dollar(start)?,
            (b':', _) => self.colon(start),
            (b'(', _) => (Kind::Open, start + 1),
            (b')', _) => (Kind::Close, start + 1),
            (b'[', _) => (Kind::OpenBracket, start + 1),
            (b']', _) => (Kind::CloseBracket, start + 1),
            (b';', _) => (Kind::Semicolon, start + 1),
            (b'\\', _) => (Kind::Backslash, start + 1),
            _ => (Kind::Other, start + 1),
        };
        self.at = end;
        Ok(Some(Token { kind, start, end }))
    }

    /// Where the line ends that `at` is in: at its `\n` or `\r`, or at the end of the text.
    pub fn line_end(&self, at: usize) -> usize {
        self.skip(at, |byte| !matches!(byte, b'\n' | b'\r'))
    }

    fn block_comment(&self, start: usize) -> Result<usize, Unterminated> {
        let mut at = start + 2;
        let mut depth = 1_usize;
        while at < self.text.len() {
            match (self.byte(at), self.byte(at + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                _ => at += 1,
            }
        }
        Err(Unterminated { what: "comment", at: start })
    }

    fn name(&self, start: usize, content: usize) -> Result<usize, Unterminated> {
        let mut at = content;
        while at < self.text.len() {
            match (self.byte(at), self.byte(at + 1)) {
                (b'"', b'"') => at += 2,
                (b'"', _) => return Ok(at + 1),
                _ => at += 1,
            }
        }
        Err(Unterminated { what: "name in double quotes", at: start })
    }

    /// A string whose first quote is before `content`, with its continuations: they keep its rules.
    fn string(&self, start: usize, content: usize, escapes: bool) -> Result<usize, Unterminated> {
        let mut at = content;
        while at < self.text.len() {
            match (self.byte(at), self.byte(at + 1)) {
                (b'\\', _) if escapes => at += 2,
                (b'\'', b'\'') => at += 2,
                (b'\'', _) => match self.continuation(at + 1) {
                    Some(content) => at = content,
                    None => return Ok(at + 1),
                },
                _ => at += 1,
            }
        }
        Err(Unterminated { what: "string", at: start })
    }

    /// After the quote that continues a string: there is a new line and nothing but white space and `--` comments
    /// before it.
    fn continuation(&self, after_quote: usize) -> Option<usize> {
        let mut at = after_quote;
        let mut new_line = false;
        loop {
            match (self.byte(at), self.byte(at + 1)) {
                (b'\'', _) if new_line => return Some(at + 1),
                (b'-', b'-') => at = self.line_end(at),
                (byte, _) if is_space(byte) => {
                    new_line |= matches!(byte, b'\n' | b'\r');
                    at += 1;
                }
                _ => return None,
            }
        }
    }

    /// A string in dollar quotes, or `$` alone: of a parameter `$1`, say.
    fn dollar(&self, start: usize) -> Result<(Kind, usize), Unterminated> {
        let tag_end = match self.byte(start + 1) {
            byte if is_word_start(byte) => self.skip(start + 1, is_name),
            _ => start + 1,
        };
        if self.byte(tag_end) != b'$' {
            return Ok((Kind::Other, start + 1));
        }
        let delimiter = &self.text[start..=tag_end];
        let content = tag_end + 1;
        find(&self.text[content..], delimiter)
            .map(|length| (Kind::Dollar, content + length + delimiter.len()))
            .ok_or(Unterminated { what: "string in dollar quotes", at: start })
    }

    fn colon(&self, start: usize) -> (Kind, usize) {
        let closed = |content: usize, close: u8| {
            let end = self.skip(content, is_name);
            (end > content && self.byte(end) == close).then_some((Kind::Variable, end + 1))
        };
        let variable = match self.byte(start + 1) {
            b':' | b'=' => return (Kind::Other, start + 2),
            quote @ (b'\'' | b'"') => closed(start + 2, quote),
            b'{' if self.byte(start + 2) == b'?' => closed(start + 3, b'}'),
            byte if is_name(byte) => Some((Kind::Variable, self.skip(start + 1, is_name))),
            _ => None,
        };
        variable.unwrap_or((Kind::Other, start + 1))
    }
}

/// Where `delimiter`, which begins with `$`, first is in `text`.
fn find(text: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(dollar) = text[from..].iter().position(|byte| *byte == b'$') {
        from += dollar;
        if text[from..].starts_with(delimiter) {
            return Some(from);
        }
        from += 1;
    }
    None
}
