use super::super::fixture::{failure, oid, run, world};
use super::{lines, show};

#[test]
fn indexes_get_the_names_that_the_server_chooses() {
    let mut world = world();
    run(
        &mut world,
        "CREATE TABLE t (a int, b text, c int);
         CREATE INDEX ON t (a, c); CREATE INDEX ON t (a, c); CREATE INDEX ON t (lower(b), (a + c), (b::varchar));
         CREATE UNIQUE INDEX ON t (a) INCLUDE (b) WHERE c IS NOT NULL; CREATE INDEX named ON t USING btree (b COLLATE \"C\" DESC);",
    );
    let expected = lines(
        "1 a int4
         2 b text
         3 c int4
         i named [2]
         i t_a_b_idx [1] unique partial
         i t_a_c_idx [1, 3]
         i t_a_c_idx1 [1, 3]
         i t_lower_expr_b_idx [0, 0, 0]",
    );
    assert_eq!(show(&world, "t"), expected);
    assert!(failure(&mut world, "CREATE INDEX named ON t (a)").contains("already exists"));
    run(&mut world, "CREATE INDEX IF NOT EXISTS named ON t (a)");
    assert!(failure(&mut world, "CREATE INDEX ON t (nothing)").contains("column \"nothing\" does not exist"));
    run(&mut world, "DROP INDEX named, t_a_c_idx");
    assert_eq!(oid(&world, "named"), None);
}

#[test]
fn an_index_of_a_constraint_goes_with_that() {
    let mut world = world();
    run(&mut world, "CREATE TABLE t (a int UNIQUE, EXCLUDE USING btree (a WITH =))");
    assert!(failure(&mut world, "DROP INDEX t_a_key").contains("constraint t_a_key on table public.t requires it"));
    run(&mut world, "ALTER TABLE t DROP CONSTRAINT t_a_key");
    assert_eq!(show(&world, "t"), "1 a int4\ni t_a_excl [1]\nx t_a_excl [1]");
}

#[test]
fn concurrently_is_for_no_transaction_block() {
    let mut world = world();
    let effect = run(&mut world, "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a)");
    assert!(effect.alone);
    let effect = run(&mut world, "DROP INDEX CONCURRENTLY i");
    assert!(effect.alone);
    assert!(!run(&mut world, "CREATE INDEX i ON t (a)").alone);
    assert!(run(&mut world, "REINDEX INDEX CONCURRENTLY i").alone);
}
