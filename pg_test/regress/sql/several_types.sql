-- More than one acceptable type; what a declared type says of arrays, domains, enums, composites, ranges, extension types, and
-- of length, precision and scale.
\set test 'integratedb_several_types'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set granted :abs_srcdir '/include/granted.sql'
\i :granted
CREATE TABLE public.t (id integer NOT NULL, code varchar(10), amount numeric(12,2), list integer[], other integer);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE VIEW public.shapes AS SELECT column_name, shape, status FROM integratedb.claimed_columns WHERE stakeholder = 'reporter' ORDER BY 1;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [
    {"name": "id", "type": ["integer", "bigint"]}, {"name": "code", "type": ["varchar(10)", "text"]}, {"name": "amount", "type": ["numeric(12,2)", "numeric(14,4)"]},
    {"name": "list", "type": ["integer[]", "int8[]"]}]}]}');
SELECT * FROM shapes;
-- Any of them will do, there and back, and nothing else.
ALTER TABLE public.t ALTER id TYPE bigint;
ALTER TABLE public.t ALTER id TYPE integer;
ALTER TABLE public.t ALTER id TYPE smallint;
ALTER TABLE public.t ALTER id TYPE numeric;
ALTER TABLE public.t ALTER code TYPE text;
ALTER TABLE public.t ALTER code TYPE varchar(10);
ALTER TABLE public.t ALTER code TYPE varchar(20);
ALTER TABLE public.t ALTER amount TYPE numeric(14,4);
ALTER TABLE public.t ALTER amount TYPE numeric(13,3);
ALTER TABLE public.t ALTER amount TYPE numeric;
ALTER TABLE public.t ALTER amount TYPE numeric(12,2);
ALTER TABLE public.t ALTER list TYPE bigint[];
ALTER TABLE public.t ALTER list TYPE bigint USING 1;
ALTER TABLE public.t ALTER list TYPE integer[];
SELECT * FROM shapes;
-- NOT NULL is still tracked.
ALTER TABLE public.t ALTER id TYPE bigint, ALTER id DROP NOT NULL;
-- A precision and scale are checked when it is claimed; so is each type's name.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "amount", "type": "numeric(12,3)"}, {"name": "id", "type": ["text", "smallint"]},
    {"name": "code", "type": ["no_such", "public.no_such", "varchar(0)", "text"]}, {"name": "list", "type": ["integer", "bigint[]"]}]}]}');
-- Without modifiers any will do at first, and may only widen, as for a single type; in another of the types it starts anew.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "code", "type": ["varchar", "text"]}, {"name": "amount", "type": ["numeric", "float8"]}]}]}');
ALTER TABLE public.t ALTER code TYPE varchar(20);
ALTER TABLE public.t ALTER code TYPE varchar(10);
ALTER TABLE public.t ALTER code TYPE text;
ALTER TABLE public.t ALTER amount TYPE double precision;
ALTER TABLE public.t ALTER amount TYPE numeric(5,1);
ALTER TABLE public.t ALTER amount TYPE numeric(4,1);
SELECT * FROM shapes;

-- Types of all sorts.
CREATE EXTENSION citext SCHEMA public;
CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN public.email AS varchar(100);
CREATE DOMAIN public.strict_email AS public.email NOT NULL;
CREATE TYPE public.pair AS (a integer, b text);
CREATE TYPE public.span AS RANGE (subtype = timestamp, multirange_type_name = public.spans);
CREATE TABLE public.s (m public.mood, ms public.mood[], e public.email, es public.strict_email, p public.pair, ps public.pair[], r public.span, mr public.spans, i int4range, c public.citext, ts timestamptz(3), iv interval day to second(3), b bit(8), r2 public.t);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.s", "fields": [
    {"name": "m", "type": ["public.mood", "text"]}, {"name": "ms", "type": ["public.mood[]"]}, {"name": "e", "type": ["public.email", "varchar"]}, {"name": "es", "type": "public.strict_email"},
    {"name": "p", "type": ["public.pair"]}, {"name": "ps", "type": "public.pair[]"}, {"name": "r", "type": ["public.span", "tsrange"]}, {"name": "mr", "type": "public.spans"},
    {"name": "i", "type": ["int8range", "int4range"]}, {"name": "c", "type": ["text", "public.citext"]}, {"name": "ts", "type": ["timestamptz(3)", "timestamptz(6)"]},
    {"name": "iv", "type": "interval day to second(3)"}, {"name": "b", "type": ["bit(8)", "bit varying"]}, {"name": "r2", "type": "public.t"}]}]}');
