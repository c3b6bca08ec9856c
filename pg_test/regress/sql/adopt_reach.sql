-- An adopted role reaches more than it claims, and others reach through it: that stays, and is said.
\set test 'integratedb_adopt_reach'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE SCHEMA app;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric, note text);
CREATE TABLE public.customers (id bigint);
CREATE TABLE public.everybody (id bigint);
CREATE TABLE app.hidden (id bigint);
CREATE TABLE app.unrelated (id bigint);
CREATE VIEW public.seen AS SELECT 1 AS one;
GRANT SELECT ON public.everybody TO PUBLIC;
-- Nothing beyond PUBLIC's: nothing is said.
CREATE ROLE regress_app LOGIN;
CREATE SCHEMA regress_app AUTHORIZATION regress_app;
CREATE TABLE regress_app.own (id bigint);
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
SELECT * FROM integratedb.drop_stakeholder('regress_app');
-- A column, a write, a membership, ownership: each is one relation. USAGE on app comes with any claim there.
CREATE ROLE regress_group;
GRANT SELECT (note) ON public.orders TO regress_app;
GRANT UPDATE ON public.everybody TO regress_app;
GRANT SELECT ON app.hidden TO regress_group;
GRANT regress_group TO regress_app;
ALTER VIEW public.seen OWNER TO regress_app;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
-- What it owns it may claim; nothing is granted, and nothing is taken.
ALTER TABLE public.customers OWNER TO regress_app;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.customers", "fields": ["*"]}, {"path": "public.orders", "fields": ["id"]}]}');
SELECT stakeholder, path, status FROM integratedb.claims ORDER BY path;
-- Its own DDL is judged as everybody's.
\c :test regress_app
ALTER TABLE public.customers DROP COLUMN id;
SELECT count(*) FROM public.customers;
SELECT id, note FROM public.orders;
SELECT total FROM public.orders;
DROP TABLE public.customers;
SELECT stakeholder, adopted, claims FROM integratedb.stakeholders;
\c :test :regress_user :regress_host :regress_port
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT relowner::regrole, relacl FROM pg_class WHERE relname = 'customers';
REVOKE regress_group FROM regress_app;
ALTER VIEW public.seen OWNER TO CURRENT_USER;
DROP TABLE public.customers, public.orders, public.everybody;

-- Members of the role, directly or not, superusers aside.
CREATE ROLE regress_alice IN ROLE regress_app;
CREATE ROLE regress_bob NOINHERIT IN ROLE regress_alice;
CREATE ROLE regress_super SUPERUSER IN ROLE regress_app;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
\i :end
