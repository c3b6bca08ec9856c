-- A rehearsal has the caller's rights and no others, and tells nobody what is not theirs to know.
\set test 'integratedb_rehearse_permissions'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\pset null '-'

CREATE ROLE regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text);
RESET SESSION AUTHORIZATION;
CREATE TABLE secrets (id bigint, secret text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_a');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_b');
SELECT count(*) FROM integratedb.claim('regress_a', '{"match": [{"path": "public.*", "fields": ["*"]}]}');
SELECT count(*) FROM integratedb.claim('regress_b', 'public.secrets', '{id}');

-- The owner of a table: its own, under its own search path.
SET SESSION AUTHORIZATION regress_owner;
SELECT number, statement, object, verdict, stakeholders, violation, detail, locks FROM integratedb.rehearse_migration('ALTER TABLE orders ADD x int; ALTER TABLE orders DROP COLUMN note');
SELECT number, object, verdict, detail FROM integratedb.rehearse_migration('DROP TABLE secrets');
SELECT number, object, verdict, detail FROM integratedb.rehearse_migration('SELECT * FROM integratedb.claim; SELECT 1');
SELECT number, object, verdict, detail FROM integratedb.rehearse_migration('SET integratedb.enforcement = off');
-- It makes a table that the wildcard of somebody takes in: as its owner it may know.
SELECT number, object, verdict, stakeholders, claims, locks FROM integratedb.rehearse_migration('CREATE TABLE later (id int)');
SELECT integratedb.assert_rehearsal('ALTER TABLE orders DROP COLUMN note');
-- Names are found by the caller's search path, and nobody's objects are used with other rights.
CREATE TEMP TABLE claim (claim_id int, stakeholder text);
CREATE TEMP TABLE pg_locks (pid int, relation oid, locktype text, granted bool, database oid, mode text);
SET search_path = pg_temp, public;
SELECT number, object, verdict, stakeholders, locks FROM integratedb.rehearse_migration('ALTER TABLE orders ADD x int; DROP TABLE claim');
CREATE FUNCTION pg_temp.whoami() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'as %', current_user; END $$;
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION pg_temp.whoami();
SELECT number, verdict, detail FROM integratedb.rehearse_migration('INSERT INTO orders VALUES (1, 1)');
DROP TRIGGER t ON orders;
RESET search_path;
RESET SESSION AUTHORIZATION;

-- A stakeholder: what it may do, it may rehearse.
\c :test regress_b
SELECT number, object, verdict, detail FROM integratedb.rehearse_migration('SELECT id FROM secrets; SELECT * FROM secrets');
SELECT number, object, verdict, detail FROM integratedb.rehearse_migration('ALTER TABLE orders DROP COLUMN note');
SELECT number, object, verdict, stakeholders, claims, locks FROM integratedb.rehearse_migration('CREATE TABLE regress_b.own (id int); LOCK TABLE secrets IN ACCESS SHARE MODE');
SELECT number, object, verdict, detail FROM integratedb.rehearse_migration('SET ROLE regress_a; DROP TABLE orders');
SELECT number, verdict, detail FROM integratedb.rehearse_migration('SET SESSION AUTHORIZATION regress_a');
SELECT number, verdict, detail FROM integratedb.rehearse_migration('RESET SESSION AUTHORIZATION; SELECT 1; DROP TABLE secrets');
SELECT number, verdict, detail FROM integratedb.rehearse_migration('TABLE integratedb.claim');
\c :test :regress_user :regress_host :regress_port

-- Within a SECURITY DEFINER function the script has the function's rights, as with EXECUTE.
CREATE FUNCTION definer(script text) RETURNS SETOF text SECURITY DEFINER LANGUAGE sql AS $$ SELECT concat_ws(' ', verdict, detail) FROM integratedb.rehearse_migration(script) $$;
ALTER FUNCTION definer(text) OWNER TO regress_owner;
SET SESSION AUTHORIZATION regress_b;
SELECT definer('ALTER TABLE orders DROP COLUMN note');
SELECT definer('DROP TABLE secrets');
SELECT definer('SET ROLE regress_a');
SELECT definer('SELECT 1 / (current_user = ''regress_owner'')::int');
SELECT current_user;
RESET SESSION AUTHORIZATION;
-- These three pin no search path: the script's names are the caller's.
SELECT p.oid::regprocedure, p.proconfig, p.prosecdef FROM pg_proc AS p WHERE p.pronamespace = 'integratedb'::regnamespace AND p.proname ~ 'rehears' ORDER BY 1;

\i :end
