-- alternatives: one must be met when claimed, all that are met are granted, and only the loss of the last is a break.
\set test 'integratedb_claim_alternatives'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.customers (id bigint PRIMARY KEY, user_id integer);
CREATE TABLE public.legacy_invoices (id bigint PRIMARY KEY, amount numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');

-- Of a column.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.customers", "fields": [{"alternatives": ["user_id", {"name": "account_id", "type": "bigint"}]}]}]}');
SELECT column_name, shape, status FROM integratedb.claimed_columns ORDER BY 1;
ALTER TABLE public.customers DROP COLUMN user_id;
ALTER TABLE public.customers ADD COLUMN account_id integer;
SELECT has_column_privilege('regress_app', 'public.customers', 'account_id', 'SELECT') AS wrong_shape_is_not_granted;
ALTER TABLE public.customers ALTER account_id TYPE bigint;
SELECT has_column_privilege('regress_app', 'public.customers', 'account_id', 'SELECT') AS granted,
       has_column_privilege('regress_app', 'public.customers', 'user_id', 'SELECT') AS too;
ALTER TABLE public.customers DROP COLUMN user_id;
SELECT column_name, shape, status FROM integratedb.claimed_columns ORDER BY 1;
ALTER TABLE public.customers DROP COLUMN account_id;
ALTER TABLE public.customers RENAME COLUMN account_id TO user_id;

-- Of a relation.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"alternatives": [{"path": "public.invoices", "fields": ["id", "total"]},
                                                                              {"path": "public.legacy_invoices", "fields": ["id", "amount"]}]}]}');
SELECT path, status, alternatives, active_alternative, active_path FROM integratedb.claims;
ALTER TABLE public.legacy_invoices DROP COLUMN amount;
CREATE TABLE public.invoices (id bigint, total numeric);
SELECT path, status, alternatives, active_alternative, active_path FROM integratedb.claims;
SELECT has_column_privilege('regress_app', 'public.invoices', 'total', 'SELECT') AS new, has_column_privilege('regress_app', 'public.legacy_invoices', 'amount', 'SELECT') AS old;
DROP TABLE public.legacy_invoices;
SELECT path, status, alternatives, active_alternative, active_path FROM integratedb.claims;
DROP TABLE public.invoices;
-- One for the other in one transaction; the shape is what was observed last.
BEGIN;
DROP TABLE public.invoices;
CREATE TABLE public.legacy_invoices (id bigint NOT NULL, amount numeric);
COMMIT;
SELECT active_path FROM integratedb.claims;

-- None met: every reason is listed, and nothing is claimed.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"alternatives": [{"path": "public.a", "fields": ["id"]}, {"path": "public.customers", "fields": ["nope"]},
    {"path": "public.legacy_invoices", "fields": [{"name": "amount", "type": "text"}]}]}, {"path": "public.customers", "fields": [{"alternatives": ["x", {"name": "id", "type": "uuid"}]}]}]}');
SELECT active_path FROM integratedb.claims;
-- Optional and none met: accepted.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"alternatives": [{"path": "public.a", "fields": ["id"]}, {"path": "public.b"}], "optional": true}]}');
SELECT path, status, active_path FROM integratedb.claims;

-- Of another schema, which need not exist yet; USAGE comes with it.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"alternatives": [{"path": "sales.orders", "fields": ["*"]}, {"path": "public.legacy_invoices", "fields": ["*"]}]}]}');
CREATE SCHEMA sales;
CREATE TABLE sales.orders (id bigint);
SELECT has_schema_privilege('regress_app', 'sales', 'USAGE') AS usage, has_table_privilege('regress_app', 'sales.orders', 'SELECT') AS granted;
DROP TABLE public.legacy_invoices;
SELECT * FROM integratedb.unclaim('regress_app');
SELECT has_schema_privilege('regress_app', 'sales', 'USAGE') AS usage;

-- A wildcard is no alternative, alternatives are not nested, and an empty list or one with "path" beside it is refused.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"alternatives": []}, {"alternatives": [{"path": "sales.orders"}], "path": "public.x"},
    {"alternatives": [{"alternatives": [{"path": "sales.orders"}]}]}, {"path": "sales.orders", "fields": [{"alternatives": []}, {"alternatives": ["*"]}, {"alternatives": ["id"], "name": "id"}]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"alternatives": [{"path": "sales.*", "fields": ["*"]}, {"path": "sales.orders"}]}]}');
SELECT path, from_wildcard, status FROM integratedb.claims ORDER BY 1;
\i :end
