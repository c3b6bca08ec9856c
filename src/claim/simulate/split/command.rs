//! psql's own commands: where one ends, and what it does to the statement before it.

use super::Variables;

/// A command in a script.
pub(super) struct Command<'a> {
    /// Its name without the backslash.
    pub name: &'a str,
    arguments: &'a str,
    /// Where its text ends.
    pub end: usize,
    /// Where psql goes on to read.
    pub next: usize,
}

/// Those whose arguments are the rest of the line, whatever is in it.
const WHOLE_LINE: [&str; 9] = ["!", "copy", "ef", "ev", "sf", "sf+", "sv", "sv+", "help"];
/// Those of which an argument that begins with `|` is the rest of the line.
const PIPES: [&str; 6] = ["g", "gx", "o", "out", "w", "write"];
/// Those that send the statement before them, as a semicolon does.
const SENDS: [&str; 9] = ["g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", "parse", "sendpipeline"];
/// Those that run something that is not in the script, or decide what is run.
const RUNS: [&str; 17] = [
    "!",
    "bind",
    "bind_named",
    "c",
    "connect",
    "elif",
    "else",
    "endif",
    "ef",
    "ev",
    "gdesc",
    "gexec",
    "i",
    "if",
    "include",
    "include_relative",
    "ir",
];

/// Whether what a script does depends on this command of psql's. The others only look, or concern psql itself.
pub fn runs_something(name: &str) -> bool {
    RUNS.contains(&name)
}

impl<'a> Command<'a> {
    /// Reads the command whose backslash is at `start`, as `src/bin/psql/psqlscanslash.l` does: up to the end of the
    /// line, to `\\`, or to the next command.
    pub fn read(script: &'a str, start: usize) -> Self {
        let line = &script[start..];
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        if let Some(name @ (";" | ":")) = line.get(1..2) {
            return Self { name, arguments: "", end: start + 2, next: start + 2 };
        }
        let after = &line[1..];
        let name = &after[..after.find(|c: char| c.is_ascii_whitespace() || c == '\\').unwrap_or(after.len())];
        let arguments = &after[name.len()..];
        let length = if WHOLE_LINE.contains(&name) { arguments.len() } else { arguments_length(name, arguments) };
        let end = start + 1 + name.len() + length;
        let next = if script[end..].starts_with("\\\\") { end + 2 } else { end };
        let arguments = arguments[..length].trim();
        Self {
            name,
            arguments,
            end: start + 1 + name.len() + arguments_end(&script[start + 1 + name.len()..end]),
            next,
        }
    }

    /// Whether it ends the statement before it and sends that.
    pub fn sends(&self) -> bool {
        SENDS.contains(&self.name)
    }

    /// Whether it drops the statement before it.
    pub fn resets(&self) -> bool {
        matches!(self.name, "r" | "reset")
    }

    /// Whether rows follow in the script. (`from pstdin` is psql's own input.)
    pub fn is_copy_from_stdin(&self) -> bool {
        let mut words = self.arguments.split(|c: char| c.is_ascii_whitespace() || c == ')').filter(|w| !w.is_empty());
        let mut previous = "";
        self.name == "copy"
            && words.any(|word| {
                let found =
                    previous.eq_ignore_ascii_case("from") && word.trim_end_matches(';').eq_ignore_ascii_case("stdin");
                previous = word;
                found
            })
    }
}

/// The length without white space at its end.
fn arguments_end(arguments: &str) -> usize {
    arguments.trim_end().len()
}

/// How much of the rest of the line is arguments: up to a backslash outside quotes.
fn arguments_length(name: &str, rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    let mut argument_begins = true;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => return at,
            b'|' if argument_begins && PIPES.contains(&name) => return rest.len(),
            quote @ (b'\'' | b'"' | b'`') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if quote == b'\'' && bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        argument_begins = bytes.get(at).is_some_and(u8::is_ascii_whitespace);
        at += 1;
    }
    rest.len()
}

impl<'a> Variables<'a> {
    /// Notes the variables that a command sets.
    pub fn note(&mut self, command: &Command<'a>) {
        let mut words = command.arguments.split_ascii_whitespace();
        let name = match command.name {
            "set" | "getenv" => words.next(),
            "prompt" => words.next_back(),
            _ => None,
        };
        self.names.extend(name);
        self.any |= command.name == "gset";
    }
}
