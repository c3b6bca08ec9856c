-- INSERT, UPDATE and DELETE can be claimed on what takes them, and a view may not cease to: by its own query, a trigger or a rule
-- that goes, a view or foreign table below it.
\set test 'integratedb_updatable_relations'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (id bigint PRIMARY KEY, name text, net numeric);
CREATE VIEW public.plain AS SELECT id, name, net * 1.2 AS gross FROM public.t;
CREATE VIEW public.sums AS SELECT name, sum(net) AS net FROM public.t GROUP BY name;
CREATE MATERIALIZED VIEW public.stored AS SELECT id, name FROM public.t;
CREATE EXTENSION file_fdw;
CREATE EXTENSION postgres_fdw;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw;
CREATE SERVER silent FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE public.lines (line text) SERVER files OPTIONS (filename '/dev/null');
CREATE FOREIGN TABLE public.far (id bigint, name text) SERVER remote;
CREATE FOREIGN TABLE public.read_only (id bigint) SERVER remote OPTIONS (updatable 'false');
CREATE FOREIGN TABLE public.mute (id bigint) SERVER silent;
SELECT stakeholder FROM integratedb.create_stakeholder('writer');

-- Refused when it is claimed, all at once.
SELECT * FROM integratedb.claim('writer', '{"match": [
    {"path": "public.sums", "fields": ["name"], "privileges": ["select", "insert", "update", "delete"]},
    {"path": "public.stored", "privileges": ["delete"]},
    {"path": "public.lines", "fields": ["*"], "privileges": ["insert"]},
    {"path": "public.read_only", "fields": [{"name": "id", "insert": true}]},
    {"path": "public.mute", "fields": ["*"], "privileges": ["select", "update"]},
    {"path": "public.plain", "fields": ["id", {"name": "gross", "update": true}]}]}');
-- What is only read, or taken.
SELECT * FROM integratedb.claim('writer', '{"match": [
    {"path": "public.sums", "fields": ["*"]}, {"path": "public.stored", "fields": ["*"]}, {"path": "public.lines", "fields": ["*"]},
    {"path": "public.far", "fields": ["*"], "privileges": ["select", "insert", "update", "delete"]},
    {"path": "public.plain", "fields": ["*"], "privileges": ["select", "insert", "update", "delete"]}]}');
\c - writer
INSERT INTO public.plain (id, name) VALUES (1, 'x');
UPDATE public.plain SET name = 'y';
DELETE FROM public.plain;
\c :test :regress_user :regress_host :regress_port
-- A wildcard asks each relation for what it takes.
CREATE SCHEMA w;
CREATE TABLE w.t (id bigint);
CREATE VIEW w.v AS SELECT id FROM w.t;
CREATE VIEW w.sums AS SELECT count(*) FROM w.t;
SELECT stakeholder FROM integratedb.create_stakeholder('wild');
SELECT * FROM integratedb.claim('wild', '{"match": [{"path": "w.*", "fields": ["*"], "privileges": ["select", "insert", "delete"]}]}');
CREATE VIEW w.later AS SELECT id FROM w.t;
CREATE VIEW w.later_sums AS SELECT DISTINCT id FROM w.t;
CREATE OR REPLACE VIEW w.v AS SELECT DISTINCT id FROM w.t;
CREATE OR REPLACE VIEW w.sums AS SELECT count(*) + 1 AS count FROM w.t;
SELECT path, status FROM integratedb.claims WHERE stakeholder = 'wild' ORDER BY path;

-- The view's own query.
CREATE OR REPLACE VIEW public.plain AS SELECT DISTINCT id, name, net * 1.2 AS gross FROM public.t;
CREATE OR REPLACE VIEW public.plain AS SELECT t.id, t.name, t.net * 1.2 AS gross FROM public.t JOIN public.t u USING (id);
CREATE OR REPLACE VIEW public.plain AS SELECT id, name, net * 1.2 AS gross FROM public.stored JOIN public.t USING (id, name);
CREATE OR REPLACE VIEW public.plain AS SELECT id, upper(name) AS name, net * 1.2 AS gross FROM public.t;
CREATE OR REPLACE VIEW public.plain AS SELECT id, name, net * 1.25 AS gross FROM public.t WHERE id > 0;
BEGIN;
CREATE OR REPLACE VIEW public.plain AS SELECT DISTINCT id, name, net * 1.2 AS gross FROM public.t;
CREATE OR REPLACE VIEW public.plain AS SELECT id, name, net * 1.2 AS gross FROM public.t;
COMMIT;
BEGIN;
DROP VIEW public.plain;
CREATE VIEW public.plain AS SELECT id, name, net * 1.2 AS gross FROM public.t LIMIT 10;
COMMIT;

-- INSTEAD OF triggers and rules.
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
SELECT count(*) FROM integratedb.claim('writer', '{"match": [
    {"path": "public.sums", "fields": ["name", "net"], "privileges": ["select", "insert"], "pending": true}]}');
