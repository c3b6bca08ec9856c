-- claim_document returns the document as it was given; claim replaces the whole of it.
\set test 'integratedb_claim_document'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.customers (id bigint PRIMARY KEY, user_id bigint NOT NULL, email text, ssn text);
CREATE TABLE public.orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES public.customers, total numeric(12,2) NOT NULL, note varchar(80));
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT integratedb.claim_document('regress_app');
SELECT * FROM integratedb.claim('regress_app', '{"match": [
   {"path": "public.orders",    "fields": ["*"]},
   {"path": "public.customers", "fields": ["id", {"name": "email", "type": "text", "is_nullable": true}, {"name": "nickname", "optional": true},
                                           {"alternatives": ["user_id", {"name": "account_id", "type": "bigint"}]}]},
   {"alternatives": [{"path": "public.invoices", "fields": ["id"]}, {"path": "public.legacy_invoices"}], "optional": true}]}');
SELECT jsonb_pretty(integratedb.claim_document('regress_app'));
SELECT path, status, optional, from_wildcard, alternatives, active_alternative, active_path, match_number FROM integratedb.claims ORDER BY claim_id;
SELECT path, column_name, shape, status, optional, alternative FROM integratedb.claimed_columns ORDER BY claim_id, alternative, column_name;

-- What is left out of a new document is claimed no more.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id"]}]}');
SELECT integratedb.claim_document('regress_app');
SELECT path, column_name, shape FROM integratedb.claimed_columns ORDER BY 1, 2;

-- No fields, null or []: the relation must exist, no column is claimed or granted.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders"}, {"path": "public.customers", "fields": null}]}');
SELECT path, status FROM integratedb.claims ORDER BY claim_id;
SELECT count(*) FROM integratedb.claimed_columns;
SELECT has_any_column_privilege('regress_app', 'public.orders', 'SELECT');
ALTER TABLE public.orders DROP COLUMN note;
DROP TABLE public.orders;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": []}]}');

-- A document without matches claims nothing.
SELECT * FROM integratedb.claim('regress_app', '{"match": []}');
SELECT count(*) FROM integratedb.claims;
SELECT integratedb.claim_document('regress_app');

-- A document that is refused leaves the old one in force.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.customers", "fields": ["id"]}, {"path": "public.orders", "fields": ["nope"]}]}');
SELECT integratedb.claim_document('regress_app');
SELECT has_column_privilege('regress_app', 'public.customers', 'id', 'SELECT') AS granted,
       has_column_privilege('regress_app', 'public.orders', 'id', 'SELECT') AS kept;
\i :end
