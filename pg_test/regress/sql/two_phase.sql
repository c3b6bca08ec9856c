-- PREPARE TRANSACTION is judged like COMMIT; COMMIT PREPARED can no longer fail.
\set test 'integratedb_two_phase'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text, spare text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
BEGIN;
ALTER TABLE orders DROP COLUMN note;
PREPARE TRANSACTION 'integratedb_two_phase';
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database();
BEGIN;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders ADD COLUMN note text;
PREPARE TRANSACTION 'integratedb_two_phase';
COMMIT PREPARED 'integratedb_two_phase';
SELECT readable('reporter', 'public.orders');
BEGIN;
ALTER TABLE orders DROP COLUMN spare;
PREPARE TRANSACTION 'integratedb_two_phase';
-- The fence is held until it is decided: a claim waits, and gives up.
SET integratedb.fence_timeout = '10ms';
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK PREPARED 'integratedb_two_phase';
RESET integratedb.fence_timeout;
-- The session has forgotten what was prepared.
BEGIN;
ALTER TABLE orders ADD COLUMN more text;
COMMIT;
SELECT integratedb.validate_migration();

\i :end
