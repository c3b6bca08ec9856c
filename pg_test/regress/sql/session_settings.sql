-- What a session sets for itself changes nothing.
\set test 'integratedb_session_settings'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note varchar(80), placed timestamptz, total numeric(12,2));
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "shop.orders", "fields": ["id", {"name": "note", "type": "varchar(80)"}, {"name": "placed", "type": "timestamptz"}, "total"]}, {"path": "shop.*", "fields": ["*"]}]}');
SET quote_all_identifiers = on;
ALTER TABLE shop.orders ADD COLUMN a text;
ALTER TABLE shop.orders DROP COLUMN note;
RESET quote_all_identifiers;
SET search_path = '';
ALTER TABLE shop.orders ADD COLUMN b text;
ALTER TABLE shop.orders DROP COLUMN note;
SET search_path = pg_temp, shop;
ALTER TABLE orders ADD COLUMN c text;
ALTER TABLE orders DROP COLUMN note;
SHOW search_path;
RESET search_path;
SET row_security = off;
SET enable_seqscan = off;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET datestyle = 'SQL, DMY';
SET timezone = 'Asia/Tokyo';
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SET backslash_quote = off;
SET array_nulls = off;
SET bytea_output = escape;
SET check_function_bodies = off;
SET xmloption = document;
SET default_tablespace = '';
SET lock_timeout = '5s';
SET jit = on;
SET jit_above_cost = 0;
SET client_encoding = latin1;
ALTER TABLE shop.orders ADD COLUMN d text;
ALTER TABLE shop.orders DROP COLUMN note;
RESET ALL;
-- Isolation levels.
SET default_transaction_isolation = 'repeatable read';
ALTER TABLE shop.orders ADD COLUMN e text;
ALTER TABLE shop.orders DROP COLUMN note;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM shop.orders;
ALTER TABLE shop.orders DROP COLUMN note;
ALTER TABLE shop.orders ADD COLUMN note varchar(80);
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM shop.orders;
ALTER TABLE shop.orders DROP COLUMN note;
COMMIT;
RESET default_transaction_isolation;
-- An asynchronous commit.
SET synchronous_commit = off;
ALTER TABLE shop.orders DROP COLUMN note;
RESET synchronous_commit;
SELECT readable('reporter', 'shop.orders');
SELECT integratedb.validate_migration();

\i :end
