use std::rc::Rc;

use proptest::prelude::*;
use serde_json::json;

use super::fixtures::{catalog, relation};
use super::*;
use crate::catalog::{Column, Relation, RelationKind};
use crate::document::Document;
use crate::expand::{Names, expand};
use crate::problem::{Problem, ProblemKind};
use crate::rules::fixtures::{column, numeric, varchar};

struct NoNames;

impl Names for NoNames {
    fn relations(&self, _schema: &str) -> Vec<String> {
        vec!["orders".into()]
    }
    fn schemas(&self) -> Vec<String> {
        vec!["public".into()]
    }
}

fn orders() -> Relation {
    let columns = vec![
        column("id", "int8", -1),
        column("total", "numeric", numeric(12, 2)),
        column("note", "varchar", varchar(80)),
    ];
    relation("public", "orders", numbered(columns))
}

fn numbered(columns: Vec<Column>) -> Vec<Column> {
    columns.into_iter().zip(1..).map(|(column, number)| Column { number, ..column }).collect()
}

fn claims(document: serde_json::Value, catalog: &Catalog) -> Result<Vec<Claim>, Vec<Problem>> {
    let document = Document::decode(&document).expect("a document of the tests");
    expand(&document, "reporter", catalog, None, &NoNames, false)
}

fn claim(entry: serde_json::Value, catalog: &Catalog) -> Claim {
    claims(json!({ "match": [entry] }), catalog).expect("claimable").remove(0)
}

fn without(mut relation: Relation, name: &str) -> Relation {
    relation.columns.retain(|column| column.name != name);
    relation
}

fn rules(judgement: &Judgement) -> Vec<&str> {
    judgement.violations.iter().map(|violation| violation.rule().code).collect()
}

#[test]
fn every_column_is_taken_and_dropping_one_breaks() {
    let claim = claim(json!({"path": "public.orders", "fields": ["*"]}), &catalog(vec![orders()]));
    assert_eq!(claim.alternatives[0].fields.len(), 3);
    let judgement = judge(&claim, &catalog(vec![without(orders(), "note")]), None, WITHOUT_ACCESS);
    assert!(judgement.broken);
    assert_eq!(rules(&judgement), ["column-exists"]);
    assert_eq!(judgement.next.status, Status::Unmet);
}

#[test]
fn a_new_column_is_taken_in_and_binds_from_then_on() {
    let claim = claim(json!({"path": "public.orders", "fields": ["*"]}), &catalog(vec![without(orders(), "note")]));
    let next = judge(&claim, &catalog(vec![orders()]), None, WITHOUT_ACCESS).next;
    assert_eq!(next.alternatives[0].fields.len(), 3);
    assert!(judge(&next, &catalog(vec![without(orders(), "note")]), None, WITHOUT_ACCESS).broken);
}

#[test]
fn named_columns_leave_the_others_free() {
    let claim = claim(json!({"path": "public.orders", "fields": ["id"]}), &catalog(vec![orders()]));
    assert!(!judge(&claim, &catalog(vec![without(orders(), "note")]), None, WITHOUT_ACCESS).broken);
    assert!(judge(&claim, &catalog(vec![without(orders(), "id")]), None, WITHOUT_ACCESS).broken);
}

#[test]
fn a_missing_relation_breaks_and_an_unmet_claim_does_not_break_again() {
    let claim = claim(json!({"path": "public.orders"}), &catalog(vec![orders()]));
    let judgement = judge(&claim, &catalog(vec![]), None, WITHOUT_ACCESS);
    assert_eq!(rules(&judgement), ["relation-exists"]);
    let again = judge(&judgement.next, &catalog(vec![]), None, WITHOUT_ACCESS);
    assert!(!again.broken && again.next.status == Status::Unmet && !again.violations.is_empty());
    assert_eq!(judge(&again.next, &catalog(vec![orders()]), None, WITHOUT_ACCESS).next.status, Status::Met);
}

#[test]
fn the_shape_of_an_unmet_claim_is_still_what_it_relies_on() {
    let claim = claim(json!({"path": "public.orders", "fields": ["note"]}), &catalog(vec![orders()]));
    let mut narrow = orders();
    narrow.columns[2].modifier = varchar(10);
    let unmet = judge(&claim, &catalog(vec![narrow.clone()]), None, WITHOUT_ACCESS).next;
    assert_eq!(unmet.status, Status::Unmet);
    assert_eq!(judge(&unmet, &catalog(vec![narrow]), None, WITHOUT_ACCESS).next.status, Status::Unmet);
}

