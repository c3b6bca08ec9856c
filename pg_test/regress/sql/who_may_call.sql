-- Who may use each function, view and table, and what an unprivileged role, a relation's owner and a stakeholder meet.
\set test 'integratedb_who_may_call'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_nobody;
CREATE ROLE regress_owner;
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL);
ALTER TABLE public.orders OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{*}');

-- Every object with those who may use it (its owner aside): a new one that is not listed fails this test.
SELECT 'schema integratedb' AS object, string_agg(coalesce(r.rolname, 'public') || ' ' || a.privilege_type, ', ' ORDER BY r.rolname, a.privilege_type) AS granted
  FROM pg_namespace AS n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
 WHERE n.nspname = 'integratedb' AND a.grantee <> n.nspowner;
SELECT p.oid::regprocedure AS function,
       (SELECT string_agg(coalesce(r.rolname, 'public') || ' ' || a.privilege_type, ', ' ORDER BY r.rolname, a.privilege_type)
          FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee WHERE a.grantee <> p.proowner) AS granted
  FROM pg_proc AS p WHERE p.pronamespace = 'integratedb'::regnamespace ORDER BY p.proname, p.pronargs;
SELECT c.oid::regclass AS relation, c.relkind AS kind,
       (SELECT string_agg(coalesce(r.rolname, 'public') || ' ' || a.privilege_type, ', ' ORDER BY r.rolname, a.privilege_type)
          FROM aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) AS a
               LEFT JOIN pg_roles AS r ON r.oid = a.grantee WHERE a.grantee <> c.relowner) AS granted
  FROM pg_class AS c WHERE c.relnamespace = 'integratedb'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f') ORDER BY c.relname;
SELECT attrelid::regclass, attname FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace);
SELECT obj_description(p.oid, 'pg_proc') IS NULL AS without_comment, count(*) FROM pg_proc AS p WHERE p.pronamespace = 'integratedb'::regnamespace GROUP BY 1;

-- Each statement, as each role. A function that EXECUTE was granted for tests the caller itself.
CREATE TABLE public.statement (number serial, text text);
INSERT INTO public.statement (text) VALUES
    ($$SELECT integratedb.create_stakeholder('regress_x')$$), ($$SELECT integratedb.alter_stakeholder('regress_app', '{}')$$), ($$SELECT count(*) FROM integratedb.issue_credential('regress_app')$$), ($$SELECT integratedb.renew_credential('regress_app')$$), ($$SELECT integratedb.register_credential('regress_app', 'regress_nobody')$$), ($$SELECT count(*) FROM integratedb.rotate_password('regress_app')$$),
    ($$SELECT integratedb.revoke_credential('regress_app')$$), ($$SELECT integratedb.reap_credentials()$$), ($$SELECT integratedb.forbid_access('regress_app')$$), ($$SELECT integratedb.end_access('regress_app')$$), ($$CALL integratedb.revoke_stakeholder_access('regress_app')$$),
    ($$SELECT integratedb.adopt_stakeholder('regress_nobody')$$), ($$SELECT integratedb.rename_stakeholder('regress_app', 'regress_x')$$), ($$SELECT integratedb.drop_stakeholder('regress_app')$$),
    ($$SELECT integratedb.drop_stakeholder('regress_app', keep => true)$$), ($$SELECT integratedb.claim('regress_app', '{"match": []}')$$), ($$SELECT integratedb.claim('regress_app', 'public.orders', '{id}')$$),
    ($$SELECT integratedb.unclaim('regress_app')$$), ($$SELECT integratedb.claim_document('regress_app')$$), ($$SELECT integratedb.sync()$$), ($$SELECT integratedb.install_compat('public')$$),
    ($$SELECT integratedb.validate_migration()$$), ($$SELECT * FROM integratedb.unmet_claims()$$), ($$SELECT integratedb.path_text('a', 'b')$$), ($$SELECT integratedb.shape_text('{}')$$),
    ($$SELECT integratedb.export_grants('regress_app')$$), ($$SELECT integratedb.assert_rehearsal('SELECT 1')$$),
    ($$SELECT integratedb.assert_rehearsal('DROP TABLE public.orders')$$), ($$SELECT integratedb.claim_schema() IS NOT NULL$$),
    ($$SELECT integratedb.claim_diff('regress_app', 1, 2)$$), ($$SELECT integratedb.restore_claim('regress_app', 1)$$), ($$SELECT integratedb.needed_by('public', 'orders', '')$$),
    ($$SELECT count(*) FROM integratedb.deprecate('public.orders')$$), ($$SELECT integratedb.undeprecate('public.orders')$$), ($$SELECT count(*) FROM integratedb.explain_denied('regress_app', 'public.orders')$$), ($$SELECT count(*) FROM integratedb.impact('public.orders')$$), ($$SELECT integratedb.can_drop('public.orders')$$), ($$SELECT integratedb.can_rename('public.orders')$$),
    ($$SELECT integratedb.can_alter_type('public.orders', 'id', 'text')$$), ($$SELECT integratedb.impact_graph() IS NOT NULL$$),
    ($$SELECT integratedb.waive('regress_app', 'public.orders', '{column-exists}', 'test', now() + interval '1 day') > 0$$), ($$SELECT integratedb.unwaive(0)$$),
    ($$SELECT count(*) FROM integratedb.exposure()$$), ($$SELECT count(*) FROM integratedb.exposure('regress_app') WHERE how = 'none'$$), ($$SELECT count(*) FROM integratedb.privilege_drift()$$),
    ($$SELECT count(*) FROM integratedb.repair_privileges()$$), ($$SELECT count(*) FROM integratedb.doctor() WHERE state = 'none'$$),
    ($$SELECT integratedb.grant_admin('regress_nobody')$$), ($$SELECT integratedb.revoke_admin('regress_nobody')$$), ($$SELECT integratedb.request_claim('{"match": [{"path": "public.statement", "fields": ["*"]}]}', 'a test') > 0$$), ($$SELECT integratedb.approve_request(0)$$), ($$SELECT integratedb.refuse_request(0, 'no')$$), ($$SELECT count(*) FROM integratedb.request_parts(0)$$), ($$SELECT integratedb.export_configuration() IS NULL$$), ($$SELECT count(*) FROM integratedb.apply_configuration('{}')$$), ($$SELECT integratedb.on_ddl_command_start()$$), ($$SELECT integratedb.on_ddl_command_end()$$), ($$SELECT integratedb.on_sql_drop()$$);
