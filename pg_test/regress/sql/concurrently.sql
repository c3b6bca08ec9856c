-- Commands that commit on the way cannot be rolled back: nothing fails after them, and no transaction id is assigned before.
\set test 'integratedb_concurrently'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint NOT NULL, placed date NOT NULL, note text) PARTITION BY RANGE (placed);
CREATE TABLE shop.orders_2024 PARTITION OF shop.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE shop.items (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', 'shop.*', '{*}');
SELECT count(*) FROM integratedb.claim('auditor', 'shop.orders_2024', '{id,note}');
CREATE INDEX CONCURRENTLY items_note ON shop.items (note);
REINDEX INDEX CONCURRENTLY shop.items_note;
REINDEX TABLE CONCURRENTLY shop.items;
DROP INDEX CONCURRENTLY shop.items_note;
-- A failure of the command's own is still its own.
INSERT INTO shop.items VALUES (1, 'x'), (2, 'x');
CREATE UNIQUE INDEX CONCURRENTLY items_unique ON shop.items (note);
DROP INDEX CONCURRENTLY shop.items_unique;
-- A detached partition is under the wildcard, and the claim on it stays.
ALTER TABLE shop.orders DETACH PARTITION shop.orders_2024 CONCURRENTLY;
SELECT inhrelid::regclass, inhdetachpending FROM pg_inherits WHERE inhparent = 'shop.orders'::regclass;
SELECT readable('reporter', 'shop.orders_2024'), readable('auditor', 'shop.orders_2024'), readable('reporter', 'shop.orders_2025');
DROP TABLE shop.orders_2024;
DROP TABLE shop.orders_2025;
-- The same with caches that are not to be trusted, when the next evaluation sets the baseline.
SET integratedb.enforcement = off;
ALTER TABLE shop.items ADD COLUMN more text;
RESET integratedb.enforcement;
CREATE INDEX CONCURRENTLY items_note ON shop.items (note);
DROP INDEX CONCURRENTLY shop.items_note;
CREATE TABLE shop.orders_2026 PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SET integratedb.enforcement = off;
ALTER TABLE shop.items ADD COLUMN still_more text;
RESET integratedb.enforcement;
ALTER TABLE shop.orders DETACH PARTITION shop.orders_2026 CONCURRENTLY;
SELECT inhrelid::regclass, inhdetachpending FROM pg_inherits WHERE inhparent = 'shop.orders'::regclass;
SELECT readable('reporter', 'shop.orders_2026'), readable('reporter', 'shop.items');
SELECT integratedb.validate_migration();

\i :end
