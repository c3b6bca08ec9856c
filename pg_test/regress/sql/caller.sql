-- The extension acts as its owner, and gives the caller back what it is: whoever begins, breaks, catches and commits.
\set test 'integratedb_caller'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE ROLE owner;
CREATE ROLE other;
CREATE TABLE orders (id bigint PRIMARY KEY, note text, spare text);
ALTER TABLE orders OWNER TO owner;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
-- Committed by somebody else than who broke it.
BEGIN;
SET LOCAL ROLE owner;
ALTER TABLE orders DROP COLUMN note;
SET LOCAL ROLE other;
COMMIT;
-- After an error, caught or not.
SET SESSION AUTHORIZATION owner;
SET search_path = public, pg_temp;
SET integratedb.validation = immediate;
BEGIN;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN note;
ROLLBACK TO a;
SELECT session_user, current_user, current_setting('search_path'), current_setting('is_superuser');
COMMIT;
DO $$
BEGIN
    ALTER TABLE orders DROP COLUMN note;
EXCEPTION WHEN dependent_objects_still_exist THEN
    RAISE NOTICE '% % %', session_user, current_user, current_setting('search_path');
END $$;
ALTER TABLE orders DROP COLUMN note;
SELECT session_user, current_user, current_setting('search_path'), current_setting('is_superuser');
RESET SESSION AUTHORIZATION;
RESET search_path;
RESET integratedb.validation;
-- SECURITY DEFINER functions, with a search path of their own.
CREATE FUNCTION drop_spare() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ALTER TABLE orders DROP COLUMN spare;
    RETURN current_user || ' ' || current_setting('search_path');
END $$;
ALTER FUNCTION drop_spare() OWNER TO owner;
CREATE FUNCTION drop_note() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ALTER TABLE orders DROP COLUMN note;
    RETURN current_user || ' ' || current_setting('search_path');
END $$;
ALTER FUNCTION drop_note() OWNER TO owner;
SET SESSION AUTHORIZATION other;
SELECT drop_spare();
SELECT drop_note();
SELECT current_user, current_setting('search_path');
RESET SESSION AUTHORIZATION;
-- Entry points are no functions to call.
SELECT integratedb.on_ddl_command_end();
CREATE TABLE t (id integer);
SELECT integratedb.validate_migration();

\i :end
