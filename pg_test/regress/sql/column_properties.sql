-- max_length, collation, generated, has_default: what an application relies on besides a column's type.
\set test 'integratedb_column_properties'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (id bigint GENERATED ALWAYS AS IDENTITY, code varchar(10), flags bit(8), amount numeric(12,2), c char(4),
    name text COLLATE "C", net numeric, gross numeric GENERATED ALWAYS AS (net * 1.2) STORED, placed date DEFAULT current_date, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE VIEW public.shapes AS SELECT column_name, shape, status FROM integratedb.claimed_columns WHERE stakeholder = 'reporter' ORDER BY 1;

-- max_length: characters, bits, digits. Unbounded fits no buffer; a type without length cannot have it.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "code", "max_length": 9}, {"name": "flags", "max_length": 7}, {"name": "amount", "max_length": 11},
    {"name": "c", "max_length": 3}, {"name": "name", "max_length": 1000}, {"name": "placed", "max_length": 10}]}]}');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "code", "max_length": 20, "min_length": 5}, {"name": "flags", "max_length": 8}, {"name": "amount", "max_length": 14},
    {"name": "c", "max_length": 4, "shape": "declared"}]}]}');
SELECT * FROM shapes;
ALTER TABLE public.t ALTER code TYPE varchar(20);
ALTER TABLE public.t ALTER code TYPE varchar(21);
ALTER TABLE public.t ALTER code TYPE varchar;
ALTER TABLE public.t ALTER code TYPE text;
ALTER TABLE public.t ALTER flags TYPE bit(9);
ALTER TABLE public.t ALTER amount TYPE numeric(14,4);
ALTER TABLE public.t ALTER amount TYPE numeric(15,4);
ALTER TABLE public.t ALTER amount TYPE numeric;
ALTER TABLE public.t ALTER c TYPE char(3);
ALTER TABLE public.t ALTER c TYPE char(5);
ALTER TABLE public.t ALTER c TYPE varchar(4);
ALTER TABLE public.t ALTER c TYPE integer USING 1;
-- Through a domain, and a domain over it; of an array no length is known.
CREATE DOMAIN public.code AS varchar(10);
CREATE DOMAIN public.short_code AS public.code;
CREATE TABLE public.d (a public.code, b public.short_code, l varchar(10)[]);
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.d", "fields": [{"name": "a", "max_length": 9}, {"name": "b", "max_length": 9}, {"name": "l", "max_length": 10}]}]}');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.d", "fields": [{"name": "a", "max_length": 10}, {"name": "b", "max_length": 10, "shape": "declared"}]}]}');
ALTER TABLE public.d ALTER b TYPE varchar(11);
BEGIN;
-- A domain of the same name over something longer.
ALTER TABLE public.d ALTER a TYPE varchar(10), ALTER b TYPE varchar(10);
DROP DOMAIN public.code CASCADE;
CREATE DOMAIN public.code AS varchar(11);
ALTER TABLE public.d ALTER a TYPE public.code;
COMMIT;

-- collation: by schema and name, found in pg_catalog where no schema is given. A change of it breaks, whichever DDL it is.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "name", "collation": "POSIX"}, {"name": "note", "collation": "C"}, {"name": "net", "collation": "C"},
    {"name": "code", "collation": "no_such_collation"}, {"name": "c", "collation": "public.no_such"}]}]}');
CREATE COLLATION public.mine (LOCALE = 'C');
CREATE COLLATION public."C" (LOCALE = 'POSIX');
CREATE TABLE public.sorted (a text COLLATE public.mine, b text COLLATE "C", d text);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.sorted", "fields": [{"name": "a", "collation": "public.mine"}, {"name": "b", "collation": "C"}, {"name": "d", "collation": "pg_catalog.default"}]}]}');
SELECT * FROM shapes;
ALTER TABLE public.sorted ALTER a TYPE text;
ALTER TABLE public.sorted ALTER b TYPE text COLLATE public."C";
ALTER TABLE public.sorted ALTER d TYPE text COLLATE "C";
ALTER TABLE public.sorted ALTER b TYPE varchar COLLATE "C";
ALTER COLLATION public.mine RENAME TO yours;
CREATE SCHEMA other;
ALTER COLLATION public.mine SET SCHEMA other;
DROP COLLATION public.mine CASCADE;
ALTER SCHEMA public RENAME TO private;
-- One that nobody claims.
ALTER COLLATION public."C" RENAME TO "D";
-- A collation that comes with a domain.
CREATE DOMAIN public.name AS text COLLATE public.mine;
ALTER TABLE public.sorted ALTER a TYPE public.name;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.sorted", "fields": [{"name": "a", "collation": "public.mine"}]}]}');
ALTER TABLE public.sorted ALTER a TYPE public.name COLLATE "C";

