//! What names mean in a query: the items of FROM, level by level.

use crate::simulate::world::Object;

use super::operator::Value;
use super::{Analyser, Output, Target};
use crate::simulate::apply::Refusal;

/// What FROM names.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    /// The name by which its columns are qualified.
    pub name: Option<String>,
    /// Its schema, unless it has an alias.
    pub schema: Option<String>,
    /// Its columns.
    pub columns: Vec<ItemColumn>,
    /// Why there may be others.
    pub incomplete: Option<String>,
    /// The OID of the row type, if it is a relation.
    pub row_type: u32,
    /// It is inside a join with an alias: only through that.
    pub hidden: bool,
}

#[derive(Debug, Clone)]
pub(super) struct ItemColumn {
    pub name: String,
    pub value: Option<Value>,
    /// The columns of relations that it is.
    pub uses: Vec<Object>,
}

/// A column of an item; without a column, what of it is not known.
pub(super) type Place = (usize, Option<usize>);

/// One query's FROM.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    pub items: Vec<Item>,
    /// What `*` stands for, and where a name without a qualifier is looked for.
    pub star: Vec<Place>,
    /// Columns that were used outside of aggregates.
    pub ungrouped: Vec<Object>,
}

/// What became of looking for a name.
pub(super) enum Found {
    Column(ItemColumn),
    Whole(Item),
    /// It may be in something whose columns are not known.
    Perhaps(String),
    Nothing,
}

impl Level {
    pub fn push(&mut self, item: Item) -> Vec<Place> {
        let at = self.items.len();
        let mut places: Vec<Place> = (0..item.columns.len()).map(|column| (at, Some(column))).collect();
        if item.incomplete.is_some() {
            places.push((at, None));
        }
        self.items.push(item);
        places
    }

    pub fn has(&self, name: &str) -> bool {
        self.star
            .iter()
            .any(|(item, column)| column.is_some_and(|column| self.items[*item].columns[column].name == name))
    }

    pub fn column(&self, (item, column): Place) -> Option<&ItemColumn> {
        column.map(|column| &self.items[item].columns[column])
    }

    fn unqualified(&self, name: &str) -> Result<Found, Refusal> {
        let mut found = self.star.iter().filter_map(|place| self.column(*place)).filter(|column| column.name == name);
        if let Some(column) = found.next() {
            return match found.next() {
                Some(_) => Refusal::fails(format!("column reference \"{name}\" is ambiguous")),
                None => Ok(Found::Column(column.clone())),
            };
        }
        let item = self.items.iter().find(|item| !item.hidden && item.name.as_deref() == Some(name));
        if let Some(item) = item {
            return Ok(Found::Whole(item.clone()));
        }
        let unsure = self.star.iter().find(|(_, column)| column.is_none());
        Ok(match unsure.and_then(|(item, _)| self.items[*item].incomplete.clone()) {
            Some(why) => Found::Perhaps(why),
            None => Found::Nothing,
        })
    }

    fn item(&self, schema: Option<&str>, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| {
            !item.hidden && item.name.as_deref() == Some(name) && (schema.is_none() || item.schema.as_deref() == schema)
        })
    }
}

impl Item {
    fn find(&self, name: &str) -> Result<Found, Refusal> {
        match self.columns.iter().find(|column| column.name == name) {
            Some(column) => Ok(Found::Column(column.clone())),
            None => match &self.incomplete {
                Some(why) => Ok(Found::Perhaps(why.clone())),
                None => {
                    let item = self.name.as_deref().unwrap_or_default();
                    Refusal::fails(format!("column {item}.{name} does not exist"))
                }
            },
        }
    }
}

const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"];

impl Analyser<'_, '_> {
    /// A name without a qualifier, from the innermost query outwards.
    pub fn look_up(&mut self, name: &str) -> Result<Found, Refusal> {
        let mut perhaps = None;
        for at in (0..self.levels.len()).rev() {
            match self.levels[at].unqualified(name)? {
                Found::Nothing => {}
                Found::Perhaps(why) => perhaps = perhaps.or(Some(why)),
                found if perhaps.is_none() => return Ok(self.used(at, found)),
                _ => break,
            }
        }
        match perhaps {
            Some(why) => Ok(Found::Perhaps(why)),
            None if SYSTEM_COLUMNS.contains(&name) => Ok(Found::Perhaps(format!("{name} is a system column"))),
            None => Refusal::fails(format!("column \"{name}\" does not exist")),
        }
    }

    /// `item.name`; `None` if there is no such item.
    pub fn look_up_in(&mut self, schema: Option<&str>, item: &str, name: &str) -> Result<Option<Found>, Refusal> {
        for at in (0..self.levels.len()).rev() {
            let Some(item) = self.levels[at].item(schema, item) else { continue };
            if SYSTEM_COLUMNS.contains(&name) && item.row_type != 0 {
                return Ok(Some(Found::Perhaps(format!("{name} is a system column"))));
            }
            let found = item.find(name)?;
            return Ok(Some(self.used(at, found)));
        }
        Ok(None)
    }

    /// `item`, whole.
    pub fn look_up_item(&self, schema: Option<&str>, item: &str) -> Option<Item> {
        self.levels.iter().rev().find_map(|level| level.item(schema, item)).cloned()
    }

    fn used(&mut self, level: usize, found: Found) -> Found {
        if let Found::Column(column) = &found {
            self.uses.extend(column.uses.iter().copied());
            if self.aggregates == 0 {
                self.levels[level].ungrouped.extend(column.uses.iter().copied());
            }
        }
        found
    }

    /// `*`.
    pub fn all_columns(&mut self) -> Output {
        let Some(level) = self.levels.last() else { return Output::default() };
        let mut output = Output::default();
        let mut used = Vec::new();
        for place in &level.star {
            match level.column(*place) {
                Some(column) => {
                    used.extend(column.uses.iter().copied());
                    output.columns.push(Target { name: column.name.clone(), value: column.value });
                }
                None => output.incomplete = output.incomplete.or_else(|| level.items[place.0].incomplete.clone()),
            }
        }
        self.uses.extend(used.iter().copied());
        self.level().ungrouped.extend(used);
        output
    }

    /// `item.*`.
    pub fn columns_of(&mut self, item: Item) -> Output {
        let used: Vec<Object> = item.columns.iter().flat_map(|column| column.uses.iter().copied()).collect();
        self.uses.extend(used.iter().copied());
        self.level().ungrouped.extend(used);
        let columns = item.columns.into_iter().map(|column| Target { name: column.name, value: column.value });
        Output { columns: columns.collect(), incomplete: item.incomplete }
    }
}
