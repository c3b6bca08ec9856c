\set ECHO none
-- The end of a regression test: see begin.sql.
\c :regress_db :regress_user :regress_host :regress_port
SET client_min_messages = warning;
DROP DATABASE :"test" WITH (FORCE);
-- In one statement, so that the roles' memberships in each other do not matter.
SELECT 'DROP ROLE ' || string_agg(quote_ident(rolname), ', ')
  FROM pg_catalog.pg_roles
 WHERE oid NOT IN (:regress_roles)
HAVING count(*) > 0
\gexec
\set ECHO all
