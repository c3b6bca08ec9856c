-- What a savepoint or an exception block rolls back is forgotten, breaks included; what they keep is not.
\set test 'integratedb_subtransactions'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{*}');
BEGIN;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN note;
ROLLBACK TO a;
COMMIT;
BEGIN;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN note;
RELEASE a;
COMMIT;
BEGIN;
SAVEPOINT a;
SAVEPOINT b;
ALTER TABLE orders DROP COLUMN note;
RELEASE b;
ROLLBACK TO a;
RELEASE a;
COMMIT;
-- The mending is rolled back, and the break is not.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SAVEPOINT a;
ALTER TABLE orders ADD COLUMN note text;
ROLLBACK TO a;
COMMIT;
-- Two breaks of one claim, one of them rolled back.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN total;
ROLLBACK TO a;
COMMIT;
BEGIN;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN note;
ROLLBACK TO a;
ALTER TABLE orders DROP COLUMN total;
COMMIT;
-- Another statement makes it worse: each is told what it did.
BEGIN;
ALTER TABLE orders DROP COLUMN note;
DROP TABLE orders;
COMMIT;
-- Mended in another savepoint than broken.
BEGIN;
SAVEPOINT a;
ALTER TABLE orders DROP COLUMN note;
SAVEPOINT b;
ALTER TABLE orders ADD COLUMN note text;
RELEASE a;
COMMIT;
SELECT readable('reporter', 'public.orders');
-- Exception blocks.
DO $$
BEGIN
    BEGIN
        ALTER TABLE orders DROP COLUMN note;
        RAISE EXCEPTION 'no';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
END $$;
DO $$
BEGIN
    BEGIN
        ALTER TABLE orders DROP COLUMN note;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
END $$;
-- What fails half-way leaves nothing that another statement is blamed for.
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE object_identity = 'public.orders') THEN
        RAISE EXCEPTION 'no orders, no business';
    END IF;
END $$;
CREATE EVENT TRIGGER refuse ON sql_drop EXECUTE FUNCTION refuse();
BEGIN;
SAVEPOINT a;
DROP TABLE orders;
ROLLBACK TO a;
ALTER TABLE orders DROP COLUMN note;
COMMIT;
DROP EVENT TRIGGER refuse;
-- Wildcards: what is rolled back is neither claimed nor granted.
SELECT * FROM integratedb.claim('reporter', 'public.*', '{*}');
BEGIN;
SAVEPOINT a;
CREATE TABLE gone (id bigint);
ROLLBACK TO a;
CREATE TABLE kept (id bigint);
COMMIT;
SELECT path, status FROM integratedb.claims ORDER BY path, from_wildcard;
SELECT integratedb.validate_migration();

\i :end
