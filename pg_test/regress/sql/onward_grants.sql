-- A privilege that the stakeholder has passed on cannot be taken without its consent: reported, and nobody's DDL fails.
\set test 'integratedb_onward_grants'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, total numeric, gross numeric);
CREATE ROLE friend;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", {"alternatives": ["total", "gross"]}]}]}');
GRANT SELECT (gross) ON orders TO reporter WITH GRANT OPTION;
SET SESSION AUTHORIZATION reporter;
GRANT SELECT (gross) ON orders TO friend;
RESET SESSION AUTHORIZATION;
ALTER TABLE orders RENAME COLUMN gross TO margin;
SELECT readable('reporter', 'public.orders'), readable('friend', 'public.orders');
ALTER TABLE orders ADD COLUMN more text;
ALTER TABLE orders RENAME COLUMN margin TO gross;
SELECT readable('reporter', 'public.orders'), readable('friend', 'public.orders');
SELECT integratedb.validate_migration();

\i :end
