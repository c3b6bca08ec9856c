-- Labels of an enum that an application knows: they must exist; others may come. A rename of a claimed one breaks.
\set test 'integratedb_enum_labels'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TYPE public.state AS ENUM ('new', 'paid', 'refunded', 'it''s "odd"');
CREATE TABLE public.orders (id bigint PRIMARY KEY, state public.state, states public.state[], note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"name": "state", "labels": ["paid", "lost", "Paid", "refunded"]}, {"name": "note", "labels": ["paid"]}, {"name": "id", "labels": []}]}]}');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", {"name": "state", "labels": ["refunded", "paid", "it''s \"odd\""]}]}]}');
SELECT column_name, shape FROM integratedb.claimed_columns;
-- Others may come and be renamed.
ALTER TYPE public.state ADD VALUE 'sent' BEFORE 'paid';
ALTER TYPE public.state RENAME VALUE 'new' TO 'fresh';
-- A claimed one not.
ALTER TYPE public.state RENAME VALUE 'paid' TO 'settled';
ALTER TYPE public.state RENAME VALUE 'it''s "odd"' TO 'even';
BEGIN;
ALTER TYPE public.state RENAME VALUE 'paid' TO 'settled';
ALTER TYPE public.state RENAME VALUE 'fresh' TO 'paid';
COMMIT;
-- That passed: there is a label 'paid'. A new one of the name takes the place as well.
ALTER TYPE public.state RENAME VALUE 'paid' TO 'gone';
BEGIN;
ALTER TYPE public.state RENAME VALUE 'paid' TO 'gone';
ALTER TYPE public.state ADD VALUE 'paid';
COMMIT;
SELECT enum_range(NULL::public.state);
-- An enum has no DROP VALUE: one makes it anew.
BEGIN;
CREATE TYPE public.state_2 AS ENUM ('paid', 'refunded');
ALTER TABLE public.orders ALTER state TYPE public.state_2 USING NULL, DROP COLUMN states;
DROP TYPE public.state;
ALTER TYPE public.state_2 RENAME TO state;
COMMIT;
BEGIN;
CREATE TYPE public.state_2 AS ENUM ('it''s "odd"', 'refunded', 'paid');
ALTER TABLE public.orders ALTER state TYPE public.state_2 USING NULL, DROP COLUMN states;
DROP TYPE public.state;
ALTER TYPE public.state_2 RENAME TO state;
COMMIT;
SELECT enum_range(NULL::public.state);
-- Labels of whatever enum the column has: with a declared shape no type is observed.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"name": "state", "labels": ["paid"], "shape": "declared"}]}]}');
CREATE TYPE public.other AS ENUM ('paid');
ALTER TABLE public.orders ALTER state TYPE public.other USING NULL;
ALTER TYPE public.other RENAME VALUE 'paid' TO 'x';
ALTER TABLE public.orders ALTER state TYPE text;
CREATE DOMAIN public.some AS public.other;
ALTER TABLE public.orders ALTER state TYPE public.some;
ALTER TYPE public.other RENAME VALUE 'paid' TO 'x';
-- A domain over an enum has its labels, and so has an array of it.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"name": "state", "labels": ["paid", "no"]}]}]}');
ALTER TABLE public.orders ADD COLUMN states public.other[];
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": [{"name": "states", "labels": ["paid"]}]}]}');
ALTER TYPE public.other RENAME VALUE 'paid' TO 'x';
-- A view's column.
CREATE VIEW public.v AS SELECT id, state::public.other AS state FROM public.orders;
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.v", "fields": [{"name": "state", "labels": ["paid"]}]}]}');
ALTER TYPE public.other RENAME VALUE 'paid' TO 'x';
-- In alternatives: the old label or the new one.
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.v", "fields": [{"alternatives": [{"name": "state", "labels": ["paid"]}, {"name": "state", "labels": ["settled"]}]}]}]}');
ALTER TYPE public.other RENAME VALUE 'paid' TO 'x';
ALTER TYPE public.other RENAME VALUE 'paid' TO 'settled';
ALTER TYPE public.other RENAME VALUE 'settled' TO 'x';

-- Of a claimed type, a domain over an enum as well.
CREATE DOMAIN public.plain AS text;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"type": "public.other", "labels": ["settled", "paid"]}, {"type": "public.state", "labels": ["settled"]}, {"type": "public.v", "labels": ["x"]}, {"type": "public.plain", "labels": ["settled"]}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"type": "public.some", "labels": ["settled"]}]}');
ALTER TYPE public.other RENAME VALUE 'settled' TO 'x';
SELECT * FROM integratedb.claim('reporter', '{"match": [{"type": "public.other", "labels": ["settled"]}]}');
ALTER TYPE public.other ADD VALUE 'paid';
ALTER TYPE public.other RENAME VALUE 'settled' TO 'x';
ALTER TYPE public.other RENAME TO another;
ALTER TYPE public.other RENAME VALUE 'paid' TO 'x';
SELECT integratedb.validate_migration();
-- The whole story under enforcement = warn: unmet, said so, and met again by itself.
SET integratedb.enforcement = warn;
ALTER TYPE public.other RENAME VALUE 'settled' TO 'y';
RESET integratedb.enforcement;
SELECT path, status, reason FROM integratedb.claims;
SELECT path, rule, expected, actual FROM integratedb.unmet_claims();
ALTER TYPE public.other RENAME VALUE 'y' TO 'settled';
SELECT path, status, reason FROM integratedb.claims;
\i :end
