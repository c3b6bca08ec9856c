use std::sync::LazyLock;

use super::*;
use crate::document::{Document, MAX_ALTERNATIVES};
use jsonschema::Validator;

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&claim_schema()).expect("the schema is one"));

/// Called with every document that any test of the engine decodes: what decodes must be valid.
pub(crate) fn agrees(document: &Value) {
    if let Err(error) = VALIDATOR.validate(document) {
        panic!("decodes, but the schema says at {}: {error}\n{document}", error.instance_path());
    }
}

fn is_valid(document: &str) -> bool {
    VALIDATOR.is_valid(&serde_json::from_str(document).expect(document))
}

fn check(matches: &str, valid: bool) {
    for line in matches.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let document = format!(r#"{{"match": [{line}]}}"#);
        assert_eq!(is_valid(&document), valid, "{line}");
    }
}

fn check_fields(fields: &str, valid: bool) {
    for line in fields.lines().map(str::trim).filter(|line| !line.is_empty()) {
        check(&format!(r#"{{"path": "a.b", "fields": {line}}}"#), valid);
    }
}

#[test]
fn the_shipped_file_is_what_is_generated() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/claim-schema.json");
    let generated = serde_json::to_string_pretty(&claim_schema()).unwrap() + "\n";
    if std::env::var_os("WRITE_CLAIM_SCHEMA").is_some() {
        std::fs::write(file, &generated).unwrap();
    }
    let shipped = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        shipped == generated,
        "docs/claim-schema.json is out of date: WRITE_CLAIM_SCHEMA=1 cargo test -p integratedb-claim the_shipped_file"
    );
}

#[test]
fn the_schema_is_one_and_its_examples_are_valid() {
    assert!(jsonschema::meta::is_valid(&claim_schema()));
    let schema = claim_schema();
    let examples = schema["examples"].as_array().unwrap();
    assert!(!examples.is_empty());
    examples.iter().for_each(|example| assert!(VALIDATOR.is_valid(example), "{example}"));
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for example in definition["examples"].as_array().into_iter().flatten() {
            let alone = json!({"$ref": format!("#/$defs/{name}"), "$defs": schema["$defs"]});
            assert!(jsonschema::draft202012::new(&alone).unwrap().is_valid(example), "{name}: {example}");
        }
    }
}

/// Editors show them where the cursor stands.
#[test]
fn every_key_has_a_description() {
    fn walk(value: &Value, keys: &mut usize) {
        match value {
            Value::Object(object) => {
                if let (Some(properties), Some(false)) =
                    (object.get("properties"), object.get("additionalProperties").and_then(Value::as_bool))
                {
                    for (key, schema) in properties.as_object().unwrap() {
                        assert!(schema["description"].is_string(), "{key}");
                        *keys += 1;
                    }
                }
                object.values().for_each(|value| walk(value, keys));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, keys)),
            _ => {}
        }
    }
    let mut keys = 0;
    walk(&claim_schema(), &mut keys);
    assert!(keys > 50, "{keys}");
}

