-- In a database of another encoding than UTF8 names could not be read: CREATE EXTENSION refuses it, rather than to stop everybody's DDL later.
\set test 'integratedb_encoding'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE DATABASE regress_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE regress_sql_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
\set VERBOSITY sqlstate
\c regress_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION integratedb;
CREATE TABLE "größe" ("länge" integer);
ALTER TABLE "größe" DROP COLUMN "länge";
\c regress_sql_ascii
SET client_encoding = 'UTF8';
CREATE EXTENSION integratedb;
CREATE TABLE "größe" ("länge" integer);
ALTER TABLE "größe" DROP COLUMN "länge";
\set VERBOSITY default
\c :test
DROP DATABASE regress_latin1;
DROP DATABASE regress_sql_ascii;
-- A client of another encoding is no matter.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
CREATE TABLE public."größe" ("länge" integer);
SET client_encoding = 'LATIN1';
SELECT count(*) FROM integratedb.claim('regress_app', convert_from('\x7075626c69632e6772c3b6c39f65', 'UTF8'), ARRAY[convert_from('\x6cc3a46e6765', 'UTF8')]);
SELECT convert_to(path, 'UTF8'), convert_to(column_name, 'UTF8'), status FROM integratedb.claimed_columns;
RESET client_encoding;
ALTER TABLE public."größe" DROP COLUMN "länge";
\i :end
