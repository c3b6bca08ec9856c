-- A claim holds a column's name: a renamed column is a missing one, unless the transaction puts another in its place.
\set test 'integratedb_rename_column'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text, secret text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id,total}');
ALTER TABLE orders RENAME COLUMN total TO gross;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE orders RENAME COLUMN note TO remark;
-- Met again at COMMIT: the new column is readable. The old one is claimed no longer, so the privilege that it kept is revoked.
BEGIN;
ALTER TABLE orders RENAME COLUMN total TO gross;
ALTER TABLE orders ADD COLUMN total numeric(12,2) NOT NULL DEFAULT 0;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- Two columns that exchange their names.
BEGIN;
ALTER TABLE orders RENAME COLUMN id TO other;
ALTER TABLE orders RENAME COLUMN secret TO id;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
ALTER TABLE orders ADD COLUMN id2 bigint NOT NULL DEFAULT 1;
ALTER TABLE orders RENAME COLUMN id TO other;
ALTER TABLE orders RENAME COLUMN id2 TO id;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- There and back changes nothing.
BEGIN;
ALTER TABLE orders RENAME COLUMN total TO x;
ALTER TABLE orders RENAME COLUMN x TO total;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- With alternatives, a rename can pass at once and leave a privilege behind, which is revoked.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", {"alternatives": ["total", "gross"]}]}]}');
SELECT readable('reporter', 'public.orders');
ALTER TABLE orders RENAME COLUMN gross TO margin;
SELECT readable('reporter', 'public.orders');
SELECT integratedb.validate_migration();

\i :end
