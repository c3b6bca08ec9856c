-- export_grants writes what a role has been granted as a claim document, says what it leaves out, and changes nothing.
\set test 'integratedb_export_grants'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA app;
CREATE SCHEMA "my.app";
CREATE TYPE app.mood AS ENUM ('happy', 'sad');
CREATE TABLE app.orders (id bigint PRIMARY KEY, customer_id bigint, total numeric, note text, gone text);
ALTER TABLE app.orders DROP COLUMN gone;
CREATE TABLE app.customers (id bigint PRIMARY KEY, email text, ssn text);
CREATE TABLE "my.app"."Odd ""Name" ("*" text, "a.b" text, """q" text);
CREATE VIEW app.paid AS SELECT 1 AS one;
CREATE SEQUENCE app.order_id_seq;
CREATE FUNCTION app.total(bigint, VARIADIC moods app.mood[]) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';
CREATE FUNCTION app.secret() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT '' $$;
CREATE PROCEDURE app.refresh() LANGUAGE sql AS '';
CREATE ROLE regress_app LOGIN;
CREATE SCHEMA regress_app AUTHORIZATION regress_app;
-- Nothing at all.
SELECT integratedb.export_grants('regress_app');
-- Relations, columns, functions, sequences, types; PUBLIC's and other roles' grants are theirs.
CREATE ROLE regress_group;
GRANT regress_group TO regress_app;
GRANT SELECT ON app.customers TO regress_group;
GRANT SELECT ON app.paid TO PUBLIC;
GRANT USAGE ON SCHEMA app, "my.app" TO regress_app;
GRANT SELECT, INSERT, DELETE ON app.orders TO regress_app;
GRANT SELECT (email, id), UPDATE (email), REFERENCES (id, email) ON app.customers TO regress_app;
GRANT SELECT ("*", "a.b", """q") ON "my.app"."Odd ""Name" TO regress_app;
GRANT USAGE ON SEQUENCE app.order_id_seq TO regress_app;
GRANT EXECUTE ON FUNCTION app.total(bigint, app.mood[]), app.secret() TO regress_app;
GRANT USAGE ON TYPE app.mood TO regress_app;
SELECT jsonb_pretty(integratedb.export_grants('regress_app'));
-- What the document has no words for.
GRANT TRUNCATE, TRIGGER ON app.orders TO regress_app;
GRANT UPDATE (note) ON app.orders TO regress_app WITH GRANT OPTION;
GRANT SELECT (ctid) ON app.customers TO regress_app;
GRANT SELECT ON pg_catalog.pg_authid TO regress_app;
GRANT SELECT, UPDATE ON SEQUENCE app.order_id_seq TO regress_app;
GRANT EXECUTE ON PROCEDURE app.refresh() TO regress_app;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO regress_app;
GRANT CREATE ON SCHEMA app TO regress_app;
GRANT USAGE ON SCHEMA public TO regress_app;
GRANT CONNECT, TEMPORARY ON DATABASE :"test" TO regress_app;
GRANT USAGE ON LANGUAGE plpgsql TO regress_app;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_group IN SCHEMA app GRANT SELECT ON TABLES TO regress_app;
SELECT integratedb.export_grants('regress_app') #> '{match,1}';
-- The document with write privileges and objects is the language's, whether or not all of it can be claimed yet.
SET client_min_messages = error;
SELECT DISTINCT key FROM jsonb_array_elements(integratedb.export_grants('regress_app') -> 'match') AS m, jsonb_object_keys(m) AS key ORDER BY key;
RESET client_min_messages;
-- A name cannot forge a line.
SELECT format('CREATE TABLE app.%1$I (); GRANT TRUNCATE ON app.%1$I TO regress_group', E'a\nWARNING:  forged') \gexec
SELECT integratedb.export_grants('regress_group');

-- A role that has SELECT only: adopted, and its document claimed, nothing is granted and nothing is taken.
CREATE ROLE regress_reader LOGIN;
CREATE SCHEMA regress_reader AUTHORIZATION regress_reader;
GRANT USAGE ON SCHEMA app TO regress_reader;
GRANT SELECT ON app.orders TO regress_reader;
GRANT SELECT (id, email) ON app.customers TO regress_reader;
SELECT count(*) FROM integratedb.adopt_stakeholder('regress_reader');
SELECT action, privilege, path, column_name FROM integratedb.claim('regress_reader', integratedb.export_grants('regress_reader'));
SELECT path, column_name, status FROM integratedb.claimed_columns ORDER BY path, column_name;
REVOKE SELECT (email) ON app.customers FROM regress_reader;
ALTER TABLE app.orders DROP COLUMN note;
SELECT * FROM integratedb.drop_stakeholder('regress_reader');
SELECT has_table_privilege('regress_reader', 'app.orders', 'SELECT') AND has_column_privilege('regress_reader', 'app.customers', 'email', 'SELECT');

-- The name is the role's, as it is; a superuser asks.
SELECT integratedb.export_grants('REGRESS_READER');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.export_grants(NULL);
GRANT EXECUTE ON FUNCTION integratedb.export_grants(text) TO regress_reader;
SET SESSION AUTHORIZATION regress_reader;
SELECT integratedb.export_grants('regress_reader');
RESET SESSION AUTHORIZATION;
-- What can be granted and not be done is left out, and so the document can be claimed.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_writer');
CREATE MATERIALIZED VIEW app.stored AS SELECT 1 AS one;
CREATE TABLE app.numbered (id bigint GENERATED ALWAYS AS IDENTITY, note text);
CREATE VIEW app.notes AS SELECT id + 0 AS id, note FROM app.numbered;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.stored, app.paid TO regress_writer;
GRANT INSERT (id, note) ON app.numbered TO regress_writer;
GRANT UPDATE (id, note) ON app.notes TO regress_writer;
SELECT integratedb.export_grants('regress_writer') AS document \gset
SELECT :'document';
SELECT DISTINCT finding, message FROM integratedb.check_document(:'document', 'regress_writer') WHERE finding <> 'revoke';
\i :end
