-- IMPORT FOREIGN SCHEMA makes many foreign tables in one command: a wildcard takes them all in.
\set test 'integratedb_import_foreign_schema'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA remote;
CREATE TABLE remote.orders (id bigint NOT NULL, note varchar(80));
CREATE TABLE remote.items (id bigint);
CREATE SCHEMA shop;
CREATE EXTENSION postgres_fdw;
CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'regress_host', port :'regress_port', dbname :'test');
CREATE USER MAPPING FOR CURRENT_USER SERVER loopback OPTIONS (user :'regress_user');
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', 'shop.*', '{*}');
IMPORT FOREIGN SCHEMA remote FROM SERVER loopback INTO shop;
SELECT path, status FROM integratedb.claims ORDER BY path;
SELECT readable('reporter', 'shop.orders'), readable('reporter', 'shop.items');
-- What happens to the table that it stands for is not seen here; the foreign table is what is claimed.
ALTER TABLE remote.orders DROP COLUMN note;
ALTER FOREIGN TABLE shop.orders DROP COLUMN note;
BEGIN;
DROP FOREIGN TABLE shop.items;
IMPORT FOREIGN SCHEMA remote LIMIT TO (items) FROM SERVER loopback INTO shop;
COMMIT;
SELECT readable('reporter', 'shop.items');
SET client_min_messages = warning;
DROP EXTENSION postgres_fdw CASCADE;
RESET client_min_messages;
SELECT integratedb.validate_migration();

\i :end