SELECT * FROM shapes;
ALTER TABLE public.s ALTER m TYPE text;
ALTER TABLE public.s ALTER m TYPE public.mood USING m::public.mood;
ALTER TABLE public.s ALTER m TYPE varchar;
ALTER TABLE public.s ALTER ms TYPE text[];
ALTER TABLE public.s ALTER e TYPE varchar(50);
ALTER TABLE public.s ALTER e TYPE public.strict_email;
ALTER TABLE public.s ALTER e TYPE public.email;
ALTER TABLE public.s ALTER p TYPE text USING '';
ALTER TABLE public.s ALTER r TYPE tsrange USING NULL;
ALTER TABLE public.s ALTER r TYPE int4range USING NULL;
ALTER TABLE public.s ALTER i TYPE int8range USING NULL;
ALTER TABLE public.s ALTER i TYPE int8multirange USING NULL;
ALTER TABLE public.s ALTER c TYPE text;
ALTER TABLE public.s ALTER c TYPE varchar;
ALTER TABLE public.s ALTER ts TYPE timestamptz;
ALTER TABLE public.s ALTER ts TYPE timestamptz(6);
ALTER TABLE public.s ALTER iv TYPE interval(3);
ALTER TABLE public.s ALTER b TYPE bit varying(4) USING b::bit varying(4);
ALTER TABLE public.s ALTER b TYPE bit(7);
-- Their names: one that is renamed or moved is no longer declared, unless another of the types was meant.
ALTER TYPE public.mood RENAME TO moods;
ALTER DOMAIN public.email RENAME TO mail;
CREATE SCHEMA other;
ALTER TYPE public.pair SET SCHEMA other;
ALTER TYPE public.span SET SCHEMA other;
ALTER TYPE public.spans RENAME TO spanner;
ALTER TABLE public.t RENAME TO tt;
ALTER EXTENSION citext SET SCHEMA other;
DROP TYPE public.mood CASCADE;
DROP EXTENSION citext;
SELECT * FROM shapes;
-- To read a column, no privilege on its type is needed.
SELECT * FROM granted('reporter');

-- Two declared types, of which the observed shape is pinned or left alone.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "id", "type": ["integer", "bigint"], "shape": "pinned"}, {"name": "other", "type": ["integer", "bigint"], "shape": "declared"},
    {"name": "code", "type": ["varchar", "text"], "shape": "pinned"}]}]}');
DROP TABLE public.s;
ALTER TABLE public.t ALTER id TYPE integer, ALTER other TYPE bigint, ALTER code TYPE varchar(5);
ALTER TABLE public.t ALTER id TYPE bigint, ALTER other TYPE integer, ALTER code TYPE text;
ALTER TABLE public.t ALTER other TYPE smallint;
ALTER TABLE public.t ALTER id TYPE smallint;
SELECT * FROM shapes;
-- In alternatives: each column with its own types.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"alternatives": [{"name": "id", "type": ["integer", "bigint"]}, {"name": "other", "type": ["text", "integer"]}, {"name": "id", "type": "text"}]}]}]}');
ALTER TABLE public.t DROP COLUMN other;
ALTER TABLE public.t ALTER id TYPE text;
ALTER TABLE public.t ALTER id TYPE varchar;
SELECT * FROM shapes;
SELECT integratedb.validate_migration();
\i :end