SELECT status, reason FROM integratedb.claims WHERE stakeholder = 'writer';
CREATE TRIGGER instead INSTEAD OF INSERT OR DELETE ON public.sums FOR EACH ROW EXECUTE FUNCTION public.f();
SELECT status, reason FROM integratedb.claims WHERE stakeholder = 'writer';
DROP TRIGGER instead ON public.sums;
DROP FUNCTION public.f() CASCADE;
BEGIN;
DROP TRIGGER instead ON public.sums;
CREATE TRIGGER other INSTEAD OF INSERT ON public.sums FOR EACH ROW EXECUTE FUNCTION public.f();
COMMIT;
BEGIN;
CREATE RULE taken AS ON INSERT TO public.sums DO INSTEAD INSERT INTO public.t (name, net) VALUES (NEW.name, NEW.net);
DROP TRIGGER other ON public.sums;
COMMIT;
DROP RULE taken ON public.sums;
-- A rule on a condition does not do, and keeps the server from doing it.
CREATE OR REPLACE RULE taken AS ON INSERT TO public.sums WHERE NEW.net > 0 DO INSTEAD NOTHING;
SELECT count(*) FROM integratedb.claim('writer', '{"match": [
    {"path": "public.sums", "fields": ["name", "net"], "privileges": ["select", "insert"]},
    {"path": "public.plain", "fields": ["id"], "privileges": ["select", "insert"]}]}');
CREATE RULE partly AS ON INSERT TO public.plain WHERE NEW.id > 0 DO INSTEAD NOTHING;
CREATE RULE partly AS ON INSERT TO public.plain WHERE NEW.id > 0 DO ALSO NOTHING;
CREATE RULE others AS ON UPDATE TO public.plain WHERE NEW.id > 0 DO INSTEAD NOTHING;
-- Of a table neither is anything that a claim is about.
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "public.t", "fields": ["*"], "privileges": ["select", "insert"]}]}');
CREATE TRIGGER before BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
DROP TRIGGER before ON public.t;
CREATE RULE taken AS ON INSERT TO public.t WHERE NEW.id < 0 DO INSTEAD NOTHING;
DROP RULE taken ON public.t;

-- Views over views: what is changed is below the claimed one.
CREATE VIEW public.lower_view AS SELECT id, name FROM public.t;
CREATE VIEW public.middle AS SELECT id, name FROM public.lower_view;
CREATE VIEW public.upper_view AS SELECT id, name FROM public.middle;
SELECT count(*) FROM integratedb.claim('writer', '{"match": [
    {"path": "public.upper_view", "fields": ["id", "name"], "privileges": ["select", "insert"]},
    {"path": "public.far", "fields": ["*"], "privileges": ["insert"]}]}');
CREATE OR REPLACE VIEW public.lower_view AS SELECT DISTINCT id, name FROM public.t;
CREATE OR REPLACE VIEW public.lower_view AS SELECT id, upper(name) AS name FROM public.t;
CREATE OR REPLACE VIEW public.middle AS SELECT id, name FROM public.stored;
BEGIN;
CREATE TRIGGER instead INSTEAD OF INSERT ON public.middle FOR EACH ROW EXECUTE FUNCTION public.f();
CREATE OR REPLACE VIEW public.lower_view AS SELECT DISTINCT id, name FROM public.t;
COMMIT;
DROP TRIGGER instead ON public.middle;
CREATE OR REPLACE VIEW public.upper_view AS SELECT id, name FROM public.far;
SELECT status FROM integratedb.claims WHERE path = 'public.upper_view';
-- A foreign table below it, and its server.
ALTER FOREIGN TABLE public.far OPTIONS (ADD updatable 'false');
ALTER SERVER remote OPTIONS (ADD updatable 'false');
ALTER FOREIGN DATA WRAPPER postgres_fdw NO HANDLER;
BEGIN;
ALTER FOREIGN TABLE public.far OPTIONS (ADD updatable 'true');
ALTER SERVER remote OPTIONS (ADD updatable 'false');
COMMIT;
DROP TRIGGER instead ON public.middle;
SELECT integratedb.validate_migration();

-- Past the extension it is found out.
SET integratedb.enforcement = 'off';
CREATE OR REPLACE VIEW public.upper_view AS SELECT DISTINCT id, name FROM public.far;
RESET integratedb.enforcement;
SELECT path, column_name, rule, expected, actual FROM integratedb.unmet_claims();
-- Views that read from each other in a circle can be made, and are not gone round for ever.
CREATE VIEW public.round AS SELECT id, name FROM public.t;
CREATE VIEW public.other_round AS SELECT id, name FROM public.round;
CREATE OR REPLACE VIEW public.round AS SELECT id, name FROM public.other_round;
SELECT count(*) FROM integratedb.claim('writer', '{"match": [{"path": "public.round", "fields": ["id"], "privileges": ["insert"]}]}');
SELECT * FROM integratedb.check_document('{"match": [{"path": "public.round", "fields": ["id"], "privileges": ["insert"]}]}');
\i :end
