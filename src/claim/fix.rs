//! What would have let a change through that breaks claims: the way that fits, in words and as text to copy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::path::{MAX_NAME_BYTES, display_column};
use crate::report::{count, one_line};

/// How a claim names what has changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By name.
    ByName,
    /// Its columns with `*`.
    EveryColumn,
    /// By the wildcard path of this schema.
    Wildcard {
        /// The wildcard path.
        path: String,
        /// The relation as a LIKE pattern.
        pattern: String,
    },
}

/// What has been done to something claimed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A column has another name.
    ColumnRenamed {
        /// Its relation.
        path: String,
        /// How it is claimed.
        named: Named,
        /// The columns that its field accepts.
        accepted: Vec<String>,
        /// Its name before.
        old: String,
        /// Its name now.
        new: String,
    },
    /// A relation has another name or schema.
    RelationRenamed {
        /// Its path before.
        path: String,
        /// How it is claimed.
        named: Named,
        /// What is claimed of it.
        fields: Vec<String>,
        /// Its path now.
        new: String,
    },
    /// A column has another type.
    ColumnRetyped {
        /// Its relation.
        path: String,
        /// How it is claimed.
        named: Named,
        /// The columns that its field accepts.
        accepted: Vec<String>,
        /// The column.
        column: String,
    },
    /// A relation, or a column of it, is gone.
    Dropped {
        /// The relation.
        path: String,
        /// The column.
        column: Option<String>,
    },
}

/// So many changes of a kind are spelt out.
const SPELT_OUT: usize = 3;
/// So many columns of a relation are.
const MANY_COLUMNS: usize = 10;

/// One line for each way that fits, each once.
pub fn fixes(changes: &BTreeSet<Change>) -> Vec<String> {
    let mut renames = Vec::new();
    let mut types = Vec::new();
    let mut dropped: BTreeMap<&str, (bool, Vec<&str>)> = BTreeMap::new();
    for change in changes {
        match change {
            Change::ColumnRenamed { path, named, accepted, old, new } => {
                renames.push(format!("For the rename, {}.", claim_first(path, named, accepted, old, new)));
            }
            Change::RelationRenamed { path, named, fields, new } => renames.push(relation(path, named, fields, new)),
            Change::ColumnRetyped { path, named, accepted, column } => {
                types.push(format!(
                    "For the new type, take two steps: add a column of that type beside {column}, and {}; then drop {column}.",
                    claim_first(path, named, accepted, column, &beside(column))
                ));
            }
            Change::Dropped { path, column } => {
                let (whole, columns) = dropped.entry(path).or_default();
                match column {
                    Some(column) => columns.push(column),
                    None => *whole = true,
                }
            }
        }
    }
    let drops: Vec<String> = dropped.into_iter().map(|(path, (whole, columns))| drop(path, whole, &columns)).collect();
    let mut lines = Vec::new();
    for (all, what) in [(renames, "rename"), (types, "new type"), (drops, "drop")] {
        let left_out = all.len().saturating_sub(SPELT_OUT);
        lines.extend(all.into_iter().take(SPELT_OUT).map(|line| one_line(&line)));
        if left_out > 0 {
            lines.push(format!("The same for {} besides.", count(left_out, what)));
        }
    }
    lines
}

/// To claim two columns where one was claimed.
fn claim_first(path: &str, named: &Named, accepted: &[String], old: &str, new: &str) -> String {
    let mut names: Vec<String> = accepted.iter().map(|name| display_column(name)).collect();
    names.push(display_column(new));
    // A field may accept one column with several shapes.
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let field = json!({ "alternatives": names });
    match named {
        Named::ByName if accepted.len() > 1 => {
            format!("have the stakeholder claim {field} first, for the field that accepts {old} of {path}")
        }
        Named::ByName => {
            format!(
                "have the stakeholder claim {field} first, in place of {} in the fields of {path}",
                json!(display_column(old))
            )
        }
        Named::EveryColumn => {
            format!("have the stakeholder name the fields of {path} first, in place of \"*\", with {field} among them")
        }
        Named::Wildcard { path: wildcard, pattern } => format!(
            "have the stakeholder add {} to its match on {wildcard} first, and a match on {path} that names its fields, with {field} among them",
            except(pattern)
        ),
    }
}

fn relation(path: &str, named: &Named, fields: &[String], new: &str) -> String {
    let alternative = |path: &str| match fields {
        [] => json!({ "path": path }),
        fields => json!({ "path": path, "fields": fields }),
    };
    let entry = if fields.len() > MANY_COLUMNS {
        format!(
            "{} first, with its fields in both, in place of its match on {path}",
            json!({ "alternatives": [{ "path": path }, { "path": new }] })
        )
    } else {
        let both = json!({ "alternatives": [alternative(path), alternative(new)] });
        match named {
            Named::Wildcard { path: wildcard, pattern } => {
                format!("{both} first, and add {} to its match on {wildcard}", except(pattern))
            }
            _ => format!("{both} first, in place of its match on {path}"),
        }
    };
    format!("For the rename, have the stakeholder claim {entry}.")
}

fn except(pattern: &str) -> String {
    format!("\"except\": {}", json!([pattern]))
}

fn drop(path: &str, whole: bool, columns: &[&str]) -> String {
    let fields = match columns {
        _ if whole => String::new(),
        columns => {
            let names: Vec<String> =
                columns.iter().take(MANY_COLUMNS).map(|name| literal(&display_column(name))).collect();
            format!(", ARRAY[{}]", names.join(", "))
        }
    };
    format!(
        "Before the drop, announce it: SELECT * FROM integratedb.deprecate({}{fields}, drop_after => current_date + 90);",
        literal(path)
    )
}

