-- A permission-denied error is answered with the claim that is missing, or with what else stands in the way.
\set test 'integratedb_explain_denied'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_nobody;
CREATE TABLE public.orders (id serial PRIMARY KEY, total numeric NOT NULL, note text, secret text);
CREATE TABLE public.other (id bigint);
CREATE VIEW public.order_list AS SELECT id, count(*) AS lines FROM public.orders GROUP BY id;
CREATE FUNCTION public.total(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1';
REVOKE EXECUTE ON FUNCTION public.total(bigint) FROM PUBLIC;
SELECT integratedb.protect('public.orders', '{secret}');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.orders", "fields": ["*"], "except": ["note"]},
    {"path": "public.order_list", "fields": ["id"]},
    {"path": "public.later", "fields": ["id"], "pending": true}]}');

-- The stakeholder asks for itself, right after the error.
SET SESSION AUTHORIZATION regress_app;
SELECT id, note FROM public.orders;
SELECT finding, privileges, columns, message, claim FROM integratedb.explain_denied('regress_app', 'public.orders', 'note');
SELECT finding, columns, message, claim FROM integratedb.explain_denied('regress_app', 'public.orders', 'secret');
UPDATE public.orders SET total = 1;
SELECT finding, privileges, columns, message, claim FROM integratedb.explain_denied('regress_app', 'public.orders');
SELECT * FROM public.other;
SELECT finding, message, hint, claim FROM integratedb.explain_denied('regress_app', 'public.other');
SELECT finding, privileges, columns, message FROM integratedb.explain_denied('regress_app', 'public.order_list');
SELECT finding, message, hint FROM integratedb.explain_denied('regress_app', 'public.later');
SELECT public.total(1);
SELECT finding, privileges, message, claim FROM integratedb.explain_denied('regress_app', 'public.total(bigint)');
SELECT finding, privileges, message, claim FROM integratedb.explain_denied('regress_app', 'public.orders_id_seq');
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'public.nothing');
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'public.orders', 'nothing');
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'pg_catalog.pg_authid');
-- Not for another one, and not for what is no path.
SELECT * FROM integratedb.explain_denied('regress_other', 'public.orders');
SELECT * FROM integratedb.explain_denied('regress_app', 'orders');
SELECT * FROM integratedb.explain_denied('regress_app', 'public.*');
SELECT * FROM integratedb.explain_denied('regress_app', 'public.orders', '');
SELECT * FROM integratedb.explain_denied('regress_app', NULL);
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM integratedb.explain_denied('regress_app', 'public.orders');
SELECT * FROM integratedb.explain_denied('regress_nobody', 'public.orders');
RESET SESSION AUTHORIZATION;

-- What it proposes mends it.
SELECT count(*) FROM integratedb.explain_denied('regress_app', 'public.other') e,
    LATERAL integratedb.claim('regress_app', jsonb_build_object('match', integratedb.claim_document('regress_app') -> 'match' || e.claim));
SELECT finding FROM integratedb.explain_denied('regress_app', 'public.other', 'id') WHERE 'SELECT' = ANY (privileges);

-- Taken by hand while nothing was enforced.
SET integratedb.enforcement = off;
REVOKE SELECT ON public.other FROM regress_app;
RESET integratedb.enforcement;
SELECT finding, message, hint FROM integratedb.explain_denied('regress_app', 'public.other') WHERE 'SELECT' = ANY (privileges);
SELECT integratedb.sync();
SELECT finding FROM integratedb.explain_denied('regress_app', 'public.other') WHERE 'SELECT' = ANY (privileges);
-- No longer met, and row level security.
SET integratedb.enforcement = warn;
ALTER TABLE public.other RENAME COLUMN id TO number;
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
RESET integratedb.enforcement;
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'public.other');
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'public.orders', 'id') WHERE privileges IS NULL;
-- The role is another one, or gone.
ALTER ROLE regress_app RENAME TO regress_former;
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'public.order_list', 'id');
CREATE ROLE regress_app;
SELECT finding, message FROM integratedb.explain_denied('regress_app', 'public.order_list', 'id');
DROP ROLE regress_app;
ALTER ROLE regress_former RENAME TO regress_app;
SELECT * FROM integratedb.explain_denied('regress_missing', 'public.orders');
\i :end
