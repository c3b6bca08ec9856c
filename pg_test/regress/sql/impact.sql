-- Who depends on a relation or column, what would have to happen before it can go, and whether a change would pass: the same as when it is tried.
\set test 'integratedb_impact'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_nobody;
CREATE ROLE regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(8,2), note varchar(40), remark text, old text, spare text);
CREATE TABLE public.lines (id bigint PRIMARY KEY, order_id bigint CONSTRAINT lines_order REFERENCES public.orders (id), doubled bigint GENERATED ALWAYS AS (id * 2) STORED);
CREATE VIEW public.order_totals AS SELECT id, total FROM public.orders;
CREATE FUNCTION public.count_orders() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(total) FROM public.orders; END;
CREATE FUNCTION public.label(public.orders) RETURNS text LANGUAGE sql AS 'SELECT $1.note';
RESET SESSION AUTHORIZATION;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_two');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.orders", "fields": ["id", {"name": "total", "shape": "pinned"}, {"alternatives": ["note", "remark"]}, {"name": "old", "optional": true}]},
    {"alternatives": [{"path": "public.sales", "fields": ["id"]}, {"path": "public.order_totals", "fields": ["id"]}]},
    {"path": "public.lines", "fields": ["id", "order_id"], "references": [{"fields": ["order_id"], "path": "public.orders", "to": ["id"]}]}]}');
SELECT count(*) FROM integratedb.claim('regress_two', 'public.orders', '{}');

SET SESSION AUTHORIZATION regress_owner;
SELECT kind, stakeholder, object, column_name, strictness, alternatives, before_it_can_go FROM integratedb.impact('public.orders');
SELECT kind, stakeholder, object, column_name, before_it_can_go FROM integratedb.impact('public.orders', '{id}');
SELECT kind, stakeholder, object, column_name, before_it_can_go FROM integratedb.impact('public.orders', '{spare}');
SELECT kind, stakeholder, object, column_name, alternatives FROM integratedb.impact('public.order_totals');
SELECT kind, object, column_name, before_it_can_go FROM integratedb.impact('public.lines', '{id}') WHERE kind <> 'claim';

-- Each answer, and what then happens.
SELECT * FROM integratedb.can_drop('public.orders', '{spare}');
SELECT * FROM integratedb.can_drop('public.orders', '{old}');
SELECT * FROM integratedb.can_drop('public.orders', '{note}');
SELECT * FROM integratedb.can_drop('public.orders', '{note,remark}');
SELECT * FROM integratedb.can_drop('public.orders', '{total}');
SELECT * FROM integratedb.can_drop('public.orders');
SELECT * FROM integratedb.can_drop('public.order_totals');
BEGIN;
ALTER TABLE public.orders DROP COLUMN spare;
ALTER TABLE public.orders DROP COLUMN old;
ALTER TABLE public.orders DROP COLUMN note;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
ALTER TABLE public.orders DROP COLUMN note, DROP COLUMN remark;
ALTER TABLE public.orders DROP COLUMN total;
DROP TABLE public.orders;
DROP VIEW public.order_totals;
SELECT * FROM integratedb.can_rename('public.orders', '{remark}');
SELECT * FROM integratedb.can_rename('public.orders', '{total}');
SELECT * FROM integratedb.can_rename('public.orders');
ALTER TABLE public.orders RENAME COLUMN total TO amount;
ALTER TABLE public.orders RENAME TO sold;
SELECT * FROM integratedb.can_alter_type('public.orders', 'note', 'varchar(80)');
SELECT * FROM integratedb.can_alter_type('public.orders', 'note', 'varchar(20)');
SELECT * FROM integratedb.can_alter_type('public.orders', 'total', 'numeric(12,2)');
SELECT * FROM integratedb.can_alter_type('public.orders', 'id', 'integer');
SELECT * FROM integratedb.can_alter_type('public.orders', 'spare', 'text[]');
SELECT * FROM integratedb.can_alter_type('public.lines', 'id', 'numeric');
ALTER TABLE public.orders ALTER COLUMN note TYPE varchar(80);
ALTER TABLE public.orders ALTER COLUMN note TYPE varchar(20);
ALTER TABLE public.orders ALTER COLUMN total TYPE numeric(12,2);
ALTER TABLE public.lines ALTER COLUMN id TYPE numeric;
-- What is deprecated: announced it holds, and is no fallback; past its day it may go.
SELECT path FROM integratedb.deprecate('public.orders', '{total}', drop_after => '2999-12-31');
SELECT before_it_can_go FROM integratedb.impact('public.orders', '{total}') WHERE kind = 'claim';
CREATE TABLE public.fallback (a text, b text);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_two', '{"match": [{"path": "public.orders"}, {"path": "public.fallback", "fields": [{"alternatives": ["a", "b"]}]}]}');
SET SESSION AUTHORIZATION regress_owner;
SELECT possible FROM integratedb.can_drop('public.fallback', '{b}');
SELECT path FROM integratedb.deprecate('public.fallback', '{a}');
SELECT * FROM integratedb.can_drop('public.fallback', '{a}');
SELECT * FROM integratedb.can_drop('public.fallback', '{b}');
SELECT column_name, alternatives, before_it_can_go FROM integratedb.impact('public.fallback');
RESET SESSION AUTHORIZATION;
UPDATE integratedb.deprecation SET announced_at = '2020-01-01';
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE public.fallback DROP COLUMN b;
RESET SESSION AUTHORIZATION;
UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = '2020-02-01' WHERE column_name = 'total';
SELECT * FROM integratedb.can_rename('public.orders', '{total}');
SELECT before_it_can_go FROM integratedb.impact('public.orders', '{total}') WHERE kind = 'claim';

