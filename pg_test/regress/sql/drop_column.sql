-- A claimed column stays; one that nobody claims goes.
\set test 'integratedb_drop_column'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE TABLE customers (id bigint PRIMARY KEY, user_id bigint NOT NULL, email text, ssn text);
SELECT * FROM integratedb.claim('reporter', 'public.customers', '{id,user_id}');
-- Outside a transaction block the statement itself is the transaction.
ALTER TABLE customers DROP COLUMN user_id;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE customers DROP COLUMN ssn;
-- In one, the break is announced at once and refused by COMMIT.
BEGIN;
ALTER TABLE customers DROP COLUMN user_id;
SELECT count(*) FROM information_schema.columns WHERE table_name = 'customers';
COMMIT;
\echo :LAST_ERROR_SQLSTATE
-- Several columns in one statement, and a constraint that takes one along.
ALTER TABLE customers DROP COLUMN id, DROP COLUMN email, DROP COLUMN user_id;
-- Nothing has changed, but for ssn.
\d customers
SELECT integratedb.validate_migration();

\i :end
