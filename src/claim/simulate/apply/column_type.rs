//! ALTER COLUMN ... TYPE: what refuses it, and whether it writes the table anew.

use squawk_syntax::ast::{self, AstNode};

use super::alter_column::change_column;
use super::alter_table::Target;
use super::builtin::{
    BIT, BOOL, BPCHAR, BYTEA, DATE, FLOAT4, FLOAT8, INT2, INT4, INT8, INTERVAL, JSON, JSONB, NUMERIC, OID, REGCLASS,
    TEXT, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, UUID, VARBIT, VARCHAR, XML,
};
use super::column::collation;
use super::context::{Context, Refusal};
use super::expression;
use super::resolve::identifier;
use super::type_name::{self, TypeUse};
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::{AttachmentKind, Class, Object, TypeKind};

const CIDR: u32 = 650;
const INET: u32 = 869;

/// ALTER COLUMN ... TYPE.
pub(super) fn alter(cx: &mut Context, target: Target, name: &str, node: &ast::SetType) -> Result<(), Refusal> {
    let Target { table, recurse } = target;
    let Some(to) = node.ty() else { return Refusal::unknown("a type is missing") };
    let to = type_name::resolve(cx, &to)?;
    let collation = match node.collate() {
        Some(collate) => collation(cx, &collate)?,
        None => cx.world().types.get(&to.oid).map_or(0, |found| found.collation),
    };
    let using = node.using_expr().and_then(|using| using.expr());
    if cx.relation(table).of_type != 0 {
        return Refusal::fails("cannot alter column type of typed table");
    }
    let column = cx.column(table, name)?;
    if cx.relation(table).columns.iter().any(|known| known.number == column && known.inherited > 0) {
        return Refusal::fails(format!("cannot alter inherited column \"{name}\""));
    }
    if !recurse && !cx.world().children(table).is_empty() {
        return Refusal::fails(format!("type of inherited column \"{name}\" must be changed in child tables too"));
    }
    change(cx, table, name, to, collation, using.as_ref())
}

