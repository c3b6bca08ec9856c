-- adopt_stakeholder takes a role and its schema over without touching what they have; so does everything that follows.
\set test 'integratedb_adopt_role'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text);
CREATE TABLE public.secrets (id bigint);
CREATE ROLE regress_group;
CREATE ROLE regress_app LOGIN PASSWORD 'secret' CONNECTION LIMIT 7 VALID UNTIL '2099-01-01' IN ROLE regress_group;
ALTER ROLE regress_app SET work_mem = '5MB';
CREATE SCHEMA regress_app AUTHORIZATION regress_app;
SET SESSION AUTHORIZATION regress_app;
CREATE TABLE regress_app.totals (day date);
INSERT INTO regress_app.totals VALUES ('2020-01-01');
RESET SESSION AUTHORIZATION;
GRANT SELECT (note) ON public.orders TO regress_app;
GRANT INSERT ON public.orders TO regress_app;
GRANT SELECT ON public.secrets TO regress_group;
-- Everything that the role and the schema are and have.
CREATE VIEW public.state AS
    SELECT 'role' AS what, to_jsonb(a)::text AS value FROM pg_authid AS a WHERE rolname = 'regress_app'
    UNION ALL SELECT 'setting', setconfig::text FROM pg_db_role_setting WHERE setrole = to_regrole('regress_app')
    UNION ALL SELECT 'membership', m::text FROM pg_auth_members AS m WHERE to_regrole('regress_app') IN (roleid, member)
    UNION ALL SELECT 'schema', s::text FROM pg_namespace AS s WHERE nspname = 'regress_app'
    UNION ALL SELECT 'relation ' || relname, concat_ws(' ', relowner::regrole, relacl) FROM pg_class WHERE oid = ANY ('{public.orders,public.secrets,regress_app.totals}'::regclass[])
    UNION ALL SELECT 'column ' || attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid = 'public.orders'::regclass
    UNION ALL SELECT 'database', datacl::text FROM pg_database WHERE datname = current_database();
CREATE TABLE public.before AS TABLE public.state;
CREATE VIEW public.changed AS
    SELECT change, what, replace(value, current_user, 'superuser') AS value
      FROM (SELECT 'gone' AS change, g.* FROM (TABLE public.before EXCEPT TABLE public.state) AS g
            UNION ALL SELECT 'new', n.* FROM (TABLE public.state EXCEPT TABLE public.before) AS n) AS c
     ORDER BY what, change;

SELECT * FROM integratedb.adopt_stakeholder(E' Regress_APP\n');
SELECT stakeholder, username, schema_name, role_status, can_login, adopted, claims, limits, defaults, created_by = current_user AS created_by_me FROM integratedb.stakeholders;
SELECT integratedb.claim_document('regress_app');
-- CONNECT is all that it lacked.
TABLE public.changed;

-- It claims as every stakeholder does. What it has already is not granted again, and not revoked.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id", "note"]}]}');
\c :test regress_app
SELECT current_user, id, note FROM public.orders;
SELECT total FROM public.orders;
INSERT INTO public.orders VALUES (1, 2, 'x');
SELECT count(*) FROM public.secrets;
CREATE TABLE regress_app.more ();
DROP TABLE regress_app.more;
\c :test :regress_user :regress_host :regress_port
ALTER TABLE public.orders DROP COLUMN note;
-- What it has through another role only is granted beside.
SELECT * FROM integratedb.claim('regress_app', 'public.secrets', '{*}');
SELECT * FROM integratedb.unclaim('regress_app', 'public.secrets');
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{*}');
SELECT * FROM integratedb.unclaim('regress_app');
SELECT integratedb.sync();
TABLE public.changed;

-- Once only.
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.create_stakeholder('regress_app');
\echo :LAST_ERROR_SQLSTATE

-- Let go of, it is as it was: not even LOGIN is taken.
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{*}');
SELECT * FROM integratedb.drop_stakeholder('regress_app');
TABLE public.changed;
SELECT (SELECT count(*) FROM integratedb.stakeholders) AS stakeholders, (SELECT count(*) FROM integratedb.claims) AS claims;
\c :test regress_app
SELECT * FROM regress_app.totals;
SELECT note FROM public.orders;
SELECT id FROM public.orders;
\c :test :regress_user :regress_host :regress_port

-- And again; CONNECT that it has been granted by hand stays when it goes.
SET client_min_messages = error;
GRANT CONNECT ON DATABASE :"test" TO regress_app;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
SELECT * FROM integratedb.drop_stakeholder('regress_app', keep => true);
TABLE public.changed;

-- A rollback leaves nothing.
BEGIN;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
ROLLBACK;
SELECT count(*) FROM integratedb.stakeholders;
\i :end
