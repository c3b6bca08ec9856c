-- Replacing a document grants and revokes the difference only, and returns it.
\set test 'integratedb_claim_difference'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.a (id bigint PRIMARY KEY, x text, y text);
CREATE TABLE public.b (id bigint PRIMARY KEY, x text);
CREATE SCHEMA s;
CREATE TABLE s.c (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
-- A grant that is not touched keeps the very row that holds it: xmin of the ACLs' rows.
CREATE VIEW public.touched AS
SELECT attrelid::regclass AS relation, attname AS name, xmin AS row_version FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN
       (SELECT oid FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 's'::regnamespace))
UNION ALL SELECT oid::regclass, NULL, xmin FROM pg_class WHERE relacl IS NOT NULL AND relnamespace IN ('public'::regnamespace, 's'::regnamespace)
UNION ALL SELECT NULL, nspname, xmin FROM pg_namespace WHERE nspname IN ('public', 's');

SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", "x"]}, {"path": "public.b", "fields": ["*"]}]}');
CREATE TEMP TABLE before AS SELECT * FROM public.touched;
-- The same again: nothing.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", "x"]}, {"path": "public.b", "fields": ["*"]}]}');
-- In another order and spelling: nothing.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.b", "fields": ["*"]}, {"path": "\"public\".\"a\"", "fields": [{"name": "x"}, "id"]}]}');
-- Declared shapes do not concern privileges.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.b", "fields": ["*"]}, {"path": "public.a", "fields": [{"name": "x", "type": "text"}, "id"]}]}');
SELECT count(*) FROM (SELECT * FROM public.touched EXCEPT SELECT * FROM before) AS changed;
-- One column for another.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", "y"]}, {"path": "public.b", "fields": ["*"]}]}');
SELECT relation, name FROM (SELECT * FROM public.touched EXCEPT SELECT * FROM before) AS changed ORDER BY 1, 2;
-- From columns to the whole table and back.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["*"]}, {"path": "public.b", "fields": ["id"]}]}');
SELECT relacl IS NOT NULL AND has_table_privilege('regress_app', oid, 'SELECT') AS whole, oid::regclass FROM pg_class WHERE relname IN ('a', 'b') ORDER BY 2;
SELECT attrelid::regclass, attname FROM pg_attribute WHERE attacl::text LIKE '%regress_app=r%' ORDER BY 1, 2;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", "y"]}, {"path": "public.b", "fields": ["*"]}]}');
-- Another schema.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "s.c", "fields": ["*"]}]}');
SELECT has_schema_privilege('regress_app', 's', 'USAGE');
-- Numbers of claims are kept for as long as the path is claimed.
SELECT claim_id AS number FROM integratedb.claims \gset
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id"]}, {"path": "s.c", "fields": ["id"]}]}');
SELECT path, claim_id = :number AS same FROM integratedb.claims ORDER BY 1;
-- A rollback takes back grants as well.
BEGIN;
SELECT * FROM integratedb.claim('regress_app', '{"match": []}');
ROLLBACK;
SELECT has_column_privilege('regress_app', 'public.a', 'id', 'SELECT'), has_schema_privilege('regress_app', 's', 'USAGE');
SELECT * FROM integratedb.claim('regress_app', '{"match": []}');
SELECT attrelid::regclass, attname FROM pg_attribute WHERE attacl::text LIKE '%regress_app=r%' ORDER BY 1, 2;
\i :end
