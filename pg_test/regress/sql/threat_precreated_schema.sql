-- Threat: a schema integratedb that an ordinary role made, or could make objects in, waits for CREATE EXTENSION.
\set test 'integratedb_threat_precreated_schema'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
DROP EXTENSION integratedb;
DROP SCHEMA integratedb;
SELECT nspname FROM pg_namespace WHERE nspname = 'integratedb';
CREATE ROLE regress_attacker;
GRANT CREATE ON DATABASE :"test" TO regress_attacker;
SET SESSION AUTHORIZATION regress_attacker;
CREATE EXTENSION integratedb;
CREATE SCHEMA integratedb;
CREATE FUNCTION integratedb.path_text(text, text) RETURNS text LANGUAGE sql AS 'SELECT 1';
RESET SESSION AUTHORIZATION;
CREATE EXTENSION integratedb;
\echo :LAST_ERROR_SQLSTATE
CREATE EXTENSION integratedb CASCADE;
SELECT count(*) FROM pg_extension WHERE extname = 'integratedb';
SELECT count(*) FROM pg_event_trigger;
-- Handed over to a superuser, but still open.
DROP FUNCTION integratedb.path_text(text, text);
GRANT CREATE ON SCHEMA integratedb TO regress_attacker;
ALTER SCHEMA integratedb OWNER TO CURRENT_USER;
GRANT CREATE ON SCHEMA integratedb TO regress_attacker;
CREATE EXTENSION integratedb;
\echo :LAST_ERROR_SQLSTATE
REVOKE CREATE ON SCHEMA integratedb FROM regress_attacker;
GRANT CREATE ON SCHEMA integratedb TO PUBLIC;
CREATE EXTENSION integratedb;
\echo :LAST_ERROR_SQLSTATE
-- Closed, but something of the attacker's is left in it: a function that a call with other types of arguments would find first.
SET SESSION AUTHORIZATION regress_attacker;
CREATE FUNCTION integratedb.claim(text, json) RETURNS text LANGUAGE sql AS $$ SELECT 'captured as ' || current_user $$;
RESET SESSION AUTHORIZATION;
REVOKE CREATE ON SCHEMA integratedb FROM PUBLIC;
\set VERBOSITY sqlstate
CREATE EXTENSION integratedb;
\set VERBOSITY default
SELECT count(*) FROM pg_extension WHERE extname = 'integratedb';
DROP FUNCTION integratedb.claim(text, json);
-- Another schema than its own.
CREATE EXTENSION integratedb SCHEMA public;
\echo :LAST_ERROR_SQLSTATE
-- A superuser's own, empty and closed, is taken.
CREATE EXTENSION integratedb;
SELECT extname FROM pg_extension WHERE extname = 'integratedb';
SELECT integratedb.validate_migration();
\i :end
