use std::rc::Rc;

use super::super::world::{self, Constraint, Dependency, Object, Role, World};
use super::*;
use crate::state::{FunctionRequirement, Requirements};

const OWNER: u32 = 10;
const PUBLIC: u32 = 2200;

fn a_type(schema: u32, name: &str, kind: TypeKind, array: u32) -> world::Type {
    world::Type { schema, name: name.into(), owner: OWNER, kind, array, collation: 0, acl: Vec::new() }
}

fn a_relation(name: &str, kind: char) -> world::Relation {
    serde_json::from_value(serde_json::json!({"schema": PUBLIC, "name": name, "kind": kind, "owner": OWNER})).unwrap()
}

fn a_column(number: i16, name: &str, r#type: u32) -> world::Column {
    serde_json::from_value(serde_json::json!({"number": number, "name": name, "type": r#type, "modifier": -1})).unwrap()
}

/// public.t (id integer, moods code[], code code) where code is a domain over a domain over an enum.
fn world() -> World {
    let mut world = World::default();
    for (oid, name) in [(11, "pg_catalog"), (PUBLIC, "public")] {
        world.schemas.insert(oid, world::Schema { name: name.into(), owner: OWNER, acl: Vec::new() });
    }
    let domain = |base, not_null| TypeKind::Domain { base, modifier: -1, not_null, has_default: false };
    world.types.insert(23, a_type(11, "int4", TypeKind::Base, 1007));
    world.types.insert(100, a_type(PUBLIC, "mood", TypeKind::Enum(vec!["sad".into(), "ok".into()]), 0));
    world.types.insert(101, a_type(PUBLIC, "feeling", domain(100, true), 0));
    world.types.insert(102, a_type(PUBLIC, "code", domain(101, false), 103));
    world.types.insert(103, a_type(PUBLIC, "_code", TypeKind::Array(102), 0));
    let mut table = a_relation("t", 'r');
    table.columns = vec![a_column(1, "id", 23), a_column(2, "moods", 103), a_column(4, "code", 102)];
    world.relations.insert(200, Rc::new(table));
    world.index();
    world
}

fn on(kind: ObjectKind, name: &str, requirements: Requirements) -> ClaimedRelation {
    let requirements = Some(Box::new(requirements));
    ClaimedRelation { kind, schema: "public".into(), relation: Some(name.into()), requirements, ..Default::default() }
}

fn on_table() -> ClaimedRelation {
    on(ObjectKind::Relation, "t", Requirements::default())
}

fn loaded(catalogs: &mut Catalogs, world: &World) -> Rc<Relation> {
    catalogs.load(world, &on_table());
    Rc::clone(catalogs.catalog.relation("public", "t").expect("it is there"))
}

#[test]
fn a_domain_is_followed_to_its_base_and_an_array_is_named_by_its_element() {
    let world = world();
    let relation = loaded(&mut Catalogs::new(&world, [200].into_iter()), &world);
    let code = &relation.column("code").unwrap().r#type;
    let mood = TypeName { schema: "public".into(), name: "mood".into(), array: false };
    assert_eq!((code.kind, code.base.as_ref().map(|(base, _)| &**base)), ('d', Some(&mood)));
    assert!(code.not_null, "by the domain below it");
    assert_eq!(*code.labels, ["sad", "ok"]);
    let moods = &relation.column("moods").unwrap().r#type;
    assert_eq!(moods.name.display(-1), "public.code[]");
    assert!(!moods.not_null, "of what is in it, not of the column");
    assert_eq!(relation.column("id").unwrap().r#type.name.display(-1), "integer");
}

#[test]
fn what_has_not_changed_is_not_made_again_and_what_has_is() {
    let mut world = world();
    let mut catalogs = Catalogs::new(&world, [200].into_iter());
    let before = loaded(&mut catalogs, &world);
    assert_eq!(catalogs.follow(&world), Changed::default());
    assert!(Rc::ptr_eq(&before, &loaded(&mut catalogs, &world)));
    let mut changed = a_relation("t", 'r');
    changed.columns = vec![a_column(1, "id", 23)];
    world.put_relation(200, Some(Rc::new(changed)));
    assert_eq!(loaded(&mut catalogs, &world).columns.len(), 1);
    world.put_relation(200, Some(Rc::new(a_relation("u", 'r'))));
    assert_eq!(catalogs.load(&world, &on_table()), None);
    assert!(catalogs.catalog.relation("public", "t").is_none());
}

#[test]
fn a_type_that_means_something_else_makes_its_columns_anew() {
    let mut world = world();
    let mut catalogs = Catalogs::new(&world, [200].into_iter());
    loaded(&mut catalogs, &world);
    let more = TypeKind::Enum(vec!["sad".into(), "ok".into(), "good".into()]);
    world.put_type(100, Some(a_type(PUBLIC, "mood", more, 0)));
    assert!(catalogs.follow(&world).types.contains(&102));
    let relation = loaded(&mut catalogs, &world);
    assert_eq!(relation.column("code").unwrap().r#type.labels.len(), 3);
    assert!(catalogs.follow(&world).types.is_empty());
}

#[test]
fn a_schema_that_is_renamed_has_changed_under_both_names() {
    let mut world = world();
    let mut catalogs = Catalogs::new(&world, [200].into_iter());
    loaded(&mut catalogs, &world);
    let renamed = world::Schema { name: "z".into(), owner: OWNER, acl: Vec::new() };
    world.put_schema(PUBLIC, Some(renamed));
    assert_eq!(catalogs.follow(&world).schemas, BTreeSet::from(["public".to_owned(), "z".to_owned()]));
    assert_eq!(catalogs.load(&world, &on_table()), None);
    assert!(catalogs.catalog.schema("public").is_none());
}

#[test]
fn constraints_are_those_that_hold_and_sequences_those_of_the_owner() {
    let mut world = world();
    let mut index = a_relation("t_id", 'i');
    for (oid, valid, partial) in [(300, true, false), (301, false, false), (302, true, true)] {
        let on_id =
            serde_json::json!({"table": 200, "unique": true, "valid": valid, "partial": partial, "columns": [1]});
        index.index = serde_json::from_value(on_id).unwrap();
        index.name = format!("index {oid}");
        world.put_relation(oid, Some(Rc::new(index.clone())));
    }
    let foreign_key: Constraint = serde_json::from_value(serde_json::json!({
        "name": "fk", "kind": "f", "relation": 200, "validated": true, "columns": [1], "references": 200, "referenced": [4],
    }))
    .unwrap();
    world.put_constraint(400, Some(Constraint { validated: false, ..foreign_key.clone() }));
    world.put_constraint(401, Some(foreign_key));
    let owned = world::Relation { owned_by: Some((200, 1)), ..a_relation("owned", 'S') };
    world.put_relation(500, Some(Rc::new(owned.clone())));
    let identity = world::Relation { identity_sequence: true, name: "identity".into(), ..owned };
    world.put_relation(501, Some(Rc::new(identity)));
    for (oid, name, owner) in [(502, "drawn", OWNER), (503, "anothers", 11)] {
        world.put_relation(oid, Some(Rc::new(world::Relation { owner, ..a_relation(name, 'S') })));
        let dependent = Object { class: Class::Default, oid: 200, column: 1 };
        let on = Object { class: Class::Relation, oid, column: 0 };
        world.put_dependency(Dependency { dependent, on, automatic: false }, true);
    }
    let mut catalogs = Catalogs::new(&world, std::iter::empty());
    let keys = Requirements { keys: vec![vec!["id".into()]], ..Requirements::default() };
    catalogs.load(&world, &on(ObjectKind::Relation, "t", keys));
    let found = &catalogs.catalog.constraints[&200];
    assert_eq!(found.indexes, [Index { oid: 300, unique: true, columns: vec![1] }]);
    let columns = vec![("id".to_owned(), "code".to_owned())];
    assert_eq!(found.foreign_keys, [ForeignKey { schema: "public".into(), relation: "t".into(), oid: 200, columns }]);
    assert_eq!(found.sequences, [500, 502]);
    assert_eq!(catalogs.catalog.sequences[&502].name, "drawn");
}

#[test]
fn functions_types_and_sequences_are_found_by_name_and_forgotten_when_they_are_gone() {
    let mut world = world();
    let function: world::Function = serde_json::from_value(serde_json::json!({
        "schema": PUBLIC, "name": "f", "kind": "f", "owner": OWNER, "arguments": [23, 103], "returns": 102,
    }))
    .unwrap();
    world.put_function(600, Some(Rc::new(function)));
    world.put_relation(601, Some(Rc::new(a_relation("s", 'S'))));
    let codes = TypeName { schema: "public".into(), name: "code".into(), array: true };
    let of_function =
        FunctionRequirement { arguments: vec![TypeName::builtin("int4"), codes], ..FunctionRequirement::default() };
    let claimed = [
        on(ObjectKind::Function, "f", Requirements { function: Some(of_function), ..Default::default() }),
        on(ObjectKind::Sequence, "s", Requirements::default()),
        on(ObjectKind::Type, "code", Requirements::default()),
    ];
    let mut catalogs = Catalogs::new(&world, std::iter::empty());
    let mut oids = |world: &World| claimed.each_ref().map(|one| catalogs.load(world, one));
    assert_eq!(oids(&world), [Some(600), Some(601), Some(102)]);
    world.put_function(600, None);
    world.put_relation(601, None);
    world.put_type(102, None);
    assert_eq!(oids(&world), [None, None, None]);
    assert!(catalogs.catalog.sequence("public", "s").is_none());
}

#[test]
fn a_functions_arguments_are_written_as_people_write_them() {
    let mut world = world();
    let function = serde_json::json!(
        {"schema": PUBLIC, "name": "f", "kind": "f", "owner": OWNER, "arguments": [23, 103], "returns": 23});
    world.put_function(600, Some(Rc::new(serde_json::from_value(function).unwrap())));
    assert_eq!(super::function(&world, 600, "public").identity_arguments, "integer, public.code[]");
    let base = named_type(&world, PUBLIC, "public", "code").unwrap();
    assert_eq!((base.kind, base.bases.as_slice(), base.labels.len()), ('d', &[101, 100][..], 2));
    assert!(named_type(&world, PUBLIC, "public", "_code").is_none(), "an array is none of its own");
}

#[test]
fn a_reader_has_what_its_role_inherits_and_a_superuser_everything() {
    let mut world = world();
    let role = |superuser, inherits: &[u32]| Role {
        name: "r".into(),
        superuser,
        bypass_row_security: false,
        inherits: inherits.iter().copied().collect(),
        member_of: BTreeSet::new(),
    };
    world.roles.extend([(50, role(false, &[51])), (51, role(false, &[])), (52, role(true, &[]))]);
    assert!(has_privileges_of(&world, 50, 51) && !has_privileges_of(&world, 51, 50));
    assert!(has_privileges_of(&world, 52, 50));
    with_reader(&world, Some(52), |reader| assert!(reader.is_some_and(|reader| reader.bypasses_row_security)));
    with_reader(&world, Some(99), |reader| assert!(reader.is_none(), "its role is missing"));
    with_reader(&world, None, |reader| assert!(reader.is_none()));
}
