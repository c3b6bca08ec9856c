-- The owner of two schemas renames one over what others have made in the other: nothing of theirs is granted. And an index is the same under the name of its database.
\set test 'integratedb_threat_schema_swap'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE ROLE regress_alice;
CREATE ROLE regress_bob;
SELECT stakeholder FROM integratedb.create_stakeholder('spy');
SELECT stakeholder FROM integratedb.create_stakeholder('all_of_it');
CREATE SCHEMA fa AUTHORIZATION regress_alice;
CREATE SCHEMA fb AUTHORIZATION regress_alice;
GRANT CREATE, USAGE ON SCHEMA fb TO regress_bob;
GRANT CREATE ON DATABASE :test TO regress_alice;
SET SESSION AUTHORIZATION regress_alice;
CREATE TABLE fa.t (id integer PRIMARY KEY, word text);
CREATE FUNCTION fa.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE fa.s;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('spy', '{"match": [
  {"path": "fa.t", "fields": ["id", "word"], "keys": [["id"]], "privileges": ["select", "insert", "update", "delete"]},
  {"function": "fa.f()", "allow_security_definer": true}, {"sequence": "fa.s"}]}');
SELECT count(*) FROM integratedb.claim('all_of_it', '{"match": [{"path": "fa.*", "fields": ["*"], "optional": true}]}');
SET SESSION AUTHORIZATION regress_bob;
CREATE TABLE fb.t (id integer PRIMARY KEY, word text);
CREATE TABLE fb.secret (word text);
CREATE SEQUENCE fb.s;
CREATE FUNCTION fb.f() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 42';
REVOKE EXECUTE ON FUNCTION fb.f() FROM PUBLIC;
SET SESSION AUTHORIZATION regress_alice;
\set VERBOSITY terse
BEGIN;
ALTER SCHEMA fa RENAME TO fa_old;
ALTER SCHEMA fb RENAME TO fa;
\set VERBOSITY default
COMMIT;
-- There and back again is not somebody else's.
\set VERBOSITY terse
BEGIN;
ALTER SCHEMA fa RENAME TO fa_old;
ALTER SCHEMA fa_old RENAME TO fa;
COMMIT;
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.unmet_claims();
-- Without explicit claims in the way a wildcard takes in what its issuer may speak for, and nothing else.
SELECT count(*) FROM integratedb.unclaim('spy');
SET SESSION AUTHORIZATION regress_alice;
DROP SCHEMA fa CASCADE;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('all_of_it', '{"match": [{"path": "fc.*", "fields": ["*"], "pending": true}]}');
SET SESSION AUTHORIZATION regress_alice;
ALTER SCHEMA fb RENAME TO fc;
CREATE TABLE fc.own (id integer);
RESET SESSION AUTHORIZATION;
SELECT has_table_privilege('all_of_it', 'fc.own', 'SELECT') AS own, has_table_privilege('all_of_it', 'fc.secret', 'SELECT') AS others;
-- A superuser who says that all of it is meant.
SELECT integratedb.sync();
SELECT has_table_privilege('all_of_it', 'fc.own', 'SELECT') AS own, has_table_privilege('all_of_it', 'fc.secret', 'SELECT') AS others;
-- The name of the database in front is the same index.
CREATE TABLE public.t (id integer);
CREATE UNIQUE INDEX t_key ON public.t (id);
SELECT count(*) FROM integratedb.claim('spy', '{"match": [{"path": "public.t", "fields": ["id"], "keys": [["id"]]}]}');
DROP INDEX CONCURRENTLY integratedb_threat_schema_swap.public.t_key;
DROP INDEX integratedb_threat_schema_swap.public.t_key;
SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.t_key'::regclass;
SELECT count(*) FROM integratedb.unclaim('spy');
SELECT count(*) FROM integratedb.unclaim('all_of_it');
\set VERBOSITY terse
DROP OWNED BY regress_alice, regress_bob CASCADE;
DROP ROLE regress_alice, regress_bob;
\i :end
