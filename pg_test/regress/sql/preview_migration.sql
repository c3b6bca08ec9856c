-- The preview at the SQL interface: its forms, who sees what of it, and bad input. What each statement does is tested in
-- the engine.
\set test 'integratedb_preview_migration'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE ROLE regress_nobody;
CREATE SCHEMA other;
CREATE TABLE public.orders (id bigint PRIMARY KEY, note varchar(80));
CREATE TABLE public.customers (id bigint PRIMARY KEY, name text);
CREATE TABLE other.orders (id bigint PRIMARY KEY);
ALTER TABLE public.orders OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "note"]}, {"path": "public.customers", "fields": ["*"]}]}');
CREATE VIEW public.catalogs AS SELECT md5(string_agg(c::text, ',' ORDER BY oid)) FROM pg_class AS c WHERE relname NOT LIKE 'pg_%' AND relkind = 'r';
SELECT md5 AS before FROM public.catalogs \gset

\x on
SELECT * FROM integratedb.preview_migration($$CREATE TABLE public.new (id bigint);

DROP TABLE public.orders;
DO 'BEGIN END'; -- who knows
SELECT 1;$$);
SELECT jsonb_pretty(integratedb.preview_migration_json('DROP TABLE public.orders'));
\x off
-- Nothing was executed.
SELECT to_regclass('public.new'), md5 = :'before' AS same FROM public.catalogs;

-- What is mended in its transaction is safe; without one transaction each statement stands alone.
SELECT line, verdict, detail FROM integratedb.preview_migration(E'DROP TABLE public.orders;\nCREATE TABLE public.orders (id bigint PRIMARY KEY, note varchar(80));');
SELECT line, verdict FROM integratedb.preview_migration(E'DROP TABLE public.orders;\nCREATE TABLE public.orders (id bigint PRIMARY KEY, note varchar(80));', single_transaction => false);

-- The form that ends with an error.
SELECT integratedb.assert_preview('CREATE TABLE public.new (id bigint); DROP TABLE other.orders');
SELECT integratedb.assert_preview('DROP TABLE public.orders, public.customers; DO $$ BEGIN END $$');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.assert_preview('DO $$ BEGIN END $$');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.assert_preview('DO $$ BEGIN END $$', allow_unknown => true);
SELECT integratedb.assert_preview('DROP TABLE public.orders', allow_unknown => true);

-- Names are found under the caller's search path.
SET search_path = other, public;
SELECT object, verdict FROM integratedb.preview_migration('DROP TABLE orders; DROP TABLE customers');
RESET search_path;

-- An owner is told of claims on what it owns, and no more than that others break too.
SET ROLE regress_owner;
SELECT statement, object, verdict, stakeholders, cardinality(claims) AS claims, violation, detail, locks FROM integratedb.preview_migration('DROP TABLE public.orders');
SELECT verdict, stakeholders, claims, violation, locks FROM integratedb.preview_migration('DROP TABLE public.customers');
SELECT integratedb.assert_preview('DROP TABLE public.orders');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.export_catalog();
SET ROLE regress_nobody;
SELECT stakeholders, claims, violation, locks FROM integratedb.preview_migration('DROP TABLE public.orders');
SELECT integratedb.export_catalog();
RESET ROLE;

-- Nothing, nonsense, too much.
SELECT count(*) FROM integratedb.preview_migration('');
SELECT count(*) FROM integratedb.preview_migration('  -- nothing' || chr(10) || ';;');
SELECT integratedb.assert_preview('');
SELECT statement, verdict FROM integratedb.preview_migration('FROBNICATE THE TABLE; DROP DROP; \i other.sql' || chr(10) || 'CREATE TABLE');
SELECT * FROM integratedb.preview_migration(NULL);
SELECT * FROM integratedb.preview_migration('SELECT 1', NULL);
SELECT integratedb.preview_migration_json(NULL);
SELECT integratedb.assert_preview(NULL);
SELECT integratedb.assert_preview('SELECT 1', true, NULL);
SELECT * FROM integratedb.preview_migration('SELECT ''unterminated');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.preview_migration('/* ' || repeat('x', 200));
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.preview_migration(repeat('x', 17 * 1024 * 1024));
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.preview_migration(repeat(';SELECT 1', 100001));
\echo :LAST_ERROR_SQLSTATE
SELECT verdict FROM integratedb.preview_migration('SELECT 1' || repeat(' + 1', 1000000));
SELECT verdict FROM integratedb.preview_migration('SELECT ' || repeat('(', 100000) || '1' || repeat(')', 100000));

-- The export says it all, and what it says is what a preview is made of.
SELECT export ->> 'format' AS format, export -> 'world' ->> 'database' = current_database() AS database, export -> 'world' -> 'search_path' AS search_path,
       jsonb_array_length(export -> 'claims' -> 'claims') AS claims, export -> 'claims' -> 'roles' ? 'reporter' AS role
  FROM integratedb.export_catalog() AS export;
\i :end
