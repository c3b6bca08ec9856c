-- A column has a type by name; what happens to the type reaches the column.
\set test 'integratedb_types_and_domains'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA types;
CREATE TYPE types.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE types.colour AS ENUM ('red');
CREATE DOMAIN types.email AS varchar(80) NOT NULL;
CREATE DOMAIN types.work_email AS types.email;
CREATE TYPE types.address AS (street text, town text);
CREATE TABLE people (id bigint PRIMARY KEY, mood types.mood, moods types.mood[], mail types.email, work types.work_email, home types.address, colour types.colour);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": [{"name": "mood", "type": "types.mood"}, "moods", "mail", "work", "home"]}]}');
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY column_name;
-- Values of an enum are data, not shape.
ALTER TYPE types.mood ADD VALUE 'ecstatic';
ALTER TYPE types.mood RENAME VALUE 'ok' TO 'fine';
-- Its name is.
ALTER TYPE types.mood RENAME TO humour;
ALTER TYPE types.mood SET SCHEMA public;
ALTER DOMAIN types.email RENAME TO mail;
ALTER SCHEMA types RENAME TO kinds;
BEGIN;
ALTER TYPE types.mood RENAME TO humour;
ALTER TYPE types.humour RENAME TO mood;
COMMIT;
-- Gone with its type.
DROP TYPE types.mood CASCADE;
DROP DOMAIN types.work_email CASCADE;
SET client_min_messages = warning;
DROP SCHEMA types CASCADE;
RESET client_min_messages;
\echo :LAST_ERROR_SQLSTATE
DROP TYPE types.colour CASCADE;
\d people
-- ALTER DOMAIN: constraints may come, and NOT NULL may not go, from a domain over the domain neither.
ALTER DOMAIN types.email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
ALTER DOMAIN types.email DROP CONSTRAINT has_at;
ALTER DOMAIN types.email SET DEFAULT 'a@b';
ALTER DOMAIN types.email DROP NOT NULL;
ALTER DOMAIN types.work_email SET NOT NULL;
ALTER DOMAIN types.email OWNER TO CURRENT_USER;
-- A domain and what it is made of are not the same type.
ALTER TABLE people ALTER COLUMN mail TYPE varchar(80);
-- A composite type that a column has.
ALTER TYPE types.address ADD ATTRIBUTE country text;
ALTER TYPE types.address RENAME TO place;
SELECT integratedb.validate_migration();

\i :end
