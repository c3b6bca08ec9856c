-- Threat: the owner of a relation, function or type has the extension grant what is not the owner's, slips something else under a
-- name that is claimed, or forges what is said.
\set test 'integratedb_threat_hostile_owner'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set granted :abs_srcdir '/include/granted.sql'
\i :granted
CREATE ROLE regress_owner;
CREATE SCHEMA theirs AUTHORIZATION regress_owner;
CREATE SCHEMA evil AUTHORIZATION regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
CREATE SEQUENCE public.secret;
CREATE TABLE public.secrets (id bigserial PRIMARY KEY, state text);
CREATE FUNCTION public.secret_function() RETURNS integer LANGUAGE sql AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION public.secret_function() FROM PUBLIC;
SELECT stakeholder FROM integratedb.create_stakeholder('app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TYPE theirs.state AS ENUM ('paid', 'lost');
CREATE TABLE theirs.t (id bigserial PRIMARY KEY, name text, state theirs.state);
CREATE FUNCTION theirs.total(bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 1.5';
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('app', '{"match": [{"path": "theirs.t", "fields": ["name", {"name": "state", "labels": ["paid"]}, {"name": "id", "insert": false}], "privileges": ["select", "insert"], "keys": [["id"]]},
    {"function": "theirs.total(bigint)", "returns": "numeric"}, {"type": "theirs.state", "labels": ["paid"]}, {"sequence": "theirs.t_id_seq"}]}');
SELECT * FROM granted('app');

SET SESSION AUTHORIZATION regress_owner;
-- A default that calls another one's sequence or function: nothing on these is granted.
ALTER TABLE theirs.t ALTER id SET DEFAULT nextval('public.secret');
ALTER TABLE theirs.t ADD COLUMN other integer DEFAULT nextval('public.secrets_id_seq');
ALTER SEQUENCE public.secret OWNED BY theirs.t.id;
ALTER TABLE theirs.t ADD COLUMN third integer DEFAULT public.secret_function();
CREATE VIEW theirs.v AS SELECT * FROM public.secrets;
RESET SESSION AUTHORIZATION;
SELECT * FROM granted('app');
-- The server does not let another one's sequence be owned by their column; sync() gives nothing either.
ALTER SEQUENCE public.secret OWNED BY theirs.t.id;
SELECT * FROM granted('app') WHERE object LIKE '%secret%';
SELECT integratedb.sync();
SELECT * FROM granted('app') WHERE object LIKE '%secret%';
SET SESSION AUTHORIZATION regress_owner;
-- A function that runs with their rights, under the claimed name.
CREATE OR REPLACE FUNCTION theirs.total(bigint) RETURNS numeric LANGUAGE sql SECURITY DEFINER AS 'SELECT 1.5';
BEGIN;
DROP FUNCTION theirs.total(bigint);
CREATE FUNCTION theirs.total(bigint) RETURNS numeric LANGUAGE sql SECURITY DEFINER AS 'SELECT 1.5';
COMMIT;
-- Types of the same name in their own schema, with a search path that finds these first.
SET search_path = evil, pg_catalog;
CREATE DOMAIN evil.int8 AS pg_catalog.int8;
CREATE DOMAIN evil.text AS pg_catalog.text;
CREATE DOMAIN evil.numeric AS pg_catalog.numeric;
CREATE TYPE evil.state AS ENUM ('paid');
BEGIN;
DROP FUNCTION theirs.total(pg_catalog.int8);
CREATE FUNCTION theirs.total(evil.int8) RETURNS evil.numeric LANGUAGE sql AS 'SELECT 1.5::evil.numeric';
COMMIT;
BEGIN;
DROP FUNCTION theirs.total(pg_catalog.int8);
CREATE FUNCTION theirs.total(pg_catalog.int8) RETURNS evil.numeric LANGUAGE sql AS 'SELECT 1.5::evil.numeric';
COMMIT;
ALTER TABLE theirs.t ALTER name TYPE evil.text;
ALTER TABLE theirs.t ALTER state TYPE evil.state USING NULL;
-- A domain in the place of the enum, of the same name; an enum in another order, with the labels under other numbers.
BEGIN;
ALTER TABLE theirs.t ALTER state TYPE evil.state USING NULL;
DROP TYPE theirs.state;
CREATE DOMAIN theirs.state AS evil.state;
ALTER TABLE theirs.t ALTER state TYPE theirs.state;
COMMIT;
BEGIN;
ALTER TYPE theirs.state RENAME VALUE 'paid' TO 'x';
ALTER TYPE theirs.state RENAME VALUE 'lost' TO 'paid ';
COMMIT;
BEGIN;
ALTER TYPE theirs.state RENAME VALUE 'paid' TO 'Paid';
COMMIT;
-- An index that only looks like the key.
BEGIN;
ALTER TABLE theirs.t DROP CONSTRAINT t_pkey;
CREATE UNIQUE INDEX t_pkey ON theirs.t (id) WHERE false;
CREATE UNIQUE INDEX t_id ON theirs.t ((id + 0));
COMMIT;
-- Operators and functions of theirs are not what the extension compares with.
CREATE FUNCTION evil.always(oid, oid) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''run as %'', current_user; END';
CREATE FUNCTION evil.always(pg_catalog.text, pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''run as %'', current_user; END';
CREATE FUNCTION evil.always(pg_catalog.name, pg_catalog.name) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''run as %'', current_user; END';
CREATE FUNCTION evil.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''run as %'', current_user; END';
CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.always);
CREATE OPERATOR evil.= (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = evil.always);
CREATE OPERATOR evil.= (LEFTARG = pg_catalog.name, RIGHTARG = pg_catalog.name, FUNCTION = evil.always);
CREATE INDEX t_name ON theirs.t (name);
DROP INDEX theirs.t_name;
ALTER TABLE theirs.t DROP CONSTRAINT t_pkey;
DROP INDEX CONCURRENTLY theirs.t_pkey;
RESET search_path;
RESET SESSION AUTHORIZATION;
SET search_path = evil, pg_catalog;
SELECT count(*) FROM integratedb.check_document('{"match": [{"path": "theirs.t", "fields": ["*"], "except": ["name"], "keys": [["id"]]}, {"function": "theirs.total(bigint)"}]}', 'app');
SELECT count(*) FROM integratedb.protect('theirs.t', '{name}');
SELECT integratedb.unprotect('theirs.t', '{name}');
SELECT integratedb.sync();
RESET search_path;
-- Names that forge a line of what is said.
SET SESSION AUTHORIZATION regress_owner;
ALTER TYPE theirs.state ADD VALUE E'x\nERROR:  all is well';
CREATE SEQUENCE theirs."s
ERROR:  all is well";
CREATE FUNCTION theirs."f
ERROR:  all is well"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('app', E'{"match": [{"type": "theirs.state", "labels": ["x\\nERROR:  all is well"]}, {"sequence": "theirs.s\\nERROR:  all is well"}, {"function": "theirs.f\\nERROR:  all is well()"}]}');
SET SESSION AUTHORIZATION regress_owner;
ALTER TYPE theirs.state RENAME VALUE E'x\nERROR:  all is well' TO 'y';
DROP SEQUENCE theirs."s
ERROR:  all is well";
DROP FUNCTION theirs."f
ERROR:  all is well"();
RESET SESSION AUTHORIZATION;
-- Who may create in a schema can meet a pending claim, with what is its own: the stakeholder gets that, and nothing of others.
SELECT count(*) FROM integratedb.claim('app', '{"match": [{"path": "public.later", "fields": ["*"], "privileges": ["select", "insert"], "pending": true}, {"function": "public.later()", "pending": true}]}');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE public.later (id integer DEFAULT nextval('public.secrets_id_seq'));
CREATE FUNCTION public.later() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
RESET SESSION AUTHORIZATION;
SELECT path, status, reason FROM integratedb.claims ORDER BY match_number;
SELECT * FROM granted('app');
\i :end
