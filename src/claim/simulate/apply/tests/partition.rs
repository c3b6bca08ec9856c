use super::super::fixture::{failure, relation, run, world};
use super::{lines, show};

const TABLES: &str = "CREATE TABLE r (id int PRIMARY KEY);
    CREATE TABLE p (id int NOT NULL, k int NOT NULL, v text DEFAULT 'z' CHECK (v <> ''), r int REFERENCES r, PRIMARY KEY (id, k))
        PARTITION BY LIST (k);";

#[test]
fn a_partition_has_what_its_table_has() {
    let mut world = world();
    run(
        &mut world,
        &format!("{TABLES} CREATE INDEX ON p (lower(v)); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"),
    );
    let expected = lines(
        "1 id int4 not null local=false inherited=1
         2 k int4 not null local=false inherited=1
         3 v text default local=false inherited=1
         4 r int4 local=false inherited=1
         c p_v_check [3] local=false inherited=1
         f p_r_fkey [4] -> r [1] local=false inherited=1
         i p1_lower_idx [0] of p_lower_idx
         i p1_pkey [1, 2] unique of p_pkey
         p p1_pkey [1, 2] local=false inherited=1",
    );
    assert_eq!(show(&world, "p1"), expected);
    for refused in [
        "ALTER TABLE p1 ADD x int",
        "ALTER TABLE p1 DROP CONSTRAINT p1_pkey",
        "ALTER TABLE p1 ALTER id DROP NOT NULL",
        "DROP INDEX p1_pkey",
        "ALTER TABLE p1 NO INHERIT p",
    ] {
        failure(&mut world, refused);
    }
    run(&mut world, "ALTER TABLE p DETACH PARTITION p1");
    let alone =
        expected.replace(" local=false inherited=1", "").replace(" of p_lower_idx", "").replace(" of p_pkey", "");
    assert_eq!(show(&world, "p1"), alone);
    run(&mut world, "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1)");
    assert_eq!(show(&world, "p1"), expected);
    assert!(relation(&world, "p1").partition);
    run(&mut world, "DROP TABLE p");
    assert!(world.relations.values().all(|found| !found.name.starts_with('p')));
}

#[test]
fn what_is_attached_must_fit() {
    let mut world = world();
    run(
        &mut world,
        &format!("{TABLES} CREATE TABLE a (id int NOT NULL); CREATE TABLE b (id int, k int NOT NULL, v text, r int);"),
    );
    assert!(failure(&mut world, "ALTER TABLE p ATTACH PARTITION a FOR VALUES IN (1)").contains("missing column \"k\""));
    assert!(
        failure(&mut world, "ALTER TABLE p ATTACH PARTITION b FOR VALUES IN (1)").contains("must be marked NOT NULL")
    );
    run(&mut world, "ALTER TABLE b ALTER id SET NOT NULL");
    assert!(
        failure(&mut world, "ALTER TABLE p ATTACH PARTITION b DEFAULT").contains("missing constraint \"p_v_check\"")
    );
    assert!(failure(&mut world, "ALTER TABLE r ATTACH PARTITION b DEFAULT").contains("is not partitioned"));
    run(&mut world, "ALTER TABLE b ADD CONSTRAINT p_v_check CHECK (v <> ''); ALTER TABLE p ATTACH PARTITION b DEFAULT");
    assert!(show(&world, "b").contains("i b_pkey [1, 2] unique of p_pkey"));
}

#[test]
fn foreign_keys_to_a_partitioned_table_reach_its_partitions() {
    let mut world = world();
    run(
        &mut world,
        &format!(
            "{TABLES} CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE f (a int, b int, FOREIGN KEY (a, b) REFERENCES p);
             CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);"
        ),
    );
    let expected = lines(
        "1 a int4
         2 b int4
         f f_a_b_fkey [1, 2] -> p [1, 2]
         f f_a_b_fkey1 [1, 2] -> p1 [1, 2] local=false inherited=1
         f f_a_b_fkey2 [1, 2] -> p2 [1, 2] local=false inherited=1",
    );
    assert_eq!(show(&world, "f"), expected);
    assert!(failure(&mut world, "DROP TABLE p1").contains("constraint f_a_b_fkey"));
    run(&mut world, "ALTER TABLE p DETACH PARTITION p1");
    assert!(!show(&world, "f").contains("-> p1"));
}

#[test]
fn an_index_on_only_the_table_is_valid_when_all_partitions_have_one() {
    let mut world = world();
    run(
        &mut world,
        &format!(
            "{TABLES} CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX i ON ONLY p (r); CREATE INDEX i1 ON p1 (r);"
        ),
    );
    assert!(show(&world, "p").contains("i i [4] not valid"));
    run(&mut world, "ALTER INDEX i ATTACH PARTITION i1");
    assert!(show(&world, "p").contains("i i [4]\n"));
    assert!(show(&world, "p1").contains("i i1 [4] of i"));
}
