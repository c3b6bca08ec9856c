-- Threat: a role takes the name of somebody's schema, or a schema that of somebody's role. An adopted role's schema is left as it is.
\set test 'integratedb_adopt_schema'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_maker CREATEROLE;
CREATE ROLE regress_owner;
GRANT CREATE ON DATABASE :"test" TO regress_owner, regress_maker;
-- The schema of an application; somebody makes a role of its name. It gets nothing there, whoever owns the schema.
CREATE SCHEMA regress_billing;
CREATE TABLE regress_billing.invoices (id bigint);
SET SESSION AUTHORIZATION regress_maker;
CREATE ROLE regress_billing LOGIN;
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.adopt_stakeholder('regress_billing');
\echo :LAST_ERROR_SQLSTATE
ALTER SCHEMA regress_billing OWNER TO regress_owner;
SELECT * FROM integratedb.adopt_stakeholder('regress_billing');
-- Where PUBLIC may use it, the role is registered, and may do there what it could before.
GRANT USAGE ON SCHEMA regress_billing TO PUBLIC;
SELECT * FROM integratedb.adopt_stakeholder('regress_billing');
SELECT has_schema_privilege('regress_billing', 'regress_billing', 'CREATE') AS may_create;
SELECT integratedb.sync();
SELECT nspowner::regrole, nspacl FROM pg_namespace WHERE nspname = 'regress_billing';
SELECT * FROM integratedb.drop_stakeholder('regress_billing');
SELECT to_regclass('regress_billing.invoices');

-- A role; somebody makes a schema of its name, with functions for the role to find first, and lets it in.
CREATE ROLE regress_app LOGIN;
SET SESSION AUTHORIZATION regress_owner;
CREATE SCHEMA regress_app;
CREATE FUNCTION regress_app.total() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
CREATE TABLE regress_app.orders (id bigint);
GRANT USAGE ON SCHEMA regress_app TO regress_app;
GRANT CREATE ON SCHEMA regress_app TO regress_maker, PUBLIC;
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA regress_app TO regress_maker;
SET SESSION AUTHORIZATION regress_maker;
CREATE OPERATOR regress_app.=== (leftarg = text, rightarg = text, function = pg_catalog.texteq);
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'regress_app';
SELECT proowner::regrole FROM pg_proc WHERE pronamespace = 'regress_app'::regnamespace;
-- What a superuser or the role itself has put there is said nothing of.
DROP SCHEMA regress_app CASCADE;
CREATE SCHEMA regress_app AUTHORIZATION regress_app;
CREATE TABLE regress_app.orders (id bigint);
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
-- Others' claims on the schema are no reason to keep the stakeholder: the schema stays.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other');
SELECT count(*) FROM integratedb.claim('regress_other', 'regress_app.orders', '{id}');
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT stakeholder, path, status FROM integratedb.claims;
SELECT count(*) FROM integratedb.unclaim('regress_other');

-- No schema: it is made as for every stakeholder, and goes with the stakeholder.
CREATE ROLE regress_new LOGIN;
SELECT * FROM integratedb.adopt_stakeholder('regress_new');
\c :test regress_new
CREATE TABLE regress_new.totals (day date);
\c :test :regress_user :regress_host :regress_port
SELECT * FROM integratedb.drop_stakeholder('regress_new');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT * FROM integratedb.drop_stakeholder('regress_new', keep => true);
SELECT rolcanlogin, to_regclass('regress_new.totals') FROM pg_roles WHERE rolname = 'regress_new';
ROLLBACK;
DROP TABLE regress_new.totals;
SELECT * FROM integratedb.drop_stakeholder('regress_new');
SELECT to_regnamespace('regress_new') AS schema, to_regrole('regress_new') AS role;

-- A schema that its owner has dropped is made again by sync(), and is ours then.
SET client_min_messages = error;
DROP TABLE regress_app.orders;
SELECT count(*) FROM integratedb.adopt_stakeholder('regress_app');
DROP SCHEMA regress_app;
SELECT integratedb.sync();
SELECT has_schema_privilege('regress_app', 'regress_app', 'CREATE') AS may_create, nspowner <> 'regress_app'::regrole AS of_the_extension FROM pg_namespace WHERE nspname = 'regress_app';
SELECT * FROM integratedb.drop_stakeholder('regress_app');
\i :end