INSERT INTO public.statement (text)
SELECT format('SELECT * FROM %s', oid::regclass) FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace AND relkind IN ('r', 'v', 'S') ORDER BY relname;
GRANT SELECT ON public.statement TO PUBLIC;
CREATE FUNCTION public.try() RETURNS TABLE (statement text, outcome text) LANGUAGE plpgsql AS $$
BEGIN
    FOR statement IN SELECT s.text FROM public.statement AS s ORDER BY number LOOP
        BEGIN
            EXECUTE statement;
            outcome := 'works';
        EXCEPTION WHEN OTHERS THEN
            outcome := SQLSTATE || ' ' || SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
CREATE TABLE public.met (statement text, outcome text);
GRANT SELECT, INSERT ON public.met TO regress_nobody;
GRANT SELECT ON public.met TO regress_owner, regress_app;
SET SESSION AUTHORIZATION regress_nobody;
INSERT INTO public.met SELECT * FROM try();
TABLE public.met;
-- An owner and a stakeholder meet the same; what the owner is told by unmet_claims is in that test.
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_owner;
SELECT * FROM try() EXCEPT SELECT * FROM public.met;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
SELECT * FROM try() EXCEPT SELECT * FROM public.met;
RESET SESSION AUTHORIZATION;

-- EXECUTE granted by a DBA is not the right to call: the function tests the caller.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA integratedb TO regress_nobody;
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM try() WHERE statement LIKE '%(%';
SELECT integratedb.claim('regress_app', 'public.orders', '{id}');
RESET SESSION AUTHORIZATION;
-- After SET ROLE it is the current role that counts, not the session's.
SET ROLE regress_nobody;
SELECT integratedb.sync();
RESET ROLE;
-- Everything is as it was.
SELECT stakeholder, role_status, claims FROM integratedb.stakeholders;
SELECT has_table_privilege('regress_app', 'public.orders', 'SELECT');
-- Whoever is a member of a superuser role acts as it only after SET ROLE.
CREATE ROLE regress_super SUPERUSER NOLOGIN;
CREATE ROLE regress_member IN ROLE regress_super;
SET SESSION AUTHORIZATION regress_member;
SELECT integratedb.sync();
SET ROLE regress_super;
SELECT integratedb.sync();
RESET ROLE;
RESET SESSION AUTHORIZATION;
\i :end
