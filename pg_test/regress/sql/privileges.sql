-- Access is part of a claim: what a REVOKE takes must be given back by COMMIT.
\set test 'integratedb_privileges'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text, secret text);
CREATE TABLE shop.items (id bigint PRIMARY KEY, price numeric);
CREATE TABLE shop.free (id bigint);
CREATE ROLE somebody;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', 'shop.orders', '{id,note}');
SELECT * FROM integratedb.claim('reporter', 'shop.items', '{*}');
-- A table claimed without columns needs no privilege on it.
SELECT * FROM integratedb.claim('auditor', '{"match": [{"path": "shop.orders"}]}');
REVOKE SELECT ON shop.items FROM reporter;
\echo :LAST_ERROR_SQLSTATE
REVOKE SELECT (note) ON shop.orders FROM reporter;
REVOKE SELECT (note, id, secret) ON shop.orders FROM reporter;
-- A table-level REVOKE wipes column privileges, too.
REVOKE ALL ON shop.orders FROM reporter;
REVOKE ALL ON ALL TABLES IN SCHEMA shop FROM reporter, auditor;
REVOKE USAGE ON SCHEMA shop FROM reporter;
\echo :LAST_ERROR_SQLSTATE
REVOKE ALL ON SCHEMA shop FROM auditor;
-- REVOKE and GRANT in one transaction pass, REVOKE alone does not.
BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA shop FROM reporter;
GRANT SELECT ON shop.items TO reporter;
GRANT SELECT (id, note) ON shop.orders TO reporter;
COMMIT;
SELECT readable('reporter', 'shop.orders'), readable('reporter', 'shop.items');
BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA shop FROM reporter;
GRANT SELECT ON shop.items TO reporter;
GRANT SELECT (id) ON shop.orders TO reporter;
COMMIT;
BEGIN;
REVOKE USAGE ON SCHEMA shop FROM reporter;
GRANT USAGE ON SCHEMA shop TO reporter;
COMMIT;
BEGIN;
REVOKE SELECT ON shop.items FROM reporter;
SAVEPOINT a;
GRANT SELECT ON shop.items TO reporter;
ROLLBACK TO a;
COMMIT;
BEGIN;
SAVEPOINT a;
REVOKE SELECT ON shop.items FROM reporter;
ROLLBACK TO a;
COMMIT;
-- A REVOKE is not undone silently by other DDL on the table in the same transaction.
BEGIN;
REVOKE SELECT ON shop.items FROM reporter;
ALTER TABLE shop.items ADD COLUMN more text;
COMMIT;
-- What nobody claims, or somebody else has, goes freely.
GRANT SELECT ON shop.free TO reporter;
GRANT INSERT, UPDATE ON shop.items TO reporter;
GRANT SELECT (secret) ON shop.orders TO reporter;
GRANT SELECT ON shop.items TO somebody, PUBLIC;
REVOKE SELECT ON shop.free FROM reporter;
REVOKE INSERT, UPDATE ON shop.items FROM reporter;
REVOKE SELECT (secret) ON shop.orders FROM reporter;
REVOKE SELECT ON shop.items FROM somebody, PUBLIC;
REVOKE GRANT OPTION FOR SELECT ON shop.items FROM reporter;
GRANT CREATE ON SCHEMA shop TO reporter;
REVOKE CREATE ON SCHEMA shop FROM reporter;
SELECT readable('reporter', 'shop.orders'), readable('reporter', 'shop.items');
-- A privilege more does not hide that it is there by the claim.
GRANT SELECT ON shop.orders TO reporter;
REVOKE SELECT ON shop.orders FROM reporter;
SELECT readable('reporter', 'shop.orders');
-- As long as PUBLIC or a group may read, a REVOKE breaks nothing; the claim's own grant is made good at once, so that it
-- does not hang on the others'.
CREATE ROLE readers;
GRANT readers TO reporter;
GRANT SELECT ON shop.items TO PUBLIC;
REVOKE SELECT ON shop.items FROM reporter;
REVOKE SELECT ON shop.items FROM PUBLIC;
GRANT SELECT ON shop.items TO readers;
REVOKE SELECT ON shop.items FROM reporter;
REVOKE SELECT ON shop.items FROM readers;
SELECT readable('reporter', 'shop.items');
-- A REVOKE by somebody who may not revoke takes nothing, and breaks nothing.
GRANT USAGE ON SCHEMA shop TO somebody;
GRANT SELECT ON shop.items TO somebody;
SET ROLE somebody;
-- (The server's warnings name every column, system columns too.)
SET client_min_messages = error;
REVOKE SELECT ON shop.items FROM reporter;
RESET client_min_messages;
RESET ROLE;
SELECT readable('reporter', 'shop.items');
-- unclaim is the way forward.
BEGIN;
REVOKE ALL ON shop.orders FROM reporter;
SELECT * FROM integratedb.unclaim('reporter', 'shop.orders');
COMMIT;
SELECT * FROM integratedb.unclaim('reporter', 'shop.items');
REVOKE ALL ON shop.items FROM reporter;
SELECT integratedb.validate_migration();

\i :end
