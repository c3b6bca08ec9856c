-- Row level security that newly applies to the stakeholder hides rows that it has seen so far: a break.
\set test 'integratedb_row_security'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
CREATE TABLE secured (id bigint PRIMARY KEY, tenant text);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
CREATE TABLE free (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["*"]}, {"path": "public.secured", "fields": ["id"]}]}');
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON orders USING (true);
COMMIT;
BEGIN;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
COMMIT;
-- FORCE without ENABLE hides nothing; policies alone neither.
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders USING (tenant = 'mine');
DROP POLICY mine ON orders;
ALTER TABLE free ENABLE ROW LEVEL SECURITY;
-- Where it applied when the claim was made, it may stay and change.
ALTER TABLE secured FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON secured USING (tenant = 'mine');
ALTER POLICY mine ON secured USING (tenant = 'yours');
ALTER TABLE secured ADD COLUMN more text;
-- Switched off and on again in one transaction, the reader has noticed nothing.
BEGIN;
ALTER TABLE secured DISABLE ROW LEVEL SECURITY;
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
COMMIT;
-- It does not apply to a role that bypasses it.
ALTER ROLE reporter BYPASSRLS;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
SELECT integratedb.validate_migration();
-- That it no longer bypasses it fires no event trigger: an innocent statement is not blamed for it.
ALTER ROLE reporter NOBYPASSRLS;
ALTER TABLE orders ADD COLUMN more text;
SELECT column_name, status FROM integratedb.claimed_columns WHERE path = 'public.orders' ORDER BY 1;

\i :end
