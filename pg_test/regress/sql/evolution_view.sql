-- claims, claimed_columns and evolution: which alternatives are met, which is the one that counts, which may be dropped.
\set test 'integratedb_evolution_view'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.customers (id bigint PRIMARY KEY, email text, mail varchar(80), phone text);
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric);
CREATE TABLE public.sales (id bigint PRIMARY KEY, total numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.customers", "fields": ["id", {"alternatives": ["address", "email", {"name": "mail", "type": "text"}, "mail"]}]},
    {"alternatives": [{"path": "public.bills", "fields": ["id"]}, {"path": "public.orders", "fields": ["id", "total"]}, {"path": "public.sales", "fields": ["*"]}]},
    {"alternatives": [{"path": "public.x"}, {"path": "public.y"}], "optional": true}]}');
SELECT path, status, alternatives, met_alternatives, active_alternative, active_path FROM integratedb.claims ORDER BY match_number;
SELECT path, alternative, field, field_alternative, column_name, status, active FROM integratedb.claimed_columns ORDER BY claim_id, 2, 3, 4;
SELECT * FROM integratedb.evolution ORDER BY claim_id, level, path, field, alternative;
-- Somebody else has one of them as the only one.
SELECT count(*) FROM integratedb.claim('regress_other', '{"match": [{"path": "public.customers", "fields": ["id", "email"]}, {"path": "public.orders", "fields": ["id"]}, {"path": "public.sales", "fields": ["id", {"name": "total", "optional": true}]}]}');
SELECT stakeholder, path, column_name, active, safe_to_drop, needed_by FROM integratedb.evolution ORDER BY 1, 2, 3, alternative;
-- What it says is so.
DROP TABLE public.orders;
ALTER TABLE public.customers DROP COLUMN email;
ALTER TABLE public.customers DROP COLUMN mail;
SELECT path, column_name, active, safe_to_drop, needed_by FROM integratedb.evolution ORDER BY claim_id, 1, 2, alternative;
-- An optional field, or claim, needs none of its alternatives; a claim that is unmet already is not made worse.
SELECT count(*) FROM integratedb.unclaim('regress_other');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.customers", "fields": ["id", {"alternatives": ["email", "nope"], "optional": true}]},
    {"alternatives": [{"path": "public.orders"}, {"path": "public.nope"}], "optional": true}]}');
SELECT path, column_name, active, safe_to_drop FROM integratedb.evolution ORDER BY 1, 2;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.sales", "fields": ["id", {"alternatives": ["total", "sum"]}]}]}');
SELECT path, column_name, active, safe_to_drop, needed_by FROM integratedb.evolution ORDER BY 1, 2;
SET integratedb.enforcement = off;
ALTER TABLE public.sales DROP COLUMN total;
RESET integratedb.enforcement;
ALTER TABLE public.sales ADD COLUMN x text;
SELECT path, column_name, status, active, safe_to_drop FROM integratedb.evolution ORDER BY 1, 2;
-- Nothing is written: as on a standby.
BEGIN READ ONLY;
SELECT count(*) FROM integratedb.evolution;
SELECT count(*) FROM integratedb.deprecations;
SELECT count(*) FROM integratedb.claim_history;
SELECT count(*) FROM integratedb.migration_history;
SELECT pg_current_xact_id_if_assigned();
COMMIT;
-- Without alternatives there is nothing to tell.
SELECT count(*) FROM integratedb.claim('regress_app', 'public.sales', '{*}');
SELECT * FROM integratedb.evolution;
\i :end
