use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode};

use super::*;
use crate::simulate::apply::Session;
use crate::simulate::apply::fixture::world;
use crate::simulate::world::{Column, Relation, Type, TypeKind, World};

/// Adds a table: columns as `name type modifier`.
fn table(world: &mut World, name: &str, columns: &str) -> u32 {
    let oid = world.next_oid;
    world.next_oid += 2;
    let columns = columns.split(',').enumerate().map(|(at, column)| {
        let parts: Vec<&str> = column.split_whitespace().collect();
        let (r#type, known) =
            world.types.iter().find(|(_, known)| known.schema == 11 && known.name == parts[1]).expect("a type");
        Column {
            number: at as i16 + 1,
            name: parts[0].to_owned(),
            r#type: *r#type,
            modifier: parts.get(2).map_or(-1, |modifier| modifier.parse().expect("a number")),
            not_null: false,
            filled: Default::default(),
            collation: known.collation,
            local: true,
            inherited: 0,
            acl: Vec::new(),
        }
    });
    let columns: Vec<Column> = columns.collect();
    let relation = Relation {
        schema: 2200,
        name: name.to_owned(),
        kind: 'r',
        owner: 10,
        temporary: false,
        unlogged: false,
        row_security: false,
        force_row_security: false,
        security_invoker: false,
        partition: false,
        parents: Vec::new(),
        row_type: oid + 1,
        of_type: 0,
        last_number: columns.len() as i16,
        columns,
        index: None,
        owned_by: None,
        identity_sequence: false,
        acl: Vec::new(),
        writing: None,
        uncertain: None,
    };
    world.relations.insert(oid, std::rc::Rc::new(relation));
    let row = Type {
        schema: 2200,
        name: name.to_owned(),
        owner: 10,
        kind: TypeKind::Composite(oid),
        array: 0,
        collation: 0,
        acl: Vec::new(),
    };
    world.types.insert(oid + 1, row);
    oid
}

fn looked_at(world: &mut World, query: &str) -> Result<Analysis, Refusal> {
    let parse = SourceFile::parse(query);
    assert_eq!(parse.errors(), Vec::new(), "{query}");
    let query = parse.tree().syntax().children().find_map(ast::SelectVariant::cast).expect("a query");
    let mut session = Session::default();
    let cx = Context::new(world, &mut session);
    analyse(&cx, &query)
}

fn shown(world: &mut World, query: &str) -> Vec<String> {
    let analysis = looked_at(world, query).unwrap_or_else(|refusal| panic!("{query}: {refusal:?}"));
    assert_eq!(analysis.uncertain, None, "{query}");
    let show = |column: &OutputColumn| {
        let r#type = &world.types[&column.r#type.oid].name;
        let collation = match column.collation {
            0 | 100 => String::new(),
            other => format!(" collation {other}"),
        };
        match column.r#type.modifier {
            -1 => format!("{} {type}{collation}", column.name),
            modifier => format!("{} {type}({modifier}){collation}", column.name),
        }
    };
    analysis.columns.iter().map(show).collect()
}

fn sample() -> World {
    let mut world = world();
    table(
        &mut world,
        "t",
        "a int4,v varchar 14,x text,b bpchar 8,n numeric 655366,f4 float4,nm name,i2 int2,i8 int8,d date,ts timestamp,\
         tz timestamptz 3,iv interval,bl bool",
    );
    table(&mut world, "u", "id int8,a int4,w text");
    world
}

