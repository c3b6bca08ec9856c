-- Two stakeholders on one column, and one on another's table.
\set test 'integratedb_shared_claims'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
SELECT * FROM integratedb.claim('auditor', 'public.orders', '{id,note,total}');
ALTER TABLE orders DROP COLUMN note;
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id}');
-- The other's claim is still there.
ALTER TABLE orders DROP COLUMN note;
SELECT readable('reporter', 'public.orders'), readable('auditor', 'public.orders');
SELECT * FROM integratedb.claim('auditor', 'public.orders', '{id,total}');
ALTER TABLE orders DROP COLUMN note;
-- Another stakeholder's own table.
SET SESSION AUTHORIZATION reporter;
CREATE TABLE reporter.daily_totals (day date, total numeric(12,2));
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.claim('auditor', 'reporter.daily_totals', '{day}');
SELECT readable('auditor', 'reporter.daily_totals');
SET SESSION AUTHORIZATION reporter;
ALTER TABLE reporter.daily_totals ADD COLUMN number integer;
ALTER TABLE reporter.daily_totals DROP COLUMN total;
ALTER TABLE reporter.daily_totals DROP COLUMN day;
DROP TABLE reporter.daily_totals;
REVOKE ALL ON reporter.daily_totals FROM auditor;
SELECT integratedb.validate_migration();
RESET SESSION AUTHORIZATION;
-- A stakeholder that claims what it owns itself.
SELECT * FROM integratedb.claim('reporter', 'reporter.daily_totals', '{*}');
SELECT * FROM integratedb.unclaim('auditor', 'reporter.daily_totals');
SET SESSION AUTHORIZATION reporter;
ALTER TABLE reporter.daily_totals DROP COLUMN day;
RESET SESSION AUTHORIZATION;
SELECT integratedb.validate_migration();

\i :end
