-- A login role that a secret manager has made becomes a credential, if it is nothing but a login with an end.
\set test 'integratedb_register_credential'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app', '{"connection_limit": 4, "work_mem": "8MB"}');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{*}');
CREATE ROLE "regress-v-1" LOGIN PASSWORD 'x' VALID UNTIL '2100-01-01';
SET client_min_messages = notice;
SELECT integratedb.register_credential('regress_app', 'regress-v-1', 'vault');
RESET client_min_messages;
SELECT stakeholder, username, label, status, valid_until, sessions FROM integratedb.credentials;
SELECT rolcanlogin, rolinherit, rolconnlimit FROM pg_roles WHERE rolname = 'regress-v-1';
SELECT setconfig FROM pg_db_role_setting WHERE setrole = '"regress-v-1"'::regrole;
\c :test regress-v-1
SELECT current_user, session_user;
SELECT count(*) FROM public.orders;
\c :test :regress_user :regress_host :regress_port
-- Until when it is valid is what its role says.
ALTER ROLE "regress-v-1" VALID UNTIL '2100-02-01';
SELECT valid_until FROM integratedb.credentials;
SELECT integratedb.renew_credential('regress-v-1', '1 day') < '2100-01-01' AS renewed;
SELECT * FROM integratedb.revoke_credential('regress-v-1');
SELECT count(*) FROM pg_roles WHERE rolname = 'regress-v-1';

-- What is more than that is refused, with every reason: the role would be dropped with the credential.
CREATE ROLE regress_owner CREATEDB;
CREATE TABLE public.theirs (id bigint);
ALTER TABLE public.theirs OWNER TO regress_owner;
CREATE ROLE regress_member IN ROLE regress_owner;
GRANT regress_app TO regress_owner;
GRANT pg_monitor TO regress_owner;
ALTER ROLE regress_owner SET work_mem = '1MB';
SELECT integratedb.register_credential('regress_app', 'regress_owner');
SELECT integratedb.register_credential('regress_app', 'regress_app');
CREATE ROLE regress_granted LOGIN VALID UNTIL '2100-01-01';
GRANT SELECT ON public.orders TO regress_granted;
SELECT integratedb.register_credential('regress_app', 'regress_granted');
CREATE ROLE regress_over LOGIN VALID UNTIL '2020-01-01';
SELECT integratedb.register_credential('regress_app', 'regress_over');
CREATE ROLE regress_endless LOGIN VALID UNTIL 'infinity';
SELECT integratedb.register_credential('regress_app', 'regress_endless');
SELECT integratedb.register_credential('regress_app', current_user::text);
-- Twice is refused.
CREATE ROLE regress_good LOGIN VALID UNTIL '2100-01-01' IN ROLE regress_app;
SELECT integratedb.register_credential('regress_app', 'regress_good');
SELECT integratedb.register_credential('regress_app', 'regress_good');
SELECT integratedb.register_credential('regress_app', 'regress_nobody');
SELECT integratedb.register_credential('regress_nobody', 'regress_good');
SELECT integratedb.register_credential('regress_app', 'regress_good', '');
SELECT integratedb.register_credential(NULL, 'regress_good');
SELECT integratedb.register_credential('regress_app', NULL);
-- A role with CREATEROLE that is an administrator, as a secret manager's is, does all of it.
CREATE ROLE regress_vault LOGIN CREATEROLE;
SELECT integratedb.grant_admin('regress_vault');
\c :test regress_vault
BEGIN;
CREATE ROLE regress_leased LOGIN NOINHERIT PASSWORD 'x' VALID UNTIL '2100-01-01';
SELECT integratedb.register_credential('regress_app', 'regress_leased', 'vault');
COMMIT;
ALTER ROLE regress_leased VALID UNTIL '2100-01-02';
SELECT username, label, status FROM integratedb.credentials WHERE label = 'vault';
BEGIN;
SELECT * FROM integratedb.revoke_credential('regress_leased');
COMMIT;
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_leased';
\c :test :regress_user :regress_host :regress_port
DROP OWNED BY regress_granted, regress_owner;
DROP ROLE regress_granted;
\i :end
