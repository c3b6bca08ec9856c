-- Keys and indexes that an application relies on, and every DDL that takes one away.
\set test 'integratedb_keys_and_indexes'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (id bigint PRIMARY KEY, tenant integer, number integer, code text, email text, note text, CONSTRAINT t_number UNIQUE (tenant, number));
CREATE INDEX t_code ON public.t (code, note);
CREATE UNIQUE INDEX t_lower ON public.t (lower(email));
CREATE UNIQUE INDEX t_partial ON public.t (email) WHERE note IS NOT NULL;
CREATE INDEX t_hash ON public.t USING hash (email);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
-- What is no key, and no index led by the columns: not all, too many, another order, an expression, a part of the rows, a column that is only included.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["*"],
    "keys": [["tenant"], ["id", "tenant"], ["email"], ["code"]], "indexed": [["note"], ["note", "code"], ["number"], ["code", "note", "id"]]}]}');
-- Keys in any order of their columns, indexes by the first columns.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["id", "tenant", "number", "code", "email"],
    "keys": [["id"], ["number", "tenant"]], "indexed": [["code"], ["tenant"], ["id"], ["email"]]}]}');
SELECT path, status FROM integratedb.claims;
-- What nobody claims goes.
DROP INDEX public.t_partial;
DROP INDEX public.t_lower;
ALTER TABLE public.t ALTER note TYPE varchar;
-- DROP INDEX, DROP CONSTRAINT.
DROP INDEX public.t_code;
DROP INDEX IF EXISTS public.no_such, t_code, public.t_hash CASCADE;
ALTER TABLE public.t DROP CONSTRAINT t_number;
ALTER TABLE public.t DROP CONSTRAINT t_pkey CASCADE;
SET search_path = pg_catalog, public;
DROP INDEX t_code;
RESET search_path;
-- With the column; under a column that is not claimed.
ALTER TABLE public.t DROP COLUMN note;
ALTER TABLE public.t DROP COLUMN code;
-- Another one in its place, first or last, in one transaction: not a break.
CREATE INDEX t_code_2 ON public.t (code);
DROP INDEX public.t_code;
BEGIN;
DROP INDEX public.t_code_2;
CREATE INDEX t_code_3 ON public.t (code) INCLUDE (note);
COMMIT;
BEGIN;
ALTER TABLE public.t DROP CONSTRAINT t_number;
CREATE UNIQUE INDEX t_number_2 ON public.t (number, tenant) INCLUDE (note);
CREATE INDEX t_tenant ON public.t (tenant);
COMMIT;
BEGIN;
ALTER TABLE public.t DROP CONSTRAINT t_pkey;
ALTER TABLE public.t ADD PRIMARY KEY (id);
COMMIT;
-- One that is not as good.
BEGIN;
DROP INDEX public.t_code_3;
CREATE INDEX t_code_4 ON public.t (note, code);
CREATE INDEX t_code_5 ON public.t (code) WHERE note IS NULL;
CREATE INDEX t_code_6 ON public.t (lower(code));
COMMIT;
BEGIN;
DROP INDEX public.t_number_2;
CREATE INDEX t_number_3 ON public.t (number, tenant);
CREATE UNIQUE INDEX t_number_4 ON public.t (number) INCLUDE (tenant);
COMMIT;
-- A subtransaction that is rolled back has broken nothing.
BEGIN;
SAVEPOINT a;
DROP INDEX public.t_code_3;
ROLLBACK TO a;
COMMIT;
-- ALTER TYPE makes the indexes on the column anew; USING an index gives a constraint its index, and takes it along.
ALTER TABLE public.t ALTER code TYPE varchar;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["id", "tenant", "number", {"name": "code", "shape": "declared"}, {"name": "email", "shape": "declared"}],
    "keys": [["id"], ["number", "tenant"]], "indexed": [["code"], ["tenant"], ["email"]]}]}');
