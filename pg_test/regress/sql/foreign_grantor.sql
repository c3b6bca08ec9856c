-- A claim does not rest on what somebody else than the owner has granted: a REVOKE ... CASCADE would take it unseen.
\set test 'integratedb_foreign_grantor'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE ROLE regress_owner;
CREATE ROLE regress_deputy;
CREATE SCHEMA s AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA s TO regress_deputy WITH GRANT OPTION;
SET ROLE regress_owner;
CREATE TABLE s.q (a integer, b integer);
CREATE TABLE s.r (a integer, b integer);
CREATE TABLE s.mixed (a integer, b integer);
GRANT SELECT ON s.q, s.mixed TO regress_deputy WITH GRANT OPTION;
GRANT SELECT (a, b) ON s.r TO regress_deputy WITH GRANT OPTION;
RESET ROLE;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SET ROLE regress_deputy;
GRANT USAGE ON SCHEMA s TO reporter;
GRANT SELECT ON s.q TO reporter;
GRANT SELECT (a) ON s.r TO reporter;
GRANT SELECT ON s.mixed TO reporter;
RESET ROLE;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "s.q", "fields": ["*"]}, {"path": "s.r", "fields": ["a"]}]}');
SELECT object_kind, relation_name, whole, column_names FROM integratedb.granted_privilege WHERE object_kind <> 'database' ORDER BY 1, 2;
SELECT relacl FROM pg_class WHERE oid = 's.q'::regclass;
-- What the deputy hands on can go in every way.
SET ROLE regress_owner;
REVOKE SELECT ON s.q FROM regress_deputy CASCADE;
REVOKE SELECT (a) ON s.r FROM regress_deputy CASCADE;
REVOKE USAGE ON SCHEMA s FROM regress_deputy CASCADE;
RESET ROLE;
SELECT readable('reporter', 's.q'), readable('reporter', 's.r');
SELECT integratedb.validate_migration();
-- DROP OWNED cascades as well. The owner's own grant was there first here: the deputy's goes, the owner's stays.
SET ROLE regress_owner;
GRANT SELECT ON s.mixed TO reporter;
RESET ROLE;
SELECT * FROM integratedb.claim('reporter', 's.mixed', '{*}');
DROP OWNED BY regress_deputy;
SELECT relacl FROM pg_class WHERE oid = 's.mixed'::regclass;
SELECT readable('reporter', 's.mixed');
SELECT integratedb.validate_migration();
-- And what the extension granted may not go by a cascade either.
SET ROLE regress_owner;
REVOKE SELECT ON s.q FROM reporter CASCADE;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP OWNED BY regress_owner CASCADE;
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.validate_migration();

\i :end
