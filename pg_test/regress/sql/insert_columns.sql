-- A claimed INSERT breaks when a column that it does not supply becomes, or arrives, NOT NULL without default; and no INSERT or
-- UPDATE can be claimed on a generated column.
\set test 'integratedb_insert_columns'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (id bigserial PRIMARY KEY, name text NOT NULL, note text, number integer NOT NULL DEFAULT 1, net numeric, gross numeric NOT NULL GENERATED ALWAYS AS (coalesce(net, 0) * 1.2) STORED);
SELECT stakeholder FROM integratedb.create_stakeholder('writer');
-- What is lacking when it is claimed.
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.t", "fields": ["note"], "privileges": ["insert"]}]}');
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.t", "fields": ["note", "name", "gross"], "privileges": ["select", "insert"]}]}');
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.t", "fields": ["note", {"name": "gross", "update": true}]}]}');
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.t", "fields": ["id", {"name": "name", "insert": true}, {"name": "gross"}]}]}');
-- Who only reads has no say in it.
SELECT stakeholder FROM integratedb.create_stakeholder('reader');
SELECT count(*) FROM integratedb.claim('reader', 'public.t', '{*}');
-- NOT NULL that becomes, that arrives, a default that goes.
ALTER TABLE public.t ALTER note SET NOT NULL;
ALTER TABLE public.t ALTER net SET NOT NULL;
ALTER TABLE public.t ALTER net SET DEFAULT 0, ALTER net SET NOT NULL;
ALTER TABLE public.t ALTER net DROP DEFAULT;
ALTER TABLE public.t ALTER net SET DEFAULT NULL;
ALTER TABLE public.t ALTER number DROP DEFAULT;
ALTER TABLE public.t ALTER number DROP NOT NULL, ALTER number DROP DEFAULT;
ALTER TABLE public.t ALTER id DROP DEFAULT;
ALTER TABLE public.t ALTER gross DROP EXPRESSION;
ALTER TABLE public.t ADD COLUMN more integer NOT NULL;
ALTER TABLE public.t ADD COLUMN more integer NOT NULL DEFAULT 0;
ALTER TABLE public.t ADD COLUMN more_2 integer;
ALTER TABLE public.t ADD COLUMN more_3 integer NOT NULL GENERATED ALWAYS AS (1) STORED, ADD COLUMN more_4 integer GENERATED ALWAYS AS IDENTITY;
ALTER TABLE public.t ALTER more_4 DROP IDENTITY;
ALTER TABLE public.t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id, more_2);
-- A migration's usual three steps, in one transaction; and a default put there for the while.
BEGIN;
ALTER TABLE public.t ADD COLUMN placed date NOT NULL DEFAULT '2024-01-01';
ALTER TABLE public.t ALTER placed DROP DEFAULT;
COMMIT;
BEGIN;
ALTER TABLE public.t ADD COLUMN placed date NOT NULL DEFAULT '2024-01-01';
ALTER TABLE public.t ALTER placed DROP DEFAULT;
ALTER TABLE public.t ALTER placed SET DEFAULT current_date;
COMMIT;
-- By a domain, of its own or of another column's type.
CREATE DOMAIN public.strict AS integer NOT NULL;
CREATE DOMAIN public.lax AS integer;
ALTER TABLE public.t ADD COLUMN d public.strict;
ALTER TABLE public.t ADD COLUMN d public.lax;
ALTER DOMAIN public.lax SET NOT NULL;
ALTER DOMAIN public.lax SET DEFAULT 1;
ALTER DOMAIN public.lax SET NOT NULL;
ALTER DOMAIN public.lax DROP DEFAULT;
-- A default that goes with what it calls.
CREATE SEQUENCE public.numbers;
CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE public.t ADD COLUMN s bigint NOT NULL DEFAULT nextval('public.numbers'), ADD COLUMN f integer NOT NULL DEFAULT public.f();
DROP SEQUENCE public.numbers CASCADE;
DROP FUNCTION public.f() CASCADE;
-- A claimed column may not become generated, and is supplied for as long as it is claimed.
BEGIN;
ALTER TABLE public.t DROP COLUMN name;
ALTER TABLE public.t ADD COLUMN name text NOT NULL GENERATED ALWAYS AS ('x') STORED;
COMMIT;
ALTER TABLE public.t ALTER s SET DEFAULT 0;
-- The writer can still do what it claimed.
\c - writer
INSERT INTO public.t (name) VALUES ('x') RETURNING id;
\c :test :regress_user :regress_host :regress_port
-- Through partitions: the parent's INSERT, and the partition's own default.
CREATE TABLE public.p (id bigint NOT NULL, name text, note text) PARTITION BY RANGE (id);
CREATE TABLE public.p_1 PARTITION OF public.p FOR VALUES FROM (1) TO (10);
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "public.p", "fields": ["id", "name"], "privileges": ["select", "insert"]}, {"path": "public.p_1", "fields": ["id", "name"], "privileges": ["select", "insert"]}]}');
ALTER TABLE public.p ALTER note SET NOT NULL;
ALTER TABLE public.p_1 ALTER note SET NOT NULL;
ALTER TABLE public.p ADD COLUMN more integer NOT NULL;