#[test]
fn an_optional_relation_may_be_absent_but_not_come_with_the_wrong_shape() {
    let entry = json!({"path": "public.orders", "fields": [{"name": "note", "min_length": 40}], "optional": true});
    let absent = claim(entry.clone(), &catalog(vec![]));
    assert_eq!(absent.status, Status::Met);
    let mut narrow = orders();
    narrow.columns[2].modifier = varchar(10);
    assert!(judge(&absent, &catalog(vec![narrow.clone()]), None, WITHOUT_ACCESS).broken);
    let pending = claim(entry, &catalog(vec![narrow.clone()]));
    assert_eq!(pending.status, Status::Pending);
    assert!(!judge(&pending, &catalog(vec![narrow]), None, WITHOUT_ACCESS).broken);
    let met = judge(&pending, &catalog(vec![orders()]), None, WITHOUT_ACCESS).next;
    assert_eq!(met.status, Status::Met);
    let gone = judge(&met, &catalog(vec![]), None, WITHOUT_ACCESS);
    assert!(!gone.broken);
    assert_eq!(gone.next.alternatives[0].fields[0].columns[0].observed, None);
}

#[test]
fn a_pending_optional_field_leaves_the_other_fields_protected() {
    let entry =
        json!({"path": "public.orders", "fields": ["id", {"name": "note", "min_length": 100, "optional": true}]});
    let claim = claim(entry, &catalog(vec![orders()]));
    assert_eq!((claim.status, claim.alternatives[0].fields[1].status), (Status::Met, Status::Pending));
    assert!(judge(&claim, &catalog(vec![without(orders(), "id")]), None, WITHOUT_ACCESS).broken);
    assert!(!judge(&claim, &catalog(vec![without(orders(), "note")]), None, WITHOUT_ACCESS).broken);
}

#[test]
fn one_met_alternative_is_enough_and_the_last_one_is_kept() {
    let entry = json!({"alternatives": [
        {"path": "public.orders", "fields": ["id"]}, {"path": "public.purchases", "fields": ["id"]}]});
    let purchases = relation("public", "purchases", orders().columns);
    let claim = claim(entry, &catalog(vec![orders(), purchases.clone()]));
    let lost = judge(&claim, &catalog(vec![purchases]), None, WITHOUT_ACCESS);
    assert!(!lost.broken);
    assert_eq!(lost.next.alternatives[0].status, Status::Unmet);
    let both = judge(&lost.next, &catalog(vec![]), None, WITHOUT_ACCESS);
    assert!(both.broken);
    assert_eq!(both.violations.len(), 2, "every alternative says why it is not met");
}

#[test]
fn alternatives_of_a_column() {
    let entry = json!({"path": "public.orders", "fields": [{"alternatives": ["total", "gross"]}]});
    let claim = claim(entry, &catalog(vec![orders()]));
    let mut renamed = orders();
    renamed.columns[1].name = "gross".into();
    let judgement = judge(&claim, &catalog(vec![renamed]), None, WITHOUT_ACCESS);
    assert!(!judgement.broken);
    assert_eq!(judgement.next.alternatives[0].fields[0].columns[1].status, Status::Met);
    assert!(judge(&judgement.next, &catalog(vec![without(orders(), "total")]), None, WITHOUT_ACCESS).broken);
}

#[test]
fn all_problems_of_a_document_come_at_once_with_their_places() {
    let document = json!({"match": [
        {"path": "public.order", "fields": ["id"]},
        {"path": "public.orders", "fields": ["totl", {"name": "id", "min_length": 3}]},
        {"path": "nowhere.*", "fields": ["*"]}]});
    let problems = claims(document, &catalog(vec![orders()])).unwrap_err();
    let found: Vec<_> = problems.iter().map(|p| (p.json_path.as_str(), p.kind, p.hint.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("$.match[0]", ProblemKind::UndefinedRelation, Some("did you mean \"orders\"?")),
            ("$.match[1].fields[0]", ProblemKind::UndefinedColumn, Some("did you mean \"total\"?")),
            (
                "$.match[1].fields[1]",
                ProblemKind::WrongShape,
                Some("declare what the column is, or leave the property out to take it as it is")
            ),
            (
                "$.match[2]",
                ProblemKind::UndefinedSchema,
                Some("names are literal and case-sensitive; \\dn lists the schemas")
            ),
        ]
    );
}

