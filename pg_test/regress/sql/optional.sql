-- Optional: absent is met; present, it is claimed like any other, and may go again.
\set test 'integratedb_optional'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE customers (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', '{"match": [
    {"path": "public.customers", "fields": ["id", {"name": "nickname", "type": "text", "optional": true}]},
    {"path": "public.invoices", "fields": ["id", "total"], "optional": true}]}');
SELECT path, status FROM integratedb.claims ORDER BY path;
CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric);
ALTER TABLE customers ADD COLUMN nickname text;
SELECT readable('reporter', 'public.customers'), readable('reporter', 'public.invoices');
-- What is there may not change its shape.
ALTER TABLE customers ALTER COLUMN nickname TYPE varchar(10);
ALTER TABLE invoices DROP COLUMN total;
ALTER TABLE invoices ALTER COLUMN id TYPE text;
-- But go.
ALTER TABLE customers DROP COLUMN nickname;
DROP TABLE invoices;
SELECT path, status FROM integratedb.claims ORDER BY path;
-- And come back with whatever shape it has then, unless one is declared.
CREATE TABLE invoices (id uuid, total integer);
SELECT readable('reporter', 'public.invoices');
ALTER TABLE customers RENAME COLUMN id TO x;
BEGIN;
ALTER TABLE customers ADD COLUMN nickname text;
ALTER TABLE customers RENAME COLUMN nickname TO alias;
COMMIT;
SELECT readable('reporter', 'public.customers');
SELECT integratedb.validate_migration();

\i :end