-- generated, and not.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "gross", "generated": false}, {"name": "net", "generated": true}, {"name": "id", "generated": true}]}]}');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "gross", "generated": true}, {"name": "net", "generated": false}]}]}');
SELECT * FROM shapes;
ALTER TABLE public.t ALTER gross DROP EXPRESSION;
BEGIN;
ALTER TABLE public.t DROP COLUMN gross;
ALTER TABLE public.t ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 1.3) STORED;
COMMIT;
BEGIN;
ALTER TABLE public.t DROP COLUMN net CASCADE;
ALTER TABLE public.t ADD COLUMN net numeric GENERATED ALWAYS AS (1) STORED;
ALTER TABLE public.t ADD COLUMN gross numeric GENERATED ALWAYS AS (1) STORED;
COMMIT;

-- has_default, and not: the column's own, an identity's, a domain's. A generated column has none.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "note", "has_default": true}, {"name": "placed", "has_default": false}, {"name": "id", "has_default": false}, {"name": "gross", "has_default": true}]}]}');
CREATE DOMAIN public.yes AS boolean DEFAULT true;
ALTER TABLE public.t ADD COLUMN yes public.yes;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": [{"name": "placed", "has_default": true}, {"name": "id", "has_default": true}, {"name": "yes", "has_default": true},
    {"name": "note", "has_default": false}, {"name": "gross", "has_default": false}]}]}');
SELECT * FROM shapes;
ALTER TABLE public.t ALTER placed DROP DEFAULT;
ALTER TABLE public.t ALTER placed SET DEFAULT NULL;
ALTER TABLE public.t ALTER placed SET DEFAULT '2020-01-01';
ALTER TABLE public.t ALTER id DROP IDENTITY;
ALTER TABLE public.t ALTER id SET GENERATED BY DEFAULT;
ALTER TABLE public.t ALTER id DROP IDENTITY, ALTER id SET DEFAULT 1;
ALTER DOMAIN public.yes DROP DEFAULT;
ALTER TABLE public.t ALTER yes SET DEFAULT false;
ALTER DOMAIN public.yes DROP DEFAULT;
ALTER TABLE public.t ALTER note SET DEFAULT 'x';
-- A default that goes with its sequence or function.
CREATE SEQUENCE public.numbers;
CREATE FUNCTION public.today() RETURNS date LANGUAGE sql AS 'SELECT current_date';
ALTER TABLE public.t ALTER id SET DEFAULT nextval('public.numbers'), ALTER placed SET DEFAULT public.today();
DROP SEQUENCE public.numbers CASCADE;
DROP FUNCTION public.today() CASCADE;
DROP DOMAIN public.yes CASCADE;
\d public.t
-- The default of a view, of a partitioned table and its partitions.
CREATE VIEW public.v AS SELECT * FROM public.t;
CREATE TABLE public.p (id bigint, placed date DEFAULT current_date) PARTITION BY RANGE (placed);
CREATE TABLE public.p_1 PARTITION OF public.p DEFAULT;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.v", "fields": [{"name": "placed", "has_default": true}]}]}');
ALTER VIEW public.v ALTER placed SET DEFAULT '2020-01-01';
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.v", "fields": [{"name": "placed", "has_default": true}]}, {"path": "public.p", "fields": [{"name": "placed", "has_default": true}]},
    {"path": "public.p_1", "fields": [{"name": "placed", "has_default": true}]}]}');
ALTER VIEW public.v ALTER placed DROP DEFAULT;
ALTER TABLE ONLY public.p ALTER placed DROP DEFAULT;
ALTER TABLE public.p_1 ALTER placed DROP DEFAULT;
ALTER TABLE public.p ALTER placed DROP DEFAULT;
SELECT integratedb.validate_migration();
\i :end
