-- Credentials: logins that act as a stakeholder's role, several at a time, each for a while.
\set test 'integratedb_credentials'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint, total numeric);
INSERT INTO public.orders VALUES (1, 10);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app', '{"connection_limit": 4, "temp_file_limit": "1GB", "search_path": "\"$user\", \"Odd, name\"", "work_mem": "8MB"}');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{id}');
-- What the role has set for all databases counts where nothing is set for this one.
ALTER ROLE regress_app SET work_mem = '2MB';
ALTER ROLE regress_app SET enable_seqscan = off;
ALTER ROLE regress_app SET session_replication_role = replica;
ALTER ROLE regress_app SET role = regress_app;
REVOKE CONNECT ON DATABASE integratedb_credentials FROM PUBLIC;
SELECT username, status, valid_until, issued_through, rotated_at, sessions FROM integratedb.credentials;

SET client_min_messages = notice;
SELECT username, password, valid_until FROM integratedb.issue_credential('regress_app', '2 days', 'web') \gset first_
SELECT username, password, valid_until FROM integratedb.issue_credential('regress_app') \gset second_
RESET client_min_messages;
SELECT :'first_username' ~ '^regress_app_[a-z0-9]{10}$' AS named, :'first_username' <> :'second_username' AS differ, length(:'first_password') AS length,
       :'first_password' <> :'second_password' AS passwords_differ,
       :'first_valid_until'::timestamptz - now() BETWEEN '47:59' AND '48:01' AS two_days, :'second_valid_until'::timestamptz - now() > '89 days 23:59' AS ninety;
CREATE VIEW public.logins AS
SELECT CASE rolname WHEN current_setting('regress.first') THEN 'first' WHEN current_setting('regress.second') THEN 'second' ELSE rolname END AS name,
       rolcanlogin, rolinherit, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS dangerous, rolconnlimit, rolvaliduntil - now() > '1 day' AS in_time
  FROM pg_roles WHERE rolname LIKE 'regress_app%';
SELECT set_config('regress.first', :'first_username', false) <> set_config('regress.second', :'second_username', false) AS ok;
SELECT * FROM public.logins ORDER BY name;
SELECT s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AS here, s.setconfig
  FROM pg_db_role_setting AS s WHERE s.setrole = :'first_username'::regrole;
SELECT roleid::regrole AS member_of, admin_option FROM pg_auth_members WHERE member = :'first_username'::regrole;
SELECT replace(username, :'first_username', 'first') AS username, label, status, valid_until = :'first_valid_until' AS same, issued_by = current_user AS by_me, issued_through, rotated_at, sessions
  FROM integratedb.credentials WHERE label IS NOT NULL;

-- A session acts as the stakeholder: with its privileges and settings, and what it makes is the stakeholder's.
\c :test :first_username
SELECT current_user, session_user = :'first_username' AS session_user_is_first;
SELECT id FROM public.orders;
SELECT total FROM public.orders;
SELECT current_setting('temp_file_limit') AS temp_file_limit, current_setting('search_path') AS search_path, current_setting('work_mem') AS work_mem,
       current_setting('enable_seqscan') AS enable_seqscan, current_setting('session_replication_role') AS replica;
CREATE TABLE regress_app.made (id bigint);
SELECT lo_create(4711);
SELECT relowner::regrole FROM pg_class WHERE relname = 'made';
SELECT lomowner::regrole FROM pg_largeobject_metadata;
RESET ROLE;
SELECT current_user;
-- It sees its stakeholder's credentials, and none of another one's.
SELECT replace(replace(username, :'first_username', 'first'), :'second_username', 'second') AS username, status, sessions > 0 AS has_sessions FROM integratedb.credentials ORDER BY 1;

