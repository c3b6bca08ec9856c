-- Threat: names that hold quotes, newlines, format specifiers or statements, or are cut at 63 bytes: what exposure() and
-- privilege_drift() say to execute closes what it says, and nothing else; nothing of it forges a line.
\set test 'integratedb_threat_exposure_names'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
SET client_min_messages = error;
CREATE ROLE "regress ""%s"" owner; DROP TABLE public.kept; --";
CREATE ROLE "regress
ERROR:  forged";
CREATE ROLE "regress_üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü";
CREATE ROLE "regress public";
CREATE TABLE public.kept (id integer);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
CREATE SCHEMA "a.b ""%I""
x" AUTHORIZATION "regress ""%s"" owner; DROP TABLE public.kept; --";
CREATE TABLE "a.b ""%I""
x"."t'; DROP TABLE public.kept; --" ("c ""%s""" integer, "$1 %L" integer, "ü), public.kept (id" text);
CREATE VIEW "a.b ""%I""
x"."SELECT" AS SELECT 1 AS "PUBLIC";
CREATE SEQUENCE "a.b ""%I""
x"."%1$s";
CREATE TYPE "a.b ""%I""
x"."type,
x" AS ENUM ('a');
CREATE FUNCTION "a.b ""%I""
x"."f() FROM PUBLIC; --"("a.b ""%I""
x"."type,
x", "a.b ""%I""
x"."type,
x"[]) RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION "a.b ""%I""
x"."üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FOREIGN DATA WRAPPER "w ""%s""";
CREATE SERVER "s ""; DROP TABLE public.kept; --" FOREIGN DATA WRAPPER "w ""%s""";
CREATE USER MAPPING FOR PUBLIC SERVER "s ""; DROP TABLE public.kept; --";
CREATE USER MAPPING FOR regress_app SERVER "s ""; DROP TABLE public.kept; --";
GRANT USAGE ON FOREIGN SERVER "s ""; DROP TABLE public.kept; --" TO PUBLIC;
GRANT USAGE ON FOREIGN DATA WRAPPER "w ""%s""" TO regress_app;
GRANT CREATE, USAGE ON SCHEMA "a.b ""%I""
x" TO PUBLIC;
SELECT action, privilege, column_name FROM integratedb.claim('regress_app', E'"a.b ""%I""\nx"."t''; DROP TABLE public.kept; --"', ARRAY['c "%s"']);
GRANT SELECT ON ALL TABLES IN SCHEMA "a.b ""%I""
x" TO PUBLIC, regress_app;
GRANT SELECT ("ü), public.kept (id"), UPDATE ("$1 %L") ON "a.b ""%I""
x"."t'; DROP TABLE public.kept; --" TO regress_app, PUBLIC;
GRANT USAGE ON SEQUENCE "a.b ""%I""
x"."%1$s" TO regress_app;
GRANT SELECT ON "a.b ""%I""
x"."SELECT" TO "regress
ERROR:  forged" WITH GRANT OPTION;
SET SESSION AUTHORIZATION "regress
ERROR:  forged";
GRANT SELECT ON "a.b ""%I""
x"."SELECT" TO regress_app;
RESET SESSION AUTHORIZATION;
GRANT INSERT ON "a.b ""%I""
x"."SELECT" TO regress_app WITH GRANT OPTION;
SET SESSION AUTHORIZATION regress_app;
GRANT INSERT ON "a.b ""%I""
x"."SELECT" TO "regress public", "regress_üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü";
RESET SESSION AUTHORIZATION;
GRANT "regress
ERROR:  forged", "regress public", "regress_üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü" TO regress_app;
ALTER DEFAULT PRIVILEGES FOR ROLE "regress ""%s"" owner; DROP TABLE public.kept; --" IN SCHEMA "a.b ""%I""
x" GRANT SELECT ON TABLES TO regress_app;
CREATE TABLE "a.b ""%I""
x"."owned, public.kept" (id integer);
ALTER TABLE "a.b ""%I""
x"."owned, public.kept" OWNER TO regress_app;
CREATE FUNCTION "a.b ""%I""
x"."owned"("a.b ""%I""
x"."type,
x") RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION "a.b ""%I""
x"."owned"("a.b ""%I""
x"."type,
x") OWNER TO regress_app;
CREATE VIEW public.exposed AS SELECT * FROM integratedb.exposure() WHERE object !~ '^database ' AND object !~ '^language ';
-- One line each, but for the statements.
SELECT count(*) > 25 AS many, bool_or(concat(object, column_name, detail, also_touches) ~ '[\n\r]') AS lines_forged FROM public.exposed;
SELECT how, privilege, object, column_name, also_touches FROM public.exposed ORDER BY object COLLATE "C", column_name COLLATE "C", how, privilege;
SELECT state, privilege, path, column_name FROM integratedb.privilege_drift() ORDER BY path COLLATE "C", column_name COLLATE "C", privilege;
-- Under a path on which every name of the system's is somebody else's.
CREATE SCHEMA evil;
CREATE TABLE evil.pg_class (oid oid);
CREATE TABLE evil.pg_roles (oid oid);
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS 'SELECT ''DROP TABLE public.kept''';
CREATE FUNCTION evil.quote_ident(name) RETURNS text LANGUAGE sql AS 'SELECT ''public; DROP TABLE public.kept''';
CREATE FUNCTION evil.equal(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.equal);
SELECT count(*) AS here FROM integratedb.exposure() \gset
SELECT count(*) AS ill FROM integratedb.doctor() WHERE state <> 'ok' \gset
SET search_path = evil, public, pg_catalog;
SELECT count(*) - :here AS more FROM integratedb.exposure();
SELECT count(*) - :ill AS more FROM integratedb.doctor() WHERE state <> 'ok';
SELECT count(*) FROM integratedb.privilege_drift() WHERE statement LIKE '%public.kept%' AND statement NOT LIKE '%"%public.kept%"%';
RESET search_path;
DROP SCHEMA evil CASCADE;
-- Each closes what it says.
\set ECHO none
SELECT statement FROM public.exposed WHERE how = 'ownership'
\gexec
SELECT statement FROM public.exposed
\gexec
\set ECHO all
SELECT how, object, statement FROM public.exposed;
SELECT * FROM integratedb.privilege_drift();
SELECT integratedb.validate_migration();
SELECT * FROM public.kept;
SELECT count(*) FROM information_schema.role_column_grants WHERE grantee = 'regress_app';
\i :end
