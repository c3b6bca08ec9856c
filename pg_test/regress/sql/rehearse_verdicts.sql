-- What rehearse_migration says of each statement, against what the same script meets at COMMIT.
\set test 'integratedb_rehearse_verdicts'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE customers (id bigint PRIMARY KEY, user_id bigint NOT NULL, email varchar(80), ssn text);
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note varchar(80),
    customer_id bigint REFERENCES customers DEFERRABLE INITIALLY DEFERRED);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_a');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_b');
SELECT count(*) FROM integratedb.claim('regress_a', '{"match": [{"path": "public.orders", "fields": ["*"]},
    {"alternatives": [{"path": "public.customers", "fields": ["user_id"]}, {"path": "public.people", "fields": ["user_id"]}]}]}');
SELECT count(*) FROM integratedb.claim('regress_b', 'public.orders', '{total}');
CREATE FUNCTION rehearse(script text) RETURNS TABLE (n integer, line integer, statement text, object text, verdict text, stakeholders text,
    violation text, detail text, locks text, rewrites text, tx boolean, timed boolean) LANGUAGE sql AS $$
    SELECT number, line, statement, object, verdict, stakeholders::text, violation, detail, locks::text, rewrites::text, in_transaction,
           milliseconds >= 0 FROM integratedb.rehearse_migration(script) $$;
\pset null '-'

-- A break, a rename that is mended later, a statement of no interest; comments and lines. Nothing of it stays.
\set script 'ALTER TABLE customers DROP COLUMN ssn;\n-- a rename\nALTER TABLE orders RENAME COLUMN total TO gross;\nALTER TABLE orders ADD COLUMN total numeric(12,2) NOT NULL DEFAULT 0;\n  ALTER TABLE orders DROP COLUMN note; SELECT count(*) FROM orders;'
\x on
SELECT * FROM rehearse(:'script');
SELECT hint FROM integratedb.rehearse_migration(:'script') WHERE hint IS NOT NULL;
\x off
-- The error of COMMIT blames the same statement for the same.
BEGIN;
ALTER TABLE customers DROP COLUMN ssn;
ALTER TABLE orders RENAME COLUMN total TO gross;
ALTER TABLE orders ADD COLUMN total numeric(12,2) NOT NULL DEFAULT 0;
ALTER TABLE orders DROP COLUMN note;
COMMIT;

-- An alternative that takes the place of another; a type that is changed and changed back; REVOKE and GRANT.
SELECT n, statement, object, verdict, stakeholders, detail FROM rehearse('CREATE TABLE people (user_id bigint NOT NULL); DROP TABLE customers CASCADE');
SELECT n, statement, object, verdict, violation, detail FROM rehearse('DROP TABLE customers CASCADE; CREATE TABLE customers (user_id bigint)');
SELECT n, verdict, detail, rewrites FROM rehearse('ALTER TABLE orders ALTER total TYPE int; ALTER TABLE orders ALTER total TYPE numeric(12,2); TRUNCATE orders; CLUSTER orders USING orders_pkey');
SELECT n, statement, verdict, stakeholders, violation, detail FROM rehearse('REVOKE SELECT ON orders FROM regress_a; GRANT SELECT ON orders TO regress_a; REVOKE SELECT (total) ON orders FROM regress_b');

-- The server's own errors: the rest is not run. What is deferred to COMMIT fails there.
SELECT n, line, statement, object, verdict, detail, tx, timed FROM rehearse(E'SELECT 1;\nDROP TABLE nope;\nDROP TABLE orders');
SELECT n, statement, verdict, detail FROM rehearse('SELEC 1; SELECT 1');
SELECT n, statement, verdict, detail FROM rehearse('INSERT INTO orders VALUES (1, 1, NULL, 99); SELECT 1');
SELECT n, statement, verdict, detail FROM rehearse('INSERT INTO orders VALUES (1, 1, NULL, 99); INSERT INTO customers VALUES (99, 1)');
-- A deferred trigger that breaks a claim does it at COMMIT.
CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE orders DROP COLUMN note; RETURN NULL; END $$;
CREATE TABLE fuse (id int);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON fuse DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION drops();
SELECT n, statement, verdict, violation FROM rehearse('INSERT INTO fuse VALUES (1)');
-- A function that catches what its DDL meets; one that does DDL.
SELECT n, statement, verdict, violation, detail, locks FROM rehearse($s$DO $$ BEGIN ALTER TABLE orders DROP COLUMN note; RAISE 'no';
    EXCEPTION WHEN OTHERS THEN NULL; END $$; DO $$ BEGIN ALTER TABLE orders ALTER note TYPE text; END $$; DO $$ BEGIN DROP TABLE orders; END $$$s$);

