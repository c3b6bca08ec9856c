//! Options of stakeholders: what keeps one application from starving the others, and who answers for it.

use integratedb_claim::nearest::nearest;
use integratedb_claim::report::{sentence, shown};
use serde_json::{Map, Value};

use super::credential::require_hand_out;
use super::reader::{RoleState, role_of, without_role};
use crate::pg::acl::Role;
use crate::pg::error::{Error, Result};
use crate::pg::role::{self, Attribute};
use crate::pg::{role_setting, security, store};

/// What an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// CONNECTION LIMIT of the role, which it cannot lift.
    ConnectionLimit,
    /// A setting that it cannot lift, because only a superuser may.
    Limit,
    /// A setting that it can.
    Default,
    /// Text for people.
    Text,
}

/// Every option. The view `stakeholders` names them too.
const OPTIONS: [(&str, Kind); 12] = [
    (CONNECTION_LIMIT, Kind::ConnectionLimit),
    ("temp_file_limit", Kind::Limit),
    ("statement_timeout", Kind::Default),
    ("lock_timeout", Kind::Default),
    ("idle_in_transaction_session_timeout", Kind::Default),
    ("work_mem", Kind::Default),
    ("default_transaction_read_only", Kind::Default),
    (SEARCH_PATH, Kind::Default),
    ("owner", Kind::Text),
    ("contact", Kind::Text),
    ("team", Kind::Text),
    ("description", Kind::Text),
];

const CONNECTION_LIMIT: &str = "connection_limit";
const SEARCH_PATH: &str = "search_path";
/// A text may be so long, in bytes.
const LONGEST_TEXT: usize = 1000;

