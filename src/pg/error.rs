//! The one place where an error gets its SQLSTATE, DETAIL and HINT.

use integratedb_claim::report::{Report, count, one_line, sentence, shown};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{PgLogLevel, PgSqlErrorCode, function_name};

mod credential;
mod evolution;
mod preview;
mod rehearsal;
mod request;

/// An error that a caller sees as a PostgreSQL ERROR.
#[derive(Debug)]
pub struct Error(Box<Report>);

/// What can fail with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl From<Report> for Error {
    fn from(report: Report) -> Error {
        Error(Box::new(report))
    }
}

impl Error {
    fn new(sqlstate: &'static str, message: impl Into<String>) -> Error {
        Report { sqlstate, message: message.into(), detail: None, hint: None }.into()
    }

    fn detail(mut self, detail: impl Into<String>) -> Error {
        self.0.detail = Some(detail.into());
        self
    }

    /// SQLSTATE, message and hint: for who lists errors instead of raising them.
    pub fn parts(self) -> (String, String, Option<String>) {
        (self.0.sqlstate.to_owned(), self.0.message, self.0.hint)
    }

    fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// 22004: an argument must not be NULL.
    pub fn null_argument(name: &str) -> Error {
        Error::new("22004", format!("argument \"{name}\" must not be null"))
            .detail("NULL was found where a value is needed.")
            .hint(format!("Pass a value for \"{name}\"."))
    }

    /// 55000: what was granted is not known in this database yet.
    pub fn caches_of_another() -> Error {
        Error::new("55000", "what integratedb has granted is not known in this database yet")
            .detail("It has been restored or copied since the caches were written.")
            .hint("SELECT * FROM integratedb.repair_privileges() reads all claims anew; so does the next DDL.")
    }

    /// 42501: only a superuser may do this.
    pub fn superuser_only(function: &str, role: &str) -> Error {
        Error::new("42501", format!("permission denied for function {function}"))
            .detail(format!("The current role \"{}\" is not a superuser.", shown(role)))
            .hint("Ask a superuser: this reaches further than administrators of integratedb do.")
    }

    /// 42501: only an administrator may do this.
    pub fn admin_only(function: &str, role: &str) -> Error {
        Error::new("42501", format!("permission denied for function {function}"))
            .detail(format!("The current role \"{}\" is not an administrator of integratedb.", shown(role)))
            .hint("Ask an administrator: the view integratedb.admins lists them.")
    }

    /// 42501: functions that only a superuser may hand out.
    pub fn superusers_functions(found: &[String]) -> Error {
        Error::new("42501", format!("{} can be claimed by superusers only", count(found.len(), "function")))
            .detail(found.iter().map(|line| shown(line)).collect::<Vec<_>>().join("\n"))
            .hint("Have a superuser claim it, or grant EXECUTE on it to PUBLIC if it is harmless.")
    }

    /// 42501: a role that is not to be an administrator.
    pub fn cannot_administer(role: &str, why: &str) -> Error {
        Error::new("42501", format!("role \"{}\" cannot be made an administrator", shown(role)))
            .detail(why.to_owned())
            .hint("Name the role of a person, or a group of such roles.")
    }

    /// 42704: not an administrator by grant.
    pub fn not_administrator(role: &str, otherwise: bool) -> Error {
        let why = match otherwise {
            true => "It is one all the same: as a superuser, or as a member of another role.",
            false => "It is none.",
        };
        Error::new("42704", format!("role \"{}\" was not made an administrator", shown(role)))
            .detail(why)
            .hint("The view integratedb.admins lists administrators, and how they came to it.")
    }

    /// 42704: no such stakeholder.
    pub fn undefined_stakeholder(name: &str, near: Option<&str>) -> Error {
        Error::new("42704", format!("stakeholder \"{}\" does not exist", shown(name)))
            .detail("No stakeholder of this name is registered in this database.")
            .hint(match near {
                Some(near) => {
                    format!("Did you mean \"{near}\"? SELECT * FROM integratedb.stakeholders lists them all.")
                }
                None => "SELECT * FROM integratedb.stakeholders lists them; integratedb.create_stakeholder makes one."
                    .into(),
            })
    }

    /// 42602: not a name that a stakeholder can have.
    pub fn invalid_name(name: &str, found: &str) -> Error {
        Error::new("42602", format!("\"{}\" is not a valid stakeholder name", shown(name)))
            .detail(found.to_owned())
            .hint("Use 1 to 32 of the characters a-z, 0-9 and _, not beginning with a digit, and neither a name that PostgreSQL reserves nor pg_*.")
    }

