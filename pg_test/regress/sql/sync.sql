-- sync accepts today's catalogs for what is observed, never for names and what is declared, and brings privileges in line.
\set test 'integratedb_sync'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.a (id bigint PRIMARY KEY, x varchar(20) NOT NULL, y text, z integer, d varchar(20));
CREATE SCHEMA s;
CREATE TABLE s.c (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.a", "fields": ["id", "x", "y", {"name": "d", "type": "varchar(20)"}]}, {"path": "s.*", "fields": ["*"]}]}');
-- With nothing to do, nothing changes.
SELECT integratedb.claim_document('regress_app') AS document \gset
SELECT integratedb.sync();
SELECT integratedb.claim_document('regress_app') = :'document' AS same;
SELECT path, status FROM integratedb.claims ORDER BY path;

SET integratedb.enforcement = 'off';
ALTER TABLE public.a ALTER x DROP NOT NULL, ALTER x TYPE varchar(10), ALTER y TYPE integer USING 1, ALTER d TYPE varchar(10);
CREATE TABLE s.new (id integer);
REVOKE SELECT (x) ON public.a FROM regress_app;
REVOKE USAGE ON SCHEMA public FROM regress_app;
RESET integratedb.enforcement;
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
SELECT integratedb.sync();
-- What is declared is not relaxed.
SELECT path, column_name, rule, expected, actual FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
SELECT path, column_name, shape, status FROM integratedb.claimed_columns ORDER BY 1, 2;
SELECT has_column_privilege('regress_app', 'public.a', 'x', 'SELECT') AS restored, has_schema_privilege('regress_app', 'public', 'USAGE') AS usage,
       has_table_privilege('regress_app', 's.new', 'SELECT') AS new_of_wildcard;
ALTER TABLE public.a ALTER d TYPE varchar(20);
-- From now on this is the shape.
ALTER TABLE public.a ALTER x TYPE varchar(9);
ALTER TABLE public.a ALTER y TYPE text;
-- Names are not relaxed either.
SET integratedb.enforcement = 'off';
ALTER TABLE public.a RENAME COLUMN y TO yy;
RESET integratedb.enforcement;
SELECT integratedb.sync();
SELECT path, column_name, rule FROM integratedb.unmet_claims() ORDER BY 1, 2, 3;
SELECT attname FROM pg_attribute WHERE attrelid = 'public.a'::regclass AND attacl::text LIKE '%regress_app=r%' ORDER BY 1;
ALTER TABLE public.a RENAME COLUMN yy TO y;
SELECT integratedb.validate_migration();
-- What a wildcard no longer covers is forgotten by it, and what it covers is revoked from nobody else.
SET integratedb.enforcement = 'off';
DROP TABLE s.new;
ALTER TABLE s.c RENAME TO cc;
RESET integratedb.enforcement;
SELECT integratedb.sync();
SELECT path, status FROM integratedb.claims ORDER BY path;
SELECT has_table_privilege('regress_app', 's.cc', 'SELECT');
\i :end
