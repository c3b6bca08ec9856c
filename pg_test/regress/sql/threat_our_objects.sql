-- Threat: an ordinary role locks, reads or writes the extension's tables, changes its objects, switches it off, or calls its event triggers.
\set test 'integratedb_threat_our_objects'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_attacker;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL);
ALTER TABLE public.orders OWNER TO regress_attacker;
GRANT CREATE ON SCHEMA public TO regress_attacker;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{*}');
-- Messages of the server's own differ between its versions: only their SQLSTATEs are compared.
\set VERBOSITY sqlstate
SET SESSION AUTHORIZATION regress_attacker;
-- Locks: one on the fence would stop everybody's claims, or everybody's DDL.
BEGIN;
LOCK TABLE integratedb.fence IN ACCESS SHARE MODE;
ROLLBACK;
BEGIN;
LOCK TABLE integratedb.fence IN ACCESS EXCLUSIVE MODE;
ROLLBACK;
BEGIN;
LOCK TABLE integratedb.claim IN SHARE MODE;
ROLLBACK;
BEGIN;
LOCK TABLE integratedb.claims;
ROLLBACK;
SELECT * FROM integratedb.claim FOR UPDATE;
-- Writes.
INSERT INTO integratedb.stakeholder VALUES ('x');
UPDATE integratedb.claim SET status = 'pending';
DELETE FROM integratedb.claimed_relation;
TRUNCATE integratedb.granted_privilege;
COPY integratedb.stakeholder TO STDOUT;
SELECT nextval('integratedb.claim_claim_id_seq');
SELECT setval('integratedb.claim_claim_id_seq', 1);
-- Objects.
CREATE TABLE integratedb.mine ();
CREATE FUNCTION integratedb.claim(text, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE OPERATOR integratedb.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.texteq);
ALTER TABLE integratedb.claim ADD COLUMN x integer;
ALTER TABLE integratedb.claim DISABLE TRIGGER ALL;
DROP TABLE integratedb.claim;
CREATE TRIGGER t BEFORE INSERT ON integratedb.claim FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE RULE r AS ON INSERT TO integratedb.claim DO INSTEAD NOTHING;
CREATE TABLE public.child () INHERITS (integratedb.claim);
CREATE TABLE public.referrer (name text REFERENCES integratedb.stakeholder);
CREATE OR REPLACE FUNCTION integratedb.validate_migration(max_results integer DEFAULT 100) RETURNS integer LANGUAGE sql AS 'SELECT 0';
ALTER FUNCTION integratedb.sync() SECURITY DEFINER;
DROP FUNCTION integratedb.sync();
COMMENT ON TABLE integratedb.claim IS 'x';
ALTER SCHEMA integratedb RENAME TO gone;
DROP SCHEMA integratedb CASCADE;
GRANT CREATE ON SCHEMA integratedb TO regress_attacker;
GRANT SELECT ON integratedb.stakeholder TO regress_attacker;
ALTER EXTENSION integratedb UPDATE;
ALTER EXTENSION integratedb ADD TABLE public.orders;
ALTER EXTENSION integratedb DROP TABLE integratedb.claim;
DROP EXTENSION integratedb;
CREATE EXTENSION integratedb VERSION '0.1.0';
-- Event triggers.
ALTER EVENT TRIGGER integratedb_ddl_command_end DISABLE;
ALTER EVENT TRIGGER integratedb_sql_drop OWNER TO regress_attacker;
ALTER EVENT TRIGGER integratedb_ddl_command_start RENAME TO x;
DROP EVENT TRIGGER integratedb_ddl_command_end;
CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION integratedb.on_ddl_command_end();
SELECT integratedb.on_ddl_command_end();
CREATE FUNCTION public.call() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM integratedb.on_ddl_command_end(); END $$;
SELECT public.call();
CREATE TRIGGER t BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION integratedb.on_sql_drop();
-- A C function of its own on the library's symbols.
CREATE FUNCTION public.capture() RETURNS void LANGUAGE c AS '$libdir/integratedb', 'sync_wrapper';
-- Settings.
SET integratedb.enforcement = 'off';
SET integratedb.enforcement = 'warn';
SET LOCAL integratedb.enforcement = 'off';
SELECT set_config('integratedb.enforcement', 'off', false);
ALTER ROLE regress_attacker SET integratedb.enforcement = 'off';
ALTER ROLE regress_attacker SET session_preload_libraries = '';
CREATE FUNCTION public.off() RETURNS void LANGUAGE sql SET integratedb.enforcement = 'off' AS 'ALTER TABLE public.orders DROP COLUMN total';
SET integratedb.nonsense = 1;
SET session_replication_role = replica;
SHOW integratedb.enforcement;
\set VERBOSITY default
-- Those that it may set take nothing away: immediate tells at once, the timeout is its own.
SET integratedb.validation = 'immediate';
ALTER TABLE public.orders DROP COLUMN total;
RESET integratedb.validation;
SET integratedb.validation = 'never';
SET integratedb.fence_timeout = -1;
-- What the DBA has set is not undone by RESET or DISCARD.
DISCARD ALL;
SHOW integratedb.enforcement;
SET SESSION AUTHORIZATION regress_attacker;
ALTER TABLE public.orders DROP COLUMN total;
RESET SESSION AUTHORIZATION;
-- A setting that comes before the library is loaded is no way in.
\c :test
SET SESSION AUTHORIZATION regress_attacker;
SET integratedb.enforcement = 'off';
ALTER TABLE public.orders DROP COLUMN total;
SHOW integratedb.enforcement;
ALTER TABLE public.orders DROP COLUMN total;
RESET SESSION AUTHORIZATION;
SELECT path, status FROM integratedb.claims;
SELECT count(*) FROM pg_attribute WHERE attrelid = 'public.orders'::regclass AND attname = 'total';
\i :end
