-- Claimed functions: by name and types of arguments; their result, and whose rights they run with; EXECUTE granted.
\set test 'integratedb_functions'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set granted :abs_srcdir '/include/granted.sql'
\i :granted
CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN public.cents AS bigint;
CREATE FUNCTION public.total(bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 1.5';
CREATE FUNCTION public.total(integer, text DEFAULT 'x') RETURNS text LANGUAGE sql AS 'SELECT $2';
CREATE FUNCTION public.feel(public.mood, public.cents[]) RETURNS SETOF public.mood LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION public.nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION public.many(VARIADIC integer[]) RETURNS TABLE (a integer, b text) LANGUAGE sql AS 'SELECT 1, ''x''';
CREATE FUNCTION public.outs(IN a integer, OUT b integer, INOUT c text) LANGUAGE sql AS 'SELECT 1, ''x''';
CREATE PROCEDURE public.run(integer, INOUT text) LANGUAGE sql AS 'SELECT ''x''';
CREATE AGGREGATE public.sum_of(bigint) (sfunc = int8pl, stype = bigint);
CREATE FUNCTION public.secret() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE VIEW public.state AS SELECT path, kind, status, reason FROM integratedb.claims ORDER BY match_number;
-- What is not there: other types, a near name, an argument too many; another result; a security definer.
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"function": "public.total(smallint)"}, {"function": "public.totl(bigint)"}, {"function": "public.total(bigint)", "returns": "bigint"}, {"function": "public.total()"}, {"function": "nowhere.total(bigint)"},
    {"function": "public.secret()"}, {"function": "public.total(no_such)"}, {"function": "public.feel(public.moood, public.cents[])"}, {"function": "public.total(integer)"}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"function": "public.total(bigint)", "returns": "numeric"}, {"function": "public.total(int, varchar)"}, {"function": "public.feel(public.mood, public.cents[])", "returns": "public.mood"}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"function": "public.total(int8)", "returns": "numeric"}, {"function": "public.total( integer , text )"}, {"function": "public.feel(public.mood, public.cents[])", "returns": "setof public.mood"},
    {"function": "public.nothing()", "returns": "void"}, {"function": "public.many(integer[])"}, {"function": "public.outs(integer, text)"}, {"function": "public.run(integer, text)"}, {"function": "public.sum_of(bigint)", "returns": "bigint"},
    {"function": "public.secret()", "allow_security_definer": true}]}');
SELECT * FROM public.state;
SELECT * FROM granted('reporter');
\c - reporter
SELECT public.total(1::bigint), public.total(1), public.feel('sad', NULL), public.secret();
CALL public.run(1, NULL);
SELECT public.sum_of(i) FROM generate_series(1, 3::bigint) AS i;
\c :test :regress_user :regress_host :regress_port

