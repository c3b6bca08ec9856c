-- claim(stakeholder, path, fields) adds or replaces one match and leaves the others alone.
\set test 'integratedb_claim_short_form'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.customers (id bigint PRIMARY KEY, user_id bigint NOT NULL, email text, ssn text);
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80));
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{id,total}');
SELECT * FROM integratedb.claim('regress_app', 'public.customers', '{*}');
SELECT integratedb.claim_document('regress_app');
-- Replaces.
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{id,note}');
SELECT * FROM integratedb.claim('regress_app', 'public.customers', ARRAY['id']);
SELECT integratedb.claim_document('regress_app');
-- A match that was written in long form is replaced whole; the order of the document is kept.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.customers", "fields": [{"name": "email", "type": "text"}], "optional": true}, {"path": "public.orders", "fields": ["id"]}]}');
SELECT * FROM integratedb.claim('regress_app', 'public.customers', '{id}');
SELECT integratedb.claim_document('regress_app');
SELECT path, column_name, shape FROM integratedb.claimed_columns ORDER BY claim_id, column_name;
-- No fields: existence only.
SELECT * FROM integratedb.claim('regress_app', 'public.customers', '{}');
SELECT integratedb.claim_document('regress_app');
-- A wildcard.
CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id bigint);
SELECT * FROM integratedb.claim('regress_app', 'billing.*', '{*}');
-- Two arguments are never taken for the short form, and three never for the document.
SELECT * FROM integratedb.claim('regress_app', '{"match": []}');
SELECT * FROM integratedb.claim('regress_app', 'public.orders');
SELECT * FROM integratedb.claim('regress_app', '{"match": []}', '{id}');
-- A field is a column's name, never JSON.
SELECT * FROM integratedb.claim('regress_app', 'public.orders', ARRAY['{"name": "id"}']);
SELECT * FROM integratedb.claim('regress_app', 'public.orders', ARRAY['id', 'id']);
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{{id,total},{note,id}}');
SELECT integratedb.claim_document('regress_app');
\i :end
