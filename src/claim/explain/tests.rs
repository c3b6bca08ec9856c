use serde_json::json;

use super::*;
use crate::catalog::{Grant, Protection, Schema};
use crate::document::Document;
use crate::expand::{Names, expand};
use crate::rules::fixtures::{column, numbered};
use crate::validate::fixtures::catalog;

const ROLE: u32 = 7;

struct NoNames;

impl Names for NoNames {
    fn relations(&self, _schema: &str) -> Vec<String> {
        Vec::new()
    }
    fn schemas(&self) -> Vec<String> {
        Vec::new()
    }
}

fn grant(privileges: PrivilegeSet) -> Vec<Grant> {
    vec![Grant { grantee: ROLE, grantor: 10, privileges, grantable: PrivilegeSet::NONE }]
}

/// `public.t (id, total, note)`, SELECT on these columns granted.
fn table(granted: &[&str]) -> Relation {
    let mut relation = numbered(&["id", "total", "note"]);
    for column in relation.columns.iter_mut().filter(|column| granted.contains(&column.name.as_str())) {
        column.acl = grant(PrivilegeSet::SELECT);
    }
    relation
}

fn with_usage(relation: Relation) -> Catalog {
    let mut catalog = catalog(vec![relation]);
    catalog.add_schema("public", Schema { oid: 2, owner: 10, acl: grant(PrivilegeSet::NONE.with(Privilege::Usage)) });
    catalog
}

fn ask(document: Value, catalog: &Catalog, column: Option<&str>) -> Vec<Explanation> {
    ask_on("public.t", document, catalog, column)
}

fn ask_on(path: &str, document: Value, catalog: &Catalog, column: Option<&str>) -> Vec<Explanation> {
    let claims = expand(&Document::decode(&document).unwrap(), "app", catalog, None, &NoNames, false).unwrap();
    explain(path, &claims, &document, catalog, column)
}

fn explain(
    path: &str,
    claims: &[Claim],
    document: &Value,
    catalog: &Catalog,
    column: Option<&str>,
) -> Vec<Explanation> {
    let reader = Reader { role: ROLE, has_privileges_of: &|_| false, bypasses_row_security: false };
    let evidence = Evidence { claims, catalog, reader: Some(&reader), document };
    let found = evidence.explain(&Denied::parse(path).unwrap(), column);
    // Every match that is proposed can stand in a document.
    for claim in found.iter().filter_map(|one| one.claim.as_ref()) {
        Document::decode(&json!({ "match": [claim] })).unwrap();
    }
    found
}

fn codes(found: &[Explanation]) -> Vec<&str> {
    found.iter().map(|one| one.finding).collect()
}

#[test]
fn what_nobody_claims_gets_the_match_that_would() {
    let found = ask(json!({"match": []}), &with_usage(table(&[])), None);
    assert_eq!(codes(&found), ["not-claimed"]);
    assert_eq!(found[0].claim, Some(json!({"path": "public.t", "fields": ["*"]})));
    let found = ask(json!({"match": []}), &with_usage(table(&[])), Some("note"));
    assert_eq!(found[0].columns, ["note"]);
    assert_eq!(found[0].claim, Some(json!({"path": "public.t", "fields": ["note"]})));
}

#[test]
fn a_column_that_is_not_claimed_is_added_to_the_match_that_is_there() {
    let document = json!({"match": [{"path": "public.t", "fields": ["id", {"name": "total"}], "optional": true}]});
    let found = ask(document.clone(), &with_usage(table(&["id", "total"])), None);
    assert_eq!(codes(&found), ["not-claimed", "privilege-not-claimed", "privilege-not-claimed", "granted"]);
    let expected = json!({"path": "public.t", "fields": ["id", {"name": "total"}, "note"], "optional": true});
    assert_eq!(found[0].claim, Some(expected));
    assert_eq!(found[3].columns, ["id", "total"]);
    assert_eq!(found[3].message, "SELECT on columns id, total of public.t: granted");
    let found = ask(document, &with_usage(table(&["id", "total"])), Some("nope"));
    assert_eq!(codes(&found), ["undefined"]);
}

