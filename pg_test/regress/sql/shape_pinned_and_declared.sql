-- How closely what is not declared must stay as it was seen: tracked (taken again after each accepted migration), pinned (as it
-- was when claimed), declared (only what the document says). The nearest "shape" wins.
\set test 'integratedb_shape_pinned_and_declared'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (tracked varchar(40), pinned varchar(40), declared varchar(40));
CREATE TABLE public.n (tracked numeric(12,2) NOT NULL, pinned numeric(12,2) NOT NULL, declared numeric(12,2) NOT NULL);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE VIEW public.shapes AS SELECT path, column_name, shape, status FROM integratedb.claimed_columns WHERE stakeholder = 'reporter' ORDER BY claim_id, path, column_name;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [
    {"path": "public.t", "fields": ["tracked", {"name": "pinned", "shape": "pinned"}, {"name": "declared", "shape": "declared"}]},
    {"path": "public.n", "fields": ["tracked", {"name": "pinned", "shape": "pinned"}, {"name": "declared", "shape": "declared"}]}]}');
SELECT * FROM shapes;
-- An accepted widening is what counts from then on where the shape is tracked, and nowhere else: its down-migration passes.
ALTER TABLE public.t ALTER tracked TYPE varchar(80), ALTER pinned TYPE varchar(80), ALTER declared TYPE varchar(80);
SELECT * FROM shapes WHERE path = 'public.t';
ALTER TABLE public.t ALTER tracked TYPE varchar(40);
ALTER TABLE public.t ALTER pinned TYPE varchar(40);
ALTER TABLE public.t ALTER declared TYPE varchar(40);
-- Below what was there when it was claimed.
ALTER TABLE public.t ALTER pinned TYPE varchar(39);
ALTER TABLE public.t ALTER declared TYPE varchar(39);
-- Widened again and again, in one transaction, and back.
ALTER TABLE public.t ALTER pinned TYPE text;
BEGIN;
ALTER TABLE public.t ALTER pinned TYPE varchar(50);
ALTER TABLE public.t ALTER pinned TYPE varchar(40);
COMMIT;
-- Another type: of no concern to who declared none.
ALTER TABLE public.t ALTER declared TYPE integer USING 1;
ALTER TABLE public.t ALTER pinned TYPE integer USING 1;
SELECT * FROM shapes WHERE path = 'public.t';
-- But the column must be there.
ALTER TABLE public.t DROP COLUMN declared;
ALTER TABLE public.t RENAME COLUMN declared TO other;

-- NOT NULL and numbers.
ALTER TABLE public.n ALTER tracked TYPE numeric(14,2), ALTER pinned TYPE numeric(14,2), ALTER declared TYPE numeric(14,2);
ALTER TABLE public.n ALTER tracked TYPE numeric(12,2);
ALTER TABLE public.n ALTER pinned TYPE numeric(12,2), ALTER declared TYPE numeric(2,1);
ALTER TABLE public.n ALTER tracked DROP NOT NULL;
ALTER TABLE public.n ALTER pinned DROP NOT NULL;
ALTER TABLE public.n ALTER declared DROP NOT NULL;
SELECT * FROM shapes WHERE path = 'public.n';
-- NOT NULL that came after the claim: tracked keeps it, pinned does not.
ALTER TABLE public.t ALTER tracked SET NOT NULL, ALTER pinned SET NOT NULL;
ALTER TABLE public.t ALTER tracked DROP NOT NULL;
ALTER TABLE public.t ALTER pinned DROP NOT NULL;
-- sync() takes what is tracked as it is today; what is pinned stays pinned where its claim was made.
ALTER TABLE public.t ALTER tracked TYPE varchar(90), ALTER pinned TYPE varchar(90);
ALTER TABLE public.n ALTER pinned TYPE numeric(16,2);
SELECT integratedb.sync();
SELECT * FROM shapes;
ALTER TABLE public.t ALTER pinned TYPE varchar(40);
ALTER TABLE public.t ALTER pinned TYPE varchar(39);
-- Nor does a claim on something else take it anew.
ALTER TABLE public.t ALTER pinned TYPE varchar(50);
CREATE TABLE public.other ();
SELECT count(*) FROM integratedb.claim('reporter', 'public.other', '{}');
ALTER TABLE public.t ALTER pinned TYPE varchar(40);
-- Claimed again, it is pinned anew.
ALTER TABLE public.n ALTER pinned TYPE numeric(20,2);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.n", "shape": "pinned", "fields": ["pinned"]}]}');
SELECT * FROM shapes;
ALTER TABLE public.n ALTER pinned TYPE numeric(19,2);

-- On document, match, field, alternative: the nearest wins. A declared property holds whatever the shape.
SELECT count(*) FROM integratedb.claim('reporter', '{"shape": "declared", "match": [
    {"path": "public.t", "fields": ["declared", {"name": "tracked", "shape": "tracked"}, {"name": "pinned", "type": "varchar", "is_nullable": true}]},
    {"path": "public.n", "shape": "pinned", "fields": ["pinned", {"name": "tracked", "shape": "tracked"},
        {"shape": "declared", "alternatives": ["declared", {"name": "gone", "shape": "pinned"}]}]}]}');
SELECT * FROM shapes;
ALTER TABLE public.t ALTER declared TYPE text;
ALTER TABLE public.t ALTER tracked TYPE integer USING 1;
ALTER TABLE public.t ALTER pinned TYPE varchar(10);
ALTER TABLE public.t ALTER pinned TYPE text;
ALTER TABLE public.n ALTER declared TYPE integer;
ALTER TABLE public.n ADD COLUMN gone varchar(40);
ALTER TABLE public.n DROP COLUMN declared;
ALTER TABLE public.n ALTER gone TYPE varchar(39);
SELECT * FROM shapes WHERE path = 'public.n';

-- Every column: those of the future are taken as they come.
CREATE SCHEMA s;
CREATE TABLE s.a (x varchar(40) NOT NULL);
CREATE TABLE s.b (x varchar(40) NOT NULL);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "s.a", "fields": ["*"], "shape": "pinned"}, {"path": "s.b", "fields": ["*"], "shape": "declared"}]}');
ALTER TABLE s.a ALTER x TYPE varchar(80), ADD COLUMN y varchar(10);
ALTER TABLE s.a ALTER y TYPE varchar(20);
ALTER TABLE s.a ALTER x TYPE varchar(40), ALTER y TYPE varchar(10);
ALTER TABLE s.a ALTER y TYPE varchar(9);
ALTER TABLE s.b ALTER x TYPE integer USING 1, ALTER x DROP NOT NULL;
ALTER TABLE s.b DROP COLUMN x;
SELECT * FROM shapes;
-- The relations that a wildcard path takes in, too.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "s.*", "fields": ["*"], "shape": "pinned"}]}');
CREATE TABLE s.c (z varchar(40));
ALTER TABLE s.c ALTER z TYPE text;
ALTER TABLE s.c ALTER z TYPE varchar(40);
ALTER TABLE s.c ALTER z TYPE varchar(39);
SELECT * FROM shapes;
\i :end
