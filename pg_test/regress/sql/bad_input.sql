-- Every refusal is an ERROR with a fitting SQLSTATE, DETAIL and HINT, and leaves nothing behind.
\set test 'integratedb_bad_input'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80));
CREATE SEQUENCE public.seq;
CREATE INDEX orders_total ON public.orders (total);
CREATE TYPE public.composite AS (x integer);
CREATE TYPE public.mood AS ENUM ('sad');
CREATE TEMP TABLE temporary (id integer);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{id}');
-- What there is, in one text: our tables, roles, schemas, and every ACL.
CREATE FUNCTION public.state() RETURNS text LANGUAGE sql AS $$
SELECT md5(concat_ws('|',
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.stakeholder t), (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.claim t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.claimed_relation t), (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.claimed_relation_cache t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.granted_privilege t), (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.granted_privilege_cache t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM integratedb.stakeholder_cache t),
    (SELECT string_agg(rolname || rolcanlogin, ',' ORDER BY rolname) FROM pg_roles), (SELECT string_agg(nspname || coalesce(nspacl::text, ''), ',' ORDER BY nspname) FROM pg_namespace),
    (SELECT string_agg(oid::text || relacl::text, ',' ORDER BY oid) FROM pg_class WHERE relacl IS NOT NULL),
    (SELECT string_agg(attrelid::text || attnum || attacl::text, ',' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attacl IS NOT NULL)))
$$;
-- Runs a statement that must fail, and tells all of its error; what the caller passed is cut short.
CREATE FUNCTION public.refused(statement text, shown integer DEFAULT 600) RETURNS TABLE (field text, value text) LANGUAGE plpgsql AS $$
DECLARE
    before text := public.state();
    code text; message text; detail text; hint text;
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        RETURN QUERY VALUES ('SQLSTATE', code), ('message', left(message, 300)), ('detail', left(detail, shown)), ('hint', left(hint, 300));
        IF length(detail) > shown THEN
            RETURN QUERY VALUES ('detail ends', right(detail, 60));
        END IF;
        IF detail = '' OR hint = '' THEN
            RETURN QUERY VALUES ('INCOMPLETE', 'DETAIL or HINT is missing');
        END IF;
        IF before <> public.state() THEN
            RETURN QUERY VALUES ('CHANGED', 'something was left behind');
        END IF;
        RETURN;
    END;
    RETURN QUERY VALUES ('ACCEPTED', left(statement, 300));
END $$;
\pset format unaligned
\pset tuples_only on
\pset fieldsep ': '
-- Unknown stakeholder, in every function that names one.
SELECT * FROM refused($$SELECT integratedb.claim('regress_ap', '{"match": []}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('nobody', 'public.orders', '{id}')$$);
SELECT * FROM refused($$SELECT integratedb.unclaim('nobody')$$);
SELECT * FROM refused($$SELECT integratedb.claim_document('nobody')$$);
SELECT * FROM refused($$SELECT integratedb.rename_stakeholder('nobody', 'regress_x')$$);
SELECT * FROM refused($$SELECT integratedb.drop_stakeholder('nobody')$$);
SELECT * FROM refused($$SELECT integratedb.drop_stakeholder('nobody', true)$$);
-- Unknown schema, relation, column, type.
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'nowhere.orders', '{id}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'public.nothing_like_it', '{id}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'public.order', '{id}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'public.orders', '{nothing_like_it}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'public.orders', '{totl}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": [{"name": "id", "type": "nothing_like_it"}]}]}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": [{"name": "id", "type": "public.moood"}]}]}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": [{"name": "id", "type": "integer"}]}]}')$$);
-- System columns are no columns to claim.
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'public.orders', '{ctid}')$$);
-- Malformed documents: JSON of another form, unknown keys, another type of value. All problems at once.
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '[]')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '"public.orders"')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', 'null'::jsonb)$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": {}}')$$) WHERE field IN ('SQLSTATE', 'INCOMPLETE', 'CHANGED', 'ACCEPTED');
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": null}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"matches": [], "match": []}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [1, "public.orders", null, [], {}, {"path": 3}, {"path": null}, {"path": "public.orders", "fields": "id"},
   {"path": "public.orders2", "fields": [1, null, [], {}, {"name": 3}, {"name": "id", "type": 1, "min_length": "1", "is_nullable": "no", "optional": 1, "Type": "x"}], "optinal": true}]}')$$, 10000);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": ""}, {"path": "."}, {"path": "orders"}, {"path": "a.b.c"}, {"path": "public."}, {"path": ".orders"},
   {"path": "\"public.orders"}, {"path": "\"\".orders"}, {"path": "public.\"or\"ders"}, {"path": "public.*x\""}, {"path": "*"}, {"path": "public.orders", "fields": ["", "id", "*"]}]}')$$, 10000);
