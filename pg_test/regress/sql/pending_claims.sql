-- A pending claim names what does not exist yet, blocks nobody until it does, and is met and granted in the transaction that
-- creates its shape. From then on it is enforced.
\set test 'integratedb_pending_claims'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set granted :abs_srcdir '/include/granted.sql'
\i :granted
CREATE TABLE public.customers (id bigint PRIMARY KEY, email text);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
CREATE VIEW public.state AS SELECT path, status, may_be_pending, reason FROM integratedb.claims WHERE stakeholder = 'reporter' ORDER BY match_number, path;

-- Without "pending" it is a problem of the document.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id", "total"]}]}');
-- A relation, a column, a schema, a function, a sequence and a type that are not there, and one that has another shape.
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"path": "public.orders", "fields": ["id", {"name": "total", "type": "numeric(12,2)"}], "keys": [["id"]], "pending": true},
    {"alternatives": [{"path": "public.customers", "fields": ["id", "phone"]}, {"path": "public.people", "fields": ["id"]}], "pending": true},
    {"path": "billing.*", "fields": ["*"], "pending": true},
    {"function": "public.order_total(bigint)", "returns": "numeric", "pending": true},
    {"sequence": "public.order_number", "pending": true},
    {"type": "public.mood", "labels": ["happy"], "pending": true},
    {"path": "public.customers", "fields": ["email"]}]}');
SELECT * FROM state;
SELECT * FROM granted('reporter');
-- Nothing of it is unmet, and the numbers are in stakeholders.
SELECT claims, unmet_claims, pending_claims FROM integratedb.stakeholders;
SELECT integratedb.validate_migration();
SELECT * FROM integratedb.unmet_claims();

-- A shape that is not the claimed one: the claim waits, says for what, and stops nobody.
CREATE TABLE public.orders (id bigint PRIMARY KEY);
SELECT path, status, reason FROM state WHERE path = 'public.orders';
ALTER TABLE public.orders ADD COLUMN total numeric;
SELECT path, status, reason FROM state WHERE path = 'public.orders';
ALTER TABLE public.orders ALTER COLUMN total TYPE numeric(12,2), DROP CONSTRAINT orders_pkey;
SELECT path, status, reason FROM state WHERE path = 'public.orders';
SELECT * FROM granted('reporter') WHERE object LIKE '%orders%';
DROP TABLE public.orders;
SELECT path, status, reason FROM state WHERE path = 'public.orders';

-- In the transaction that creates the shape it is met, and the stakeholder can read.
BEGIN;
CREATE TABLE public.orders (id bigint, total numeric(12,2), note text);
SELECT status FROM state WHERE path = 'public.orders';
ALTER TABLE public.orders ADD PRIMARY KEY (id);
SELECT status FROM state WHERE path = 'public.orders';
SELECT * FROM granted('reporter') WHERE object LIKE '%orders%';
ROLLBACK;
SELECT status FROM state WHERE path = 'public.orders';
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2), note text);
SELECT status, reason FROM state WHERE path = 'public.orders';
\c - reporter
SELECT id, total FROM public.orders;
SELECT note FROM public.orders;
\c :test :regress_user :regress_host :regress_port
-- From then on it is enforced.
DROP TABLE public.orders;
ALTER TABLE public.orders DROP COLUMN total;
ALTER TABLE public.orders ALTER COLUMN total TYPE numeric(14,2);
ALTER TABLE public.orders DROP CONSTRAINT orders_pkey;
ALTER TABLE public.orders DROP COLUMN note;

-- Within one transaction, created and dropped again: nothing was broken.
BEGIN;
ALTER TABLE public.customers ADD COLUMN phone text;
SELECT status FROM state WHERE path LIKE 'public.customers |%';
ALTER TABLE public.customers DROP COLUMN phone;
SELECT status FROM state WHERE path LIKE 'public.customers |%';
COMMIT;
SELECT status FROM state WHERE path LIKE 'public.customers |%';
-- The second alternative comes first.
CREATE TABLE public.people (id bigint);
SELECT path, status, active_path FROM integratedb.claims WHERE path LIKE '%people';
DROP TABLE public.people;
ALTER TABLE public.customers ADD COLUMN phone text;
DROP TABLE public.people;
SELECT path, status, active_path FROM integratedb.claims WHERE path LIKE '%people';
ALTER TABLE public.customers DROP COLUMN phone;

