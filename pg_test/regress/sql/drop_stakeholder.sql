-- drop_stakeholder drops all of a stakeholder or nothing, lists what is in the way, and keeps it if told to.
\set test 'integratedb_drop_stakeholder'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL);
CREATE TABLE public.customers (id bigint PRIMARY KEY, email text);

-- With nothing of its own all of it goes.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["*"]},
                                                            {"path": "public.customers", "fields": ["id"]}]}');
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT count(*) FROM integratedb.stakeholders;
SELECT count(*) FROM integratedb.claims;
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_app';
SELECT count(*) FROM pg_namespace WHERE nspname = 'regress_app';
SELECT count(*) FROM integratedb.granted_privilege;
SELECT count(*) FROM integratedb.granted_privilege_cache;
SELECT count(*) FROM integratedb.claimed_relation_cache;
-- And nobody's DDL is stopped by it any more.
ALTER TABLE public.orders DROP COLUMN total;
ALTER TABLE public.orders ADD COLUMN total numeric(12,2);

-- What stands in the way: its tables, views and functions, what it owns elsewhere, what others have granted it,
-- claims of others on its schema. Nothing is dropped.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_2');
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{*}');
SET SESSION AUTHORIZATION regress_app;
CREATE TABLE regress_app.totals (id serial, day date, total numeric);
CREATE VIEW regress_app.totals_view AS SELECT day FROM regress_app.totals;
CREATE FUNCTION regress_app.f(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
RESET SESSION AUTHORIZATION;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.owned ();
ALTER TABLE elsewhere.owned OWNER TO regress_app;
GRANT SELECT ON public.customers TO regress_app;
SELECT * FROM integratedb.claim('regress_app_2', 'regress_app.totals', '{day}');
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT stakeholder, role_status, can_login, claims FROM integratedb.stakeholders ORDER BY 1;
SELECT has_table_privilege('regress_app', 'public.orders', 'SELECT') AS still_granted;
SELECT to_regclass('regress_app.totals');

-- One after the other is out of the way.
SELECT * FROM integratedb.unclaim('regress_app_2');
REVOKE SELECT ON public.customers FROM regress_app;
DROP TABLE elsewhere.owned;
DROP VIEW regress_app.totals_view;
DROP FUNCTION regress_app.f(integer, text);
SELECT * FROM integratedb.drop_stakeholder('regress_app');
DROP TABLE regress_app.totals;
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.stakeholders ORDER BY 1;

-- keep: what cannot go stays and is listed; the role cannot log in any more.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{*}');
SET SESSION AUTHORIZATION regress_app;
CREATE TABLE regress_app.totals (day date, total numeric);
RESET SESSION AUTHORIZATION;
GRANT SELECT ON public.customers TO regress_app;
SELECT * FROM integratedb.drop_stakeholder('regress_app', keep => true);
SELECT stakeholder FROM integratedb.stakeholders ORDER BY 1;
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = 'regress_app';
SELECT to_regclass('regress_app.totals') IS NOT NULL AS table_kept;
SELECT has_table_privilege('regress_app', 'public.orders', 'SELECT') AS ours_is_gone,
       has_table_privilege('regress_app', 'public.customers', 'SELECT') AS theirs_is_kept;
SELECT count(*) FROM integratedb.claims;
-- The name stays taken until a DBA has cleared it away.
SELECT * FROM integratedb.create_stakeholder('regress_app');

-- keep with nothing in the way drops all.
SELECT * FROM integratedb.drop_stakeholder('regress_app_2', keep => true);
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_app_2';

-- What the role has in other databases is in the way too, and is counted.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_3');
\c :regress_db
CREATE TABLE public.regress_app_3_table ();
ALTER TABLE public.regress_app_3_table OWNER TO regress_app_3;
\c :test
SELECT * FROM integratedb.drop_stakeholder('regress_app_3');
SELECT stakeholder, role_status, can_login FROM integratedb.stakeholders ORDER BY 1;
\c :regress_db
DROP TABLE public.regress_app_3_table;
\c :test
SELECT * FROM integratedb.drop_stakeholder('regress_app_3');

-- Default privileges are in the way; a membership is not.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_4');
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO regress_app_4;
CREATE ROLE regress_group;
GRANT regress_group TO regress_app_4;
SELECT * FROM integratedb.drop_stakeholder('regress_app_4');
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM regress_app_4;
SELECT * FROM integratedb.drop_stakeholder('regress_app_4');

-- A rollback brings everything back.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_5');
SELECT * FROM integratedb.claim('regress_app_5', 'public.orders', '{id}');
BEGIN;
SELECT count(*) FROM integratedb.drop_stakeholder('regress_app_5');
ROLLBACK;
SELECT stakeholder, role_status, can_login, claims FROM integratedb.stakeholders;
SELECT has_column_privilege('regress_app_5', 'public.orders', 'id', 'SELECT');

\i :end
