-- After drop_after claims no longer hold: a break is a WARNING, is recorded, and the claim is unmet. The rest of it holds.
\set test 'integratedb_deprecation_over'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
CREATE FUNCTION public.passed() RETURNS void LANGUAGE sql AS $$
    UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = '2020-01-15' WHERE ended_at IS NULL $$;
CREATE VIEW public.state AS
    SELECT c.claim_id, c.path, c.status, c.met_alternatives,
           (SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM integratedb.claimed_columns l WHERE l.claim_id = c.claim_id AND l.status = 'met') AS met
    FROM integratedb.claims c;
CREATE VIEW public.migrations AS
    SELECT migration_id, s ->> 'tag' AS tag, s -> 'objects' AS objects, s ->> 'role' AS role, e AS effect
    FROM integratedb.migration_history h LEFT JOIN LATERAL jsonb_array_elements(statements) s ON true, jsonb_array_elements(effects) e;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric, note text, mood text);
CREATE TABLE parcels (id bigint PRIMARY KEY, weight numeric);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "public.orders", "fields": ["id", "total", "note", "mood"]}, {"path": "public.parcels", "fields": ["*"]}]}');
SET SESSION AUTHORIZATION regress_owner;
SELECT column_name FROM integratedb.deprecate('public.orders', '{note,mood}', 'free text', replacement => 'public.remarks');
\set VERBOSITY terse
ALTER TABLE orders DROP COLUMN note;
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
SELECT passed();
SELECT path, column_name, claimed_by, needed_by, drop_after, is_over, ready_to_drop FROM integratedb.deprecations ORDER BY 1, 2;

SET SESSION AUTHORIZATION regress_owner;
-- Rolled back to a savepoint, it is as if it had not been.
BEGIN;
SAVEPOINT s;
ALTER TABLE orders DROP COLUMN note;
ROLLBACK TO s;
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT * FROM state ORDER BY 1;
SELECT count(*) FROM migrations;
SET SESSION AUTHORIZATION regress_owner;
-- Mended in the same transaction, likewise.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders ADD COLUMN note text;
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT * FROM state ORDER BY 1;
SELECT count(*) FROM migrations;
-- The new column of this name is not the one that was announced.
SELECT column_name FROM integratedb.deprecations ORDER BY 1;
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE orders DROP COLUMN note;
SELECT column_name FROM integratedb.deprecate('public.orders', '{note}', 'free text', replacement => 'public.remarks');
RESET SESSION AUTHORIZATION;
SELECT passed();

-- With something else in the same transaction it all fails.
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE orders DROP COLUMN note, DROP COLUMN total;
BEGIN;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders DROP COLUMN total;
COMMIT;
SET integratedb.validation = immediate;
ALTER TABLE orders DROP COLUMN note, DROP COLUMN total;
RESET integratedb.validation;

-- It goes.
ALTER TABLE orders DROP COLUMN note;
RESET SESSION AUTHORIZATION;
SELECT * FROM state ORDER BY 1;
SELECT * FROM migrations;
SELECT path, column_name, rule FROM integratedb.unmet_claims();
SELECT integratedb.validate_migration();
SELECT column_name, claimed_by FROM integratedb.deprecations;
SELECT has_column_privilege('regress_app', 'public.orders', 'total', 'SELECT') AS total;
-- What is left of the claim holds: its columns, and the relation.
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders ALTER total TYPE integer;
REVOKE SELECT ON orders FROM regress_app;
REVOKE SELECT (total) ON orders FROM regress_app;
DROP TABLE orders;
ALTER TABLE orders RENAME TO sales;
ALTER TABLE orders ADD COLUMN more text;
-- A second column goes the same way; it is said by itself.
BEGIN;
ALTER TABLE orders DROP COLUMN mood;
ALTER TABLE orders DROP COLUMN more;
COMMIT;
ALTER TABLE orders DROP COLUMN total;
RESET SESSION AUTHORIZATION;
SELECT * FROM state ORDER BY 1;
SELECT tag, effect FROM migrations WHERE migration_id = (SELECT max(migration_id) FROM migrations);
-- A dump carries that.
SELECT r.status AS alternative, c.status AS claim FROM integratedb.claimed_relation r JOIN integratedb.claim c USING (claim_id) WHERE relation_name = 'orders';
INSERT INTO integratedb.stakeholder SELECT * FROM integratedb.stakeholder WHERE false;
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE orders DROP COLUMN total;
-- The column comes back, and all of it is met again.
ALTER TABLE orders ADD COLUMN note text, ADD COLUMN mood text;
RESET SESSION AUTHORIZATION;
SELECT * FROM state ORDER BY 1;
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE orders DROP COLUMN note;

-- A relation.
SELECT path FROM integratedb.deprecate('public.parcels');
RESET SESSION AUTHORIZATION;
SELECT passed();
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE parcels DROP COLUMN weight;
DROP TABLE parcels;
RESET SESSION AUTHORIZATION;
SELECT * FROM state ORDER BY 1;
SELECT path FROM integratedb.deprecations;

-- By a wildcard; what it takes in later is claimed as before.
SELECT stakeholder FROM integratedb.create_stakeholder('regress_all');
SELECT count(*) > 0 FROM integratedb.unclaim('regress_app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE old_things (id bigint);
RESET SESSION AUTHORIZATION;
CREATE SCHEMA wide AUTHORIZATION regress_owner;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE wide.a (id bigint, x text);
CREATE TABLE wide.b (id bigint, x text);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_all', 'wide.*', '{*}');
SET SESSION AUTHORIZATION regress_owner;
SELECT count(*) FROM integratedb.deprecate('wide.a');
SELECT count(*) FROM integratedb.deprecate('wide.b', '{x}');
RESET SESSION AUTHORIZATION;
SELECT passed();
SET SESSION AUTHORIZATION regress_owner;
\set VERBOSITY terse
DROP TABLE wide.a;
ALTER TABLE wide.b DROP COLUMN x;
ALTER TABLE wide.b DROP COLUMN id;
CREATE TABLE wide.c (id bigint);
DROP TABLE wide.c;
RESET SESSION AUTHORIZATION;
SELECT path, status, met FROM state ORDER BY 1;
-- sync() accepts: every document is expanded anew.
SELECT integratedb.sync();
SELECT path, status, met FROM state ORDER BY 1;
\set VERBOSITY default

-- A view that is made anew in the same transaction, without the column.
CREATE VIEW wide.v AS SELECT 1 AS id, 2 AS old;
ALTER VIEW wide.v OWNER TO regress_owner;
SELECT count(*) FROM integratedb.claim('regress_app', 'wide.v', '{id,old}');
SELECT count(*) FROM integratedb.deprecate('wide.v', '{old}');
SELECT passed();
SET SESSION AUTHORIZATION regress_owner;
BEGIN;
DROP VIEW wide.v;
CREATE VIEW wide.v AS SELECT 1 AS id;
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT path, status, met FROM state WHERE path = 'wide.v';
SELECT has_column_privilege('regress_app', 'wide.v', 'id', 'SELECT');
\i :end
