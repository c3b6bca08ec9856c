//! Deprecated data: which part of a claim still binds whoever owns what is claimed.
//!
//! Two things follow from a deprecation. What is past its drop date no longer binds: it may go. And what is deprecated is
//! no fallback: whoever announced that one alternative will go may not take away the other one meanwhile, or else both would
//! be gone and only one of them announced.

use std::collections::HashMap;

use crate::state::{Claim, ClaimedColumn, ClaimedField, ClaimedRelation, ObjectKind, Status};
use crate::validate::Judgement;

/// How far a deprecation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Announced: claims hold as before.
    Announced,
    /// Its drop date has passed: claims hold no longer.
    Over,
}

/// What is deprecated of one relation: itself, or a column.
type OfRelation = Vec<(Option<String>, Standing)>;

/// What is deprecated, by name.
#[derive(Debug, Default)]
pub struct Deprecations {
    by_relation: HashMap<(String, String), OfRelation>,
}

impl Deprecations {
    /// Adds a relation, or one column of it. Of two that are about the same the one that is over counts.
    pub fn add(&mut self, schema: &str, relation: &str, column: Option<String>, standing: Standing) {
        let of_relation = self.by_relation.entry((schema.to_owned(), relation.to_owned())).or_default();
        of_relation.push((column, standing));
    }

    /// Whether any alternative of the claim is on a relation of which something is deprecated.
    fn concern(&self, claim: &Claim) -> bool {
        !self.by_relation.is_empty() && claim.alternatives.iter().any(|alternative| self.of(alternative).is_some())
    }

    fn of(&self, claimed: &ClaimedRelation) -> Option<&[(Option<String>, Standing)]> {
        let relation = claimed.relation.as_ref().filter(|_| claimed.kind == ObjectKind::Relation)?;
        self.by_relation.get(&(claimed.schema.clone(), relation.clone())).map(Vec::as_slice)
    }

    /// Of the relation itself, with `None`, or of a column by itself.
    fn standing(&self, claimed: &ClaimedRelation, column: Option<&str>) -> Option<Standing> {
        let all = self.of(claimed)?.iter();
        all.filter(|(name, _)| name.as_deref() == column).map(|(_, standing)| *standing).max()
    }
}

/// What of a claim binds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Binding {
    /// All of it: nothing deprecated concerns it, or it binds nobody anyway.
    Whole,
    /// This part, with the place that each of its alternatives has in the whole claim.
    Part(Claim, Vec<usize>),
    /// Nothing: what it rested on is past its drop date.
    Nothing,
}

/// Which part is looked for; the first that is there counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What rests on nothing deprecated.
    Firm,
    /// What rests on nothing that is past its drop date.
    Standing,
    /// What is left when that is taken away.
    Rest,
}

/// A claim part of which has gone after its drop date: unmet, with an alternative that is met but for that.
pub fn is_partly_void(claim: &Claim) -> bool {
    claim.status == Status::Unmet && claim.alternatives.iter().any(|alternative| alternative.status == Status::Met)
}

/// Corrects what has become of `claim`, as it was when the transaction began, for what is deprecated: the second value tells
/// whether it lost something that was past its drop date. `judge` is how `judgement` was made; it is told which of the claim's
/// alternatives it is given.
///
/// A claim that is broken all the same has the violations of what binds in it.
pub fn heed(
    claim: &Claim,
    mut judgement: Judgement,
    deprecations: &Deprecations,
    judge: impl Fn(&Claim, &[usize]) -> Judgement,
) -> (Judgement, bool) {
    let (part, places) = match binding(claim, deprecations) {
        Binding::Whole => return (judgement, false),
        Binding::Nothing => {
            let void = std::mem::take(&mut judgement.broken);
            return (judgement, void);
        }
        Binding::Part(part, places) => (part, places),
    };
    let of_part = judge(&part, &places);
    if of_part.broken {
        judgement.violations = of_part.violations;
        judgement.broken = true;
        return (judgement, false);
    }
    let mut void = std::mem::take(&mut judgement.broken);
    if judgement.next.status != Status::Met {
        for (place, alternative) in places.into_iter().zip(&of_part.next.alternatives) {
            if alternative.status == Status::Met {
                judgement.next.alternatives[place].status = Status::Met;
            }
        }
        if is_partly_void(claim) {
            // What was gone before is not this transaction's doing.
            judgement.violations.retain(|violation| was_met(claim, violation.place));
            // A key over a column that is gone is wrong ever after.
            if judgement.violations.iter().any(|violation| violation.place.1.is_some()) {
                judgement.violations.retain(|violation| violation.place.1.is_some());
            }
            void = !judgement.violations.is_empty();
        }
    }
    (judgement, void)
}

