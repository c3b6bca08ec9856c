//! A script as its pieces: statements, psql's own commands, and the rows that follow a `COPY ... FROM STDIN`.
//!
//! psql decides where a statement ends (`src/fe_utils/psqlscan.l`, `src/bin/psql/mainloop.c`), and a script that no
//! psql will read, one for JDBC or from `alembic upgrade --sql`, is split alike: a semicolon ends a statement, unless it
//! is in quotes, in a comment, in parentheses (the commands of a rule) or in a body `BEGIN ATOMIC ... END`.
//!
//! In two points this knows better than psql, which would never send such statements: `begin` opens a body only before
//! `ATOMIC`, and a name, after `.` or `AS`, does not open or close anything.

use std::collections::HashSet;
use std::fmt;

use super::scan::{Kind, Scanner, Token, Unterminated};

/// Bytes of a script.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Pieces of a script.
pub const MAX_PIECES: usize = 100_000;
/// What is listed of a statement's variables and commands; there may be more.
pub const MAX_CLIENT_SIDE: usize = 100;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Where its text begins in the script, in bytes from 0.
    pub offset: usize,
    /// The line that is in, from 1.
    pub line: usize,
    /// As it stands in the script, without white space and comments around it: a statement without its semicolon, a
    /// psql command from its backslash on.
    pub text: &'a str,
    /// What it is.
    pub content: Content<'a>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// What psql would send to the server.
    Statement {
        /// What psql would replace or take out before it sends the text. If there is any, the text is not what the
        /// server gets. At most [`MAX_CLIENT_SIDE`].
        client_side: Vec<ClientSide<'a>>,
        /// Whether a backslash in `'...'` is an ordinary character.
        standard_conforming_strings: bool,
        /// The lines of a `COPY ... FROM STDIN`, without the line `\.` that ends them.
        rows: Option<&'a str>,
    },
    /// What psql would do by itself: `\connect`, `\i`, `\gexec`. After a statement, `\;` joins it with the next: psql
    /// sends both at once.
    Command {
        /// Its name without the backslash.
        name: &'a str,
        /// The lines of a `\copy ... from stdin`, without the line `\.` that ends them.
        rows: Option<&'a str>,
    },
}

/// A psql variable (`:name`, `:'name'`, `:"name"`, `:{?name}`) or command within a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSide<'a> {
    /// Where it begins in the script, in bytes from 0.
    pub offset: usize,
    /// The line that is in, from 1.
    pub line: usize,
    /// As it stands in the script.
    pub text: &'a str,
}

/// Why a script cannot be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SplitError {
    /// It has more than [`MAX_BYTES`].
    TooManyBytes {
        /// How many it has.
        bytes: usize,
    },
    /// It has more than [`MAX_PIECES`].
    TooManyPieces {
        /// The line where one more begins.
        line: usize,
    },
    /// It has a NUL byte, which no text of PostgreSQL's can hold.
    Nul {
        /// The line it is in.
        line: usize,
    },
    /// A quote or comment does not end.
    Unterminated {
        /// Which.
        what: &'static str,
        /// The line where it begins.
        line: usize,
    },
    /// More follows `COPY ... FROM STDIN;` in its line: what comes next, those words or the rows, would be read in
    /// another order than it is written.
    AfterCopy {
        /// The line.
        line: usize,
    },
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyBytes { bytes } => write!(f, "the script has {bytes} bytes, more than {MAX_BYTES}"),
            Self::TooManyPieces { line } => {
                write!(f, "the script has more than {MAX_PIECES} statements; line {line} has the first beyond")
            }
            Self::Nul { line } => write!(f, "line {line} has a NUL byte"),
            Self::Unterminated { what, line } => write!(f, "the {what} that begins in line {line} does not end"),
            Self::AfterCopy { line } => {
                write!(f, "line {line} goes on after COPY ... FROM STDIN, whose rows begin in the next line")
            }
        }
    }
}

impl std::error::Error for SplitError {}

/// Splits a script.
///
/// `standard_conforming_strings` is the setting when the script begins; `SET` and `RESET` in the script change it for
/// what follows. Empty statements are left out.
pub fn split(script: &str, standard_conforming_strings: bool) -> Result<Vec<Piece<'_>>, SplitError> {
    if script.len() > MAX_BYTES {
        return Err(SplitError::TooManyBytes { bytes: script.len() });
    }
    let mut lines = Lines { script, at: 0, line: 1 };
    if let Some(at) = script.find('\0') {
        return Err(SplitError::Nul { line: lines.of(at) });
    }
    let start = if script.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut splitter = Splitter {
        script,
        scanner: Scanner::new(script, start, standard_conforming_strings),
        initially: standard_conforming_strings,
        lines,
        statement: Statement::default(),
        pieces: Vec::new(),
        variables: Variables::default(),
    };
    splitter.run()?;
    Ok(splitter.pieces)
}

