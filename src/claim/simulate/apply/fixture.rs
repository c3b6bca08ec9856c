//! A small world for tests, and scripts applied to it.

use std::rc::Rc;

use squawk_syntax::SourceFile;

use super::{Session, apply};
use crate::simulate::effect::{Effect, Outcome};
use crate::simulate::world::{Relation, Role, Schema, Type, TypeKind, World};

/// OID, name, OID of the array type, OID of the collation: as in pg_type.dat.
const TYPES: &str = "16 bool 1000 0,17 bytea 1001 0,18 char 1002 0,19 name 1003 950,20 int8 1016 0,21 int2 1005 0,\
    23 int4 1007 0,25 text 1009 100,26 oid 1028 0,114 json 199 0,142 xml 143 0,700 float4 1021 0,701 float8 1022 0,\
    1042 bpchar 1014 100,1043 varchar 1015 100,1082 date 1182 0,1083 time 1183 0,1114 timestamp 1115 0,\
    1184 timestamptz 1185 0,1186 interval 1187 0,1266 timetz 1270 0,1560 bit 1561 0,1562 varbit 1563 0,\
    1700 numeric 1231 0,2205 regclass 2210 0,2950 uuid 2951 0,3802 jsonb 3807 0,869 inet 1041 0";
const PSEUDO: &str =
    "705 unknown,2249 record,2277 anyarray,2278 void,2279 trigger,2281 internal,2283 anyelement,3838 event_trigger";

pub(crate) const OWNER: u32 = 10;
pub(crate) const PUBLIC_SCHEMA: u32 = 2200;

/// A world with the built-in types, the schema public, and the roles postgres (a superuser), alice and bob.
pub(crate) fn world() -> World {
    let mut world = World {
        server_version: 150_000,
        database: "test".to_owned(),
        user: OWNER,
        search_path: vec!["$user".to_owned(), "public".to_owned()],
        next_oid: 20_000,
        ..World::default()
    };
    for (oid, name, superuser) in [(OWNER, "postgres", true), (101, "alice", false), (102, "bob", false)] {
        let role = Role {
            name: name.to_owned(),
            superuser,
            bypass_row_security: false,
            inherits: Default::default(),
            member_of: Default::default(),
        };
        world.roles.insert(oid, role);
    }
    for (oid, name) in [(11, "pg_catalog"), (PUBLIC_SCHEMA, "public")] {
        world.schemas.insert(oid, Schema { name: name.to_owned(), owner: OWNER, acl: Vec::new() });
    }
    let add = |world: &mut World, oid: u32, name: &str, kind, array, collation| {
        let r#type = Type { schema: 11, name: name.to_owned(), owner: OWNER, kind, array, collation, acl: Vec::new() };
        world.types.insert(oid, r#type);
    };
    let number = |text: &str| text.trim().parse::<u32>().expect("a number");
    for line in TYPES.split(',') {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [oid, name, array, collation] = parts.as_slice() else { panic!("{line}") };
        add(&mut world, number(oid), name, TypeKind::Base, number(array), number(collation));
        add(&mut world, number(array), &format!("_{name}"), TypeKind::Array(number(oid)), 0, number(collation));
    }
    for line in PSEUDO.split(',') {
        let (oid, name) = line.split_once(' ').expect("two words");
        add(&mut world, number(oid), name, TypeKind::Pseudo, 0, 0);
    }
    world.collations.insert(100, (11, "default".to_owned()));
    world.collations.insert(950, (11, "C".to_owned()));
    world
}

/// What becomes of each statement of a script.
pub(crate) fn outcomes(world: &mut World, script: &str) -> Vec<Outcome> {
    let parse = SourceFile::parse(script);
    assert_eq!(parse.errors(), Vec::new(), "{script}");
    let mut session = Session::default();
    parse.tree().stmts().map(|statement| apply(world, &mut session, &statement)).collect()
}

/// Applies a script that has to succeed; what its last statement has done.
pub(crate) fn run(world: &mut World, script: &str) -> Effect {
    let mut last = Effect::default();
    for (at, outcome) in outcomes(world, script).into_iter().enumerate() {
        match outcome {
            Outcome::Done(effect) => last = *effect,
            other => panic!("statement {} of {script}: {other:?}", at + 1),
        }
    }
    last
}

/// Why the server would refuse the last statement of a script.
pub(crate) fn failure(world: &mut World, script: &str) -> String {
    match outcomes(world, script).pop() {
        Some(Outcome::Fails(why)) => why,
        other => panic!("{script}: {other:?}"),
    }
}

/// Why what the last statement of a script does cannot be told.
pub(crate) fn unknown(world: &mut World, script: &str) -> String {
    match outcomes(world, script).pop() {
        Some(Outcome::Unknown(why)) => why,
        other => panic!("{script}: {other:?}"),
    }
}

/// The relation of this name in the schema public.
pub(crate) fn relation(world: &World, name: &str) -> Rc<Relation> {
    let oid = oid(world, name).unwrap_or_else(|| panic!("no relation {name}"));
    Rc::clone(&world.relations[&oid])
}

/// Its OID.
pub(crate) fn oid(world: &World, name: &str) -> Option<u32> {
    let found = world.relations.iter().find(|(_, relation)| relation.schema == PUBLIC_SCHEMA && relation.name == name);
    found.map(|(oid, _)| *oid)
}

/// Its columns: `name type(modifier)`.
pub(crate) fn columns(world: &World, name: &str) -> Vec<String> {
    let relation = relation(world, name);
    let show = |column: &crate::simulate::world::Column| {
        let r#type = world.types.get(&column.r#type).map_or("?", |r#type| r#type.name.as_str());
        match column.modifier {
            -1 => format!("{} {}", column.name, r#type),
            modifier => format!("{} {}({modifier})", column.name, r#type),
        }
    };
    relation.columns.iter().map(show).collect()
}
