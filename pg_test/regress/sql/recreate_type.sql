-- A type is known by its name: one dropped and made again in one transaction, as migrations do that take a value out of an
-- enum, is the same to a reader.
\set test 'integratedb_recreate_type'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA types;
CREATE TYPE types.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN types.email AS varchar(80) NOT NULL;
CREATE EXTENSION hstore SCHEMA types;
CREATE TABLE people (id bigint PRIMARY KEY, mood types.mood, mail types.email, tags types.hstore);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": [{"name": "mood", "type": "types.mood"}, {"name": "mail", "type": "types.email"}, "tags"]}]}');
SELECT count(*) FROM integratedb.claim('auditor', 'public.people', '{*}');
BEGIN;
ALTER TYPE types.mood RENAME TO mood_old;
CREATE TYPE types.mood AS ENUM ('sad', 'happy');
ALTER TABLE people ALTER COLUMN mood TYPE types.mood USING mood::text::types.mood;
DROP TYPE types.mood_old;
COMMIT;
BEGIN;
ALTER TABLE people ALTER COLUMN mood TYPE text;
DROP TYPE types.mood;
CREATE TYPE types.mood AS ENUM ('blue');
ALTER TABLE people ALTER COLUMN mood TYPE types.mood USING NULL;
COMMIT;
BEGIN;
DROP DOMAIN types.email CASCADE;
CREATE DOMAIN types.email AS varchar(90) NOT NULL;
ALTER TABLE people ADD COLUMN mail types.email;
COMMIT;
BEGIN;
DROP DOMAIN types.email CASCADE;
CREATE DOMAIN types.email AS varchar(90);
ALTER TABLE people ADD COLUMN mail types.email;
COMMIT;
-- A declared length is looked for beneath the domain.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": [{"name": "mood", "type": "types.mood"}, {"name": "mail", "min_length": 40}, "tags"]}]}');
BEGIN;
DROP DOMAIN types.email CASCADE;
CREATE DOMAIN types.email AS varchar(39) NOT NULL;
ALTER TABLE people ADD COLUMN mail types.email;
COMMIT;
BEGIN;
DROP EXTENSION hstore CASCADE;
CREATE EXTENSION hstore SCHEMA types;
ALTER TABLE people ADD COLUMN tags types.hstore;
COMMIT;
SELECT readable('reporter', 'public.people'), readable('auditor', 'public.people');
SELECT integratedb.validate_migration();
-- And the new ones are as well guarded as the old ones were.
ALTER TYPE types.mood RENAME TO humour;
ALTER DOMAIN types.email DROP NOT NULL;
ALTER TABLE people DROP COLUMN tags;

\i :end