-- The stakeholder replaces the password of its session's credential: until when that is valid stays.
SELECT username = :'first_username' AS first, password <> :'first_password' AS another FROM integratedb.rotate_password('regress_app');
SELECT username = :'first_username' AS first FROM integratedb.rotate_password(:'first_username');
SELECT rotated_at IS NOT NULL AS rotated, valid_until = :'first_valid_until' AS same FROM integratedb.credentials WHERE label = 'web';
-- Or issues another one, which is valid no longer than its own; and revokes the old one with the new.
SELECT username, password, valid_until FROM integratedb.issue_credential('regress_app', '1 year', 'next') \gset third_
SELECT :'third_valid_until' = :'first_valid_until' AS no_longer;
-- Only the two of a rotation at the same time. (The messages name them.)
\set VERBOSITY sqlstate
SELECT username FROM integratedb.issue_credential('regress_app', '1 hour');
\c :test :third_username
SELECT username FROM integratedb.issue_credential('regress_app');
\set VERBOSITY default
SELECT action, replace(object, :'first_username', 'first') AS object FROM integratedb.revoke_credential(:'first_username');
SELECT username, valid_until - now() < '1:01' AS shorter FROM integratedb.issue_credential('regress_app', '1 hour') \gset fourth_
\c :test :regress_user :regress_host :regress_port
SELECT set_config('regress.first', :'third_username', false) <> set_config('regress.second', :'fourth_username', false) AS ok;
SELECT CASE username WHEN :'second_username' THEN 'second' WHEN :'third_username' THEN 'third' WHEN :'fourth_username' THEN 'fourth' END AS username, label, status, issued_by = current_user AS by_me,
       issued_through = :'third_username' AS through_third
  FROM integratedb.credentials ORDER BY 1;

-- An administrator renews, rotates and revokes; a credential takes with it what was issued through it.
SELECT integratedb.renew_credential(:'third_username', '10 days') - now() > '9 days 23:59' AS renewed;
SELECT valid_until - now() > '9 days 23:59' AS renewed FROM integratedb.credentials WHERE label = 'next';
SELECT username = :'third_username' AS third FROM integratedb.rotate_password(:'third_username');
SELECT action, replace(replace(object, :'third_username', 'third'), :'fourth_username', 'fourth') AS object FROM integratedb.revoke_credential(:'third_username');
SELECT replace(username, :'second_username', 'second') AS username FROM integratedb.credentials;
SELECT rolname = :'second_username' AS second, rolcanlogin FROM pg_roles WHERE rolname LIKE 'regress_app%' ORDER BY rolname;

-- Options reach the credentials that are there.
SELECT integratedb.alter_stakeholder('regress_app', '{"connection_limit": 9, "temp_file_limit": "2GB", "work_mem": null}');
SELECT r.rolconnlimit, s.setconfig FROM pg_roles AS r JOIN pg_db_role_setting AS s ON s.setrole = r.oid WHERE r.rolname = :'second_username';

-- What is over is removed by reap_credentials, and by whoever issues.
SELECT format('ALTER ROLE %I VALID UNTIL ''2020-01-01''', :'second_username') \gset
:format;
SELECT status FROM integratedb.credentials;
SELECT username FROM integratedb.issue_credential('regress_app', '1 hour') \gset fifth_
SELECT username = :'fifth_username' AS fifth, status FROM integratedb.credentials;
SELECT format('ALTER ROLE %I VALID UNTIL ''2020-01-01''', :'fifth_username') \gset
:format;
SELECT stakeholder, username = :'fifth_username' AS fifth FROM integratedb.reap_credentials();
SELECT * FROM integratedb.reap_credentials();
SELECT count(*) FROM integratedb.credentials;
-- One whose time is over can be renewed as long as it is there.
SELECT username FROM integratedb.issue_credential('regress_app', '1 hour') \gset sixth_
SELECT format('ALTER ROLE %I VALID UNTIL ''2020-01-01''', :'sixth_username') \gset
:format;
SELECT integratedb.renew_credential(:'sixth_username') > now() AS renewed;
SELECT * FROM integratedb.reap_credentials();

-- With the last one the role does not come back; an administrator says so, with a new password.
SELECT username FROM integratedb.rotate_password('regress_app');
SELECT action FROM integratedb.revoke_credential(:'sixth_username');
SELECT rolcanlogin FROM pg_roles WHERE rolname = 'regress_app';
SET client_min_messages = notice;
SELECT username FROM integratedb.rotate_password('regress_app');
SELECT username FROM integratedb.rotate_password('regress_app');
RESET client_min_messages;
SELECT username, status, valid_until, rotated_at IS NOT NULL AS rotated FROM integratedb.credentials;
\c :test regress_app
SELECT username, length(password) FROM integratedb.rotate_password('regress_app');
SELECT username FROM integratedb.issue_credential('regress_app');
\c :test :regress_user :regress_host :regress_port

