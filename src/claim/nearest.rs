//! "Did you mean": the name a slip of the pen was meant to be.

/// The candidate most like `wanted`, if it is near enough to be a slip.
///
/// Letter case costs nothing, so a name that differs by its case alone is the nearest of all. Otherwise about a third of
/// the longer name may differ (one character in a short one), counted as insertions, deletions, substitutions and swapped
/// neighbours. Among equals the one closest in its case wins, then the first. Used as `did you mean "x"?`.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded_wanted = wanted.to_lowercase();
    let wanted_length = folded_wanted.chars().count();
    let mut best: Option<(usize, usize, &'a str)> = None;
    for candidate in candidates {
        let folded = candidate.to_lowercase();
        let length = folded.chars().count();
        let allowed = wanted_length.max(length).max(3) / 3;
        // The distance is never less than the difference in length: most candidates need no matrix.
        if length.abs_diff(wanted_length) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&folded_wanted, &folded);
        // Two names with no character in common are not a slip, however short they are.
        let related = distance < wanted_length.min(length);
        if distance > allowed || !related || best.is_some_and(|(least, ..)| distance > least) {
            continue;
        }
        let exact = strsim::damerau_levenshtein(wanted, candidate);
        if best.is_none_or(|(least, least_exact, _)| (distance, exact) < (least, least_exact)) {
            best = Some((distance, exact, candidate));
        }
    }
    best.map(|(_, _, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use proptest::prelude::*;

    const KEYS: [&str; 6] = ["name", "type", "min_length", "is_nullable", "optional", "alternatives"];

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(nearest("alternative", KEYS), Some("alternatives"));
        assert_eq!(nearest("minLength", KEYS), Some("min_length"));
        assert_eq!(nearest("nullable", KEYS), Some("is_nullable"));
        assert_eq!(nearest("tpye", KEYS), Some("type"));
        assert_eq!(nearest("oder_id", ["order_id", "id"]), Some("order_id"));
    }

    #[test]
    fn letter_case_alone_is_nearest() {
        assert_eq!(nearest("orders", ["orderz", "ORDERS"]), Some("ORDERS"));
        assert_eq!(nearest("order", ["Orders", "orders"]), Some("orders"));
    }

    #[test]
    fn what_is_not_alike_is_not_suggested() {
        assert_eq!(nearest("description", KEYS), None);
        assert_eq!(nearest("a", ["b", "ab"]), None);
        assert_eq!(nearest("", ["a", ""]), None);
        assert_eq!(nearest("orders", []), None);
    }

    proptest! {
        #[test]
        fn never_panics_and_answers_with_a_candidate(wanted: String, candidates: Vec<String>) {
            let found = nearest(&wanted, candidates.iter().map(String::as_str));
            prop_assert!(found.is_none_or(|name| candidates.iter().any(|c| c == name)));
        }

        #[test]
        fn one_missing_character_is_found(name in "[a-z_]{4,63}", at in 0usize..4) {
            let mut wanted = name.clone();
            wanted.remove(at);
            prop_assert_eq!(nearest(&wanted, [name.as_str()]), Some(name.as_str()));
        }
    }
}
