-- create_stakeholder makes a role, a schema and a registration: all of it, or an error that names what is in the way.
\set test 'integratedb_create_stakeholder'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
SELECT stakeholder, username, password ~ '^[A-Za-z0-9_-]{24,}$' AS password_ok, schema_name
  FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder, username, schema_name, role_status, can_login, claims, unmet_claims, pending_claims, limits, defaults,
       created_at <= now() AS created_at, created_by = current_user AS created_by_me, claimed_at
  FROM integratedb.stakeholders;
SELECT integratedb.claim_document('regress_app');

-- The name is trimmed and folded to lower case; quotes of SQL are no part of it.
SELECT stakeholder, username, schema_name FROM integratedb.create_stakeholder(E' \t Regress_APP_2\n');
SELECT rolname FROM pg_roles WHERE rolname LIKE 'regress\_app%' ORDER BY 1;
SELECT nspname, pg_get_userbyid(nspowner) = (SELECT pg_get_userbyid(extowner) FROM pg_extension WHERE extname = 'integratedb')
         AS extension_owner_owns,
       has_schema_privilege(nspname, nspname, 'CREATE') AS may_create, has_schema_privilege(nspname, nspname, 'USAGE') AS may_use
  FROM pg_namespace WHERE nspname LIKE 'regress\_app%' ORDER BY 1;

-- Its schema is its own: no other stakeholder gets at it.
SET SESSION AUTHORIZATION regress_app;
CREATE TABLE regress_app.totals (day date, total numeric);
INSERT INTO regress_app.totals VALUES ('2020-01-01', 1);
SELECT count(*) FROM regress_app.totals;
CREATE TABLE public.x ();
CREATE TABLE regress_app_2.x ();
SELECT * FROM regress_app_2.x;
CREATE SCHEMA regress_app_other;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app_2;
SELECT * FROM regress_app.totals;
RESET SESSION AUTHORIZATION;

-- Taken names: by a stakeholder, by a role, by a schema.
SELECT * FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.create_stakeholder('REGRESS_APP');
CREATE ROLE regress_taken;
SELECT * FROM integratedb.create_stakeholder('regress_taken');
CREATE SCHEMA regress_schema;
SELECT * FROM integratedb.create_stakeholder('regress_schema');
CREATE ROLE "Regress_Upper";
SELECT stakeholder FROM integratedb.create_stakeholder('Regress_Upper');

-- Nothing is half made: after a refusal, and after a rollback.
BEGIN;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_undone');
ROLLBACK;
SELECT stakeholder FROM integratedb.stakeholders ORDER BY 1;
SELECT rolname FROM pg_roles WHERE rolname IN ('regress_schema', 'regress_undone');
SELECT nspname FROM pg_namespace WHERE nspname IN ('regress_taken', 'regress_undone');

-- 32 characters are the most.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_' || repeat('a', 24));
SELECT stakeholder FROM integratedb.create_stakeholder('regress_' || repeat('b', 25));

-- An unknown option: what there are is in stakeholder_options.
SELECT * FROM integratedb.create_stakeholder('regress_app_3', '{"connection_limits": 3}');
SELECT * FROM integratedb.create_stakeholder('regress_app_3', '[]');
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_app_3';
\i :end
