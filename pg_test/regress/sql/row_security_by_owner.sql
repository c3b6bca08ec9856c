-- Row level security does not restrict the owner of a table: a change of owner can make it apply to the stakeholder, and is a break then.
\set test 'integratedb_row_security_by_owner'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE ROLE regress_owner;
CREATE ROLE regress_group;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
-- The stakeholder owns it.
CREATE TABLE orders (id bigint);
INSERT INTO orders VALUES (1);
ALTER TABLE orders OWNER TO reporter;
SELECT count(*) FROM integratedb.claim('reporter', 'public.orders', '{id}');
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders OWNER TO regress_owner;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
BEGIN;
ALTER TABLE orders OWNER TO regress_owner;
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
COMMIT;
SELECT integratedb.validate_migration();
SET SESSION AUTHORIZATION reporter;
SELECT id FROM orders;
RESET SESSION AUTHORIZATION;
-- By way of a role that owns it.
GRANT regress_group TO reporter;
CREATE TABLE items (id bigint);
INSERT INTO items VALUES (1);
ALTER TABLE items OWNER TO regress_group;
SELECT count(*) FROM integratedb.claim('reporter', 'public.items', '{id}');
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
ALTER TABLE items ADD COLUMN note text;
ALTER TABLE items OWNER TO regress_owner;
ALTER TABLE items FORCE ROW LEVEL SECURITY;
ALTER TABLE items OWNER TO reporter;
SET SESSION AUTHORIZATION reporter;
SELECT id FROM items;
RESET SESSION AUTHORIZATION;
SELECT integratedb.validate_migration();
-- Where it applied when the claim was made, owners may come and go.
CREATE TABLE secured (id bigint);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
SELECT count(*) FROM integratedb.claim('reporter', 'public.secured', '{id}');
ALTER TABLE secured OWNER TO regress_owner;
SELECT integratedb.validate_migration();

\i :end
