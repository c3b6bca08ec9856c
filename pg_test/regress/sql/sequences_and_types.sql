-- Claimed sequences and types: USAGE granted; dropped, renamed, moved, revoked.
\set test 'integratedb_sequences_and_types'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set granted :abs_srcdir '/include/granted.sql'
\i :granted
CREATE SEQUENCE public.numbers;
CREATE TABLE public.t (id serial, other bigint GENERATED ALWAYS AS IDENTITY);
CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE TYPE public.pair AS (a integer, b text);
CREATE DOMAIN public.email AS text CHECK (value LIKE '%@%');
CREATE TYPE public.span AS RANGE (subtype = integer);
REVOKE USAGE ON TYPE public.mood, public.pair, public.email, public.span FROM PUBLIC;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE VIEW public.state AS SELECT path, kind, status, reason FROM integratedb.claims ORDER BY match_number;
-- What is none, or not there; and what cannot be said of it.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"sequence": "public.no_such"}, {"sequence": "public.t"}, {"type": "public.no_such"}, {"type": "public.numbers"}, {"type": "public.pair", "labels": ["a"]}, {"sequence": "nowhere.x"}, {"type": "public.t"}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"sequence": "public.numbers"}, {"sequence": "public.t_id_seq"}, {"type": "public.mood", "labels": ["sad"]}, {"type": "public.pair"}, {"type": "public.email"}, {"type": "public.span"}, {"path": "public.t", "fields": ["id"]}]}');
SELECT * FROM public.state;
SELECT * FROM granted('reporter');
\c - reporter
SELECT nextval('public.numbers'), nextval('public.t_id_seq');
SELECT setval('public.numbers', 100);
SELECT last_value FROM public.numbers;
CREATE TABLE reporter.own (m public.mood, p public.pair, e public.email, s public.span);
SELECT nextval('public.t_other_seq');
\c :test :regress_user :regress_host :regress_port
DROP TABLE reporter.own;

DROP SEQUENCE public.numbers;
DROP SEQUENCE public.t_id_seq CASCADE;
DROP TABLE public.t;
ALTER TABLE public.t DROP COLUMN id;
ALTER SEQUENCE public.numbers RENAME TO counter;
ALTER TABLE public.numbers RENAME TO counter;
CREATE SCHEMA other;
ALTER SEQUENCE public.numbers SET SCHEMA other;
ALTER TABLE public.t SET SCHEMA other;
ALTER SCHEMA public RENAME TO private;
-- What it does is of no concern.
ALTER SEQUENCE public.numbers INCREMENT 10 RESTART 5 AS integer CYCLE OWNED BY public.t.id;
ALTER SEQUENCE public.numbers OWNED BY NONE;
BEGIN;
DROP SEQUENCE public.numbers;
CREATE SEQUENCE public.numbers;
COMMIT;
-- A table or a view of the name is no sequence.
BEGIN;
DROP SEQUENCE public.numbers;
CREATE VIEW public.numbers AS SELECT 1 AS last_value;
COMMIT;
SELECT * FROM granted('reporter') WHERE object LIKE 'sequence%';
CREATE ROLE regress_owner;
ALTER SEQUENCE public.numbers OWNER TO regress_owner;
SELECT * FROM granted('reporter') WHERE object LIKE 'sequence%';
REVOKE USAGE ON SEQUENCE public.numbers FROM reporter;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM reporter;
REVOKE ALL ON public.numbers FROM reporter;
REASSIGN OWNED BY regress_owner TO :regress_user;
SELECT * FROM granted('reporter') WHERE object LIKE 'sequence%';
ALTER SEQUENCE public.numbers OWNER TO regress_owner;
DROP OWNED BY regress_owner;

DROP TYPE public.mood;
DROP DOMAIN public.email;
DROP TYPE public.span CASCADE;
ALTER TYPE public.pair RENAME TO couple;
ALTER TYPE public.pair SET SCHEMA other;
ALTER DOMAIN public.email SET SCHEMA other;
ALTER DOMAIN public.email RENAME TO mail;
-- What is in it is of no concern but for labels that are named.
ALTER TYPE public.pair ADD ATTRIBUTE c text, DROP ATTRIBUTE a;
ALTER DOMAIN public.email SET DEFAULT 'a@b';
ALTER TYPE public.mood RENAME VALUE 'happy' TO 'glad';
ALTER TYPE public.mood RENAME VALUE 'sad' TO 'glum';
BEGIN;
DROP TYPE public.mood;
CREATE TYPE public.mood AS ENUM ('glum', 'sad');
COMMIT;
BEGIN;
DROP TYPE public.mood;
CREATE TYPE public.mood AS ENUM ('glum');
COMMIT;
SELECT * FROM granted('reporter') WHERE object LIKE 'type%';
-- While PUBLIC has it too, nothing is taken; and the stakeholder has its own again at once.
REVOKE USAGE ON TYPE public.mood FROM reporter;
SELECT * FROM granted('reporter') WHERE object = 'type public.mood';
REVOKE USAGE ON TYPE public.mood FROM PUBLIC;
REVOKE USAGE ON TYPE public.email FROM PUBLIC, reporter;
REVOKE ALL ON DOMAIN public.email FROM reporter;
ALTER TYPE public.mood OWNER TO regress_owner;
SELECT * FROM granted('reporter') WHERE object LIKE 'type%';
ALTER TYPE public.mood OWNER TO :regress_user;
-- A sequence moves with the table that owns it.
SELECT integratedb.validate_migration();
SELECT * FROM integratedb.unclaim('reporter', 'public.t');
BEGIN;
ALTER TABLE public.t SET SCHEMA other;
ALTER TABLE other.t SET SCHEMA public;
COMMIT;
ALTER TABLE public.t SET SCHEMA other;
SELECT * FROM integratedb.unclaim('reporter', 'public.numbers');
SELECT * FROM integratedb.unclaim('reporter', 'public.mood');
DROP TYPE public.mood;
DROP SEQUENCE public.numbers;
SELECT * FROM public.state;
SELECT * FROM integratedb.unclaim('reporter');
SELECT * FROM granted('reporter');
-- optional, and warn.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"sequence": "public.later", "optional": true}, {"type": "public.later", "optional": true}, {"sequence": "public.t_id_seq"}, {"type": "public.pair"}]}');
CREATE SEQUENCE public.later;
CREATE TYPE public.later AS ENUM ();
SELECT path, kind, status FROM public.state;
DROP SEQUENCE public.later;
SELECT * FROM granted('reporter');
DROP TYPE public.later;
SET integratedb.enforcement = warn;
DROP TABLE public.t;
DROP TYPE public.pair;
RESET integratedb.enforcement;
SELECT * FROM public.state;
SELECT path, rule, expected, actual FROM integratedb.unmet_claims();
CREATE SEQUENCE public.t_id_seq;
CREATE TABLE public.pair (a integer);
SELECT * FROM public.state;
SELECT * FROM granted('reporter');
\i :end
