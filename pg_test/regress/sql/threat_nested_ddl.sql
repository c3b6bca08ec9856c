-- Threat: an event trigger of somebody else, with DDL of its own, hides from us what the statement that fired it has done.
\set test 'integratedb_threat_nested_ddl'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, note text);
CREATE TABLE items (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["*"]}, {"path": "public.items", "fields": ["*"]}]}');
-- They do what test.does and test.fails say, on the command test.tag.
CREATE FUNCTION does() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    what text := current_setting('test.does', true);
BEGIN
    IF tg_tag = current_setting('test.tag') AND what <> '' THEN
        -- Not for the commands that this one issues.
        PERFORM set_config('test.does', '', false);
        EXECUTE what;
    END IF;
END $$;
CREATE FUNCTION fails() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    what text := current_setting('test.fails', true);
BEGIN
    IF tg_tag = current_setting('test.tag') AND what <> '' THEN
        PERFORM set_config('test.fails', '', false);
        BEGIN
            EXECUTE what;
            RAISE EXCEPTION 'undone';
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END IF;
END $$;
SET test.tag = 'DROP TABLE';
-- Before ours, at the end of the command.
CREATE EVENT TRIGGER aaa ON ddl_command_end EXECUTE FUNCTION does();
CREATE EVENT TRIGGER aaa_fails ON ddl_command_end EXECUTE FUNCTION fails();
\set VERBOSITY terse
-- Commands that are of no interest to us, and some that are.
SET test.does = 'COMMENT ON SCHEMA public IS ''x''';
DROP TABLE orders;
SET test.does = 'CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS ''SELECT 1''';
DROP TABLE orders;
SET test.does = 'CREATE INDEX ON items (note)';
DROP TABLE orders;
SET test.does = 'CREATE TABLE audit (what text)';
DROP TABLE orders;
SET test.does = 'CREATE TABLE audit (what text); DROP TABLE audit';
DROP TABLE orders;
SET test.does = 'CREATE EXTENSION hstore; DROP EXTENSION hstore';
DROP TABLE orders;
-- Another drop that breaks as well: each is blamed for its own.
\set VERBOSITY default
SET test.does = 'DROP TABLE items';
DROP TABLE orders;
\set VERBOSITY terse
-- Work of their own that fails and is caught.
RESET test.does;
SET test.fails = 'CREATE TABLE audit (what text)';
DROP TABLE orders;
SET test.fails = 'CREATE TABLE audit (what text); DROP TABLE audit';
DROP TABLE orders;
SET test.fails = 'DROP TABLE items';
DROP TABLE orders;
SET test.fails = 'CREATE EXTENSION hstore';
DROP TABLE orders;
DROP EVENT TRIGGER aaa;
DROP EVENT TRIGGER aaa_fails;
-- After ours, when something has been dropped.
CREATE EVENT TRIGGER zzz ON sql_drop EXECUTE FUNCTION does();
CREATE EVENT TRIGGER zzz_fails ON sql_drop EXECUTE FUNCTION fails();
SET test.does = 'COMMENT ON SCHEMA public IS ''x''';
DROP TABLE orders;
SET test.does = 'CREATE TABLE audit (what text); DROP TABLE audit';
DROP TABLE orders;
RESET test.does;
SET test.fails = 'CREATE TABLE audit (what text); DROP TABLE audit';
DROP TABLE orders;
SET test.fails = 'DROP TABLE items';
DROP TABLE orders;
DROP EVENT TRIGGER zzz;
DROP EVENT TRIGGER zzz_fails;
-- What was tried and undone leaves nothing that an innocent statement is blamed for.
CREATE EVENT TRIGGER aaa_fails ON ddl_command_end EXECUTE FUNCTION fails();
CREATE TABLE spare (id bigint);
SET test.fails = 'DROP TABLE orders';
DROP TABLE spare;
-- The script of an extension that drops what is claimed, likewise.
RESET test.fails;
CREATE EXTENSION pg_stat_statements SCHEMA public VERSION '1.7';
SELECT count(*) FROM integratedb.claim('reporter', 'public.pg_stat_statements', '{calls,total_time}');
SET test.tag = 'ALTER EXTENSION';
SET test.fails = 'CREATE TABLE audit (what text)';
ALTER EXTENSION pg_stat_statements UPDATE TO '1.8';
CREATE EVENT TRIGGER aaa ON ddl_command_end EXECUTE FUNCTION does();
RESET test.fails;
SET test.does = 'CREATE TABLE audit (what text)';
ALTER EXTENSION pg_stat_statements UPDATE TO '1.8';
SELECT count(*) AS all_three FROM integratedb.claims WHERE status = 'met';
SELECT to_regclass('public.orders') AS orders, to_regclass('public.items') AS items, to_regclass('public.audit') AS audit;
SELECT integratedb.validate_migration();

\i :end
