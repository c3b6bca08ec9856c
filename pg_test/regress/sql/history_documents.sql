-- Every change of a document is kept: who, when, from where, before and after; versions can be compared and claimed again.
\set test 'integratedb_history_documents'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_dba SUPERUSER;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric, note text);
CREATE TABLE public.items (id bigint PRIMARY KEY);
SET application_name = 'deployment';
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id", "note"]}]}');
-- No change, and a change that fails, are none.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id", "note"]}]}');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.nope"}]}');
BEGIN;
SELECT count(*) FROM integratedb.claim('regress_app', 'public.items', '{id}');
ROLLBACK;
SELECT integratedb.sync();
SET ROLE regress_dba;
SELECT count(*) FROM integratedb.claim('regress_app', 'public.items', '{id}');
SET application_name = 'by hand';
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{total,id}');
SELECT count(*) FROM integratedb.unclaim('regress_app', 'public.items');
RESET ROLE;
SELECT count(*) FROM integratedb.unclaim('regress_app');
SELECT version, NULLIF(role, session_user) AS role, session_role = session_user AS session, client_address, application_name, function, document_before, document_after
FROM integratedb.claim_history ORDER BY version;
SELECT bool_and(changed_at BETWEEN now() - interval '1 hour' AND now()) FROM integratedb.claim_history;
-- What the function is called by is the caller, also through one of the caller's own.
CREATE FUNCTION public.deploy() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM integratedb.claim('regress_app', 'public.items', '{}') $$;
ALTER FUNCTION public.deploy() OWNER TO regress_dba;
CREATE ROLE regress_deployer;
SET SESSION AUTHORIZATION regress_deployer;
SELECT public.deploy();
RESET SESSION AUTHORIZATION;
SELECT version, session_role, role, function FROM integratedb.claim_history ORDER BY version DESC LIMIT 1;

SELECT * FROM integratedb.claim_diff('regress_app', 2, 4);
SELECT * FROM integratedb.claim_diff('regress_app', 4, 2);
SELECT * FROM integratedb.claim_diff('regress_app', 1, 1);
SELECT * FROM integratedb.claim_diff('regress_app', 1, 99);
SELECT * FROM integratedb.claim_diff('regress_nope', 1, 2);
SELECT * FROM integratedb.claim_diff('regress_app', NULL, 2);

SELECT * FROM integratedb.restore_claim('regress_app', 2);
SELECT integratedb.claim_document('regress_app');
SELECT version, function FROM integratedb.claim_history ORDER BY version DESC LIMIT 1;
SELECT * FROM integratedb.restore_claim('regress_app', 2);
SELECT * FROM integratedb.restore_claim('regress_app', 0);
SELECT * FROM integratedb.restore_claim('regress_nope', 1);
SELECT * FROM integratedb.restore_claim('regress_app', NULL);
-- What no longer fits the catalogs is told as for any claim.
SELECT count(*) FROM integratedb.unclaim('regress_app');
ALTER TABLE public.orders DROP COLUMN note;
SELECT * FROM integratedb.restore_claim('regress_app', 2);
SELECT count(*) FROM integratedb.restore_claim('regress_app', 4);

-- The history of a stakeholder goes with its name, and stays when it is dropped. Another one of the name goes on with it.
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
SELECT stakeholder, count(*), max(version) FROM integratedb.claim_history GROUP BY 1;
SELECT count(*) FROM integratedb.drop_stakeholder('regress_new');
SELECT version, function, document_before, document_after FROM integratedb.claim_history ORDER BY version DESC LIMIT 1;
SELECT * FROM integratedb.claim_diff('regress_new', 4, 11);
SELECT * FROM integratedb.restore_claim('regress_new', 4);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_new');
SELECT * FROM integratedb.restore_claim('regress_new', 11);
SELECT count(*) FROM integratedb.restore_claim('regress_new', 4);
SELECT version, function, document_after FROM integratedb.claim_history ORDER BY version DESC LIMIT 2;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_third');
SELECT count(*) FROM integratedb.drop_stakeholder('regress_new');
SELECT integratedb.rename_stakeholder('regress_third', 'regress_new');
SELECT stakeholder, version, function FROM integratedb.claim_history ORDER BY version DESC LIMIT 2;
\i :end