/// Counts lines on the way through the script.
#[derive(Clone)]
struct Lines<'a> {
    script: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line that `at` is in. Cheap when asked from front to back.
    fn of(&mut self, at: usize) -> usize {
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        self.line += self.script.as_bytes()[self.at..at].iter().filter(|byte| **byte == b'\n').count();
        self.at = at;
        self.line
    }
}

/// The psql variables that the script sets.
#[derive(Default)]
struct Variables<'a> {
    names: HashSet<&'a str>,
    /// `\gset` sets those that its query names.
    any: bool,
}

/// The statement that is being read.
#[derive(Default)]
struct Statement<'a> {
    /// Where it begins, and the line that is in.
    start: Option<(usize, usize)>,
    /// Where its last token ends.
    end: usize,
    /// Its first words.
    words: Vec<&'a str>,
    previous: Option<Token>,
    parentheses: usize,
    brackets: usize,
    /// `BEGIN ATOMIC`, and each `CASE` in it.
    blocks: usize,
    /// `FROM STDIN` outside parentheses.
    from_stdin: bool,
    client_side: Vec<ClientSide<'a>>,
}

/// The words that decide are among these.
const FIRST_WORDS: usize = 4;

impl Statement<'_> {
    fn word(&self, at: usize, wanted: &str) -> bool {
        self.words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(wanted))
    }

    fn creates_routine(&self) -> bool {
        let routine = |at| self.word(at, "function") || self.word(at, "procedure");
        self.word(0, "create") && (routine(1) || self.word(1, "or") && self.word(2, "replace") && routine(3))
    }

    fn is_copy_from_stdin(&self) -> bool {
        self.word(0, "copy") && self.from_stdin
    }
}

struct Splitter<'a> {
    script: &'a str,
    scanner: Scanner<'a>,
    /// `standard_conforming_strings` when the script begins, which is what `RESET` sets.
    initially: bool,
    lines: Lines<'a>,
    statement: Statement<'a>,
    pieces: Vec<Piece<'a>>,
    variables: Variables<'a>,
}

impl<'a> Splitter<'a> {
    fn run(&mut self) -> Result<(), SplitError> {
        while let Some(token) = self.next_token()? {
            match token.kind {
                Kind::Blank => {}
                Kind::Semicolon if self.statement.parentheses == 0 && self.statement.blocks == 0 => {
                    self.end_statement(token.end)?;
                }
                Kind::Backslash => self.command(token.start)?,
                _ => self.add(token),
            }
        }
        self.end_statement(self.script.len())
    }

    fn next_token(&mut self) -> Result<Option<Token>, SplitError> {
        self.scanner
            .next()
            .map_err(|Unterminated { what, at }| SplitError::Unterminated { what, line: self.lines.of(at) })
    }

