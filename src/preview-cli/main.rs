//! integratedb-preview: what a migration would do to the claims of a database, told offline from what
//! `integratedb.export_catalog()` wrote.

mod arguments;
mod script;

use std::fs;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use arguments::{Arguments, Command};
use integratedb_claim::simulate::export::Export;
use integratedb_claim::simulate::report::worst;
use integratedb_claim::simulate::row::{Row, Verdict, render};
use integratedb_claim::simulate::{Options, preview};
use script::Script;
use serde::Serialize;

/// Exit statuses beyond 0, 1 and 2, as in BSD's sysexits.h.
const USAGE: u8 = 64;
const BAD_DATA: u8 = 65;
const NO_INPUT: u8 = 66;
const IO_ERROR: u8 = 74;

/// A syntax tree is walked by recursion, as deep as the bounds on a statement allow.
const STACK_BYTES: usize = 256 << 20;

/// Why there is no preview, and the exit status for it.
struct Failure(u8, String);

/// A row with the file that its line is in.
#[derive(Serialize)]
struct Placed<'a> {
    file: &'a str,
    #[serde(flatten)]
    row: &'a Row,
}

fn main() -> ExitCode {
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(|| match run() {
        Ok(status) => status,
        Err(Failure(status, message)) => {
            eprintln!("integratedb-preview: {message}");
            status
        }
    });
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(status)) => ExitCode::from(status),
        // The panic has been said.
        Ok(Err(_)) => ExitCode::from(70),
        Err(error) => {
            eprintln!("integratedb-preview: no thread could be started: {error}");
            ExitCode::from(71)
        }
    }
}

fn run() -> Result<u8, Failure> {
    let arguments = match Command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Preview(arguments)) => arguments,
        Ok(Command::Say(text)) => return say(&text).map(|()| 0),
        Err(message) => return Err(Failure(USAGE, format!("{message}\n{}", arguments::USAGE))),
    };
    let export = export(&arguments)?;
    let files = arguments.files.iter().map(|file| Ok((shown(file).to_owned(), read(file)?)));
    let script = Script::of(files.collect::<Result<_, Failure>>()?);
    let options = Options { single_transaction: arguments.single_transaction, ..Options::default() };
    let rows = preview(export.world, &export.claims, script.text(), &options)
        .map_err(|error| Failure(BAD_DATA, format!("{}: {error}", script.names())))?;
    let verdict = worst(&rows);
    let is_refused = rows.iter().any(|row| row.is_refused(arguments.allow_unknown));
    let by_file = script.by_file(rows);
    say(&if arguments.json { json(&by_file)? } else { text(&by_file) })?;
    Ok(match verdict {
        Verdict::Safe => 0,
        Verdict::Unknown if !is_refused => 0,
        Verdict::Unknown => 2,
        Verdict::Breaks | Verdict::Fails => 1,
    })
}

fn export(arguments: &Arguments) -> Result<Export, Failure> {
    let name = shown(&arguments.catalog);
    let mut export =
        Export::decode(&read(&arguments.catalog)?).map_err(|error| Failure(BAD_DATA, format!("{name}: {error}")))?;
    if let Some(user) = &arguments.user {
        let found = export.world.roles.iter().find(|(_, role)| role.name == *user).map(|(oid, _)| *oid);
        export.world.user = found.ok_or_else(|| Failure(BAD_DATA, format!("{name}: there is no role \"{user}\"")))?;
    }
    Ok(export)
}

fn shown(file: &str) -> &str {
    if file == "-" { "<stdin>" } else { file }
}

fn read(file: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let done = if file == "-" {
        io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(file).map(|found| bytes = found)
    };
    done.map_err(|error| Failure(NO_INPUT, format!("{}: {error}", shown(file))))?;
    String::from_utf8(bytes).map_err(|error| Failure(BAD_DATA, format!("{}: {}", shown(file), error.utf8_error())))
}

fn text(by_file: &[(String, Vec<Row>)]) -> String {
    let several = by_file.len() > 1;
    let of = |(file, rows): &(String, Vec<Row>)| {
        let head = if several { format!("{file}:\n") } else { String::new() };
        head + &render(rows)
    };
    by_file.iter().map(of).collect()
}

fn json(by_file: &[(String, Vec<Row>)]) -> Result<String, Failure> {
    let placed = |(file, rows)| -> Vec<Placed> {
        let (file, rows): (&String, &Vec<Row>) = (file, rows);
        rows.iter().map(|row| Placed { file, row }).collect()
    };
    let all: Vec<Placed> = by_file.iter().map(|(file, rows)| (file, rows)).flat_map(placed).collect();
    let text = serde_json::to_string_pretty(&all).map_err(|error| Failure(IO_ERROR, error.to_string()))?;
    Ok(text + "\n")
}

fn say(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure(IO_ERROR, format!("could not write: {error}"))),
        Ok(()) => Ok(()),
    }
}
