-- "except": columns that "*" leaves out, and LIKE patterns of relations that a wildcard path leaves out.
\set test 'integratedb_except_columns_and_patterns'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set readable :abs_srcdir '/include/readable.sql'
\i :readable
CREATE TABLE public.people (id bigint PRIMARY KEY, name text, ssn text, notes text, "*" integer);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
-- An exception that excepts nothing lets through what it was to keep back.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": ["*"], "except": ["snn", "notes", "phone"]}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": ["*"], "except": ["ssn", "notes", "\"*\""]}]}');
SELECT column_name, shape FROM integratedb.claimed_columns;
\c - reporter
SELECT id, name FROM public.people;
SELECT ssn FROM public.people;
SELECT * FROM public.people;
SELECT people FROM public.people;
\c :test :regress_user :regress_host :regress_port
-- Columns to come are taken in; those left out may go, or change.
ALTER TABLE public.people ADD COLUMN phone text;
SELECT readable('reporter', 'public.people');
ALTER TABLE public.people ALTER ssn TYPE integer USING 1, DROP COLUMN "*";
ALTER TABLE public.people DROP COLUMN phone;
ALTER TABLE public.people DROP COLUMN notes;
SELECT readable('reporter', 'public.people');
-- Back under the name, it is still left out. What is renamed stays left out, and what takes its name is left out as well.
ALTER TABLE public.people ADD COLUMN notes text;
SELECT readable('reporter', 'public.people');
ALTER TABLE public.people RENAME COLUMN ssn TO social;
SELECT readable('reporter', 'public.people');
ALTER TABLE public.people ADD COLUMN other text;
SELECT readable('reporter', 'public.people');
SELECT integratedb.sync();
SELECT readable('reporter', 'public.people');
ALTER TABLE public.people ADD COLUMN ssn text;
SELECT readable('reporter', 'public.people');
ALTER TABLE public.people DROP COLUMN ssn;
SELECT readable('reporter', 'public.people');
ALTER TABLE public.people RENAME COLUMN social TO ssn;
SELECT readable('reporter', 'public.people');
SELECT column_name FROM integratedb.claimed_columns ORDER BY 1;
-- Two that change names.
BEGIN;
ALTER TABLE public.people RENAME COLUMN ssn TO x;
ALTER TABLE public.people RENAME COLUMN notes TO ssn;
ALTER TABLE public.people RENAME COLUMN x TO notes;
COMMIT;
SELECT readable('reporter', 'public.people');
-- A claimed one that is renamed to an excepted name is lost.
ALTER TABLE public.people DROP COLUMN ssn;
ALTER TABLE public.people RENAME COLUMN name TO ssn;
-- Dropped and created again in one transaction.
BEGIN;
DROP TABLE public.people;
CREATE TABLE public.people (ssn text, id bigint NOT NULL, name text, phone text, other text, notes text);
COMMIT;
SELECT readable('reporter', 'public.people');
SELECT integratedb.sync();
SELECT readable('reporter', 'public.people');
-- Without it, all; with it again, less.
SELECT count(*) FROM integratedb.claim('reporter', 'public.people', '{*}');
SELECT readable('reporter', 'public.people');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": ["*"], "except": ["ssn"]}]}');
SELECT readable('reporter', 'public.people');
-- In each alternative its own; pending, before the relation is there; optional.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"alternatives": [{"path": "public.people", "fields": ["*"], "except": ["ssn", "notes"]}, {"path": "public.persons", "fields": ["*"], "except": ["social_security"]}]},
    {"path": "public.later", "fields": ["*"], "except": ["secret"], "pending": true}, {"path": "public.maybe", "fields": ["*"], "except": ["secret"], "optional": true}]}');
CREATE TABLE public.persons (id bigint, social_security text);
CREATE TABLE public.later (id bigint, secret text);
CREATE TABLE public.maybe (id bigint, secret text);
SELECT r, readable('reporter', r) FROM unnest(ARRAY['public.people', 'public.persons', 'public.later', 'public.maybe']) AS r;
-- All columns left out.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.later", "fields": ["*"], "except": ["id", "secret"]}]}');
SELECT readable('reporter', 'public.later');

-- Relations, by SQL LIKE on their names: % and _, a backslash before what is meant as it is; case counts.
CREATE SCHEMA app;
CREATE TABLE app.orders (id bigint, ssn text);
CREATE TABLE app.audit_log (id bigint);
CREATE TABLE app."Audit_log" (id bigint);
CREATE TABLE app.auditlog (id bigint);
CREATE TABLE app.a1 (id bigint);
CREATE TABLE app."100%" (id bigint);
CREATE TABLE app."100_" (id bigint);
CREATE VIEW app.tmp_view AS SELECT 1 AS x;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "app.*", "fields": ["*"], "except": ["audit\\_%", "a_", "%\\%", "tmp%"]}]}');
SELECT path FROM integratedb.claims ORDER BY path;
CREATE TABLE app.audit_more (id bigint);
CREATE TABLE app.more (id bigint);
CREATE TABLE app.b1 (id bigint);
CREATE TABLE app.a2 (id bigint);
SELECT c.oid::regclass AS relation, readable('reporter', c.oid::regclass::text) FROM pg_class AS c WHERE relnamespace = 'app'::regnamespace ORDER BY relname;
-- What it leaves out goes; what is renamed out of the pattern is taken in, and one that is renamed into it is lost.
DROP TABLE app.audit_log;
ALTER TABLE app.audit_more RENAME TO more_audit;
SELECT readable('reporter', 'app.more_audit');
ALTER TABLE app.more RENAME TO audit_;
ALTER TABLE app.more SET SCHEMA public;
CREATE TABLE public.audit_moved (id bigint);
ALTER TABLE public.audit_moved SET SCHEMA app;
SELECT readable('reporter', 'app.audit_moved');
-- One of the relations claimed by name beside the wildcard.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "app.*", "fields": ["*"], "except": ["%"]}, {"path": "app.orders", "fields": ["*"], "except": ["ssn"]}]}');
SELECT path FROM integratedb.claims ORDER BY path;
SELECT c.oid::regclass AS relation, readable('reporter', c.oid::regclass::text) FROM pg_class AS c WHERE relnamespace = 'app'::regnamespace ORDER BY relname;
-- A pattern that matches nothing is no mistake: it is for what comes.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "app.*", "fields": ["*"], "except": ["zzz%", "\"quoted\""]}]}');
SELECT integratedb.sync();
SELECT integratedb.validate_migration();
-- What is no pattern; and no list.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "app.*", "fields": ["*"], "except": ["a\\", "", 1]}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "app.*", "fields": ["*"], "except": "audit%"}, {"path": "app.orders", "except": ["id"]}, {"path": "app.a1", "fields": ["id"], "except": ["id"]}, {"path": "app.b1", "fields": ["*"], "except": ["id", "idd"]},
    {"path": "app.a2", "fields": ["*"], "except": ["*"]}]}');
-- Many wildcards in a pattern over a long name take no time.
CREATE TABLE app.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (id bigint);
SELECT count(*) FROM integratedb.claim('reporter', ('{"match": [{"path": "app.*", "fields": ["*"], "except": ["' || repeat('%a', 60) || '%b"]}]}')::jsonb);
\i :end
