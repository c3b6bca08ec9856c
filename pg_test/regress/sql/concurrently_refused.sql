-- DROP INDEX CONCURRENTLY of an index that a claim relies on is refused before it starts: it could not be undone. One that
-- nobody relies on goes; so does any under enforcement = warn, with a WARNING.
\set test 'integratedb_concurrently_refused'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (id bigint, code text, note text);
INSERT INTO public.t SELECT i, i, i FROM generate_series(1, 100) AS i;
CREATE UNIQUE INDEX t_id ON public.t (id);
CREATE INDEX t_code ON public.t (code);
CREATE INDEX t_note ON public.t (note);
CREATE VIEW public.indexes AS SELECT indexrelid::regclass AS index, indisvalid, indisready, indislive FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY indexrelid::regclass::text;
CREATE ROLE regress_owner;
ALTER TABLE public.t OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["*"], "keys": [["id"]], "indexed": [["code"]]}]}');
TABLE public.indexes;
DROP INDEX CONCURRENTLY public.t_id;
\echo :LAST_ERROR_SQLSTATE
DROP INDEX CONCURRENTLY IF EXISTS public.t_code;
-- Nothing has changed: it is as valid as before, and used.
TABLE public.indexes;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM public.t WHERE code = '5';
RESET enable_seqscan;
SELECT status FROM integratedb.claims;
-- As its owner, with a search path, in quotes.
SET SESSION AUTHORIZATION regress_owner;
SET search_path = public, pg_catalog;
DROP INDEX CONCURRENTLY t_id;
RESET search_path;
RESET SESSION AUTHORIZATION;
ALTER INDEX public.t_code RENAME TO "an ""odd"" name";
DROP INDEX CONCURRENTLY public."an ""odd"" name";
ALTER INDEX public."an ""odd"" name" RENAME TO t_code;
-- What is wrong otherwise the server says itself.
DROP INDEX CONCURRENTLY public.no_such;
DROP INDEX CONCURRENTLY IF EXISTS public.no_such;
DROP INDEX CONCURRENTLY public.t;
DROP INDEX CONCURRENTLY public.t_id, public.t_note;
DROP INDEX CONCURRENTLY public.t_note CASCADE;
BEGIN;
DROP INDEX CONCURRENTLY public.t_note;
ROLLBACK;
BEGIN;
DROP INDEX CONCURRENTLY public.t_id;
ROLLBACK;
CREATE ROLE regress_nobody;
SET SESSION AUTHORIZATION regress_nobody;
DROP INDEX CONCURRENTLY public.t_id;
DROP INDEX CONCURRENTLY public.t_note;
RESET SESSION AUTHORIZATION;
TABLE public.indexes;
-- One that nobody relies on, and one beside which there is another.
DROP INDEX CONCURRENTLY public.t_note;
CREATE INDEX CONCURRENTLY t_code_2 ON public.t (code, note);
DROP INDEX CONCURRENTLY public.t_code;
DROP INDEX CONCURRENTLY public.t_code_2;
TABLE public.indexes;
-- REINDEX CONCURRENTLY changes its OID. An index that a failure has left behind is none, and goes.
REINDEX INDEX CONCURRENTLY public.t_code_2;
DROP INDEX CONCURRENTLY public.t_code_2;
UPDATE public.t SET note = '';
CREATE UNIQUE INDEX CONCURRENTLY t_note ON public.t (note);
DROP INDEX CONCURRENTLY public.t_note;
-- Alternatives: another relation meets the claim.
CREATE TABLE public.other (id bigint PRIMARY KEY);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"alternatives": [{"path": "public.t", "fields": ["id"], "keys": [["id"]]}, {"path": "public.other", "fields": ["id"], "keys": [["id"]]}]}]}');
DROP INDEX CONCURRENTLY public.t_id;
SELECT path, status, active_path FROM integratedb.claims;
CREATE UNIQUE INDEX CONCURRENTLY t_id ON public.t (id);
SELECT path, status, active_path FROM integratedb.claims;
-- A claim that is unmet or pending stops nobody.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["id", "later"], "keys": [["id"]], "pending": true}]}');
DROP INDEX CONCURRENTLY public.t_id;
CREATE UNIQUE INDEX t_id ON public.t (id);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.t", "fields": ["id"], "keys": [["id"]]}]}');
-- enforcement = warn: it goes, and the claim is unmet.
SET integratedb.enforcement = warn;
DROP INDEX CONCURRENTLY public.t_id;
RESET integratedb.enforcement;
TABLE public.indexes;
SELECT path, status, reason FROM integratedb.claims;
CREATE UNIQUE INDEX CONCURRENTLY t_id ON public.t (id);
SELECT path, status, reason FROM integratedb.claims;
-- enforcement = off, and caches that are not to be trusted: the next DROP INDEX CONCURRENTLY is refused all the same.
SET integratedb.enforcement = off;
ALTER TABLE public.t ADD COLUMN more text;
RESET integratedb.enforcement;
DROP INDEX CONCURRENTLY public.t_id;
TABLE public.indexes;
SET integratedb.enforcement = off;
DROP INDEX CONCURRENTLY public.t_id;
RESET integratedb.enforcement;
CREATE TABLE public.anything ();
SELECT path, status FROM integratedb.claims;
CREATE UNIQUE INDEX t_id ON public.t (id);
-- Of partitions: the server refuses what it cannot do CONCURRENTLY, where nobody relies on it.
CREATE TABLE public.p (id bigint, placed date) PARTITION BY RANGE (placed);
CREATE TABLE public.p_1 PARTITION OF public.p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX p_id ON public.p (id);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.p", "fields": ["*"], "indexed": [["id"]]}, {"path": "public.p_1", "fields": ["*"], "indexed": [["id"]]}]}');
DROP INDEX CONCURRENTLY public.p_id;
DROP INDEX CONCURRENTLY public.p_1_id_idx;
CREATE INDEX p_placed ON public.p (placed);
DROP INDEX CONCURRENTLY public.p_placed;
-- DETACH PARTITION CONCURRENTLY takes nothing: the partition keeps its index, and the parent its own.
ALTER TABLE public.p DETACH PARTITION public.p_1 CONCURRENTLY;
SELECT path, status FROM integratedb.claims;
DROP INDEX CONCURRENTLY public.p_1_id_idx;
SELECT integratedb.validate_migration();
\i :end
