//! What relations have in common: names, schemas, owners, row types, and how they change.

use crate::catalog::Grant;
use crate::simulate::world::{Column, Relation, Type, TypeKind, Writing};

use super::context::{Context, Refusal};
use super::key;
use super::type_name::UNSURE_MODIFIER;

/// Why it is not known what a foreign table takes.
pub(crate) const OF_ITS_WRAPPER: &str =
    "whether a foreign table can be written is known to its foreign data wrapper only";

/// The options of a foreign table, or of what it is of, have changed.
pub(crate) fn doubt_writing(cx: &mut Context, table: u32) {
    cx.change_relation(table, |table| table.writing = Some(Writing::Unsure(OF_ITS_WRAPPER.to_owned())));
}

/// A relation with nothing in it.
pub(crate) fn blank_relation(schema: u32, name: String, kind: char, owner: u32) -> Relation {
    Relation {
        schema,
        name,
        kind,
        owner,
        temporary: schema == 0,
        unlogged: false,
        row_security: false,
        force_row_security: false,
        security_invoker: false,
        partition: false,
        parents: Vec::new(),
        row_type: 0,
        of_type: 0,
        columns: Vec::new(),
        last_number: 0,
        index: None,
        owned_by: None,
        identity_sequence: false,
        acl: Vec::new(),
        writing: (kind == 'f').then(|| Writing::Unsure(OF_ITS_WRAPPER.to_owned())),
        uncertain: None,
    }
}

/// Refuses a name that a relation of the schema has.
pub(crate) fn refuse_taken_relation(cx: &Context, schema: u32, name: &str) -> Result<(), Refusal> {
    match cx.world().relation_named(schema, name) {
        Some(_) => Refusal::fails(format!("relation \"{name}\" already exists")),
        None => Ok(()),
    }
}

/// Makes way for a type of this name: the array of another type gets another name, any other type is in the way.
pub(crate) fn make_way_for_type(cx: &mut Context, schema: u32, name: &str) -> Result<(), Refusal> {
    let Some(oid) = cx.world().type_named(schema, name) else { return Ok(()) };
    match cx.world().types[&oid].kind {
        TypeKind::Array(element) => {
            let element = cx.world().types[&element].name.clone();
            let new = cx.array_type_name(schema, &element);
            cx.change_type(oid, |array| array.name = new);
            Ok(())
        }
        _ => Refusal::fails(format!("type \"{name}\" already exists")),
    }
}

