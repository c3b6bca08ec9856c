-- The ledger that pg_dump carries follows renames: after a restore only names say what was granted.
\set test 'integratedb_ledger_names'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA s;
CREATE TABLE s.a (user_id integer, z integer);
CREATE TABLE s.c (q integer);
CREATE TABLE s.x (a integer, b integer);
CREATE TABLE s.y (a integer, b integer);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [
  {"alternatives": [{"path": "s.a", "fields": [{"alternatives": ["user_id", "account_id"]}]}, {"path": "t.a", "fields": ["account_id"]}]},
  {"alternatives": [{"path": "s.c", "fields": ["*"]}, {"path": "s.d", "fields": ["*"]}, {"path": "t.d", "fields": ["*"]}]},
  {"alternatives": [{"path": "s.x", "fields": ["a"]}, {"path": "t.x", "fields": ["a"]}]},
  {"alternatives": [{"path": "s.y", "fields": ["*"]}, {"path": "t.y", "fields": ["*"]}]}]}');
CREATE VIEW ledger AS
SELECT object_kind, schema_name, relation_name, whole, column_names FROM integratedb.granted_privilege WHERE object_kind <> 'database' ORDER BY 1, 2, 3;
TABLE ledger;
-- A column, a table.
ALTER TABLE s.a RENAME COLUMN user_id TO account_id;
ALTER TABLE s.c RENAME TO d;
TABLE ledger;
-- Two tables that swap their names.
BEGIN;
ALTER TABLE s.x ADD COLUMN c integer;
ALTER TABLE s.x RENAME TO swap;
ALTER TABLE s.y RENAME TO x;
ALTER TABLE s.swap RENAME TO y;
COMMIT;
TABLE ledger;
SELECT relname, relacl IS NOT NULL AND relacl::text LIKE '%reporter=r/%' AS whole, (SELECT array_agg(attname) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL) AS columns
  FROM pg_class AS c WHERE relnamespace = 's'::regnamespace ORDER BY 1;
-- Two columns that do.
BEGIN;
ALTER TABLE s.x RENAME COLUMN a TO swap;
ALTER TABLE s.x RENAME COLUMN b TO a;
ALTER TABLE s.x RENAME COLUMN swap TO b;
COMMIT;
TABLE ledger;
-- The schema.
ALTER SCHEMA s RENAME TO t;
TABLE ledger;
SELECT integratedb.validate_migration();
-- In a copy, where no OID and no number is known, all of it is still found and revoked. (Deleting the caches is what a restore amounts to.)
DELETE FROM integratedb.cache_stamp;
DELETE FROM integratedb.claimed_relation_cache;
DELETE FROM integratedb.granted_privilege_cache;
DELETE FROM integratedb.stakeholder_cache;
CREATE TABLE another (id integer);
SELECT action, privilege, path, column_name FROM integratedb.unclaim('reporter') ORDER BY 3, 4;
TABLE ledger;
SELECT oid::regclass, relacl FROM pg_class WHERE relnamespace = 't'::regnamespace AND relacl::text LIKE '%reporter%';
SELECT attrelid::regclass, attname FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 't'::regnamespace) AND attacl::text LIKE '%reporter%';
SELECT has_schema_privilege('reporter', 't', 'USAGE');
SELECT count(*) > 0 FROM integratedb.drop_stakeholder('reporter');

\i :end
