-- DROP EXTENSION integratedb always passes: with claims, without, and in a transaction that broke one.
\set test 'integratedb_drop_extension'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note text);
DROP EXTENSION integratedb;
CREATE EXTENSION integratedb;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{*}');
BEGIN;
ALTER TABLE orders DROP COLUMN note;
DROP EXTENSION integratedb;
ALTER TABLE orders ADD COLUMN note text;
ROLLBACK;
ALTER TABLE orders DROP COLUMN note;
BEGIN;
ALTER TABLE orders DROP COLUMN note;
DROP EXTENSION integratedb;
COMMIT;
-- DDL goes on in the same session, with the library still loaded.
ALTER TABLE orders ADD COLUMN note text;
SELECT evtname FROM pg_event_trigger;
-- The role, its schema and its privileges are not the extension's: they stay.
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = 'reporter';
SELECT nspname FROM pg_namespace WHERE nspname = 'reporter';
SELECT has_table_privilege('reporter', 'orders', 'SELECT');
DROP TABLE orders;
CREATE EXTENSION integratedb;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('auditor', 'public.orders', '{*}');
ALTER TABLE orders DROP COLUMN note;
-- Its parts cannot be dropped one by one.
DROP EVENT TRIGGER integratedb_sql_drop;
DROP TABLE integratedb.fence;
DROP SCHEMA integratedb;
-- With something of somebody's in its schema, CASCADE is needed, as for every extension.
CREATE VIEW claimed AS SELECT * FROM integratedb.claims;
DROP EXTENSION integratedb;
DROP EXTENSION integratedb CASCADE;
ALTER TABLE orders DROP COLUMN note;
CREATE EXTENSION integratedb;
CREATE TABLE after (id bigint);
SELECT integratedb.validate_migration();

\i :end
