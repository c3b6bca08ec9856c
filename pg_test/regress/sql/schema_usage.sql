-- USAGE of a schema that is there is granted with the claim, also for what is not there yet: otherwise migrations that make it would wait for each other on the schemas row.
\set test 'integratedb_schema_usage'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA s;
CREATE TABLE s.here (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "s.x", "fields": ["a"], "optional": true}, {"alternatives": [{"path": "s.here", "fields": ["*"]}, {"path": "t.here", "fields": ["*"]}]}, {"path": "t.y", "fields": ["*"], "optional": true}]}');
SELECT nspname, nspacl FROM pg_namespace WHERE nspname IN ('s', 't');
-- What comes into being in it changes nothing of the schema's row.
SELECT xmin AS version FROM pg_namespace WHERE nspname = 's' \gset
CREATE TABLE s.x (a integer, b integer);
SELECT xmin = :version AS is_unchanged FROM pg_namespace WHERE nspname = 's';
SELECT readable('reporter', 's.x');
-- A schema that is made later, with the first relation that is claimed in it.
CREATE SCHEMA t;
SELECT has_schema_privilege('reporter', 't', 'USAGE');
CREATE TABLE t.not_claimed (id bigint);
CREATE TABLE t.y (id bigint);
SELECT readable('reporter', 't.y'), readable('reporter', 't.not_claimed');
DROP TABLE s.x;
SELECT * FROM integratedb.unclaim('reporter', 's.x');
SELECT * FROM integratedb.unclaim('reporter', 't.y');
-- An alternative names each.
SELECT has_schema_privilege('reporter', 's', 'USAGE'), has_schema_privilege('reporter', 't', 'USAGE');
SELECT * FROM integratedb.unclaim('reporter');
SELECT has_schema_privilege('reporter', 's', 'USAGE'), has_schema_privilege('reporter', 't', 'USAGE');
SELECT * FROM integratedb.granted_privilege;

\i :end
