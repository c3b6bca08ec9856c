-- What the views claims, claimed_columns and stakeholders show, also after something was broken past the extension.
\set test 'integratedb_views'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\d integratedb.stakeholders
\d integratedb.claims
\d integratedb.claimed_columns
CREATE TABLE public.a (id bigint PRIMARY KEY, x text, y varchar(20));
CREATE TABLE public.b (id bigint PRIMARY KEY, x text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_2');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", {"alternatives": [{"name": "y", "type": "varchar(20)", "min_length": 10}, "z"]}]},
    {"path": "public.b", "fields": ["*"]}, {"path": "public.nope", "optional": true}, {"path": "public.a", "fields": ["x"]}]}');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", {"alternatives": [{"name": "y", "type": "varchar(20)", "min_length": 10}, "z"]}]},
    {"path": "public.b", "fields": ["*"]}, {"path": "public.nope", "optional": true}]}');
SELECT count(*) FROM integratedb.claim('regress_app_2', '{"match": [{"path": "public.*", "fields": ["*"]}, {"path": "public.b", "fields": [{"name": "x", "type": "integer", "optional": true}]}]}');
SELECT stakeholder, path, status, optional, from_wildcard, alternatives, active_alternative, active_path, match_number FROM integratedb.claims ORDER BY 1, match_number, path;
SELECT stakeholder, path, column_name, shape, status, optional, alternative FROM integratedb.claimed_columns ORDER BY 1, 2, 3, 4;
SELECT stakeholder, role_status, can_login, claims, unmet_claims, pending_claims, claimed_at <= now() AS claimed FROM integratedb.stakeholders ORDER BY 1;

-- Past the extension: the status is what the last evaluation found, unmet_claims() looks at the catalogs now.
SET integratedb.enforcement = 'off';
ALTER TABLE public.a DROP COLUMN y;
DROP TABLE public.b;
RESET integratedb.enforcement;
SELECT stakeholder, path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
-- The next evaluation takes them as they are.
CREATE TABLE public.c (id integer);
SELECT stakeholder, path, status, active_path FROM integratedb.claims ORDER BY 1, match_number, path;
SELECT stakeholder, path, column_name, shape, status FROM integratedb.claimed_columns WHERE status <> 'met' ORDER BY 1, 2, 3, 4;
SELECT stakeholder, claims, unmet_claims, pending_claims FROM integratedb.stakeholders ORDER BY 1;
ALTER ROLE regress_app NOLOGIN;
SELECT stakeholder, role_status, can_login FROM integratedb.stakeholders ORDER BY 1;
-- The views can be read in a read-only transaction, as on a standby.
BEGIN READ ONLY;
SELECT count(*) FROM integratedb.claims;
SELECT count(*) FROM integratedb.claimed_columns;
SELECT count(*) FROM integratedb.stakeholders;
SELECT count(*) > 0 AS unmet FROM integratedb.unmet_claims();
COMMIT;
\i :end
