-- A claim on as many columns as a table can have, beside small tables: all of them are stored and granted, what is stored is
-- read again as it was, and no lock is left on the catalogs that the grants have changed.
\set test 'integratedb_claim_many_columns'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE SCHEMA wide;
DO $$ BEGIN
    EXECUTE (SELECT format('CREATE TABLE wide.all_columns (%s)',
                           string_agg(format('%I numeric(12,2) NOT NULL', 'a "long" name of a column, number ' || n), ', '))
             FROM generate_series(1, 1590) n);
    FOR n IN 1..30 LOOP
        EXECUTE format('CREATE TABLE wide.t%s (id bigint PRIMARY KEY, name varchar(40))', n);
    END LOOP;
END $$;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
CREATE VIEW on_catalogs AS
SELECT count(*) FROM pg_locks
WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock'
  AND relation IN ('pg_class'::regclass, 'pg_attribute'::regclass, 'pg_shdepend'::regclass, 'pg_class_oid_index'::regclass);
BEGIN;
SELECT action, privilege, count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "wide.*", "fields": ["*"]}]}') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM on_catalogs;
COMMIT;
SELECT path, count(*), min(shape), max(shape) FROM integratedb.claimed_columns WHERE path IN ('wide.all_columns', 'wide.t1') GROUP BY 1 ORDER BY 1;
SELECT count(DISTINCT path) FROM integratedb.claimed_columns;
SELECT md5(string_agg(r::text, ',' ORDER BY claim_id)) AS before FROM integratedb.claimed_relation r \gset
SELECT integratedb.sync();
SELECT md5(string_agg(r::text, ',' ORDER BY claim_id)) = :'before' AS same FROM integratedb.claimed_relation r;
-- Named, each column is granted by itself.
SELECT jsonb_build_object('match', jsonb_agg(jsonb_build_object('path', format('wide.%s', relname), 'fields', fields))) AS document
FROM (SELECT c.relname, jsonb_agg(attname ORDER BY attnum) AS fields FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'wide'::regnamespace AND c.relkind = 'r' AND attnum > 0 GROUP BY 1) s \gset
BEGIN;
SELECT action, privilege, count(*) FROM integratedb.claim('regress_app', :'document') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM on_catalogs;
COMMIT;
SELECT count(*) FROM information_schema.column_privileges WHERE grantee = 'regress_app' AND table_schema = 'wide';
ALTER TABLE wide.all_columns DROP COLUMN "a ""long"" name of a column, number 1590";
BEGIN;
SELECT action, privilege, count(*) FROM integratedb.unclaim('regress_app') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM on_catalogs;
COMMIT;
SELECT count(*) FROM integratedb.granted_privilege WHERE object_kind = 'relation';
\i :end
