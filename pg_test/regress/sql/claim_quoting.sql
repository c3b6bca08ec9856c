-- Names of any sort can be claimed: dots, quotes, asterisks, newlines, upper case, unicode, 63 bytes, SQL inside.
\set test 'integratedb_claim_quoting'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
CREATE SCHEMA "my.schema";
CREATE TABLE "my.schema"."odd
name" ("a.b" integer, "q""uote" integer, "*" integer, "new
line" integer, "Upper" integer, upper integer, "größe" integer, "日本" integer, " space " integer, "$.match[0]" integer, "%s%I" integer, "b\s" integer);
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "\"my.schema\".\"odd\nname\"",
    "fields": ["a.b", "q\"uote", {"name": "*"}, "new\nline", "Upper", "upper", "größe", "日本", " space ", "$.match[0]", "%s%I", "b\\s"]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "\"my.schema\".\"odd\nname\"",
    "fields": ["a.b", "q\"uote", "\"*\"", "new\nline", "Upper", "upper", "größe", "日本", " space ", "$.match[0]", "%s%I", "b\\s"]}]}');
SELECT path, column_name, shape, status FROM integratedb.claimed_columns ORDER BY column_name;
SELECT path, active_path FROM integratedb.claims;
SELECT count(*) FROM pg_attribute WHERE attrelid = E'"my.schema"."odd\nname"'::regclass AND attnum > 0
   AND has_column_privilege('regress_app', attrelid, attnum, 'SELECT');
-- Each is guarded under its own name.
ALTER TABLE "my.schema"."odd
name" DROP COLUMN "q""uote";
ALTER TABLE "my.schema"."odd
name" RENAME COLUMN "Upper" TO "UPPER";
ALTER TABLE "my.schema"."odd
name" DROP COLUMN "%s%I";
SELECT action, privilege, path FROM integratedb.unclaim('regress_app', E'"my.schema"."odd\nname"') LIMIT 1;

-- A table called * is not a wildcard.
CREATE TABLE "my.schema"."*" (id integer, "*" integer);
CREATE TABLE "my.schema".other (id integer);
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "\"my.schema\".\"*\"", "fields": ["id"]}]}');
SELECT path, from_wildcard FROM integratedb.claims;
SELECT * FROM integratedb.claim('regress_app', '"my.schema"."*"', '{"\"*\""}');
SELECT integratedb.claim_document('regress_app');
SELECT * FROM integratedb.claim('regress_app', '"my.schema".*', '{*}');
SELECT path, from_wildcard FROM integratedb.claims ORDER BY claim_id;
SELECT * FROM integratedb.unclaim('regress_app', '"my.schema".*');
SELECT * FROM integratedb.unclaim('regress_app');

-- Case matters, and a near name is suggested.
CREATE TABLE public."Orders" ("Id" integer);
SELECT * FROM integratedb.claim('regress_app', 'public.orders', '{id}');
SELECT * FROM integratedb.claim('regress_app', 'public.Orders', '{id}');
SELECT * FROM integratedb.claim('regress_app', 'public.Orders', '{Id}');

-- 63 bytes are a name's most, and more is an error: never cut off. Bytes, not characters.
CREATE TABLE public.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb integer);
SELECT privilege, length(column_name) FROM integratedb.claim('regress_app', 'public.' || repeat('a', 63), ARRAY[repeat('b', 63)]);
SELECT * FROM integratedb.claim('regress_app', 'public.' || repeat('a', 64), ARRAY[repeat('b', 63)]);
SELECT * FROM integratedb.claim('regress_app', 'public.' || repeat('a', 63), ARRAY[repeat('b', 64)]);
SELECT * FROM integratedb.claim('regress_app', 'public.' || repeat('ä', 32), '{*}');
SELECT count(*) FROM integratedb.claims;

-- A name that is SQL is a name.
CREATE TABLE public."x; DROP TABLE public.victim; --" ("id""; DROP TABLE public.victim; --" integer, "$$; DROP TABLE public.victim; --" integer);
CREATE TABLE public.victim ();
SELECT * FROM integratedb.claim('regress_app', 'public."x; DROP TABLE public.victim; --"', ARRAY['id"; DROP TABLE public.victim; --', '$$; DROP TABLE public.victim; --']);
SELECT * FROM integratedb.unclaim('regress_app', 'public."x; DROP TABLE public.victim; --"');
SELECT to_regclass('public.victim');
\i :end
