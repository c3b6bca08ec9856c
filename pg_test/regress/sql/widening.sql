-- An observed shape follows a column that grows, and binds from the commit of the transaction in which it grew.
\set test 'integratedb_widening'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(80), total numeric(12,2));
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{note,total}');
ALTER TABLE orders ALTER COLUMN note TYPE varchar(120);
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY 1;
-- May not shrink again, not even to what it was.
ALTER TABLE orders ALTER COLUMN note TYPE varchar(80);
\echo :LAST_ERROR_SQLSTATE
-- In one transaction it may.
BEGIN;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
ALTER TABLE orders ALTER COLUMN note TYPE varchar(120);
COMMIT;
BEGIN;
ALTER TABLE orders ALTER COLUMN note TYPE text;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(150);
COMMIT;
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY 1;
-- But not below what it was when the transaction began.
BEGIN;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
ALTER TABLE orders ALTER COLUMN note TYPE varchar(149);
COMMIT;
-- Narrow and widen again, through a break.
BEGIN;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(10);
ALTER TABLE orders ALTER COLUMN note TYPE varchar(150);
COMMIT;
-- A savepoint that is rolled back takes its widening with it.
BEGIN;
SAVEPOINT s;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(300);
ROLLBACK TO s;
COMMIT;
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY 1;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(150);
-- numeric grows in both directions, or in one.
ALTER TABLE orders ALTER COLUMN total TYPE numeric(14,3);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(14,2);
ALTER TABLE orders ALTER COLUMN total TYPE numeric;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(20,6);
-- varchar to text, and not back.
ALTER TABLE orders ALTER COLUMN note TYPE text;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(1000);
-- NOT NULL set and taken back.
BEGIN;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
COMMIT;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
SELECT integratedb.validate_migration();

\i :end
