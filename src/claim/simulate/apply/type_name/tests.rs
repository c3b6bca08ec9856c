use crate::simulate::apply::fixture::{columns, failure, run, unknown, world};
use crate::simulate::apply::type_name::UNSURE_MODIFIER;
use crate::simulate::world::{Type, TypeKind};

#[test]
fn types_are_read_as_the_server_reads_them() {
    // What pg_attribute shows on PostgreSQL 15.
    let expected = "int int4; integer int4; bigint int8; smallint int2; real float4; double precision float8; float float8; \
        float(24) float4; float(25) float8; decimal numeric; numeric(10,2) numeric(655366); numeric(5) numeric(327684); \
        numeric(3,-2) numeric(198658); varchar varchar; varchar(40) varchar(44); character varying(5) varchar(9); \
        char bpchar(5); char(3) bpchar(7); character(2) bpchar(6); national character varying(4) varchar(8); \
        nchar(2) bpchar(6); bpchar bpchar; \"char\" char; name name; boolean bool; bool bool; text text; bytea bytea; \
        bit bit(1); bit(5) bit(5); bit varying varbit; bit varying(7) varbit(7); time time; time(3) time(3); \
        time with time zone timetz; timestamp timestamp; timestamp(0) timestamp(0); timestamptz timestamptz; \
        timestamptz(3) timestamptz(3); timestamp(9) with time zone timestamptz(6); interval interval; \
        interval(3) interval(2147418115); interval day to second(2) interval(470286338); \
        interval year to month interval(458751); interval year interval(327679); int[] _int4; text[][] _text; \
        integer array _int4; varchar(3)[3] _varchar(7); pg_catalog.int4 int4; pg_catalog.varchar(7) varchar(11); \
        json json; uuid uuid";
    for line in expected.split("; ") {
        let (written, shown) = line.rsplit_once(' ').expect("two parts");
        let mut world = world();
        run(&mut world, &format!("create table t (c {written})"));
        assert_eq!(columns(&world, "t"), [format!("c {shown}")], "{written}");
    }
}

#[test]
fn what_is_no_type_is_refused() {
    for written in
        ["nosuchtype", "json(3)", "varchar(0)", "numeric(1001)", "float(54)", "public.nosuchtype", "nosuch.t"]
    {
        failure(&mut world(), &format!("create table t (c {written})"));
    }
    unknown(&mut world(), "create table t (c pg_class)");
}

#[test]
fn types_of_users_are_found_along_the_path() {
    let mut world = world();
    run(
        &mut world,
        "create schema s; create type s.mood as enum ('sad'); create table t (a s.mood, b s.mood[]);
         set search_path = s, public; create table public.u (a mood)",
    );
    assert_eq!(columns(&world, "t"), ["a mood", "b _mood"]);
    assert_eq!(columns(&world, "u"), ["a mood"]);
    failure(&mut world, "set search_path = public; create table v (a mood)");
}

#[test]
fn what_an_extension_makes_of_arguments_is_not_known() {
    let mut world = world();
    let r#type = Type {
        schema: 2200,
        name: "geometry".to_owned(),
        owner: 10,
        kind: TypeKind::Base,
        array: 0,
        collation: 0,
        acl: Vec::new(),
    };
    world.types.insert(19_000, r#type);
    run(&mut world, "create table t (g geometry(Point,4326))");
    assert_eq!(columns(&world, "t"), [format!("g geometry({UNSURE_MODIFIER})")]);
}
