//! The words and names of a statement, from its beginning on.

use std::collections::VecDeque;

use squawk_syntax::quote::quote_ident;

use super::SHOWN_OBJECTS;
use crate::simulate::scan::{Kind, Scanner, Token, is_space};

/// Bytes of what is shown as it is written, if it is not a name.
const MAX_SHOWN: usize = 80;

/// Reads on, with a look ahead. White space, comments and anything after a quote that does not end are left out.
#[derive(Clone)]
pub(super) struct Words<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    ahead: VecDeque<Token>,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Words<'a> {
        // In what is read here there are no strings, or none that matter.
        Words { text, scanner: Scanner::new(text, 0, true), ahead: VecDeque::new() }
    }

    fn peek(&mut self, number: usize) -> Option<Token> {
        while self.ahead.len() <= number {
            match self.scanner.next() {
                Ok(Some(token)) if token.kind == Kind::Blank => {}
                Ok(Some(token)) => self.ahead.push_back(token),
                Ok(None) | Err(_) => return None,
            }
        }
        self.ahead.get(number).copied()
    }

    fn text_of(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    fn is_at(&mut self, number: usize, word: &str) -> bool {
        let found = self.peek(number);
        found.is_some_and(|found| found.kind == Kind::Word && self.text_of(found).eq_ignore_ascii_case(word))
    }

    fn skip(&mut self) {
        self.ahead.pop_front();
    }

    /// Whether this word is next.
    pub fn is(&mut self, word: &str) -> bool {
        self.is_at(0, word)
    }

    /// Whether this word comes after the next.
    pub fn is_second(&mut self, word: &str) -> bool {
        self.is_at(1, word)
    }

    /// Whether a token of this kind is at a place.
    pub fn follows(&mut self, place: usize, kind: Kind) -> bool {
        self.peek(place).is_some_and(|token| token.kind == kind)
    }

    /// Goes past this word if it is next.
    pub fn take(&mut self, word: &str) -> bool {
        let is = self.is(word);
        if is {
            self.skip();
        }
        is
    }

    /// Goes past these words if they all are next.
    pub fn take_all(&mut self, words: &str) -> bool {
        let are = words.split(' ').enumerate().all(|(number, word)| self.is_at(number, word));
        if are {
            words.split(' ').for_each(|_| self.skip());
        }
        are
    }

    /// Goes past a token of this kind if it is next.
    pub fn take_kind(&mut self, kind: Kind) -> bool {
        let is = self.follows(0, kind);
        if is {
            self.skip();
        }
        is
    }

    /// The next token if it is a word, in capitals; else nothing.
    pub fn next_word(&mut self) -> String {
        match self.peek(0) {
            Some(token) if token.kind == Kind::Word => {
                self.skip();
                self.text_of(token).to_ascii_uppercase()
            }
            _ => String::new(),
        }
    }

    /// Goes past the first of these words that is not in parentheses and not a part of a qualified name; which it was.
    pub fn seek(&mut self, wanted: &[&str]) -> Option<String> {
        let mut depth = 0_usize;
        let mut after_dot = false;
        while let Some(token) = self.peek(0) {
            self.skip();
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Word if depth == 0 && !after_dot => {
                    let word = self.text_of(token).to_ascii_uppercase();
                    if wanted.contains(&word.as_str()) {
                        return Some(word);
                    }
                }
                _ => {}
            }
            after_dot = self.text_of(token) == ".";
        }
        None
    }

    /// A name, perhaps qualified: folded, in quotes where it needs them. ONLY before it is left out.
    pub fn name(&mut self) -> Option<String> {
        if self.is("ONLY") && !self.is_dot(1) {
            self.skip();
        }
        let mut name = self.part()?;
        while self.is_dot(0) {
            self.skip();
            name.push('.');
            name.push_str(&self.part()?);
        }
        Some(name)
    }

    fn is_dot(&mut self, place: usize) -> bool {
        self.peek(place).is_some_and(|token| self.text_of(token) == ".")
    }

    fn part(&mut self) -> Option<String> {
        let token = self.peek(0)?;
        let text = self.text_of(token);
        let part = match token.kind {
            Kind::Word => text.to_ascii_lowercase(),
            Kind::QuotedName => match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(name) => quote_ident(&name.replace("\"\"", "\"")),
                None => text.to_owned(),
            },
            Kind::Variable => text.to_owned(),
            _ => return None,
        };
        self.skip();
        Some(part)
    }

    /// Names between commas; of many, the first ones.
    pub fn names(&mut self) -> Option<String> {
        let mut names = vec![self.name()?];
        loop {
            self.parenthesis();
            if self.peek(0).is_some_and(|token| self.text_of(token) == "*") {
                self.skip();
            }
            if self.peek(0).is_none_or(|token| self.text_of(token) != ",") {
                break;
            }
            self.skip();
            if names.len() == SHOWN_OBJECTS {
                names.push("...".to_owned());
                break;
            }
            match self.name() {
                Some(name) => names.push(name),
                None => break,
            }
        }
        Some(names.join(", "))
    }

    /// What is in parentheses, if they are next, as written.
    pub fn parenthesis(&mut self) -> Option<String> {
        let start = self.peek(0).filter(|token| token.kind == Kind::Open)?.start;
        let mut depth = 0_usize;
        while let Some(token) = self.peek(0) {
            self.skip();
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return self.shown(start, token.end);
            }
        }
        None
    }

    /// The name of an operator: all up to its arguments.
    pub fn operator(&mut self) -> Option<String> {
        let start = self.peek(0)?.start;
        let mut end = start;
        while let Some(token) = self.peek(0).filter(|token| token.kind != Kind::Open) {
            self.skip();
            end = token.end;
        }
        self.shown(start, end)
    }

    /// A number.
    pub fn number(&mut self) -> Option<String> {
        let token = self.peek(0)?;
        let text = self.text_of(token);
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.to_owned())
    }

    fn shown(&self, start: usize, end: usize) -> Option<String> {
        let text = &self.text[start..end];
        let is_plain = !text.bytes().any(|byte| byte == b'\'' || is_space(byte) && byte != b' ');
        (!text.is_empty() && text.len() <= MAX_SHOWN && is_plain).then(|| text.to_owned())
    }
}
