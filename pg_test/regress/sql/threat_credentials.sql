-- What the holder of a credential tries, to stay longer, to reach more, or to go on after it has been revoked.
\set test 'integratedb_threat_credentials'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_friend LOGIN;
CREATE TABLE public.orders (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{*}');
GRANT CREATE ON SCHEMA public TO PUBLIC;
SET client_min_messages = warning;
SELECT username AS own FROM integratedb.issue_credential('regress_app', '1 hour') \gset
SELECT username AS second FROM integratedb.issue_credential('regress_app', '1 hour') \gset
SELECT username AS others FROM integratedb.issue_credential('regress_other', '1 hour') \gset
CREATE TABLE public.target (who text, name text);
INSERT INTO public.target VALUES ('own', :'own'), ('second', :'second'), ('of another', :'others'), ('stakeholder', 'regress_app');
GRANT SELECT ON public.target TO PUBLIC;
CREATE FUNCTION public.tried(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN 'works';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;

-- Back to itself it reaches what the stakeholder reaches, and no more. What it makes then is its own until it goes.
\c :test :own
SET ROLE NONE;
SELECT count(*) FROM public.orders;
CREATE TABLE regress_app.left_behind (id bigint);
SELECT lo_create(4712);
GRANT SELECT ON regress_app.left_behind TO regress_friend;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_friend;
CREATE TABLE regress_other.mine (id bigint);
DELETE FROM public.orders;
SELECT * FROM integratedb.credential;
SELECT count(*) FROM pg_authid;
SET ROLE regress_other;
SET SESSION AUTHORIZATION regress_app;
SELECT count(*) FROM integratedb.credentials;

-- It cannot alter what keeps it: its own role, the stakeholder's, other credentials. Neither as itself nor as the stakeholder.
SELECT who, change, string_agg(DISTINCT outcome, ', ') AS outcome
  FROM public.target, unnest(ARRAY['VALID UNTIL ''infinity''', 'CONNECTION LIMIT -1', 'INHERIT', 'LOGIN', 'CREATEROLE', 'RENAME TO regress_stay']) AS change,
       public.tried(format('ALTER ROLE %I %s', name, change)) AS outcome GROUP BY who, change ORDER BY who, change;
SELECT who, public.tried(format('GRANT %I TO regress_friend', name)), public.tried(format('DROP ROLE %I', name)) FROM public.target ORDER BY who;
SET ROLE regress_app;
SELECT who, change, string_agg(DISTINCT outcome, ', ') AS outcome
  FROM public.target, unnest(ARRAY['VALID UNTIL ''infinity''', 'CONNECTION LIMIT -1', 'INHERIT', 'LOGIN', 'CREATEROLE', 'RENAME TO regress_stay']) AS change,
       public.tried(format('ALTER ROLE %I %s', name, change)) AS outcome GROUP BY who, change ORDER BY who, change;
SELECT who, public.tried(format('GRANT %I TO regress_friend', name)), public.tried(format('DROP ROLE %I', name)) FROM public.target ORDER BY who;
SELECT who, public.tried(format('ALTER ROLE %I PASSWORD ''x''', name)) FROM public.target WHERE who <> 'stakeholder' ORDER BY who;
-- Nor those of others, with our functions.
\set VERBOSITY sqlstate
SELECT count(*) FROM integratedb.revoke_credential(:'second');
SELECT count(*) FROM integratedb.revoke_credential(:'others');
SELECT count(*) FROM integratedb.revoke_credential('regress_nobody');
SELECT count(*) FROM integratedb.rotate_password(:'second');
SELECT count(*) FROM integratedb.rotate_password(:'others');
SELECT count(*) FROM integratedb.rotate_password('regress_other');
SELECT count(*) FROM integratedb.issue_credential('regress_other');
SELECT integratedb.renew_credential(:'own');
SELECT count(*) FROM integratedb.reap_credentials();
SELECT integratedb.forbid_access('regress_other');
SELECT integratedb.end_access('regress_other');
CALL integratedb.revoke_stakeholder_access('regress_other');
\set VERBOSITY default
SELECT username IN (:'own', :'second') AS of_its_own FROM integratedb.credentials;

-- What it can do to the stakeholder's role it could as before: a password, which serves nothing without LOGIN, and defaults.
ALTER ROLE regress_app PASSWORD 'planted';
SELECT rolcanlogin FROM pg_roles WHERE rolname = 'regress_app';
-- A function of the stakeholder's that others call does not get them a credential: the session is not one of its own.
CREATE FUNCTION public.give_me() RETURNS text SECURITY DEFINER LANGUAGE sql AS $$ SELECT username FROM integratedb.issue_credential('regress_app') $$;
CREATE FUNCTION public.rotate_it() RETURNS text SECURITY DEFINER LANGUAGE sql AS $$ SELECT username FROM integratedb.rotate_password('regress_app') $$;
\c :test regress_friend
SELECT public.give_me();
SELECT public.rotate_it();

-- It hides: no more settings, so that its sessions act as itself.
\c :test :own
SET ROLE NONE;
SELECT format('ALTER ROLE %I IN DATABASE %I RESET ALL', :'own', current_database()) AS reset \gset
:reset;
\c :test :regress_user :regress_host :regress_port
SET client_min_messages = warning;
SELECT status FROM integratedb.credentials WHERE username = :'own';
SELECT action, replace(object, :'own', 'own') AS object FROM integratedb.revoke_credential(:'own');
SELECT count(*) FROM pg_roles WHERE rolname = :'own';
SELECT relname, relowner::regrole FROM pg_class WHERE relname = 'left_behind';
SELECT oid, lomowner::regrole FROM pg_largeobject_metadata;
SELECT count(*) FROM pg_default_acl;

-- With its time over it neither logs in nor issues. (Logging in is in pg_test/credentials: it takes a password.)
SELECT username AS last FROM integratedb.issue_credential('regress_app', '1 hour') \gset
SELECT format('ALTER ROLE %I VALID UNTIL ''2020-01-01''', :'last') AS over \gset
:over;
\c :test :last
\set VERBOSITY sqlstate
SELECT count(*) FROM integratedb.issue_credential('regress_app');
\set VERBOSITY default

-- Another role under the name of a credential is never touched.
\c :test :regress_user :regress_host :regress_port
SET client_min_messages = warning;
SELECT format('DROP OWNED BY %I', :'others') AS drop_owned, format('DROP ROLE %I', :'others') AS drop, format('CREATE ROLE %I LOGIN VALID UNTIL ''2020-01-01''', :'others') AS again,
       format('GRANT regress_other TO %I', :'others') AS member \gset
:drop_owned;
:drop;
:again;
:member;
SELECT status, valid_until, sessions FROM integratedb.credentials WHERE stakeholder = 'regress_other';
\c :test :others
SET ROLE regress_other;
SELECT integratedb.rotate_password('regress_other');
\c :test :regress_user :regress_host :regress_port
SET client_min_messages = warning;
SELECT stakeholder, username = :'last' AS last FROM integratedb.reap_credentials();
\set VERBOSITY sqlstate
SELECT integratedb.renew_credential(:'others');
SELECT integratedb.rotate_password(:'others');
\set VERBOSITY default
SELECT integratedb.alter_stakeholder('regress_other', '{"connection_limit": 1}');
SELECT action, replace(object, :'others', 'others') AS object FROM integratedb.revoke_credential(:'others');
SELECT rolcanlogin, rolconnlimit FROM pg_roles WHERE rolname = :'others';

-- An administrator who is no superuser is not handed a login that reaches more than a stakeholder does.
CREATE ROLE regress_admin LOGIN;
SELECT integratedb.grant_admin('regress_admin');
CREATE ROLE regress_adopted LOGIN;
SELECT stakeholder FROM integratedb.adopt_stakeholder('regress_adopted');
GRANT pg_read_all_data TO regress_other;
\c :test regress_admin
SELECT integratedb.issue_credential('regress_adopted');
SELECT integratedb.rotate_password('regress_adopted');
SELECT integratedb.issue_credential('regress_other');
SELECT username IS NOT NULL AS issued FROM integratedb.issue_credential('regress_app', label => 'by an administrator');
SELECT stakeholder, status, issued_by FROM integratedb.credentials WHERE label IS NOT NULL;
CALL integratedb.revoke_stakeholder_access('regress_app');
SELECT count(*) FROM integratedb.credentials WHERE stakeholder = 'regress_app';
\c :test :regress_user :regress_host :regress_port
\i :end
