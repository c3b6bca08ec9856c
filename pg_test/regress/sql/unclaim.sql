-- unclaim removes one match, or all, revokes what nothing else needs, and leaves no trace.
\set test 'integratedb_unclaim'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.a (id bigint PRIMARY KEY, x text);
CREATE TABLE public.b (id bigint PRIMARY KEY, x text);
CREATE SCHEMA s;
CREATE TABLE s.c (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", "x"]}, {"path": "public.b", "fields": ["*"]}, {"path": "s.*", "fields": ["*"]},
    {"alternatives": [{"path": "public.a", "fields": ["id"]}, {"path": "public.z", "fields": ["id"]}]}]}');
SELECT * FROM integratedb.unclaim('regress_app', 'public.b');
SELECT path, match_number FROM integratedb.claims ORDER BY claim_id;
-- What another match of the stakeholder needs stays granted.
SELECT * FROM integratedb.unclaim('regress_app', 'public.a');
SELECT path, match_number FROM integratedb.claims ORDER BY claim_id;
-- Any spelling of the path.
SELECT * FROM integratedb.unclaim('regress_app', '"s".*');
SELECT integratedb.claim_document('regress_app');
-- Not a match: a relation of a wildcard, something else.
SELECT count(*) FROM integratedb.claim('regress_app', 's.*', '{*}');
SELECT * FROM integratedb.unclaim('regress_app', 's.c');
SELECT * FROM integratedb.unclaim('regress_app', 'public.nope');
SELECT * FROM integratedb.unclaim('regress_app', 'nonsense');
-- A match with alternatives goes by the path of any of them.
SELECT * FROM integratedb.unclaim('regress_app', 'public.z');
-- All.
SELECT * FROM integratedb.unclaim('regress_app');
SELECT * FROM integratedb.unclaim('regress_app');
SELECT * FROM integratedb.unclaim('regress_app', 'public.a');
SELECT integratedb.claim_document('regress_app');
SELECT (SELECT count(*) FROM integratedb.claim) AS claims, (SELECT count(*) FROM integratedb.claimed_relation) AS relations,
       (SELECT count(*) FROM integratedb.claimed_relation_cache) AS cached, (SELECT count(*) FROM integratedb.granted_privilege) AS ledger,
       (SELECT count(*) FROM integratedb.granted_privilege_cache) AS cached_ledger;
-- What is claimed no more is free, also within the transaction that unclaims it.
SELECT count(*) FROM integratedb.claim('regress_app', 'public.a', '{x}');
BEGIN;
ALTER TABLE public.a DROP COLUMN x;
SELECT action, column_name FROM integratedb.unclaim('regress_app', 'public.a');
COMMIT;
SELECT count(*) FROM integratedb.claim('regress_app', 'public.a', '{id}');
-- A column that was renamed away in a transaction that mends the claim is not left readable.
BEGIN;
ALTER TABLE public.a RENAME COLUMN id TO old_id;
ALTER TABLE public.a ADD COLUMN id bigint NOT NULL DEFAULT 0;
COMMIT;
SELECT attname FROM pg_attribute WHERE attrelid = 'public.a'::regclass AND NOT attisdropped AND attacl::text LIKE '%regress_app=r%' ORDER BY 1;
SELECT * FROM integratedb.unclaim('regress_app');
SELECT attname FROM pg_attribute WHERE attrelid = 'public.a'::regclass AND NOT attisdropped AND attacl::text LIKE '%regress_app=r%' ORDER BY 1;
-- A claim that is unmet can be given up.
SELECT count(*) FROM integratedb.claim('regress_app', 'public.b', '{x}');
SET integratedb.enforcement = 'off';
DROP TABLE public.b;
RESET integratedb.enforcement;
SELECT * FROM integratedb.unclaim('regress_app', 'public.b');
SELECT count(*) FROM integratedb.claims;
SELECT count(*) FROM integratedb.granted_privilege;
SELECT * FROM integratedb.drop_stakeholder('regress_app');
\i :end
