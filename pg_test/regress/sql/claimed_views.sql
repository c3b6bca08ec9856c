-- Views are claimed like tables; only their own names and shapes count.
\set test 'integratedb_claimed_views'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE base (id bigint PRIMARY KEY, name varchar(40), secret text);
CREATE VIEW people AS SELECT id, name FROM base;
CREATE VIEW everyone AS SELECT id, name FROM base;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', 'public.people', '{id,name}');
SELECT * FROM integratedb.claim('auditor', 'public.people', '{*}');
-- A view keeps its names when a column that it reads is renamed.
ALTER TABLE base RENAME COLUMN name TO full_name;
ALTER VIEW people RENAME COLUMN name TO full_name;
ALTER VIEW people RENAME TO persons;
DROP VIEW people;
DROP TABLE base CASCADE;
ALTER TABLE base DROP COLUMN full_name CASCADE;
-- CREATE OR REPLACE VIEW: a column more is taken in by "*".
CREATE OR REPLACE VIEW people AS SELECT id, full_name AS name, length(secret) AS secret_length FROM base;
SELECT readable('reporter', 'public.people'), readable('auditor', 'public.people');
-- Dropped and created again in one transaction: privileges are restored, on new attribute numbers too.
BEGIN;
DROP VIEW people;
CREATE VIEW people AS SELECT full_name AS name, 1 AS one, id, length(secret) AS secret_length FROM base;
COMMIT;
SELECT readable('reporter', 'public.people'), readable('auditor', 'public.people');
-- With another shape it is refused.
BEGIN;
DROP VIEW people;
CREATE VIEW people AS SELECT id, full_name::varchar(10) AS name, 1 AS one, length(secret) AS secret_length FROM base;
COMMIT;
-- A view replaced by a table.
BEGIN;
DROP VIEW people;
CREATE TABLE people (id bigint, name varchar(40), one integer, secret_length integer);
COMMIT;
SELECT readable('reporter', 'public.people'), readable('auditor', 'public.people');
-- Most options of a view are no part of what its reader sees.
SELECT * FROM integratedb.claim('reporter', 'public.everyone', '{name}');
ALTER VIEW everyone SET (security_barrier = true);
ALTER VIEW everyone ALTER COLUMN name SET DEFAULT 'x';
-- As a security invoker's, it reads its tables with the rights of the reader, who has none.
ALTER VIEW everyone SET (security_invoker = true);
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE VIEW everyone WITH (security_invoker = true) AS SELECT id, full_name AS name FROM base;
BEGIN;
ALTER VIEW everyone SET (security_invoker = true);
ALTER VIEW everyone RESET (security_invoker);
COMMIT;
-- A claim that is made while it is on accepts it.
CREATE VIEW invoked WITH (security_invoker = true) AS SELECT id FROM base;
SELECT * FROM integratedb.claim('reporter', 'public.invoked', '{id}');
CREATE OR REPLACE VIEW invoked WITH (security_invoker = true) AS SELECT id, full_name AS name FROM base;
ALTER VIEW invoked SET (security_invoker = false);
SELECT integratedb.validate_migration();

\i :end
