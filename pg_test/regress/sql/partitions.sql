-- A partitioned table stands for its partitions.
\set test 'integratedb_partitions'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint NOT NULL, placed date NOT NULL, note varchar(80)) PARTITION BY RANGE (placed);
CREATE TABLE shop.orders_2024 PARTITION OF shop.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT stakeholder FROM integratedb.create_stakeholder('archivist');
SELECT * FROM integratedb.claim('reporter', 'shop.orders', '{id,note}');
-- A wildcard takes the root only.
SELECT * FROM integratedb.claim('auditor', 'shop.*', '{*}');
-- A partition that is named is claimed like any table.
SELECT * FROM integratedb.claim('archivist', 'shop.orders_2024', '{id,note}');
-- A change of the root reaches the claimed partition.
ALTER TABLE shop.orders DROP COLUMN note;
ALTER TABLE shop.orders RENAME COLUMN note TO remark;
ALTER TABLE shop.orders ALTER COLUMN note TYPE varchar(10);
DROP TABLE shop.orders;
DROP TABLE shop.orders_2024;
-- Partitions come and go unclaimed.
CREATE TABLE shop.orders_2026 PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
DROP TABLE shop.orders_2025;
SELECT readable('auditor', 'shop.orders'), readable('auditor', 'shop.orders_2026');
-- Detached, a partition is a table of its own, which the wildcard covers; attached again, it keeps claim and privilege.
ALTER TABLE shop.orders DETACH PARTITION shop.orders_2026;
SELECT readable('auditor', 'shop.orders_2026');
ALTER TABLE shop.orders ATTACH PARTITION shop.orders_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SELECT readable('auditor', 'shop.orders_2026');
SELECT path, status, from_wildcard FROM integratedb.claims WHERE stakeholder = 'auditor' ORDER BY path;
ALTER TABLE shop.orders DETACH PARTITION shop.orders_2024;
SELECT readable('archivist', 'shop.orders_2024'), readable('auditor', 'shop.orders_2024');
-- From here on the root's changes do not reach it.
SELECT * FROM integratedb.unclaim('auditor');
SELECT * FROM integratedb.unclaim('reporter');
ALTER TABLE shop.orders DROP COLUMN note;
-- A table that becomes a partition, in one transaction with the column that it lacks.
BEGIN;
ALTER TABLE shop.orders ADD COLUMN note varchar(80);
ALTER TABLE shop.orders ATTACH PARTITION shop.orders_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
COMMIT;
SELECT readable('archivist', 'shop.orders_2024');
SELECT integratedb.validate_migration();

\i :end
