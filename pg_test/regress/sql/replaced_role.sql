-- A role or schema that was dropped or replaced behind our back: nobody inherits its privileges, and all of it can be mended.
\set test 'integratedb_replaced_role'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{id,total}');
-- The role cannot simply be dropped; its privileges cannot be dropped either, for they are claimed.
DROP ROLE regress_app;
DROP OWNED BY regress_app;
SET integratedb.enforcement = 'off';
DROP OWNED BY regress_app;
RESET integratedb.enforcement;
DROP ROLE regress_app;
SELECT stakeholder, role_status, can_login FROM integratedb.stakeholders;
SET client_min_messages = error;
CREATE TABLE public.first_after_off ();
RESET client_min_messages;
-- The shape is still enforced, and DDL that does not break it passes.
ALTER TABLE public.orders ADD COLUMN later text;
ALTER TABLE public.orders DROP COLUMN total;
SELECT path, status FROM integratedb.claims;
-- There is nobody to grant to. But what is claimed can be given up.
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{id}');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT * FROM integratedb.drop_stakeholder('regress_app') WHERE action = 'drop';
SELECT (SELECT count(*) FROM integratedb.claims) AS claims, (SELECT count(*) FROM integratedb.stakeholders) AS stakeholders;
ROLLBACK;
BEGIN;
SELECT * FROM integratedb.unclaim('regress_app', 'public.orders');
SELECT count(*) FROM integratedb.claims;
ROLLBACK;
BEGIN;
SELECT * FROM integratedb.unclaim('regress_app');
SELECT count(*) FROM integratedb.claims;
ROLLBACK;
BEGIN;
SELECT * FROM integratedb.drop_stakeholder('regress_app', keep => true) WHERE action = 'drop';
SELECT (SELECT count(*) FROM integratedb.claims) AS claims, (SELECT count(*) FROM integratedb.stakeholders) AS stakeholders;
ROLLBACK;
SELECT integratedb.sync();
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.claim_document('regress_app');

-- Threat: somebody with CREATEROLE makes a role of that name. It gets nothing, whatever DDL follows.
CREATE ROLE regress_maker CREATEROLE;
SET SESSION AUTHORIZATION regress_maker;
CREATE ROLE regress_app LOGIN;
RESET SESSION AUTHORIZATION;
SELECT stakeholder, role_status, can_login FROM integratedb.stakeholders;
ALTER TABLE public.orders ADD COLUMN more text;
DROP TABLE public.orders;
BEGIN;
DROP TABLE public.orders;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text);
COMMIT;
SELECT has_any_column_privilege('regress_app', 'public.orders', 'SELECT') AS gets_anything, has_schema_privilege('regress_app', 'regress_app', 'CREATE') AS gets_schema;
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{id}');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.drop_stakeholder('regress_app');
\echo :LAST_ERROR_SQLSTATE
-- Unclaiming does not touch what others granted it.
BEGIN;
GRANT SELECT ON public.orders TO regress_app;
SELECT * FROM integratedb.unclaim('regress_app');
SELECT has_table_privilege('regress_app', 'public.orders', 'SELECT') AS theirs_is_kept;
ROLLBACK;
-- With keep the stakeholder goes and the stranger stays as it is.
BEGIN;
SELECT action, regexp_replace(object, ',.*', '') AS object FROM integratedb.drop_stakeholder('regress_app', keep => true);
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = 'regress_app';
ROLLBACK;
-- Until a superuser says so.
REVOKE CONNECT ON DATABASE :"test" FROM PUBLIC;
SELECT integratedb.sync();
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT has_column_privilege('regress_app', 'public.orders', 'id', 'SELECT') AS granted, has_column_privilege('regress_app', 'public.orders', 'note', 'SELECT') AS no_more;
SELECT has_schema_privilege('regress_app', 'regress_app', 'CREATE') AS its_schema, has_database_privilege('regress_app', current_database(), 'CONNECT') AS may_connect;

-- The schema is dropped or renamed behind our back.
DROP SCHEMA regress_app;
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.sync();
SELECT stakeholder, to_regnamespace(stakeholder) IS NOT NULL AS has_schema FROM integratedb.stakeholders;
DROP SCHEMA IF EXISTS regress_app;
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_2');
ALTER SCHEMA regress_app_2 RENAME TO elsewhere;
SELECT * FROM integratedb.drop_stakeholder('regress_app_2');
SELECT * FROM integratedb.drop_stakeholder('regress_app_2', keep => true);
SELECT stakeholder FROM integratedb.stakeholders;
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'regress\_app%' ORDER BY 1;

-- The role is renamed behind our back: it is missing under its name, and is found again when renamed back.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_3');
SELECT count(*) FROM integratedb.claim('regress_app_3', 'public.orders', '{id}');
ALTER ROLE regress_app_3 RENAME TO regress_hidden;
SELECT stakeholder, role_status FROM integratedb.stakeholders;
ALTER TABLE public.orders ADD COLUMN even_more text;
ALTER ROLE regress_hidden RENAME TO regress_app_3;
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT * FROM integratedb.claim('regress_app_3', 'public.orders', '{id,note}');
\i :end
