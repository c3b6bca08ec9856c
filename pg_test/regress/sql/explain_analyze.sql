-- EXPLAIN ANALYZE CREATE TABLE AS makes a table and fires no event trigger. DDL looks only at what it touches, so that
-- sync(), or a claim, takes the table in.
\set test 'integratedb_explain_analyze'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', 'shop.*', '{*}');
DO $$ BEGIN EXECUTE 'EXPLAIN (ANALYZE) CREATE TABLE shop.explained AS SELECT 1 AS one'; END $$;
SELECT readable('reporter', 'shop.explained');
CREATE TABLE shop.next (id bigint);
SELECT readable('reporter', 'shop.explained'), readable('reporter', 'shop.next');
SELECT integratedb.sync();
SELECT readable('reporter', 'shop.explained');
SELECT path FROM integratedb.claims ORDER BY path;
-- A DDL on the table itself does, too.
DO $$ BEGIN EXECUTE 'EXPLAIN (ANALYZE) CREATE TABLE shop.altered AS SELECT 1 AS one'; END $$;
ALTER TABLE shop.altered ADD COLUMN two integer;
SELECT readable('reporter', 'shop.altered');

\i :end
