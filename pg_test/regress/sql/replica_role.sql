-- session_replication_role = replica switches ordinary triggers off, and not these.
\set test 'integratedb_replica_role'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'shop.*', '{*}');
SET session_replication_role = replica;
ALTER TABLE shop.orders DROP COLUMN note;
DROP TABLE shop.orders;
CREATE TABLE shop.items (id bigint);
SELECT readable('reporter', 'shop.items');
-- Nor do claims depend on triggers.
SELECT * FROM integratedb.unclaim('reporter');
SELECT count(*) FROM integratedb.claims;
SELECT count(*) FROM integratedb.claimed_columns;
ALTER TABLE shop.orders DROP COLUMN note;
RESET session_replication_role;
SELECT integratedb.validate_migration();

\i :end