    fn text_of(&self, token: Token) -> &'a str {
        &self.script[token.start..token.end]
    }

    /// Whether the token before was this word.
    fn follows(&self, wanted: &str) -> bool {
        self.statement.previous.is_some_and(|previous| self.text_of(previous).eq_ignore_ascii_case(wanted))
    }

    /// Adds a token to the statement.
    fn add(&mut self, token: Token) {
        let text = self.text_of(token);
        match token.kind {
            Kind::Open => self.statement.parentheses += 1,
            Kind::Close => self.statement.parentheses = self.statement.parentheses.saturating_sub(1),
            Kind::OpenBracket => self.statement.brackets += 1,
            Kind::CloseBracket => self.statement.brackets = self.statement.brackets.saturating_sub(1),
            Kind::Variable if self.may_be_variable(text) => self.add_client_side(token.start, token.end),
            Kind::Word => self.add_word(text),
            _ => {}
        }
        if self.statement.start.is_none() {
            self.statement.start = Some((token.start, self.lines.of(token.start)));
        }
        self.statement.end = token.end;
        self.statement.previous = Some(token);
    }

    fn add_word(&mut self, word: &'a str) {
        if self.statement.words.len() < FIRST_WORDS {
            self.statement.words.push(word);
        }
        if self.statement.parentheses > 0 || self.follows(".") || self.follows("as") {
            return;
        }
        if word.eq_ignore_ascii_case("stdin") && self.follows("from") {
            self.statement.from_stdin = true;
        }
        if !self.statement.creates_routine() {
            return;
        }
        let blocks = self.statement.blocks;
        if word.eq_ignore_ascii_case("atomic") && self.follows("begin")
            || word.eq_ignore_ascii_case("case") && blocks > 0
        {
            self.statement.blocks += 1;
        } else if word.eq_ignore_ascii_case("end") {
            self.statement.blocks = blocks.saturating_sub(1);
        }
    }

    /// psql leaves `:name` alone when no such variable is set. Outside `[a:b]` and `'key':1` the server would not
    /// understand that, so there it is meant for psql; in them only when the script sets it.
    fn may_be_variable(&self, text: &str) -> bool {
        let name = text.trim_matches(|c| matches!(c, ':' | '\'' | '"' | '{' | '}' | '?'));
        let is_sql = self.statement.brackets > 0 || name.bytes().all(|byte| byte.is_ascii_digit());
        !is_sql || self.variables.any || self.variables.names.contains(name)
    }

    fn add_client_side(&mut self, start: usize, end: usize) {
        if self.statement.client_side.len() == MAX_CLIENT_SIDE {
            return;
        }
        let line = self.lines.of(start);
        self.statement.client_side.push(ClientSide { offset: start, line, text: &self.script[start..end] });
    }

    /// Ends the statement, if there is one; rows would begin in the line after `end`.
    fn end_statement(&mut self, end: usize) -> Result<(), SplitError> {
        let statement = std::mem::take(&mut self.statement);
        let Some((start, line)) = statement.start else { return Ok(()) };
        let standard_conforming_strings = self.scanner.standard_conforming_strings;
        let rows = if statement.is_copy_from_stdin() { Some(self.rows(end)?) } else { None };
        self.follow_setting(&statement);
        let content = Content::Statement { client_side: statement.client_side, standard_conforming_strings, rows };
        self.push(start, line, statement.end, content)
    }

    fn push(&mut self, start: usize, line: usize, end: usize, content: Content<'a>) -> Result<(), SplitError> {
        if self.pieces.len() == MAX_PIECES {
            return Err(SplitError::TooManyPieces { line });
        }
        self.pieces.push(Piece { offset: start, line, text: &self.script[start..end], content });
        Ok(())
    }

    /// Takes the lines after the one that `end` is in as rows, up to `\.`, as psql does, and goes on after them.
    fn rows(&mut self, end: usize) -> Result<&'a str, SplitError> {
        let rest = &self.script[end..];
        let (rest, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let rest = rest.trim();
        if !rest.is_empty() && !rest.starts_with("--") {
            return Err(SplitError::AfterCopy { line: self.lines.of(end) });
        }
        let start = self.script.len() - after.len();
        let mut length = 0;
        for line in after.split_inclusive('\n') {
            if matches!(line.trim_end_matches('\n'), "\\." | "\\.\r") {
                self.scanner.at = start + length + line.len();
                return Ok(&after[..length]);
            }
            length += line.len();
        }
        self.scanner.at = self.script.len();
        Ok(after)
    }

    /// Follows `SET standard_conforming_strings`, which `pg_dump` writes. `SET LOCAL` counts like `SET`.
    fn follow_setting(&mut self, statement: &Statement<'a>) {
        const NAME: &str = "standard_conforming_strings";
        let local = usize::from(statement.word(1, "session") || statement.word(1, "local"));
        if statement.word(0, "reset") && (statement.word(1, NAME) || statement.word(1, "all")) {
            self.scanner.standard_conforming_strings = self.initially;
        }
        let Some(value) = statement.previous.map(|value| self.text_of(value)) else { return };
        if statement.word(0, "set") && statement.word(1 + local, NAME) {
            self.scanner.standard_conforming_strings = match value.trim_matches('\'').to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" | "1" => true,
                "off" | "false" | "no" | "0" => false,
                _ => self.initially,
            };
        }
    }

    /// Reads what begins with a backslash outside quotes.
    fn command(&mut self, start: usize) -> Result<(), SplitError> {
        let command = Command::read(self.script, start);
        let within = self.statement.start.is_some();
        self.scanner.at = command.next;
        self.variables.note(&command);
        if within && command.name == ":" {
            self.add_client_side(start, command.end);
            return Ok(());
        }
        if within && command.name == ";" || command.sends() {
            self.end_statement(command.end)?;
        } else if command.resets() {
            self.statement = Statement::default();
        } else if within {
            self.add_client_side(start, command.end);
            self.statement.end = command.end;
            return Ok(());
        }
        let rows = if command.is_copy_from_stdin() { Some(self.rows(command.end)?) } else { None };
        let line = self.lines.of(start);
        self.push(start, line, command.end, Content::Command { name: command.name, rows })
    }
}

mod command;
use command::Command;
pub use command::runs_something;

#[cfg(test)]
mod tests;
