-- doctor(): each check fails when what it is about is wrong, and its statement mends it.
\set test 'integratedb_doctor'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2));
-- Without stakeholders all is well, whatever the server's files say.
SELECT check_name, state FROM integratedb.doctor() WHERE check_name NOT IN ('pg_hba', 'enforcement', 'password_encryption', 'session_replication_role');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{id}');
CREATE VIEW public.ill AS SELECT * FROM integratedb.doctor() WHERE state <> 'ok' AND check_name NOT IN ('exposure', 'pg_hba');
SELECT * FROM public.ill;
-- By PostgreSQL's defaults PUBLIC has something everywhere.
SELECT check_name, state, statement FROM integratedb.doctor() WHERE check_name = 'exposure';
SELECT finding FROM integratedb.doctor() WHERE check_name = 'pg_hba';

-- Event triggers.
ALTER EVENT TRIGGER integratedb_sql_drop DISABLE;
ALTER EVENT TRIGGER integratedb_ddl_command_end ENABLE;
SELECT * FROM public.ill;
SELECT statement FROM public.ill
\gexec
SELECT * FROM public.ill;
ALTER EXTENSION integratedb DROP EVENT TRIGGER integratedb_ddl_command_start;
SELECT * FROM public.ill;
DROP EVENT TRIGGER integratedb_ddl_command_start;
SELECT * FROM public.ill;
SELECT statement FROM public.ill
\gexec
CREATE FUNCTION public.nothing() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
ALTER EXTENSION integratedb DROP EVENT TRIGGER integratedb_sql_drop;
DROP EVENT TRIGGER integratedb_sql_drop;
CREATE EVENT TRIGGER integratedb_sql_drop ON sql_drop EXECUTE FUNCTION public.nothing();
SELECT * FROM public.ill;
SELECT statement FROM public.ill
\gexec
ALTER TABLE integratedb.claim DISABLE TRIGGER loaded;
SELECT * FROM public.ill;
SELECT statement FROM public.ill
\gexec
SELECT * FROM public.ill;
SELECT evtname, evtenabled, evtfoid::regproc FROM pg_event_trigger ORDER BY 1;

-- The version of the objects.
BEGIN;
SET LOCAL allow_system_table_mods = on;
UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'integratedb';
SELECT * FROM public.ill;
ROLLBACK;
-- The owner.
BEGIN;
CREATE ROLE regress_weak;
SET LOCAL allow_system_table_mods = on;
UPDATE pg_extension SET extowner = (SELECT oid FROM pg_roles WHERE rolname = 'regress_weak') WHERE extname = 'integratedb';
SELECT check_name, state, finding, statement FROM public.ill WHERE check_name = 'owner';
ROLLBACK;

-- CONNECT, which locks an application out.
REVOKE CONNECT ON DATABASE integratedb_doctor FROM regress_app;
SELECT * FROM public.ill;
REVOKE CONNECT ON DATABASE integratedb_doctor FROM PUBLIC;
SELECT * FROM public.ill;
SELECT statement FROM public.ill
\gexec
SELECT * FROM public.ill;

-- Claims, privileges, caches.
SET integratedb.enforcement = off;
REVOKE SELECT (id) ON public.orders FROM regress_app;
SELECT * FROM public.ill;
RESET integratedb.enforcement;
SELECT * FROM public.ill;
SELECT * FROM integratedb.repair_privileges();
SELECT * FROM public.ill;
GRANT UPDATE ON public.orders TO regress_app;
SELECT * FROM public.ill;
REVOKE UPDATE ON public.orders FROM regress_app;
SET integratedb.enforcement = off;
ALTER TABLE public.orders RENAME TO bills;
RESET integratedb.enforcement;
SELECT check_name, state, finding FROM public.ill;
ALTER TABLE public.bills RENAME TO orders;
SELECT * FROM public.ill;
UPDATE integratedb.cache_stamp SET database_oid = 1;
SELECT * FROM public.ill;
SELECT count(*) FROM integratedb.repair_privileges();
SELECT * FROM public.ill;

