-- Threat: names that hold format specifiers, quotes or newlines, in every message that repeats them.
\set test 'integratedb_threat_names_in_messages'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE SCHEMA "%s""%n";
CREATE TABLE "%s""%n"."%I'%1$s\" ("%m%s" integer NOT NULL, "$1 %s %% " integer, "x
ERROR:  forged" integer);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', '"%s""%n"."%I''%1$s\"', ARRAY['%m%s', '$1 %s %% ', E'x\nERROR:  forged']);
SELECT path, column_name FROM integratedb.claimed_columns ORDER BY 2;
BEGIN;
ALTER TABLE "%s""%n"."%I'%1$s\" DROP COLUMN "%m%s";
ALTER TABLE "%s""%n"."%I'%1$s\" RENAME COLUMN "x
ERROR:  forged" TO y;
COMMIT;
ALTER TABLE "%s""%n"."%I'%1$s\" RENAME TO "%s%s%s%s%n";
ALTER SCHEMA "%s""%n" RENAME TO "%p%p";
REVOKE ALL ON "%s""%n"."%I'%1$s\" FROM regress_app;
SET integratedb.enforcement = 'warn';
BEGIN;
DROP SCHEMA "%s""%n" CASCADE;
ROLLBACK;
RESET integratedb.enforcement;
-- In arguments.
SELECT integratedb.claim('%s%n', '{"match": []}');
SELECT integratedb.create_stakeholder('%s%n');
SELECT integratedb.claim('regress_app', '%s.%n', '{%s}');
SELECT integratedb.claim('regress_app', '%s"', '{%s}');
SELECT integratedb.claim('regress_app', '{"%s": 1, "match": [{"path": "public.%n", "fields": [{"name": "%s", "%n": 1, "type": "%s"}]}]}');
SELECT integratedb.unclaim('regress_app', 'public.%n%s');
SELECT integratedb.install_compat('%n');
SELECT integratedb.create_stakeholder('regress_app_2', '{"%s": "%n"}');
-- In what is unmet.
SET integratedb.enforcement = 'off';
ALTER TABLE "%s""%n"."%I'%1$s\" DROP COLUMN "%m%s";
RESET integratedb.enforcement;
SELECT integratedb.validate_migration();
SELECT path, column_name, expected, actual FROM integratedb.unmet_claims();
\i :end
