-- schema.* claims every table and view of a schema, also those that come later, but none that are a part of something else.
\set test 'integratedb_claim_wildcard'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id bigint PRIMARY KEY, total numeric);
CREATE VIEW billing.totals AS SELECT total FROM billing.invoices;
CREATE MATERIALIZED VIEW billing.totals_m AS SELECT total FROM billing.invoices;
CREATE TABLE billing.parted (id integer, day date) PARTITION BY RANGE (day);
CREATE TABLE billing.parted_2020 PARTITION OF billing.parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE billing.parent (id integer);
CREATE TABLE billing.child () INHERITS (billing.parent);
CREATE FOREIGN DATA WRAPPER regress_nothing;
CREATE SERVER regress_nowhere FOREIGN DATA WRAPPER regress_nothing;
CREATE FOREIGN TABLE billing.foreign_t (id integer) SERVER regress_nowhere;
CREATE SEQUENCE billing.seq;
CREATE TYPE billing.composite AS (x integer);
CREATE TABLE billing.no_columns ();
CREATE TABLE public.elsewhere (id integer);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "billing.*", "fields": ["*"]}]}');
SELECT path, status, from_wildcard FROM integratedb.claims ORDER BY path;
SELECT path, column_name, shape FROM integratedb.claimed_columns ORDER BY 1, 2;
SET SESSION AUTHORIZATION regress_app;
SELECT count(*) FROM billing.parted;
SELECT count(*) FROM billing.parted_2020;
SELECT nextval('billing.seq');
SELECT * FROM public.elsewhere;
RESET SESSION AUTHORIZATION;

-- What comes later is claimed and granted at once; a column too.
CREATE TABLE billing.later (id integer);
ALTER TABLE billing.invoices ADD COLUMN currency text;
SELECT path, column_name FROM integratedb.claimed_columns WHERE path = 'billing.later' OR column_name = 'currency' ORDER BY 1;
SELECT has_table_privilege('regress_app', 'billing.later', 'SELECT'), has_column_privilege('regress_app', 'billing.invoices', 'currency', 'SELECT');
ALTER TABLE public.elsewhere SET SCHEMA billing;
SELECT path, status FROM integratedb.claims WHERE path = 'billing.elsewhere';
-- And guarded from then on.
DROP TABLE billing.later;
ALTER TABLE billing.invoices DROP COLUMN currency;
ALTER TABLE billing.elsewhere SET SCHEMA public;
SET client_min_messages = warning;
DROP SCHEMA billing CASCADE;
RESET client_min_messages;
ALTER SCHEMA billing RENAME TO accounts;
-- Within one transaction it may come and go.
BEGIN;
CREATE TABLE billing.passing (id integer);
ALTER TABLE billing.invoices ADD COLUMN passing text;
DROP TABLE billing.passing;
ALTER TABLE billing.invoices DROP COLUMN passing;
COMMIT;

-- A claimed table that becomes a partition keeps its claim and privilege.
CREATE TABLE billing.parted_2021 (id integer, day date);
ALTER TABLE billing.parted ATTACH PARTITION billing.parted_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
SELECT path, status FROM integratedb.claims WHERE path LIKE '%parted%' ORDER BY 1;
SELECT has_table_privilege('regress_app', 'billing.parted_2021', 'SELECT');

-- An empty schema is met; one that does not exist is refused.
CREATE SCHEMA empty;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.*", "fields": ["*"]}]}');
SELECT path, status FROM integratedb.claims;
CREATE TABLE empty.first (id integer);
SELECT path, status, from_wildcard FROM integratedb.claims ORDER BY path;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empti.*", "fields": ["*"]}]}');

-- A wildcard needs "fields": ["*"], which stands alone in its list.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.*"}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.*", "fields": ["id"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.*", "fields": []}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.first", "fields": ["*", "id"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "*.first", "fields": ["*"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "*", "fields": ["*"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "*.*", "fields": ["*"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.f*", "fields": ["*"]}]}');

-- A wildcard beside a match of one of its relations: the union is granted, and what remains is kept.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "empty.*", "fields": ["*"]}, {"path": "empty.first", "fields": ["id"]}]}');
SELECT * FROM integratedb.unclaim('regress_app', 'empty.*');
SELECT path, from_wildcard FROM integratedb.claims ORDER BY path;
\i :end
