-- unmet_claims and validate_migration list what the catalogs no longer satisfy: one row a reason, capped, and only to whom it concerns.
\set test 'integratedb_unmet_claims'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE ROLE regress_other;
CREATE TABLE public.a (id bigint PRIMARY KEY, x text NOT NULL, y varchar(20), z numeric(10,2));
CREATE TABLE public.b (id bigint PRIMARY KEY);
CREATE SCHEMA s;
CREATE TABLE s.c (id bigint PRIMARY KEY);
ALTER TABLE public.a OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", {"name": "x", "is_nullable": false}, {"name": "y", "min_length": 20}, {"name": "z", "type": "numeric(10,2)"}]},
    {"path": "public.b", "fields": ["*"]}, {"path": "s.*", "fields": ["*"]}]}');
SELECT * FROM integratedb.unmet_claims();
SELECT integratedb.validate_migration();
SET integratedb.enforcement = 'off';
ALTER TABLE public.a DROP COLUMN id, ALTER x DROP NOT NULL, ALTER y TYPE varchar(19), ALTER z TYPE numeric(10,3);
DROP TABLE public.b;
DROP SCHEMA s CASCADE;
RESET integratedb.enforcement;
SELECT stakeholder, path, column_name, rule, expected, actual FROM integratedb.unmet_claims() ORDER BY path, column_name, rule;
SELECT DISTINCT hint FROM integratedb.unmet_claims() ORDER BY 1;
SELECT integratedb.validate_migration();
\echo :LAST_ERROR_SQLSTATE
-- Capped, with the number left out.
SELECT count(*) FROM integratedb.unmet_claims(2);
SELECT count(*) FROM integratedb.unmet_claims(max_results => 2147483647);
SELECT integratedb.validate_migration(2);
SELECT integratedb.validate_migration(0);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.unmet_claims(-1);
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.validate_migration(NULL);
\echo :LAST_ERROR_SQLSTATE

-- The owner of a relation is told what concerns it; others are told nothing, and so is the stakeholder.
SET SESSION AUTHORIZATION regress_owner;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
SELECT integratedb.validate_migration();
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_other;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
SELECT integratedb.validate_migration();
RESET SESSION AUTHORIZATION;
GRANT regress_owner TO regress_other;
SET SESSION AUTHORIZATION regress_other;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
RESET SESSION AUTHORIZATION;

-- A claim that was unmet before stops nobody's DDL, and is met again when mended.
ALTER TABLE public.a ADD COLUMN w text;
ALTER TABLE public.a DROP COLUMN w;
ALTER TABLE public.a ADD COLUMN id bigint PRIMARY KEY, ALTER x SET NOT NULL, ALTER y TYPE varchar(20), ALTER z TYPE numeric(10,2);
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
CREATE TABLE public.b (id bigint PRIMARY KEY);
CREATE SCHEMA s CREATE TABLE c (id bigint PRIMARY KEY);
SELECT * FROM integratedb.unmet_claims();
SELECT integratedb.validate_migration();
-- And guarded again.
ALTER TABLE public.a DROP COLUMN id;
-- A privilege that went missing while nobody looked.
SET integratedb.enforcement = 'off';
REVOKE SELECT (x) ON public.a FROM regress_app;
RESET integratedb.enforcement;
SELECT path, column_name, rule, expected, actual FROM integratedb.unmet_claims();
\i :end
