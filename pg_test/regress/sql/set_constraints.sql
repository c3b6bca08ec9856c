-- Django ends ordinary migrations with SET CONSTRAINTS ALL IMMEDIATE: it changes nothing about when a claim is judged.
\set test 'integratedb_set_constraints'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, note text, customer_id bigint REFERENCES customers DEFERRABLE INITIALLY DEFERRED);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
BEGIN;
ALTER TABLE orders RENAME COLUMN note TO remark;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE orders ADD COLUMN note text;
SET CONSTRAINTS ALL DEFERRED;
COMMIT;
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
SELECT readable('reporter', 'public.orders');
SELECT integratedb.validate_migration();

\i :end
