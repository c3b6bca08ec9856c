-- What one transaction takes and moves about: each violation is what a REVOKE took, and nothing that is granted again.
\set test 'integratedb_revoke_and_rename'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.items (id bigint, amount numeric, note text);
CREATE TABLE shop.orders (id bigint, total numeric);
CREATE TABLE shop.customers (amount numeric, name text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "shop.items", "fields": ["id", "amount"], "optional": true}]}');
SELECT count(*) FROM integratedb.claim('auditor', '{"match": [{"path": "shop.orders", "fields": ["total"]},
    {"path": "shop.customers", "fields": [{"alternatives": ["id", "amount", "total"]}]}]}');
-- The relation goes and comes back. Only id was taken.
BEGIN;
REVOKE SELECT (id) ON shop.items FROM reporter;
ALTER SCHEMA shop RENAME TO elsewhere;
ALTER SCHEMA elsewhere RENAME TO shop;
COMMIT;
BEGIN;
REVOKE SELECT (id) ON shop.items FROM reporter;
ALTER TABLE shop.items RENAME TO away;
ALTER TABLE shop.away RENAME TO items;
COMMIT;
SELECT readable('reporter', 'shop.items');
-- It goes for good: then nothing is broken, and what is left goes too.
BEGIN;
REVOKE SELECT (id) ON shop.items FROM reporter;
ALTER TABLE shop.items RENAME TO away;
SELECT readable('reporter', 'shop.away');
COMMIT;
SELECT readable('reporter', 'shop.away');
ALTER TABLE shop.away RENAME TO items;
SELECT readable('reporter', 'shop.items');
-- Given back.
BEGIN;
REVOKE SELECT (id) ON shop.items FROM reporter;
ALTER TABLE shop.items RENAME TO away;
GRANT SELECT (id) ON shop.away TO reporter;
ALTER TABLE shop.away RENAME TO items;
COMMIT;
SELECT readable('reporter', 'shop.items');

-- Two tables exchange their names: one claim is broken, the other is met, and what it needs is granted at once.
BEGIN;
ALTER TABLE shop.orders RENAME TO exchanged;
ALTER TABLE shop.customers RENAME TO orders;
ALTER TABLE shop.exchanged RENAME TO customers;
SELECT path, rule FROM integratedb.unmet_claims();
SELECT readable('auditor', 'shop.customers'), readable('auditor', 'shop.orders');
COMMIT;
SELECT readable('auditor', 'shop.customers'), readable('auditor', 'shop.orders');
BEGIN;
ALTER TABLE shop.orders RENAME TO exchanged;
ALTER TABLE shop.customers RENAME TO orders;
ALTER TABLE shop.exchanged RENAME TO customers;
ALTER TABLE shop.orders ADD COLUMN total numeric;
COMMIT;
SELECT readable('auditor', 'shop.customers'), readable('auditor', 'shop.orders');
-- What a REVOKE took is not granted for the sake of another claim on the table, by whatever name.
BEGIN;
REVOKE SELECT (total) ON shop.orders FROM auditor;
ALTER TABLE shop.customers RENAME TO exchanged;
ALTER TABLE shop.orders RENAME TO customers;
SELECT readable('auditor', 'shop.customers');
ALTER TABLE shop.customers RENAME TO orders;
ALTER TABLE shop.exchanged RENAME TO customers;
COMMIT;
-- USAGE of a schema that is claimed for what is not there yet: nothing is broken, and it comes back. Not so when something is.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "shop.later", "optional": true}]}');
REVOKE USAGE ON SCHEMA shop FROM reporter;
SELECT has_schema_privilege('reporter', 'shop', 'USAGE');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "shop.later", "optional": true}, {"path": "shop.items", "fields": ["id"]}]}');
REVOKE USAGE ON SCHEMA shop FROM reporter;
SELECT integratedb.validate_migration();
-- Nor does it come back with something else in the schema that another claim of the stakeholder covers.
CREATE TABLE shop.days (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.monday PARTITION OF shop.days FOR VALUES FROM ('2026-11-16') TO ('2026-11-17');
SELECT count(*) FROM integratedb.claim('auditor', '{"match": [{"path": "shop.*", "fields": ["*"]}]}');
BEGIN;
REVOKE USAGE ON SCHEMA shop FROM auditor;
CREATE INDEX ON shop.monday (day);
SELECT has_schema_privilege('auditor', 'shop', 'USAGE');
COMMIT;

\i :end
