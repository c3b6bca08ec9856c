//! Columns as they are defined: in CREATE TABLE and in ADD COLUMN.

use squawk_syntax::ast::{self, AstNode};

use super::constraint::{Adding, Wanted, depend, wanted};
use super::context::{Context, Refusal, column_object, relation_object};
use super::expression::{self, Uses};
use super::rename::{blank_relation, refuse_taken_relation};
use super::resolve::{Name, identifier, known_name, new_name};
use super::type_name::{self, TypeUse};
use crate::catalog::Filled;
use crate::simulate::world::{Class, Column, Object};

/// A column as it is written.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) name: String,
    /// None for a column of a partition or typed table, whose type is given already.
    pub(super) r#type: Option<TypeUse>,
    pub(super) collation: u32,
    pub(super) not_null: bool,
    pub(super) filled: Filled,
    /// Its DEFAULT, or what it is generated as.
    pub(super) expression: Option<ast::Expr>,
    /// `serial`, or an identity: a sequence comes with it, by this name if one is given.
    pub(super) sequence: Option<Option<Name>>,
    /// A generated column that is computed when it is read.
    pub(super) is_virtual: bool,
    /// Its other constraints, in order.
    pub(super) constraints: Vec<Wanted>,
}

/// `serial` and its kin: the type behind it.
fn serial(node: &ast::Type) -> Option<&'static str> {
    let ast::Type::PathType(path) = node else { return None };
    let reference = path.path_ref()?;
    if reference.qualifier().is_some() || path.arg_list().is_some() {
        return None;
    }
    match identifier(reference.segment()?.syntax()).as_str() {
        "smallserial" | "serial2" => Some("int2"),
        "serial" | "serial4" => Some("int4"),
        "bigserial" | "serial8" => Some("int8"),
        _ => None,
    }
}

/// Reads a column's definition.
pub(super) fn define(
    cx: &Context,
    name: String,
    r#type: Option<ast::Type>,
    collate: Option<ast::Collate>,
    constraints: impl Iterator<Item = ast::Constraint>,
) -> Result<Definition, Refusal> {
    let mut definition = Definition {
        name,
        r#type: None,
        collation: 0,
        not_null: false,
        filled: Filled::Nothing,
        expression: None,
        sequence: None,
        is_virtual: false,
        constraints: Vec::new(),
    };
    match r#type {
        Some(node) => match serial(&node) {
            Some(integer) => {
                let name = Name { schema: Some("pg_catalog".to_owned()), name: integer.to_owned() };
                let Some(oid) = cx.find_type(&name) else { return Refusal::unknown("the integer types are not known") };
                definition.r#type = Some(TypeUse { oid, modifier: -1 });
                definition.not_null = true;
                definition.filled = Filled::Default;
                definition.sequence = Some(None);
            }
            None => definition.r#type = Some(type_name::resolve(cx, &node)?),
        },
        None => definition.r#type = None,
    }
    if let Some(found) = definition.r#type {
        refuse_pseudo_type(cx, &definition.name, found.oid)?;
        definition.collation = cx.world().types.get(&found.oid).map_or(0, |found| found.collation);
    }
    if let Some(collate) = collate {
        definition.collation = collation(cx, &collate)?;
    }
    for node in constraints {
        constraint(cx, &mut definition, &node)?;
    }
    Ok(definition)
}

fn refuse_pseudo_type(cx: &Context, name: &str, oid: u32) -> Result<(), Refusal> {
    match cx.world().types.get(&oid).map(|found| &found.kind) {
        Some(crate::simulate::world::TypeKind::Pseudo) => {
            Refusal::fails(format!("column \"{name}\" has a pseudo-type"))
        }
        _ => Ok(()),
    }
}

