//! The names that the server chooses for what is made without one.

use super::context::Context;
use super::resolve::LONGEST_NAME;

/// `makeObjectName`: `name1_name2_label`, the longer of the two names cut until it fits.
fn object_name(name1: &str, name2: Option<&str>, label: Option<&str>) -> String {
    let overhead = name2.map_or(0, |_| 1) + label.map_or(0, |label| label.len() + 1);
    let available = LONGEST_NAME.saturating_sub(overhead);
    let mut length1 = name1.len();
    let mut length2 = name2.map_or(0, str::len);
    while length1 + length2 > available {
        if length1 > length2 {
            length1 -= 1;
        } else {
            length2 -= 1;
        }
    }
    let mut name = clip(name1, length1).to_owned();
    if let Some(name2) = name2 {
        name.push('_');
        name.push_str(clip(name2, length2));
    }
    if let Some(label) = label {
        name.push('_');
        name.push_str(label);
    }
    name
}

fn clip(text: &str, mut length: usize) -> &str {
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    &text[..length]
}

fn numbered(label: &str, pass: usize) -> String {
    if pass == 0 { label.to_owned() } else { format!("{label}{pass}") }
}

/// `ChooseForeignKeyConstraintNameAddition`, `ChooseIndexNameAddition`: the columns, as far as they may ever matter.
pub(super) fn columns_addition<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for column in columns {
        if text.len() > LONGEST_NAME {
            break;
        }
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(column);
    }
    text
}

impl Context<'_> {
    /// Whether a constraint of a relation or domain of this schema has this name.
    fn constraint_is_in_schema(&self, schema: u32, name: &str) -> bool {
        let world = self.world();
        world.constraints_named(name).into_iter().any(|oid| {
            let constraint = &world.constraints[&oid];
            match world.relations.get(&constraint.relation) {
                Some(relation) => relation.schema == schema,
                None => world.types.get(&constraint.domain).is_some_and(|domain| domain.schema == schema),
            }
        })
    }

    /// `ChooseRelationName`: for sequences and indexes.
    pub(crate) fn choose_relation_name(
        &self,
        schema: u32,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        of_constraint: bool,
    ) -> String {
        let taken = |name: &str| {
            self.world().relation_named(schema, name).is_some()
                || (of_constraint && self.constraint_is_in_schema(schema, name))
        };
        let names = (0..).map(|pass| object_name(name1, name2, Some(&numbered(label, pass))));
        names.into_iter().find(|name| !taken(name)).expect("there is always another number")
    }

    /// `ChooseConstraintName`: for constraints without an index. `others` are about to be made.
    pub(crate) fn choose_constraint_name(
        &self,
        schema: u32,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        others: &[String],
    ) -> String {
        let taken = |name: &String| others.contains(name) || self.constraint_is_in_schema(schema, name);
        let names = (0..).map(|pass| object_name(name1, name2, Some(&numbered(label, pass))));
        names.into_iter().find(|name| !taken(name)).expect("there is always another number")
    }

    /// `makeArrayTypeName`.
    pub(crate) fn array_type_name(&self, schema: u32, element: &str) -> String {
        let names = (0..).map(|pass: usize| {
            let label = pass.to_string();
            object_name("", Some(element), (pass > 0).then_some(label.as_str()))
        });
        let taken = |name: &String| self.world().type_named(schema, name).is_some();
        names.into_iter().find(|name| !taken(name)).expect("there is always another number")
    }
}

#[cfg(test)]
mod tests {
    use super::object_name;

    #[test]
    fn names_are_joined_and_the_longer_is_cut() {
        assert_eq!(object_name("t", Some("c"), Some("key")), "t_c_key");
        assert_eq!(object_name("t", None, Some("pkey")), "t_pkey");
        assert_eq!(object_name("", Some("mood"), None), "_mood");
        let long = "a".repeat(60);
        assert_eq!(object_name(&long, Some("bbbbbb"), Some("key")), format!("{}_bbbbbb_key", "a".repeat(52)));
        // At a character's end.
        assert_eq!(object_name(&"ä".repeat(31), None, Some("pkey")), format!("{}_pkey", "ä".repeat(29)));
    }
}
