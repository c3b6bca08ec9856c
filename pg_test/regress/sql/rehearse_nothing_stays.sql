-- A rehearsal leaves catalogs, data, the extension's own tables and the session as they were; what it cannot undo it says.
\set test 'integratedb_rehearse_nothing_stays'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\pset null '-'
-- It would write statistics of the catalogs in between.
ALTER SYSTEM SET autovacuum = off;
SELECT pg_reload_conf();

CREATE TABLE customers (id bigserial PRIMARY KEY, email varchar(80));
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text);
INSERT INTO orders SELECT i, i, 'note ' || i FROM generate_series(1, 100) AS i;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_a');
SELECT count(*) FROM integratedb.claim('regress_a', '{"match": [{"path": "public.*", "fields": ["*"]}, {"path": "public.orders", "fields": ["total"]}]}');
SELECT count(*) FROM integratedb.protect('public.customers', '{email}');

-- One line a table: all of pg_catalog but its statistics of use, of the extension, and the data. Shared ones too.
CREATE FUNCTION checksums() RETURNS TABLE (relation text, checksum text) LANGUAGE plpgsql AS $$
BEGIN
    FOR relation IN SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                     WHERE c.relkind = 'r' AND n.nspname IN ('pg_catalog', 'integratedb', 'public') AND c.relname <> 'checked' ORDER BY 1 LOOP
        -- What ANALYZE and CREATE INDEX note of a table is written in place, in no transaction, and is an estimate.
        EXECUTE format('SELECT md5(string_agg(j::text, e''\n'' ORDER BY j::text)) FROM %s AS t, LATERAL (SELECT to_jsonb(t) - ''{reltuples,relpages,relallvisible}''::text[]) AS j(j)', relation)
           INTO checksum;
        RETURN NEXT;
    END LOOP;
END $$;
CREATE TABLE checked AS SELECT * FROM checksums() LIMIT 0;
-- Its own wildcard takes it in: the claim is there before.
INSERT INTO checked SELECT * FROM checksums();
SELECT count(*) > 70 AS many FROM checked;
CREATE VIEW session_state AS SELECT current_user, session_user, current_setting('search_path') AS path, current_setting('integratedb.enforcement') AS enforcement,
    current_setting('lock_timeout') AS lock_timeout, (SELECT count(*) FROM pg_listening_channels()) AS channels, (SELECT count(*) FROM pg_cursors WHERE is_holdable) AS cursors;
UPDATE checked AS c SET checksum = s.checksum FROM checksums() AS s WHERE s.relation = c.relation;
SELECT * FROM checked EXCEPT SELECT * FROM checksums();

SELECT number, statement, object, verdict FROM integratedb.rehearse_migration($s$
CREATE SCHEMA app CREATE TABLE t (id int);
CREATE TABLE later (id bigserial, name text);
CREATE TYPE mood AS ENUM ('a', 'b');
ALTER TYPE mood ADD VALUE 'c';
CREATE TEMP TABLE scratch AS SELECT * FROM orders;
DROP TABLE scratch;
CREATE VIEW v AS SELECT * FROM orders;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE INDEX ON orders (total);
INSERT INTO orders VALUES (1000, 1, 'x');
UPDATE orders SET note = 'y';
DELETE FROM orders WHERE id < 10;
LOCK TABLE orders;
TRUNCATE orders;
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE orders ADD COLUMN more int DEFAULT random();
COMMENT ON TABLE orders IS 'x';
ANALYZE customers;
REFRESH MATERIALIZED VIEW pg_temp.nope;
$s$);
SELECT number, statement, object, verdict, violation, detail FROM integratedb.rehearse_migration($s$
GRANT SELECT ON orders TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
CREATE ROLE regress_x;
ALTER ROLE regress_a PASSWORD 'x';
SELECT integratedb.claim('regress_a', 'public.orders', '{id}');
SELECT integratedb.protect('public.orders', '{id}');
ALTER DATABASE integratedb_rehearse_nothing_stays SET work_mem = '1MB';
SET search_path = pg_catalog;
SET integratedb.enforcement = 'off';
LISTEN channel;
NOTIFY channel;
DECLARE held CURSOR WITH HOLD FOR SELECT 1;
SET ROLE regress_x;
SET SESSION AUTHORIZATION regress_x;
DROP TABLE public.customers;
$s$);
SELECT number, statement, object, verdict, violation, detail FROM integratedb.rehearse_migration($s$
DROP OWNED BY regress_a;
ALTER ROLE regress_a RENAME TO regress_y;
CREATE ROLE regress_a;
DROP ROLE regress_a;
ALTER EXTENSION integratedb ADD TABLE customers;
DELETE FROM integratedb.claim;
SELECT integratedb.sync();
SELECT integratedb.drop_stakeholder('regress_y');
$s$);
SELECT count(*) FROM integratedb.rehearse_migration('DROP EXTENSION integratedb CASCADE');
SELECT * FROM checked EXCEPT SELECT * FROM checksums();
SELECT * FROM session_state;
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN (SELECT oid FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'integratedb'::regnamespace));
-- In a transaction that goes on and is committed: what is remembered of breaks goes too, and so do the locks.
BEGIN;
SELECT count(*) FROM integratedb.rehearse_migration('DROP TABLE customers; ALTER TABLE orders DROP COLUMN total');
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('orders'::regclass, 'customers'::regclass);
COMMIT;
SELECT * FROM checked EXCEPT SELECT * FROM checksums();
SELECT number, verdict FROM integratedb.rehearse_migration('SELECT 1');

-- What a rollback does not undo: a WARNING names what is left in the session. Sequences have moved on.
SELECT number, verdict FROM integratedb.rehearse_migration('PREPARE p AS SELECT 1; SELECT pg_advisory_lock(1), pg_advisory_lock(2)');
SELECT pg_advisory_unlock_all();
DEALLOCATE p;
SELECT verdict FROM integratedb.rehearse_migration('INSERT INTO customers (email) VALUES (NULL)');
SELECT last_value, is_called FROM customers_id_seq;
SELECT count(*) FROM customers;

ALTER SYSTEM RESET autovacuum;
SELECT pg_reload_conf();
\i :end
