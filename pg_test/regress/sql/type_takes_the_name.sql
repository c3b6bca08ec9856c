-- A column cannot be retyped under the name of its type: what the name stands for is part of the shape.
\set test 'integratedb_type_takes_the_name'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA app;
CREATE DOMAIN app.code AS varchar(40);
CREATE DOMAIN app.amount AS numeric(12,2);
CREATE DOMAIN app.tag AS varchar(20);
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE TYPE app.place AS (street text);
CREATE TABLE app.people (id integer, code app.code, tags app.tag[], amount app.amount, mood app.mood, place app.place);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "app.people", "fields": ["id", "tags", "amount", "mood", "place", {"name": "code", "type": "app.code"}]}]}');
\set VERBOSITY terse
-- A domain over something else.
BEGIN;
ALTER DOMAIN app.code RENAME TO code_old;
CREATE DOMAIN app.code AS integer;
ALTER TABLE app.people ALTER COLUMN code TYPE app.code USING 1;
\set VERBOSITY default
COMMIT;
\set VERBOSITY terse
BEGIN;
ALTER DOMAIN app.code RENAME TO code_old;
CREATE DOMAIN app.code AS varchar(39);
ALTER TABLE app.people ALTER COLUMN code TYPE app.code;
\set VERBOSITY default
COMMIT;
\set VERBOSITY terse
BEGIN;
ALTER DOMAIN app.amount RENAME TO amount_old;
CREATE DOMAIN app.amount AS numeric(12,3);
ALTER TABLE app.people ALTER COLUMN amount TYPE app.amount;
COMMIT;
-- An array of it.
BEGIN;
ALTER DOMAIN app.tag RENAME TO tag_old;
CREATE DOMAIN app.tag AS integer;
ALTER TABLE app.people ALTER COLUMN tags TYPE app.tag[] USING NULL;
COMMIT;
BEGIN;
ALTER DOMAIN app.tag RENAME TO tag_old;
CREATE TYPE app.tag AS ENUM ('a');
ALTER TABLE app.people ALTER COLUMN tags TYPE app.tag[] USING NULL;
COMMIT;
-- Another kind of type.
BEGIN;
ALTER DOMAIN app.amount RENAME TO amount_old;
CREATE TYPE app.amount AS (units bigint);
ALTER TABLE app.people ALTER COLUMN amount TYPE app.amount USING NULL;
COMMIT;
BEGIN;
ALTER TYPE app.mood RENAME TO mood_old;
CREATE TYPE app.mood AS (colour text);
ALTER TABLE app.people ALTER COLUMN mood TYPE app.mood USING NULL;
\set VERBOSITY default
COMMIT;
\set VERBOSITY terse
BEGIN;
ALTER TYPE app.mood RENAME TO mood_old;
CREATE DOMAIN app.mood AS text;
ALTER TABLE app.people ALTER COLUMN mood TYPE app.mood USING mood::text;
COMMIT;
BEGIN;
ALTER TYPE app.place RENAME TO place_old;
CREATE DOMAIN app.place AS text;
ALTER TABLE app.people ALTER COLUMN place TYPE app.place USING NULL;
COMMIT;
-- A base type of ours that borrows a name of pg_catalog is another name.
CREATE DOMAIN app.int4 AS text;
ALTER TABLE app.people ALTER COLUMN id TYPE app.int4;
SELECT integratedb.validate_migration();
-- What a reader does not notice: the same again, and wider.
BEGIN;
ALTER DOMAIN app.amount RENAME TO amount_old;
CREATE DOMAIN app.amount AS numeric(14,2) CHECK (VALUE >= 0);
ALTER TABLE app.people ALTER COLUMN amount TYPE app.amount;
DROP DOMAIN app.amount_old;
COMMIT;
BEGIN;
ALTER TYPE app.place RENAME TO place_old;
CREATE TYPE app.place AS (street text, number integer);
ALTER TABLE app.people ALTER COLUMN place TYPE app.place USING NULL;
DROP TYPE app.place_old;
COMMIT;
SELECT integratedb.validate_migration();

\i :end