/// Adds a table, view, materialized view, foreign table or composite type, with its row type and the privileges that a new
/// one has.
pub(crate) fn create_with_row_type(cx: &mut Context, oid: u32, mut relation: Relation) -> Result<(), Refusal> {
    refuse_taken_relation(cx, relation.schema, &relation.name)?;
    make_way_for_type(cx, relation.schema, &relation.name)?;
    doubt_modifiers(cx, oid, &relation.columns);
    let row_type = cx.new_oid();
    let array = cx.new_oid();
    let acl = cx.initial_privileges('T', relation.schema);
    let (schema, owner) = (relation.schema, relation.owner);
    let r#type = |name: String, kind, array| Type { schema, name, owner, kind, array, collation: 0, acl: acl.clone() };
    cx.set_type(row_type, r#type(relation.name.clone(), TypeKind::Composite(oid), array));
    let array_name = cx.array_type_name(schema, &relation.name);
    cx.set_type(array, r#type(array_name, TypeKind::Array(row_type), 0));
    relation.row_type = row_type;
    if relation.kind != 'c' {
        relation.acl = cx.initial_privileges('r', schema);
    }
    cx.add_relation(oid, relation);
    Ok(())
}

/// What a type of an extension makes of its modifier is its own affair.
pub(crate) fn doubt_modifiers(cx: &mut Context, table: u32, columns: &[Column]) {
    for column in columns.iter().filter(|column| column.modifier == UNSURE_MODIFIER) {
        cx.effect.doubt(format!("the modifier of column \"{}\" is its type's own affair", column.name), [table]);
    }
}

/// RENAME TO, of whatever kind of relation. Its row type follows; of an index its constraint.
pub(crate) fn rename(cx: &mut Context, oid: u32, new: &str) -> Result<(), Refusal> {
    let relation = cx.relation(oid).clone();
    refuse_taken_relation(cx, relation.schema, new)?;
    if relation.row_type != 0 {
        make_way_for_type(cx, relation.schema, new)?;
        rename_type(cx, relation.row_type, new);
    }
    if relation.index.is_some()
        && let Some(constraint) = key::constraint_of_index(cx, oid)
    {
        cx.change_constraint(constraint, |constraint| constraint.name = new.to_owned());
    }
    cx.change_relation(oid, |relation| relation.name = new.to_owned());
    Ok(())
}

/// A type gets another name, and its array one that goes with it.
pub(crate) fn rename_type(cx: &mut Context, oid: u32, new: &str) {
    cx.change_type(oid, |r#type| r#type.name = new.to_owned());
    let found = &cx.world().types[&oid];
    let (schema, array) = (found.schema, found.array);
    if array != 0 && cx.world().types.contains_key(&array) {
        let name = cx.array_type_name(schema, new);
        cx.change_type(array, |array| array.name = name);
    }
}

/// SET SCHEMA, of a relation and what is named with it: row type, indexes, sequences of its columns.
pub(crate) fn set_schema(cx: &mut Context, oid: u32, schema: u32) -> Result<(), Refusal> {
    let relation = cx.relation(oid).clone();
    if relation.schema == schema {
        return Ok(());
    }
    if relation.temporary || schema == 0 {
        return Refusal::fails("cannot move objects into or out of temporary schemas");
    }
    if relation.kind == 'S' && relation.owned_by.is_some() {
        return Refusal::fails("cannot move an owned sequence into another schema");
    }
    move_to(cx, oid, schema)
}

fn move_to(cx: &mut Context, oid: u32, schema: u32) -> Result<(), Refusal> {
    let relation = cx.relation(oid).clone();
    refuse_taken_relation(cx, schema, &relation.name)?;
    if relation.row_type != 0 {
        move_type(cx, relation.row_type, schema)?;
    }
    cx.change_relation(oid, |relation| relation.schema = schema);
    for index in cx.world().indexes_of(oid) {
        move_to(cx, index, schema)?;
    }
    for sequence in cx.world().sequences_of(oid) {
        move_to(cx, sequence, schema)?;
    }
    Ok(())
}

/// A type moves to another schema, and its array with it.
pub(crate) fn move_type(cx: &mut Context, oid: u32, schema: u32) -> Result<(), Refusal> {
    let found = cx.world().types[&oid].clone();
    make_way_for_type(cx, schema, &found.name)?;
    cx.change_type(oid, |r#type| r#type.schema = schema);
    if found.array != 0 && cx.world().types.contains_key(&found.array) {
        let name = cx.array_type_name(schema, &found.name);
        cx.change_type(found.array, |array| {
            array.schema = schema;
            array.name = name;
        });
    }
    Ok(())
}

/// OWNER TO, of a relation and what goes with it: row type, indexes, sequences of its columns.
pub(crate) fn set_owner(cx: &mut Context, oid: u32, owner: u32) {
    let relation = cx.relation(oid).clone();
    let old = relation.owner;
    if old == owner {
        return;
    }
    for r#type in [relation.row_type, cx.world().types.get(&relation.row_type).map_or(0, |row_type| row_type.array)] {
        if cx.world().types.contains_key(&r#type) {
            cx.change_type(r#type, |r#type| {
                r#type.owner = owner;
                change_owner_of_grants(&mut r#type.acl, old, owner);
            });
        }
    }
    cx.change_relation(oid, |relation| {
        relation.owner = owner;
        change_owner_of_grants(&mut relation.acl, old, owner);
        for column in &mut relation.columns {
            change_owner_of_grants(&mut column.acl, old, owner);
        }
    });
    for dependent in cx.world().indexes_of(oid).into_iter().chain(cx.world().sequences_of(oid)) {
        set_owner(cx, dependent, owner);
    }
}

/// `aclnewowner`: what the old owner had and granted is the new one's; entries that become alike are one.
pub(crate) fn change_owner_of_grants(acl: &mut Vec<Grant>, old: u32, new: u32) {
    let change = |role: u32| if role == old { new } else { role };
    let mut changed: Vec<Grant> = Vec::with_capacity(acl.len());
    for grant in acl.iter() {
        let grant = Grant { grantee: change(grant.grantee), grantor: change(grant.grantor), ..*grant };
        match changed.iter_mut().find(|known| known.grantee == grant.grantee && known.grantor == grant.grantor) {
            Some(known) => {
                known.privileges = known.privileges.iter().chain(grant.privileges.iter()).collect();
                known.grantable = known.grantable.iter().chain(grant.grantable.iter()).collect();
            }
            None => changed.push(grant),
        }
    }
    *acl = changed;
}
