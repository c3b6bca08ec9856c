-- Which relations can be claimed, and what is granted on each: tables, partitions, views, materialised and foreign tables, members of extensions.
\set test 'integratedb_claim_kinds'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE SCHEMA k;
CREATE TABLE k.plain (id bigint PRIMARY KEY, x text);
CREATE UNLOGGED TABLE k.unlogged (id bigint);
CREATE TABLE k.parted (id integer, day date) PARTITION BY RANGE (day);
CREATE TABLE k.part PARTITION OF k.parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE k.parent (id integer);
CREATE TABLE k.child (extra integer) INHERITS (k.parent);
CREATE TYPE k.composite AS (id integer, x text);
CREATE TABLE k.typed OF k.composite;
CREATE VIEW k.v AS SELECT id, x FROM k.plain;
CREATE MATERIALIZED VIEW k.mv AS SELECT id, x FROM k.plain;
CREATE FOREIGN DATA WRAPPER regress_nothing;
CREATE SERVER regress_nowhere FOREIGN DATA WRAPPER regress_nothing;
CREATE FOREIGN TABLE k.f (id integer NOT NULL, x varchar(10)) SERVER regress_nowhere;
CREATE TABLE k.no_columns ();
CREATE TABLE k.identity (id integer GENERATED ALWAYS AS IDENTITY, twice integer GENERATED ALWAYS AS (1) STORED, s serial);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "k.plain", "fields": ["id"]}, {"path": "k.unlogged", "fields": ["*"]}, {"path": "k.parted", "fields": ["day"]}, {"path": "k.part", "fields": ["id"]},
    {"path": "k.parent", "fields": ["*"]}, {"path": "k.child", "fields": ["extra"]}, {"path": "k.typed", "fields": ["x"]}, {"path": "k.v", "fields": ["x"]}, {"path": "k.mv", "fields": ["*"]}, {"path": "k.f", "fields": ["id", "x"]},
    {"path": "k.no_columns", "fields": ["*"]}, {"path": "k.identity", "fields": ["*"]}]}');
SELECT path, column_name, shape FROM integratedb.claimed_columns ORDER BY 1, 2;
SELECT integratedb.validate_migration();
-- Exactly that, and no more: reading a parent includes its children, a column of a view does not need its table.
INSERT INTO k.plain VALUES (1, 'x');
INSERT INTO k.child VALUES (1, 2);
SET SESSION AUTHORIZATION regress_app;
SELECT id FROM k.plain;
SELECT x FROM k.plain;
SELECT count(*) FROM k.plain;
SELECT * FROM k.plain;
SELECT x FROM k.v;
SELECT id FROM k.v;
SELECT * FROM k.parent;
SELECT id FROM k.child;
SELECT extra FROM k.child;
SELECT day FROM k.parted;
SELECT id FROM k.parted;
SELECT id FROM k.part;
SELECT nextval('k.identity_s_seq');
INSERT INTO k.unlogged VALUES (1);
UPDATE k.unlogged SET id = 1;
DELETE FROM k.unlogged;
TRUNCATE k.unlogged;
CREATE TABLE k.mine ();
ALTER TABLE k.unlogged ADD COLUMN x integer;
REFRESH MATERIALIZED VIEW k.mv;
CREATE TRIGGER t BEFORE INSERT ON k.unlogged FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TABLE regress_app.r (id bigint REFERENCES k.plain);
GRANT SELECT ON k.unlogged TO PUBLIC;
RESET SESSION AUTHORIZATION;

-- A member of an extension can be claimed by name; a wildcard leaves it out, and every temporary relation.
CREATE TABLE k.member (id integer);
ALTER EXTENSION plpgsql ADD TABLE k.member;
CREATE TEMP TABLE passing (id integer);
SELECT count(*) FROM integratedb.unclaim('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'k.*', '{*}');
SELECT path FROM integratedb.claims ORDER BY 1;
SELECT * FROM integratedb.claim('regress_app', 'k.member', '{id}');
ALTER EXTENSION plpgsql DROP TABLE k.member;

-- Row level security, when claimed: what is there already is accepted and is no reason to refuse.
SELECT count(*) FROM integratedb.unclaim('regress_app');
CREATE TABLE k.secured (id integer);
ALTER TABLE k.secured ENABLE ROW LEVEL SECURITY;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "k.secured", "fields": ["id"]}, {"path": "k.plain", "fields": ["id"]}]}');
SELECT path, status FROM integratedb.claims ORDER BY 1;
ALTER TABLE k.secured DISABLE ROW LEVEL SECURITY;
ALTER TABLE k.plain ENABLE ROW LEVEL SECURITY;
\i :end
