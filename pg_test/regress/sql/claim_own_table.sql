-- A stakeholder that claims what it owns has every privilege already: none is granted, and none is taken from it afterwards.
\set test 'integratedb_claim_own_table'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE ROLE regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SET SESSION AUTHORIZATION reporter;
CREATE TABLE reporter.mine (a integer, b integer);
CREATE TABLE reporter.other (a integer, b integer);
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.claim('reporter', 'reporter.mine', '{*}');
SELECT * FROM integratedb.claim('reporter', 'reporter.other', '{a}');
SELECT object_kind, relation_name, whole, column_names FROM integratedb.granted_privilege WHERE object_kind = 'relation';
SET SESSION AUTHORIZATION reporter;
ALTER TABLE reporter.mine ADD COLUMN c integer;
ALTER TABLE reporter.mine DROP COLUMN a;
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.unclaim('reporter');
SELECT relname, relacl FROM pg_class WHERE relnamespace = 'reporter'::regnamespace ORDER BY 1;
SET SESSION AUTHORIZATION reporter;
SELECT count(*) FROM reporter.mine, reporter.other;
RESET SESSION AUTHORIZATION;
-- By a wildcard, with what it makes later.
SELECT * FROM integratedb.claim('reporter', 'reporter.*', '{*}');
SET SESSION AUTHORIZATION reporter;
CREATE TABLE reporter.later (a integer);
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.unclaim('reporter');
SET SESSION AUTHORIZATION reporter;
SELECT count(*) FROM reporter.mine, reporter.later;
RESET SESSION AUTHORIZATION;
-- A claimed table comes to the stakeholder and goes again: what it needs it has all the time, what it owned it keeps.
CREATE TABLE orders (id bigint, note text);
ALTER TABLE orders OWNER TO regress_owner;
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{*}');
ALTER TABLE orders OWNER TO reporter;
SELECT relname, relacl FROM pg_class WHERE relname = 'orders';
SELECT * FROM integratedb.unclaim('reporter');
SELECT has_table_privilege('reporter', 'public.orders', 'SELECT');
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{*}');
ALTER TABLE orders OWNER TO regress_owner;
SELECT has_table_privilege('reporter', 'public.orders', 'SELECT');
SELECT * FROM integratedb.unclaim('reporter');
SELECT has_table_privilege('reporter', 'public.orders', 'SELECT');
SELECT * FROM integratedb.granted_privilege;
-- Dropped with keep, it keeps what it owns.
SELECT * FROM integratedb.claim('reporter', 'reporter.mine', '{*}');
SELECT count(*) > 0 FROM integratedb.drop_stakeholder('reporter', keep => true);
SELECT has_table_privilege('reporter', 'reporter.mine', 'SELECT');

\i :end
