use super::super::fixture::{columns, failure, oid, relation, run, world};
use super::{lines, show};

#[test]
fn several_actions_are_taken_in_the_order_of_the_server() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int, b int)");
    // DROP before ADD, columns before constraints, whatever the order in which they are written.
    run(&mut world, "ALTER TABLE t ADD CONSTRAINT k UNIQUE (c), ADD COLUMN c text, ADD COLUMN b text, DROP COLUMN b");
    assert_eq!(show(&world, "t"), "1 a int4\n3 c text\n4 b text\ni k [3] unique\nu k [3]");
}

#[test]
fn a_failure_takes_back_all_actions() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int, b int)");
    let before = world.clone();
    assert!(
        failure(&mut world, "ALTER TABLE t ADD c serial, DROP COLUMN a, ADD UNIQUE (nothing)").contains("named in key")
    );
    assert_eq!(world, before);
    // And the indexes over the world are as before, too.
    run(&mut world, "CREATE SEQUENCE_FREE_NAME".replace("SEQUENCE_FREE_NAME", "TABLE t_c_seq (x int)").as_str());
    assert!(oid(&world, "t_c_seq").is_some());
}

#[test]
fn columns_are_added_once() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int)");
    let effect = run(&mut world, "ALTER TABLE t ADD COLUMN IF NOT EXISTS a text PRIMARY KEY");
    assert_eq!(effect.notices, ["column \"a\" of relation \"t\" already exists, skipping"]);
    assert_eq!(show(&world, "t"), "1 a int4");
    assert!(failure(&mut world, "ALTER TABLE t ADD COLUMN a int").contains("already exists"));
    run(&mut world, "ALTER TABLE t ADD id bigserial PRIMARY KEY, ADD p int REFERENCES t CHECK (p > 0)");
    let expected = lines(
        "1 a int4
         2 id int8 not null default
         3 p int4
         c t_p_check [3]
         f t_p_fkey [3] -> t [2]
         i t_pkey [2] unique
         p t_pkey [2]",
    );
    assert_eq!(show(&world, "t"), expected);
}

#[test]
fn dropping_a_column_takes_what_is_on_it() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b int, c int, CHECK (a > b));
         CREATE INDEX ON t (c) WHERE b > 1;
         CREATE TABLE f (t int REFERENCES t);
         ALTER TABLE t DROP COLUMN b;",
    );
    let left = "1 id int4 not null default\n2 a int4\n4 c int4\ni t_a_key [2] unique\ni t_pkey [1] unique\np t_pkey [1]\nu t_a_key [2]";
    assert_eq!(show(&world, "t"), left);
    let why = failure(&mut world, "ALTER TABLE t DROP COLUMN id");
    assert!(why.contains("constraint f_t_fkey on table public.f depends on"), "{why}");
    run(&mut world, "ALTER TABLE t DROP COLUMN id CASCADE");
    assert_eq!(show(&world, "f"), "1 t int4");
    assert_eq!(oid(&world, "t_id_seq"), None);
}

#[test]
fn children_follow() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE p (id int PRIMARY KEY, v text); CREATE TABLE c (w text DEFAULT 'q') INHERITS (p);
         ALTER TABLE p ADD COLUMN w text DEFAULT 'r' CHECK (w <> ''), ALTER v SET NOT NULL;
         ALTER TABLE p RENAME v TO vv;",
    );
    let child = lines(
        "1 id int4 not null local=false inherited=1
         2 vv text not null local=false inherited=1
         3 w text default local=true inherited=1
         c p_w_check [3] local=false inherited=1",
    );
    assert_eq!(show(&world, "c"), child);
    for refused in [
        "ALTER TABLE c DROP COLUMN vv",
        "ALTER TABLE c RENAME vv TO x",
        "ALTER TABLE ONLY p RENAME vv TO x",
        "ALTER TABLE ONLY p ADD x int",
        "ALTER TABLE c ALTER vv TYPE varchar(3)",
        "ALTER TABLE c DROP CONSTRAINT p_w_check",
    ] {
        failure(&mut world, refused);
    }
    run(&mut world, "ALTER TABLE p DROP CONSTRAINT p_w_check, DROP COLUMN w, DROP COLUMN vv");
    assert_eq!(show(&world, "c"), "1 id int4 not null local=false inherited=1\n3 w text default");
    run(&mut world, "ALTER TABLE c NO INHERIT p");
    assert_eq!(show(&world, "c"), "1 id int4 not null\n3 w text default");
    run(&mut world, "ALTER TABLE c INHERIT p; ALTER TABLE ONLY p DROP COLUMN id");
    assert_eq!(show(&world, "c"), "1 id int4 not null\n3 w text default");
}

#[test]
fn types_change_unless_something_is_built_on_them() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE t (a int, b text, c int, d int GENERATED ALWAYS AS (c) STORED);
         ALTER TABLE t ALTER a TYPE bigint, ALTER b SET DATA TYPE varchar(10) USING b::varchar;
         CREATE POLICY p ON t USING (a > 1);",
    );
    assert_eq!(columns(&world, "t"), ["a int8", "b varchar(14)", "c int4", "d int4"]);
    assert!(failure(&mut world, "ALTER TABLE t ALTER a TYPE int").contains("policy definition"));
    assert!(failure(&mut world, "ALTER TABLE t ALTER c TYPE bigint").contains("generated column"));
    assert!(failure(&mut world, "ALTER TABLE t ALTER b TYPE int").contains("cannot be cast automatically"));
    run(&mut world, "ALTER TABLE t ALTER b TYPE int USING b::int");
}

