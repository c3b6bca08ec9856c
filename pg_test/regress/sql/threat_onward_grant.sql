-- Threat: a stakeholder grants onward what it was given with grant option, so that a REVOKE fails: reported, and nobody's DDL fails for it.
\set test 'integratedb_threat_onward_grant'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE ROLE regress_friend;
CREATE SCHEMA s AUTHORIZATION regress_owner;
CREATE TABLE s.t (id bigint PRIMARY KEY, a text, b text);
ALTER TABLE s.t OWNER TO regress_owner;
CREATE TABLE s.u (id bigint PRIMARY KEY);
ALTER TABLE s.u OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "s.t", "fields": ["id", "a"]}, {"path": "s.u", "fields": ["*"]}]}');
SET SESSION AUTHORIZATION regress_owner;
GRANT SELECT (a) ON s.t TO regress_app WITH GRANT OPTION;
GRANT SELECT ON s.u TO regress_app WITH GRANT OPTION;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
GRANT SELECT (a) ON s.t TO regress_friend;
GRANT SELECT ON s.u TO regress_friend;
RESET SESSION AUTHORIZATION;
SELECT attname, attacl FROM pg_attribute WHERE attrelid = 's.t'::regclass AND attacl IS NOT NULL ORDER BY 1;

-- The owner's DDL after which our grant on the old column must go: a warning, and the DDL passes.
SET SESSION AUTHORIZATION regress_owner;
BEGIN;
ALTER TABLE s.t RENAME COLUMN a TO old_a;
ALTER TABLE s.t ADD COLUMN a text;
COMMIT;
SELECT attname, attacl FROM pg_attribute WHERE attrelid = 's.t'::regclass AND attacl IS NOT NULL ORDER BY 1;
RESET SESSION AUTHORIZATION;
-- Unclaiming, likewise: what could not be revoked is said, the rest is revoked.
SELECT * FROM integratedb.unclaim('regress_app');
SELECT relacl FROM pg_class WHERE oid = 's.u'::regclass;
SELECT count(*) FROM integratedb.claims;
-- The onward grant gone, sync() revokes what is left.
REVOKE GRANT OPTION FOR SELECT ON s.u FROM regress_app CASCADE;
REVOKE GRANT OPTION FOR SELECT (old_a) ON s.t FROM regress_app CASCADE;
SELECT integratedb.sync();
SELECT attname, attacl FROM pg_attribute WHERE attrelid = 's.t'::regclass AND attacl IS NOT NULL ORDER BY 1;
SELECT relacl FROM pg_class WHERE oid = 's.u'::regclass;

-- The stakeholder's own schema: what it grants there to others goes with it, or stands in the way.
SET SESSION AUTHORIZATION regress_app;
CREATE TABLE regress_app.mine (id integer);
GRANT SELECT ON regress_app.mine TO regress_friend;
-- It has all privileges on its schema, but not the right to hand them on, and cannot get at those of others.
GRANT USAGE ON SCHEMA regress_app TO regress_friend;
GRANT SELECT ON s.t TO regress_friend;
ALTER SCHEMA regress_app OWNER TO regress_friend;
DROP SCHEMA regress_app CASCADE;
RESET SESSION AUTHORIZATION;
SELECT nspname FROM pg_namespace WHERE nspname = 'regress_app';
SELECT * FROM integratedb.drop_stakeholder('regress_app');
\i :end
