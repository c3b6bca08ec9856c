-- The error of a break proposes what would have let the change through: for a rename of a column, of a relation, for a new type, for a drop.
\set test 'integratedb_errors_that_teach'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.orders (id bigint, note text, total numeric(8,2), code varchar(40));
CREATE TABLE public.every (id bigint, "first name" text);
CREATE SCHEMA shop;
CREATE TABLE shop.line_items (id bigint, "it's" text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_two');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.orders", "fields": ["id", "note", "total", {"alternatives": ["kind", "code"]}]},
    {"path": "public.every", "fields": ["*"]},
    {"path": "shop.*", "fields": ["*"]}]}');
SELECT count(*) FROM integratedb.claim('regress_two', 'public.orders', '{id,note}');

-- A column renamed: found by its number, also after two renames, and where another one has taken the name.
ALTER TABLE public.orders RENAME COLUMN note TO remark;
BEGIN;
ALTER TABLE public.orders RENAME COLUMN note TO step;
ALTER TABLE public.orders RENAME COLUMN step TO remark;
COMMIT;
BEGIN;
ALTER TABLE public.orders RENAME COLUMN note TO remark;
ALTER TABLE public.orders RENAME COLUMN total TO note;
COMMIT;
ALTER TABLE public.orders RENAME COLUMN code TO "*";
ALTER TABLE public.every RENAME COLUMN "first name" TO given;
ALTER TABLE shop.line_items RENAME COLUMN id TO number;
-- What it proposes lets it through.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.orders", "fields": ["id", {"alternatives": ["note", "remark"]}, "total", {"alternatives": ["kind", "code"]}]},
    {"path": "public.every", "fields": ["*"]},
    {"path": "shop.*", "fields": ["*"]}]}');
SELECT count(*) FROM integratedb.claim('regress_two', '{"match": [{"path": "public.orders", "fields": ["id", {"alternatives": ["note", "remark"]}]}]}');
ALTER TABLE public.orders RENAME COLUMN note TO remark;
ALTER TABLE public.orders RENAME COLUMN remark TO note;

-- A relation renamed, or moved: found by its OID.
ALTER TABLE public.every RENAME TO all_of_it;
ALTER TABLE public.every SET SCHEMA shop;
ALTER TABLE shop.line_items RENAME TO items;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [
    {"path": "public.orders", "fields": ["id", "note", "total", {"alternatives": ["kind", "code"]}]},
    {"alternatives": [{"path": "public.every", "fields": ["*"]}, {"path": "public.all_of_it", "fields": ["*"]}]},
    {"path": "shop.*", "fields": ["*"], "except": ["line\\_items"]},
    {"alternatives": [{"path": "shop.line_items", "fields": ["*"]}, {"path": "shop.items", "fields": ["*"]}]}]}');
ALTER TABLE public.every RENAME TO all_of_it;
ALTER TABLE shop.line_items RENAME TO items;

-- Another type.
ALTER TABLE public.orders ALTER COLUMN total TYPE integer;
-- Gone: announce it, unless it has been; several kinds at once.
ALTER TABLE public.orders DROP COLUMN note, DROP COLUMN total;
DROP TABLE public.all_of_it;
ALTER TABLE shop.items DROP COLUMN "it's";
BEGIN;
DROP TABLE public.all_of_it;
CREATE TABLE public.all_of_it (id bigint);
ALTER TABLE public.orders ALTER COLUMN id TYPE integer;
ALTER TABLE public.orders RENAME COLUMN note TO remark;
ALTER TABLE public.orders DROP COLUMN total;
COMMIT;
SELECT path, column_name FROM integratedb.deprecate('public.orders', '{note}');
UPDATE integratedb.deprecation SET announced_at = '2020-01-01';
ALTER TABLE public.orders DROP COLUMN note;
-- The warning of a statement that the transaction may still mend is as short as it was; with validation = immediate it is an error.
BEGIN;
ALTER TABLE public.orders DROP COLUMN id;
ROLLBACK;
SET integratedb.validation = immediate;
ALTER TABLE public.orders DROP COLUMN id;
RESET integratedb.validation;
-- In a subtransaction that is rolled back, and after it.
BEGIN;
SAVEPOINT s;
ALTER TABLE public.orders DROP COLUMN id;
ROLLBACK TO s;
ALTER TABLE public.orders RENAME COLUMN id TO number;
COMMIT;
-- Named and changed in the same transaction: then nobody has relied on it, and there is nothing to propose.
BEGIN;
CREATE TABLE public.made (id bigint);
SELECT count(*) FROM integratedb.claim('regress_two', 'public.made', '{id}');
ALTER TABLE public.made RENAME COLUMN id TO number;
COMMIT;
-- A name can forge no line.
ALTER TABLE public.orders RENAME COLUMN id TO "id
HINT:  all is well";
\i :end