#[test]
fn a_claim_that_only_reads_lacks_the_other_privileges() {
    let document = json!({"match": [{"path": "public.t", "fields": ["*"]}]});
    let mut relation = table(&[]);
    relation.acl = grant(PrivilegeSet::SELECT);
    let found = ask(document, &with_usage(relation), None);
    assert_eq!(codes(&found), ["privilege-not-claimed", "granted"]);
    assert_eq!(found[0].message, "INSERT, UPDATE, DELETE, REFERENCES on public.t: not claimed");
    let privileges = json!(["select", "insert", "update", "delete", "references"]);
    assert_eq!(found[0].claim, Some(json!({"path": "public.t", "fields": ["*"], "privileges": privileges})));
}

#[test]
fn a_privilege_is_added_to_a_match_as_it_is() {
    let document = json!({"match": [{"path": "public.t", "fields": ["*"], "except": ["note"], "privileges": ["select", "insert"]}]});
    let found = ask(document, &with_usage(table(&[])), None);
    let lacking: Vec<_> = found.iter().filter(|one| one.finding == "privilege-not-claimed").collect();
    let with = |more: &[&str]| json!({"path": "public.t", "fields": ["*"], "except": ["note"], "privileges": more});
    assert_eq!(lacking[0].claim, Some(with(&["select", "insert", "update", "references"])));
    assert_eq!(lacking[1].claim, Some(with(&["select", "insert", "delete"])));
    // A wildcard has claimed it: a match of its own is proposed.
    let document = json!({"match": [{"path": "public.*", "fields": ["*"]}]});
    let found = ask(document, &with_usage(table(&[])), None);
    let lacking: Vec<_> = found.iter().filter(|one| one.finding == "privilege-not-claimed").collect();
    let privileges = ["select", "insert", "update", "delete", "references"];
    assert_eq!(lacking[0].claim, Some(json!({"path": "public.t", "fields": ["*"], "privileges": privileges})));
}

#[test]
fn what_is_claimed_and_was_revoked_is_told_apart() {
    let document = json!({"match": [{"path": "public.t", "fields": ["id", "note"]}]});
    let mut catalog = with_usage(table(&["note"]));
    let found = ask(document.clone(), &catalog, Some("id"));
    assert_eq!(codes(&found)[..1], ["privilege-not-claimed"]);
    assert_eq!(found[1].finding, "revoked");
    assert_eq!(found[1].privileges, PrivilegeSet::SELECT);
    assert!(codes(&ask(document.clone(), &catalog, Some("note"))).contains(&"granted"));
    catalog.add_schema("public", Schema { oid: 2, owner: 10, acl: Vec::new() });
    let found = ask(document, &catalog, Some("note"));
    assert_eq!((found[0].finding, found[0].privileges), ("revoked", PrivilegeSet::NONE.with(Privilege::Usage)));
}

#[test]
fn a_pending_claim_says_why() {
    let document = json!({"match": [{"path": "public.t", "fields": ["id", "soon"], "pending": true}]});
    let found = ask(document.clone(), &with_usage(table(&[])), Some("id"));
    assert_eq!(codes(&found), ["pending"]);
    assert!(
        found[0]
            .message
            .ends_with("public.t column soon: expected a column of this name, found no such column (column-exists)")
    );
    let found = ask(document, &with_usage(table(&[])), Some("soon"));
    assert_eq!(codes(&found), ["undefined", "pending"]);
    let document = json!({"match": [{"path": "public.gone", "pending": true}]});
    assert_eq!(codes(&ask_on("public.gone", document, &with_usage(table(&[])), None)), ["undefined", "pending"]);
}

#[test]
fn an_unmet_claim_says_so() {
    let document = json!({"match": [{"path": "public.t", "fields": ["id", "note"]}]});
    let before = with_usage(table(&["id", "note"]));
    let claims = expand(&Document::decode(&document).unwrap(), "app", &before, None, &NoNames, false).unwrap();
    let mut after = with_usage(table(&[]));
    after.remove("public", "t", Some("note"));
    let unmet = crate::validate::judge(&claims[0], &after, None, crate::validate::WITHOUT_ACCESS).next;
    assert_eq!(codes(&explain("public.t", &[unmet], &document, &after, Some("id"))), ["unmet"]);
}