/// What PostgreSQL 15 shows of a view with these expressions.
#[test]
fn types_are_those_of_the_server() {
    let expected = "coalesce(v,x) varchar; coalesce(x,v) text; coalesce(v,b) varchar; coalesce(b,x) bpchar; \
        coalesce(nm,x) name collation 950; coalesce(v,'x') varchar; coalesce(v,v) varchar(14); a+f4 float8; a*n numeric; \
        n+f4 float8; i2+a int4; round(a) float8; ceil(i8) float8; abs(i2) int2; date_trunc('day',d) timestamptz; d+1 date; \
        d-d int4; ts-ts interval; ts-d interval; iv*2 interval; max(v) over () text; max(b) over () bpchar; \
        sum(f4) over() float4; i8/n numeric; a^2 float8; true bool; null text; 'x' text; v||x text; v||1 text; \
        case when bl then v end varchar; case when bl then 1 else n end numeric; nullif(v,'') text; greatest(a,i8) int8; \
        a%i2 int4; tz timestamptz(3); (select v from t t2 limit 1) varchar(14); array[v] _varchar(14); array[1,2.5] _numeric; \
        array_agg(v) over () _varchar; to_json(t) json; n::numeric(5) numeric(327684); upper(v) text; \
        max(nm) over() text collation 950; lag(v) over () varchar; sum(a) over () int8; extract(year from d) numeric; \
        d + time '10:00' timestamp; ts at time zone 'utc' timestamptz; min(n) over () numeric; coalesce(n,n) numeric(655366); \
        coalesce(n,1) numeric; lower(nm) text collation 950; nm||x text collation 950; current_user name collation 950; \
        concat(a,x) text; left(v,2) text; -n numeric; (n) numeric(655366); count(*) over () int8; avg(a) over () numeric; \
        sum(i8) over () numeric; a between 1 and 2 bool; not bl bool; v is null bool; exists (select 1) bool; \
        a in (select 1) bool; interval '1' day interval(589823); 3000000000 int8; 1.5 numeric; a = any(array[1]) bool; \
        'a' like v bool; d - interval '1 day' timestamp; \
        v::varchar varchar; n::numeric numeric; x::varchar(3) varchar(7); v::text text; 'a'::text collate \"C\" text collation 950; \
        (x collate \"C\")||v text collation 950; array(select v from t) _varchar(14); (select array_agg(x) from t) _text; \
        unnest(array[v]) varchar; case when true then v else x end text; sum(n) numeric; d - ts interval; tz - ts interval; \
        i2*iv interval; tz::date date; -i2 int2; coalesce(null,null) text; iv/2 interval; a/i8 int8; i2*i2 int2; f4*i2 float8; \
        date_trunc('day',ts) timestamp; to_char(d,'x') text; json_build_object('a',1) json; length(v) int4; mod(a,2) int4; \
        power(a,2) float8; sqrt(a) float8; string_agg(x,',') text; age(ts) interval; now()-interval '1 day' timestamptz; \
        round(n,2) numeric; round(a,2) numeric; trunc(n) numeric; substring(v from 1 for 2) text; trim(v) text; \
        coalesce(v,n::text) varchar; row_number() over () int8; bool_or(bl) bool";
    let mut world = sample();
    for line in expected.split("; ") {
        let (expression, r#type) = match line.find(" collation ") {
            Some(at) => line.split_at(line[..at].rfind(' ').expect("a type")),
            None => line.split_at(line.rfind(' ').expect("a type")),
        };
        assert_eq!(
            shown(&mut world, &format!("select {expression} as c from t")),
            [format!("c{type}")],
            "{expression}"
        );
    }
}

#[test]
fn a_column_that_has_no_alias_is_named_as_the_server_names_it() {
    let expected = "true ?column?; date '2020-01-01' date; nullif(1,2) nullif; current_date current_date; a[1] a; \
        not true ?column?; interval '1' day interval; 1::bool bool; case when true then 1 else 2::bigint end case; \
        case when true then 1 else a end a; 1 is null ?column?; current_schema current_schema; (select 1) ?column?; \
        (select 1 as k) k; array(select 1) array; exists(select 1) exists; (values (1)) column1; \
        position('a' in 'b') position; ltrim('a') ltrim; trim(both from 'b') btrim; t.v::text v; '1'::int[] int4; \
        count(*) count; now() at time zone 'utc' timezone; row(1,2) row; cast('x' as varchar(3)) varchar; -1 ?column?";
    let mut world = sample();
    for line in expected.split("; ") {
        let (expression, name) = line.rsplit_once(' ').expect("a name");
        let analysis = looked_at(&mut world, &format!("select {expression} from t")).expect("a result");
        assert_eq!(analysis.columns[0].name, name, "{expression}");
    }
}

#[test]
fn sets_take_their_types_from_both_sides() {
    let mut world = sample();
    assert_eq!(shown(&mut world, "select v, a from t union select x, n from t"), ["v varchar", "a numeric"]);
    assert_eq!(
        shown(&mut world, "values (1,'a'::varchar(3)),(2,'b'::varchar(3)), (3.5,'c')"),
        ["column1 numeric", "column2 varchar"]
    );
    assert_eq!(shown(&mut world, "select 'a' as q union all select null order by q"), ["q text"]);
    assert!(matches!(looked_at(&mut world, "select 1 union select 1, 2"), Err(Refusal::Fails(_))));
}

