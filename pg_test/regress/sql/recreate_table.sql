-- A claimed table dropped and created again in one transaction, as many migration tools do: privileges are restored.
\set test 'integratedb_recreate_table'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80), secret text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,total}');
SELECT count(*) FROM integratedb.claim('auditor', 'public.orders', '{*}');
BEGIN;
DROP TABLE orders;
CREATE TABLE orders (secret text, total numeric(12,2) NOT NULL, id bigint PRIMARY KEY, note varchar(80), more text);
COMMIT;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
-- The old name is taken by the new table before the old one goes.
BEGIN;
CREATE TABLE orders_new (LIKE orders INCLUDING ALL);
ALTER TABLE orders RENAME TO orders_old;
ALTER TABLE orders_new RENAME TO orders;
DROP TABLE orders_old;
COMMIT;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
-- A column short.
BEGIN;
DROP TABLE orders;
CREATE TABLE orders (id bigint PRIMARY KEY, secret text, note varchar(80), more text);
COMMIT;
-- Not at all.
BEGIN;
DROP TABLE orders;
COMMIT;
-- Twice.
BEGIN;
DROP TABLE orders;
CREATE TABLE orders (id bigint PRIMARY KEY);
DROP TABLE orders;
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80), secret text, more text);
COMMIT;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
-- In one string, without BEGIN.
DROP TABLE orders \; CREATE TABLE orders AS SELECT 1::bigint AS id \; SELECT 1;
DROP TABLE orders \; CREATE TABLE orders (more text, id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80), secret text) \; SELECT 1 AS one;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
SELECT integratedb.validate_migration();

\i :end
