//! CREATE TYPE, ALTER TYPE.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal, column_object};
use super::resolve::{Name, identifier, known_name, new_name};
use super::type_name::{self, UNSURE_MODIFIER};
use super::{column, column_type, drop, options, rename};
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Class, Column, Function, Object, Type, TypeKind};

/// A new type with its array; its OID.
pub(super) fn add(cx: &mut Context, schema: u32, name: &str, kind: TypeKind, collation: u32) -> Result<u32, Refusal> {
    rename::make_way_for_type(cx, schema, name)?;
    let (oid, array) = (cx.new_oid(), cx.new_oid());
    let owner = cx.world().user;
    let acl = cx.initial_privileges('T', schema);
    let r#type = |name: String, kind, array| Type { schema, name, owner, kind, array, collation, acl: acl.clone() };
    cx.set_type(oid, r#type(name.to_owned(), kind, array));
    let array_name = cx.array_type_name(schema, name);
    cx.set_type(array, r#type(array_name, TypeKind::Array(oid), 0));
    Ok(oid)
}

/// CREATE TYPE.
pub(super) fn create(cx: &mut Context, node: &ast::CreateType) -> Result<(), Refusal> {
    let name = new_name(node.type_name().and_then(|name| name.path()))?;
    let schema = cx.creation_schema(&name)?;
    match node.kind() {
        Some(ast::CreateTypeKind::EnumType(kind)) => {
            let mut labels: Vec<String> = Vec::new();
            for variant in kind.variant_list().into_iter().flat_map(|list| list.variants()) {
                let label = label(variant.literal())?;
                if labels.contains(&label) {
                    return Refusal::fails(format!("enum label \"{label}\" used more than once"));
                }
                labels.push(label);
            }
            add(cx, schema, &name.name, TypeKind::Enum(labels), 0).map(std::mem::drop)
        }
        Some(ast::CreateTypeKind::CompositeType(kind)) => composite(cx, schema, &name, &kind),
        Some(ast::CreateTypeKind::RangeType(kind)) => range(cx, schema, &name, &kind),
        Some(ast::CreateTypeKind::BaseType(kind)) => {
            let list = kind.attribute_list();
            let collation = match options::switch(list, "collatable") {
                Some(true) => super::builtin::DEFAULT_COLLATION,
                _ => 0,
            };
            match cx.world().type_named(schema, &name.name) {
                // A shell is filled.
                Some(oid) if cx.world().types[&oid].kind == TypeKind::Pseudo => {
                    let array_name = cx.array_type_name(schema, &name.name);
                    let array = cx.new_oid();
                    cx.change_type(oid, |r#type| {
                        r#type.kind = TypeKind::Base;
                        r#type.array = array;
                        r#type.collation = collation;
                    });
                    let mut array_type = cx.world().types[&oid].clone();
                    array_type.name = array_name;
                    array_type.kind = TypeKind::Array(oid);
                    array_type.array = 0;
                    cx.set_type(array, array_type);
                    Ok(())
                }
                Some(_) => Refusal::fails(format!("type \"{}\" already exists", name.name)),
                None => Refusal::fails(format!("type \"{}\" does not exist", name.name)),
            }
        }
        None => {
            rename::make_way_for_type(cx, schema, &name.name)?;
            let oid = cx.new_oid();
            let (owner, acl) = (cx.world().user, cx.initial_privileges('T', schema));
            let kind = TypeKind::Pseudo;
            cx.set_type(oid, Type { schema, name: name.name, owner, kind, array: 0, collation: 0, acl });
            Ok(())
        }
    }
}

fn label(literal: Option<ast::Literal>) -> Result<String, Refusal> {
    match literal.and_then(|literal| literal.string_value()) {
        Some(label) if label.len() > 63 => Refusal::fails(format!("invalid enum label \"{label}\"")),
        Some(label) => Ok(label),
        None => Refusal::unknown("an enum label that is no string"),
    }
}

fn attribute(
    cx: &Context,
    name: String,
    r#type: Option<ast::Type>,
    collate: Option<ast::Collate>,
    number: i16,
) -> Result<Column, Refusal> {
    let Some(r#type) = r#type else { return Refusal::unknown("an attribute without a type") };
    let found = type_name::resolve(cx, &r#type)?;
    let collation = match collate {
        Some(collate) => column::collation(cx, &collate)?,
        None => cx.world().types.get(&found.oid).map_or(0, |found| found.collation),
    };
    Ok(Column {
        number,
        name,
        r#type: found.oid,
        modifier: found.modifier,
        not_null: false,
        filled: Filled::Nothing,
        collation,
        local: true,
        inherited: 0,
        acl: Vec::new(),
    })
}

fn composite(cx: &mut Context, schema: u32, name: &Name, kind: &ast::CompositeType) -> Result<(), Refusal> {
    let mut relation = rename::blank_relation(schema, name.name.clone(), 'c', cx.world().user);
    for field in kind.composite_field_list().into_iter().flat_map(|list| list.composite_field_defs()) {
        let Some(field_name) = field.name().map(|name| identifier(name.syntax())) else {
            return Refusal::unknown("an attribute without a name");
        };
        if relation.columns.iter().any(|known| known.name == field_name) {
            return Refusal::fails(format!("column \"{field_name}\" specified more than once"));
        }
        relation.last_number += 1;
        let column = attribute(cx, field_name, field.ty(), field.collate(), relation.last_number)?;
        relation.columns.push(column);
    }
    let oid = cx.new_oid();
    doubt_modifiers(cx, oid, &relation.columns);
    rename::create_with_row_type(cx, oid, relation)
}

fn doubt_modifiers(cx: &mut Context, oid: u32, columns: &[Column]) {
    if columns.iter().any(|column| column.modifier == UNSURE_MODIFIER) {
        cx.effect.doubt("what an extension's type makes of its arguments is not known", [oid]);
    }
}

/// A range comes with its multirange and the functions that make both.
fn range(cx: &mut Context, schema: u32, name: &Name, kind: &ast::RangeType) -> Result<(), Refusal> {
    let list = kind.attribute_list();
    let option = |wanted: &str| {
        let found = list
            .iter()
            .flat_map(|list| list.attribute_options())
            .find(|option| option.name().is_some_and(|name| identifier(name.syntax()).eq_ignore_ascii_case(wanted)));
        found
            .and_then(|option| option.attribute_value())
            .and_then(|value| value.syntax().children().find_map(ast::Type::cast))
    };
    let Some(subtype) = option("subtype") else { return Refusal::fails("type attribute \"subtype\" is required") };
    let subtype = type_name::resolve(cx, &subtype)?.oid;
    let range = add(cx, schema, &name.name, TypeKind::Range(subtype), 0)?;
    if cx.world().server_version < 140_000 {
        return constructors(
            cx,
            schema,
            &name.name,
            range,
            &[vec![subtype, subtype], vec![subtype, subtype, super::builtin::TEXT]],
            false,
        );
    }
    let multirange_name = match option("multirange_type_name") {
        Some(ast::Type::PathType(path)) => known_name(path.path_ref())?,
        Some(_) => return Refusal::unknown("the name of a multirange that is a word of the grammar"),
        // makeMultirangeTypeName
        None if name.name.contains("range") => {
            Name { schema: None, name: name.name.replacen("range", "multirange", 1) }
        }
        None => Name { schema: None, name: format!("{}_multirange", name.name) },
    };
    let in_schema = match &multirange_name.schema {
        Some(_) => cx.creation_schema(&multirange_name)?,
        None => schema,
    };
    let multirange = add(cx, in_schema, &multirange_name.name, TypeKind::Multirange(range), 0)?;
    let of_range = [vec![subtype, subtype], vec![subtype, subtype, super::builtin::TEXT]];
    constructors(cx, schema, &name.name, range, &of_range, false)?;
    constructors(cx, in_schema, &multirange_name.name, multirange, &[vec![], vec![range]], false)?;
    let array = cx.world().types[&range].array;
    constructors(cx, in_schema, &multirange_name.name, multirange, &[vec![array]], true)
}

fn constructors(
    cx: &mut Context,
    schema: u32,
    name: &str,
    returns: u32,
    forms: &[Vec<u32>],
    variadic: bool,
) -> Result<(), Refusal> {
    for arguments in forms {
        let oid = cx.new_oid();
        let function = Function {
            schema,
            name: name.to_owned(),
            kind: 'f',
            owner: cx.world().user,
            arguments: arguments.clone(),
            defaults: 0,
            variadic,
            returns,
            returns_set: false,
            security_definer: false,
            acl: cx.initial_privileges('f', schema),
        };
        cx.set_function(oid, Some(function));
        let whole = |class, oid| Object { class, oid, column: 0 };
        cx.depend(whole(Class::Function, oid), whole(Class::Type, returns), true);
    }
    Ok(())
}

/// ALTER TYPE.
pub(super) fn alter(cx: &mut Context, node: &ast::AlterType) -> Result<(), Refusal> {
    use ast::AlterTypeAction as Action;
    let name = known_name(node.type_name_ref().and_then(|name| name.path_ref()))?;
    let oid = type_name::find(cx, &name)?;
    let kind = cx.world().types[&oid].kind.clone();
    match node.action() {
        Some(Action::AddValue(action)) => add_value(cx, oid, &action),
        Some(Action::RenameValue(action)) => {
            let (from, to) = (label(action.from())?, label(action.to())?);
            let mut labels = labels(cx, oid)?;
            if labels.contains(&to) {
                return Refusal::fails(format!("enum label \"{to}\" already exists"));
            }
            match labels.iter_mut().find(|label| **label == from) {
                Some(label) => *label = to,
                None => return Refusal::fails(format!("\"{from}\" is not an existing enum label")),
            }
            cx.change_type(oid, |r#type| r#type.kind = TypeKind::Enum(labels));
            Ok(())
        }
        Some(Action::TypeRenameTo(action)) => {
            let new = new_name(action.type_name().and_then(|name| name.path()))?.name;
            rename_to(cx, oid, &kind, &new)
        }
        Some(Action::SetSchema(action)) => {
            let schema = action.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default();
            let schema = cx.schema(&schema)?;
            set_schema(cx, oid, &kind, schema)
        }
        Some(Action::OwnerTo(action)) => {
            let owner = cx.role(action.role_ref())?;
            match kind {
                TypeKind::Composite(relation) => {
                    refuse_row_type(cx, relation)?;
                    rename::set_owner(cx, relation, owner);
                }
                _ => set_owner(cx, oid, owner),
            }
            Ok(())
        }
        Some(Action::RenameAttribute(action)) => {
            let relation = attributes_of(cx, oid, &kind)?;
            let tables = typed_tables(cx, oid, action.drop_behavior())?;
            let old = action.composite_field_ref().map(|name| identifier(name.syntax())).unwrap_or_default();
            let new = action.composite_field().map(|name| identifier(name.syntax())).unwrap_or_default();
            for relation in [relation].into_iter().chain(tables) {
                let number = cx.column(relation, &old)?;
                refuse_attribute(cx, relation, &new)?;
                cx.change_relation(relation, |relation| {
                    let found = relation.columns.iter_mut().filter(|column| column.number == number);
                    found.for_each(|column| column.name.clone_from(&new));
                });
            }
            touch_columns_of(cx, oid);
            Ok(())
        }
        Some(Action::AlterTypeAttributeActionList(list)) => {
            let relation = attributes_of(cx, oid, &kind)?;
            list.actions().try_for_each(|action| alter_attribute(cx, oid, relation, &action))
        }
        // Its functions, which a claim does not see.
        Some(Action::SetOptions(_)) => Ok(()),
        None => Refusal::unknown("ALTER TYPE that says nothing"),
    }
}

fn labels(cx: &Context, oid: u32) -> Result<Vec<String>, Refusal> {
    match &cx.world().types[&oid] {
        Type { kind: TypeKind::Enum(labels), .. } => Ok(labels.clone()),
        other => Refusal::fails(format!("{} is not an enum", other.name)),
    }
}

fn add_value(cx: &mut Context, oid: u32, action: &ast::AddValue) -> Result<(), Refusal> {
    let new = label(action.literal())?;
    let mut labels = labels(cx, oid)?;
    // Until 12 not in a transaction block.
    cx.effect.alone |= cx.world().server_version < 120_000;
    if labels.contains(&new) {
        let what = format!("enum label \"{new}\" already exists");
        if action.if_not_exists().is_some() {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    }
    let position = |neighbour: Option<ast::Literal>| {
        let neighbour = label(neighbour)?;
        match labels.iter().position(|label| *label == neighbour) {
            Some(at) => Ok(at),
            None => Refusal::fails(format!("\"{neighbour}\" is not an existing enum label")),
        }
    };
    let at = match action.value_position() {
        Some(ast::ValuePosition::BeforeValue(before)) => position(before.literal())?,
        Some(ast::ValuePosition::AfterValue(after)) => position(after.literal())? + 1,
        None => labels.len(),
    };
    labels.insert(at, new);
    cx.change_type(oid, |r#type| r#type.kind = TypeKind::Enum(labels));
    Ok(())
}

fn refuse_row_type(cx: &Context, relation: u32) -> Result<(), Refusal> {
    match cx.relation(relation) {
        found if found.kind != 'c' => Refusal::fails(format!("{} is a table's row type", found.name)),
        _ => Ok(()),
    }
}

pub(super) fn rename_to(cx: &mut Context, oid: u32, kind: &TypeKind, new: &str) -> Result<(), Refusal> {
    match kind {
        TypeKind::Composite(relation) => {
            refuse_row_type(cx, *relation)?;
            rename::rename(cx, *relation, new)
        }
        TypeKind::Array(_) => Refusal::fails("cannot alter array type"),
        _ => {
            let schema = cx.world().types[&oid].schema;
            rename::make_way_for_type(cx, schema, new)?;
            rename::rename_type(cx, oid, new);
            Ok(())
        }
    }
}

pub(super) fn set_schema(cx: &mut Context, oid: u32, kind: &TypeKind, schema: u32) -> Result<(), Refusal> {
    match kind {
        TypeKind::Composite(relation) => {
            refuse_row_type(cx, *relation)?;
            rename::set_schema(cx, *relation, schema)
        }
        TypeKind::Array(_) => Refusal::fails("cannot alter array type"),
        _ if cx.world().types[&oid].schema == schema => Ok(()),
        _ => rename::move_type(cx, oid, schema),
    }
}

/// Its array and its multirange follow.
pub(super) fn set_owner(cx: &mut Context, oid: u32, owner: u32) {
    let found = &cx.world().types[&oid];
    let (old, array) = (found.owner, found.array);
    let is_multirange = |known: &u32| cx.world().types[known].kind == TypeKind::Multirange(oid);
    let multirange = cx.world().types_of_type(oid).into_iter().find(is_multirange);
    for changed in [Some(oid), Some(array)].into_iter().flatten() {
        if cx.world().types.contains_key(&changed) {
            cx.change_type(changed, |r#type| {
                r#type.owner = owner;
                rename::change_owner_of_grants(&mut r#type.acl, old, owner);
            });
        }
    }
    if let Some(multirange) = multirange {
        set_owner(cx, multirange, owner);
    }
}

fn attributes_of(cx: &mut Context, oid: u32, kind: &TypeKind) -> Result<u32, Refusal> {
    match kind {
        TypeKind::Composite(relation) => {
            refuse_row_type(cx, *relation)?;
            cx.lock(*relation, LockMode::AccessExclusive);
            Ok(*relation)
        }
        _ => Refusal::fails(format!("{} is not a composite type", cx.world().types[&oid].name)),
    }
}

fn refuse_attribute(cx: &Context, relation: u32, name: &str) -> Result<(), Refusal> {
    match cx.relation(relation) {
        found if found.columns.iter().any(|column| column.name == name) => {
            Refusal::fails(format!("column \"{name}\" of relation \"{}\" already exists", found.name))
        }
        _ => Ok(()),
    }
}

/// The tables of the type, which follow it with CASCADE only.
fn typed_tables(cx: &mut Context, oid: u32, behavior: Option<ast::DropBehavior>) -> Result<Vec<u32>, Refusal> {
    let mut tables = cx.world().relations_of_type(oid);
    tables.retain(|table| cx.relation(*table).of_type == oid);
    if tables.is_empty() {
        return Ok(tables);
    }
    if !matches!(behavior, Some(ast::DropBehavior::Cascade(_))) {
        return Refusal::fails("cannot alter a type because it is the type of a typed table");
    }
    if tables.iter().any(|table| !cx.world().children(*table).is_empty()) {
        return Refusal::unknown("ALTER TYPE ... CASCADE to a typed table that others inherit from is not simulated");
    }
    for table in &tables {
        cx.lock(*table, LockMode::AccessExclusive);
    }
    Ok(tables)
}

/// Tables with a column of the type see it change.
fn touch_columns_of(cx: &mut Context, oid: u32) {
    for relation in cx.world().relations_of_type(oid) {
        cx.touch_relation(relation);
    }
    cx.effect.touched.everything = true;
}

fn alter_attribute(
    cx: &mut Context,
    oid: u32,
    relation: u32,
    action: &ast::AlterTypeAttributeAction,
) -> Result<(), Refusal> {
    match action {
        ast::AlterTypeAttributeAction::AddAttribute(action) => {
            let tables = typed_tables(cx, oid, action.drop_behavior())?;
            let name = action.composite_field().map(|name| identifier(name.syntax())).unwrap_or_default();
            for relation in [relation].into_iter().chain(tables) {
                refuse_attribute(cx, relation, &name)?;
                let number = cx.relation(relation).last_number + 1;
                let column = attribute(cx, name.clone(), action.ty(), action.collate(), number)?;
                doubt_modifiers(cx, relation, std::slice::from_ref(&column));
                if cx.relation(relation).kind != 'c' && column_type::has_constraints(cx, column.r#type) {
                    cx.effect.rewrites.insert(relation);
                }
                cx.change_relation(relation, |relation| {
                    relation.last_number = number;
                    relation.columns.push(column);
                });
            }
        }
        ast::AlterTypeAttributeAction::DropAttribute(action) => {
            let tables = typed_tables(cx, oid, action.drop_behavior())?;
            let name = action.composite_field_ref().map(|name| identifier(name.syntax())).unwrap_or_default();
            if action.if_exists().is_some() && cx.column(relation, &name).is_err() {
                cx.notice(format!("column \"{name}\" does not exist, skipping"));
                return Ok(());
            }
            let number = cx.column(relation, &name)?;
            let cascade = matches!(action.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
            drop::remove(cx, &[column_object(relation, number)], cascade)?;
            for table in tables {
                let number = cx.column(table, &name)?;
                drop::remove(cx, &[column_object(table, number)], cascade)?;
            }
        }
        ast::AlterTypeAttributeAction::AlterAttribute(action) => {
            if !typed_tables(cx, oid, action.drop_behavior())?.is_empty() {
                return Refusal::unknown("ALTER ATTRIBUTE ... TYPE ... CASCADE to typed tables is not simulated");
            }
            let name = action.composite_field_ref().map(|name| identifier(name.syntax())).unwrap_or_default();
            let number = cx.column(relation, &name)?;
            // Its values are stored.
            let used = cx.world().relations_of_type(oid).into_iter().find(|user| cx.relation(*user).of_type != oid);
            if let Some(used) = used {
                return Refusal::fails(format!("cannot alter a type because {} uses it", cx.display(used)));
            }
            let new = attribute(cx, name, action.ty(), action.collate(), number)?;
            doubt_modifiers(cx, relation, std::slice::from_ref(&new));
            cx.change_relation(relation, |relation| {
                relation
                    .columns
                    .iter_mut()
                    .filter(|column| column.number == number)
                    .for_each(|column| *column = new.clone());
            });
        }
    }
    touch_columns_of(cx, oid);
    Ok(())
}

#[cfg(test)]
mod tests;
