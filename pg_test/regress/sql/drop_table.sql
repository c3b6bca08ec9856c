-- A claimed table stays, by whichever command it would go.
\set test 'integratedb_drop_table'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
CREATE TABLE other (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
-- One claim without columns, one with.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.customers"}, {"path": "public.orders", "fields": ["*"]}]}');
DROP TABLE orders;
\echo :LAST_ERROR_SQLSTATE
-- Two at once: both violations are told.
DROP TABLE orders, customers;
DROP TABLE customers CASCADE;
BEGIN;
DROP TABLE orders;
DROP TABLE customers;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE other;
SELECT relname FROM pg_class WHERE relname IN ('orders', 'customers', 'other') ORDER BY 1;
-- A foreign key goes without harm to a reader.
ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
DROP TABLE IF EXISTS nobodys;
SELECT integratedb.validate_migration();

\i :end