ALTER TABLE public.t ALTER code TYPE varchar(10);
CREATE UNIQUE INDEX t_number_5 ON public.t (tenant, number);
ALTER TABLE public.t ADD CONSTRAINT t_number_c UNIQUE USING INDEX t_number_5;
DROP INDEX public.t_number_2, public.t_tenant;
ALTER TABLE public.t DROP CONSTRAINT t_number_c;
-- A type that the index cannot be made on.
ALTER TABLE public.t ALTER email TYPE json USING NULL;
-- Renamed, moved, rebuilt: an index is no name and no OID.
ALTER INDEX public.t_code_3 RENAME TO renamed;
ALTER TABLE public.t RENAME CONSTRAINT t_pkey TO renamed_pkey;
REINDEX INDEX public.renamed;
REINDEX TABLE public.t;
REINDEX INDEX CONCURRENTLY public.renamed;
REINDEX TABLE CONCURRENTLY public.t;
DROP INDEX public.renamed;
ALTER TABLE public.t DROP CONSTRAINT renamed_pkey;
CLUSTER public.t USING renamed;
VACUUM FULL public.t;
DROP INDEX public.renamed;
SELECT integratedb.validate_migration();

-- Renamed columns: of a key they are claimed fields. With '*' every column is.
ALTER TABLE public.t RENAME COLUMN tenant TO tenant_id;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["*"], "except": ["note"], "keys": [["tenant", "number"]], "indexed": [["code"]]}]}');
ALTER TABLE public.t RENAME COLUMN tenant TO tenant_id;
DROP INDEX public.renamed;
ALTER TABLE public.t DROP CONSTRAINT t_number_c;

-- An operator class, a function, an extension, a type that takes an index with it.
CREATE FUNCTION public.compare(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE OPERATOR CLASS public.backwards FOR TYPE integer USING btree AS OPERATOR 1 > , OPERATOR 2 >= , OPERATOR 3 = , OPERATOR 4 <= , OPERATOR 5 < , FUNCTION 1 public.compare(integer, integer);
CREATE TABLE public.o (a integer, b integer, c integer);
CREATE UNIQUE INDEX o_a ON public.o (a public.backwards);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.o", "fields": ["*"], "keys": [["a"]]}]}');
DROP OPERATOR CLASS public.backwards USING btree;
DROP OPERATOR CLASS public.backwards USING btree CASCADE;
DROP OPERATOR FAMILY public.backwards USING btree CASCADE;
DROP FUNCTION public.compare(integer, integer) CASCADE;
BEGIN;
DROP OPERATOR CLASS public.backwards USING btree CASCADE;
CREATE UNIQUE INDEX o_a ON public.o (a);
COMMIT;
DROP OPERATOR CLASS IF EXISTS public.backwards USING btree CASCADE;
CREATE FUNCTION public.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE INDEX o_b ON public.o (b, public.twice(c));
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.o", "fields": ["*"], "keys": [["a"]], "indexed": [["b"]]}]}');
DROP FUNCTION public.twice(integer) CASCADE;
CREATE SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE TABLE public.e (word text, span int4range, n integer);
CREATE INDEX e_word ON public.e USING gin (word ext.gin_trgm_ops);
CREATE INDEX e_n ON public.e USING gist (n);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.e", "fields": ["word", "n"], "indexed": [["word"], ["n"]]}]}');
DROP EXTENSION pg_trgm;
DROP EXTENSION pg_trgm CASCADE;
DROP EXTENSION btree_gist CASCADE;
DROP SCHEMA ext CASCADE;
SET client_min_messages = warning;
CREATE ROLE regress_owner;
CREATE SCHEMA theirs AUTHORIZATION regress_owner;
CREATE FUNCTION theirs.f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
ALTER FUNCTION theirs.f(integer) OWNER TO regress_owner;
DROP INDEX public.o_b;
CREATE INDEX o_b_2 ON public.o (b, theirs.f(c));
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.o", "fields": ["*"], "indexed": [["b"]]}]}');
DROP OWNED BY regress_owner CASCADE;
RESET client_min_messages;

-- Partitioned: the index of the whole, of the partitions, and those that hang together.
CREATE TABLE public.p (id bigint, placed date, code text) PARTITION BY RANGE (placed);
CREATE TABLE public.p_1 PARTITION OF public.p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE public.p_2 PARTITION OF public.p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX p_code ON public.p (code);
ALTER TABLE public.p ADD PRIMARY KEY (id, placed);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.p", "fields": ["id", "placed", "code"], "keys": [["id", "placed"]], "indexed": [["code"]]},
    {"path": "public.p_1", "fields": ["id", "placed", "code"], "keys": [["id", "placed"]], "indexed": [["code"]]}]}');
