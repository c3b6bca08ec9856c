-- Names that the server refuses are the servers to complain about: no message of ours, also where we look names up before it does.
\set test 'integratedb_bad_names'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint);
CREATE SCHEMA closed;
CREATE TABLE closed.t (id bigint);
CREATE ROLE regress_user;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{*}');
-- With a temporary table around, each name could be one's.
CREATE TEMPORARY TABLE scratch (a integer);
ALTER TABLE otherdb.public.t ADD COLUMN x integer;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE a.b.c.d;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE otherdb.public.t;
DROP TABLE IF EXISTS otherdb.public.t;
CREATE TABLE otherdb.public.t (id integer);
CREATE VIEW otherdb.public.v AS SELECT 1;
ALTER VIEW otherdb.public.v RENAME TO w;
ALTER TABLE pg_temp.no_such ADD COLUMN x integer;
ALTER TABLE no_such.t ADD COLUMN x integer;
DROP TABLE no_such.t, scratch;
DROP TABLE IF EXISTS no_such.t;
ALTER TABLE pg_temp.orders ADD COLUMN x integer;
CREATE TEMPORARY TABLE public.t (id integer);
-- A schema that one may not look into.
SET ROLE regress_user;
CREATE TEMPORARY TABLE mine (a integer);
ALTER TABLE closed.t ADD COLUMN x integer;
DROP TABLE closed.t;
DROP TABLE IF EXISTS closed.no_such;
ALTER TABLE closed.t RENAME TO u;
RESET ROLE;
SELECT integratedb.validate_migration();

\i :end
