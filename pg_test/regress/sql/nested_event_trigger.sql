-- Event triggers of others run DDL of their own, before ours and after.
\set test 'integratedb_nested_event_trigger'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'shop.*', '{*}');
CREATE FUNCTION add_columns() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    made text;
BEGIN
    FOR made IN SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE TABLE' AND object_type = 'table' LOOP
        EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS %I text', made, tg_event || '_' || current_setting('test.which', true));
    END LOOP;
END $$;
SET test.which = 'nested';
CREATE EVENT TRIGGER a_columns ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION add_columns();
CREATE TABLE shop.first (id bigint);
SELECT readable('reporter', 'shop.first');
DROP EVENT TRIGGER a_columns;
CREATE EVENT TRIGGER z_columns ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION add_columns();
CREATE TABLE shop.second (id bigint);
SELECT readable('reporter', 'shop.second');
DROP EVENT TRIGGER z_columns;
-- One that breaks a claim.
CREATE FUNCTION drop_note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE shop.orders DROP COLUMN note; END $$;
CREATE EVENT TRIGGER a_breaks ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION drop_note();
CREATE TABLE shop.third (id bigint);
DROP EVENT TRIGGER a_breaks;
-- On sql_drop, between the drop and its end.
CREATE FUNCTION on_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE IF NOT EXISTS shop.log (what text); END $$;
CREATE TABLE spare (id bigint);
CREATE EVENT TRIGGER z_log ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION on_drop();
DROP TABLE spare;
SELECT readable('reporter', 'shop.log');
DROP TABLE shop.orders;
DROP EVENT TRIGGER z_log;
-- One that mends what the statement breaks.
CREATE FUNCTION mend() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text); END $$;
CREATE EVENT TRIGGER z_mend ON ddl_command_end WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION mend();
DROP TABLE shop.orders;
DROP EVENT TRIGGER z_mend;
SELECT readable('reporter', 'shop.orders');
SELECT integratedb.validate_migration();

\i :end
