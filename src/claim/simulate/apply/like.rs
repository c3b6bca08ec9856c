//! LIKE in CREATE TABLE: what is copied from another table.

use squawk_syntax::ast;

use super::column::{self, Definition};
use super::constraint::{copy_dependencies, map_columns};
use super::context::{Context, Refusal};
use super::index::{self, IndexDefinition};
use super::key;
use super::resolve::known_name;
use super::table::NEW;
use super::type_name::TypeUse;
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Column, Constraint};

/// One LIKE.
#[derive(Debug, Clone, Default)]
pub(super) struct Like {
    source: u32,
    constraints: bool,
    defaults: bool,
    generated: bool,
    identity: bool,
    indexes: bool,
}

/// Reads a LIKE.
pub(super) fn before(cx: &mut Context, node: &ast::LikeClause) -> Result<Like, Refusal> {
    let name = known_name(node.relation_name_ref().and_then(|name| name.path_ref()))?;
    let source = cx.relation_of(&name)?;
    if !matches!(cx.relation(source).kind, 'r' | 'p' | 'v' | 'm' | 'f' | 'c') {
        return Refusal::fails(format!("relation \"{}\" is invalid in LIKE clause", name.name));
    }
    if let Some(why) = &cx.relation(source).uncertain {
        return Refusal::unknown(format!("the columns of \"{}\" are not known: {why}", name.name));
    }
    if cx.relation(source).kind != 'c' {
        cx.lock(source, LockMode::AccessShare);
    }
    let mut like = Like { source, ..Like::default() };
    for option in node.like_options() {
        let (property, include) = match option {
            ast::LikeOption::IncludingProperty(option) => (option.table_property(), true),
            ast::LikeOption::ExcludingProperty(option) => (option.table_property(), false),
        };
        match property {
            Some(ast::TableProperty::PropertyAll(_)) => {
                let all = include;
                like = Like { source, constraints: all, defaults: all, generated: all, identity: all, indexes: all };
            }
            Some(ast::TableProperty::PropertyConstraints(_)) => like.constraints = include,
            Some(ast::TableProperty::PropertyDefaults(_)) => like.defaults = include,
            Some(ast::TableProperty::PropertyGenerated(_)) => like.generated = include,
            Some(ast::TableProperty::PropertyIdentity(_)) => like.identity = include,
            Some(ast::TableProperty::PropertyIndexes(_)) => like.indexes = include,
            _ => {}
        }
    }
    Ok(like)
}

/// A column as it is copied, with type and NOT NULL only.
pub(super) fn definition(column: &Column) -> Definition {
    Definition {
        name: column.name.clone(),
        r#type: Some(TypeUse { oid: column.r#type, modifier: column.modifier }),
        collation: column.collation,
        not_null: column.not_null,
        filled: Filled::Nothing,
        expression: None,
        sequence: None,
        is_virtual: false,
        constraints: Vec::new(),
    }
}

impl Like {
    /// The columns that it gives.
    pub(super) fn definitions(&self, cx: &Context) -> Vec<Definition> {
        let copy = |column: &Column| {
            let mut definition = definition(column);
            let copied = match column.filled {
                Filled::Nothing => true,
                Filled::Default => self.defaults,
                Filled::Generated => self.generated,
                Filled::Identity | Filled::IdentityAlways => self.identity,
            };
            if copied {
                definition.filled = column.filled;
                definition.sequence = column.filled.is_identity().then_some(None);
            }
            definition
        };
        cx.relation(self.source).columns.iter().map(copy).collect()
    }
}

/// What is copied once the columns are there: what defaults rest on, CHECK constraints.
pub(super) fn after(cx: &mut Context, table: u32, likes: &[Like]) -> Result<(), Refusal> {
    for like in likes {
        let source = cx.relation(like.source).clone();
        for given in &source.columns {
            let copied = match given.filled {
                Filled::Default => like.defaults,
                Filled::Generated => like.generated,
                _ => false,
            };
            if copied {
                let number = cx.column(table, &given.name)?;
                column::copy_default(cx, (like.source, given.number), (table, number))?;
            }
        }
        for oid in cx.world().constraints_of(like.source) {
            let constraint = cx.world().constraints[&oid].clone();
            if !like.constraints || constraint.kind != 'c' {
                continue;
            }
            super::constraint::refuse_taken(cx, table, &constraint.name)?;
            let columns = map_columns(cx, like.source, table, &constraint.columns)?;
            let tested =
                constraint.checks_not_null.map(|column| map_columns(cx, like.source, table, &[column])).transpose()?;
            let copy = cx.add_constraint(Constraint {
                relation: table,
                columns,
                checks_not_null: tested.and_then(|columns| columns.first().copied()),
                validated: true,
                local: true,
                inherited: 0,
                ..constraint
            });
            copy_dependencies(cx, Class::Constraint, oid, copy);
        }
    }
    Ok(())
}

/// The indexes that are copied, and the constraints that they are of. Their names are chosen anew.
pub(super) fn indexes(cx: &mut Context, table: u32, likes: &[Like]) -> Result<(), Refusal> {
    for like in likes.iter().filter(|like| like.indexes) {
        for oid in cx.world().indexes_of(like.source) {
            let Some(source) = cx.relation(oid).index.clone() else { continue };
            let keys = map_columns(cx, like.source, table, &source.columns)?;
            let uses: Vec<i16> = source.uses.iter().copied().collect();
            let uses = map_columns(cx, like.source, table, &uses)?;
            let name = |number: i16| {
                let column = cx.relation(table).columns.iter().find(|column| column.number == number);
                column.map_or_else(|| "expr".to_owned(), |column| column.name.clone())
            };
            let mut definition = IndexDefinition::new(None);
            definition.unique = source.unique;
            definition.primary = source.primary;
            definition.immediate = source.immediate;
            definition.partial = source.partial;
            definition.keys = index::copied_keys(cx, table, &source, &keys);
            if !source.partial && !keys.contains(&0) {
                let extra = uses.iter().filter(|number| !keys.contains(number));
                definition.include = extra.map(|number| (*number, name(*number))).collect();
            }
            definition.uses.columns = uses.into_iter().collect();
            definition.uses.objects =
                cx.world().dependencies_of(Class::Relation, oid).into_iter().map(|dependency| dependency.on).collect();
            let kind = key::constraint_of_index(cx, oid).map(|constraint| cx.world().constraints[&constraint].kind);
            match kind {
                Some(kind) => key::add_with_index(cx, table, kind, definition, NEW)?,
                None => drop(index::create(cx, table, &definition, None, NEW)?),
            }
        }
    }
    Ok(())
}
