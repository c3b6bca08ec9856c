-- check_document(): every problem of a document with its JSON path, what is to be said about it, and the grants and revokes that
-- claiming it would make. It changes nothing.
\set test 'integratedb_check_document'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set digest :abs_srcdir '/include/digest.sql'
\i :digest
CREATE TABLE public.orders (id bigserial PRIMARY KEY, total numeric, note text);
CREATE TABLE public.customers (id bigint PRIMARY KEY, email text);
CREATE FUNCTION public.f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TYPE public.mood AS ENUM ('sad');
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('empty');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "note"]}]}');
SELECT integratedb.protect('public.customers', '{email}');
SELECT public.digest() AS before \gset
-- For a new stakeholder, and for one that has something.
SELECT * FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["*"], "privileges": ["select", "insert", "delete"]}, {"path": "public.customers", "fields": ["*"]}, {"function": "public.f(integer)"}, {"type": "public.mood"}]}');
SELECT finding, message, privilege, path, column_name FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["id", "total"]}, {"path": "public.customers", "fields": ["id"]}]}', 'reporter');
SELECT finding, message FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["id", "note"]}]}', 'reporter');
SELECT finding, message FROM integratedb.check_document('{"match": []}', 'reporter');
SELECT finding, message FROM integratedb.check_document('{"match": []}');
-- Warnings; and a pending claim, which grants nothing yet.
SELECT finding, message FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["note"], "privileges": ["update"]}, {"path": "public.later", "fields": ["*"], "pending": true}]}', 'empty');
-- Every problem: of form, of names, of types, against the catalogs and protections.
SELECT finding, json_path, message, hint, sqlstate FROM integratedb.check_document('{"shape": "loose", "match": [
    {"path": "public.orders", "fields": ["id", "totl", {"name": "note", "type": "bigint", "max_length": 3}, {"name": "total", "type": ["numerc", "text"]}], "keys": [["note"]], "indexed": [["total"]], "privileges": ["select", "trigger"]},
    {"path": "public.customers", "fields": ["email"], "references": [{"fields": ["email"], "path": "public.orders", "to": ["note"]}]},
    {"path": "public.customerz"}, {"function": "public.f(text)"}, {"function": "public.f(integer)", "returns": "text"}, {"type": "public.mood", "labels": ["glad"]}, {"sequence": "public.s"}, {"path": "pg_catalog.pg_class"}, 3]}', 'reporter');
SELECT finding, json_path, message, sqlstate FROM integratedb.check_document('[]');
SELECT finding, json_path, message, sqlstate FROM integratedb.check_document('{}');
SELECT finding, json_path, message, sqlstate FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["id"]}, {"path": "public.orders", "fields": ["id"]}]}');
-- As claim() says it: the same problems in the same order.
SELECT string_agg(json_path || ': ' || message, E'\n') FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["idd", "totall"]}, {"path": "public.f"}]}', 'reporter') WHERE finding = 'problem';
SELECT integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["idd", "totall"]}, {"path": "public.f"}]}');
-- What it says is what claim() does.
SELECT public.digest() = :'before' AS unchanged;
CREATE TABLE public.said AS SELECT finding AS action, privilege, path, column_name FROM integratedb.check_document('{"match": [{"path": "public.*", "fields": ["*"], "privileges": ["select", "insert"]}, {"function": "public.f(integer)"}]}', 'reporter');
DROP TABLE public.said;
SELECT public.digest() = :'before' AS unchanged;
CREATE TEMPORARY TABLE said AS SELECT finding AS action, privilege, path, column_name FROM integratedb.check_document('{"match": [{"path": "public.*", "fields": ["*"]}, {"function": "public.f(integer)"}]}', 'reporter');
CREATE TEMPORARY TABLE done AS SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.*", "fields": ["*"]}, {"function": "public.f(integer)"}]}');
SELECT count(*) FROM said;
(TABLE said EXCEPT TABLE done) UNION ALL (TABLE done EXCEPT TABLE said);
-- Nobody waits for it, and it waits for nobody: in a transaction that only reads, and beside DDL of another's.
SELECT public.digest() AS before \gset
BEGIN READ ONLY;
SELECT count(*) FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["id"]}]}', 'reporter');
SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('integratedb.fence'::regclass, 'integratedb.baseline'::regclass);
COMMIT;
BEGIN;
ALTER TABLE public.customers ADD COLUMN phone text;
SELECT finding, message FROM integratedb.check_document('{"match": [{"path": "public.customers", "fields": ["id", "phone"]}]}');
ROLLBACK;
SELECT public.digest() = :'before' AS unchanged;
-- No stakeholder; no document; a stakeholder whose role is missing.
SELECT * FROM integratedb.check_document('{"match": []}', 'nobody');
SELECT * FROM integratedb.check_document(NULL);
ALTER ROLE empty RENAME TO regress_renamed;
SELECT finding, message, sqlstate FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["id"]}]}', 'empty');
SELECT finding, message FROM integratedb.check_document('{"match": []}', 'empty');
ALTER ROLE regress_renamed RENAME TO empty;
-- Superusers only: its answers tell what the catalogs hide.
CREATE ROLE regress_nobody;
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM integratedb.check_document('{"match": []}');
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA integratedb TO regress_nobody;
GRANT EXECUTE ON FUNCTION integratedb.check_document(jsonb, text) TO regress_nobody;
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM integratedb.check_document('{"match": []}');
RESET SESSION AUTHORIZATION;
\c - reporter
SELECT * FROM integratedb.check_document('{"match": []}', 'reporter');
\c :test :regress_user :regress_host :regress_port
-- Of many problems the first 1,000.
SELECT finding, json_path, sqlstate FROM integratedb.check_document((SELECT jsonb_build_object('match', jsonb_agg(jsonb_build_object('path', 'public.t' || i))) FROM generate_series(1, 1100) AS i)) LIMIT 2;
SELECT count(*) FROM integratedb.check_document((SELECT jsonb_build_object('match', jsonb_agg(jsonb_build_object('path', 'public.t' || i))) FROM generate_series(1, 1100) AS i));
\i :end
