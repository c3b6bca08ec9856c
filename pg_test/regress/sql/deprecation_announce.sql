-- deprecate and undeprecate: what can be announced, by whom, with which drop date; who claims it is told.
\set test 'integratedb_deprecation_announce'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE ROLE regress_heir IN ROLE regress_owner;
CREATE ROLE regress_kin NOINHERIT IN ROLE regress_owner;
CREATE ROLE regress_other;
CREATE SCHEMA shop AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA shop TO regress_other;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, total numeric, note text, "*" text, "a ""b" text);
CREATE VIEW shop.paid AS SELECT id, note FROM shop.orders;
CREATE SEQUENCE shop.numbers;
CREATE TEMPORARY TABLE scratch (id bigint);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.orders', '{id,note}');

-- Who: owners, whoever has their privileges, and superusers.
SET SESSION AUTHORIZATION regress_other;
SELECT * FROM integratedb.deprecate('shop.orders', '{note}');
SELECT integratedb.undeprecate('shop.orders', '{note}');
SET SESSION AUTHORIZATION regress_app;
SELECT * FROM integratedb.deprecate('shop.orders', '{note}');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_kin;
SELECT * FROM integratedb.deprecate('shop.orders', '{note}');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_heir;
SELECT * FROM integratedb.deprecate('shop.orders', '{note}', reason => 'nobody writes it');
RESET SESSION AUTHORIZATION;
SELECT path, column_name, reason, announced_by FROM integratedb.deprecations;
SET SESSION AUTHORIZATION regress_owner;
SELECT integratedb.undeprecate('shop.orders', '{note}');
SELECT integratedb.undeprecate('shop.orders', '{note}');
SELECT integratedb.undeprecate('shop.orders');
SELECT * FROM integratedb.deprecations;

-- What: relations that can be claimed, and their columns; names as in a document.
SELECT * FROM integratedb.deprecate(NULL);
SELECT * FROM integratedb.deprecate('shop.orders', '{note,NULL}');
SELECT * FROM integratedb.deprecate('orders');
SELECT * FROM integratedb.deprecate('shop.*');
SELECT * FROM integratedb.deprecate('shop.order');
SELECT * FROM integratedb.deprecate('nowhere.orders');
SELECT * FROM integratedb.deprecate('shop.numbers');
SELECT format('%s.scratch', relnamespace::regnamespace) AS scratch FROM pg_class WHERE relname = 'scratch' \gset
\set VERBOSITY sqlstate
SELECT * FROM integratedb.deprecate(:'scratch');
\set VERBOSITY default
SELECT * FROM integratedb.deprecate('shop.orders', '{}');
SELECT * FROM integratedb.deprecate('shop.orders', '{noted}');
SELECT * FROM integratedb.deprecate('shop.orders', '{*}');
SELECT * FROM integratedb.deprecate('shop.orders', '{ctid}');
SELECT * FROM integratedb.deprecate('shop.orders', ARRAY['"*"', '"a ""b"', '"*"', 'note']);
SELECT * FROM integratedb.deprecate('shop.paid');
SELECT * FROM integratedb.deprecate('shop.orders', reason => repeat('x', 1001));
SELECT * FROM integratedb.deprecate('shop.orders', replacement => repeat('x', 1001));
-- All or nothing.
SELECT * FROM integratedb.deprecate('shop.orders', '{id,nope}');
RESET SESSION AUTHORIZATION;
SELECT path, column_name, claimed_by, needed_by, is_over, ready_to_drop FROM integratedb.deprecations ORDER BY 1, 2;

