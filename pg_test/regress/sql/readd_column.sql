-- A claimed column dropped and added again in one transaction.
\set test 'integratedb_readd_column'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(80), total numeric(12,2) NOT NULL);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note,total}');
SELECT count(*) FROM integratedb.claim('auditor', 'public.orders', '{*}');
-- With the same shape, in two statements and in one: the privilege is restored.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders ADD COLUMN note varchar(80);
COMMIT;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
ALTER TABLE orders DROP COLUMN note, ADD COLUMN note varchar(80);
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
-- Wider.
ALTER TABLE orders DROP COLUMN note, ADD COLUMN note text;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
-- With another shape.
ALTER TABLE orders DROP COLUMN note, ADD COLUMN note integer;
ALTER TABLE orders DROP COLUMN note, ADD COLUMN note varchar(80);
ALTER TABLE orders DROP COLUMN total, ADD COLUMN total numeric(12,2);
BEGIN;
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders ADD COLUMN total numeric(10,2) NOT NULL;
COMMIT;
-- As a generated column.
ALTER TABLE orders DROP COLUMN note, ADD COLUMN note text GENERATED ALWAYS AS ('order ' || id::text) STORED;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
SELECT integratedb.validate_migration();

\i :end