#[test]
fn renames_take_row_types_indexes_and_constraints_along() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE t (id serial CONSTRAINT k PRIMARY KEY);
         ALTER INDEX k RENAME TO k2; ALTER TABLE t RENAME CONSTRAINT k2 TO k3; ALTER TABLE t RENAME TO u;",
    );
    assert_eq!(show(&world, "u"), "1 id int4 not null default\ni k3 [1] unique\np k3 [1]");
    let row_type = relation(&world, "u").row_type;
    assert_eq!(world.types[&row_type].name, "u");
    assert_eq!(world.types[&world.types[&row_type].array].name, "_u");
    // Not the sequence.
    assert!(oid(&world, "t_id_seq").is_some());
    assert!(failure(&mut world, "ALTER TABLE u RENAME TO k3").contains("already exists"));
}

#[test]
fn constraints_are_added_validated_and_dropped() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE r (id int PRIMARY KEY); CREATE TABLE t (a int, b int);
         ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r NOT VALID, ADD CONSTRAINT c CHECK (b IS NOT NULL) NOT VALID;
         CREATE UNIQUE INDEX bi ON t (b);
         ALTER TABLE t ADD CONSTRAINT bu UNIQUE USING INDEX bi;",
    );
    let before = "1 a int4\n2 b int4\nc c [2] not valid\nf f [1] -> r [1] not valid\ni bu [2] unique\nu bu [2]";
    assert_eq!(show(&world, "t"), before);
    run(&mut world, "ALTER TABLE t VALIDATE CONSTRAINT f; ALTER TABLE t VALIDATE CONSTRAINT c");
    assert_eq!(show(&world, "t"), before.replace(" not valid", ""));
    assert!(failure(&mut world, "ALTER TABLE r DROP CONSTRAINT r_pkey").contains("constraint f on table public.t"));
    run(
        &mut world,
        "ALTER TABLE r DROP CONSTRAINT r_pkey CASCADE; ALTER TABLE t DROP CONSTRAINT bu, DROP CONSTRAINT IF EXISTS zz",
    );
    assert_eq!(show(&world, "t"), "1 a int4\n2 b int4\nc c [2]");
    // Dropping a primary key leaves NOT NULL.
    assert_eq!(show(&world, "r"), "1 id int4 not null");
}

#[test]
fn a_foreign_key_needs_a_unique_key() {
    let mut world = world();
    run(&mut world, "CREATE TABLE r (a int, b int); CREATE TABLE t (a int, b int)");
    assert!(failure(&mut world, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r").contains("no primary key"));
    assert!(failure(&mut world, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r (a)").contains("no unique constraint"));
    run(&mut world, "CREATE UNIQUE INDEX ON r (a) WHERE a > 1; ALTER TABLE r ADD UNIQUE (a, b)");
    assert!(failure(&mut world, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r (a)").contains("no unique constraint"));
    run(&mut world, "ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES r (b, a)");
    assert_eq!(show(&world, "t"), "1 a int4\n2 b int4\nf t_a_b_fkey [1, 2] -> r [2, 1]");
}

#[test]
fn defaults_identity_and_row_security() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int NOT NULL, b int DEFAULT 1, c int)");
    run(
        &mut world,
        "ALTER TABLE t ALTER b DROP DEFAULT, ALTER c SET DEFAULT 5, ALTER a ADD GENERATED ALWAYS AS IDENTITY",
    );
    assert_eq!(show(&world, "t"), "1 a int4 not null identityalways\n2 b int4\n3 c int4 default");
    assert!(failure(&mut world, "ALTER TABLE t ALTER a SET DEFAULT 1").contains("is an identity column"));
    assert!(failure(&mut world, "ALTER TABLE t ALTER a DROP NOT NULL").contains("is an identity column"));
    assert!(failure(&mut world, "ALTER TABLE t ALTER b ADD GENERATED ALWAYS AS IDENTITY").contains("NOT NULL before"));
    run(&mut world, "ALTER TABLE t ALTER a SET GENERATED BY DEFAULT RESTART");
    assert_eq!(relation(&world, "t").columns[0].filled, crate::catalog::Filled::Identity);
    run(
        &mut world,
        "ALTER TABLE t ALTER a DROP IDENTITY, ALTER c SET DEFAULT NULL, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    );
    assert_eq!(show(&world, "t"), "1 a int4 not null\n2 b int4\n3 c int4");
    assert_eq!(oid(&world, "t_a_seq"), None);
    assert!(relation(&world, "t").row_security && relation(&world, "t").force_row_security);
}

#[test]
fn if_exists_passes_over_what_is_not_there() {
    let mut world = world();
    let effect = run(&mut world, "ALTER TABLE IF EXISTS t ADD x int");
    assert_eq!(effect.notices, ["relation \"t\" does not exist, skipping"]);
    assert!(failure(&mut world, "ALTER TABLE t ADD x int").contains("does not exist"));
}
