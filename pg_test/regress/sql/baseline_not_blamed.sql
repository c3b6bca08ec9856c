-- What was broken while nobody looked is not the doing of the next who puts something under the name, whoever that is.
\set test 'integratedb_baseline_not_blamed'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_newcomer;
CREATE SCHEMA shop;
GRANT ALL ON SCHEMA shop TO regress_newcomer;
CREATE TABLE shop.orders (id bigint, note text);
CREATE TABLE shop.items (id bigint, name text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.orders", "fields": ["*"]}, {"path": "shop.items", "fields": ["name"]}]}');
BEGIN;
SET LOCAL integratedb.enforcement = off;
DROP TABLE shop.orders;
COMMIT;
-- It owns nothing that is claimed, nor the schema: it does not set the baseline.
SET SESSION AUTHORIZATION regress_newcomer;
CREATE TABLE shop.orders (number integer);
RESET SESSION AUTHORIZATION;
SELECT path, status FROM integratedb.claims ORDER BY path;
-- Who owns it does, and is held to what is left.
DROP TABLE shop.items;
SELECT path, status FROM integratedb.claims ORDER BY path;

\i :end
