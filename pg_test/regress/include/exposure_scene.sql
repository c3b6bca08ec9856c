-- Two stakeholders, regress_app and regress_shop, that reach more than they claim in every way there is.
\set ECHO none
SET client_min_messages = warning;
CREATE ROLE regress_owner;
CREATE ROLE regress_other;
CREATE ROLE regress_reader IN ROLE regress_other;
CREATE ROLE "regress group";
CREATE SCHEMA data AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA data TO regress_other;
-- Nobody may look into it but its owner: what is there concerns no stakeholder.
CREATE SCHEMA private AUTHORIZATION regress_owner;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE data.orders (id bigint PRIMARY KEY, total numeric(12,2), note text, secret text);
CREATE VIEW data.totals AS SELECT total FROM data.orders;
CREATE SEQUENCE data.numbers;
CREATE TABLE data.other (id bigint);
CREATE TYPE data.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN data.positive AS integer CHECK (VALUE > 0);
CREATE FUNCTION data.plain(integer, VARIADIC text[]) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION data.definer() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM data.orders';
CREATE PROCEDURE data.proceed(data.mood) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE data.add(bigint) (SFUNC = int8pl, STYPE = bigint);
CREATE FUNCTION data.claimed() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION private.unseen() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE private.unseen (id bigint);
GRANT SELECT ON private.unseen TO PUBLIC;
GRANT SELECT ON data.totals, data.numbers TO PUBLIC;
GRANT UPDATE (note) ON data.orders TO PUBLIC;
GRANT SELECT ON data.totals TO regress_other;
ALTER DEFAULT PRIVILEGES IN SCHEMA data GRANT SELECT ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO regress_other;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM (SELECT integratedb.create_stakeholder('regress_app')) x \gset x
SELECT count(*) FROM (SELECT integratedb.create_stakeholder('regress_shop')) x \gset x
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "data.orders", "fields": ["id", "total"]}, {"path": "data.other", "fields": ["*"]},
    {"function": "data.claimed()"}]}') \gset x
SELECT count(*) FROM integratedb.claim('regress_shop', '{"match": [{"path": "data.other", "fields": ["id"]}, {"function": "data.claimed()"}]}') \gset x
-- By hand: more than is claimed, what is claimed with grant option and granted on, and what another role granted.
GRANT SELECT, UPDATE ON data.orders TO regress_app;
GRANT SELECT (secret) ON data.orders TO regress_shop;
GRANT SELECT (total) ON data.orders TO regress_app WITH GRANT OPTION;
GRANT SELECT ON data.other TO regress_app WITH GRANT OPTION;
GRANT INSERT ON data.other TO regress_other WITH GRANT OPTION;
SET SESSION AUTHORIZATION regress_app;
GRANT SELECT ON data.other TO regress_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_other;
GRANT INSERT ON data.other TO regress_app;
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SEQUENCE data.numbers TO regress_app;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO regress_app;
GRANT USAGE ON SCHEMA private TO regress_shop;
GRANT CREATE ON SCHEMA data TO PUBLIC;
GRANT CREATE ON DATABASE integratedb_exposure TO regress_app;
GRANT SET ON PARAMETER log_statement TO regress_app;
-- Memberships and attributes.
GRANT "regress group" TO regress_app WITH ADMIN OPTION;
GRANT SELECT ON data.totals TO "regress group";
GRANT pg_read_all_data TO regress_shop;
ALTER ROLE regress_shop CREATEDB REPLICATION;
-- Ownership.
CREATE TABLE data.owned (id serial, m data.mood);
ALTER TABLE data.owned OWNER TO regress_shop;
CREATE FUNCTION data.owned(data.mood) RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION data.owned(data.mood) OWNER TO regress_shop;
CREATE TYPE data.pair AS (a integer, b integer);
ALTER TYPE data.pair OWNER TO regress_shop;
CREATE SCHEMA shops AUTHORIZATION regress_shop;
SET SESSION AUTHORIZATION regress_shop;
CREATE TABLE regress_shop.own (id integer);
RESET SESSION AUTHORIZATION;
-- Beyond schemas.
CREATE FOREIGN DATA WRAPPER regress_wrapper;
CREATE SERVER regress_server FOREIGN DATA WRAPPER regress_wrapper;
GRANT USAGE ON FOREIGN DATA WRAPPER regress_wrapper TO regress_app;
GRANT USAGE ON FOREIGN SERVER regress_server TO PUBLIC;
CREATE USER MAPPING FOR PUBLIC SERVER regress_server OPTIONS (password 'not to be shown');
SELECT lo_create(4711) \gset x
GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC;
ALTER DATABASE integratedb_exposure SET lo_compat_privileges = on;
ALTER ROLE regress_app SET lo_compat_privileges = on;
ALTER ROLE regress_other SET lo_compat_privileges = on;
-- Other databases of the cluster are whose they are.
CREATE VIEW public.exposed AS SELECT * FROM integratedb.exposure() WHERE object !~ '^database ' OR object = 'database integratedb_exposure';
RESET client_min_messages;
\set ECHO all
