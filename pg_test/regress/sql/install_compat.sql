-- install_compat makes the function names of the original, with the caller's own rights and nothing to capture.
\set test 'integratedb_install_compat'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.a (id bigint PRIMARY KEY, x text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.a', '{x}');
CREATE SCHEMA compat;
SELECT integratedb.install_compat('compat');
\df compat.*
SELECT proname, prosecdef, proconfig FROM pg_proc WHERE pronamespace = 'compat'::regnamespace ORDER BY 1;
SELECT compat.integratedb_validate_migration();
SELECT compat.integratedb_sync();
SET integratedb.enforcement = 'off';
ALTER TABLE public.a DROP COLUMN x;
RESET integratedb.enforcement;
SELECT stakeholder, path, column_name, rule FROM compat.integratedb_unmet_claims();
SELECT compat.integratedb_validate_migration();
\echo :LAST_ERROR_SQLSTATE
-- They do not belong to the extension: pg_dump carries them, and they are not dropped with it.
SELECT count(*) FROM pg_depend WHERE deptype = 'e' AND objid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'compat'::regnamespace);
-- Twice, and into a schema that there is not.
SELECT integratedb.install_compat('compat');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.install_compat('nowhere');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.install_compat(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.install_compat('pg_catalog');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.install_compat('integratedb');
\echo :LAST_ERROR_SQLSTATE
-- A function that somebody else has put there is neither replaced nor left half way.
CREATE SCHEMA theirs;
CREATE FUNCTION theirs.integratedb_sync() RETURNS void LANGUAGE sql AS '';
SELECT integratedb.install_compat('theirs');
SELECT proname FROM pg_proc WHERE pronamespace = 'theirs'::regnamespace;
-- An odd schema.
CREATE SCHEMA "com""pat; --";
SELECT integratedb.install_compat('com"pat; --');
SELECT count(*) FROM pg_proc WHERE pronamespace = '"com""pat; --"'::regnamespace;
-- An ordinary role has its own rights only.
CREATE ROLE regress_other;
GRANT USAGE ON SCHEMA compat TO regress_other;
SET SESSION AUTHORIZATION regress_other;
SELECT compat.integratedb_sync();
SELECT * FROM compat.integratedb_unmet_claims();
SELECT compat.integratedb_validate_migration();
RESET SESSION AUTHORIZATION;
\i :end
