-- Only what the extension granted is ever revoked: a DBA's own grants survive claiming, unclaiming and dropping.
\set test 'integratedb_ledger'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE SCHEMA s AUTHORIZATION regress_owner;
CREATE TABLE s.t (a integer, b integer, c integer);
CREATE TABLE s.whole (a integer, b integer);
CREATE TABLE s.partly (a integer, b integer);
ALTER TABLE s.t OWNER TO regress_owner;
ALTER TABLE s.whole OWNER TO regress_owner;
ALTER TABLE s.partly OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
CREATE FUNCTION public.granted() RETURNS TABLE (object text, acl text) LANGUAGE sql AS $$
SELECT 'schema s', a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END FROM pg_namespace, aclexplode(nspacl) AS a
 WHERE nspname = 's' AND a.grantee = 'regress_app'::regrole
UNION ALL
SELECT oid::regclass::text, a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END FROM pg_class, aclexplode(relacl) AS a
 WHERE relnamespace = 's'::regnamespace AND a.grantee = 'regress_app'::regrole
UNION ALL
SELECT attrelid::regclass || '.' || attname, a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END FROM pg_attribute, aclexplode(attacl) AS a
 WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 's'::regnamespace) AND NOT attisdropped AND a.grantee = 'regress_app'::regrole
ORDER BY 1, 2
$$;

-- What the DBA and the owner granted before.
GRANT USAGE ON SCHEMA s TO regress_app;
GRANT SELECT (a), UPDATE (a) ON s.t TO regress_app;
GRANT INSERT ON s.t TO regress_app;
GRANT SELECT ON s.whole TO regress_app;
GRANT SELECT (b) ON s.partly TO regress_app;
CREATE TABLE public.before AS SELECT * FROM granted();
TABLE public.before;
-- Only what is missing is granted, and only that is returned and revoked.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "s.t", "fields": ["a", "b"]}, {"path": "s.whole", "fields": ["a"]}, {"path": "s.partly", "fields": ["*"]}]}');
SELECT * FROM granted();
SELECT * FROM integratedb.unclaim('regress_app');
SELECT * FROM granted() EXCEPT SELECT * FROM public.before;
SELECT * FROM public.before EXCEPT SELECT * FROM granted();

-- A table-level revoke, which wipes column grants as well, is followed by restoring those that were not ours.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "s.t", "fields": ["*"]}, {"path": "s.partly", "fields": ["*"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "s.t", "fields": ["c"]}]}');
SELECT * FROM granted();
SELECT * FROM integratedb.unclaim('regress_app');
SELECT * FROM granted() EXCEPT SELECT * FROM public.before;
SELECT * FROM public.before EXCEPT SELECT * FROM granted();

-- A grant of another grantor, and one with grant option, are kept as they were, grantor and all.
GRANT SELECT (a) ON s.t TO regress_app WITH GRANT OPTION;
CREATE ROLE regress_deputy;
GRANT USAGE ON SCHEMA s TO regress_deputy;
GRANT SELECT (a, b) ON s.t TO regress_deputy WITH GRANT OPTION;
SET SESSION AUTHORIZATION regress_deputy;
GRANT SELECT (b) ON s.t TO regress_app;
RESET SESSION AUTHORIZATION;
SELECT attname, attacl AS acl FROM pg_attribute WHERE attrelid = 's.t'::regclass AND attnum > 0 ORDER BY 1;
SELECT * FROM integratedb.claim('regress_app', 's.t', '{*}');
SELECT * FROM integratedb.unclaim('regress_app');
SELECT attname, attacl AS acl FROM pg_attribute WHERE attrelid = 's.t'::regclass AND attnum > 0 ORDER BY 1;
SET SESSION AUTHORIZATION regress_deputy;
REVOKE SELECT (b) ON s.t FROM regress_app;
RESET SESSION AUTHORIZATION;
REVOKE GRANT OPTION FOR SELECT (a) ON s.t FROM regress_app;
REVOKE SELECT (a, b) ON s.t FROM regress_deputy;
SELECT * FROM granted() EXCEPT SELECT * FROM public.before;

-- What a DBA grants while it is claimed, beyond what is claimed.
SELECT * FROM integratedb.claim('regress_app', 's.partly', '{a}');
GRANT UPDATE ON s.partly TO regress_app;
GRANT SELECT ON s.partly TO regress_app;
SELECT * FROM integratedb.unclaim('regress_app');
SELECT * FROM granted() WHERE object LIKE 's.partly%';
REVOKE SELECT, UPDATE ON s.partly FROM regress_app;
GRANT SELECT (b) ON s.partly TO regress_app;

-- USAGE of the schema that is ours goes when nothing in it is claimed any more, not before.
REVOKE USAGE ON SCHEMA s FROM regress_app;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "s.t", "fields": ["c"]}, {"path": "s.partly", "fields": ["a"]}]}');
SELECT * FROM integratedb.unclaim('regress_app', 's.t');
SELECT * FROM integratedb.unclaim('regress_app', 's.partly');
GRANT USAGE ON SCHEMA s TO regress_app;
SELECT * FROM granted() EXCEPT SELECT * FROM public.before;
SELECT * FROM public.before EXCEPT SELECT * FROM granted();

-- What PUBLIC may do is granted nevertheless: PUBLIC's privilege may go without anybody thinking of us.
GRANT SELECT ON s.whole TO PUBLIC;
REVOKE SELECT ON s.whole FROM regress_app;
SELECT * FROM integratedb.claim('regress_app', 's.whole', '{*}');
REVOKE SELECT ON s.whole FROM PUBLIC;
SELECT integratedb.validate_migration();
SELECT * FROM integratedb.unclaim('regress_app');

-- The ledger in words, and by numbers; and it is empty at the end.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "s.t", "fields": ["c"]}, {"path": "s.whole", "fields": ["*"]}]}');
SELECT stakeholder, object_kind, schema_name, relation_name, whole, column_names FROM integratedb.granted_privilege ORDER BY 2, 3, 4;
SELECT stakeholder, schema_name, relation_name, whole, attribute_numbers FROM integratedb.granted_privilege_cache ORDER BY 2, 3;
-- A claimed column that was renamed away keeps its number: it is revoked by number.
BEGIN;
ALTER TABLE s.t RENAME COLUMN c TO d;
ALTER TABLE s.t ADD COLUMN c integer;
COMMIT;
SELECT * FROM granted() WHERE object LIKE 's.t%';
SELECT count(*) FROM integratedb.unclaim('regress_app');
SELECT count(*) FROM integratedb.granted_privilege;
SELECT count(*) FROM integratedb.granted_privilege_cache;
-- Dropping the stakeholder is refused for what others granted it, and takes nothing of it away.
SELECT * FROM integratedb.drop_stakeholder('regress_app');
SELECT * FROM granted() EXCEPT SELECT * FROM public.before;
\i :end
