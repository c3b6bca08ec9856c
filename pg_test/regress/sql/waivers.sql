-- waive, unwaive and "on_break": which breaks may pass, by whose leave, and what is kept of it.
\set test 'integratedb_waivers'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80), old_note text);
CREATE TABLE public.items (id bigint PRIMARY KEY, name text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_warned');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_held');
SELECT count(*) FROM integratedb.claim('regress_warned', '{"on_break": "warn", "match": [{"path": "public.orders", "fields": ["note"]}, {"path": "public.items", "fields": ["name"], "on_break": "block"}]}');
SELECT count(*) FROM integratedb.claim('regress_held', '{"match": [{"path": "public.orders", "fields": ["note", "total"]}]}');

-- Bad input: one clear error each.
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists,colum-type}', 'x', now() + interval '1 day');
SELECT integratedb.waive('regress_held', 'public.orders', '{}', 'x', now() + interval '1 day');
SELECT integratedb.waive('regress_held', 'public.orders', '{NULL}', 'x', now() + interval '1 day');
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', 'x', now());
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', 'x', 'infinity');
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', ' ', now() + interval '1 day');
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', NULL, now() + interval '1 day');
SELECT integratedb.waive('regress_held', 'public.items', '{column-exists}', 'x', now() + interval '1 day');
SELECT integratedb.waive('regress_held', 'orders', '{column-exists}', 'x', now() + interval '1 day');
SELECT integratedb.waive('regress_nobody', 'public.orders', '{column-exists}', 'x', now() + interval '1 day');
SELECT integratedb.claim('regress_held', '{"match": [{"path": "public.orders", "on_break": "ignore"}], "on_break": 1}');

-- Who: the stakeholder itself.
SET ROLE regress_warned;
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', 'not mine', now() + interval '1 day');
SELECT integratedb.unwaive(1);
SET ROLE regress_held;
SELECT integratedb.waive('regress_held', 'public.orders', '{column-type}', 'type only', now() + interval '1 day') AS waiver;
RESET ROLE;

-- A warning for the one, an error for the other; a waiver of another rule does not help.
BEGIN;
ALTER TABLE public.orders DROP COLUMN note;
ROLLBACK;
ALTER TABLE public.orders DROP COLUMN note;
SET integratedb.validation = immediate;
ALTER TABLE public.orders DROP COLUMN note;
RESET integratedb.validation;
SET ROLE regress_held;
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', 'the report is gone', now() + interval '1 day') AS waiver;
RESET ROLE;
-- A rehearsal and a preview say so, and let it pass.
SELECT number, verdict, violation, detail FROM integratedb.rehearse_migration('ALTER TABLE public.orders DROP COLUMN note; ALTER TABLE public.orders DROP COLUMN total');
SELECT number, verdict, violation, detail FROM integratedb.preview_migration('ALTER TABLE public.orders DROP COLUMN note; ALTER TABLE public.orders ALTER COLUMN total DROP NOT NULL');
-- All that is wrong must be waived.
ALTER TABLE public.orders DROP COLUMN note, ALTER COLUMN total DROP NOT NULL;
SET integratedb.validation = immediate;
ALTER TABLE public.orders DROP COLUMN note;
RESET integratedb.validation;
SELECT stakeholder, path, status FROM integratedb.claims ORDER BY 1, 2;
SELECT stakeholder, path, rules, reason, waived_by, in_force FROM integratedb.waivers ORDER BY waiver_id;
SELECT e ->> 'stakeholder' AS stakeholder, e ->> 'column' AS column, e ->> 'rule' AS rule, e ->> 'allowed_by' AS allowed_by, e -> 'waivers' AS waivers
FROM integratedb.migration_history, jsonb_array_elements(effects) AS e WHERE e ->> 'effect' = 'break' ORDER BY 1;
-- What is unmet blocks nobody; what says "block" does.
ALTER TABLE public.orders DROP COLUMN total;
ALTER TABLE public.items DROP COLUMN name;

-- What is over, and what was taken back, does nothing.
SELECT integratedb.unwaive(waiver_id) FROM integratedb.waivers WHERE in_force;
SELECT count(*) FROM integratedb.claim('regress_held', '{"match": [{"path": "public.*", "fields": ["*"]}]}');
SELECT integratedb.waive('regress_held', 'public.*', '{column-exists,relation-exists}', 'a schema', now() + interval '1 day') AS waiver \gset
BEGIN;
ALTER TABLE public.orders DROP COLUMN old_note;
ROLLBACK;
UPDATE integratedb.waiver SET until = now() - interval '1 second' WHERE waiver_id = :waiver;
ALTER TABLE public.orders DROP COLUMN old_note;
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', 'again', now() + interval '1 day') AS waiver \gset
SELECT integratedb.unwaive(:waiver);
SELECT integratedb.unwaive(:waiver);
ALTER TABLE public.orders DROP COLUMN old_note;

-- They follow their stakeholder.
SELECT integratedb.waive('regress_held', 'public.orders', '{column-exists}', 'again', now() + interval '1 day') > 0 AS waived;
SELECT integratedb.rename_stakeholder('regress_held', 'regress_kept');
SELECT stakeholder, in_force FROM integratedb.waivers WHERE in_force ORDER BY waiver_id;
SELECT * FROM integratedb.drop_stakeholder('regress_kept');
SELECT count(*) FROM integratedb.waivers WHERE stakeholder = 'regress_kept' AND in_force;
\i :end
