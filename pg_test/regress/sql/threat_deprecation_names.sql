-- Threat: an owner announces what nobody claims, waits, and gives its name to what is claimed, or the other way round.
\set test 'integratedb_threat_deprecation_names'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE SCHEMA shop AUTHORIZATION regress_owner;
CREATE FUNCTION public.passed() RETURNS void LANGUAGE sql AS $$
    UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = '2020-01-15' WHERE ended_at IS NULL $$;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_all');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE shop.t (id bigint PRIMARY KEY, junk text, good text, spare text);
CREATE TABLE shop.junk (id bigint PRIMARY KEY, good text);
CREATE TABLE shop.good (id bigint PRIMARY KEY, good text);
SELECT column_name FROM integratedb.deprecate('shop.t', '{junk}');
SELECT path FROM integratedb.deprecate('shop.junk');
RESET SESSION AUTHORIZATION;
SELECT passed();
\set VERBOSITY terse
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.t", "fields": ["id", "good"]}, {"alternatives": [{"path": "shop.good", "fields": ["id"]}, {"path": "shop.other", "fields": ["id"]}]}]}');

-- The names change places in one transaction, or in one after the other.
SET SESSION AUTHORIZATION regress_owner;
BEGIN;
ALTER TABLE shop.t RENAME COLUMN junk TO x;
ALTER TABLE shop.t RENAME COLUMN good TO junk;
COMMIT;
BEGIN;
ALTER TABLE shop.junk RENAME TO x;
ALTER TABLE shop.good RENAME TO junk;
COMMIT;
-- The claimed relation under the name of the one that was announced, by way of an alternative.
ALTER TABLE shop.junk RENAME TO other;
DROP TABLE shop.good;
DROP TABLE shop.other;
RESET SESSION AUTHORIZATION;
SELECT path, column_name FROM integratedb.deprecations;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE shop.good (id bigint PRIMARY KEY, good text);
DROP TABLE shop.other;

-- What nobody claims yet: its name passes on, and is claimed afterwards.
ALTER TABLE shop.t RENAME COLUMN junk TO x;
ALTER TABLE shop.t RENAME COLUMN spare TO junk;
RESET SESSION AUTHORIZATION;
SELECT path, column_name FROM integratedb.deprecations;
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.t', '{id,good,junk}');
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE shop.t DROP COLUMN junk;
ALTER TABLE shop.t DROP COLUMN junk, DROP COLUMN x;
ALTER TABLE shop.t DROP COLUMN x;
ALTER TABLE shop.t DROP COLUMN junk;
-- The same, with a claim on all columns there from the beginning.
ALTER TABLE shop.t ADD COLUMN old text, ADD COLUMN fresh text;
SELECT column_name FROM integratedb.deprecate('shop.t', '{old}');
RESET SESSION AUTHORIZATION;
SELECT passed();
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.t', '{id,good,junk,fresh}');
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE shop.t DROP COLUMN old;
ALTER TABLE shop.t ADD COLUMN old text;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_all', 'shop.*', '{*}');
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE shop.t DROP COLUMN old;

-- A table of the name that was announced, made anew: under a wildcard it is claimed at once.
SELECT path FROM integratedb.deprecate('shop.good');
RESET SESSION AUTHORIZATION;
SELECT passed();
SELECT count(*) FROM integratedb.unclaim('regress_app');
SET SESSION AUTHORIZATION regress_owner;
DROP TABLE shop.good;
CREATE TABLE shop.good (id bigint PRIMARY KEY, good text);
DROP TABLE shop.good;

-- A column of the parent was announced, and its child's goes with it.
CREATE TABLE shop.parent (id bigint, gone text);
CREATE TABLE shop.child () INHERITS (shop.parent);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.unclaim('regress_all');
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.child', '{id,gone}');
SET SESSION AUTHORIZATION regress_owner;
SELECT column_name FROM integratedb.deprecate('shop.parent', '{gone}');
RESET SESSION AUTHORIZATION;
SELECT passed();
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE shop.parent DROP COLUMN gone;
-- A schema takes its relations' names away, announced or not.
SELECT path FROM integratedb.deprecate('shop.parent');
ALTER TABLE shop.parent RENAME TO elder;
ALTER TABLE shop.elder RENAME TO parent;
RESET SESSION AUTHORIZATION;
ALTER SCHEMA shop RENAME TO store;
SELECT path, column_name FROM integratedb.deprecations;

-- After a restore names are all that is known; then it is by OID again.
SELECT count(*) FROM integratedb.unclaim('regress_app');
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE shop.r (id bigint, junk text, good text);
SELECT column_name FROM integratedb.deprecate('shop.r', '{junk}');
RESET SESSION AUTHORIZATION;
DELETE FROM integratedb.deprecation_cache;
SELECT passed();
SELECT path, column_name FROM integratedb.deprecations WHERE path = 'shop.r';
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.r', '{id,junk,good}');
SET SESSION AUTHORIZATION regress_owner;
BEGIN;
ALTER TABLE shop.r RENAME junk TO x;
ALTER TABLE shop.r RENAME good TO junk;
COMMIT;
ALTER TABLE shop.r DROP COLUMN good;
ALTER TABLE shop.r DROP COLUMN junk;
RESET SESSION AUTHORIZATION;
SELECT path, status FROM integratedb.claims;
\i :end