#[test]
fn wildcards_make_a_claim_for_each_relation_and_leave_out_what_is_not_theirs() {
    let mut partition = relation("public", "part", vec![]);
    partition.partition = true;
    let mut temporary = relation("public", "temp", vec![]);
    temporary.temporary = true;
    let mut sequence = relation("public", "seq", vec![]);
    sequence.kind = RelationKind::from_relkind('S');
    let mut member = relation("public", "member", vec![]);
    member.oid = 99;
    let mut catalog = catalog(vec![orders(), partition, temporary, sequence, member]);
    catalog.extension_members.insert(99);
    let paths: Vec<String> = claims(json!({"match": [{"path": "public.*", "fields": ["*"]}]}), &catalog)
        .unwrap()
        .iter()
        .map(Claim::path)
        .collect();
    assert_eq!(paths, ["public.orders", "public.*"]);
}

#[test]
fn row_security_that_newly_applies_breaks_and_once_accepted_stays_so() {
    let has_privileges_of = |_: u32| false;
    let reader = Reader { role: 7, has_privileges_of: &has_privileges_of, bypasses_row_security: false };
    let mut secured = orders();
    secured.row_security = true;
    let document = Document::decode(&json!({"match": [{"path": "public.orders"}]})).unwrap();
    let expand = |catalog: &Catalog| expand(&document, "r", catalog, Some(&reader), &NoNames, false).unwrap().remove(0);
    let open = expand(&catalog(vec![orders()]));
    assert_eq!(rules(&judge(&open, &catalog(vec![secured.clone()]), Some(&reader), WITHOUT_ACCESS)), ["row-security"]);
    let accepted = expand(&catalog(vec![secured.clone()]));
    let lifted = judge(&accepted, &catalog(vec![orders()]), Some(&reader), WITHOUT_ACCESS).next;
    assert!(!judge(&lifted, &catalog(vec![secured]), Some(&reader), WITHOUT_ACCESS).broken);
}

#[test]
fn a_view_that_newly_reads_with_the_readers_privileges_breaks() {
    let mut view = orders();
    view.security_invoker = true;
    let claim = claim(json!({"path": "public.orders"}), &catalog(vec![orders()]));
    assert_eq!(rules(&judge(&claim, &catalog(vec![view.clone()]), None, WITHOUT_ACCESS)), ["security-invoker"]);
    let accepted = super::tests::claim(json!({"path": "public.orders"}), &catalog(vec![view.clone()]));
    assert!(!judge(&accepted, &catalog(vec![view]), None, WITHOUT_ACCESS).broken);
}

#[test]
fn a_relation_that_comes_to_rest_on_something_temporary_breaks() {
    let claim = claim(json!({"path": "public.orders"}), &catalog(vec![orders()]));
    let mut after = catalog(vec![orders()]);
    after.resting_on_temporary.insert(orders().oid);
    assert_eq!(rules(&judge(&claim, &after, None, WITHOUT_ACCESS)), ["temporary-dependency"]);
}

#[test]
fn access_is_judged_only_when_asked_for() {
    let has_privileges_of = |_: u32| false;
    let reader = Reader { role: 7, has_privileges_of: &has_privileges_of, bypasses_row_security: false };
    let claim = claim(json!({"path": "public.orders", "fields": ["id"]}), &catalog(vec![orders()]));
    assert!(!judge(&claim, &catalog(vec![orders()]), Some(&reader), WITHOUT_ACCESS).broken);
    assert_eq!(rules(&judge(&claim, &catalog(vec![orders()]), Some(&reader), WITH_ACCESS)), ["access", "access"]);
}

