-- integratedb.validation = immediate refuses at the statement.
\set test 'integratedb_validation_immediate'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
SHOW integratedb.validation;
-- Whoever migrates may choose it.
CREATE ROLE owner;
ALTER TABLE orders OWNER TO owner;
SET ROLE owner;
SET integratedb.validation = immediate;
BEGIN;
ALTER TABLE orders RENAME COLUMN note TO remark;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE orders ADD COLUMN note text;
COMMIT;
BEGIN;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN note;
ROLLBACK TO a;
ALTER TABLE orders DROP COLUMN total;
COMMIT;
DO $$
BEGIN
    ALTER TABLE orders DROP COLUMN note;
EXCEPTION WHEN dependent_objects_still_exist THEN RAISE NOTICE 'refused: %', SQLERRM;
END $$;
-- Remembered when it was deferred, judged before COMMIT all the same.
SET integratedb.validation = deferred;
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SET integratedb.validation = immediate;
COMMIT;
SELECT integratedb.validate_migration();

\i :end