#[test]
fn what_is_excepted_or_protected_is_claimed_otherwise() {
    let document = json!({"match": [{"path": "public.t", "fields": ["*"], "except": ["note"]}]});
    let mut catalog = with_usage(table(&["id", "total"]));
    let found = ask(document, &catalog, Some("note"));
    assert_eq!(codes(&found), ["excepted"]);
    assert_eq!(found[0].claim, Some(json!({"path": "public.t", "fields": ["*"]})));

    let columns = BTreeSet::from(["note".to_owned()]);
    catalog.protections.insert(("public".into(), "t".into()), Protection { whole: false, columns });
    let found = ask(json!({"match": [{"path": "public.t", "fields": ["*"]}]}), &catalog, Some("note"));
    assert_eq!(codes(&found), ["protected"]);
    let expected = json!({"path": "public.t", "fields": ["*"], "acknowledge_protected": true});
    assert_eq!(found[0].claim, Some(expected));
    let found = ask(json!({"match": [{"path": "public.*", "fields": ["*"], "except": ["t%"]}]}), &catalog, Some("id"));
    assert_eq!(codes(&found), ["granted"]);
    let found = ask(
        json!({"match": [{"path": "public.*", "fields": ["*"], "except": ["t%"]}]}),
        &with_usage(table(&[])),
        Some("id"),
    );
    assert_eq!(codes(&found), ["excepted"]);
    assert!(found[0].message.ends_with("by a pattern in \"except\""));
}

#[test]
fn row_security_is_told_beside_what_is_granted() {
    let mut relation = table(&["id"]);
    relation.row_security = true;
    let document = json!({"match": [{"path": "public.t", "fields": ["id"]}]});
    let found = ask(document, &with_usage(relation), Some("id"));
    assert_eq!(codes(&found), ["privilege-not-claimed", "row-security", "granted"]);
}

#[test]
fn other_objects_have_one_privilege() {
    let mut catalog = with_usage(table(&[]));
    let mut sequence =
        crate::catalog::Sequence { oid: 20, schema: "public".into(), name: "s".into(), owner: 10, acl: Vec::new() };
    catalog.sequences.insert(20, sequence.clone());
    let found = ask_on("public.s", json!({"match": []}), &catalog, None);
    assert_eq!((codes(&found), found[0].claim.clone()), (vec!["not-claimed"], Some(json!({"sequence": "public.s"}))));
    let document = json!({"match": [{"sequence": "public.s"}]});
    assert_eq!(codes(&ask_on("public.s", document.clone(), &catalog, None)), ["revoked"]);
    sequence.acl = grant(PrivilegeSet::NONE.with(Privilege::Usage));
    catalog.sequences.insert(20, sequence);
    assert_eq!(codes(&ask_on("public.s", document, &catalog, None)), ["granted"]);
}

#[test]
fn a_path_names_one_thing() {
    assert!(Denied::parse("public.*").is_err());
    let function = Denied::parse("public.total(bigint)").unwrap();
    assert_eq!((function.name.as_str(), function.is_function), ("total", true));
    let nothing = json!({"match": []});
    let catalog = with_usage(table(&[]));
    assert_eq!(codes(&ask_on("pg_catalog.pg_authid", nothing.clone(), &catalog, None)), ["system-schema"]);
    assert_eq!(codes(&ask_on("nowhere.t", nothing.clone(), &catalog, None)), ["undefined"]);
    assert_eq!(codes(&ask_on("public.u", nothing, &catalog, None)), ["undefined"]);
}

#[test]
fn a_name_cannot_forge_a_line() {
    let mut relation = table(&[]);
    relation.columns.push(Column { number: 4, ..column("x\ny", "text", -1) });
    let found = ask(json!({"match": []}), &with_usage(relation), Some("x\ny"));
    assert!(!found[0].message.contains('\n'));
}
