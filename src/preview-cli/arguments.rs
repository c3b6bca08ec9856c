//! The command line.

use std::ffi::OsString;

/// One line on how to call it.
pub const USAGE: &str = "usage: integratedb-preview --catalog CATALOG.json [OPTION...] FILE...";

const HELP: &str = "\
Says of each statement of a migration script whether it would break a claim, offline.

usage: integratedb-preview --catalog CATALOG.json [OPTION...] FILE...

  --catalog FILE           what SELECT integratedb.export_catalog() gave
  --user NAME              the role that runs the script; otherwise the one that made the export
  --no-single-transaction  a statement outside BEGIN and COMMIT is a transaction of its own
  --allow-unknown          what cannot be told is no failure
  --json                   JSON, not text
  --help, --version

Several files are run one after the other, in the order given. - is the standard input.
Exit status: 0 nothing breaks, 1 something breaks, 2 something cannot be told; 64 and above: there is no preview.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// A preview.
    Preview(Arguments),
    /// Say this and nothing else.
    Say(String),
}

/// What a preview is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// File of the export.
    pub catalog: String,
    /// Files of the script.
    pub files: Vec<String>,
    /// Role that runs it.
    pub user: Option<String>,
    /// As one transaction.
    pub single_transaction: bool,
    /// What cannot be told is no failure.
    pub allow_unknown: bool,
    /// JSON, not text.
    pub json: bool,
}

impl Command {
    /// Reads the arguments after the command's name.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
        let mut found = Arguments { single_transaction: true, ..Arguments::default() };
        let mut arguments =
            arguments.map(|one| one.into_string().map_err(|one| format!("{} is not UTF-8", one.to_string_lossy())));
        let mut only_files = false;
        while let Some(argument) = arguments.next() {
            let argument = argument?;
            let (name, attached) = match argument.split_once('=') {
                Some((name, value)) if !only_files && name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = |attached: Option<String>| match attached {
                Some(value) => Ok(value),
                None => arguments.next().unwrap_or_else(|| Err(format!("{name} needs a value"))),
            };
            match name {
                _ if only_files || name == "-" || !name.starts_with('-') => found.files.push(argument),
                "--catalog" => found.catalog = value(attached)?,
                "--user" => found.user = Some(value(attached)?),
                _ if attached.is_some() => return Err(format!("{name} takes no value, or is no option")),
                "--" => only_files = true,
                "--no-single-transaction" => found.single_transaction = false,
                "--allow-unknown" => found.allow_unknown = true,
                "--json" => found.json = true,
                "--help" | "-h" => return Ok(Command::Say(HELP.to_owned())),
                "--version" | "-V" => {
                    return Ok(Command::Say(format!("integratedb-preview {}\n", env!("CARGO_PKG_VERSION"))));
                }
                other => return Err(format!("{other} is no option")),
            }
        }
        if found.catalog.is_empty() {
            return Err("--catalog is missing".to_owned());
        }
        if found.files.is_empty() {
            return Err("no file is named".to_owned());
        }
        let from_standard_input = found.files.iter().chain([&found.catalog]).filter(|file| *file == "-").count();
        if from_standard_input > 1 {
            return Err("the standard input can be read only once".to_owned());
        }
        Ok(Command::Preview(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        Command::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn options_stand_in_any_order() {
        let expected = Arguments {
            catalog: "c.json".into(),
            files: vec!["a.sql".into(), "-".into()],
            user: Some("app".into()),
            single_transaction: false,
            allow_unknown: true,
            json: true,
        };
        let arguments = ["a.sql", "--user=app", "--catalog", "c.json", "--json", "--no-single-transaction", "-"];
        let all: Vec<&str> = arguments.into_iter().chain(["--allow-unknown"]).collect();
        assert_eq!(parse(&all), Ok(Command::Preview(expected)));
    }

    #[test]
    fn a_file_may_look_like_an_option_after_two_dashes() {
        let Ok(Command::Preview(found)) = parse(&["--catalog=c", "--", "--json", "-"]) else { panic!("a preview") };
        assert_eq!((found.files, found.json), (vec!["--json".to_owned(), "-".to_owned()], false));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (arguments, message) in [
            (&["a.sql"][..], "--catalog is missing"),
            (&["--catalog", "c"], "no file is named"),
            (&["--catalog"], "--catalog needs a value"),
            (&["--catalog=c", "--jsno", "a"], "--jsno is no option"),
            (&["--catalog=c", "--json=1", "a"], "--json takes no value, or is no option"),
            (&["--catalog=-", "-"], "the standard input can be read only once"),
        ] {
            assert_eq!(parse(arguments), Err(message.to_owned()), "{arguments:?}");
        }
    }
}
