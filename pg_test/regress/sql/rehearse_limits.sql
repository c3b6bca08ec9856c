-- How long a rehearsal may take, and who ends it.
\set test 'integratedb_rehearse_limits'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\pset null '-'

-- Its own limit ends one statement; what has ended in time is not hit by it later, nor is what comes after the rehearsal.
SELECT number, verdict, detail FROM integratedb.rehearse_migration('SELECT 1; SELECT pg_sleep(600); SELECT 2', statement_timeout => '100ms');
SELECT number, verdict, detail FROM integratedb.rehearse_migration('SELECT pg_sleep(0.05); SELECT 2', statement_timeout => '10s');
SELECT pg_sleep(0.2);
-- A function that catches the cancel is at its end all the same.
SELECT number, verdict, detail FROM integratedb.rehearse_migration($s$DO $$ BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END $$; SELECT 2$s$, statement_timeout => '100ms');
-- What is deferred counts too.
CREATE TABLE slow (id int);
CREATE FUNCTION sleeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sleeps();
SELECT number, statement, verdict, detail FROM integratedb.rehearse_migration('INSERT INTO slow VALUES (1)', statement_timeout => '100ms');
-- The caller's own limit ends it all; afterwards the next one runs.
SET statement_timeout = '100ms';
SELECT number FROM integratedb.rehearse_migration('CREATE TABLE t (); SELECT pg_sleep(600)', statement_timeout => '0');
\echo :LAST_ERROR_SQLSTATE
RESET statement_timeout;
SELECT number, verdict FROM integratedb.rehearse_migration('CREATE TABLE t ()');
SELECT to_regclass('t') IS NULL AS nothing;
-- A script may set its own limit for locks, and nothing of it stays.
SELECT number, verdict FROM integratedb.rehearse_migration($$SET lock_timeout = '7s'; SELECT 1 / (current_setting('lock_timeout') = '7s')::int$$);
SELECT number, verdict FROM integratedb.rehearse_migration($$SELECT 1 / (current_setting('lock_timeout') = '3s')::int$$, lock_timeout => '3s');
SHOW lock_timeout;
-- As much as it likes: results are discarded.
SELECT number, verdict FROM integratedb.rehearse_migration('SELECT repeat(''x'', 1000) FROM generate_series(1, 1000000); EXPLAIN SELECT 1; SHOW work_mem; DECLARE c CURSOR FOR SELECT 1; FETCH ALL FROM c');
SELECT count(*), count(DISTINCT verdict) FROM integratedb.rehearse_migration(repeat('SELECT 1;', 5000));

\i :end