-- What is not claimed of the name goes.
CREATE FUNCTION public.total(smallint) RETURNS numeric LANGUAGE sql AS 'SELECT 1.5';
DROP FUNCTION public.total(smallint);
-- DROP, by every word for it.
DROP FUNCTION public.total(bigint);
DROP FUNCTION IF EXISTS public.total(integer, text), public.nothing();
DROP FUNCTION public.nothing;
DROP FUNCTION public.outs, public.many;
DROP ROUTINE public.nothing();
DROP PROCEDURE public.run(integer, text);
DROP AGGREGATE public.sum_of(bigint);
DROP TYPE public.mood CASCADE;
DROP DOMAIN public.cents CASCADE;
-- Another name, schema, owner.
CREATE SCHEMA other;
CREATE ROLE regress_owner;
ALTER FUNCTION public.total(bigint) RENAME TO sum;
ALTER FUNCTION public.total(bigint) SET SCHEMA other;
ALTER PROCEDURE public.run(integer, text) RENAME TO walk;
ALTER AGGREGATE public.sum_of(bigint) SET SCHEMA other;
ALTER ROUTINE public.nothing() RENAME TO something;
ALTER SCHEMA public RENAME TO private;
ALTER FUNCTION public.total(bigint) OWNER TO regress_owner;
SELECT * FROM granted('reporter') WHERE object LIKE '%total(bigint)';
SELECT grantor::regrole FROM pg_proc, aclexplode(proacl) WHERE oid = 'public.total(bigint)'::regprocedure AND grantee = 'reporter'::regrole;
-- The types of its arguments, renamed or moved: another signature; of its result: another result.
ALTER TYPE public.mood RENAME TO moods;
ALTER TYPE public.mood SET SCHEMA other;
ALTER DOMAIN public.cents RENAME TO pence;
ALTER DOMAIN public.cents SET SCHEMA other;
ALTER TYPE public.mood ADD VALUE 'angry';
-- The same body, volatility, name of arguments: of no concern. A security definer is, where it was not allowed.
CREATE OR REPLACE FUNCTION public.total(bigint) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 2.5';
ALTER FUNCTION public.total(bigint) STRICT IMMUTABLE COST 10;
CREATE OR REPLACE FUNCTION public.total(bigint) RETURNS numeric LANGUAGE sql SECURITY DEFINER AS 'SELECT 2.5';
ALTER FUNCTION public.total(bigint) SECURITY DEFINER;
ALTER FUNCTION public.secret() SECURITY INVOKER;
ALTER FUNCTION public.secret() SECURITY DEFINER SET search_path = pg_catalog;
BEGIN;
ALTER FUNCTION public.total(bigint) SECURITY DEFINER;
ALTER FUNCTION public.total(bigint) SECURITY INVOKER;
COMMIT;
-- Dropped and created: the same signature will do, another result or kind of return will not.
BEGIN;
DROP FUNCTION public.total(bigint);
CREATE FUNCTION public.total(amount bigint) RETURNS numeric LANGUAGE plpgsql AS 'BEGIN RETURN 3; END';
COMMIT;
SELECT * FROM granted('reporter') WHERE object LIKE '%total(amount bigint)';
BEGIN;
DROP FUNCTION public.total(bigint);
CREATE FUNCTION public.total(bigint) RETURNS integer LANGUAGE sql AS 'SELECT 1';
COMMIT;
BEGIN;
DROP FUNCTION public.total(bigint);
CREATE FUNCTION public.total(bigint) RETURNS SETOF numeric LANGUAGE sql AS 'SELECT 1.5';
COMMIT;
BEGIN;
DROP FUNCTION public.total(bigint);
CREATE PROCEDURE public.total(bigint) LANGUAGE sql AS '';
COMMIT;
-- One more argument, with a default: callable as before, but for the server it is another function.
BEGIN;
DROP FUNCTION public.total(bigint);
CREATE FUNCTION public.total(bigint, tax numeric DEFAULT 0) RETURNS numeric LANGUAGE sql AS 'SELECT 1.5';
COMMIT;
-- A default that goes: total(integer) was never claimed.
BEGIN;
DROP FUNCTION public.total(integer, text);
CREATE FUNCTION public.total(integer, text) RETURNS text LANGUAGE sql AS 'SELECT $2';
COMMIT;
SELECT path, status, reason FROM public.state;
-- REVOKE; from PUBLIC where the stakeholder has its own it takes nothing.
REVOKE EXECUTE ON FUNCTION public.total(bigint) FROM reporter;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM reporter;
REVOKE EXECUTE ON PROCEDURE public.run(integer, text) FROM reporter;
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION public.total(integer, text) FROM reporter, PUBLIC;
BEGIN;
REVOKE EXECUTE ON FUNCTION public.total(bigint) FROM reporter;
GRANT EXECUTE ON FUNCTION public.total(bigint) TO reporter;
COMMIT;
SELECT integratedb.validate_migration();
-- unclaim by the words of the match; the others stay.
SELECT * FROM integratedb.unclaim('reporter', 'public.total(int8)');
SELECT * FROM integratedb.unclaim('reporter', 'public.no_such()');
SELECT * FROM granted('reporter');
DROP FUNCTION public.total(bigint);
-- In its own schema, an extension's, with an odd name.
CREATE FUNCTION reporter.own() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE EXTENSION pg_trgm SCHEMA other;
CREATE FUNCTION public."odd, (name)"("my type" integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TYPE other."odd (type)" AS (a integer);
CREATE FUNCTION other.dotted(other."odd (type)", numeric(10,2)) RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT * FROM integratedb.claim('reporter', '{"match": [{"function": "reporter.own()"}, {"function": "other.similarity(text, text)"}, {"function": "public.odd, (name)(integer)"}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"function": "reporter.own()"}, {"function": "other.similarity(text, text)"}, {"function": "public.\"odd, (name)\"(integer)"},
    {"function": "other.dotted(other.\"odd (type)\", numeric(12,3))"}]}');
SELECT path, status FROM public.state;
DROP EXTENSION pg_trgm;
DROP FUNCTION public."odd, (name)"(integer);
-- optional: it may be absent; present with another result it is pending, or a break.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"function": "public.later(integer)", "returns": "integer", "optional": true}, {"function": "public.nothing()", "optional": true}]}');
SELECT path, status FROM public.state;
DROP FUNCTION public.nothing();
CREATE FUNCTION public.later(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT path, status FROM public.state;
SELECT * FROM granted('reporter');
DROP FUNCTION public.later(integer);
-- warn.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"function": "public.secret()", "allow_security_definer": true}]}');
SET integratedb.enforcement = warn;
DROP FUNCTION public.secret();
RESET integratedb.enforcement;
SELECT path, status, reason FROM public.state;
SELECT path, rule, expected, actual FROM integratedb.unmet_claims();
CREATE FUNCTION public.secret() RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT path, status, reason FROM public.state;
SELECT * FROM granted('reporter');
\i :end