-- Who may ask, and what.
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM integratedb.impact('public.orders');
SELECT * FROM integratedb.can_drop('public.orders');
SELECT * FROM integratedb.can_rename('public.orders');
SELECT * FROM integratedb.can_alter_type('public.orders', 'id', 'integer');
SELECT integratedb.impact_graph();
RESET SESSION AUTHORIZATION;
CREATE SEQUENCE public.numbers;
SELECT * FROM integratedb.impact('public.numbers');
SELECT * FROM integratedb.impact('public.order');
SELECT * FROM integratedb.impact('public.*');
SELECT * FROM integratedb.impact('public.orders', '{totl}');
SELECT * FROM integratedb.impact('public.orders', '{}');
SELECT * FROM integratedb.impact('public.orders', '{NULL}');
SELECT * FROM integratedb.impact(NULL);
SELECT * FROM integratedb.can_alter_type('public.orders', 'id', 'nothing.such');
SELECT * FROM integratedb.can_alter_type('public.orders', 'id', repeat('x', 1000));
SELECT * FROM integratedb.can_alter_type('public.orders', 'id', NULL);

-- The graph: of all, of one schema, of what one owns; no name breaks out of it.
SELECT integratedb.impact_graph();
CREATE SCHEMA shop;
CREATE TABLE shop."a""] --> s9[""x" (id bigint);
SELECT count(*) FROM integratedb.claim('regress_two', 'shop.*', '{*}');
SELECT integratedb.impact_graph('shop');
SET SESSION AUTHORIZATION regress_owner;
SELECT integratedb.impact_graph() LIKE '%shop%' AS of_others;
SELECT integratedb.impact_graph('shop');
RESET SESSION AUTHORIZATION;
SELECT integratedb.impact_graph('nowhere');
-- No lock on a relation of others is taken, so none is waited for.
BEGIN;
SELECT count(*) FROM integratedb.impact('public.orders');
SELECT possible FROM integratedb.can_drop('public.orders');
SELECT possible FROM integratedb.can_alter_type('public.orders', 'id', 'text');
SELECT count(*) FROM regexp_split_to_table(integratedb.impact_graph(), E'\n');
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('public.orders'::regclass, 'public.lines'::regclass, 'public.order_totals'::regclass);
COMMIT;
\i :end
