use super::super::fixture::{columns, failure, oid, relation, run, world};
use super::{lines, show};

#[test]
fn constraints_get_the_names_that_the_server_chooses() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE a (id serial PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', price numeric(10,2) CHECK (price > 0),
             email text UNIQUE, CONSTRAINT chk CHECK (length(name) > 1 AND id > 0));
         CREATE TABLE b (a_id int REFERENCES a ON DELETE CASCADE, x int, y int, UNIQUE (x, y), FOREIGN KEY (x) REFERENCES a (id),
             CHECK (x > y), CHECK (x > 1) , CHECK (x < 9));",
    );
    let a = lines(
        "1 id int4 not null default
         2 name varchar(24) not null default
         3 price numeric(655366)
         4 email text
         c a_price_check [3]
         c chk [1, 2]
         i a_email_key [4] unique
         i a_pkey [1] unique
         p a_pkey [1]
         u a_email_key [4]",
    );
    assert_eq!(show(&world, "a"), a);
    let b = lines(
        "1 a_id int4
         2 x int4
         3 y int4
         c b_check [2, 3]
         c b_x_check [2]
         c b_x_check1 [2]
         f b_a_id_fkey [1] -> a [1]
         f b_x_fkey [2] -> a [1]
         i b_x_y_key [2, 3] unique
         u b_x_y_key [2, 3]",
    );
    assert_eq!(show(&world, "b"), b);
    assert_eq!(relation(&world, "a_id_seq").owned_by, oid(&world, "a").map(|a| (a, 1)));
}

#[test]
fn long_names_are_cut_as_the_server_cuts_them() {
    let mut world = world();
    let (table, column) = ("t".repeat(70), "c".repeat(40));
    run(&mut world, &format!("CREATE TABLE {table} ({column} serial UNIQUE)"));
    let (table, cut) = (&table[..63], &table[..29]);
    assert!(oid(&world, table).is_some());
    assert!(oid(&world, &format!("{cut}_{}_seq", &column[..29])).is_some());
    assert!(oid(&world, &format!("{cut}_{}_key", &column[..29])).is_some());
}

#[test]
fn a_key_that_is_asked_for_twice_is_made_once() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int PRIMARY KEY UNIQUE, b int UNIQUE, CONSTRAINT named UNIQUE (b))");
    assert_eq!(
        show(&world, "t"),
        lines(
            "1 a int4 not null
             2 b int4
             i named [2] unique
             i t_pkey [1] unique
             p t_pkey [1]
             u named [2]"
        )
    );
    assert!(
        failure(&mut world, "CREATE TABLE u (a int PRIMARY KEY, b int PRIMARY KEY)").contains("multiple primary keys")
    );
}

#[test]
fn a_table_has_a_row_type_and_an_array_of_it() {
    let mut world = world();
    run(&mut world, "CREATE TABLE _t (a int); CREATE TABLE t (a int);");
    let names: Vec<&str> =
        world.types.values().filter(|found| found.schema != 11).map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["_t", "__t", "t", "_t_1"]);
    run(&mut world, "DROP TABLE t, _t");
    assert!(world.types.values().all(|found| found.schema == 11));
}

#[test]
fn what_exists_is_left_alone_or_refused() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int)");
    let before = world.clone();
    let effect = run(&mut world, "CREATE TABLE IF NOT EXISTS t (b text)");
    assert_eq!(effect.notices, ["relation \"t\" already exists, skipping"]);
    assert_eq!(failure(&mut world, "CREATE TABLE t (b serial)"), "relation \"t\" already exists");
    // The sequence of the second column is taken back, with the OIDs that were given.
    assert!(failure(&mut world, "CREATE TABLE u (a serial, b int REFERENCES none)").contains("does not exist"));
    assert_eq!(world, before);
}

#[test]
fn identity_and_generated_columns() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME ids START 5), a int,
             b int GENERATED ALWAYS AS (a * 2) STORED)",
    );
    assert_eq!(show(&world, "t"), "1 id int8 not null identityalways\n2 a int4\n3 b int4 generated");
    assert!(relation(&world, "ids").identity_sequence);
    assert!(failure(&mut world, "DROP SEQUENCE ids").contains("column id of table public.t requires it"));
    assert!(failure(&mut world, "ALTER TABLE t DROP COLUMN a").contains("column b of table public.t depends on"));
    run(&mut world, "ALTER TABLE t DROP COLUMN a CASCADE, DROP COLUMN id");
    assert_eq!(show(&world, "t"), "");
    assert_eq!(oid(&world, "ids"), None);
}

#[test]
fn like_copies_what_is_included() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE a (id serial PRIMARY KEY, v text DEFAULT 'x' CHECK (v <> ''), w int GENERATED ALWAYS AS (id + 1) STORED);
         CREATE INDEX ON a (lower(v));
         CREATE TABLE plain (LIKE a);
         CREATE TABLE everything (LIKE a INCLUDING ALL, extra uuid);
         CREATE TABLE partly (LIKE a INCLUDING ALL EXCLUDING INDEXES EXCLUDING DEFAULTS);",
    );
    assert_eq!(show(&world, "plain"), "1 id int4 not null\n2 v text\n3 w int4");
    let everything = lines(
        "1 id int4 not null default
         2 v text default
         3 w int4 generated
         4 extra uuid
         c a_v_check [2]
         i everything_lower_idx [0]
         i everything_pkey [1] unique
         p everything_pkey [1]",
    );
    assert_eq!(show(&world, "everything"), everything);
    assert_eq!(show(&world, "partly"), "1 id int4 not null\n2 v text\n3 w int4 generated\nc a_v_check [2]");
    // The copied default uses the sequence of the original.
    assert!(failure(&mut world, "DROP TABLE a").contains("default value for column id of table public.everything"));
}

#[test]
fn columns_of_parents_come_first_and_are_merged() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE m1 (a int, b text CHECK (b <> ''));
         CREATE TABLE m2 (b text, c int NOT NULL);
         CREATE TABLE m (a int DEFAULT 3, d int) INHERITS (m1, m2);",
    );
    let merged = lines(
        "1 a int4 default local=true inherited=1
         2 b text local=false inherited=2
         3 c int4 not null local=false inherited=1
         4 d int4
         c m1_b_check [2] local=false inherited=1",
    );
    assert_eq!(show(&world, "m"), merged);
    assert!(failure(&mut world, "CREATE TABLE n (a text) INHERITS (m1)").contains("type conflict"));
    assert!(failure(&mut world, "DROP TABLE m1").contains("table public.m depends on table public.m1"));
}

#[test]
fn names_are_folded_quoted_and_looked_for_on_the_path() {
    let mut world = world();
    run(&mut world, "CREATE TABLE \"Mixed\" (\"Id\" int, ID2 int, U&\"d\\0061ta\" int)");
    assert_eq!(columns(&world, "Mixed"), ["Id int4", "id2 int4", "data int4"]);
    assert!(failure(&mut world, "ALTER TABLE mixed ADD x int").contains("relation \"mixed\" does not exist"));
    // A temporary table hides the other one; it has no schema of its own in the world.
    run(&mut world, "CREATE TABLE t (a int); CREATE TEMP TABLE t (b int); ALTER TABLE t ADD COLUMN c int");
    assert_eq!(columns(&world, "t"), ["a int4"]);
    assert!(failure(&mut world, "CREATE TABLE nowhere.t (a int)").contains("schema \"nowhere\" does not exist"));
}
