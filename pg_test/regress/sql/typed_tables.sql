-- A table OF a type changes with the type.
\set test 'integratedb_typed_tables'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TYPE person AS (id bigint, name text, phone text);
CREATE TABLE people OF person (PRIMARY KEY (id));
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', 'public.people', '{id,name}');
SELECT count(*) FROM integratedb.claim('auditor', 'public.people', '{*}');
ALTER TYPE person DROP ATTRIBUTE name CASCADE;
ALTER TYPE person RENAME ATTRIBUTE name TO full_name CASCADE;
ALTER TYPE person ALTER ATTRIBUTE name TYPE varchar(10) CASCADE;
ALTER TYPE person ADD ATTRIBUTE email text CASCADE;
SELECT readable('reporter', 'public.people'), readable('auditor', 'public.people');
ALTER TABLE people NOT OF;
ALTER TYPE person DROP ATTRIBUTE name;
DROP TYPE person;
SELECT integratedb.validate_migration();

\i :end
