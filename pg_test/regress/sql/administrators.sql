-- grant_admin, revoke_admin: what an administrator may do who is no superuser, and what not.
\set test 'integratedb_administrators'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_admin;
CREATE ROLE regress_team;
CREATE ROLE regress_member IN ROLE regress_team;
CREATE ROLE regress_noinherit NOINHERIT IN ROLE regress_team;
CREATE ROLE regress_owner;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL);
ALTER TABLE public.orders OWNER TO regress_owner;
SELECT integratedb.grant_admin('regress_admin');
SELECT integratedb.grant_admin('regress_team');
SELECT role, administrator_by, can_login FROM integratedb.admins WHERE role LIKE 'regress_%' ORDER BY role;
-- It is an access control list of the server's: it follows a rename, and is known to DROP ROLE.
ALTER ROLE regress_team RENAME TO regress_dbas;
SELECT role, administrator_by FROM integratedb.admins WHERE role LIKE 'regress_%' ORDER BY role;
\set VERBOSITY terse
DROP ROLE regress_dbas;
\set VERBOSITY default

-- The daily work.
SET SESSION AUTHORIZATION regress_admin;
SELECT integratedb.is_admin();
SELECT stakeholder, username FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{id,total}');
SELECT * FROM integratedb.check_document('{"match": [{"path": "public.orders", "fields": ["id"]}]}', 'regress_app');
SELECT stakeholder, claims FROM integratedb.stakeholders;
SELECT path, status FROM integratedb.claims;
SELECT version, role, function FROM integratedb.claim_history ORDER BY version;
SELECT integratedb.validate_migration();
SELECT integratedb.sync();
SELECT * FROM integratedb.unclaim('regress_app');
SELECT integratedb.rename_stakeholder('regress_app', 'regress_shop');
SELECT * FROM integratedb.drop_stakeholder('regress_shop');
-- No more than that: not other administrators, not roles and schemas that exist, not the queries of others, not our tables.
SELECT integratedb.grant_admin('regress_owner');
SELECT integratedb.revoke_admin('regress_dbas');
SELECT * FROM integratedb.adopt_stakeholder('regress_owner');
SELECT integratedb.install_compat('public');
SELECT integratedb.infer_claims_from_statistics('regress_owner');
TABLE integratedb.stakeholder;
SET integratedb.enforcement = off;
RESET SESSION AUTHORIZATION;
-- As a member, if it inherits.
SET SESSION AUTHORIZATION regress_member;
SELECT integratedb.is_admin();
SELECT integratedb.sync();
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_noinherit;
SELECT integratedb.is_admin();
SELECT integratedb.sync();
SET ROLE regress_dbas;
SELECT integratedb.sync();
RESET ROLE;
RESET SESSION AUTHORIZATION;

-- Functions that are a superuser's, and not everybody's.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
CREATE FUNCTION public.reserved() RETURNS integer LANGUAGE sql AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION public.reserved() FROM PUBLIC;
CREATE FUNCTION public.open() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.owned() RETURNS integer LANGUAGE sql AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION public.owned() FROM PUBLIC;
ALTER FUNCTION public.owned() OWNER TO regress_owner;
SET SESSION AUTHORIZATION regress_admin;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"function": "public.reserved()"}, {"function": "public.open()"}, {"function": "public.owned()"}, {"function": "public.later()", "pending": true}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"function": "public.open()"}, {"function": "public.owned()"}]}');
RESET SESSION AUTHORIZATION;
-- What a superuser has claimed stays in a document that an administrator writes anew.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"function": "public.reserved()"}, {"function": "public.later()", "pending": true}]}');
SET SESSION AUTHORIZATION regress_admin;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"function": "public.reserved()"}, {"function": "public.later()", "pending": true}, {"function": "public.open()"}]}');
RESET SESSION AUTHORIZATION;

-- Who is not to be one.
SELECT integratedb.grant_admin('regress_app');
SELECT integratedb.grant_admin('pg_monitor');
SELECT integratedb.grant_admin('regress_none');
SELECT integratedb.grant_admin(NULL);
SELECT integratedb.revoke_admin('regress_owner');
SELECT integratedb.revoke_admin('regress_member');
-- Taken back, nothing is left.
SELECT integratedb.revoke_admin('regress_admin');
SELECT integratedb.revoke_admin('regress_dbas');
SELECT role FROM integratedb.admins WHERE role LIKE 'regress_%';
SELECT count(*) FROM pg_proc, aclexplode(proacl) AS a WHERE pronamespace = 'integratedb'::regnamespace AND a.grantee IN ('regress_admin'::regrole, 'regress_dbas'::regrole);
SET SESSION AUTHORIZATION regress_admin;
SELECT integratedb.sync();
SELECT count(*) FROM integratedb.stakeholders;
RESET SESSION AUTHORIZATION;
-- USAGE that is granted by hand makes an administrator as well, to whom the functions are not granted.
GRANT USAGE ON TYPE integratedb.administrator TO regress_owner;
SET SESSION AUTHORIZATION regress_owner;
SELECT integratedb.is_admin();
SELECT integratedb.sync();
RESET SESSION AUTHORIZATION;
REVOKE USAGE ON TYPE integratedb.administrator FROM regress_owner;
\i :end
