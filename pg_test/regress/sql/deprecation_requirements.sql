-- What else a claim requires of a column ends with it, and nothing more: its keys, references and indexes, and that an INSERT supplies it.
\set test 'integratedb_deprecation_requirements'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE FUNCTION public.passed() RETURNS void LANGUAGE sql AS $$
    UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = '2020-01-15' WHERE ended_at IS NULL $$;
CREATE TABLE public.customers (id bigint PRIMARY KEY);
CREATE TABLE public.orders (id bigint PRIMARY KEY, code text NOT NULL UNIQUE, customer_id bigint NOT NULL REFERENCES public.customers, old_id bigint REFERENCES public.customers, note text);
CREATE INDEX orders_customer ON public.orders (customer_id);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "code", "customer_id", "old_id"], "privileges": ["select", "insert"],
    "keys": [["id"], ["code"]], "indexed": [["customer_id"]],
    "references": [{"fields": ["customer_id"], "path": "public.customers", "to": ["id"]}, {"fields": ["old_id"], "path": "public.customers", "to": ["id"]}]}]}');
SELECT count(*) FROM integratedb.deprecate('public.orders', '{code,old_id}');
\set VERBOSITY terse
-- Announced, all of it holds.
ALTER TABLE public.orders DROP CONSTRAINT orders_code_key;
ALTER TABLE public.orders DROP CONSTRAINT orders_old_id_fkey;
SELECT passed();
-- What does not count is supplied all the same.
ALTER TABLE public.orders ADD COLUMN more text;
SELECT status FROM integratedb.claims;
CREATE UNIQUE INDEX orders_code ON public.orders (code);
-- Past the date its key may go alone, or with the column; the rest holds.
ALTER TABLE public.orders DROP CONSTRAINT orders_code_key;
DROP INDEX CONCURRENTLY public.orders_code;
ALTER TABLE public.orders DROP COLUMN old_id;
ALTER TABLE public.orders DROP COLUMN code;
SELECT status, met_alternatives FROM integratedb.claims;
ALTER TABLE public.orders ADD COLUMN again text;
ALTER TABLE public.orders DROP CONSTRAINT orders_pkey;
ALTER TABLE public.orders DROP CONSTRAINT orders_customer_id_fkey;
DROP INDEX public.orders_customer;
DROP INDEX CONCURRENTLY public.orders_customer;
ALTER TABLE public.orders ADD COLUMN lacking text NOT NULL;
ALTER TABLE public.orders DROP COLUMN id;
ALTER TABLE public.orders ADD COLUMN fine text;
-- An alternative that is deprecated is supplied, too.
CREATE TABLE public.people (id bigint, email text NOT NULL, mail text NOT NULL);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.people", "fields": ["id", {"alternatives": ["email", "mail"]}], "privileges": ["insert"]}]}');
SELECT count(*) FROM integratedb.deprecate('public.people', '{email}');
ALTER TABLE public.people ADD COLUMN fine text;
SELECT status FROM integratedb.claims;
-- A function of the name of a relation that is deprecated is not.
CREATE TABLE public.parcel (id bigint);
CREATE FUNCTION public.parcel() RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT count(*) FROM integratedb.deprecate('public.parcel');
SELECT passed();
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"function": "public.parcel()", "returns": "integer"}]}');
SELECT path, claimed_by, needed_by FROM integratedb.deprecations WHERE column_name IS NULL;
DROP FUNCTION public.parcel();
DROP TABLE public.parcel;
SELECT effect ->> 'effect' AS effect, effect ->> 'path' AS path, effect ->> 'column' AS column, effect ->> 'rule' AS rule
  FROM integratedb.migration_history, jsonb_array_elements(effects) WITH ORDINALITY e (effect, number) ORDER BY migration_id, number;
\i :end