-- Transaction control is not run; what COMMIT has met is not mended after it, what ROLLBACK undoes breaks nothing.
SELECT n, statement, object, verdict, stakeholders, detail FROM rehearse('BEGIN; ALTER TABLE orders DROP COLUMN note; COMMIT; ALTER TABLE orders ADD COLUMN note varchar(80)');
SELECT n, statement, verdict, violation, detail FROM rehearse('BEGIN; ALTER TABLE orders DROP COLUMN note; ROLLBACK; DROP TABLE orders');
SELECT n, statement, object, verdict, detail FROM rehearse('SAVEPOINT a; ALTER TABLE orders DROP COLUMN note; ROLLBACK TO a; SELECT 1');
SELECT n, statement, verdict, detail FROM rehearse('INSERT INTO orders VALUES (1, 1, NULL, 99); COMMIT; SELECT 1');
SELECT n, statement, verdict, detail FROM rehearse('INSERT INTO customers VALUES (99, 1); COMMIT; DELETE FROM customers; INSERT INTO orders VALUES (1, 1, NULL, 99); INSERT INTO customers VALUES (99, 1)');
SELECT n, statement, verdict, detail, tx FROM rehearse($s$COMMIT PREPARED 'x'; PREPARE TRANSACTION 'y'; START TRANSACTION; END; ROLLBACK$s$);
-- What the server runs only by itself; psql's part of a script.
SELECT n, statement, object, verdict, detail, tx, timed FROM rehearse('VACUUM orders; CREATE INDEX CONCURRENTLY ON orders (total); DROP INDEX CONCURRENTLY orders_pkey;
    SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1');
SELECT n, statement, verdict, detail, tx FROM rehearse('DO $$ BEGIN COMMIT; END $$; CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; END $$; CALL p()');
SELECT n, line, statement, object, verdict, detail FROM rehearse(E'\\set ON_ERROR_STOP on\n\\i other.sql\nSELECT :x, :''y'';\nCOPY orders FROM stdin;\n1\t2\n\\.\nCOPY orders TO stdout;\nSELECT 1');
SELECT n, verdict FROM rehearse('');
SELECT n, verdict FROM rehearse(' -- nothing ');

-- In a transaction that has broken something before: that is not the script's, though the script may mend it.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SELECT n, statement, verdict, stakeholders, violation, detail FROM rehearse('ALTER TABLE orders ADD COLUMN note varchar(80); ALTER TABLE orders DROP COLUMN total');
SELECT n, verdict, detail FROM rehearse('SELECT 1; DROP TABLE orders');
ROLLBACK;
BEGIN READ ONLY;
SELECT n, verdict, detail FROM rehearse('SELECT 1; DROP TABLE orders');
COMMIT;
-- Another setting, before and in the script.
SET integratedb.enforcement = 'off';
SET integratedb.validation = 'immediate';
SELECT n, verdict, violation FROM rehearse('ALTER TABLE orders DROP COLUMN note');
RESET ALL;
SELECT n, statement, object, verdict, violation, detail FROM rehearse($$SET integratedb.enforcement = 'warn'; ALTER TABLE orders DROP COLUMN note$$);
SELECT n, statement, object, verdict, violation, detail FROM rehearse($$SET LOCAL integratedb.enforcement = 'off'; ALTER TABLE orders DROP COLUMN note$$);
SHOW integratedb.enforcement;
-- Without the extension, or within another rehearsal.
SELECT n, statement, object, verdict, detail FROM rehearse('ALTER TABLE orders DROP COLUMN note; DROP EXTENSION integratedb CASCADE; DROP TABLE orders');
SELECT n, verdict, detail FROM rehearse($$SELECT integratedb.rehearse_migration('SELECT 1')$$);

-- The other two forms.
SELECT jsonb_pretty(integratedb.rehearse_migration_json('ALTER TABLE orders ALTER total TYPE int') #- '{0,milliseconds}');
SELECT integratedb.assert_rehearsal(:'script');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.assert_rehearsal('SELECT 1; SELECT 1/0');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.assert_rehearsal('SELECT 1; VACUUM');
\echo :LAST_ERROR_SQLSTATE
SELECT integratedb.assert_rehearsal('SELECT 1; VACUUM', allow_unknown => true);
SELECT integratedb.assert_rehearsal('BEGIN; ALTER TABLE customers DROP COLUMN ssn; COMMIT');
-- Bad arguments.
SELECT integratedb.assert_rehearsal(NULL);
SELECT integratedb.assert_rehearsal('SELECT ''');
SELECT integratedb.assert_rehearsal('SELECT 1', lock_timeout => NULL);
SELECT integratedb.assert_rehearsal('SELECT 1', lock_timeout => '-1s');
SELECT integratedb.assert_rehearsal('SELECT 1', statement_timeout => '30 days');

\i :end
