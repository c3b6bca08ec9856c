-- Threat: who owns a table, or nothing at all, ends claims sooner than announced, or speaks for what belongs to others.
\set test 'integratedb_threat_deprecation'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner LOGIN;
CREATE ROLE regress_nobody LOGIN;
CREATE SCHEMA shop AUTHORIZATION regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
\c :test regress_owner
CREATE TABLE shop.orders (id bigint PRIMARY KEY, total numeric, note text);
CREATE TABLE shop.items (id bigint PRIMARY KEY);
\c :test :regress_user
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.*', '{*}');
\c :test regress_owner
\set VERBOSITY terse
-- The setting is a superuser's, before the library is loaded and after.
SET integratedb.min_notice = 0;
SELECT * FROM integratedb.deprecate('shop.orders', '{note}', drop_after => (now() AT TIME ZONE 'UTC')::date);
SET integratedb.min_notice = 0;
SELECT set_config('integratedb.min_notice', '0', true);
ALTER ROLE regress_owner SET integratedb.min_notice = 0;
CREATE FUNCTION shop.now(text) RETURNS integer LANGUAGE sql SET integratedb.min_notice = 0 AS 'SELECT 1';
SHOW integratedb.min_notice;
-- Its tables are nobody else's.
SELECT count(*) FROM integratedb.deprecate('shop.orders', '{note}', drop_after => '2999-12-31');
UPDATE integratedb.deprecation SET drop_after = '2020-01-01';
INSERT INTO integratedb.deprecation_cache VALUES (1, 'shop.items'::regclass, 0);
DELETE FROM integratedb.migration;
DELETE FROM integratedb.document_change;
SELECT path, claimed_by FROM integratedb.deprecations;
SELECT * FROM integratedb.evolution;
SELECT * FROM integratedb.claim_history;
SELECT * FROM integratedb.migration_history;
SELECT * FROM integratedb.claim_diff('regress_app', 1, 2);
SELECT * FROM integratedb.restore_claim('regress_app', 1);
SELECT integratedb.needed_by('shop', 'orders', '');
-- Nor is time: what counts is the server's, in UTC.
CREATE FUNCTION shop.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '3000-01-01'::timestamptz $$;
CREATE FUNCTION shop.never(date, date) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR shop.< (LEFTARG = date, RIGHTARG = date, FUNCTION = shop.never);
SET search_path = shop, pg_catalog;
ALTER TABLE orders DROP COLUMN note;
SELECT count(*) FROM integratedb.deprecate('shop.orders', '{note}', drop_after => '2021-01-01');
RESET search_path;
-- Savepoints, exceptions, prepared transactions do not shorten it.
BEGIN;
SAVEPOINT s;
SELECT integratedb.undeprecate('shop.orders', '{note}');
ROLLBACK TO s;
ALTER TABLE shop.orders DROP COLUMN note;
COMMIT;
BEGIN;
SELECT integratedb.undeprecate('shop.orders', '{note}');
SELECT count(*) FROM integratedb.deprecate('shop.orders', '{note}', drop_after => '2999-12-30');
ALTER TABLE shop.orders DROP COLUMN note;
COMMIT;
SELECT count(*) FROM integratedb.deprecate('shop.orders', '{note}', drop_after => '2999-12-30');
-- What is another's, by a view of one's own, a synonym, or the like.
\c :test regress_nobody
\set VERBOSITY terse
SELECT * FROM integratedb.deprecate('shop.orders');
SELECT * FROM integratedb.deprecate('pg_catalog.pg_class');
SELECT * FROM integratedb.deprecate('integratedb.claim');
SELECT integratedb.undeprecate('shop.orders');
\c :test :regress_user
-- Lines of a message cannot be forged by a reason.
\set VERBOSITY default
SELECT count(*) FROM integratedb.unclaim('regress_app');
ALTER TABLE shop.orders ADD COLUMN "x
reporter: y" text;
SELECT count(*) FROM integratedb.deprecate('shop.orders', ARRAY[E'x\nreporter: y'], E'because\nERROR:  forged', replacement => E'a\nb');
UPDATE integratedb.deprecation SET announced_at = '2020-01-01' WHERE ended_at IS NULL;
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.orders', '{*}');
\i :end
