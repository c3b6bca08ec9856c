-- DROP OWNED takes a stakeholder's privileges; ALTER OWNER does not.
\set test 'integratedb_ownership'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE ROLE owner;
CREATE ROLE successor;
CREATE TABLE orders (id bigint PRIMARY KEY, note text, secret text);
CREATE TABLE items (id bigint PRIMARY KEY);
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', 'public.orders', '{id,note}');
SELECT * FROM integratedb.claim('reporter', 'public.items', '{*}');
DROP OWNED BY reporter;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
DROP OWNED BY reporter, owner;
COMMIT;
DROP OWNED BY owner;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.items');
ALTER TABLE orders OWNER TO owner;
ALTER TABLE items OWNER TO owner;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.items');
-- The stakeholder itself becomes the owner, and is owner no more: what was merged into the owner's rights is restored.
ALTER TABLE items OWNER TO reporter;
ALTER TABLE orders OWNER TO reporter;
ALTER TABLE items OWNER TO successor;
ALTER TABLE orders OWNER TO successor;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.items');
-- REASSIGN OWNED fires no event trigger and loses no grant.
REASSIGN OWNED BY successor TO owner;
SELECT readable('reporter', 'public.orders'), readable('reporter', 'public.items');
-- A claimed table of somebody's is dropped with all that he owns.
DROP OWNED BY owner;
SELECT integratedb.validate_migration();

\i :end
