//! ADD COLUMN and ALTER COLUMN.

use squawk_syntax::ast::{self, AstNode};

use super::alter_table::{Target, refuse_kind};
use super::column::{self, Definition};
use super::column_type;
use super::constraint::{self, Adding, depend};
use super::context::{Context, Refusal, relation_object};
use super::type_name::TypeUse;
use super::{drop, expression, not_null};
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Column, Object};

/// ADD COLUMN.
pub(super) fn add(cx: &mut Context, target: Target, node: &ast::AddColumn) -> Result<(), Refusal> {
    let Target { table, recurse } = target;
    refuse_kind(cx, table, "ADD COLUMN", &['r', 'p', 'f'])?;
    let Some(name) = node.column_name().map(|name| super::resolve::identifier(name.syntax())) else {
        return Refusal::unknown("a name is missing");
    };
    let relation = cx.relation(table).clone();
    if relation.columns.iter().any(|column| column.name == name) {
        let what = format!("column \"{name}\" of relation \"{}\" already exists", relation.name);
        if node.if_not_exists().is_some() {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    }
    if relation.of_type != 0 {
        return Refusal::fails("cannot add column to typed table");
    }
    if relation.partition {
        return Refusal::fails("cannot add column to a partition");
    }
    if !recurse && !cx.world().children(table).is_empty() {
        return Refusal::fails("column must be added to child tables too");
    }
    let mut definition = column::define(cx, name, node.ty(), node.collate(), node.constraints())?;
    // A key makes it NOT NULL before there is anything to check.
    let key = |wanted: &constraint::Wanted| matches!(wanted.kind, constraint::Kind::Key { primary: true, .. });
    definition.not_null |= definition.constraints.iter().any(key);
    let number = add_to(cx, table, &definition, true)?;
    if let Some(name) = &definition.sequence {
        let relation = cx.relation(table).clone();
        let identity = definition.filled.is_identity();
        if identity && relation.kind != 'f' && !cx.world().children(table).is_empty() {
            return Refusal::fails("cannot recursively add identity column to table that has child tables");
        }
        column::add_sequence(cx, (table, &relation), (&definition.name, number), name.as_ref(), identity)?;
    }
    for child in cx.world().children(table) {
        add_to_child(cx, child, (table, number), &definition)?;
    }
    Ok(())
}

/// Adds the column itself, and notes whether the rows are written anew for it.
fn add_to(cx: &mut Context, table: u32, definition: &Definition, local: bool) -> Result<i16, Refusal> {
    let number = cx.relation(table).last_number + 1;
    let mut column = column::column(definition, number)?;
    column.local = local;
    column.inherited = i16::from(!local);
    let (not_null, r#type) = (column.not_null, column.r#type);
    super::rename::doubt_modifiers(cx, table, std::slice::from_ref(&column));
    cx.change_relation(table, |relation| {
        relation.columns.push(column);
        relation.last_number = number;
    });
    let mut rewrites = definition.sequence.is_some();
    let mut given = rewrites;
    if let Some(node) = &definition.expression {
        let uses = column::add_expression(cx, table, number, definition.filled, node)?;
        rewrites |= if definition.filled == Filled::Generated { !definition.is_virtual } else { uses.volatile };
        given = true;
    }
    let constrained = column_type::has_constraints(cx, r#type);
    rewrites |= constrained && !definition.is_virtual;
    if matches!(cx.relation(table).kind, 'r' | 'm') {
        if given || rewrites {
            column_type::refuse_rewrite(cx, table)?;
        }
        if rewrites {
            cx.effect.rewrites.insert(table);
        } else if not_null && !given {
            cx.effect.scans.insert(table);
        }
    }
    if not_null {
        let own = definition.constraints.iter().find(|wanted| matches!(wanted.kind, constraint::Kind::NotNull(_)));
        let name = own.and_then(|wanted| wanted.name.clone());
        not_null::mark(cx, table, number, name.as_deref(), local, i16::from(!local))?;
    }
    Ok(number)
}

fn add_to_child(cx: &mut Context, child: u32, from: (u32, i16), definition: &Definition) -> Result<(), Refusal> {
    cx.lock(child, LockMode::AccessExclusive);
    let relation = cx.relation(child).clone();
    if let Some(known) = relation.columns.iter().find(|column| column.name == definition.name) {
        let Some(r#type) = definition.r#type else { return Refusal::unknown("a type is missing") };
        if (known.r#type, known.modifier) != (r#type.oid, r#type.modifier) {
            let (table, name) = (&relation.name, &definition.name);
            return Refusal::fails(format!("child table \"{table}\" has different type for column \"{name}\""));
        }
        let number = known.number;
        change_column(cx, child, number, |column| column.inherited += 1);
        return Ok(());
    }
    let number = add_to(cx, child, definition, false)?;
    if definition.sequence.is_some() {
        column::copy_default(cx, from, (child, number))?;
    }
    for grandchild in cx.world().children(child) {
        add_to_child(cx, grandchild, (child, number), definition)?;
    }
    Ok(())
}

pub(super) fn change_column(cx: &mut Context, table: u32, number: i16, change: impl Fn(&mut Column)) {
    cx.change_relation(table, |relation| {
        relation.columns.iter_mut().filter(|column| column.number == number).for_each(change);
    });
}

/// ALTER COLUMN.
pub(super) fn alter(cx: &mut Context, target: Target, node: &ast::AlterColumn) -> Result<(), Refusal> {
    use ast::AlterColumnOption as Option_;
    let Target { table, recurse } = target;
    let Some(name) = node.column_name_ref().map(|name| super::resolve::identifier(name.syntax())) else {
        return Refusal::unknown("a name is missing");
    };
    if cx.relation(table).index.is_some() && matches!(node.option(), Some(Option_::SetStatistics(_))) {
        return Ok(());
    }
    let number = cx.column(table, &name)?;
    let adding = Adding { recurse, empty: false };
    let tables = ['r', 'p', 'f'];
    match node.option() {
        Some(Option_::SetType(node)) => {
            refuse_kind(cx, table, "ALTER COLUMN ... SET TYPE", &tables)?;
            column_type::alter(cx, target, &name, &node)
        }
        Some(Option_::SetNotNull(_)) => {
            refuse_kind(cx, table, "ALTER COLUMN ... SET NOT NULL", &tables)?;
            not_null::set(cx, table, number, None, adding)
        }
        Some(Option_::DropNotNull(_)) => {
            refuse_kind(cx, table, "ALTER COLUMN ... DROP NOT NULL", &tables)?;
            not_null::clear(cx, table, number, recurse)
        }
        Some(Option_::SetDefault(node)) => {
            refuse_kind(cx, table, "ALTER COLUMN ... SET DEFAULT", &['r', 'p', 'f', 'v'])?;
            let column = cx.relation(table).columns.iter().find(|column| column.number == number);
            let of = column.map(|column| TypeUse { oid: column.r#type, modifier: column.modifier });
            let expression = node.expr().filter(|expression| !expression::is_no_default(cx, expression, of));
            set_default(cx, table, &name, expression.as_ref(), recurse)
        }
        Some(Option_::DropDefault(_)) => {
            refuse_kind(cx, table, "ALTER COLUMN ... DROP DEFAULT", &['r', 'p', 'f', 'v'])?;
            set_default(cx, table, &name, None, recurse)
        }
        Some(Option_::AddGenerated(node)) => add_identity(cx, table, &name, &node),
        Some(Option_::DropIdentity(node)) => drop_identity(cx, table, &name, node.if_exists().is_some()),
        Some(
            Option_::SetGenerated(_)
            | Option_::SetGeneratedOptions(_)
            | Option_::SetSequenceOption(_)
            | Option_::Restart(_),
        ) => {
            if !filled(cx, table, number).is_identity() {
                let table = &cx.relation(table).name;
                return Refusal::fails(format!("column \"{name}\" of relation \"{table}\" is not an identity column"));
            }
            let when = node.syntax().descendants().find_map(ast::SetGenerated::cast).map(|node| node.generated_when());
            if let Some(when) = when {
                change_column(cx, table, number, |column| column.filled = column::identity(when.clone()));
            }
            Ok(())
        }
        Some(Option_::DropExpression(node)) => drop_expression(cx, target, &name, node.if_exists().is_some()),
        Some(Option_::SetExpression(node)) => match node.expr() {
            Some(expression) => set_expression(cx, table, &name, &expression),
            None => Refusal::unknown("an expression is missing"),
        },
        Some(
            Option_::SetStatistics(_)
            | Option_::SetStorage(_)
            | Option_::SetCompression(_)
            | Option_::SetOptions(_)
            | Option_::SetOptionsList(_)
            | Option_::ResetOptions(_),
        ) => {
            cx.touch_relation(table);
            Ok(())
        }
        Some(Option_::Inherit(_) | Option_::NoInherit(_)) | None => {
            Refusal::unknown("an ALTER COLUMN of this form is not simulated")
        }
    }
}

fn filled(cx: &Context, table: u32, number: i16) -> Filled {
    let column = cx.relation(table).columns.iter().find(|column| column.number == number);
    column.map_or(Filled::Nothing, |column| column.filled)
}

fn default_object(table: u32, number: i16) -> Object {
    Object { class: Class::Default, oid: table, column: number }
}

fn set_default(
    cx: &mut Context,
    table: u32,
    name: &str,
    expression: Option<&ast::Expr>,
    recurse: bool,
) -> Result<(), Refusal> {
    let number = cx.column(table, name)?;
    let relation = cx.relation(table).name.clone();
    match filled(cx, table, number) {
        Filled::Identity | Filled::IdentityAlways => {
            return Refusal::fails(format!("column \"{name}\" of relation \"{relation}\" is an identity column"));
        }
        Filled::Generated => {
            return Refusal::fails(format!("column \"{name}\" of relation \"{relation}\" is a generated column"));
        }
        Filled::Nothing | Filled::Default => {}
    }
    cx.lock(table, LockMode::AccessExclusive);
    cx.forget_dependencies_of(default_object(table, number));
    let now = if expression.is_some() { Filled::Default } else { Filled::Nothing };
    change_column(cx, table, number, |column| column.filled = now);
    if let Some(expression) = expression {
        let uses = expression::uses(cx, &relation, &[], expression)?;
        depend(cx, default_object(table, number), &uses);
    }
    if recurse {
        for child in cx.world().children(table) {
            set_default(cx, child, name, expression, recurse)?;
        }
    }
    Ok(())
}

fn add_identity(cx: &mut Context, table: u32, name: &str, node: &ast::AddGenerated) -> Result<(), Refusal> {
    refuse_kind(cx, table, "ALTER COLUMN ... ADD IDENTITY", &['r', 'p', 'f'])?;
    let relation = cx.relation(table).clone();
    let number = cx.column(table, name)?;
    let Some(column) = relation.columns.iter().find(|column| column.number == number) else { return Ok(()) };
    let of = format!("column \"{name}\" of relation \"{}\"", relation.name);
    if !column.not_null {
        return Refusal::fails(format!("{of} must be declared NOT NULL before identity can be added"));
    }
    match column.filled {
        Filled::Identity | Filled::IdentityAlways => {
            return Refusal::fails(format!("{of} is already an identity column"));
        }
        Filled::Nothing => {}
        Filled::Default | Filled::Generated => return Refusal::fails(format!("{of} already has a default value")),
    }
    if relation.kind == 'p' && cx.world().server_version >= 170_000 && !cx.world().children(table).is_empty() {
        return Refusal::unknown("an identity column of a table with partitions is not simulated");
    }
    let sequence = column::sequence_name(node.sequence_option_list())?;
    column::add_sequence(cx, (table, &relation), (name, number), sequence.as_ref(), true)?;
    let filled = column::identity(node.generated_when());
    change_column(cx, table, number, |column| column.filled = filled);
    Ok(())
}

fn drop_identity(cx: &mut Context, table: u32, name: &str, if_exists: bool) -> Result<(), Refusal> {
    let number = cx.column(table, name)?;
    if !filled(cx, table, number).is_identity() {
        let what = format!("column \"{name}\" of relation \"{}\" is not an identity column", cx.relation(table).name);
        if if_exists {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    }
    change_column(cx, table, number, |column| column.filled = Filled::Nothing);
    for sequence in cx.world().sequences_of(table) {
        let relation = cx.relation(sequence);
        if relation.identity_sequence && relation.owned_by == Some((table, number)) {
            // No longer a part of the column, so that it can go alone.
            cx.change_relation(sequence, |relation| {
                relation.identity_sequence = false;
                relation.owned_by = None;
            });
            drop::remove(cx, &[relation_object(sequence)], false)?;
        }
    }
    Ok(())
}

fn drop_expression(cx: &mut Context, target: Target, name: &str, if_exists: bool) -> Result<(), Refusal> {
    let Target { table, recurse } = target;
    let number = cx.column(table, name)?;
    if filled(cx, table, number) != Filled::Generated {
        let what = format!("column \"{name}\" of relation \"{}\" is not a generated column", cx.relation(table).name);
        if if_exists {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    }
    let children = cx.world().children(table);
    if !recurse && !children.is_empty() {
        return Refusal::fails("ALTER TABLE / DROP EXPRESSION must be applied to child tables too");
    }
    if cx.relation(table).columns.iter().any(|column| column.number == number && column.inherited > 0) {
        return Refusal::fails("cannot drop generation expression from inherited column");
    }
    clear_expression(cx, table, name)
}

fn clear_expression(cx: &mut Context, table: u32, name: &str) -> Result<(), Refusal> {
    let number = cx.column(table, name)?;
    cx.lock(table, LockMode::AccessExclusive);
    cx.forget_dependencies_of(default_object(table, number));
    change_column(cx, table, number, |column| column.filled = Filled::Nothing);
    for child in cx.world().children(table) {
        clear_expression(cx, child, name)?;
    }
    Ok(())
}

fn set_expression(cx: &mut Context, table: u32, name: &str, node: &ast::Expr) -> Result<(), Refusal> {
    let number = cx.column(table, name)?;
    if cx.world().server_version < 170_000 {
        return Refusal::fails(
            "syntax error at or near \"EXPRESSION\": this server cannot set a generation expression",
        );
    }
    if filled(cx, table, number) != Filled::Generated {
        let table = &cx.relation(table).name;
        return Refusal::fails(format!("column \"{name}\" of relation \"{table}\" is not a generated column"));
    }
    cx.lock(table, LockMode::AccessExclusive);
    cx.forget_dependencies_of(default_object(table, number));
    column::add_expression(cx, table, number, Filled::Generated, node)?;
    cx.effect.rewrites.insert(table);
    for child in cx.world().children(table) {
        set_expression(cx, child, name, node)?;
    }
    Ok(())
}
