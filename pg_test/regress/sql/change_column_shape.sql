-- What a claim observed of a column, or declares, does not change under its reader.
\set test 'integratedb_change_column_shape'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80), code char(4), placed timestamptz, tags text[], free integer);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,total,note,code,placed,tags}');
SELECT column_name, shape, status FROM integratedb.claimed_columns ORDER BY column_name;
-- Retyped.
ALTER TABLE orders ALTER COLUMN id TYPE integer;
ALTER TABLE orders ALTER COLUMN id TYPE text;
ALTER TABLE orders ALTER COLUMN tags TYPE varchar(10)[];
ALTER TABLE orders ALTER COLUMN placed TYPE timestamp;
-- Narrowed.
ALTER TABLE orders ALTER COLUMN note TYPE varchar(79);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(11,2);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(13,1);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(13,4);
ALTER TABLE orders ALTER COLUMN code TYPE char(3);
-- Nullable.
ALTER TABLE orders ALTER COLUMN total DROP NOT NULL;
-- All at once, in one statement.
ALTER TABLE orders ALTER COLUMN total DROP NOT NULL, ALTER COLUMN note TYPE varchar(10), DROP COLUMN code;
\d orders
-- What a reader does not notice, or nobody claims.
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders ALTER COLUMN note SET DEFAULT 'none', ALTER COLUMN note SET STATISTICS 10, ALTER COLUMN note SET STORAGE plain;
ALTER TABLE orders ADD CHECK (total >= 0), ADD UNIQUE (note);
ALTER TABLE orders ALTER COLUMN free TYPE positive;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(80);
-- NOT NULL, once observed, stays.
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
-- A primary key leaves its NOT NULL behind in PostgreSQL 15 when it is dropped.
ALTER TABLE orders DROP CONSTRAINT orders_pkey;
-- Declared: what is declared, and no more of it than that.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"name": "note", "type": "varchar(80)", "min_length": 40, "is_nullable": true}, {"name": "total", "min_length": 10, "is_nullable": false}]}]}');
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(100);
ALTER TABLE orders ALTER COLUMN note TYPE text;
ALTER TABLE orders ALTER COLUMN total DROP NOT NULL;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(9,2);
SELECT integratedb.validate_migration();

\i :end
