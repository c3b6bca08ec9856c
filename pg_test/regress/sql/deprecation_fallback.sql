-- What is deprecated is no fallback: or else an owner could announce one of two alternatives and take away both.
\set test 'integratedb_deprecation_fallback'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
CREATE FUNCTION public.passed() RETURNS void LANGUAGE sql AS $$
    UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = '2020-01-15' WHERE ended_at IS NULL $$;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE customers (id bigint PRIMARY KEY, email text, mail text);
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
CREATE TABLE sales (id bigint PRIMARY KEY, total numeric);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.customers", "fields": ["id", {"alternatives": ["email", "mail"]}]},
    {"alternatives": [{"path": "public.orders", "fields": ["id", "total"]}, {"path": "public.sales", "fields": ["id", "total"]}]}]}');
SET SESSION AUTHORIZATION regress_owner;
SELECT column_name FROM integratedb.deprecate('public.customers', '{email}', replacement => 'mail');
SELECT path FROM integratedb.deprecate('public.orders', replacement => 'public.sales');
RESET SESSION AUTHORIZATION;
UPDATE integratedb.deprecation SET announced_at = '2020-01-01';
-- Announced.
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE customers DROP COLUMN mail;
ALTER TABLE sales DROP COLUMN total;
DROP TABLE sales;
BEGIN;
ALTER TABLE customers DROP COLUMN mail;
ALTER TABLE customers ADD COLUMN mail text;
COMMIT;
RESET SESSION AUTHORIZATION;
-- The other way it is what was announced.
SELECT path, column_name, claimed_by, needed_by, ready_to_drop FROM integratedb.deprecations ORDER BY 1, 2;
SELECT level, path, column_name, active, safe_to_drop, needed_by FROM integratedb.evolution ORDER BY 1, 2, 3;
-- Past the drop date, all the more.
SELECT passed();
SET SESSION AUTHORIZATION regress_owner;
\set VERBOSITY terse
ALTER TABLE customers DROP COLUMN mail;
DROP TABLE sales;
DROP TABLE sales, orders;
ALTER TABLE customers DROP COLUMN mail, DROP COLUMN email;
\set VERBOSITY default
DROP TABLE orders;
ALTER TABLE customers DROP COLUMN email;
RESET SESSION AUTHORIZATION;
SELECT path, status, met_alternatives, active_path FROM integratedb.claims ORDER BY 1;
SET SESSION AUTHORIZATION regress_owner;
\set VERBOSITY terse
DROP TABLE sales;
ALTER TABLE customers DROP COLUMN mail;
-- Taken back, it is a fallback again.
ALTER TABLE customers ADD COLUMN email text;
SELECT column_name FROM integratedb.deprecate('public.customers', '{email}');
ALTER TABLE customers DROP COLUMN mail;
SELECT integratedb.undeprecate('public.customers', '{email}');
ALTER TABLE customers DROP COLUMN mail;
-- A rename from the one to the other is neither.
SELECT column_name FROM integratedb.deprecate('public.customers', '{email}');
ALTER TABLE customers RENAME COLUMN email TO mail;
RESET SESSION AUTHORIZATION;
SELECT path, status FROM integratedb.claims ORDER BY 1;
SELECT path, column_name FROM integratedb.deprecations;
SET integratedb.enforcement = warn;
ALTER TABLE public.customers ADD COLUMN email text;
SELECT column_name FROM integratedb.deprecate('public.customers', '{email}');
ALTER TABLE public.customers DROP COLUMN mail;
SELECT path, status FROM integratedb.claims ORDER BY 1;
\i :end
