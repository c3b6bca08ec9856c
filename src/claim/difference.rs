//! What differs between two versions of a claim document.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::path::Path;
use crate::problem::Object;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `add`, `remove` or `change`.
    pub action: &'static str,
    /// What the match is on; none for a key of the document itself.
    pub path: Option<String>,
    /// A key of the match, or of the document; none for a match as a whole.
    pub key: Option<String>,
    /// For the key `fields`, the column; its alternatives are joined by ` | `.
    pub element: Option<String>,
    /// As it was.
    pub before: Option<Value>,
    /// As it is.
    pub after: Option<Value>,
}

/// The differences from `before` to `after`: keys of the document, then matches in the order of `before` and what `after`
/// adds. Matches belong together by what they are on, fields by their columns; in what order they stand makes no difference.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let (empty, none) = (Object::new(), Vec::new());
    let object = |value: &'_ Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
    let (old, new) = (object(before), object(after));
    keys(&old, &new, &["match"], |key, before, after| {
        found.push(Difference { key: Some(key.to_owned()), ..change(None, before, after) });
    });
    let matches = |object: &Object| object.get("match").and_then(Value::as_array).cloned().unwrap_or(none.clone());
    pairs(&matches(&old), &matches(&new), subject, |path, before, after| match (before, after) {
        (Some(before), Some(after)) => in_match(path, before, after, &mut found),
        (before, after) => found.push(change(Some(path), before, after)),
    });
    found
}

fn in_match(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else {
        if before != after {
            found.push(change(Some(path), Some(before), Some(after)));
        }
        return;
    };
    keys(old, new, &["path"], |key, before, after| {
        let key = Some(key.to_owned());
        match (key.as_deref(), before.and_then(Value::as_array), after.and_then(Value::as_array)) {
            (Some("fields"), Some(old), Some(new)) => pairs(old, new, columns, |column, before, after| {
                if before != after {
                    let element = Some(column.to_owned());
                    found.push(Difference { key: key.clone(), element, ..change(Some(path), before, after) });
                }
            }),
            _ => found.push(Difference { key: key.clone(), ..change(Some(path), before, after) }),
        }
    });
}

fn change(path: Option<&str>, before: Option<&Value>, after: Option<&Value>) -> Difference {
    let action = match (before, after) {
        (None, _) => "add",
        (_, None) => "remove",
        _ => "change",
    };
    let path = path.map(str::to_owned);
    Difference { action, path, key: None, element: None, before: before.cloned(), after: after.cloned() }
}

/// Gives each key whose values differ; one that is null counts as one that is left out.
fn keys(old: &Object, new: &Object, but: &[&str], mut found: impl FnMut(&str, Option<&Value>, Option<&Value>)) {
    let all: BTreeSet<&str> = old.keys().chain(new.keys()).map(String::as_str).collect();
    for key in all.into_iter().filter(|key| !but.contains(key)) {
        let value = |object: &'_ Object| object.get(key).filter(|value| !value.is_null()).cloned();
        let (before, after) = (value(old), value(new));
        if before != after {
            found(key, before.as_ref(), after.as_ref());
        }
    }
}

/// Gives the elements of two lists in pairs of the same name; of several with one name the first goes with the first.
fn pairs(
    old: &[Value],
    new: &[Value],
    name: fn(&Value) -> String,
    mut found: impl FnMut(&str, Option<&Value>, Option<&Value>),
) {
    let mut unpaired: HashMap<String, std::collections::VecDeque<&Value>> = HashMap::new();
    for value in new {
        unpaired.entry(name(value)).or_default().push_back(value);
    }
    let mut paired: HashMap<String, usize> = HashMap::new();
    for value in old {
        let name = name(value);
        let after = unpaired.get_mut(&name).and_then(std::collections::VecDeque::pop_front);
        *paired.entry(name.clone()).or_default() += usize::from(after.is_some());
        found(&name, Some(value), after);
    }
    for value in new {
        let name = name(value);
        match paired.get_mut(&name) {
            Some(number) if *number > 0 => *number -= 1,
            _ => found(&name, None, Some(value)),
        }
    }
}

