//! Columns that a new table has from its parents: `MergeAttributes`.

use super::column::{Definition, column};
use super::context::{Context, Refusal};
use crate::catalog::Filled;
use crate::simulate::world::Column;

/// The version from which partitions have the identity of their table.
const PARTITIONS_HAVE_IDENTITY: u32 = 170_000;

/// The columns of a new table, and where the defaults come from that it has from a parent: table and column.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    pub(super) columns: Vec<Column>,
    pub(super) defaults: Vec<(i16, (u32, i16))>,
}

/// The columns that parents give.
pub(super) fn columns(cx: &Context, parents: &[u32], partition: bool) -> Result<Inherited, Refusal> {
    let mut inherited = Inherited::default();
    for parent in parents {
        for given in &cx.relation(*parent).columns {
            if let Some(known) = inherited.columns.iter_mut().find(|known| known.name == given.name) {
                if (known.r#type, known.modifier) != (given.r#type, given.modifier) {
                    return Refusal::fails(format!("inherited column \"{}\" has a type conflict", given.name));
                }
                known.inherited += 1;
                known.not_null |= given.not_null;
                continue;
            }
            let number = i16::try_from(inherited.columns.len() + 1).unwrap_or(i16::MAX);
            let identity = partition && cx.world().server_version >= PARTITIONS_HAVE_IDENTITY;
            let filled = match given.filled {
                Filled::Identity | Filled::IdentityAlways if !identity => Filled::Nothing,
                filled => filled,
            };
            if matches!(filled, Filled::Default | Filled::Generated) {
                inherited.defaults.push((number, (*parent, given.number)));
            }
            inherited.columns.push(Column {
                number,
                filled,
                local: false,
                inherited: 1,
                acl: Vec::new(),
                ..given.clone()
            });
        }
    }
    Ok(inherited)
}

impl Inherited {
    /// Adds the table's own columns; what a parent has given already is merged.
    pub(super) fn merge(&mut self, definitions: &[Definition], partition: bool) -> Result<(), Refusal> {
        for definition in definitions {
            let Some(known) = self.columns.iter_mut().find(|known| known.name == definition.name) else {
                let number = i16::try_from(self.columns.len() + 1).unwrap_or(i16::MAX);
                self.columns.push(column(definition, number)?);
                continue;
            };
            if let Some(r#type) = definition.r#type
                && (r#type.oid, r#type.modifier) != (known.r#type, known.modifier)
            {
                return Refusal::fails(format!("column \"{}\" has a type conflict", definition.name));
            }
            known.local = !partition;
            known.not_null |= definition.not_null;
            if definition.filled != Filled::Nothing {
                known.filled = definition.filled;
                let number = known.number;
                self.defaults.retain(|(of, _)| *of != number);
            }
        }
        let most = 1600;
        if self.columns.len() > most {
            return Refusal::fails(format!("tables can have at most {most} columns"));
        }
        Ok(())
    }

    /// The number of a column.
    pub(super) fn number(&self, name: &str) -> i16 {
        self.columns.iter().find(|column| column.name == name).map_or(0, |column| column.number)
    }

    /// Whether a column is NOT NULL.
    pub(super) fn is_not_null(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name && column.not_null)
    }
}
