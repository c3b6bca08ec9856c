-- integratedb.enforcement = warn in a session: who may, with which reason, and what is kept of it.
\set test 'integratedb_break_glass'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_night LOGIN;
CREATE ROLE regress_day;
GRANT SET ON PARAMETER integratedb.enforcement TO regress_night;
CREATE TABLE public.orders (id bigint PRIMARY KEY, a text, b text, c text, d text);
ALTER TABLE public.orders OWNER TO regress_night;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["a", {"name": "d", "optional": true}]}]}');

SET SESSION AUTHORIZATION regress_day;
SET integratedb.enforcement = warn;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_night;
-- Off leaves no record: not for them.
SET integratedb.enforcement = off;
-- Without a reason nothing passes, with one of white space neither; what breaks nothing needs none.
BEGIN;
SET LOCAL integratedb.enforcement = warn;
ALTER TABLE public.orders DROP COLUMN a;
COMMIT;
BEGIN;
SET LOCAL integratedb.enforcement = warn;
SET LOCAL integratedb.reason = '  ';
ALTER TABLE public.orders DROP COLUMN a;
COMMIT;
BEGIN;
SET LOCAL integratedb.enforcement = warn;
ALTER TABLE public.orders DROP COLUMN b;
COMMIT;
BEGIN;
SET LOCAL integratedb.enforcement = warn;
SET LOCAL integratedb.reason = 'incident 4711';
ALTER TABLE public.orders DROP COLUMN a;
COMMIT;
RESET SESSION AUTHORIZATION;
-- Nor does a command that cannot be undone, and which is refused before it starts.
CREATE INDEX orders_c ON public.orders (c);
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["c"], "indexed": [["c"]]}]}');
SET SESSION AUTHORIZATION regress_night;
SET integratedb.enforcement = warn;
DROP INDEX CONCURRENTLY public.orders_c;
SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.orders_c'::regclass;
SET integratedb.reason = 'incident 4712';
DROP INDEX CONCURRENTLY public.orders_c;
RESET integratedb.reason;
RESET integratedb.enforcement;
RESET SESSION AUTHORIZATION;
SELECT session_role, reason, e ->> 'path' AS path, e ->> 'column' AS column, e ->> 'rule' AS rule, e ->> 'allowed_by' AS allowed_by
FROM integratedb.migration_history, jsonb_array_elements(effects) AS e WHERE e ->> 'effect' = 'break';

-- A superuser needs none, nor does anybody where a superuser has set it for the role or the database.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["c", "d"]}]}');
ALTER ROLE regress_night SET integratedb.enforcement = warn;
\c :test regress_night
SHOW integratedb.enforcement;
ALTER TABLE public.orders DROP COLUMN c;
\c :test :regress_user :regress_host :regress_port
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["d"]}]}');
SET integratedb.enforcement = warn;
ALTER TABLE public.orders DROP COLUMN d;
SELECT session_role, reason FROM integratedb.migration_history ORDER BY migration_id DESC LIMIT 2;
RESET integratedb.enforcement;
REVOKE SET ON PARAMETER integratedb.enforcement FROM regress_night;
\i :end