/// The collation that is named.
pub(super) fn collation(cx: &Context, node: &ast::Collate) -> Result<u32, Refusal> {
    let name = known_name(node.collation_ref().and_then(|name| name.path_ref()))?;
    let schemas = match &name.schema {
        Some(schema) => vec![cx.schema(schema)?],
        None => cx.path(),
    };
    let collations = &cx.world().collations;
    let in_schema = |schema: &u32| {
        collations.iter().find(|(_, (of, known))| of == schema && *known == name.name).map(|(oid, _)| *oid)
    };
    match schemas.iter().find_map(in_schema) {
        Some(oid) => Ok(oid),
        None => Refusal::fails(format!("collation \"{}\" does not exist", name.display())),
    }
}

fn constraint(cx: &Context, definition: &mut Definition, node: &ast::Constraint) -> Result<(), Refusal> {
    match node {
        ast::Constraint::DefaultConstraint(node) => {
            if definition.sequence.is_some() {
                return Refusal::fails(format!("multiple default values specified for column \"{}\"", definition.name));
            }
            let of = definition.r#type;
            definition.expression = node.expr().filter(|expression| !expression::is_no_default(cx, expression, of));
            definition.filled = if definition.expression.is_some() { Filled::Default } else { Filled::Nothing };
        }
        ast::Constraint::GeneratedConstraint(node) => match node.generated_as() {
            Some(ast::GeneratedAs::GeneratedIdentity(identity)) => {
                definition.not_null = true;
                definition.filled = self::identity(identity.generated_when());
                definition.sequence = Some(sequence_name(identity.sequence_option_list())?);
            }
            Some(ast::GeneratedAs::GeneratedStored(stored)) => {
                definition.expression = stored.expr();
                definition.filled = Filled::Generated;
                definition.is_virtual = !matches!(stored.generated_kind(), Some(ast::GeneratedKind::Stored(_)));
            }
            None => return Refusal::unknown("a generated column of this form is not simulated"),
        },
        ast::Constraint::NotNullConstraint(_) => {
            definition.not_null = true;
            definition.constraints.extend(wanted(node, Some(&definition.name))?);
        }
        _ => definition.constraints.extend(wanted(node, Some(&definition.name))?),
    }
    Ok(())
}

/// Which identity column it is.
pub(super) fn identity(when: Option<ast::GeneratedWhen>) -> Filled {
    match when {
        Some(ast::GeneratedWhen::GeneratedByDefault(_)) => Filled::Identity,
        _ => Filled::IdentityAlways,
    }
}

/// SEQUENCE NAME among the options of an identity column.
pub(super) fn sequence_name(options: Option<ast::SequenceOptionList>) -> Result<Option<Name>, Refusal> {
    for option in options.iter().flat_map(|list| list.sequence_options()) {
        if let ast::SequenceOption::OptionSequenceName(name) = option {
            return new_name(name.sequence().and_then(|sequence| sequence.path())).map(Some);
        }
    }
    Ok(None)
}

/// The column that a definition makes, without what is known only when the table is there.
pub(super) fn column(definition: &Definition, number: i16) -> Result<Column, Refusal> {
    let Some(r#type) = definition.r#type else {
        return Refusal::fails(format!("column \"{}\" does not exist", definition.name));
    };
    Ok(Column {
        number,
        name: definition.name.clone(),
        r#type: r#type.oid,
        modifier: r#type.modifier,
        not_null: definition.not_null,
        filled: definition.filled,
        collation: definition.collation,
        local: true,
        inherited: 0,
        acl: Vec::new(),
    })
}

/// The sequence of a serial or identity column. The table need not be there yet.
pub(super) fn add_sequence(
    cx: &mut Context,
    table: (u32, &crate::simulate::world::Relation),
    column: (&str, i16),
    name: Option<&Name>,
    identity: bool,
) -> Result<u32, Refusal> {
    let (table, relation) = table;
    let schema = match name {
        Some(name @ Name { schema: Some(_), .. }) => cx.creation_schema(name)?,
        _ => relation.schema,
    };
    let name = match name {
        Some(name) => name.name.clone(),
        None => cx.choose_relation_name(schema, &relation.name, Some(column.0), "seq", false),
    };
    refuse_taken_relation(cx, schema, &name)?;
    let oid = cx.new_oid();
    let mut sequence = blank_relation(schema, name, 'S', relation.owner);
    sequence.temporary = relation.temporary;
    sequence.unlogged = relation.unlogged;
    sequence.owned_by = Some((table, column.1));
    sequence.identity_sequence = identity;
    sequence.acl = cx.initial_privileges('S', schema);
    cx.add_relation(oid, sequence);
    if !identity {
        let default = Object { class: Class::Default, oid: table, column: column.1 };
        cx.depend(default, relation_object(oid), false);
    }
    Ok(oid)
}

