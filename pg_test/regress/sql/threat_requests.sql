-- An owner and a stakeholder, or an administrator, who reach by a claim for more than is theirs to give.
\set test 'integratedb_threat_requests'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_a;
CREATE ROLE regress_b;
CREATE ROLE regress_admin;
GRANT CREATE ON SCHEMA public TO regress_a, regress_b;
GRANT CREATE ON DATABASE integratedb_threat_requests TO regress_a;
SELECT integratedb.grant_admin('regress_admin');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_evil');

-- A function of the owner's own, whose name a superuser's takes later.
SET SESSION AUTHORIZATION regress_a;
CREATE FUNCTION public.door(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"function": "public.door(text)", "optional": true, "allow_security_definer": true}]}', 'x') AS id \gset
SET SESSION AUTHORIZATION regress_a;
SELECT * FROM integratedb.approve_request(:id);
DROP FUNCTION public.door(text);
SET SESSION AUTHORIZATION regress_admin;
SELECT count(*) FROM integratedb.claim('regress_evil', '{"match": [{"function": "public.door(text)", "optional": true, "allow_security_definer": true}]}');
RESET SESSION AUTHORIZATION;
BEGIN;
CREATE FUNCTION public.door(text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user::text';
REVOKE EXECUTE ON FUNCTION public.door(text) FROM PUBLIC;
COMMIT;
SELECT proacl FROM pg_proc WHERE proname = 'door';
-- An administrator's sync() and repair change nothing of that.
SET SESSION AUTHORIZATION regress_admin;
SELECT integratedb.sync();
SELECT count(*) FROM integratedb.repair_privileges();
RESET SESSION AUTHORIZATION;
SELECT proacl FROM pg_proc WHERE proname = 'door';
-- A superuser's word reaches there.
SELECT * FROM integratedb.claim('regress_evil', '{"match": [{"function": "public.door(text)", "optional": true, "allow_security_definer": true}]}');
SELECT count(*) FROM integratedb.unclaim('regress_evil');
SELECT count(*) FROM integratedb.unclaim('regress_app');

-- A table's name that another owner takes.
SET SESSION AUTHORIZATION regress_a;
CREATE TABLE public.payroll ();
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"path": "public.payroll", "fields": ["*"], "optional": true}]}', 'x') AS id \gset
SET SESSION AUTHORIZATION regress_a;
SELECT action, path FROM integratedb.approve_request(:id);
DROP TABLE public.payroll;
SET SESSION AUTHORIZATION regress_b;
CREATE TABLE public.payroll (id integer, salary integer);
SET SESSION AUTHORIZATION regress_app;
SELECT * FROM public.payroll;
-- To ask for the same again names nothing new, and makes nobody's grant.
SELECT integratedb.request_claim('{"match": [{"path": "public.payroll", "fields": ["*"], "optional": true}]}', 'again') AS id \gset
SELECT waiting_for FROM integratedb.requests WHERE status = 'open';
SET SESSION AUTHORIZATION regress_a;
SELECT * FROM integratedb.approve_request(:id);
RESET SESSION AUTHORIZATION;
SELECT action, path FROM integratedb.approve_request(:id);
SELECT has_table_privilege('regress_app', 'public.payroll', 'SELECT');
-- The one who approved may put another table of its own there.
SET SESSION AUTHORIZATION regress_b;
DROP TABLE public.payroll;
SET SESSION AUTHORIZATION regress_a;
CREATE TABLE public.payroll (id integer);
RESET SESSION AUTHORIZATION;
SELECT has_table_privilege('regress_app', 'public.payroll', 'SELECT');
SELECT count(*) FROM integratedb.unclaim('regress_app');

-- A schema that changes its name, and the document asked for once more.
SET SESSION AUTHORIZATION regress_a;
CREATE SCHEMA s1;
CREATE SCHEMA s2;
GRANT CREATE, USAGE ON SCHEMA s2 TO regress_b;
CREATE TABLE s1.t ();
SET SESSION AUTHORIZATION regress_b;
CREATE TABLE s2.t (secret text);
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"path": "s1.t", "fields": ["*"]}]}', 'x') AS id \gset
SET SESSION AUTHORIZATION regress_a;
SELECT action, path FROM integratedb.approve_request(:id);
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.waive('regress_app', 's1.t', '{relation-exists,access,schema-exists}', 'x', now() + interval '1 day') > 0;
SET SESSION AUTHORIZATION regress_a;
BEGIN;
ALTER SCHEMA s1 RENAME TO s0;
ALTER SCHEMA s2 RENAME TO s1;
COMMIT;
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"path": "s1.t", "fields": ["*"]}]}', 'again') > 0;
SELECT * FROM s1.t;
SET SESSION AUTHORIZATION regress_admin;
SELECT action, path FROM integratedb.approve_request((SELECT request_id FROM integratedb.requests WHERE status = 'open'));
SET SESSION AUTHORIZATION regress_app;
SELECT * FROM s1.t;
RESET SESSION AUTHORIZATION;

-- A sequence that hides behind a type of its name.
SELECT count(*) FROM integratedb.unclaim('regress_app');
SET SESSION AUTHORIZATION regress_b;
CREATE SEQUENCE public.x;
SET SESSION AUTHORIZATION regress_a;
CREATE TYPE public.x AS ENUM ('q');
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"type": "public.x"}, {"sequence": "public.x"}]}', 'x') AS id \gset
SELECT waiting_for FROM integratedb.requests WHERE status = 'open';
SET SESSION AUTHORIZATION regress_a;
SELECT * FROM integratedb.approve_request(:id);
-- What binds the owner for all matches is new for each.
CREATE TABLE public.sh (i integer);
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"on_break": "warn", "match": [{"path": "public.sh", "fields": ["i"]}]}', 'x') AS id \gset
SET SESSION AUTHORIZATION regress_a;
SELECT action, path FROM integratedb.approve_request(:id);
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"on_break": "block", "shape": "pinned", "match": [{"path": "public.sh", "fields": ["i"]}]}', 'x') AS id \gset
SELECT waiting_for FROM integratedb.requests WHERE status = 'open';
-- The last approval does not hold up others in an open transaction.
SET SESSION AUTHORIZATION regress_a;
BEGIN;
SELECT * FROM integratedb.approve_request(:id);
ROLLBACK;
SELECT action, path FROM integratedb.approve_request(:id);
-- A function with arguments alone.
CREATE FUNCTION public.fa(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"function": "public.fa(integer)"}]}', 'x') AS id \gset
SET SESSION AUTHORIZATION regress_a;
SELECT action, path FROM integratedb.approve_request(:id);
RESET SESSION AUTHORIZATION;

-- An administrator who would have an adopted role run what it has put in its way.
CREATE ROLE regress_old;
CREATE SCHEMA regress_old AUTHORIZATION regress_old;
SELECT stakeholder FROM integratedb.adopt_stakeholder('regress_old');
SET SESSION AUTHORIZATION regress_admin;
SELECT integratedb.alter_stakeholder('regress_old', '{"search_path": ["trap"]}');
SELECT integratedb.alter_stakeholder('regress_old', '{"team": "x"}');
RESET SESSION AUTHORIZATION;
\i :end
