-- CREATE EXTENSION uses a schema integratedb that is there already. One that an ordinary role has made could hold
-- functions and operators of its own, so it is refused.
DO $$
DECLARE
    owner name;
BEGIN
    -- In another encoding a name may hold bytes that are no text.
    IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'integratedb needs a database with encoding UTF8'
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = pg_catalog.format('The encoding of this database is %s.', pg_catalog.current_setting('server_encoding')),
                  HINT = 'Create the database with ENCODING ''UTF8''.';
    END IF;
    SELECT r.rolname INTO owner
    FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
    WHERE n.nspname = 'integratedb' AND NOT r.rolsuper;
    IF FOUND THEN
        RAISE EXCEPTION 'schema "integratedb" belongs to role "%", who is not a superuser', owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'What an ordinary role has put there could capture the names that the extension uses.',
                  HINT = 'Look at what it holds, drop or rename it, and call CREATE EXTENSION again.';
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid
               WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND n.nspname = 'integratedb'
                 AND d.classid <> 'pg_catalog.pg_extension'::pg_catalog.regclass) THEN
        RAISE EXCEPTION 'schema "integratedb" is not empty'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'What is there could capture the names that the extension uses.',
                  HINT = 'Look at what it holds, drop or move it, and call CREATE EXTENSION again.';
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) a
               LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
               WHERE n.nspname = 'integratedb' AND a.privilege_type = 'CREATE' AND r.rolsuper IS NOT TRUE) THEN
        RAISE EXCEPTION 'others than superusers may create objects in schema "integratedb"'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'What an ordinary role has put there could capture the names that the extension uses.',
                  HINT = 'REVOKE CREATE ON SCHEMA integratedb from them, look at what it holds, and call CREATE EXTENSION again.';
    END IF;
END
$$;

-- Who may use it is an administrator. It has no values.
CREATE TYPE integratedb.administrator AS ENUM ();
COMMENT ON TYPE integratedb.administrator IS 'USAGE on it makes an administrator: integratedb.grant_admin() gives it';

COMMENT ON SCHEMA integratedb IS 'Shared databases that applications cannot break for each other: stakeholders, claims, migration control';
