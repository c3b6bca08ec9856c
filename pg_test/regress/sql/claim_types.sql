-- A declared type may be spelled as PostgreSQL allows, is compared by type and typmod, and stays what it was declared as.
\set test 'integratedb_claim_types'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE SCHEMA kinds;
CREATE TYPE kinds.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN kinds.email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN kinds.needed AS integer NOT NULL;
CREATE TYPE kinds.point AS (x integer, y integer);
CREATE TYPE kinds."Odd type" AS ENUM ('a');
CREATE TABLE public.t (
    i integer, s smallint, b bigint NOT NULL, v varchar(40), vn varchar, c character(3), ch "char", t text, n numeric(12,2), nn numeric,
    d double precision, r real, tz timestamptz, ts timestamp(3), ti time with time zone, iv interval day to second(2), bo boolean,
    by bytea, u uuid, j jsonb, bt bit(8), vb bit varying(5), ta text[], va varchar(7)[], m kinds.mood, ma kinds.mood[], e kinds.email,
    ne kinds.needed, p kinds.point, o kinds."Odd type", x xml, nm name);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');

-- Every spelling.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "i", "type": "int"}, {"name": "s", "type": "int2"}, {"name": "b", "type": "BIGINT"}, {"name": "v", "type": "varchar(40)"},
  {"name": "vn", "type": "character varying"}, {"name": "c", "type": "char(3)"}, {"name": "ch", "type": "\"char\""}, {"name": "t", "type": " text "},
  {"name": "n", "type": "decimal(12, 2)"}, {"name": "nn", "type": "numeric"}, {"name": "d", "type": "float8"}, {"name": "r", "type": "float4"},
  {"name": "tz", "type": "timestamptz"}, {"name": "ts", "type": "timestamp (3) without time zone"}, {"name": "ti", "type": "timetz"},
  {"name": "iv", "type": "interval day to second(2)"}, {"name": "bo", "type": "bool"}, {"name": "by", "type": "bytea"}, {"name": "u", "type": "uuid"},
  {"name": "j", "type": "pg_catalog.jsonb"}, {"name": "bt", "type": "bit(8)"}, {"name": "vb", "type": "varbit(5)"}, {"name": "ta", "type": "text[]"},
  {"name": "va", "type": "varchar(7) ARRAY"}, {"name": "m", "type": "kinds.mood"}, {"name": "ma", "type": "kinds.mood[]"}, {"name": "e", "type": "kinds.email"},
  {"name": "ne", "type": "kinds.needed"}, {"name": "p", "type": "kinds.point"}, {"name": "o", "type": "kinds.\"Odd type\""}, {"name": "x", "type": "xml"},
  {"name": "nm", "type": "name"}]}]}');
SELECT column_name, shape, status FROM integratedb.claimed_columns ORDER BY column_name;
-- The caller's settings do not change what is compared or met.
SET quote_all_identifiers = on;
SET search_path = kinds;
ALTER TABLE public.t ALTER i SET DEFAULT 1;
SELECT integratedb.validate_migration();
RESET quote_all_identifiers;
RESET search_path;

-- A declared type stays that type: no widening either. Renaming a user type breaks.
ALTER TABLE public.t ALTER v TYPE varchar(50);
ALTER TABLE public.t ALTER v TYPE text;
ALTER TABLE public.t ALTER n TYPE numeric(12,3);
ALTER TABLE public.t ALTER i TYPE bigint;
ALTER TABLE public.t ALTER ts TYPE timestamp(6);
ALTER TYPE kinds.mood RENAME TO feeling;
ALTER DOMAIN kinds.email SET SCHEMA public;
ALTER TYPE kinds.mood ADD VALUE 'happy';
SELECT count(*) FROM integratedb.unclaim('regress_app');

-- Without a modifier any will do at first, and from then on it may only widen.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [{"name": "v", "type": "varchar"}, {"name": "n", "type": "numeric"}]}]}');
ALTER TABLE public.t ALTER v TYPE varchar(39);
ALTER TABLE public.t ALTER v TYPE text;
ALTER TABLE public.t ALTER v TYPE varchar(41);
ALTER TABLE public.t ALTER v TYPE varchar(40);
SELECT count(*) FROM integratedb.unclaim('regress_app');
ALTER TABLE public.t ALTER v TYPE varchar(40);

-- What is declared must fit: all that does not, at once.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "i", "type": "bigint"}, {"name": "v", "type": "varchar(41)"}, {"name": "tz", "type": "timestamp"},
  {"name": "ta", "type": "text"}, {"name": "e", "type": "text"}, {"name": "m", "type": "text"}, {"name": "n", "type": "numeric(12)"}]}]}');
-- Types that there are not, or that are not schema-qualified: the caller's search_path means nothing.
SET search_path = kinds, public;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "m", "type": "mood"}, {"name": "i", "type": "integr"}, {"name": "s", "type": "kinds.nope"}, {"name": "b", "type": "nowhere.mood"},
  {"name": "v", "type": "varchar(0)"}, {"name": "t", "type": "text(3)"}, {"name": "u", "type": "uuid; DROP TABLE t"},
  {"name": "bo", "type": "setof boolean"}, {"name": "x", "type": "integer) --"}, {"name": "n", "type": "numeric(1001)"}]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "j", "type": ""}, {"name": "p", "type": "public.t.p%TYPE"}, {"name": "i", "type": 23}, {"name": "b", "type": null}]}]}');
RESET search_path;

-- min_length: characters or digits, and unbounded satisfies any.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "v", "min_length": 40}, {"name": "vn", "min_length": 4000}, {"name": "t", "min_length": 1}, {"name": "c", "min_length": 3},
  {"name": "n", "min_length": 12}, {"name": "nn", "min_length": 100}, {"name": "e", "min_length": 10}]}]}');
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY column_name;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "v", "min_length": 41}, {"name": "c", "min_length": 4}, {"name": "n", "min_length": 13}]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "i", "min_length": 1}, {"name": "bo", "min_length": 1}, {"name": "tz", "min_length": 1}, {"name": "ta", "min_length": 1}, {"name": "m", "min_length": 1}]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "v", "min_length": -1}, {"name": "c", "min_length": 1.5}, {"name": "n", "min_length": "3"}, {"name": "t", "min_length": 99999999999999999999}]}]}');

-- is_nullable: false is NOT NULL, by the column's own constraint or its domain's; true is always satisfied.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [
  {"name": "b", "is_nullable": false}, {"name": "ne", "is_nullable": false}, {"name": "i", "is_nullable": true}]}]}');
SELECT column_name, shape FROM integratedb.claimed_columns ORDER BY column_name;
ALTER TABLE public.t ALTER b DROP NOT NULL;
ALTER DOMAIN kinds.needed DROP NOT NULL;
ALTER TABLE public.t ALTER i SET NOT NULL;
ALTER TABLE public.t ALTER i DROP NOT NULL;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [{"name": "i", "is_nullable": false}, {"name": "b", "is_nullable": true}]}]}');
-- One that copes with nulls does not mind when a NOT NULL goes.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [{"name": "b", "is_nullable": true}]}]}');
ALTER TABLE public.t ALTER b DROP NOT NULL;
SELECT integratedb.validate_migration();
\i :end
