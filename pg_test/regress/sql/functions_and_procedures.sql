-- DDL inside functions, DO blocks, procedures that commit, and strings of several statements.
\set test 'integratedb_functions_and_procedures'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text, extra text, spare text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
DO $$ BEGIN ALTER TABLE orders DROP COLUMN note; END $$;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION break_it() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE orders DROP COLUMN note; RETURN 1; END $$;
SELECT break_it();
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION break_it_in_sql() RETURNS void LANGUAGE sql AS 'ALTER TABLE orders RENAME COLUMN note TO remark';
SELECT break_it_in_sql();
CREATE FUNCTION mend_it() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE orders DROP COLUMN note;
    ALTER TABLE orders ADD COLUMN note text;
    RETURN 1;
END $$;
SELECT mend_it();
SELECT readable('reporter', 'public.orders');
-- What one statement of a block breaks, another mends.
BEGIN;
SELECT break_it();
ALTER TABLE orders ADD COLUMN note text;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- A procedure's transactions are judged one by one: what it has committed stays.
CREATE PROCEDURE migrate() LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE orders DROP COLUMN extra;
    COMMIT;
    ALTER TABLE orders DROP COLUMN note;
    COMMIT;
    ALTER TABLE orders DROP COLUMN spare;
END $$;
CALL migrate();
\echo :LAST_ERROR_SQLSTATE
SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped;
DO $$
BEGIN
    ALTER TABLE orders DROP COLUMN note;
    ROLLBACK;
    ALTER TABLE orders ADD COLUMN first text;
    COMMIT;
    ALTER TABLE orders DROP COLUMN note;
    ALTER TABLE orders ADD COLUMN note text;
    COMMIT;
END $$;
SELECT readable('reporter', 'public.orders');
-- One string is one transaction.
ALTER TABLE orders ADD COLUMN second text \; ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders RENAME COLUMN note TO remark \; ALTER TABLE orders ADD COLUMN note text;
SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped;
-- A COMMIT within the string ends it.
ALTER TABLE orders DROP COLUMN note \; COMMIT \; ALTER TABLE orders ADD COLUMN third text;
BEGIN \; ALTER TABLE orders ADD COLUMN fourth text \; COMMIT \; ALTER TABLE orders DROP COLUMN note;
SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped;
-- Two transactions by AND CHAIN: the second begins where the first ended.
BEGIN;
ALTER TABLE orders ADD COLUMN fifth text;
COMMIT AND CHAIN;
ALTER TABLE orders DROP COLUMN note;
COMMIT;
SELECT readable('reporter', 'public.orders');
SELECT integratedb.validate_migration();

\i :end
