-- Foreign keys that an application relies on: from exactly these columns to exactly those, validated.
\set test 'integratedb_references'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.customers (id bigint PRIMARY KEY, tenant integer, number integer, UNIQUE (tenant, number));
CREATE TABLE public.orders (id bigint PRIMARY KEY, parent_id bigint REFERENCES public.orders, customer_id bigint CONSTRAINT orders_customer REFERENCES public.customers,
    tenant integer, customer_number integer, note text, CONSTRAINT orders_composite FOREIGN KEY (customer_number, tenant) REFERENCES public.customers (number, tenant));
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
-- What is not there: other columns, another order of pairs, another relation.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["*"], "references": [
    {"fields": ["customer_id"], "path": "public.customers", "to": ["number"]}, {"fields": ["id"], "path": "public.customers", "to": ["id"]},
    {"fields": ["customer_number", "tenant"], "path": "public.customers", "to": ["tenant", "number"]}, {"fields": ["tenant"], "path": "public.customers", "to": ["tenant"]},
    {"fields": ["customer_id"], "path": "public.no_such", "to": ["id"]}, {"fields": ["parent_id"], "path": "public.customers", "to": ["id"]}]}]}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "parent_id", "customer_id", "tenant", "customer_number"], "references": [
    {"fields": ["customer_id"], "path": "public.customers", "to": ["id"]}, {"fields": ["parent_id"], "path": "public.orders", "to": ["id"]},
    {"fields": ["tenant", "customer_number"], "path": "public.customers", "to": ["tenant", "number"]}]}]}');