-- Settings of databases and roles.
ALTER DATABASE integratedb_doctor SET integratedb.enforcement = off;
ALTER ROLE regress_app SET password_encryption = md5;
ALTER ROLE regress_app IN DATABASE integratedb_doctor SET session_replication_role = replica;
SELECT * FROM public.ill;
SET client_min_messages = error;
SELECT regexp_split_to_table(statement, E';\n') FROM public.ill
\gexec
RESET client_min_messages;
SELECT * FROM public.ill;
-- A password that was set while it was so.
SET password_encryption = md5;
ALTER ROLE regress_app PASSWORD 'not a secret';
RESET password_encryption;
SELECT * FROM public.ill;
SELECT replace(statement, '*', 'username') FROM public.ill
\gexec
SELECT * FROM public.ill;

-- Credentials: one that is over, one whose role is gone, one whose role is somebody else's.
SELECT count(*) FROM integratedb.issue_credential('regress_app', label => 'first');
SELECT count(*) FROM integratedb.issue_credential('regress_app', label => 'second');
SELECT count(*) FROM integratedb.issue_credential('regress_app', label => 'third');
SELECT * FROM public.ill;
-- Their names are random.
\set ECHO none
SELECT format('ALTER ROLE %I VALID UNTIL %L', username, now() - interval '1 day') FROM integratedb.credentials WHERE label = 'first'
\gexec
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', username) FROM integratedb.credentials WHERE label = 'second'
\gexec
SELECT username AS third FROM integratedb.credentials WHERE label = 'third' \gset
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I; CREATE ROLE %1$I', :'third')
\gexec
\set ECHO all
SELECT check_name, state, line FROM public.ill, regexp_split_to_table(regexp_replace(finding, 'regress_app_\w+', 'regress_app_...', 'g'), E'\n') AS line ORDER BY line;
SELECT line FROM public.ill, regexp_split_to_table(regexp_replace(statement, 'regress_app_\w+', 'regress_app_...', 'g'), E';\n') AS line ORDER BY line;
\set ECHO none
SELECT replace(regexp_split_to_table(statement, E';\n'), '*', 'count(*)') FROM public.ill
\gexec
\set ECHO all
SELECT check_name, state FROM public.ill;
DROP ROLE :"third";

-- Roles and schemas.
ALTER ROLE regress_app BYPASSRLS;
SELECT * FROM public.ill;
SELECT statement FROM integratedb.exposure('regress_app') WHERE how = 'attribute'
\gexec
SELECT * FROM public.ill;
ALTER SCHEMA regress_app RENAME TO regress_moved;
SELECT * FROM public.ill;
SELECT integratedb.sync();
SELECT * FROM public.ill;
ALTER ROLE regress_app RENAME TO regress_gone;
SELECT * FROM public.ill;
SELECT statement FROM public.ill
\gexec
SELECT * FROM public.ill;
ALTER ROLE regress_app RENAME TO regress_gone_too;
CREATE ROLE regress_app;
SELECT * FROM public.ill;
SELECT statement FROM public.ill WHERE check_name = 'roles'
\gexec
SELECT * FROM public.ill;

-- For administrators; it writes nothing.
BEGIN READ ONLY;
SELECT count(*) > 10 FROM integratedb.doctor();
COMMIT;
CREATE ROLE regress_admin;
SELECT integratedb.grant_admin('regress_admin');
SET SESSION AUTHORIZATION regress_admin;
SELECT count(*) > 10 FROM integratedb.doctor();
SELECT count(*) FROM integratedb.privilege_drift();
SELECT count(*) > 0 FROM integratedb.exposure();
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
SELECT * FROM integratedb.doctor();
RESET SESSION AUTHORIZATION;
\i :end
