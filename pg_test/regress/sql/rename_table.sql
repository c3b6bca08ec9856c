-- A claim holds a table's name: rename, ALTER ... SET SCHEMA and a renamed schema take it away.
\set test 'integratedb_rename_table'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA archive;
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id}');
ALTER TABLE orders RENAME TO old_orders;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE orders SET SCHEMA archive;
\echo :LAST_ERROR_SQLSTATE
ALTER SCHEMA public RENAME TO main;
\echo :LAST_ERROR_SQLSTATE
-- A successor of the same name and shape mends it: it is granted, and its predecessor is no longer.
BEGIN;
ALTER TABLE orders RENAME TO old_orders;
CREATE TABLE orders (id bigint PRIMARY KEY, extra text);
COMMIT;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.old_orders');
-- Or a view in its place, if its shape is what it was.
BEGIN;
ALTER TABLE orders RENAME TO base_orders;
CREATE VIEW orders AS SELECT id, extra FROM base_orders;
COMMIT;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"name": "id", "is_nullable": true}]}]}');
BEGIN;
ALTER TABLE orders RENAME TO base_orders;
CREATE VIEW orders AS SELECT id, extra FROM base_orders;
COMMIT;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.base_orders');
-- Moved and moved back.
BEGIN;
ALTER VIEW orders SET SCHEMA archive;
ALTER VIEW archive.orders SET SCHEMA public;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- Nobody claims this one.
ALTER TABLE base_orders RENAME TO stored_orders;
ALTER TABLE old_orders SET SCHEMA archive;
SELECT integratedb.validate_migration();

\i :end
