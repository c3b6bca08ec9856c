-- Rules other than a view's own are no part of its shape; replacing a view's own is CREATE OR REPLACE VIEW by another name.
\set test 'integratedb_rules'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE source (id bigint PRIMARY KEY, name text, other text);
CREATE TABLE people (id bigint NOT NULL, name text);
CREATE VIEW places AS SELECT id, name FROM source;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": ["*"]}, {"path": "public.places", "fields": ["id", "name"]}]}');
CREATE RULE no_delete AS ON DELETE TO people DO INSTEAD NOTHING;
ALTER RULE no_delete ON people RENAME TO nothing_goes;
DROP RULE nothing_goes ON people;
CREATE OR REPLACE RULE "_RETURN" AS ON SELECT TO places DO INSTEAD SELECT id, other AS name FROM source;
SELECT readable('reporter', 'public.people'), readable('reporter', 'public.places');
-- A rule goes with what it refers to, and takes its view along.
ALTER TABLE source DROP COLUMN other CASCADE;
ALTER TABLE source DROP COLUMN name;
SELECT integratedb.validate_migration();

\i :end