fn change(
    cx: &mut Context,
    table: u32,
    name: &str,
    to: TypeUse,
    collation: u32,
    using: Option<&ast::Expr>,
) -> Result<(), Refusal> {
    cx.lock(table, LockMode::AccessExclusive);
    let relation = cx.relation(table).clone();
    let number = cx.column(table, name)?;
    let Some(column) = relation.columns.iter().find(|column| column.number == number) else { return Ok(()) };
    let from = TypeUse { oid: column.r#type, modifier: column.modifier };
    if let Some(using) = using {
        expression::uses(cx, &relation.name, &relation.columns, using)?;
        if column.filled == Filled::Generated {
            return Refusal::fails(format!("cannot specify USING when altering type of generated column \"{name}\""));
        }
    }
    if using.is_none() && !assignable(from.oid, to.oid) {
        let to = type_text(cx, to);
        return Refusal::fails(format!("column \"{name}\" cannot be cast automatically to type {to}"));
    }
    if column.filled == Filled::Default && !assignable(from.oid, to.oid) {
        let to = type_text(cx, to);
        return Refusal::fails(format!("default for column \"{name}\" cannot be cast automatically to type {to}"));
    }
    refuse_dependents(cx, table, number)?;
    let rewrites = match using {
        Some(using) => through_casts(cx, using, name, from).is_none_or(|last| needs_rewrite(cx, last, to)),
        None => needs_rewrite(cx, from, to),
    };
    if matches!(relation.kind, 'r' | 'm') && rewrites {
        refuse_rewrite(cx, table)?;
        cx.effect.rewrites.insert(table);
    }
    lock_foreign_keys(cx, table, number);
    change_column(cx, table, number, |column| {
        column.r#type = to.oid;
        column.modifier = to.modifier;
        column.collation = collation;
    });
    if to.modifier == type_name::UNSURE_MODIFIER {
        cx.effect.doubt(format!("the modifier of column \"{name}\" is its type's own affair"), [table]);
    }
    for child in cx.world().children(table) {
        change(cx, child, name, to, collation, using)?;
    }
    Ok(())
}

fn type_text(cx: &Context, r#type: TypeUse) -> String {
    cx.world().types.get(&r#type.oid).map_or_else(String::new, |found| found.name.clone())
}

/// Of `USING column::type::type`, what the last cast gives; `None` if it is something else, or a cast changes the value.
fn through_casts(cx: &Context, using: &ast::Expr, name: &str, from: TypeUse) -> Option<TypeUse> {
    match expression::unwrap(using.clone()) {
        ast::Expr::NameRef(column) => (identifier(column.syntax()) == name).then_some(from),
        ast::Expr::CastExpr(cast) => {
            let inner = through_casts(cx, &cast.expr()?, name, from)?;
            let to = type_name::resolve(cx, &cast.ty()?).ok()?;
            (!needs_rewrite(cx, inner, to)).then_some(to)
        }
        _ => None,
    }
}

/// What is built on a column's type and cannot follow.
fn refuse_dependents(cx: &Context, table: u32, column: i16) -> Result<(), Refusal> {
    let world = cx.world();
    for dependency in world.dependents_of(Class::Relation, table) {
        if dependency.on.column != column {
            continue;
        }
        let what = match dependency.dependent {
            Object { class: Class::Relation, oid, .. } => match world.relations.get(&oid).map(|found| found.kind) {
                Some('v' | 'm') => "used by a view or rule",
                _ => continue,
            },
            Object { class: Class::Attachment, oid, .. } => match world.attachments.get(&oid).map(|found| found.kind) {
                Some(AttachmentKind::Rule) => "used by a view or rule",
                Some(AttachmentKind::Trigger) => "used in a trigger definition",
                Some(AttachmentKind::Policy) => "used in a policy definition",
                None => continue,
            },
            Object { class: Class::Function, .. } => "used by a function or procedure",
            Object { class: Class::Default, oid, column: of } if (oid, of) != (table, column) => {
                "used by a generated column"
            }
            _ => continue,
        };
        return Refusal::fails(format!("cannot alter type of a column {what}"));
    }
    Ok(())
}

/// A table whose row type is the type of a column elsewhere cannot be written anew.
pub(super) fn refuse_rewrite(cx: &Context, table: u32) -> Result<(), Refusal> {
    let world = cx.world();
    let row_type = cx.relation(table).row_type;
    let mut types = vec![row_type];
    let mut seen = 0;
    while let Some(found) = types.get(seen).copied() {
        seen += 1;
        let user = world.relations_of_type(found).into_iter().find(|oid| {
            let relation = &world.relations[oid];
            matches!(relation.kind, 'r' | 'm') && relation.columns.iter().any(|column| column.r#type == found)
        });
        if let Some(user) = user {
            let (table, user) = (&cx.relation(table).name, &world.relations[&user].name);
            return Refusal::fails(format!(
                "cannot alter table \"{table}\" because a column of \"{user}\" uses its row type"
            ));
        }
        types.extend(world.types_of_type(found));
    }
    Ok(())
}

/// Foreign keys on the column are made anew.
fn lock_foreign_keys(cx: &mut Context, table: u32, column: i16) {
    let world = cx.world();
    let own = world.constraints_of(table).into_iter().filter(|oid| world.constraints[oid].columns.contains(&column));
    let to = world.foreign_keys_to(table).into_iter().filter(|oid| world.constraints[oid].referenced.contains(&column));
    let others: Vec<u32> = own
        .chain(to)
        .map(|oid| &world.constraints[&oid])
        .filter(|constraint| constraint.kind == 'f')
        .flat_map(|constraint| [constraint.relation, constraint.references])
        .collect();
    for other in others {
        cx.lock(other, LockMode::AccessExclusive);
    }
}

/// Whether a domain has something to check; no other type has.
pub(super) fn has_constraints(cx: &Context, r#type: u32) -> bool {
    let world = cx.world();
    match world.types.get(&r#type).map(|found| &found.kind) {
        Some(TypeKind::Domain { base, not_null, .. }) => {
            *not_null || !world.constraints_of_domain(r#type).is_empty() || has_constraints(cx, *base)
        }
        _ => false,
    }
}

/// A domain's base type, and the modifier that it gives it.
fn base(cx: &Context, r#type: TypeUse) -> TypeUse {
    match cx.world().types.get(&r#type.oid).map(|found| &found.kind) {
        Some(TypeKind::Domain { base: of, modifier, .. }) => base(cx, TypeUse { oid: *of, modifier: *modifier }),
        _ => r#type,
    }
}

/// `ATColumnChangeRequiresRewrite`.
fn needs_rewrite(cx: &Context, from: TypeUse, to: TypeUse) -> bool {
    if from == to {
        return false;
    }
    if has_constraints(cx, to.oid) {
        return true;
    }
    let (from, to) = (base(cx, from), base(cx, to));
    if from.oid != to.oid && !is_binary_coercible(cx, from.oid, to.oid) {
        return true;
    }
    if to.modifier < 0 || from == to {
        return false;
    }
    let same = from.oid == to.oid;
    let longer = from.modifier >= 0 && to.modifier >= from.modifier;
    const FULL_PRECISION: i32 = 6;
    match to.oid {
        VARCHAR | VARBIT => !(same && longer),
        NUMERIC => {
            const HEADER: i32 = 4;
            let parts = |modifier: i32| ((modifier - HEADER) >> 16, (modifier - HEADER) & 0x7ff);
            let ((precision, scale), (old_precision, old_scale)) = (parts(to.modifier), parts(from.modifier));
            !(from.modifier >= HEADER && scale == old_scale && precision >= old_precision)
        }
        TIMESTAMP | TIMESTAMPTZ | TIME | TIMETZ => !(to.modifier >= FULL_PRECISION || longer),
        _ => true,
    }
}

/// Casts WITHOUT FUNCTION, as far as columns meet them.
fn is_binary_coercible(cx: &Context, from: u32, to: u32) -> bool {
    let name = |oid: u32| cx.world().types.get(&oid).map_or("", |found| found.name.as_str());
    let is_citext = |oid: u32| name(oid) == "citext";
    let is_registry = |oid: u32| name(oid).starts_with("reg") && oid < super::builtin::FIRST_OF_USERS;
    match (from, to) {
        (TEXT | VARCHAR, TEXT | VARCHAR | BPCHAR) | (XML, TEXT | VARCHAR | BPCHAR) | (CIDR, INET) => true,
        (BIT, VARBIT) | (VARBIT, BIT) | (INT4, OID) | (OID, INT4) => true,
        (from, REGCLASS) if from == OID => true,
        (INT4 | OID, to) if is_registry(to) => true,
        (from, INT4 | OID) if is_registry(from) => true,
        (TEXT | VARCHAR, to) if is_citext(to) => true,
        (from, TEXT | VARCHAR) if is_citext(from) => true,
        _ => false,
    }
}

/// Whether the server casts from one type to the other by assignment. Says yes where it is not known.
fn assignable(from: u32, to: u32) -> bool {
    let is_string = |oid| matches!(oid, TEXT | VARCHAR | BPCHAR);
    let is_number = |oid| matches!(oid, INT2 | INT4 | INT8 | FLOAT4 | FLOAT8 | NUMERIC);
    let is_time = |oid| matches!(oid, DATE | TIME | TIMESTAMP | TIMESTAMPTZ | TIMETZ | INTERVAL);
    let is_document = |oid| matches!(oid, JSON | JSONB);
    let is_known = |oid| {
        is_string(oid) || is_number(oid) || is_time(oid) || is_document(oid) || matches!(oid, BOOL | UUID | BYTEA)
    };
    if from == to || is_string(to) || !is_known(from) || !is_known(to) {
        return true;
    }
    match (from, to) {
        (TIME, INTERVAL) | (INTERVAL, TIME) | (TIME, TIMETZ) | (TIMETZ, TIME) => true,
        (DATE, TIMESTAMP | TIMESTAMPTZ) | (TIMESTAMP | TIMESTAMPTZ, DATE | TIME) | (TIMESTAMPTZ, TIMETZ) => true,
        (TIMESTAMP, TIMESTAMPTZ) | (TIMESTAMPTZ, TIMESTAMP) => true,
        _ => (is_number(from) && is_number(to)) || (is_document(from) && is_document(to)),
    }
}
