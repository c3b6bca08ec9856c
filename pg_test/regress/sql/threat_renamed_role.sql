-- Threat: somebody with CREATEROLE renames the stakeholders role, so that its privileges outlive the claims unseen. They are revoked from the role that was granted them, whatever its name is.
\set test 'integratedb_threat_renamed_role'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE ROLE regress_maker CREATEROLE;
CREATE SCHEMA app;
CREATE TABLE app.orders (id bigint PRIMARY KEY, total numeric);
CREATE TABLE app.items (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "app.orders", "fields": ["*"]}, {"path": "app.items", "fields": ["id"]}]}');
CREATE FUNCTION keeps(role name) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(', ', 'orders: ' || readable(role, 'app.orders'), 'items: ' || readable(role, 'app.items'),
                     CASE WHEN has_schema_privilege(role, 'app', 'USAGE') THEN 'USAGE' END) $$;
SET SESSION AUTHORIZATION regress_maker;
ALTER ROLE reporter RENAME TO reporter_old;
CREATE ROLE reporter;
RESET SESSION AUTHORIZATION;
SELECT keeps('reporter_old');
-- Unclaimed, in part and whole.
BEGIN;
SELECT * FROM integratedb.unclaim('reporter', 'app.orders');
SELECT keeps('reporter_old');
SELECT * FROM integratedb.unclaim('reporter');
SELECT keeps('reporter_old'), keeps('reporter');
SELECT count(*) FROM integratedb.granted_privilege;
ROLLBACK;
-- Without another role in its place.
BEGIN;
DROP ROLE reporter;
SELECT * FROM integratedb.unclaim('reporter');
SELECT keeps('reporter_old');
ROLLBACK;
-- Dropped.
BEGIN;
SELECT * FROM integratedb.drop_stakeholder('reporter', keep => true);
SELECT rolname FROM pg_roles WHERE rolname LIKE 'reporter%';
SELECT count(*) FROM integratedb.granted_privilege;
ROLLBACK;
-- A migration meanwhile.
ALTER TABLE app.items ADD COLUMN more text;
SELECT keeps('reporter_old'), keeps('reporter');
-- sync() accepts the new role; the old one loses what it had.
SELECT integratedb.sync();
SELECT keeps('reporter_old'), keeps('reporter');
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT count(*) FROM integratedb.unclaim('reporter');
SELECT keeps('reporter_old'), keeps('reporter');

\i :end
