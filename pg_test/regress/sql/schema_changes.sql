-- Renaming and dropping schemas; a schema made with its tables in one command.
\set test 'integratedb_schema_changes'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id bigint PRIMARY KEY, total numeric);
CREATE SCHEMA spare;
CREATE TABLE spare.x (id int);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', 'billing.invoices', '{id}');
SELECT * FROM integratedb.claim('auditor', 'billing.*', '{*}');
ALTER SCHEMA billing RENAME TO invoicing;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA billing CASCADE;
\echo :LAST_ERROR_SQLSTATE
-- Nobody claims this one.
ALTER SCHEMA spare RENAME TO spare_part;
DROP SCHEMA spare_part CASCADE;
-- Renamed and back, and two schemas that exchange their names.
BEGIN;
ALTER SCHEMA billing RENAME TO x;
ALTER SCHEMA x RENAME TO billing;
COMMIT;
CREATE SCHEMA billing_new;
CREATE TABLE billing_new.invoices (id bigint PRIMARY KEY, total numeric, currency text);
BEGIN;
ALTER SCHEMA billing RENAME TO billing_old;
ALTER SCHEMA billing_new RENAME TO billing;
COMMIT;
SELECT readable('reporter', 'billing.invoices'), readable('reporter', 'billing_old.invoices');
SELECT readable('auditor', 'billing.invoices'), has_table_privilege('auditor', 'billing_old.invoices', 'SELECT') AS old;
DROP SCHEMA billing_old CASCADE;
-- Dropped and made again, with elements in the same command: privileges on both come back.
BEGIN;
DROP SCHEMA billing CASCADE;
CREATE SCHEMA billing
    CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric, currency text)
    CREATE VIEW totals AS SELECT total FROM invoices;
COMMIT;
SELECT readable('reporter', 'billing.invoices'), readable('auditor', 'billing.invoices'), readable('auditor', 'billing.totals');
-- CREATE SCHEMA that brings what somebody waits for.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "shipping.parcels", "fields": ["id"], "optional": true}]}');
CREATE SCHEMA shipping CREATE TABLE parcels (id bigint, weight int);
SELECT readable('reporter', 'shipping.parcels');
SELECT integratedb.validate_migration();

\i :end
