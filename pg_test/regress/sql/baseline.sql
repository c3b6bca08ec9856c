-- The baseline: what DDL under enforcement = off, a restore or a hand in our tables leaves behind is found out by the next DDL, which is not blamed for it; what that DDL itself breaks is refused.
\set test 'integratedb_baseline'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
CREATE TABLE items (id bigint PRIMARY KEY, note text);
CREATE TABLE unrelated (id bigint);
CREATE VIEW summary AS SELECT count(*) AS number FROM unrelated;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "public.orders", "fields": ["*"]}, {"path": "public.items", "fields": ["*"]}, {"path": "public.summary", "fields": ["*"]}]}');
CREATE VIEW stamp AS SELECT bool_or(is_stale) AS is_stale, bool_or(database_oid <> (SELECT oid FROM pg_database WHERE datname = current_database())) AS is_foreign FROM integratedb.cache_stamp;
TABLE stamp;
-- What is temporary or harmless leaves no mark.
SET integratedb.enforcement = off;
CREATE TEMPORARY TABLE scratch (id bigint);
ALTER TABLE scratch ADD COLUMN note text;
COMMENT ON TABLE orders IS 'x';
TABLE stamp;
ALTER TABLE unrelated ADD COLUMN a text;
TABLE stamp;
RESET integratedb.enforcement;
ALTER TABLE unrelated ADD COLUMN b text;
TABLE stamp;
-- A drop leaves one, though at its end no name tells what it was of.
SET integratedb.enforcement = off;
DROP VIEW summary;
TABLE stamp;
RESET integratedb.enforcement;
CREATE TABLE innocent (id bigint);
TABLE stamp;
SET integratedb.enforcement = off;
DROP TABLE orders;
RESET integratedb.enforcement;
TABLE stamp;
-- The statement that sets the baseline may not break anything itself.
DROP TABLE items;
ALTER TABLE items RENAME COLUMN note TO remark;
CREATE TABLE more_innocent (id bigint);
SELECT path, status FROM integratedb.claims ORDER BY path;
CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
CREATE VIEW summary AS SELECT count(*) AS number FROM unrelated;
SELECT integratedb.validate_migration();
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.summary');

-- Another session, for what happens side by side.
CREATE SCHEMA aside;
CREATE EXTENSION dblink SCHEMA aside;
SELECT aside.dblink_connect('other', format('host=%s port=%s user=%s dbname=%s', :'regress_host', :'regress_port', :'regress_user', :'test'));
-- A break that this transaction remembers is not forgiven because a baseline comes between.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SELECT aside.dblink_exec('other', 'SET integratedb.enforcement = off');
SELECT aside.dblink_exec('other', 'ALTER TABLE unrelated ADD COLUMN c text');
SELECT aside.dblink_exec('other', 'RESET integratedb.enforcement');
TABLE stamp;
ALTER TABLE innocent ADD COLUMN a text;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- While another session sets it: nobody waits, nobody is blamed for what was broken before, and breaks are refused.
SELECT aside.dblink_exec('other', 'SET integratedb.enforcement = off');
SELECT aside.dblink_exec('other', 'ALTER TABLE orders DROP COLUMN note');
SELECT aside.dblink_exec('other', 'RESET integratedb.enforcement');
SELECT aside.dblink_exec('other', 'BEGIN');
SELECT aside.dblink_exec('other', 'ALTER TABLE unrelated ADD COLUMN d text');
SET statement_timeout = '30s';
ALTER TABLE orders ADD COLUMN more text;
DROP TABLE items;
ALTER TABLE innocent ADD COLUMN b text;
SELECT aside.dblink_exec('other', 'ROLLBACK');
RESET statement_timeout;
ALTER TABLE innocent ADD COLUMN c text;
DROP TABLE items;
ALTER TABLE orders ADD COLUMN note text;
SELECT integratedb.validate_migration();
SELECT aside.dblink_disconnect('other');

-- What is written to our tables behind our back, as a restore does, also where ordinary triggers do not fire.
TABLE stamp;
BEGIN;
SET LOCAL session_replication_role = replica;
COPY integratedb.stakeholder (name, created_by) FROM stdin;
\.
TABLE stamp;
ROLLBACK;
BEGIN;
UPDATE integratedb.claim SET optional = true;
TABLE stamp;
ROLLBACK;
BEGIN;
DELETE FROM integratedb.claimed_relation WHERE relation_name = 'nothing';
TABLE stamp;
ROLLBACK;
BEGIN;
TRUNCATE integratedb.granted_privilege;
TABLE stamp;
ROLLBACK;
-- What we write ourselves does not.
SELECT count(*) FROM integratedb.claim('reporter', 'public.innocent', '{*}');
SELECT count(*) FROM integratedb.unclaim('reporter', 'public.innocent');
TABLE stamp;
-- A claim that a restore loads after the baseline was set is guarded nevertheless, against renames too.
CREATE TEMPORARY TABLE saved AS SELECT * FROM integratedb.claimed_relation WHERE relation_name = 'items';
SELECT count(*) FROM integratedb.unclaim('reporter', 'public.items');
INSERT INTO integratedb.claim (claim_id, stakeholder, match_number, optional, derived, status, pending) SELECT claim_id, 'reporter', 99, false, false, 'met', false FROM saved;
INSERT INTO integratedb.claimed_relation SELECT * FROM saved;
ALTER TABLE items RENAME TO things;
ALTER TABLE items DROP COLUMN note;

\i :end
