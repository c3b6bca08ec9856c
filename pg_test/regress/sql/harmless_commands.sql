-- What cannot change the shape of a claimed relation takes no lock on the fence.
\set test 'integratedb_harmless_commands'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note text);
CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;
CREATE SEQUENCE numbers;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.*', '{*}');
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE VIEW fence AS SELECT mode FROM pg_locks WHERE relation = 'integratedb.fence'::regclass AND pid = pg_backend_pid();
-- So that nothing below passes for want of a fence: other DDL shares it.
BEGIN;
ALTER TABLE orders ADD COLUMN more text;
SELECT * FROM fence;
ROLLBACK;
BEGIN;
REFRESH MATERIALIZED VIEW totals;
SELECT * FROM fence;
COMMENT ON TABLE orders IS 'what has been ordered';
COMMENT ON COLUMN orders.note IS 'what the customer wrote';
SELECT * FROM fence;
CREATE TRIGGER nothing BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT * FROM fence;
ROLLBACK;
-- Temporary relations.
BEGIN;
CREATE TEMPORARY TABLE scratch (id bigint, note text) ON COMMIT DROP;
CREATE TEMPORARY TABLE scratch_as AS SELECT 1 AS one;
SELECT 1 AS one INTO TEMPORARY scratch_into;
CREATE TABLE pg_temp.scratch_of_schema (id bigint);
CREATE TEMPORARY VIEW scratch_view AS SELECT id FROM scratch;
CREATE TEMPORARY SEQUENCE scratch_numbers;
SELECT * FROM fence;
ALTER TABLE scratch ADD COLUMN more text;
ALTER TABLE scratch DROP COLUMN note;
ALTER TABLE scratch RENAME COLUMN more TO less;
ALTER TABLE scratch_as RENAME TO scratch_renamed;
CREATE INDEX ON scratch (id);
DROP VIEW scratch_view;
DROP TABLE scratch_renamed, scratch_into;
SELECT * FROM fence;
COMMIT;
DROP TABLE pg_temp.scratch_of_schema;
-- One of the names in a list is not temporary.
BEGIN;
CREATE TEMPORARY TABLE scratch (id bigint);
CREATE TABLE permanent (id bigint);
COMMIT;
BEGIN;
DROP TABLE scratch, permanent;
SELECT * FROM fence;
COMMIT;
-- A temporary table in front of a claimed one of the same name, and no longer.
CREATE TEMPORARY TABLE orders (id bigint, note text);
ALTER TABLE orders DROP COLUMN note;
DROP TABLE orders;
ALTER TABLE orders DROP COLUMN note;
-- A temporary view and a temporary child of a claimed table are nobody's.
CREATE TEMPORARY VIEW mine AS SELECT * FROM orders;
CREATE TEMPORARY TABLE child () INHERITS (public.orders);
DROP TABLE child;
-- DISCARD and the end of the session drop them without any DDL.
CREATE TEMPORARY TABLE scratch2 (id bigint);
DISCARD TEMP;
-- Queries, and DDL that is no DDL.
BEGIN;
TRUNCATE orders;
LOCK TABLE orders;
ANALYZE orders;
SELECT nextval('numbers');
SET LOCAL work_mem = '1MB';
SELECT * FROM fence;
ROLLBACK;
SELECT integratedb.validate_migration();

\i :end
