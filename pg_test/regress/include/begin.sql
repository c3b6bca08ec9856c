\set ECHO none
-- Gives a regression test a database of its own, with the extension in it. A test starts with these lines:
--
--     \set test 'name_of_its_database'
--     \getenv abs_srcdir PG_ABS_SRCDIR
--     \set begin :abs_srcdir '/include/begin.sql'
--     \i :begin
--
-- and ends with this one, which drops the database and each role that the test has created:
--
--     \i :end
--
-- (pg_regress gives the test to psql as standard input, so \ir would look in the current directory.)
-- :regress_db, :regress_user, :regress_host and :regress_port are the driver's connection; a test that
-- connects as somebody else can come back with
--
--     \c :test :regress_user :regress_host :regress_port
\set regress_db :DBNAME
\set regress_user :USER
\set regress_host :HOST
\set regress_port :PORT
\set end :abs_srcdir '/include/end.sql'
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format aligned
\pset null ''
SET client_min_messages = warning;
-- What a test that was cut short has left. The locale decides how results are sorted.
DROP DATABASE IF EXISTS :"test" WITH (FORCE);
CREATE DATABASE :"test" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
-- As pg_regress does for its own database: the texts of messages are compared.
ALTER DATABASE :"test" SET lc_messages = 'C';
ALTER DATABASE :"test" SET lc_monetary = 'C';
ALTER DATABASE :"test" SET lc_numeric = 'C';
ALTER DATABASE :"test" SET lc_time = 'C';
SELECT coalesce(string_agg(oid::text, ','), '0') AS regress_roles FROM pg_catalog.pg_roles \gset
\c :test
SET client_min_messages = warning;
CREATE EXTENSION integratedb;
RESET client_min_messages;
\set ECHO all
