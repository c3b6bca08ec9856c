//! Options in parentheses: `WITH (name = value)`.

use squawk_syntax::ast::{self, AstNode};

use super::resolve::identifier;

/// The value of an option, as it is written but for its quotes; empty if it has none.
pub(super) fn value(list: Option<ast::AttributeList>, name: &str) -> Option<String> {
    let option = list?
        .attribute_options()
        .find(|option| option.name().is_some_and(|known| identifier(known.syntax()).eq_ignore_ascii_case(name)))?;
    let text = option.attribute_value().map(|value| value.syntax().text().to_string());
    Some(text.unwrap_or_default().trim().trim_matches('\'').to_owned())
}

/// A boolean option; without a value it is on.
pub(super) fn switch(list: Option<ast::AttributeList>, name: &str) -> Option<bool> {
    value(list, name).map(|text| is_on(&text))
}

/// What the server takes for true (`parse_bool`), and nothing is true too.
pub(super) fn is_on(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "" | "true" | "on" | "yes" | "1" | "t" | "y" | "tr" | "tru" | "ye")
}
