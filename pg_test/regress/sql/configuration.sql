-- apply_configuration, export_configuration: stakeholders, options, claims and protections as one document.
\set test 'integratedb_configuration'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_admin;
SELECT integratedb.grant_admin('regress_admin');
CREATE TABLE public.customers (id bigint PRIMARY KEY, email text, ssn text);
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2));
CREATE VIEW public.there AS SELECT stakeholder, claims, defaults, team FROM integratedb.stakeholders;
SELECT '{
  "stakeholders": [
    {"name": "regress_app", "options": {"statement_timeout": "30s", "team": "web"},
     "claims": {"match": [{"path": "public.*", "fields": ["*"]}]}},
    {"name": "regress_other", "claims": {"match": [{"path": "public.orders", "fields": ["id"]}]}}],
  "protections": [{"path": "public.customers", "fields": ["ssn"], "reason": "tax"}]}' AS wanted \gset
SET SESSION AUTHORIZATION regress_admin;
-- A dry run, which is the default, tells and leaves everything as it is.
SELECT * FROM integratedb.apply_configuration(:'wanted');
SELECT count(*) FROM integratedb.stakeholders;
SELECT count(*) FROM pg_roles WHERE rolname IN ('regress_app', 'regress_other');
SELECT jsonb_pretty(integratedb.export_configuration());
-- It is done, and then there is nothing to do.
SELECT action, object FROM integratedb.apply_configuration(:'wanted', dry_run => false);
SELECT * FROM integratedb.apply_configuration(:'wanted');
SELECT * FROM integratedb.apply_configuration(integratedb.export_configuration(), prune => true);
SELECT jsonb_pretty(integratedb.export_configuration());
RESET SESSION AUTHORIZATION;
SELECT * FROM public.there ORDER BY stakeholder;
-- What is protected was so before it was claimed.
SELECT has_column_privilege('regress_app', 'public.customers', 'email', 'SELECT'), has_column_privilege('regress_app', 'public.customers', 'ssn', 'SELECT');
-- What it does not name stays, unless it is to be pruned.
SELECT '{"stakeholders": [{"name": "regress_app", "options": {"team": "shop"}}], "protections": []}' AS less \gset
SELECT * FROM integratedb.apply_configuration(:'less');
SELECT * FROM integratedb.apply_configuration(:'less', prune => true);
SELECT action, object FROM integratedb.apply_configuration(:'less', dry_run => false, prune => true);
SELECT * FROM public.there ORDER BY stakeholder;
SELECT count(*) FROM integratedb.protections;
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_other';
SELECT version, role, function FROM integratedb.claim_history WHERE stakeholder = 'regress_other' ORDER BY version;
-- Of a list that is not there nothing is said, pruned or not.
SELECT * FROM integratedb.apply_configuration('{}', dry_run => false, prune => true);
-- All or nothing: the second claim names what is not there.
SELECT * FROM integratedb.apply_configuration('{"stakeholders": [{"name": "regress_app", "claims": {"match": []}}, {"name": "regress_new", "claims": {"match": [{"path": "public.nosuch", "fields": ["*"]}]}}]}', dry_run => false);
SELECT * FROM integratedb.apply_configuration('{"stakeholders": [{"name": "regress_new", "options": {"statement_timeout": "soon", "tema": "x"}}]}');
SELECT * FROM public.there ORDER BY stakeholder;
SELECT * FROM integratedb.apply_configuration('{"stakeholder": [], "stakeholders": [1, {"name": 2}, {"name": "a", "password": "secret"}], "protections": [{"path": "public.*"}, {"path": "x"}]}');
SELECT * FROM integratedb.apply_configuration('[]');
SELECT * FROM integratedb.apply_configuration(NULL);
SELECT * FROM integratedb.apply_configuration('{"stakeholders": [{"name": "regress-app"}]}');
SELECT * FROM integratedb.apply_configuration('{"protections": [{"path": "public.nosuch"}, {"path": "public.orders"}]}', dry_run => false);
-- Who may.
CREATE ROLE regress_old;
CREATE SCHEMA regress_old AUTHORIZATION regress_old;
SET SESSION AUTHORIZATION regress_admin;
SELECT * FROM integratedb.apply_configuration('{"stakeholders": [{"name": "regress_old", "adopted": true}]}');
SET SESSION AUTHORIZATION regress_app;
SELECT * FROM integratedb.apply_configuration('{}');
SELECT integratedb.export_configuration();
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.apply_configuration('{"stakeholders": [{"name": "regress_old", "adopted": true}]}', dry_run => false);
SELECT integratedb.export_configuration() -> 'stakeholders' -> 1;
\i :end