-- When: integratedb.min_notice from now at the earliest; what was announced is never moved earlier.
SHOW integratedb.min_notice;
SET SESSION AUTHORIZATION regress_owner;
SET integratedb.min_notice = 0;
\set VERBOSITY terse
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => (now() AT TIME ZONE 'UTC')::date + 13);
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => '-infinity');
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => 'infinity');
SELECT column_name FROM integratedb.deprecate('shop.orders', '{total}', drop_after => (now() AT TIME ZONE 'UTC')::date + 14);
SELECT column_name FROM integratedb.deprecate('shop.orders', '{total}', drop_after => '2999-12-31');
\set VERBOSITY default
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => '2999-12-30');
-- In whatever zone and style the caller lives.
SET TIME ZONE 'Pacific/Kiritimati';
SET DateStyle = 'German';
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => '2999-12-30');
RESET TIME ZONE;
RESET DateStyle;
-- Without a date it does not end by itself, and a date begins anew: also for what has been taken back.
SELECT column_name, drop_after FROM integratedb.deprecate('shop.orders', '{total}');
\set VERBOSITY terse
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => (now() AT TIME ZONE 'UTC')::date + 13);
SELECT integratedb.undeprecate('shop.orders', '{total}');
SELECT * FROM integratedb.deprecate('shop.orders', '{total}', drop_after => (now() AT TIME ZONE 'UTC')::date + 13);
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
-- A superuser may allow less.
SET integratedb.min_notice = '1d';
SHOW integratedb.min_notice;
SELECT drop_after - (now() AT TIME ZONE 'UTC')::date AS days FROM integratedb.deprecate('shop.orders', '{total}', drop_after => (now() AT TIME ZONE 'UTC')::date + 1);
SET integratedb.min_notice = 0;
\set VERBOSITY terse
SELECT * FROM integratedb.deprecate('shop.paid', '{id}', drop_after => (now() AT TIME ZONE 'UTC')::date - 1);
\set VERBOSITY default
SELECT drop_after - (now() AT TIME ZONE 'UTC')::date AS days FROM integratedb.deprecate('shop.paid', '{id}', drop_after => (now() AT TIME ZONE 'UTC')::date);
SELECT path, column_name, is_over FROM integratedb.deprecations WHERE drop_after IS NOT NULL ORDER BY 1, 2;
RESET integratedb.min_notice;

-- A new claim on it is told so; one that was there before is not, and what replaces it is said.
UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = NULL;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.orders", "fields": ["id", "note"]}]}');
SELECT path FROM integratedb.deprecate('shop.orders', '{total}', 'in cents from now on', '2999-12-31', 'shop.orders.cents');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.orders", "fields": ["id", "note", "total"]}, {"path": "shop.paid", "fields": ["id"]}]}');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.orders", "fields": ["id", "note", "total"]}, {"path": "shop.paid", "fields": ["id"]}]}');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_all');
SELECT count(*) FROM integratedb.claim('regress_all', 'shop.*', '{*}');
SELECT path, column_name, claimed_by, needed_by, ready_to_drop FROM integratedb.deprecations ORDER BY 1, 2;
-- Claims hold, and the error says since when it has been announced.
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE shop.orders DROP COLUMN total;
DROP VIEW shop.paid;
-- What is announced is no longer so when it has been dropped.
ALTER TABLE shop.orders ADD COLUMN scratch text;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.unclaim('regress_all');
SET SESSION AUTHORIZATION regress_owner;
SELECT path, claimed_by FROM integratedb.deprecate('shop.orders', '{scratch}');
ALTER TABLE shop.orders DROP COLUMN scratch;
ALTER TABLE shop.orders ADD COLUMN scratch text;
RESET SESSION AUTHORIZATION;
SELECT column_name FROM integratedb.deprecations WHERE column_name = 'scratch';
SELECT count(*) FROM integratedb.claim('regress_all', 'shop.orders', '{scratch}');
-- check_document says the same, and only of what is new.
CREATE TABLE public.announced (id bigint, old text);
SELECT count(*) FROM integratedb.deprecate('public.announced', '{old}', drop_after => NULL, reason => 'goes');
SELECT stakeholder FROM integratedb.create_stakeholder('checker');
SELECT finding, message ~ 'public.announced column old' AS says, sqlstate FROM integratedb.check_document('{"match": [{"path": "public.announced", "fields": ["old"]}]}', 'checker') WHERE finding = 'warning';
SELECT finding, message ~ 'public.announced column old' AS says, sqlstate FROM integratedb.check_document('{"match": [{"path": "public.announced", "fields": ["old"]}]}') WHERE finding = 'warning';
SELECT count(*) FROM integratedb.check_document('{"match": [{"path": "public.announced", "fields": ["id"]}]}', 'checker') WHERE finding = 'warning';
SET client_min_messages = error;
SELECT count(*) FROM integratedb.claim('checker', '{"match": [{"path": "public.announced", "fields": ["old"]}]}');
RESET client_min_messages;
SELECT count(*) FROM integratedb.check_document('{"match": [{"path": "public.announced", "fields": ["old"]}]}', 'checker') WHERE finding = 'warning';
\i :end