    /// 3F000: no such schema.
    pub fn undefined_schema(name: &str) -> Error {
        Error::new("3F000", format!("schema \"{}\" does not exist", shown(name)))
            .detail("Names are literal and case-sensitive.")
            .hint("Name a schema of this database.")
    }

    /// 3F000: a stakeholder's schema has been dropped.
    pub fn missing_own_schema(stakeholder: &str) -> Error {
        Error::new("3F000", format!("schema \"{stakeholder}\" of the stakeholder does not exist"))
            .detail("The schema has been dropped.")
            .hint("SELECT integratedb.sync() makes it again.")
    }

    /// 42501: not in this schema.
    pub fn reserved_schema(name: &str) -> Error {
        Error::new("42501", format!("functions cannot be installed in schema \"{name}\""))
            .detail("The schema belongs to the system or to integratedb.")
            .hint("Name a schema of the applications, public for example.")
    }

    /// 42723: a function is in the way.
    pub fn function_exists(found: &str) -> Error {
        Error::new("42723", format!("function {found} already exists"))
            .detail("It may have been installed before, or be the original's.")
            .hint(format!("Look at it with \\df+ {found}, and drop it first."))
    }

    /// 42602: not a path.
    pub fn invalid_path(path: &str, found: &str, hint: &str) -> Error {
        Error::new("42602", format!("\"{}\" is not a valid path", shown(path)))
            .detail(sentence(found))
            .hint(sentence(hint))
    }

    /// 42710: a role or schema is in the way of what `action` says.
    pub fn already_exists(action: String, found: &[String]) -> Error {
        Error::new("42710", action)
            .detail(found.join("\n"))
            .hint("Choose another name: a stakeholder's role and schema are its own, and made by integratedb.")
    }

    /// 42704: no such role.
    pub fn undefined_role(name: &str) -> Error {
        Error::new("42704", format!("role \"{}\" does not exist", shown(name)))
            .detail("Names are literal and case-sensitive.")
            .hint("Name a role that exists. integratedb.create_stakeholder makes a stakeholder with a role of its own.")
    }

    /// 42710: it is a stakeholder already.
    pub fn already_stakeholder(name: &str) -> Error {
        Error::new("42710", format!("stakeholder \"{name}\" already exists"))
            .detail("A stakeholder has one role, and a role is one stakeholder's.")
            .hint("Claim for it as it is: integratedb.claim(stakeholder, document).")
    }

    /// 42501: a role that no stakeholder may have.
    pub fn cannot_adopt(name: &str, reasons: &[String]) -> Error {
        let reasons: Vec<String> = reasons.iter().map(|reason| shown(reason)).collect();
        Error::new("42501", format!("role \"{name}\" cannot be adopted as a stakeholder"))
            .detail(reasons.join("\n"))
            .hint("A stakeholder's role has no way to more than it is granted, and a schema of its own. Mend this with ALTER ROLE, REVOKE and GRANT, or use integratedb.create_stakeholder with another name.")
    }

    /// 55000: an adopted stakeholder keeps its name.
    pub fn adopted_name(name: &str, new_name: &str) -> Error {
        Error::wrong_state(
            format!("stakeholder \"{name}\" cannot be renamed: its role was adopted"),
            "The role was there before, and other databases, configuration files and connection strings may know it by its name.",
            format!(
                "In one transaction: integratedb.drop_stakeholder, which leaves an adopted role alone; ALTER ROLE and ALTER SCHEMA ... RENAME; integratedb.adopt_stakeholder('{new_name}'); and claim again."
            ),
        )
    }

    /// NOTICE: a schema was made for a role that was adopted.
    pub fn schema_made(name: &str) -> Error {
        Error::new("00000", format!("schema \"{name}\" does not exist, creating it"))
            .detail("The stakeholder may use it and create objects in it. It goes with the stakeholder.")
    }

    /// WARNING: an adopted role reaches more than its claims.
    pub fn wider_than_claims(name: &str, relations: &str) -> Error {
        Error::new("01000", format!("role \"{name}\" reaches {relations} beyond its claims"))
            .detail("It owns them, was granted them, or reaches them as a member of other roles. This stays as it is.")
            .hint(format!("SELECT integratedb.export_grants('{name}') writes what was granted to it as a claim document. What it is not to have, revoke by hand."))
    }

    /// WARNING: an adopted role has members.
    pub fn shared_by_members(name: &str, members: &str, names: &[String]) -> Error {
        let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
        Error::new("01000", format!("what role \"{name}\" claims can be reached by {members} besides"))
            .detail(format!("Members of it, directly or not: {}.", names.join(", ")))
            .hint("Revoke the membership of those that are not to read what is claimed.")
    }

