use super::*;
use crate::problem::MAX_PROBLEMS;
use proptest::prelude::*;

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn problems(document: &Value) -> Vec<Problem> {
    Document::decode(document).expect_err("the document should have problems")
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect(text)
}

/// The lines of a table `JSON => expected`.
fn rows(table: &str) -> impl Iterator<Item = (Value, &str)> {
    let rows = table.lines().filter_map(|line| line.split_once(" => "));
    rows.map(|(text, expected)| (json_of(text), expected.trim()))
}

/// The problems of a document as kind and place, the place without `prefix`.
fn told(document: &Value, prefix: &str) -> String {
    let place = |p: &Problem| p.json_path.replacen(prefix, "", 1);
    let all = problems(document);
    let all: Vec<String> = all.iter().map(|p| format!("{:?} {}", p.kind, place(p))).collect();
    all.join(", ")
}

/// Each line is the list of a document's matches, ` => ` and what is told.
fn check_matches(table: &str) {
    for (matches, expected) in rows(table) {
        let document = json!({ "match": matches });
        assert_eq!(told(&document, "$.match"), expected, "{document}");
    }
}

fn with_fields(fields: Value) -> Value {
    json!({"match": [{"path": "public.a", "fields": fields}]})
}

/// Each line is the list of a match's fields, ` => ` and what is told.
fn check_fields(table: &str) {
    for (fields, expected) in rows(table) {
        let document = with_fields(fields);
        assert_eq!(told(&document, "$.match[0].fields"), expected, "{document}");
    }
}

fn fields(text: &str) -> Fields {
    let document = Document::decode(&with_fields(json_of(text))).expect(text);
    document.matches[0].alternatives[0].fields.clone()
}

fn columns(text: &str) -> Vec<ColumnRequirement> {
    match fields(text) {
        Fields::Named(fields) => fields.into_iter().flat_map(|f| f.alternatives).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_whole_language_is_decoded() {
    let document = json_of(
        r#"{"match": [
            {"path": "public.orders", "fields": ["*"]},
            {"path": "public.customers", "fields": [
                {"name": "email", "type": "text", "min_length": 40, "is_nullable": false},
                {"alternatives": ["user_id", {"name": "id", "type": "int8"}], "optional": true}]},
            {"alternatives": [{"path": "a.b"}, {"path": "a.c", "fields": []}], "optional": true},
            {"path": "billing.*", "fields": ["*"]}]}"#,
    );
    let matches = Document::decode(&document).unwrap().matches;
    assert!(!matches[0].optional && matches[2].optional);
    assert_eq!(matches[0].alternatives[0].fields, Fields::All);
    assert_eq!(matches[2].alternatives[1].fields, Fields::None);
    assert_eq!(matches[2].alternatives[1].json_path, "$.match[2].alternatives[1]");
    assert_eq!(matches[3].alternatives[0].path, path("billing.*"));
    let Fields::Named(fields) = &matches[1].alternatives[0].fields else { panic!("{matches:?}") };
    let email = &fields[0].alternatives[0];
    assert_eq!((email.name.as_str(), email.types.join(",").as_str()), ("email", "text"));
    assert_eq!((email.min_length, email.is_nullable), (Some(40), Some(false)));
    assert_eq!(email.json_path, "$.match[1].fields[0]");
    assert!(!fields[0].optional && fields[1].optional);
    let place = &fields[1].alternatives[1].json_path;
    assert_eq!(place, "$.match[1].fields[1].alternatives[1]");
}