/// What an option does to a role.
#[derive(Debug)]
enum Change {
    ConnectionLimit(i32),
    Set(&'static str, Vec<String>),
    Reset(&'static str),
}

/// Options whose names and values are known to be good.
#[derive(Debug, Default)]
pub struct Options {
    /// As given; null takes an option back.
    given: Map<String, Value>,
    changes: Vec<Change>,
}

impl Options {
    /// Reads options; the values of settings are tested by the server's own checks.
    ///
    /// # Errors
    /// 22023 with everything that is wrong.
    pub fn read(function: &str, options: Value) -> Result<Options> {
        let Value::Object(given) = options else {
            return Err(Error::invalid_argument(
                format!("options of {function} must be a JSON object"),
                format!("Found {}.", shown(&options.to_string())),
                "Pass '{}', or options such as '{\"connection_limit\": 10}'.",
            ));
        };
        let (mut changes, mut problems, mut near) = (Vec::new(), Vec::new(), None);
        for (name, value) in &given {
            let Some((name, kind)) = OPTIONS.iter().find(|(known, _)| known == name) else {
                let close = nearest(name, OPTIONS.iter().map(|(known, _)| *known));
                near = near.or(close);
                problems.push(match close {
                    Some(close) => format!("\"{}\" is no option; did you mean \"{close}\"?", shown(name)),
                    None => format!("\"{}\" is no option.", shown(name)),
                });
                continue;
            };
            match change(name, *kind, value) {
                Ok(change) => changes.extend(change),
                Err(problem) => problems.push(format!("\"{name}\": {}", sentence(&shown(&problem)))),
            }
        }
        if problems.is_empty() {
            return Ok(Options { given, changes });
        }
        let names: Vec<&str> = OPTIONS.iter().map(|(name, _)| *name).collect();
        Err(Error::invalid_argument(
            match problems.len() {
                1 => format!("invalid option of {function}"),
                number => format!("{number} invalid options of {function}"),
            },
            problems.join("\n"),
            match near {
                Some(near) => format!("Did you mean \"{near}\"? The options are {}.", names.join(", ")),
                None => format!("The options are {}.", names.join(", ")),
            },
        ))
    }

    /// Applies them to a stakeholder's role, or to one that acts as it.
    pub fn apply(&self, role: &Role) {
        for change in &self.changes {
            match change {
                Change::ConnectionLimit(limit) => role::alter(&role.name, &[Attribute::ConnectionLimit(*limit)]),
                Change::Set(name, values) => role_setting::set(&role.name, name, values),
                Change::Reset(name) => role_setting::reset(&role.name, name),
            }
        }
    }

    /// What is stored when these are added to what was.
    pub fn added_to(&self, before: Value) -> Value {
        let mut all = match before {
            Value::Object(all) => all,
            _ => Map::new(),
        };
        for (name, value) in &self.given {
            match value {
                Value::Null => all.remove(name),
                value => all.insert(name.clone(), value.clone()),
            };
        }
        Value::Object(all)
    }
}

/// What an option with this value does, if it does anything to the role.
fn change(name: &'static str, kind: Kind, value: &Value) -> std::result::Result<Option<Change>, String> {
    match (kind, value) {
        (Kind::Text, Value::Null) => Ok(None),
        (Kind::Text, Value::String(text)) if text.len() <= LONGEST_TEXT => Ok(None),
        (Kind::Text, Value::String(text)) => {
            Err(format!("a text of {} bytes; at most {LONGEST_TEXT} are taken", text.len()))
        }
        (Kind::Text, other) => Err(format!("found {other}, a text is needed")),
        (Kind::ConnectionLimit, Value::Null) => Ok(Some(Change::ConnectionLimit(-1))),
        (Kind::ConnectionLimit, value) => match value.as_i64().and_then(|limit| i32::try_from(limit).ok()) {
            Some(limit) if limit >= 0 => Ok(Some(Change::ConnectionLimit(limit))),
            _ => Err(format!("found {value}; a number of sessions is needed, or null for no limit")),
        },
        (Kind::Limit | Kind::Default, Value::Null) => Ok(Some(Change::Reset(name))),
        (Kind::Limit | Kind::Default, value) => {
            let values = setting_values(name, value)?;
            let text = values.join(",");
            // The names of a path are quoted when they are stored, and can be any.
            if name != SEARCH_PATH {
                role_setting::check(name, &text).map_err(|caught| match caught.hint {
                    Some(hint) => format!("{} ({hint})", caught.message),
                    None => caught.message,
                })?;
            }
            Ok(Some(Change::Set(name, values)))
        }
    }
}

/// The values of a setting, of a list of names each by itself.
fn setting_values(name: &str, value: &Value) -> std::result::Result<Vec<String>, String> {
    let wrong = || format!("found {value}, which no setting can be");
    let names = match value {
        Value::String(text) if name == SEARCH_PATH => {
            role_setting::names_in(text).ok_or("the list of schemas is not well-formed")?
        }
        Value::Array(names) if name == SEARCH_PATH => {
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or_else(wrong)?
        }
        _ if name == SEARCH_PATH => {
            return Err(format!("found {value}; schemas are needed, as \"a, b\" or [\"a\", \"b\"]"));
        }
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(value) => vec![if *value { "on" } else { "off" }.to_owned()],
        _ => return Err(wrong()),
    };
    // A path without schemas is written as one that is empty.
    Ok(if names.is_empty() { vec![String::new()] } else { names })
}

/// Changes options of a stakeholder, and leaves alone what is not named.
///
/// # Errors
/// 42704 for an unknown stakeholder, 22023 for options, 55000 without its role.
pub fn alter(name: &str, options: Value) -> Result<()> {
    store::lock_stakeholder(name)?;
    let options = Options::read("alter_stakeholder", options)?;
    if !options.changes.is_empty() {
        let state = role_of(name)?;
        let Some(role) = state.role() else { return Err(without_role(name, &state, "")) };
        // With its search_path its session runs what another has put there.
        require_hand_out("alter_stakeholder", security::caller(), name, role)?;
        options.apply(role);
        // What is set for a role does not reach its members.
        for credential in store::credentials_of(name)? {
            credential.role.iter().for_each(|role| options.apply(role));
        }
    }
    store::set_options(name, options.added_to(store::options(name)?))
}

/// Applies a stakeholder's options to a role that has just become its own, after a restore for example. What the server does
/// not take any more is a WARNING; a limit on connections that the role has is left alone.
///
/// # Errors
/// XX000
pub fn apply_again(name: &str, role: &Role) -> Result<()> {
    match Options::read("create_stakeholder", store::options(name)?) {
        Ok(mut options) => {
            if role::connection_limit(role.oid)? >= 0 {
                options.changes.retain(|change| !matches!(change, Change::ConnectionLimit(_)));
            }
            options.apply(role);
        }
        Err(error) => error.warn(),
    }
    Ok(())
}

/// Takes back the settings that a stakeholder's options have made. A limit on connections stays: it is the safe side.
///
/// # Errors
/// XX000
pub fn take_back(name: &str, state: &RoleState) -> Result<()> {
    let (Some(role), Value::Object(options)) = (state.granted_role(), store::options(name)?) else { return Ok(()) };
    for (option, kind) in OPTIONS {
        if matches!(kind, Kind::Limit | Kind::Default) && options.contains_key(option) {
            role_setting::reset(&role.name, option);
        }
    }
    Ok(())
}