    /// WARNING: others can put objects into an adopted schema.
    pub fn schema_of_others(name: &str, sentences: &[String]) -> Error {
        let sentences: Vec<String> = sentences.iter().map(|sentence| shown(sentence)).collect();
        Error::new("01000", format!("schema \"{name}\" is not the role's alone"))
            .detail(sentences.join("\n"))
            .hint("What they put there, functions too, is found by the role's queries, as search_path begins with its schema unless it was set otherwise.")
    }

    /// WARNING: grants that a claim document has no words for.
    pub fn not_exported(role: &str, lines: &[String]) -> Error {
        const SHOWN: usize = 100;
        let mut shown_lines: Vec<String> = lines.iter().take(SHOWN).map(|line| shown(line)).collect();
        if lines.len() > SHOWN {
            shown_lines.push(format!("and {} more", lines.len() - SHOWN));
        }
        Error::new(
            "01000",
            format!("the document leaves out {} of role \"{}\"", count(lines.len(), "privilege"), shown(role)),
        )
        .detail(shown_lines.join("\n"))
        .hint("The claim language has no words for them. They stay as they are until they are revoked by hand.")
    }

    /// 22023: an argument has no meaning here.
    pub fn invalid_argument(message: impl Into<String>, detail: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::new("22023", message).detail(detail).hint(hint)
    }

    /// 54000: too large.
    pub fn document_too_large(size: usize, limit: usize) -> Error {
        Error::new("54000", "claim document is too large")
            .detail(format!("The document has {size} bytes; at most {limit} are read."))
            .hint("Claim whole schemas with \"schema.*\", or whole tables with \"fields\": [\"*\"].")
    }

    /// 54000: not to be read.
    pub fn document_unreadable(found: &str) -> Error {
        Error::new("54000", "JSON document cannot be read")
            .detail(found.to_owned())
            .hint("A document is nested at most 128 levels deep; a claim document needs six.")
    }

    /// 01000: what every stakeholder has was taken from one.
    pub fn own_access(stakeholder: &str) -> Error {
        Error::new("01000", format!("stakeholder \"{stakeholder}\" is granted again what every stakeholder has"))
            .detail("That is USAGE and CREATE on the schema of its name, and CONNECT on the database.")
            .hint("To take it for good, drop the stakeholder: integratedb.drop_stakeholder(name).")
    }

    /// 01000: a privilege does less than it seems to.
    pub fn incomplete_privileges(note: &str) -> Error {
        Error::new("01000", note.to_owned())
            .detail("WHERE and RETURNING read the columns that they name, and reading needs SELECT.")
            .hint("Add \"select\" to the privileges, of the match or of the columns that the conditions name.")
    }

    /// 22023: queries that need more than can be said.
    pub fn unresolved_queries(number: usize, lines: &[String]) -> Error {
        Error::new("22023", format!("{} in the queries could not be resolved", count(number, "thing")))
            .detail(lines.join("\n"))
            .hint("Nothing is claimed. integratedb.infer_claims(...) shows what can be; add the rest by hand.")
    }

    /// 0A000: no statistics of queries.
    pub fn no_statistics() -> Error {
        Error::new("0A000", "the extension pg_stat_statements is not installed in this database")
            .detail("It holds the queries that roles have run.")
            .hint("Add it to shared_preload_libraries and CREATE EXTENSION pg_stat_statements, or pass queries to integratedb.infer_claims().")
    }

    /// 42704: nothing is protected there.
    pub fn undefined_protection(path: &str) -> Error {
        Error::new("42704", format!("nothing of that is protected on {path}"))
            .detail("The view integratedb.protections lists what is.")
            .hint("Name the columns as they stand there, or none for all that is protected on the relation.")
    }

    /// 42704: no match on this path.
    pub fn undefined_match(stakeholder: &str, path: &str, claimed: &str) -> Error {
        Error::new("42704", format!("stakeholder \"{stakeholder}\" does not claim {path}"))
            .detail(claimed.to_owned())
            .hint("SELECT integratedb.claim_document(...) shows the document; name a path as it stands there.")
    }

    /// 55P03: the fence could not be had.
    pub fn fence_timeout(waited_ms: i32) -> Error {
        Error::new("55P03", "could not lock the claims: transactions with DDL are still open")
            .detail(format!(
                "Waited {waited_ms} ms for every transaction that has executed DDL in this database to end."
            ))
            .hint("Try again, set integratedb.fence_timeout higher, or look for long transactions in pg_stat_activity, and for prepared ones in pg_prepared_xacts.")
    }

