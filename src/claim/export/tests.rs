use super::*;
use crate::json_schema::tests::agrees;
use proptest::prelude::*;

const ALL: [Privilege; 5] =
    [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete, Privilege::References];

/// Privileges by their first letters, as psql's \dp would not write them: s, i, u, d, r.
fn set(letters: &str) -> BTreeSet<Privilege> {
    ALL.into_iter().filter(|privilege| letters.contains(&privilege.word()[..1])).collect()
}

/// A relation public.t with the columns a to d.
fn table(whole: &str, by_column: &[(&str, &str)]) -> RelationGrants {
    RelationGrants {
        schema: "public".into(),
        name: "t".into(),
        columns: ["a", "b", "c", "d"].map(String::from).to_vec(),
        whole: set(whole),
        by_column: by_column.iter().map(|(name, letters)| ((*name).to_owned(), set(letters))).collect(),
    }
}

fn one(whole: &str, by_column: &[(&str, &str)]) -> (Value, Vec<String>) {
    let exported = export(&[table(whole, by_column)], &[]);
    agrees(&exported.document);
    (exported.document["match"][0].clone(), exported.left_out)
}

fn check(whole: &str, by_column: &[(&str, &str)], expected: &str) {
    let (found, left_out) = one(whole, by_column);
    assert_eq!(found, serde_json::from_str::<Value>(expected).unwrap(), "{whole} {by_column:?}");
    assert!(left_out.is_empty(), "{left_out:?}");
}

