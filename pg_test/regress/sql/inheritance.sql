-- A change of an inheritance parent reaches the claimed child, and a change of the child is its own.
\set test 'integratedb_inheritance'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE vehicles (id bigint NOT NULL, wheels integer, colour varchar(20));
CREATE TABLE cars (doors integer) INHERITS (vehicles);
CREATE TABLE sports_cars (speed integer) INHERITS (cars);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', 'public.sports_cars', '{id,wheels,colour}');
SELECT * FROM integratedb.claim('auditor', 'public.vehicles', '{*}');
-- The claimed grandchild loses what the parent loses; so does the parent itself.
ALTER TABLE vehicles DROP COLUMN wheels;
ALTER TABLE vehicles RENAME COLUMN colour TO paint;
ALTER TABLE vehicles ALTER COLUMN colour TYPE varchar(10);
ALTER TABLE vehicles ALTER COLUMN id DROP NOT NULL;
DROP TABLE cars CASCADE;
-- Reading the parent does not need a privilege on its children, so that none is granted.
SELECT readable('auditor', 'public.vehicles'), readable('auditor', 'public.cars'), readable('auditor', 'public.sports_cars');
-- Widened through the parent, all see it.
ALTER TABLE vehicles ALTER COLUMN colour TYPE varchar(40);
SELECT stakeholder, path, column_name, shape FROM integratedb.claimed_columns WHERE column_name = 'colour' ORDER BY stakeholder;
-- New columns of the parent are taken in by its "*"; new parents and children harm nobody.
ALTER TABLE vehicles ADD COLUMN made date;
ALTER TABLE vehicles ALTER COLUMN made TYPE timestamp;
ALTER TABLE sports_cars NO INHERIT cars;
ALTER TABLE vehicles DROP COLUMN wheels;
SELECT integratedb.unclaim('auditor');
-- The former grandchild has its columns still.
ALTER TABLE vehicles DROP COLUMN wheels;
DROP TABLE vehicles CASCADE;
SELECT readable('reporter', 'public.sports_cars');
ALTER TABLE ONLY sports_cars DROP COLUMN wheels;
-- A change that misses the child misses its claim.
CREATE TABLE parent (a integer, b integer);
CREATE TABLE child () INHERITS (parent);
SELECT * FROM integratedb.claim('auditor', 'public.child', '{a,b}');
ALTER TABLE ONLY parent DROP COLUMN a;
ALTER TABLE parent DROP COLUMN b;
SELECT integratedb.validate_migration();

\i :end