/// Whether what a violation is about was met before.
fn was_met(claim: &Claim, (alternative, column): (usize, Option<(usize, usize)>)) -> bool {
    let alternative = &claim.alternatives[alternative];
    match column.and_then(|(field, _)| alternative.fields.get(field)) {
        Some(field) => alternative.status == Status::Met && field.status == Status::Met,
        None => alternative.status == Status::Met,
    }
}

fn binding(claim: &Claim, deprecations: &Deprecations) -> Binding {
    let partly_void = is_partly_void(claim);
    let binds = claim.status == Status::Met || partly_void;
    let rests_on_something = claim.alternatives.iter().any(|alternative| alternative.status == Status::Met);
    if !binds || !rests_on_something || !(partly_void || deprecations.concern(claim)) {
        return Binding::Whole;
    }
    for wanted in [Part::Firm, Part::Standing, Part::Rest] {
        let mut part = Claim { alternatives: Vec::new(), status: Status::Met, ..claim.clone() };
        let mut places = Vec::new();
        let mut is_met = false;
        for (place, alternative) in claim.alternatives.iter().enumerate() {
            let Some((kept, met)) = alternative_of(wanted, alternative, deprecations) else { continue };
            is_met |= met;
            part.alternatives.push(kept);
            places.push(place);
        }
        if is_met {
            return Binding::Part(part, places);
        }
    }
    Binding::Nothing
}

/// What of an alternative belongs to the part that is wanted, and whether it was met without the rest.
fn alternative_of(
    wanted: Part,
    claimed: &ClaimedRelation,
    deprecations: &Deprecations,
) -> Option<(ClaimedRelation, bool)> {
    match (wanted, deprecations.standing(claimed, None)) {
        (Part::Firm, Some(_)) | (_, Some(Standing::Over)) => return None,
        _ => {}
    }
    let was_met = claimed.status == Status::Met;
    let mut met = was_met;
    let mut kept = ClaimedRelation { fields: Vec::new(), ..claimed.clone() };
    // What does not count is still claimed: an INSERT supplies it.
    let mut rest: Vec<ClaimedColumn> = Vec::new();
    for field in &claimed.fields {
        let is_void = was_met && field.status != Status::Met && !field.optional;
        let (remaining, others) = columns_of(wanted, claimed, field, deprecations);
        let still_met = field.optional || remaining.columns.iter().any(|column| column.status == Status::Met);
        if is_void || was_met && !still_met && wanted == Part::Rest {
            rest.extend(field.columns.iter().cloned());
            continue;
        }
        rest.extend(others);
        if !remaining.columns.is_empty() {
            met &= still_met;
            kept.fields.push(remaining);
        } else if !field.optional {
            return None;
        }
    }
    // That a relation is there is of no use when nothing that is claimed of it is left.
    if kept.fields.is_empty() && claimed.fields.iter().any(|field| !field.optional) {
        return None;
    }
    without_lost_columns(&mut kept, &rest, |name| deprecations.standing(claimed, Some(name)) == Some(Standing::Over));
    if !rest.is_empty() {
        kept.fields.push(ClaimedField { optional: true, columns: rest, status: Status::Pending });
    }
    Some((kept, met))
}

