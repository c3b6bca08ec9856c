-- rename_stakeholder renames role and schema, keeps claims, grants and password; refused while others claim the schema.
\set test 'integratedb_rename_stakeholder'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_2');
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{*}');
SET SESSION AUTHORIZATION regress_app;
CREATE TABLE regress_app.totals (day date, total numeric);
RESET SESSION AUTHORIZATION;
SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = 'regress_app' \gset

SELECT integratedb.rename_stakeholder('regress_app', ' Regress_NEW ');
SELECT stakeholder, username, schema_name, role_status, can_login, claims FROM integratedb.stakeholders ORDER BY 1;
SELECT stakeholder, path, status FROM integratedb.claims;
SELECT rolpassword = :'verifier' AS same_password FROM pg_authid WHERE rolname = 'regress_new';
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_app';
SELECT count(*) FROM pg_namespace WHERE nspname = 'regress_app';
SET SESSION AUTHORIZATION regress_new;
SELECT count(*) FROM public.orders;
SELECT count(*) FROM regress_new.totals;
CREATE TABLE regress_new.more ();
RESET SESSION AUTHORIZATION;
-- The claim holds under the new name, and so does the ledger.
ALTER TABLE public.orders DROP COLUMN total;
SELECT * FROM integratedb.unclaim('regress_new');
SELECT has_table_privilege('regress_new', 'public.orders', 'SELECT');
SELECT * FROM integratedb.unclaim('regress_app');

-- Refused while others claim the schema, by path or by wildcard: it names them.
SELECT * FROM integratedb.claim('regress_app_2', '{"match": [{"path": "regress_new.totals", "fields": ["day"]},
                                                              {"path": "regress_new.*", "fields": ["*"]}]}');
SELECT integratedb.rename_stakeholder('regress_new', 'regress_newer');
SELECT stakeholder, role_status FROM integratedb.stakeholders ORDER BY 1;
SELECT action, privilege, path FROM integratedb.unclaim('regress_app_2');
SELECT integratedb.rename_stakeholder('regress_new', 'regress_newer');
SELECT stakeholder, role_status FROM integratedb.stakeholders ORDER BY 1;

-- Names that it cannot have.
SELECT integratedb.rename_stakeholder('regress_newer', 'regress_app_2');
CREATE SCHEMA regress_schema;
SELECT integratedb.rename_stakeholder('regress_newer', 'regress_schema');
CREATE ROLE regress_role;
SELECT integratedb.rename_stakeholder('regress_newer', 'regress_role');
SELECT integratedb.rename_stakeholder('regress_newer', 'a.b');
SELECT integratedb.rename_stakeholder('regress_newer', 'pg_reader');
SELECT integratedb.rename_stakeholder('regress_nobody', 'regress_x');
SELECT integratedb.rename_stakeholder('regress_newer', 'regress_newer');
SELECT stakeholder, role_status FROM integratedb.stakeholders ORDER BY 1;
\i :end
