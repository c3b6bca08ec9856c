-- Only a break is refused: a claim that is unmet or pending already stops nobody's DDL.
\set test 'integratedb_unmet_claims_block_nobody'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
CREATE TABLE items (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "note", "total"]}, {"path": "public.items", "fields": ["id", {"name": "note", "type": "integer", "optional": true}]}]}');
SELECT count(*) FROM integratedb.claim('auditor', 'public.orders', '{id}');
SELECT column_name, status FROM integratedb.claimed_columns WHERE path = 'public.items' ORDER BY 1;
-- Pending: it may become another wrong shape, or go; come back with a wrong one it may not, because absent is met.
ALTER TABLE items ALTER COLUMN note TYPE varchar(10);
ALTER TABLE items ALTER COLUMN note SET NOT NULL;
ALTER TABLE items RENAME COLUMN note TO remark;
ALTER TABLE items ADD COLUMN note boolean;
ALTER TABLE items ADD COLUMN note integer;
-- Unmet.
SET integratedb.enforcement = warn;
ALTER TABLE orders DROP COLUMN note;
RESET integratedb.enforcement;
SELECT integratedb.validate_migration();
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders ADD COLUMN note integer;
ALTER TABLE orders DROP COLUMN note;
BEGIN;
ALTER TABLE orders ADD COLUMN more text;
COMMIT;
-- A met claim on the same table binds as ever.
ALTER TABLE orders DROP COLUMN id;
DROP TABLE orders;
-- Made and broken again within one transaction: it was unmet when that began.
BEGIN;
ALTER TABLE orders ADD COLUMN note text, ADD COLUMN total numeric;
SELECT status FROM integratedb.claims WHERE path = 'public.orders' AND stakeholder = 'reporter';
ALTER TABLE orders DROP COLUMN note;
COMMIT;
SELECT status FROM integratedb.claims WHERE path = 'public.orders' AND stakeholder = 'reporter';
SELECT column_name, rule, expected, actual FROM integratedb.unmet_claims();
-- Mended, it binds.
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders DROP COLUMN note;
SELECT integratedb.validate_migration();

\i :end
