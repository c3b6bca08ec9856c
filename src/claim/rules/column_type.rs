//! `column-type`: a declared type must stay that type; an observed one may widen where no reader notices.

use super::{Finding, Rule};
use crate::catalog::Column;
use crate::problem::ProblemKind;
use crate::state::{ClaimedColumn, Shape};
use crate::types::{Capacity, Numeric, TypeName};

/// The rule.
pub const RULE: Rule = Rule {
    code: "column-type",
    meaning: "A claimed column must keep its type. An observed varchar may grow or become text, an observed numeric may grow on either side of the point.",
    hint: "Add a column with the new type beside the old one, and have the stakeholder claim both as alternatives before the old one goes.",
    problem: ProblemKind::WrongShape,
};

/// Types and modifiers are compared as values, never as the server's text for them.
pub fn check(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let actual = &*column.r#type.name;
    let acceptable = match (claimed.declared().types.as_slice(), &claimed.observed) {
        ([], Some(observed)) => widens(&observed.r#type, observed.modifier, actual, column.modifier),
        ([], None) => true,
        (types, observed) => types.iter().filter(|declared| *actual == declared.name).any(|declared| {
            match (declared.modifier, observed) {
                // No modifier declared: any will do at first, then it may only widen.
                (-1, Some(observed)) if declared.name == *observed.r#type => {
                    widens(&observed.r#type, observed.modifier, actual, column.modifier)
                }
                (-1, _) => true,
                (modifier, _) => column.modifier == modifier,
            }
        }),
    };
    if acceptable {
        return check_nature(claimed, column);
    }
    Some(Finding::new(&RULE, claimed.display_type(), actual.display(column.modifier)))
}

/// Another type may have taken the name: a domain over something else, a composite in place of an enum.
fn check_nature(claimed: &ClaimedColumn, column: &Column) -> Option<Finding> {
    let observed = claimed.observed.as_ref()?;
    if observed.r#type != column.r#type.name {
        // One of several declared types: what stands behind the other says nothing of this one.
        return None;
    }
    let before = observed.nature.as_ref()?;
    let now = Shape::of(column).nature?;
    let same_base = match (&before.base, &now.base) {
        (Some(from), Some(to)) => widens(&from.name, from.modifier, &to.name, to.modifier),
        (None, None) => true,
        _ => false,
    };
    (before.kind != now.kind || !same_base).then(|| {
        let name = column.r#type.name.display(column.modifier);
        Finding::new(&RULE, format!("{name}, {}", before.display()), format!("{name}, {}", now.display()))
    })
}

