-- What rests on something temporary vanishes with it at the end of the session, when no event trigger fires: refused.
\set test 'integratedb_temporary_dependency'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE base (id bigint PRIMARY KEY, total numeric(12,2));
CREATE FUNCTION twice(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT n * 2; END;
CREATE VIEW totals AS SELECT id, total FROM base;
CREATE VIEW doubled AS SELECT id, twice(total) AS total FROM base;
CREATE AGGREGATE summed(numeric) (sfunc = numeric_add, stype = numeric);
CREATE VIEW summary AS SELECT summed(total) AS total FROM base;
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
CREATE TABLE orders (id bigint, total numeric(12,2), note varchar(80));
CREATE VIEW urgent AS SELECT id FROM orders WHERE to_tsvector('words'::regconfig, note) @@ 'urgent';
CREATE TABLE free (id bigint, total numeric(12,2));
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.totals", "fields": ["*"]}, {"path": "public.doubled", "fields": ["*"]}, {"path": "public.summary", "fields": ["*"]}, {"path": "public.urgent", "fields": ["*"]}, {"path": "public.orders", "fields": ["*"]}]}');
CREATE FUNCTION pg_temp.f(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TEMPORARY VIEW scratch AS SELECT id, total FROM base;
-- A claimed view, by itself.
CREATE OR REPLACE VIEW totals AS SELECT id, pg_temp.f(total)::numeric(12,2) AS total FROM base;
\echo :LAST_ERROR_SQLSTATE
-- Through something unclaimed: a view, a function (whose tag is of no interest otherwise), the table beneath a view.
BEGIN;
CREATE VIEW between_them AS SELECT id, pg_temp.f(total)::numeric(12,2) AS total FROM base;
CREATE OR REPLACE VIEW totals AS SELECT id, total FROM between_them;
COMMIT;
CREATE OR REPLACE FUNCTION twice(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT pg_temp.f(n); END;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION pg_temp.plus(numeric, numeric) RETURNS numeric LANGUAGE sql AS 'SELECT $1 + $2';
CREATE OR REPLACE AGGREGATE summed(numeric) (sfunc = pg_temp.plus, stype = numeric);
\echo :LAST_ERROR_SQLSTATE
CREATE TEXT SEARCH DICTIONARY pg_temp.simple (TEMPLATE = simple);
ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR asciiword WITH pg_temp.simple;
\echo :LAST_ERROR_SQLSTATE
CREATE TYPE pg_temp.of_base AS (id bigint, total numeric(12,2));
ALTER TABLE base OF pg_temp.of_base;
\echo :LAST_ERROR_SQLSTATE
-- A claimed table: typed, a child, a column.
CREATE TYPE pg_temp.of_orders AS (id bigint, total numeric(12,2), note varchar(80));
ALTER TABLE orders OF pg_temp.of_orders;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders ADD COLUMN total numeric(12,2) GENERATED ALWAYS AS (pg_temp.f(id)) STORED;
COMMIT;
CREATE DOMAIN pg_temp.sum AS numeric(12,2);
CREATE COLLATION pg_temp.c (LOCALE = 'C');
-- (The name of the temporary schema differs from run to run.)
\set VERBOSITY terse
ALTER TABLE orders ALTER COLUMN total TYPE pg_temp.sum;
BEGIN;
DROP VIEW urgent;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(80) COLLATE pg_temp.c;
CREATE VIEW urgent AS SELECT id FROM orders WHERE to_tsvector('words'::regconfig, note) @@ 'urgent';
COMMIT;
\set VERBOSITY default
-- In a transaction that changes its mind.
BEGIN;
ALTER TABLE orders OF pg_temp.of_orders;
ALTER TABLE orders NOT OF;
COMMIT;
BEGIN;
SAVEPOINT a;
ALTER TABLE orders OF pg_temp.of_orders;
ROLLBACK TO a;
ALTER TABLE orders ADD COLUMN more text;
COMMIT;
-- What nobody claims, and what would take nothing claimed with it.
ALTER TABLE free ADD COLUMN again numeric GENERATED ALWAYS AS (pg_temp.f(total)) STORED;
CREATE VIEW of_free AS SELECT id, pg_temp.f(total) AS total FROM free;
ALTER TABLE orders ALTER COLUMN note SET DEFAULT pg_temp.f(1)::text;
ALTER TABLE orders ADD CHECK (pg_temp.f(total) >= 0);
CREATE INDEX ON orders (pg_temp.f(total));
CREATE TEMPORARY TABLE copied (LIKE orders INCLUDING ALL);
CREATE OR REPLACE FUNCTION pg_temp.f(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 0';
SELECT integratedb.validate_migration();
-- It cannot be claimed as it is, nor is it taken in by a wildcard; and no innocent statement is blamed for it.
\set VERBOSITY terse
SELECT * FROM integratedb.claim('reporter', 'public.of_free', '{*}');
\set VERBOSITY default
CREATE TABLE innocent (id bigint);
ALTER TABLE free DROP COLUMN again;
SELECT * FROM integratedb.claim('reporter', 'public.*', '{*}') ORDER BY path;
CREATE VIEW passing AS SELECT id, pg_temp.f(total) AS total FROM base;
CREATE TABLE innocent_too (id bigint);
SELECT path, status FROM integratedb.claims ORDER BY path, from_wildcard;
-- The session ends, and everything claimed is still there. (The server cleans up after the client has gone.)
\c
DO $$
BEGIN
    WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()) LOOP
        PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
    END LOOP;
END $$;
SELECT to_regclass('public.totals') AS totals, to_regclass('public.doubled') AS doubled, to_regclass('public.summary') AS summary, to_regclass('public.urgent') AS urgent, to_regclass('public.orders') AS orders,
       to_regclass('public.of_free') AS of_free, to_regclass('public.passing') AS passing;
SELECT integratedb.validate_migration();
SELECT readable('reporter', 'public.totals'), readable('reporter', 'public.doubled'), readable('reporter', 'public.orders');

\i :end
