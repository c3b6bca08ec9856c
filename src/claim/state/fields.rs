//! Claimed fields as JSON text.

use std::io::Write;

use super::{ClaimedColumn, ClaimedField, Shape, Status, Strictness};
use crate::privilege::PrivilegeSet;
use crate::types::{CATALOG_SCHEMA, is_no_modifier};

/// Writes what `serde_json::to_string` gives for `fields`.
///
/// Columns that are as most are (named alone, met, of a built-in type) are written by hand: a claim on a thousand relations
/// stores ten thousand of them, and serde takes more for them than all else about them takes.
///
/// # Errors
/// None that writing to memory has.
pub fn write_fields(fields: &[ClaimedField], to: &mut Vec<u8>) -> serde_json::Result<()> {
    to.push(b'[');
    for (number, field) in fields.iter().enumerate() {
        if number > 0 {
            to.push(b',');
        }
        match field {
            ClaimedField { optional: false, columns, status: Status::Met } => match columns.as_slice() {
                [column] if is_plain(column) => {
                    to.extend_from_slice(b"{\"columns\":[");
                    write_plain(column, to)?;
                    to.extend_from_slice(b"]}");
                }
                _ => serde_json::to_writer(&mut *to, field)?,
            },
            _ => serde_json::to_writer(&mut *to, field)?,
        }
    }
    to.push(b']');
    Ok(())
}

/// Whether nothing but the name and the shape of a column is written.
fn is_plain(column: &ClaimedColumn) -> bool {
    column.declared.is_none()
        && column.strictness == Strictness::default()
        && column.privileges == PrivilegeSet::SELECT
        && column.status == Status::Met
        && column.observed.as_ref().is_none_or(|shape| {
            let Shape { r#type, modifier: _, not_null: _, nature } = shape;
            r#type.schema == CATALOG_SCHEMA && !r#type.array && nature.is_none()
        })
}

fn write_plain(column: &ClaimedColumn, to: &mut Vec<u8>) -> serde_json::Result<()> {
    to.extend_from_slice(b"{\"name\":");
    write_text(&column.name, to)?;
    if let Some(shape) = &column.observed {
        to.extend_from_slice(b",\"observed\":{\"type\":");
        write_text(&shape.r#type.name, to)?;
        if !is_no_modifier(&shape.modifier) {
            write!(to, ",\"modifier\":{}", shape.modifier).map_err(serde_json::Error::io)?;
        }
        if shape.not_null {
            to.extend_from_slice(b",\"not_null\":true");
        }
        to.push(b'}');
    }
    to.push(b'}');
    Ok(())
}

fn write_text(text: &str, to: &mut Vec<u8>) -> serde_json::Result<()> {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if !text.bytes().all(is_plain) {
        return serde_json::to_writer(to, text);
    }
    to.push(b'"');
    to.extend_from_slice(text.as_bytes());
    to.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use proptest::prelude::*;

    use super::*;
    use crate::privilege::Privilege;
    use crate::state::{Declared, Nature};
    use crate::types::TypeName;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z_]{1,8}", "[\\x00-\\x7f]{0,4}", "\\PC{0,4}"]
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let schema = prop_oneof![4 => Just(CATALOG_SCHEMA.to_owned()), 1 => text()];
        let nature = prop::option::weighted(0.2, any::<char>().prop_map(|kind| Box::new(Nature { kind, base: None })));
        let modifier = prop_oneof![Just(-1), any::<i32>()];
        (schema, text(), prop::bool::weighted(0.2), modifier, any::<bool>(), nature).prop_map(
            |(schema, name, array, modifier, not_null, nature)| Shape {
                r#type: Rc::new(TypeName { schema, name, array }),
                modifier,
                not_null,
                nature,
            },
        )
    }

    fn statuses() -> impl Strategy<Value = Status> {
        prop_oneof![6 => Just(Status::Met), 1 => Just(Status::Unmet), 1 => Just(Status::Pending)]
    }

    fn columns() -> impl Strategy<Value = ClaimedColumn> {
        let declared = prop::option::weighted(
            0.2,
            any::<u32>().prop_map(|length| Box::new(Declared { max_length: Some(length), ..Declared::default() })),
        );
        let strictness = prop_oneof![4 => Just(Strictness::Tracked), 1 => Just(Strictness::Pinned)];
        let writes = PrivilegeSet::SELECT.with(Privilege::Insert);
        let privileges = prop_oneof![4 => Just(PrivilegeSet::SELECT), 1 => Just(writes)];
        (text(), declared, strictness, privileges, prop::option::of(shapes()), statuses()).prop_map(
            |(name, declared, strictness, privileges, observed, status)| ClaimedColumn {
                name: name.into(),
                declared,
                strictness,
                privileges,
                observed,
                status,
            },
        )
    }

    fn fields() -> impl Strategy<Value = ClaimedField> {
        let optional = prop::bool::weighted(0.2);
        (optional, prop::collection::vec(columns(), 0..3), statuses())
            .prop_map(|(optional, columns, status)| ClaimedField { optional, columns, status })
    }

    proptest! {
        #[test]
        fn by_hand_is_written_what_serde_writes(fields in prop::collection::vec(fields(), 0..4)) {
            let mut by_hand = Vec::new();
            write_fields(&fields, &mut by_hand).unwrap();
            prop_assert_eq!(String::from_utf8(by_hand).unwrap(), serde_json::to_string(&fields).unwrap());
        }
    }

    #[test]
    fn most_columns_are_plain() {
        let observed =
            Shape { r#type: Rc::new(TypeName::builtin("numeric")), modifier: 786_438, not_null: true, nature: None };
        let column = ClaimedColumn { name: "a \"b\"".into(), observed: Some(observed), ..ClaimedColumn::default() };
        assert!(is_plain(&column));
        let mut text = Vec::new();
        let field = ClaimedField { optional: false, columns: vec![column], status: Status::Met };
        write_fields(&[field.clone(), field], &mut text).unwrap();
        let one = r#"{"columns":[{"name":"a \"b\"","observed":{"type":"numeric","modifier":786438,"not_null":true}}]}"#;
        assert_eq!(String::from_utf8(text).unwrap(), format!("[{one},{one}]"));
    }
}
