-- privilege_drift() and repair_privileges(): what is missing, what is left over, what was granted by hand.
\set test 'integratedb_privilege_drift'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE ROLE regress_friend;
CREATE SCHEMA data AUTHORIZATION regress_owner;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE data.orders (id bigint PRIMARY KEY, total numeric(12,2), note text);
CREATE TABLE data.events (id bigserial PRIMARY KEY, kind text);
CREATE TABLE data.old (id bigint, kind text);
CREATE FUNCTION data.f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
RESET SESSION AUTHORIZATION;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_shop');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "data.orders", "fields": ["id", "total"]}, {"path": "data.old", "fields": ["*"]},
    {"path": "data.events", "fields": ["kind"], "privileges": ["insert"]}, {"function": "data.f(integer)"}]}');
SELECT count(*) FROM integratedb.claim('regress_shop', 'data.orders', '{*}');
SELECT * FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
-- Missing: taken while nobody looked.
SET integratedb.enforcement = off;
REVOKE SELECT (total) ON data.orders FROM regress_app;
REVOKE ALL ON data.events FROM regress_app;
REVOKE USAGE ON SEQUENCE data.events_id_seq FROM regress_app;
REVOKE EXECUTE ON FUNCTION data.f(integer) FROM regress_app;
REVOKE USAGE ON SCHEMA data FROM regress_app;
REVOKE CREATE ON SCHEMA regress_shop FROM regress_shop;
REVOKE SELECT ON data.orders FROM regress_shop;
RESET integratedb.enforcement;
SELECT stakeholder, state, privilege, path, column_name, statement FROM integratedb.privilege_drift();
-- It is only looked at: also where nothing can be written.
BEGIN READ ONLY;
SELECT count(*) FROM integratedb.privilege_drift();
COMMIT;
SELECT count(*) FROM integratedb.privilege_drift();
-- One stakeholder, then all.
SELECT * FROM integratedb.repair_privileges('regress_shop');
SELECT stakeholder, state, privilege, path, column_name FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
SELECT * FROM integratedb.privilege_drift();
SELECT integratedb.validate_migration();
SET SESSION AUTHORIZATION regress_app;
SELECT count(total) FROM data.orders;
RESET SESSION AUTHORIZATION;
-- In the same transaction as a REVOKE: what would break is mended before COMMIT.
BEGIN;
REVOKE SELECT (id) ON data.orders FROM regress_app;
SELECT * FROM integratedb.repair_privileges('regress_app');
COMMIT;
-- Extra: it could not be revoked when the claim went, because it had been granted on.
GRANT SELECT ON data.old TO regress_app WITH GRANT OPTION;
SET SESSION AUTHORIZATION regress_app;
GRANT SELECT ON data.old TO regress_friend;
RESET SESSION AUTHORIZATION;
SELECT stakeholder, state, privilege, path, statement FROM integratedb.privilege_drift();
SELECT count(*) FROM integratedb.unclaim('regress_app', 'data.old');
SELECT stakeholder, state, privilege, path, statement FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
REVOKE GRANT OPTION FOR SELECT ON data.old FROM regress_app CASCADE;
SELECT stakeholder, state, privilege, path, statement FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
SELECT * FROM integratedb.privilege_drift();
SELECT has_table_privilege('regress_app', 'data.old', 'SELECT');
-- By hand: told, and left alone.
GRANT UPDATE, SELECT ON data.orders TO regress_app;
GRANT SELECT (note) ON data.orders TO regress_app;
GRANT SELECT (kind) ON data.events TO regress_shop WITH GRANT OPTION;
GRANT CREATE ON SCHEMA data TO regress_shop;
-- What a claim needs is nobody's fault, whoever granted it: not the column either that was there before.
GRANT SELECT (id) ON data.old TO regress_shop;
SELECT count(*) FROM integratedb.claim('regress_shop', 'data.old', '{id}');
SELECT stakeholder, state, privilege, path, column_name, statement FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
SELECT count(*) FROM integratedb.privilege_drift();
SET client_min_messages = error;
SELECT statement FROM integratedb.privilege_drift()
\gexec
RESET client_min_messages;
SELECT * FROM integratedb.privilege_drift();
SELECT integratedb.validate_migration();
-- A claim that is unmet keeps, and gets back, what is left of it.
SET integratedb.enforcement = off;
ALTER TABLE data.orders DROP COLUMN total;
REVOKE SELECT (id) ON data.orders FROM regress_app;
RESET integratedb.enforcement;
SELECT stakeholder, state, privilege, path, column_name FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
SELECT * FROM integratedb.privilege_drift();
-- A role that is not to be trusted is passed over.
ALTER ROLE regress_shop RENAME TO regress_gone;
SELECT * FROM integratedb.privilege_drift();
SELECT * FROM integratedb.repair_privileges();
SELECT * FROM integratedb.repair_privileges('nobody');
-- In a copy of the database nobody knows what was granted.
UPDATE integratedb.cache_stamp SET database_oid = 1;
SELECT * FROM integratedb.privilege_drift();
SELECT count(*) FROM integratedb.repair_privileges('regress_app');
SELECT * FROM integratedb.privilege_drift();
\i :end
