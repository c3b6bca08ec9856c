-- A publication FOR ALL TABLES publishes the extension's tables, too: they have primary keys, or else every update would fail.
\set test 'integratedb_publication'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note varchar(80), total numeric);
SET client_min_messages = error;
CREATE PUBLICATION everything FOR ALL TABLES;
RESET client_min_messages;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'shop.*', '{*}');
ALTER TABLE shop.orders ALTER COLUMN note TYPE varchar(90), ADD COLUMN more text;
BEGIN;
CREATE TABLE shop.items (id bigint PRIMARY KEY);
DROP TABLE shop.items;
COMMIT;
ALTER TABLE shop.orders DROP COLUMN note;
SET integratedb.enforcement = off;
ALTER TABLE shop.orders DROP COLUMN note;
RESET integratedb.enforcement;
CREATE TABLE shop.items (id bigint PRIMARY KEY);
SELECT integratedb.sync();
SELECT count(*) FROM integratedb.unclaim('reporter');
SELECT * FROM integratedb.drop_stakeholder('reporter');

\i :end
