-- Threat: a stakeholder reaches for more than it claimed: other data, other roles, its own registration, or code that others run.
\set test 'integratedb_threat_stakeholder_reach'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, ssn text);
CREATE TABLE public.secrets (id bigint PRIMARY KEY, x text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{id}');
SET SESSION AUTHORIZATION regress_other;
CREATE TABLE regress_other.private (id integer);
RESET SESSION AUTHORIZATION;

-- Messages of the server's own differ between its versions: only their SQLSTATEs are compared.
\set VERBOSITY sqlstate
SET SESSION AUTHORIZATION regress_app;
SELECT ssn FROM public.orders;
SELECT orders FROM public.orders;
SELECT ctid FROM public.orders;
SELECT * FROM public.secrets;
SELECT * FROM regress_other.private;
CREATE VIEW regress_app.v AS SELECT ssn FROM public.orders;
CREATE VIEW regress_app.w AS SELECT * FROM public.orders;
DROP VIEW regress_app.w;
SELECT * FROM regress_app.v;
COPY public.orders TO STDOUT;
COPY public.orders (id) TO STDOUT;
COPY public.orders (id) TO PROGRAM 'cat';
SELECT pg_read_file('PG_VERSION');
SELECT rolpassword FROM pg_authid;
SET ROLE regress_other;
CREATE ROLE regress_mine;
ALTER ROLE regress_app CREATEROLE;
ALTER ROLE regress_other RENAME TO regress_mine;
GRANT regress_other TO regress_app;
CREATE DATABASE regress_mine;
CREATE SCHEMA regress_mine;
CREATE EXTENSION plpgsql;
-- Its schema is its own to use, but not to give away, rename or drop.
ALTER SCHEMA regress_app OWNER TO regress_app;
ALTER SCHEMA regress_app RENAME TO regress_mine;
DROP SCHEMA regress_app;
GRANT CREATE ON SCHEMA regress_app TO PUBLIC;
COMMENT ON SCHEMA regress_app IS 'mine';
\set VERBOSITY default
-- What it makes there is in nobody else's way, and DDL there is judged like any other.
CREATE TABLE regress_app.totals (day date, total numeric);
CREATE FUNCTION regress_app.become() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER ROLE regress_app SUPERUSER'; RETURN NEW; END $$;
CREATE TRIGGER become BEFORE INSERT ON regress_app.totals FOR EACH ROW EXECUTE FUNCTION regress_app.become();
CREATE FUNCTION regress_app.count(bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER ROLE regress_app SUPERUSER'; RETURN 0; END $$;
ALTER ROLE regress_app SET search_path = regress_app, public;
RESET SESSION AUTHORIZATION;
-- Another stakeholder claims its table and is told of the claim by a break; the superuser's calls run none of its code.
SELECT * FROM integratedb.claim('regress_other', 'regress_app.*', '{*}');
SET SESSION AUTHORIZATION regress_app;
SET search_path = regress_app, pg_catalog;
ALTER TABLE totals DROP COLUMN total;
DROP TABLE regress_app.totals;
REVOKE SELECT ON regress_app.totals FROM regress_other;
BEGIN;
DROP TABLE totals;
CREATE TABLE totals (day date, total numeric);
COMMIT;
RESET search_path;
RESET SESSION AUTHORIZATION;
SELECT has_table_privilege('regress_other', 'regress_app.totals', 'SELECT') AS restored;
SELECT integratedb.sync();
SELECT integratedb.validate_migration();
SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname IN ('regress_app', 'regress_other') ORDER BY 1;
SELECT stakeholder, role_status FROM integratedb.stakeholders ORDER BY 1;
\i :end