/// A name for a column beside another.
fn beside(column: &str) -> String {
    let name = format!("{column}_new");
    if name.len() > MAX_NAME_BYTES { "new_column".to_owned() } else { name }
}

/// A text as SQL writes it, on one line.
fn literal(text: &str) -> String {
    if !text.contains(|c: char| c == '\\' || c.is_control()) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut escaped = String::from("E'");
    for letter in text.chars() {
        match letter {
            '\'' => escaped.push_str("''"),
            '\\' => escaped.push_str("\\\\"),
            letter if letter.is_control() => escaped.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => escaped.push(letter),
        }
    }
    escaped.push('\'');
    escaped
}

/// The fields of a relation as a list of a document.
pub fn as_fields(every_column: bool, columns: impl Iterator<Item = String>) -> Vec<String> {
    if every_column { vec!["*".to_owned()] } else { columns.map(|name| display_column(&name)).collect() }
}

/// A relation's name as a LIKE pattern that is only it.
pub fn as_pattern(name: &str) -> String {
    name.chars().fold(String::new(), |mut pattern, letter| {
        if matches!(letter, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(letter);
        pattern
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::document::Document;

    /// What stands between the first brace of a line and its last.
    fn proposed(line: &str) -> Value {
        let (from, to) = (line.find('{').unwrap(), line.rfind('}').unwrap());
        serde_json::from_str(&line[from..=to]).unwrap()
    }

    fn renamed(named: Named, old: &str, new: &str) -> Change {
        let path = "public.orders".to_owned();
        Change::ColumnRenamed { path, named, accepted: vec![old.into()], old: old.into(), new: new.into() }
    }

    fn lines(changes: impl IntoIterator<Item = Change>) -> Vec<String> {
        fixes(&changes.into_iter().collect())
    }

    #[test]
    fn a_rename_of_a_column_is_two_alternatives_of_its_field() {
        let one = lines([renamed(Named::ByName, "note", "remark")]);
        assert_eq!(
            one,
            [
                r#"For the rename, have the stakeholder claim {"alternatives":["note","remark"]} first, in place of "note" in the fields of public.orders."#
            ]
        );
        assert!(lines([renamed(Named::EveryColumn, "note", "remark")])[0].contains("in place of \"*\""));
        let wildcard = Named::Wildcard { path: "public.*".into(), pattern: as_pattern("order_lines") };
        let line = &lines([renamed(wildcard, "note", "remark")])[0];
        assert!(line.contains(r#"add "except": ["order\\_lines"] to its match on public.*"#));
        let twice = vec!["note".to_owned(), "note".to_owned()];
        let path = "public.orders".to_owned();
        let (old, new) = ("note".to_owned(), "remark".to_owned());
        let twice = Change::ColumnRenamed { path, named: Named::ByName, accepted: twice, old, new };
        assert_eq!(proposed(&lines([twice])[0]), json!({"alternatives": ["note", "remark"]}));
        let odd = renamed(Named::ByName, "*", "a\"b\n");
        let field = proposed(&lines([odd])[0]);
        let entry = json!({"path": "public.orders", "fields": [field]});
        Document::decode(&json!({ "match": [entry] })).expect("a field that can be claimed");
    }

    #[test]
    fn a_rename_of_a_relation_is_two_alternatives_of_its_match() {
        let change = |fields: Vec<String>| Change::RelationRenamed {
            path: "public.orders".into(),
            named: Named::ByName,
            fields,
            new: "public.sales".into(),
        };
        let line = &lines([change(vec!["id".into()])])[0];
        let expected = json!({"alternatives": [
            {"path": "public.orders", "fields": ["id"]}, {"path": "public.sales", "fields": ["id"]}]});
        assert_eq!(proposed(line), expected);
        Document::decode(&json!({ "match": [expected] })).unwrap();
        let many = (0..20).map(|number| format!("c{number}")).collect();
        assert!(lines([change(many)])[0].contains("with its fields in both"));
    }

    #[test]
    fn a_new_type_takes_two_steps() {
        let change = Change::ColumnRetyped {
            path: "public.orders".into(),
            named: Named::ByName,
            accepted: vec!["total".into()],
            column: "total".into(),
        };
        let line = &lines([change])[0];
        assert!(line.contains(r#"{"alternatives":["total","total_new"]}"#) && line.ends_with("then drop total."));
        assert_eq!(beside(&"x".repeat(60)), "new_column");
    }

    #[test]
    fn a_drop_is_announced_with_all_its_columns() {
        let drop =
            |column: Option<&str>| Change::Dropped { path: "public.o'rders".into(), column: column.map(str::to_owned) };
        assert_eq!(
            lines([drop(Some("a")), drop(Some("b\\"))]),
            [
                "Before the drop, announce it: SELECT * FROM integratedb.deprecate('public.o''rders', ARRAY['a', E'b\\\\'], drop_after => current_date + 90);"
            ]
        );
        assert!(lines([drop(None), drop(Some("a"))])[0].contains("deprecate('public.o''rders', drop_after"));
        assert_eq!(literal("a\nb"), "E'a\\u000ab'");
    }

    #[test]
    fn many_of_a_kind_are_counted_and_each_is_said_once() {
        let many = (0..5).map(|number| renamed(Named::ByName, &format!("c{number}"), "x"));
        let all = lines(many.clone().chain(many));
        assert_eq!(all.len(), SPELT_OUT + 1);
        assert_eq!(all[SPELT_OUT], "The same for 2 renames besides.");
    }
}