-- Not JSON at all, and characters that the server does not take.
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [')$$) WHERE field = 'SQLSTATE';
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.\u0000orders"}]}')$$) WHERE field = 'SQLSTATE';
-- Deeply nested.
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', repeat('[', 100) || repeat(']', 100)));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', repeat('[', 3000) || repeat(']', 3000)));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', '{"match": [{"path": "public.orders", "fields": [' || repeat('{"alternatives": [', 1000) || '"id"' || repeat(']}', 1000) || ']}]}'));
SELECT * FROM refused(format('SELECT integratedb.create_stakeholder(''regress_x'', %L)', repeat('{"a":', 3000) || '1' || repeat('}', 3000)));
-- 10 MB: one long text, many matches, many fields, many problems.
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', '{"match": [{"path": "public.' || repeat('x', 10000000) || '"}]}'));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', '{"match": [' || repeat('{"path": "public.orders"},', 400000) || '{"path": "public.orders"}]}'));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', '{"match": [{"path": "public.orders", "fields": [' || repeat('"id",', 2000000) || '"id"]}]}'));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', '{"match": [' || repeat('{"path": "public.orders"},', 5000) || '{"path": "public.orders"}]}'));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', %L)', '{"match": [{"path": "public.orders", "fields": [' || (SELECT string_agg('"x' || i || '"', ',') FROM generate_series(1, 1600) AS i) || ']}]}'));
SELECT * FROM refused(format('SELECT integratedb.claim(''regress_app'', ''public.orders'', ARRAY[%L])', repeat('x', 10000000)));
-- Names of stakeholders.
SELECT n, refused.* FROM unnest(ARRAY['', ' ', '1app', 'app-x', 'app.x', 'a"b', $$a'b$$, E'a\nb', 'größe', '日本', 'a;b', '%s%I', '*', repeat('x', 64), repeat('x', 10000),
    'pg_app', 'PG_APP', 'public', 'none', 'current_user', 'session_user', 'current_role', 'user', 'information_schema', 'integratedb']) AS n,
    refused(format('SELECT integratedb.create_stakeholder(%L)', n)) WHERE field IN ('SQLSTATE', 'detail', 'INCOMPLETE', 'CHANGED', 'ACCEPTED') AND length(n) < 100;
SELECT refused.* FROM refused(format('SELECT integratedb.create_stakeholder(%L)', repeat('x', 10000)));
SELECT * FROM refused($$SELECT integratedb.rename_stakeholder('regress_app', E'a\nb')$$);
-- What no stakeholder may claim.
SELECT p, refused.* FROM unnest(ARRAY['pg_catalog.pg_authid', 'pg_catalog.pg_class', 'information_schema.tables', 'integratedb.stakeholder', 'integratedb.claims',
    'pg_toast.pg_toast_1260', 'pg_temp.temporary', 'pg_temp_1.x', 'pg_toast_temp_1.x', 'pg_anything.x']) AS p,
    refused(format('SELECT integratedb.claim(''regress_app'', %L, ''{*}'')', p)) WHERE field <> 'hint';
SELECT p, refused.* FROM unnest(ARRAY['pg_catalog.*', 'information_schema.*', 'integratedb.*', 'pg_temp.*', 'pg_toast.*']) AS p,
    refused(format('SELECT integratedb.claim(''regress_app'', %L, ''{*}'')', p)) WHERE field <> 'hint';
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "pg_catalog.pg_authid", "optional": true}, {"alternatives": [{"path": "public.orders"}, {"path": "integratedb.claim"}]}]}')$$) WHERE field <> 'hint';
-- pg_temp by its real name.
SELECT nspname AS temporary_schema FROM pg_namespace WHERE oid = pg_my_temp_schema() \gset
SELECT field, replace(value, :'temporary_schema', 'pg_temp_n') FROM refused(format('SELECT integratedb.claim(''regress_app'', %L, ''{*}'')', :'temporary_schema' || '.temporary')) WHERE field <> 'hint';
-- Other kinds of relations.
SELECT p, refused.* FROM unnest(ARRAY['public.seq', 'public.orders_total', 'public.orders_pkey', 'public.composite', 'public.mood']) AS p,
    refused(format('SELECT integratedb.claim(''regress_app'', %L, ''{}'')', p));
-- The same thing twice: path in another spelling, field, alternative.
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.orders"}, {"path": "\"public\".\"orders\"", "fields": ["id"]}]}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id", "total", {"name": "id"}]}]}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id", {"alternatives": ["total", "id"]}]}]}')$$);
SELECT * FROM refused($$SELECT integratedb.claim('regress_app', '{"match": [{"path": "public.*", "fields": ["*"]}, {"path": "public.*", "fields": ["*"]}]}')$$);
-- NULL, for each argument.
SELECT s, refused.* FROM unnest(ARRAY[$$integratedb.claim(NULL, '{}'::jsonb)$$, $$integratedb.claim('regress_app', NULL::jsonb)$$, $$integratedb.claim(NULL, 'public.orders', '{id}')$$,
    $$integratedb.claim('regress_app', NULL, '{id}')$$, $$integratedb.claim('regress_app', 'public.orders', NULL)$$, $$integratedb.claim('regress_app', 'public.orders', '{id,NULL}')$$,
    $$integratedb.unclaim(NULL)$$, $$integratedb.claim_document(NULL)$$, $$integratedb.create_stakeholder(NULL)$$, $$integratedb.create_stakeholder('regress_x', NULL)$$,
    $$integratedb.rename_stakeholder(NULL, 'x')$$, $$integratedb.rename_stakeholder('regress_app', NULL)$$, $$integratedb.drop_stakeholder(NULL)$$, $$integratedb.drop_stakeholder('regress_app', NULL)$$,
    $$integratedb.unmet_claims(NULL)$$, $$integratedb.validate_migration(NULL)$$, $$integratedb.install_compat(NULL)$$]) AS s, refused('SELECT ' || s)
 WHERE field IN ('SQLSTATE', 'message', 'INCOMPLETE', 'CHANGED', 'ACCEPTED');
-- The claim that was there before is still in force.
SELECT integratedb.claim_document('regress_app');
ALTER TABLE public.orders DROP COLUMN id;
\i :end
