-- Relations of other extensions: a wildcard leaves them out, a path of their own claims them; privileges come after the script.
\set test 'integratedb_extensions'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint);
CREATE TABLE shop.spare (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('auditor', 'shop.*', '{*}');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"alternatives": [{"path": "shop.no_statistics"}, {"path": "shop.pg_stat_statements", "fields": ["calls", "rows"]}], "optional": true}]}');
CREATE EXTENSION pg_stat_statements SCHEMA shop VERSION '1.7';
-- It belongs to an extension: the wildcard leaves it out. Its own script has granted it to PUBLIC; the claim is granted by name.
SELECT path, status FROM integratedb.claims WHERE stakeholder = 'auditor' ORDER BY path;
SELECT status, active_path FROM integratedb.claims WHERE stakeholder = 'reporter';
SELECT a.attname, x.privilege_type FROM pg_attribute a, aclexplode(a.attacl) x
 WHERE a.attrelid = 'shop.pg_stat_statements'::regclass AND x.grantee = 'reporter'::regrole ORDER BY 1;
-- Nothing of ours has become an initial privilege, which pg_dump would leave out.
SELECT count(*) FROM pg_init_privs i, aclexplode(i.initprivs) x WHERE x.grantee IN ('reporter'::regrole, 'auditor'::regrole);
-- An update of it that drops the view and creates it again: restored.
SELECT * FROM integratedb.claim('reporter', 'shop.pg_stat_statements', '{calls,rows}');
ALTER EXTENSION pg_stat_statements UPDATE TO '1.8';
SELECT a.attname, x.privilege_type FROM pg_attribute a, aclexplode(a.attacl) x
 WHERE a.attrelid = 'shop.pg_stat_statements'::regclass AND x.grantee = 'reporter'::regrole ORDER BY 1;
SELECT count(*) FROM pg_init_privs i, aclexplode(i.initprivs) x WHERE x.grantee IN ('reporter'::regrole, 'auditor'::regrole);
-- One that takes a claimed column away is refused, whole.
DROP EXTENSION pg_stat_statements;
SELECT * FROM integratedb.unclaim('reporter');
DROP EXTENSION pg_stat_statements;
CREATE EXTENSION pg_stat_statements SCHEMA shop VERSION '1.7';
SELECT * FROM integratedb.claim('reporter', 'shop.pg_stat_statements', '{total_time}');
ALTER EXTENSION pg_stat_statements UPDATE TO '1.8';
SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements';
ALTER EXTENSION pg_stat_statements SET SCHEMA public;
BEGIN;
DROP EXTENSION pg_stat_statements;
CREATE EXTENSION pg_stat_statements SCHEMA shop VERSION '1.7';
COMMIT;
SELECT a.attname, x.privilege_type FROM pg_attribute a, aclexplode(a.attacl) x
 WHERE a.attrelid = 'shop.pg_stat_statements'::regclass AND x.grantee = 'reporter'::regrole ORDER BY 1;
-- A table that leaves an extension is under the wildcard from then on.
ALTER EXTENSION pg_stat_statements ADD TABLE shop.spare;
CREATE TABLE shop.more (id bigint);
SELECT path, status FROM integratedb.claims WHERE stakeholder = 'auditor' ORDER BY path;
ALTER EXTENSION pg_stat_statements DROP VIEW shop.pg_stat_statements;
SELECT path, status FROM integratedb.claims WHERE stakeholder = 'auditor' ORDER BY path;
SELECT has_table_privilege('auditor', 'shop.spare', 'SELECT');
-- Members of a trusted extension that an ordinary role creates.
CREATE ROLE owner;
GRANT CREATE ON DATABASE integratedb_extensions TO owner;
SET ROLE owner;
CREATE EXTENSION hstore SCHEMA public;
RESET ROLE;
SELECT integratedb.validate_migration();

\i :end
