use super::describe;

#[track_caller]
fn says(text: &str, expected: &str) {
    let (tag, object) = describe(text);
    let said = object.map_or(tag.clone(), |object| format!("{tag}: {object}"));
    assert_eq!(said, expected, "{text}");
}

#[test]
fn tables_are_named_as_written_folded_and_unquoted_where_no_quotes_are_needed() {
    says("alter table if exists only Public.Orders add x int", "ALTER TABLE: public.orders");
    says(r#"ALTER TABLE "public"."orders" RENAME TO x"#, "ALTER TABLE: public.orders");
    says(r#"ALTER TABLE "Odd"."a ""b""" RENAME TO x"#, r#"ALTER TABLE: "Odd"."a ""b""""#);
    says(r#"DROP TABLE public."order""#, r#"DROP TABLE: public."order""#);
    says("/* a */ DROP -- b\n TABLE IF EXISTS a . b CASCADE", "DROP TABLE: a.b");
    says("DROP TABLE :schema.orders", "DROP TABLE: :schema.orders");
    says("ALTER TABLE only.t ADD x int", "ALTER TABLE: only.t");
    says("ALTER TABLE ALL IN TABLESPACE old SET TABLESPACE new", "ALTER TABLE: all in tablespace old");
}

#[test]
fn a_table_made_of_a_query_has_a_tag_of_its_own() {
    says("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED)", "CREATE TABLE: t");
    says("CREATE UNLOGGED TABLE IF NOT EXISTS a.t (x, y) WITH (fillfactor = 10) AS SELECT 1", "CREATE TABLE AS: a.t");
    says("CREATE LOCAL TEMP TABLE t ON COMMIT DROP AS TABLE x", "CREATE TABLE AS: t");
    says("CREATE TABLE p PARTITION OF q FOR VALUES FROM (1) TO (2)", "CREATE TABLE: p");
    says("CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1", "CREATE MATERIALIZED VIEW: m");
    says("SELECT a.into, 1 INTO TEMP TABLE t FROM x", "SELECT INTO: t");
    says("CREATE OR REPLACE TEMP RECURSIVE VIEW v (a) AS SELECT 1", "CREATE VIEW: v");
}

#[test]
fn several_objects_are_named_up_to_a_few() {
    says("DROP TABLE a, b.c CASCADE", "DROP TABLE: a, b.c");
    says("DROP VIEW a, b, c, d, e", "DROP VIEW: a, b, c, ...");
    says("DROP FUNCTION f(int, text), g()", "DROP FUNCTION: f, g");
    says("DROP OWNED BY a, b", "DROP OWNED: a, b");
    says("REASSIGN OWNED BY a TO b", "REASSIGN OWNED: a");
    says("TRUNCATE a *, ONLY b", "TRUNCATE TABLE: a, b");
    says("LOCK TABLE ONLY a.b IN SHARE MODE", "LOCK TABLE: a.b");
}

#[test]
fn an_index_without_a_name_is_on_its_table() {
    says("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON public.orders (a)", "CREATE INDEX: i");
    says("CREATE INDEX ON ONLY public.orders USING gin (a)", "CREATE INDEX: on public.orders");
    says("DROP INDEX CONCURRENTLY IF EXISTS a.i", "DROP INDEX: a.i");
    says("REINDEX (VERBOSE) TABLE CONCURRENTLY a.t", "REINDEX: a.t");
    says("REINDEX SCHEMA a", "REINDEX: schema a");
}

#[test]
fn what_belongs_to_a_table_is_named_with_it() {
    says("CREATE CONSTRAINT TRIGGER g AFTER INSERT ON a.t DEFERRABLE EXECUTE FUNCTION f()", "CREATE TRIGGER: g on a.t");
    says("DROP TRIGGER IF EXISTS g ON a.t", "DROP TRIGGER: g on a.t");
    says("CREATE POLICY p ON a.t TO x USING (true)", "CREATE POLICY: p on a.t");
    says("CREATE OR REPLACE RULE r AS ON DELETE TO a.t DO NOTHING", "CREATE RULE: r on a.t");
    says("ALTER POLICY p ON a.t RENAME TO q", "ALTER POLICY: p on a.t");
    says("COMMENT ON CONSTRAINT c ON DOMAIN d IS 'x'", "COMMENT: constraint c on d");
}

#[test]
fn every_kind_of_object_has_its_tag() {
    for kind in super::KINDS {
        let (tag, _) = describe(&format!("ALTER {kind} x"));
        assert_eq!(tag, format!("ALTER {kind}"));
    }
    says("CREATE USER u PASSWORD 'secret'", "CREATE ROLE: u");
    says("ALTER GROUP g ADD USER u", "ALTER ROLE: g");
    says(
        "CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER s",
        "CREATE USER MAPPING: for current_user server s",
    );
    says("CREATE SCHEMA AUTHORIZATION joe", "CREATE SCHEMA: joe");
    says("CREATE SCHEMA IF NOT EXISTS a AUTHORIZATION joe", "CREATE SCHEMA: a");
    says("CREATE CAST (a AS b) WITHOUT FUNCTION", "CREATE CAST: (a AS b)");
    says("CREATE OPERATOR public.=== (LEFTARG = int)", "CREATE OPERATOR: public.===");
    says("DROP OPERATOR CLASS c USING btree", "DROP OPERATOR CLASS: c");
    says("CREATE TRANSFORM FOR hstore LANGUAGE plpython3u (x)", "CREATE TRANSFORM: for hstore language plpython3u");
    says("CREATE TRUSTED PROCEDURAL LANGUAGE l", "CREATE LANGUAGE: l");
    says("CREATE DEFAULT CONVERSION c FOR 'x' TO 'y' FROM f", "CREATE CONVERSION: c");
    says("ALTER DEFAULT PRIVILEGES IN SCHEMA a GRANT SELECT ON TABLES TO b", "ALTER DEFAULT PRIVILEGES");
    says("ALTER SYSTEM SET work_mem = 1", "ALTER SYSTEM: work_mem");
    says("COMMENT ON COLUMN a.t.c IS 'secret'", "COMMENT: column a.t.c");
    says("COMMENT ON TABLE a.t IS 'x'", "COMMENT: a.t");
    says("COMMENT ON LARGE OBJECT 42 IS 'x'", "COMMENT: large object 42");
    says("SECURITY LABEL FOR p ON VIEW v IS 'x'", "SECURITY LABEL: view v");
    says("IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b", "IMPORT FOREIGN SCHEMA: a");
}

#[test]
fn privileges_and_memberships_are_told_apart() {
    says("GRANT SELECT (on_hand), INSERT ON TABLE a, b TO c", "GRANT: a, b");
    says("REVOKE GRANT OPTION FOR ALL ON a.t FROM PUBLIC", "REVOKE: a.t");
    says("GRANT USAGE ON SCHEMA a TO b", "GRANT: schema a");
    says("GRANT EXECUTE ON FUNCTION a.f(int) TO b", "GRANT: function a.f");
    says("GRANT SELECT ON ALL TABLES IN SCHEMA a, b TO c", "GRANT: all tables in schema a, b");
    says("GRANT USAGE ON FOREIGN SERVER s TO c", "GRANT: foreign server s");
    says("GRANT a, b TO c WITH ADMIN OPTION", "GRANT ROLE: a, b");
    says("REVOKE ADMIN OPTION FOR a FROM c", "REVOKE ROLE: a");
}

#[test]
fn writes_name_their_target_and_reads_name_nothing() {
    says("SELECT secret FROM t", "SELECT");
    says("((SELECT 1) UNION SELECT 2)", "SELECT");
    says("VALUES (1)", "SELECT");
    says("INSERT INTO a.t VALUES (1)", "INSERT: a.t");
    says("UPDATE ONLY a.t SET x = 1", "UPDATE: a.t");
    says("DELETE FROM a.t", "DELETE: a.t");
    says("MERGE INTO a.t USING b ON true WHEN MATCHED THEN DELETE", "MERGE: a.t");
    says("WITH x AS (SELECT 1), y AS (DELETE FROM z) INSERT INTO a.t SELECT 1", "INSERT: a.t");
    says("WITH x AS (INSERT INTO z VALUES (1)) SELECT 1", "SELECT");
    says("COPY a.t (x) FROM stdin", "COPY: a.t");
    says("COPY (SELECT 1) TO '/secret'", "COPY");
}

#[test]
fn transactions_and_sessions() {
    says("start transaction read only", "START TRANSACTION");
    says("BEGIN", "BEGIN");
    says("END", "COMMIT");
    says("COMMIT AND CHAIN", "COMMIT");
    says("COMMIT PREPARED 'x'", "COMMIT PREPARED");
    says("ABORT", "ROLLBACK");
    says("ROLLBACK WORK TO SAVEPOINT s", "ROLLBACK: to s");
    says("ROLLBACK TO savepoint", "ROLLBACK: to savepoint");
    says("RELEASE SAVEPOINT s", "RELEASE: s");
    says("RELEASE s", "RELEASE: s");
    says("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION");
    says("PREPARE p (int) AS SELECT 1", "PREPARE: p");
    says("SET LOCAL search_path = a", "SET: search_path");
    says("SET SESSION AUTHORIZATION joe", "SET: session authorization");
    says("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET: session characteristics");
    says("SET TIME ZONE 'x'", "SET: time zone");
    says("SET ROLE joe", "SET: role");
    says("SET integratedb.enforcement = 'off'", "SET: integratedb.enforcement");
    says("SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS: all");
    says("RESET ALL", "RESET: all");
    says("DISCARD TEMPORARY", "DISCARD TEMP");
    says("DEALLOCATE PREPARE ALL", "DEALLOCATE ALL");
    says("DEALLOCATE p", "DEALLOCATE: p");
    says("VACUUM (ANALYZE) a.t (x), b", "VACUUM: a.t, b");
    says("VACUUM FULL", "VACUUM");
    says("DO $$ secret $$", "DO");
    says("CALL a.f(1)", "CALL: a.f");
    says("EXPLAIN ANALYZE DELETE FROM t", "EXPLAIN");
    says("REFRESH MATERIALIZED VIEW CONCURRENTLY a.m", "REFRESH MATERIALIZED VIEW: a.m");
}

#[test]
fn what_cannot_be_read_shows_nothing_of_its_text() {
    for text in ["", ";", "hunter2 secret", "'secret'", "\"DROP\" TABLE x"] {
        says(text, "???");
    }
    says("CREATE", "CREATE");
    says("DROP TABLE", "DROP TABLE");
    says("ALTER TABLE 'secret'", "ALTER TABLE");
    says("DROP TABLE \"unended", "DROP TABLE");
    says("COMMENT ON", "COMMENT");
    says("CREATE CAST ('secret')", "CREATE CAST");
    let deep = format!("CREATE TABLE t (a int CHECK ({}1{}))", "(".repeat(1_000_000), ")".repeat(1_000_000));
    says(&deep, "CREATE TABLE: t");
}