    /// 2BP01: what stands in the way of dropping or renaming a stakeholder.
    pub fn still_in_use(message: String, found: &[String], hint: &str) -> Error {
        const SHOWN: usize = 100;
        let mut lines: Vec<String> = found.iter().take(SHOWN).cloned().collect();
        if found.len() > SHOWN {
            lines.push(format!("and {} more", found.len() - SHOWN));
        }
        Error::new("2BP01", message).detail(lines.join("\n")).hint(hint)
    }

    /// 55000: in the script of an extension.
    pub fn inside_extension_script() -> Error {
        Error::wrong_state(
            "claims cannot be changed by the script of an extension",
            "CREATE EXTENSION or ALTER EXTENSION is running.",
            "Call it after the extension's command.",
        )
    }

    /// 42501: for the stakeholder itself.
    pub fn stakeholder_only(function: &str, role: &str) -> Error {
        Error::new("42501", format!("permission denied for function {function}"))
            .detail(format!("Role \"{role}\" is neither the stakeholder itself nor an administrator."))
            .hint("Connect as the stakeholder whose claims they are, or ask an administrator: the view integratedb.admins lists them.")
    }

    /// 42704: no such waiver.
    pub fn undefined_waiver(id: i64) -> Error {
        Error::new("42704", format!("waiver {id} does not exist"))
            .detail("It was never made, or has been taken back.")
            .hint("The view integratedb.waivers lists them.")
    }

    /// 42704: the stakeholder claims nothing there.
    pub fn not_claimed(stakeholder: &str, path: &str) -> Error {
        Error::new("42704", format!("stakeholder \"{stakeholder}\" does not claim {}", shown(path)))
            .detail("None of its claims has this path, not as an alternative either.")
            .hint("The view integratedb.claims lists its paths.")
    }

    /// 25006: on a standby.
    pub fn read_only_standby() -> Error {
        Error::new("25006", "claims cannot be changed on a standby")
            .detail("The server is in recovery.")
            .hint("Connect to the primary.")
    }

    /// 55000: the server's state does not allow it.
    pub fn wrong_state(message: impl Into<String>, detail: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::new("55000", message).detail(detail).hint(hint)
    }

    /// 39P03: an event trigger function was called by hand.
    pub fn not_an_event_trigger() -> Error {
        Error::new("39P03", "this function must be called by its event trigger").hint("It does nothing of use by hand.")
    }

    /// XX000: a state that our own tables must never be in.
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new("XX000", message).hint(
            "This is a defect of integratedb. A superuser can get past it with SET integratedb.enforcement = 'off', \
             or with ALTER EVENT TRIGGER ... DISABLE, and then SELECT integratedb.sync().",
        )
    }

    /// XX000: the server failed us in the middle of DDL.
    pub fn failed_inside(message: &str, detail: Option<&str>, code: &str) -> Error {
        let error = Error::internal(format!("integratedb could not check this command: {message}"));
        match (detail, code) {
            (Some(detail), _) => error.detail(detail.to_owned()),
            (None, "") => error,
            (None, code) => error.detail(format!("The server reported {code}.")),
        }
    }

    /// Raises it.
    pub fn raise(self) -> ! {
        report(*self.0, PgLogLevel::ERROR);
        unreachable!("an ERROR report does not return")
    }

    /// Says it as a NOTICE and goes on.
    pub fn notice(self) {
        report(*self.0, PgLogLevel::NOTICE);
    }

    /// Says it as a WARNING and goes on.
    pub fn warn(self) {
        report(*self.0, PgLogLevel::WARNING);
    }
}

fn report(report: Report, level: PgLogLevel) {
    let mut error = ErrorReport::new(sqlstate(report.sqlstate), one_line(&report.message), function_name!());
    if let Some(detail) = report.detail {
        error = error.set_detail(detail);
    }
    if let Some(hint) = report.hint {
        error = error.set_hint(hint);
    }
    error.report(level);
}

/// MAKE_SQLSTATE of PostgreSQL's elog.h.
fn sqlstate(code: &str) -> PgSqlErrorCode {
    let packed = code
        .bytes()
        .enumerate()
        .fold(0i32, |packed, (place, byte)| packed | ((i32::from(byte) - i32::from(b'0')) & 0x3f) << (6 * place));
    PgSqlErrorCode::from(packed)
}

/// Ends a SQL-callable function: its value, or the ERROR.
pub trait OrRaise<T> {
    /// The value; an [`Error`] is raised.
    fn or_raise(self) -> T;
}

impl<T> OrRaise<T> for Result<T> {
    fn or_raise(self) -> T {
        match self {
            Ok(value) => value,
            Err(error) => error.raise(),
        }
    }
}
