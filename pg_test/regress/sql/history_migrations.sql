-- Every accepted transaction with DDL that changed a claim, its shape or a privilege leaves one row; no other does.
\set test 'integratedb_history_migrations'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE SCHEMA shop AUTHORIZATION regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, total numeric(8,2), note varchar(20));
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.*", "fields": ["*"]}, {"alternatives": [{"path": "shop.orders", "fields": ["id", "note"]}, {"path": "shop.sales", "fields": ["id"]}]}]}');
-- What there is since this was last asked.
CREATE SEQUENCE public.seen MINVALUE 0 START 0;
SELECT nextval('public.seen');
CREATE VIEW public.fresh AS SELECT * FROM integratedb.migration_history WHERE migration_id > (SELECT last_value FROM public.seen);
\set said 'SELECT CASE e.number WHEN 1 THEN replace(f.statements::text, quote_ident(session_user), ''the superuser'') END AS statements, e.effect FROM public.fresh f, jsonb_array_elements(f.effects) WITH ORDINALITY e (effect, number) ORDER BY migration_id, e.number; SELECT setval(''public.seen'', max(migration_id)) > 0 AS seen FROM integratedb.migration_history;'

-- Nothing of a claim: no row.
CREATE TABLE public.unclaimed (id bigint);
ALTER TABLE public.unclaimed ADD COLUMN x text;
DROP TABLE public.unclaimed;
SET SESSION AUTHORIZATION regress_owner;
CREATE INDEX ON shop.orders (note);
ALTER TABLE shop.orders SET (fillfactor = 90);
ALTER TABLE shop.orders ALTER total SET DEFAULT 0;
COMMENT ON TABLE shop.orders IS 'x';
-- Refused: no row.
ALTER TABLE shop.orders DROP COLUMN note;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM fresh;

-- A shape, a new relation with its grant, an alternative that is met now.
SET application_name = 'migrate';
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE shop.orders ALTER note TYPE varchar(40);
ALTER TABLE shop.orders ADD COLUMN more text;
CREATE TABLE shop.sales (id bigint PRIMARY KEY);
RESET SESSION AUTHORIZATION;
SELECT migration_id, session_role, client_address, application_name, left_out, migrated_at BETWEEN now() - interval '1 hour' AND clock_timestamp() AS in_time FROM fresh ORDER BY 1;
:said
-- One row a transaction, with the role of each statement, and net: what comes and goes again is not there.
BEGIN;
ALTER TABLE shop.orders ADD COLUMN scratch text;
SET LOCAL ROLE regress_owner;
ALTER TABLE shop.orders DROP COLUMN scratch;
ALTER TABLE shop.orders ALTER note TYPE varchar(60);
COMMIT;
:said
BEGIN;
ALTER TABLE shop.orders ADD COLUMN scratch text;
ALTER TABLE shop.orders DROP COLUMN scratch;
CREATE TABLE shop.scratch (id bigint);
DROP TABLE shop.scratch;
COMMIT;
SELECT count(*) FROM fresh;
-- What was rolled back is not there, neither what it did nor the statement.
BEGIN;
SAVEPOINT a;
ALTER TABLE shop.orders ADD COLUMN never text;
CREATE TABLE shop.never (id bigint);
ROLLBACK TO a;
SAVEPOINT b;
ALTER TABLE shop.orders ALTER note TYPE varchar(80);
RELEASE b;
DO $$ BEGIN
    ALTER TABLE shop.orders ADD COLUMN neither text;
    RAISE EXCEPTION 'x';
EXCEPTION WHEN OTHERS THEN NULL;
END $$;
COMMIT;
:said
BEGIN;
SAVEPOINT a;
ALTER TABLE shop.orders ADD COLUMN never text;
ROLLBACK TO a;
COMMIT;
BEGIN;
ALTER TABLE shop.orders ADD COLUMN never text;
ROLLBACK;
SELECT count(*) FROM fresh;
-- Prepared: with the transaction, when it is committed.
BEGIN;
ALTER TABLE shop.orders ADD COLUMN later text;
PREPARE TRANSACTION 'integratedb_history';
SELECT count(*) FROM fresh;
ALTER TABLE shop.sales ADD COLUMN now text;
:said
COMMIT PREPARED 'integratedb_history';
SELECT bool_and(migrated_at < now()) AS prepared_before, count(*) FROM integratedb.migration_history WHERE effects::text LIKE '%later%';
SELECT setval('public.seen', max(migration_id)) > 0 AS seen FROM integratedb.migration_history;
BEGIN;
ALTER TABLE shop.orders ADD COLUMN never text;
PREPARE TRANSACTION 'integratedb_history';
ROLLBACK PREPARED 'integratedb_history';
:said
-- A procedure that commits on the way has as many transactions.
CREATE PROCEDURE public.twice() LANGUAGE plpgsql AS $$ BEGIN
    ALTER TABLE shop.orders ADD COLUMN first text;
    COMMIT;
    ALTER TABLE shop.orders ADD COLUMN second text;
END $$;
CALL public.twice();
:said
-- Privileges that come back by themselves.
\set VERBOSITY terse
BEGIN;
DROP TABLE shop.sales;
CREATE TABLE shop.sales (id bigint PRIMARY KEY, now text);
COMMIT;
BEGIN;
REVOKE SELECT ON shop.sales FROM regress_app;
GRANT SELECT ON shop.sales TO regress_app;
COMMIT;
\set VERBOSITY default
:said
-- Commands that commit on the way: of an index nothing comes; a partition that is detached is a relation of its own.
CREATE INDEX CONCURRENTLY orders_note ON shop.orders (note);
DROP INDEX CONCURRENTLY shop.orders_note;
SELECT count(*) FROM fresh;
CREATE TABLE shop.events (day date) PARTITION BY RANGE (day);
CREATE TABLE shop.events_2025 PARTITION OF shop.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT count(*) FROM fresh;
SELECT setval('public.seen', max(migration_id)) > 0 AS seen FROM integratedb.migration_history;
ALTER TABLE shop.events DETACH PARTITION shop.events_2025 CONCURRENTLY;
:said
-- Breaks that are accepted, with the reason.
\set VERBOSITY terse
SET integratedb.enforcement = warn;
BEGIN;
ALTER TABLE shop.orders DROP COLUMN second;
ALTER TABLE shop.orders DROP COLUMN note;
COMMIT;
\set VERBOSITY default
RESET integratedb.enforcement;
:said
-- The text of a statement is nowhere, whatever is in it.
ALTER TABLE shop.orders ADD COLUMN /* secret */ note varchar(60) DEFAULT 'secret';
SELECT count(*) FROM integratedb.migration_history WHERE migration_history::text LIKE '%secret%';
:said
-- claim() is no migration; nor what happens with the checks off.
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.orders', '{id}');
SET integratedb.enforcement = off;
ALTER TABLE shop.orders ADD COLUMN unseen text;
RESET integratedb.enforcement;
SELECT count(*) FROM fresh;
-- Nor is a transaction that takes the extension away.
BEGIN;
ALTER TABLE shop.orders ADD COLUMN last text;
DROP EXTENSION integratedb CASCADE;
COMMIT;
\i :end