#[test]
fn null_is_left_out_and_a_bare_asterisk_is_its_list() {
    assert_eq!(fields("null"), Fields::None);
    assert_eq!(fields("[]"), Fields::None);
    assert_eq!(fields(r#""*""#), Fields::All);
    let nulls = r#"[{"name": "a", "type": null, "min_length": null, "is_nullable": null}]"#;
    assert_eq!(columns(nulls), columns(r#"["a"]"#));
    let nulls = r#"{"match": [{"path": "a.b", "alternatives": null, "optional": null}]}"#;
    assert!(Document::decode(&json_of(nulls)).is_ok());
}

#[test]
fn a_column_named_asterisk_can_be_written() {
    for text in [r#"["\"*\""]"#, r#"[{"name": "*"}]"#, r#"[{"name": "\"*\""}]"#] {
        assert_eq!(columns(text)[0].name, "*");
    }
    assert_eq!(columns(r#"["Odd.Name"]"#)[0].name, "Odd.Name");
    check_fields(
        r#"["id", "*"] => Malformed [1]
           [{"alternatives": ["*"]}] => Malformed [0].alternatives[0]"#,
    );
}

#[test]
fn wrong_json_types_say_what_was_found() {
    let table = r#"
        [] => $: a claim document must be an object, found an array
        {} => $: missing key "match"
        {"match": null} => $: missing key "match"
        {"match": {}} => $.match: matches must be an array, found an object
        {"match": ["a.b"]} => $.match[0]: a match must be an object, found a string
        {"match": [{"path": 1}]} => $.match[0].path: "path" must be a string, found a number
        {"match": [{"path": "a.b", "fields": "id"}]} => $.match[0].fields: fields must be an array, found a string"#;
    for (document, expected) in rows(table) {
        assert_eq!(problems(&document)[0].to_string(), expected);
    }
    check_fields(
        r#"[1, {"type": "int"}] => Malformed [0], Malformed [1]
           [{"name": "a", "is_nullable": 0}] => Malformed [0].is_nullable"#,
    );
}

#[test]
fn an_unknown_key_is_named_with_what_was_meant() {
    let document = r#"{"match": [{"path": "a.b", "filds": []}], "odd key": 1}"#;
    let all = problems(&json_of(document));
    assert_eq!(all[0].to_string(), r#"$["odd key"]: unrecognized key "odd key""#);
    assert_eq!(all[0].hint.as_deref(), Some(r#"a claim document may have: "match", "shape", "on_break""#));
    assert_eq!(all[1].to_string(), r#"$.match[0].filds: unrecognized key "filds""#);
    assert_eq!(all[1].hint.as_deref(), Some(r#"did you mean "fields"?"#));
    let nested =
        r#"[{"alternatives": [{"path": "a.b", "optional": true}]}] => UnknownKey [0].alternatives[0].optional"#;
    check_matches(nested);
    check_fields(&nested.replace("path", "name"));
}

#[test]
fn path_and_alternatives_exclude_each_other() {
    check_matches(
        r#"[{}] => Malformed [0]
           [{"alternatives": []}] => Malformed [0].alternatives
           [{"path": "a.b", "alternatives": [{"path": "a.c"}]}] => Malformed [0].path
           [{"fields": [], "alternatives": [{"path": "a.c"}]}] => Malformed [0].fields"#,
    );
    check_fields(
        r#"[{}] => Malformed [0]
           [{"alternatives": []}] => Malformed [0].alternatives
           [{"type": "int", "alternatives": ["a"]}] => Malformed [0].type"#,
    );
}

#[test]
fn a_wildcard_path_claims_all_columns_and_is_no_alternative() {
    check_matches(
        r#"[{"path": "a.*"}] => Malformed [0].fields
           [{"path": "a.*", "fields": ["id"]}] => Malformed [0].fields
           [{"alternatives": [{"path": "a.*", "fields": "*"}]}] => Malformed [0].alternatives[0].path"#,
    );
}

#[test]
fn system_schemas_cannot_be_claimed() {
    check_matches(
        r#"[{"path": "pg_catalog.x"}] => Forbidden [0].path
           [{"path": "information_schema.x"}] => Forbidden [0].path
           [{"path": "integratedb.*", "fields": ["*"]}] => Forbidden [0].path
           [{"path": "pg_temp_3.x"}, {"path": "\"pg_toast\".x"}] => Forbidden [0].path, Forbidden [1].path
           [{"alternatives": [{"path": "pg_catalog.x"}]}] => Forbidden [0].alternatives[0].path"#,
    );
    assert!(Document::decode(&json!({"match": [{"path": "pgcrypto.x"}]})).is_ok());
}

#[test]
fn impossible_names_types_and_lengths_are_refused() {
    for name in ["", "a\0b", "\"", &"x".repeat(64)] {
        let both = with_fields(json!([name, {"name": name}]));
        assert!(told(&both, "$.match[0].fields").starts_with("InvalidName [0], InvalidName [1].name"));
    }
    for text in ["", " ", "a\0b", "a.id%TYPE", &"x".repeat(257)] {
        let declared = with_fields(json!([{"name": "a", "type": text}]));
        assert_eq!(told(&declared, "$.match[0].fields"), "Malformed [0].type");
    }
    for length in ["0", "-1", "10485761", "1.5", "\"1\"", "18446744073709551615"] {
        let field = r#"[{"name": "a", "min_length": N}] => Malformed [0].min_length"#;
        check_fields(&field.replace('N', length));
    }
}

#[test]
fn duplicates_name_both_places() {
    let all = problems(&json!({"match": [{"path": "a.b"}, {"path": "\"a\".b"}]}));
    let expected = r#"path "a.b" appears twice, at $.match[0] and at $.match[1]"#;
    assert_eq!(all[0].message, expected);
    check_matches(r#"[{"alternatives": [{"path": "a.b"}, {"path": "a.b"}]}] => Duplicate [0].alternatives[1]"#);
    check_fields(
        r#"["a", "b", {"name": "a", "type": "int"}] => Duplicate [2]
           ["a", {"alternatives": ["b", "a"]}] => Duplicate [1].alternatives[1]
           [{"alternatives": ["a", {"name": "a"}]}] => Duplicate [0].alternatives[1]"#,
    );
}

#[test]
fn what_only_looks_like_a_duplicate_is_accepted() {
    let apart = r#"{"match": [{"path": "a.b"}, {"path": "a.*", "fields": "*"},
        {"alternatives": [{"path": "a.b"}]}, {"alternatives": [{"path": "a.b"}]}]}"#;
    assert!(Document::decode(&json_of(apart)).is_ok());
    let shapes = r#"[{"alternatives": ["a", {"name": "a", "type": "int"}]}]"#;
    assert_eq!(columns(shapes).len(), 2);
}

#[test]
fn all_problems_are_told_at_once_up_to_the_cap() {
    check_matches(
        r#"[{"path": "b", "optional": 1}, {"path": "a.c", "fields": [""]}] => Malformed [0].optional, InvalidName [0].path, InvalidName [1].fields[0]"#,
    );
    let many = json!({"match": vec![1; 2 * MAX_PROBLEMS]});
    assert_eq!(problems(&many).len(), MAX_PROBLEMS);
}

#[test]
fn limits_hold() {
    let names = |n| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>();
    let named = |n| with_fields(json!(names(n)));
    let either = |n| with_fields(json!([{"alternatives": names(n)}]));
    assert!(Document::decode(&named(MAX_FIELDS)).is_ok());
    assert!(Document::decode(&either(MAX_ALTERNATIVES)).is_ok());
    assert_eq!(told(&named(MAX_FIELDS + 1), "$.match[0]"), "TooLarge .fields");
    let place = "$.match[0].fields[0]";
    assert_eq!(told(&either(MAX_ALTERNATIVES + 1), place), "TooLarge .alternatives");
    let either = json!({"match": [{"alternatives": vec![1; MAX_ALTERNATIVES + 1]}]});
    assert_eq!(told(&either, "$.match[0]"), "TooLarge .alternatives");
    let many = json!({"match": vec![1; MAX_MATCHES + 1]});
    assert_eq!(told(&many, "$"), "TooLarge .match");
}

#[test]
fn each_type_text_is_listed_once_where_first_used() {
    let document = with_fields(json_of(
        r#"[{"name": "a", "type": "int"}, "b",
            {"alternatives": [{"name": "c", "type": "text"}, {"name": "c", "type": "int"}]}]"#,
    ));
    let names = Document::decode(&document).unwrap().type_names();
    let second = "$.match[0].fields[2].alternatives[0].type";
    let expected = [("int", "$.match[0].fields[0].type"), ("text", second)];
    assert_eq!(names, expected.map(|(text, at)| TypeUse { text: text.into(), json_path: at.into(), pending: false }));
}

#[test]
fn matches_are_added_replaced_and_taken_out() {
    let orders = path("public.orders");
    let all = match_value(&orders, &["*".into()]);
    assert_eq!(all, json!({"path": "public.orders", "fields": ["*"]}));
    let either = json!({"alternatives": [{"path": "a.x"}, {"path": "public.orders"}]});
    let one = with_match(&json!({"match": [either]}), &orders, all.clone());
    assert_eq!(one, json!({"match": [either, all]}));
    let quoted = json!({"path": "\"public\".orders"});
    let replaced = with_match(&one, &orders, quoted.clone());
    assert_eq!(replaced, json!({"match": [either, quoted]}));
    // Its own path goes before an alternative's.
    let without = without_match(&replaced, &orders).unwrap();
    assert_eq!(without, json!({"match": [either]}));
    assert_eq!(without_match(&without, &orders), Some(json!({"match": []})));
    assert_eq!(without_match(&without, &path("a.y")), None);
    let from_nothing = with_match(&json!(null), &orders, all.clone());
    assert_eq!(from_nothing, json!({"match": [all]}));
}

/// Any JSON, rich in what the language is made of.
fn any_json() -> impl Strategy<Value = Value> {
    let word = "match|path|fields|alternatives|optional|name|type|min_length|is_nullable|.{0,3}";
    let text = r#"public\.[ab]|a\.\*|\*|"\*"|[ab]|pg_x\.y|int|.{0,3}"#;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 64, 6, move |inner| {
        let keys = prop::collection::hash_map(word, inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            keys.prop_map(|keys| Value::Object(keys.into_iter().collect())),
            inner.prop_map(|fields| json!({"path": "public.a", "fields": fields})),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_panics_and_every_problem_has_a_place(value in any_json(), wrap: bool) {
        let value = if wrap { json!({"match": [value]}) } else { value };
        match Document::decode(&value) {
            Ok(document) => drop(document.type_names()),
            Err(all) => {
                prop_assert!(!all.is_empty() && all.len() <= MAX_PROBLEMS);
                prop_assert!(all.iter().all(|p| p.json_path.starts_with('$')));
            }
        }
        let own = path("public.a");
        let with = with_match(&value, &own, match_value(&own, &[]));
        prop_assert!(without_match(&with, &own).is_some());
    }

    #[test]
    fn what_match_value_writes_is_decoded(schema in "[a-o.\" *]{1,9}", relation in "[a-z.\" *]{1,9}") {
        let path = Path::Relation { schema, relation };
        let document = json!({"match": [match_value(&path, &["*".into()])]});
        let decoded = Document::decode(&document).unwrap();
        prop_assert_eq!(&decoded.matches[0].alternatives[0].path, &path);
    }
}