-- The referenced relation is not claimed by this: nothing is granted on it, but it may not go.
ALTER TABLE public.orders DROP CONSTRAINT orders_customer;
ALTER TABLE public.orders DROP CONSTRAINT orders_composite;
ALTER TABLE public.orders DROP CONSTRAINT orders_parent_id_fkey;
ALTER TABLE public.customers DROP CONSTRAINT customers_pkey;
ALTER TABLE public.customers DROP CONSTRAINT customers_pkey CASCADE;
ALTER TABLE public.customers DROP COLUMN tenant CASCADE;
ALTER TABLE public.orders DROP CONSTRAINT orders_pkey CASCADE;
DROP TABLE public.customers CASCADE;
ALTER TABLE public.customers RENAME TO people;
ALTER TABLE public.customers RENAME COLUMN number TO no;
ALTER TABLE public.customers RENAME COLUMN id TO customer_id;
ALTER TABLE public.orders RENAME COLUMN parent_id TO parent;
CREATE SCHEMA other;
ALTER TABLE public.customers SET SCHEMA other;
ALTER TABLE public.orders RENAME TO purchases;
-- The constraint's own name is of no concern; what it does beside is neither.
ALTER TABLE public.orders RENAME CONSTRAINT orders_customer TO customer_fk;
ALTER TABLE public.orders ALTER CONSTRAINT customer_fk DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.orders DISABLE TRIGGER ALL;
ALTER TABLE public.orders ENABLE TRIGGER ALL;
ALTER TABLE public.customers DROP CONSTRAINT customers_tenant_number_key CASCADE, ADD UNIQUE (number, tenant);
BEGIN;
ALTER TABLE public.customers DROP CONSTRAINT customers_tenant_number_key CASCADE;
ALTER TABLE public.customers ADD UNIQUE (number, tenant);
ALTER TABLE public.orders ADD FOREIGN KEY (tenant, customer_number) REFERENCES public.customers (tenant, number) ON DELETE CASCADE;
COMMIT;
-- Another foreign key in its place; with NOT VALID only once it has been validated.
BEGIN;
ALTER TABLE public.orders DROP CONSTRAINT customer_fk;
ALTER TABLE public.orders ADD CONSTRAINT customer_fk_2 FOREIGN KEY (customer_id) REFERENCES public.customers NOT VALID;
COMMIT;
ALTER TABLE public.orders ADD CONSTRAINT customer_fk_2 FOREIGN KEY (customer_id) REFERENCES public.customers NOT VALID;
ALTER TABLE public.orders DROP CONSTRAINT customer_fk;
ALTER TABLE public.orders VALIDATE CONSTRAINT customer_fk_2;
ALTER TABLE public.orders DROP CONSTRAINT customer_fk;
ALTER TABLE public.orders DROP CONSTRAINT customer_fk_2;
-- A chain of renames that leads back.
BEGIN;
ALTER TABLE public.customers RENAME TO c;
ALTER TABLE public.orders RENAME COLUMN customer_id TO c;
ALTER TABLE public.c RENAME TO customers;
ALTER TABLE public.orders RENAME COLUMN c TO customer_id;
COMMIT;
-- A relation that takes the name of the referenced one is another.
BEGIN;
ALTER TABLE public.customers RENAME TO old;
CREATE TABLE public.customers (id bigint PRIMARY KEY, tenant integer, number integer, UNIQUE (tenant, number));
COMMIT;
-- The referenced relation's own schema, and an owner who is not the claimed relation's.
CREATE ROLE regress_owner;
CREATE SCHEMA crm AUTHORIZATION regress_owner;
CREATE TABLE crm.accounts (id bigint PRIMARY KEY);
ALTER TABLE crm.accounts OWNER TO regress_owner;
ALTER TABLE public.orders ADD COLUMN account_id bigint REFERENCES crm.accounts;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["account_id"], "references": [{"fields": ["account_id"], "path": "crm.accounts", "to": ["id"]}]}]}');
SET SESSION AUTHORIZATION regress_owner;
DROP TABLE crm.accounts CASCADE;
ALTER TABLE crm.accounts RENAME TO a;
ALTER TABLE crm.accounts DROP CONSTRAINT accounts_pkey CASCADE;
DROP SCHEMA crm CASCADE;
RESET SESSION AUTHORIZATION;
ALTER SCHEMA crm RENAME TO sales;
DROP OWNED BY regress_owner CASCADE;
-- A view has none.
CREATE VIEW public.v AS SELECT * FROM public.orders;
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.v", "fields": ["*"], "references": [{"fields": ["account_id"], "path": "crm.accounts", "to": ["id"]}]}]}');
DROP VIEW public.v;
-- Of partitions each has its own; the parent's goes down to them.
CREATE TABLE public.p (id bigint, order_id bigint REFERENCES public.orders) PARTITION BY RANGE (id);
CREATE TABLE public.p_1 PARTITION OF public.p FOR VALUES FROM (1) TO (10);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.p", "fields": ["order_id"], "references": [{"fields": ["order_id"], "path": "public.orders", "to": ["id"]}]},
    {"path": "public.p_1", "fields": ["order_id"], "references": [{"fields": ["order_id"], "path": "public.orders", "to": ["id"]}]}]}');
ALTER TABLE public.p DROP CONSTRAINT p_order_id_fkey;
ALTER TABLE public.p_1 DROP CONSTRAINT p_order_id_fkey;
ALTER TABLE public.p DETACH PARTITION public.p_1;
ALTER TABLE public.p_1 DROP CONSTRAINT p_order_id_fkey;
-- Alternatives: one of the two may go.
CREATE TABLE public.l (a bigint REFERENCES public.customers);
CREATE TABLE public.l_2 (b bigint REFERENCES crm.accounts);
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"alternatives": [
    {"path": "public.l", "fields": ["a"], "references": [{"fields": ["a"], "path": "public.customers", "to": ["id"]}]},
    {"path": "public.l_2", "fields": ["b"], "references": [{"fields": ["b"], "path": "crm.accounts", "to": ["id"]}]}]}]}');
DROP TABLE crm.accounts CASCADE;
ALTER TABLE public.l DROP CONSTRAINT l_a_fkey;
SELECT path, status, active_path FROM integratedb.claims;
-- warn: unmet, and met again with the foreign key.
SET integratedb.enforcement = warn;
ALTER TABLE public.l DROP CONSTRAINT l_a_fkey;
RESET integratedb.enforcement;
SELECT path, status, reason FROM integratedb.claims;
SELECT path, rule, expected, actual FROM integratedb.unmet_claims();
ALTER TABLE public.l ADD FOREIGN KEY (a) REFERENCES public.customers;
SELECT path, status FROM integratedb.claims;
\i :end
