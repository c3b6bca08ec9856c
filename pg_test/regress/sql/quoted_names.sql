-- Names that need quotes, in every place that a name has.
\set test 'integratedb_quoted_names'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE SCHEMA "odd.schema";
CREATE TYPE "odd.schema"."Odd ""Type" AS ENUM ('a');
CREATE TABLE "odd.schema"."Or""ders" ("i d" bigint PRIMARY KEY, "Note" text, note text, "*" text, "größe" "odd.schema"."Odd ""Type");
CREATE TABLE public.orders (id bigint);
CREATE TABLE public."ORDERS" (id bigint);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('auditor');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "\"odd.schema\".\"Or\"\"ders\"", "fields": ["i d", "Note", "größe"]}, {"path": "public.ORDERS", "fields": ["id"]}]}');
SELECT * FROM integratedb.claim('auditor', '"odd.schema".*', '{*}');
ALTER TABLE "odd.schema"."Or""ders" DROP COLUMN note;
ALTER TABLE "odd.schema"."Or""ders" DROP COLUMN "Note";
ALTER TABLE "odd.schema"."Or""ders" RENAME COLUMN "i d" TO id;
ALTER TABLE "odd.schema"."Or""ders" RENAME TO "Orders";
ALTER TYPE "odd.schema"."Odd ""Type" RENAME TO "Odd";
ALTER SCHEMA "odd.schema" RENAME TO odd;
-- Case matters.
DROP TABLE public.orders;
DROP TABLE public."ORDERS";
BEGIN;
DROP TABLE "odd.schema"."Or""ders";
CREATE TABLE "odd.schema"."Or""ders" ("Note" text, "i d" bigint PRIMARY KEY, note text, "*" text, "größe" "odd.schema"."Odd ""Type");
COMMIT;
SELECT readable('reporter', '"odd.schema"."Or""ders"'), readable('auditor', '"odd.schema"."Or""ders"');
CREATE TABLE "odd.schema"."new
line" (a int);
SELECT path FROM integratedb.claims ORDER BY stakeholder, path;
DROP TABLE "odd.schema"."new
line";
SELECT integratedb.validate_migration();

\i :end