#[test]
fn stars_are_expanded() {
    let mut world = sample();
    assert_eq!(shown(&mut world, "select * from u"), ["id int8", "a int4", "w text"]);
    assert_eq!(shown(&mut world, "select q.*, 1 as k from u as q(x)"), ["x int8", "a int4", "w text", "k int4"]);
    // The merged column first, and not again on either side.
    assert_eq!(
        shown(&mut world, "select * from u join (select a, v from t) s using (a)"),
        ["a int4", "id int8", "w text", "v varchar(14)"]
    );
    assert_eq!(
        shown(&mut world, "select * from u natural join (select a, v from t) s"),
        ["a int4", "id int8", "w text", "v varchar(14)"]
    );
    assert_eq!(
        shown(&mut world, "select j.* from (u join (select 1 as one) o on true) j"),
        ["id int8", "a int4", "w text", "one int4"]
    );
    assert_eq!(shown(&mut world, "table u"), ["id int8", "a int4", "w text"]);
}

#[test]
fn common_tables_are_known() {
    let mut world = sample();
    assert_eq!(
        shown(&mut world, "with w as (select a from t), z(k) as (select a + 1 from w) select * from z, w"),
        ["k int4", "a int4"]
    );
    assert_eq!(
        shown(
            &mut world,
            "with recursive r(n) as (select 1 union all select n + 1 from r) select n, n::text as s from r"
        ),
        ["n int4", "s text"]
    );
    assert_eq!(shown(&mut world, "with w as (select 1 as a) select a from w union select a from w"), ["a int4"]);
}

#[test]
fn functions_in_from_give_a_column_or_those_of_their_type() {
    let mut world = sample();
    assert_eq!(shown(&mut world, "select * from generate_series(1, 3)"), ["generate_series int4"]);
    assert_eq!(
        shown(&mut world, "select * from generate_series(1, 3) with ordinality as g(i, o)"),
        ["i int4", "o int8"]
    );
    assert_eq!(
        shown(&mut world, "select * from json_to_recordset('[]') as r(a int, b varchar(3))"),
        ["a int4", "b varchar(7)"]
    );
    assert_eq!(shown(&mut world, "select s.w from t, lateral (select w from u where u.a = t.a) s"), ["w text"]);
}

#[test]
fn what_a_query_uses_is_what_the_server_records() {
    let mut world = sample();
    let (t, u) = (20_000, 20_002);
    let uses = |world: &mut World, query: &str| -> Vec<(u32, i16)> {
        let analysis = looked_at(world, query).expect("a result");
        analysis.uses.iter().map(|object| (object.oid, object.column)).collect()
    };
    assert_eq!(uses(&mut world, "select a from t where v is null"), [(t, 1), (t, 2)]);
    assert_eq!(uses(&mut world, "select 1 from t"), [(t, 0)]);
    assert_eq!(uses(&mut world, "select t from t"), [(t, 0)]);
    // Merged columns count on both sides, used or not.
    assert_eq!(uses(&mut world, "select w from t join u using (a)"), [(t, 1), (u, 2), (u, 3)]);
    assert_eq!(
        uses(&mut world, "select (select max(w) from u where u.a = t.a) from t order by x"),
        [(t, 1), (t, 3), (u, 2), (u, 3)]
    );
    assert_eq!(uses(&mut world, "with w as (select id from u) select 1"), [(u, 1)]);
}

#[test]
fn what_does_not_exist_is_refused() {
    let mut world = sample();
    for query in [
        "select nothing from t",
        "select t.nothing from t",
        "select z.a from t",
        "select a from nowhere",
        "select a from t, u",
        "select * from (select a from t) s, lateral (select t.v) r",
        "select * from u, (select u.id) s",
        "select * from t join u using (w)",
        "select a::nosuchtype from t",
        "with w as (select 1), x as (select * from y), y as (select 1) select 1",
    ] {
        assert!(matches!(looked_at(&mut world, query), Err(Refusal::Fails(_))), "{query}");
    }
}

#[test]
fn what_cannot_be_told_makes_it_uncertain() {
    let mut world = sample();
    for query in [
        "select nosuchfunction(a) from t",
        "select * from pg_class",
        "select relname from pg_class",
        "select * from json_each('{}')",
        "select a + v from t",
        "select x collate \"C\" || (v collate \"default\") || lower(unheard(v)) from t",
    ] {
        let analysis = looked_at(&mut world, query).expect("a result");
        assert!(analysis.uncertain.is_some(), "{query}: {analysis:?}");
    }
}

#[test]
fn a_long_chain_does_not_end_the_stack() {
    let mut world = sample();
    let sum = vec!["1"; 5000].join(" + ");
    assert_eq!(shown(&mut world, &format!("select {sum} as s")), ["s int4"]);
    let union = vec!["select 1 as one"; 2000].join(" union all ");
    assert_eq!(shown(&mut world, &union), ["one int4"]);
}
