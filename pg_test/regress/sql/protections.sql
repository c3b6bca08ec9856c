-- What is protected no wildcard takes, and an explicit claim only with "acknowledge_protected"; existing claims that would be
-- caught are listed, and keep what they have until they are claimed anew.
\set test 'integratedb_protections'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set readable :abs_srcdir '/include/readable.sql'
\i :readable
CREATE SCHEMA crm;
CREATE TABLE crm.people (id bigint PRIMARY KEY, name text, ssn text, salary numeric);
CREATE TABLE crm.notes (id bigint, text text);
CREATE TABLE crm.orders (id bigint, total numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('early');
SELECT stakeholder FROM integratedb.create_stakeholder('named');
SELECT stakeholder FROM integratedb.create_stakeholder('late');
SELECT count(*) FROM integratedb.claim('early', 'crm.*', '{*}');
SELECT count(*) FROM integratedb.claim('named', '{"match": [{"path": "crm.people", "fields": ["id", "ssn"]}, {"path": "crm.notes"}]}');
-- Who has it is listed: by wildcard or by name. Nothing is taken from them.
SELECT stakeholder, column_name, claimed_by FROM integratedb.protect('crm.people', '{ssn,salary}', 'personal data') ORDER BY 1, 2;
SELECT stakeholder, column_name, claimed_by FROM integratedb.protect('crm.notes', reason => 'whatever people write') ORDER BY 1, 2;
SELECT path, column_name, reason, protected_by = :'regress_user' AS by_us, claimed_by FROM integratedb.protections ORDER BY 1, 2;
SELECT readable('early', 'crm.people'), readable('named', 'crm.people'), readable('early', 'crm.notes');
-- Nor by the migrations that follow, or sync().
ALTER TABLE crm.people ADD COLUMN more text;
SELECT integratedb.sync();
SELECT readable('early', 'crm.people'), readable('named', 'crm.people'), readable('early', 'crm.notes');
ALTER TABLE crm.people DROP COLUMN ssn;

-- New claims: no wildcard, of columns or of relations, takes it.
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.*", "fields": ["*"]}]}');
SELECT path, column_name FROM integratedb.claimed_columns WHERE stakeholder = 'late' ORDER BY 1, 2;
SELECT readable('late', 'crm.people'), readable('late', 'crm.notes');
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.people", "fields": ["*"], "acknowledge_protected": true}]}');
SELECT readable('late', 'crm.people');
-- By name only with an acknowledgement.
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.people", "fields": ["id", "ssn", {"alternatives": ["name", "salary"]}]}, {"path": "crm.notes"}]}');
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.people", "fields": ["id", "ssn"], "acknowledge_protected": true}, {"path": "crm.notes", "acknowledge_protected": true}]}');
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.notes", "fields": ["*"]}]}');
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.notes", "fields": ["*"], "acknowledge_protected": true}]}');
SELECT readable('late', 'crm.people'), readable('late', 'crm.notes');
SELECT * FROM integratedb.claim('late', 'crm.people', '{ssn}');
SELECT * FROM integratedb.claim('late', '{"match": [{"alternatives": [{"path": "crm.people", "fields": ["ssn"], "acknowledge_protected": true}, {"path": "crm.orders", "fields": ["id"]}, {"path": "crm.notes", "fields": ["text"]}]}]}');
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.people", "fields": ["id"], "keys": [["id"]]}, {"path": "crm.orders", "fields": ["*"]}]}');
-- Pending and optional, too: not before, nor when it comes.
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.people", "fields": ["id", {"name": "ssn", "optional": true}]}]}');
SELECT * FROM integratedb.claim('late', '{"match": [{"path": "crm.people", "fields": ["ssn", "later"], "pending": true}]}');
-- When it is claimed anew, the wildcard gives up what is protected; the name needs the acknowledgement.
SELECT * FROM integratedb.claim('early', 'crm.*', '{*}');
SELECT readable('early', 'crm.people'), readable('early', 'crm.notes');
SELECT * FROM integratedb.claim('named', '{"match": [{"path": "crm.people", "fields": ["id", "ssn"]}, {"path": "crm.notes"}]}');
SELECT path, column_name, claimed_by FROM integratedb.protections ORDER BY 1, 2;

-- Protections follow names, as grants do: a rename lets nothing through.
SELECT count(*) FROM integratedb.claim('late', 'crm.*', '{*}');
SELECT readable('early', 'crm.people') AS early, readable('late', 'crm.people') AS late;
SELECT integratedb.unclaim('named');
ALTER TABLE crm.people RENAME COLUMN ssn TO social;
SELECT readable('early', 'crm.people') AS early, readable('late', 'crm.people') AS late;
ALTER TABLE crm.people ADD COLUMN ssn text;
SELECT readable('early', 'crm.people') AS early, readable('late', 'crm.people') AS late;
SELECT path, column_name, reason FROM integratedb.protections ORDER BY 1, 2;
SELECT count(*) FROM integratedb.claim('late', 'crm.*', '{*}');
SELECT readable('late', 'crm.people');
ALTER TABLE crm.notes RENAME TO remarks;
SELECT readable('early', 'crm.remarks') AS early, readable('late', 'crm.remarks') AS late;
CREATE TABLE crm.notes (id bigint);
SELECT readable('early', 'crm.notes') AS early, readable('late', 'crm.notes') AS late;
SELECT path, column_name FROM integratedb.protections ORDER BY 1, 2;
SELECT integratedb.sync();
SELECT readable('early', 'crm.remarks') AS early, readable('late', 'crm.remarks') AS late, readable('late', 'crm.people') AS late;
-- Into another schema, and the schema's own name.
CREATE SCHEMA other;
SELECT count(*) FROM integratedb.claim('named', 'other.*', '{*}');
ALTER TABLE crm.remarks SET SCHEMA other;
SELECT readable('named', 'other.remarks');
CREATE TABLE other.free (id bigint);
SELECT readable('named', 'other.free');
SELECT path, column_name FROM integratedb.protections ORDER BY 1, 2;
-- Also where nobody claims it: names are what a dump holds.
SELECT integratedb.unclaim('late');
SELECT integratedb.unclaim('early');
SELECT integratedb.unclaim('named');
ALTER TABLE crm.people RENAME COLUMN social TO number;
ALTER TABLE other.remarks RENAME TO comments;
ALTER SCHEMA other RENAME TO another;
SELECT path, column_name FROM integratedb.protections ORDER BY 1, 2;
ALTER TABLE crm.people RENAME COLUMN number TO social;
ALTER SCHEMA another RENAME TO other;
ALTER TABLE other.comments RENAME TO remarks;
SELECT schema_name, relation_name, column_name FROM integratedb.protection ORDER BY 1, 2, 3;
-- One that takes the name of a claimed column is not that column.
SELECT count(*) FROM integratedb.claim('late', 'crm.*', '{*}');
BEGIN;
ALTER TABLE crm.people RENAME COLUMN more TO x;
ALTER TABLE crm.people RENAME COLUMN social TO more;
COMMIT;
SELECT readable('late', 'crm.people') AS late;
BEGIN;
ALTER TABLE crm.people DROP COLUMN more;
ALTER TABLE crm.people RENAME COLUMN social TO more;
COMMIT;
SELECT readable('late', 'crm.people') AS late;
BEGIN;
ALTER TABLE crm.people RENAME COLUMN social TO x;
ALTER TABLE crm.people RENAME COLUMN more TO social;
ALTER TABLE crm.people RENAME COLUMN x TO more;
COMMIT;
SELECT readable('late', 'crm.people') AS late;
SELECT path, column_name FROM integratedb.protections ORDER BY 1, 2;
-- Dropped and created: the name is protected, whatever it is now.
SELECT count(*) FROM integratedb.claim('named', 'other.*', '{*}');
ALTER TABLE crm.people DROP COLUMN social;
ALTER TABLE crm.people ADD COLUMN social text;
DROP TABLE other.remarks;
CREATE VIEW other.remarks AS SELECT 1 AS x;
SELECT readable('late', 'crm.people') AS late, readable('named', 'other.remarks') AS named;
SELECT integratedb.unclaim('late');
DROP TABLE crm.people;
SELECT path, column_name FROM integratedb.protections ORDER BY 1, 2;
SELECT count(*) FROM integratedb.claim('late', 'crm.*', '{*}');
CREATE TABLE crm.people (ssn text, name text, social text);
SELECT readable('late', 'crm.people') AS late;

-- unprotect: some columns, or all there is. It is taken in by the next migration, sync() or claim.
SELECT integratedb.unprotect('crm.people', '{social,ssn}');
SELECT integratedb.unprotect('crm.people', '{social,salary}');
SELECT integratedb.unprotect('other.remarks');
TABLE integratedb.protections;
SELECT integratedb.sync();
SELECT readable('late', 'crm.people') AS late, readable('named', 'other.remarks') AS named;
-- Again, with another reason; a column under a protected whole.
SELECT count(*) FROM integratedb.protect('crm.people', '{ssn}', 'first');
SELECT count(*) FROM integratedb.protect('crm.people', '{ssn}', 'second');
SELECT count(*) FROM integratedb.protect('crm.people');
SELECT path, column_name, reason FROM integratedb.protections ORDER BY 1, 2;
SELECT integratedb.unprotect('crm.people', '{ssn}');
SELECT path, column_name FROM integratedb.protections ORDER BY 1, 2;
SELECT integratedb.unprotect('crm.people');
-- What is wrong.
SELECT integratedb.protect('crm.peopl');
SELECT integratedb.protect('crm.people', '{ssn,nme}');
SELECT integratedb.protect('crm.*');
SELECT integratedb.protect('people');
SELECT integratedb.protect('crm.people', '{}');
SELECT integratedb.protect('crm.people', '{NULL}');
SELECT integratedb.protect(NULL);
SELECT integratedb.unprotect('crm.people');
SELECT integratedb.unprotect('crm.people', '{ssn}');
SELECT integratedb.unprotect('crm.*');
TABLE integratedb.protections;
-- A dump holds names, and a restore protects under them.
SELECT count(*) FROM integratedb.protect('crm.people', '{ssn}', 'kept');
SELECT schema_name, relation_name, column_name, reason FROM integratedb.protection;
SELECT extconfig::regclass[] @> ARRAY['integratedb.protection']::regclass[] AS dumped, extconfig::regclass[] @> ARRAY['integratedb.protection_cache']::regclass[] AS cache_dumped FROM pg_extension WHERE extname = 'integratedb';
TRUNCATE integratedb.protection_cache, integratedb.cache_stamp;
SELECT count(*) FROM integratedb.claim('late', 'crm.*', '{*}');
SELECT readable('late', 'crm.people');
ALTER TABLE crm.notes ADD COLUMN x text;
SELECT relation_name, column_name, relation_oid::regclass, attribute_number FROM integratedb.protection_cache;
\i :end
