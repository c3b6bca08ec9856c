-- In its own schema a stakeholder does as it likes.
\set test 'integratedb_stakeholder_schema'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id}');
SET SESSION AUTHORIZATION reporter;
CREATE TABLE reporter.daily (day date, total numeric);
ALTER TABLE reporter.daily ADD COLUMN number integer, DROP COLUMN total;
CREATE VIEW reporter.ids AS SELECT id FROM public.orders;
CREATE INDEX ON reporter.daily (day);
CREATE FUNCTION reporter.one() RETURNS integer LANGUAGE sql AS 'SELECT 1';
BEGIN;
CREATE TYPE reporter.mood AS ENUM ('ok');
DROP TABLE reporter.daily;
CREATE TABLE reporter.daily (day date, mood reporter.mood);
COMMIT;
GRANT SELECT ON reporter.daily TO PUBLIC;
REVOKE SELECT ON reporter.daily FROM PUBLIC;
CREATE TEMPORARY TABLE scratch (id bigint);
SELECT * FROM reporter.ids;
DROP TYPE reporter.mood CASCADE;
DROP VIEW reporter.ids;
DROP TABLE reporter.daily;
-- And no more than that.
ALTER TABLE public.orders ADD COLUMN x text;
CREATE TABLE public.mine (id bigint);
SELECT note FROM public.orders;
DROP SCHEMA reporter;
ALTER SCHEMA reporter RENAME TO mine;
SELECT stakeholder, path FROM integratedb.claims;
TABLE integratedb.claim;
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{note}');
SET integratedb.enforcement = off;
RESET SESSION AUTHORIZATION;
SELECT integratedb.validate_migration();

\i :end
