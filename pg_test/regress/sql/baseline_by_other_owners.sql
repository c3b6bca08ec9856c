-- While a baseline is due (after a restore), whoever can break a claim sets it, not only the owner of what is claimed.
\set test 'integratedb_baseline_by_other_owners'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE ROLE regress_table;
CREATE ROLE regress_schema;
CREATE ROLE regress_type;
CREATE ROLE regress_stranger;
GRANT CREATE ON DATABASE :"test" TO regress_schema, regress_type, regress_stranger;
GRANT regress_type TO regress_table;
CREATE SCHEMA s AUTHORIZATION regress_schema;
CREATE SCHEMA types AUTHORIZATION regress_type;
CREATE SCHEMA free AUTHORIZATION regress_stranger;
GRANT ALL ON SCHEMA s TO regress_table, regress_type;
GRANT USAGE ON SCHEMA types TO PUBLIC;
SET ROLE regress_type;
CREATE TYPE types.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN types.name AS varchar(40) NOT NULL;
CREATE TABLE s.parent (id bigint, note text);
CREATE FUNCTION types.loud(t text) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT upper(t); END;
SET ROLE regress_table;
CREATE TABLE s.people (mood types.mood, name types.name);
CREATE TABLE s.child () INHERITS (s.parent);
CREATE VIEW s.shouted AS SELECT types.loud(name) AS name FROM s.people;
RESET ROLE;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "s.people", "fields": ["mood", {"name": "name", "is_nullable": false}]}, {"path": "s.child", "fields": ["note"]}, {"path": "s.shouted", "fields": ["name"]}]}');
-- What pg_dump does not carry.
DELETE FROM integratedb.cache_stamp;
DELETE FROM integratedb.claimed_relation_cache;
DELETE FROM integratedb.granted_privilege_cache;
DELETE FROM integratedb.stakeholder_cache;
SELECT count(*) AS stamps FROM integratedb.cache_stamp;
\set VERBOSITY terse
SET SESSION AUTHORIZATION regress_stranger;
CREATE TABLE free.t (id bigint);
SET SESSION AUTHORIZATION regress_schema;
ALTER SCHEMA s RENAME TO r;
DROP SCHEMA s CASCADE;
SET SESSION AUTHORIZATION regress_type;
ALTER SCHEMA types RENAME TO kinds;
ALTER TYPE types.mood RENAME TO humour;
ALTER TYPE types.mood SET SCHEMA s;
DROP TYPE types.mood CASCADE;
ALTER DOMAIN types.name DROP NOT NULL;
ALTER DOMAIN types.name RENAME TO label;
DROP TABLE s.parent CASCADE;
DROP FUNCTION types.loud CASCADE;
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
-- What was refused has left no baseline behind, what passes leaves one.
SELECT count(*) AS stamps FROM integratedb.cache_stamp;
CREATE TABLE innocent (id bigint);
SELECT count(*) AS stamps FROM integratedb.cache_stamp;
SELECT integratedb.validate_migration();

\i :end
