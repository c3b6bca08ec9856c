-- Threat: default privileges of whoever installs the extension put others into the ACLs of its objects: a trigger on one of its tables would run as the superuser whose DDL writes there.
\set test 'integratedb_threat_default_privileges'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE ROLE "regress ""app""" LOGIN;
CREATE ROLE regress_other;
CREATE ROLE regress_owner;
DROP EXTENSION integratedb;
DROP SCHEMA integratedb;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO "regress ""app""" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO "regress ""app""", regress_other;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO "regress ""app""", regress_other;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO regress_other, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO "regress ""app""";
CREATE EXTENSION integratedb;
-- Nobody but the owner may do anything, but for what everybody may.
SELECT object, coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC') AS grantee, a.privilege_type
  FROM (SELECT 'table ' || oid::regclass, relowner, relacl FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace
        UNION ALL
        SELECT 'a column of ' || attrelid::regclass, 0, attacl FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace)
        UNION ALL
        SELECT 'function ' || oid::regprocedure, proowner, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE pronamespace = 'integratedb'::regnamespace
        UNION ALL
        SELECT 'type ' || oid::regtype, typowner, typacl FROM pg_type WHERE typnamespace = 'integratedb'::regnamespace
        UNION ALL
        SELECT 'schema ' || nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = 'integratedb') AS all_of_it (object, owner, acl),
       aclexplode(acl) AS a
 WHERE a.grantee <> owner ORDER BY 1, 2, 3;
-- The escalation: a trigger that acts as whoever writes to the table.
CREATE TABLE orders (id bigint);
ALTER TABLE orders OWNER TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{*}');
GRANT CREATE ON SCHEMA public TO "regress ""app""";
SET SESSION AUTHORIZATION "regress ""app""";
CREATE FUNCTION public.seize() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ALTER ROLE %I SUPERUSER', 'regress "app"'); RETURN NEW; END $$;
CREATE TRIGGER seize BEFORE UPDATE ON integratedb.claimed_relation FOR EACH ROW EXECUTE FUNCTION public.seize();
CREATE RULE seize AS ON UPDATE TO integratedb.claimed_relation DO ALSO NOTIFY seized;
BEGIN;
LOCK TABLE integratedb.fence IN ROW SHARE MODE;
ROLLBACK;
INSERT INTO integratedb.granted_privilege DEFAULT VALUES;
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id}');
RESET SESSION AUTHORIZATION;
ALTER TABLE orders ADD COLUMN note text;
SELECT rolname, rolsuper FROM pg_roles WHERE rolname = 'regress "app"';
-- What the installer wants for functions is no obstacle to what everybody may call.
DROP EXTENSION integratedb;
DROP SCHEMA integratedb;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC;
CREATE EXTENSION integratedb;
SET SESSION AUTHORIZATION regress_owner;
SELECT integratedb.validate_migration();
RESET SESSION AUTHORIZATION;
-- A schema that others could create objects in is refused outright.
DROP EXTENSION integratedb;
DROP SCHEMA integratedb;
ALTER DEFAULT PRIVILEGES GRANT CREATE ON SCHEMAS TO regress_other;
CREATE EXTENSION integratedb;
\echo :LAST_ERROR_SQLSTATE
ALTER DEFAULT PRIVILEGES REVOKE CREATE ON SCHEMAS FROM regress_other;
CREATE EXTENSION integratedb;

\i :end
