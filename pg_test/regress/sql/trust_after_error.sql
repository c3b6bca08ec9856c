-- What the start of a command found out is forgotten when the command fails: the next one shares the fence itself.
\set test 'integratedb_trust_after_error'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE payments (id bigint, total numeric);
CREATE VIEW fence AS SELECT mode FROM pg_locks WHERE relation = 'integratedb.fence'::regclass AND pid = pg_backend_pid();
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE TYPE pg_temp.of_payments AS (id bigint, total numeric);
ALTER TABLE payments OF pg_temp.of_payments;
-- A command on something temporary that reaches something lasting, after one that failed.
BEGIN;
SAVEPOINT a;
ALTER TABLE no_such ADD COLUMN x integer;
ROLLBACK TO a;
SELECT * FROM fence;
ALTER TYPE pg_temp.of_payments DROP ATTRIBUTE total CASCADE;
SELECT * FROM fence;
ROLLBACK;
DO $$
BEGIN
    BEGIN
        ALTER TABLE no_such ADD COLUMN x integer;
    EXCEPTION WHEN undefined_table THEN NULL;
    END;
    IF EXISTS (SELECT FROM fence) THEN RAISE 'a failed command holds the fence'; END IF;
    ALTER TYPE pg_temp.of_payments DROP ATTRIBUTE total CASCADE;
    IF NOT EXISTS (SELECT FROM fence) THEN RAISE 'a command passes the fence'; END IF;
    RAISE EXCEPTION 'undo it' USING ERRCODE = 'NW001';
EXCEPTION WHEN SQLSTATE 'NW001' THEN NULL;
END $$;
-- A temporary table on which a lasting one rests.
CREATE TEMPORARY TABLE scratch (a integer);
CREATE TABLE lasting (id bigint, s pg_temp.scratch);
BEGIN;
SAVEPOINT a;
ALTER TABLE no_such ADD COLUMN x integer;
ROLLBACK TO a;
DROP TABLE scratch CASCADE;
SELECT * FROM fence;
ROLLBACK;
BEGIN;
SAVEPOINT a;
ALTER TABLE no_such ADD COLUMN x integer;
ROLLBACK TO a;
ALTER TABLE scratch RENAME TO other;
SELECT * FROM fence;
ROLLBACK;

\i :end