/// Whether a reader of `from` reads `to` without noticing: equal, or wider.
fn widens(from: &TypeName, from_modifier: i32, to: &TypeName, to_modifier: i32) -> bool {
    if from == to && from_modifier == to_modifier {
        return true;
    }
    match (from.builtin_name(), to.builtin_name()) {
        (Some("varchar"), Some("text")) => true,
        (Some("varchar"), Some("varchar")) => {
            match (Capacity::of("varchar", from_modifier), Capacity::of("varchar", to_modifier)) {
                (_, Capacity::Unbounded) => true,
                (Capacity::Limited(from), Capacity::Limited(to)) => from <= to,
                _ => false,
            }
        }
        (Some("numeric"), Some("numeric")) => {
            match (Numeric::from_modifier(from_modifier), Numeric::from_modifier(to_modifier)) {
                (_, None) => true,
                (Some(from), Some(to)) => {
                    to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale
                }
                (None, Some(_)) => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::rules::fixtures::{claimed_as, column, numeric, observed, varchar};
    use crate::state::Declared;
    use crate::types::DeclaredType;

    fn observed_passes(from: (&str, i32), to: (&str, i32)) -> bool {
        check(&observed(&column("c", from.0, from.1)), &column("c", to.0, to.1)).is_none()
    }

    #[test]
    fn observed_varchar_may_grow_and_never_shrink() {
        assert!(observed_passes(("varchar", varchar(40)), ("varchar", varchar(80))));
        assert!(observed_passes(("varchar", varchar(40)), ("varchar", -1)));
        assert!(observed_passes(("varchar", varchar(40)), ("text", -1)));
        assert!(!observed_passes(("varchar", varchar(40)), ("varchar", varchar(39))));
        assert!(!observed_passes(("varchar", -1), ("varchar", varchar(39))));
        assert!(!observed_passes(("text", -1), ("varchar", -1)));
        assert!(!observed_passes(("bpchar", varchar(4)), ("bpchar", varchar(5))));
    }

    #[test]
    fn observed_numeric_may_grow_on_both_sides_of_the_point() {
        assert!(observed_passes(("numeric", numeric(12, 2)), ("numeric", numeric(14, 2))));
        assert!(observed_passes(("numeric", numeric(12, 2)), ("numeric", numeric(14, 4))));
        assert!(observed_passes(("numeric", numeric(12, 2)), ("numeric", -1)));
        assert!(!observed_passes(("numeric", numeric(12, 2)), ("numeric", numeric(12, 4))));
        assert!(!observed_passes(("numeric", numeric(12, 2)), ("numeric", numeric(12, 1))));
        assert!(!observed_passes(("numeric", -1), ("numeric", numeric(12, 2))));
    }

    #[test]
    fn integers_do_not_widen_because_readers_notice() {
        assert!(!observed_passes(("int4", -1), ("int8", -1)));
    }

    #[test]
    fn a_declared_type_must_stay_that_type() {
        let declare = |name: &str, modifier| {
            let types = vec![DeclaredType { name: TypeName::builtin(name), modifier }];
            claimed_as(Declared { types, ..Declared::default() })
        };
        assert!(check(&declare("varchar", varchar(40)), &column("c", "varchar", varchar(40))).is_none());
        let finding = check(&declare("varchar", varchar(40)), &column("c", "varchar", varchar(80))).unwrap();
        assert_eq!(
            (finding.expected.as_str(), finding.actual.as_str()),
            ("character varying(40)", "character varying(80)")
        );
        assert!(check(&declare("varchar", -1), &column("c", "varchar", varchar(80))).is_none());
        assert!(check(&declare("varchar", -1), &column("c", "text", -1)).is_some());
    }

    #[test]
    fn any_of_several_declared_types_will_do() {
        let types = ["int4", "int8"].map(|name| DeclaredType { name: TypeName::builtin(name), modifier: -1 }).to_vec();
        let mut claimed = claimed_as(Declared { types, ..Declared::default() });
        claimed.observed = Some(Shape::of(&column("c", "int8", -1)));
        assert!(check(&claimed, &column("c", "int4", -1)).is_none(), "also back again");
        assert!(check(&claimed, &column("c", "int8", -1)).is_none());
        assert_eq!(check(&claimed, &column("c", "text", -1)).unwrap().expected, "integer or bigint");
    }

    #[test]
    fn a_type_of_the_same_name_in_another_schema_is_another_type() {
        let mut other = column("c", "text", -1);
        let claimed = observed(&other);
        other.r#type = std::rc::Rc::new(crate::types::Type {
            name: std::rc::Rc::new(TypeName { schema: "evil".into(), name: "text".into(), array: false }),
            kind: 'b',
            base: None,
            not_null: false,
            has_default: false,
            labels: Rc::default(),
        });
        assert_eq!(check(&claimed, &other).unwrap().actual, "evil.text");
    }

    #[test]
    fn another_type_that_takes_the_name_is_another_type() {
        let domain_over = |base: &str, modifier| {
            let mut column = column("c", "text", -1);
            column.r#type = std::rc::Rc::new(crate::types::Type {
                name: std::rc::Rc::new(TypeName { schema: "app".into(), name: "d".into(), array: false }),
                kind: 'd',
                base: Some((std::rc::Rc::new(TypeName::builtin(base)), modifier)),
                not_null: false,
                has_default: false,
                labels: Rc::default(),
            });
            column
        };
        let claimed = observed(&domain_over("varchar", varchar(40)));
        assert!(check(&claimed, &domain_over("varchar", varchar(80))).is_none());
        let finding = check(&claimed, &domain_over("int4", -1)).unwrap();
        assert_eq!(finding.actual, "app.d, a domain over integer");
    }
}
