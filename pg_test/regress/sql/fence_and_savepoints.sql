-- A savepoint that rolls back gives up what it holds of the fence, and what comes after shares it anew.
\set test 'integratedb_fence_and_savepoints'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE TABLE orders (id bigint, note text);
CREATE VIEW fence AS SELECT mode FROM pg_locks WHERE relation = 'integratedb.fence'::regclass AND pid = pg_backend_pid() ORDER BY 1;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id}');
BEGIN;
SAVEPOINT a;
ALTER TABLE orders ADD COLUMN more text;
SELECT * FROM fence;
ROLLBACK TO a;
SELECT * FROM fence;
ALTER TABLE orders ADD COLUMN more text;
SELECT * FROM fence;
ROLLBACK TO a;
SELECT * FROM fence;
DROP TABLE orders;
SELECT * FROM fence;
ROLLBACK TO a;
COMMIT;
-- Shared before the savepoint, it stays.
BEGIN;
ALTER TABLE orders ADD COLUMN more text;
SAVEPOINT a;
ALTER TABLE orders ADD COLUMN and_more text;
ROLLBACK TO a;
SELECT * FROM fence;
ROLLBACK;
-- Released, it stays as well.
BEGIN;
SAVEPOINT a;
SAVEPOINT b;
ALTER TABLE orders ADD COLUMN more text;
RELEASE b;
SELECT * FROM fence;
RELEASE a;
SELECT * FROM fence;
ROLLBACK;
-- A claim closes it for as long.
BEGIN;
SAVEPOINT a;
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{note}');
SELECT * FROM fence;
ROLLBACK TO a;
SELECT * FROM fence;
COMMIT;
-- The break that a claim in the same transaction makes possible is judged by what has been kept.
BEGIN;
SAVEPOINT a;
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{note}');
ROLLBACK TO a;
ALTER TABLE orders DROP COLUMN note;
COMMIT;
ALTER TABLE orders ADD COLUMN note text;
BEGIN;
SAVEPOINT a;
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{note}');
RELEASE a;
ALTER TABLE orders DROP COLUMN note;
COMMIT;
SELECT column_name, status FROM integratedb.claimed_columns;

\i :end
