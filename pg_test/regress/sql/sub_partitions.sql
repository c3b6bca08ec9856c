-- Partitions of partitions: what happens above reaches the claimed one below.
\set test 'integratedb_sub_partitions'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE SCHEMA archive;
CREATE TABLE shop.orders (id bigint NOT NULL, region text NOT NULL, placed date NOT NULL, note text) PARTITION BY LIST (region);
CREATE TABLE shop.orders_eu PARTITION OF shop.orders FOR VALUES IN ('eu') PARTITION BY RANGE (placed);
CREATE TABLE archive.orders_eu_2024 PARTITION OF shop.orders_eu FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.orders_rest PARTITION OF shop.orders DEFAULT;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', 'archive.orders_eu_2024', '{id,note}');
SELECT * FROM integratedb.claim('auditor', '{"match": [{"path": "shop.*", "fields": ["*"]}, {"path": "archive.*", "fields": ["*"]}]}');
ALTER TABLE shop.orders DROP COLUMN note;
ALTER TABLE shop.orders_eu RENAME TO orders_europe;
DROP TABLE shop.orders_europe;
-- Detached with what is below it, it is a root of its own.
ALTER TABLE shop.orders DETACH PARTITION shop.orders_europe;
SELECT path, status FROM integratedb.claims WHERE stakeholder = 'auditor' ORDER BY path;
SELECT readable('auditor', 'shop.orders_europe'), readable('auditor', 'archive.orders_eu_2024');
SELECT * FROM integratedb.unclaim('auditor', 'shop.*');
ALTER TABLE shop.orders DROP COLUMN note;
ALTER TABLE shop.orders_europe DROP COLUMN note;
-- The lowest, detached, is under the wildcard of its own schema.
ALTER TABLE shop.orders_europe DETACH PARTITION archive.orders_eu_2024;
SELECT readable('auditor', 'archive.orders_eu_2024');
ALTER TABLE shop.orders_europe DROP COLUMN note;
DROP TABLE archive.orders_eu_2024;
SELECT integratedb.validate_migration();

\i :end