/// What a column's default, or what it is generated as, rests on. The table is there.
pub(super) fn add_expression(
    cx: &mut Context,
    table: u32,
    number: i16,
    filled: Filled,
    node: &ast::Expr,
) -> Result<Uses, Refusal> {
    let relation = cx.relation(table).clone();
    let default = Object { class: Class::Default, oid: table, column: number };
    let generated = filled == Filled::Generated;
    let columns = if generated { relation.columns.as_slice() } else { &[] };
    let uses = expression::uses(cx, &relation.name, columns, node)?;
    for used in &uses.columns {
        if *used == number {
            return Refusal::fails("a generated column cannot use itself");
        }
        cx.depend(default, column_object(table, *used), false);
    }
    depend(cx, default, &uses);
    Ok(uses)
}

/// A column in the children gets what its parent's has: a default, and what that rests on.
pub(super) fn copy_default(cx: &mut Context, from: (u32, i16), to: (u32, i16)) -> Result<(), Refusal> {
    let default = Object { class: Class::Default, oid: to.0, column: to.1 };
    for dependency in cx.world().dependencies_of(Class::Default, from.0) {
        if dependency.dependent.column != from.1 {
            continue;
        }
        let mut on = dependency.on;
        if on.class == Class::Relation && on.oid == from.0 && on.column != 0 {
            let mapped = super::constraint::map_columns(cx, from.0, to.0, &[on.column])?;
            on = column_object(to.0, mapped.first().copied().unwrap_or(0));
        }
        cx.depend(default, on, dependency.automatic);
    }
    Ok(())
}

/// Constraints of a column, in the order in which the server makes them: CHECK, keys, foreign keys.
pub(super) fn in_order(constraints: &[Wanted]) -> Vec<Wanted> {
    use super::constraint::Kind;
    let rank = |wanted: &Wanted| match wanted.kind {
        Kind::NotNull(_) => 0,
        Kind::Check(_) => 1,
        Kind::Key { primary: true, .. } | Kind::UsingIndex { primary: true, .. } => 2,
        Kind::Key { .. } | Kind::UsingIndex { .. } | Kind::Exclusion(_) => 3,
        Kind::ForeignKey { .. } => 4,
    };
    let mut sorted = constraints.to_vec();
    sorted.sort_by_key(rank);
    merge_keys(&mut sorted);
    sorted
}

/// `transformIndexConstraints`: keys that say the same are one.
fn merge_keys(constraints: &mut Vec<Wanted>) {
    use super::constraint::Kind;
    let mut kept: Vec<Wanted> = Vec::new();
    for wanted in constraints.drain(..) {
        if let Kind::Key { columns, include, .. } = &wanted.kind {
            let alike = kept.iter_mut().find(|known| {
                known.deferrable == wanted.deferrable
                    && matches!(&known.kind, Kind::Key { columns: c, include: i, .. } if c == columns && i == include)
            });
            let second_primary = matches!(wanted.kind, Kind::Key { primary: true, .. });
            if let Some(alike) = alike
                && !second_primary
            {
                if alike.name.is_none() {
                    alike.name = wanted.name;
                }
                continue;
            }
        }
        kept.push(wanted);
    }
    *constraints = kept;
}

/// Adds constraints to a new table or for a new column.
pub(super) fn add_constraints(
    cx: &mut Context,
    table: u32,
    constraints: &[Wanted],
    adding: Adding,
) -> Result<(), Refusal> {
    in_order(constraints).iter().try_for_each(|wanted| super::constraint::add(cx, table, wanted, adding))
}
