use serde_json::json;

use super::*;
use crate::document::Document;
use crate::expand::{Names, expand};
use crate::rules::fixtures::{column, numbered, varchar};
use crate::validate::fixtures::{catalog, relation};
use crate::validate::{WITHOUT_ACCESS, judge};

struct NoNames;

impl Names for NoNames {
    fn relations(&self, _schema: &str) -> Vec<String> {
        Vec::new()
    }
    fn schemas(&self) -> Vec<String> {
        Vec::new()
    }
}

fn claim(entry: serde_json::Value, catalog: &Catalog) -> Claim {
    let document = Document::decode(&json!({ "match": [entry] })).unwrap();
    expand(&document, "app", catalog, None, &NoNames, false).unwrap().remove(0)
}

fn target(columns: Option<&[&str]>) -> Target {
    let columns = columns.map(|columns| columns.iter().map(|&name| name.to_owned()).collect());
    Target { schema: "public".into(), relation: "t".into(), columns }
}

fn breaks(claim: &Claim, catalog: &Catalog, target: &Target, change: &Change) -> bool {
    judge(claim, &changed(catalog, target, change), None, WITHOUT_ACCESS).broken
}

#[test]
fn each_claimed_column_is_a_use_with_what_else_is_acceptable() {
    let catalog = catalog(vec![numbered(&["id", "note", "spare"]), {
        let mut other = numbered(&["id"]);
        other.name = "u".into();
        other
    }]);
    let claim = claim(
        json!({"alternatives": [
            {"path": "public.t", "fields": ["id", {"alternatives": ["note", "remark"], "optional": true, "shape": "declared"}]},
            {"path": "public.u", "fields": ["id"]}]}),
        &catalog,
    );
    let found = uses(&claim, &target(None));
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].alternatives.as_deref(), Some("public.u (met)"));
    assert_eq!((found[1].column.as_deref(), found[1].strictness.as_str()), (Some("note"), "optional, declared"));
    assert_eq!(found[1].alternatives.as_deref(), Some("remark (pending), public.u (met)"));
    assert_eq!(uses(&claim, &target(Some(&["id"]))).len(), 1);
    assert_eq!(uses(&claim, &target(Some(&["spare"]))), vec![]);
}

#[test]
fn a_relation_claimed_without_columns_is_one_use() {
    let catalog = catalog(vec![numbered(&["id"])]);
    let claim = claim(json!({"path": "public.t"}), &catalog);
    assert_eq!(uses(&claim, &target(None)).len(), 1);
    assert_eq!(uses(&claim, &target(Some(&["id"]))), vec![]);
}

#[test]
fn what_has_an_alternative_may_go_and_both_together_may_not() {
    let catalog = catalog(vec![numbered(&["a", "b"])]);
    let claim = claim(json!({"path": "public.t", "fields": [{"alternatives": ["a", "b"]}]}), &catalog);
    assert!(!breaks(&claim, &catalog, &target(Some(&["a"])), &Change::Goes));
    assert!(breaks(&claim, &catalog, &target(Some(&["a", "b"])), &Change::Goes));
    assert!(breaks(&claim, &catalog, &target(None), &Change::Goes));
    let said = |would_be, until| before_it_can_go(&claim, &target(Some(&["a"])), would_be, until);
    assert_eq!(said(WouldBe::Met, None), "nothing: the claim is met without it");
    assert_eq!(said(WouldBe::Void, None), "nothing: its drop date has passed");
    assert!(said(WouldBe::Broken, None).starts_with("app claims an alternative to a of public.t"));
    assert!(said(WouldBe::Broken, Some("2030-01-01")).contains("2030-01-01"));
}

#[test]
fn a_type_that_widens_unseen_breaks_nothing() {
    let text = |length| {
        let column = column("c", "varchar", varchar(length));
        Change::Type(Rc::clone(&column.r#type), column.modifier)
    };
    let catalog = catalog(vec![relation("public", "t", vec![column("c", "varchar", varchar(40))])]);
    let claim = claim(json!({"path": "public.t", "fields": ["c"]}), &catalog);
    assert!(!breaks(&claim, &catalog, &target(Some(&["c"])), &text(80)));
    assert!(breaks(&claim, &catalog, &target(Some(&["c"])), &text(20)));
}

#[test]
fn what_a_claim_references_is_used_by_it() {
    let mut from = numbered(&["id", "t_id"]);
    (from.name, from.oid) = ("lines".into(), 9);
    let mut catalog = catalog(vec![numbered(&["id", "note"]), from]);
    let key = crate::catalog::ForeignKey {
        schema: "public".into(),
        relation: "t".into(),
        oid: 1,
        columns: vec![("t_id".into(), "id".into())],
    };
    let constraints = crate::catalog::Constraints { foreign_keys: vec![key], ..Default::default() };
    catalog.constraints.insert(9, Rc::new(constraints));
    let references = json!([{"fields": ["t_id"], "path": "public.t", "to": ["id"]}]);
    let claim = claim(json!({"path": "public.lines", "fields": ["id", "t_id"], "references": references}), &catalog);
    assert_eq!(uses(&claim, &target(None))[0].strictness, "reference");
    assert!(breaks(&claim, &catalog, &target(Some(&["id"])), &Change::Goes));
    assert!(!breaks(&claim, &catalog, &target(Some(&["note"])), &Change::Goes));
    assert!(breaks(&claim, &catalog, &target(None), &Change::Goes));
}
