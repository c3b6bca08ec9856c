-- A column of a table's row type has the table's name in its type.
\set test 'integratedb_row_types'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA shop;
CREATE TABLE addresses (street text, town text);
CREATE TABLE people (id bigint PRIMARY KEY, home addresses, homes addresses[]);
CREATE VIEW homes AS SELECT id, home FROM people;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": ["*"]}, {"path": "public.homes", "fields": ["*"]}]}');
SELECT path, column_name, shape FROM integratedb.claimed_columns ORDER BY 1, 2;
ALTER TABLE addresses RENAME TO places;
ALTER TABLE addresses SET SCHEMA shop;
DROP TABLE addresses CASCADE;
ALTER TABLE addresses ADD COLUMN country text;
BEGIN;
ALTER TABLE addresses RENAME TO places;
ALTER TABLE places RENAME TO addresses;
COMMIT;
SELECT integratedb.validate_migration();

\i :end