#[test]
fn every_definition_is_used_and_every_use_is_defined() {
    let schema = claim_schema();
    let text = schema.to_string();
    let uses: std::collections::BTreeSet<&str> =
        text.split("#/$defs/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let defined = schema["$defs"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(uses, defined);
}

#[test]
fn the_whole_language_is_valid() {
    assert!(is_valid(r#"{"match": [], "shape": "pinned"}"#) && is_valid(r#"{"match": [], "shape": null}"#));
    check(
        r#"{"path": "a.b", "fields": ["*"], "except": ["ssn", "5\""], "shape": "tracked", "acknowledge_protected": true}
           {"path": "a.b", "fields": "*", "pending": true, "optional": false}
           {"path": "a.*", "fields": ["*"], "except": ["audit_%", "t\\_"]}
           {"path": "a.b", "fields": ["id", "tenant"], "keys": [["id"], ["tenant", "id"]], "indexed": [["tenant"]]}
           {"path": "a.b", "fields": ["c"], "references": [{"fields": ["c"], "path": "a.c", "to": ["id"]}]}
           {"path": "a.b", "fields": ["*"], "privileges": ["select", "insert", "update", "delete", "references"]}
           {"path": "a.b", "fields": null, "except": null, "keys": null, "references": null, "indexed": null, "privileges": null}
           {"alternatives": [{"path": "a.b", "fields": ["*"], "except": ["x"], "shape": "declared"}], "optional": true, "pending": true, "shape": "pinned"}
           {"alternatives": [{"path": "a.b"}], "path": null, "fields": null, "function": null}
           {"function": "public.total(bigint, numeric(12,2), public.mood[])", "returns": "numeric", "allow_security_definer": true}
           {"function": "\"a.b\".\"f(x)\"()", "pending": true, "optional": true, "path": null}
           {"sequence": "public.order_id_seq", "optional": true, "returns": null}
           {"type": "public.mood", "labels": ["happy", ""], "pending": false}"#,
        true,
    );
    check_fields(
        r#"[{"name": "a", "type": ["integer", "bigint"], "min_length": 1, "max_length": 10485760, "is_nullable": true}]
           [{"name": "a", "collation": "C", "generated": false, "has_default": true, "labels": ["paid"], "shape": "declared"}]
           [{"name": "a", "select": false, "insert": true, "update": null, "optional": true}]
           [{"alternatives": ["a", {"name": "b", "shape": "pinned", "insert": true}], "optional": true, "shape": "tracked", "select": true}]
           [{"alternatives": ["a"], "name": null, "type": null}, {"name": "b", "alternatives": null}]
           ["a.b", "\"*\"", "\"a\"\"b\"", "5\"", "a*", "é"]"#,
        true,
    );
}

#[test]
fn what_is_malformed_is_invalid() {
    for document in ["[]", "{}", "null", r#"{"match": null}"#, r#"{"match": {}}"#, r#"{"match": [], "x": 1}"#] {
        assert!(!is_valid(document), "{document}");
    }
    check(
        r#"1
           "a.b"
           {}
           {"path": null}
           {"fields": ["id"]}
           {"path": "a.b", "feilds": ["id"]}
           {"path": "a.b", "fields": "id"}
           {"path": "a.b", "fields": ["*", "id"]}
           {"path": "a.b", "fields": ["*", "*"]}
           {"path": "a.b", "optional": "yes"}
           {"path": "a.b", "shape": "frozen"}
           {"path": "a.b", "privileges": ["trigger"]}
           {"path": "a.b", "privileges": "select"}
           {"path": "a.b", "fields": ["id"], "except": ["ssn"]}
           {"path": "a.b", "except": ["ssn"]}
           {"path": "a.b", "fields": ["*"], "except": [""]}
           {"path": "a.b", "fields": ["*"], "except": "ssn"}
           {"path": "a.*"}
           {"path": "a.*", "fields": ["id"]}
           {"path": "a.*", "fields": []}
           {"path": "a.b", "keys": ["id"]}
           {"path": "a.b", "keys": [[]]}
           {"path": "a.b", "indexed": [[1]]}
           {"path": "a.b", "references": [{"fields": ["c"], "path": "a.c"}]}
           {"path": "a.b", "references": [{"fields": ["c"], "path": "a.*", "to": ["id"]}]}
           {"path": "a.b", "references": [{"fields": ["c"], "path": "a.c", "to": ["id"], "on": 1}]}
           {"alternatives": []}
           {"alternatives": ["a.b"]}
           {"alternatives": [{"path": "a.*", "fields": ["*"]}]}
           {"alternatives": [{"path": "a.b", "optional": true}]}
           {"alternatives": [{"path": "a.b", "pending": true}]}
           {"alternatives": [{"path": "a.b", "fields": ["x"], "except": ["y"]}]}
           {"alternatives": [{"function": "a.f()"}]}
           {"alternatives": [{"path": "a.b"}], "path": "a.b"}
           {"alternatives": [{"path": "a.b"}], "privileges": ["select"]}
           {"alternatives": [{"path": "a.b"}], "function": "a.f()"}
           {"function": "a.f"}
           {"function": "f()"}
           {"function": "a.f()", "path": "a.b"}
           {"function": "a.f()", "sequence": "a.b"}
           {"function": "a.f()", "labels": ["x"]}
           {"function": "a.f()", "shape": "pinned"}
           {"function": "a.f()", "returns": ""}
           {"function": "pg_catalog.now()"}
           {"sequence": "a.*"}
           {"sequence": "s"}
           {"sequence": "a.s", "returns": "int"}
           {"type": "a.t", "labels": [1]}
           {"type": "mood"}
           {"returns": "int"}"#,
        false,
    );
    check_fields(
        r#"[1]
           [null]
           [""]
           [{}]
           [{"name": null}]
           [{"type": "int"}]
           [{"name": "a", "typ": "int"}]
           [{"name": "a", "type": ""}]
           [{"name": "a", "type": " "}]
           [{"name": "a", "type": "b.id%TYPE"}]
           [{"name": "a", "type": []}]
           [{"name": "a", "type": [1]}]
           [{"name": "a", "min_length": 0}]
           [{"name": "a", "min_length": 1.5}]
           [{"name": "a", "max_length": 10485761}]
           [{"name": "a", "is_nullable": 0}]
           [{"name": "a", "collation": ""}]
           [{"name": "a", "labels": "x"}]
           [{"name": "a", "delete": true}]
           [{"name": "a", "pending": true}]
           [{"alternatives": []}]
           [{"alternatives": ["*"]}]
           [{"alternatives": [{"name": "a", "optional": true}]}]
           [{"alternatives": [{"alternatives": ["a"]}]}]
           [{"alternatives": ["a"], "type": "int"}]
           [{"alternatives": ["a"], "name": "b"}]
           ["\""]
           ["\"a\"b"]
           ["a\u0000b"]"#,
        false,
    );
}

#[test]
fn paths_are_valid_as_the_decoder_reads_them() {
    use crate::path::Path;
    let long = "x".repeat(64);
    let texts = [
        "",
        "a",
        "a.b",
        "a.*",
        "*.b",
        "*.*",
        "a.b.c",
        ".b",
        "a.",
        "a.\"\"",
        "\"a.b\".\"c\"\"d\"",
        "a.\"*\"",
        "\"*\".x",
        "a.*b",
        "**.b",
        "a.b\"c",
        "\"a\"x.b",
        "\"a",
        "my app. x ",
        "a.a*b",
        "a.b\u{0}",
        "é.ü",
        &format!("a.{long}"),
        &format!("{long}.a"),
        &format!("a.\"{long}\""),
    ];
    for text in texts {
        let document = json!({"match": [{"path": text, "fields": ["*"]}]});
        assert_eq!(VALIDATOR.is_valid(&document), Path::parse(text).is_ok(), "{text}");
    }
    for system in ["pg_catalog.x", "\"pg_toast\".x", "information_schema.x", "\"integratedb\".x", "integratedb.*"] {
        assert!(!VALIDATOR.is_valid(&json!({"match": [{"path": system, "fields": ["*"]}]})), "{system}");
    }
    for other in ["pgcrypto.x", "integratedb2.x", "a.pg_x", "information_schemas.x", "\"integratedb.x\".y"] {
        assert!(VALIDATOR.is_valid(&json!({"match": [{"path": other}]})), "{other}");
    }
}

#[test]
fn limits_are_those_of_the_decoder() {
    let names = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>();
    let fields = |list: Value| VALIDATOR.is_valid(&json!({"match": [{"path": "a.b", "fields": list}]}));
    assert!(fields(json!(names(MAX_FIELDS))) && !fields(json!(names(MAX_FIELDS + 1))));
    let either = |n| json!([{"alternatives": names(n)}]);
    assert!(fields(either(MAX_ALTERNATIVES)) && !fields(either(MAX_ALTERNATIVES + 1)));
    let typed = |n| json!([{"name": "a", "type": "x".repeat(n)}]);
    assert!(fields(typed(MAX_TYPE_BYTES)) && !fields(typed(MAX_TYPE_BYTES + 1)));
}

/// What the decoder knows, the schema knows.
#[test]
fn no_key_of_the_decoder_is_missing() {
    let all = [DOCUMENT, RELATION, RELATION_MATCH, ALTERNATIVES, FUNCTION, SEQUENCE, TYPE, OBJECT_MATCH, COLUMN, FIELD]
        .concat();
    for document in
        [json!({"x": 1}), json!({"match": [{"x": 1}]}), json!({"match": [{"path": "a.b", "fields": [{"x": 1}]}]})]
    {
        let problems = Document::decode(&document).unwrap_err();
        let hint = problems.iter().find_map(|problem| problem.hint.as_deref()?.split_once("may have: ")).unwrap().1;
        for key in hint.split(", ") {
            assert!(all.contains(&key.trim_matches('"')), "{key}");
        }
    }
}

#[test]
fn the_keys_of_matches_and_fields_are_the_decoders() {
    use crate::document::decode::{FIELD_KEYS, FUNCTION_KEYS, MATCH_KEYS, SEQUENCE_KEYS, TYPE_KEYS};
    let sorted = |parts: &[&[&'static str]]| {
        let mut keys = parts.concat();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    type Lists = &'static [&'static [&'static str]];
    let pairs: [(Lists, Lists); 5] = [
        (&[RELATION, RELATION_MATCH, ALTERNATIVES], &[RELATION, &MATCH_KEYS]),
        (&[COLUMN, FIELD, ALTERNATIVES], &[COLUMN, &FIELD_KEYS]),
        (&[FUNCTION, OBJECT_MATCH], &[&FUNCTION_KEYS]),
        (&[SEQUENCE, OBJECT_MATCH], &[&SEQUENCE_KEYS]),
        (&[TYPE, OBJECT_MATCH], &[&TYPE_KEYS]),
    ];
    for (schema, decoder) in pairs {
        assert_eq!(sorted(schema), sorted(decoder));
    }
}
