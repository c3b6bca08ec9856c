-- Threat: a role that is not bound by its grants, or can take more for itself, becomes a stakeholder's.
\set test 'integratedb_adopt_refused'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_super SUPERUSER;
CREATE ROLE regress_createrole CREATEROLE;
CREATE ROLE regress_replication REPLICATION;
CREATE ROLE regress_bypassrls BYPASSRLS;
CREATE ROLE regress_all SUPERUSER CREATEROLE REPLICATION BYPASSRLS CREATEDB;
CREATE ROLE regress_reader IN ROLE pg_read_all_data;
-- A membership counts through any number of roles; without INHERIT, too, for there is SET ROLE.
CREATE ROLE regress_middle NOINHERIT IN ROLE regress_createrole, regress_super;
CREATE ROLE regress_member NOINHERIT IN ROLE regress_middle, pg_monitor;
CREATE ROLE regress_indirect IN ROLE regress_reader;
SELECT * FROM integratedb.adopt_stakeholder('regress_super');
SELECT * FROM integratedb.adopt_stakeholder('regress_createrole');
SELECT * FROM integratedb.adopt_stakeholder('regress_replication');
SELECT * FROM integratedb.adopt_stakeholder('regress_bypassrls');
SELECT * FROM integratedb.adopt_stakeholder('regress_all');
SELECT * FROM integratedb.adopt_stakeholder('regress_reader');
SELECT * FROM integratedb.adopt_stakeholder('regress_member');
SELECT * FROM integratedb.adopt_stakeholder('regress_indirect');
\echo :LAST_ERROR_SQLSTATE
-- Predefined roles, and what is no name of a stakeholder.
SELECT * FROM integratedb.adopt_stakeholder('pg_monitor');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.adopt_stakeholder('public');
SELECT * FROM integratedb.adopt_stakeholder('none');
SELECT * FROM integratedb.adopt_stakeholder('');
SELECT * FROM integratedb.adopt_stakeholder(NULL);
CREATE ROLE "regress-odd";
SELECT * FROM integratedb.adopt_stakeholder('regress-odd');
-- Names are folded; but never to another role than the one that is named.
CREATE ROLE "Regress_App";
CREATE ROLE regress_app;
SELECT * FROM integratedb.adopt_stakeholder('Regress_App');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM integratedb.adopt_stakeholder('regress_nobody');
\echo :LAST_ERROR_SQLSTATE
-- The owner of the database, who is a member of pg_database_owner.
BEGIN;
ALTER DATABASE :"test" OWNER TO regress_app;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
ROLLBACK;
-- A membership that is taken away is none.
REVOKE regress_middle, pg_monitor FROM regress_member;
SELECT * FROM integratedb.adopt_stakeholder('regress_member');
-- CREATEDB gives nothing in this database.
CREATE ROLE regress_createdb CREATEDB;
SELECT * FROM integratedb.adopt_stakeholder('regress_createdb');
SELECT stakeholder, adopted, role_status FROM integratedb.stakeholders ORDER BY 1;
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regress%' ORDER BY 1;

-- Only a superuser adopts: not the role itself, not a role with CREATEROLE, not the member of a superuser's.
CREATE ROLE regress_target;
GRANT EXECUTE ON FUNCTION integratedb.adopt_stakeholder(text) TO PUBLIC;
SET SESSION AUTHORIZATION regress_target;
SELECT * FROM integratedb.adopt_stakeholder('regress_target');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_createrole;
SELECT * FROM integratedb.adopt_stakeholder('regress_target');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_middle;
SELECT * FROM integratedb.adopt_stakeholder('regress_target');
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
\i :end
