-- DDL is judged the same when a role without any rights on the extension issues it.
\set test 'integratedb_unprivileged_owner'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE ROLE owner;
CREATE SCHEMA shop AUTHORIZATION owner;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SET SESSION AUTHORIZATION owner;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note varchar(80), total numeric);
CREATE TABLE shop.items (id bigint);
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.claim('reporter', 'shop.orders', '{id,note}');
SELECT * FROM integratedb.claim('auditor', 'shop.*', '{*}');
SET SESSION AUTHORIZATION owner;
SET search_path = shop;
ALTER TABLE orders DROP COLUMN note;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
ALTER TABLE orders RENAME TO old_orders;
SELECT current_user, current_setting('search_path');
COMMIT;
SELECT current_user, current_setting('search_path');
-- Privileges are granted on its behalf.
CREATE TABLE parcels (id bigint);
ALTER TABLE orders ADD COLUMN currency text;
SELECT public.readable('auditor', 'shop.parcels'), public.readable('auditor', 'shop.orders'), public.readable('reporter', 'shop.orders');
SELECT grantor::regrole, privilege_type FROM pg_catalog.pg_class, pg_catalog.aclexplode(relacl) WHERE relname = 'parcels' AND grantee = 'auditor'::regrole;
BEGIN;
DROP TABLE orders;
CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(80), total numeric, currency text);
COMMIT;
SELECT public.readable('auditor', 'shop.orders'), public.readable('reporter', 'shop.orders');
REVOKE ALL ON orders FROM reporter;
-- It may look at what concerns its relations, and call nothing else.
SELECT integratedb.validate_migration();
SELECT path, rule FROM integratedb.unmet_claims();
SELECT count(*) FROM integratedb.claims;
SELECT count(*) FROM integratedb.claim;
SELECT integratedb.sync();
SELECT * FROM integratedb.unclaim('reporter');
BEGIN;
LOCK TABLE integratedb.fence IN ACCESS EXCLUSIVE MODE;
ROLLBACK;
SET integratedb.enforcement = off;
ALTER EVENT TRIGGER integratedb_ddl_command_end DISABLE;
-- Its own objects of the names that the extension uses are not looked at.
CREATE FUNCTION shop.pg_event_trigger_ddl_commands() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called'; END $$;
CREATE FUNCTION shop.never(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called'; END $$;
CREATE OPERATOR shop.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = shop.never);
SET search_path = shop, pg_catalog;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders ADD COLUMN more text;
RESET SESSION AUTHORIZATION;
RESET search_path;
SELECT readable('auditor', 'shop.orders');
SELECT integratedb.validate_migration();

\i :end
