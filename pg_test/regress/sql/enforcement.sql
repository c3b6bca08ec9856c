-- integratedb.enforcement: enforce, warn, off.
\set test 'integratedb_enforcement'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(80), total numeric, spare text);
CREATE TABLE items (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "note", "total"]}, {"path": "public.items", "fields": ["*"]}]}');
SHOW integratedb.enforcement;
SET integratedb.enforcement = 'sometimes';
-- warn does everything but raise.
SET integratedb.enforcement = warn;
ALTER TABLE orders DROP COLUMN total;
SELECT path, status FROM integratedb.claims ORDER BY path;
SELECT path, column_name, rule, expected, actual FROM integratedb.unmet_claims();
SELECT integratedb.validate_migration();
ALTER TABLE items ADD COLUMN more text;
SELECT readable('reporter', 'public.items'), readable('reporter', 'public.orders');
BEGIN;
ALTER TABLE items DROP COLUMN note;
COMMIT;
-- What is broken stays so, and is nobody's fault any more.
RESET integratedb.enforcement;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE items DROP COLUMN more;
ALTER TABLE orders DROP COLUMN spare;
-- It is met again when its columns come back, and binds again.
ALTER TABLE orders ADD COLUMN note varchar(80), ADD COLUMN total numeric;
SELECT path, status FROM integratedb.claims ORDER BY path;
SELECT readable('reporter', 'public.orders');
ALTER TABLE orders DROP COLUMN total;
-- off does nothing at all.
SET integratedb.enforcement = off;
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders RENAME COLUMN note TO remark;
CREATE TABLE another (id bigint);
RESET integratedb.enforcement;
-- The next evaluation takes what it finds as the baseline, and does not blame an innocent statement.
ALTER TABLE orders ADD COLUMN first text;
SELECT path, status FROM integratedb.claims ORDER BY path;
ALTER TABLE orders ADD COLUMN second text;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2;
ALTER TABLE orders RENAME COLUMN remark TO note;
ALTER TABLE orders ADD COLUMN total numeric;
SELECT path, status FROM integratedb.claims ORDER BY path;
ALTER TABLE orders DROP COLUMN note;
-- A table made meanwhile has been taken into the wildcard, a privilege lost meanwhile is repaired.
SELECT count(*) FROM integratedb.claim('reporter', 'public.*', '{*}');
SET integratedb.enforcement = off;
CREATE TABLE later (id bigint);
REVOKE SELECT ON another FROM reporter;
RESET integratedb.enforcement;
CREATE TABLE latest (id bigint);
SELECT readable('reporter', 'public.later'), readable('reporter', 'public.latest'), readable('reporter', 'public.another');
-- Switched off with a break remembered: the transaction passes, and the next statement is not blamed for it.
BEGIN;
ALTER TABLE orders DROP COLUMN total;
SET LOCAL integratedb.enforcement = off;
COMMIT;
ALTER TABLE orders ADD COLUMN third text;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2;
-- Switched off and on in one transaction.
BEGIN;
SET LOCAL integratedb.enforcement = off;
ALTER TABLE later RENAME COLUMN id TO number;
SET LOCAL integratedb.enforcement = enforce;
ALTER TABLE later ADD COLUMN x text;
COMMIT;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2;

\i :end
