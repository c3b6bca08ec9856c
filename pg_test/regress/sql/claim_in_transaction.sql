-- An explicit claim binds at once; a claim given up in time mends what was broken.
\set test 'integratedb_claim_in_transaction'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
-- Mended by a smaller claim, by unclaim, by another alternative, by drop_stakeholder.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id}');
COMMIT;
BEGIN;
ALTER TABLE orders DROP COLUMN id;
SELECT * FROM integratedb.unclaim('reporter');
COMMIT;
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{total}');
BEGIN;
ALTER TABLE orders RENAME COLUMN total TO gross;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"alternatives": ["total", "gross"]}]}]}');
COMMIT;
SELECT readable('reporter', 'public.orders');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('auditor', 'public.orders', '{gross}');
BEGIN;
ALTER TABLE orders RENAME COLUMN gross TO total;
SELECT * FROM integratedb.drop_stakeholder('auditor');
COMMIT;
-- sync() accepts another shape of what was only observed, and relaxes no name.
BEGIN;
ALTER TABLE orders ALTER COLUMN total TYPE integer;
SELECT integratedb.sync();
COMMIT;
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY 1;
BEGIN;
ALTER TABLE orders DROP COLUMN total;
SELECT integratedb.sync();
COMMIT;
SELECT readable('reporter', 'public.orders');
SELECT integratedb.validate_migration();
-- Claimed and broken in one transaction.
ALTER TABLE orders ADD COLUMN note text;
BEGIN;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["total", "note"]}]}');
ALTER TABLE orders DROP COLUMN note;
COMMIT;
-- Made, claimed and dropped in one transaction.
BEGIN;
CREATE TABLE items (id bigint);
SELECT * FROM integratedb.claim('reporter', 'public.items', '{id}');
DROP TABLE items;
COMMIT;
BEGIN;
CREATE TABLE items (id bigint);
SELECT * FROM integratedb.claim('reporter', 'public.items', '{*}');
ALTER TABLE items ADD COLUMN note text;
ALTER TABLE items DROP COLUMN note;
COMMIT;
SELECT readable('reporter', 'public.items');
BEGIN;
SAVEPOINT a;
SELECT * FROM integratedb.unclaim('reporter', 'public.items');
DROP TABLE items;
ROLLBACK TO a;
COMMIT;
DROP TABLE items;
SELECT integratedb.validate_migration();

\i :end
