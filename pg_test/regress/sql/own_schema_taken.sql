-- A stakeholder always has its own schema, and CONNECT: what a REVOKE or DROP OWNED takes of that is given back by COMMIT.
\set test 'integratedb_own_schema_taken'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
CREATE FUNCTION has() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(', ',
        (SELECT string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type DESC) FROM pg_namespace, aclexplode(nspacl) a
         WHERE nspname = 'reporter' AND a.grantee = to_regrole('reporter')),
        (SELECT string_agg(a.privilege_type, ', ') FROM pg_database, aclexplode(datacl) a
         WHERE datname = current_database() AND a.grantee = to_regrole('reporter')))
$$;
\set ECHO all

CREATE TABLE orders (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT has();
DROP OWNED BY reporter;
SELECT has();
REVOKE ALL ON SCHEMA reporter FROM reporter;
SELECT has();
-- An administrator who locks an application out is not overruled by a REVOKE of something else.
REVOKE CONNECT ON DATABASE :DBNAME FROM reporter;
REVOKE USAGE ON SCHEMA reporter FROM reporter;
SELECT has();
SELECT integratedb.sync();
SELECT has();
-- In a transaction it comes back before COMMIT, and with a savepoint.
BEGIN;
DROP OWNED BY reporter;
SELECT has();
SAVEPOINT a;
CREATE TABLE other (id bigint);
ROLLBACK TO a;
COMMIT;
SELECT has();
BEGIN;
SAVEPOINT a;
REVOKE CREATE ON SCHEMA reporter FROM reporter;
RELEASE a;
COMMIT;
SELECT has();
-- What nobody has taken is not said.
REVOKE CREATE ON SCHEMA public FROM reporter;
BEGIN;
SAVEPOINT a;
REVOKE ALL ON SCHEMA reporter FROM reporter;
ROLLBACK TO a;
COMMIT;
BEGIN;
REVOKE USAGE ON SCHEMA reporter FROM reporter;
GRANT USAGE ON SCHEMA reporter TO reporter;
COMMIT;
SELECT has();
-- With claims DROP OWNED is a break, as ever.
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id}');
DROP OWNED BY reporter;
SET integratedb.enforcement = warn;
DROP OWNED BY reporter;
RESET integratedb.enforcement;
SELECT has();
SELECT integratedb.sync();
SELECT * FROM integratedb.unclaim('reporter');
-- What passed while the extension was off the next DDL finds out.
SET integratedb.enforcement = off;
REVOKE ALL ON SCHEMA reporter FROM reporter;
RESET integratedb.enforcement;
SELECT has();
CREATE TABLE next (id bigint);
SELECT has();
-- While the schema belongs to the role itself it lacks nothing.
ALTER SCHEMA reporter OWNER TO reporter;
REVOKE ALL ON SCHEMA reporter FROM reporter;
ALTER SCHEMA reporter OWNER TO :"regress_user";
SELECT has();
-- Under another name, and of one who is a stakeholder no longer.
BEGIN;
REVOKE ALL ON SCHEMA reporter FROM reporter;
SELECT integratedb.rename_stakeholder('reporter', 'clerk');
SELECT integratedb.rename_stakeholder('clerk', 'reporter');
COMMIT;
SELECT has();
BEGIN;
DROP OWNED BY reporter;
SELECT action, object FROM integratedb.drop_stakeholder('reporter');
COMMIT;

\i :end