-- "*": every column there is is supplied but the generated ones; what arrives later is not.
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.t", "fields": ["*"], "privileges": ["select", "insert"]}]}');
CREATE TABLE public.plain (id bigint, name text NOT NULL);
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.plain", "fields": ["*"], "privileges": ["select", "insert", "update"]}]}');
ALTER TABLE public.plain ADD COLUMN note text NOT NULL;
ALTER TABLE public.plain ADD COLUMN note text, ALTER id SET NOT NULL;
ALTER TABLE public.plain ADD COLUMN twice bigint GENERATED ALWAYS AS (2 * id) STORED;
ALTER TABLE public.plain ADD COLUMN thrice bigint GENERATED ALWAYS AS (3 * id) STORED;
SELECT status, reason FROM integratedb.claims WHERE stakeholder = 'writer';
\c - writer
INSERT INTO public.plain (id, name) VALUES (1, 'x');
UPDATE public.plain SET name = 'y' WHERE id = 1 RETURNING *;
\c :test :regress_user :regress_host :regress_port
-- "*" with except: what is left out is not supplied.
CREATE TABLE public.e (id bigint, name text NOT NULL, secret text NOT NULL);
SELECT * FROM integratedb.claim('writer', '{"match": [{"path": "public.e", "fields": ["*"], "except": ["secret"], "privileges": ["select", "insert"]}]}');
ALTER TABLE public.e ALTER secret DROP NOT NULL;
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "public.e", "fields": ["*"], "except": ["secret"], "privileges": ["select", "insert"]}]}');
ALTER TABLE public.e ALTER secret SET NOT NULL;
ALTER TABLE public.e ALTER secret SET DEFAULT '';
ALTER TABLE public.e ALTER secret SET NOT NULL;
-- In a wildcard, a pending claim, an optional field, and alternatives of which each supplies.
CREATE SCHEMA w;
CREATE TABLE w.a (id bigint);
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "w.*", "fields": ["*"], "privileges": ["select", "insert"]}]}');
ALTER TABLE w.a ADD COLUMN more integer NOT NULL;
CREATE TABLE w.b (id bigint NOT NULL);
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "public.later", "fields": ["id"], "privileges": ["insert"], "pending": true}]}');
CREATE TABLE public.later (id bigint, name text NOT NULL);
SELECT status, reason FROM integratedb.claims WHERE stakeholder = 'writer';
ALTER TABLE public.later ALTER name DROP NOT NULL;
SELECT status, reason FROM integratedb.claims WHERE stakeholder = 'writer';
ALTER TABLE public.later ALTER name SET NOT NULL;
CREATE TABLE public.a (id bigint, old text NOT NULL);
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "public.a", "fields": ["id", {"alternatives": ["old", "new"]}, {"name": "extra", "optional": true}], "privileges": ["insert"]}]}');
ALTER TABLE public.a ADD COLUMN new text NOT NULL, ALTER old DROP NOT NULL, ADD COLUMN extra text NOT NULL;
ALTER TABLE public.a DROP COLUMN old;
ALTER TABLE public.a ADD COLUMN third text NOT NULL;
SELECT integratedb.validate_migration();
\i :end