-- A schema for the wildcard, then what is in it.
CREATE SCHEMA billing;
SELECT path, status FROM state WHERE path LIKE 'billing%';
CREATE TABLE billing.invoices (id bigint);
SELECT path, status FROM state WHERE path LIKE 'billing%';
SELECT * FROM granted('reporter') WHERE object LIKE '%billing%';
DROP TABLE billing.invoices;
DROP SCHEMA billing CASCADE;

-- A function of another signature or result waits; then it is granted, and enforced.
CREATE FUNCTION public.order_total(integer) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';
SELECT status, reason FROM state WHERE path LIKE '%order_total%';
CREATE FUNCTION public.order_total(bigint) RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT status, reason FROM state WHERE path LIKE '%order_total%';
DROP FUNCTION public.order_total(bigint);
CREATE FUNCTION public.order_total(bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';
SELECT status, reason FROM state WHERE path LIKE '%order_total%';
SELECT * FROM granted('reporter') WHERE object LIKE '%order_total%';
DROP FUNCTION public.order_total(bigint);
DROP FUNCTION public.order_total(integer);
-- A sequence, and a type.
CREATE SEQUENCE public.order_number;
SELECT status FROM state WHERE path LIKE '%order_number';
SELECT * FROM granted('reporter') WHERE object LIKE '%order_number%';
DROP SEQUENCE public.order_number;
CREATE TYPE public.mood AS ENUM ('sad');
SELECT status, reason FROM state WHERE path LIKE '%mood';
ALTER TYPE public.mood ADD VALUE 'happy';
SELECT status, reason FROM state WHERE path LIKE '%mood';
SELECT * FROM granted('reporter') WHERE object LIKE 'type%';
DROP TYPE public.mood;

-- When it is claimed again, what is met stays met, and enforced; claimed anew where it is absent it waits again.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id"], "pending": true}, {"path": "public.later", "fields": ["*"], "pending": true}]}');
SELECT * FROM state;
DROP TABLE public.orders;
-- "optional" and "pending": once it has been there, it may go again.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id"], "pending": true, "optional": true}, {"path": "public.later", "fields": ["id"], "pending": true, "optional": true}]}');
SELECT * FROM state;
DROP TABLE public.orders;
SELECT * FROM state;
-- But one that has never been met blocks nobody, optional or not: the shape may come in steps.
CREATE TABLE public.later (other text);
SELECT * FROM state;
ALTER TABLE public.later ADD COLUMN id bigint;
SELECT * FROM state;
ALTER TABLE public.later DROP COLUMN id;
DROP TABLE public.later;
SELECT * FROM state;
-- A pending claim that has been broken with enforcement = warn is unmet, not pending.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.customers", "fields": ["email"], "pending": true}]}');
SET integratedb.enforcement = warn;
ALTER TABLE public.customers DROP COLUMN email;
RESET integratedb.enforcement;
SELECT * FROM state;
ALTER TABLE public.customers ADD COLUMN email text;
SELECT * FROM state;
-- sync() leaves a claim that still waits as it is.
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["id"], "pending": true}]}');
SELECT integratedb.sync();
SELECT * FROM state;
CREATE TABLE public.orders (id bigint);
SELECT * FROM state;
SELECT * FROM granted('reporter');
-- What it names may rest on types and relations that are not there either.
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"path": "public.parcels", "fields": [{"name": "id", "type": "public.parcel_id"}, "order_id"],
     "references": [{"fields": ["order_id"], "path": "public.orders", "to": ["id"]}], "pending": true},
    {"function": "public.weight(public.parcel_id)", "returns": "public.grams", "pending": true}]}');
SELECT path, status FROM state;
CREATE DOMAIN public.parcel_id AS bigint;
CREATE DOMAIN public.grams AS integer;
ALTER TABLE public.orders ADD PRIMARY KEY (id);
CREATE TABLE public.parcels (id public.parcel_id, order_id bigint REFERENCES public.orders);
CREATE FUNCTION public.weight(public.parcel_id) RETURNS public.grams LANGUAGE sql AS 'SELECT 1';
SELECT path, status, reason FROM state;
DROP FUNCTION public.weight(public.parcel_id);
ALTER TABLE public.parcels ALTER COLUMN id TYPE bigint;
\i :end
