-- An adopted role keeps its name; what was renamed, dropped or made again by hand is dealt with as for every stakeholder.
\set test 'integratedb_adopt_rename'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric);
CREATE ROLE regress_app LOGIN;
CREATE SCHEMA regress_app AUTHORIZATION regress_app;
GRANT SELECT (id) ON public.orders TO regress_app;
SET client_min_messages = error;
SELECT * FROM integratedb.adopt_stakeholder('regress_app');
RESET client_min_messages;
SELECT count(*) FROM integratedb.claim('regress_app', 'public.orders', '{id,total}');
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
\echo :LAST_ERROR_SQLSTATE
-- As the hint says.
BEGIN;
SELECT integratedb.claim_document('regress_app') AS document \gset
SELECT * FROM integratedb.drop_stakeholder('regress_app');
ALTER ROLE regress_app RENAME TO regress_new;
ALTER SCHEMA regress_app RENAME TO regress_new;
SET LOCAL client_min_messages = error;
SELECT * FROM integratedb.adopt_stakeholder('regress_new');
SELECT count(*) FROM integratedb.claim('regress_new', :'document');
COMMIT;
SELECT stakeholder, role_status, adopted, claims FROM integratedb.stakeholders;

-- Renamed by hand: the former role loses what it was given, and keeps what it had.
ALTER ROLE regress_new RENAME TO regress_hidden;
SELECT stakeholder, role_status, adopted FROM integratedb.stakeholders;
SET client_min_messages = error;
SELECT integratedb.sync();
RESET client_min_messages;
SELECT has_column_privilege('regress_hidden', 'public.orders', 'id', 'SELECT') AS by_hand, has_column_privilege('regress_hidden', 'public.orders', 'total', 'SELECT') AS claimed,
       (SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee = 'regress_hidden'::regrole) AS connect,
       has_schema_privilege('regress_hidden', 'regress_new', 'CREATE') AS its_schema;

-- Threat: another role takes the name. sync() trusts one that could be adopted, and no other.
CREATE ROLE regress_new CREATEROLE LOGIN;
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT integratedb.sync();
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT has_column_privilege('regress_new', 'public.orders', 'total', 'SELECT') AS claimed;
ALTER ROLE regress_new NOCREATEROLE;
SELECT integratedb.sync();
SELECT stakeholder, role_status FROM integratedb.stakeholders;
SELECT has_column_privilege('regress_new', 'public.orders', 'total', 'SELECT') AS claimed,
       (SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee = 'regress_new'::regrole) AS connect,
       has_schema_privilege('regress_new', 'regress_new', 'CREATE') AS somebody_elses_schema;
-- A missing role is no obstacle to letting the stakeholder go, and a schema that was there stays.
SET integratedb.enforcement = 'off';
DROP OWNED BY regress_new;
DROP ROLE regress_new;
RESET integratedb.enforcement;
SELECT stakeholder, role_status, adopted FROM integratedb.stakeholders;
SET client_min_messages = error;
SELECT * FROM integratedb.drop_stakeholder('regress_new');
\i :end
