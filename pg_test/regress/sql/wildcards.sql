-- What a wildcard takes in during a transaction binds from its commit.
\set test 'integratedb_wildcards'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', 'shop.*', '{*}');
-- Tables and columns that come and go within one transaction.
BEGIN;
CREATE TABLE shop.scratch (id bigint);
SELECT readable('reporter', 'shop.scratch');
ALTER TABLE shop.scratch ADD COLUMN note text;
ALTER TABLE shop.scratch DROP COLUMN id;
DROP TABLE shop.scratch;
COMMIT;
BEGIN;
ALTER TABLE shop.orders ADD COLUMN scratch text;
SELECT readable('reporter', 'shop.orders');
ALTER TABLE shop.orders DROP COLUMN scratch;
COMMIT;
BEGIN;
ALTER TABLE shop.orders ADD COLUMN note text NOT NULL;
ALTER TABLE shop.orders ALTER COLUMN note TYPE integer USING 1, ALTER COLUMN note DROP NOT NULL;
ALTER TABLE shop.orders RENAME COLUMN note TO remark;
COMMIT;
BEGIN;
CREATE TABLE shop.a (id bigint, x text);
ALTER TABLE shop.a RENAME TO b;
ALTER TABLE shop.b RENAME COLUMN x TO y;
ALTER TABLE shop.b ALTER COLUMN id TYPE text;
COMMIT;
SELECT path, status, from_wildcard FROM integratedb.claims ORDER BY path;
SELECT path, column_name, shape FROM integratedb.claimed_columns ORDER BY 1, 2;
SELECT readable('reporter', 'shop.orders'), readable('reporter', 'shop.b');
-- Of the next transaction they are claimed.
DROP TABLE shop.b;
ALTER TABLE shop.orders DROP COLUMN remark;
-- A table that comes in by ALTER TABLE ... SET SCHEMA, and one that is made and moved out at once.
CREATE TABLE public.parcels (id bigint);
ALTER TABLE public.parcels SET SCHEMA shop;
SELECT readable('reporter', 'shop.parcels');
BEGIN;
CREATE TABLE shop.invoices (id bigint);
ALTER TABLE shop.invoices SET SCHEMA public;
COMMIT;
SELECT readable('reporter', 'public.invoices');
-- Made by CREATE TABLE AS, SELECT INTO, LIKE, views of all kinds.
CREATE TABLE shop.made_as AS SELECT 1 AS one;
SELECT 2 AS two INTO shop.made_into;
CREATE TABLE shop.made_like (LIKE shop.orders);
CREATE VIEW shop.made_view AS SELECT id FROM shop.orders;
CREATE MATERIALIZED VIEW shop.made_matview AS SELECT 1 AS one;
CREATE UNLOGGED TABLE shop.made_unlogged (id bigint);
CREATE TABLE shop.without_columns ();
CREATE SEQUENCE shop.made_sequence;
CREATE TYPE shop.made_type AS (x integer);
CREATE INDEX made_index ON shop.orders (id);
SELECT path, status FROM integratedb.claims WHERE path LIKE 'shop.made%' OR path LIKE 'shop.without%' ORDER BY path;
SELECT readable('reporter', 'shop.made_as'), readable('reporter', 'shop.made_into'), readable('reporter', 'shop.made_like'),
       readable('reporter', 'shop.made_view'), readable('reporter', 'shop.made_matview'), readable('reporter', 'shop.made_unlogged');
-- Rolled back, nothing has been claimed.
BEGIN;
CREATE TABLE shop.gone (id bigint);
ROLLBACK;
SELECT path FROM integratedb.claims WHERE path = 'shop.gone';
-- Temporary tables are nobody's, of whatever name.
CREATE TEMPORARY TABLE orders (id bigint);
DROP TABLE pg_temp.orders;
-- Renamed within the schema: the new name is claimed as well, but the old one is missing.
ALTER TABLE shop.parcels RENAME TO packets;
BEGIN;
ALTER TABLE shop.parcels RENAME TO packets;
CREATE VIEW shop.parcels AS SELECT id FROM shop.packets;
COMMIT;
SELECT readable('reporter', 'shop.parcels'), readable('reporter', 'shop.packets');
SELECT integratedb.validate_migration();

\i :end