/// Takes away the keys, references and indexes over columns that do not bind: those that are past their drop date, or gone.
fn without_lost_columns(kept: &mut ClaimedRelation, rest: &[ClaimedColumn], is_over: impl Fn(&str) -> bool) {
    let Some(requirements) = &mut kept.requirements else { return };
    let is_gone = |name: &str| rest.iter().any(|column| column.name == name && column.status != Status::Met);
    let binds = |columns: &Vec<String>| columns.iter().all(|name| !is_over(name) && !is_gone(name));
    requirements.keys.retain(binds);
    requirements.indexed.retain(binds);
    requirements.references.retain(|reference| binds(&reference.fields));
}

/// The field with the columns that count, and the others.
fn columns_of(
    wanted: Part,
    claimed: &ClaimedRelation,
    field: &ClaimedField,
    deprecations: &Deprecations,
) -> (ClaimedField, Vec<ClaimedColumn>) {
    let standing = |name: &str| deprecations.standing(claimed, Some(name));
    let mut columns = field.columns.iter();
    let rests_on_firm = columns.any(|column| column.status == Status::Met && standing(&column.name).is_none());
    let counts = |name: &str| match (wanted, standing(name)) {
        (_, None) => true,
        (Part::Firm, Some(_)) | (_, Some(Standing::Over)) => false,
        (_, Some(Standing::Announced)) => !rests_on_firm,
    };
    let (columns, others) = field.columns.iter().cloned().partition(|column| counts(&column.name));
    (ClaimedField { columns, ..field.clone() }, others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Relation};
    use crate::document::Document;
    use crate::expand::{Names, expand};
    use crate::rules::fixtures::column;
    use crate::validate::fixtures::{catalog, relation};
    use crate::validate::{WITHOUT_ACCESS, judge};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    struct NoNames;

    impl Names for NoNames {
        fn relations(&self, _schema: &str) -> Vec<String> {
            Vec::new()
        }
        fn schemas(&self) -> Vec<String> {
            Vec::new()
        }
    }

    fn table(name: &str, columns: &[&str]) -> Relation {
        relation("public", name, columns.iter().map(|name| column(name, "text", -1)).collect())
    }

    fn claim(entry: Value, catalog: &Catalog) -> Claim {
        let document = Document::decode(&json!({ "match": [entry] })).expect("a document of the tests");
        expand(&document, "reporter", catalog, None, &NoNames, false).expect("claimable").remove(0)
    }

    fn deprecated(all: &[(&str, &str, Standing)]) -> Deprecations {
        let mut deprecations = Deprecations::default();
        for (relation, column, standing) in all {
            deprecations.add("public", relation, (!column.is_empty()).then(|| (*column).to_owned()), *standing);
        }
        deprecations
    }

    /// What becomes of `claim` under `catalog`: broken, void, and its next state.
    fn after(claim: &Claim, deprecations: &Deprecations, catalog: &Catalog) -> (bool, bool, Claim) {
        let judge = |claim: &Claim, _: &[usize]| judge(claim, catalog, None, WITHOUT_ACCESS);
        let (judgement, void) = heed(claim, judge(claim, &[]), deprecations, judge);
        (judgement.broken, void, judgement.next)
    }

    use Standing::{Announced, Over};

    #[test]
    fn what_is_announced_still_binds() {
        let claim = claim(json!({"path": "public.t", "fields": ["a", "b"]}), &catalog(vec![table("t", &["a", "b"])]));
        let now = catalog(vec![table("t", &["b"])]);
        assert!(after(&claim, &deprecated(&[("t", "a", Announced)]), &now).0);
        assert!(after(&claim, &deprecated(&[("t", "", Announced)]), &now).0);
    }

    #[test]
    fn what_is_over_may_go_and_the_rest_still_binds() {
        let claim = claim(json!({"path": "public.t", "fields": ["a", "b"]}), &catalog(vec![table("t", &["a", "b"])]));
        let over = deprecated(&[("t", "a", Over)]);
        let (broken, void, next) = after(&claim, &over, &catalog(vec![table("t", &["b"])]));
        assert!(!broken && void && next.status == Status::Unmet && is_partly_void(&next));
        // The transaction after it.
        let (broken, void, same) = after(&next, &over, &catalog(vec![table("t", &["b", "c"])]));
        assert!(!broken && !void && same == next);
        assert!(after(&next, &over, &catalog(vec![table("t", &["c"])])).0, "b is still claimed");
        assert!(after(&next, &Deprecations::default(), &catalog(vec![])).0, "so is the relation");
        // Both at once, in the first transaction.
        assert!(after(&claim, &over, &catalog(vec![table("t", &["c"])])).0);
    }

    #[test]
    fn a_second_column_may_go_likewise() {
        let whole = catalog(vec![table("t", &["a", "b", "c"])]);
        let claim = claim(json!({"path": "public.t", "fields": ["*"]}), &whole);
        let over = deprecated(&[("t", "a", Over), ("t", "b", Over)]);
        let (_, _, next) = after(&claim, &over, &catalog(vec![table("t", &["b", "c"])]));
        let (broken, void, next) = after(&next, &over, &catalog(vec![table("t", &["c"])]));
        assert!(!broken && void && is_partly_void(&next));
        assert!(after(&next, &over, &catalog(vec![table("t", &[])])).0);
    }

    #[test]
    fn a_claim_that_is_void_altogether_stops_nobody() {
        let whole = catalog(vec![table("t", &["a", "b"])]);
        let of_column = claim(json!({"path": "public.t", "fields": ["a"]}), &whole);
        let (broken, void, next) = after(&of_column, &deprecated(&[("t", "a", Over)]), &catalog(vec![]));
        assert!(!broken && void && !is_partly_void(&next));
        let of_relation = claim(json!({"path": "public.t", "fields": ["a", "b"]}), &whole);
        let (broken, void, next) = after(&of_relation, &deprecated(&[("t", "", Over)]), &catalog(vec![]));
        assert!(!broken && void && !is_partly_void(&next));
        // Nothing of it is met by another relation.
        assert!(after(&of_relation, &deprecated(&[("u", "", Over)]), &catalog(vec![])).0);
    }

    #[test]
    fn what_comes_back_is_met_again() {
        let whole = catalog(vec![table("t", &["a", "b"])]);
        let claim = claim(json!({"path": "public.t", "fields": ["a", "b"]}), &whole);
        let over = deprecated(&[("t", "a", Over)]);
        let (_, _, next) = after(&claim, &over, &catalog(vec![table("t", &["b"])]));
        let (broken, void, next) = after(&next, &Deprecations::default(), &whole);
        assert!(!broken && !void && next.status == Status::Met);
    }

    #[test]
    fn a_deprecated_column_is_no_fallback() {
        let field = json!({"path": "public.t", "fields": [{"alternatives": ["old", "new"]}]});
        let whole = catalog(vec![table("t", &["old", "new"])]);
        let claim = claim(field, &whole);
        for standing in [Announced, Over] {
            let deprecations = deprecated(&[("t", "old", standing)]);
            let (broken, void, next) = after(&claim, &deprecations, &catalog(vec![table("t", &["new"])]));
            assert!(!broken && !void && next.status == Status::Met, "the old one may go");
            let (broken, ..) = after(&claim, &deprecations, &catalog(vec![table("t", &["old"])]));
            assert!(broken, "the new one may not go while the old one is deprecated");
        }
    }

    #[test]
    fn a_deprecated_relation_is_no_fallback() {
        let entry =
            json!({"alternatives": [{"path": "public.new", "fields": ["a"]}, {"path": "public.old", "fields": ["a"]}]});
        let (old, new) = (table("old", &["a"]), table("new", &["a"]));
        let claim = claim(entry, &catalog(vec![old.clone(), new.clone()]));
        for of in ["", "a"] {
            for standing in [Announced, Over] {
                let deprecations = deprecated(&[("old", of, standing)]);
                assert!(after(&claim, &deprecations, &catalog(vec![old.clone()])).0);
                assert!(!after(&claim, &deprecations, &catalog(vec![new.clone()])).0);
            }
        }
    }

    #[test]
    fn a_rename_from_one_alternative_to_the_other_passes() {
        let field = json!({"path": "public.t", "fields": [{"alternatives": ["old", "new"]}, "b"]});
        let claim = claim(field, &catalog(vec![table("t", &["old", "b"])]));
        let now = catalog(vec![table("t", &["new", "b"])]);
        for standing in [Announced, Over] {
            let (broken, void, next) = after(&claim, &deprecated(&[("t", "old", standing)]), &now);
            assert!(!broken && !void && next.status == Status::Met);
        }
    }

    #[test]
    fn nor_where_another_field_has_nothing_but_what_is_deprecated() {
        let fields = json!(["legacy", {"alternatives": ["old", "new"]}]);
        let claim =
            claim(json!({"path": "public.t", "fields": fields}), &catalog(vec![table("t", &["legacy", "old", "new"])]));
        let both = deprecated(&[("t", "legacy", Announced), ("t", "old", Announced)]);
        assert!(after(&claim, &both, &catalog(vec![table("t", &["legacy", "old"])])).0);
        assert!(!after(&claim, &both, &catalog(vec![table("t", &["legacy", "new"])])).0);
    }

    #[test]
    fn a_pending_alternative_does_not_save_an_announced_one() {
        let field = json!({"path": "public.t", "fields": [{"alternatives": ["old", "new"]}]});
        let claim = claim(field, &catalog(vec![table("t", &["old"])]));
        let gone = catalog(vec![table("t", &["x"])]);
        assert!(after(&claim, &deprecated(&[("t", "old", Announced)]), &gone).0);
        let (broken, void, _) = after(&claim, &deprecated(&[("t", "old", Over)]), &gone);
        assert!(!broken && void);
    }

    #[test]
    fn unmet_and_optional_claims_bind_as_before() {
        let whole = catalog(vec![table("t", &["a"])]);
        let mut unmet = claim(json!({"path": "public.t", "fields": ["a"]}), &whole);
        (unmet.status, unmet.alternatives[0].status) = (Status::Unmet, Status::Unmet);
        let over = deprecated(&[("t", "a", Over)]);
        assert_eq!(binding(&unmet, &over), Binding::Whole);
        let optional = claim(json!({"path": "public.t", "fields": ["a"], "optional": true}), &catalog(vec![]));
        assert_eq!(binding(&optional, &over), Binding::Whole);
        let optional = claim(json!({"path": "public.t", "fields": [{"name": "a", "optional": true}]}), &whole);
        assert!(!after(&optional, &over, &catalog(vec![table("t", &[])])).0);
        assert!(after(&optional, &over, &catalog(vec![])).0, "an optional column of a relation that is not");
    }

    const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

    #[derive(Debug)]
    struct Scene {
        /// Both relations are alternatives, or one is claimed alone.
        several: bool,
        /// The columns of each field.
        fields: Vec<Vec<&'static str>>,
        /// Of each relation its columns, and then itself.
        standings: Vec<Option<Standing>>,
        /// What goes, one after the other.
        drops: Vec<usize>,
    }

    fn scene() -> impl Strategy<Value = Scene> {
        let items = 2 * (NAMES.len() + 1);
        let standing = prop::option::of(prop_oneof![Just(Announced), Just(Over)]);
        let field_of_column = prop::collection::vec(0..3usize, NAMES.len());
        let standings = prop::collection::vec(standing, items);
        let drops = prop::collection::vec(0..items, 1..6);
        (any::<bool>(), field_of_column, standings, drops).prop_map(|(several, field_of_column, standings, drops)| {
            let columns = |field| {
                let of_field = NAMES.into_iter().zip(&field_of_column).filter(move |(_, of)| **of == field);
                of_field.map(|(name, _)| name).collect::<Vec<_>>()
            };
            let fields = (0..3).map(columns).filter(|columns| !columns.is_empty()).collect();
            let alone = NAMES.len() + 1;
            let drops = drops.into_iter().map(|number| if several { number } else { number % alone }).collect();
            Scene { several, fields, standings, drops }
        })
    }

    /// Relation and column of an item; no column is the relation itself.
    fn item(number: usize) -> (&'static str, Option<&'static str>) {
        let relation = if number <= NAMES.len() { "t" } else { "u" };
        (relation, NAMES.get(number % (NAMES.len() + 1)).copied())
    }

    fn drop(catalog: &mut Catalog, number: usize) {
        let (relation, column) = item(number);
        catalog.remove("public", relation, column);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn owners_end_what_they_announced_and_nothing_else(scene in scene()) {
            let Scene { several, fields, standings, drops } = scene;
            let field = |columns: &Vec<&str>| match columns.as_slice() {
                [one] => json!(one),
                several => json!({"alternatives": several}),
            };
            let fields: Vec<Value> = fields.iter().map(field).collect();
            let on = |relation: &str| json!({"path": format!("public.{relation}"), "fields": fields});
            let entry = if several { json!({"alternatives": [on("t"), on("u")]}) } else { on("t") };
            let mut now = catalog(vec![table("t", &NAMES), table("u", &NAMES)]);
            let document = Document::decode(&json!({"match": [entry]})).expect("a document");
            let mut state = expand(&document, "reporter", &now, None, &NoNames, false).unwrap().remove(0);
            let mut deprecations = Deprecations::default();
            for (number, standing) in standings.iter().enumerate() {
                let (relation, column) = item(number);
                if let Some(standing) = standing {
                    deprecations.add("public", relation, column.map(str::to_owned), *standing);
                }
            }
            let is_over = |number: usize| {
                let whole = if number <= NAMES.len() { NAMES.len() } else { 2 * NAMES.len() + 1 };
                standings[number] == Some(Over) || standings[whole] == Some(Over)
            };
            let begin = state.clone();
            for number in drops {
                let mut next_catalog = now.clone();
                drop(&mut next_catalog, number);
                let judgement = judge(&state, &next_catalog, None, WITHOUT_ACCESS);
                let was_broken = judgement.broken;
                let (broken, void, next) = after(&state, &deprecations, &next_catalog);
                // Of a relation nothing is left to claim when all that is claimed of it is past its date.
                let (relation, column) = item(number);
                let of_relation = state.alternatives.iter().filter(|a| a.relation.as_deref() == Some(relation));
                let mut columns = of_relation.flat_map(|a| &a.fields).flat_map(|field| &field.columns);
                let first = if relation == "t" { 0 } else { NAMES.len() + 1 };
                let is_void = |name: &str| is_over(first + NAMES.iter().position(|other| *other == name).unwrap());
                let all_void = columns.all(|column| column.status != Status::Met || is_void(&column.name));
                if is_over(number) {
                    prop_assert!(!broken, "what is past its date may go");
                } else if column.is_some() || !all_void {
                    prop_assert!(!was_broken || broken, "what is not may not");
                    prop_assert!(!void);
                }
                if !broken {
                    (state, now) = (next, next_catalog);
                }
            }
            // A field that rested on something firm still does, in a relation that was not announced itself.
            if !several && standings[NAMES.len()].is_none() {
                for (before, after) in begin.alternatives[0].fields.iter().zip(&state.alternatives[0].fields) {
                    let firm = |column: &crate::state::ClaimedColumn| {
                        let number = NAMES.iter().position(|name| *name == column.name).unwrap();
                        column.status == Status::Met && standings[number].is_none()
                    };
                    prop_assert_eq!(before.columns.iter().any(firm), after.columns.iter().any(firm));
                    let held = |column: &crate::state::ClaimedColumn| {
                        let number = NAMES.iter().position(|name| *name == column.name).unwrap();
                        column.status == Status::Met && standings[number] != Some(Over)
                    };
                    prop_assert_eq!(before.columns.iter().any(held), after.columns.iter().any(held));
                }
            }
        }
    }
}