#[test]
fn a_grant_on_the_whole_relation_is_every_column() {
    check("s", &[], r#"{"path": "public.t", "fields": ["*"]}"#);
    check(
        "siudr",
        &[],
        r#"{"path": "public.t", "fields": ["*"], "privileges": ["select", "insert", "update", "delete", "references"]}"#,
    );
    check("s", &[("a", "s")], r#"{"path": "public.t", "fields": ["*"]}"#);
    check("d", &[], r#"{"path": "public.t", "privileges": ["delete"]}"#);
}

#[test]
fn column_grants_are_fields_in_the_relations_order() {
    check("", &[("c", "s"), ("a", "s")], r#"{"path": "public.t", "fields": ["a", "c"]}"#);
    check("", &[("a", "i"), ("b", "i")], r#"{"path": "public.t", "fields": ["a", "b"], "privileges": ["insert"]}"#);
    check("d", &[("a", "s")], r#"{"path": "public.t", "fields": ["a"], "privileges": ["select", "delete"]}"#);
}

#[test]
fn what_few_columns_have_otherwise_they_say_themselves() {
    check(
        "",
        &[("a", "s"), ("b", "s"), ("c", "su"), ("d", "u")],
        r#"{"path": "public.t", "fields": ["a", "b", {"name": "c", "update": true}, {"name": "d", "select": false, "update": true}]}"#,
    );
    check(
        "",
        &[("a", "u"), ("b", "i")],
        r#"{"path": "public.t", "fields": [{"name": "a", "insert": false, "update": true}, "b"], "privileges": ["insert"]}"#,
    );
    check(
        "",
        &[("a", "r"), ("b", "rs")],
        r#"{"path": "public.t", "fields": ["a", {"name": "b", "select": true}], "privileges": ["references"]}"#,
    );
}

#[test]
fn what_cannot_be_said_is_told() {
    let (found, left_out) = one("s", &[("c", "u")]);
    assert_eq!(found, json!({"path": "public.t", "fields": ["a", "b", {"name": "c", "update": true}, "d"]}));
    assert!(left_out[0].starts_with("SELECT on columns of public.t that it will have"), "{left_out:?}");
    let (found, left_out) = one("", &[("a", "s"), ("b", "r")]);
    assert_eq!(found, json!({"path": "public.t", "fields": ["a"]}));
    assert_eq!(left_out, ["REFERENCES on column b of public.t: the other columns that are claimed have it not"]);
    assert_eq!(export(&[table("", &[])], &[]).document, json!({"match": []}));
}

#[test]
fn names_are_written_as_the_language_reads_them() {
    let mut odd = table("", &[]);
    (odd.schema, odd.name) = ("my.schema".into(), "*".into());
    odd.columns = ["*", "\"q", "a.b", "Ü"].map(String::from).to_vec();
    odd.by_column = odd.columns.iter().map(|name| (name.clone(), set("s"))).collect();
    let document = export(&[odd], &[]).document;
    agrees(&document);
    let expected = json!({"path": r#""my.schema"."*""#, "fields": [r#""*""#, r#""""q""#, "a.b", "Ü"]});
    assert_eq!(document["match"][0], expected);
    let decoded = crate::document::Document::decode(&document).unwrap();
    assert_eq!(decoded.matches[0].alternatives[0].path.relation(), Some("*"));
}

#[test]
fn functions_sequences_and_types_are_matches_of_their_own() {
    let (schema, name) = ("public".to_owned(), "f".to_owned());
    let function = |name: &str, arguments: &[&str], security_definer| ObjectGrant::Function {
        schema: schema.clone(),
        name: name.into(),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        security_definer,
    };
    let objects = [
        function("f", &["bigint", "public.mood[]"], false),
        function("g", &[], true),
        function("h(x)", &[], false),
        function("h.(x)", &[], false),
        ObjectGrant::Sequence { schema: schema.clone(), name: "my.seq".into() },
        ObjectGrant::Type { schema, name },
    ];
    let document = export(&[], &objects).document;
    agrees(&document);
    let expected = json!([
        {"function": "public.f(bigint, public.mood[])"},
        {"function": "public.g()", "allow_security_definer": true},
        {"function": "public.\"h(x)\"()"},
        {"function": "public.\"h.(x)\"()"},
        {"sequence": "public.\"my.seq\""},
        {"type": "public.f"},
    ]);
    assert_eq!(document["match"], expected);
}

/// What the document asks for on each column, read back by its own rules.
fn read_back(entry: &Value, columns: &[String]) -> BTreeMap<String, BTreeSet<Privilege>> {
    let stated: BTreeSet<&str> = match entry.get("privileges") {
        Some(list) => list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect(),
        None => BTreeSet::from(["select"]),
    };
    let mut found = BTreeMap::new();
    let empty = Vec::new();
    for field in entry.get("fields").and_then(Value::as_array).unwrap_or(&empty) {
        let asked = ALL.into_iter().filter(|privilege| *privilege != Privilege::Delete).filter(|privilege| {
            let own = field.get(privilege.word()).and_then(Value::as_bool);
            own.unwrap_or(stated.contains(privilege.word()))
        });
        let asked: BTreeSet<Privilege> = asked.collect();
        if field == "*" {
            found.extend(columns.iter().map(|name| (name.clone(), asked.clone())));
        } else {
            let name = field.as_str().or_else(|| field["name"].as_str()).unwrap();
            found.insert(name.to_owned(), asked);
        }
    }
    found
}

fn privileges() -> impl Strategy<Value = BTreeSet<Privilege>> {
    prop::collection::btree_set(prop::sample::select(&ALL[..]), 0..3)
}

proptest! {
    #[test]
    fn the_document_asks_for_what_was_granted(whole in privileges(), by_column in prop::collection::vec(privileges(), 4)) {
        let mut grants = table("", &[]);
        grants.whole = whole;
        let column = |set: BTreeSet<Privilege>| set.into_iter().filter(|privilege| *privilege != Privilege::Delete).collect();
        grants.by_column = grants.columns.iter().cloned().zip(by_column.into_iter().map(column)).collect();
        let exported = export(std::slice::from_ref(&grants), &[]);
        agrees(&exported.document);
        let found = exported.document["match"].get(0).map(|entry| read_back(entry, &grants.columns)).unwrap_or_default();
        let has_delete = exported.document.to_string().contains("delete");
        prop_assert_eq!(has_delete, grants.whole.contains(&Privilege::Delete));
        for name in &grants.columns {
            let mut had: BTreeSet<Privilege> = grants.by_column[name].union(&grants.whole).copied().collect();
            had.remove(&Privilege::Delete);
            let mut asked = found.get(name).cloned().unwrap_or_default();
            if exported.left_out.iter().any(|line| line.contains(&format!("REFERENCES on column {name} "))) {
                prop_assert!(asked.insert(Privilege::References));
            }
            prop_assert_eq!(asked, had);
        }
    }
}

#[test]
fn what_can_be_granted_and_not_be_done_is_left_out() {
    let mut relation = crate::rules::fixtures::numbered(&["a", "b"]);
    relation.kind = crate::catalog::RelationKind::MaterializedView;
    let all = BTreeSet::from([Privilege::Select, Privilege::Insert, Privilege::Delete]);
    let by_column = BTreeMap::from([("a".to_owned(), BTreeSet::from([Privilege::Update]))]);
    let (schema, name) = ("public".to_owned(), "t".to_owned());
    let mut grants = RelationGrants { schema, name, whole: all.clone(), by_column, ..RelationGrants::default() };
    let mut of_table = grants.clone();
    let nothing = Writable::taking(PrivilegeSet::NONE);
    let left_out = grants.leave_out_unwritable(&relation, Some(&nothing));
    assert_eq!(grants.whole, BTreeSet::from([Privilege::Select]));
    assert!(grants.by_column.is_empty());
    assert_eq!(left_out[0], "INSERT on public.t, a materialized view that is not updatable");
    assert_eq!(left_out.len(), 3);
    // Of a table only a column may be computed: and the whole of it still takes the rest.
    assert!(of_table.leave_out_unwritable(&relation, None).is_empty());
    relation.columns[0].filled = crate::catalog::Filled::IdentityAlways;
    assert_eq!(
        of_table.leave_out_unwritable(&relation, None),
        ["UPDATE on column a of public.t, which cannot be written"]
    );
    assert_eq!(of_table.whole, all);
}
