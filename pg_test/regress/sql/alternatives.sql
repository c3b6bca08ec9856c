-- Of several alternatives one is enough: the last one that is met cannot go.
\set test 'integratedb_alternatives'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric);
CREATE TABLE legacy_invoices (id bigint PRIMARY KEY, amount numeric);
CREATE TABLE customers (id bigint PRIMARY KEY, user_id bigint, account_id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"alternatives": [{"path": "public.invoices", "fields": ["id", "total"]}, {"path": "public.legacy_invoices", "fields": ["id", "amount"]}]},
    {"path": "public.customers", "fields": ["id", {"alternatives": ["user_id", {"name": "account_id", "type": "bigint"}]}]}]}');
DROP TABLE legacy_invoices;
SELECT path, status, active_alternative, active_path FROM integratedb.claims ORDER BY match_number;
DROP TABLE invoices;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE invoices DROP COLUMN total;
-- The other one comes back: then the first may go, in one transaction even the other way round.
BEGIN;
DROP TABLE invoices;
CREATE TABLE legacy_invoices (id bigint PRIMARY KEY, amount numeric);
COMMIT;
SELECT readable('reporter', 'public.legacy_invoices');
SELECT path, status, active_alternative, active_path FROM integratedb.claims ORDER BY match_number;
CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric);
SELECT readable('reporter', 'public.legacy_invoices'), readable('reporter', 'public.invoices');
DROP TABLE invoices, legacy_invoices;
ALTER TABLE legacy_invoices RENAME COLUMN amount TO total;
-- One whose shape does not fit any more keeps what it still claims, and no more than that.
SELECT readable('reporter', 'public.legacy_invoices'), readable('reporter', 'public.invoices');
ALTER TABLE invoices RENAME TO old_invoices;
-- Of columns.
ALTER TABLE customers DROP COLUMN user_id;
SELECT column_name, status FROM integratedb.claimed_columns WHERE path = 'public.customers' ORDER BY 1;
ALTER TABLE customers DROP COLUMN account_id;
ALTER TABLE customers ALTER COLUMN account_id TYPE integer;
BEGIN;
ALTER TABLE customers DROP COLUMN account_id;
ALTER TABLE customers ADD COLUMN user_id bigint;
COMMIT;
SELECT readable('reporter', 'public.customers');
ALTER TABLE customers ADD COLUMN account_id text;
SELECT readable('reporter', 'public.customers');
SELECT integratedb.validate_migration();

\i :end