-- Credentials go with their stakeholder, and follow when it is renamed.
SELECT username FROM integratedb.issue_credential('regress_app', label => 'before the rename') \gset seventh_
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
SELECT stakeholder, username = :'seventh_username' AS seventh, label, status FROM integratedb.credentials;
\c :test :seventh_username
SELECT current_user;
SELECT username = :'seventh_username' AS seventh FROM integratedb.rotate_password('regress_new');
\c :test :regress_user :regress_host :regress_port
BEGIN;
DROP TABLE regress_new.made;
SELECT lo_unlink(4711);
SELECT action, replace(object, :'seventh_username', 'seventh') AS object FROM integratedb.drop_stakeholder('regress_new');
SELECT count(*) AS roles FROM pg_roles WHERE rolname LIKE 'regress\_%';
SELECT count(*) FROM integratedb.credential;
ROLLBACK;
SELECT action, replace(object, :'seventh_username', 'seventh') AS object FROM integratedb.drop_stakeholder('regress_new', keep => true);
SELECT count(*) FROM integratedb.credential;
DROP OWNED BY regress_new;
DROP ROLE regress_new;

-- The longest name.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_' || repeat('x', 24));
SELECT length(username) FROM integratedb.issue_credential('regress_' || repeat('x', 24));
-- When its role is made anew, sync() has the credentials act as that one, which cannot log in itself.
BEGIN;
DROP OWNED BY regress_xxxxxxxxxxxxxxxxxxxxxxxx;
DROP ROLE regress_xxxxxxxxxxxxxxxxxxxxxxxx;
COMMIT;
CREATE ROLE regress_xxxxxxxxxxxxxxxxxxxxxxxx LOGIN;
SELECT status, valid_until IS NOT NULL AS known, username <> stakeholder AS credential FROM integratedb.credentials;
SELECT integratedb.sync();
SELECT member::regrole::text <> 'regress_app' AS member, rolcanlogin FROM pg_auth_members JOIN pg_roles AS r ON r.oid = roleid WHERE rolname LIKE 'regress_xxx%';
SELECT username AS longest FROM integratedb.credentials \gset
\c :test :longest
SELECT current_user;
\c :test :regress_user :regress_host :regress_port
-- Of an adopted stakeholder: its role stays without LOGIN.
CREATE ROLE regress_adopted LOGIN CONNECTION LIMIT 3;
SET client_min_messages = error;
SELECT stakeholder FROM integratedb.adopt_stakeholder('regress_adopted');
RESET client_min_messages;
SELECT username FROM integratedb.issue_credential('regress_adopted') \gset adopted_
SELECT rolconnlimit FROM pg_roles WHERE rolname = :'adopted_username';
SELECT action, replace(object, :'adopted_username', 'its credential') AS object FROM integratedb.drop_stakeholder('regress_adopted');

-- Errors.
SELECT integratedb.issue_credential('regress_nobody');
SELECT integratedb.issue_credential(NULL);
SELECT integratedb.issue_credential('regress_' || repeat('x', 24), NULL);
SELECT integratedb.issue_credential('regress_' || repeat('x', 24), '0 s');
SELECT integratedb.issue_credential('regress_' || repeat('x', 24), '-1 day');
SELECT integratedb.issue_credential('regress_' || repeat('x', 24), '1000000 years');
SELECT integratedb.issue_credential('regress_' || repeat('x', 24), '1 day', ' ');
SELECT integratedb.issue_credential('regress_' || repeat('x', 24), '1 day', repeat('x', 201));
SELECT integratedb.renew_credential('regress_nobody');
SELECT integratedb.revoke_credential('regress_nobody');
SELECT integratedb.revoke_credential('regress_' || repeat('x', 24));
SELECT integratedb.rotate_password('regress_nobody');
\i :end