/// What a match is on.
fn subject(entry: &Value) -> String {
    let path = |entry: &Value| {
        let text = entry.get("path")?.as_str()?;
        Some(Path::parse(text).map_or_else(|_| text.to_owned(), |path| path.to_string()))
    };
    if let Some(path) = path(entry) {
        return path;
    }
    if let Some(alternatives) = entry.get("alternatives").and_then(Value::as_array) {
        let paths: Vec<String> = alternatives.iter().filter_map(path).collect();
        return paths.join(" | ");
    }
    let others = entry.as_object().into_iter().flatten();
    let named = |(key, value): (&String, &Value)| {
        let is_object = matches!(key.as_str(), "function" | "sequence" | "type");
        Some(format!("{key} {}", value.as_str()?)).filter(|_| is_object)
    };
    others.filter_map(named).next().unwrap_or_default()
}

/// The columns of a field.
fn columns(field: &Value) -> String {
    let name = |field: &Value| field.as_str().or_else(|| field.get("name")?.as_str()).map(str::to_owned);
    match field.get("alternatives").and_then(Value::as_array) {
        Some(alternatives) => alternatives.iter().filter_map(name).collect::<Vec<_>>().join(" | "),
        None => name(field).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(before: Value, after: Value) -> Vec<String> {
        let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), Value::to_string);
        let line = |d: Difference| {
            let places: Vec<String> = [d.path, d.key, d.element].into_iter().flatten().collect();
            format!("{} {}: {} -> {}", d.action, places.join("/"), text(&d.before), text(&d.after))
        };
        differences(&before, &after).into_iter().map(line).collect()
    }

    #[test]
    fn matches_are_paired_by_path_and_fields_by_column() {
        let before = json!({"match": [
            {"path": "public.a", "fields": ["x", {"name": "y", "type": "text"}, "z"]},
            {"path": "public.b", "fields": ["*"]}]});
        let after = json!({"shape": "pinned", "match": [
            {"path": "public.c"},
            {"path": "\"public\".a", "fields": [{"name": "y", "type": "integer"}, "x", "w"], "optional": true}]});
        assert_eq!(
            shown(before, after),
            [
                r#"add shape: - -> "pinned""#,
                r#"change public.a/fields/y: {"name":"y","type":"text"} -> {"name":"y","type":"integer"}"#,
                r#"remove public.a/fields/z: "z" -> -"#,
                r#"add public.a/fields/w: - -> "w""#,
                r#"add public.a/optional: - -> true"#,
                r#"remove public.b: {"fields":["*"],"path":"public.b"} -> -"#,
                r#"add public.c: - -> {"path":"public.c"}"#,
            ]
        );
    }

    #[test]
    fn the_same_in_another_order_is_no_difference() {
        let before =
            json!({"match": [{"path": "public.a", "fields": ["x", "y"], "optional": null}, {"path": "public.b"}]});
        let after = json!({"match": [{"path": "public.b"}, {"path": "public.a", "fields": ["y", "x"]}]});
        assert_eq!(shown(before, after), [""; 0]);
    }

    #[test]
    fn alternatives_and_objects_have_names_too() {
        let field = |kind: &str| json!({"alternatives": ["x", {"name": "y", "type": kind}]});
        let before =
            json!({"match": [{"path": "public.a", "fields": [field("text")]}, {"function": "public.f(bigint)"}]});
        let after = json!({"match": [{"path": "public.a", "fields": [field("integer")]},
                                     {"alternatives": [{"path": "public.b"}, {"path": "public.c"}]}]});
        let shown = shown(before, after);
        assert!(shown[0].starts_with("change public.a/fields/x | y: "), "{shown:?}");
        assert!(shown[1].starts_with("remove function public.f(bigint): "), "{shown:?}");
        assert!(shown[2].starts_with("add public.b | public.c: "), "{shown:?}");
    }

    #[test]
    fn nothing_is_an_empty_document() {
        let document = json!({"match": [{"path": "public.a"}]});
        assert_eq!(shown(Value::Null, document.clone()), [r#"add public.a: - -> {"path":"public.a"}"#]);
        assert_eq!(shown(document, Value::Null), [r#"remove public.a: {"path":"public.a"} -> -"#]);
        assert_eq!(shown(json!({"match": ["?", "?"]}), json!({"match": ["?"]})), [r#"remove : "?" -> -"#]);
    }
}
