-- A stakeholder whose role is gone: its shapes are enforced all the same, its privileges are skipped.
\set test 'integratedb_missing_role'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.*', '{*}');
-- Privileges cannot be missed by a role that is no more.
BEGIN;
DROP OWNED BY reporter;
DROP ROLE reporter;
COMMIT;
SELECT stakeholder, role_status FROM integratedb.stakeholders;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders ADD COLUMN more text;
CREATE TABLE items (id bigint);
SELECT path, status FROM integratedb.claims ORDER BY path;
DROP TABLE items;
-- Another role of that name gets nothing until sync().
CREATE ROLE reporter;
SELECT stakeholder, role_status FROM integratedb.stakeholders;
CREATE TABLE others (id bigint);
ALTER TABLE orders ADD COLUMN still_more text;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.others');
SELECT integratedb.sync();
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.others');
-- A renamed role is a missing one.
ALTER ROLE reporter RENAME TO reporter_old;
SELECT stakeholder, role_status FROM integratedb.stakeholders;
ALTER TABLE orders DROP COLUMN note;
ALTER ROLE reporter_old RENAME TO reporter;
SELECT integratedb.validate_migration();

\i :end