DROP INDEX public.p_code;
DROP INDEX public.p_1_code_idx;
ALTER TABLE public.p DROP CONSTRAINT p_pkey;
-- Of ONLY the parent the index is not valid until every partition has one.
CREATE INDEX p_code_2 ON ONLY public.p (code);
BEGIN;
DROP INDEX public.p_code;
CREATE INDEX p_1_code_2 ON public.p_1 (code);
COMMIT;
BEGIN;
DROP INDEX public.p_code;
CREATE INDEX p_1_code_2 ON public.p_1 (code);
CREATE INDEX p_2_code_2 ON public.p_2 (code);
ALTER INDEX public.p_code_2 ATTACH PARTITION public.p_1_code_2;
ALTER INDEX public.p_code_2 ATTACH PARTITION public.p_2_code_2;
COMMIT;
SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'public.p'::regclass ORDER BY 1;
DROP INDEX public.p_code_2;
-- A new partition brings its own, and goes with it.
CREATE TABLE public.p_3 (id bigint NOT NULL, placed date NOT NULL, code text);
ALTER TABLE public.p ATTACH PARTITION public.p_3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE public.p DETACH PARTITION public.p_1;
DROP INDEX public.p_1_code_2;
ALTER TABLE public.p_1 DROP CONSTRAINT p_1_pkey;
CREATE TABLE public.p_4 PARTITION OF public.p FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
DROP TABLE public.p_2, public.p_4;

-- A failed CREATE INDEX CONCURRENTLY leaves an index that is not valid: it is none.
CREATE TABLE public.i (a integer, b integer);
INSERT INTO public.i VALUES (1, 1), (1, 1);
CREATE UNIQUE INDEX CONCURRENTLY i_a ON public.i (a);
SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.i_a'::regclass;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.i", "fields": ["*"], "keys": [["a"]], "indexed": [["a"]]}]}');
-- REINDEX makes it valid, and fires no event trigger: what it mends is seen at the next DDL that touches the table.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.i", "fields": ["*"], "keys": [["a"]], "pending": true}]}');
DELETE FROM public.i;
REINDEX INDEX public.i_a;
SELECT path, status FROM integratedb.claims;
ALTER TABLE public.i ADD COLUMN c integer;
SELECT path, status FROM integratedb.claims;
DROP INDEX public.i_a;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.i", "fields": ["*"]}]}');
DROP INDEX public.i_a;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.i", "fields": ["*"], "keys": [["a"]], "pending": true}]}');
CREATE UNIQUE INDEX CONCURRENTLY i_a_2 ON public.i (a);
SELECT path, status FROM integratedb.claims;
DROP INDEX public.i_a_2;
-- Materialized views have indexes, views and foreign tables none.
CREATE MATERIALIZED VIEW public.m AS SELECT * FROM public.i;
CREATE UNIQUE INDEX m_a ON public.m (a);
CREATE VIEW public.v AS SELECT * FROM public.i;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.v", "fields": ["*"], "keys": [["a"]]}, {"path": "public.m", "fields": ["*"], "keys": [["a"]]}]}');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.m", "fields": ["*"], "keys": [["a"]]}]}');
DROP INDEX public.m_a;
-- An exclusion constraint is no key, though it excludes the same.
CREATE TABLE public.x (a integer, EXCLUDE (a WITH =));
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.x", "fields": ["*"], "keys": [["a"]]}]}');

-- enforcement = warn: the claim becomes unmet, says why, and is met again when the index is back.
SET integratedb.enforcement = warn;
DROP INDEX public.m_a;
RESET integratedb.enforcement;
SELECT path, status, reason FROM integratedb.claims;
SELECT path, column_name, rule, expected, actual FROM integratedb.unmet_claims();
CREATE UNIQUE INDEX m_a ON public.m (a);
SELECT path, status, reason FROM integratedb.claims;
-- enforcement = off: the next DDL finds out.
SET integratedb.enforcement = off;
DROP INDEX public.m_a;
RESET integratedb.enforcement;
CREATE TABLE public.anything ();
SELECT path, status, reason FROM integratedb.claims;
\i :end