fn any_column() -> impl Strategy<Value = Column> {
    let names = prop::sample::select(vec!["a", "b", "c"]);
    let types =
        prop::sample::select(vec![("int4", -1), ("text", -1), ("varchar", varchar(10)), ("varchar", varchar(20))]);
    (names, types, any::<bool>())
        .prop_map(|(name, (r#type, modifier), not_null)| Column { not_null, ..column(name, r#type, modifier) })
}

fn any_catalog() -> impl Strategy<Value = Catalog> {
    let columns = prop::collection::btree_map("[abc]", any_column(), 0..4).prop_map(|columns| {
        numbered(columns.into_iter().map(|(name, column)| Column { name: name.into(), ..column }).collect())
    });
    prop::collection::btree_map("[xy]", columns, 0..3).prop_map(|relations| {
        catalog(relations.into_iter().map(|(name, columns)| relation("public", &name, columns)).collect())
    })
}

fn any_document() -> impl Strategy<Value = Document> {
    let documents = vec![
        json!({"match": [{"path": "public.x", "fields": ["*"]}]}),
        json!({"match": [{"path": "public.x", "fields": ["a", {"name": "b", "optional": true}]}]}),
        json!({"match": [{"path": "public.x", "fields": [{"alternatives": ["a", "b"]}], "optional": true}]}),
        json!({"match": [{"alternatives": [{"path": "public.x", "fields": ["a"]}, {"path": "public.y"}]}]}),
        json!({"match": [{"path": "public.*", "fields": ["*"]}]}),
    ];
    prop::sample::select(documents).prop_map(|document| Document::decode(&document).unwrap())
}

proptest! {
    /// What was just taken is met, judging twice changes nothing, and only what was met can break.
    #[test]
    fn judging_is_stable(document in any_document(), before in any_catalog(), after in any_catalog()) {
        let Ok(claims) = expand(&document, "r", &before, None, &NoNames, false) else { return Ok(()) };
        for claim in claims {
            let same = judge(&claim, &before, None, WITHOUT_ACCESS);
            prop_assert_eq!(&same.next, &claim);
            prop_assert!(!same.broken);
            let judgement = judge(&claim, &after, None, WITHOUT_ACCESS);
            prop_assert_eq!(judgement.broken, claim.status == Status::Met && judgement.next.status == Status::Unmet);
            prop_assert_eq!(judgement.violations.is_empty(), judgement.next.status == Status::Met);
            let again = judge(&judgement.next, &after, None, WITHOUT_ACCESS);
            prop_assert_eq!(&again.next, &judgement.next);
            prop_assert!(!again.broken);
        }
    }

    /// The stored form loses nothing.
    #[test]
    fn states_survive_their_json(document in any_document(), catalog in any_catalog()) {
        for claim in expand(&document, "r", &catalog, None, &NoNames, true).unwrap() {
            for alternative in claim.alternatives {
                let text = serde_json::to_string(&alternative).unwrap();
                prop_assert_eq!(serde_json::from_str::<ClaimedRelation>(&text).unwrap(), alternative);
            }
        }
    }
}

/// `public.orders` as a view that takes these commands.
fn as_view(commands: PrivilegeSet) -> Catalog {
    let view = Relation { kind: RelationKind::View, ..orders() };
    let mut catalog = catalog(vec![view]);
    let refused = BTreeMap::from([(3, PrivilegeSet::WRITES)]);
    catalog.writable.insert(1, Rc::new(Writable { refused, ..Writable::taking(commands) }));
    catalog
}

#[test]
fn a_view_that_is_written_must_go_on_taking_it() {
    let entry = json!({"path": "public.orders", "fields": ["*"], "privileges": ["select", "insert"]});
    let problems = claims(json!({"match": [entry]}), &as_view(PrivilegeSet::NONE)).unwrap_err();
    assert_eq!(problems[0].kind, ProblemKind::WrongObject);
    let written = claim(entry, &as_view(PrivilegeSet::WRITES));
    assert_eq!(rules(&judge(&written, &as_view(PrivilegeSet::NONE), None, WITHOUT_ACCESS)), ["updatable-relation"]);
    // "*" does not ask to write what takes no value.
    let column = |number: usize| &written.alternatives[0].fields[number].columns[0];
    assert!(column(0).privileges.contains(Privilege::Insert));
    assert!(!column(2).privileges.contains(Privilege::Insert));
    assert!(!judge(&written, &as_view(PrivilegeSet::WRITES), None, WITHOUT_ACCESS).broken);
    // Who reads does not care.
    let read = claim(json!({"path": "public.orders", "fields": ["*"]}), &as_view(PrivilegeSet::WRITES));
    assert!(!judge(&read, &as_view(PrivilegeSet::NONE), None, WITHOUT_ACCESS).broken);
}

#[test]
fn a_wildcard_asks_each_relation_for_what_it_takes() {
    let entry = json!({"path": "public.*", "fields": ["*"], "privileges": ["select", "insert", "delete"]});
    let derived = |commands| claims(json!({ "match": [&entry] }), &as_view(commands)).expect("claimable").remove(0);
    let asked = |claim: &Claim| claim.alternatives[0].requirements().privileges;
    assert_eq!(
        asked(&derived(PrivilegeSet::WRITES)),
        PrivilegeSet::SELECT.or(derived(PrivilegeSet::WRITES).alternatives[0].writes())
    );
    assert_eq!(asked(&derived(PrivilegeSet::NONE)), PrivilegeSet::SELECT);
    let deletes = PrivilegeSet::NONE.with(Privilege::Delete);
    assert_eq!(asked(&derived(deletes)), PrivilegeSet::SELECT.with(Privilege::Delete));
    // What takes nothing of all that is asked for is left out altogether.
    let writes = json!({"path": "public.*", "fields": ["*"], "privileges": ["insert"]});
    let found = claims(json!({ "match": [writes] }), &as_view(PrivilegeSet::NONE)).expect("claimable");
    assert!(found.iter().all(|claim| !claim.derived));
}
