-- Options of a stakeholder: limits that its role cannot lift, defaults that it can, and texts for people.
\set test 'integratedb_stakeholder_options'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app', '{"connection_limit": 2, "temp_file_limit": "1GB", "statement_timeout": "30s", "lock_timeout": 2500,
    "idle_in_transaction_session_timeout": "1min", "work_mem": "8MB", "default_transaction_read_only": true, "search_path": "$user, Sales, \"Odd, name\"",
    "owner": "Ann", "contact": "ann@example.org", "team": "shop", "description": "Reports"}');
SELECT limits, defaults, owner, contact, team, description FROM integratedb.stakeholders;
CREATE VIEW public.settings AS
SELECT r.rolname, r.rolconnlimit, s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AS here, s.setconfig
  FROM pg_roles AS r LEFT JOIN pg_db_role_setting AS s ON s.setrole = r.oid WHERE r.rolname LIKE 'regress\_%' ORDER BY 1, 3;
TABLE public.settings;
-- They are in force in its sessions, in this database alone.
\c :test regress_app
SELECT current_setting('temp_file_limit') AS temp_file_limit, current_setting('statement_timeout') AS statement_timeout,
       current_setting('lock_timeout') AS lock_timeout, current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('work_mem') AS work_mem,
       current_setting('default_transaction_read_only') AS read_only, current_setting('search_path') AS search_path;
-- It can lift the defaults, for a session and for good.
SET default_transaction_read_only = off;
SET statement_timeout = 0;
SELECT format('ALTER ROLE regress_app IN DATABASE %I SET statement_timeout = 0', current_database()) \gexec
-- And not the limits.
SET temp_file_limit = -1;
SELECT format('ALTER ROLE regress_app IN DATABASE %I SET temp_file_limit = -1', current_database()) \gexec
SELECT format('ALTER ROLE regress_app IN DATABASE %I RESET temp_file_limit', current_database()) \gexec
SELECT format('ALTER ROLE regress_app IN DATABASE %I RESET ALL', current_database()) \gexec
ALTER ROLE regress_app CONNECTION LIMIT -1;
SELECT integratedb.alter_stakeholder('regress_app', '{"connection_limit": null}');
\c :test :regress_user :regress_host :regress_port
TABLE public.settings;

-- Only what is named is altered; null takes an option back.
SELECT integratedb.alter_stakeholder('regress_app', '{"work_mem": "4MB", "connection_limit": null, "team": null, "search_path": ["a", "B c", ""]}');
TABLE public.settings;
SELECT limits, defaults, owner, contact, team, description FROM integratedb.stakeholders;
SELECT integratedb.alter_stakeholder('regress_app', '{"search_path": "", "temp_file_limit": null, "work_mem": null}');
TABLE public.settings;
SELECT integratedb.alter_stakeholder('regress_app', '{}');
SELECT limits, defaults FROM integratedb.stakeholders;

-- Everything that is wrong, at once; nothing is changed.
SELECT integratedb.alter_stakeholder('regress_app', '{"connection_limt": 1, "connection_limit": "many", "work_mem": "12 parsecs", "statement_timeout": -5,
    "default_transaction_read_only": "perhaps", "search_path": "a,,b", "lock_timeout": [1], "owner": 3, "temp_file_limit": {}, "x\ny": null}');
SELECT integratedb.alter_stakeholder('regress_app', '{"connection_limit": -1}');
SELECT integratedb.alter_stakeholder('regress_app', ('{"connection_limit": 1e10, "search_path": [1], "team": "' || repeat('x', 1001) || '"}')::jsonb);
SELECT integratedb.alter_stakeholder('regress_app', '[]');
SELECT integratedb.alter_stakeholder('regress_apq', '{}');
SELECT integratedb.alter_stakeholder('regress_app', NULL);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other', '{"work_mem": "1PB"}');
TABLE public.settings;

-- An adopted role keeps what it has besides; dropped, it keeps none of our settings.
CREATE ROLE regress_adopted LOGIN CONNECTION LIMIT 7;
ALTER ROLE regress_adopted SET work_mem = '16MB';
SELECT format('ALTER ROLE regress_adopted IN DATABASE %I SET enable_seqscan = off', current_database()) \gexec
SET client_min_messages = error;
SELECT stakeholder FROM integratedb.adopt_stakeholder('regress_adopted');
RESET client_min_messages;
SELECT integratedb.alter_stakeholder('regress_adopted', '{"work_mem": "1MB", "lock_timeout": "1s"}');
SELECT * FROM public.settings WHERE rolname = 'regress_adopted';
SELECT integratedb.alter_stakeholder('regress_adopted', '{"work_mem": null}');
SELECT * FROM public.settings WHERE rolname = 'regress_adopted';
SELECT * FROM integratedb.drop_stakeholder('regress_adopted');
SELECT * FROM public.settings WHERE rolname = 'regress_adopted';

-- A role that was made anew is given them again by sync(); one that is gone can be given none.
SELECT integratedb.alter_stakeholder('regress_app', '{"connection_limit": 3, "temp_file_limit": "2GB"}');
BEGIN;
DROP OWNED BY regress_app;
DROP ROLE regress_app;
COMMIT;
SELECT integratedb.alter_stakeholder('regress_app', '{"work_mem": "4MB"}');
SELECT integratedb.alter_stakeholder('regress_app', '{"team": "texts need no role"}');
CREATE ROLE regress_app;
SELECT integratedb.sync();
TABLE public.settings;
-- A default that the role has lifted itself stays so.
ALTER ROLE regress_app CONNECTION LIMIT 5;
SELECT format('ALTER ROLE regress_app IN DATABASE %I SET lock_timeout = 0', current_database()) \gexec
SELECT integratedb.sync();
TABLE public.settings;
\i :end
